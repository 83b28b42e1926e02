"""Fewer features: what a layer with hundreds of thousands of numbers says, in a thousand of them.

A sparse random projection needs no pictures to be fitted to, keeps the distances between pictures nearly as they were
(the more numbers are left, the better), and is the same for the same seed. What it costs is measured, not assumed.

References
----------
Achlioptas (2003), Journal of Computer and System Sciences 66(4):671-687; Li, Hastie & Church (2006), KDD.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from scipy.spatial.distance import pdist
from sklearn.random_projection import SparseRandomProjection

from .pixels import SEEN, Embeds

MEMORY = 2**26  # bytes of features before they are projected
DIMENSIONS = 1024


@lru_cache(maxsize=64)
def projection(features: int, dimensions: int = DIMENSIONS, seed: int = 0) -> SparseRandomProjection:
    """The projection of so many features to so many dimensions that belongs to a seed."""
    if not 1 <= dimensions <= features:
        raise ValueError(f"{features} features cannot be projected to {dimensions} dimensions: ask for fewer")
    fitted = SparseRandomProjection(dimensions, dense_output=True, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # one row says nothing of its values: only their number counts
        return fitted.fit(np.zeros((1, features), np.float32))


def project(features: np.ndarray, dimensions: int = DIMENSIONS, seed: int = 0) -> np.ndarray:
    """Features (n, d) in at most so many dimensions: float32 (n, dimensions); as they are where there are no more."""
    if features.shape[1] <= dimensions:
        return features.astype(np.float32, copy=False)
    return projection(features.shape[1], dimensions, seed).transform(features).astype(np.float32, copy=False)


def distortion(before: np.ndarray, after: np.ndarray) -> float:
    """Loss of a projection: root mean square of the relative changes of all distances between rows.

    Parameters
    ----------
    before, after : arrays of shape (n, d) and (n, k)
        The same pictures' features; 0 is no loss. In theory about sqrt(1 / (2 k)).
    """
    true, kept = pdist(before.astype(float)), pdist(after.astype(float))
    apart = true > 0
    return float(np.sqrt(np.mean((kept[apart] / true[apart] - 1) ** 2))) if apart.any() else 0.0


@dataclass(frozen=True, eq=False)
class Projected:
    """A system whose features are reduced by a seeded sparse random projection. Made by `projected`.

    Parameters
    ----------
    system : Network or what else embeds images
    dimensions : int
        Features that are left.
    seed : int
    """

    system: object
    dimensions: int = DIMENSIONS
    seed: int = 0

    def __repr__(self) -> str:
        return f"Projected({self.system!r}, {self.dimensions} dimensions, seed {self.seed})"

    @property
    def size(self) -> int:
        """Pixels on a side of what the system sees."""
        return getattr(self.system, "size", None) or SEEN["size"]

    @property
    def crop(self) -> str:
        """What its pictures hold."""
        return getattr(self.system, "crop", None) or SEEN["frame"]

    @cached_property
    def fingerprint(self) -> str:
        """What the system says of itself, and the projection."""
        return f"{self.dimensions} {self.seed} {getattr(self.system, 'fingerprint', '')}"

    def embed(self, images: np.ndarray) -> np.ndarray:
        """Features of images: uint8 (n, h, w, 3) -> float32 (n, dimensions); a few images at a time."""
        first = self.system.embed(images[:1])
        step = max(1, MEMORY // (4 * first.shape[1]))
        parts = (self.system.embed(images[k : k + step]) for k in range(0, len(images), step))
        return np.concatenate([project(part, self.dimensions, self.seed) for part in parts])

    def loss(self, images: np.ndarray) -> float:
        """How much distances between these pictures, uint8 (n, h, w, 3), change: see `distortion`."""
        before = self.system.embed(images)
        return distortion(before, project(before, self.dimensions, self.seed))


def projected(system: Embeds, dimensions: int = DIMENSIONS, seed: int = 0) -> Projected:
    """A system with fewer features, for layers whose features do not fit the memory.

    Parameters
    ----------
    system : Network or what else embeds images
    dimensions : int
        Features that are left.
    seed : int
        The same seed gives the same features.

    Examples
    --------
    `projected(networks.wrap(module, "layer1", size=224), 1024)`
    """
    if isinstance(dimensions, bool) or not isinstance(dimensions, int) or dimensions < 1:
        raise ValueError(f"dimensions must be a whole number above 0; got {dimensions!r}")
    return Projected(system, dimensions, seed)
