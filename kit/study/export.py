"""What a comparison hands on: one long table for mixed models elsewhere, with a dictionary, and figures as SVG."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from kit.networks.files import atomic
from kit.study.panels import CONTROL
from kit.study.results import Results

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


def _csv(table: pd.DataFrame, path: Path) -> Path:
    with atomic(path) as file:
        file.write(table.to_csv(index=False).encode())
    return path
