"""Named lesions of the two-task network, a battery of tests that sees behaviour alone, and a diagnosis from it.

Nothing here is a model of a person. Each lesion borrows the name of something that people live with because one
feature of behaviour is alike, and says what it cannot stand for. All patients, answers and diagnoses are *simulated*.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..basics.convnet import ConvNet
from . import lesions
from .two_tasks import LAYERS, Exam, Pictures, accuracy

if TYPE_CHECKING:
    from sklearn.naive_bayes import GaussianNB

LAYER = LAYERS[-1]  # where all of them are
LEAST, MOST = 10, 18  # filters that a structural lesion takes
POOL = 20  # of the most damaging filters of a task, from which they are drawn
GAINS = (0.5, 1.2)  # sd of the gain, from mild to severe
TRIALS = 40  # pictures of each kind that a patient is shown
FAINT = 0.6  # contrast of the faint pictures


@dataclass(frozen=True)
class Disorder:
    """What is done to a network, what that is like, and what it cannot say."""

    name: str
    done: str
    like: str
    unlike: str


DISORDERS = {
    disorder.name: disorder
    for disorder in (
        Disorder("no lesion", "nothing", "people without such a difficulty", "they have good and bad days, too"),
        Disorder(
            "prosopagnosia-like",
            "10 to 18 of the 20 filters are silenced whose loss harms naming people most",
            "people with prosopagnosia tell faces apart with difficulty, and some of them most things without any; "
            "many since birth, others after a stroke",
            "they know who somebody is by voice or gait, find ways round it, and differ among each other; this network "
            "has no other way, no life, and only six people to know",
        ),
        Disorder(
            "agnosia-like",
            "10 to 18 of the 20 filters are silenced whose loss harms naming things most",
            "people with a visual agnosia for objects see a thing, can often copy it, and cannot tell what it is; "
            "very few of them recognise faces well",
            "they may know the thing at once by touch; what they see is not what a silenced filter leaves",
        ),
        Disorder(
            "noisy gain",
            "nothing is lost, but every filter is too loud or too soft, by chance and anew at every look",
            "accounts of ageing and of several conditions in which responses to the same thing vary more than usual",
            "these accounts are disputed, and variable responses are found in very different people; noise in a "
            "network explains none of them",
        ),
        Disorder(
            "widespread loss",
            "10 to 18 filters are silenced, chosen by lot",
            "injuries that are not confined to one system",
            "no injury chooses its neurons by lot: vessels and fibres decide",
        ),
    )
}  # fmt: skip
TESTS = {
    "people": "Whose face is it? Share right of six people.",
    "things": "What thing is it? Share right of six kinds.",
    "faint people": "The same with faint pictures of faces.",
    "faint things": "The same with faint pictures of things.",
    "same twice": "The clear pictures once more: share that gets the same of all twelve names as before.",
}


@dataclass(frozen=True, eq=False)
class Patient:
    """A *simulated* patient: one trained network with one lesion.

    Parameters
    ----------
    disorder : str
        One of `DISORDERS`.
    units : int array
        Silenced filters of `LAYER`.
    sd : float
        Of the gain; 0 for none.
    seed : int
        Of the noise.
    """

    disorder: str
    units: np.ndarray
    sd: float = 0.0
    seed: int = 0

    @contextmanager
    def lesion(self, network: ConvNet) -> Iterator[None]:
        """The network as this patient has it, for the time of the block."""
        with lesions.ablate(network, LAYER, self.units), lesions.jitter_gain(network, LAYER, self.sd, seed=self.seed):
            yield


def admit(disorder: str, order: np.ndarray, rng: int | np.random.Generator) -> Patient:
    """A patient with this disorder, as severe as chance decides.

    Parameters
    ----------
    disorder : str
        One of `DISORDERS`.
    order : int array of shape (2, units)
        As `two_tasks.ranking` gives it, found with other pictures than the patient is tested with.
    rng : int or numpy Generator
    """
    if disorder not in DISORDERS:
        raise ValueError(f"no disorder {disorder!r}; there are {', '.join(DISORDERS)}")
    rng = np.random.default_rng(rng)
    count, sd, seed = int(rng.integers(LEAST, MOST + 1)), rng.uniform(*GAINS), int(rng.integers(2**31))
    pools = {"prosopagnosia-like": order[0, :POOL], "agnosia-like": order[1, :POOL], "widespread loss": order[0]}
    units = rng.choice(pools[disorder], count, replace=False) if disorder in pools else np.array([], int)
    return Patient(disorder, units, sd if disorder == "noisy gain" else 0.0, seed)


def battery(network: ConvNet, shown: Pictures) -> Exam:
    """An exam with every picture twice: first all clear ones, then all of them faint."""
    grey = shown.images.mean((1, 2, 3), keepdims=True)
    faint = np.rint(grey + FAINT * (shown.images - grey)).astype(np.uint8)
    both = np.concatenate([shown.images, faint]), np.tile(shown.labels, 2)
    return Exam(network, Pictures(*both, shown.names))


def examine(patient: Patient, exam: Exam, rng: int | np.random.Generator, trials: int = TRIALS) -> dict[str, float]:
    """What one patient scores in each of `TESTS`, with so many pictures of faces and of things, drawn by lot.

    A patient is tested for a short while, not for ever: other pictures would give other scores.

    Parameters
    ----------
    exam : Exam
        Made by `battery`.
    """
    rng, n = np.random.default_rng(rng), len(exam.shown) // 2
    face = exam.shown.is_face[:n]
    if trials > min(face.sum(), n - face.sum()):
        raise ValueError(f"{trials} pictures of each task are asked for; there are {face.sum()} and {n - face.sum()}")
    clear = np.concatenate([rng.choice(np.flatnonzero(kind), trials, replace=False) for kind in (face, ~face)])
    with patient.lesion(exam.network):
        looks = exam.logits(), exam.logits()
    parts = [accuracy(looks[0][rows], exam.shown[rows]) for rows in (clear, n + clear)]
    first, again = (look[clear].argmax(1) for look in looks)
    return dict(zip(TESTS, (*map(float, np.concatenate(parts)), float(np.mean(first == again)))))


def clinic(exams: Sequence[Exam], orders: Sequence[np.ndarray], each: int, seed: int = 0) -> pd.DataFrame:
    """Many *simulated* patients: so many with each disorder in each network, all examined.

    Parameters
    ----------
    exams : sequence of Exam
        One for each network, made by `battery`.
    orders : sequence of int arrays (2, units)
        Each network's filters as `two_tasks.ranking` gives them.
    each : int

    Returns
    -------
    DataFrame with columns network, disorder, and one for each of `TESTS`
    """
    rows = []
    for place, (exam, order) in enumerate(zip(exams, orders, strict=True)):
        for number, name in enumerate(DISORDERS):
            for case in range(each):
                rng = np.random.default_rng([seed, place, number, case])
                rows.append({"network": place, "disorder": name} | examine(admit(name, order, rng), exam, rng))
    return pd.DataFrame(rows)


def diagnose(patients: pd.DataFrame, tests: Sequence[str] = tuple(TESTS)) -> np.ndarray:
    """A diagnosis for each patient from the scores alone, by a rule learned from patients with *other* networks.

    Gaussian naive Bayes, one network left out at a time: a new patient has a brain that nobody has seen.

    Parameters
    ----------
    patients : DataFrame
        As `clinic` gives it, of two networks or more.
    tests : names of the tests whose scores may be used.

    Returns
    -------
    array of n names of `DISORDERS`
    """
    from sklearn.model_selection import LeaveOneGroupOut, cross_val_predict

    if patients["network"].nunique() < 2:
        raise ValueError("all patients have the same network; a diagnosis is only tested on a network left out")
    scores, left_out = patients[list(tests)].to_numpy(), LeaveOneGroupOut()
    return cross_val_predict(rule(), scores, patients["disorder"], groups=patients["network"], cv=left_out)


def rule() -> GaussianNB:
    """The diagnostic rule, not yet fitted: a bell curve for each score of each disorder (scikit-learn)."""
    from sklearn.naive_bayes import GaussianNB

    return GaussianNB(var_smoothing=0.02)  # even a score that never varied may be off by some pictures


def confusion(patients: pd.DataFrame, diagnoses: np.ndarray) -> pd.DataFrame:
    """Share of the patients with each disorder (rows) that got each diagnosis (columns).

    Diagnoses are (n,), one a patient.
    """
    table = pd.crosstab(patients["disorder"], diagnoses, normalize="index")
    return table.reindex(index=list(DISORDERS), columns=list(DISORDERS), fill_value=0.0)
