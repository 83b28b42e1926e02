"""Any torch module can be wrapped, gives its own features to any number of threads, and stays as it was."""

import copy
import sys
import threading
from collections import namedtuple
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pytest
import torch
from torch import nn

from kit import networks

SIZE = 32
IMAGES = np.random.default_rng(0).integers(0, 256, (5, SIZE, SIZE, 3), dtype=np.uint8)
TENSOR = torch.from_numpy(IMAGES).permute(0, 3, 1, 2).contiguous().float() / 255
ANY_NUMBER = ({0: torch.export.Dim("n")},)


class Then(nn.Module):
    """A small convolutional network and something done with its maps (n, 4, 8, 8)."""

    def __init__(self, then) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.maps = nn.Sequential(nn.Conv2d(3, 4, 4, 4), nn.BatchNorm2d(4), nn.ReLU())
        self.then = then

    def forward(self, x):
        return self.then(self.maps(x))


class Tokens(nn.Module):
    """Pictures as 16 tokens, with the pictures on the first axis or on the second."""

    def __init__(self, batch_first: bool) -> None:
        super().__init__()
        self.patches = nn.Conv2d(3, 8, 8, 8)
        self.attend = nn.TransformerEncoderLayer(8, 2, 16, batch_first=batch_first)
        self.order = (0, 2, 1) if batch_first else (2, 0, 1)

    def forward(self, x):
        return self.attend(self.patches(x).flatten(2).permute(self.order))


def own(module: nn.Module) -> np.ndarray:
    """What the module itself says of the pictures."""
    with torch.inference_mode():
        return module.eval()(TENSOR).numpy()


def plain() -> nn.Sequential:
    return nn.Sequential(Then(nn.Flatten()).maps, nn.Flatten(), nn.Linear(256, 6))


# ---- many threads, one network


@pytest.mark.parametrize("make", [lambda: networks.load("classid"), lambda: networks.wrap(plain())])
def test_threads_that_share_a_network_get_its_features(make):
    network, size = make(), sys.getswitchinterval()
    images = np.random.default_rng(1).integers(
        0, 256, (1, 64 if network.card else SIZE, 64 if network.card else SIZE, 3)
    )
    images = images.astype(np.uint8)
    layers = ["", "encoder.norm", "encoder.block1", "encoder"] if network.card else ["", "0.1", "1"]
    seen = [network.at(layer) for layer in layers[1:]]
    before = copy.deepcopy(network.module.state_dict())
    right = [one.embed(images) for one in seen]
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(4) as pool:
            found = list(pool.map(lambda k: seen[k % len(seen)].embed(images), range(120)))
    finally:
        sys.setswitchinterval(size)
    assert [k for k, values in enumerate(found) if not np.array_equal(values, right[k % len(seen)])] == []
    assert all(torch.equal(a, b) for a, b in zip(before.values(), network.module.state_dict().values()))


def test_a_hook_acts_in_its_own_thread_alone():
    """While one thread waits inside a forward pass, another one reads an early layer of the same module."""
    inside, go_on, found = threading.Event(), threading.Event(), {}

    class Gate(nn.Module):
        def forward(self, x):
            if threading.current_thread().name == "slow":
                inside.set()
                go_on.wait(20)
            return x

    module = nn.Sequential(Gate(), *plain())
    late, early = networks.wrap(module, "2"), networks.wrap(module, "1")
    want = late.embed(IMAGES), early.embed(IMAGES)

    class Slowly:  # the hook of `early` stands while the slow thread passes that layer
        def __call__(self, output):
            go_on.set()
            slow.join(20)

    slow = threading.Thread(target=lambda: found.update(late=late.embed(IMAGES)), name="slow")
    slow.start()
    inside.wait(20)
    from kit.networks.activations import watched

    with watched(module[1], Slowly()):
        module(TENSOR)
    assert np.array_equal(found["late"], want[0]) and np.array_equal(early.embed(IMAGES), want[1])


def test_a_layer_switched_back_to_training_is_named():
    module = plain()
    network = networks.wrap(module, "1")
    before = copy.deepcopy(module.state_dict())
    module[0][1].train()
    with pytest.raises(ValueError, match=r"layer '0\.1' of Sequential was switched back to training.*eval\(\)"):
        network.embed(IMAGES)
    assert all(torch.equal(a, b) for a, b in zip(before.values(), module.state_dict().values()))


# ---- any module


@pytest.mark.parametrize("layer", ["", "then"])
def test_modules_that_flatten_by_view(layer):
    class ByView(nn.Module):
        def forward(self, x):
            return x.view(x.size(0), -1)

    module = Then(nn.Sequential(ByView(), nn.Linear(256, 6)))
    np.testing.assert_allclose(networks.wrap(module, layer).embed(IMAGES), own(module), atol=1e-5)


@pytest.mark.parametrize("precision", [torch.float16, torch.bfloat16, torch.float64])
def test_modules_of_another_precision(precision):
    module = plain()
    want = own(module)
    found = networks.wrap(copy.deepcopy(module).to(precision)).embed(IMAGES)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, want, atol=0.02)


@pytest.mark.parametrize(
    "compiled",
    [
        torch.jit.script,
        lambda m: torch.jit.trace(m, TENSOR[:2]),
        lambda m: torch.export.export(m, (TENSOR[:2],), dynamic_shapes=ANY_NUMBER),
        torch.compile,
    ],
)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_compiled_modules_give_their_output(compiled):
    module = plain().eval()
    np.testing.assert_allclose(networks.wrap(compiled(module)).embed(IMAGES), own(module), atol=1e-5)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_what_compiled_modules_cannot_do_is_told():
    module = plain().eval()
    with pytest.raises(ValueError, match="inside a TorchScript module can be read: wrap the module that it was made"):
        networks.wrap(torch.jit.script(module), "1")
    with pytest.raises(ValueError, match=r"torch.export program does not take \(1, 3, 32, 32\).*dynamic_shapes"):
        networks.wrap(torch.export.export(module, (TENSOR[:2],))).embed(IMAGES)
    training = torch.export.export(plain().train(), (TENSOR[:2],), dynamic_shapes=ANY_NUMBER).module()
    before = copy.deepcopy(training.state_dict())
    with pytest.raises(ValueError, match=r"pictures change the module \(0\.1\.running_mean\)"):
        networks.wrap(training).embed(IMAGES)
    assert torch.equal(before["0.1.running_mean"], training.state_dict()["0.1.running_mean"])


def test_of_several_outputs_one_is_chosen():
    both = Then(lambda y: {"first": y.flatten(1), "half": y.flatten(1)[:, :128]})
    assert networks.wrap(both, output="half").embed(IMAGES).shape == (5, 128)
    with pytest.raises(ValueError, match="a dict with the keys 'first', 'half': choose one, as wrap.*output"):
        networks.wrap(both).embed(IMAGES)
    with pytest.raises(ValueError, match="no output 'whole': it gives a dict with the keys 'first', 'half'"):
        networks.wrap(both, output="whole").embed(IMAGES)
    pair = Then(lambda y: (y.flatten(1), y.flatten(1)[:, :128]))
    assert networks.wrap(pair).embed(IMAGES).shape == (5, 256)
    assert networks.wrap(pair, output=1).embed(IMAGES).shape == (5, 128)


@dataclass
class Answer:
    logits: torch.Tensor
    maps: torch.Tensor


@pytest.mark.parametrize("kind", [Answer, namedtuple("Pair", "logits maps")])
def test_an_output_with_names_is_chosen_by_them(kind):
    module = Then(lambda maps: kind(maps.mean((2, 3)), maps))
    np.testing.assert_array_equal(networks.wrap(module, output="maps").embed(IMAGES).shape, (5, 256))
    with pytest.raises(ValueError, match="with 'logits', 'maps'"):
        networks.wrap(module, output="other").embed(IMAGES)


def test_a_dataclass_without_a_choice_is_refused_with_its_names():
    with pytest.raises(ValueError, match="a Answer with 'logits', 'maps': choose one"):
        networks.wrap(Then(lambda maps: Answer(maps, maps))).embed(IMAGES)


class Quantised(nn.Module):
    """Pictures in steps of a tenth, and a quantised tensor of its own."""

    def __init__(self):
        super().__init__()
        self.register_buffer("own", torch.quantize_per_tensor(torch.ones(3), 0.1, 0, torch.qint8))

    def forward(self, x):
        return torch.quantize_per_tensor(x.flatten(1), 0.1, 0, torch.quint8)


@pytest.mark.parametrize(
    ("module", "off"), [(Quantised(), 0.051), (Then(lambda maps: maps.flatten(1).to_sparse()), np.inf)]
)
def test_quantised_and_sparse_features_are_read_as_numbers(module, off):
    found = networks.wrap(module).embed(IMAGES)
    assert found.dtype == np.float32 and np.isfinite(found).all() and np.ptp(found) > 0
    assert off == np.inf or np.abs(found - TENSOR.flatten(1).numpy()).max() < off


def test_tokens_must_come_after_the_pictures():
    sixteen = np.random.default_rng(0).integers(0, 256, (16, SIZE, SIZE, 3), dtype=np.uint8)
    assert networks.wrap(Tokens(True)).embed(sixteen).shape == (16, 128)
    with pytest.raises(ValueError, match=r"no row for each image .*batch_first=True"):
        networks.wrap(Tokens(False)).embed(sixteen)


@pytest.mark.parametrize(
    "module",
    [
        nn.BatchNorm2d(3, track_running_stats=False),
        Then(lambda y: y - y.mean(0)),
        Then(lambda y: nn.functional.dropout(y, 0.5, True)),
    ],
)
def test_features_that_depend_on_the_batch_or_on_chance_are_refused(module):
    with pytest.raises(ValueError, match="depends on the others in its batch, or on chance"):
        networks.wrap(module).embed(IMAGES)


def test_a_module_that_catches_all_errors_is_read_like_others():
    class Careful(Then):
        def forward(self, x):
            try:
                return super().forward(x)
            except Exception:
                return torch.zeros(len(x), 1)

    assert networks.wrap(Careful(nn.Flatten()), "maps.1").embed(IMAGES).shape == (5, 256)
