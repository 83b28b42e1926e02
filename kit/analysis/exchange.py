"""RDMs to and from rsatoolbox, whose objects keep names beside the numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial.distance import squareform

from .dissimilarity import condensed
from .rdms import RDMs

if TYPE_CHECKING:
    from rsatoolbox.rdm import RDMs as TheirRDMs

STIMULUS, NAME = "stimulus", "name"  # descriptors of patterns and of RDMs under which names are kept


def to_rsatoolbox(
    rdms: np.ndarray | RDMs, metric: str | None = None, stimuli: dict[str, Sequence] | None = None
) -> TheirRDMs:
    """RDMs as an object of rsatoolbox (needs that package).

    Parameters
    ----------
    rdms : array of shape (n_pairs,) or (n_rdms, n_pairs), or RDMs
        Names become the descriptors "stimulus" of patterns and "name" of RDMs.
    metric : str, optional
        What the dissimilarities are; rsatoolbox only stores it. By default, what `RDMs` say.
    stimuli : dict of str to sequence of length n_stimuli, optional
        (Further) pattern descriptors such as names and categories.

    Returns
    -------
    rsatoolbox.rdm.RDMs
    """
    from rsatoolbox.rdm import RDMs as TheirRDMs

    descriptors, about = {name: list(values) for name, values in (stimuli or {}).items()}, {}
    if isinstance(rdms, RDMs):
        descriptors = {STIMULUS: list(rdms.stimuli)} | descriptors
        about, metric, rdms = {NAME: list(rdms.names)}, metric or rdms.metric or None, rdms.values
    return TheirRDMs(condensed("rdms", rdms), metric, rdm_descriptors=about, pattern_descriptors=descriptors)


def named_from_rsatoolbox(rdms: TheirRDMs, stimulus: str = STIMULUS, name: str = NAME) -> RDMs:
    """An object of rsatoolbox as RDMs that know their stimuli.

    Parameters
    ----------
    rdms : rsatoolbox.rdm.RDMs
    stimulus : str
        The pattern descriptor that holds the stimuli's names, each once.
    name : str
        The RDM descriptor that holds the names of the RDMs; without it they are numbered.

    Raises
    ------
    ValueError
        If there is no such pattern descriptor, a stimulus is there twice, or a dissimilarity is missing (nan).
    """
    if stimulus not in rdms.pattern_descriptors:
        raise ValueError(
            f"rdms have no pattern descriptor {stimulus!r}; there are {', '.join(rdms.pattern_descriptors) or 'none'}: "
            "say which holds the names, stimulus=..."
        )
    names = rdms.rdm_descriptors.get(name, ())
    return RDMs(rdms.dissimilarities, rdms.pattern_descriptors[stimulus], names, rdms.dissimilarity_measure or "")


def from_rsatoolbox(rdms: TheirRDMs, stimuli: dict[str, Sequence] | None = None) -> np.ndarray:
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
    if len({*wanted}) < len(wanted):
        raise ValueError("stimuli: one of them is there twice; each pattern is wanted once")
    wrong = [key for key in wanted if there.count(key) != 1]
    if wrong:
        found = f"{there.count(wrong[0])} times" if wrong[0] in there else "nowhere"
        raise ValueError(f"rdms: the pattern {', '.join(map(str, wrong[0]))} is there {found}, it must be there once")
    return [there.index(key) for key in wanted]
