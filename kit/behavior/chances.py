"""How likely each answer of a *simulated* observer is: choice and rating together, without asking it many times.

An observer chooses the face that feels most similar, and rates by where that feeling lies among its criteria
(`kit.behavior.observers`). With normal noise, the chance that face c is chosen with feeling t is a density times the
chances that all others feel less similar; it is integrated between the criteria.
"""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr

from kit.faces.stimuli import PANEL

from .observers import BEST_OF_SIX, RATINGS, STEPS, Observer

POINTS = 16  # of Gauss and Legendre, between two criteria
FAR = 6.0  # sd beyond which nothing is felt
BLOCK = 1000  # panels at a time
ANSWERS = PANEL * len(RATINGS)


def answer_chances(observer: Observer, felt: np.ndarray) -> np.ndarray:
    """Chance of each of the 36 answers to panels.

    Parameters
    ----------
    observer : Observer
        Its drift is left out (as in the middle of a session), and its first strategy counts.
    felt : array of shape (n, 6)
        Similarity without noise, as `Observer.similarity` gives it.

    Returns
    -------
    array of shape (n, 36)
        Answer 6 * choice + rating - 1; rows add up to 1.
    """
    felt = np.asarray(felt, float)
    parts = [_attentive(observer, felt[k : k + BLOCK]) for k in range(0, len(felt), BLOCK)]
    return (1 - observer.lapse) * np.concatenate(parts) + observer.lapse / ANSWERS


def _attentive(observer: Observer, felt: np.ndarray) -> np.ndarray:
    """The same without lapses."""
    noise, nodes, weights = max(observer.noise, 1e-3), *np.polynomial.legendre.leggauss(POINTS)
    criteria = BEST_OF_SIX[0] + BEST_OF_SIX[1] * (observer.criterion + observer.spread * STEPS)
    inner = np.broadcast_to(criteria * np.sqrt(1 + observer.noise**2), (len(felt), len(STEPS)))
    low = np.minimum(felt.min(axis=1) - FAR * noise, inner[:, 0])[:, None]
    high = np.maximum(felt.max(axis=1) + FAR * noise, inner[:, -1])[:, None]
    edges = np.hstack([low, inner, high])
    out = np.empty((len(felt), PANEL, len(RATINGS)))
    for rating in range(len(RATINGS)):
        start, width = edges[:, rating], edges[:, rating + 1] - edges[:, rating]
        felt_at = start[:, None] + width[:, None] * (nodes + 1) / 2
        away = (felt_at[:, None] - felt[:, :, None]) / noise
        less = np.log(np.maximum(ndtr(away), 1e-300))
        density = np.exp(less.sum(axis=1, keepdims=True) - less - away**2 / 2) / np.sqrt(2 * np.pi) / noise
        out[:, :, rating] = (density @ weights) * width[:, None] / 2
    return (out / out.sum(axis=(1, 2), keepdims=True)).reshape(len(felt), ANSWERS)


def bits_a_trial(chances: np.ndarray) -> np.ndarray:
    """Expected bits that one answer to each panel tells about who answered, all being as likely before.

    Parameters
    ----------
    chances : array of shape (n_observers, n_panels, 36)

    Returns
    -------
    array of shape (n_panels,)
        Mutual information of observer and answer (the Jensen-Shannon divergence), at most log2(n_observers).
    """
    return _entropy(chances.mean(axis=0)) - _entropy(chances).mean(axis=0)


def separation(chances: np.ndarray) -> np.ndarray:
    """Bhattacharyya distance in bits of the answers of every pair of observers: (n_pairs, n_panels).

    Added up over panels they bound how often a pair is mistaken: at most 2 to the power of minus their sum.
    `chances` are (n_observers, n_panels, 36); pairs come as in `np.triu_indices`.
    """
    root = np.sqrt(chances)
    one, other = np.triu_indices(len(chances), 1)
    with np.errstate(divide="ignore"):  # who shares no answer is infinitely far
        return -np.log2(np.minimum(np.einsum("pnk,pnk->pn", root[one], root[other]), 1))


def _entropy(chances: np.ndarray) -> np.ndarray:
    return -(chances * np.log2(np.maximum(chances, 1e-300))).sum(axis=-1)
