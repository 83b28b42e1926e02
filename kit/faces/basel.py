"""Read the Basel Face Model 2019, for those who have it: https://faces.dmi.unibas.ch/bfm/bfm2019.html."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from kit.files.data import DataError

from . import _adapter
from .model import FaceModel
from .unwrap import unwrap

WHAT = "a Basel Face Model 2019 file such as model2019_face12.h5"
MOST_VALUES = 500_000_000  # the largest official file has 35 million in one dataset
FORMS = {"mean": "(3 v,)", "pcaVariance": "(k,)", "pcaBasis": "(3 v, k)", "cells": "(3, t)"}


def load(path: str | Path, components: int = 80) -> FaceModel:
    """The Basel Face Model 2019 as a model of this kit.

    Its statistics know no sex, age or ancestry: those of a face change nothing. The neutral face is the
    mean of the neutral scans; the mean over expressions is there as "expression_mean", the components
    round it as "expression_0", "expression_1", ... (strength 1 is one standard deviation). The colours,
    which the file has at the vertices, become a texture of 256 x 256 by `kit.faces.unwrap`. They are
    display values (sRGB), with some of the scanner's light in them.

    Parameters
    ----------
    path : str or Path
        `model2019_face12.h5`, `model2019_bfm.h5` or `model2019_fullHead.h5`.
    components : int
        How many of the (at most 199) components of shape, of colour and of expression to keep.

    Raises
    ------
    DataError
        If the file is missing, damaged, or not of this form; the message says which.
    ImportError
        If h5py is not installed.

    References
    ----------
    Gerig et al. (2018), Morphable face models: an open framework, IEEE FG 2018 (arXiv:1709.08398).
    scalismo-faces, issues 25 and 29: colours in the model files are sRGB values.
    """
    path = _adapter.existing(path, (".h5", ".hdf5"), WHAT)
    parts, cells = _read(path, _adapter.checked_components(components))
    (neutral, shape), (colour, colours), (offset, expressions) = (parts[p] for p in ("shape", "color", "expression"))
    for part, (mean, _) in parts.items():
        if len(mean) != len(neutral):
            raise DataError(
                f"{path}: {part} has {len(mean)} vertices and shape has {len(neutral)}; fetch the file again"
            )
    triangles = _adapter.checked_triangles(cells, len(neutral), f"{path}: shape/representer/cells, transposed,")
    neutral = _adapter.centred(neutral, triangles, str(path))
    atlas = unwrap(neutral, triangles)
    named = {"expression_mean": offset} | {f"expression_{k}": e for k, e in enumerate(expressions)}
    texture = atlas.paint(_adapter.with_design(colour, colours))
    return _adapter.assemble(path.stem, neutral, shape, named, triangles, atlas.uv, atlas.uv_triangles, texture)


def _read(path: Path, components: int) -> tuple[dict[str, tuple[np.ndarray, np.ndarray]], np.ndarray]:
    """Mean (v, 3) and components (k, v, 3) of shape, colour and expression, and triangles (t, 3)."""
    h5py = _h5py()
    if not h5py.is_hdf5(path):
        raise DataError(f"{path} is not an HDF5 file, or its beginning is damaged; pass the path of {WHAT}")
    with _adapter.reading(path, "a plain HDF5 file", WHAT), h5py.File(path, "r") as archive:
        parts = {p: _statistics(archive, p, components, path) for p in ("shape", "color", "expression")}
        return parts, np.asarray(_dataset(archive, "shape/representer/cells", path)).T


def _statistics(archive, part: str, components: int, path: Path) -> tuple[np.ndarray, np.ndarray]:
    mean, variance, basis = (_dataset(archive, f"{part}/model/{n}", path) for n in ("mean", "pcaVariance", "pcaBasis"))
    mean = _adapter.checked(mean, (None,), f"{path}: {part}/model/mean")
    if mean.size % 3:
        raise DataError(f"{path}: {part}/model/mean must have three values a vertex; it has {mean.size} in all")
    variance = _adapter.checked(variance, (None,), f"{path}: {part}/model/pcaVariance")
    if basis.shape != (mean.size, variance.size):
        raise DataError(
            f"{path}: {part}/model/pcaBasis must have the shape ({mean.size}, {variance.size}) that its mean and "
            f"pcaVariance ask for; it has {basis.shape}"
        )
    if variance.min() < 0:
        raise DataError(f"{path}: {part}/model/pcaVariance must not be negative; fetch the file again")
    basis = _adapter.checked(basis[:, :components], (mean.size, None), f"{path}: {part}/model/pcaBasis")
    vectors = (basis * np.sqrt(variance[:components])).T
    return mean.reshape(-1, 3), vectors.reshape(len(vectors), -1, 3)


def _dataset(archive, name: str, path: Path):
    """A dataset, not read yet. Raises DataError that says what its form would be."""
    form = FORMS[name.rsplit("/", 1)[1]]
    with _adapter.reading(f"{path}: {name}", "an array of numbers", WHAT):
        if name not in archive:
            raise DataError(f"{path} lacks {name}, expected in the shape {form}; pass the path of {WHAT}")
        found = archive[name]
        if not getattr(found, "shape", None):
            raise DataError(f"{path}: {name} is no array of the shape {form}; pass the path of {WHAT}")
        if found.size > MOST_VALUES:
            told = f"would have {found.size:.1e} values, more than any face model"
            raise DataError(f"{path}: {name} {told}: fetch it again")
        return found


def _h5py():
    try:
        import h5py
    except ImportError:
        raise ImportError("the Basel Face Model is an HDF5 file: pip install 'shared-features[adapters]'") from None
    return h5py
