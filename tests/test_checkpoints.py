"""Weights that the user has: found in any wrapping, never run, and of another architecture never half loaded."""

import pickle

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from kit import networks


def net(width=4, head=True):
    layers = [nn.Conv2d(3, width, 8, 8), nn.BatchNorm2d(width), nn.Flatten()]
    return nn.Sequential(*layers, *([nn.Linear(64 * width, 10)] if head else []))


TRAINED = net().state_dict()


def same(module):
    return all(torch.equal(value, TRAINED[name]) for name, value in module.state_dict().items())


@pytest.mark.parametrize(
    "wrapped",
    [
        lambda w: w,
        lambda w: {"state_dict": w, "epoch": 3},
        lambda w: {"model": {"module." + k: v for k, v in w.items()}},
        lambda w: {"backbone." + k: v for k, v in w.items()} | {"head.weight": torch.zeros(2, 2)},
    ],
)
def test_weights_are_found_in_their_wrapping(wrapped, tmp_path):
    torch.save(wrapped(TRAINED), tmp_path / "weights.pt")
    assert same(networks.with_weights(net(), tmp_path / "weights.pt"))


def test_safetensors_and_a_head_that_is_not_wanted(tmp_path):
    save_file(TRAINED, tmp_path / "weights.safetensors")
    assert same(networks.with_weights(net(), tmp_path / "weights.safetensors"))
    assert same(networks.with_weights(net(head=False), tmp_path / "weights.safetensors"))


def test_another_architecture_is_told_by_its_weights_and_nothing_is_loaded(tmp_path):
    save_file(TRAINED, tmp_path / "weights.safetensors")
    for module, told in (
        (net(8), r"'0.weight' has shape \(4, 3, 8, 8\), not \(8, 3, 8, 8\)"),
        (nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2), nn.ReLU(), nn.Linear(640, 10), nn.Linear(2, 2)),
         r"2 of 8 weights are missing, first '4.weight' \(it has '1.num_batches_tracked', '1.running_mean'"),
    ):  # fmt: skip
        before = {name: value.clone() for name, value in module.state_dict().items()}
        with pytest.raises(ValueError, match=f"of another architecture than Sequential: .*{told}"):
            networks.with_weights(module, tmp_path / "weights.safetensors")
        assert all(torch.equal(before[name], value) for name, value in module.state_dict().items())


class Evil:
    def __reduce__(self):
        return (print, ("code was run",))


@pytest.mark.filterwarnings("ignore:Detected pickle protocol")
def test_files_that_would_run_code_are_not_read(tmp_path, capsys):
    (tmp_path / "evil.pt").write_bytes(pickle.dumps({"state_dict": Evil()}))
    with pytest.raises(ValueError, match="reading it would run code of its own|is no file of weights"):
        networks.with_weights(net(), tmp_path / "evil.pt")
    torch.save({"state_dict": TRAINED, "more": Evil()}, tmp_path / "zip.pt")
    with pytest.raises(ValueError, match="holds more than weights, and reading it would run code"):
        networks.with_weights(net(), tmp_path / "zip.pt")
    assert "code was run" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.safetensors", b"{}", "is no file of weights"),
        ("a.pt", b"nothing", "is no file of weights|would run code"),
        ("a.pt", None, "there is no file"),
    ],
)
def test_damaged_and_missing_files_are_named(tmp_path, name, content, told):
    if content:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match=told):
        networks.with_weights(net(), tmp_path / name)


def test_a_whole_module_is_no_file_of_weights(tmp_path):
    torch.save({"lr": 0.1}, tmp_path / "a.pt")
    with pytest.raises(ValueError, match=r"holds no weights by name: save module.state_dict\(\)"):
        networks.with_weights(net(), tmp_path / "a.pt")
