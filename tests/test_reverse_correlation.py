"""Maps of features against ratings: planted truths come back, and nothing else does."""

import numpy as np
import pytest
from scipy.optimize import least_squares
from scipy.stats import binomtest
from sklearn.linear_model import HuberRegressor
from threadpoolctl import threadpool_info, threadpool_limits

from kit.analysis import information, reverse_correlation
from kit.analysis.copula import normal_scores


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def rated_faces(rng, n_trials=400, n_vertices=60, planted=(17,)):
    """Vertex coordinates, of which the planted vertices' x follow the rating."""
    ratings = rng.integers(1, 7, n_trials)
    vertices = rng.standard_normal((n_trials, n_vertices, 3))
    vertices[:, planted, 0] += 0.4 * (ratings - 3.5)[:, None]
    return vertices, ratings


# ----------------------------------------------------------------------------------- robust regression

RATINGS = np.tile([1.0, 2, 3, 4, 5, 6], 2)
FEATURE = np.array([0.2, 0.9, 1.8, 1.7, 2.6, 2.9, 0.1, 1.2, 9.0, 2.3, 2.4, -4.0])


def test_golden_line():
    """Intercept, slope and scale of statsmodels 0.14 `RLM(norms.HuberT(1.345))`, tol=1e-13."""
    fit = reverse_correlation.robust_regression(FEATURE, RATINGS)
    assert fit.intercept == pytest.approx(0.02162836, abs=1e-7)
    assert fit.slope == pytest.approx(0.48132474, abs=1e-7)
    assert fit.scale == pytest.approx(0.4076269617, abs=1e-7)


def test_line_minimises_the_huber_loss(rng):
    ratings = rng.integers(1, 7, 201)
    features = 0.5 * ratings[:, None] * [1, 0, -2] + rng.standard_t(2, (201, 3))
    fit = reverse_correlation.robust_regression(features, ratings)
    for column in range(3):
        line = lambda b, y=features[:, column]: y - b[0] - b[1] * ratings  # noqa: E731
        best = least_squares(line, [0, 0], loss="huber", f_scale=1.345 * fit.scale[column], xtol=1e-12, ftol=1e-12)
        np.testing.assert_allclose([fit.intercept[column], fit.slope[column]], best.x, atol=1e-5)


def test_line_agrees_with_scikit_learn_within_error(rng):
    """scikit-learn estimates the scale differently, so the lines agree within a fraction of their error."""
    ratings = rng.integers(1, 7, 2000)
    feature = 0.3 * ratings + rng.standard_t(3, 2000)
    other = HuberRegressor(epsilon=1.345, alpha=0).fit(ratings[:, None], feature)
    fit = reverse_correlation.robust_regression(feature, ratings)
    assert fit.slope == pytest.approx(other.coef_[0], abs=0.005)
    assert fit.intercept == pytest.approx(other.intercept_, abs=0.02)


def test_outliers_move_the_robust_line_little(rng):
    ratings = rng.integers(1, 7, 500)
    feature = 0.2 * ratings + 0.5 * rng.standard_normal(500)
    spoiled = np.where(rng.random(500) < 0.05, 50 * (ratings > 3), feature)
    least_squares_slope = np.polyfit(ratings, spoiled, 1)[0]
    assert abs(least_squares_slope - 0.2) > 0.5
    assert reverse_correlation.robust_regression(spoiled, ratings).slope == pytest.approx(0.2, abs=0.1)


def test_trial_order_does_not_matter(rng):
    vertices, ratings = rated_faces(rng)
    order = np.lexsort((vertices[:, 0, 0], ratings))
    one, other = (reverse_correlation.robust_regression(vertices[o], ratings[o]) for o in (slice(None), order))
    np.testing.assert_allclose(one.slope, other.slope, atol=1e-7)


def test_blocks_do_not_show(rng, monkeypatch):
    vertices, ratings = rated_faces(rng)
    shuffled = information.permutations(ratings, 20, 1)
    whole = [
        reverse_correlation.robust_regression(vertices, ratings).slope,
        reverse_correlation.robust_map(vertices, ratings, shuffled).null,
        reverse_correlation.information_map(vertices, ratings, shuffled).null,
    ]
    for module in ("_blocks", "information_map"):
        monkeypatch.setattr(f"kit.analysis.{module}.BLOCK", 2000)
    np.testing.assert_allclose(reverse_correlation.robust_regression(vertices, ratings).slope, whole[0], atol=1e-7)
    np.testing.assert_allclose(reverse_correlation.robust_map(vertices, ratings, shuffled).null, whole[1], atol=1e-7)
    np.testing.assert_allclose(reverse_correlation.information_map(vertices, ratings, shuffled).null, whole[2])


# ------------------------------------------------------------------------------------------------ maps

MAPS = pytest.mark.parametrize(
    "make_map",
    [reverse_correlation.robust_map, reverse_correlation.information_map],
    ids=["robust", "information"],
)


@MAPS
def test_a_planted_vertex_is_found_and_others_are_not(rng, make_map):
    vertices, ratings = rated_faces(rng)
    found = make_map(vertices, ratings, information.permutations(ratings, 199, rng)).significant()
    expected = np.zeros_like(found)
    expected[(17, 0) if found.ndim == 2 else 17] = True
    np.testing.assert_array_equal(found, expected)


@MAPS
def test_family_wise_error_of_null_maps_is_five_percent(rng, make_map):
    def false_alarm():
        features, ratings = rng.standard_normal((40, 15, 2)), rng.integers(1, 7, 40)
        return make_map(features, ratings, information.permutations(ratings, 39, rng)).significant().any()

    alarms = sum(false_alarm() for _ in range(400))
    assert binomtest(alarms, 400, 0.05).pvalue > 0.001


def test_information_map_equals_gcmi_place_by_place(rng):
    vertices, ratings = rated_faces(rng, n_trials=120, n_vertices=8, planted=(2, 5))
    vertices[:, 3] = np.round(vertices[:, 3], 1)  # ties
    shuffled = information.permutations(ratings, 5, rng)
    result = reverse_correlation.information_map(vertices, ratings, shuffled)
    loop = [[information.gcmi(vertices[:, v], y) for v in range(8)] for y in (ratings, *shuffled.T)]
    np.testing.assert_allclose(result.observed, loop[0], atol=1e-10)
    np.testing.assert_allclose(result.null, np.max(loop[1:], axis=1), atol=1e-10)


def test_maps_use_one_blas_thread(rng, monkeypatch):
    """Trap: several threads on small matrices take longer than one, and quarrel with parallel workers."""
    seen = []

    def spy(rows):
        seen.extend(pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas")
        return normal_scores(rows)

    monkeypatch.setattr("kit.analysis.information_map.normal_scores", spy)
    vertices, ratings = rated_faces(rng)
    with threadpool_limits(2, user_api="blas"):
        reverse_correlation.information_map(vertices, ratings, information.permutations(ratings, 2, rng))
    assert set(seen) == {1}


def test_components_and_ranked_features_give_the_same_map(rng):
    vertices, ratings = rated_faces(rng, n_vertices=10, planted=(3,))
    shuffled = information.permutations(ratings, 20, rng)
    direct = reverse_correlation.information_map(vertices[..., 0], ratings, shuffled)
    scores = reverse_correlation.normalized_places(vertices[..., 0])
    assert scores.shape == (10, 1, 400)
    ranked = reverse_correlation.information_of_scores(scores, ratings, shuffled)
    np.testing.assert_allclose(ranked.observed, direct.observed, atol=1e-12)
    np.testing.assert_allclose(ranked.null, direct.null, atol=1e-12)
    assert direct.observed[3] == pytest.approx(information.gcmi(vertices[:, 3, 0], ratings))


def test_robust_statistic_is_close_to_the_slope_in_standard_errors(rng):
    vertices, ratings = rated_faces(rng, n_trials=2000)
    result = reverse_correlation.robust_map(vertices, ratings, information.permutations(ratings, 5, rng))
    fit = reverse_correlation.robust_regression(vertices, ratings)
    # asymptotic standard error of a Huber slope on Gaussian noise, 95 % as efficient as least squares
    error = fit.scale / (ratings.std() * np.sqrt(2000 * 0.95))
    others = np.arange(60) != 17
    np.testing.assert_allclose(result.observed[others], np.abs(fit.slope / error)[others], atol=0.15)


def test_template_of_a_linear_observer_is_recovered(rng):
    """1,800 faces of 40 components, rated by an observer with known weights."""
    components, basis = rng.standard_normal((1800, 40)), rng.standard_normal((40, 90))
    weights = rng.standard_normal(40) / np.sqrt(40)
    ratings = np.clip(np.round(3.5 + components @ weights + 0.5 * rng.standard_normal(1800)), 1, 6)
    vertices = (components @ basis).reshape(1800, 30, 3)
    fit = reverse_correlation.robust_regression(vertices, ratings)
    assert np.corrcoef(fit.slope.ravel(), weights @ basis)[0, 1] > 0.95
    templates = fit.template(np.arange(0, 50.5, 0.5))
    assert templates.shape == (101, 30, 3)
    np.testing.assert_allclose(templates[7], fit.intercept + 3.5 * fit.slope)
    np.testing.assert_allclose(fit.template(3.5), templates[7])


@MAPS
def test_bad_input_of_maps(rng, make_map):
    vertices, ratings = rated_faces(rng, n_trials=50)
    shuffled = information.permutations(ratings, 19, rng)
    broken, constant = vertices.copy(), vertices.copy()
    broken[4, 8, 1], constant[:, 9, 2] = np.nan, 1
    with pytest.raises(ValueError, match=r"features\[:, 8, 1\] is nan"):
        make_map(broken, ratings, shuffled)
    with pytest.raises(ValueError, match=r"features\[:, 9, 2\] is constant"):
        make_map(constant, ratings, shuffled)
    with pytest.raises(ValueError, match="features has 50, ratings has 49"):
        make_map(vertices, ratings[:49], shuffled)
    with pytest.raises(ValueError, match="ratings has 50, shuffled has 49"):
        make_map(vertices, ratings, shuffled[:49])
    with pytest.raises(ValueError, match="5 trials are too few"):
        make_map(vertices[:5], ratings[:5], shuffled[:5])
    with pytest.raises(ValueError, match="ratings are all 4"):
        make_map(vertices, np.full(50, 4), shuffled)


def test_information_map_refuses_what_has_no_finite_information(rng):
    vertices, ratings = rated_faces(rng, n_trials=50)
    shuffled = information.permutations(ratings, 19, rng)
    flat, told = vertices.copy(), vertices.copy()
    flat[:, 12, 2] = flat[:, 12, 0]
    told[:, 5, 1] = ratings
    with pytest.raises(ValueError, match=r"features\[:, 12\]: one dimension is linear"):
        reverse_correlation.information_map(flat, ratings, shuffled)
    with pytest.raises(ValueError, match=r"features\[:, 5\] and the ratings determine each other"):
        reverse_correlation.information_map(told, ratings, shuffled)
    with pytest.raises(ValueError, match="expected"):
        reverse_correlation.information_map(vertices[None], ratings, shuffled)


def test_a_feature_that_hardly_varies_has_no_robust_scale(rng):
    texels = np.zeros((50, 4))
    texels[:, :3], texels[:5, 3] = rng.standard_normal((50, 3)), 1
    with pytest.raises(ValueError, match=r"features\[:, 3\]: more than half"):
        reverse_correlation.robust_map(texels, np.arange(50), np.arange(50)[:, None])


# ------------------------------------------------------------------------------- normals and frequencies


def test_inward_and_outward_along_normals(rng):
    normals = rng.standard_normal((20, 3))
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    average, move = rng.standard_normal((20, 3)), rng.standard_normal((5, 20))
    tangent = np.cross(normals, rng.standard_normal((20, 3)))
    templates = average + move[..., None] * normals + tangent
    np.testing.assert_allclose(reverse_correlation.inward_outward(templates, average, normals), move, atol=1e-12)
    with pytest.raises(ValueError, match="length 1"):
        reverse_correlation.inward_outward(templates, average, 2 * normals)
    with pytest.raises(ValueError, match="same"):
        reverse_correlation.inward_outward(templates, average[:19], normals)


@pytest.mark.parametrize("n_bands", [1, 3, 5])
def test_bands_sum_back_to_the_texture(rng, n_bands):
    textures = rng.integers(0, 256, (2, 48, 64, 3), dtype=np.uint8)
    bands = reverse_correlation.frequency_bands(textures, n_bands)
    assert bands.shape == (n_bands, 2, 48, 64, 3)
    np.testing.assert_allclose(bands.sum(axis=0), textures, atol=1e-10)
    np.testing.assert_allclose(reverse_correlation.frequency_bands(textures[1], n_bands), bands[:, 1])


def test_gratings_fall_into_their_band():
    columns = np.arange(256)
    strongest = []
    for period in (4, 8, 16, 32, 128):
        grating = np.broadcast_to(np.sin(2 * np.pi * columns / period)[None, :, None], (256, 256, 1))
        bands = reverse_correlation.frequency_bands(grating)
        strongest.append(int(np.argmax((bands**2).mean(axis=(1, 2, 3)))))
    assert strongest == [0, 1, 2, 3, 4]


def test_textures_too_small_for_their_bands():
    with pytest.raises(ValueError, match="no 6 bands"):
        reverse_correlation.frequency_bands(np.zeros((16, 16, 3)), 6)
    with pytest.raises(ValueError, match="expected"):
        reverse_correlation.frequency_bands(np.zeros((16, 16)))
