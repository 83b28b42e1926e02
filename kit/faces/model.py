"""The generative model of faces: means over sex, age and ancestry, plus components of identity.

A face's vertices are `design_row @ shape_design + shape @ shape_components`, and its texture the
same with the texture's arrays, in log albedo: the equation of Daube et al. (2021), with components
that come from artists' sliders and painted pigments instead of scans (see data/README.md).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from kit.chance import Rng
from kit.files import data

from .design import ANCESTRIES, COLUMNS, Age, Ancestry, Sex, age_years, ancestry_weights, sex_number
from .faces import Faces
from .mesh import Mesh

if TYPE_CHECKING:
    import pandas as pd

SAMPLED_AGES = (20.0, 65.0)  # years; where `sample` draws ages when none is given
PAINTED = ("layer_maps", "layer_maps_scale", "layer_colours", "texture_base", "texture_base_scale")  # in the file
TEETH = 2  # number of a part that is left out: rows of teeth only serve open mouths and cost triangles always


@dataclass(frozen=True, eq=False)
class FaceModel:
    """Everything that turns coefficients into faces. Lengths in mm; v vertices, h x w texels.

    Parameters
    ----------
    name : str
    mesh : Mesh
        Triangles, texture coordinates and what is known about each vertex.
    shape_design : array of shape (10, v, 3)
        Vertices for each column of the design row (`kit.faces.design.COLUMNS`).
    shape_components : array of shape (k, v, 3)
        Displacements for one standard deviation of each component.
    texture_shape : (10 + m, h, w, 3)
    paint : function without arguments
        Gives `texture_basis`, of that shape: 50 MB, which only those wait for who draw a face.
    expressions : array of shape (e, v, 3)
    expression_names : tuple of e str
    regions : dict of str to bool array of shape (v,)
    region_map : dict of str to bool array of shape (h, w)
    cap_offset : array of shape (v, 3)
        What the swim cap's thickness adds to the vertices.
    log_texture : bool
        Whether the texture's arrays are log albedo (pigments multiply) or albedo itself.
    """

    name: str
    mesh: Mesh
    shape_design: np.ndarray
    shape_components: np.ndarray
    texture_shape: tuple[int, int, int, int]
    paint: Callable[[], np.ndarray]
    expressions: np.ndarray
    expression_names: tuple[str, ...]
    regions: dict[str, np.ndarray]
    region_map: dict[str, np.ndarray]
    cap_offset: np.ndarray
    log_texture: bool = True

    def __repr__(self) -> str:
        v, (h, w) = self.shape_design.shape[1], self.texture_shape[1:3]
        k, m, e = self.counts.values()
        return (
            f"FaceModel({self.name!r}: {v} vertices, {h} x {w} texels, {k} shape and {m} texture components, "
            f"{e} expressions)"
        )

    @cached_property
    def texture_basis(self) -> np.ndarray:
        """The texture for each column of the design row, then for each of the m components: (10 + m, h, w, 3)."""
        return self.paint()

    @property
    def counts(self) -> dict[str, int]:
        """How many components of "shape" and "texture" there are, and how many of "expression"."""
        texture = self.texture_shape[0] - len(COLUMNS)
        return {"shape": len(self.shape_components), "texture": texture, "expression": len(self.expression_names)}

    @property
    def texture_design(self) -> np.ndarray:
        """Array of shape (10, h, w, 3)."""
        return self.texture_basis[: len(COLUMNS)]

    @property
    def texture_components(self) -> np.ndarray:
        """Array of shape (m, h, w, 3), for one standard deviation each."""
        return self.texture_basis[len(COLUMNS) :]

    @property
    def columns(self) -> list[str]:
        """The columns of the table that describes faces; see `Faces.to_frame`."""
        return [
            "sex", "age", *ANCESTRIES,
            *(f"shape_{k}" for k in range(self.counts["shape"])),
            *(f"texture_{k}" for k in range(self.counts["texture"])),
            *(f"expression_{name}" for name in self.expression_names),
        ]  # fmt: skip

    def sample(
        self, n: int, sex: Sex | None = None, age: Age | None = None, ancestry: Ancestry | None = None,
        like: Faces | None = None, rng: Rng = None,
    ) -> Faces:  # fmt: skip
        """Draw random identities: every component from N(0, 1).

        Parameters
        ----------
        n : int
            How many.
        sex, age, ancestry : optional
            As in `face`, one value or one a face. What is not given is drawn: either sex, 20 to 65
            years, one of the three ancestries.
        like : Faces of length 1, optional
            Share this face's sex, age and ancestry, as the random faces of a trial in the study do.
        rng : int or numpy Generator, optional
            The same seed gives the same faces.
        """
        n, rng = _count(n), np.random.default_rng(rng)
        if like is not None:
            if len(like) != 1 or any(v is not None for v in (sex, age, ancestry)):
                raise ValueError("like takes one face, in place of sex, age and ancestry")
            sex, age, ancestry = like.sex[0], like.age[0], like.ancestry[0]
        sex = rng.choice([-1.0, 1.0], n) if sex is None else sex
        age = rng.uniform(*SAMPLED_AGES, n) if age is None else age
        ancestry = np.eye(3)[rng.integers(3, size=n)] if ancestry is None else ancestry
        shape, texture = (rng.normal(size=(n, self.counts[kind])) for kind in ("shape", "texture"))
        return self._faces(n, sex, age, ancestry, shape, texture)

    def face(
        self, sex: Sex = "female", age: Age = 30.0, ancestry: Ancestry = "caucasian",
        shape: Sequence[float] | None = None, texture: Sequence[float] | None = None,
        expression: str | Mapping[str, float] = "neutral",
    ) -> Faces:  # fmt: skip
        """One face from named values.

        Parameters
        ----------
        sex : "female", "male" or number from -1 (female) to 1 (male)
        age : float
            Years, 18 to 80.
        ancestry : "african", "asian", "caucasian" or three weights that sum to 1
            MakeHuman's artistic archetypes, not populations.
        shape, texture : None, dict of component to value, or array
            Coefficients in standard deviations; `{0: 2.5}` sets the first component alone.
        expression : str or dict of name to strength
            A name in `expression_names`, "neutral", or a blend such as `{"happy": 0.5}`.
        """
        shape = _coefficients(shape, self.counts["shape"], "shape")
        texture = _coefficients(texture, self.counts["texture"], "texture")
        return self._faces(1, sex, age, ancestry, shape, texture).with_expression(expression).checked()

    def mean(self, sex: Sex = 0.0, age: Age = 40.0, ancestry: Ancestry = (1 / 3, 1 / 3, 1 / 3)) -> Faces:
        """The average face: all components zero. By default between the sexes and archetypes."""
        return self.face(sex, age, ancestry)

    def from_frame(self, table: pd.DataFrame) -> Faces:
        """Faces from a table that `Faces.to_frame` wrote. Raises ValueError naming missing columns."""
        needed = self.columns
        missing = [c for c in needed if c not in table.columns]
        if missing:
            raise ValueError(f"the table lacks {len(missing)} columns of a face, first {missing[0]!r}")
        parts = np.split(table[needed].to_numpy(float), np.cumsum(self._widths())[:-1], axis=1)
        sex, age, ancestry, shape, texture, expression = parts
        return Faces(self, sex[:, 0], age[:, 0], ancestry, shape, texture, expression)

    def _widths(self) -> list[int]:
        return [1, 1, 3, *self.counts.values()]

    def _faces(self, n, sex, age, ancestry, shape, texture) -> Faces:
        return Faces(
            self, sex_number(sex, n), age_years(age, n), ancestry_weights(ancestry, n), shape, texture,
            np.zeros((n, len(self.expression_names))),
        )  # fmt: skip


def load(path: str | Path | None = None) -> FaceModel:
    """The kit's face model, verified against `data/manifest.json`; or a model file of the same form.

    Raises
    ------
    DataError
        If the file is missing, was changed, is truncated or lacks an array.
    """
    return _load(Path(path) if path is not None else data.verified("face_model.npz"))


@lru_cache(maxsize=2)
def _load(path: Path) -> FaceModel:
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = dict(archive)
        return _unpack(path.stem, arrays)
    except FileNotFoundError:
        raise data.DataError(
            f"{path} does not exist; `faces.load()` without a path loads the kit's own model"
        ) from None
    except KeyError as error:
        raise data.DataError(f"{path} is not a face model of this kit: array {error} is missing") from error
    except Exception as error:  # zip, zlib and numpy each raise their own kinds
        raise data.DataError(f"{path} is damaged or not a face model ({error}); fetch it again") from error


def _unpack(name: str, a: dict[str, np.ndarray]) -> FaceModel:
    keep = a["part"] != TEETH
    mesh = Mesh(
        a["triangles"][keep], a["uv"] / 65535, a["uv_triangles"][keep], a["occlusion"] / 255,
        _values(a, "visibility").T, a["gloss"], a["fade"], a["cap"],
    )  # fmt: skip
    amounts = np.concatenate([a["layer_effects"], a["layer_loadings"]])
    painted = {name: a[name] for name in PAINTED}
    names = [str(n) for n in a["region_names"]]
    return FaceModel(
        name, mesh, _values(a, "shape_design"), _values(a, "shape_components"),
        (len(amounts), *a["layer_maps"].shape[1:], 3), partial(_painted, amounts, painted), _values(a, "expressions"),
        tuple(str(n) for n in a["expression_names"]),
        {n: a["regions"] == k for k, n in enumerate(names)},
        {n: a["region_map"] == k for k, n in enumerate(names)},
        a["cap_offset"].astype(np.float32),
    )  # fmt: skip


def _values(a: dict[str, np.ndarray], name: str) -> np.ndarray:
    """Undo the quantisation: integers times a scale for each row."""
    whole = a[name]
    return whole.astype(np.float32) * a[f"{name}_scale"].reshape(-1, *[1] * (whole.ndim - 1))


def _painted(amounts: np.ndarray, a: dict[str, np.ndarray]) -> np.ndarray:
    """The file's layers, added up by amounts (r, layers), and the base under the first row: (r, h, w, 3)."""
    maps, colours = _values(a, "layer_maps"), a["layer_colours"]
    out = np.empty((len(amounts), *maps.shape[1:], 3), np.float32)
    flat = maps.reshape(len(maps), -1)
    for channel in range(3):
        out[..., channel] = ((amounts * colours[:, channel]) @ flat).reshape(out.shape[:3])
    out[0] += np.moveaxis(_values(a, "texture_base"), 0, -1)
    return out


def _coefficients(value, k: int, name: str) -> np.ndarray:
    out = np.zeros((1, k))
    if isinstance(value, dict):
        for index, amount in value.items():
            if not 0 <= index < k:
                raise ValueError(f"{name} component {index} does not exist; there are 0 to {k - 1}")
            out[0, index] = amount
    elif value is not None:
        value = np.asarray(value, dtype=float)
        if value.shape not in ((k,), (1, k)):
            raise ValueError(f"{name} must have {k} coefficients, got an array of shape {value.shape}")
        out[0] = value
    return out


def _count(n) -> int:
    if not isinstance(n, (int, np.integer)) or isinstance(n, bool) or n < 1:
        raise ValueError(f"n must be a whole number of faces, at least 1; got {n!r}")
    return int(n)
