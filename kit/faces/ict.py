"""Read ICT-FaceKit, for those who have it: https://github.com/ICT-VGL/ICT-FaceKit."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from kit.files.data import DataError

from . import _adapter
from .model import FaceModel

CENTIMETRE = 10.0  # mm
NEUTRAL = "generic_neutral_mesh.obj"
# Transparent layers before the eyes, and lashes that need a picture with holes: drawn as skin, the
# eyes would be shut.
OVERLAYS = {"M_LacrimalFluid", "M_EyeBlend", "M_EyeOcclusion", "M_EyeLashes"}
WHAT = f"ICT-FaceKit's folder FaceXModel, with {NEUTRAL}, identity000.obj and so on"


def load(path: str | Path, components: int = 80) -> FaceModel:
    """ICT-FaceKit as a model of this kit.

    The model knows no sex, age or ancestry: those of a face change nothing. It has no albedo: the
    whole head, eyes and teeth included, is of one colour. Its expressions keep the names of their
    files, such as "jawOpen" or "mouthSmile_L" (strength 1 is the sculpted shape).

    Parameters
    ----------
    path : str or Path
        The folder with `generic_neutral_mesh.obj`, `identity000.obj` to `identity099.obj` and the
        expressions as .obj, in centimetres.
    components : int
        How many identities to keep; each file is the neutral face plus one standard deviation.

    Raises
    ------
    DataError
        If the folder or a file is missing, damaged, or of another mesh; the message says which.

    References
    ----------
    Li et al. (2020), Learning formation of physically-based face attributes, CVPR 2020 (arXiv:2004.03458).
    """
    folder, k = Path(path), _adapter.checked_components(components)
    if not (folder / NEUTRAL).is_file():
        raise DataError(f"{folder} holds no {NEUTRAL}; pass the path of {WHAT}")
    found = set(folder.glob("identity*.obj"))
    identities = [folder / f"identity{i:03}.obj" for i in range(max(min(k, len(found)), 1))]
    expressions = sorted(set(folder.glob("*.obj")) - {folder / NEUTRAL} - found)
    lines = _lines(folder / NEUTRAL)
    neutral = _vertices(folder / NEUTRAL, lines)
    uv, triangles, uv_triangles = _surface(folder / NEUTRAL, lines, len(neutral))
    shape = np.stack([_difference(file, neutral) for file in identities])
    named = {file.stem: _difference(file, neutral) for file in expressions}
    neutral = _adapter.centred(neutral, triangles, str(folder / NEUTRAL))
    surface = triangles, uv, uv_triangles, _adapter.clay()
    return _adapter.assemble("ict_facekit", neutral, shape, named, *surface)


def _difference(file: Path, neutral: np.ndarray) -> np.ndarray:
    """How a morph target (v, 3) departs from the neutral face, in mm."""
    vertices = _vertices(file, _lines(file))
    if len(vertices) != len(neutral):
        raise DataError(
            f"{file} has {len(vertices)} vertices and {NEUTRAL} has {len(neutral)}: "
            "it is truncated or of another version, fetch the folder again"
        )
    return vertices - neutral


def _lines(file: Path) -> list[str]:
    try:
        return _adapter.existing(file, (".obj",), WHAT).read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise DataError(f"{file} is not a text file, as an .obj is; fetch it again") from error


def _vertices(file: Path, lines: list[str]) -> np.ndarray:
    """Positions (v, 3) in mm."""
    return CENTIMETRE * _table(file, lines, "v", 3)


def _table(file: Path, lines: list[str], key: str, width: int) -> np.ndarray:
    """The numbers of all lines that begin with a key, float32 (n, width)."""
    start = len(key) + 1
    rows = [line[start:] for line in lines if line.startswith(f"{key} ")]
    try:
        numbers = np.array(" ".join(rows).split(), float).reshape(len(rows), width)
    except ValueError as error:
        raise DataError(f"{file}: a line '{key} ...' has not {width} numbers; fetch the file again") from error
    return _adapter.checked(numbers, (None, width), f"{file}: its lines '{key} ...'")


def _surface(file: Path, lines: list[str], count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Texture coordinates (u, 2), triangles and texture triangles (t, 3)."""
    uv = _table(file, lines, "vt", 2)
    corners = _corners(file, lines)
    triangles = _adapter.checked_triangles(corners[..., 0], count, f"{file}: the vertices of its faces, less one,")
    uv_triangles = _adapter.checked_triangles(corners[..., 1], len(uv), f"{file}: the 'vt' of its faces, less one,")
    # Every material has a tile of its own, tile k from u = k to k + 1; ours are side by side in 0..1.
    # The file's v points up.
    tiles = max(np.ceil(uv[:, 0].max()), 1)
    return np.stack([uv[:, 0] / tiles, 1 - uv[:, 1]], -1), triangles, uv_triangles


def _corners(file: Path, lines: list[str]) -> np.ndarray:
    """Vertex and texture vertex, from 0, at the corners of triangles: int (t, 3, 2)."""
    material, out = "", []
    for line in lines:
        if line.startswith("usemtl "):
            material = line.removeprefix("usemtl ").strip()
        elif line.startswith("f ") and material not in OVERLAYS:
            corners = [corner.split("/")[:2] for corner in line.split()[1:]]
            out += [(corners[0], corners[j], corners[j + 1]) for j in range(1, len(corners) - 1)]
    try:
        triangles = np.array(out, int) - 1
    except (ValueError, OverflowError):  # a name, nothing, a number too large, or corners of several kinds
        triangles = np.empty(0)
    if triangles.shape[1:] != (3, 2):
        raise DataError(f"{file}: its faces are not all of the form 'f v/vt v/vt v/vt'; fetch the file again")
    return triangles
