"""The face in a class's mind: a planted strategy comes back, guessers draw nothing, people differ in strictness."""

import numpy as np
import pytest

from kit.analysis.nulls import permutations
from kit.analysis.reverse_correlation import linear_map
from kit.behavior.demo import demo_class
from kit.behavior.protocol import Procedure, target
from kit.classroom import portraits
from kit.study.templates import surface_map, surface_maps


@pytest.fixture(scope="module")
def drawn():
    (found,) = portraits.portraits(demo_class(30, 60))
    return found


def test_a_class_draws_the_face_it_learned(drawn):
    assert drawn.people == 30 and drawn.answers == 1800
    assert drawn.likeness > 0.5 and 0.1 < drawn.sure < 1
    assert {"nose", "mouth", "chin"} & set(drawn.parts)
    assert drawn.face.shape == drawn.map.shape == drawn.true.shape == (portraits.SIZE, portraits.SIZE, 3)
    average = target(Procedure("Mei")).caricature(0).render(portraits.SIZE)[0]
    assert 1 < _apart(drawn.face, drawn.true) < 0.85 * _apart(average, drawn.true), "not what it saw, but much nearer"
    assert 0.05 < _coloured(drawn.map) < 0.5


def test_words_say_what_the_pictures_show(drawn):
    assert "1,800 answers of 30 people" in drawn.words and f"{drawn.sure:.0%}" in drawn.words
    assert all(f"{part} {way}" in drawn.words for part, way in drawn.parts.items())
    assert drawn.likeness > drawn.by_chance and f"r = {drawn.likeness:.2f};" in drawn.comparison
    assert drawn.comparison.startswith("The preferred shape lies on Mei's own side")
    assert "Mei" not in drawn.words, "the true face is another matter"


def test_guessers_draw_nothing_that_is_sure():
    rng, surely = np.random.default_rng(1), 0
    for _ in range(20):
        (found,) = portraits.portraits(_guessed(rng))
        surely += found.sure > 0
        assert found.sure or ("no point of the face" in found.words and _coloured(found.map) == 0)
    assert surely <= 4, "one in twenty by chance"


def test_guessers_do_not_lean_towards_the_face_they_learned():
    """A few coefficients move whole faces, so that any two maps may be alike: only what is rare by chance is said."""
    rng, faces = np.random.default_rng(2), target(Procedure("Mei"))
    basis, true = surface_maps(np.eye(8, faces.shape.shape[1]), faces), surface_map(faces)
    said = 0
    for _ in range(400):
        chosen, rating = rng.normal(size=(60, 8)), rng.integers(1, 7, 60).astype(float)
        found, by_chance = portraits.leaning(chosen, basis, rating, permutations(rating, 199, rng), true)
        said += found > by_chance
    assert 8 <= said <= 34, "one in twenty by chance: 20 of 400, give or take 3 standard deviations"


def _apart(one, other):
    return np.abs(one.astype(int) - other).mean()


def _coloured(picture):
    """Share of a picture that is not grey."""
    return (np.ptp(picture.astype(int), axis=-1) > 20).mean()


def _guessed(rng):
    table = demo_class(5, 60)
    return table.assign(choice=rng.integers(0, 6, len(table)), rating=rng.integers(1, 7, len(table)))


def test_how_strict_people_are_does_not_matter():
    """Two people with the same order of ratings, one strict and one not, draw what one of them alone draws."""
    table = demo_class(1, 60).query("phase == 'rate'")
    table["rating"] = np.clip(table["rating"], 2, 5)
    strict, lenient = table.assign(rating=table["rating"] - 1), table.assign(rating=table["rating"] + 1, observer="b")
    import pandas as pd

    (both,), (alone,) = portraits.portraits(pd.concat([strict, lenient])), portraits.portraits(table)
    assert both.likeness == pytest.approx(alone.likeness, abs=0.02) and both.people == 2


def test_too_few_or_equal_answers_draw_nothing():
    table = demo_class(1, 60).query("phase == 'rate'")
    assert portraits.portraits(table.head(portraits.LEAST - 1)) == []
    assert portraits.portraits(table.assign(rating=3)) == []


def test_the_linear_map_is_the_correlation_of_each_place():
    rng = np.random.default_rng(0)
    values, basis = rng.normal(size=(80, 5)), rng.normal(size=(5, 40))
    basis[:, 7] = 0
    rated = values[:, 0] + rng.normal(size=80)
    shuffled = permutations(rated, 30, rng)
    found = linear_map(values, basis, rated, shuffled)
    places = values @ basis
    expected = [abs(np.corrcoef(place, rated)[0, 1]) if place.std() else 0 for place in places.T]
    np.testing.assert_allclose(found.observed, np.sqrt(79) * np.array(expected), atol=1e-10)
    largest = [max(abs(np.corrcoef(place, s)[0, 1]) for place in places.T if place.std()) for s in shuffled.T]
    np.testing.assert_allclose(found.null, np.sqrt(79) * np.array(largest), atol=1e-10)


def test_the_map_is_outward_where_the_learned_face_is():
    """Somebody who rates by one component of shape: points move as that component moves them."""
    learned = target(Procedure("Mei"))
    rng = np.random.default_rng(2)
    chosen = np.zeros((400, learned.shape.shape[1] + learned.texture.shape[1]))
    chosen[:, :8] = rng.normal(size=(400, 8))
    rating = np.clip(np.round(3.5 + 1.5 * chosen[:, 2]), 1, 6)
    found = portraits.portrait("Mei", learned, chosen, rating, np.repeat("a", 400))
    moves = surface_maps(np.eye(learned.shape.shape[1])[[2]], learned)[0]
    way = {part: "outward" if moves[_at(learned, part)].mean() > 0 else "inward" for part in found.parts}
    assert found.sure > 0.5 and sum(way[part] == said for part, said in found.parts.items()) >= len(way) - 1


def _at(face, part):
    return np.any([face.model.regions[name] for name in portraits.PARTS[part]], axis=0)
