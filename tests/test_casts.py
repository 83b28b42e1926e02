"""Casts of simulated observers: what they go by is what was planted."""

import numpy as np
import pytest

from kit import faces
from kit.behavior.strategies import PixelMatcher
from kit.faces import stimuli
from kit.study import casts, panels
from kit.study.design import Design


@pytest.fixture(scope="module")
def model():
    return faces.load()


@pytest.mark.parametrize(
    ("name", "shares"),
    [("shape", [1, 1, 1]), ("texture", [0, 0, 0]), ("graded", [0, 0.5, 1]), ("regional", [1, 1, 1]),
     ("null", [np.nan] * 3), ("switcher", [np.nan] * 3), ("pixel matcher", [np.nan] * 3)],
)  # fmt: skip
def test_the_planted_share_of_shape_is_known(model, name, shares):
    people = casts.cast(name, model, 3)
    assert [casts.planted_share(one) for one in people] == pytest.approx(shares, nan_ok=True)
    told = "guesser" if name == "null" else name
    if name not in ("graded", "regional"):
        assert [one.name for one in people] == [f"{told} {k}" for k in (1, 2, 3)]


def test_shares_are_those_of_the_distance_between_random_faces(model):
    target = stimuli.identities(model)["Leo"]
    random = model.sample(400, like=target, rng=0)
    strategy = next(one for one in casts.graded(model, 5) if one.name == "share 0.25").strategy
    ds, dt = random.shape - target.shape[0] * 0, random.texture - target.texture[0] * 0
    shape = np.einsum("ni,ij,nj->n", ds, strategy.shape, ds).mean()
    texture = np.einsum("ni,ij,nj->n", dt, strategy.texture, dt).mean()
    assert shape / (shape + texture) == pytest.approx(0.25, abs=0.03)


def test_graded_observers_are_alike_in_everything_else(model):
    people = casts.graded(model, 6)
    assert [one.name for one in people] == [f"share {share:.2f}" for share in np.linspace(0, 1, 6)]
    assert [casts.planted_share(one) for one in people] == pytest.approx(np.linspace(0, 1, 6))
    assert len({(o.noise, o.lapse, o.criterion, o.spread, o.drift) for o in people}) == 1
    assert casts.cast("graded", model, 1)[0].name == "share 0.00", "one alone is no reason to divide by zero"


def test_habits_differ_within_their_ranges_and_come_from_the_seed(model):
    people, again, others = (casts.cast("shape", model, 20, rng) for rng in (0, 0, 1))
    assert [o.noise for o in people] == [o.noise for o in again] != [o.noise for o in others]
    assert all(0.35 <= o.noise <= 0.8 and 0 <= o.lapse <= 0.05 and 0.8 <= o.spread <= 1.25 for o in people)
    assert max(o.noise for o in people) > 0.65 and max(o.lapse for o in people) > 0.035
    assert 0.1 < np.std([o.criterion for o in people]) < 0.6 and 0.05 < np.std([o.drift for o in people]) < 0.3
    assert all(o.noise == 1 for o in casts.cast("null", model, 3)), "guessers see nothing but noise"


def test_casts_are_what_they_are_called(model):
    looks = [one.name for one in casts.cast("regional", model, 5)]
    assert looks == ["eyes 1", "nose 2", "mouth 3", "contour 4", "eyes 5"]
    assert all(isinstance(one.strategy, PixelMatcher) for one in casts.cast("pixel matcher", model, 2))
    switcher = casts.cast("switcher", model, 1)[0]
    before, after = switcher.strategy, switcher.later
    assert np.trace(before.shape) > 0 == np.trace(before.texture)
    assert np.trace(after.texture) > 0 == np.trace(after.shape)


def test_an_unknown_cast_is_refused_with_those_there_are(model):
    with pytest.raises(ValueError, match="there is no cast 'nobody'; there are shape, texture, graded, regional, null"):
        casts.cast("nobody", model)


def test_shares_of_a_design_are_told_for_everybody(model):
    people = panels.cast_of(Design(observers=2, controls=("texture user", "null"), graded=3))
    table = panels.planted_shares(people).set_index("observer")["share"]
    assert table["control: texture user"] == 0 and np.isnan(table["control: null"])
    graded = [f"control: share {share}" for share in ("0.00", "0.50", "1.00")]
    assert table[graded].to_list() == pytest.approx([0, 0.5, 1])
    assert table[["observer 01", "observer 02"]].between(0.6, 1).all()
