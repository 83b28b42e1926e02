"""The decision explorer: simulated evidence that adds up to one of two bounds, beside what the theory says."""

from __future__ import annotations

from functools import cache

import numpy as np

from kit.networks.basics.recurrent import decide, drift_diffusion
from kit.plots.looks import PALETTE

from .canvas import Canvas
from .live_picture import Group, Slider, Values, start
from .wide_picture import WidePicture

STEP = 0.01  # seconds
LONGEST = 6.0  # seconds simulated
DRAWN, TRIALS = 12, 2000
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 640, 330, 60, 16, 44, 44
HIGHEST = 3.2  # evidence at the sheet's top
GROUPS = (
    Group("The evidence", (
        Slider("drift", "drift", 0.1, 2, 0.1, 0.6, " / s", 1),
        Slider("noise", "noise", 0.4, 2, 0.1, 1, "", 1),
    )),
    Group("The decision", (Slider("threshold", "threshold", 0.1, 3, 0.1, 1.5, "", 1),)),
)  # fmt: skip
START = start(list(GROUPS))


@cache
def _noise() -> np.ndarray:
    """Random walks without drift and of unit noise: always the same, so that sliders alone make a difference."""
    steps = np.random.default_rng(0).standard_normal((TRIALS, int(LONGEST / STEP)), np.float32)
    return np.sqrt(STEP) * steps.cumsum(axis=1)


def compute(values: Values) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Simulated evidence (trials, steps), whether each choice was right, and when it was made, in seconds."""
    v = START | values
    time = STEP * np.arange(1, int(LONGEST / STEP) + 1, dtype=np.float32)
    paths = np.float32(v["drift"]) * time + np.float32(v["noise"]) * _noise()
    right, steps = decide(paths, v["threshold"])
    return paths, right, steps * STEP


def drawing(paths: np.ndarray, right: np.ndarray, seconds: np.ndarray, values: Values) -> Canvas:
    """The first paths until they reach a bound: blue ends above (right), orange, thicker, below (wrong).

    Paths are (n_trials, n_steps), right and seconds (n_trials,), as `compute` gives them.
    """
    threshold = (START | values)["threshold"]
    canvas = Canvas(WIDTH, HEIGHT)

    def x(time):
        return LEFT + np.asarray(time) / LONGEST * (WIDTH - LEFT - RIGHT)

    def y(evidence):
        return TOP + (1 - np.asarray(evidence) / HIGHEST) / 2 * (HEIGHT - TOP - BOTTOM)

    for bound, words in ((threshold, "right"), (-threshold, "wrong")):
        canvas.line([(LEFT, y(bound)), (WIDTH - RIGHT, y(bound))], width=2)
        canvas.text(LEFT - 6, y(bound), words, 15, anchor="rm")
    for path, good, end in list(zip(paths, right, seconds))[:DRAWN]:
        steps = round(end / STEP)
        points = np.column_stack(
            [x(STEP * np.arange(steps + 1)), y(np.clip(np.r_[0, path[:steps]], -threshold, threshold))]
        )
        canvas.line(points, PALETTE[0] if good else PALETTE[1], 2 if good else 4)
    canvas.line([(LEFT, TOP), (LEFT, HEIGHT - BOTTOM)], width=1)
    for second in range(int(LONGEST) + 1):
        canvas.text(x(second), HEIGHT - BOTTOM + 14, str(second), 14)
    canvas.text(WIDTH / 2, HEIGHT - 12, "seconds", 15)
    canvas.text(WIDTH / 2, 16, f"evidence in {DRAWN} of {TRIALS} simulated decisions", 17)
    return canvas


def describe(right: np.ndarray, seconds: np.ndarray, values: Values) -> str:
    """Accuracy and mean time, simulated and by the closed form.

    Right and seconds are (n_trials,), as `compute` gives them.
    """
    v = START | values
    accuracy, time = drift_diffusion(v["drift"], v["threshold"], v["noise"])
    slow = np.mean(seconds >= LONGEST)
    late = (
        f" {slow:.0%} had not decided after {LONGEST:g} s, which the theory does not cut off." if slow > 0.005 else ""
    )
    return (
        f"Drift {v['drift']:.1f}, noise {v['noise']:.1f}, threshold {v['threshold']:.1f}. "
        f"Simulated: {right.mean():.0%} right after {seconds.mean():.2f} s on average. "
        f"Theory (closed form): {accuracy:.0%} after {time:.2f} s.{late}"
    )


def _draw(values: Values) -> tuple[Canvas, str]:
    paths, right, seconds = compute(values)
    return drawing(paths, right, seconds, values), describe(right, seconds, values)


def explore_decision() -> None:
    """Change drift, noise and threshold of a drift-diffusion model, and see speed and accuracy."""
    WidePicture(list(GROUPS), _draw).show("decision-explorer")
