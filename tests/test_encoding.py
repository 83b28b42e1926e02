"""Encoding models against explicit refits, planted truths and scikit-learn's contract."""

from itertools import product

import numpy as np
import pytest
from scipy.stats import kendalltau
from sklearn.linear_model import Ridge
from sklearn.metrics import r2_score
from sklearn.model_selection import KFold, cross_val_predict
from sklearn.utils.estimator_checks import check_estimator
from threadpoolctl import threadpool_info, threadpool_limits

from kit.analysis import encoding
from kit.analysis.banded import Band, Blocks, held_out_tau, refit
from kit.analysis.encoding import banded_nested_ridge, choose, nested_ridge, roll_out
from kit.analysis.kendall import kendall_tau
from kit.analysis.ridge_encoder import RidgeEncoder
from kit.analysis.statistics import circular_shifts


def make_trials(n_trials=180, n_features=12, noise=1.0, seed=0):
    """Correlated features and six-level ratings that depend on them linearly."""
    rng = np.random.default_rng(seed)
    features = rng.standard_normal((n_trials, n_features)) @ rng.standard_normal((n_features, n_features))
    weights = rng.standard_normal(n_features)
    latent = features @ weights / np.std(features @ weights) + noise * rng.standard_normal(n_trials)
    return features, np.clip(np.round(3.5 + latent), 1, 6), weights


def explicit_ridge(features, ratings, penalties):
    """Ridge with a penalty per feature, by scikit-learn on rescaled features."""
    scale = penalties**-0.5
    model = Ridge(alpha=1.0, solver="svd").fit(features * scale, ratings)
    return lambda new: model.predict(new * scale)


def explicit_nested(features, ratings, folds, candidates, bands):
    """The protocol spelled out: every model fitted anew. Returns predictions and exponents."""
    blocks = np.array_split(np.arange(len(ratings)), folds)
    predictions, exponents = np.empty(len(ratings)), []

    def fit_without(held, candidate):
        train = np.setdiff1d(np.arange(len(ratings)), np.concatenate(held))
        return explicit_ridge(features[train], ratings[train], 2.0 ** candidate[bands])

    for test in blocks:
        best = []
        for validate in blocks:
            if validate is not test:
                taus = [
                    kendalltau(fit_without([test, validate], c)(features[validate]), ratings[validate])[0]
                    for c in candidates
                ]
                best.append(candidates[np.argmax(taus)])
        exponents.append(np.median(best, axis=0))
        predictions[test] = fit_without([test], exponents[-1])(features[test])
    return predictions, np.array(exponents)


@pytest.mark.parametrize(
    ("n_trials", "n_features", "scale", "offset"),
    [(180, 12, 1, 0), (185, 12, 1, 0), (180, 12, 1, 1e4), (60, 90, 1, 0), (60, 90, 1e4, 0)],
    ids=["even blocks", "uneven blocks", "far from zero", "more features than trials", "the same, large"],
)
def test_nested_ridge_equals_explicit_refits(n_trials, n_features, scale, offset):
    features, ratings, _ = make_trials(n_trials, n_features)
    features = scale * features + offset
    exponents = np.arange(-30, 31, 5.0)
    bands = np.zeros(n_features, dtype=int)
    predictions, chosen = explicit_nested(features, ratings, 5, exponents[:, None], bands)
    result = nested_ridge(features, ratings, folds=5, exponents=exponents)
    np.testing.assert_array_equal(result.exponents[:, 0], chosen)
    np.testing.assert_allclose(result.predictions[:, 0], predictions, atol=1e-8)
    own = np.einsum("np,npt->nt", features, result.weights[result.fold]) + result.intercepts[result.fold]
    np.testing.assert_allclose(own, result.predictions, atol=1e-8)


@pytest.mark.parametrize("sizes", [(4, 8), (8, 4), (3, 5, 4)], ids=str)
def test_banded_ridge_equals_explicit_refits(sizes):
    features, ratings, _ = make_trials(noise=2.0)
    grid = [-30.0, -4.0, 2.0, 6.0, 10.0, 30.0] if len(sizes) == 2 else [-10.0, 4.0, 10.0]
    candidates = np.array(list(product(grid, repeat=len(sizes))))
    bands = np.repeat(np.arange(len(sizes)), sizes)
    predictions, chosen = explicit_nested(features, ratings, 4, candidates, bands)
    spaces = {f"space {band}": features[:, bands == band] for band in range(len(sizes))}
    result = banded_nested_ridge(spaces, ratings, folds=4, exponents=grid)
    np.testing.assert_allclose(result.predictions[:, 0], predictions, atol=1e-8)
    np.testing.assert_array_equal(result.exponents[:, 0], chosen)
    assert [features[:, where].shape[1] for where in result.spaces.values()] == list(sizes)
    own = np.einsum("np,npt->nt", features, result.weights[result.fold]) + result.intercepts[result.fold]
    np.testing.assert_allclose(own, result.predictions, atol=1e-8)


@pytest.mark.parametrize("scale", [1.0, 1e3])
def test_banded_ridge_with_more_features_than_trials(scale):
    features, ratings, _ = make_trials(60, 100)
    features, bands, grid = features * scale, np.repeat([0, 1], [40, 60]), [-30.0, 0.0, 30.0]
    candidates = np.array(list(product(grid, repeat=2)))
    predictions, _ = explicit_nested(features, ratings, 4, candidates, bands)
    result = banded_nested_ridge({"a": features[:, :40], "b": features[:, 40:]}, ratings, 4, grid)
    np.testing.assert_allclose(result.predictions[:, 0], predictions, atol=1e-8)


def test_banded_weights_equal_himalaya():
    himalaya = pytest.importorskip("himalaya.ridge")
    features, ratings, _ = make_trials()
    exponents = np.array([[-3.0, 6.0]])
    blocks = Blocks.cut(features, ratings[:, None], 3)
    weights, intercepts = refit(blocks.without(), [4, 8], exponents)
    _, theirs, _, intercept = himalaya.solve_group_ridge_random_search(
        [features[:, :4], features[:, 4:]],
        ratings[:, None],
        n_iter=2.0**-exponents,
        alphas=np.ones(1),
        fit_intercept=True,
        return_weights=True,
        cv=3,
        progress_bar=False,
    )
    np.testing.assert_allclose(weights, theirs, atol=1e-8)
    np.testing.assert_allclose(intercepts, intercept, atol=1e-8)


def test_sweep_tries_combinations_in_the_order_of_product():
    features, ratings, _ = make_trials()
    train = Blocks.cut(features, ratings[:, None], 3).without(2)
    held = features[120:] - train.feature_mean
    penalties = np.array([0.1, 10.0, 1000.0])
    band = Band(train.gram, train.cross, [4, 8])
    swept = band.sweep(held, penalties, lambda predictions: predictions[:, 0])
    for one, pair in zip(swept, product(penalties, repeat=2), strict=True):
        weights, _ = refit(train, [4, 8], np.log2([pair]))
        np.testing.assert_allclose(one, held @ weights[:, 0], atol=1e-9)


@pytest.mark.parametrize("exponent", [-40.0, -20.0, -12.0, 0.0, 12.0])
def test_refit_solves_the_equations_whether_or_not_it_needs_a_spectrum(exponent):
    features, ratings, _ = make_trials()
    train = Blocks.cut(features, ratings[:, None], 3).without(2)
    weights, intercept = refit(train, [12], np.array([[exponent]]))
    wanted = explicit_ridge(features[:120], ratings[:120], np.full(12, 2.0**exponent))
    np.testing.assert_allclose(features @ weights[:, 0] + intercept, wanted(features), atol=1e-9)


def test_many_targets_equal_one_at_a_time():
    features, ratings, _ = make_trials()
    targets = np.column_stack([ratings, circular_shifts(ratings, 4, rng=1)])
    together = nested_ridge(features, targets)
    for column, target in enumerate(targets.T):
        alone = nested_ridge(features, target)
        np.testing.assert_allclose(together.predictions[:, column], alone.predictions[:, 0], atol=1e-8)
        np.testing.assert_array_equal(together.exponents[:, column], alone.exponents[:, 0])


def test_noise_is_not_predicted():
    rng = np.random.default_rng(3)
    features, targets = rng.standard_normal((180, 20)), rng.integers(1, 7, (180, 60))
    result = nested_ridge(features, targets)
    r2 = r2_score(targets, result.predictions, multioutput="raw_values")
    assert r2.mean() <= 0
    tau = result.per_fold(kendall_tau, targets)
    assert tau.shape == (9, 60)
    assert abs(tau.mean()) < 4 * tau.std() / np.sqrt(tau.size)


def test_no_prediction_depends_on_its_own_fold():
    features, ratings, _ = make_trials()
    before = nested_ridge(features, ratings)
    own = before.fold == 3
    tampered = np.where(own, 7 - ratings, ratings)
    after = nested_ridge(features, tampered)
    np.testing.assert_allclose(after.predictions[own], before.predictions[own], atol=1e-12)
    assert not np.allclose(after.predictions[~own], before.predictions[~own])


def test_planted_weights_come_back():
    features, ratings, weights = make_trials(1800, 50, noise=1.0)
    result = nested_ridge(features, ratings)
    assert np.corrcoef(features @ result.mean_weights[:, 0], features @ weights)[0, 1] > 0.98
    assert result.per_fold(kendall_tau, ratings).mean() > 0.4
    assert result.per_fold(r2_score, ratings).mean() > 0.4


def test_banded_ridge_shrinks_the_space_that_does_not_matter():
    rng = np.random.default_rng(5)
    shape, texture = rng.standard_normal((720, 10)), rng.standard_normal((720, 100))
    ratings = shape @ rng.standard_normal(10) + 2 * rng.standard_normal(720)
    result = banded_nested_ridge({"shape": shape, "texture": texture}, ratings)
    exponents = dict(zip(result.spaces, np.median(result.exponents[:, 0], axis=0), strict=True))
    assert exponents["texture"] > exponents["shape"]
    alone = nested_ridge(np.hstack([shape, texture]), ratings)
    assert result.per_fold(r2_score, ratings).mean() > alone.per_fold(r2_score, ratings).mean()


def test_duplicated_features_are_harmless():
    features, ratings, _ = make_trials()
    once = nested_ridge(features, ratings, exponents=[-30, 5])
    # Two copies share the weight, so that half the penalty on them is the same model.
    twice = nested_ridge(np.hstack([features, features]), ratings, exponents=[-29, 6])
    np.testing.assert_allclose(twice.predictions, once.predictions, atol=1e-6)


def test_a_feature_that_is_silent_in_training_gets_no_weight():
    features, ratings, _ = make_trials()
    features[:, 0] = 5.0
    features[60:80, 0] = np.arange(20)
    result = nested_ridge(features, ratings)
    silent = result.fold[60]
    assert np.abs(result.weights[silent, 0]).max() < 1e-12


def test_ridge_encoder_keeps_scikit_learns_contract():
    check_estimator(RidgeEncoder())


def test_ridge_encoder_is_the_inner_half_of_nested_ridge():
    features, ratings, _ = make_trials()
    for targets in (ratings, np.column_stack([ratings, np.roll(ratings, 60)])):
        slow = cross_val_predict(RidgeEncoder(folds=8), features, targets, cv=KFold(9))
        fast = nested_ridge(features, targets).predictions.reshape(targets.shape)
        np.testing.assert_allclose(slow, fast, atol=1e-8)


def test_ridge_encoder_ignores_blocks_without_an_order():
    features, ratings, _ = make_trials()
    ratings[:36] = 4
    assert RidgeEncoder(folds=5).fit(features, ratings).score(features, ratings) > 0.3
    with pytest.raises(ValueError, match="constant within every validation block.*use fewer folds"):
        RidgeEncoder(folds=5).fit(features, np.repeat(np.arange(5.0), 36))


def test_roll_out_picks_the_most_similar_face():
    rng = np.random.default_rng(0)
    panels, weights = rng.standard_normal((300, 6, 8)), rng.standard_normal(8)
    rolled = roll_out(panels, weights, 3.0)
    np.testing.assert_allclose(rolled[7, 2], panels[7, 2] @ weights + 3.0)
    np.testing.assert_array_equal(choose(rolled), (panels @ weights).argmax(axis=1))
    blind = choose(roll_out(panels, rng.standard_normal((8, 2))))
    assert blind.shape == (300, 2)
    assert roll_out(panels, np.ones((8, 2)), np.ones(2)).shape == (300, 6, 2)
    with pytest.raises(ValueError, match="as many features as weights"):
        roll_out(panels, np.ones(9))


def test_shifted_ratings_exceed_their_null_as_often_as_chance():
    features, ratings, _ = make_trials(noise=0.5)
    null = nested_ridge(features, circular_shifts(ratings, 80, rng=2))
    tau_null = null.per_fold(kendall_tau, circular_shifts(ratings, 80, rng=2)).mean(axis=0)
    observed = nested_ridge(features, ratings).per_fold(kendall_tau, ratings).mean()
    assert observed > np.quantile(tau_null, 0.95)
    assert abs(tau_null.mean()) < 0.1


def test_ridge_runs_on_one_blas_thread(monkeypatch):
    threads = []

    def spy(*arguments):
        threads.extend(pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas")
        return held_out_tau(*arguments)

    monkeypatch.setattr(encoding, "held_out_tau", spy)
    with threadpool_limits(2, "blas"):
        nested_ridge(FEATURES, RATINGS, folds=3)
        RidgeEncoder().fit(FEATURES, RATINGS)
    assert set(threads) == {1}


def broken(array, position, value):
    array = array.copy()
    array[position] = value
    return array


FEATURES, RATINGS, _ = make_trials(90, 4)


@pytest.mark.parametrize(
    ("features", "ratings", "folds", "message"),
    [
        (broken(FEATURES, (12, 3), np.nan), RATINGS, 9, r"features\[12, 3\] is nan.*drop or repair"),
        (FEATURES, broken(RATINGS, 5, np.inf), 9, r"ratings\[5\] is inf"),
        (broken(FEATURES, (slice(None), 2), 1.5), RATINGS, 9, r"features: column 2 is constant \(1.5.*drop"),
        (FEATURES, RATINGS[:-1], 9, "90 rows of features but 89 ratings"),
        (FEATURES, np.full(90, 6.0), 9, "target 0 are all 6 in trials 0 to 9.*Use fewer folds"),
        (FEATURES, broken(RATINGS, slice(20, 30), 2.0), 9, "all 2 in trials 20 to 29"),
        (FEATURES[:8], RATINGS[:8], 9, "8 trials cannot fill 9 folds.*fewer folds or collect more"),
        (FEATURES, RATINGS, 2, "folds is 2: at least 3"),
        (FEATURES[:, 0], RATINGS, 9, r"features have shape \(90,\): expected \(n_trials, n_features\)"),
        (FEATURES, RATINGS[:, None, None], 9, r"ratings have shape \(90, 1, 1\)"),
    ],
)
def test_bad_input_is_explained(features, ratings, folds, message):
    with pytest.raises(ValueError, match=message):
        nested_ridge(features, ratings, folds)


def test_exponents_must_increase():
    with pytest.raises(ValueError, match="exponents must be a list of increasing numbers"):
        nested_ridge(FEATURES, RATINGS, exponents=[3, 1])


def test_the_joint_space_at_fault_is_named():
    with pytest.raises(ValueError, match="texture: column 0 is constant"):
        banded_nested_ridge({"shape": FEATURES, "texture": np.ones((90, 2))}, RATINGS)
