"""Representational similarity analysis: dissimilarities within each system, compared between systems.

RDMs are kept condensed, one row each: the pairs (0, 1), (0, 2), ... as in `scipy.spatial.distance.pdist`.
`models` and `subjects` are only names for the two sides; networks can be compared with networks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.spatial.distance import pdist, squareform
from scipy.stats import kendalltau, rankdata

from kit.analysis._checks import finite_array
from kit.analysis.statistics import NoiseCeiling, Rng
from kit.analysis.statistics import noise_ceiling as ceiling_of_ranks

if TYPE_CHECKING:
    from rsatoolbox.rdm import RDMs

METRICS = ("correlation", "euclidean", "cosine")
METHODS = ("pearson", "spearman", "tau-a", "cosine", "whitened")
ROUNDING = 1e-13
BLOCK = 512


def rdm(patterns: np.ndarray, metric: str = "correlation") -> np.ndarray:
    """Representational dissimilarity matrix, condensed, in double precision.

    Parameters
    ----------
    patterns : array of shape (n_stimuli, n_features)
    metric : {"correlation", "euclidean", "cosine"}
        1 - r, the length of the difference, 1 - cosine.

    Returns
    -------
    array of shape (n_stimuli * (n_stimuli - 1) / 2,)

    Raises
    ------
    ValueError
        If a pattern is constant (correlation) or zero (cosine); the message names the row.

    References
    ----------
    Kriegeskorte, Mur & Bandettini (2008), Frontiers in Systems Neuroscience 2:4.
    """
    _one_of("metric", metric, METRICS)
    patterns = finite_array("patterns", patterns)
    if patterns.ndim != 2 or len(patterns) < 2 or patterns.shape[1] == 0:
        raise ValueError(f"patterns have shape {patterns.shape}: expected (n_stimuli >= 2, n_features)")
    if metric == "euclidean":
        return pdist(patterns)  # differences first: |x|^2 + |y|^2 - 2 x.y would lose near-duplicates
    units = _unit_rows("patterns: row", patterns, centred=metric == "correlation")
    similarity = squareform(units @ units.T, checks=False)  # numpy computes half of a product with itself
    return np.subtract(1, similarity, out=similarity)


def crossnobis(patterns: np.ndarray, precision: np.ndarray | None = None) -> np.ndarray:
    """Cross-validated squared Mahalanobis distances, unbiased by noise, condensed.

    d_ij = mean over pairs of different runs k, l of (x_i - x_j)_k' P (x_i - x_j)_l / n_features. Where
    two stimuli do not differ the expectation is 0, so negative values are real and are not clipped.

    Parameters
    ----------
    patterns : array of shape (n_runs, n_stimuli, n_features)
        Independent measurements of the same stimuli.
    precision : array of shape (n_features, n_features), optional
        P, the inverse of the noise covariance; the identity by default.

    Returns
    -------
    array of shape (n_stimuli * (n_stimuli - 1) / 2,)

    References
    ----------
    Walther et al. (2016), NeuroImage 137:188-200.
    """
    patterns = finite_array("patterns", patterns)
    if patterns.ndim != 3 or len(patterns) < 2:
        raise ValueError(
            f"patterns have shape {patterns.shape}: expected (n_runs >= 2, n_stimuli, n_features), "
            "for without a second run nothing can be cross-validated"
        )
    n_runs, n_stimuli, n_features = patterns.shape
    metric = np.eye(n_features) if precision is None else finite_array("precision", precision)
    if metric.shape != (n_features, n_features):
        raise ValueError(f"precision has shape {metric.shape}: expected {(n_features, n_features)}")
    total = patterns.sum(axis=0)
    kernel = total @ metric @ total.T - sum(run @ metric @ run.T for run in patterns)
    i, j = np.triu_indices(n_stimuli, 1)
    own = np.diag(kernel)
    return (own[i] + own[j] - kernel[i, j] - kernel[j, i]) / (n_runs * (n_runs - 1) * n_features)


def compare(models: np.ndarray, subjects: np.ndarray, method: str = "pearson") -> np.ndarray:
    """Similarity of every model RDM with every subject RDM.

    Parameters
    ----------
    models : array of shape (n_pairs,) or (n_models, n_pairs)
    subjects : array of shape (n_pairs,) or (n_subjects, n_pairs)
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
        If the RDMs are of different stimuli, not condensed, not finite, or constant where the method
        needs variance.

    References
    ----------
    Nili et al. (2014), PLoS Computational Biology 10(4):e1003553; Diedrichsen et al. (2021), Neurons,
    Behavior, Data Analysis, and Theory 5(3).
    """
    _one_of("method", method, METHODS)
    flat = np.ndim(models) == np.ndim(subjects) == 1
    models, subjects = _same_stimuli(models, subjects)
    if method == "tau-a":
        scores = np.array([[_tau_a(model, subject) for subject in subjects] for model in models])
    else:
        scores = _units("models", models, method) @ _units("subjects", subjects, method).T
    return scores[0, 0] if flat else scores


def noise_ceiling(subjects: np.ndarray, method: str = "pearson") -> NoiseCeiling:
    """What the best possible model could score, given how much the subjects' RDMs differ.

    Lower: each subject against the pooled others, which a model can reach; upper: against the pool of
    all, which no model can exceed on average (with tau-a: nearly so). RDMs are pooled in the form in which
    `method` compares them: standardised, ranked, or scaled to unit length.

    Parameters
    ----------
    subjects : array of shape (n_subjects, n_pairs)
    method : as in `compare`

    Returns
    -------
    NoiseCeiling
        `lower` and `upper` have shape (n_subjects,).

    References
    ----------
    Nili et al. (2014), PLoS Computational Biology 10(4):e1003553.
    """
    _one_of("method", method, METHODS)
    subjects = _condensed("subjects", subjects)
    if len(subjects) < 2:
        raise ValueError("a noise ceiling needs the RDMs of at least 2 subjects")
    units = _units("subjects", subjects, method)
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


def draw_stimuli(n_stimuli: int, n_samples: int = 1000, rng: Rng = 0) -> np.ndarray:
    """How often each stimulus is drawn in each bootstrap sample, with replacement.

    Samples of fewer than three different stimuli are drawn anew: they hold no two different pairs.

    Returns
    -------
    int array of shape (n_samples, n_stimuli)
    """
    if n_stimuli < 3:
        raise ValueError(f"{n_stimuli} stimuli cannot be resampled: at least 3 are needed")
    rng, chances = np.random.default_rng(rng), np.full(n_stimuli, 1 / n_stimuli)
    draws = rng.multinomial(n_stimuli, chances, n_samples)
    while (poor := (draws > 0).sum(axis=1) < 3).any():
        draws[poor] = rng.multinomial(n_stimuli, chances, poor.sum())
    return draws


def bootstrap(
    models: np.ndarray, subjects: np.ndarray, draws: np.ndarray, method: str = "pearson"
) -> Bootstrap:
    """Compare models with subjects on resampled stimuli, and the noise ceiling with them.

    A sample that holds stimulus i c_i times and j c_j times holds their pair c_i c_j times. These products
    weigh the moments of the RDMs, and one matrix product sums them for all samples. Pairs of a stimulus
    with its own copy are left out: their zeros are trivial to predict and inflate every score.

    Parameters
    ----------
    models : array of shape (n_pairs,) or (n_models, n_pairs)
    subjects : array of shape (n_pairs,) or (n_subjects, n_pairs)
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
    _one_of("method", method, ("pearson", "cosine"))
    models, subjects = _same_stimuli(models, subjects)
    draws, n = _counts(draws, models.shape[1]), len(subjects)
    units = np.vstack([_units("subjects", subjects, method), _units("models", models, method)])
    gram = _weighted_gram(units * np.sqrt(units.shape[1]), n, draws, centred=method == "pearson")
    spread = np.sqrt(np.diagonal(gram, axis1=1, axis2=2))
    similarity = gram / (spread[:, :, None] * spread[:, None, :])
    scores = similarity[:, n:, :n].mean(axis=2)
    if n == 1:
        return Bootstrap(scores, None)
    ceiling = _ceiling(similarity[:, :n, :n])
    return Bootstrap(scores, NoiseCeiling(*(bound.mean(axis=1) for bound in ceiling)))
