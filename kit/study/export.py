"""What a comparison hands on: one long table for mixed models elsewhere, with a dictionary, and figures as SVG."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import plotly.graph_objects as go

from kit.files.atomic import atomic

from . import figures, further_figures
from .figures import who
from .panels import CONTROL, proper
from .results import Results
from .svg import svg

DICTIONARY = {
    "observer": "who rated; a code, or the name of a simulated observer",
    "simulated": "whether the observer was simulated",
    "control": "whether the observer is a simulated control with a known strategy, to be left out of averages",
    "identity": "the face that was compared with",
    "series": "the panels: identity, seed, components that varied, number, and view if not frontal",
    "fold": "block of trials, in the order of rating, that was predicted by models of the other blocks",
    "space": "the system whose features predicted",
    "kind": "the model: linear, distance, reweighted, decision, with shape, with texture; or 'erased ...': linear, "
            "after shape, texture or as many directions by lot were erased",
    "score": "tau (Kendall's tau-b), r2, mi (mutual information, bits), redundancy, mmi, unique_shape, unique_space, "
             "synergy (bits, less what chance gives)",
    "value": "the score; not clipped, so that values below zero are possible",
}  # fmt: skip


@dataclass(frozen=True)
class Drawn:
    """A figure of the report: how it is drawn, the table without which there is none, and what is said below it."""

    figure: Callable[[Results], go.Figure]
    table: str
    title: str
    text: str  # {who} are the observers


FIGURES = {
    "main": Drawn(figures.main_figure, "scores", "Do systems that predict well share shape?", """
        Right: predictions share more with those of the shape model. Up: they tell more about the ratings of the {who}.
        On the dashed line all that a system tells is redundant with shape; at the dotted line it would tell all that
        can be told. Bars are 95 % intervals."""),
    "scores": Drawn(figures.score_figure, "scores", "How well does each system predict?", """
        Mutual information of predictions and ratings of the {who}, less the bias, for each system and kind of
        model."""),
    "erasure": Drawn(further_figures.erasure_figure, "erasure", "What falls when shape is taken away?", """
        Bits about the ratings of the {who} that each system loses when shape, texture, or as many directions by lot are
        erased from its features. Bars are 95 % intervals."""),
    "partition": Drawn(further_figures.partition_figure, "partition", "Whose variance?", """
        Share of the variance of held-out ratings of the {who} that each part of the features tells: one alone, shape
        and at least one other, or others without shape. Thin lines are 95 % intervals."""),
    "decoding": Drawn(figures.decoding_figure, "decoding", "What do the systems hold?", """
        Share of the variance of shape and texture that can be read linearly from each system, on new faces. To hold is
        not yet to use: the ratings of the {who} play no part here."""),
    "generalisation": Drawn(further_figures.generalisation_figure, "generalisation", "Does it generalise?", """
        Share of faces named rightly against the strength of the features that mattered to the {who} (top) and of the
        other features (bottom). Dotted: chance."""),
    "null": Drawn(further_figures.null_figure, "null", "Above chance?", """
        How often one fold's information about the ratings of the {who} exceeds the 95th percentile of
        shifted ratings."""),
    "contrasts": Drawn(further_figures.contrast_figure, "scores", "Systems against each other", """
        Bits that the system of the row tells more about the ratings of the {who} than that of the column. Bold with a
        star: p below .05 after Holm's correction over all pairs."""),
}  # fmt: skip


def long_table(results: Results) -> pd.DataFrame:
    """Every score of every fold, one a row: the columns of `DICTIONARY`."""
    keys = ["observer", "identity", "series", "space", "kind", "fold"]
    erased = results.erasure[results.erasure["removed"] != "nothing"] if len(results.erasure) else results.erasure
    erased = erased.assign(kind="erased " + erased["removed"]) if len(erased) else pd.DataFrame(columns=keys)
    together = pd.concat([results.scores, erased.drop(columns="removed", errors="ignore")], ignore_index=True)
    long = together.melt(keys, var_name="score", value_name="value").dropna(subset="value")
    long["simulated"] = results.simulated
    long["control"] = long["observer"].str.startswith(CONTROL)
    return long[list(DICTIONARY)].reset_index(drop=True)


def write(results: Results, folder: Path | str) -> list[Path]:
    """Write long.csv, its dictionary columns.csv, and the figures as SVG with text as text; returns the paths."""
    folder = Path(folder)
    columns = pd.DataFrame({"column": DICTIONARY.keys(), "meaning": DICTIONARY.values()})
    paths = [_csv(long_table(results), folder / "long.csv"), _csv(columns, folder / "columns.csv")]
    return paths + _figures(results, folder / "figures")


def _figures(results: Results, folder: Path) -> list[Path]:
    """Write each figure that has a table; take away what an earlier comparison left in place of the others."""
    paths = []
    for name, drawn in FIGURES.items():
        path, table = folder / f"{name}.svg", getattr(results, drawn.table)
        if table.empty or ("observer" in table and proper(table).empty):
            path.unlink(missing_ok=True)
            continue
        text = " ".join(drawn.text.format(who=who(results)).split())
        with atomic(path) as file:
            file.write(svg(drawn.figure(results), drawn.title, text).encode())
        paths.append(path)
    return paths


def _csv(table: pd.DataFrame, path: Path) -> Path:
    with atomic(path) as file:
        file.write(table.to_csv(index=False).encode())
    return path
