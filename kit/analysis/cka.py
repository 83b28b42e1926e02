"""Centred kernel alignment: how alike two sets of patterns are, up to rotation and scale."""

from __future__ import annotations

import numpy as np

from ._checks import finite_array

ROUNDING = 1e-12
"""Share of the squared total variance below which the HSIC of patterns with themselves is 0."""


def cka(x: np.ndarray, y: np.ndarray, debiased: bool = True) -> float:
    """Linear centred kernel alignment of two systems' patterns for the same stimuli.

    CKA = HSIC(x, y) / sqrt(HSIC(x, x) HSIC(y, y)), with HSIC the product of the centred kernels x x'
    and y y'. Each stimulus is alike to itself in both kernels: with few stimuli and many features this
    alone takes CKA near 1, .91 for pure noise of 50 stimuli and 500 features. The debiased form leaves
    the diagonals out; it averages 0 for unrelated systems, so it can be negative, and it is not clipped.

    Parameters
    ----------
    x : array of shape (n_stimuli, n_features_x)
    y : array of shape (n_stimuli, n_features_y)
    debiased : bool
        False gives the form that most papers report, for comparison with them.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If the stimuli differ in number or are fewer than 4, an entry is not finite, or the patterns of one
        system do not differ from each other, or all differ equally (debiased).

    References
    ----------
    Kornblith et al. (2019), ICML; Song et al. (2012), Journal of Machine Learning Research 13:1393, for
    the unbiased HSIC; Murphy, Zylberberg & Fyshe (2024), arXiv 2405.01012.
    """
    x, y = _patterns("x", x), _patterns("y", y)
    if len(x) != len(y):
        raise ValueError(f"x has {len(x)} stimuli and y {len(y)}: pass one row a stimulus, in the same order in both")
    own = [_own_hsic(name, values, debiased) for name, values in (("x", x), ("y", y))]
    return float(_hsic(x, y, debiased) / np.sqrt(own[0] * own[1]))


def _hsic(x: np.ndarray, y: np.ndarray, debiased: bool) -> float:
    """Product of the centred kernels, of centred patterns, up to a factor that depends on n alone.

    With k_i and l_i the diagonals of the kernels, whose other entries in row i sum to -k_i and -l_i, the
    unbiased form of Song et al. is
    |x'y|^2 - n / (n - 2) sum k_i l_i + sum k_i sum l_i / ((n - 1) (n - 2)).
    """
    n, p, q = len(x), x.shape[1], y.shape[1]
    # |x'y|^2 is also the sum of the products of the kernels' entries; take the form that costs less.
    product = np.sum((x.T @ y) ** 2) if p * q < n * (p + q) else np.sum((x @ x.T) * (y @ y.T))
    if not debiased:
        return product
    k, l_ = _diagonal(x), _diagonal(y)
    return product - n / (n - 2) * (k @ l_) + k.sum() * l_.sum() / ((n - 1) * (n - 2))


def _own_hsic(name: str, x: np.ndarray, debiased: bool) -> float:
    own = _hsic(x, x, debiased)
    if own <= ROUNDING * _diagonal(x).sum() ** 2:
        raise ValueError(
            f"{name}: the patterns are all the same or all differ equally, so there is nothing to align: "
            "look for a dead layer, or for a one-hot code of the stimuli"
        )
    return own


def _diagonal(x: np.ndarray) -> np.ndarray:
    """Diagonal (n_stimuli,) of the kernel x x'."""
    return np.einsum("ij,ij->i", x, x)


def _patterns(name: str, values: np.ndarray) -> np.ndarray:
    """Checked patterns (n_stimuli, n_features), each feature centred."""
    values = finite_array(name, values)
    if values.ndim != 2 or len(values) < 4 or values.shape[1] == 0:
        raise ValueError(f"{name} has shape {values.shape}: expected (n_stimuli >= 4, n_features)")
    centred = values - values.mean(axis=0)
    # A constant feature may keep a rounding error of its mean, which must not pass for a pattern.
    centred[:, np.ptp(values, axis=0) == 0] = 0
    return centred
