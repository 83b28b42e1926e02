"""What the readers of other people's face models share: checks, the head's place in space, assembly."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np

from kit.files.data import DataError

from .design import COLUMNS
from .mesh import SH_COUNT, Mesh
from .model import FaceModel

CLAY = (0.69, 0.52, 0.43)  # sRGB: a middling skin colour for models without albedo
CLAY_TEXELS = 8  # on a side

# The tip of the nose, from the centre of the kit's own mean head, in mm.
NOSE_BELOW, NOSE_BEFORE = 15.0, 135.0
EXTENT = (100.0, 1000.0)  # mm: anything else is a head in another unit

GLOSS = 0.4
NO_CAP = -50.0  # mm below the hairline, everywhere


def existing(path: str | Path, suffixes: tuple[str, ...], what: str) -> Path:
    """The path of a file that exists and has one of these endings. Raises DataError otherwise."""
    path = Path(path)
    if not path.exists():
        raise DataError(f"{path} does not exist; pass the path of {what}")
    if not path.is_file() or path.suffix.lower() not in suffixes:
        raise DataError(f"{path} is not a {' or '.join(suffixes)} file; pass the path of {what}")
    return path


@contextmanager
def reading(where: str | Path, kind: str, what: str) -> Iterator[None]:
    """Turn whatever the reader of a broken file raises into a DataError that names the file, or the place in it."""
    try:
        yield
    except DataError:
        raise
    except Exception as error:  # zip, zlib, HDF5 and numpy each raise their own kinds
        told = f"{type(error).__name__}: {error}"
        raise DataError(f"{where} is damaged or not {kind} ({told}); pass the path of {what}") from error


def checked_components(components: int) -> int:
    """A whole number of components, at least 1. Raises ValueError otherwise."""
    if isinstance(components, bool) or not isinstance(components, int | np.integer) or components < 1:
        raise ValueError(f"components must be a whole number, at least 1; got {components!r}")
    return int(components)


def checked(array: np.ndarray, shape: tuple[int | None, ...], what: str) -> np.ndarray:
    """The array as float32, if it has this shape (None: any length) and only finite numbers.

    Raises
    ------
    DataError
        Beginning with `what`: the file and the array's name in it.
    """
    array = np.asarray(array)
    fits = array.ndim == len(shape) and all(n in (None, m) for n, m in zip(shape, array.shape, strict=True))
    if not fits or not array.size or array.dtype.kind not in "fiu":
        form = ", ".join("*" if n is None else str(n) for n in shape)
        raise DataError(f"{what} must hold numbers in the shape ({form}); it has {array.shape} of {array.dtype}")
    array = array.astype(np.float32, copy=False)
    if not np.isfinite(array).all():
        where = np.argwhere(~np.isfinite(array))[0].tolist()
        raise DataError(f"{what} is not finite at {where}: the file is damaged, fetch it again")
    return array


def checked_triangles(triangles: np.ndarray, count: int, what: str) -> np.ndarray:
    """Indexes (t, 3) from 0 to count - 1, int32. Raises DataError otherwise."""
    triangles = checked(triangles, (None, 3), what)
    if (triangles % 1).any():
        raise DataError(f"{what} must hold whole numbers, the places of vertices: the file is damaged, fetch it again")
    if triangles.min() < 0 or triangles.max() >= count:
        raise DataError(
            f"{what} must index 0..{count - 1}; it has {triangles.min():.0f} to {triangles.max():.0f}: "
            "its parts are of different models, or the file is damaged"
        )
    return triangles.astype(np.int32)


def centred(vertices: np.ndarray, triangles: np.ndarray, what: str) -> np.ndarray:
    """The mean face with the centre of its head at the origin.

    The files put their origins where they like, and what they hold of the head differs (a mask, a head,
    shoulders), so its bounding box alone would not do. Its front is always the tip of the nose, though:
    the centre is half-way between left and right of the box, 135 mm behind its front and 15 mm above
    the foremost vertex, which is where the nose of the kit's own mean face is seen from its centre.

    Parameters
    ----------
    vertices : array of shape (v, 3)
        Millimetres.
    triangles : int array of shape (t, 3)
        Vertices of no triangle do not count.
    what : str
        The file, for the message.

    Raises
    ------
    DataError
        If this is no head in millimetres: less than 100 or more than 1000 mm across.
    """
    seen = vertices[np.unique(triangles)]
    low, high = seen.min(0), seen.max(0)
    extent = (high - low).max()
    if not EXTENT[0] <= extent <= EXTENT[1]:
        raise DataError(
            f"{what}: the mean face would be {extent:.4g} mm across, which no head is; the file must be in "
            "the unit of the original model"
        )
    nose = seen[seen[:, 2].argmax()]
    return vertices - np.array([(low[0] + high[0]) / 2, nose[1] + NOSE_BELOW, high[2] - NOSE_BEFORE], np.float32)


def faces_outward(vertices: np.ndarray, triangles: np.ndarray) -> bool:
    """Whether triangles are counter-clockwise seen from outside the head, whose centre is the origin."""
    a, b, c = (vertices[triangles[:, corner]] for corner in range(3))
    return np.einsum("ij,ij->", np.cross(b - a, c - a), a) > 0


def with_design(mean: np.ndarray, components: np.ndarray | None = None) -> np.ndarray:
    """Rows of the design, of which only the intercept is not zero, then the components: (10 + k, ...)."""
    k = 0 if components is None else len(components)
    out = np.zeros((len(COLUMNS) + k, *mean.shape), np.float32)
    out[0] = mean
    if k:
        out[len(COLUMNS) :] = components
    return out


def clay() -> np.ndarray:
    """The texture of a model without albedo: one colour everywhere and no components (10, h, w, 3)."""
    return with_design(np.broadcast_to(np.float32(CLAY), (CLAY_TEXELS, CLAY_TEXELS, 3)))


def assemble(
    name: str,
    neutral: np.ndarray,
    components: np.ndarray,
    expressions: dict[str, np.ndarray],
    triangles: np.ndarray,
    uv: np.ndarray,
    uv_triangles: np.ndarray,
    texture_basis: np.ndarray,
) -> FaceModel:
    """A model without what only the kit's own knows: shadows, cap, regions, and effects of the design.

    Parameters
    ----------
    neutral : array of shape (v, 3)
        Millimetres, centred.
    components : array of shape (k, v, 3)
    expressions : dict of name to array of shape (v, 3)
    triangles, uv_triangles : int arrays of shape (t, 3)
        If they turn out clockwise, both are turned round.
    uv : array of shape (u, 2)
    texture_basis : array of shape (10 + m, h, w, 3)
        sRGB albedo, 0..1.
    """
    if not faces_outward(neutral, triangles):
        triangles, uv_triangles = triangles[:, ::-1], uv_triangles[:, ::-1]
    v = len(neutral)
    visible = np.zeros((v, SH_COUNT), np.float32)
    visible[:, 0] = np.sqrt(4 * np.pi)
    open_sky, gloss, no_cap = np.ones(v), np.full(v, GLOSS), np.full(v, NO_CAP)
    mesh = Mesh(triangles, uv, uv_triangles, open_sky, visible, gloss, open_sky, no_cap)
    shapes = np.stack(list(expressions.values())) if expressions else np.empty((0, v, 3), np.float32)
    return FaceModel(
        name, mesh, with_design(neutral), np.ascontiguousarray(components), texture_basis.shape,
        partial(np.asarray, texture_basis), shapes, tuple(expressions),
        regions={}, region_map={}, cap_offset=np.zeros((v, 3), np.float32), log_texture=False,
    )  # fmt: skip
