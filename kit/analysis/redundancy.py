"""What two models' predictions share about ratings, above chance: I_ccs where trials are few.

Redundancy from few trials is too large, and not everywhere alike: at 200 trials, a source that tells .15 bits
seems to share .013 bits with one that tells nothing, two that tell nothing .003. Chance therefore leaves alone
what one source tells and takes away only what the other could add.
"""

from __future__ import annotations

import numpy as np

from .information import N_BINS, bin_together, discrete_mi, joint_histogram
from .pid import PID, ccs_redundancy, table_information

ROLLS = 20  # shifts of a source along the trials, from which chance is estimated


def pid_above_chance(a: np.ndarray, b: np.ndarray, ratings: np.ndarray, rolls: int = ROLLS) -> PID:
    """Atoms of I_ccs of two models' predictions about ratings, minus what chance gives.

    - Redundancy: minus its mean when the source that tells less is rolled along the trials, while the ratings
      and the other source stay where they are. (Rolling the one that tells more takes away less than chance gives;
      the larger of both means takes away more, as it picks the luckier.)
    - Unique: the corrected mutual information of a source (`binned_mi`) minus that redundancy.
    - Synergy: what remains of the joint information, itself minus its mean for rolled ratings.
    - A source shares with itself what it tells: sources in the same bins on all trials have that redundancy.

    Parameters
    ----------
    a, b : arrays of shape (n_trials,) or (n_trials, n_pairs)
        Predictions of the two models (of each pair); `a` of shape (n_trials,) is paired with every column of `b`.
    ratings : array of shape (n_trials,) or (n_trials, n_pairs)
        Integers 1..6.
    rolls : int

    Returns
    -------
    PID
        Arrays of shape () or (n_pairs,), in bits. Values below zero are possible and not clipped.

    Notes
    -----
    Where one source or both are noise, the mean error is at most .001 bits, and a source shares with its copy what
    it tells (N = 200; `redundancy_bias` in `kit.study.calibration`). Of two independent sources that tell .07 bits
    each it finds .015, while I_ccs of endless trials is .027: where both tell something else, it is on the low
    side.
    """
    rated, cut_a, cut_b = bin_together(ratings, a=a, b=b)
    shape = rated.shape[1:]
    rated, cut_a, cut_b = (bins.reshape(len(bins), -1) for bins in (rated, cut_a, cut_b))
    mi_a, mi_b = (discrete_mi(joint_histogram(cut, rated)) for cut in (cut_a, cut_b))
    less, more = np.where(mi_a < mi_b, (cut_a, cut_b), (cut_b, cut_a))
    shared = ccs_redundancy(joint_histogram(cut_a, cut_b, rated)) - _chance(less, more, rated, rolls)
    redundancy = np.where((cut_a == cut_b).all(axis=0), mi_a, shared)
    pid = PID.from_redundancy(redundancy, mi_a, mi_b, _joint_information(cut_a, cut_b, rated, rolls))
    return PID(*(atom.reshape(shape) for atom in (pid.redundancy, pid.unique_a, pid.unique_b, pid.synergy)))


def _chance(rolling: np.ndarray, staying: np.ndarray, rated: np.ndarray, rolls: int) -> np.ndarray:
    """Mean redundancy of two binned sources (n, n_pairs) about ratings when the first is rolled: (n_pairs,)."""
    rolled = _all_rolls(rolling, rolls)
    staying, rated = (np.tile(bins, rolls) for bins in (staying, rated))
    return ccs_redundancy(joint_histogram(rolled, staying, rated)).reshape(rolls, -1).mean(axis=0)


def _all_rolls(bins: np.ndarray, rolls: int) -> np.ndarray:
    """Columns rolled by evenly spaced steps, side by side: (n, rolls * n_pairs)."""
    steps = np.linspace(0, len(bins), rolls + 2)[1:-1].astype(int)
    return np.hstack([np.roll(bins, step, axis=0) for step in steps])


def _joint_information(cut_a: np.ndarray, cut_b: np.ndarray, rated: np.ndarray, rolls: int) -> np.ndarray:
    """What both sources tell together, minus its mean for rolled ratings.

    The closed-form bias would count the cells that two similar sources never fill.
    """
    rated = np.hstack([rated, _all_rolls(rated, rolls)])
    counts = joint_histogram(*(np.tile(cut, rolls + 1) for cut in (cut_a, cut_b)), rated)
    joint = counts.reshape(len(counts), N_BINS**2, N_BINS) / len(rated)
    found = table_information(joint).reshape(rolls + 1, -1)
    return found[0] - found[1:].mean(axis=0)
