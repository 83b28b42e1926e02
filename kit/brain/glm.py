"""From a time series to one number a condition: the general linear model of fMRI.

The response to an event is a slow, known curve; a voxel's time series is a sum of such curves, one a
condition, plus drift and noise that remembers itself. Least squares finds each condition's height.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import gamma

from kit.analysis._checks import finite_array

FINE = 50  # steps of the event's time line within one scan
LENGTH = 32.0  # seconds that the response lasts
HIGH_PASS = 0.01  # Hz: what is slower counts as drift
STEPS = 100  # in which the autocorrelation is told apart


def spm_hrf(tr: float, oversampling: int = FINE) -> np.ndarray:
    """The blood's response to a short event: up after some 5 s, below the baseline at 15 s, gone after 32 s.

    The difference of two gamma densities (shapes 6 and 16, the second divided by 6), scaled to sum 1.

    Parameters
    ----------
    tr : float
        Seconds from scan to scan.
    oversampling : int
        Values a scan.

    References
    ----------
    Friston et al. (1998), NeuroImage 7:30-40, doi:10.1006/nimg.1997.0306; the canonical response of SPM.
    """
    dt = tr / oversampling
    seconds = np.linspace(0, LENGTH, round(LENGTH / dt))
    curve = gamma.pdf(seconds - dt, 6) - 0.167 * gamma.pdf(seconds - dt, 16)
    return curve / curve.sum()


def expected_response(onsets: Sequence[float], n_scans: int, tr: float, duration: float = 1.0) -> np.ndarray:
    """What a voxel that answers to some events by 1 shows in each scan, without noise: array (n_scans,).

    Parameters
    ----------
    onsets : sequence of float
        Seconds from the first scan.
    duration : float
        Seconds that each event lasts.
    """
    onsets = finite_array("onsets", onsets)
    if onsets.size and (onsets.min() < 0 or onsets.max() >= n_scans * tr):
        raise ValueError(
            f"onsets run from {onsets.min():g} to {onsets.max():g} s, the scans from 0 to {n_scans * tr:g} s: "
            "count from the first scan, in seconds, and leave out events of other runs"
        )
    dt, boxes = tr / FINE, np.zeros(n_scans * FINE + 1)
    start, stop = (np.minimum(np.round(at / dt).astype(int), len(boxes) - 1) for at in (onsets, onsets + duration))
    np.add.at(boxes, start, 1)
    np.add.at(boxes, np.maximum(stop, np.minimum(start + 1, len(boxes) - 1)), -1)
    return np.convolve(np.cumsum(boxes), spm_hrf(tr))[: n_scans * FINE : FINE]


def cosine_drift(n_scans: int, tr: float, high_pass: float = HIGH_PASS) -> np.ndarray:
    """Slow cosines up to a frequency in Hz, each of length 1: array (n_scans, n_cosines)."""
    count = min(n_scans - 1, int(2 * n_scans * high_pass * tr))
    waves = np.cos(np.pi / n_scans * np.outer(np.arange(n_scans) + 0.5, np.arange(1, count + 1)))
    return np.sqrt(2 / n_scans) * waves


def design_matrix(
    onsets: Sequence[Sequence[float]], n_scans: int, tr: float, duration: float = 1.0, high_pass: float = HIGH_PASS
) -> np.ndarray:
    """One column a condition, then slow cosines, then a constant.

    Parameters
    ----------
    onsets : for each condition, the seconds at which its events begin.

    Returns
    -------
    array of shape (n_scans, n_conditions + n_cosines + 1)
    """
    conditions = [expected_response(np.atleast_1d(of), n_scans, tr, duration) for of in onsets]
    return np.column_stack([*conditions, cosine_drift(n_scans, tr, high_pass), np.ones(n_scans)])


@dataclass(frozen=True)
class GLM:
    """A fitted general linear model; of voxels that tell nothing, all numbers are nan.

    Attributes
    ----------
    betas : array of shape (n_columns, n_voxels)
    variance : array of shape (n_voxels,)
        Of the noise, after whitening.
    autocorrelation : array of shape (n_voxels,)
        Of the noise, from scan to scan; 0 where noise is taken as white.
    inverse : dict of float to array of shape (n_columns, n_columns)
        (X'X)^-1 of the whitened design, for each autocorrelation.
    """

    betas: np.ndarray
    variance: np.ndarray
    autocorrelation: np.ndarray
    inverse: dict[float, np.ndarray]

    def standard_error(self, contrast: np.ndarray) -> np.ndarray:
        """Of the sum of betas weighted by a contrast (n_columns,), for each voxel: (n_voxels,)."""
        spread = np.full(len(self.variance), np.nan)
        for rho, inverse in self.inverse.items():
            spread[self.autocorrelation == rho] = contrast @ inverse @ contrast
        return np.sqrt(self.variance * spread)

    def t(self, contrast: Sequence[float]) -> np.ndarray:
        """t of a weighted sum of betas, for each voxel; the weights are one a column of the design."""
        contrast = np.asarray(contrast, float)
        if contrast.shape != (len(self.betas),):
            raise ValueError(
                f"contrast has shape {contrast.shape}: give one weight for each of {len(self.betas)} columns"
            )
        return contrast @ self.betas / self.standard_error(contrast)


def glm(bold: np.ndarray, design: np.ndarray, noise: str = "ar1") -> GLM:
    """Fit a design to the time series of many voxels.

    Voxels that never change (outside the brain, say) or hold a nan cannot be fitted: they get nan, with a
    warning that counts them. `numpy.isfinite(fit.variance)` are the others.

    Parameters
    ----------
    bold : array of shape (n_scans, n_voxels)
    design : array of shape (n_scans, n_columns)
    noise : "ar1" or "white"
        "ar1" finds each voxel's autocorrelation from the residuals (Yule-Walker), in steps of .01, takes it out of data
        and design, and fits again.

    Raises
    ------
    ValueError
        If lengths differ, the columns depend on each other, scans are too few, or no voxel can be fitted.

    References
    ----------
    Worsley et al. (2002), NeuroImage 15:1-15, doi:10.1006/nimg.2001.0933.
    """
    bold, design = np.asarray(bold, float), finite_array("design", design)
    _check(bold, design, noise)
    fitted = _fitted_voxels(bold)
    rho = np.where(fitted, 0.0, np.nan)
    if noise == "ar1":
        series = bold[:, fitted]
        rho[fitted] = _autocorrelation(series - design @ np.linalg.lstsq(design, series)[0])
    betas, variance, inverse = np.full((design.shape[1], bold.shape[1]), np.nan), np.full(bold.shape[1], np.nan), {}
    for value in np.unique(rho[fitted]):
        own, whitened = rho == value, _whitened(design, value)
        inverse[value] = np.linalg.inv(whitened.T @ whitened)
        data = _whitened(bold[:, own], value)
        betas[:, own] = inverse[value] @ (whitened.T @ data)
        variance[own] = ((data - whitened @ betas[:, own]) ** 2).sum(axis=0) / (len(data) - design.shape[1])
    return GLM(betas, variance, rho, inverse)


def _fitted_voxels(bold: np.ndarray) -> np.ndarray:
    """Which voxels (n_voxels,) have finite values that change; a warning names the others."""
    finite = np.isfinite(bold).all(axis=0)
    flat = (bold == bold[:1]).all(axis=0)
    fitted = finite & ~flat
    if not fitted.any():
        raise ValueError(
            f"bold: of {len(fitted)} voxels {flat.sum()} never change and {(~finite).sum()} hold nan or infinity, so "
            "none can be fitted: look at the mask, and at the file"
        )
    if not fitted.all():
        warnings.warn(
            f"bold: {flat.sum()} of {len(fitted)} voxels never change and {(~finite).sum()} hold nan or infinity (the "
            f"first is voxel {np.flatnonzero(~fitted)[0]}): their betas are nan. A tighter mask leaves them out",
            stacklevel=3,
        )
    return fitted


def _check(bold: np.ndarray, design: np.ndarray, noise: str) -> None:
    if noise not in ("ar1", "white"):
        raise ValueError(f"noise must be 'ar1' or 'white'; got {noise!r}")
    if bold.ndim != 2 or design.ndim != 2 or len(bold) != len(design):
        raise ValueError(f"bold has shape {bold.shape}, design {design.shape}: both need one row a scan")
    if len(design) <= design.shape[1]:
        raise ValueError(f"{len(design)} scans cannot settle {design.shape[1]} columns: scan longer, or ask for fewer")
    if np.linalg.matrix_rank(design) < design.shape[1]:
        raise ValueError(
            "columns of the design depend on each other (a condition without events, or twice the same): "
            "leave one out, or space the events differently"
        )


def _autocorrelation(residuals: np.ndarray) -> np.ndarray:
    """Correlation of neighbouring scans for each voxel, cut to steps of .01."""
    n = len(residuals)
    neighbours = (residuals[1:] * residuals[:-1]).sum(axis=0) / (n - 1)
    rho = neighbours / ((residuals**2).sum(axis=0) / n)
    return np.trunc(rho * STEPS) / STEPS


def _whitened(rows: np.ndarray, rho: float) -> np.ndarray:
    """Each scan minus what the scan before says of it."""
    return np.concatenate([rows[:1], rows[1:] - rho * rows[:-1]])
