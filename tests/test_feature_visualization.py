"""Feature visualisation finds what was planted, stays within bounds, and says what it cannot do."""

import numpy as np
import pytest
import torch
from torch import nn

from kit import faces, networks
from kit.analysis.feature_visualization import maximise
from kit.faces import stimuli
from kit.networks.inside.feature_visualization import maximise_pixels

DIMS, RADIUS = 110, np.sqrt(110)
UNIT = np.random.default_rng(3).normal(size=DIMS)


def cosine(a, b):
    return a @ b / np.linalg.norm(a) / np.linalg.norm(b)


def planted(x):
    """A saturating unit that listens to one direction."""
    return np.tanh(x @ UNIT / 40)


@pytest.fixture(scope="module")
def found():
    return maximise(planted, DIMS, RADIUS, rng=1)


# ---- in any space, without gradients


def test_a_planted_unit_is_found(found):
    assert cosine(found.x, UNIT) > 0.9
    assert found.path[0] == 0 and found.score == found.path.max() == planted(found.x[None])[0]
    assert found.score > planted(RADIUS * np.eye(DIMS)).max()


def test_the_norm_is_kept(found):
    assert np.linalg.norm(found.x) <= RADIUS * (1 + 1e-12)


def test_a_maximum_inside_the_ball_is_found_too():
    inside = maximise(lambda x: -np.sum((x - 1) ** 2, axis=1), n_dims=4, radius=5, pairs=4)
    assert np.allclose(inside.x, 1, atol=0.2)


def test_the_seed_decides(found):
    again, other = (maximise(planted, DIMS, RADIUS, rng=seed) for seed in (1, 2))
    assert np.array_equal(again.x, found.x) and not np.array_equal(other.x, found.x)


def test_a_flat_score_leaves_the_origin():
    assert not maximise(lambda x: np.ones(len(x)), DIMS, RADIUS, steps=3).x.any()


@pytest.mark.parametrize(
    "arguments, words",
    [
        (dict(score=lambda x: x), "one number a point"),
        (dict(score=lambda x: np.full(len(x), np.nan)), "score gave nan for a point of norm 0.00"),
        (dict(pairs=111), "1 to 110 orthogonal directions"),
        (dict(radius=-1.0), "above 0"),
    ],
)
def test_mistakes_are_named(arguments, words):
    with pytest.raises(ValueError, match=words):
        maximise(**dict(score=planted, n_dims=DIMS, radius=RADIUS, steps=2) | arguments)


# ---- in the space of faces, through the renderer


def test_a_face_excites_a_unit_more_than_every_face_of_a_crowd():
    model = faces.load()
    ada = stimuli.identities(model)["Ada"]
    crowd = model.sample(64, like=ada, rng=0)
    brightness = crowd.render(32).astype(float).mean(axis=(1, 2, 3))

    def bright(points):
        made = ada[[0] * len(points)].changed(shape=points[:, :60], texture=points[:, 60:])
        return made.render(32).astype(float).mean(axis=(1, 2, 3))

    assert maximise(bright, DIMS, RADIUS, steps=5, pairs=16).score > brightness.max()


# ---- in pixels


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    layers = [nn.Conv2d(3, 6, 5, stride=2), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, 4)]
    return networks.wrap(nn.Sequential(*layers))


def test_a_picture_excites_a_unit_more_than_every_face(network):
    crowd = network.embed(faces.load().sample(64, rng=0).render(32))
    direction = np.eye(4)[2]
    found = maximise_pixels(network, direction, size=32, steps=60)
    assert found.image.shape == (32, 32, 3) and found.image.dtype == np.uint8
    assert found.score > crowd[:, 2].max()
    assert found.score == pytest.approx(network.embed(found.image[None])[0, 2], abs=1e-5)
    assert np.array_equal(found.image, maximise_pixels(network, direction, size=32, steps=60).image)


def test_smoothness_makes_smooth_pictures(network):
    rough, smooth = (
        maximise_pixels(network, np.ones(4), size=32, steps=40, smoothness=s).image.astype(float) for s in (0, 100)
    )
    assert np.abs(np.diff(smooth, axis=0)).mean() < 0.8 * np.abs(np.diff(rough, axis=0)).mean()


def test_the_network_is_left_as_it_was(network):
    before = [p.clone() for p in network.module.parameters()]
    maximise_pixels(network, np.ones(4), size=32, steps=2)
    assert not network.module.training and all(p.grad is None for p in network.module.parameters())
    assert all(torch.equal(a, b) for a, b in zip(before, network.module.parameters()))


def test_a_network_in_training_is_refused(network):
    network.module.train()
    with pytest.raises(ValueError, match="switched back to training"):
        maximise_pixels(network, np.ones(4), size=32, steps=2)
    network.module.eval()


def test_a_direction_that_does_not_fit_is_named(network):
    with pytest.raises(ValueError, match=r"direction has shape \(5,\): layer '' has 4 features"):
        maximise_pixels(network, np.ones(5), size=32, steps=2)
    with pytest.raises(ValueError, match="no way up"):
        maximise_pixels(network, np.zeros(4), size=32, steps=2)
