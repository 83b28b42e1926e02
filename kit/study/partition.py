"""Whose variance? How much of an observer's ratings shape, texture, pixels and a network tell, alone or together."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from kit.analysis.encoding import NestedRidge
from kit.analysis.variance import commonality, stacked_r2

from . import contrasts, fits
from .panels import Answers
from .space_names import PIXELS, SHAPE, TEXTURE, UNTRAINED, of_pixels

FAVOURITE = "viae"
WITH_SHAPE, WITHOUT_SHAPE = "shape and others", "others, not shape"


def partition(spaces: Mapping[str, np.ndarray], answers: Answers, network: str) -> pd.DataFrame:
    """Divide the predicted variance of one observer's ratings of one series.

    Parameters
    ----------
    spaces : mapping of str to array of shape (6 * length, d)
        Features of all faces of the series; those of shape, texture, pixels and the network are used.
    answers : Answers
    network : str
        A name among `spaces`.

    Returns
    -------
    DataFrame with columns part, r2
        A row a part: "only ..." what one space alone tells, "shape and others" what shape tells and at least one
        other space too, "others, not shape" what at least two others tell and shape does not. They add up to the
        held-out R^2 of all four. Parts below 0 are possible and not clipped.

    Raises
    ------
    ValueError
        If a space is missing, or the network is one of the other three.
    """
    models = {name: fits.fit(spaces[name], answers) for name in _asked(spaces, network)}
    return of_models(models, answers, network)


def of_models(models: Mapping[str, NestedRidge], answers: Answers, network: str) -> pd.DataFrame:
    """The same from linear models of each space that were fitted to the answers before."""
    predictions = {name: models[name].predictions[:, 0] for name in _asked(models, network)}
    parts = commonality(stacked_r2(predictions, answers.rating, models[SHAPE].fold))
    alone = {f"only {name}": parts[frozenset([name])] for name in predictions}
    together = {spaces: part for spaces, part in parts.items() if len(spaces) > 1}
    with_shape = sum(part for spaces, part in together.items() if SHAPE in spaces)
    rest = sum(part for spaces, part in together.items() if SHAPE not in spaces)
    rows = alone | {WITH_SHAPE: with_shape, WITHOUT_SHAPE: rest}
    return pd.DataFrame({"part": list(rows), "r2": list(rows.values())})


def with_a_network(models: Mapping[str, NestedRidge], answers: Answers) -> pd.DataFrame:
    """The same with the view-invariant autoencoder, or the first network there is; empty without pixels or networks."""
    networks = [name for name in models if name not in (SHAPE, TEXTURE, UNTRAINED) and not of_pixels(name)]
    if PIXELS not in models or not networks:
        return pd.DataFrame({"part": [], "r2": [], "network": []}).astype({"part": str, "network": str})
    network = FAVOURITE if FAVOURITE in networks else networks[0]
    return of_models(models, answers, network).assign(network=network)


def _asked(known: Mapping[str, object], network: str) -> list[str]:
    """Names of the four spaces, if they are four and known."""
    names = [SHAPE, TEXTURE, PIXELS, network]
    missing = [name for name in names if name not in known]
    if missing:
        raise ValueError(f"there is no space {missing[0]!r} to divide variance with; there are {', '.join(known)}")
    if network in names[:3]:
        raise ValueError(f"{network} is compared as itself: name a network beside shape, texture and pixels")
    return names


def over_observers(parts: pd.DataFrame) -> pd.DataFrame:
    """Mean parts with 95 % intervals over observers and identities (`kit.study.contrasts`).

    Parameters
    ----------
    parts : DataFrame
        Tables of `partition`, one below the other, with columns observer, identity and series besides.

    Returns
    -------
    DataFrame with index part and columns mean, low, high
        One observer with one identity has no interval: low and high are nan.
    """
    cells = parts.rename(columns={"part": "space"}).assign(fold=0)
    if len(cells.drop_duplicates(["observer", "identity"])) == 1:
        means = cells.groupby("space", sort=False)["r2"].mean()
        return pd.DataFrame({"mean": means, "low": np.nan, "high": np.nan}).rename_axis("part")
    return contrasts.interval(cells, "r2").rename_axis("part")
