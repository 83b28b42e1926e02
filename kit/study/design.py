"""What is compared, and how much of it: identities, observers, trials, systems."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace

from kit.faces.stimuli import IDENTITIES, TRIALS
from kit.faces.views import FRONTAL, checked_view

LEAST_TRIALS = 30  # a fold needs them: its histogram of two predictions and a rating has 27 cells


@dataclass(frozen=True)
class Design:
    """The size of a comparison.

    Parameters
    ----------
    identities : of `kit.faces.stimuli.IDENTITIES`
    observers : int
        *Simulated* individuals of the default cast; none where real ratings are given.
    controls : names of special *simulated* observers, whose features are known to differ
    graded : int
        *Simulated* controls whose share of shape runs evenly from 0 to 1, for the claim on planted shares.
    trials : int
        Panels of six faces, for each identity.
    pixels : int
        Principal components of the system "pixels": as many as the networks have features.
    pixels_long : int
        Of a further system with more of them, such as "pixels 256"; 0 for none.
    folds : int
        Blocks of the cross-validation; fewer where there are few trials.
    shifts : int
        Circularly shifted ratings, the null.
    thorough : bool
        Whether joint and reweighted spaces and the null are computed for every observer with every
        identity, as in the paper, and not with one identity each, taken in turn.
    seed : int
    view : "frontal" or "turned"
        The viewing condition: how the faces of panels are shown to observers and systems. The remembered
        identity, and faces amplified from a template, are seen from the front in both; tests of
        generalisation have views of their own.
    """

    identities: tuple[str, ...] = tuple(IDENTITIES)
    observers: int = 14
    controls: tuple[str, ...] = ("texture user", "null")
    graded: int = 0
    trials: int = TRIALS
    pixels: int = 128
    pixels_long: int = 256
    folds: int = 9
    shifts: int = 40
    thorough: bool = False
    seed: int = 0
    view: str = FRONTAL

    def __post_init__(self) -> None:
        unknown = sorted(set(self.identities) - set(IDENTITIES))
        if unknown or not self.identities:
            raise ValueError(f"identities must be of {', '.join(IDENTITIES)}; got {unknown or 'none'}")
        checked_view(self.view)
        if self.folds < 3 or self.trials < 3 * LEAST_TRIALS:
            raise ValueError(f"a comparison needs 3 folds of {LEAST_TRIALS} trials or more; got {self}")

        if self.pixels < 1 or 0 < self.pixels_long <= self.pixels or self.pixels_long < 0:
            raise ValueError(f"pixels must be at least 1, and pixels_long larger, or 0 for none; got {self}")

    def key(self, *more: str) -> str:
        """A name for what belongs to this design (and `more`): any change gives another."""
        text = json.dumps([asdict(self), *more], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:12]


DEFAULT = Design(graded=6)
QUICK = Design(("Mei", "Leo"), observers=3, controls=("texture user",), trials=450, pixels_long=0, folds=5, shifts=20)
FULL = replace(DEFAULT, pixels_long=512, shifts=100, thorough=True)
