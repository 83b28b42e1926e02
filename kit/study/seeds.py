"""Networks of one objective that differ in their seeds alone: another start, another order of pictures.

What one network does need not be what its objective does (Mehrer et al., 2020, Nature Communications 11:5725). So
objectives are compared over several networks each, which are drawn like observers and identities.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from kit.analysis.statistics import Interval, over_a_further_factor

from .contrasts import Cells, cells
from .panels import proper
from .results import Results
from .spaces import Embeds, seed_of

COLUMNS = ["observer", "identity", "series", "space", "objective", "seed", "fold", "mi", "redundancy"]


def table(scores: pd.DataFrame, further: pd.DataFrame | None, systems: Mapping[str, Embeds]) -> pd.DataFrame:
    """Scores of all networks whose objective was trained with several seeds, the first among them.

    Parameters
    ----------
    scores : DataFrame
        Of the first seeds, as `Results.scores`.
    further : DataFrame, optional
        observer, identity, series, space, fold, mi, redundancy of the others.
    systems : mapping of str to Embeds
    """
    if further is None:
        return pd.DataFrame(columns=COLUMNS)
    known = {name: seed_of(system) for name, system in systems.items()}
    several = {known[name][0] for name in further["space"].unique()}
    first = scores[scores["kind"].eq("linear") & scores["space"].map(lambda s: known.get(s, ("", 1))[0] in several)]
    both = pd.concat([first, further], ignore_index=True)
    objective, seed = zip(*both["space"].map(known), strict=True)
    return both.assign(objective=objective, seed=seed)[COLUMNS]


def objectives(results: Results, column: str = "mi", without: int | None = None) -> Cells:
    """A linear score of every system; of objectives that were trained several times, its mean over the seeds.

    Parameters
    ----------
    results : Results
    column : "mi" or "redundancy"
    without : int, optional
        A seed that is left out.
    """
    index = ["observer", "identity", "series", "space", "fold"]
    scores = results.main_scores()[[*index, column]]
    if results.seeds.empty:
        return cells(scores, column)
    own = proper(results.seeds)
    means = own[own["seed"] != without].groupby(["objective", *(i for i in index if i != "space")], sort=False)[column]
    of_several = means.mean().reset_index().rename(columns={"objective": "space"})
    once = scores[~scores["space"].isin(of_several["space"])]
    return cells(pd.concat([once, of_several], ignore_index=True), column)


def drawn(results: Results, judge: Callable[[Cells], Interval]) -> Interval:
    """An interval over observers and identities, widened for seeds where there are several.

    Parameters
    ----------
    results : Results
    judge : function of the systems' information, as of `objectives`
    """
    found = judge(objectives(results))
    if results.seeds.empty:
        return found
    left = [judge(objectives(results, without=seed)).mean for seed in sorted(results.seeds["seed"].unique())]
    return over_a_further_factor(found, np.array(left))


def told(results: Results) -> str:
    """What the seeds add to a claim about objectives, in words."""
    if results.seeds.empty:
        return (
            "It speaks of these networks: how others, trained anew for the same tasks, would do is not known from one "
            "of each."
        )
    several = results.seeds["seed"].nunique()
    return f"Means over {several} networks an objective (the beta-VAEs: one); the interval allows for other seeds."
