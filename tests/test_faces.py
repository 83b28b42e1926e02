"""The face model: what its coefficients do, and what bad input is told."""

import json
import shutil
import warnings

import numpy as np
import pandas as pd
import pytest

from kit import faces
from kit.faces import regions, stimuli
from kit.faces.design import COLUMNS, design_row
from kit.files import data


@pytest.fixture(scope="module")
def model():
    return faces.load()


@pytest.fixture(scope="module")
def crowd(model):
    return model.sample(8, rng=1)


def mirrored_vertices(model) -> np.ndarray:
    """For each vertex of the mean face, the vertex at the mirrored place."""
    v = model.mean().vertices()[0]
    distance = ((v[:, None] * [-1, 1, 1] - v[None]) ** 2).sum(-1)
    return distance.argmin(1)


# ---- the equation


def test_vertices_are_design_and_components(model):
    face = model.face("male", 50, "asian", shape={3: 1.5, 10: -2}, expression={"happy": 0.5})
    row = design_row([1], [50], [[0, 1, 0]])[0]
    expected = np.tensordot(row, model.shape_design, 1)
    expected += 1.5 * model.shape_components[3] - 2 * model.shape_components[10]
    expected += 0.5 * model.expressions[model.expression_names.index("happy")]
    np.testing.assert_allclose(face.vertices()[0], expected, atol=1e-3)


def test_texture_is_the_exponential_of_design_and_components(model):
    face = model.face("female", 25, "african", texture={0: 1.0, 7: -1.0})
    row = design_row([-1], [25], [[1, 0, 0]])[0]
    log = np.tensordot(row, model.texture_design, 1) + model.texture_components[0] - model.texture_components[7]
    np.testing.assert_allclose(face.texture_image()[0], np.exp(log).clip(0, 1), atol=1e-5)


def test_design_row_columns_and_reference():
    row = dict(zip(COLUMNS, design_row([1], [70], [[0, 0, 1]])[0]))
    assert row["intercept"] == 1 and row["sex"] == 1 and row["age"] == 1
    assert row["african"] == row["asian"] == row["sex:african"] == row["age:asian"] == -1


def test_components_are_unit_variance_identities(model):
    """Each component's effect is one standard deviation: a crowd varies by the components' sum of squares."""
    crowd = model.sample(600, "female", 30, "caucasian", rng=0)
    observed = crowd.vertices().var(0).sum()
    assert observed == pytest.approx((model.shape_components**2).sum(), rel=0.05)


def test_size_of_the_model(model):
    assert len(model.shape_components) >= 50 and len(model.texture_components) >= 40
    assert len(model.expression_names) == 6
    assert (data.folder() / "face_model.npz").stat().st_size <= 4e6


# ---- one thing at a time


def test_shape_leaves_texture_and_texture_leaves_shape(model, crowd):
    shaped = crowd.with_shape(-crowd.shape)
    assert np.array_equal(shaped.texture_image(), crowd.texture_image())
    assert not np.allclose(shaped.vertices(), crowd.vertices(), atol=1)
    painted = crowd.with_texture(-crowd.texture)
    assert np.array_equal(painted.vertices(), crowd.vertices())
    assert np.abs(painted.texture_image() - crowd.texture_image()).max() > 0.05


def test_swapping_textures_keeps_both_shapes(crowd):
    a, b = faces.swap_textures(crowd[0], crowd[1])
    assert np.array_equal(a.shape, crowd[0].shape) and np.array_equal(a.texture, crowd[1].texture)
    assert np.array_equal(b.shape, crowd[1].shape) and np.array_equal(b.texture, crowd[0].texture)


def test_interpolation_meets_its_ends_and_is_straight(crowd):
    line = faces.interpolate(crowd[0], crowd[1], [0, 0.5, 1])
    v = line.vertices()
    np.testing.assert_allclose(v[0], crowd[0].vertices()[0], atol=1e-3)
    np.testing.assert_allclose(v[2], crowd[1].vertices()[0], atol=1e-3)
    same = crowd[0].with_design(1, 40, "asian"), crowd[1].with_design(1, 40, "asian")
    v = faces.interpolate(*same, [0, 0.5, 1]).vertices()
    np.testing.assert_allclose(v[1], (v[0] + v[2]) / 2, atol=1e-3)


def test_caricature_and_antiface_lie_on_a_line_through_the_mean(crowd):
    face = crowd[2]
    mean, anti, strong = (face.caricature(k).vertices() for k in (0, -1, 1.5))
    np.testing.assert_allclose(face.antiface().vertices(), anti)
    np.testing.assert_allclose(anti - mean, -(face.vertices() - mean), atol=1e-3)
    np.testing.assert_allclose(strong - mean, 1.5 * (face.vertices() - mean), atol=1e-3)


def test_expression_moves_the_mouth_and_not_the_ears(model):
    face = model.face()
    moved = np.linalg.norm(face.with_expression("happy").vertices() - face.vertices(), axis=-1)[0]
    assert moved[model.regions["mouth"]].max() > 3
    assert moved[model.regions["ears"]].max() < 0.5
    assert np.array_equal(face.with_expression("happy").with_expression("neutral").vertices(), face.vertices())


def test_cap_adds_its_thickness_on_the_scalp_alone(model):
    face = model.face()
    thick = np.linalg.norm(face.vertices(cap=True) - face.vertices(), axis=-1)[0]
    assert thick[model.mesh.cap > 10].min() > 2 and thick[model.mesh.cap < 0].max() == 0


def test_older_faces_get_wrinkles_not_other_bones(model):
    """Ageing raises local contrast in the texture of the forehead."""
    young, old = (model.mean(age=a).texture_image()[0, ..., 1] for a in (20, 78))
    rough = [np.abs(np.diff(t, axis=0))[model.region_map["forehead"][1:]].mean() / t.mean() for t in (young, old)]
    assert rough[1] > 1.2 * rough[0]


def test_pigments_multiply_so_no_face_turns_pale_or_green(model):
    """Within three standard deviations of any texture component skin stays warm and brows stay dark."""
    base = model.face("female", 30, "caucasian")
    skin, brow = model.region_map["cheeks"], model.region_map["brows"]
    for k in range(len(model.texture_components)):
        for amount in (-3, 3):
            image = base.with_texture(amount * np.eye(len(model.texture_components))[k]).texture_image()[0]
            r, g, b = image[skin].mean(0)
            assert r > g > b * 0.95, (k, amount)
            assert np.percentile(image[brow].mean(-1), 5) < 0.75 * image[skin].mean(), (k, amount)


# ---- symmetry, views


def test_the_mean_face_is_mirror_symmetric(model):
    v = model.mean().vertices()[0]
    partner = mirrored_vertices(model)
    assert np.linalg.norm(v * [-1, 1, 1] - v[partner], axis=1).max() < 0.3
    image = model.mean().render(size=96)[0].astype(int)
    assert np.abs(image - image[:, ::-1]).mean() < 2.5


def test_yaw_90_is_a_profile(model):
    picture = model.mean().render_buffers(size=128, yaw=90, cap=False)
    shown = picture.triangle[0] >= 0
    nose = regions.pixel_masks(model, picture)["nose"][0]
    columns = np.flatnonzero(shown.any(0))
    assert np.flatnonzero(nose.any(0)).max() >= columns.max() - 1, "the nose is the rightmost point"
    normal = picture.normal[0][regions.pixel_masks(model, picture)["cheeks"][0]]
    assert normal[:, 0].mean() > 0 and normal[:, 2].mean() > 0.5


def test_pitch_up_shows_the_underside_of_the_chin(model):
    heights = []
    for pitch in (-25, 25):
        picture = model.mean().render_buffers(size=96, pitch=pitch)
        rows = np.flatnonzero(regions.pixel_masks(model, picture)["nose"][0].any(1))
        heights.append(rows.mean())
    assert heights[1] < heights[0] - 5, "the nose moves up in the picture when the face looks up"


def test_regions_cover_the_face_where_they_should(model):
    picture = model.mean().render_buffers(size=128)
    masks = regions.pixel_masks(model, picture)
    row = {name: np.argwhere(mask[0])[:, 0].mean() for name, mask in masks.items()}
    assert row["forehead"] < row["brows"] < row["eyes"] < row["nose"] < row["mouth"] < row["chin"]
    assert set(masks) == set(regions.NAMES) and all(mask.any() for mask in masks.values())
    assert sum(mask.astype(int) for mask in masks.values()).max() == 1, "regions do not overlap"


# ---- sampling, tables


def test_same_seed_same_faces(model):
    a, b, c = (model.sample(3, rng=seed) for seed in (5, 5, 6))
    assert np.array_equal(a.render(size=64), b.render(size=64))
    assert not np.array_equal(a.shape, c.shape)


def test_like_shares_the_category_and_nothing_else(model, crowd):
    alike = model.sample(5, like=crowd[3], rng=0)
    assert np.all(alike.design == crowd[3].design)
    assert np.unique(alike.shape[:, 0]).size == 5


def test_sampled_coefficients_are_standard_normal(model):
    crowd = model.sample(4000, rng=2)
    for coefficients in (crowd.shape, crowd.texture):
        assert abs(coefficients.mean()) < 0.01 and coefficients.std() == pytest.approx(1, abs=0.01)


def test_table_round_trip(model, crowd, tmp_path):
    crowd = crowd.with_expression("anger", 0.7)
    crowd.to_frame().to_csv(tmp_path / "faces.csv", index=False)
    again = model.from_frame(pd.read_csv(tmp_path / "faces.csv"))
    assert np.array_equal(again.render(size=48), crowd.render(size=48))


def test_indexing_and_concat(crowd):
    assert len(crowd[2]) == 1 and len(crowd[2:5]) == 3 and len(crowd[[0, 7]]) == 2 and len(crowd[crowd.age > 0]) == 8
    again = faces.concat(list(crowd))
    assert np.array_equal(again.shape, crowd.shape)
    with pytest.raises(IndexError):
        crowd[8]


def test_arrays_are_read_only(crowd):
    with pytest.raises(ValueError, match="read-only"):
        crowd.shape[0, 0] = 1


def test_many_faces_render_in_batches_with_the_same_pixels(model):
    people = model.sample(70, rng=4)
    together = people.render(size=32, yaw=np.linspace(-30, 30, 70))
    one = people[65].render(size=32, yaw=np.linspace(-30, 30, 70)[65])
    assert np.array_equal(together[65], one[0])


# ---- identity is in the pixels


@pytest.mark.slow
def test_identity_is_readable_from_pixels(model):
    """Ridge from 64-pixel pictures recovers most components of faces it has not seen."""
    crowd = model.sample(1600, "female", 30, "caucasian", rng=0)
    pixels = crowd.render(size=64).reshape(1600, -1).astype(np.float32)
    pixels -= pixels[:1300].mean(0)
    train, test = slice(1300), slice(1300, None)
    truth = np.hstack([crowd.shape, crowd.texture])
    kernel = pixels[train] @ pixels[train].T + 1e5 * np.eye(1300)
    guess = pixels[test] @ pixels[train].T @ np.linalg.solve(kernel, truth[train])
    r2 = 1 - ((truth[test] - guess) ** 2).sum(0) / ((truth[test] - truth[test].mean(0)) ** 2).sum(0)
    readable = (r2 > 0.3).astype(float)
    k = crowd.shape.shape[1]
    assert readable[:k].mean() > 0.85 and readable[k:].mean() > 0.8, r2.round(2)


# ---- stimuli


def test_four_identities_two_women_two_men_far_apart(model):
    four = stimuli.identities(model)
    assert sorted(f.sex[0] for f in four.values()) == [-1, -1, 1, 1]
    pictures = np.concatenate([f.render(size=64) for f in four.values()]).astype(float)
    on_face = (pictures != 128).any(axis=(0, 3))
    apart = [np.abs(a - b)[on_face].mean() for i, a in enumerate(pictures) for b in pictures[i + 1 :]]
    assert min(apart) > 10, "grey levels between the two most alike"


def test_trials_are_panels_of_six_like_the_target(model):
    target = stimuli.identities(model)["Ada"]
    made = stimuli.trials(target, n=20, rng=3)
    assert len(made) == 20 and len(made.panel(19)) == 6
    assert np.all(made.faces.design == target.design)
    assert np.array_equal(made.panel(2).shape, made.faces.shape[12:18])
    with pytest.raises(IndexError, match="there are 20"):
        made.panel(20)


def test_panels_do_not_depend_on_how_many_follow(model):
    target = stimuli.identities(model)["Leo"]
    short, long = (stimuli.trials(target, n, rng=5) for n in (3, 40))
    assert np.array_equal(short.faces.shape, long.faces.shape[:18])
    assert np.array_equal(short.faces.texture, long.faces.texture[:18])


def test_trials_can_vary_in_few_components(model):
    target = stimuli.identities(model)["Leo"]
    few, all_of_them = stimuli.trials(target, 5, rng=5, components=(8, 4)), stimuli.trials(target, 5, rng=5)
    assert np.all(few.faces.shape[:, 8:] == 0) and np.all(few.faces.texture[:, 4:] == 0)
    assert np.array_equal(few.faces.shape[:, :8], all_of_them.faces.shape[:, :8])
    with pytest.raises(ValueError, match="61 shape components cannot vary; the model has 60"):
        stimuli.trials(target, 5, components=(61, 0))


def test_amplification_runs_from_the_category_mean(model):
    target = stimuli.identities(model)["Leo"]
    direction = np.zeros(len(model.shape_components))
    direction[4] = 0.05
    series = stimuli.amplification(target, direction, 0 * target.texture[0])
    assert len(series) == 101 and series.shape[-1, 4] == pytest.approx(2.5)
    assert np.array_equal(series[0].vertices(), target.caricature(0).vertices())


def test_generalisation_keeps_identity(model):
    target = stimuli.identities(model)["Mei"]
    for variant in stimuli.generalisation(target).values():
        assert np.array_equal(variant.shape, target.shape) and np.array_equal(variant.texture, target.texture)
    assert stimuli.generalisation(target)["opposite sex"].sex[0] == 1


# ---- bad input


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"age": -3}, "age must be from 18 to 80"),
        ({"age": float("nan")}, "age must be from"),
        ({"ancestry": "martian"}, "one of african, asian, caucasian"),
        ({"ancestry": (0.5, 0.1, 0.1)}, "sum to 1"),
        ({"sex": "f"}, "'female', 'male'"),
        ({"sex": 3}, "from -1"),
        ({"shape": np.zeros(3)}, "shape must have"),
        ({"shape": {999: 1.0}}, "component 999 does not exist"),
        ({"texture": np.full(50, np.nan)}, "texture of face 0 is not a finite number"),
        ({"expression": "smug"}, "neutral or one of happy"),
    ],
)
def test_a_wrong_face_says_what_and_how(model, arguments, message):
    with pytest.raises(ValueError, match=message):
        model.face(**arguments)


@pytest.mark.parametrize("n", [0, -1, 2.5, True, "3"])
def test_a_wrong_number_of_faces(model, n):
    with pytest.raises(ValueError, match="whole number of faces"):
        model.sample(n)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"size": 0}, "size"),
        ({"size": 12.5}, "size"),
        ({"yaw": [0, 1, 2]}, "yaw needs one angle, or one for each of the 8"),
        ({"pitch": float("nan")}, "pitch"),
        ({"light": 30}, r"light must be \(azimuth, elevation\)"),
    ],
)
def test_a_wrong_view_says_what_and_how(crowd, arguments, message):
    with pytest.raises(ValueError, match=message):
        crowd.render(**arguments)


def test_lists_of_the_wrong_length(model, crowd):
    with pytest.raises(ValueError, match="age has 3 values for 8 faces"):
        crowd.with_design(age=[20, 30, 40])
    with pytest.raises(ValueError, match="two single faces"):
        faces.interpolate(crowd, crowd[0], [0.5])
    with pytest.raises(ValueError, match="lacks .* columns of a face, first 'age'"):
        model.from_frame(crowd.to_frame().drop(columns="age"))


def test_extreme_coefficients_warn_and_stay(model):
    with pytest.warns(UserWarning, match=r"shape has a coefficient of 7\.0 standard deviations"):
        face = model.face(shape={2: 7.0})
    assert face.shape[0, 2] == 7
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.face(shape={2: 4.9})


@pytest.fixture
def own_data(tmp_path, monkeypatch):
    for name in ("face_model.npz", "manifest.json"):
        shutil.copy(data.folder() / name, tmp_path / name)
    monkeypatch.setenv("KIT_DATA", str(tmp_path))
    return tmp_path


def test_a_tampered_model_is_refused(own_data):
    raw = bytearray((own_data / "face_model.npz").read_bytes())
    raw[len(raw) // 2] ^= 1
    (own_data / "face_model.npz").write_bytes(raw)
    with pytest.raises(data.DataError, match="changed or damaged"):
        faces.load()


def test_a_missing_model_or_folder_is_named(own_data, monkeypatch):
    (own_data / "face_model.npz").unlink()
    with pytest.raises(data.DataError, match="face_model.npz is missing"):
        faces.load()
    monkeypatch.setenv("KIT_DATA", str(own_data / "nowhere"))
    with pytest.raises(data.DataError, match="set KIT_DATA"):
        faces.load()


@pytest.mark.parametrize("damage", ["truncated", "text", "lacking"])
def test_a_model_file_of_ones_own_that_is_broken(tmp_path, damage):
    path = tmp_path / "mine.npz"
    if damage == "truncated":
        path.write_bytes((data.folder() / "face_model.npz").read_bytes()[:100_000])
    elif damage == "text":
        path.write_text("not a model")
    else:
        np.savez(path, triangles=np.zeros((1, 3)))
    with pytest.raises(data.DataError, match=r"mine\.npz is (damaged|not a face model)"):
        faces.load(path)


def test_manifest_tells_the_truth():
    entries = json.loads((data.folder() / "manifest.json").read_text())
    with np.load(data.folder() / "face_model.npz", allow_pickle=False) as archive:
        told = entries["face_model.npz"]["arrays"]
        assert {k: [str(v.dtype), list(v.shape)] for k, v in archive.items()} == told
