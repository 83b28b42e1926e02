"""Simulated fMRI: what was planted comes back, and nilearn computes the same."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GroupKFold, cross_val_score

from kit import faces
from kit.analysis import rsa
from kit.analysis.identification import identify
from kit.brain import encoding_maps, fmri, viewing
from kit.brain.encoding_maps import by_region, encode, noise_ceiling, partition, r_squared
from kit.brain.glm import cosine_drift, design_matrix, expected_response, glm, spm_hrf


def nilearn():
    """The oracle, or a skip that says why."""
    return pytest.importorskip("nilearn", reason="nilearn is not installed: pip install 'shared-features[brain]'")


@pytest.fixture(scope="module")
def stimuli():
    return viewing.people_in_views(faces.load(), people=80, rng=0)


@pytest.fixture(scope="module")
def features(stimuli):
    return stimuli.features()


@pytest.fixture(scope="module")
def scan(features):
    return fmri.simulate(features, rng=0)


@pytest.fixture(scope="module")
def betas(scan):
    return scan.betas()


# ---- the response and the design


@pytest.mark.parametrize("tr, oversampling", [(2.0, 50), (1.0, 50), (0.72, 16)])
def test_the_response_is_nilearns(tr, oversampling):
    nilearn()
    from nilearn.glm.first_level import spm_hrf as theirs

    assert np.allclose(spm_hrf(tr, oversampling), theirs(tr, oversampling), atol=1e-12)


def test_the_response_peaks_after_five_seconds_and_dips_later():
    seconds = np.arange(len(spm_hrf(1.0, 100))) / 100
    curve = spm_hrf(1.0, 100)
    assert 4.5 < seconds[curve.argmax()] < 5.5 and 13 < seconds[curve.argmin()] < 17 and curve.min() < 0


def test_a_long_event_saturates_at_one():
    assert expected_response([20], 60, 2.0, duration=60)[35] == pytest.approx(1, abs=1e-6)


def test_the_design_is_nilearns():
    nilearn()
    pd = pytest.importorskip("pandas")
    from nilearn.glm.first_level import make_first_level_design_matrix

    onsets = [np.array([4.0, 44.0, 90.0]), np.array([20.0, 64.0, 130.0])]
    events = pd.DataFrame({"onset": np.concatenate(onsets), "duration": 2.0, "trial_type": ["a"] * 3 + ["b"] * 3})
    theirs = make_first_level_design_matrix(2.0 * np.arange(120), events, hrf_model="spm", high_pass=0.01)
    ours = design_matrix(onsets, 120, 2.0, duration=2.0)
    assert ours.shape == theirs.shape and np.allclose(ours, theirs, atol=0.02 * ours[:, 0].max())


def test_drift_columns_are_orthonormal_and_slow():
    slow = cosine_drift(200, 2.0)
    assert np.allclose(slow.T @ slow, np.eye(8)) and np.allclose(slow.sum(axis=0), 0)


def test_events_outside_the_run_are_refused():
    with pytest.raises(ValueError, match="onsets run from 10 to 300 s, the scans from 0 to 200 s"):
        expected_response([10, 300], 100, 2.0)


# ---- the GLM


@pytest.mark.parametrize("noise, theirs", [("ar1", "ar1"), ("white", "ols")])
def test_the_glm_is_nilearns(scan, noise, theirs):
    nilearn()
    from nilearn.glm import compute_contrast
    from nilearn.glm.first_level import run_glm

    bold, onsets = scan.bold[0][:, ::8], scan.onsets[0]
    design = design_matrix([onsets[:80], onsets[80:]], len(bold), fmri.TR, fmri.DURATION)
    labels, results = run_glm(bold, design, noise_model=theirs)
    weights = np.zeros(design.shape[1])
    weights[:2] = 1, -1
    contrast = compute_contrast(labels, results, weights)
    ours = glm(bold, design, noise)
    assert np.allclose(weights @ ours.betas, contrast.effect_size(), rtol=1e-6)
    assert np.allclose(ours.t(weights), contrast.stat(), rtol=1e-6)
    assert np.allclose(ours.standard_error(weights) ** 2, contrast.effect_variance(), rtol=1e-6)


@pytest.mark.filterwarnings("ignore:.*Generation of a mask")  # nilearn notes that it was given one
def test_measured_volumes_go_through_nilearn_and_agree_with_its_glm(tmp_path):
    nilearn()
    pd = pytest.importorskip("pandas")
    import nibabel
    from nilearn.glm.first_level import FirstLevelModel

    rng = np.random.default_rng(0)
    onsets, answer = np.arange(4, 220, 18.0), rng.normal(size=(4, 4, 3))
    bold = 100 + answer[..., None] * expected_response(onsets, 120, 2.0, 2.0) * 10 + rng.normal(size=(4, 4, 3, 120))
    affine = np.diag([3.0, 3, 3, 1])
    image = nibabel.Nifti1Image(bold, affine)
    image.header.set_zooms((3, 3, 3, 2.0))
    mask = nibabel.Nifti1Image(np.ones((4, 4, 3), np.int8), affine)
    nibabel.save(image, tmp_path / "bold.nii.gz")
    nibabel.save(mask, tmp_path / "mask.nii.gz")
    volumes = fmri.from_nifti(tmp_path / "bold.nii.gz", tmp_path / "mask.nii.gz")
    assert volumes.tr == 2.0 and volumes.bold.shape == (120, 48)
    ours = glm(volumes.bold, design_matrix([onsets], 120, volumes.tr, 2.0))
    events = pd.DataFrame({"onset": onsets, "duration": 2.0, "trial_type": "face"})
    model = FirstLevelModel(t_r=2.0, hrf_model="spm", mask_img=mask, signal_scaling=False, minimize_memory=False)
    theirs = model.fit(str(tmp_path / "bold.nii.gz"), events).compute_contrast("face", output_type="effect_size")
    ours_image = volumes.to_nifti(ours.betas[0])
    assert np.allclose(ours_image.get_fdata(), theirs.get_fdata(), rtol=0.02, atol=0.02)
    assert np.corrcoef(ours_image.get_fdata().ravel(), answer.ravel())[0, 1] > 0.95


@pytest.mark.filterwarnings("ignore:.*(Non-finite|non-finite|Generation of a mask)")
@pytest.mark.parametrize("hole", [np.nan, np.inf])
def test_a_hole_in_a_voxels_series_is_no_zero_that_was_measured(hole):
    nilearn()
    nibabel = pytest.importorskip("nibabel")
    data = np.random.default_rng(0).normal(100, 1, (3, 3, 3, 20)).astype(np.float32)
    data[1, 1, 1, 5] = hole
    image, mask = nibabel.Nifti1Image(data, np.eye(4)), nibabel.Nifti1Image(np.ones((3, 3, 3), np.uint8), np.eye(4))
    bold = fmri.from_nifti(image, mask, tr=2.0).bold
    assert (
        np.isnan(bold).all(axis=0).sum() == np.isnan(bold).any(axis=0).sum() == 1 and bold[np.isfinite(bold)].min() > 50
    )
    with pytest.raises(ValueError, match="tr is '2'"):
        fmri.from_nifti(image, mask, tr="2")


def test_without_nilearn_the_remedy_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "nilearn.image", None)
    with pytest.raises(ImportError, match="needs nilearn: pip install"):
        fmri.from_nifti("bold.nii.gz")


def test_a_picture_without_time_is_refused(tmp_path):
    nilearn()
    import nibabel

    nibabel.save(nibabel.Nifti1Image(np.zeros((3, 3, 3)), np.eye(4)), tmp_path / "one.nii")
    with pytest.raises(ValueError, match="expected volumes over time"):
        fmri.from_nifti(tmp_path / "one.nii")


def test_betas_are_unbiased_and_their_errors_honest():
    rng, onsets = np.random.default_rng(1), np.arange(4, 380, 15.0)
    design = design_matrix([onsets], 200, 2.0, 2.0)
    signal = design[:, :1] * 3.0 + 50
    noise = fmri._noise((1, 200, 600), rng)[0]
    for kind, least, most in (("ar1", 0.85, 1.15), ("white", 1.15, 2.0)):
        fit = glm(signal + noise, design, kind)
        weights = np.eye(design.shape[1])[0]
        assert fit.betas[0].mean() == pytest.approx(3, abs=0.06)
        too_sure = fit.betas[0].std() / fit.standard_error(weights).mean()
        assert least < too_sure < most, kind  # taking remembering noise for white makes one too sure


def test_a_design_that_cannot_be_solved_is_refused():
    bold = np.random.default_rng(0).normal(size=(60, 3))
    twice = design_matrix([[10], [10]], 60, 2.0)
    with pytest.raises(ValueError, match="depend on each other"):
        glm(bold, twice)
    with pytest.raises(ValueError, match="60 scans cannot settle"):
        glm(bold, np.random.default_rng(0).normal(size=(60, 70)))
    with pytest.raises(ValueError, match="both need one row a scan"):
        glm(bold[:50], twice)


# ---- the simulation


def test_the_simulation_says_that_it_is_one(scan):
    assert "SIMULATED" in repr(scan)


def test_the_same_seed_gives_the_same_session(features):
    first, again, other = (fmri.simulate(features, runs=1, rng=seed).bold for seed in (1, 1, 2))
    assert np.array_equal(first, again) and not np.allclose(first, other)


def test_responses_have_the_planted_shares(features):
    region = fmri.Region("r", {"texture": 0.75, "shape": 0.25}, voxels=400)
    planted = fmri.planted_responses(features, region, 0)
    texture = np.column_stack([features["texture"], np.ones(160)])
    left = planted - texture @ np.linalg.lstsq(texture, planted)[0]
    assert left.var() / planted.var() == pytest.approx(0.25, abs=0.06)


def test_wrong_regions_are_refused(features):
    with pytest.raises(ValueError, match="codes 'smell', but the features are"):
        fmri.planted_responses(features, fmri.Region("r", {"smell": 1.0}))
    with pytest.raises(ValueError, match="sum to 0.7, not to 1"):
        fmri.planted_responses(features, fmri.Region("r", {"shape": 0.7}))


def test_views_change_the_picture_and_not_the_face(stimuli, features):
    assert len(stimuli) == 160 and stimuli.images.shape == (160, 64, 64, 3)
    left, right = (stimuli.view == view for view in (0, 1))
    assert np.array_equal(features["shape"][left], features["shape"][right])
    assert r_squared(features["gabor"][left], features["gabor"][right]).mean() < 0
    assert features["sex"].mean() == 0


# ---- what comes back


def test_every_region_is_told_best_by_what_it_codes(features, betas, scan):
    mean = betas.mean(axis=0)
    told = {
        name: by_region(r_squared(mean, encode({name: features[name]}, mean)), scan.region)
        for name in ("gabor", "texture", "shape")
    }
    for region, space in (("early", "gabor"), ("middle", "texture"), ("late", "shape")):
        assert max(told, key=lambda name, region=region: told[name][region]) == space
        assert told[space][region] > 0.3
    assert told["texture"]["late"] < 0.05 and told["shape"]["early"] < 0.05


def test_variance_is_parted_as_it_was_planted(features, betas, scan):
    mean = betas.mean(axis=0)
    parts = partition(features["shape"], features["texture"], mean)
    shape, texture, shared = (by_region(v, scan.region) for v in (parts.unique_a, parts.unique_b, parts.shared))
    ceiling = by_region(noise_ceiling(betas), scan.region)
    assert texture["middle"] / ceiling["middle"] == pytest.approx(0.8, abs=0.15)
    assert shape["middle"] / ceiling["middle"] == pytest.approx(0.2, abs=0.15)
    assert shape["late"] / ceiling["late"] == pytest.approx(0.8, abs=0.15)
    assert abs(texture["late"]) < 0.05 and abs(shape["early"]) < 0.05 and abs(texture["early"]) < 0.05
    assert max(map(abs, shared.values())) < 0.1
    alone = r_squared(mean, encode({"a": features["shape"]}, mean))
    assert np.allclose(alone, parts.unique_a + parts.shared)


def test_the_noise_ceiling_is_what_the_truth_reaches(betas, scan):
    mean = betas.mean(axis=0)
    truth = scan.truth + (mean - scan.truth).mean(axis=0)
    assert noise_ceiling(betas).mean() == pytest.approx(r_squared(mean, truth).mean(), abs=0.05)


def test_voxels_without_signal_have_a_ceiling_of_zero_on_average():
    noise = np.random.default_rng(0).normal(size=(4, 100, 500))
    ceiling = noise_ceiling(noise)
    assert abs(ceiling.mean()) < 0.02 and ceiling.min() < 0
    with pytest.raises(ValueError, match="n_repeats >= 2"):
        noise_ceiling(noise[:1])


def test_encoding_of_noise_does_not_leak():
    rng = np.random.default_rng(0)
    responses, features = rng.normal(size=(160, 200)), rng.normal(size=(160, 30))
    assert r_squared(responses, encode({"noise": features}, responses)).mean() <= 0


def test_encoding_equals_explicit_fits():
    rng = np.random.default_rng(3)
    x, z = rng.normal(size=(64, 5)), rng.normal(size=(64, 4))
    y = x @ rng.normal(size=(5, 1)) + 2 * rng.normal(size=(64, 1))
    blocks = np.array_split(np.arange(64), 4)

    def fitted(train, penalties):
        scale = np.repeat(1 / np.sqrt(penalties), [5, 4])
        model = Ridge(alpha=1.0).fit(np.hstack([x, z])[train] * scale, y[train])
        return lambda rows: model.predict(np.hstack([x, z])[rows] * scale).reshape(-1, 1)

    grid = [(a, b) for a in encoding_maps.PENALTIES for b in encoding_maps.PENALTIES]
    expected = np.empty_like(y)
    for test in blocks:
        errors = []
        for pair in grid:
            inner = [block for block in blocks if block is not test]
            train = [np.concatenate([b for b in inner if b is not held]) for held in inner]
            errors.append(sum(((fitted(t, pair)(h) - y[h]) ** 2).sum() for t, h in zip(train, inner)))
        rest = np.setdiff1d(np.arange(64), test)
        expected[test] = fitted(rest, grid[int(np.argmin(errors))])(test)
    assert np.allclose(encode({"x": x, "z": z}, y, folds=4), expected)


def test_people_are_identified_from_another_view_where_the_face_is_coded(stimuli, betas, scan):
    mean, people = betas.mean(axis=0), np.arange(80)
    share = {}
    for region in ("early", "middle", "late"):
        left, right = (mean[stimuli.view == view][:, scan.region == region] for view in (0, 1))
        share[region] = np.mean(identify(left, right) == people)
    assert share["early"] < 0.15 and share["middle"] > 0.4 and share["late"] > 0.4


def test_pictures_are_identified_by_an_encoding_model(features, betas, scan):
    early = betas.mean(axis=0)[:, scan.region == "early"]
    named = identify(encode({"gabor": features["gabor"]}, early), early)
    assert np.mean(named == np.arange(160)) > 10 / 160


def test_sex_is_decoded_also_where_nobody_planted_it(stimuli, betas, scan):
    mean, sex = betas.mean(axis=0), stimuli.faces.sex > 0
    accuracy = {
        region: cross_val_score(
            LogisticRegression(C=0.1), mean[:, scan.region == region], sex, groups=stimuli.person, cv=GroupKFold(8)
        ).mean()
        for region in ("early", "middle", "late")
    }
    assert accuracy["late"] > 0.9  # planted
    assert accuracy["early"] > 0.8  # not planted: pictures of women and men differ
    assert accuracy["middle"] < 0.65


def test_rdms_of_regions_are_like_those_of_what_they_code(features, betas, scan):
    mean = betas.mean(axis=0)
    models = np.stack([rsa.rdm(features[name], "euclidean") for name in ("gabor", "texture", "shape")])
    best = {
        r: int(rsa.compare(models, rsa.rdm(mean[:, scan.region == r])).argmax()) for r in ("early", "middle", "late")
    }
    assert best == {"early": 0, "middle": 1, "late": 2}


# ---- real files: dead voxels, nan, and the time from scan to scan


@pytest.mark.parametrize("noise", ["ar1", "white"])
@pytest.mark.parametrize("value", [0.0, 100.0, np.nan, np.inf])
def test_a_voxel_that_tells_nothing_gets_nan_and_the_others_their_numbers(value, noise):
    rng, onsets = np.random.default_rng(0), np.arange(4, 220, 18.0)
    design = design_matrix([onsets], 120, 2.0, 2.0)
    bold = design[:, :1] * 3 + rng.normal(size=(120, 5))
    weights = np.eye(design.shape[1])[0]
    whole = glm(bold, design, noise)
    spoiled = bold.copy()
    spoiled[7 if not np.isfinite(value) else slice(None), 2] = value
    with pytest.warns(UserWarning, match=r"of 5 voxels never change .*first is voxel 2\): their betas are nan"):
        found = glm(spoiled, design, noise)
    others = [0, 1, 3, 4]
    assert np.isnan(found.betas[:, 2]).all() and np.isnan(found.t(weights)[2]) and np.isnan(found.variance[2])
    np.testing.assert_allclose(found.betas[:, others], whole.betas[:, others], rtol=1e-10)
    np.testing.assert_allclose(found.t(weights)[others], whole.t(weights)[others], rtol=1e-10)
    assert np.isfinite(found.variance).tolist() == [True, True, False, True, True]


def test_a_mask_without_a_brain_is_told():
    design = design_matrix([np.arange(4, 220, 18.0)], 120, 2.0, 2.0)
    bold = np.zeros((120, 3))
    bold[5, 1] = np.nan
    with pytest.raises(ValueError, match="of 3 voxels 2 never change and 1 hold nan.*mask"):
        glm(bold, design)


def volumes_with(tmp_path, value: float, unit: str, **given):
    nilearn()
    import nibabel

    data = np.random.default_rng(0).normal(100, 1, (3, 3, 3, 20)).astype(np.float32)
    image, mask = nibabel.Nifti1Image(data, np.eye(4)), nibabel.Nifti1Image(np.ones((3, 3, 3), np.uint8), np.eye(4))
    image.header.set_zooms((3, 3, 3, 1.0))
    image.header["pixdim"][4] = value
    image.header.set_xyzt_units("mm", unit)
    nibabel.save(image, tmp_path / "bold.nii.gz")
    return fmri.from_nifti(tmp_path / "bold.nii.gz", mask, **given)


@pytest.mark.filterwarnings("ignore:.*Generation of a mask")
@pytest.mark.parametrize(("value", "unit"), [(2.0, "sec"), (2000, "msec"), (2e6, "usec")])
def test_the_unit_of_the_header_counts(tmp_path, value, unit):
    assert volumes_with(tmp_path, value, unit).tr == pytest.approx(2.0, abs=1e-9)


@pytest.mark.filterwarnings("ignore:.*Generation of a mask")
def test_seconds_without_a_unit_are_told(tmp_path):
    with pytest.warns(UserWarning, match="TR of 2 without a unit: taken as seconds"):
        assert volumes_with(tmp_path, 2.0, "unknown").tr == 2.0


@pytest.mark.filterwarnings("ignore:.*Generation of a mask")
@pytest.mark.parametrize(
    ("value", "unit"),
    [(0, "sec"), (0, "unknown"), (1, "unknown"), (2000, "unknown"), (2000, "sec"), (2, "msec"), (np.nan, "sec"),
     (-2, "sec"), (2, "hz")],
)  # fmt: skip
def test_a_header_that_does_not_tell_the_time_is_asked_about(tmp_path, value, unit):
    with pytest.raises(ValueError, match="how many seconds from scan to scan.*tr="):
        volumes_with(tmp_path, value, unit)
    assert volumes_with(tmp_path, value, unit, tr=1.5).tr == 1.5


def test_a_tr_that_is_none_is_refused(tmp_path):
    for wrong in (0, -2.0, np.nan, 2000):
        with pytest.raises(ValueError, match="how many seconds from scan to scan"):
            volumes_with(tmp_path, 2.0, "sec", tr=wrong)


SPOILED = {
    "cut.nii.gz": lambda whole, packed: packed[: len(packed) // 2],
    "cut.nii": lambda whole, packed: whole[:5000],
    "empty.nii": lambda whole, packed: b"",
    "text.nii": lambda whole, packed: b"no image" * 99,
    "plain.nii.gz": lambda whole, packed: whole,
}


@pytest.mark.filterwarnings("ignore:.*Generation of a mask")
@pytest.mark.parametrize("name", SPOILED)
def test_a_damaged_file_is_named_as_image_and_as_mask(tmp_path, name):
    nilearn()
    import gzip

    import nibabel

    image = nibabel.Nifti1Image(np.random.default_rng(0).normal(size=(4, 4, 4, 30)).astype(np.float32), np.eye(4))
    nibabel.save(image, tmp_path / "whole.nii")
    whole = (tmp_path / "whole.nii").read_bytes()
    (tmp_path / name).write_bytes(SPOILED[name](whole, gzip.compress(whole)))
    mask = nibabel.Nifti1Image(np.ones((4, 4, 4), np.uint8), np.eye(4))
    with pytest.raises(ValueError, match=f"the image .*{name} cannot be used"):
        fmri.from_nifti(tmp_path / name, mask, tr=2.0)
    with pytest.raises(ValueError, match=f"the mask .*{name} cannot be used"):
        fmri.from_nifti(image, tmp_path / name, tr=2.0)


def test_voxels_without_numbers_are_counted_before_they_are_encoded():
    rng = np.random.default_rng(0)
    features, betas = rng.normal(size=(60, 3)), rng.normal(size=(60, 5))
    betas[:, 1] = 0
    predicted = encoding_maps.encode({"a": features}, betas, folds=4)
    with np.errstate(all="raise"):
        assert np.isnan(encoding_maps.r_squared(betas, predicted)).tolist() == [False, True, False, False, False]
        ceiling = encoding_maps.noise_ceiling(np.stack([betas, betas + rng.normal(size=(60, 1)) * (betas != 0)]))
    assert np.isnan(ceiling).tolist() == [False, True, False, False, False]
    betas[7, [3, 4]] = np.nan
    for use in (lambda: encoding_maps.encode({"a": features}, betas), lambda: encoding_maps.noise_ceiling(betas[None])):
        with pytest.raises(ValueError, match="2 of 5 voxels hold nan or infinity, the first is voxel 3: leave"):
            use()
