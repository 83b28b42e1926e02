"""Stimuli of the study: four identities to know, panels of six random faces, amplified features, variants."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass

import numpy as np

from .faces import Faces
from .mixing import concat
from .model import FaceModel
from .views import FRAME, FRONTAL, Views, draw_views, from_the_front

PANEL = 6  # faces a trial, shown as 2 x 3
TRIALS = 1800  # a trial is one panel; the study's number for each identity
AMPLIFICATION = np.arange(0, 50.5, 0.5)
OLD_AGE = 80.0

# Two women and two men, as in the study; the seeds were chosen so that they are easy to tell apart.
IDENTITIES = {
    "Ada": ("female", 27.0, "caucasian", 3),
    "Mei": ("female", 36.0, "asian", 6),
    "Leo": ("male", 31.0, "caucasian", 2),
    "Kofi": ("male", 42.0, "african", 11),
}


@dataclass(frozen=True)
class Trials:
    """Panels of random faces around one identity.

    Parameters
    ----------
    target : Faces of length 1
    faces : Faces of length n_trials * 6
        The panels one after the other; face `6 * trial + place`, places row by row.
    views : Views of length n_trials * 6, optional
        How each face is shown; all from the front by default.
    """

    target: Faces
    faces: Faces
    views: Views | None = None

    def __post_init__(self) -> None:
        if self.views is None:
            object.__setattr__(self, "views", from_the_front(len(self.faces)))
        if len(self.views) != len(self.faces):
            raise ValueError(f"there are {len(self.faces)} faces and {len(self.views)} views: each face needs one")

    def __len__(self) -> int:
        return len(self.faces) // PANEL

    def panel(self, trial: int) -> Faces:
        """The six faces of a trial. Raises IndexError outside."""
        return self.take([trial]).faces

    def take(self, numbers: Sequence[int]) -> Trials:
        """These panels alone, in this order. Raises IndexError outside."""
        outside = [trial for trial in numbers if not 0 <= trial < len(self)]
        if outside:
            raise IndexError(f"trial {outside[0]} does not exist; there are {len(self)}")
        rows = (PANEL * np.asarray(numbers, dtype=int)[:, None] + np.arange(PANEL)).ravel()
        return Trials(self.target, self.faces[rows], self.views[rows])

    def render(self, size: int, rows: Sequence[int] | None = None) -> np.ndarray:
        """Draw faces as they are shown: uint8 (n, size, size, 3).

        Parameters
        ----------
        size : int
            Pixels on a side.
        rows : sequence of int or mask, optional
            Which faces, all by default; one panel is `trials.take([trial]).render(size)`.
        """
        rows = np.arange(len(self.faces)) if rows is None else np.asarray(rows)
        return self.faces[rows].render(size, frame=FRAME, **self.views[rows].angles)


def identities(model: FaceModel) -> dict[str, Faces]:
    """The four familiar identities, name to face (names are ours)."""
    return {
        name: model.sample(1, sex, age, ancestry, rng=seed) for name, (sex, age, ancestry, seed) in IDENTITIES.items()
    }


def trials(
    target: Faces,
    n: int = TRIALS,
    rng: int | np.random.Generator | None = None,
    components: tuple[int, int] | None = None,
    view: str = FRONTAL,
) -> Trials:
    """n panels of 2 x 3 random faces that share the target's sex, age and ancestry.

    Panels come in a fixed order: with the same seed, the first panels of a long series are those of a short one,
    and the faces are the same in every viewing condition.

    Parameters
    ----------
    target : Faces of length 1
    n : int
    rng : int or numpy Generator, optional
        The same seed gives the same panels.
    components : (shape, texture), optional
        Only so many leading components vary, the others are at the mean: few trials suffice to study
        few components. All by default.
    view : "frontal" or "turned"
        All faces from the front in one light, as in the study, or each at a random view and lamp: the ranges
        are `kit.faces.views.VIEWS`.

    References
    ----------
    Daube et al. (2021), Patterns 2:100348, experimental procedures.
    """
    k, m = target.shape.shape[1], target.texture.shape[1]
    if n < 1:
        raise ValueError(f"n must be at least 1 trial; got {n}")
    rng = np.random.default_rng(rng)
    views = draw_views(view, PANEL * n, _of_its_own(rng))
    drawn = rng.normal(size=(PANEL * n, k + m))
    shape, texture = drawn[:, :k], drawn[:, k:]
    for values, most, name in zip((shape, texture), components or (k, m), ("shape", "texture")):
        if not 0 <= most <= values.shape[1]:
            raise ValueError(f"{most} {name} components cannot vary; the model has {values.shape[1]}")
        values[:, most:] = 0
    alike = target[[0] * len(drawn)].with_expression("neutral")
    return Trials(target, alike.changed(shape=shape, texture=texture), views)


def component_counts(text: str) -> tuple[int, int]:
    """Counts (shape, texture) of a text like "8+8", as tables of ratings name the components that vary."""
    shape, texture = text.split("+")
    return int(shape), int(texture)


def _of_its_own(rng: np.random.Generator) -> np.random.Generator:
    """A generator that follows from another one's state and leaves it alone: views must not move the faces."""
    return np.random.default_rng(deepcopy(rng).integers(2**32, size=4))


def amplification(
    target: Faces, shape: np.ndarray, texture: np.ndarray, amounts: Sequence[float] = AMPLIFICATION
) -> Faces:
    """Template series b0 + alpha b1 from the mean b0 of the target's category (study: amplification).

    Parameters
    ----------
    target : Faces of length 1
        Gives sex, age and ancestry.
    shape, texture : arrays of shape (k,) and (m,)
        Direction b1 in coefficients, e.g. what reverse correlation found.
    amounts : sequence of float
        The alphas.

    Returns
    -------
    Faces, one for each amount. Scale directions so that the series stays within five standard
    deviations; beyond, a warning says so.
    """
    alpha = np.asarray(amounts, dtype=float)[:, None]
    return target[[0] * len(alpha)].with_shape(alpha * shape).with_texture(alpha * texture)


def generalisation(face: Faces) -> dict[str, Faces]:
    """One identity at another age and at the other sex, beside itself; its views come with drawing."""
    return {
        "same": face,
        "old": face.with_design(age=OLD_AGE),
        "opposite sex": face.with_design(sex=-face.sex[0]),
    }


def diagnostic_only(target: Faces, keep_shape: np.ndarray, keep_texture: np.ndarray, amount: float = 1.0) -> Faces:
    """The target with only the marked components of identity, amplified; all others at the mean.

    Parameters
    ----------
    keep_shape, keep_texture : bool arrays of shape (k,) and (m,)
    """
    return target.with_shape(amount * target.shape * keep_shape).with_texture(amount * target.texture * keep_texture)


def training_set(model: FaceModel, n: int, rng: int | np.random.Generator | None = None) -> Faces:
    """n random identities followed by the four familiar ones, for training networks."""
    return concat([model.sample(n, rng=rng), *identities(model).values()])
