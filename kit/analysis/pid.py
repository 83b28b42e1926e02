"""Partial information decomposition (PID): what two sources share, add alone, or only tell together. In bits.

Redundancy is I_ccs, the common change in surprisal. Its atoms can be negative and are never clipped.

References
----------
Ince (2017), Entropy 19:318, arXiv 1602.05063.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog
from scipy.special import xlogy

from .proportional_fit import proportional_fit

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
        """Atoms that follow from the redundancy and the three mutual informations with the target.

        All are arrays of one shape.
        """
        return cls(redundancy, mi_a - redundancy, mi_b - redundancy, mi_ab - mi_a - mi_b + redundancy)


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
    return PID.from_redundancy(_ccs_redundancy(maximum_entropy(table)), *_informations(table))


def ccs_redundancy(histograms: np.ndarray) -> np.ndarray:
    """The redundancy of `ccs_pid` alone: (..., n_a, n_b, n_s) -> (...), in bits."""
    return _ccs_redundancy(maximum_entropy(_probabilities(histograms)))


def mmi_pid(histograms: np.ndarray) -> PID:
    """Decomposition whose redundancy is the minimum of the two informations, of many joint histograms at once.

    The most that two sources could share: it asks how much each tells, not whether they tell the same, so that
    independent sources share all that the lesser tells.

    Parameters
    ----------
    histograms : array of shape (..., n_a, n_b, n_s)

    Returns
    -------
    PID
        Arrays of shape (...); plug-in values, without a bias correction.

    References
    ----------
    Barrett (2015), Physical Review E 91:052802.
    """
    mi_a, mi_b, mi_ab = _informations(_probabilities(histograms))
    return PID.from_redundancy(np.minimum(mi_a, mi_b), mi_a, mi_b, mi_ab)


def _informations(table: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """I(A; S), I(B; S) and I(AB; S) of probability tables (..., n_a, n_b, n_s)."""
    joint = table.reshape(*table.shape[:-3], -1, table.shape[-1])
    return table_information(table.sum(axis=-2)), table_information(table.sum(axis=-3)), table_information(joint)


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


def table_information(joint: np.ndarray) -> np.ndarray:
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
        terms = np.stack(np.broadcast_arrays(a_s, b_s, ab_s, a_s + b_s - ab_s))
        weighted = table * terms[-1]
    one_sign = (terms > NO_SIGN).all(axis=0) | (terms < -NO_SIGN).all(axis=0)
    return np.sum(weighted, axis=(-3, -2, -1), where=one_sign & (table > 0))


def _local(joint: np.ndarray, x_axis: int, y_axis: int) -> np.ndarray:
    return np.log2(joint / (joint.sum(y_axis, keepdims=True) * joint.sum(x_axis, keepdims=True)))


def maximum_entropy(tables: np.ndarray) -> np.ndarray:
    """Tables of maximum entropy with the same pairwise margins, by iterative proportional fitting.

    Starting from a uniform table, one sweep scales it to the three pairwise margins in turn (Deming &
    Stephan 1940); it stops when every margin is within `TOLERANCE`. Where the solution has a zero that no
    single margin shows (the AND gate), the sweeps creep like 1/k: such a table starts again from the
    largest support its margins allow, found by a linear programme, and then converges geometrically.

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
    fitted, error = proportional_fit(target, np.ones_like(target), CREEPING_SWEEPS, TOLERANCE)
    slow = np.flatnonzero(error > TOLERANCE)
    if len(slow):
        start = np.stack([_largest_support(table) for table in target[slow]]).astype(float)
        fitted[slow], error[slow] = proportional_fit(target[slow], start, MOST_SWEEPS, TOLERANCE)
    if (error > TOLERANCE).any():
        warnings.warn(
            f"{(error > TOLERANCE).sum()} of {len(error)} maximum-entropy tables stopped with margins up "
            f"to {error.max():.0e} off; their redundancy is approximate",
            RuntimeWarning,
            stacklevel=2,
        )
    return fitted.reshape(shape)


def _largest_support(table: np.ndarray) -> np.ndarray:
    """Cells that some table with the same pairwise margins fills; boolean, of the table's shape.

    Such tables are p + K t >= 0, K the kernel of the margins. Maximise sum z with z <= scale p + K t
    and 0 <= z <= 1: as the scale is free, z is 1 on every cell that can be filled.
    """
    contrasts = [np.vstack([np.eye(size - 1), -np.ones(size - 1)]) for size in table.shape]
    kernel = np.einsum("ai,bj,sk->absijk", *contrasts).reshape(table.size, -1)
    bound = np.hstack([-kernel, -table.reshape(-1, 1), np.eye(table.size)])
    objective = np.r_[np.zeros(kernel.shape[1] + 1), -np.ones(table.size)]
    limits = [(None, None)] * kernel.shape[1] + [(0, None)] + [(0, 1)] * table.size
    solution = linprog(objective, A_ub=bound, b_ub=np.zeros(table.size), bounds=limits, method="highs")
    return (solution.x[-table.size :] > 0.5).reshape(table.shape)
