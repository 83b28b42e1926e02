"""Noise that hides people in *simulated* recordings, and what it leaves of the result, as epsilon is chosen."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from kit.analysis.identification import identify
from kit.analysis.privacy import most_identified, private_mean, privatise
from kit.brain.fingerprints import record

from .live_chart import ChartAxis, LiveChart, lines
from .live_picture import Choice, Group, Slider, Values

DELTA = 1e-3
POWERS = np.linspace(-1, 4, 21)  # of ten: epsilon
PEOPLE = ("50", "200", "800")
ACROSS = ChartAxis("ε, as a power of ten (left: more private)", -1, 4, (-1, 0, 1, 2, 3, 4))
UP = ChartAxis("share, or correlation", 0, 1, (0, 0.25, 0.5, 0.75, 1))
CONTROLS = [
    Group("Simulated recordings", (
        Slider("power", "ε = 10 to the power", -1, 4, 0.25, 4, "", 2),
        Choice("people", "people", PEOPLE, "50"),
    ))
]  # fmt: skip


@dataclass(frozen=True)
class Curves:
    """For each epsilon: share of people named rightly, and how well the group's pattern comes back, two ways."""

    named: np.ndarray
    local: np.ndarray
    central: np.ndarray


@lru_cache
def compute(people: str, seed: int = 0) -> Curves:
    """Attack and use of noised recordings, for every epsilon of `POWERS`."""
    n = int(people)
    simulated = record(n, rng=seed)
    known, second = simulated.patterns
    bound = float(np.median(np.linalg.norm(second, axis=1)))
    rng = np.random.default_rng([seed, 1])  # not the recordings' own: noise drawn alike would be the pattern itself
    rows = []
    for power in POWERS:
        promise = 10.0**power, DELTA, bound
        noised, mean = privatise(second, *promise, rng), private_mean(second, *promise, rng)
        named = identify(known - known.mean(axis=0), noised - noised.mean(axis=0)) == np.arange(n)
        rows.append((named.mean(), *(np.corrcoef(m, simulated.common)[0, 1] for m in (noised.mean(axis=0), mean))))
    return Curves(*np.maximum(np.array(rows).T, 0))


def figure(curves: Curves, power: float) -> str:
    """The three curves with the slider's place, as SVG."""
    named = {"named": curves.named, "r, each noised": curves.local, "r, mean noised": curves.central}
    return lines(POWERS, named, ACROSS, UP, power)


def describe(curves: Curves, values: Values) -> str:
    """What the chart shows, in words."""
    named, local, central = (
        np.interp(values["power"], POWERS, c) for c in (curves.named, curves.local, curves.central)
    )
    epsilon, people = 10 ** values["power"], int(values["people"])
    most, shown = most_identified(epsilon, DELTA, people), f"{epsilon:.3g}"
    return (
        f"Simulated, {people} people, ε = {float(shown):,g}, δ = {DELTA:g}: {named:.0%} named rightly "
        f"(guaranteed at most {most:.0%}; chance {1 / people:.1%}). The group's pattern comes back with "
        f"r = {local:.2f} if each recording is noised, with r = {central:.2f} if only their mean is."
    )


def explore_privacy() -> None:
    """Show identification and scientific use of *simulated* recordings against the privacy promised."""

    def draw(values: Values) -> tuple[str, str]:
        curves = compute(values["people"])
        return figure(curves, values["power"]), describe(curves, values)

    LiveChart(CONTROLS, draw).show("explore-privacy")
