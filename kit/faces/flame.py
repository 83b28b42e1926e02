"""Read FLAME, for those who have it: https://flame.is.tue.mpg.de."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import IO

import numpy as np

from kit.files.data import DataError

from . import _adapter
from .model import FaceModel
from .unwrap import texture_corners

METRE = 1000.0  # mm
SHAPES, EXPRESSIONS = 300, 100  # columns of shapedirs
LARGEST_ARRAY = 4_000_000_000  # bytes; the official texture's directions have 1.3 billion
LARGEST = 256  # texels: finer textures are averaged down, for the sake of memory

WHAT = "a FLAME model saved as .npz (see `kit.faces.flame.load`)"
TEXTURE_WHAT = "FLAME's texture space, FLAME_texture.npz"
FORMS = {
    "v_template": "(v, 3)", "f": "(t, 3)", "shapedirs": "(v, 3, 400)",
    "mean": "(h, w, 3)", "tex_dir": "(h, w, 3, m)", "vt": "(u, 2)", "ft": "(t, 3)",
}  # fmt: skip
CONVERT = (
    "import pickle, numpy as np; m = pickle.load(open({source!r}, 'rb'), encoding='latin1'); "
    "np.savez({target!r}, v_template=np.array(m['v_template'], float), f=np.array(m['f'], int), "
    "shapedirs=np.array(m['shapedirs'], float))"
)


def load(path: str | Path, texture: str | Path | None = None, components: int = 80) -> FaceModel:
    """FLAME as a model of this kit, in its zero pose.

    FLAME knows no sex, age or ancestry here: those of a face change nothing. Expressions are the
    components "expression_0", "expression_1", ... (strength 1 is one standard deviation).

    Parameters
    ----------
    path : str or Path
        An .npz with the arrays v_template (v, 3), f (t, 3) and shapedirs (v, 3, 300 + 100) of the
        official file, in metres. The official file is a pickle; the error you get when you pass
        it says how to convert it.
    texture : str or Path, optional
        `FLAME_texture.npz`, with mean (h, w, 3) and tex_dir (h, w, 3, m) in 0..255, blue first, and
        the texture coordinates vt (u, 2) and ft (t, 3). Without it the face is of one colour.
    components : int
        How many components of shape, of texture and of expression to keep.

    Raises
    ------
    DataError
        If a file is missing, damaged, a pickle, or not of this form; the message says which.

    References
    ----------
    Li et al. (2017), Learning a model of facial shape and expression from 4D scans, ACM TOG 36(6):194.
    """
    path = Path(path)
    if path.suffix.lower() in (".pkl", ".pickle"):
        raise DataError(_pickle_message(path))
    path, k = _adapter.existing(path, (".npz",), WHAT), _adapter.checked_components(components)
    arrays = _arrays(path, ("v_template", "f", "shapedirs"), WHAT)
    neutral = METRE * _adapter.checked(arrays["v_template"], (None, 3), f"{path}: v_template")
    directions = (len(neutral), 3, SHAPES + EXPRESSIONS)
    directions = METRE * _adapter.checked(arrays["shapedirs"], directions, f"{path}: shapedirs")
    triangles = _adapter.checked_triangles(arrays["f"], len(neutral), f"{path}: f")
    neutral = _adapter.centred(neutral, triangles, str(path))
    shape, expression = (np.moveaxis(d[..., :k], -1, 0) for d in np.split(directions, [SHAPES], axis=-1))
    names = {f"expression_{i}": e for i, e in enumerate(expression)}
    surface = (*texture_corners(neutral, triangles), _adapter.clay())
    if texture is not None:
        surface = _textured(_adapter.existing(texture, (".npz",), TEXTURE_WHAT), len(triangles), k)
    return _adapter.assemble(path.stem, neutral, shape, names, triangles, *surface)


def _textured(path: Path, triangles: int, components: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Texture coordinates (u, 2), their triangles (t, 3) and the texture's basis (10 + m, h, w, 3)."""
    arrays = _arrays(path, ("mean", "vt", "ft"), TEXTURE_WHAT)
    uv = _adapter.checked(arrays["vt"], (None, 2), f"{path}: vt")
    corners = _adapter.checked(arrays["ft"], (triangles, 3), f"{path}: ft (one row for each of the model's triangles)")
    corners = _adapter.checked_triangles(corners, len(uv), f"{path}: ft")
    mean = _adapter.checked(arrays["mean"], (None, None, 3), f"{path}: mean")
    directions = _adapter.checked(_leading(path, "tex_dir", components), (*mean.shape, None), f"{path}: tex_dir")
    # The file's v points up, and its colours are in the order blue, green, red, from 0 to 255.
    mean, directions = (_shrunk(a)[:, :, ::-1] / np.float32(255) for a in (mean, directions))
    basis = _adapter.with_design(mean, np.moveaxis(directions, -1, 0))
    return np.stack([uv[:, 0], 1 - uv[:, 1]], -1), corners, basis


def _shrunk(image: np.ndarray) -> np.ndarray:
    """Halve (h, w, ...) until it is at most `LARGEST` high."""
    while len(image) > LARGEST and len(image) % 2 == 0 and image.shape[1] % 2 == 0:
        image = (image[::2, ::2] + image[1::2, ::2] + image[::2, 1::2] + image[1::2, 1::2]) / 4
    return image


def _arrays(path: Path, names: tuple[str, ...], what: str) -> dict[str, np.ndarray]:
    """These arrays of an .npz, without ever unpickling anything."""
    with _adapter.reading(path, "a plain .npz", what), np.load(path, allow_pickle=False) as archive:
        for name in names:
            if name not in archive:
                raise DataError(f"{path} lacks the array {name} of shape {FORMS[name]}; pass the path of {what}")
            _refuse_huge(archive.zip, name, path)
        return {name: archive[name] for name in names}


def _refuse_huge(archive: zipfile.ZipFile, name: str, path: Path) -> None:
    size = sum(member.file_size for member in archive.infolist() if member.filename in (name, f"{name}.npy"))
    if size > LARGEST_ARRAY:
        raise DataError(f"{path}: {name} would take {size / 1e9:.3g} GB, more than any face model: fetch it again")


def _leading(path: Path, name: str, count: int) -> np.ndarray:
    """The first `count` entries along the last axis: read whole, tex_dir would take 1.3 GB."""
    with _adapter.reading(path, "a plain .npz", TEXTURE_WHAT), zipfile.ZipFile(path) as archive:
        if f"{name}.npy" in archive.namelist():
            with archive.open(f"{name}.npy") as stream:
                version = np.lib.format.read_magic(stream)
                header = np.lib.format.read_array_header_1_0(stream) if version == (1, 0) else None
                if header and len(header[0]) > 1 and not header[1] and not header[2].hasobject:
                    return _rows(stream, header[0], header[2], count)
        return _arrays(path, (name,), TEXTURE_WHAT)[name][..., :count]


def _rows(stream: IO[bytes], shape: tuple[int, ...], dtype: np.dtype, count: int) -> np.ndarray:
    """Read an array row by row, keeping of each the first `count` entries along the last axis."""
    row = dtype.itemsize * int(np.prod(shape[1:]))
    out = np.empty((*shape[:-1], min(count, shape[-1])), np.float32)
    for kept in out:
        kept[:] = np.frombuffer(stream.read(row), dtype).reshape(shape[1:])[..., :count]
    return out


def _pickle_message(path: Path) -> str:
    line = CONVERT.format(source=str(path), target=str(path.with_suffix(".npz")))
    return (
        f"{path} is a pickle, and reading a pickle runs whatever code is in it, so this kit never does. "
        f'Convert it once, in an environment you trust that has chumpy:\n\npython -c "{line}"\n'
    )
