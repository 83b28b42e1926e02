"""Feature spaces: what the face model, the pixels and each network make of the same faces.

A *system* is anything with `embed(images) -> (n, d)`: a network of the zoo, one of your own (`networks.wrap`),
or the principal components of pixels.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import numpy as np
from tqdm.auto import tqdm

from kit import networks
from kit.faces import Faces
from kit.faces.stimuli import Trials
from kit.networks.files import atomic
from kit.networks.inference import folded
from kit.study.panels import Series

SIZE = 64  # pixels on a side, that of the zoo's images
PIXEL_IMAGES = 2000  # of the networks' training images, from which the components of pixels come
SHAPE, TEXTURE, PIXELS, UNTRAINED = "shape", "texture", "pixels", "untrained"
MODEL_SPACES = (SHAPE, TEXTURE)
BLOCK = 900  # faces drawn and embedded at a time: 11 MB of pictures


class Embeds(Protocol):
    """A system that turns pictures into features."""

    def embed(self, images: np.ndarray) -> np.ndarray:
        """uint8 (n, SIZE, SIZE, 3) -> (n, d)."""


def systems(names: list[str] | None = None, pixels: int = 512) -> dict[str, Embeds]:
    """Pixels, an untrained network, and networks of the zoo (all by default), by name.

    Raises
    ------
    ValueError
        If there is no network of a name; the message lists those there are.
    """
    chosen = _in_order(networks.zoo().index) if names is None else names
    trained = {name: folded(networks.load(name)) for name in chosen}
    return {PIXELS: pixel_components(pixels), UNTRAINED: folded(networks.untrained()), **trained}


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
    return {SHAPE: faces.shape, TEXTURE: faces.texture, **{name: s.embed(images) for name, s in systems.items()}}


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


class Library:
    """Features of whole series of panels, computed once and kept in a folder as memory maps.

    Parameters
    ----------
    folder : path
    systems : mapping of str to Embeds
    """

    def __init__(self, folder: Path, systems: Mapping[str, Embeds]) -> None:
        self.folder, self.systems = Path(folder), dict(systems)

    def fill(self, series: Series) -> None:
        """Compute what is not there yet; a series that was stopped half-way begins again."""
        if not self._path(series, "done").exists():
            trials = series.trials()
            parts = [self._block(trials, start, series) for start in self._starts(trials, series)]
            for name in parts[0]:
                with atomic(self._path(series, name)) as file:
                    np.save(file, np.concatenate([part[name] for part in parts]))
            with atomic(self._path(series, "done")) as file:
                file.write(b"")

    def read(self, series: Series) -> dict[str, np.ndarray]:
        """Spaces of all faces of a series, panel by panel: float32 (6 * length, d) each."""
        return self._read(series, (*MODEL_SPACES, *self.systems))

    def decisions(self, series: Series) -> dict[str, np.ndarray]:
        """The classifiers' output units for the identity of the series: (6 * length, 1) each."""
        names = [path.stem for path in sorted(self._path(series, "").parent.glob("decision of *.npy"))]
        return self._read(series, names)

    def target(self, series: Series) -> dict[str, np.ndarray]:
        """Features (1, d) of the identity itself in every space, from the front: that is how it is remembered."""
        target = series.trials().target
        return features(target, target.render(SIZE), self.systems)

    def _read(self, series: Series, names) -> dict[str, np.ndarray]:
        return {name: np.load(self._path(series, name), mmap_mode="r") for name in names}

    def _starts(self, trials: Trials, series: Series) -> tqdm:
        starts = range(0, len(trials.faces), BLOCK)
        return tqdm(starts, f"features, {series.identity}", unit="block", leave=False)

    def _block(self, trials: Trials, start: int, series: Series) -> dict[str, np.ndarray]:
        rows = np.arange(len(trials.faces))[start : start + BLOCK]
        found = features(trials.faces[rows], trials.render(SIZE, rows), self.systems)
        decided = decision_neurons(found, self.systems, series.identity)
        return found | {f"decision of {name}": values for name, values in decided.items()}

    def _path(self, series: Series, name: str) -> Path:
        return self.folder / series.name / f"{name}.npy"
