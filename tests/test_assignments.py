"""Assignments: their form, and what right and wrong solutions score in them.

`tests/solutions/<name>.py` holds, for each assignment, other right solutions and typical wrong ones with the points
that they must get: these cases test the tests. `WRONG` maps what is wrong to the replaced answer cells and to the
points of the test cells that suffer; all other test cells must stay full.
"""

import importlib

import nbformat
import pytest
from assignment_source import SOURCE, TEST, complaints, kind, points, scores

NAMES = sorted(path.stem for path in SOURCE.glob("*/*.ipynb"))
SOLUTIONS = {name: importlib.import_module(f"solutions.{name}") for name in NAMES}
RIGHT = [(name, title) for name in NAMES for title in SOLUTIONS[name].ALTERNATIVES]
WRONG = [(name, title) for name in NAMES for title in SOLUTIONS[name].WRONG]


def path(name):
    return SOURCE / name / f"{name}.ipynb"


def full(name):
    cells = nbformat.read(path(name), as_version=4).cells
    return {cell.id: points(cell) for cell in cells if kind(cell) == TEST}


@pytest.mark.parametrize("name", NAMES)
def test_the_form_of_an_assignment(name):
    assert not list(complaints(path(name)))


@pytest.mark.parametrize("name", NAMES)
def test_the_reference_gets_all_points_for_any_secret(name, monkeypatch):
    for secret in ("practice", "autumn", "8231"):
        monkeypatch.setenv("KIT_SECRET_SEED", secret)
        assert scores(path(name)) == full(name)


@pytest.mark.parametrize("name", NAMES)
def test_a_blank_hand_in_gets_nothing(name):
    assert set(scores(path(name), blank=True).values()) == {0.0}


@pytest.mark.parametrize("name", NAMES)
def test_there_are_enough_solutions_to_test_the_tests(name):
    assert len(SOLUTIONS[name].ALTERNATIVES) >= 2 and len(SOLUTIONS[name].WRONG) >= 10


@pytest.mark.parametrize(("name", "title"), RIGHT)
def test_another_right_solution_gets_all_points(name, title):
    assert scores(path(name), SOLUTIONS[name].ALTERNATIVES[title]) == full(name)


@pytest.mark.parametrize(("name", "title"), WRONG)
def test_a_wrong_solution_gets_what_it_deserves(name, title):
    answers, expected = SOLUTIONS[name].WRONG[title]
    assert set(expected) <= set(full(name)) and expected.items() != full(name).items()
    assert scores(path(name), answers) == full(name) | expected
