"""What do sensors tell, moment by moment? Decoding, generalisation over time, information and redundancy.

Arrays in, arrays out: data (n_trials, n_sensors, n_times) may be simulated or measured.
"""

from __future__ import annotations

import numpy as np
from sklearn.model_selection import StratifiedKFold

from kit import blas
from kit.analysis._checks import finite_array
from kit.analysis.copula import check_lengths, copula_normalize
from kit.analysis.gaussian_pid import gaussian_ccs
from kit.analysis.information_map import information_map
from kit.analysis.nulls import MaxStatistic, permutations
from kit.analysis.pid import PID

SHRINKAGE = 0.1  # how far sensors' covariance is drawn towards that of independent sensors


def decode(data: np.ndarray, labels: np.ndarray, folds: int = 5, seed: int = 0) -> np.ndarray:
    """Share of held-out trials whose label is told from all sensors, for each moment: array (n_times,).

    As the diagonal of `generalise`, of data (n_trials, n_sensors, n_times) and labels (n_trials,).
    """
    return np.diagonal(generalise(data, labels, folds, seed)).copy()


def generalise(data: np.ndarray, labels: np.ndarray, folds: int = 5, seed: int = 0) -> np.ndarray:
    """Temporal generalisation: train a decoder at one moment, test it at all, on held-out trials.

    The decoder is a linear discriminant with shrinkage. Where a code lasts, it is found again later; where the
    code changes, it is not, although every moment may be decoded by a decoder of its own.

    Parameters
    ----------
    data : array of shape (n_trials, n_sensors, n_times)
    labels : array of shape (n_trials,)
    folds : int
    seed : int
        Of the assignment of trials to folds.

    Returns
    -------
    array of shape (n_times, n_times)
        Accuracy of the decoder of each moment (rows) at each moment (columns).

    References
    ----------
    King & Dehaene (2014), Trends in Cognitive Sciences 18:203-210, doi:10.1016/j.tics.2014.01.002.
    """
    data, (names, codes) = finite_array("data", data), np.unique(labels, return_inverse=True)
    check_lengths(data=data, labels=codes)
    if data.ndim != 3:
        raise ValueError(f"data have shape {data.shape}: expected (n_trials, n_sensors, n_times)")
    if len(names) < 2 or np.bincount(codes).min() < folds:
        raise ValueError(f"labels need two classes or more, of at least {folds} trials each, one for each fold")
    right = np.zeros((data.shape[2], data.shape[2]))
    with blas.one_thread():
        for train, test in StratifiedKFold(folds, shuffle=True, random_state=seed).split(codes, codes):
            weights, offset = _discriminants(data[train], codes[train])
            scores = np.einsum("tcs,nsu->tucn", weights, data[test], optimize=True) + offset[:, None, :, None]
            right += (scores.argmax(axis=2) == codes[test]).sum(axis=-1)
    return right / len(data)


def _discriminants(data: np.ndarray, codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weights (n_times, n_classes, n_sensors) and offsets (n_times, n_classes) of the discriminant of each moment."""
    share = np.bincount(codes) / len(codes)
    means = np.stack([data[codes == code].mean(axis=0) for code in range(len(share))])  # classes, sensors, times
    left = (data - means[codes]).transpose(2, 1, 0)
    covariance = left @ left.transpose(0, 2, 1) / len(data)
    n_sensors = data.shape[1]
    scale = np.trace(covariance, axis1=1, axis2=2)[:, None, None] / n_sensors
    covariance = (1 - SHRINKAGE) * covariance + SHRINKAGE * scale * np.eye(n_sensors)
    means = means.transpose(2, 0, 1)
    weights = np.linalg.solve(covariance, means.transpose(0, 2, 1)).transpose(0, 2, 1)
    return weights, np.log(share) - 0.5 * (weights * means).sum(axis=-1)


def information(data: np.ndarray, feature: np.ndarray, shuffles: int = 100, seed: int = 0) -> MaxStatistic:
    """Gaussian-copula information between every sensor at every moment and a feature of the face, in bits.

    Parameters
    ----------
    data : array of shape (n_trials, n_sensors, n_times)
    feature : array of shape (n_trials,)
    shuffles : int
        Of the feature, for a threshold that holds for all sensors and moments together.

    Returns
    -------
    MaxStatistic
        `observed` has shape (n_sensors, n_times).
    """
    data = finite_array("data", data)
    shuffled = permutations(feature, shuffles, seed)
    found = information_map(data.reshape(len(data), -1), feature, shuffled)
    return MaxStatistic(found.observed.reshape(data.shape[1:]), found.null)


def redundancy(signal: np.ndarray, feature: np.ndarray, answer: np.ndarray) -> PID:
    """What a signal and a feature both tell about an answer, moment by moment (I_ccs on Gaussian copulas).

    Parameters
    ----------
    signal : array of shape (n_trials, n_times)
    feature, answer : arrays of shape (n_trials,)
        For example what shape predicts, and the rating that was given.

    Returns
    -------
    PID
        Each part of shape (n_times,): `unique_a` is the signal's own, `unique_b` the feature's.

    References
    ----------
    Ince (2017), Entropy 19:318, doi:10.3390/e19070318.
    """
    check_lengths(signal=signal, feature=feature, answer=answer)
    moments = copula_normalize(signal, "signal").T
    others = [copula_normalize(feature, "feature"), copula_normalize(answer, "answer")]
    return gaussian_ccs(np.stack([np.corrcoef([moment, *others]) for moment in moments]))
