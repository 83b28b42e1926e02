"""Convolution against torch, receptive fields against stimulation, and a network that learns faces live."""

import numpy as np
import pytest
import torch
from torch import nn

from kit import faces
from kit.faces.snapshots import snapshots
from kit.networks.basics import convnet, live


@pytest.fixture(scope="module")
def women():
    return faces.load().sample(4, "female", 35, "caucasian", rng=4)


@pytest.mark.parametrize(("stride", "padding"), [(1, 0), (2, 0), (3, 2)])
def test_convolution_is_that_of_torch(stride, padding):
    rng = np.random.default_rng(0)
    picture, kernel = rng.normal(size=(17, 14)), rng.normal(size=(5, 3))
    theirs = nn.functional.conv2d(
        *(torch.tensor(a)[None, None] for a in (picture, kernel)), stride=stride, padding=padding
    )
    assert np.allclose(convnet.convolve(picture, kernel, stride, padding), theirs[0, 0])


def test_a_kernel_larger_than_the_picture_is_named():
    with pytest.raises(ValueError, match=r"kernel of \(5, 5\) does not fit into \(3, 3\); make it smaller, or pad"):
        convnet.convolve(np.zeros((3, 3)), np.zeros((5, 5)))


def test_a_shifted_picture_gives_a_shifted_map():
    rng = np.random.default_rng(0)
    picture, kernel = rng.normal(size=(12, 12)), rng.normal(size=(3, 3))
    shifted = convnet.convolve(np.roll(picture, 2, axis=1), kernel)
    assert np.allclose(shifted[:, 2:], convnet.convolve(picture, kernel)[:, :-2])


def test_the_formula_for_the_network_of_the_lesson():
    layers = convnet.layers_of(convnet.ConvNet(10).stages)
    fields = convnet.receptive_field(layers.values())
    assert [(f.size, f.jump) for f in fields] == [(5, 2), (9, 2), (11, 4), (19, 4), (23, 8)]
    assert fields[0].of(3) == (4, 8)  # kernel 5, stride 2, padding 2: centred on pixel 6


def test_stimulation_finds_the_formula_s_square():
    torch.manual_seed(0)
    stages = nn.Sequential(nn.Conv2d(3, 4, 3, stride=2, padding=1), nn.Tanh(), nn.Conv2d(4, 4, 3, padding=1))
    images = np.random.default_rng(0).integers(0, 256, (2, 20, 20, 3), dtype=np.uint8)
    moved = convnet.stimulate(stages, images)[4, 6] > 0
    field = convnet.receptive_field(convnet.layers_of(stages).values())[-1]
    (top, bottom), (left, right) = field.of(4), field.of(6)
    expected = np.zeros((20, 20), bool)
    expected[top : bottom + 1, left : right + 1] = True
    assert np.array_equal(moved, expected)


def test_it_learns_people_in_a_few_passes_and_the_seed_decides(women):
    train, new = snapshots(women, 300, rng=0), snapshots(women, 100, rng=1)

    def trained():
        torch.manual_seed(0)
        network = convnet.ConvNet(4)
        return live.fit(network, train.images, train.identity, 10, 4e-3, held_out=(new.images, new.identity))

    history = trained()
    assert history[-1]["held_out"] > 0.7 and history[-1]["loss"] < history[0]["loss"] / 2
    assert history == trained()


def test_threads_are_as_before_after_training(women):
    before = torch.get_num_threads()
    with pytest.raises(RuntimeError), live.one_thread():
        assert torch.get_num_threads() == 1
        raise RuntimeError
    assert torch.get_num_threads() == before


def test_snapshots_keep_to_their_ranges_and_show_whom_they_say(women):
    some = snapshots(women, 30, yaw=(10, 20), azimuth=(-50, -40), rng=3)
    assert some.images.shape == (30, 32, 32, 3) and set(some.identity) == {0, 1, 2, 3}
    assert some.yaw.min() >= 10 and some.yaw.max() <= 20 and some.azimuth.max() <= -40
    assert np.array_equal(some.images, snapshots(women, 30, yaw=(10, 20), azimuth=(-50, -40), rng=3).images)
    grey = some.images.mean(axis=(0, 1, 3))
    assert grey[8:14].mean() > grey[18:24].mean()  # the lamp is on the left
    with pytest.raises(ValueError, match="azimuth must be"):
        snapshots(women, 3, azimuth=(10, -10))
