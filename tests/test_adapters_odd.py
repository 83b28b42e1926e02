"""Odd files of face models: whatever is in them, the error names the file, the place and the remedy."""

import h5py
import numpy as np
import pytest
from test_adapters import (  # noqa: F401 (fixtures)
    basel_file,
    flame_arrays,
    flame_file,
    ict_folder,
    texture_arrays,
    triangles,
)

from kit.faces import basel, flame, ict
from kit.files import data
from kit.files.data import DataError

MEAN = "shape/model/mean"


def replace(path, name, make) -> None:
    with h5py.File(path, "r+") as archive:
        del archive[name]
        if make:
            make(archive, name)


ODD_H5 = {
    "a group in its place": (MEAN, lambda f, n: f.create_group(n)),
    "a link to nothing": (MEAN, lambda f, n: f.__setitem__(n, h5py.SoftLink("/nowhere"))),
    "a link to another file": (MEAN, lambda f, n: f.__setitem__(n, h5py.ExternalLink("gone.h5", "/x"))),
    "a type in its place": (MEAN, lambda f, n: f.__setitem__(n, np.dtype("f4"))),
    "a dataset in place of its group": ("shape/model", lambda f, n: f.__setitem__(n, np.zeros(3))),
    "a dataset in place of a part": ("color", lambda f, n: f.__setitem__(n, np.zeros(3))),
    "no part": ("expression", None),
    "text": (MEAN, lambda f, n: f.__setitem__(n, "2700 numbers")),
    "texts": (MEAN, lambda f, n: f.__setitem__(n, np.array([b"a"] * 2700))),
    "complex numbers": (MEAN, lambda f, n: f.__setitem__(n, np.zeros(2700, complex))),
    "records": (MEAN, lambda f, n: f.__setitem__(n, np.zeros(2700, [("x", float)]))),
    "nothing": (MEAN, lambda f, n: f.create_dataset(n, data=h5py.Empty("f4"))),
    "one number": (MEAN, lambda f, n: f.__setitem__(n, 3.0)),
    "lists of different lengths": (MEAN, lambda f, n: f.create_dataset(n, (2700,), h5py.vlen_dtype(float))),
    "more than any computer holds": (MEAN, lambda f, n: f.create_dataset(n, (10**12,), "f8", chunks=(1000,))),
    "a huge basis": ("color/model/pcaBasis", lambda f, n: f.create_dataset(n, (2700, 10**10), "f8", chunks=(9, 9))),
    "a scalar basis": ("color/model/pcaBasis", lambda f, n: f.__setitem__(n, 3.0)),
    "an empty basis": ("color/model/pcaBasis", lambda f, n: f.create_dataset(n, data=h5py.Empty("f4"))),
    "a basis of text": ("color/model/pcaBasis", lambda f, n: f.__setitem__(n, np.full((2700, 5), b"x"))),
    "cells of nothing": ("shape/representer/cells", lambda f, n: f.create_dataset(n, data=h5py.Empty("i4"))),
    "cells in a group": ("shape/representer/cells", lambda f, n: f.create_group(n)),
    "cells with fractions": ("shape/representer/cells", lambda f, n: f.__setitem__(n, triangles().T + 0.5)),
    "cells beyond 2^31": ("shape/representer/cells", lambda f, n: f.__setitem__(n, triangles().T + 2**40)),
    "no cells": ("shape/representer/cells", lambda f, n: f.__setitem__(n, np.zeros((3, 0), int))),
}  # fmt: skip


@pytest.mark.parametrize("what", ODD_H5)
def test_an_odd_h5_is_named_with_the_place(basel_file, what):  # noqa: F811
    name, make = ODD_H5[what]
    replace(basel_file, name, make)
    with pytest.raises(DataError) as caught:
        basel.load(basel_file)
    told = str(caught.value)
    assert str(basel_file) in told and name in told, told


def test_bytes_turned_at_random_are_told_or_change_nothing_else(basel_file):  # noqa: F811
    whole, rng = basel_file.read_bytes(), np.random.default_rng(0)
    for _ in range(60):
        spoiled = bytearray(whole)
        for place in rng.integers(0, 4096, 6):
            spoiled[place] = rng.integers(256)
        basel_file.write_bytes(spoiled)
        try:
            basel.load(basel_file)
        except DataError as error:
            assert str(basel_file) in str(error)


def npz(path, **change):
    arrays = flame_arrays() | change
    np.savez(path, **{name: array for name, array in arrays.items() if array is not None})
    return path


ODD_NPZ = {
    "records": {"v_template": np.zeros(900, [("x", float)])},
    "one number": {"f": np.int64(3)},
    "complex numbers": {"shapedirs": np.zeros((900, 3, 400), complex)},
    "dates": {"v_template": np.zeros((900, 3), "datetime64[s]")},
    "fractions in place of places": {"f": triangles() + 0.5},
    "places beyond 2^31": {"f": triangles().astype(np.int64) + 2**40},
    "unsigned places": {"f": triangles().astype(np.uint64) + 2**63},
    "no vertices": {"v_template": np.zeros((0, 3)), "shapedirs": np.zeros((0, 3, 400))},
}


@pytest.mark.parametrize("what", ODD_NPZ)
def test_an_odd_npz_is_named_with_the_array(tmp_path, what):
    path = npz(tmp_path / "model.npz", **ODD_NPZ[what])
    with pytest.raises(DataError) as caught:
        flame.load(path)
    assert str(path) in str(caught.value) and list(ODD_NPZ[what])[0] in str(caught.value)


def test_files_that_are_other_archives_are_named(tmp_path):
    path = tmp_path / "model.npz"
    with open(path, "wb") as file:
        np.save(file, np.zeros(3))  # an .npy
    with pytest.raises(DataError, match="model.npz is damaged or not a plain .npz"):
        flame.load(path)


def test_an_archive_that_unpacks_to_too_much_is_refused_unread(tmp_path, monkeypatch):
    path = npz(tmp_path / "model.npz")
    monkeypatch.setattr(flame, "LARGEST_ARRAY", 1000)
    with pytest.raises(DataError, match=r"model.npz: v_template would take .* GB"):
        flame.load(path)


ODD_OBJ = {
    "a material without a name": ("usemtl M_Face", "usemtl "),
    "places that no integer holds": ("f 1/1", f"f {10**30}/1"),
    "a corner of one number": ("f 1/1 ", "f 1 "),
    "a face of two corners": ("f 1/1 37/37 38/38 2/2", "f 1/1 2/2"),
    "no faces": ("f ", "# "),
    "endless digits": ("v 0.", "v " + "9" * 500),
}


@pytest.mark.parametrize("what", ODD_OBJ)
def test_an_odd_obj_is_named_or_read(ict_folder, what):  # noqa: F811
    path = ict_folder / "generic_neutral_mesh.obj"
    path.write_text(path.read_text().replace(*ODD_OBJ[what]))
    try:
        ict.load(ict_folder)
    except DataError as error:
        assert str(path) in str(error)


def test_a_file_of_expressions_that_is_a_folder_is_named(ict_folder):  # noqa: F811
    (ict_folder / "smile.obj").mkdir()
    with pytest.raises(DataError, match="smile.obj is not a .obj file"):
        ict.load(ict_folder)


# ---- the kit's own list of files


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "is damaged"),
        ("[1, 2]", "is damaged"),
        ('{"a.npz": {}}', "is damaged"),
        ('{"a.npz": "abc"}', "is damaged"),
        (b"\xff\xfe\x00", "is damaged"),
        ("{}", "a.npz is not listed in"),
    ],
)
def test_a_broken_list_of_files_is_named_with_the_remedy(tmp_path, monkeypatch, content, words):
    monkeypatch.setenv("KIT_DATA", str(tmp_path))
    (tmp_path / "a.npz").write_bytes(b"x")
    (tmp_path / "manifest.json").write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(DataError, match=words) as caught:
        data.verified("a.npz")
    assert str(tmp_path / "manifest.json") in str(caught.value)
