"""Partial information decomposition of Gaussians, one dimension a source and the target, in bits.

References
----------
Barrett (2015), Physical Review E 91:052802 (minimum mutual information); Ince (2017), arXiv 1602.05063
(I_ccs).
"""

from __future__ import annotations

from functools import cache

import numpy as np
from scipy.special import erf
from tqdm.auto import tqdm

from kit import blas

from ._checks import finite_array
from .pid import PID


def gaussian_mmi(correlation: np.ndarray) -> PID:
    """Minimum-mutual-information decomposition of Gaussians: redundancy = min(I(A; S), I(B; S)).

    Parameters
    ----------
    correlation : array of shape (..., 3, 3)
        Correlation or covariance matrices of (source A, source B, target S).

    References
    ----------
    Barrett (2015), Physical Review E 91:052802.
    """
    mi = _gaussian_information(_correlations(correlation))
    return PID.from_redundancy(np.minimum(mi[0], mi[1]), *mi)


@blas.one_thread()
def gaussian_ccs(correlation: np.ndarray) -> PID:
    """I_ccs decomposition of Gaussians, accurate to 1e-5 bits.

    A Gaussian is its own maximum-entropy distribution given the pairwise margins. Writing z = L r u with
    L L' the correlation, u a direction and r^2 chi-squared with 3 degrees of freedom makes every local
    information linear in r^2: where the four have one sign is an interval of r^2, on which their mean is
    a chi-squared probability. What is left is a mean over directions, taken on a grid of the half sphere
    (u and -u give the same).

    Parameters
    ----------
    correlation : array of shape (..., 3, 3)
        Correlation or covariance matrices of (source A, source B, target S).

    References
    ----------
    Ince (2017), arXiv 1602.05063, section 4.3, for the measure.
    """
    matrices = _correlations(correlation)
    bar = tqdm(matrices.reshape(-1, 3, 3), desc="Gaussian I_ccs", delay=1, leave=False)
    redundancy = np.array([_polar_redundancy(matrix) for matrix in bar])
    return PID.from_redundancy(redundancy.reshape(matrices.shape[:-2]), *_gaussian_information(matrices))


def _correlations(covariance: np.ndarray) -> np.ndarray:
    covariance = finite_array("correlation", covariance)
    if covariance.shape[-2:] != (3, 3):
        raise ValueError(f"correlation must have shape (..., 3, 3) for (A, B, S), not {covariance.shape}")
    spread = np.sqrt(np.maximum(np.diagonal(covariance, axis1=-2, axis2=-1), np.finfo(float).tiny))
    matrices = covariance / (spread[..., :, None] * spread[..., None, :])
    singular = np.linalg.eigvalsh(matrices)[..., 0] < 1e-10
    if singular.any():
        raise ValueError(
            f"correlation matrix {np.argmax(singular.ravel())} is singular: a variable is constant or "
            "linear in the others, so its information is infinite; was one passed twice?"
        )
    return matrices


def _gaussian_information(matrices: np.ndarray) -> list[np.ndarray]:
    """I(A; S), I(B; S) and I(AB; S) in bits."""
    pair_a, pair_b = (1 - matrices[..., source, 2] ** 2 for source in (0, 1))
    joint = np.linalg.det(matrices) / (1 - matrices[..., 0, 1] ** 2)
    return [-0.5 * np.log2(left) for left in (pair_a, pair_b, joint)]


def _polar_redundancy(matrix: np.ndarray) -> float:
    """Redundancy in bits of one Gaussian."""
    offset, forms = _local_terms(matrix)
    root = np.linalg.cholesky(matrix)
    forms = root.T @ forms @ root
    axes = np.linalg.eigh(forms[2])[1][:, [0, 2, 1]]
    slope = _slopes(axes.T @ forms @ axes)
    radial = _positive_part(offset, slope) - _positive_part(-offset, -slope)
    return radial.mean() / np.log(2)


def _slopes(forms: np.ndarray) -> np.ndarray:
    """-u' form u / 2 for every form (n, 3, 3) and direction: (n, n_directions)."""
    rows, columns = np.triu_indices(3)
    twice = np.where(rows == columns, 1, 2)
    slope = (-0.5 * twice * forms[:, rows, columns]) @ _half_sphere()
    slope[np.abs(slope) < 1e-12] = 0
    return slope


def _local_terms(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Constants (4,) and forms (4, 3, 3) of local information, offset_k - z' form_k z / 2 nats.

    In the order d_a, d_b, d_ab and their coinformation d_a + d_b - d_ab.
    """
    offset, forms = [], []
    for source in ([0], [1], [0, 1]):
        both = [*source, 2]
        form = _inverse_on(matrix, both) - _inverse_on(matrix, source) - _inverse_on(matrix, [2])
        ratio = np.linalg.det(matrix[np.ix_(both, both)]) / np.linalg.det(matrix[np.ix_(source, source)])
        offset.append(-0.5 * np.log(ratio))
        forms.append(form)
    offset.append(offset[0] + offset[1] - offset[2])
    forms.append(forms[0] + forms[1] - forms[2])
    return np.where(np.abs(offset) < 1e-12, 0, offset), np.stack(forms)


def _inverse_on(matrix: np.ndarray, axes: list[int]) -> np.ndarray:
    embedded = np.zeros((3, 3))
    embedded[np.ix_(axes, axes)] = np.linalg.inv(matrix[np.ix_(axes, axes)])
    return embedded


@cache
def _half_sphere(n_heights: int = 300, n_angles: int = 150) -> np.ndarray:
    """Products x x, x y, x z, y y, y z, z z of directions on equal shares of the half sphere: (6, n).

    Each ring of equal height is turned by the golden angle, so that no kink of the integrand follows the
    grid.
    """
    ring = np.arange(n_heights)[:, None]
    height = (ring + 0.5) / n_heights
    angle = 2 * np.pi * (np.arange(n_angles) + 0.5 + ring * (np.sqrt(5) - 1) / 2) / n_angles
    radius = np.sqrt(1 - height**2)
    point = np.stack(np.broadcast_arrays(radius * np.cos(angle), radius * np.sin(angle), height))
    rows, columns = np.triu_indices(3)
    return (point[rows] * point[columns]).reshape(6, -1)


def _positive_part(offset: np.ndarray, slope: np.ndarray) -> np.ndarray:
    """Mean over t ~ chi^2_3 of the last of the lines offset + slope t, where all are positive.

    Shapes (n_lines,) and (n_lines, n_directions); returns (n_directions,). Uses E[t; t < x] = 3 F_5(x).
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        crossing = -offset[:, None] / slope
    low = np.where(slope > 0, crossing, 0).max(axis=0).clip(0)
    high = np.where(slope < 0, crossing, np.inf).min(axis=0)
    somewhere = (low < high) & ((slope != 0) | (offset[:, None] > 0)).all(axis=0)
    (low_3, low_5), (high_3, high_5) = _chi_squared(low[somewhere]), _chi_squared(high[somewhere])
    mean = np.zeros(slope.shape[1])
    mean[somewhere] = offset[-1] * (high_3 - low_3) + 3 * slope[-1, somewhere] * (high_5 - low_5)
    return mean


def _chi_squared(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distribution functions of chi-squared with 3 and 5 degrees of freedom."""
    x = np.minimum(x, 1e3)  # where both are 1 to the last bit; inf itself would make nan
    density = np.sqrt(2 / np.pi * x) * np.exp(-x / 2)
    third = erf(np.sqrt(x / 2)) - density
    return third, third - density * x / 3
