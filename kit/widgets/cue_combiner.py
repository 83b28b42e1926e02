"""Two senses disagree: set their noise and your own weight, and see how sure the two together are."""

from __future__ import annotations

import numpy as np

from kit.networks.words.senses import combined_spread, optimal_weight

from .live_chart import ChartAxis, LiveChart, lines
from .live_picture import Group, Slider, Switch, Values

FACE, VOICE = 0.4, 0.6  # what each sense says; 0 calm, 1 surprised
X = np.linspace(0, 1, 201)
ACROSS = ChartAxis("how surprised she seems (0 calm, 1 very)", 0, 1, (0, 0.2, 0.4, 0.6, 0.8, 1))
UP = ChartAxis("plausibility", 0, 9, (0, 3, 6, 9))
CONTROLS = [
    Group("Simulated noise", (
        Slider("face", "of the face", 0.05, 0.3, 0.01, 0.1, digits=2),
        Slider("voice", "of the voice", 0.05, 0.3, 0.01, 0.2, digits=2),
    )),
    Group("Your answer", (
        Slider("weight", "weight of the face", 0, 1, 0.02, 0.5, digits=2),
        Switch("best", "show the best", False),
    )),
]  # fmt: skip


def compute(values: Values) -> dict[str, tuple[float, float]]:
    """Mean and standard deviation of each sense, of both with your weight, and of both with the best weight."""
    face, voice = values["face"], values["voice"]
    weights = {"together": values["weight"], "best": optimal_weight(face, voice)}
    both = {name: (w * FACE + (1 - w) * VOICE, float(combined_spread(w, face, voice))) for name, w in weights.items()}
    return {"face": (FACE, face), "voice": (VOICE, voice)} | both


def figure(values: Values) -> str:
    """A bell for each, as SVG; the dashed line stands where your weight puts the answer."""
    bells = compute(values)
    if not values["best"]:
        del bells["best"]
    heights = {
        name: np.exp(-(((X - mean) / sd) ** 2) / 2) / (sd * np.sqrt(2 * np.pi)) for name, (mean, sd) in bells.items()
    }
    return lines(X, heights, ACROSS, UP, bells["together"][0])


def describe(values: Values) -> str:
    """What the chart shows, in words."""
    bells = compute(values)
    answer, spread = bells["together"]
    words = (
        f"Noise of the face {values['face']:.2f}, of the voice {values['voice']:.2f}. With weight "
        f"{values['weight']:.2f} for the face you answer {answer:.2f}, with a spread of {spread:.3f}."
    )
    if not values["best"]:
        return words
    best = optimal_weight(values["face"], values["voice"])
    return f"{words} The best weight is {best:.2f}, its spread {bells['best'][1]:.3f}."


def combine_cues() -> None:
    """Show a face's and a voice's evidence (*simulated*), and what adding them up with a weight makes of it."""
    LiveChart(CONTROLS, lambda values: (figure(values), describe(values))).show("combine-cues")
