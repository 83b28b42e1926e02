"""The seen face and the face read back from simulated spikes, with the number of neurons as a slider."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np

from kit.brain.spikes import BayesDecoder, Population, accuracy, as_faces, coefficients
from kit.faces import Faces
from kit.faces.mixing import concat
from kit.plots.signs import minus

from .canvas import Canvas
from .live_picture import Choice, Group, Slider, Values
from .wide_picture import WidePicture

LISTEN = {"0.1 s": 0.1, "0.3 s": 0.3, "1 s": 1.0}
SIDE, GAP, BELOW = 216, 12, 30
DRAWN, TOP, LEFT = 288, 12, 36  # pixels that are rendered, and where the shown part of them begins
PENALTY = 1.0  # of ridge, for each training face


@dataclass(frozen=True, eq=False)
class Trained:
    """All that ridge needs of the spikes to known faces, so that any number of neurons is solved at once.

    Attributes
    ----------
    gram : array of shape (n_neurons, n_neurons)
    cross : array of shape (n_neurons, n_coefficients)
    counts : array of shape (n_neurons,), the mean
    penalty : float
    """

    gram: np.ndarray
    cross: np.ndarray
    counts: np.ndarray
    penalty: float

    @classmethod
    def on(cls, counts: np.ndarray, seen: np.ndarray) -> Trained:
        """From counts (n_faces, n_neurons) and coefficients (n_faces, n_coefficients) with mean 0."""
        away = counts - counts.mean(axis=0)
        return cls(away.T @ away, away.T @ seen, counts.mean(axis=0), PENALTY * len(counts))

    def decoder(self, neurons: int) -> BayesDecoder:
        """The read-out from the first so many neurons."""
        part = slice(neurons)
        weights = np.linalg.solve(self.gram[part, part] + self.penalty * np.eye(neurons), self.cross[part])
        return BayesDecoder(weights, -self.counts[part] @ weights)


class ReadBack:
    """Faces that are read back from a population.

    Parameters
    ----------
    cells : Population
    known : Faces
        On which the read-out is trained; of one sex, age and ancestry.
    seen : Faces
        New ones, of the same.
    """

    def __init__(self, cells: Population, known: Faces, seen: Faces):
        self.cells, self.known, self.seen = cells, known, seen
        self.trained, self.decoder = cache(self._trained), cache(self._decoder)
        self.names = tuple(f"face {k + 1}" for k in range(len(seen)))

    def _trained(self, listen: str) -> Trained:
        truth = coefficients(self.known)
        return Trained.on(self.cells.counts(truth, LISTEN[listen], rng=0), truth - truth.mean(axis=0))

    def _decoder(self, listen: str, neurons: int) -> BayesDecoder:
        return self.trained(listen).decoder(neurons)

    @cached_property
    def mean(self) -> Faces:
        """The average of the sex, age and ancestry."""
        return self.seen[0].caricature(0)

    def compute(self, values: Values) -> tuple[Faces, Faces, float]:
        """The seen face, the face read back, and the share of it that was read back."""
        which, neurons = self.names.index(values["face"]), int(values["neurons"])
        face = self.seen[which]
        counts = self.cells[:neurons].counts(coefficients(face), LISTEN[values["listen"]], rng=which)
        decoded = self.decoder(values["listen"], neurons).predict(counts)
        return face, as_faces(decoded, face), accuracy(decoded, coefficients(face))

    def drawing(self, values: Values) -> Canvas:
        """Seen, read back, average."""
        face, back, _ = self.compute(values)
        canvas = Canvas(3 * SIDE + 2 * GAP, SIDE + BELOW)
        titles = ("seen", f"read back from {values['neurons']:g}", "average face")
        drawn = concat([face, back, self.mean]).render(DRAWN)[:, TOP : TOP + SIDE, LEFT : LEFT + SIDE]
        for k, (title, picture) in enumerate(zip(titles, drawn)):
            canvas.pixels(picture, k * (SIDE + GAP), 0, SIDE)
            canvas.text(k * (SIDE + GAP) + SIDE / 2, SIDE + 16, title, 16)
        return canvas

    def describe(self, values: Values) -> str:
        """What the picture shows, in words."""
        _, _, share = self.compute(values)
        words = (
            f"{values['face'].capitalize()} as seen, as read back from {values['neurons']:g} SIMULATED neurons in "
            f"{values['listen']}, and the average face. Read back: {share:.0%} of what sets it apart from the average "
            "(below 0: further away than the average face)."
        )
        return minus(words)

    def show(self) -> None:
        controls = (
            Slider("neurons", "neurons", 5, len(self.cells), 5, 10),
            Choice("listen", "listening for", tuple(LISTEN), "0.3 s"),
            Choice("face", "seen", self.names, self.names[0]),
        )
        groups = [Group("Simulated neurons", controls)]
        WidePicture(groups, lambda v: (self.drawing(v), self.describe(v))).show("read-face")


def read_face(cells: Population, known: Faces, seen: Faces) -> None:
    """Show a seen face beside the one read back from spikes, for any number of neurons.

    Parameters
    ----------
    cells : Population
    known : Faces
        On which the read-out is trained; of one sex, age and ancestry.
    seen : Faces
        New ones, of the same sex, age and ancestry.
    """
    ReadBack(cells, known, seen).show()
