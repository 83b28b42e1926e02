"""Shape taken out of features that hold shape and texture: whose prediction falls, and what it shares with shape."""

from dataclasses import replace

import numpy as np
import pytest

from kit import faces
from kit.analysis.encoding import nested_ridge
from kit.analysis.projection import erase, erase_random
from kit.behavior import observers
from kit.study import removal

MIX = np.random.default_rng(0).normal(size=(40, 50))


class Mixture:
    """A system that holds twenty shape and twenty texture components of what it is shown, all mixed."""

    def embed(self, images):
        return np.zeros((len(images), 1))


def seen(name: str, seed: int) -> removal.Embedded:
    """What an observer rated, with planted features in place of an embedding."""
    observer = replace(observers.special(faces.load())[name], noise=0.2)
    rated = removal.rated(observer, Mixture(), seed, trials=700)
    planted = np.hstack([rated.faces.shape[:, :20], rated.faces.texture[:, :20]]) @ MIX
    noise = np.random.default_rng(seed).normal(size=planted.shape)
    return replace(rated, features=planted + 0.3 * noise)


@pytest.fixture(scope="module", params=["shape user", "texture user"])
def scores(request):
    """The name of the observer and what is left after each removal."""
    tested, learned = (seen(request.param, seed) for seed in (0, 1))
    known = nested_ridge(tested.faces.shape[:, :20], tested.answers.rating)
    erasers = {
        "shape": [erase(learned.features, learned.faces.shape[:, :20])],
        "texture": [erase(learned.features, learned.faces.texture[:, :20])],
        "by lot": [erase_random(learned.features, 20, rng) for rng in range(2)],
    }
    table = removal.doses(tested.features, known, tested.answers, erasers, (0, 20))
    return request.param, table.set_index(["removed", "directions"])


def test_only_what_the_observer_goes_by_takes_the_prediction_away(scores):
    name, table = scores
    used, unused = ("shape", "texture") if name == "shape user" else ("texture", "shape")
    whole = table.loc[(used, 0), "tau"]
    assert whole > 0.25
    assert abs(table.loc[(used, 20), "tau"]) < 0.1
    assert table.loc[(unused, 20), "tau"] > 0.85 * whole
    assert table.loc[(used, 20), "tau"] < table.loc[("by lot", 20), "tau"] < whole


def test_redundancy_with_shape_falls_with_shape_alone(scores):
    name, table = scores
    redundancy = table["redundancy"]
    if name == "shape user":
        assert redundancy["shape", 0] > 0.05 and abs(redundancy["shape", 20]) < 0.3 * redundancy["shape", 0]
        assert redundancy["texture", 20] > 0.7 * redundancy["shape", 0]
    else:
        assert abs(redundancy["shape", 0]) < 0.03  # a good prediction that shares nothing with shape


def test_no_dose_is_no_removal(scores):
    _, table = scores
    start = table.xs(0, level="directions")
    assert np.allclose(start.loc["shape"], start.loc["texture"]) and np.allclose(
        start.loc["shape"], start.loc["by lot"]
    )
