"""The amplifier: exaggerate what a system goes by, and see what it would like best."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from kit.faces import Faces
from kit.javascript import bundled
from kit.plots.signs import minus
from kit.study.templates import Template, amplified

from .live_head import LiveHead, image, numbers, turn_words
from .live_picture import Choice, Group, Slider, Values, start

Rate = Callable[[Faces], np.ndarray]


def compute(values: Values, templates: Mapping[str, Template], target: Faces) -> Faces:
    """The chosen system's template at the chosen amount, or at the largest at which faces do not break."""
    amounts, series = amplified(templates[values["system"]], target)
    return series[int(np.abs(amounts - values["alpha"]).argmin())]


def describe(values: Values, face: Faces, templates: Mapping[str, Template], target: Faces, rates: Mapping) -> str:
    """What the picture shows, and what the system itself would rate it."""
    own = answer(values["system"], face, rates)
    return " ".join([words(values, amplified(templates[values["system"]], target)[0][-1]), *([own] if own else [])])


def words(values: Values, largest: float) -> str:
    """What the picture shows, in a sentence; `largest` is the rating at which faces do not break."""
    alpha, turn = min(values["alpha"], largest), turn_words(values)
    limit = " (from here on faces would break)" if alpha < values["alpha"] else ""
    told = f"What the {values['system']} goes by, at rating {alpha:.1f}{limit}{', ' if turn else ''}{turn}."
    return minus(told)


def answer(system: str, face: Faces, rates: Mapping[str, Rate]) -> str:
    """What a system itself says of a face; empty if it cannot."""
    if system not in rates:
        return ""
    return minus(f"Its own answer: {rates[system](face)[0]:+.2f} (higher is more alike).")


class Amplifier(LiveHead):
    """A system to choose, an amount, and the face that it goes by; its own answer follows when Python has it."""

    _esm = bundled(Path(__file__).with_name("amplifier.js"))

    def __init__(self, templates: Mapping[str, Template], target: Faces, rates: Mapping[str, Rate]):
        self._templates, self._target, self._rates = templates, target, rates
        names = tuple(templates)
        controls = (
            Choice("system", "whose features", names, names[0]),
            Slider("alpha", "rating", 0, 20, 0.5, 3.5, "", 1),
        )
        groups = [Group("Amplify", controls)]
        super().__init__(groups, self._picture, start(groups), self._facts())

    def _facts(self) -> dict:
        target, k = self._target, self._target.shape.shape[1]
        lines = {
            name: {
                "shape": [t.intercept[:k].tolist(), t.slope[:k].tolist()],
                "texture": [t.intercept[k:].tolist(), t.slope[k:].tolist()],
                "largest": float(amplified(t, target)[0][-1]),
            }
            for name, t in self._templates.items()
        }
        return {"systems": lines, "like": numbers(target.with_expression("neutral"))}

    def _picture(self, values: Values) -> tuple[np.ndarray, str]:
        face = compute(values, self._templates, self._target)
        return image(face, values), describe(values, face, self._templates, self._target, self._rates)

    def later(self, values: Values) -> dict:
        """The system's own answer."""
        of = {name: values[name] for name in ("system", "alpha")}
        if of == self.afterwards.get("of"):  # the head was turned
            return self.afterwards
        face = compute(values, self._templates, self._target)
        return {"of": of, "words": answer(of["system"], face, self._rates)}


def amplify(templates: Mapping[str, Template], target: Faces, rates: Mapping[str, Rate]) -> None:
    """Show the amplifier.

    Parameters
    ----------
    templates : mapping of str to Template
        By name of the system.
    target : Faces of length 1
        Gives sex, age and ancestry.
    rates : mapping of str to function Faces -> array (n,)
        What systems say of a face; may lack some.
    """
    Amplifier(templates, target, rates).show("amplifier")
