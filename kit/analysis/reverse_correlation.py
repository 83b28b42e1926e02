"""Reverse correlation: which places of a face move with the ratings, and which way.

Every vertex coordinate, texel or component is regressed on the rating (Huber's robust regression), or its
information about the rating is measured (Gaussian copula). Both maps are corrected for the number of
places by the maximum over shuffled ratings.

References
----------
Daube et al. (2021), Patterns 2(10):100348; Huber (1981), Robust Statistics, chapter 7.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.ndimage import gaussian_filter1d

from kit import blas

from ._blocks import check_trials, feature_rows, place_name, unit_targets
from ._checks import finite_array
from .information_map import information_map, information_of_scores, normalized_places
from .nulls import MaxStatistic

__all__ = [
    "RobustFit",
    "frequency_bands",
    "information_map",
    "information_of_scores",
    "inward_outward",
    "linear_map",
    "normalized_places",
    "robust_map",
    "robust_regression",
]

#: Residuals beyond this many standard deviations pull with constant force: 95 % efficient on Gaussian data.
HUBER = 1.345
#: Median absolute deviation of a Gaussian with standard deviation 1.
MAD = 0.6744897501960817
#: Regression stops when no coefficient moves by more than this many residual standard deviations.
TOLERANCE, MOST_STEPS = 1e-8, 200
#: A robust scale below this share of the standard deviation is on its way to 0.
NO_SCALE = 1e-7


@dataclass(frozen=True)
class RobustFit:
    """Robust lines feature = intercept + slope * rating, one a feature.

    Attributes
    ----------
    intercept, slope, scale : arrays of the features' shape (...)
        `scale` is the robust standard deviation of the residuals.
    """

    intercept: np.ndarray
    slope: np.ndarray
    scale: np.ndarray

    def template(self, alpha: float | np.ndarray) -> np.ndarray:
        """Features expected at rating alpha, b0 + alpha b1; beyond the scale they are amplified.

        Returns an array of shape (...), or (n_alpha, ...) for an array of alphas.
        """
        return self.intercept + np.multiply.outer(alpha, self.slope)


@blas.one_thread()
def robust_regression(features: np.ndarray, ratings: np.ndarray) -> RobustFit:
    """Huber regression of every feature on the ratings.

    Solves sum_t psi(residual_t / s) (1, rating_t) = 0 with psi(u) = u clipped to +-1.345 and s the median
    absolute residual / .6745, by steps b += pinv(X) (clipped residual): a fixed matrix for all features.

    Parameters
    ----------
    features : array of shape (n_trials, ...)
        Vertex coordinates, texels or components.
    ratings : array of shape (n_trials,)

    Raises
    ------
    ValueError
        If a feature or the ratings are constant or not finite, or more than half of the residuals of a
        feature are zero (it has no robust scale); the message names it.

    References
    ----------
    Huber (1981), Robust Statistics, section 7.8, "modified residuals".
    """
    features, ratings = np.asarray(features), check_trials(features, ratings)
    centre, spread = ratings.mean(), ratings.std()
    design = np.column_stack([np.ones(len(ratings)), (ratings - centre) / spread])
    lines, scales = [], []
    for rows, first in feature_rows(features, "robust regression"):
        line, scale = _huber(rows, design, features, first)
        lines.append(line)
        scales.append(scale)
    level, slope = np.concatenate(lines).T
    level, slope, scale = (x.reshape(features.shape[1:]) for x in (level, slope, np.concatenate(scales)))
    return RobustFit(level - slope * centre / spread, slope / spread, scale)


def _huber(rows: np.ndarray, design: np.ndarray, features: np.ndarray, first: int) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients (n_rows, n_regressors) and scales (n_rows,) of every row (n_rows, n_trials)."""
    solve = np.linalg.pinv(design).T
    coefficients, scales, spread = rows @ solve, np.empty(len(rows)), rows.std(axis=1)
    active = np.arange(len(rows))
    for _ in range(MOST_STEPS):
        residual = rows[active] - coefficients[active] @ design.T
        scale = scales[active] = _scale(residual)
        if (scale < NO_SCALE * spread[active]).any():
            place = place_name(features, first + active[np.argmin(scale / spread[active])])
            raise ValueError(f"{place}: more than half of its residuals are 0, so it has no robust scale: drop it")
        step = _clipped(residual, scale) @ solve
        coefficients[active] += step
        active = active[(np.abs(step) > TOLERANCE * scale[:, None]).any(axis=1)]
        if not len(active):
            return coefficients, scales
    place = place_name(features, first + active[0])
    raise RuntimeError(f"{place}: robust regression did not settle in {MOST_STEPS} steps; look for outliers in it")


def _clipped(residual: np.ndarray, scale: np.ndarray) -> np.ndarray:
    limit = HUBER * scale[:, None]
    return np.clip(residual, -limit, limit)


def _scale(residual: np.ndarray) -> np.ndarray:
    """Median absolute residual of each row as a standard deviation.

    Partition at one place is vectorised in numpy; at two places, as in `np.median`, it is 8 times slower.
    """
    size, middle = np.abs(residual), residual.shape[1] // 2
    size.partition(middle, axis=1)
    upper = size[:, middle]
    lower = upper if residual.shape[1] % 2 else size[:, :middle].max(axis=1)
    return (lower + upper) / 2 / MAD


@blas.one_thread()
def robust_map(features: np.ndarray, ratings: np.ndarray, shuffled: np.ndarray) -> MaxStatistic:
    """Which features move with the ratings, robustly and corrected for their number.

    The statistic is the score test of the slope in Huber regression, |r| sqrt(n - 1) with r the
    correlation of the ratings with the features' clipped deviations from their robust centre. These do
    not depend on the ratings: they are computed once, and one matrix product serves every shuffle.

    Parameters
    ----------
    features : array of shape (n_trials, ...)
    ratings : array of shape (n_trials,)
    shuffled : array of shape (n_trials, n_shuffles)
        From `nulls.permutations` or `statistics.circular_shifts`.

    Returns
    -------
    MaxStatistic
        `observed` has shape (...); signs are those of `robust_regression(...).slope`.

    References
    ----------
    Markatou & Hettmansperger (1990), Journal of the American Statistical Association 85:187.
    """
    features, targets = np.asarray(features), unit_targets(features, ratings, shuffled)
    centre = np.ones((len(features), 1))
    observed, null = [], np.zeros(targets.shape[1] - 1)
    for rows, first in feature_rows(features, "robust map"):
        middle, scale = _huber(rows, centre, features, first)
        clipped = _clipped(rows - middle, scale)
        clipped -= clipped.mean(axis=1, keepdims=True)
        scores = np.abs(clipped @ targets) / np.linalg.norm(clipped, axis=1, keepdims=True)
        observed.append(scores[:, 0])
        null = np.maximum(null, scores[:, 1:].max(axis=0))
    root = np.sqrt(len(features) - 1)
    return MaxStatistic(root * np.concatenate(observed).reshape(features.shape[1:]), root * null)


@blas.one_thread()
def linear_map(coefficients: np.ndarray, basis: np.ndarray, ratings: np.ndarray, shuffled: np.ndarray) -> MaxStatistic:
    """Which places of a face move with the ratings, where every place is a sum of a few coefficients.

    The statistic is that of `robust_map` without its robustness, |r| sqrt(n - 1). As places follow from
    coefficients, so do their correlations, and thousands of places cost no more than the few coefficients: fast
    enough to be drawn again while answers come in.

    Parameters
    ----------
    coefficients : array of shape (n_trials, k)
    basis : array of shape (k, n_places)
        What each coefficient adds to each place.
    ratings : array of shape (n_trials,)
    shuffled : array of shape (n_trials, n_shuffles)

    Returns
    -------
    MaxStatistic
        `observed` has shape (n_places,); it is 0 where nothing moves.
    """
    coefficients, basis = finite_array("coefficients", coefficients), finite_array("basis", basis)
    targets = unit_targets(coefficients, ratings, shuffled)
    centred = coefficients - coefficients.mean(axis=0)
    variance = np.einsum("kp,kl,lp->p", basis, centred.T @ centred, basis, optimize=True)
    moves = variance > 1e-12 * variance.max()
    scale = np.where(moves, np.sqrt(np.where(moves, variance, 1)), np.inf)
    size = np.abs(basis.T @ (centred.T @ targets)) / scale[:, None] * np.sqrt(len(coefficients) - 1)
    return MaxStatistic(size[:, 0], size[:, 1:].max(axis=0))


def inward_outward(template: np.ndarray, average: np.ndarray, normals: np.ndarray) -> np.ndarray:
    """How far a face lies outside (positive) or inside (negative) the average, along its surface normals.

    Parameters
    ----------
    template : array of shape (..., n_vertices, 3)
        Vertex positions, for instance `RobustFit.template(alpha)`.
    average : array of shape (n_vertices, 3)
        The category average.
    normals : array of shape (n_vertices, 3)
        Outward unit normals of the average; 0 where a vertex belongs to no triangle, whose map is 0.

    Returns
    -------
    array of shape (..., n_vertices)
        normal . (template - average)
    """
    template, average, normals = (np.asarray(x, dtype=float) for x in (template, average, normals))
    if template.shape[-2:] != average.shape or normals.shape != average.shape or average.shape[-1] != 3:
        raise ValueError(
            f"template {template.shape}, average {average.shape} and normals {normals.shape} must "
            "end in the same (n_vertices, 3)"
        )
    length = np.linalg.norm(normals, axis=1)
    if not np.allclose(length[length > 0], 1, atol=1e-3):
        raise ValueError("normals must have length 1: divide them by their norms")
    return np.einsum("...vx,vx->...v", template - average, normals)


def frequency_bands(texture: np.ndarray, n_bands: int = 5) -> np.ndarray:
    """Spatial-frequency bands of textures, an octave each, that sum back to the texture.

    Differences of Gaussians: with G_k the texture blurred by sigma = 2^(k-1) texels (G_0 the texture
    itself), band k is G_k - G_(k+1), from fine to coarse, and the last band is what remains.

    Parameters
    ----------
    texture : array of shape (..., height, width, n_channels)
    n_bands : int

    Returns
    -------
    array of shape (n_bands, ..., height, width, n_channels)

    References
    ----------
    Burt & Adelson (1983), IEEE Transactions on Communications 31:532.
    """
    texture = finite_array("texture", texture)
    if texture.ndim < 3 or n_bands < 1 or 2 ** (n_bands - 1) > min(texture.shape[-3:-1]):
        raise ValueError(
            f"a texture of shape {texture.shape} has no {n_bands} bands: expected "
            "(..., height, width, n_channels) and at least 2^(n_bands - 1) texels a side"
        )
    blurred = [texture] + [_blur(texture, 2.0 ** (band - 1)) for band in range(1, n_bands)]
    return np.stack([*(fine - coarse for fine, coarse in pairwise(blurred)), blurred[-1]])


def _blur(texture: np.ndarray, sigma: float) -> np.ndarray:
    down = gaussian_filter1d(texture, sigma, axis=-3, mode="nearest")
    return gaussian_filter1d(down, sigma, axis=-2, mode="nearest")
