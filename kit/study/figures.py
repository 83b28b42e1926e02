"""Figures of a comparison, each with the sentence that says what it shows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from kit import faces, plots
from kit.faces import stimuli
from kit.plots import INK, PALETTE
from kit.study.contrasts import bootstrap
from kit.study.generalisation import SETS, TASKS
from kit.study.panels import proper
from kit.study.results import Results
from kit.study.spaces import MODEL_SPACES, PIXELS, SHAPE, UNTRAINED
from kit.study.templates import OBSERVER

LABELS = {
    "shape": "shape", "texture": "texture", "pixels": "pixels", "untrained": "untrained", "triplet": "Triplet",
    "classid": "ClassID", "classmulti": "ClassMulti", "ae": "AE", "viae": "viAE", "vae": "VAE",
    **{f"beta{b}": f"β-VAE {b}" for b in (2, 5, 10, 20)}, OBSERVER: "observers",
}  # fmt: skip
BLUE, VERMILION, GREEN, PINK = PALETTE[:4]
# Family of a system: colour and symbol, so that neither is needed alone.
FAMILIES = {
    "face model": (GREEN, "diamond"),
    "no training": (PINK, "square"),
    "names faces": (VERMILION, "triangle-up"),
    "draws faces": (BLUE, "circle"),
    "other": (PALETTE[4], "x"),
}
WIDE = 105  # pixels for names beside an axis
CURVES = (OBSERVER, SHAPE, PIXELS, "viae", "ae", "classid", "triplet")


def label(name: str) -> str:
    """How a system is called in figures."""
    return LABELS.get(name, name)


def family(name: str) -> str:
    """What kind of system it is."""
    if name in MODEL_SPACES:
        return "face model"
    if name in (PIXELS, UNTRAINED):
        return "no training"
    if name in ("triplet", "classid", "classmulti"):
        return "names faces"
    return "draws faces" if name in LABELS else "other"


def main_figure(results: Results) -> go.Figure:
    """Redundancy with the shape model against information about the ratings, a point for each system."""
    scores = results.main_scores()
    return _against(*(bootstrap(scores, column).interval() for column in ("redundancy", "mi")))


def points(redundancy: pd.Series, information: pd.Series) -> go.Figure:
    """The same for one observer: a point a space, without intervals."""
    return _against(*(pd.DataFrame({"mean": v, "low": v, "high": v}) for v in (redundancy, information)))


def _against(shared: pd.DataFrame, told: pd.DataFrame) -> go.Figure:
    places = label_places(shared, told)
    figure = go.Figure()
    for kind, (colour, symbol) in FAMILIES.items():
        names = [name for name in shared.index if family(name) == kind]
        if names:
            figure.add_trace(_points(names, shared, told, kind, colour, symbol, places))
    figure.update_xaxes(title="redundancy with the shape model (bits above chance)")
    figure.update_yaxes(title="information about the ratings (bits)")
    return figure.update_layout(height=480, legend=dict(orientation="h", y=1.08, x=0))


def _points(names, shared: pd.DataFrame, told: pd.DataFrame, kind: str, colour: str, symbol: str, places) -> go.Scatter:
    x, y = shared.loc[names], told.loc[names]
    return go.Scatter(
        x=x["mean"], y=y["mean"], text=[label(name) for name in names], name=kind, mode="markers+text",
        textposition=[places[name] for name in names], textfont_size=12,
        marker=dict(color=colour, symbol=symbol, size=11, line=dict(color=INK, width=1)),
        error_x=_error(x, colour), error_y=_error(y, colour),
    )  # fmt: skip


def label_places(x: pd.DataFrame, y: pd.DataFrame) -> dict[str, str]:
    """Where each point's label goes, so that labels cover neither points nor each other as far as that can be.

    Parameters
    ----------
    x, y : DataFrames as of `Bootstrap.interval`, a row for each system
    """
    at = np.column_stack([_pixels(x, 800), _pixels(y, 380)])
    taken, out = [np.r_[p - 7, p + 7] for p in at], {}
    for name, point in zip(x.index, at, strict=True):
        boxes = {where: _box(point, label(name), where) for where in PLACES}
        out[name] = min(PLACES, key=lambda where: sum(_overlap(boxes[where], other) for other in taken))
        taken.append(boxes[out[name]])
    return out


PLACES = ("top center", "bottom center", "middle right", "middle left", "top right", "top left", "bottom right",
          "bottom left")  # fmt: skip


def _pixels(interval: pd.DataFrame, length: int) -> np.ndarray:
    """Places of the means on an axis of some pixels that shows all intervals."""
    low, high = interval["low"].min(), interval["high"].max()
    return length * ((interval["mean"] - low) / ((high - low) or 1)).to_numpy()


def _box(point: np.ndarray, text: str, where: str) -> np.ndarray:
    """Left, bottom, right and top of a label beside a point, in pixels."""
    up, side = where.split()
    size = np.array([7.0 * len(text) + 4, 14.0])
    step = {"left": -1, "center": 0, "right": 1}[side], {"bottom": -1, "middle": 0, "top": 1}[up]
    centre = point + np.array(step) * (size / 2 + 8)
    return np.r_[centre - size / 2, centre + size / 2]


def _overlap(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.prod(np.clip(np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]), 0, None)))


def _error(interval: pd.DataFrame, colour: str) -> dict:
    up, down = interval["high"] - interval["mean"], interval["mean"] - interval["low"]
    return dict(type="data", array=up, arrayminus=down, color=_faint(colour), thickness=1.2, width=0)


def _faint(colour: str) -> str:
    red, green, blue = (int(colour[k : k + 2], 16) for k in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.45)"


def score_figure(results: Results) -> go.Figure:
    """Information about the ratings by system and kind of model."""
    scores = proper(results.scores)
    kinds = ["linear", "reweighted", "distance", "decision", "with shape", "with texture"]
    symbols = ["circle", "diamond", "x", "star", "square", "cross"]
    figure = go.Figure()
    for kind, symbol, colour in zip(kinds, symbols, PALETTE, strict=False):
        means = scores[scores["kind"] == kind].groupby("space")["mi"].mean()
        names = [name for name in results.spaces if name in means.index]
        marker = dict(symbol=symbol, size=10, color=colour, line=dict(color=INK, width=1))
        if names:
            y = [label(n) for n in names]
            figure.add_trace(go.Scatter(x=means[names], y=y, mode="markers", name=kind, marker=marker))
    figure.update_xaxes(title="information about the ratings (bits)")
    figure.update_yaxes(autorange="reversed", showgrid=True)
    return figure.update_layout(
        height=120 + 28 * len(results.spaces), margin_l=WIDE, legend=dict(orientation="h", y=1.06, x=0)
    )


def decoding_figure(results: Results) -> go.Figure:
    """Share of the variance of shape and texture that can be read linearly from each system."""
    table = results.decoding.iloc[::-1]
    figure = go.Figure()
    columns = {"shape_in_mm": "shape, in mm", "shape": "shape, mean of components", "texture": "texture"}
    for (column, name), symbol, colour in zip(columns.items(), ("diamond", "circle", "square"), PALETTE, strict=False):
        marker = dict(size=11, color=colour, symbol=symbol, line=dict(color=INK, width=1))
        y = [label(n) for n in table["space"]]
        figure.add_trace(go.Scatter(x=table[column], y=y, mode="markers", name=name, marker=marker))
    figure.update_xaxes(title="share of variance read from new faces", range=[min(0, table["shape"].min()), 1])
    return figure.update_layout(height=120 + 28 * len(table), margin_l=WIDE, legend=dict(orientation="h", y=1.08, x=0))


def generalisation_figure(results: Results) -> go.Figure:
    """Accuracy of naming against strength of the features, one panel a test; two rows, two kinds of features."""
    table = results.generalisation
    chance = 1 / table["identity"].nunique()
    rows = [f"{which} features" for which in SETS]
    figure = make_subplots(2, len(TASKS), shared_xaxes=True, shared_yaxes=True, column_titles=list(TASKS),
                           row_titles=rows, horizontal_spacing=0.015, vertical_spacing=0.05)  # fmt: skip
    shown = [name for name in CURVES if name in set(table["system"])]
    for row, which in enumerate(SETS, 1):
        for column, task in enumerate(TASKS, 1):
            part = table[(table["task"] == task) & (table["features"] == which)]
            for place, name in enumerate(shown):
                figure.add_trace(_curve(part, name, place, row == column == 1), row, column)
            figure.add_hline(chance, line=dict(dash="dot", color=INK, width=1), row=row, col=column)
    figure.update_yaxes(range=[-0.05, 1.05])
    figure.update_xaxes(title="strength", row=2)
    figure.update_yaxes(title="named rightly", col=1)
    return figure.update_layout(height=520, legend=dict(orientation="h", y=1.16, x=0), margin_t=90)


def _curve(part: pd.DataFrame, name: str, place: int, legend: bool) -> go.Scatter:
    mean = part[part["system"] == name].groupby("strength")["accuracy"].mean()
    colour = INK if name == OBSERVER else PALETTE[(place - 1) % 7]
    dash = ("solid", "dash", "dot", "dashdot")[place % 4]
    line = dict(color=colour, width=3 if name == OBSERVER else 2, dash=dash)
    return go.Scatter(x=mean.index, y=mean, name=label(name), line=line, showlegend=legend, mode="lines")


def null_figure(results: Results) -> go.Figure:
    """Share of tests above their own 95th percentile of shifted ratings, with what chance gives."""
    table = proper(results.null)
    share = table.groupby("space", sort=False)["significant"].mean().iloc[::-1]
    marker = dict(size=11, color=BLUE, line=dict(color=INK, width=1))
    figure = go.Figure(go.Scatter(x=share, y=[label(n) for n in share.index], mode="markers", marker=marker))
    figure.add_vline(0.05, line=dict(dash="dot", color=INK), annotation_text="chance: 5 %")
    figure.update_xaxes(title="share of observer × identity × fold above chance", range=[-0.02, 1.02])
    return figure.update_layout(height=110 + 26 * len(share), margin_l=WIDE)


def contrast_figure(results: Results, column: str = "mi") -> go.Figure:
    """Share of bootstrap samples in which the system of the row scores higher than that of the column."""
    larger = bootstrap(results.main_scores(), column).larger()
    names = [label(n) for n in larger.index]
    values = np.where(np.eye(len(names), dtype=bool), np.nan, larger.to_numpy())
    scale = [[place, colour] for place, colour in plots.DIVERGING]
    figure = go.Figure(go.Heatmap(z=values, x=names, y=names, zmin=0, zmax=1, colorscale=scale, hoverongaps=False,
                                  texttemplate="%{z:.2f}", textfont_size=10, colorbar_title="share"))  # fmt: skip
    figure.update_yaxes(autorange="reversed")
    return figure.update_layout(height=160 + 30 * len(names), margin_l=WIDE)


def map_pictures(results: Results, systems: list[str], size: int = 150) -> dict[str, tuple[np.ndarray, list[str]]]:
    """Maps of what each system would rate 6, side by side: identity to (pictures, labels)."""
    known, out = stimuli.identities(faces.load()), {}
    for series, identity in results.likeness[["series", "identity"]].drop_duplicates().itertuples(index=False):
        average = known[identity].caricature(0)
        names = ["truth", OBSERVER, *systems]
        maps = np.stack([results.maps[f"{series}/map {name}"] for name in names])
        most = float(np.percentile(np.abs(maps[1]), 99))  # observers set the scale
        maps[0] *= most / np.percentile(np.abs(maps[0]), 99)
        out[identity] = plots.face_map(average, maps, most, size), ["true face", *(label(name) for name in names[1:])]
    return out


def band_table(results: Results) -> pd.DataFrame:
    """Share of each system's texture change in five octaves of spatial frequency, fine to coarse."""
    columns = [name for name in results.likeness if name.startswith("band_")]
    return results.likeness[results.likeness["system"] != SHAPE].groupby("system", sort=False)[columns].mean()
