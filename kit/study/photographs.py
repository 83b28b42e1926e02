"""The row "trained on photographs": beside the registered comparison, and counted in none of its claims.

dlib's face recogniser saw the faces of the default comparison and predicted the ratings of its *simulated* observers
after the plan had been registered and the other results were known. So it is shipped in tables of its own.
"""

from __future__ import annotations

import gzip
from dataclasses import replace

import numpy as np
import pandas as pd

from kit.analysis.statistics import crossed_interval
from kit.faces.views import FRONTAL, checked_view
from kit.files import data
from kit.files.tables import read_table

from . import erasure
from .contrasts import cells
from .design import DEFAULT
from .figures import label
from .layer_drawings import describe_layers, layer_figure
from .layer_scan import SCORES, Layers
from .page import figure, paragraph, section, table
from .panels import proper
from .results import Results
from .space_names import PHOTOGRAPHS, PIXELS, SHAPE, TEXTURE, UNTRAINED

FOLDER = "photographs"  # within the data folder
LAYERS = ("input", "stem", "stage1", "stage2", "stage3", "stage4", "stage5", "embedding")
RIVALS = (SHAPE, PIXELS, UNTRAINED, "triplet", "classid", "viae")
LOST = (SHAPE, TEXTURE, erasure.LOT)
WHO = {"view": str, "observer": str, "identity": str}
TABLES = {
    "scores": WHO | dict.fromkeys(("mi", "redundancy", *LOST), float),
    "layers": {"view": str, "layer": str, "features": int, "kept": int, "loss": float, SHAPE: float, TEXTURE: float},
    "layer_scores": WHO | {"series": str, "space": str, "fold": int} | dict.fromkeys(SCORES, float),
}


def shipped_photographs() -> pd.DataFrame:
    """What the network trained on photographs tells about the ratings of the *simulated* observers. Not registered.

    Returns
    -------
    DataFrame
        view ("frontal" or "turned"), observer, identity; mi and redundancy with shape, and what is lost with shape,
        with texture, and with as many directions by lot: in bits, means over folds of the linear models.
    """
    return _read("scores")


def shipped_layers(view: str = FRONTAL) -> Layers:
    """The layers of the network trained on photographs, from its aligned pixels to its embedding. Not registered.

    Parameters
    ----------
    view : "frontal" or "turned"

    Returns
    -------
    Layers
        Of the *simulated* observers of the default comparison; scores are means over folds.
    """
    about, scores = (_of(_read(name), checked_view(view)) for name in ("layers", "layer_scores"))
    return Layers(about, scores, [])


def _read(name: str) -> pd.DataFrame:
    with gzip.open(data.verified(f"{FOLDER}/{name}.csv.gz"), "rt", encoding="utf-8", newline="") as file:
        return read_table(file, TABLES[name])


def _of(found: pd.DataFrame, view: str) -> pd.DataFrame:
    return found[found["view"] == view].drop(columns="view").reset_index(drop=True)


def _told(results: Results) -> pd.DataFrame:
    """What every system tells and loses, averaged over folds: a row an observer, identity and space."""
    by = ["observer", "identity", "space"]
    told = results.main_scores().groupby(by, sort=False)[["mi", "redundancy"]].mean()
    lost = erasure.costs(proper(results.erasure)).groupby(by, sort=False)[list(LOST)].mean()
    return told.join(lost).reset_index()


def photographs_section(results: Results) -> str:
    """The row beside some of the comparison's, and its layers; "" where others rated, or other panels."""
    own = _of(shipped_photographs(), results.design.view)
    same = set(results.main_scores()["observer"]) == set(own["observer"])
    if not results.simulated or replace(results.design, view=FRONTAL) != DEFAULT or not same:
        return ""
    apart = "" if PHOTOGRAPHS in results.spaces else ", and counted in no claim, correction or figure above"
    text = f"""
        Not registered{apart}: dlib's face recogniser, which learned from three million photographs to tell some 7,500
        people apart. It was added when the other results were known. It finds and aligns the faces itself, and the
        ratings of the same simulated observers were predicted from its 128 numbers in the same way."""
    note = """
        Bits, with 95 % intervals over observers and identities; what is lost when shape, texture, or as many directions
        by lot are erased; and the recogniser's lead: how much more it tells than the system of the row. The intervals
        are not corrected for their number."""
    rows = (beside(results).round(3) + 0.0).astype(object)  # no minus before 0
    shown = paragraph(text), paragraph(note), table(rows.where(rows.notna(), "–"))
    return section("Trained on photographs", *shown, *_layers(shipped_layers(results.design.view)))


def _layers(found: Layers) -> tuple[str, str]:
    """The layers as a figure and as a table, with intervals."""
    about = "Its layers, from the aligned pixels to the embedding; bars are 95 % intervals of the information. "
    drawn = figure(layer_figure(found), about + describe_layers(found))
    columns = {"mi": "bits", "mi_low": "low", "mi_high": "high", "with_shape": "redundant with shape",
               "with_shape_low": "from", "with_shape_high": "to", "with_texture": "with texture", SHAPE: "shape, R²",
               TEXTURE: "texture, R²"}  # fmt: skip
    return drawn, table(found.summary()[list(columns)].rename(columns=columns))


def beside(results: Results) -> pd.DataFrame:
    """The recogniser and some systems of the default comparison: what each tells, shares and loses, and how far apart.

    Parameters
    ----------
    results : Results
        Of the default design, in either viewing condition.

    Returns
    -------
    DataFrame, a row a system
        bits, low, high: what it tells, with its 95 % interval; redundant with shape; lost without shape, without
        texture, by lot (nan for shape itself); lead of the recogniser over it, from, to: with its 95 % interval.
    """
    own = _of(shipped_photographs(), results.design.view).assign(space=PHOTOGRAPHS)
    told = _told(results)
    names = [PHOTOGRAPHS, *(name for name in RIVALS if name in set(told["space"]))]
    both = pd.concat([own, told[told["space"].isin(names[1:])]], ignore_index=True)
    found = cells(both.assign(series="", fold=0), "mi")
    mean, lead = crossed_interval(found.of(names)), crossed_interval(found.of([PHOTOGRAPHS]) - found.of(names))
    rest = both.groupby("space")[["redundancy", *LOST]].mean().loc[names]
    rest.columns = ["redundant with shape", "lost without shape", "without texture", "by lot"]
    columns = {"lead of the recogniser": lead.mean, "from": lead.low, "to": lead.high}
    table = pd.DataFrame({"bits": mean.mean, "low": mean.low, "high": mean.high}, names).join(rest).assign(**columns)
    table.loc[PHOTOGRAPHS, list(columns)] = np.nan
    return table.rename(index=label).rename_axis("system")
