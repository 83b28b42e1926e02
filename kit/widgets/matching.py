"""The matching game: which of four faces wears the same texture, or has the same shape, as the sample?

The four are seen from another side and under another light, so that pixels alone do not give the answer
away; one of them is a lure that shares the *other* part with the sample.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anywidget
import numpy as np
import traitlets

from kit import teaching
from kit.faces import Faces, concat, load
from kit.faces.pictures import encoded
from kit.javascript import bundled
from kit.teaching.markup import fold, heading, inline

from .live_head import numbers, studio
from .live_picture import data_url

SIZE = 232
CROP = (slice(12, 184), slice(30, 202))  # rows and columns of the picture that hold every head
LETTERS = "ABCD"
KINDS = ("texture", "shape")
OTHER = {"texture": "shape", "shape": "texture"}
STRENGTH = 1.2  # caricatured a little: with six rounds the parts should be clear to see
AGES, ANCESTRIES = (22, 55), ("african", "asian", "caucasian")
LOOK_AT = {
    "texture": "brows, lips, freckles and the tone of the skin stay; outline, nose and jaw do not tell",
    "shape": "outline, jaw, nose and the distances between features stay; brows, lips and skin do not tell",
}
SAMPLE_VIEW = {"yaw": 0, "pitch": 0, "azimuth": 0, "elevation": 30, "cap": True, "frame": "head"}
OPTION_VIEW = SAMPLE_VIEW | {"yaw": 20, "azimuth": 35}
HERE = Path(__file__).parent
STYLE = (Path(teaching.__file__).with_name("panel.css"), HERE / "matching.css")


@dataclass(frozen=True)
class Round:
    """One question: the sample, four faces, and which of them share texture or shape with it."""

    kind: str
    sample: Faces
    options: Faces
    answer: int
    lure: int


def question(shown: Round) -> str:
    """What a round asks."""
    verb = "wears the same **texture** as" if shown.kind == "texture" else "has the same **shape** as"
    return f"Which face {verb} the sample?"


def reason(shown: Round, choice: int) -> str:
    """Why a choice is right or wrong."""
    kind, right = shown.kind, LETTERS[shown.answer]
    if choice == shown.answer:
        return f"✓ Right: {right} has the sample's {kind} and another {OTHER[kind]}. What helps: {LOOK_AT[kind]}."
    if choice == shown.lure:
        has = f"{LETTERS[choice]} is the lure: it has the sample's {OTHER[kind]}, but another {kind}"
    else:
        has = f"{LETTERS[choice]} shares neither shape nor texture with the sample"
    return f"✗ Not this one: {has}. It was {right}. What helps: {LOOK_AT[kind]}."


def compute(rounds: int = 6, rng: int | np.random.Generator | None = None) -> list[Round]:
    """Rounds that ask for texture and shape in turn."""
    rng = np.random.default_rng(rng)
    return [_round(KINDS[k % 2], rng) for k in range(rounds)]


def _round(kind: str, rng: np.random.Generator) -> Round:
    sex, age = rng.choice(["female", "male"]), rng.uniform(*AGES)
    people = load().sample(5, sex, age, ANCESTRIES[rng.integers(3)], rng=rng).caricature(STRENGTH)
    sample, first, second, third, fourth = people
    same_texture, same_shape = first.with_texture(sample), second.with_shape(sample)
    target, lure = (same_texture, same_shape) if kind == "texture" else (same_shape, same_texture)
    order = rng.permutation(4)
    options = concat([target, lure, third, fourth])[np.argsort(order)]
    return Round(kind, sample, options, int(order[0]), int(order[1]))


def image(shown: Round) -> tuple[bytes, ...]:
    """JPEGs of the sample, from the front, and of the four, turned and lit from the side."""
    views = SAMPLE_VIEW, *[OPTION_VIEW] * 4
    return tuple(
        encoded(face.render(SIZE, view["yaw"], view["pitch"], (view["azimuth"], view["elevation"]))[0][CROP])
        for face, view in zip([shown.sample, *shown.options], views)
    )


def static(shown: Round) -> str:
    """A round as a page without a script has it, with its answer folded away."""
    images = "".join(
        f'<figure style="display:inline-block;margin:.3em"><img alt="{name}" src="{data_url(jpeg)}">'
        f"<figcaption>{name}</figcaption></figure>"
        for name, jpeg in zip(("sample", *LETTERS), image(shown))
    )
    answer = fold("Answer", f"<p>{inline(reason(shown, shown.answer))}</p>")
    return f"{heading('Matching game, first round', question(shown))}<div>{images}</div>{answer}"


def told(shown: Round) -> dict[str, Any]:
    """A round for the browser: its words, its faces, and which of them is right."""
    return {
        "kind": shown.kind, "question": inline(question(shown)), "answer": shown.answer, "lure": shown.lure,
        "reasons": [reason(shown, choice) for choice in range(4)],
        "faces": [numbers(face) for face in (shown.sample, *shown.options)],
    }  # fmt: skip


class MatchingGame(anywidget.AnyWidget):
    """The game in a cell; the browser plays it, and asks for pictures only if it cannot draw.

    Parameters
    ----------
    rounds : list of Round
    """

    _esm = bundled(HERE / "matching.js")
    _css = "\n".join(path.read_text(encoding="utf-8") for path in STYLE)
    game = traitlets.Dict().tag(sync=True)
    studio = traitlets.Dict().tag(sync=True)
    pictures = traitlets.Dict().tag(sync=True)

    def __init__(self, rounds: list[Round]):
        self._rounds = rounds
        crop = {"size": SIZE, "top": CROP[0].start, "left": CROP[1].start, "side": CROP[0].stop - CROP[0].start}
        game = {"rounds": [told(shown) for shown in rounds], "letters": LETTERS, "crop": crop,
                "views": [SAMPLE_VIEW, *[OPTION_VIEW] * 4]}  # fmt: skip
        super().__init__(game=game)
        self.on_msg(self._heard)

    def _heard(self, _widget: Any, message: dict, _buffers: list) -> None:
        number = message["round"]
        self.pictures = {"round": number, "jpegs": list(image(self._rounds[number]))}

    def show(self) -> None:
        """Show it, above the first round with its answer, which stays when the kernel is gone."""
        self.add_class("tk-matching-game")
        if not teaching.headless():
            self.studio = studio()
        living = {"widget": "matching-game", "state": {"game": self.game, "pictures": {}}}
        teaching.show(self, static(self._rounds[0]), living)


def matching_game(rounds: int = 6, rng: int | None = 0) -> None:
    """Play: find the face that shares texture, or shape, with the sample.

    Parameters
    ----------
    rounds : how many; they ask for texture and shape in turn.
    rng : seed; another one makes another game.
    """
    MatchingGame(compute(rounds, rng)).show()
