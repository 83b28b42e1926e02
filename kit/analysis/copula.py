"""Gaussian-copula mutual information (GCMI), in bits.

Every variable is replaced by the normal scores of its ranks. This leaves the dependence (the copula)
alone and makes each margin Gaussian, so that the closed-form Gaussian mutual information is a lower bound
on the true one.

References
----------
Ince, Giordano, Kayser, Rousselet, Gross & Schyns (2017), Human Brain Mapping 38:1541.
"""

from __future__ import annotations

import numpy as np
from scipy.special import digamma, ndtri
from scipy.stats import rankdata

from ._checks import finite_array, refuse_constant

#: Squared correlations above this count as 1: the mutual information is infinite.
IDENTICAL = 1 - 1e-10


def as_columns(values: np.ndarray, name: str) -> np.ndarray:
    """Float array (n_trials, n_columns), refused if an entry is not finite or a column is constant.

    Values have shape (n_trials,) or (n_trials, n_columns).
    """
    columns = finite_array(name, values)
    if columns.ndim not in (1, 2) or columns.size == 0:
        raise ValueError(f"{name} has shape {columns.shape}: expected (n_trials,) or (n_trials, n_columns)")
    columns = columns.reshape(len(columns), -1)
    refuse_constant(name, columns)
    return columns


def check_lengths(**variables: np.ndarray) -> int:
    """Common number of trials of the named arrays, (n_trials, ...) each; `ValueError` if they differ."""
    lengths = {name: len(values) for name, values in variables.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError(
            "one row per trial in every variable, but " + ", ".join(f"{k} has {v}" for k, v in lengths.items())
        )
    return next(iter(lengths.values()))


def copula_normalize(values: np.ndarray, name: str = "values") -> np.ndarray:
    """Normal scores of the ranks of each column: Phi^-1(r / (n + 1)).

    Tied values share their average rank, so the scores follow the values whatever the order of the
    trials. With ordinal ranks (the usual recipe) six-level ratings give a different answer when the
    trials are sorted.

    Parameters
    ----------
    values : array of shape (n_trials,) or (n_trials, n_columns)
    name : str
        What the error messages call the values.

    Returns
    -------
    array of the same shape

    References
    ----------
    Ince et al. (2017), Human Brain Mapping 38:1541, section "Gaussian-copula mutual information".
    """
    columns = as_columns(values, name)
    return normal_scores(np.ascontiguousarray(columns.T)).T.reshape(np.shape(values))


def normal_scores(rows: np.ndarray) -> np.ndarray:
    """Normal scores along the last axis of an array of shape (n_variables, n_trials), checked beforehand.

    Rows without ties read their scores from one table, which saves ranking and inverting every element.
    """
    n_trials = rows.shape[1]
    order = np.argsort(rows, axis=1)
    ordered = np.take_along_axis(rows, order, axis=1)
    scores = np.empty(rows.shape)
    np.put_along_axis(scores, order, ndtri(np.arange(1, n_trials + 1) / (n_trials + 1))[None], axis=1)
    tied = (ordered[:, 1:] == ordered[:, :-1]).any(axis=1)
    if tied.any():
        scores[tied] = ndtri(rankdata(rows[tied], axis=1) / (n_trials + 1))
    return scores


def entropy_bias(n_trials: int, n_dims: int) -> float:
    """Expected error, in bits, of the entropy of a Gaussian whose covariance is estimated from the trials.

    For a Wishart matrix E log|S| - log|C| = sum_i psi((n - i) / 2) + d log(2 / (n - 1)), i = 1 ... d.

    References
    ----------
    Misra, Singh & Demchuk (2005), Journal of Multivariate Analysis 92:324; Ince et al. (2017).
    """
    degrees = (n_trials - np.arange(1, n_dims + 1)) / 2
    return float((digamma(degrees).sum() + n_dims * np.log(2 / (n_trials - 1))) / (2 * np.log(2)))


def mi_bias(n_trials: int, x_dims: int, y_dims: int) -> float:
    """Bias in bits of the plug-in Gaussian mutual information of x_dims and y_dims dimensions."""
    return entropy_bias(n_trials, x_dims) + entropy_bias(n_trials, y_dims) - entropy_bias(n_trials, x_dims + y_dims)


def gaussian_mi(x: np.ndarray, y: np.ndarray, bias_correct: bool = True) -> float:
    """Mutual information of Gaussians, -1/2 sum_i log2(1 - r_i^2) over canonical correlations r_i.

    Parameters
    ----------
    x, y : arrays of shape (n_trials,) or (n_trials, n_dims)
    bias_correct : bool
        Subtract the digamma bias (see `entropy_bias`); the result can then be slightly negative.

    Returns
    -------
    float
        Bits. For one dimension each and no correction, -1/2 log2(1 - r^2) of their Pearson correlation r.

    Raises
    ------
    ValueError
        If one variable determines a dimension of the other (infinite information), dimensions are collinear,
        values are nan or constant, or trials are too few.
    """
    x, y = as_columns(x, "x"), as_columns(y, "y")
    n_trials = check_lengths(x=x, y=y)
    _check_enough(n_trials, x.shape[1] + y.shape[1])
    bits = _canonical_bits(_orthonormal(x, "x"), _orthonormal(y, "y"))
    return bits - mi_bias(n_trials, x.shape[1], y.shape[1]) * bias_correct


def gcmi(x: np.ndarray, y: np.ndarray, bias_correct: bool = True) -> float:
    """Gaussian-copula mutual information of two continuous variables, in bits.

    Parameters
    ----------
    x, y : arrays of shape (n_trials,) or (n_trials, n_dims)
    bias_correct : bool

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> x = rng.standard_normal(10_000)
    >>> y = 0.6 * x + 0.8 * rng.standard_normal(10_000)    # r = .6, so .322 bits
    >>> round(gcmi(np.exp(x), y), 1)
    0.3
    """
    return gaussian_mi(copula_normalize(x, "x"), copula_normalize(y, "y"), bias_correct)


def gcmi_discrete(x: np.ndarray, labels: np.ndarray, bias_correct: bool = True) -> float:
    """Gaussian-copula mutual information of a continuous variable and a discrete one, in bits.

    I(X; Y) = H(X) - sum_y p(y) H(X | Y = y), every entropy that of a Gaussian fitted to the normal
    scores. The right choice for ratings with few levels.

    Parameters
    ----------
    x : array of shape (n_trials,) or (n_trials, n_dims)
    labels : array of shape (n_trials,)
    bias_correct : bool
    """
    scores = copula_normalize(as_columns(x, "x"), "x")
    check_lengths(x=scores, labels=labels)
    levels, codes = np.unique(np.asarray(labels), return_inverse=True)
    if len(levels) < 2:
        raise ValueError("labels have a single level; the mutual information needs at least two")
    groups = [scores[codes == code] for code in range(len(levels))]
    conditional = [
        len(group) * _gaussian_entropy(group, f"level {level}", bias_correct)
        for level, group in zip(levels, groups, strict=True)
    ]
    return _gaussian_entropy(scores, "x", bias_correct) - sum(conditional) / len(scores)


def gcmi_conditional(x: np.ndarray, y: np.ndarray, z: np.ndarray, bias_correct: bool = True) -> float:
    """Gaussian-copula mutual information I(X; Y | Z) of continuous variables, in bits.

    What z explains linearly is removed from the normal scores of x and y; what is left is a mutual
    information of Gaussians.

    Parameters
    ----------
    x, y, z : arrays of shape (n_trials,) or (n_trials, n_dims)
    bias_correct : bool
    """
    x, y, z = (copula_normalize(as_columns(v, name), name) for v, name in ((x, "x"), (y, "y"), (z, "z")))
    n_trials = check_lengths(x=x, y=y, z=z)
    dx, dy, dz = x.shape[1], y.shape[1], z.shape[1]
    _check_enough(n_trials, dx + dy + dz)
    known = _orthonormal(z, "z")
    left = [_orthonormal(v, name, known) for v, name in ((x, "x given z"), (y, "y given z"))]
    bias = mi_bias(n_trials, dx + dz, dy) - mi_bias(n_trials, dz, dy)
    return _canonical_bits(*left) - bias * bias_correct


def _check_enough(n_trials: int, n_dims: int) -> None:
    if n_trials < n_dims + 2:
        raise ValueError(f"{n_trials} trials are too few for {n_dims} dimensions; at least {n_dims + 2} are needed")


def _orthonormal(columns: np.ndarray, name: str, known: np.ndarray | None = None) -> np.ndarray:
    """Orthonormal basis of the centred columns, after projecting out the basis `known`."""
    centred = columns - columns.mean(axis=0)
    spread = np.linalg.norm(centred, axis=0)
    if known is not None:
        centred = centred - known @ (known.T @ centred)
    basis, triangle = np.linalg.qr(centred)
    if (np.abs(np.diag(triangle)) ** 2 < (1 - IDENTICAL) * spread**2).any():
        raise ValueError(f"{name}: one dimension is a linear combination of the others; drop it")
    return basis


def _canonical_bits(x_basis: np.ndarray, y_basis: np.ndarray) -> float:
    squared = np.linalg.svd(x_basis.T @ y_basis, compute_uv=False) ** 2
    return float(bits_of(squared, "x and y").sum())


def bits_of(squared_correlation: np.ndarray, what: str) -> np.ndarray:
    """-1/2 log2(1 - r^2) of squared correlations r^2 of any shape, refused where one is 1."""
    if (np.asarray(squared_correlation) > IDENTICAL).any():
        raise ValueError(
            f"{what} determine each other: the mutual information is infinite; "
            "check that the same variable was not passed twice"
        )
    return -0.5 * np.log2(1 - squared_correlation)


def _gaussian_entropy(columns: np.ndarray, name: str, bias_correct: bool) -> float:
    """Entropy in bits up to the constant d/2 log2(2 pi e), which cancels in differences."""
    n_trials, n_dims = columns.shape
    if n_trials < n_dims + 2:
        raise ValueError(f"{name} has {n_trials} trials; a Gaussian of {n_dims} dimensions needs {n_dims + 2}")
    sign, log_det = np.linalg.slogdet(np.atleast_2d(np.cov(columns, rowvar=False)))
    if sign <= 0 or log_det < n_dims * np.log(1 - IDENTICAL):
        raise ValueError(f"{name}: x is constant or collinear there, so the mutual information is infinite")
    return 0.5 * log_det / np.log(2) - entropy_bias(n_trials, n_dims) * bias_correct
