"""Which input makes a unit most active? Ascent where no gradient is to be had, as through a renderer.

The slope of the score, smoothed over steps of `spread`, is estimated from pairs of opposite steps along random
orthogonal directions: an evolution strategy with antithetic, orthogonal sampling.

References
----------
Erhan, Bengio, Courville & Vincent (2009), Visualizing higher-layer features of a deep network, University of
Montreal TR 1341; Wierstra et al. (2014), Journal of Machine Learning Research 15:949 (the smoothed slope);
Choromanski et al. (2018), ICML, PMLR 80:970 (orthogonal directions).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from tqdm.auto import tqdm

from kit.chance import Rng

Score = Callable[[np.ndarray], np.ndarray]
MEMORY = 0.8  # weight of the earlier slopes in the running mean of them


@dataclass(frozen=True)
class Maximum:
    """Where a score was highest on the way.

    Attributes
    ----------
    x : array of shape (n_dims,)
    score : float
    path : array of shape (steps + 1,)
        The score at the origin and after each step.
    """

    x: np.ndarray
    score: float
    path: np.ndarray


def maximise(
    score: Score,
    n_dims: int,
    radius: float,
    steps: int = 40,
    pairs: int = 16,
    spread: float = 0.5,
    rate: float = 0.2,
    rng: Rng = 0,
) -> Maximum:
    """Climb a score from the origin, within a ball: the face of plausible size that excites a unit most.

    Parameters
    ----------
    score : function of points (n, n_dims) -> (n,)
        Called with 2 * pairs + 1 points a step. Its unit does not matter.
    n_dims : int
    radius : float
        The largest norm allowed. A random face of k components has a norm of about sqrt(k) standard deviations.
    steps : int
    pairs : int
        Opposite points from which each step estimates the slope; `n_dims` at most.
    spread : float
        Distance of these points from the middle, in units of x: detail finer than that is smoothed away.
    rate : float
        Length of the first step, as a share of the radius; steps shrink linearly to nothing.
    rng : seed or Generator

    Returns
    -------
    Maximum
        A local one, as with any ascent.

    Examples
    --------
    >>> unit = np.array([3.0, 4.0])
    >>> maximise(lambda x: x @ unit, n_dims=2, radius=2, pairs=2).x.round(2)
    array([1.2, 1.6])
    """
    _check(n_dims, radius, steps, pairs)
    rng = np.random.default_rng(rng)
    x, slope = np.zeros(n_dims), np.zeros(n_dims)
    points, path = [x], [_values(score, x[None])[0]]
    for step in tqdm(range(steps), desc="ascent", delay=1, leave=False):
        slope = MEMORY * slope + _slope(score, x, pairs, spread, rng)
        length = np.linalg.norm(slope)
        if length > 0:
            x = _into_ball(x + rate * radius * (1 - step / steps) * slope / length, radius)
        points.append(x)
        path.append(_values(score, x[None])[0])
    best = int(np.argmax(path))
    return Maximum(points[best], float(path[best]), np.array(path))


def _slope(score: Score, x: np.ndarray, pairs: int, spread: float, rng: np.random.Generator) -> np.ndarray:
    """Slope along `pairs` random orthogonal directions, from differences over 2 * spread."""
    directions, _ = np.linalg.qr(rng.normal(size=(len(x), pairs)))
    steps = spread * directions.T
    ahead, behind = np.split(_values(score, np.concatenate([x + steps, x - steps])), 2)
    return directions @ (ahead - behind) / (2 * spread)


def _into_ball(x: np.ndarray, radius: float) -> np.ndarray:
    return x * min(1.0, radius / max(np.linalg.norm(x), 1e-300))


def _values(score: Score, points: np.ndarray) -> np.ndarray:
    values = np.asarray(score(points), dtype=float)
    if values.shape != (len(points),):
        raise ValueError(f"score gave shape {values.shape} for {len(points)} points: it must give one number a point")
    if not np.isfinite(values).all():
        where = int(np.argmin(np.isfinite(values)))
        raise ValueError(f"score gave {values[where]} for a point of norm {np.linalg.norm(points[where]):.2f}")
    return values


def _check(n_dims: int, radius: float, steps: int, pairs: int) -> None:
    if not 1 <= pairs <= n_dims:
        raise ValueError(f"pairs is {pairs}: there are 1 to {n_dims} orthogonal directions in {n_dims} dimensions")
    if not radius > 0 or steps < 1:
        raise ValueError(f"radius {radius} and steps {steps} must be above 0: there is nowhere to go")
