"""A *simulated* observer whose strategy is hidden, to be unmasked from what it does."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from kit import faces
from kit.behavior import observers as simulated
from kit.behavior.observers import Observer
from kit.faces.stimuli import Trials

from .panels import Answers, Series, answer

SUSPECTS = ("shape user", "texture user", "eyes user", "pixel matcher", "null")


def mystery(number: int, series: Series) -> Answers:
    """Answers of the mystery observer of a number; the same number is the same observer.

    Parameters
    ----------
    number : int
        Choose one; a class can share it, or everybody take their own.
    series : Series
        The panels to answer.
    """
    return answer(_observer(number), series, seed=number)


def answer_panels(number: int, trials: Trials) -> pd.DataFrame:
    """What the mystery observer of a number answers to other panels: columns observer, trial, choice, rating."""
    return _observer(number).rate(trials, abs(int(number)))


def unmask(number: int) -> str:
    """Who the mystery observer of a number is, one of `SUSPECTS`."""
    return _name(number)


def _observer(number: int) -> Observer:
    return replace(simulated.special(faces.load())[_name(number)], name=f"mystery {number}")


def _name(number: int) -> str:
    """Each five numbers in a row hide all five suspects, in an order of their own."""
    block, place = divmod(int(number), len(SUSPECTS))
    return SUSPECTS[np.random.default_rng([7, abs(block)]).permutation(len(SUSPECTS))[place]]
