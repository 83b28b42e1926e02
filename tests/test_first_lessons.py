"""What lessons 01 and 02 say in words about numbers that no cell of theirs states, asked of their cells."""

from itertools import pairwise
from pathlib import Path

import nbformat
import numpy as np

LESSONS = Path(__file__).resolve().parents[1] / "lessons"
CORNERS, XOR = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], float), np.array([0, 1, 1, 0])


def after(lesson: str, *marks: str, change: tuple[str, str] = ("", ""), **names) -> dict:
    """Names of a lesson after its imports and the cells that hold one of some texts, perhaps with a text changed."""
    cells = nbformat.read(next(LESSONS.glob(f"{lesson}_*.ipynb")), as_version=4).cells
    for mark in ("from kit.teaching import", *marks):
        (source,) = (cell.source for cell in cells if cell.cell_type == "code" and mark in cell.source)
        exec(source.replace(*change) if change[0] else source, names)
    return names


def test_the_stencil_of_lesson_01_fits_turned_heads_less_and_less_unless_it_learned_from_them():
    lesson = after("01", "def photos", "def pixels")

    def right(train_yaw, test_yaw):
        known, is_known = lesson["photos"]([1, 2], 240, rng=5, yaw=train_yaw)
        new, is_new = lesson["photos"]([1, 2], 200, rng=6, yaw=test_yaw)
        unit, _ = lesson["perceptron"].train(lesson["pixels"](known), is_known, epochs=200, rng=0)
        return np.mean(unit.predict(lesson["pixels"](new)) == is_new)

    near, further, far = (right((-15, 15), yaw) for yaw in [(20, 30), (30, 45), (40, 60)])
    assert near > further > far
    assert right((-60, 60), (40, 60)) > 0.95


def test_with_a_rate_of_1_lesson_02_lands_higher_and_from_there_on_as_high():
    losses = after("02", "for step in range(20)", change=("rate = 0.1", "rate = 1"))["losses"]
    assert losses[1] > losses[0]
    assert all(0.98 < b / a <= 1 for a, b in pairwise(losses[1:]))


def test_the_buggy_gradient_of_lesson_02_gets_all_four_answers_right():
    lesson = after("02", "def forward", "def buggy", corners=CORNERS, xor=XOR)
    net = lesson["net"]
    for _ in range(2000):
        net = lesson["mlp"].step(net, lesson["buggy"](net, CORNERS, XOR), 0.3)
    assert lesson["mlp"].accuracy(net, CORNERS, XOR) == 1


def test_what_is_just_enough_in_lesson_02():
    lesson = after("02", "def pairs", "train, test = pairs")

    def right(photos, n_hidden):
        some = lesson["pairs"]([1, 2], photos, 400, rng=2)
        tried, _ = lesson["mlp"].train(lesson["mlp"].start(512, n_hidden, rng=0), *some, epochs=300, rate=0.1)
        return lesson["mlp"].accuracy(tried, *lesson["test"])

    assert 0.7 < right(20, 8) < 0.8
    assert right(40, 8) > 0.95 and right(40, 4) > 0.95
    assert right(40, 2) < 0.8


def test_ten_photos_are_learned_by_heart_in_lesson_02():
    lesson = after("02", "def pairs", "train, test = pairs", "few = pairs")
    assert lesson["on_train"][-1] < 0.1
