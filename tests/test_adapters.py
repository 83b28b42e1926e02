"""Readers of other people's face models, on small files of the same form that the tests write themselves."""

import pickle
import re
import subprocess
import sys

import h5py
import numpy as np
import pytest

from kit.faces import basel, flame, ict
from kit.faces.unwrap import unwrap
from kit.files.data import DataError

ROWS, COLUMNS = 25, 36
EXPRESSIONS = {"jawOpen": 0, "mouthSmile_L": 1}


def head() -> np.ndarray:
    """A globe without poles, radius 100 mm, with a nose of 20 mm in front; (v, 3), off the origin."""
    elevation, turn = np.meshgrid(np.radians(np.linspace(75, -75, ROWS)), 2 * np.pi * np.arange(COLUMNS) / COLUMNS)
    elevation, turn = elevation.T.ravel(), turn.T.ravel()
    direction = np.stack([np.sin(turn) * np.cos(elevation), np.sin(elevation), np.cos(turn) * np.cos(elevation)], -1)
    nose = np.exp(-((direction - [0, 0, 1]) ** 2).sum(1) / 0.02)
    return (direction * (100 + 20 * nose)[:, None] + [7, -3, 40]).astype(np.float32)


def quads() -> np.ndarray:
    """Counter-clockwise seen from outside, (q, 4)."""
    row, column = np.divmod(np.arange((ROWS - 1) * COLUMNS), COLUMNS)
    right = row * COLUMNS + (column + 1) % COLUMNS
    here = row * COLUMNS + column
    return np.stack([here, here + COLUMNS, right + COLUMNS, right], -1)


def triangles() -> np.ndarray:
    q = quads()
    return np.concatenate([q[:, [0, 1, 2]], q[:, [0, 2, 3]]])


def waves(k: int, size: float = 2.0) -> np.ndarray:
    """Smooth displacements (k, v, 3)."""
    rng = np.random.default_rng(5)
    return (size * np.sin(rng.normal(size=(k, 3, 3)) @ (head() / 60).T).transpose(0, 2, 1)).astype(np.float32)


def red_right() -> np.ndarray:
    """Colours of the vertices (v, 3): redder to the viewer's right, greener upward."""
    x, y, _ = ((head() - head().mean(0)) / 100).T
    return (0.5 + 0.3 * np.stack([x, y, -x], -1)).astype(np.float32)


# ------------------------------------------------------------------------------------- files


@pytest.fixture
def basel_file(tmp_path):
    path = tmp_path / "model2019_face12.h5"
    means = {"shape": head(), "color": red_right(), "expression": waves(1)[0]}
    with h5py.File(path, "w") as f:
        for part, size in (("shape", 2.0), ("color", 0.05), ("expression", 1.0)):
            f[f"{part}/model/mean"] = means[part].ravel()
            f[f"{part}/model/pcaBasis"] = waves(5, size).reshape(5, -1).T
            f[f"{part}/model/pcaVariance"] = np.array([9, 4, 1, 1, 1], np.float32)
            f[f"{part}/representer/points"] = head().T
            f[f"{part}/representer/cells"] = triangles().T
    return path


@pytest.fixture
def flame_file(tmp_path):
    path = tmp_path / "generic_model.npz"
    np.savez(path, **flame_arrays())
    return path


def flame_arrays() -> dict[str, np.ndarray]:
    shapedirs = waves(400, 0.002).transpose(1, 2, 0).astype(float)
    return {"v_template": head() / 1000.0, "f": triangles().astype(np.uint32), "shapedirs": shapedirs}


@pytest.fixture
def flame_texture(tmp_path):
    """Rows are v from the top; red from left to right, and the components brighten one channel each."""
    path = tmp_path / "FLAME_texture.npz"
    np.savez(path, **texture_arrays())
    return path


def texture_arrays(size: int = 32) -> dict[str, np.ndarray]:
    mean, directions = np.full((size, size, 3), 51.0), np.zeros((size, size, 3, 6))
    mean[..., 2] = np.linspace(0, 255, size)  # blue, green, red
    mean[..., 0] = np.linspace(255, 0, size)[:, None]
    for k in range(3):
        directions[..., k, k] = 25.5
    atlas = unwrap(head() - head().mean(0), triangles(), 8)
    return {"mean": mean, "tex_dir": directions, "vt": atlas.uv * [1, -1] + [0, 1], "ft": atlas.uv_triangles}


@pytest.fixture
def ict_folder(tmp_path):
    folder = tmp_path / "FaceXModel"
    folder.mkdir()
    write_obj(folder / "generic_neutral_mesh.obj", head())
    for k, wave in enumerate(waves(4)):
        write_obj(folder / f"identity{k:03}.obj", head() + wave)
    for name, k in EXPRESSIONS.items():
        write_obj(folder / f"{name}.obj", head() + 3 * waves(4)[k])
    return folder


def write_obj(path, vertices: np.ndarray) -> None:
    """As the official files: centimetres, quads, texture tiles beside each other, transparent layers last."""
    v = [f"v {x:.9f} {y:.9f} {z:.9f}" for x, y, z in vertices / 10]
    vt = [f"vt {2.9 * k / len(v):.6f} {k / len(v):.6f}" for k in range(len(v))]
    f = ["f " + " ".join(f"{i}/{i}" for i in quad + 1) for quad in quads()]
    path.write_text("\n".join(["mtllib a.mtl", *v, *vt, "usemtl M_Face", *f, "usemtl M_EyeBlend", f[0], f[1]]) + "\n")


@pytest.fixture(params=["basel", "flame", "flame textured", "ict"])
def any_model(request):
    kind = request.param
    if kind == "flame textured":
        return flame.load(request.getfixturevalue("flame_file"), request.getfixturevalue("flame_texture"))
    if kind == "ict":
        return ict.load(request.getfixturevalue("ict_folder"))
    return {"basel": basel, "flame": flame}[kind].load(request.getfixturevalue(f"{kind}_file"))


# ------------------------------------------------------------------------------------- every model


def test_the_head_is_centred_and_everything_is_in_millimetres(any_model):
    vertices = any_model.mean().vertices()[0]
    nose = vertices[vertices[:, 2].argmax()]
    np.testing.assert_allclose(nose, [0, -15, 135], atol=1e-3)
    np.testing.assert_allclose(vertices - nose, head() - head()[head()[:, 2].argmax()], atol=1e-3)


def test_sex_age_and_ancestry_change_nothing(any_model):
    pair = [any_model.face(*who) for who in (("female", 20, "asian"), ("male", 70, "african"))]
    np.testing.assert_array_equal(pair[0].vertices(), pair[1].vertices())
    np.testing.assert_array_equal(pair[0].texture_image(), pair[1].texture_image())


def test_triangles_face_outward(any_model):
    vertices, normals = any_model.mean().vertices()[0], any_model.mean().normals()[0]
    assert ((vertices - vertices.mean(0)) * normals).sum(1).min() > 0
    assert any_model.mesh.uv.min() >= 0 and any_model.mesh.uv.max() <= 1


def test_faces_are_sampled_tabulated_and_drawn(any_model):
    crowd = any_model.sample(3, rng=1)
    again = any_model.from_frame(crowd.to_frame())
    np.testing.assert_allclose(again.vertices(), crowd.vertices(), atol=1e-4)
    pictures = crowd.render(size=64)
    assert pictures.shape == (3, 64, 64, 3)
    seen = (np.abs(pictures.astype(int) - 128).max(-1) > 4).mean((1, 2))
    assert (seen > 0.2).all() and (seen < 0.8).all()
    np.testing.assert_array_equal(pictures, crowd.render(size=64, cap=False))


@pytest.mark.parametrize("module, fixture", [(basel, "basel_file"), (flame, "flame_file"), (ict, "ict_folder")])
def test_components_are_limited(module, fixture, request):
    assert len(module.load(request.getfixturevalue(fixture), components=2).shape_components) == 2
    with pytest.raises(ValueError, match="components must be a whole number, at least 1; got 0"):
        module.load(request.getfixturevalue(fixture), components=0)


# ------------------------------------------------------------------------------------- Basel


def test_basel_components_are_standard_deviations(basel_file):
    model = basel.load(basel_file)
    neutral = model.mean().vertices()
    bump = model.mean().with_shape([0, 2.5, 0, 0, 0]).vertices() - neutral
    np.testing.assert_allclose(bump[0], 2.5 * 2 * waves(5)[1], atol=1e-4)
    names = ("expression_mean", "expression_0", "expression_1", "expression_2", "expression_3", "expression_4")
    assert model.expression_names == names
    smile = model.mean().with_expression({"expression_mean": 1, "expression_0": 0.5}).vertices() - neutral
    np.testing.assert_allclose(smile[0], waves(1)[0] + 0.5 * 3 * waves(5, 1.0)[0], atol=1e-4)


def test_basel_colours_come_back_at_the_vertices(basel_file):
    model = basel.load(basel_file)
    assert not model.log_texture
    face = model.mean().with_texture([1, 0, 0, 0, 0])
    expected = np.clip(red_right() + 3 * waves(5, 0.05)[0], 0, 1)
    np.testing.assert_allclose(sampled(model, face.texture_image()[0]), expected[model.mesh.triangles], atol=0.02)
    np.testing.assert_allclose(model.texture_components[1], unwrapped(model, 2 * waves(5, 0.05)[1]), atol=1e-5)


def test_basel_colours_are_on_the_right_side_of_the_picture(basel_file):
    picture = basel.load(basel_file).mean().render(size=64, light=(0, 0))[0].astype(int)
    left, right, top, bottom = picture[32, 20], picture[32, 44], picture[24, 32], picture[44, 32]
    assert right[0] - right[2] > 40 and left[2] - left[0] > 20
    assert top[1] - top[0] > bottom[1] - bottom[0] + 20


def sampled(model, texture: np.ndarray) -> np.ndarray:
    """Bilinear interpolation of a texture at the corners of the triangles, (t, 3, 3)."""
    size = len(texture)
    at = np.clip(model.mesh.uv[model.mesh.uv_triangles] * size - 0.5, 0, size - 1.001)
    column, row = np.moveaxis(at.astype(int), -1, 0)
    right, down = np.moveaxis(at - at.astype(int), -1, 0)[..., None]
    top = (1 - right) * texture[row, column] + right * texture[row, column + 1]
    return (1 - down) * top + down * ((1 - right) * texture[row + 1, column] + right * texture[row + 1, column + 1])


def unwrapped(model, colours: np.ndarray) -> np.ndarray:
    return unwrap(model.mean().vertices()[0], model.mesh.triangles).paint(colours[None])[0]


def test_basel_clockwise_cells_are_turned_round_with_their_colours(basel_file):
    expected = basel.load(basel_file)
    rewrite(basel_file, "shape/representer/cells", triangles()[:, ::-1].T)
    model = basel.load(basel_file)
    assert ((model.mean().normals() * expected.mean().normals()).sum(-1) > 0.99).all()
    colours = np.broadcast_to(red_right()[model.mesh.triangles], (*model.mesh.triangles.shape, 3))
    np.testing.assert_allclose(sampled(model, model.mean().texture_image()[0]), colours, atol=0.02)


def rewrite(path, name: str, values) -> None:
    with h5py.File(path, "r+") as f:
        del f[name]
        if values is not None:
            f[name] = values


# ------------------------------------------------------------------------------------- FLAME


def test_flame_keeps_three_hundred_shapes_apart_from_the_expressions(flame_file):
    model = flame.load(flame_file, components=3)
    assert model.expression_names == ("expression_0", "expression_1", "expression_2")
    wave = waves(400)
    np.testing.assert_allclose(model.shape_components, wave[:3], atol=1e-4)
    np.testing.assert_allclose(model.expressions, wave[300:303], atol=1e-4)
    assert len(flame.load(flame_file, components=400).shape_components) == 300


def test_models_without_albedo_are_of_one_colour(flame_file, ict_folder):
    for model in (flame.load(flame_file), ict.load(ict_folder)):
        image = model.sample(2, rng=0).texture_image()
        assert len(model.texture_components) == 0
        np.testing.assert_array_equal(image, np.broadcast_to(image[:1, :1, :1], image.shape))


def test_flame_texture_is_turned_to_red_green_blue_and_right_way_up(flame_file, flame_texture):
    model = flame.load(flame_file, flame_texture, components=3)
    image = model.mean().texture_image()[0]
    np.testing.assert_allclose(image[:, :, 0], np.tile(np.linspace(0, 1, 32), (32, 1)), atol=1e-6)
    np.testing.assert_allclose(image[:, 0, 2], np.linspace(1, 0, 32), atol=1e-6)
    bluer = model.mean().with_texture([2, 0, 0]).texture_image()[0] - image
    np.testing.assert_allclose(bluer[8:, :, 2], 0.2, atol=1e-6)
    np.testing.assert_array_equal(bluer[..., :2], 0)
    vertices = model.mean().vertices()[0]
    crown, neck = vertices[:, 1].argmax(), vertices[:, 1].argmin()
    assert row_of(model, crown) < 0.01 and row_of(model, neck) > 0.99


def row_of(model, vertex: int) -> float:
    return model.mesh.uv[model.mesh.uv_triangles[model.mesh.triangles == vertex][0], 1]


@pytest.mark.parametrize("order", ["C", "F"])
def test_flame_large_textures_are_averaged_down(flame_file, tmp_path, order):
    arrays = texture_arrays(512)
    arrays["tex_dir"] = np.asarray(arrays["tex_dir"], order=order)
    np.savez(tmp_path / "t.npz", **arrays)
    model = flame.load(flame_file, tmp_path / "t.npz", components=2)
    assert model.texture_basis.shape == (12, 256, 256, 3)
    assert model.texture_basis.flags["C_CONTIGUOUS"]
    pairs = np.linspace(0, 1, 512).reshape(256, 2).mean(1)
    np.testing.assert_allclose(model.mean().texture_image()[0, 0, :, 0], pairs, atol=1e-6)


def test_flame_pickles_are_refused_with_a_line_that_converts_them(tmp_path):
    path = tmp_path / "generic_model.pkl"
    path.write_bytes(pickle.dumps(flame_arrays()))
    with pytest.raises(DataError, match="runs whatever code is in it") as error:
        flame.load(path)
    line = re.search(r'python -c "(.*)"', str(error.value))[1]
    subprocess.run([sys.executable, "-c", line], check=True)
    assert flame.load(tmp_path / "generic_model.npz").mesh.vertex_count == len(head())


def test_flame_never_unpickles_what_is_inside_an_npz(tmp_path):
    class Bomb:
        def __reduce__(self):
            return (open, (str(tmp_path / "exploded"), "w"))

    path = tmp_path / "model.npz"
    np.savez(path, **flame_arrays() | {"shapedirs": np.array([Bomb()], object)})
    with pytest.raises(DataError, match="not a plain .npz"):
        flame.load(path)
    assert not (tmp_path / "exploded").exists()


# ------------------------------------------------------------------------------------- ICT


def test_ict_components_and_expressions_are_differences_from_the_neutral_face(ict_folder):
    model = ict.load(ict_folder)
    neutral = model.mean().vertices()
    assert model.expression_names == tuple(EXPRESSIONS)
    longer = model.mean().with_shape([0, 0, -2, 0]).vertices() - neutral
    np.testing.assert_allclose(longer[0], -2 * waves(4)[2], atol=1e-3)
    open_mouth = model.mean().with_expression("jawOpen", 0.5).vertices() - neutral
    np.testing.assert_allclose(open_mouth[0], 1.5 * waves(4)[0], atol=1e-3)


def test_ict_quads_become_two_triangles_and_transparent_layers_go(ict_folder):
    mesh = ict.load(ict_folder).mesh
    assert len(mesh.triangles) == 2 * len(quads())
    np.testing.assert_array_equal(mesh.triangles[::2], quads()[:, :3])
    np.testing.assert_array_equal(mesh.triangles[1::2], quads()[:, [0, 2, 3]])
    np.testing.assert_array_equal(mesh.triangles, mesh.uv_triangles)
    np.testing.assert_allclose(mesh.uv[-1], [2.9 / 3, 0], atol=2e-3)


# ------------------------------------------------------------------------------------- unwrapping


def test_unwrap_gives_every_texel_a_weighted_mean_of_vertices():
    atlas = unwrap(head() - head().mean(0), triangles(), 64)
    np.testing.assert_allclose(atlas.operator.sum(1), 1, atol=1e-5)
    assert atlas.operator.data.min() > -1e-6
    assert atlas.paint(np.ones((2, len(head()), 3))).shape == (2, 64, 64, 3)


def test_unwrap_puts_the_face_in_the_middle_upright_and_splits_the_back():
    vertices = head() - np.float32([7, -3, 40])
    atlas = unwrap(vertices, triangles(), 64)
    where = atlas.uv[atlas.uv_triangles]
    assert np.ptp(where[..., 0], axis=1).max() < 2.5 / COLUMNS
    right, up = vertices[triangles()][..., 0], vertices[triangles()][..., 1]
    front = (vertices[triangles()][..., 2] > 50).all(1)
    assert np.corrcoef(right[front].ravel(), where[front][..., 0].ravel())[0, 1] > 0.9
    assert np.corrcoef(up.ravel(), where[..., 1].ravel())[0, 1] < -0.9
    assert len(atlas.uv) == len(vertices) + ROWS


def test_unwrap_shows_the_outermost_of_two_layers():
    vertices = head() - np.float32([7, -3, 40])
    both = np.concatenate([0.5 * vertices, vertices])
    shells = np.concatenate([triangles(), triangles() + len(vertices)])
    for order in (shells, shells[::-1]):
        colours = np.repeat([[0.0], [1.0]], len(vertices), axis=0) * np.ones(3)
        np.testing.assert_allclose(unwrap(both, order, 32).paint(colours[None]), 1, atol=1e-6)


# ------------------------------------------------------------------------------------- bad files


@pytest.mark.parametrize(
    "name, values, message",
    [
        ("color/model/pcaBasis", None, r"lacks color/model/pcaBasis, expected in the shape \(3 v, k\)"),
        ("shape/representer/cells", None, r"lacks shape/representer/cells, expected in the shape \(3, t\)"),
        ("shape/model/mean", np.full(2700, np.nan), r"shape/model/mean is not finite at \[0\]"),
        ("shape/model/mean", np.zeros(2701), "three values a vertex; it has 2701"),
        ("shape/model/mean", np.zeros((900, 3)), r"must hold numbers in the shape \(\*\); it has \(900, 3\)"),
        ("shape/model/pcaVariance", np.zeros(4), r"must have the shape \(2700, 4\)"),
        ("color/model/pcaVariance", -np.ones(5), "must not be negative"),
        ("expression/model/mean", np.zeros(30), r"expression/model/pcaBasis must have the shape \(30, 5\)"),
        ("shape/representer/cells", triangles().T + 9, "must index 0..899; it has 9 to 908"),
        ("shape/model/mean", head().ravel() / 1000, "the mean face would be 0.22 mm across"),
    ],
)
def test_basel_says_what_is_wrong_with_a_dataset(basel_file, name, values, message):
    rewrite(basel_file, name, values)
    with pytest.raises(DataError, match=message) as error:
        basel.load(basel_file)
    assert str(basel_file) in str(error.value)


def test_basel_says_when_the_parts_are_of_different_meshes(basel_file):
    rewrite(basel_file, "color/model/mean", np.zeros(30))
    rewrite(basel_file, "color/model/pcaBasis", np.zeros((30, 5)))
    with pytest.raises(DataError, match="color has 10 vertices and shape has 900"):
        basel.load(basel_file)


@pytest.mark.parametrize("keep", [0, 100, 0.5, 0.95])
@pytest.mark.parametrize("module, fixture", [(basel, "basel_file"), (flame, "flame_file")])
def test_truncated_files_are_named(module, fixture, keep, request):
    path = request.getfixturevalue(fixture)
    whole = path.read_bytes()
    path.write_bytes(whole[: keep if keep > 1 else int(keep * len(whole))])
    with pytest.raises(DataError, match=f"{path} is .*(damaged|truncated)"):
        module.load(path)


@pytest.mark.parametrize("module, name", [(basel, "a.h5"), (flame, "a.npz"), (ict, "a")])
def test_missing_and_wrong_files_are_named(module, name, tmp_path):
    path = tmp_path / name
    with pytest.raises(DataError, match="does not exist|holds no generic_neutral_mesh.obj"):
        module.load(path)
    path.write_text("no model")
    with pytest.raises(DataError, match="pass the path of"):
        module.load(path)
    with pytest.raises(DataError, match="pass the path of"):
        module.load(path.with_suffix(".txt"))


def test_basel_says_how_to_get_h5py(basel_file, monkeypatch):
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(ImportError, match=r"pip install 'shared-features\[adapters\]'"):
        basel.load(basel_file)


@pytest.mark.parametrize(
    "change, message",
    [
        ({"f": None}, r"lacks the array f of shape \(t, 3\)"),
        ({"shapedirs": np.zeros((900, 3, 100))}, r"shapedirs must hold numbers in the shape \(900, 3, 400\)"),
        ({"v_template": head()}, r"would be 2.2e\+05 mm across"),
        ({"v_template": np.zeros((5, 3))}, r"\(5, 3, 400\)"),
        ({"v_template": np.full((900, 3), np.inf)}, r"v_template is not finite at \[0, 0\]"),
        ({"f": triangles() - 1}, "must index 0..899; it has -1 to 898"),
        ({"f": np.array([["a", "b", "c"]])}, "must hold numbers"),
    ],
)
def test_flame_says_what_is_wrong_with_an_array(tmp_path, change, message):
    path = tmp_path / "model.npz"
    np.savez(path, **{k: v for k, v in (flame_arrays() | change).items() if v is not None})
    with pytest.raises(DataError, match=message):
        flame.load(path)


@pytest.mark.parametrize(
    "change, message",
    [
        ({"tex_dir": None}, r"lacks the array tex_dir of shape \(h, w, 3, m\)"),
        ({"tex_dir": np.zeros((16, 32, 3, 4))}, r"tex_dir must hold numbers in the shape \(32, 32, 3, \*\)"),
        ({"tex_dir": np.zeros(5)}, "tex_dir must hold numbers"),
        ({"mean": np.zeros((32, 32))}, "mean must hold numbers"),
        ({"ft": triangles()[:-1]}, "one row for each of the model's triangles"),
        ({"vt": np.zeros((4, 2))}, "ft must index 0..3"),
    ],
)
def test_flame_says_what_is_wrong_with_a_texture(flame_file, tmp_path, change, message):
    path = tmp_path / "texture.npz"
    np.savez(path, **{k: v for k, v in (texture_arrays() | change).items() if v is not None})
    with pytest.raises(DataError, match=message):
        flame.load(flame_file, path)


@pytest.mark.parametrize(
    "name, old, new, message",
    [
        ("identity002.obj", None, None, "identity002.obj does not exist"),
        ("identity001.obj", "v ", "x ", r"its lines 'v ...' must hold numbers"),
        ("jawOpen.obj", "v -", "v nan -", "has not 3 numbers"),
        ("jawOpen.obj", "v 0.", "v 1e999", "is not finite"),
        ("generic_neutral_mesh.obj", "f ", "g ", "its faces are not all of the form"),
        ("generic_neutral_mesh.obj", "vt ", "vn ", "its lines 'vt ...' must hold numbers"),
        ("generic_neutral_mesh.obj", "/1 ", " ", "its faces are not all of the form"),
        ("generic_neutral_mesh.obj", "f 1/", "f 901/", "must index 0..899; it has 0 to 900"),
        ("generic_neutral_mesh.obj", "f 1/1", "f 1/0", "must index 0..899; it has -1 to 899"),
    ],
)
def test_ict_says_what_is_wrong_with_a_file(ict_folder, name, old, new, message):
    path = ict_folder / name
    text = path.read_text()
    path.unlink() if old is None else path.write_text(text.replace(old, new))
    if old is None:
        (ict_folder / "identity004.obj").write_text(text)
    with pytest.raises(DataError, match=message) as error:
        ict.load(ict_folder)
    assert name in str(error.value)


def test_ict_says_when_a_morph_target_is_truncated_or_no_text(ict_folder):
    path = ict_folder / "mouthSmile_L.obj"
    path.write_text("\n".join(path.read_text().splitlines()[:500]))
    with pytest.raises(DataError, match="mouthSmile_L.obj has 499 vertices and generic_neutral_mesh.obj has 900"):
        ict.load(ict_folder)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataError, match="not a text file"):
        ict.load(ict_folder)
