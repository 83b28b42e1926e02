"""Features of whole series of panels on the disk, as memory maps: what workers read, without any network."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .panels import Series

CONTENTS = "contents.json"  # of the folder of a series: what was put there


@dataclass(frozen=True)
class Shelf:
    """Features of whole series of panels in a folder, as memory maps: all that workers need.

    Parameters
    ----------
    folder : path
    spaces : names of the feature spaces
    further : names of those of further seeds, of which little is asked
    """

    folder: Path
    spaces: tuple[str, ...]
    further: tuple[str, ...] = ()

    def read(self, series: Series) -> dict[str, np.ndarray]:
        """Spaces of all faces of a series, panel by panel: float32 (6 * length, d) each."""
        return {name: self._values(series, f"faces/{name}") for name in self.spaces}

    def read_further(self, series: Series) -> dict[str, np.ndarray]:
        """The same of the networks of further seeds."""
        return {name: self._values(series, f"faces/{name}") for name in self.further}

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
