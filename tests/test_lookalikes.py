"""Look-alikes are where they are said to be, and two strangers agree until shape and texture part."""

import numpy as np
import pytest

from kit import faces
from kit.behavior.lookalikes import lookalikes, two_strangers
from kit.faces import stimuli

MODEL = faces.load()
KOFI = stimuli.identities(MODEL)["Kofi"]


@pytest.mark.parametrize("apart", [False, True])
def test_the_nearest_face_in_shape_and_in_texture_is_where_it_is_said_to_be(apart):
    made = lookalikes(KOFI, 20, apart, rng=0)
    for kind in ("shape", "texture"):
        away = np.linalg.norm(getattr(made.trials.faces, kind) - getattr(KOFI, kind), axis=1).reshape(20, 6)
        assert np.array_equal(away.argmin(1), getattr(made, kind))
    assert np.array_equal(made.shape, made.texture) != apart and np.all((made.shape != made.texture) == apart)


def test_strangers_agree_on_relatives_and_part_where_shape_and_texture_part():
    robin, sam = two_strangers(MODEL, rng=0).values()
    for apart, agree in ((False, (0.85, 1)), (True, (0, 0.15))):
        made = lookalikes(KOFI, 60, apart, rng=1)
        chosen = [observer.rate(made.trials, rng=2)["choice"].to_numpy() for observer in (robin, sam)]
        assert agree[0] <= np.mean(chosen[0] == chosen[1]) <= agree[1]


def test_the_seed_decides_who_is_who():
    names = {two_strangers(MODEL, seed)["Robin"].strategy.name for seed in range(8)}
    assert names == {"shape user", "texture user"}
    assert {observer.name for observer in two_strangers(MODEL, 0).values()} == {"Robin", "Sam"}
