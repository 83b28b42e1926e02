"""Many *simulated* participants of one design, to learn what an experiment can find before one runs it."""

from __future__ import annotations

import numpy as np

from kit.faces import Faces, stimuli
from kit.faces.stimuli import PANEL

from .observers import Guesser, Observer
from .strategies import components as weighing


def simulate(
    target: Faces,
    weights: np.ndarray,
    n_trials: int = 200,
    n_observers: int = 100,
    design: tuple[int, int] = (8, 8),
    noise: float = 0.5,
    lapse: float = 0.02,
    seed: int = 0,
) -> tuple[np.ndarray, np.ndarray]:
    """Sessions of observers who weigh the components of a design in a stated way. *Simulated.*

    All observers share one strategy; panels, noise and lapses are drawn anew for each. An observer judges
    the distance sqrt(sum of w_k (face_k - target_k)^2): a rating follows component k *linearly* only as far as
    the target itself differs from the average there. A component with a large weight on which the target is
    average moves the ratings, but no correlation finds it; weigh one on which the target stands out.

    Parameters
    ----------
    target : Faces of length 1
    weights : array of shape (shape + texture,)
        Weights w >= 0 of the components that vary, shape first; all 0 for observers who guess.
    n_trials, n_observers : int
    design : (shape, texture)
        How many leading components vary.
    noise, lapse : float
        See `kit.behavior.observers.Observer`: noise in sd of the felt similarity of random faces.
    seed : int

    Returns
    -------
    features : array of shape (n_observers, n_trials, shape + texture)
        Components of the chosen faces.
    ratings : int array of shape (n_observers, n_trials)
        For `kit.analysis.power.power`.
    """
    weights = np.asarray(weights, dtype=float)
    if weights.shape != (sum(design),):
        raise ValueError(f"weights have shape {weights.shape}; the design varies {design[0]} + {design[1]} components")
    observer = Observer("simulated", _strategy(target, weights, design), noise, lapse)
    sessions = []
    for rng in map(np.random.default_rng, np.random.SeedSequence(seed).spawn(n_observers)):
        trials = stimuli.trials(target, n_trials, rng=rng, components=design)
        rated = observer.rate(trials, rng)
        chosen = trials.faces[PANEL * rated["trial"].to_numpy() + rated["choice"].to_numpy()]
        sessions.append((np.hstack([chosen.shape[:, : design[0]], chosen.texture[:, : design[1]]]), rated["rating"]))
    features, ratings = zip(*sessions)
    return np.stack(features).astype(float), np.stack(ratings)


def _strategy(target: Faces, weights: np.ndarray, design: tuple[int, int]):
    if not weights.any():
        return Guesser()
    whole = [np.zeros(k.shape[1]) for k in (target.shape, target.texture)]
    whole[0][: design[0]], whole[1][: design[1]] = weights[: design[0]], weights[design[0] :]
    return weighing("simulated", target.model, *whole)
