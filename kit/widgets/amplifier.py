"""The amplifier: exaggerate what a system goes by, and see what it would like best."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from kit.faces import Faces
from kit.study.templates import Template, amplified

from .live_picture import Choice, Group, LivePicture, Slider, Values

SIZE = 300
Rate = Callable[[Faces], np.ndarray]


def compute(values: Values, templates: Mapping[str, Template], target: Faces) -> Faces:
    """The chosen system's template at the chosen amount, or at the largest at which faces do not break."""
    amounts, series = amplified(templates[values["system"]], target)
    return series[int(np.abs(amounts - values["alpha"]).argmin())]


def describe(values: Values, face: Faces, templates: Mapping[str, Template], target: Faces, rates: Mapping) -> str:
    """What the picture shows, and what the system itself would rate it."""
    system, largest = values["system"], amplified(templates[values["system"]], target)[0][-1]
    alpha = min(values["alpha"], largest)
    limit = " (from here on faces would break)" if alpha < values["alpha"] else ""
    own = f" Its own answer: {rates[system](face)[0]:+.2f} (higher is more alike)." if system in rates else ""
    return f"What the {system} goes by, at rating {alpha:.1f}{limit}.{own}".replace("-", "−")


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
    names = tuple(templates)
    controls = Choice("system", "whose features", names, names[0]), Slider("alpha", "rating", 0, 20, 0.5, 3.5, "", 1)

    def draw(values: Values) -> tuple[np.ndarray, str]:
        face = compute(values, templates, target)
        return face.render(SIZE)[0], describe(values, face, templates, target, rates)

    LivePicture([Group("Amplify", controls)], draw).show("amplifier")
