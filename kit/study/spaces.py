"""Feature spaces: what the face model, the pixels and each network make of the same faces.

A *system* is anything with `embed(images) -> (n, d)`: a network of the zoo, one of your own (`networks.wrap`),
or the principal components of pixels.
"""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np
from joblib import Parallel, delayed
from threadpoolctl import threadpool_limits
from tqdm.auto import tqdm

from kit import networks
from kit.faces import Faces
from kit.faces.stimuli import Trials
from kit.networks.files import atomic
from kit.networks.inference import folded
from kit.networks.live import one_thread
from kit.study.panels import Series

SIZE = 64  # pixels on a side, that of the zoo's images
PIXEL_IMAGES = 2000  # of the networks' training images, from which the components of pixels come
SHAPE, TEXTURE, PIXELS, UNTRAINED = "shape", "texture", "pixels", "untrained"
MODEL_SPACES = (SHAPE, TEXTURE)
MODEL, TRAINED, OTHER = "model", "trained", "other"  # roles of spaces, beside PIXELS and UNTRAINED
BLOCK = 900  # faces drawn and embedded at a time: 11 MB of pictures
CONTENTS = "contents.json"  # of the folder of a series: what was put there


class Embeds(Protocol):
    """A system that turns pictures into features."""

    def embed(self, images: np.ndarray) -> np.ndarray:
        """uint8 (n, SIZE, SIZE, 3) -> (n, d)."""


def systems(names: list[str] | None = None, pixels: int = 128, pixels_long: int = 256) -> dict[str, Embeds]:
    """Pixels, an untrained network, and networks of the zoo (all by default), by name.

    Parameters
    ----------
    names : list of str, optional
    pixels : int
        Principal components of the system "pixels": as many as the networks have features.
    pixels_long : int
        Of a further system, "pixels 256"; 0 for none.

    Raises
    ------
    ValueError
        If there is no network of a name; the message lists those there are.
    """
    chosen = _in_order(networks.zoo().index) if names is None else names
    trained = {name: folded(networks.load(name)) for name in chosen}
    longest = pixel_components(max(pixels, pixels_long))
    first = {PIXELS: replace(longest, components=longest.components[:pixels])}
    if pixels_long:
        first[f"{PIXELS} {pixels_long}"] = replace(longest, components=longest.components[:pixels_long])
    return first | {UNTRAINED: folded(networks.untrained()), **trained}


def role(system: Embeds) -> str:
    """What a system is: "pixels", "untrained", "trained" (a network whose card says so), or "other"."""
    if isinstance(system, networks.PixelPCA):
        return PIXELS
    card = getattr(system, "card", None) or {}
    return OTHER if "training" not in card else TRAINED if card["training"] else UNTRAINED


def trained(systems: Mapping[str, Embeds]) -> list[str]:
    """Names of the trained networks among systems, known by their cards and not by their names."""
    return [name for name, system in systems.items() if role(system) == TRAINED]


def _in_order(names) -> list[str]:
    """Networks in the order of the objectives, not of the alphabet."""
    from kit.networks.objectives import OBJECTIVES

    known = list(OBJECTIVES)
    return sorted(names, key=lambda name: known.index(name) if name in known else len(known))


def pixel_components(count: int) -> networks.PixelPCA:
    """Principal components of the pixels of random training images of the zoo."""
    from kit.networks.dataset import Design, FaceImages

    data = FaceImages(Design())
    rows = np.sort(np.random.default_rng(0).choice(data.split.train, PIXEL_IMAGES, replace=False))
    with threadpool_limits(1, "blas"):
        return networks.pixel_pca(data.render(rows), count)


def features(faces: Faces, images: np.ndarray, systems: Mapping[str, Embeds]) -> dict[str, np.ndarray]:
    """Features of faces in every space.

    Parameters
    ----------
    faces : n faces
    images : uint8 array of shape (n, SIZE, SIZE, 3)
        What the systems see of them, drawn by `Trials.render(SIZE)` for panels as they are shown.
    systems : mapping of str to Embeds

    Returns
    -------
    dict of str to float32 array of shape (n, d)
        "shape" and "texture" components first, then each system's features of the pictures.
    """
    seen = {name: embedded(name, system, images) for name, system in systems.items()}
    return {SHAPE: faces.shape, TEXTURE: faces.texture, **seen}


def embedded(name: str, system: Embeds, images: np.ndarray) -> np.ndarray:
    """Features of images: float32 (n, d). A `ValueError` names the system if there are none, or not such.

    Images are uint8 (n, h, w, 3).
    """
    what = f"system {name!r}, asked for features of {len(images)} pictures,"
    if not hasattr(system, "embed"):
        raise ValueError(f"system {name!r} is a {type(system).__name__} without `embed`: use networks.wrap(module)")
    try:
        with np.errstate(over="ignore"):
            found = np.asarray(system.embed(images))
            values = found.astype(np.float32, copy=False)
    except Exception as error:
        size = f"{images.shape[1]} x {images.shape[2]}"
        raise ValueError(
            f"{what} failed: {type(error).__name__}: {error} (pictures have {size} pixels; `preprocess` may "
            "resize them)"
        ) from error
    if found.ndim != 2 or len(found) != len(images) or not found.shape[1] or found.dtype.kind not in "fiub":
        raise ValueError(f"{what} gave {found.dtype} of shape {found.shape}, not numbers of shape ({len(images)}, d)")
    wrong = np.flatnonzero(~np.isfinite(values).all(axis=1))
    if len(wrong):
        kind = "nan" if np.isnan(values).any() else "infinite values"
        raise ValueError(
            f"{what} gave {kind} for {len(wrong)} of them, first for number {wrong[0]}: half precision ends at 65504 "
            "(use module.float()), logarithms at 0; look at that picture, or choose another layer"
        )
    return values


def decision_neurons(
    found: Mapping[str, np.ndarray], systems: Mapping[str, Embeds], identity: str
) -> dict[str, np.ndarray]:
    """What each classifier's output unit for an identity says: name to (n, 1), from its embedding (n, d)."""
    out = {}
    for name, system in systems.items():
        card = getattr(system, "card", None) or {}
        if "identity" in card.get("architecture", {}).get("heads", {}):
            head = system.module.get_submodule("heads.identity")
            unit = card["data"]["familiar"][identity]
            weights, bias = (p[unit].detach().numpy() for p in (head.weight, head.bias))
            out[name] = found[name] @ weights[:, None] + bias
    return out


@dataclass(frozen=True)
class Shelf:
    """Features of whole series of panels in a folder, as memory maps: all that workers need.

    Parameters
    ----------
    folder : path
    spaces : names of the feature spaces
    """

    folder: Path
    spaces: tuple[str, ...]

    def read(self, series: Series) -> dict[str, np.ndarray]:
        """Spaces of all faces of a series, panel by panel: float32 (6 * length, d) each."""
        return {name: self._values(series, f"faces/{name}") for name in self.spaces}

    def target(self, series: Series) -> dict[str, np.ndarray]:
        """Features (1, d) of the identity itself in every space, from the front: that is how it is remembered."""
        return {name: self._values(series, f"target/{name}") for name in self.spaces}

    def decisions(self, series: Series) -> dict[str, np.ndarray]:
        """The classifiers' output units for the identity of the series: (6 * length, 1) each."""
        kept = json.loads((self.folder / series.name / CONTENTS).read_text())
        return {name: self._values(series, f"decision/{name}") for name in self.spaces if f"decision/{name}" in kept}

    def _values(self, series: Series, name: str) -> np.ndarray:
        return np.load(self.path(series, name), mmap_mode="r")

    def path(self, series: Series, name: str) -> Path:
        """Where an array "faces/pixels", "target/pixels" or "decision/classid" is kept."""
        return self.folder / series.name / f"{name}.npy"


@dataclass(frozen=True)
class Library:
    """A shelf that is filled, because the systems are known.

    Parameters
    ----------
    folder : path
    systems : mapping of str to Embeds
    """

    folder: Path
    systems: Mapping[str, Embeds]

    @property
    def shelf(self) -> Shelf:
        """What is kept, without the systems: light enough to be sent to workers."""
        return Shelf(self.folder, (*MODEL_SPACES, *self.systems))

    def read(self, series: Series) -> dict[str, np.ndarray]:
        """As `Shelf.read`."""
        return self.shelf.read(series)

    def fill(self, series: Series, jobs: int = -1) -> None:
        """Compute what is not there yet; a series that was stopped half-way, or is damaged, begins again.

        Blocks of faces are shared among `jobs` threads, -1 for one a core; the numbers are the same.
        """
        contents = self.folder / series.name / CONTENTS
        if contents.exists():
            if not (spoiled := self._spoiled(series, contents)):
                return
            warnings.warn(f"{spoiled} is damaged or was exchanged: features are computed again", stacklevel=2)
            contents.unlink()
        found = self._compute(series, jobs)
        for name, values in found.items():
            with atomic(self.shelf.path(series, name)) as file:
                np.save(file, values)
        sums = {name: _checksum(self.shelf.path(series, name)) for name in found}
        with atomic(contents) as file:
            file.write(json.dumps(sums, indent=1).encode())

    def _spoiled(self, series: Series, contents: Path) -> Path | None:
        """A file that is not what was written, if there is one."""
        try:
            sums = dict(json.loads(contents.read_text()))
        except ValueError:
            return contents
        if not {f"{kind}/{name}" for kind in ("faces", "target") for name in self.shelf.spaces} <= set(sums):
            return contents
        paths = {self.shelf.path(series, name): checksum for name, checksum in sums.items()}
        return next((p for p, checksum in paths.items() if not p.exists() or _checksum(p) != checksum), None)

    @threadpool_limits.wrap(limits=1, user_api="blas")
    @one_thread()
    def _compute(self, series: Series, jobs: int) -> dict[str, np.ndarray]:
        """Features of all faces, of the target, and decisions, by "kind/name"."""
        trials = series.trials()
        starts = range(0, len(trials.faces), BLOCK)
        blocks = Parallel(jobs, backend="threading", return_as="generator")(  # networks stay in this process
            delayed(self._block)(trials, start, series) for start in starts
        )
        parts = list(tqdm(blocks, f"features, {series.identity}", len(starts), unit="block", leave=False))
        found = {name: np.concatenate([part.pop(name) for part in parts]) for name in list(parts[0])}
        target = features(trials.target, trials.target.render(SIZE), self.systems)
        return found | {f"target/{name}": values for name, values in target.items()}

    def _block(self, trials: Trials, start: int, series: Series) -> dict[str, np.ndarray]:
        rows = np.arange(len(trials.faces))[start : start + BLOCK]
        found = features(trials.faces[rows], trials.render(SIZE, rows), self.systems)
        decided = decision_neurons(found, self.systems, series.identity)
        named = {f"faces/{name}": values for name, values in found.items()}
        return named | {f"decision/{name}": values for name, values in decided.items()}


def _checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
