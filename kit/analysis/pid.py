"""Partial information decomposition (PID): what two sources share, add alone, or only tell together. In bits.

Redundancy is I_ccs, the common change in surprisal (Ince 2017, arXiv 1602.05063), or for Gaussians the minimum
mutual information (Barrett 2015, Physical Review E 91:052802). Atoms of I_ccs can be negative and are never clipped.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.optimize import linprog
from scipy.special import erf, xlogy

#: Iterative proportional fitting stops when no pairwise margin is further off than this probability.
TOLERANCE = 1e-10
#: Local information smaller than this (bits) has no sign; it exceeds what `TOLERANCE` leaves.
NO_SIGN = 1e-7
CREEPING_SWEEPS, MOST_SWEEPS = 500, 50_000


@dataclass(frozen=True)
class PID:
    """The four atoms about a target; each a number or an array with one value a decomposition."""

    redundancy: np.ndarray
    unique_a: np.ndarray
    unique_b: np.ndarray
    synergy: np.ndarray

    @classmethod
    def from_redundancy(cls, redundancy: np.ndarray, mi_a: np.ndarray, mi_b: np.ndarray, mi_ab: np.ndarray) -> PID:
        """Atoms that follow from the redundancy and the three mutual informations with the target."""
        return cls(redundancy, mi_a - redundancy, mi_b - redundancy, mi_ab - mi_a - mi_b + redundancy)


# ---------------------------------------------------------------------------------------------- discrete


def ccs_pid(histograms: np.ndarray) -> PID:
    """I_ccs decomposition of many joint histograms at once.

    With Q the table of maximum entropy among those with the pairwise margins of P, and local information
    d_a = log2 p(a, s) / (p(a) p(s)), d_b alike and d_ab on Q, the redundancy is the mean under Q of
    d_a + d_b - d_ab where these four have one sign.

    Parameters
    ----------
    histograms : array of shape (..., n_a, n_b, n_s)
        Counts or probabilities of (source A, source B, target S), any number of bins.

    Returns
    -------
    PID
        Arrays of shape (...); plug-in values, without a bias correction.

    Examples
    --------
    >>> gate = np.zeros((2, 2, 2))
    >>> gate[0, 0, 0] = gate[0, 1, 0] = gate[1, 0, 0] = gate[1, 1, 1] = 1      # S = A and B
    >>> float(ccs_pid(gate).redundancy.round(4))
    0.1038

    References
    ----------
    Ince (2017), Entropy 19:318, arXiv 1602.05063, sections 4.3 and 5.
    """
    table = _probabilities(histograms)
    mi_a, mi_b = (_mutual_information(table.sum(axis=axis)) for axis in (-2, -3))
    mi_ab = _mutual_information(table.reshape(*table.shape[:-3], -1, table.shape[-1]))
    return PID.from_redundancy(_ccs_redundancy(maximum_entropy(table)), mi_a, mi_b, mi_ab)


def _probabilities(histograms: np.ndarray) -> np.ndarray:
    table = np.asarray(histograms, dtype=float)
    if table.ndim < 3:
        raise ValueError(f"histograms need the axes (..., n_a, n_b, n_s); this has shape {table.shape}")
    if not np.isfinite(table).all() or (table < 0).any():
        raise ValueError("histograms hold negative or nan counts; build them with joint_histogram")
    total = table.sum(axis=(-3, -2, -1), keepdims=True)
    if (total == 0).any():
        raise ValueError(f"histogram {np.argmin(total.ravel())} is empty; leave it out")
    return table / total


def _mutual_information(joint: np.ndarray) -> np.ndarray:
    """Plug-in mutual information of probability tables of shape (..., n_x, n_y)."""
    return _entropy(joint.sum(-1), 1) + _entropy(joint.sum(-2), 1) - _entropy(joint, 2)


def _entropy(table: np.ndarray, n_axes: int) -> np.ndarray:
    return -xlogy(table, table).sum(axis=tuple(range(-n_axes, 0))) / np.log(2)


def _ccs_redundancy(table: np.ndarray) -> np.ndarray:
    """Mean under the maximum-entropy tables of the common change in surprisal."""
    with np.errstate(divide="ignore", invalid="ignore"):
        a_s = _local(table.sum(axis=-2), -2, -1)[..., :, None, :]
        b_s = _local(table.sum(axis=-3), -2, -1)[..., None, :, :]
        ab_s = np.log2(table / (table.sum(-1, keepdims=True) * table.sum((-3, -2), keepdims=True)))
        common = a_s + b_s - ab_s
        terms = np.stack(np.broadcast_arrays(a_s, b_s, ab_s, common))
    one_sign = (terms > NO_SIGN).all(axis=0) | (terms < -NO_SIGN).all(axis=0)
    counted = one_sign & (table > 0)
    return np.where(counted, table * np.where(counted, common, 0), 0).sum(axis=(-3, -2, -1))


def _local(joint: np.ndarray, x_axis: int, y_axis: int) -> np.ndarray:
    return np.log2(joint / (joint.sum(y_axis, keepdims=True) * joint.sum(x_axis, keepdims=True)))


def maximum_entropy(tables: np.ndarray) -> np.ndarray:
    """Tables of maximum entropy with the pairwise margins of the given ones, by iterative proportional fitting.

    Starting from a uniform table, one sweep scales it to the three pairwise margins in turn (Deming & Stephan
    1940); it stops when every margin is within `TOLERANCE`. Where the solution has a zero that no single margin
    shows (the AND gate), the sweeps creep like 1/k: such a table starts again from the largest support its
    margins allow, found by a linear programme, and then converges geometrically.

    Parameters
    ----------
    tables : array of shape (..., n_a, n_b, n_s)
        Probabilities.

    Returns
    -------
    array of the same shape

    Warns
    -----
    RuntimeWarning
        If a table is not within the tolerance after 50,000 sweeps.
    """
    target = np.asarray(tables, dtype=float)
    shape, target = target.shape, target.reshape(-1, *target.shape[-3:])
    fitted, error = _proportional_fit(target, np.ones_like(target), CREEPING_SWEEPS)
    slow = np.flatnonzero(error > TOLERANCE)
    if len(slow):
        start = np.stack([_largest_support(table) for table in target[slow]]).astype(float)
        fitted[slow], error[slow] = _proportional_fit(target[slow], start, MOST_SWEEPS)
    if (error > TOLERANCE).any():
        warnings.warn(f"{(error > TOLERANCE).sum()} of {len(error)} maximum-entropy tables stopped with margins up "
                      f"to {error.max():.0e} off; their redundancy is approximate", RuntimeWarning, stacklevel=2)
    return fitted.reshape(shape)


def _proportional_fit(target: np.ndarray, start: np.ndarray, sweeps: int) -> tuple[np.ndarray, np.ndarray]:
    """Fit a batch; returns the tables and the largest error of a margin for each."""
    fitted, error = start.copy(), np.full(len(start), np.inf)
    active = np.arange(len(start))
    for sweep in range(1, sweeps + 1):
        current = fitted[active]
        ratios = []
        for axis in (1, 2, 3):
            current, change = _scale_to_margin(current, target[active], axis)
            ratios.append(change)
        fitted[active], error[active] = current, np.max(ratios, axis=0)
        active = active[error[active] > TOLERANCE]
        if not len(active):
            break
    return fitted, error


def _scale_to_margin(table: np.ndarray, target: np.ndarray, axis: int) -> tuple[np.ndarray, np.ndarray]:
    wanted, margin = target.sum(axis, keepdims=True), table.sum(axis, keepdims=True)
    error = np.abs(wanted - margin).max(axis=(1, 2, 3))
    return table * np.divide(wanted, margin, out=np.zeros_like(margin), where=margin > 0), error


def _largest_support(table: np.ndarray) -> np.ndarray:
    """Cells that some table with the same pairwise margins fills; boolean, of the table's shape.

    Such tables are p + K t >= 0, K the kernel of the margins. Maximise sum z with z <= scale p + K t, 0 <= z <= 1:
    as the scale is free, z is 1 on every cell that can be filled.
    """
    contrasts = [np.vstack([np.eye(size - 1), -np.ones(size - 1)]) for size in table.shape]
    kernel = np.einsum("ai,bj,sk->absijk", *contrasts).reshape(table.size, -1)
    bound = np.hstack([-kernel, -table.reshape(-1, 1), np.eye(table.size)])
    objective = np.r_[np.zeros(kernel.shape[1] + 1), -np.ones(table.size)]
    limits = [(None, None)] * kernel.shape[1] + [(0, None)] + [(0, 1)] * table.size
    solution = linprog(objective, A_ub=bound, b_ub=np.zeros(table.size), bounds=limits, method="highs")
    return (solution.x[-table.size :] > 0.5).reshape(table.shape)


# ---------------------------------------------------------------------------------------------- Gaussian


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


def gaussian_ccs(correlation: np.ndarray) -> PID:
    """I_ccs decomposition of Gaussians, accurate to 1e-5 bits.

    A Gaussian is its own maximum-entropy distribution given the pairwise margins. Writing z = L r u with L L' the
    correlation, u a direction and r^2 chi-squared with 3 degrees of freedom makes every local information linear in
    r^2: where the four have one sign is an interval of r^2, on which their mean is a chi-squared probability. What
    is left is a mean over directions, taken on a grid of the half sphere (u and -u give the same).

    Parameters
    ----------
    correlation : array of shape (..., 3, 3)
        Correlation or covariance matrices of (source A, source B, target S).

    References
    ----------
    Ince (2017), arXiv 1602.05063, section 4.3, for the measure.
    """
    matrices = _correlations(correlation)
    redundancy = np.array([_polar_redundancy(matrix) for matrix in matrices.reshape(-1, 3, 3)])
    return PID.from_redundancy(redundancy.reshape(matrices.shape[:-2]), *_gaussian_information(matrices))


def _correlations(covariance: np.ndarray) -> np.ndarray:
    covariance = np.asarray(covariance, dtype=float)
    if covariance.shape[-2:] != (3, 3):
        raise ValueError(f"correlation must have shape (..., 3, 3) for (A, B, S), not {covariance.shape}")
    spread = np.sqrt(np.diagonal(covariance, axis1=-2, axis2=-1))
    matrices = covariance / (spread[..., :, None] * spread[..., None, :])
    if not (np.linalg.eigvalsh(matrices)[..., 0] > 1e-10).all():
        raise ValueError("a correlation matrix is singular: one variable is a function of the others "
                         "(or constant), so its information is infinite; leave it out")
    return matrices


def _gaussian_information(matrices: np.ndarray) -> list[np.ndarray]:
    """I(A; S), I(B; S) and I(AB; S) in bits."""
    pair_a, pair_b = (1 - matrices[..., source, 2] ** 2 for source in (0, 1))
    joint = np.linalg.det(matrices) / (1 - matrices[..., 0, 1] ** 2)
    return [-0.5 * np.log2(left) for left in (pair_a, pair_b, joint)]


def _polar_redundancy(matrix: np.ndarray) -> float:
    """Redundancy in bits of one Gaussian."""
    offset, precision = _local_terms(matrix)
    root = np.linalg.cholesky(matrix)
    directions, weights = _half_sphere()
    along = directions @ root.T
    slope = np.stack([-0.5 * ((along @ form) * along).sum(axis=1) for form in precision])
    slope[np.abs(slope) < 1e-12] = 0
    radial = _positive_part(offset, slope) - _positive_part(-offset, -slope)
    return float(weights @ radial) / np.log(2)


def _local_terms(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Constants (4,) and quadratic forms (4, 3, 3): local information k is offset_k - z' form_k z / 2 in nats.

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
def _half_sphere(n_heights: int = 100, n_angles: int = 200) -> tuple[np.ndarray, np.ndarray]:
    """Directions (n, 3) and weights (n,): Gauss-Legendre over the height, equal steps round the axis."""
    nodes, weights = np.polynomial.legendre.leggauss(n_heights)
    height, angle = np.meshgrid((nodes + 1) / 2, 2 * np.pi * (np.arange(n_angles) + 0.5) / n_angles, indexing="ij")
    radius = np.sqrt(1 - height**2)
    directions = np.stack([radius * np.cos(angle), radius * np.sin(angle), height], axis=-1).reshape(-1, 3)
    return directions, np.repeat(weights / 2 / n_angles, n_angles)


def _positive_part(offset: np.ndarray, slope: np.ndarray) -> np.ndarray:
    """Mean over t ~ chi^2_3 of the last of the lines offset + slope t, where all are positive.

    Shapes (n_lines,) and (n_lines, n_directions); returns (n_directions,). Uses E[t; t < x] = 3 F_5(x).
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        crossing = -offset[:, None] / slope
    low = np.where(slope > 0, crossing, 0).max(axis=0).clip(0)
    high = np.where(slope < 0, crossing, np.inf).min(axis=0)
    never = (slope == 0) & (offset[:, None] <= 0)
    high = np.where(never.any(axis=0), low, np.maximum(low, high))
    (low_3, low_5), (high_3, high_5) = _chi_squared(low), _chi_squared(high)
    return offset[-1] * (high_3 - low_3) + 3 * slope[-1] * (high_5 - low_5)


def _chi_squared(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distribution functions of chi-squared with 3 and 5 degrees of freedom."""
    root = np.sqrt(x)
    density = np.sqrt(2 / np.pi) * np.exp(-x / 2)
    third = erf(root / np.sqrt(2)) - np.where(np.isinf(x), 0, root * density)
    return third, third - np.where(np.isinf(x), 0, root**3 * density / 3)
