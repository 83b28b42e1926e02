"""Figures of lines: what follows epochs, time, components, doses or numbers of trials."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from kit.brain.eeg import Epochs
from kit.networks.lesioned.lesions import DamageCurve

from .looks import DASHES, INK, MARKS, PALETTE, PAPER

BANDS = ("rgba(0,114,178,.18)", "rgba(213,94,0,.18)")


def scree(share: np.ndarray, levels: Sequence[float] = (0.5, 0.8, 0.9)) -> go.Figure:
    """How much of the variance the first components hold together, with the count at which levels are reached.

    Parameters
    ----------
    share : array of shape (k,)
        Each component's part of the whole variance, largest first.
    """
    total = np.cumsum(share)
    counts = np.arange(1, len(total) + 1)
    figure = go.Figure(go.Scatter(x=counts, y=100 * total, mode="lines+markers", marker_size=5, name="together"))
    for level in levels:
        k = int(np.searchsorted(total, level) + 1)
        text = f"{k} components: {level:.0%} or more"
        figure.add_annotation(x=k, y=100 * total[k - 1], text=text, ax=40, ay=28, arrowhead=2, xanchor="left")
    figure.update_xaxes(title="components, largest first", range=[0, min(len(total), 62)])
    return figure.update_yaxes(title="variance they hold, %", range=[0, 103])


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


def growth(sizes: Sequence[int], share: np.ndarray) -> go.Figure:
    """The share (n_sizes,) of a face that is read back, by the number of neurons."""
    figure = go.Figure(go.Scatter(x=list(sizes), y=100 * np.asarray(share), mode="lines+markers"))
    figure.update_xaxes(title="neurons", rangemode="tozero")
    return figure.update_yaxes(title="share read back, %", range=[min(0, 100 * np.min(share)), 103])


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


def damage_picture(curves: Sequence[DamageCurve], titles: Sequence[str], tasks: Sequence[str]) -> go.Figure:
    """A panel for each order of ablation: the accuracy in two tasks, and where nine in ten random orders lie."""
    figure = make_subplots(1, len(curves), subplot_titles=list(titles), shared_yaxes=True, horizontal_spacing=0.06)
    for column, curve in enumerate(curves, 1):
        low, high = curve.band()
        for task, (name, colour, dash) in enumerate(zip(tasks, PALETTE, DASHES)):
            x, edge = curve.counts, np.concatenate([low[:, task], high[::-1, task]])
            shade = dict(fill="toself", fillcolor=BANDS[task], mode="lines", line_width=0)
            band = go.Scatter(x=[*x, *x[::-1]], y=100 * edge, **shade)
            figure.add_trace(band.update(showlegend=False, hoverinfo="skip"), row=1, col=column)
            line = dict(color=colour, dash=dash, width=2.5)
            drawn = go.Scatter(x=x, y=100 * curve.ordered[:, task], name=name, line=line, mode="lines+markers")
            figure.add_trace(drawn.update(showlegend=column == 1), row=1, col=column)
        figure.update_xaxes(title="filters silenced", row=1, col=column)
    figure.update_yaxes(range=[0, 104]).update_yaxes(title="right, %", col=1)
    figure.update_annotations(font_size=12)  # titles that stay apart on a narrow page
    return figure.update_layout(legend=dict(orientation="h", x=0, y=1.12, yanchor="bottom"), margin_t=84)


def over_seeds(table: pd.DataFrame, x: str, y: str, by: str, titles: tuple[str, str], log: bool = False) -> go.Figure:
    """A line for each kind: the mean over seeds, with a bar from the lowest seed to the highest.

    Parameters
    ----------
    table : a row for each kind, place and seed.
    x, y, by : its columns: the place, the score, the kind.
    titles : of the axes.
    log : whether places are powers, such as learning rates.
    """
    figure = go.Figure()
    for k, (name, rows) in enumerate(table.groupby(by, sort=False)):
        seeds = rows.groupby(x)[y].agg(["mean", "min", "max"])
        bars = dict(array=seeds["max"] - seeds["mean"], arrayminus=seeds["mean"] - seeds["min"], thickness=1.2, width=3)
        look = dict(color=PALETTE[k], dash=DASHES[k % 4], width=2.5)
        figure.add_scatter(
            x=seeds.index, y=seeds["mean"], error_y=bars, name=str(name), line=look, mode="lines+markers",
            marker=dict(symbol=MARKS[k % 5], size=9),
        )  # fmt: skip
    figure.update_layout(legend=dict(orientation="h", y=1.02, x=0, yanchor="bottom"), margin_t=60)
    across = dict(type="log", tickvals=sorted(table[x].unique())) if log else {}
    return figure.update_xaxes(title=titles[0], **across).update_yaxes(title=titles[1], range=[0, 1.03])


def membrane(voltage: np.ndarray, spikes: np.ndarray, threshold: float = 1.0) -> go.Figure:
    """A neuron's voltage over steps of time, its threshold, and a triangle at each spike.

    Parameters
    ----------
    voltage, spikes : arrays of shape (steps,)
    """
    steps = np.arange(len(voltage))
    figure = go.Figure(go.Scatter(x=steps, y=voltage, mode="lines+markers", line_color=PALETTE[0], name="voltage"))
    figure.add_scatter(
        x=steps[spikes > 0], y=voltage[spikes > 0] + 0.08, mode="markers", name="spike",
        marker=dict(symbol="triangle-down", size=11, color=PALETTE[1]),
    )  # fmt: skip
    line = dict(color=INK, dash="dash")
    figure.add_scatter(x=steps[[0, -1]], y=[threshold, threshold], mode="lines", line=line, name="threshold")
    figure.update_layout(legend=dict(orientation="h", y=1.02, x=0, yanchor="bottom"), margin_t=60, height=320)
    return figure.update_xaxes(title="step").update_yaxes(title="voltage", rangemode="tozero")


def power_picture(sizes: Sequence[int], curves: dict[str, np.ndarray], what: str) -> go.Figure:
    """Power against the number of panels, with intervals.

    Parameters
    ----------
    sizes : numbers of panels
    curves : name to array of shape (n_sizes, 3), from `kit.analysis.power.Power.curve`
    what : what is found, for the axis.
    """
    figure = go.Figure()
    looks = zip(DASHES, MARKS, PALETTE)
    for (name, curve), (dash, symbol, colour) in zip(curves.items(), looks):
        share, low, high = 100 * curve.T
        bars = dict(array=high - share, arrayminus=share - low)
        look = dict(line=dict(color=colour, dash=dash), marker=dict(size=10, symbol=symbol))
        figure.add_trace(go.Scatter(x=sizes, y=share, error_y=bars, name=name, mode="lines+markers", **look))
    figure.update_xaxes(title="panels", type="log", tickvals=list(sizes))
    figure.update_yaxes(title=f"{what}, %", range=[-3, 103])
    return figure.update_layout(margin_t=56, legend=dict(orientation="h", x=0, y=1.02, yanchor="bottom"))
