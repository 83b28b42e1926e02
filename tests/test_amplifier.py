"""The amplifier shows a template at an amount, says when faces would break, and what the system answers."""

import numpy as np
import pytest

from kit import faces
from kit.faces import stimuli
from kit.study.templates import Template
from kit.widgets import amplifier


@pytest.fixture(scope="module")
def target():
    return stimuli.identities(faces.load())["Leo"]


@pytest.fixture(scope="module")
def templates():
    slope = np.zeros(110)
    slope[0] = 0.5
    return {"observer": Template(np.zeros(110), slope), "flat": Template(np.zeros(110), np.zeros(110))}


def test_the_face_is_the_template_at_the_amount(target, templates):
    face = amplifier.compute({"system": "observer", "alpha": 4.0}, templates, target)
    assert face.shape[0, 0] == 2.0 and np.all(face.shape[0, 1:] == 0) and face.sex == target.sex


def test_beyond_five_standard_deviations_it_stops_and_says_so(target, templates):
    values = {"system": "observer", "alpha": 20.0}
    face = amplifier.compute(values, templates, target)
    words = amplifier.describe(values, face, templates, target, {})
    assert face.shape[0, 0] == 5.0 and "at rating 10.0 (from here on faces would break)" in words


def test_the_answer_is_the_systems_own(target, templates):
    values = {"system": "observer", "alpha": 2.0}
    face = amplifier.compute(values, templates, target)
    words = amplifier.describe(values, face, templates, target, {"observer": lambda shown: -shown.shape[:, 0]})
    assert "Its own answer: −1.00" in words
    assert "answer" not in amplifier.describe(values | {"system": "flat"}, face, templates, target, {})
