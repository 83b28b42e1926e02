"""Training images: faces of many identities at several ages, expressions, views and lights.

Images are rendered once into a cache folder and then read from there as a memory map. Rendering appends
whole blocks to a file, so a run that was stopped goes on where it was.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pooch
from tqdm.auto import tqdm

from kit import faces
from kit.faces import Faces, stimuli
from kit.faces.views import ANGLES, TURNED, VIEWS

from .pixels import SEEN

AGES = (25.0, 45.0, 65.0)  # years
RANGES = dict(zip(ANGLES, VIEWS[TURNED]))  # degrees: lowest and highest yaw, pitch, azimuth and elevation of the lamp
THIRDS = 3  # parts of each range, the classes of its label
FACTORS = ("age", "expression", "yaw", "pitch", "light_azimuth", "light_elevation")
BLOCK = 512  # images rendered and written at a time


@dataclass(frozen=True)
class ImageSet:
    """Which faces are rendered. The four familiar identities of the study are always among them.

    Angles are drawn anywhere in their ranges, where the study has three of each: a network that met three views alone
    draws ghosts of them for a head in between.

    Parameters
    ----------
    identities : int
        Random identities to train with.
    unseen : int
        Further identities that no network is trained with.
    images : int
        Of each identity, in conditions drawn at random without repetition.
    size : int
        Pixels on a side.
    seed : int
    frame : str
        What a picture holds, of `kit.faces._optics.FRAMES`.
    """

    identities: int = 2000
    unseen: int = 100
    images: int = 22
    size: int = SEEN["size"]
    seed: int = 0
    frame: str = SEEN["frame"]

    def __post_init__(self) -> None:
        if min(self.identities, self.images, self.size) < 1 or self.unseen < 0:
            raise ValueError(f"identities, images and size must be at least 1, unseen at least 0; got {self}")
        if self.images > len(AGES) * 7 * 81:
            raise ValueError(f"images is {self.images}; an identity has {len(AGES) * 7 * 81} different conditions")

    @property
    def trained(self) -> int:
        """How many identities networks are trained with: the random and the familiar ones."""
        return self.identities + len(stimuli.IDENTITIES)


@dataclass(frozen=True)
class Split:
    """Rows of the images, by use.

    Parameters
    ----------
    train, validation, test : int64 arrays
        80, 10 and 10 % of the images of the identities that are trained with: the split by image.
    unseen : int64 array
        All images of identities that are not trained with: the harder split by identity.
    """

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray
    unseen: np.ndarray


class FaceImages:
    """n rendered faces with their labels, read from the cache or rendered into it.

    Parameters
    ----------
    design : ImageSet
    folder : path, optional
        Where images are cached; by default in the platform's cache folder.
    """

    def __init__(self, design: ImageSet | None = None, folder: Path | str | None = None) -> None:
        self.design = design = design or ImageSet()
        self.model = faces.load()
        rng = np.random.default_rng(design.seed)
        known = stimuli.training_set(self.model, design.identities, rng)
        strangers = [self.model.sample(design.unseen, rng=rng)] if design.unseen else []
        self.people = faces.concat([known, *strangers])
        self.expressions = ("neutral", *self.model.expression_names)
        self._levels = (len(AGES), len(self.expressions), *[THIRDS] * len(RANGES))
        self.identity = np.repeat(np.arange(len(self.people)), design.images)
        self.conditions = self._draw_conditions(rng)
        self.angles = self._draw_angles(rng)
        self.folder = Path(folder or pooch.os_cache("shared-features")) / f"faces-{self._key()}"

    def __len__(self) -> int:
        return len(self.identity)

    @cached_property
    def images(self) -> np.ndarray:
        """The pictures, uint8 (n, size, size, 3), a memory map; rendered when first asked for."""
        return self._cached("images", frontal=False)

    @cached_property
    def frontal(self) -> np.ndarray:
        """For each picture the same identity, age, expression and light, seen from the front."""
        return self._cached("frontal", frontal=True)

    @cached_property
    def labels(self) -> dict[str, np.ndarray]:
        """Classes of each image, int64 (n,), by name.

        "joint" counts the combinations of sex, ancestry, age and expression. (The paper's joint vector has
        504 classes, whose definition could not be read; this one has 126.)
        """
        labels = {"identity": self.identity, "sex": (self.people.sex > 0)[self.identity].astype(np.int64)}
        labels["ancestry"] = self.people.ancestry.argmax(1)[self.identity]
        labels |= dict(zip(FACTORS, self.conditions.T))
        parts = [labels[name] for name in ("sex", "ancestry", "age", "expression")]
        labels["joint"] = np.ravel_multi_index(parts, (2, 3, *self._levels[:2]))
        return labels

    @property
    def classes(self) -> dict[str, int]:
        """Number of classes of each label; only identities that are trained with count."""
        joint = 2 * 3 * self._levels[0] * self._levels[1]
        return {
            "identity": self.design.trained, "sex": 2, "ancestry": 3, **dict(zip(FACTORS, self._levels)),
            "joint": joint,
        }  # fmt: skip

    @cached_property
    def split(self) -> Split:
        """The split by image and by identity; the same for every network."""
        seen = np.flatnonzero(self.identity < self.design.trained)
        order = np.random.default_rng([self.design.seed, 1]).permutation(seen)
        train, validation, test = np.split(order, [int(0.8 * len(order)), int(0.9 * len(order))])
        return Split(train, validation, test, np.flatnonzero(self.identity >= self.design.trained))

    def faces(self, rows: np.ndarray) -> Faces:
        """The faces of some rows, as they were rendered."""
        age, expression = self.conditions[rows, 0], self.conditions[rows, 1]
        strength = np.eye(len(self.expressions))[expression][:, 1:]
        aged = self.people[self.identity[rows]].with_design(age=np.array(AGES)[age])
        return Faces(aged.model, aged.sex, aged.age, aged.ancestry, aged.shape, aged.texture, strength)

    def render(self, rows: np.ndarray, frontal: bool = False) -> np.ndarray:
        """Draw some rows anew: uint8 (len(rows), size, size, 3)."""
        yaw, pitch, *light = self.angles[rows].T
        view = {} if frontal else {"yaw": yaw, "pitch": pitch}
        return self.faces(rows).render(size=self.design.size, light=tuple(light), frame=self.design.frame, **view)

    def _draw_conditions(self, rng: np.random.Generator) -> np.ndarray:
        """Indices (n, 6) into the levels of `FACTORS`."""
        number = np.prod(self._levels)
        drawn = [rng.choice(number, self.design.images, replace=False) for _ in range(len(self.people))]
        return np.stack(np.unravel_index(np.concatenate(drawn), self._levels), axis=1)

    def _draw_angles(self, rng: np.random.Generator) -> np.ndarray:
        """Yaw, pitch, azimuth and elevation (n, 4), each anywhere in the third that its condition says."""
        low, high = np.array(list(RANGES.values())).T
        place = (self.conditions[:, 2:] + rng.uniform(size=(len(self), len(RANGES)))) / THIRDS
        return low + place * (high - low)

    def _key(self) -> str:
        """Name of the cache: other faces, conditions or another renderer give another."""
        parts = repr(self.design).encode(), self.angles.tobytes(), self.render(np.arange(1)).tobytes()
        return hashlib.sha256(b"".join(parts)).hexdigest()[:16]

    def _cached(self, name: str, frontal: bool) -> np.ndarray:
        path = self.folder / f"{name}.npy"
        if not path.exists():
            blocks = np.split(np.arange(len(self)), range(BLOCK, len(self), BLOCK))
            shape = (len(self), self.design.size, self.design.size, 3)
            write_blocks(path, shape, len(blocks), lambda k: self.render(blocks[k], frontal))
        return np.load(path, mmap_mode="r")


def write_blocks(path: Path, shape: tuple[int, ...], n_blocks: int, block: Callable[[int], np.ndarray]) -> None:
    """Write an uint8 .npy file block by block; called again after a stop, it goes on after the last whole block.

    Parameters
    ----------
    path : path
        Takes its name only when it is complete; until then it ends in `.partial`.
    shape : tuple
    n_blocks : int
    block : callable
        Number of a block -> uint8 array; all but the last have `BLOCK` rows.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    partial.touch()
    with open(partial, "r+b") as file:
        np.lib.format.write_array_header_2_0(file, {"descr": "|u1", "fortran_order": False, "shape": shape})
        start, each = file.tell(), BLOCK * int(np.prod(shape[1:]))
        done = max(0, partial.stat().st_size - start) // each
        _require_space(path.parent, int(np.prod(shape)) - done * each)
        file.seek(start + done * each)  # over a torn block; another process that renders writes the same bytes
        blocks = range(done, n_blocks)
        for k in tqdm(blocks, f"rendering {path.stem}", n_blocks, initial=done, unit="block", disable=n_blocks == 1):
            file.write(block(k).tobytes())
            file.flush()
        os.fsync(file.fileno())
    with suppress(FileNotFoundError):  # another process was first
        partial.replace(path)


def _require_space(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise OSError(f"{folder} has {free / 1e6:.0f} MB free; the images need {needed / 1e6:.0f} MB more")
