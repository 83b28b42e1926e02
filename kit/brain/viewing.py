"""What a simulated brain is shown, and the features its regions may care about.

Every person is shown in several views and lights, so that a code of the *picture* and a code of the
*face* can be told apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from kit.chance import Rng
from kit.faces import FaceModel, Faces, concat
from kit.faces.stimuli import identities

SIZE = 64  # pixels on a side of the pictures
COMPONENTS = 12  # leading components of shape and of texture that vary
TURN, LAMP = 25.0, 45.0  # degrees: yaw and light azimuth of the two views, drawn around these
LEVELS = ((3, 0.06), (6, 0.12))  # sites on a side, and cycles a pixel, of the Gabor filters
ORIENTATIONS = 4
STRUCTURE = 0  # the shape component that changes from trial to trial


@dataclass(frozen=True, eq=False)
class Stimuli:
    """Pictures of people, each person in all views one after the other.

    Parameters
    ----------
    faces : Faces of length n
        One for each picture.
    person, view : int arrays of shape (n,)
    yaw, light : arrays of shape (n,)
        Degrees; the light is its azimuth.
    """

    faces: Faces
    person: np.ndarray
    view: np.ndarray
    yaw: np.ndarray
    light: np.ndarray

    def __len__(self) -> int:
        return len(self.faces)

    def __repr__(self) -> str:
        return f"Stimuli({len(self)} pictures of {self.person.max() + 1} people in {self.view.max() + 1} views)"

    @cached_property
    def images(self) -> np.ndarray:
        """uint8 array of shape (n, 64, 64, 3)"""
        return self.faces.render(SIZE, yaw=self.yaw, light=(self.light, 30.0))

    def features(self) -> dict[str, np.ndarray]:
        """Feature spaces by name: `gabor` (the picture), `texture`, `shape` and `sex` (the face), each (n, k)."""
        k = COMPONENTS
        return {
            "gabor": gabor_energy(self.images),
            "texture": self.faces.texture[:, :k].astype(float),
            "shape": self.faces.shape[:, :k].astype(float),
            "sex": self.faces.sex[:, None].astype(float),
        }


def people_in_views(model: FaceModel, people: int = 80, rng: Rng = 0) -> Stimuli:
    """Random people, half of them women, each in two views: turned left and right, lit from the other side.

    All are of one age and archetype, and only the leading components of shape and texture vary, so that a
    session of an hour can tell what matters.
    """
    rng = np.random.default_rng(rng)
    sex = rng.permutation(np.resize([-1.0, 1.0], people))
    faces = model.sample(people, sex=sex, age=35, ancestry="caucasian", rng=rng)
    kept = {
        name: getattr(faces, name) * (np.arange(getattr(faces, name).shape[1]) < COMPONENTS)
        for name in ("shape", "texture")
    }
    person, view = np.repeat(np.arange(people), 2), np.tile([0, 1], people)
    side = 2.0 * view - 1
    yaw = TURN * side + rng.uniform(-10, 10, 2 * people)
    light = -LAMP * side + rng.uniform(-20, 20, 2 * people)
    return Stimuli(faces.changed(**kept)[person], person, view, yaw, light)


def people_who_change(model: FaceModel, trials: int = 600, rng: Rng = 0) -> tuple[Faces, np.ndarray, np.ndarray]:
    """The four familiar people, one a trial, with a change of face structure that says nothing of who it is.

    Everybody is made a woman of 35 of one archetype, as only identity shall part them. In every trial one shape
    component is drawn anew: the same person with a broader or narrower face.

    Returns
    -------
    faces : Faces of length trials
    person : int array of shape (trials,), 0..3
    structure : array of shape (trials,)
        The component, in standard deviations.
    """
    rng = np.random.default_rng(rng)
    four = concat(list(identities(model).values())).with_design("female", 35, "caucasian")
    person = rng.permutation(np.resize(np.arange(len(four)), trials))
    structure = rng.normal(size=trials)
    shape = four.shape[person].copy()
    shape[:, STRUCTURE] = structure
    return four[person].changed(shape=shape), person, structure


def gabor_energy(images: np.ndarray) -> np.ndarray:
    """How strongly each place of a picture holds edges of each orientation and width, whatever their phase.

    Parameters
    ----------
    images : uint8 array of shape (n, h, h, 3)

    Returns
    -------
    array of shape (n, 180)
        Logarithms of the lengths of pairs of responses, by an even and an odd Gabor filter, at 3 x 3 sites of
        coarse and 6 x 6 sites of fine filters in 4 orientations each.

    References
    ----------
    Kay, Naselaris, Prenger & Gallant (2008), Nature 452:352-355, doi:10.1038/nature06713: the model of early vision.
    """
    grey = images.mean(axis=-1) / 255
    even, odd = _gabors(images.shape[1])
    flat = (grey - grey.mean(axis=(1, 2), keepdims=True)).reshape(len(grey), -1)
    return np.log(0.1 + np.hypot(flat @ even, flat @ odd))


@lru_cache(maxsize=4)
def _gabors(size: int) -> tuple[np.ndarray, np.ndarray]:
    """Even and odd filters, each (size * size, n_filters)."""
    y, x = np.mgrid[:size, :size]
    filters = []
    for sites, frequency in LEVELS:
        places = (np.arange(sites) + 0.5) * size / sites
        for angle in np.pi * np.arange(ORIENTATIONS) / ORIENTATIONS:
            for top in places:
                for left in places:
                    along = (x - left) * np.cos(angle) + (y - top) * np.sin(angle)
                    bell = np.exp(-((x - left) ** 2 + (y - top) ** 2) * (2 * frequency) ** 2)
                    filters.append(bell / bell.sum() * np.exp(2j * np.pi * frequency * along))
    waves = np.stack(filters, axis=-1).reshape(size * size, -1)
    return np.ascontiguousarray(waves.real), np.ascontiguousarray(waves.imag)
