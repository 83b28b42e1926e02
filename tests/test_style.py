"""Style transfer: Gram matrices forget places, the optimised picture takes on the style and keeps the content."""

import numpy as np
import pytest
import torch
from torch import nn

from kit import networks
from kit.faces import load, scenes
from kit.networks.inside.style import STYLE_LAYERS, gram, layers, style_loss, transfer

SIDE = 64


def stripes(across: bool) -> np.ndarray:
    wave = (127 + 100 * np.sin(2 * np.pi * np.arange(SIDE) / 8)).astype(np.uint8)
    picture = np.broadcast_to(wave, (SIDE, SIDE))
    return np.repeat((picture.T if across else picture)[..., None], 3, axis=2)


@pytest.fixture(scope="module")
def network():
    return networks.load("classmulti")


@pytest.fixture(scope="module")
def face():
    return load().sample(1, rng=3).render(SIDE)[0]


@pytest.fixture(scope="module")
def painted(network, face):
    return {across: transfer(network, face, stripes(across), style_weight=3, steps=100) for across in (False, True)}


# ---- the Gram matrix


def test_gram_is_the_mean_product_of_pairs_of_maps():
    maps = torch.randn(2, 5, 6, 7, dtype=torch.double)
    np.testing.assert_allclose(gram(maps), np.einsum("nchw,ndhw->ncd", maps, maps) / 42)


def test_gram_does_not_know_where():
    maps = torch.randn(1, 5, 8, 8, dtype=torch.double)
    elsewhere = maps.flatten(2)[..., torch.randperm(64)].reshape(maps.shape)
    torch.testing.assert_close(gram(elsewhere), gram(maps))
    other_pairs = torch.stack([m.flatten()[torch.randperm(64)].reshape(8, 8) for m in maps[0]])[None]
    assert (gram(other_pairs) - gram(maps)).abs().max() > 0.05  # what is active together matters


def test_the_gradient_of_the_style_loss_is_right():
    wanted = [gram(torch.randn(1, 3, 4, 4, dtype=torch.double)) for _ in range(2)]
    maps = [torch.randn(1, 3, 4, 4, dtype=torch.double, requires_grad=True) for _ in range(2)]
    assert torch.autograd.gradcheck(lambda *m: style_loss(m, wanted), maps)


def test_style_loss_is_zero_for_itself_and_one_for_nothing():
    maps = [torch.randn(1, 4, 16, 16)]
    wanted = [gram(maps[0][..., 2:-2, 2:-2])]
    assert style_loss(maps, wanted) == pytest.approx(0, abs=1e-10)
    assert style_loss([0 * maps[0]], wanted) == pytest.approx(1)


def test_maps_are_those_that_the_network_gives(network, face):
    picture = torch.from_numpy(face[None]).permute(0, 3, 1, 2) / 255
    for name, maps in zip(STYLE_LAYERS, layers(network, picture, STYLE_LAYERS)):
        np.testing.assert_allclose(maps.detach(), network.at(name).activations(face[None]), atol=1e-5)


# ---- painting


def test_style_comes_and_content_stays(painted, face):
    for found in painted.values():
        assert found.image.shape == face.shape and found.image.dtype == np.uint8
        assert found.style[-1] < 0.5 * found.style[0]
        assert found.content[-1] < 0.5
        assert np.corrcoef(found.image.mean(-1).ravel(), face.mean(-1).ravel())[0, 1] > 0.5


def test_stripes_bring_their_direction(painted):
    """Upright stripes change along x, lying ones along y: so do the pictures painted with them."""
    along = {}
    for across, found in painted.items():
        grey = found.image.mean(-1)
        along[across] = np.square(np.diff(grey, axis=1)).sum() / np.square(np.diff(grey, axis=0)).sum()
    assert along[False] > 1.3 * along[True]


def test_more_weight_on_style_costs_content(network, face, painted):
    bold = transfer(network, face, stripes(True), style_weight=30, steps=100)
    assert bold.style[-1] < 0.7 * painted[True].style[-1]
    assert bold.content[-1] > 1.3 * painted[True].content[-1]


def test_the_seed_decides_and_the_network_is_left_as_it_was(network, face):
    other = scenes.sample(1, rng=0).render(SIDE)[0]
    before = [p.clone() for p in network.module.state_dict().values()]
    first, again = (transfer(network, face, other, steps=5, rng=1) for _ in range(2))
    assert np.array_equal(first.image, again.image)
    assert not np.array_equal(first.style, transfer(network, face, other, steps=5, rng=2).style)
    assert all(torch.equal(a, b) for a, b in zip(before, network.module.state_dict().values()))
    assert not any(module._forward_hooks for module in network.module.modules())


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (dict(content_layer="encoder.block9"), "no layer 'encoder.block9'"),
        (dict(style_layers=["encoder.embedding"]), "'encoder.embedding' has no maps"),
        (dict(content=np.zeros((SIDE, SIDE), np.uint8)), "images must have shape"),
        (dict(style=np.zeros((SIDE, SIDE, 3))), "images must be bytes"),
        (dict(style=np.zeros((96, 96, 3), np.uint8)), "was trained at 64 x 64"),
    ],
)
def test_mistakes_are_named(network, face, change, words):
    with pytest.raises(ValueError, match=words):
        transfer(**dict(network=network, content=face, style=stripes(True), steps=1) | change)


def test_any_network_with_maps_will_do(face):
    module = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 8, 3, padding=1))
    found = transfer(networks.wrap(module), face, stripes(True), steps=40, content_layer="2", style_layers=["0", "2"])
    assert found.style[-1] < 0.7 * found.style[0]
