"""The report's people: how well each is predicted, fold by fold, and how well anything could predict them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .agreement import between_observers
from .classes import class_of
from .figures import who
from .page import paragraph, section, table
from .panels import CONTROL, proper
from .results import Results
from .space_names import SHAPE, TEXTURE

SWITCHED = 4  # standard errors between the first and the last folds that make one speak of a change


def people_section(results: Results) -> str:
    """Each observer by blocks of trials, and the ceilings."""
    text = f"""
        Information (bits) that shape and texture tell about each of the {who(results)}, in each block of trials in the
        order in which they were rated: an average hides an observer who changes strategy, and three with three
        strategies."""
    if together := class_of(results.ratings):
        text = f"""
            Information (bits) that shape and texture tell about the {together}, in each block of the series. Each block
            was rated by others of them: an average hides in what they differ."""
    bits = by_fold(results).round(3)
    parts = [paragraph(text), table(bits), paragraph(_changed(results)), _ceilings(results), _baseline(results)]
    return section("People, one by one", *parts)


def by_fold(results: Results) -> pd.DataFrame:
    """Bits of shape and of texture of each observer (controls too), averaged over identities: a column a block."""
    linear = results.scores[results.scores["kind"].eq("linear") & results.scores["space"].isin((SHAPE, TEXTURE))]
    wide = linear.pivot_table(index=["observer", "space"], columns="fold", values="mi", sort=False)
    wide.index = [f"{name.removeprefix(CONTROL)}: {space}" for name, space in wide.index]
    wide.columns = [f"block {fold + 1}" for fold in wide.columns]
    return wide.assign(mean=wide.mean(axis=1))


def changes(results: Results) -> pd.DataFrame:
    """How many bits the first half of the blocks told more than the last, in standard errors: observer by space."""
    linear = results.scores[results.scores["kind"].eq("linear") & results.scores["space"].isin((SHAPE, TEXTURE))]
    middle = linear.groupby(["observer", "series"])["fold"].transform("mean")
    early = linear.assign(early=linear["fold"] < middle)[linear["fold"] != middle]
    parts = early.groupby(["observer", "space", "early"])["mi"].agg(["mean", "sem"]).unstack("early")
    error = (parts["sem"] ** 2).sum(axis=1) ** 0.5
    return ((parts["mean"][True] - parts["mean"][False]) / error).unstack("space")


def _changed(results: Results) -> str:
    found = changes(results).stack()
    found = found[found.abs() > SWITCHED]
    if found.empty:
        return f"Nobody's bits differ between the first and the last blocks by more than {SWITCHED} standard errors."
    told = "; ".join(f"{name.removeprefix(CONTROL)}, {space}: {z:+.1f}" for (name, space), z in found.items())
    return (
        f"Between the first and the last blocks they differ by more than {SWITCHED} standard errors for: {told} "
        "(positive: more in the first). Such an observer may have changed strategy: the average is then of nobody."
    )


def _ceilings(results: Results) -> str:
    if results.ceilings.empty:
        return paragraph(
            "No ceiling is known: nobody rated a panel twice, and no two observers chose the same face often."
        )
    means = proper(results.ceilings).groupby(["ceiling", "observer"])[["tau", "mi"]].mean().groupby("ceiling").agg(
        ["mean", "min", "max"]
    )  # fmt: skip
    means.columns = [f"{'tau' if score == 'tau' else 'bits'}, {how}" for score, how in means.columns]
    text = """
        How well could anything predict these ratings? For simulated observers the similarity that they felt, before
        noise, is known. For people two stand-ins: the same person's rating of the same face a second time, and the
        others' mean rating of it. The main figure shows the highest."""
    return paragraph(text) + table(means)


def _baseline(results: Results) -> str:
    between = between_observers(results.ratings)
    if between is None:
        return ""
    told = f"and on those trials the ratings of one tell {between['mi']:.3f} bits about the other's"
    rest = "too few to compare their ratings" if np.isnan(between["mi"]) else f"{told} (tau {between['tau']:.2f})"
    return paragraph(f"""
        The {who(results)} with each other: two of them choose the same face in {between["choice"]:.0%} of trials
        (chance 17 %), {rest}.""")
