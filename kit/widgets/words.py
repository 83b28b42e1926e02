"""Say words, and see which faces they excite most in a network that learned words from pictures."""

from __future__ import annotations

import numpy as np

from kit.networks.words.described import SLOTS, Described
from kit.networks.words.grounding import Grounded
from kit.plots.images import enlarged
from kit.plots.looks import INK, PALETTE

from .canvas import Canvas
from .live_picture import Choice, Group, Values
from .wide_picture import WidePicture

SIDE, GAP, TOP, SHOWN, ANY = 104, 10, 30, 6, "–"


class WordFaces:
    """A gallery, how a network sees it, and the faces that words excite most.

    Parameters
    ----------
    model : Grounded
    gallery : Described
        Pictures that the network never met; more than six.
    """

    def __init__(self, model: Grounded, gallery: Described):
        if len(gallery) <= SHOWN:
            raise ValueError(f"a gallery of {len(gallery)} leaves nothing to choose from; describe more than {SHOWN}")
        self.model, self.gallery, self.seen = model, gallery, model.look(gallery.images)

    def said(self, values: Values) -> list[str]:
        """The words that were chosen."""
        return [values[slot] for slot in self.model.slots if values[slot] != ANY]

    def compute(self, words: list[str]) -> np.ndarray:
        """Places of the six most excited pictures, most excited first; without a word, the first six."""
        if not words:
            return np.arange(SHOWN)
        return np.argsort(-self.model.activation(self.seen, words), kind="stable")[:SHOWN]

    def drawing(self, words: list[str]) -> Canvas:
        """The six pictures; a blue frame where all words are true, a black one where some word is not."""
        canvas, found = Canvas(SHOWN * (SIDE + GAP) + GAP, SIDE + TOP + 34), self.compute(words)
        true = self.gallery.has(*words)[found] if words else np.zeros(SHOWN, bool)
        drawn = enlarged(self.gallery.images[found], SIDE)
        for k, (picture, right) in enumerate(zip(drawn, true)):
            x = GAP + k * (SIDE + GAP)
            canvas.pixels(picture, x, TOP, SIDE)
            canvas.text(x + SIDE / 2, 14, f"{k + 1}." if words else "some face", 14)
            if words:
                canvas.frame(
                    (x - 3, TOP - 3, x + SIDE + 2, TOP + SIDE + 2), PALETTE[0] if right else INK, 4 if right else 1
                )
                canvas.text(x + SIDE / 2, TOP + SIDE + 16, "true" if right else "not true", 14)
        return canvas

    def describe(self, words: list[str]) -> str:
        """What the picture shows, in words."""
        if not words:
            return "No word is said: six faces of the gallery. Choose a word, and the faces it excites most appear."
        true, found = self.gallery.has(*words), self.compute(words)
        return (
            f"“{', '.join(words)}”: of the six most excited pictures {true[found].sum()} show it (blue frame); among "
            f"six drawn at random it would be {6 * true.mean():.1f}. The network never met these {len(true)} faces."
        )

    def show(self) -> None:
        controls = tuple(Choice(slot, slot, (ANY, *SLOTS[slot]), ANY) for slot in self.model.slots)

        def draw(values: Values) -> tuple[Canvas, str]:
            words = self.said(values)
            return self.drawing(words), self.describe(words)

        WidePicture([Group("Say", controls)], draw).show("word-faces")


def word_faces(model: Grounded, gallery: Described) -> None:
    """Choose words and see the six pictures of a gallery that they excite most.

    Parameters
    ----------
    model : Grounded
    gallery : Described
        Pictures that the network never met.
    """
    WordFaces(model, gallery).show()
