"""The claims of the report: each with its owner, its statistic, a threshold fixed beforehand, and where it must fail.

A claim *holds* if every one of its tests has a 95 % interval above the threshold and the claim survives Holm's
correction over its family; it *does not hold* if some interval lies below, even after Bonferroni's correction over the
claim's tests; else it *cannot be told*. Nothing is claimed of a single person, nor of systems that predict no better
than chance. (Not named claims.py: `study.claims` is the function, and a module of that name would hide it.)
`kit.study.tried` shows on casts of simulated observers that every claim fails where it is false.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from kit.analysis.statistics import holm

from . import evidence
from .casts import GRADED, NULL, PIXEL, REGIONAL, SHAPE_CAST, SWITCHER, TEXTURE_CAST
from .grounds import Evidence
from .results import Results

HOLDS, FAILS, OPEN = "holds", "does not hold", "cannot be told"
HIGHLIGHT, ABSTRACT, OWN = "the paper's highlight", "the paper's abstract", "the kit's own"
ALPHA = 0.05


@dataclass(frozen=True)
class Claim:
    """What is claimed, by whom, and how it is judged.

    Attributes
    ----------
    key : str
    statement : str
    owner : str
        Whose claim it is.
    family : str
        Claims that are corrected together.
    threshold : str
        What the statistic must exceed, in words; fixed before any rating is read.
    judge : function (Results) -> Evidence, or None where the results hold nothing about it
    holds_on, fails_on : tuples of casts
        *Simulated* worlds in which the claim is true and must hold, and in which it must not.
    """

    key: str
    statement: str
    owner: str
    family: str
    threshold: str
    judge: Callable[[Results], Evidence | None]
    holds_on: tuple[str, ...] = ()
    fails_on: tuple[str, ...] = (NULL,)


CLAIMS = (
    Claim("mostly shape", "What the best-predicting network tells about the ratings is mostly what shape tells too.",
          HIGHLIGHT, "features", "share of its information that is redundant with the shape model: more than half",
          evidence.mostly_shape, (SHAPE_CAST,), (TEXTURE_CAST, NULL, PIXEL)),
    Claim("erasing shape", "Erasing shape from the best-predicting network costs most of its prediction, and "
          "more than erasing texture, or as many directions by lot.", OWN, "features",
          "loss with shape: more than half of its information, more than with texture, and more than with the lot",
          evidence.erasing_shape,
          (SHAPE_CAST,), (TEXTURE_CAST, NULL, PIXEL)),
    Claim("share follows", "The share of the systems' information that is redundant with shape follows the share of "
          "shape that was planted in simulated observers.", OWN, "features",
          "slope over planted shares from 0 to 1: more than 0", evidence.share_follows,
          (GRADED,), (SHAPE_CAST, TEXTURE_CAST, REGIONAL, NULL, SWITCHER, PIXEL)),
    Claim("shape is enough", "A network beside the shape model adds little to it.", OWN, "features",
          f"gain in information: less than {evidence.LITTLE} bits", evidence.shape_is_enough, (),
          (TEXTURE_CAST, NULL, PIXEL)),
    Claim("training helps", "The best trained network predicts better than the best system that needs no training on "
          "faces.", OWN, "networks", "difference: more than 0", evidence.training_helps),
    Claim("drawing beats pixels", "The best network that draws faces predicts better than as many principal components "
          "of pixels.", OWN, "networks", "difference: more than 0", evidence.drawing_beats_pixels),
    Claim("drawing beats naming", "Networks trained to draw faces predict better than networks trained to name them or "
          "tell them apart.", OWN, "networks", "difference of the groups' means: more than 0",
          evidence.drawing_beats_naming),
    Claim("viewpoint", "The view-invariant autoencoder names faces more like the observers than every rival does when "
          "view, age or sex change.", OWN, "networks",
          "every rival's distance to the observers minus the autoencoder's: more than 0", evidence.viewpoint),
)  # fmt: skip


@dataclass(frozen=True)
class Judged:
    """A claim, what came of it, and the numbers that say so.

    Attributes
    ----------
    claim : Claim
    outcome : "holds", "does not hold" or "cannot be told"
    p : float
        Holm-corrected over the family; nan where nothing was tested.
    evidence : str
    """

    claim: Claim
    outcome: str
    p: float
    evidence: str

    @property
    def statement(self) -> str:
        return self.claim.statement

    @property
    def owner(self) -> str:
        return self.claim.owner


def claims(results: Results) -> list[Judged]:
    """Judge all claims that these results say something about."""
    found = [(claim, rests_on) for claim in CLAIMS if (rests_on := claim.judge(results)) is not None]
    return [_judged(claim, rests_on, p) for (claim, rests_on), p in zip(found, _corrected(found), strict=True)]


def _corrected(found: list[tuple[Claim, Evidence]]) -> np.ndarray:
    """Holm over the tested claims of each family."""
    p = np.array([rests_on.p for _, rests_on in found])
    families = np.array([claim.family for claim, _ in found])
    for family in dict.fromkeys(families):
        p[families == family] = holm(p[families == family])
    return p


def _judged(claim: Claim, rests_on: Evidence, p: float) -> Judged:
    if rests_on.barred:
        return Judged(claim, OPEN, float("nan"), f"{rests_on.barred} {rests_on.words}".strip())
    above = min(rests_on.lows) > 0
    outcome = HOLDS if above and p < ALPHA else FAILS if rests_on.refuted(ALPHA) else OPEN
    corrected = f" After Holm's correction over the claims on {claim.family}, p = {p:.2g}." if above else ""
    return Judged(claim, outcome, p, rests_on.words + corrected)
