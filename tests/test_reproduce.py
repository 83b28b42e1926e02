"""`python -m kit reproduce`, tiny: registered, run as planned in both viewing conditions, and run otherwise."""

import pandas as pd
import pytest

from kit import study
from kit.__main__ import main
from kit.study import spaces
from kit.study.design import Design

SMALL = Design(("Leo",), observers=2, controls=(), graded=0, trials=90, folds=3, shifts=2, pixels_long=0)


class Grid:
    """A cheap system: mean colours of an 8 x 8 grid."""

    def embed(self, images):
        side = images.shape[1] // 8
        return images.reshape(len(images), 8, side, 8, side, 3).mean((2, 4)).reshape(len(images), -1) / 255


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """A plan, the run that followed it, and one that did not."""
    folder = tmp_path_factory.mktemp("run")
    plan, out = folder / "plan.json", folder / "out"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(study, "QUICK", SMALL)
        patch.setattr(spaces, "systems", lambda *_, **__: {"grid": Grid()})
        quick = ["reproduce", "--quick", "--jobs", "1"]
        assert main([*quick, "--turned", "--register", str(plan)]) == 0 and not out.exists()
        assert main([*quick, "--turned", "--plan", str(plan), "--out", str(out)]) == 0
        pages = {name: (out / name / "report.html").read_text() for name in ("", "turned")}
        assert main([*quick, "--plan", str(plan), "--out", str(out)]) == 0
        return pages, (out / "report.html").read_text(), out


def test_what_ran_as_planned_is_said_on_both_pages(ran):
    pages, _, _ = ran
    for page in pages.values():
        assert "What ran is what was registered" in page and "before any rating was read" in page


def test_what_ran_otherwise_is_said(ran):
    _, page, _ = ran
    assert "What ran differs" in page and "<li>turned faces compared: False instead of True</li>" in page


def test_both_conditions_stand_side_by_side(ran):
    pages, alone, _ = ran
    for name, page in pages.items():
        assert "From the front, and turned" in page and "bits, turned" in page
        assert f"This page is about the {name or 'frontal'} condition" in " ".join(page.split())
    assert "From the front, and turned" not in alone


def test_what_one_hands_on_is_there_for_each_condition(ran):
    _, _, out = ran
    for folder, view in ((out, "frontal"), (out / "turned", "turned")):
        assert study.Results.load(folder).design.view == view
        long = pd.read_csv(folder / "long.csv")
        assert set(pd.read_csv(folder / "columns.csv")["column"]) == set(long)
        assert list((folder / "figures").glob("*.svg"))
