"""Where on the face a vertex or a pixel lies: eyes, brows, nose, mouth, cheeks, chin, forehead, ears, contour."""

from __future__ import annotations

import numpy as np

from .model import FaceModel
from .render import Rendering

NAMES = ("eyes", "brows", "nose", "mouth", "cheeks", "chin", "forehead", "ears", "contour")


def pixel_vertices(model: FaceModel, rendering: Rendering) -> np.ndarray:
    """The vertex nearest to each pixel, int32 (n, size, size); -1 in the background."""
    corner = rendering.barycentric.argmax(-1)[..., None]
    vertex = np.take_along_axis(model.mesh.triangles[rendering.triangle], corner, -1)[..., 0]
    return np.where(rendering.triangle >= 0, vertex, -1)


def pixel_masks(model: FaceModel, rendering: Rendering) -> dict[str, np.ndarray]:
    """The pixels of each region: name to bool array of shape (n, size, size)."""
    vertex = pixel_vertices(model, rendering)
    return {name: mask[vertex] & (vertex >= 0) for name, mask in model.regions.items()}
