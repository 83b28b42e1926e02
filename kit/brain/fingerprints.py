"""*Simulated* recordings that give their owner away: what is common, what is somebody's own, what is noise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Recordings:
    """*Simulated* response patterns of some people in some sessions.

    Parameters
    ----------
    patterns : array of shape (sessions, people, features)
    common : array of shape (features,)
        What all people share: what a study of the group wants to know.
    """

    patterns: np.ndarray
    common: np.ndarray


def record(
    people: int, features: int = 200, own: float = 1.0, noise: float = 1.0, sessions: int = 2, rng: int = 0
) -> Recordings:
    """Simulate recordings: common pattern (variance 1) + the person's own + noise of the session.

    Parameters
    ----------
    people, features, sessions : int
    own, noise : float
        Standard deviations.
    rng : int or Generator
    """
    rng = np.random.default_rng(rng)
    common = rng.normal(size=features)
    personal = own * rng.normal(size=(people, features))
    errors = noise * rng.normal(size=(sessions, people, features))
    return Recordings(common + personal + errors, common)
