"""Figures of brain signals, simulated or measured: regions, waves, moments against moments, and maps of the head."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np
import plotly.graph_objects as go
from PIL import Image, ImageDraw

from kit.brain.eeg import Epochs, positions
from kit.plots import INK, PALETTE, PAPER, diverging

PATTERNS = ("", "/", "x", ".")
SMOOTH = 30.0  # degrees over which a map between sensors is smooth
RIDGE = 0.05
EDGE = 1.06  # how far beyond the circle of the ears the map goes, in its radii


def region_bars(
    told: Mapping[str, Mapping[str, float]],
    ceilings: Mapping[str, float] | None = None,
    title: str = "R² on held-out pictures",
) -> go.Figure:
    """A group of bars for each region, one for each feature space; a line where the noise ceiling is.

    Parameters
    ----------
    told : space to region to value
    ceilings : region to value, optional
    """
    regions = list(next(iter(told.values())))
    bars = [
        go.Bar(name=space, x=regions, y=[values[r] for r in regions], marker_pattern_shape=pattern)
        for (space, values), pattern in zip(told.items(), PATTERNS)
    ]
    figure = go.Figure(bars)
    if ceilings:
        line = dict(color=INK, width=3)
        for k, region in enumerate(regions):
            figure.add_shape(x0=k - 0.42, x1=k + 0.42, y0=ceilings[region], y1=ceilings[region], type="line", line=line)
        # A line through one point draws nothing but its entry in the legend.
        figure.add_scatter(x=regions[:1], y=[ceilings[regions[0]]], mode="lines", line=line, name="noise ceiling")
    return figure.update_yaxes(title=title).update_layout(legend=dict(orientation="h", y=1.02, yanchor="bottom", x=0))


def waves(epochs: Epochs, sensors: Sequence[str]) -> go.Figure:
    """Mean voltage of some sensors over time, dashed differently, with the onset of the face."""
    dashes = ("solid", "dash", "dot", "dashdot")
    lines = [
        go.Scatter(x=1000 * epochs.times, y=epochs.at(sensor).mean(axis=0), name=sensor, mode="lines", line_dash=dash)
        for sensor, dash in zip(sensors, dashes)
    ]
    figure = go.Figure(lines).update_xaxes(title="ms after the face appears").update_yaxes(title="mean voltage, µV")
    return figure.add_vline(x=0, line=dict(color=INK, width=1))


def over_time(times: np.ndarray, values: Mapping[str, np.ndarray], title: str, level: float | None = None) -> go.Figure:
    """Lines over time, and a thin line at a level such as chance.

    Parameters
    ----------
    times : array of shape (n_times,)
        Seconds.
    values : name to array of shape (n_times,)
    """
    dashes = ("solid", "dash", "dot", "dashdot")
    lines = [
        go.Scatter(x=1000 * times, y=y, name=name, mode="lines", line_dash=dash)
        for (name, y), dash in zip(values.items(), dashes)
    ]
    figure = go.Figure(lines).update_xaxes(title="ms after the face appears").update_yaxes(title=title)
    if level is not None:
        figure.add_hline(y=level, line=dict(color=INK, width=1, dash="dot"))
    return figure


def moments(times: np.ndarray, accuracy: np.ndarray, chance: float) -> go.Figure:
    """Temporal generalisation: accuracy of the decoder of each moment (up) at each moment (across).

    Parameters
    ----------
    times : array of shape (n_times,)
        Seconds.
    accuracy : array of shape (n_times, n_times)
    chance : float
        Gets the colour of paper.
    """
    ms = 1000 * times
    colours = [[0, PAPER], [0.5, PALETTE[5]], [1, "#08306B"]]
    bar = dict(title="accuracy", thickness=14)
    image = go.Heatmap(x=ms, y=ms, z=accuracy, zmin=chance, zmax=accuracy.max(), colorscale=colours, colorbar=bar)
    figure = go.Figure([image, go.Scatter(x=ms, y=ms, mode="lines", line=dict(color=INK, width=1), showlegend=False)])
    figure.update_xaxes(title="tested at, ms", range=[ms[0], ms[-1]], constrain="domain")
    return figure.update_yaxes(title="trained at, ms", scaleanchor="x", constrain="domain").update_layout(height=460)


def topography(values: np.ndarray, most: float | None = None, size: int = 240) -> np.ndarray:
    """A head from above, nose up, coloured by a number at each of the kit's 32 sensors.

    Orange above zero, blue below, grey at zero. Between sensors the map is smooth; it knows no more than they do.

    Parameters
    ----------
    values : array of shape (32,)
    most : float, optional
        Value that gets the full colour; the largest by default.
    size : int
        Pixels on a side.

    Returns
    -------
    uint8 array of shape (size, size, 3)
    """
    weights, inside = _interpolation(size)
    most = most or float(np.abs(values).max()) or 1.0
    image = np.full((size, size, 3), 255, np.uint8)
    image[inside] = diverging(weights @ np.asarray(values, float) / most).round()
    return _with_head(image)


@lru_cache(maxsize=4)
def _interpolation(size: int) -> tuple[np.ndarray, np.ndarray]:
    """Weights (n_inside, 32) from sensors to pixels of the head, and which pixels these are (size, size)."""
    down, right = (np.mgrid[:size, :size] + 0.5 - size / 2) / _radius(size)
    far = np.hypot(down, right)
    inside = far <= EDGE
    tilt, ratio = np.radians(90 * far[inside]), 1 / np.maximum(far[inside], 1e-9)
    x, y = right[inside] * ratio, -down[inside] * ratio
    points = np.column_stack([np.sin(tilt) * x, np.sin(tilt) * y, np.cos(tilt)])
    own = _near(positions(), positions())
    return np.linalg.solve(own + RIDGE * np.eye(len(own)), _near(points, positions()).T).T, inside


def _near(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    angle = np.degrees(np.arccos(np.clip(a @ b.T, -1, 1)))
    return np.exp(-0.5 * (angle / SMOOTH) ** 2)


def _radius(size: int) -> float:
    return size * 0.43


def _with_head(image: np.ndarray) -> np.ndarray:
    """Outline, nose, ears and sensors."""
    size = len(image)
    middle, r = size / 2, _radius(size)
    sheet = Image.fromarray(image)
    pen = ImageDraw.Draw(sheet)
    pen.ellipse([middle - EDGE * r, middle - EDGE * r, middle + EDGE * r, middle + EDGE * r], outline=INK, width=2)
    top = middle - EDGE * r
    pen.line([(middle - 0.1 * r, top + 1), (middle, top - 0.1 * r), (middle + 0.1 * r, top + 1)], fill=INK, width=2)
    for side in (-1, 1):
        x = middle + side * (EDGE * r + 0.03 * r)
        pen.arc([x - 0.06 * r, middle - 0.15 * r, x + 0.06 * r, middle + 0.15 * r], 0, 360, fill=INK, width=2)
    for x, y in _places():
        left, above = middle + r * x, middle - r * y
        pen.ellipse([left - 2, above - 2, left + 2, above + 2], fill=INK)
    return np.asarray(sheet)


def _places() -> np.ndarray:
    """Sensors on the flat head, (32, 2): right and front, 1 at the height of the ears."""
    x, y, z = positions().T
    far = np.degrees(np.arccos(np.clip(z, -1, 1))) / 90 / np.maximum(np.hypot(x, y), 1e-9)
    return np.column_stack([x * far, y * far])


def growth(sizes: Sequence[int], share: np.ndarray) -> go.Figure:
    """The share (n_sizes,) of a face that is read back, by the number of neurons."""
    figure = go.Figure(go.Scatter(x=list(sizes), y=100 * np.asarray(share), mode="lines+markers"))
    figure.update_xaxes(title="neurons", rangemode="tozero")
    return figure.update_yaxes(title="share read back, %", range=[min(0, 100 * np.min(share)), 103])
