"""Pictures of what learns: curves over epochs, weights as an image, the plane that a network divides."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from kit.plots import INK, PALETTE, diverging

DASHES, SYMBOLS = ("solid", "dash", "dot", "dashdot"), ("square", "circle")
ORANGE = (213, 94, 0)


def curves(lines: Mapping[str, Sequence[float]], x: str, y: str, every: int = 1) -> go.Figure:
    """One line for each series, named at its end as well as in the legend; colour and dash differ.

    Parameters
    ----------
    lines : name -> values, one for each epoch or step.
    x, y : titles of the axes.
    every : how many epochs or steps lie between two values.
    """
    figure = go.Figure()
    for place, (name, values) in enumerate(lines.items()):
        look = dict(color=PALETTE[place], dash=DASHES[place % 4], width=2.5)
        at = every * np.arange(1, len(values) + 1)
        mode = "lines+markers" if len(values) < 40 else "lines"
        figure.add_scatter(x=at, y=np.asarray(values, float), name=name, line=look, mode=mode)
    figure.update_layout(legend=dict(orientation="h", y=1.12, x=0), showlegend=len(lines) > 1)
    return figure.update_xaxes(title=x).update_yaxes(title=y, rangemode="tozero")


def grey_pictures(grey: np.ndarray, scale: int = 2) -> np.ndarray:
    """Grey levels (n, h, w) from 0 to 1 as pictures, uint8 (n, h * scale, w * scale, 3)."""
    levels = np.clip(np.rint(255 * np.asarray(grey)), 0, 255).astype(np.uint8)
    return _enlarged(np.repeat(levels[..., None], 3, axis=-1), scale)


def signed_pictures(values: np.ndarray, scale: int = 6) -> np.ndarray:
    """Weights (n, h, w) as pictures: orange above zero, blue below, light grey at zero; each on its own scale."""
    values = np.asarray(values, float)
    most = np.abs(values).max(axis=(1, 2), keepdims=True)
    colours = diverging(values / np.where(most > 0, most, 1))
    return _enlarged(np.rint(colours).astype(np.uint8), scale)


def _enlarged(images: np.ndarray, scale: int) -> np.ndarray:
    return images.repeat(scale, axis=1).repeat(scale, axis=2)


def framed(images: np.ndarray, *boxes: tuple[slice, slice], scale: int = 2) -> np.ndarray:
    """Pictures (n, h, w, 3), enlarged, with an orange frame of two pixels round each box of (rows, columns)."""
    out = _enlarged(images, scale)
    for rows, columns in boxes:
        top, bottom, left, right = (scale * edge for edge in (rows.start, rows.stop, columns.start, columns.stop))
        inside = out[:, top:bottom, left:right].copy()
        out[:, top - 2 : bottom + 2, left - 2 : right + 2] = ORANGE
        out[:, top:bottom, left:right] = inside
    return out


def plane(
    points: np.ndarray,
    targets: np.ndarray,
    answer: Callable[[np.ndarray], np.ndarray] | None = None,
    names: Sequence[str] = ("0", "1"),
    axes: Sequence[str] = ("input 1", "input 2"),
) -> go.Figure:
    """Points of two classes, and where a network answers 1.

    Parameters
    ----------
    points : array of shape (n, 2)
    targets : array of shape (n,)
        0 or 1.
    answer : function from inputs (m, 2) to answers (m,) from 0 to 1; its level .5 is drawn as a line.
    """
    points, targets = np.asarray(points, float), np.asarray(targets)
    low, high = points.min(axis=0), points.max(axis=0)
    low, high = low - 0.3 * (high - low), high + 0.3 * (high - low)
    figure = go.Figure()
    if answer is not None:
        x, y = (np.linspace(a, b, 80) for a, b in zip(low, high))
        grid = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
        figure.add_contour(
            x=x, y=y, z=np.asarray(answer(grid), float).reshape(80, 80), showscale=False, hoverinfo="skip",
            colorscale=((0, "#DCEBF5"), (1, "#FFE9CC")), line=dict(color=INK, width=2),
            contours=dict(start=0.5, end=0.5, size=1),
        )  # fmt: skip
    for k in (0, 1):
        mark = dict(size=13, symbol=SYMBOLS[k], color=PALETTE[k], line=dict(color="#FFFFFF", width=1.5))
        at = points[targets == k]
        figure.add_scatter(x=at[:, 0], y=at[:, 1], mode="markers", marker=mark, name=names[k])
    figure.update_layout(legend=dict(orientation="h", y=1.12, x=0))
    figure.update_xaxes(title=axes[0], range=[low[0], high[0]])
    return figure.update_yaxes(title=axes[1], range=[low[1], high[1]])


def calibration_curve(levels: Sequence, name: str) -> go.Figure:
    """How often predictions came true, against how sure somebody was; the dashed line is being right as often as sure.

    Parameters
    ----------
    levels : of `kit.teaching.calibration`: n, confidence, right, low, high in percent.
    name : of whose predictions they are.
    """
    sure, right = [level.confidence for level in levels], [level.right for level in levels]
    spread = dict(
        type="data", symmetric=False, thickness=1.5,
        array=[level.high - level.right for level in levels], arrayminus=[level.right - level.low for level in levels],
    )  # fmt: skip
    figure = go.Figure()
    figure.add_scatter(x=[0, 100], y=[0, 100], mode="lines", line=dict(color=INK, dash="dash"), name="right as sure")
    figure.add_scatter(
        x=sure, y=right, error_y=spread, mode="lines+markers+text", name=name, marker_size=10, line_color=PALETTE[0],
        text=[f"n = {level.n}" for level in levels], textposition="bottom right",
    )  # fmt: skip
    figure.update_layout(legend=dict(orientation="h", y=1.12, x=0))
    figure.update_xaxes(title="how sure, %", range=[0, 104])
    return figure.update_yaxes(title="how often right, %", range=[0, 104])
