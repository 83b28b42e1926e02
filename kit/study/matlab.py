"""Variables of MATLAB files, old (through scipy) and version 7.3 (through h5py), alike. Nothing in them is run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.io import loadmat, whosmat
from scipy.io.matlab import MatReadError

INSTALL = "pip install 'shared-features[adapters]'"


def variables(path: Path | str) -> dict[str, tuple[int, ...]]:
    """Names and shapes, as MATLAB counts them, of what a file holds.

    Raises
    ------
    ValueError
        If it is no MATLAB file, or needs h5py, which is not installed.
    """
    path = _there(path)
    if _is_hdf5(path):
        with _h5py().File(path, "r") as file:
            return {k: v.shape[::-1] if hasattr(v, "shape") else () for k, v in file.items() if not k.startswith("#")}
    try:
        return {name: shape for name, shape, _ in whosmat(path)}
    except (MatReadError, ValueError, LookupError, NotImplementedError, TypeError, OSError) as error:
        raise ValueError(f"{path} is no MATLAB file ({error}): download it again") from error


def read(path: Path | str, names: Sequence[str], what: str) -> dict[str, Any]:
    """Some variables of a file: numbers as arrays with MATLAB's order of axes, texts as str, cells as object arrays.

    Parameters
    ----------
    path : path
    names : sequence of str
    what : str
        What the file should be, for the message.

    Raises
    ------
    ValueError
        If the file has another layout; the message lists what it holds.
    """
    there = variables(path)
    if missing := [name for name in names if name not in there]:
        held = ", ".join(f"{name} {' x '.join(map(str, shape))}" for name, shape in there.items())
        raise ValueError(f"{path} is not {what}: it has no variable {missing[0]!r}, but {held or 'none'}")
    path = Path(path)
    if not _is_hdf5(path):
        found = loadmat(path, variable_names=list(names), chars_as_strings=True)
        return {name: _plain(found[name]) for name in names}
    with _h5py().File(path, "r") as file:
        return {name: _unpacked(file, file[name]) for name in names}


def _there(path: Path | str) -> Path:
    path = Path(path)
    if not path.is_file():
        raise ValueError(f"there is no file {path}: see docs/data-you-may-bring.md for where to get it")
    return path


def _is_hdf5(path: Path) -> bool:
    """Version 7.3 begins with a text of 512 bytes, then HDF5's signature."""
    with path.open("rb") as file:
        head = file.read(520)
    return head.startswith(b"\x89HDF") or head[512:516] == b"\x89HDF"


def _h5py():
    try:
        import h5py
    except ImportError:
        raise ValueError(f"MATLAB files of version 7.3 need h5py: {INSTALL}") from None
    return h5py


def _plain(value):
    """Cells' contents out of the arrays that scipy puts them into."""
    if isinstance(value, np.ndarray) and value.dtype == object:
        out = np.empty(value.shape, object)
        for place, content in np.ndenumerate(value):
            out[place] = _plain(content)
        return out
    if isinstance(value, np.ndarray) and value.dtype.kind in "US":
        return str(value.ravel()[0]) if value.size else ""
    return value


def _unpacked(file, item):
    """A dataset with MATLAB's order of axes; references are followed."""
    kind = item.attrs.get("MATLAB_class", b"")
    kind = kind.decode() if isinstance(kind, bytes) else str(kind)
    values = item[()]
    if kind == "char":
        return "".join(map(chr, np.ravel(values.T))) if not item.attrs.get("MATLAB_empty", 0) else ""
    if kind == "cell" or values.dtype == object:
        out = np.empty(values.shape, object)
        for place, reference in np.ndenumerate(values):
            out[place] = _unpacked(file, file[reference])
        return out.T
    return values.T
