"""A causal test for every system: take shape out of its features, or texture, or as many directions by lot.

If a system predicts ratings *because* of shape, then without shape it predicts less, and loses more than without
texture and than without as many directions that were drawn blindly (`kit.study.removal` shows it dose by dose for one
observer). The erasers know faces, not ratings; all removals take the same number of directions, and the penalties are
those of the whole features, so that no removal is helped or hurt by another choice of them.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from kit.analysis import information, projection
from kit.analysis.encoding import NestedRidge, ridge_at
from kit.analysis.kendall import kendall_tau
from kit.analysis.projection import Eraser

from .panels import Answers
from .space_names import MODEL_SPACES, SHAPE, TEXTURE

NOTHING, LOT = "nothing", "lot"
REMOVED = (NOTHING, SHAPE, TEXTURE, LOT)
MOST = 20  # directions that are removed; at most half of those along which a system varies
LEARNED = 3000  # faces of a series, or somewhat more, from which directions are learned
STILL = 0.01  # of the largest standard deviation: directions below it hardly vary
Spaces = Mapping[str, np.ndarray]


def erasers(spaces: Spaces, rng: int = 0) -> dict[str, Eraser]:
    """Erasers "space/removed" of every system, learned from faces of a series; ratings play no part.

    Parameters
    ----------
    spaces : mapping of str to array of shape (n_faces, d)
        With the face model's "shape" and "texture", which say what is to be removed.
    """
    out = {}
    some = slice(None, None, max(1, len(spaces[SHAPE]) // LEARNED))
    for name in [name for name in spaces if name not in MODEL_SPACES]:
        features = spaces[name][some].astype(float)
        found = {kind: projection.erase(features, _varying(spaces[kind][some])) for kind in MODEL_SPACES}
        count = min(MOST, _varied(features) // 2, *(len(eraser.correlation) for eraser in found.values()))
        found = {kind: _first(eraser, count) for kind, eraser in found.items()}
        found[LOT] = projection.erase_random(features, count, rng)
        out |= {f"{name}/{kind}": eraser for kind, eraser in found.items()}
    return out


def _varying(values: np.ndarray) -> np.ndarray:
    return values[:, np.ptp(values, axis=0) > 0]


def _varied(features: np.ndarray) -> int:
    """Along how many directions features vary: a code whose numbers are mostly asleep has few."""
    spread = np.linalg.svd(features - features.mean(axis=0), compute_uv=False)
    return int((spread > STILL * spread[0]).sum())


def _first(eraser: Eraser, count: int) -> Eraser:
    return Eraser(eraser.mean, eraser.into[:, :count], eraser.out_of[:count], eraser.correlation[:count])


def scores(
    spaces: Spaces, known: Mapping[str, Eraser], models: Mapping[str, NestedRidge], answers: Answers
) -> pd.DataFrame:  # fmt: skip
    """How well each system predicts one observer's ratings before and after every removal.

    Parameters
    ----------
    spaces : mapping of str to array of shape (n_faces, d)
    known : mapping of str to Eraser
    models : mapping of str to NestedRidge
        The linear models of the whole features.
    answers : Answers

    Returns
    -------
    DataFrame with columns space, removed, fold, tau, mi
    """
    whole_and_left = {}
    for name in dict.fromkeys(key.rsplit("/", 1)[0] for key in known):
        features = spaces[name][answers.chosen].astype(float)
        whole_and_left[name, NOTHING] = models[name]
        for kind in REMOVED[1:]:
            whole_and_left[name, kind] = _without(known[f"{name}/{kind}"](features), models[name], answers)
    if not whole_and_left:
        return pd.DataFrame(columns=["space", "removed", "fold", "tau", "mi"])
    return scored(whole_and_left, answers)


def _without(left: np.ndarray, whole: NestedRidge, answers: Answers) -> NestedRidge:
    varying = left[:, left.std(axis=0) > projection.TOLERANCE * left.std()]
    return ridge_at(varying, answers.rating, whole.exponents[:, 0, 0])


def scored(models: Mapping[tuple[str, str], NestedRidge], answers: Answers) -> pd.DataFrame:
    """tau and information of the held-out predictions of models of one target, by (space, removed).

    Returns
    -------
    DataFrame with columns space, removed, fold, tau, mi
    """
    predictions = np.column_stack([model.predictions for model in models.values()])
    parts = np.array_split(np.arange(len(predictions)), answers.folds)
    pairs = [(predictions[part], answers.rating[part]) for part in parts]
    tau = [kendall_tau(predicted, rated.astype(float)) for predicted, rated in pairs]
    mi = [information.binned_mi(predicted, rated) for predicted, rated in pairs]
    names = pd.DataFrame(list(models), columns=["space", "removed"])
    table = names.loc[names.index.repeat(answers.folds)].reset_index(drop=True)
    fold = np.tile(np.arange(answers.folds), len(names))
    return table.assign(fold=fold, tau=np.transpose(tau).ravel(), mi=np.transpose(mi).ravel())


def costs(table: pd.DataFrame, column: str = "mi") -> pd.DataFrame:
    """What each removal costs in every fold.

    Parameters
    ----------
    table : DataFrame
        observer, identity, series, space and the columns of `scores`.

    Returns
    -------
    DataFrame, a row an observer, identity, series, space and fold (the index)
        Columns shape, texture and lot: the score with nothing removed minus the score after the removal. Column
        nothing: that score itself.
    """
    index = ["observer", "identity", "series", "space", "fold"]
    wide = table.pivot(index=index, columns="removed", values=column)
    return wide[[SHAPE, TEXTURE, LOT]].rsub(wide[NOTHING], axis=0).assign(**{NOTHING: wide[NOTHING]})
