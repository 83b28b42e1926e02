"""Folded networks: the features of the network itself, with fewer steps."""

import pickle
from dataclasses import dataclass, field

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from kit import networks
from kit.networks.activations import Network
from kit.networks.basics.live import one_thread
from kit.networks.inference import folded, largest_of_nine
from kit.networks.resnet import Classifier, ResNet10
from kit.study import library as shelves
from kit.study.library import Library
from kit.study.panels import Series

CLOSE = 1e-5  # of the largest feature


@pytest.fixture(scope="module")
def pictures() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (40, 64, 64, 3), dtype=np.uint8)


def lively(width: int = 16) -> Classifier:
    """A classifier whose normalisations are far from doing nothing, as after training."""
    torch.manual_seed(0)
    module = Classifier(ResNet10(width, 24), {"identity": 5}, 24)
    for part in module.modules():
        if isinstance(part, nn.BatchNorm2d):
            nn.init.normal_(part.running_mean)
            nn.init.uniform_(part.running_var, 0.2, 4.0)
            nn.init.normal_(part.weight)
            nn.init.normal_(part.bias)
    return module.eval().to(memory_format=torch.channels_last)


def away(found: np.ndarray, wanted: np.ndarray) -> float:
    return np.abs(found - wanted).max() / np.abs(wanted).max()


@pytest.mark.parametrize("layer", ["encoder", "heads.identity", "encoder.block3", "encoder.stem"])
def test_a_folded_network_has_the_same_features(layer, pictures):
    network = Network(lively(), layer)
    wanted = network.embed(pictures)
    if layer == "encoder.stem":  # folded, a stem includes its normalisation: the layer after it
        wanted = network.at("encoder.norm").embed(pictures)
    assert away(folded(network).embed(pictures), wanted) < CLOSE


@pytest.mark.parametrize("name", ["triplet", "classid", "viae", "beta5"])
def test_folded_networks_of_the_zoo_have_the_same_features(name, pictures):
    network = networks.load(name)
    assert away(folded(network).embed(pictures), network.embed(pictures)) < CLOSE


@pytest.mark.parametrize("sides", [(32, 32), (2, 6), (7, 8), (5, 3)])
def test_the_largest_of_nine_is_what_torch_finds(sides):
    maps = torch.randn(3, 4, *sides, generator=torch.Generator().manual_seed(0))
    for stored in (maps, maps.contiguous(memory_format=torch.channels_last)):
        with torch.inference_mode():
            found = largest_of_nine(stored)
        assert torch.equal(found, F.max_pool2d(stored, 3, stride=2, padding=1))


def test_gradients_go_through_a_folded_network_to_the_pictures(pictures):
    given = torch.rand(2, 3, 64, 64, requires_grad=True)
    folded(Network(lively(), "encoder")).activation(given).sum().backward()
    assert given.grad.abs().sum() > 0


def test_what_else_is_known_of_a_network_stays(pictures):
    network = networks.load("classid")
    quick = folded(network)
    assert quick.card == network.card and quick.layer == network.layer
    head, same = (n.module.get_submodule("heads.identity").weight for n in (network, quick))
    assert torch.equal(head, same)


def test_the_network_itself_is_left_as_it_was(pictures):
    network = Network(lively(), "encoder")
    before = {name: value.clone() for name, value in network.module.state_dict().items()}
    folded(network).embed(pictures)
    after = network.module.state_dict()
    assert list(before) == list(after) and all(torch.equal(before[name], after[name]) for name in before)


def test_a_module_without_a_resnet_comes_back_itself():
    network = networks.wrap(nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4)).eval())
    assert folded(network) is network


def test_a_folded_network_travels_to_another_process(pictures):
    quick = folded(Network(lively(), "encoder"))
    again = pickle.loads(pickle.dumps(quick))
    assert np.array_equal(again.embed(pictures), quick.embed(pictures))


def test_there_are_no_normalisations_left_to_compute():
    parts = folded(Network(lively(), "encoder")).module.modules()
    assert not any(isinstance(part, nn.BatchNorm2d) for part in parts)


@dataclass
class Watched:
    """An untrained network that notes how many threads torch has while it computes."""

    network: Network = field(default_factory=lambda: folded(networks.untrained(width=4)))
    threads: list = field(default_factory=list)

    def embed(self, images: np.ndarray) -> np.ndarray:
        self.threads.append(torch.get_num_threads())
        return self.network.embed(images)


@pytest.fixture
def two_torch_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def test_features_are_the_same_however_many_threads_share_the_blocks(tmp_path, monkeypatch, two_torch_threads):
    monkeypatch.setattr(shelves, "BLOCK", 48)
    series, found = Series("Mei", 5, "60+50", 30), []
    for jobs in (1, 2, 4):
        system = Watched()
        library = Library(tmp_path / str(jobs), {"mine": system})
        library.fill(series, jobs)
        found.append(np.array(library.read(series)["mine"]))
        assert set(system.threads) == {1} and torch.get_num_threads() == 2
    assert np.array_equal(found[0], found[1]) and np.array_equal(found[0], found[2])


def test_torch_gets_its_threads_back_after_an_error(two_torch_threads):
    with pytest.raises(RuntimeError), one_thread():
        raise RuntimeError
    assert torch.get_num_threads() == 2
