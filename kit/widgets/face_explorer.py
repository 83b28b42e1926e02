"""The face explorer: a slider for every knob of the model, and the face that answers."""

from __future__ import annotations

from functools import cache

import numpy as np

from kit.faces import Faces, load
from kit.faces.design import AGES, ANCESTRIES
from kit.faces.stimuli import IDENTITIES, identities

from .live_picture import Choice, Group, LivePicture, Slider, Switch, Values, start

SIZE = 300  # pixels: the largest picture that needs no finer mesh
SHOWN = 4  # components with a slider, of shape and of texture
EVEN = "even mixture"
NOBODY = "average"


def _components(kind: str) -> tuple[Slider, ...]:
    return tuple(Slider(f"{kind}_{k}", f"{kind} {k}", -3, 3, 0.1, 0, " sd", 1) for k in range(SHOWN))


GROUPS = {
    "design": Group("Sex, age, ancestry", (
        Slider("sex", "female – male", -1, 1, 0.1, -1, "", 1),
        Slider("age", "age", *AGES, 1, 30, " years"),
        Choice("ancestry", "ancestry", (*ANCESTRIES, EVEN), "caucasian"),
    )),
    "identity": Group("Identity", (
        Choice("person", "person", (NOBODY, *IDENTITIES), NOBODY),
        Slider("strength", "strength", -1.5, 1.5, 0.05, 1, "", 2),
    )),
    "shape": Group("Shape components", _components("shape")),
    "texture": Group("Texture components", _components("texture")),
    "view": Group("View and light", (
        Slider("yaw", "turn", -60, 60, 1, 0, "°"),
        Slider("pitch", "nod", -30, 30, 1, 0, "°"),
        Slider("azimuth", "lamp left – right", -80, 80, 1, 0, "°"),
        Slider("elevation", "lamp low – high", -30, 80, 1, 30, "°"),
        Switch("cap", "swim cap", True),
    )),
}  # fmt: skip
START = start(list(GROUPS.values()))


def compute(values: Values) -> Faces:
    """The face that the controls ask for; controls that are not given are where they start."""
    v = START | values
    ancestry = (1 / 3, 1 / 3, 1 / 3) if v["ancestry"] == EVEN else v["ancestry"]
    shape, texture = (_coefficients(v, kind) for kind in ("shape", "texture"))
    return load().face(v["sex"], v["age"], ancestry, shape=shape, texture=texture)


def _coefficients(v: Values, kind: str) -> np.ndarray:
    """The person's own, weakened or exaggerated, plus what the sliders add."""
    out = np.zeros(len(getattr(load(), f"{kind}_components")))
    if v["person"] != NOBODY:
        out += v["strength"] * getattr(_people()[v["person"]], kind)[0]
    out[:SHOWN] += [v[f"{kind}_{k}"] for k in range(SHOWN)]
    return out


@cache
def _people() -> dict[str, Faces]:
    return identities(load())


def image(face: Faces, values: Values) -> np.ndarray:
    """The face as the controls of view and light show it, (300, 300, 3)."""
    v = START | values
    return face.render(SIZE, v["yaw"], v["pitch"], (v["azimuth"], v["elevation"]), v["cap"])[0]


def describe(values: Values) -> str:
    """What the picture shows, in one sentence."""
    v = START | values
    person = "average identity" if v["person"] == NOBODY else f"identity of {v['person']} at {v['strength']:.2f}"
    moved = [f"{name.replace('_', ' ')} at {v[name]:+.1f} sd" for name in v if name[-1].isdigit() and v[name]]
    words = "; ".join([_design_words(v), person, *moved, _view_words(v)])
    return words.replace("-", "−") + "."


def _design_words(v: Values) -> str:
    sex = {-1: "Female", 1: "Male"}.get(v["sex"], f"Between female (-1) and male (+1) at {v['sex']:+.1f}")
    ancestry = "the three archetypes mixed" if v["ancestry"] == EVEN else f"{v['ancestry']} archetype"
    return f"{sex}, {v['age']:g} years, {ancestry}"


def _view_words(v: Values) -> str:
    turn = [f"turned {abs(v['yaw']):g}° {'right' if v['yaw'] > 0 else 'left'}"] if v["yaw"] else []
    nod = [f"nodding {abs(v['pitch']):g}° {'up' if v['pitch'] > 0 else 'down'}"] if v["pitch"] else []
    lamp = f"lamp at {v['azimuth']:+g}° across and {v['elevation']:+g}° up"
    cap = [] if v["cap"] else ["no cap"]
    return ", ".join([*(turn + nod or ["seen from the front"]), lamp, *cap])


def explore_faces(*groups: str) -> None:
    """Show the explorer.

    Parameters
    ----------
    groups : which knobs to show: "design", "identity", "shape", "texture", "view"; all by default.

    Examples
    --------
    >>> explore_faces("design", "view")        # doctest: +SKIP
    """
    unknown = set(groups) - set(GROUPS)
    if unknown:
        raise ValueError(f"explore_faces knows the groups {', '.join(GROUPS)}; got {', '.join(sorted(unknown))}")
    chosen = [GROUPS[name] for name in groups or GROUPS]
    LivePicture(chosen, lambda values: (image(compute(values), values), describe(values))).show("face-explorer")
