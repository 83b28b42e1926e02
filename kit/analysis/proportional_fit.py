"""Tables of three variables scaled to given pairwise margins, in turn until they fit; compiled.

Deming & Stephan (1940), Annals of Mathematical Statistics 11:427. `kit.analysis.pid` says what it is for.
"""

from __future__ import annotations

import numpy as np

from kit.compiled import compiled


@compiled(nogil=True, error_model="numpy")
def _pair(axis, a, b, s, n_b, n_s):
    """Place of a cell in the margin that sums over one axis."""
    if axis == 0:
        return b * n_s + s
    return a * n_s + s if axis == 1 else a * n_b + b


@compiled(nogil=True, error_model="numpy")
def _margin(table, axis, margin):
    """Fill `margin` with sums over one axis."""
    n_a, n_b, n_s = table.shape
    margin[:] = 0.0
    for a in range(n_a):
        for b in range(n_b):
            for s in range(n_s):
                margin[_pair(axis, a, b, s, n_b, n_s)] += table[a, b, s]


@compiled(nogil=True, error_model="numpy")
def _scale(table, axis, wanted, factor):
    """Scale `table` to the margin `wanted`; returns how far its own margin was off. `factor` is scratch."""
    n_a, n_b, n_s = table.shape
    _margin(table, axis, factor)
    off = 0.0
    for k in range(len(wanted)):
        off = max(off, abs(wanted[k] - factor[k]))
        factor[k] = wanted[k] / factor[k] if factor[k] > 0 else 0.0
    for a in range(n_a):
        for b in range(n_b):
            for s in range(n_s):
                table[a, b, s] *= factor[_pair(axis, a, b, s, n_b, n_s)]
    return off


@compiled(nogil=True, error_model="numpy")
def proportional_fit(targets: np.ndarray, start: np.ndarray, sweeps: int, tolerance: float) -> np.ndarray:
    """Scale tables to the pairwise margins of others.

    Parameters
    ----------
    targets, start : float arrays of shape (n, n_a, n_b, n_s)
        Where the margins come from, and where to start; a zero stays one.
    sweeps : int
        Most sweeps over the three margins.
    tolerance : float
        A table is done when no margin was further off in a sweep.

    Returns
    -------
    fitted : array of shape (n, n_a, n_b, n_s)
    error : array of shape (n,)
        How far the worst margin of each table was off in its last sweep.
    """
    fitted, error = start.copy(), np.full(len(start), np.inf)
    _, n_a, n_b, n_s = targets.shape
    wanted = np.empty(n_b * n_s), np.empty(n_a * n_s), np.empty(n_a * n_b)
    factor = np.empty(n_b * n_s), np.empty(n_a * n_s), np.empty(n_a * n_b)
    for t in range(len(targets)):
        for axis in range(3):
            _margin(targets[t], axis, wanted[axis])
        for _ in range(sweeps):
            error[t] = 0.0
            for axis in range(3):
                error[t] = max(error[t], _scale(fitted[t], axis, wanted[axis], factor[axis]))
            if error[t] <= tolerance:
                break
    return fitted, error
