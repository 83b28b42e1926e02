"""What an observer compares: a weighting of face features, as a distance in the model's coefficients.

The dissimilarity of a face to the remembered one is sqrt(ds' A ds + dt' B dt), where ds and dt are the
differences of their shape and texture coefficients. Any weighting of components, and any weighting
of regions of the face's surface, is such a pair of matrices.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from kit.faces import FaceModel, Faces
from kit.faces.views import FRAME, Views, from_the_front


@dataclass(frozen=True, eq=False)
class Strategy:
    """A way to compare faces.

    Parameters
    ----------
    name : str
    shape : array of shape (k, k)
        Positive semi-definite metric A over shape coefficients.
    texture : array of shape (m, m)
        The same over texture coefficients.
    """

    name: str
    shape: np.ndarray
    texture: np.ndarray

    def dissimilarity(self, faces: Faces, target: Faces, views: Views | None = None) -> np.ndarray:
        """Distance (n,) of each face to the target, in the strategy's own units; the same from every view."""
        ds, dt = faces.shape - target.shape[0], faces.texture - target.texture[0]
        square = ((ds @ self.shape) * ds).sum(axis=1) + ((dt @ self.texture) * dt).sum(axis=1)
        return np.sqrt(np.maximum(square, 0))


@dataclass(frozen=True)
class PixelMatcher:
    """Compares pictures pixel by pixel at `size` pixels: a lower bound for seeing.

    What is remembered is the target from the front; faces are seen as they are shown, so that another view or
    lamp is a difference like any other.
    """

    name: str = "pixel matcher"
    size: int = 32

    def dissimilarity(self, faces: Faces, target: Faces, views: Views | None = None) -> np.ndarray:
        """Root mean square difference (n,) in grey levels."""
        shown = (faces, views or from_the_front(len(faces))), (target, from_the_front(1))
        seen, known = (f.render(size=self.size, frame=FRAME, **v.angles).astype(np.float32) for f, v in shown)
        return np.sqrt(((seen - known) ** 2).mean((1, 2, 3)))


def components(
    name: str, model: FaceModel, shape: np.ndarray | float = 0.0, texture: np.ndarray | float = 0.0
) -> Strategy:
    """A strategy that weighs components: arrays (k,) and (m,) of weights >= 0, or one number for all."""
    k, m = model.counts["shape"], model.counts["texture"]
    weights = [
        np.broadcast_to(_weights(w, n, kind), n) for w, n, kind in ((shape, k, "shape"), (texture, m, "texture"))
    ]
    return Strategy(name, np.diag(weights[0]), np.diag(weights[1]))


def regions(name: str, model: FaceModel, shape: dict[str, float], texture: dict[str, float]) -> Strategy:
    """A strategy that weighs regions of the face: name of a region to weight, for shape and for texture.

    Vertices and texels of a region count with its weight, in units of the whole face's mean square
    difference between two random people, so that a shape weight and a texture weight of 1 mean the same.
    """
    products = _region_products(model)
    return Strategy(name, _mixed(shape, products["shape"], "shape"), _mixed(texture, products["texture"], "texture"))


def _mixed(weights: dict[str, float], products: dict[str, np.ndarray], kind: str) -> np.ndarray:
    unknown = set(weights) - set(products)
    if unknown:
        raise ValueError(f"{kind}: there is no region {sorted(unknown)[0]!r}; regions are {', '.join(products)}")
    out = np.zeros_like(next(iter(products.values())))
    for name, weight in weights.items():
        out += _weights(weight, 1, f"{kind} of {name}") * products[name]
    return out


@lru_cache(maxsize=4)
def _region_products(model: FaceModel) -> dict[str, dict[str, np.ndarray]]:
    """Products (k, k) of components over each region, for shape and texture; over everything their trace is 1."""
    parts = {"shape": (model.shape_components, model.regions), "texture": (model.texture_components, model.region_map)}
    return {kind: {name: _gram(basis, mask) for name, mask in masks.items()} for kind, (basis, masks) in parts.items()}


def _gram(basis: np.ndarray, mask: np.ndarray) -> np.ndarray:
    inside = basis[:, mask].reshape(len(basis), -1).astype(float)
    return inside @ inside.T / np.square(basis, dtype=float).sum()


def _weights(values, n: int, name: str) -> np.ndarray:
    values = np.asarray(values, dtype=float)
    if values.shape not in ((), (n,)) or not np.all(values >= 0):
        raise ValueError(f"weights of {name} must be {n} numbers >= 0, or one for all; got {values}")
    return values
