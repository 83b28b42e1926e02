"""Faces as arrays of coefficients: see them, measure them, mix them, write them to a table."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from joblib import cpu_count

from kit import blas

from . import mesh as surface
from ._render_checks import Angle
from .design import Age, Ancestry, Sex, age_years, ancestry_weights, design_row, sex_number

if TYPE_CHECKING:
    import pandas as pd

    from .model import FaceModel
    from .render import Rendering

BATCH = 64  # faces rendered at a time: their textures take 0.8 MB each
BLOCK = 16384  # texel values that a core makes at a time, for all faces of a batch: they fit its cache
UNUSUAL = 5.0  # standard deviations
ARRAYS = ("sex", "age", "ancestry", "shape", "texture", "expression")
_ANGLES = ("yaw", "pitch", "light azimuth", "light elevation")


@dataclass(frozen=True, eq=False)
class Faces:
    """n faces of one model. Arrays are read-only; methods return new faces.

    Parameters
    ----------
    model : FaceModel
    sex : array of shape (n,)
        -1 female ... +1 male.
    age : array of shape (n,)
        Years.
    ancestry : array of shape (n, 3)
        Weights of the archetypes african, asian, caucasian.
    shape : array of shape (n, k)
        Coefficients of the shape components, in standard deviations.
    texture : array of shape (n, m)
        Coefficients of the texture components.
    expression : array of shape (n, e)
        Strength of each expression, 0 neutral to 1 full.
    """

    model: FaceModel
    sex: np.ndarray
    age: np.ndarray
    ancestry: np.ndarray
    shape: np.ndarray
    texture: np.ndarray
    expression: np.ndarray

    def __post_init__(self) -> None:
        for name in ARRAYS:
            array = np.array(getattr(self, name), dtype=np.float32)
            _check_finite(name, array)
            array.flags.writeable = False
            object.__setattr__(self, name, array)
        for name, count in self.model.counts.items():
            _check_width(name, getattr(self, name), len(self.sex), count)

    def __len__(self) -> int:
        return len(self.sex)

    def __iter__(self) -> Iterator[Faces]:
        return (self[k] for k in range(len(self)))

    def __getitem__(self, index) -> Faces:
        """Faces at an index, slice, mask or list; an integer gives one face, still of length 1."""
        rows = np.arange(len(self))[index]
        return self.changed(**{n: getattr(self, n)[np.atleast_1d(rows)] for n in ARRAYS})

    def __repr__(self) -> str:
        return f"Faces(n={len(self)}, model={self.model.name!r})"

    @cached_property
    def design(self) -> np.ndarray:
        """Design rows (n, 10), float32; columns in `kit.faces.design.COLUMNS`."""
        return design_row(self.sex, self.age, self.ancestry)

    # ---- what a face looks like

    def vertices(self, cap: bool = False) -> np.ndarray:
        """Positions (n, v, 3) in mm, float32; with `cap` they include the swim cap's thickness."""
        m = self.model
        out = self.design @ _flat(m.shape_design) + self.shape @ _flat(m.shape_components)
        if self.expression.any():
            out += self.expression @ _flat(m.expressions)
        out = out.reshape(len(self), -1, 3)
        return out + m.cap_offset if cap else out

    def normals(self) -> np.ndarray:
        """Unit normals (n, v, 3) of the vertices, pointing outward."""
        return surface.normals(self.vertices(), self.model.mesh.triangles)

    def texture_image(self) -> np.ndarray:
        """Albedo (n, h, w, 3), sRGB from 0 to 1, float32. 0.8 MB a face: mind how many you ask for."""
        shape = len(self), *self.model.texture_shape[1:]
        with blas.one_thread():
            return self._paint(np.empty(shape, np.float32))

    def _paint(self, out: np.ndarray) -> np.ndarray:
        """`texture_image` into an array that is there: each core fills blocks of texels of all faces."""
        amounts, basis = np.hstack([self.design, self.texture]), _flat(self.model.texture_basis)
        flat = out.reshape(len(out), -1)

        def fill(start: int) -> None:
            part = flat[:, start : start + BLOCK]
            np.matmul(amounts, basis[:, start : start + BLOCK], out=part)
            if self.model.log_texture:
                np.exp(part, out=part)
            np.clip(part, 0, 1, out=part)

        with ThreadPoolExecutor(cpu_count()) as pool:
            list(pool.map(fill, range(0, flat.shape[1], BLOCK)))
        return out

    def render(
        self, size: int = 128, yaw: Angle = 0.0, pitch: Angle = 0.0, light: tuple[Angle, Angle] = (0.0, 30.0),
        cap: bool = True, antialias: bool = True, frame: str = "head",
    ) -> np.ndarray:  # fmt: skip
        """Draw the faces.

        Parameters
        ----------
        size : int
            Pixels on a side; above 300 the mesh is subdivided once so that outlines stay round.
        yaw, pitch : float or array of shape (n,)
            Degrees. Positive yaw turns the face to the viewer's right, positive pitch turns it up.
        light : (azimuth, elevation), each a float or an array of shape (n,)
            Degrees; positive is from the viewer's right, and from above.
        cap : bool
            Whether the faces wear the swim cap of the study, which hides the bald scalp.
        antialias : bool
        frame : "head" or "face"
            What the picture holds: the whole head, or a portrait of the face.

        Returns
        -------
        uint8 array of shape (n, size, size, 3)
        """
        from .render import render

        parts = self._batches(render, size, yaw, pitch, light, cap, antialias, frame)
        return np.concatenate(list(parts))

    def render_buffers(
        self, size: int = 128, yaw: Angle = 0.0, pitch: Angle = 0.0, light: tuple[Angle, Angle] = (0.0, 30.0),
        cap: bool = True, antialias: bool = True, frame: str = "head",
    ) -> Rendering:  # fmt: skip
        """As `render`, with the triangle, barycentric, depth and normal images beside the picture.

        The first two map a pixel to vertices: `model.mesh.triangles[triangle]` weighted by `barycentric`.
        """
        from .render import Rendering, render_buffers

        parts = list(self._batches(render_buffers, size, yaw, pitch, light, cap, antialias, frame))
        fields = Rendering.__dataclass_fields__
        return Rendering(**{f: np.concatenate([getattr(p, f) for p in parts]) for f in fields})

    def _batches(self, draw, size, yaw, pitch, light, cap, antialias, frame):
        from tqdm.auto import tqdm

        n = len(self)
        yaw, pitch, azimuth, elevation = (_angles(v, n, w) for v, w in zip((yaw, pitch, *_pair(light)), _ANGLES))
        texture = np.empty((min(n, BATCH), *self.model.texture_shape[1:]), np.float32)
        starts = tqdm(range(0, n, BATCH), desc="rendering", unit="batch", disable=n < 1000, leave=False)
        for start in starts:
            s = slice(start, start + BATCH)
            with blas.one_thread():
                batch = self[s]
                painted = batch._paint(texture[: len(batch)])
                drawn = draw(
                    batch.vertices(cap), painted, self.model.mesh, size=size, yaw=yaw[s], pitch=pitch[s],
                    light=(azimuth[s], elevation[s]), cap=cap, antialias=antialias, frame=frame,
                )  # fmt: skip
            yield drawn

    # ---- changing one thing, keeping the rest

    def with_design(self, sex: Sex | None = None, age: Age | None = None, ancestry: Ancestry | None = None) -> Faces:
        """The same identities at another sex, age or ancestry."""
        n, change = len(self), {}
        if sex is not None:
            change["sex"] = sex_number(sex, n)
        if age is not None:
            change["age"] = age_years(age, n)
        if ancestry is not None:
            change["ancestry"] = ancestry_weights(ancestry, n)
        return self.changed(**change)

    def with_expression(self, expression: str | dict[str, float], strength: float = 1.0) -> Faces:
        """The same faces with an expression: a name, "neutral", or a blend {name: strength}."""
        names = self.model.expression_names
        blend = expression if isinstance(expression, dict) else {expression: strength}
        out = np.zeros((len(self), len(names)), np.float32)
        for name, amount in blend.items():
            if name != "neutral":
                if name not in names:
                    raise ValueError(f"expression must be neutral or one of {', '.join(names)}; got {name!r}")
                out[:, names.index(name)] = amount
        return self.changed(expression=out)

    def with_shape(self, shape: np.ndarray | Faces) -> Faces:
        """Shape replaced, by coefficients or by another face's own (sex, age and ancestry stay)."""
        return self.changed(shape=_like(shape, "shape", len(self))).checked()

    def with_texture(self, texture: np.ndarray | Faces) -> Faces:
        """Texture replaced, by coefficients or by another face's own (sex, age and ancestry stay)."""
        return self.changed(texture=_like(texture, "texture", len(self))).checked()

    def caricature(self, amount: float) -> Faces:
        """Exaggerate identity: 1 the face itself, 0 the mean of its sex, age and ancestry, 1.5 a caricature."""
        return self.changed(shape=amount * self.shape, texture=amount * self.texture).checked()

    def antiface(self) -> Faces:
        """The opposite identity, as far from the mean on the other side (Leopold et al. 2001)."""
        return self.caricature(-1.0)

    def to_frame(self) -> pd.DataFrame:
        """A table with a row for each face, from which `FaceModel.from_frame` makes the faces again."""
        import pandas as pd  # slow to load, and few need it

        values = [self.sex[:, None], self.age[:, None], self.ancestry, self.shape, self.texture, self.expression]
        return pd.DataFrame(np.hstack(values), columns=self.model.columns)

    def checked(self) -> Faces:
        """The same faces, with a warning if a coefficient is beyond five standard deviations."""
        for name in ("shape", "texture"):
            _warn_unusual(name, getattr(self, name))
        return self

    def changed(self, **arrays: Any) -> Faces:
        """The same faces with some arrays replaced."""
        return replace(self, **arrays)


def _flat(basis: np.ndarray) -> np.ndarray:
    return basis.reshape(len(basis), -1)


def _like(value, name: str, n: int) -> np.ndarray:
    array = getattr(value, name) if isinstance(value, Faces) else np.atleast_2d(np.asarray(value))
    return np.repeat(array, n, axis=0) if len(array) == 1 else array


def _pair(light) -> tuple:
    try:
        azimuth, elevation = light
    except (TypeError, ValueError):
        raise ValueError(f"light must be (azimuth, elevation) in degrees; got {light!r}") from None
    return azimuth, elevation


def _angles(value, n: int, name: str) -> np.ndarray:
    angles = np.atleast_1d(np.asarray(value, dtype=float))
    if angles.shape not in ((1,), (n,)):
        raise ValueError(f"{name} needs one angle, or one for each of the {n} faces; got shape {angles.shape}")
    return np.broadcast_to(angles, n)


def _check_finite(name: str, array: np.ndarray) -> None:
    bad = ~np.isfinite(array.reshape(len(array), -1)).all(axis=1)
    if bad.any():
        raise ValueError(f"{name} of face {int(bad.argmax())} is not a finite number")


def _check_width(name: str, array: np.ndarray, n: int, k: int) -> None:
    if array.shape != (n, k):
        raise ValueError(f"{name} must have shape ({n}, {k}) for {n} faces of this model; got {array.shape}")


def _warn_unusual(name: str, array: np.ndarray) -> None:
    if array.size and np.abs(array).max() > UNUSUAL:
        warnings.warn(
            f"{name} has a coefficient of {array.flat[np.abs(array).argmax()]:.1f} standard deviations; beyond "
            f"{UNUSUAL:g} faces fold and break. It was kept as it is.",
            stacklevel=4,  # the caller of the method that made the faces
        )
