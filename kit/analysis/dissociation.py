"""Two lesions, two tasks: does each lesion harm its own task, beyond what any lesion of that size does?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .statistics import permutation_p


@dataclass(frozen=True)
class Dissociation:
    """What two lesions take from two tasks, against random lesions of the same size.

    Attributes
    ----------
    damage : array of shape (2, 2)
        Rows are lesions, columns tasks.
    bias : array of shape (2,)
        Damage to the lesion's own task less that to the other one.
    p : array of shape (2,)
        One-sided, for each lesion: share of random lesions at least as biased towards its task.
    """

    damage: np.ndarray
    bias: np.ndarray
    p: np.ndarray

    @property
    def interaction(self) -> float:
        """How much more the lesions harm their own tasks than each other's, both together."""
        return float(self.bias.sum())

    @property
    def p_double(self) -> float:
        """For a double dissociation both lesions have to stand out, so the larger p counts."""
        return float(self.p.max())

    def __str__(self) -> str:
        (aa, ab), (ba, bb) = 100 * self.damage
        return (
            f"lesion 1 costs {aa:.0f} points in task 1 and {ab:.0f} in task 2; lesion 2 {ba:.0f} and {bb:.0f}; "
            f"biased beyond random lesions with p = {self.p[0]:.3f} and {self.p[1]:.3f}"
        )


def dissociation(damage: np.ndarray, random: np.ndarray) -> Dissociation:
    """Compare two lesions with random ones.

    Parameters
    ----------
    damage : array of shape (2, 2)
        Accuracy lost: row k is the lesion that should harm task k.
    random : array of shape (draws, 2)
        Lost by random lesions of the same size, in both tasks.

    Notes
    -----
    The random lesions say how uneven any loss of so many units is. They do not say whether the two tasks are
    equally hard, or whether a single damaged system could do the same (Plaut 1995, doi:10.1080/01688639508405124).
    """
    damage, random = np.asarray(damage, float), np.asarray(random, float)
    if damage.shape != (2, 2) or random.ndim != 2 or random.shape[1] != 2 or not len(random):
        raise ValueError(f"damage must be (2, 2) and random (draws, 2); got {damage.shape} and {random.shape}")
    sign = np.array([1, -1])
    bias = sign * (damage[:, 0] - damage[:, 1])
    null = (random[:, 0] - random[:, 1])[:, None] * sign
    return Dissociation(damage, bias, permutation_p(bias, null))
