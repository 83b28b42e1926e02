"""Pictures of faces with words that are true of them.

The words come from the numbers that made the faces. "stubbly" is the nearest to "bearded" that the face model has: it
paints stubble, and no beard longer than that. The words for ancestry name artists' archetypes, not populations.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from kit import faces
from kit.faces import Faces
from kit.files import data

from ..richer.synapse_race import close_up

SLOTS = {
    "sex": ("woman", "man"),
    "age": ("young", "middle-aged", "old"),
    "ancestry": ("african", "asian", "caucasian"),
    "chin": ("smooth", "stubbly"),
    "expression": ("neutral", "happy", "surprised", "angry"),
    "view": ("far left", "left", "ahead", "right", "far right"),
    "lamp": ("lamp left", "lamp ahead", "lamp right"),
}
ALL = tuple(SLOTS)
AGES, VAGUE_AGE = (26, 46, 66), 7.0  # years in the middle of each word, and its standard deviation: words are vague
YAWS, VAGUE_YAW = (-30, -15, 0, 15, 30), 6.0  # degrees, alike
LAMPS = (-50, 0, 50)  # degrees
EXPRESSIONS = ("neutral", "happy", "surprise", "anger")  # as the face model calls them
STRENGTH = (0.8, 1.0)
STUBBLE = 0.17  # amount of pigment above which a chin is called stubbly; the median of men
MOST_TRIED = 1000  # descriptions drawn for each that is wanted
HELD_OUT = (("woman", "lamp left"), ("old", "far right"), ("man", "happy"))


@dataclass(frozen=True, eq=False)
class Described:
    """n pictures, what is on them, and the words for it.

    Parameters
    ----------
    images : uint8 array of shape (n, size, size, 3)
    faces : Faces
    words : dict of slot to int64 array of shape (n,)
        Places in the slot's words, `SLOTS`.
    """

    images: np.ndarray
    faces: Faces
    words: dict[str, np.ndarray]

    def __len__(self) -> int:
        return len(self.images)

    def text(self, row: int) -> str:
        """The description of one picture."""
        return ", ".join(SLOTS[slot][self.words[slot][row]] for slot in SLOTS)

    def has(self, *words: str) -> np.ndarray:
        """Which pictures all of some words are true of, bool (n,)."""
        return np.all([self.words[slot] == row for slot, row in map(place, words)], axis=0)


def place(word: str) -> tuple[str, int]:
    """Slot of a word, and its place there."""
    for slot, words in SLOTS.items():
        if word in words:
            return slot, words.index(word)
    raise ValueError(f"{word!r} is no word here; there are {', '.join(w for ws in SLOTS.values() for w in ws)}")


def held_out(words: dict[str, np.ndarray]) -> np.ndarray:
    """Which descriptions, words (n,) of each slot, hold a pair of `HELD_OUT`, which learners never meet: bool (n,)."""
    pairs = [[place(word) for word in pair] for pair in HELD_OUT]
    return np.any([np.all([words[slot] == row for slot, row in pair], axis=0) for pair in pairs], axis=0)


def described(
    n: int, rng: int | np.random.Generator, keep: Callable[[dict[str, np.ndarray]], np.ndarray] | None = None,
    size: int = 40,
) -> Described:  # fmt: skip
    """Photograph n random faces, each with its own attributes, and describe them.

    Parameters
    ----------
    keep : from words to bool (n,), optional
        Which descriptions may be; others are drawn again. All of them by default.
    size : int
        Pixels on a side of the close-ups.
    """
    rng = np.random.default_rng(rng)
    words = _draw(n, rng, keep)
    model, ages = faces.load(), np.array(AGES)[words["age"]] + VAGUE_AGE * rng.normal(size=n)
    drawn = model.sample(
        n, np.where(words["sex"] == 1, "male", "female"), np.clip(ages, 18, 80),
        [SLOTS["ancestry"][row] for row in words["ancestry"]], rng=rng,
    )  # fmt: skip
    people = drawn.changed(expression=_strengths(words["expression"], model.expression_names, rng))
    words["chin"] = (stubble(people) > STUBBLE).astype(np.int64)
    yaw = np.array(YAWS)[words["view"]] + VAGUE_YAW * rng.normal(size=n)
    lamp = np.array(LAMPS)[words["lamp"]] + rng.uniform(-10, 10, n), rng.uniform(10, 50, n)
    images = people.render(round(1.5 * size), yaw, rng.uniform(-6, 6, n), lamp)
    return Described(close_up(images), people, {slot: words[slot] for slot in SLOTS})


def _draw(n: int, rng: np.random.Generator, keep) -> dict[str, np.ndarray]:
    """Words of all slots but the chin's, which depends on the face."""
    slots = [slot for slot in SLOTS if slot != "chin"]
    rows, tried = np.empty((0, len(slots)), np.int64), 0
    while len(rows) < n:
        new = np.stack([rng.integers(len(SLOTS[slot]), size=n) for slot in slots], axis=1)
        fitting = keep(dict(zip(slots, new.T))) if keep else np.ones(n, bool)
        tried += n
        if tried > MOST_TRIED * n and len(rows) < n:
            raise ValueError(f"of {tried} descriptions `keep` allows {len(rows)}, and {n} are wanted: allow more")
        rows = np.concatenate([rows, new[fitting]])
    return {slot: column.copy() for slot, column in zip(slots, rows[:n].T)}


def _strengths(expression: np.ndarray, names: tuple[str, ...], rng: np.random.Generator) -> np.ndarray:
    out = np.zeros((len(expression), len(names)), np.float32)
    for row, name in enumerate(EXPRESSIONS[1:], 1):
        out[expression == row, names.index(name)] = rng.uniform(*STRENGTH, int((expression == row).sum()))
    return out


def stubble(people: Faces) -> np.ndarray:
    """How much beard pigment is painted on each face, (n,); about 0 for women, 0.17 for men."""
    effects, loadings = _beard()
    return people.design @ effects + people.texture @ loadings


@cache
def _beard() -> tuple[np.ndarray, np.ndarray]:
    """What each column of the design row, and each texture component, adds to the beard's layers."""
    with np.load(data.verified("face_model.npz"), allow_pickle=False) as archive:
        beard = np.char.startswith(archive["layer_names"], "beard")
        return archive["layer_effects"][:, beard].sum(1), archive["layer_loadings"][:, beard].sum(1)
