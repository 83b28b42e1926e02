"""The image-based observer sees people through views and lamps, and still sees pictures alone."""

from dataclasses import replace

import numpy as np
import pytest

from kit import faces
from kit.behavior import observers
from kit.behavior.invariant import learn
from kit.faces import stimuli
from kit.faces.views import TURNED, draw_views, from_the_front


@pytest.fixture(scope="module")
def mei():
    return stimuli.identities(faces.load())["Mei"]


def rank(values):
    return values.argsort().argsort()


def seen_alike(strategy, mei, views) -> float:
    """Rank correlation of what a strategy says of people from the front and otherwise."""
    people = faces.load().sample(120, like=mei, rng=77)
    front, other = (strategy.dissimilarity(people, mei, v) for v in (from_the_front(120), views))
    return float(np.corrcoef(rank(front), rank(other))[0, 1])


def test_it_sees_the_same_through_views_and_lamps_where_pixels_do_not(mei):
    views = draw_views(TURNED, 120, 5)
    special = observers.special(faces.load())
    pixels, invariant = (seen_alike(special[n].strategy, mei, views) for n in ("pixel matcher", "invariant matcher"))
    assert invariant > 0.4 and invariant > pixels + 0.2, (invariant, pixels)
    lamps = replace(from_the_front(120), azimuth=np.linspace(-50, 50, 120))
    assert seen_alike(special["invariant matcher"].strategy, mei, lamps) > 0.7


def test_it_finds_a_person_from_the_side_among_thirty_others(mei):
    others, ranks = faces.load().sample(30, like=mei, rng=3), {"invariant matcher": [], "pixel matcher": []}
    crowd, special = faces.concat([mei, others]), observers.special(faces.load())
    for yaw, lamp in ((-25, 0), (-15, 40), (15, -40), (25, 0)):
        views = replace(from_the_front(31), yaw=np.full(31, float(yaw)), azimuth=np.full(31, float(lamp)))
        for name, found in ranks.items():
            found.append(rank(special[name].strategy.dissimilarity(crowd, mei, views))[0])
    assert np.mean(ranks["invariant matcher"]) < 8, f"{ranks}: by chance 15"


def test_it_goes_by_pictures_and_not_by_coefficients(mei):
    """An expression changes the picture and no coefficient of shape or texture: shape users do not see it."""
    smiling, special = mei.with_expression(faces.load().expression_names[0]), observers.special(faces.load())
    apart = {
        name: special[name].strategy.dissimilarity(smiling, mei)[0] for name in ("shape user", "invariant matcher")
    }
    assert apart["shape user"] == 0 and apart["invariant matcher"] > 0.5


def test_it_rates_with_the_whole_scale(mei):
    table = observers.special(faces.load())["invariant matcher"].rate(stimuli.trials(mei, 60, 2, view=TURNED), 0)
    assert len(set(table["rating"])) >= 5 and len(set(table["choice"])) == 6


def test_discriminants_discount_what_varies_within_people():
    rng = np.random.default_rng(0)
    who, lamp = rng.normal(size=(40, 1)), 5 * rng.normal(size=(400, 1))
    people = np.repeat(np.arange(40), 10)
    pictures = np.hstack([who[people], lamp, np.zeros((400, 1))]) + 0.1 * rng.normal(size=(400, 3))
    found = learn(pictures, people, components=2, kept=1)
    weight = np.linalg.norm(found.weights, axis=1)
    assert weight[0] > 3 * weight[1], "the lamp counts little, although it varies most"
