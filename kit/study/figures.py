"""Figures of a comparison, each with the sentence that says what it shows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from kit.plots.looks import INK, PALETTE

from . import contrasts
from .classes import class_of
from .panels import proper
from .results import Results
from .space_names import MODEL_SPACES, PHOTOGRAPHS, UNTRAINED, of_pixels
from .templates import OBSERVER

LABELS = {
    "shape": "shape", "texture": "texture", "pixels": "pixels", "untrained": "untrained", "triplet": "Triplet",
    "classid": "ClassID", "classmulti": "ClassMulti", "ae": "AE", "viae": "viAE", "vae": "VAE",
    **{f"beta{b}": f"β-VAE {b}" for b in (2, 5, 10, 20)}, OBSERVER: "observers",
    PHOTOGRAPHS: "trained on photographs",
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
LEGEND = {"legend": dict(orientation="h", y=1, yanchor="bottom", x=0), "margin_t": 64}
PLACES = ("top center", "bottom center", "middle right", "middle left", "top right", "top left", "bottom right",
          "bottom left")  # fmt: skip


def label(name: str) -> str:
    """How a system is called in figures."""
    return LABELS.get(name, name)


def family(name: str) -> str:
    """What kind of system it is."""
    if name in MODEL_SPACES:
        return "face model"
    if name == UNTRAINED or of_pixels(name):
        return "no training"
    if name in ("triplet", "classid", "classmulti"):
        return "names faces"
    return "draws faces" if name in LABELS and name != PHOTOGRAPHS else "other"


def main_figure(results: Results) -> go.Figure:
    """Redundancy with the shape model against information about the ratings: over all identities, then for each.

    On the dashed line all that a system tells is redundant with shape; at the dotted line it would tell all that
    can be told (`kit.study.ceilings`).
    """
    scores = results.main_scores()
    several = list(dict.fromkeys(scores["identity"]))
    figure = _panels(several if len(several) > 1 else [])
    _add_points(figure, *(contrasts.interval(scores, column) for column in ("redundancy", "mi")), where=(1, 1))
    _add_lines(figure, scores, _ceiling(results), (1, 1))
    for place, identity in enumerate(several if len(several) > 1 else []):
        own = scores[scores["identity"] == identity]
        means = [own.groupby("space", sort=False)[column].mean() for column in ("redundancy", "mi")]
        where = (2, 1 + place)
        _add_points(figure, *(pd.DataFrame({"mean": m, "low": m, "high": m}) for m in means), where, small=True)
        _add_lines(figure, own, _ceiling(results, identity), where)
    figure.update_xaxes(title="redundancy with the shape model (bits)", row=1)
    figure.update_yaxes(title=f"information about the ratings<br>of {who(results)} (bits)", row=1, col=1)
    figure.update_yaxes(title="bits", row=2, col=1)
    return figure.update_layout(height=860 if len(several) > 1 else 500, margin_l=WIDE, **LEGEND)


def _panels(identities: list[str]) -> go.Figure:
    if not identities:
        return make_subplots(1, 1)
    n = len(identities)
    specs = [[{"colspan": n}] + [None] * (n - 1), [{}] * n]
    return make_subplots(2, n, specs=specs, row_heights=[0.65, 0.35], vertical_spacing=0.12, horizontal_spacing=0.03,
                         shared_yaxes=True, subplot_titles=["", *identities])  # fmt: skip


def points(redundancy: pd.Series, information: pd.Series) -> go.Figure:
    """The same for one *simulated* observer: a point a space, without intervals."""
    figure = go.Figure()
    _add_points(figure, *(pd.DataFrame({"mean": v, "low": v, "high": v}) for v in (redundancy, information)))
    figure.update_xaxes(title="redundancy with the shape model (bits)")
    figure.update_yaxes(title="information about the ratings<br>of the simulated observer (bits)")
    return figure.update_layout(height=500, margin_l=WIDE, **LEGEND)


def _add_points(figure: go.Figure, shared: pd.DataFrame, told: pd.DataFrame, where=None, small: bool = False) -> None:
    places, at = label_places(shared, told), dict(zip(("row", "col"), where)) if where else {}
    for kind, (colour, symbol) in FAMILIES.items():
        names = [name for name in shared.index if family(name) == kind]
        if names:
            drawn = _points(names, shared, told, kind, colour, symbol, places)
            if small:
                drawn.update(mode="markers", marker_size=8, showlegend=False, error_x=None, error_y=None)
            drawn.update(hovertemplate="%{text}: %{y:.3f} bits, %{x:.3f} redundant<extra></extra>", legendgroup=kind)
            figure.add_trace(drawn, **at)


def _add_lines(figure: go.Figure, scores: pd.DataFrame, ceiling: float | None, where: tuple[int, int]) -> None:
    """The line on which everything is redundant, and the ceiling."""
    row, col = where
    most = max(0.01, scores.groupby("space")[["redundancy", "mi"]].mean().max().max())
    line = dict(color=INK, width=1, dash="dash")
    figure.add_trace(go.Scatter(x=[0, most], y=[0, most], mode="lines", line=line, showlegend=row == 1,
                                name="y = x: all of it redundant", hoverinfo="skip"), row, col)  # fmt: skip
    if ceiling is not None:
        text = f"ceiling: {ceiling:.3f} bits" if row == 1 else ""
        figure.add_hline(ceiling, line=dict(color=INK, width=1.5, dash="dot"), row=row, col=col,
                         annotation_text=text, annotation_position="top left")  # fmt: skip


def _ceiling(results: Results, identity: str | None = None) -> float | None:
    """Mean information of the highest kind of ceiling, of all identities or of one; None where there is none."""
    table = proper(results.ceilings)
    table = table if identity is None else table[table["identity"] == identity]
    means = table.groupby("ceiling")["mi"].mean()
    return float(means.max()) if len(means) else None


def who(results: Results) -> str:
    """Whose ratings they are, for axes: a figure travels without its caption."""
    return "simulated observers" if results.simulated else class_of(results.ratings) or "observers"


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
    x, y : DataFrames as of `contrasts.interval`, a row for each system
    """
    at = np.column_stack([_pixels(x, 800), _pixels(y, 380)])
    taken, out = [np.r_[p - 7, p + 7] for p in at], {}
    for name, point in zip(x.index, at, strict=True):
        boxes = {where: _box(point, label(name), where) for where in PLACES}
        out[name] = min(PLACES, key=lambda where: sum(_overlap(boxes[where], other) for other in taken))
        taken.append(boxes[out[name]])
    return out


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
    figure.update_xaxes(title=f"information about the ratings of {who(results)} (bits)")
    figure.update_yaxes(autorange="reversed", showgrid=True)
    return figure.update_layout(height=150 + 28 * len(results.spaces), margin_l=WIDE, **LEGEND)


def decoding_figure(results: Results) -> go.Figure:
    """Share of the variance of shape and texture that can be read linearly from each system."""
    table = results.decoding.iloc[::-1]
    figure = go.Figure()
    columns = {"shape_in_mm": "shape, in mm", "shape": "shape, mean of components", "texture": "texture"}
    for (column, name), symbol, colour in zip(columns.items(), ("diamond", "circle", "square"), PALETTE, strict=False):
        marker = dict(size=11, color=colour, symbol=symbol, line=dict(color=INK, width=1))
        y = [label(n) for n in table["space"]]
        figure.add_trace(go.Scatter(x=table[column], y=y, mode="markers", name=name, marker=marker))
    low = min(0, table[list(columns)].min().min())
    figure.update_xaxes(title="share of variance read from new faces", range=[low, 1])
    return figure.update_layout(height=150 + 28 * len(table), margin_l=WIDE, **LEGEND)
