"""Layers of a network from input to output as a slider: what each tells, shares and holds."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kit.plots.signs import minus
from kit.study.layer_scan import Layers

from .live_chart import ChartAxis, LiveChart, lines
from .live_picture import Group, Slider, Values

LINES = {"information": "mi", "redundant with shape": "with_shape", "with texture": "with_texture"}


def controls(table: pd.DataFrame) -> list[Group]:
    """A slider over the layers, which starts at the last one."""
    return [Group("From input to output", (Slider("layer", "layer", 1, len(table), 1, len(table)),))]


def figure(table: pd.DataFrame, place: float) -> str:
    """Bits of every layer with the slider's place, as SVG; `table` as of `Layers.summary`."""
    n, values = len(table), {name: table[column] for name, column in LINES.items()}
    most = max(0.05, float(table[list(LINES.values())].to_numpy().max()) * 1.1)
    step = 0.01 if most < 0.06 else 0.05 if most < 0.3 else 0.1 if most < 0.6 else 0.25
    across = ChartAxis("layer, from input to output", 1, n, tuple(range(1, n + 1)))
    up = ChartAxis("bits", min(0.0, float(table[list(LINES.values())].to_numpy().min())), most,
              tuple(np.arange(0, most + 1e-9, step).round(2)))  # fmt: skip
    return lines(np.arange(1, n + 1), values, across, up, place)


def describe(table: pd.DataFrame, values: Values) -> str:
    """What the chosen layer tells, in words."""
    row = table.iloc[int(values["layer"]) - 1]
    reduced = f", {row['kept']:.0f} of them by projection" if row["kept"] < row["features"] else ""
    words = (
        f"{row.name}, layer {values['layer']:g} of {len(table)}: {row['features']:,.0f} features{reduced}. It tells "
        f"{row['mi']:.3f} bits about the ratings; {row['with_shape']:.3f} are redundant with shape, "
        f"{row['with_texture']:.3f} with texture. Of shape {max(row['shape'], 0):.0%} can be read from it, of texture "
        f"{max(row['texture'], 0):.0%}."
    )
    return minus(words)


def pick_layer(found: Layers) -> None:
    """Show the layers that `study.layers` compared, one to be picked with the slider."""
    table = found.summary()

    def draw(values: Values) -> tuple[str, str]:
        return figure(table, values["layer"]), describe(table, values)

    LiveChart(controls(table), draw).show("pick-layer")
