"""How many directions of shape, of texture, or by lot are taken out of an embedding: what is left to predict with."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kit.plots.signs import minus

from .live_chart import ChartAxis, LiveChart, lines
from .live_picture import Choice, Group, Slider, Values

WHOSE = "simulated observer"  # `kit.study.removal.rated` knows no other
MEASURES = {"Kendall's tau": "tau", "information, bits": "mi", "redundancy with shape, bits": "redundancy"}


def compute(doses: pd.DataFrame, measure: str) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Doses (n,) and, for everything that was removed, the values (n,) of a measure."""
    table = doses.pivot(index="directions", columns="removed", values=MEASURES[measure])
    return table.index.to_numpy(float), {name: table[name].to_numpy() for name in doses["removed"].unique()}


def figure(doses: pd.DataFrame, values: Values) -> str:
    """A line for each removal with the slider's place, as SVG."""
    x, curves = compute(doses, values["measure"])
    top = max(y.max() for y in curves.values())
    step = next(s for s in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5) if top / s < 6)
    ticks = tuple(np.arange(0, top + step, step).round(3))
    low = min(0.0, *(y.min() for y in curves.values()))
    across = ChartAxis(f"directions removed, {WHOSE}", x[0], x[-1], tuple(x))
    return lines(x, curves, across, ChartAxis(values["measure"], low, ticks[-1], ticks), values["directions"])


def describe(doses: pd.DataFrame, values: Values) -> str:
    """What the chart shows, in words."""
    x, curves = compute(doses, values["measure"])
    told = "; ".join(f"{name} {np.interp(values['directions'], x, y):.3f}" for name, y in curves.items())
    words = f"{values['measure']}, {WHOSE}, with {values['directions']:g} directions removed: {told}."
    return minus(words)


def remove_shape(doses: pd.DataFrame) -> None:
    """Show what is left after each dose.

    Parameters
    ----------
    doses : DataFrame
        As `kit.study.removal.doses` gives it: columns removed, directions, tau, mi, redundancy.
    """
    most = int(doses["directions"].max())
    names = tuple(MEASURES)
    controls = (
        Slider("directions", "directions removed", 0, most, 1, 0),
        Choice("measure", "measure", names, names[0]),
    )

    def draw(values: Values) -> tuple[str, str]:
        return figure(doses, values), describe(doses, values)

    LiveChart([Group("Removal", controls)], draw).show("remove-shape")
