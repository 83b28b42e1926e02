"""The observers with each other: what a model of one observer may be measured against."""

from __future__ import annotations

import pandas as pd

from kit.analysis.agreement import pairwise_agreement

from .panels import SAME_PANELS, proper


def between_observers(ratings: pd.DataFrame) -> dict[str, float] | None:
    """Mean agreement of observers who saw the same panels: of choices, and of ratings after the same choice.

    Parameters
    ----------
    ratings : DataFrame
        As in docs/ratings.md; controls are left out.

    Returns
    -------
    dict with "choice" (share), "tau" and "mi" (bits; nan where too few choices were the same), or None if no two
    observers saw the same panels
    """
    rated = proper(ratings[ratings["phase"] == "rate"])
    found = []
    for _, together in rated.groupby(SAME_PANELS):
        if together["observer"].nunique() > 1:
            wide = together.pivot(index="observer", columns="trial", values=["choice", "rating"]).astype(float)
            others = pairwise_agreement(wide["choice"].to_numpy(), wide["rating"].to_numpy()).with_others()
            found.append({name: pd.Series(values).mean() for name, values in others.items()})
    return pd.DataFrame(found).mean().to_dict() if found else None
