"""Representational similarity analysis: dissimilarities within each system, compared between systems.

`rdm` and its relatives make RDMs, `compare` scores models against subjects, `noise_ceiling` says what a
model could reach, `bootstrap` how sure all of that is, and `compare_within` whether anything is left
within categories. `models` and `subjects` only name the two sides: networks compare with networks, too.

Wherever arrays of pairs go in, `RDMs` go in too: those know the names of their stimuli, and two of them are compared
stimulus by stimulus, in whatever order each side has them.
"""

from __future__ import annotations

import warnings
from typing import NamedTuple

import numpy as np
from scipy.spatial.distance import pdist

from kit import blas

from .dissimilarity import (
    LEAST_STIMULI,
    ROUNDING,
    checked_draws,
    condensed,
    count_stimuli,
    crossnobis,
    draw_stimuli,
    one_of,
    rdm,
    same_stimuli,
    select_stimuli,
    standardised,
    undefined,
)
from .exchange import from_rsatoolbox, named_from_rsatoolbox, to_rsatoolbox
from .kendall import tau_a
from .rdms import RDMs, aligned, named_rdms
from .statistics import NoiseCeiling
from .statistics import noise_ceiling as ceiling_of_ranks

__all__ = [
    "Bootstrap", "CategoryScores", "RDMs", "bootstrap", "compare", "compare_within", "crossnobis", "draw_stimuli",
    "from_rsatoolbox", "named_from_rsatoolbox", "named_rdms", "noise_ceiling", "rdm", "select_stimuli",
    "to_rsatoolbox",
]  # fmt: skip

METHODS = ("pearson", "spearman", "tau-a", "cosine", "whitened")

LEAST_VARIANCE = 1e-12
"""Of an RDM in a sample, where 1 is its variance over all stimuli; sums of squares cannot tell less from 0."""

BLOCK = 512
"""Pairs that are weighted at once; small enough for all their weights to stay in the processor's cache."""


def compare(models: np.ndarray | RDMs, subjects: np.ndarray | RDMs, method: str = "pearson") -> np.ndarray:
    """Similarity of every model RDM with every subject RDM.

    Parameters
    ----------
    models : array of shape (n_pairs,) or (n_models, n_pairs), or RDMs
    subjects : array of shape (n_pairs,) or (n_subjects, n_pairs), or RDMs if the models are
    method : {"pearson", "spearman", "tau-a", "cosine", "whitened"}
        Tau-a = (concordant - discordant) / all pairs is right when models predict ties. "whitened" is the
        cosine of doubly centred RDMs: it allows for dissimilarities of one stimulus being correlated,
        and for squared Euclidean RDMs it equals linear CKA.

    Returns
    -------
    array of shape (n_models, n_subjects); a float if both arguments have one dimension

    Raises
    ------
    ValueError
        If the RDMs are of different stimuli, or only one side knows its stimuli; if they are not condensed, not
        finite, or constant where the method needs variance.

    References
    ----------
    Nili et al. (2014), PLoS Computational Biology 10(4):e1003553; Diedrichsen et al. (2021), Neurons,
    Behavior, Data Analysis, and Theory 5(3).
    """
    one_of("method", method, METHODS)
    models, subjects = aligned(models, subjects)
    flat = np.ndim(models) == np.ndim(subjects) == 1
    models, subjects = same_stimuli(models, subjects)
    units = standardised("models", models, method), standardised("subjects", subjects, method)
    if method == "tau-a":
        scores = np.array([[tau_a(model, subject) for subject in subjects] for model in models])
    else:
        scores = units[0] @ units[1].T
    return scores[0, 0] if flat else scores


def noise_ceiling(subjects: np.ndarray | RDMs, method: str = "pearson") -> NoiseCeiling:
    """What the best possible model could score, given how much the subjects' RDMs differ.

    Lower: each subject against the pooled others, which a model can reach; upper: against the pool of
    all, which no model can exceed on average (with tau-a: nearly so). RDMs are pooled in the form in which
    `method` compares them: standardised, ranked, or scaled to unit length.

    Parameters
    ----------
    subjects : array of shape (n_subjects, n_pairs), or RDMs
    method : as in `compare`

    Returns
    -------
    NoiseCeiling
        `lower` and `upper` have shape (n_subjects,).

    References
    ----------
    Nili et al. (2014), PLoS Computational Biology 10(4):e1003553.
    """
    one_of("method", method, METHODS)
    subjects = condensed("subjects", subjects.values if isinstance(subjects, RDMs) else subjects)
    if len(subjects) < 2:
        raise ValueError("a noise ceiling needs the RDMs of at least 2 subjects")
    units = standardised("subjects", subjects, method)
    if method in ("spearman", "tau-a"):
        return ceiling_of_ranks(subjects, lambda pooled, own: compare(pooled, own, method))
    return _ceiling(units @ units.T)


class Bootstrap(NamedTuple):
    """Scores and ceilings of resampled stimuli; standard deviations over samples are standard errors.

    Attributes
    ----------
    scores : array of shape (n_samples, n_models)
        Similarity of each model, averaged over subjects.
    ceiling : NoiseCeiling or None
        `lower` and `upper` of shape (n_samples,), averaged over subjects; None with a single subject.
    """

    scores: np.ndarray
    ceiling: NoiseCeiling | None


def bootstrap(
    models: np.ndarray | RDMs, subjects: np.ndarray | RDMs, draws: np.ndarray, method: str = "pearson"
) -> Bootstrap:
    """Compare models with subjects on resampled stimuli, and the noise ceiling with them.

    A sample that holds stimulus i c_i times and j c_j times holds their pair c_i c_j times. These products
    weigh the moments of the RDMs, and one matrix product sums them for all samples. Pairs of a stimulus
    with its own copy are left out: their zeros are trivial to predict and inflate every score.

    Parameters
    ----------
    models : array of shape (n_pairs,) or (n_models, n_pairs), or RDMs
    subjects : array of shape (n_pairs,) or (n_subjects, n_pairs), or RDMs if the models are
    draws : array of shape (n_samples, n_stimuli)
        Counts from `draw_stimuli`.
    method : {"pearson", "cosine"}

    Returns
    -------
    Bootstrap

    Raises
    ------
    ValueError
        As `compare`; or if an RDM is constant within a sample, as that of a few categories may be.

    References
    ----------
    Schütt et al. (2023), eLife 12:e82566.
    """
    one_of("method", method, ("pearson", "cosine"))
    models, subjects = same_stimuli(*aligned(models, subjects))
    draws, n = checked_draws(draws, models.shape[1]), len(subjects)
    units = np.vstack([standardised("subjects", subjects, method), standardised("models", models, method)])
    with blas.one_thread():  # on products of this size a second thread costs more than it gives
        gram = _weighted_gram(units * np.sqrt(units.shape[1]), n, draws, centred=method == "pearson")
    similarity = _similarity(gram, n)
    scores = similarity[:, n:, :n].mean(axis=2)
    if n == 1:
        return Bootstrap(scores, None)
    ceiling = _ceiling(similarity[:, :n, :n])
    return Bootstrap(scores, NoiseCeiling(*(bound.mean(axis=1) for bound in ceiling)))


class CategoryScores(NamedTuple):
    """How much of a similarity is left once categories no longer help.

    Attributes
    ----------
    overall : array of shape (n_models, n_subjects)
        Over all pairs.
    categories_alone : array of shape (n_subjects,)
        What a model reaches that knows nothing but who shares a category.
    within : array of shape (n_categories, n_models, n_subjects)
        Over the pairs within each category; categories are sorted, as by `np.unique`. nan for models that do not
        vary within a category, as those do not that know nothing but categories.
    """

    overall: np.ndarray
    categories_alone: np.ndarray
    within: np.ndarray


def compare_within(
    models: np.ndarray | RDMs, subjects: np.ndarray | RDMs, categories: np.ndarray, method: str = "pearson"
) -> CategoryScores:
    """Compare RDMs over all pairs and within each category of stimuli.

    Same-sex pairs look alike to people and to networks, so sex alone can carry a similarity of RDMs:
    always report it within category as well. Models that are constant within a category have no score
    there; a warning names their rows.

    Parameters
    ----------
    models : array of shape (n_pairs,) or (n_models, n_pairs), or RDMs
    subjects : array of shape (n_pairs,) or (n_subjects, n_pairs), or RDMs if the models are
    categories : array of shape (n_stimuli,)
        Names or numbers, in the models' order of stimuli; at least two categories, of at least three stimuli each.
    method : as in `compare`

    Returns
    -------
    CategoryScores
    """
    models, subjects = same_stimuli(*aligned(models, subjects))
    categories = np.asarray(categories)
    n_stimuli = count_stimuli("models", models.shape[1])
    if categories.shape != (n_stimuli,):
        raise ValueError(f"categories have shape {categories.shape}, but the RDMs are of {n_stimuli} stimuli")
    names, codes, counts = np.unique(categories, return_inverse=True, return_counts=True)
    if len(names) < 2 or counts.min() < LEAST_STIMULI:
        raise ValueError(
            f"categories hold {dict(zip(names.tolist(), counts.tolist()))} stimuli: "
            f"expected at least 2 categories of at least {LEAST_STIMULI}; merge the small ones or leave them out"
        )
    alone = compare(pdist(codes[:, None], "hamming"), subjects, method)[0]
    parts = [[select_stimuli(side, codes == code) for side in (models, subjects)] for code in range(len(names))]
    within = np.full((len(names), len(models), len(subjects)), np.nan)
    for scores, (own, theirs), name in zip(within, parts, names):
        flat = undefined(own, method)
        if flat.any():
            warnings.warn(
                f"models: rows {np.flatnonzero(flat).tolist()} do not vary within {name!s}, so that they have no "
                "score there (nan), as models of categories have none",
                stacklevel=2,
            )
        if not flat.all():
            scores[~flat] = compare(own[~flat], theirs, method)
    return CategoryScores(compare(models, subjects, method), alone, within)


def _weighted_gram(units: np.ndarray, n_subjects: int, draws: np.ndarray, centred: bool) -> np.ndarray:
    """Second moments (n_samples, n_rdms, n_rdms) of RDMs under each sample's weights, but for model x model."""
    rows = np.vstack([np.ones(units.shape[1]), units])
    a, b = np.triu_indices(len(rows))
    needed = (a <= n_subjects) | (a == b)
    a, b = a[needed], b[needed]
    i, j = np.triu_indices(draws.shape[1], 1)
    counts = np.ascontiguousarray(draws.T)
    sums = np.zeros((len(a), len(draws)))
    for first in range(0, len(i), BLOCK):
        part = slice(first, first + BLOCK)
        sums += (rows[a, part] * rows[b, part]) @ (counts[i[part]] * counts[j[part]])
    moments = np.zeros((len(draws), len(rows), len(rows)))
    moments[:, a, b] = moments[:, b, a] = (sums / sums[0]).T
    gram, mean = moments[:, 1:, 1:], moments[:, 0, 1:]
    return gram - mean[:, :, None] * mean[:, None, :] if centred else gram


def _similarity(gram: np.ndarray, n_subjects: int) -> np.ndarray:
    """Moments (n_samples, n_rdms, n_rdms) divided by the spreads of both RDMs, which must not vanish."""
    variance = np.diagonal(gram, axis1=1, axis2=2)
    flat = np.argwhere(variance < LEAST_VARIANCE)
    if len(flat):
        sample, row = flat[0]
        name = f"subjects: row {row}" if row < n_subjects else f"models: row {row - n_subjects}"
        raise ValueError(
            f"{name} is constant on the stimuli of sample {sample} ({len(flat)} such cases): "
            "use more stimuli, or leave such samples out of draws"
        )
    spread = np.sqrt(variance)
    return gram / (spread[:, :, None] * spread[:, None, :])


def _ceiling(similarity: np.ndarray) -> NoiseCeiling:
    """Bounds (..., n_subjects) from the subjects' similarities (..., n_subjects, n_subjects).

    With u_s the standardised RDM of subject s and t the sum of all, u_s . t is a row sum, t . t the total,
    and every product with t or t - u_s follows from these.
    """
    row = similarity.sum(axis=-1)
    total = row.sum(axis=-1, keepdims=True)
    others = total - 2 * row + 1
    if min(total.min(), others.min()) < ROUNDING:
        raise ValueError("subjects: their RDMs cancel out when pooled, which leaves no noise ceiling")
    return NoiseCeiling((row - 1) / np.sqrt(others), row / np.sqrt(total))
