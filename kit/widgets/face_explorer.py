"""The face explorer: a slider for every knob of the model, and the face that answers."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np

from kit.faces import Faces, load
from kit.faces.design import AGES, ANCESTRIES
from kit.faces.stimuli import IDENTITIES, identities
from kit.javascript import bundled
from kit.plots.signs import minus

from .live_head import VIEW, LiveHead, image, numbers, view_words
from .live_picture import Choice, Group, Slider, Values, start

SHOWN = 4  # components with a slider, of shape and of texture
EVEN = "even mixture"
NOBODY = "average"
GIVEN = "from Python"  # the person, or the ancestry, that was set by `explorer.face`


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
    "view": VIEW,
}  # fmt: skip
START = start(list(GROUPS.values()))
NEUTRAL = {c.name: c.value for name in ("identity", "shape", "texture") for c in GROUPS[name].controls}


def compute(values: Values) -> Faces:
    """The face that the controls ask for; controls that are not given are where they start."""
    v = START | values
    ancestry = v["given"]["ancestry"] if v["ancestry"] == GIVEN else _ancestries()[v["ancestry"]]
    shape, texture = (_coefficients(v, kind) for kind in ("shape", "texture"))
    return load().face(v["sex"], v["age"], ancestry, shape=shape, texture=texture, expression=_expression(v))


def _ancestries() -> dict[str, list[float]]:
    """The weights behind each option."""
    return dict(zip((*ANCESTRIES, EVEN), [*np.eye(3).tolist(), [1 / 3] * 3]))


def _coefficients(v: Values, kind: str) -> np.ndarray:
    """The person's own, weakened or exaggerated, plus what the sliders add."""
    person = v["given"] if v["person"] == GIVEN else _people().get(v["person"], _nobody())
    out = v["strength"] * np.array(person[kind])
    out[:SHOWN] += [v[f"{kind}_{k}"] for k in range(SHOWN)]
    return out


def _expression(v: Values) -> dict[str, float]:
    given = v["given"]["expression"] if v["person"] == GIVEN else _nobody()["expression"]
    return dict(zip(load().expression_names, given))


@cache
def _people() -> dict[str, dict]:
    """The numbers of the identities that can be chosen."""
    return {name: numbers(face) for name, face in identities(load()).items()}


@cache
def _nobody() -> dict:
    return numbers(load().mean())


def asking_for(face: Faces) -> Values:
    """The values of the controls that ask for a face. Raises ValueError if it is none of the explorer's."""
    if not isinstance(face, Faces) or len(face) != 1 or face.model is not load():
        raise ValueError(f"the explorer shows one face of the kit's own model (faces.load()), not {face!r}")
    given = numbers(face)
    named = [name for name, weights in _ancestries().items() if np.allclose(weights, given["ancestry"])]
    return NEUTRAL | {
        "sex": float(face.sex[0]), "age": float(face.age[0]), "ancestry": named[0] if named else GIVEN,
        "person": GIVEN, "given": given,
    }  # fmt: skip


def describe(values: Values) -> str:
    """What the picture shows, in one sentence."""
    v = START | values
    whose = GIVEN if v["person"] == GIVEN else f"of {v['person']}"
    person = "average identity" if v["person"] == NOBODY else f"identity {whose} at {v['strength']:.2f}"
    moved = [f"{name.replace('_', ' ')} at {v[name]:+.1f} sd" for name in v if name[-1].isdigit() and v[name]]
    words = "; ".join([_design_words(v), person, *moved, view_words(v)])
    return minus(words) + "."


def _design_words(v: Values) -> str:
    sex = {-1: "Female", 1: "Male"}.get(v["sex"], f"Between female (-1) and male (+1) at {v['sex']:+.1f}")
    mixed = {EVEN: "the three archetypes mixed", GIVEN: "archetypes mixed in Python"}
    ancestry = mixed.get(v["ancestry"], f"{v['ancestry']} archetype")
    return f"{sex}, {v['age']:.0f} years, {ancestry}"


class FaceExplorer(LiveHead):
    """The explorer in a cell; `face` is what it shows."""

    _esm = bundled(Path(__file__).with_name("face_explorer.js"))

    def __init__(self, groups: list[Group]):
        facts = {
            "people": _people(), "nobody": _nobody(), "given": GIVEN, "ancestries": _ancestries(), "even": EVEN,
            "sliders": {kind: [f"{kind}_{k}" for k in range(SHOWN)] for kind in ("shape", "texture")},
        }  # fmt: skip
        super().__init__(groups, lambda values: (image(compute(values), values), describe(values)), START, facts)

    @property
    def face(self) -> Faces:
        """The face on show; set it, and the picture follows."""
        return compute(self.values)

    @face.setter
    def face(self, face: Faces) -> None:
        self.values = self.values | asking_for(face)


def explore_faces(*groups: str) -> FaceExplorer:
    """Show the explorer.

    Parameters
    ----------
    groups : which knobs to show: "design", "identity", "shape", "texture", "view"; all by default.

    Returns
    -------
    FaceExplorer
        Its `face` is the face on show, to see or to set.

    Examples
    --------
    >>> explorer = explore_faces("design", "view")        # doctest: +SKIP
    >>> explorer.face.render(224)                         # doctest: +SKIP
    >>> explorer.face = load().sample(1, rng=0)           # doctest: +SKIP
    """
    unknown = set(groups) - set(GROUPS)
    if unknown:
        raise ValueError(f"explore_faces knows the groups {', '.join(GROUPS)}; got {', '.join(sorted(unknown))}")
    explorer = FaceExplorer([GROUPS[name] for name in groups or GROUPS])
    explorer.show("face-explorer")
    return explorer
