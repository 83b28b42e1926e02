"""RDMs to and from rsatoolbox, whose objects keep names beside the numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial.distance import squareform

from .dissimilarity import condensed

if TYPE_CHECKING:
    from rsatoolbox.rdm import RDMs


def to_rsatoolbox(rdms: np.ndarray, metric: str, stimuli: dict[str, Sequence] | None = None) -> RDMs:
    """RDMs as an object of rsatoolbox (needs that package).

    Parameters
    ----------
    rdms : array of shape (n_pairs,) or (n_rdms, n_pairs)
    metric : str
        What the dissimilarities are; rsatoolbox only stores it.
    stimuli : dict of str to sequence of length n_stimuli, optional
        Pattern descriptors such as names and categories.

    Returns
    -------
    rsatoolbox.rdm.RDMs
    """
    from rsatoolbox.rdm import RDMs

    descriptors = {name: list(values) for name, values in (stimuli or {}).items()}
    return RDMs(condensed("rdms", rdms), dissimilarity_measure=metric, pattern_descriptors=descriptors)


def from_rsatoolbox(rdms: RDMs, stimuli: dict[str, Sequence] | None = None) -> np.ndarray:
    """Dissimilarities (n_rdms, n_pairs) of an object of rsatoolbox.

    Parameters
    ----------
    rdms : rsatoolbox.rdm.RDMs
    stimuli : dict of str to sequence of length n_stimuli, optional
        As in `to_rsatoolbox`: pattern descriptors such as names, in the order that is wanted. By default patterns
        stay in the object's own order, which `rsatoolbox.rdm.calc_rdm(..., descriptor=...)` sorts.

    Raises
    ------
    ValueError
        If a dissimilarity is missing (nan), as in RDMs that rsatoolbox resampled or combined, or a stimulus is
        not among the patterns exactly once.
    """
    rows = condensed("rdms", rdms.dissimilarities)
    if stimuli is None:
        return rows
    order = _places(rdms.pattern_descriptors, stimuli)
    return np.stack([squareform(squareform(row)[np.ix_(order, order)], checks=False) for row in rows])


def _places(patterns: dict[str, Sequence], stimuli: dict[str, Sequence]) -> list[int]:
    """Where among the patterns each stimulus is, by all of the descriptors given."""
    missing = [name for name in stimuli if name not in patterns]
    if missing or not stimuli:
        raise ValueError(f"rdms have no pattern descriptor {(missing or [''])[0]!r}; there are {', '.join(patterns)}")
    there = list(zip(*(patterns[name] for name in stimuli)))
    wanted = list(zip(*stimuli.values(), strict=True))
    wrong = [key for key in wanted if there.count(key) != 1]
    if wrong:
        found = f"{there.count(wrong[0])} times" if wrong[0] in there else "nowhere"
        raise ValueError(f"rdms: the pattern {', '.join(map(str, wrong[0]))} is there {found}, it must be there once")
    return [there.index(key) for key in wanted]
