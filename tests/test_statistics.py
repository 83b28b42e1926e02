"""Statistics against scipy, closed forms and planted truths."""

import numpy as np
import pytest
from scipy.stats import kendalltau, pearsonr

from kit.analysis.kendall import kendall_tau
from kit.analysis.statistics import (
    circular_shifts,
    hierarchical_bootstrap,
    noise_ceiling,
    permutation_p,
    spearman_brown,
    split_half,
)


@pytest.mark.parametrize("levels", [2, 6, 50, 10_000], ids="{} levels".format)
def test_tau_equals_scipys_on_ties(levels):
    rng = np.random.default_rng(levels)
    ratings = rng.integers(0, levels, 150)
    columns = np.column_stack([rng.standard_normal(150), rng.integers(0, 4, 150), ratings, -ratings])
    expected = [kendalltau(column, ratings)[0] for column in columns.T]
    np.testing.assert_allclose(kendall_tau(columns, ratings), expected, rtol=1e-13)
    paired = rng.integers(0, levels, columns.shape)
    expected = [kendalltau(column, own)[0] for column, own in zip(columns.T, paired.T, strict=True)]
    np.testing.assert_allclose(kendall_tau(columns, paired), expected, rtol=1e-13)
    assert kendall_tau(columns[:, 0], ratings) == pytest.approx(kendalltau(columns[:, 0], ratings)[0])


def test_tau_of_a_few_ties_among_many_distinct_predictions():
    rng = np.random.default_rng(3)
    columns, ratings = rng.standard_normal((120, 4)), rng.integers(1, 7, 120)
    columns[70, 1] = columns[20, 1]  # one pair
    columns[[5, 50, 90], 2] = 0.0, -0.0, 0.0  # one value, written in two ways
    columns[:60, 3] = columns[60:, 3]
    expected = [kendalltau(column, ratings)[0] for column in columns.T]
    np.testing.assert_allclose(kendall_tau(columns, ratings), expected, rtol=1e-13)


def test_tau_does_not_depend_on_trial_order():
    rng = np.random.default_rng(0)
    columns, ratings = rng.integers(0, 9, (200, 3)), rng.integers(1, 7, 200)
    order = np.argsort(ratings)
    np.testing.assert_array_equal(
        kendall_tau(columns, ratings), kendall_tau(columns[order[::-1]], ratings[order[::-1]])
    )


def test_tau_explains_bad_input():
    columns, ratings = np.random.default_rng(0).standard_normal((20, 3)), np.arange(20.0)
    with pytest.raises(ValueError, match="columns: column 1 is constant"):
        kendall_tau(np.where([False, True, False], 2.0, columns), ratings)
    with pytest.raises(ValueError, match="ratings: column 0 is constant"):
        kendall_tau(columns, np.full(20, 6))
    with pytest.raises(ValueError, match=r"ratings\[3\] is nan"):
        kendall_tau(columns, np.where(ratings == 3, np.nan, ratings))
    with pytest.raises(ValueError, match="one row a trial"):
        kendall_tau(columns, ratings[:-1])
    with pytest.raises(ValueError, match="one column of ratings or as many"):
        kendall_tau(columns, np.column_stack([ratings, ratings]))


def test_permutation_p_is_never_zero():
    null = np.arange(100.0)
    assert permutation_p(1000.0, null) == 1 / 101
    assert permutation_p(99.0, null) == 2 / 101  # a tie with the null counts against the observation
    assert permutation_p(-1.0, null) == 1
    maxima = np.random.default_rng(0).standard_normal((50, 4)).max(axis=1, keepdims=True)
    assert permutation_p(np.zeros((4,)), maxima).shape == (4,)
    with pytest.raises(ValueError, match="null holds no shuffles"):
        permutation_p(1.0, np.empty(0))
    with pytest.raises(ValueError, match=r"null\[0\] is nan"):
        permutation_p(1.0, [np.nan])


def test_permutation_p_is_uniform_under_the_null():
    statistics = np.random.default_rng(1).standard_normal((20, 4000))
    p = permutation_p(statistics[0], statistics[1:])
    for level in (0.05, 0.25, 0.5):
        assert np.mean(p <= level) == pytest.approx(level, abs=4 * np.sqrt(level * (1 - level) / 4000))


def test_circular_shifts_follow_the_study():
    ratings = np.arange(1800)
    shifted = circular_shifts(ratings, 1000, rng=0)
    distances = np.sort(shifted[0])
    np.testing.assert_array_equal(np.sort(1800 - distances), np.arange(401, 1401))
    np.testing.assert_array_equal(np.diff(shifted, axis=0) % 1800, 1)
    np.testing.assert_array_equal(circular_shifts(ratings, 5, rng=7), circular_shifts(ratings, 5, rng=7))
    with pytest.raises(ValueError, match="allow 50 shifts of more than two blocks, not 100"):
        circular_shifts(np.arange(90))
    with pytest.raises(ValueError, match="one target"):
        circular_shifts(np.ones((90, 2)))


def nested_scores(n_units, deviations, rng):
    """Balanced Gaussian scores: one random effect a level, with the given standard deviations."""
    scores = np.zeros(n_units)
    for level, deviation in enumerate(deviations):
        shape = (*n_units[: level + 1], *[1] * (len(n_units) - level - 1))
        scores = scores + deviation * rng.standard_normal(shape)
    return scores


@pytest.mark.parametrize("n_units", [(30,), (12, 5), (14, 4, 9)], ids=str)
def test_bootstrap_has_the_exact_variance_of_its_design(n_units):
    rng = np.random.default_rng(0)
    scores = nested_scores(n_units, [1.0, 0.7, 0.5][: len(n_units)], rng)
    scores += np.arange(n_units[-1])  # an effect that all share, and that draws within each unit average out
    means, variance, total = scores, 0.0, scores.size
    for n in reversed(n_units):
        variance += means.var(axis=-1).mean() / total
        means, total = means.mean(axis=-1), total // n
    samples = hierarchical_bootstrap(scores, len(n_units), 6000, rng=1)
    assert samples.std() == pytest.approx(np.sqrt(variance), rel=0.04)
    assert samples.mean() == pytest.approx(scores.mean(), abs=5 * np.sqrt(variance / 6000))


def test_bootstrap_reproduces_the_standard_error_of_the_mean():
    """Where participants differ most, the error is sqrt(s_p^2 / P + s_i^2 / PI + s_f^2 / PIF)."""
    rng = np.random.default_rng(2)
    deviations, n_units = [1.0, 0.2, 0.2], (50, 4, 9)
    expected = np.sqrt(np.sum(np.square(deviations) / np.cumprod(n_units)))
    errors = [
        hierarchical_bootstrap(nested_scores(n_units, deviations, rng), n_samples=200, rng=rng).std() for _ in range(20)
    ]
    assert np.mean(errors) == pytest.approx(expected, rel=0.08)


def test_bootstrap_compares_columns_on_the_same_draws():
    scores = np.random.default_rng(0).standard_normal((14, 4, 9))
    samples = hierarchical_bootstrap(np.stack([scores, scores + 0.01], axis=-1))
    assert samples.shape == (1000, 2)
    assert np.all(samples[:, 1] > samples[:, 0])
    np.testing.assert_array_equal(samples, hierarchical_bootstrap(np.stack([scores, scores + 0.01], axis=-1)))
    with pytest.raises(ValueError, match=r"scores\[0, 1, 2\] is nan"):
        scores[0, 1, 2] = np.nan
        hierarchical_bootstrap(scores)
    with pytest.raises(ValueError, match="do not hold 3 levels"):
        hierarchical_bootstrap(np.ones((3, 3)))


def test_noise_ceiling_brackets_what_a_model_can_reach():
    rng = np.random.default_rng(0)
    truth = rng.standard_normal(600)
    ratings = np.round(truth + 0.8 * rng.standard_normal((10, 600)))
    ceiling = noise_ceiling(ratings)
    ideal = np.mean([kendall_tau(truth, rated) for rated in ratings])
    assert ceiling.lower.mean() < ideal < ceiling.upper.mean()
    np.testing.assert_array_less(ceiling.lower, ceiling.upper)
    same = noise_ceiling(np.tile(ratings[0], (3, 1)))
    np.testing.assert_allclose([*same.lower, *same.upper], 1)


def test_noise_ceiling_of_gaussian_raters_has_its_closed_form():
    rng = np.random.default_rng(1)
    n_raters, noise = 8, 1.0
    ratings = rng.standard_normal(20_000) + np.sqrt(noise) * rng.standard_normal((n_raters, 20_000))
    lower = noise_ceiling(ratings, lambda predicted, rated: pearsonr(predicted, rated)[0]).lower
    expected = 1 / np.sqrt((1 + noise) * (1 + noise / (n_raters - 1)))
    np.testing.assert_allclose(lower.mean(), expected, atol=0.02)


@pytest.mark.parametrize("n_raters", [2, 7, 14], ids="{} raters".format)
def test_split_half_recovers_the_reliability_of_parallel_raters(n_raters):
    rng = np.random.default_rng(n_raters)
    noise = 2.0
    ratings = rng.standard_normal(20_000) + np.sqrt(noise) * rng.standard_normal((n_raters, 20_000))
    assert split_half(ratings, 100) == pytest.approx(1 / (1 + noise / n_raters), abs=0.015)


def test_reliability_is_not_clipped():
    ratings = np.array([[1, 2, 3, 4, 5, 6], [5, 6, 3, 4, 1, 2]])
    assert split_half(ratings, 10) == pytest.approx(spearman_brown(pearsonr(*ratings)[0]))
    assert split_half(ratings, 10) < 0
    assert spearman_brown(0.5) == pytest.approx(2 / 3)
    assert spearman_brown(0.5, 4) == pytest.approx(0.8)


def test_raters_are_checked():
    ratings = np.random.default_rng(0).integers(1, 7, (3, 20)).astype(float)
    ratings[2] = 6
    for statistic in (noise_ceiling, split_half):
        with pytest.raises(ValueError, match="rater 2 gave 6 on every trial.*leave that rater out"):
            statistic(ratings)
        with pytest.raises(ValueError, match="n_raters >= 2"):
            statistic(ratings[:1])
        with pytest.raises(ValueError, match=r"ratings\[0, 4\] is inf"):
            statistic(np.where(np.arange(20) == 4, np.inf, ratings))
    with pytest.raises(ValueError, match="mean rating of a half is the same on every trial"):
        split_half([[1, 2, 1, 2], [2, 1, 2, 1], [1, 2, 1, 2], [2, 1, 2, 1]])


# ---- raters who rated different trials


def by_some(ratings: np.ndarray, raters_each: int, seed: int = 0) -> np.ndarray:
    """Each trial rated by a random few only."""
    chosen = np.tile(np.arange(len(ratings)) < raters_each, (ratings.shape[1], 1))
    return np.where(np.random.default_rng(seed).permuted(chosen, axis=1).T, ratings, np.nan)


@pytest.mark.parametrize("raters_each", [2, 3, 4, 6])
def test_split_half_of_a_ragged_table_is_the_reliability_of_the_raters_each_trial_has(raters_each):
    rng, noise = np.random.default_rng(raters_each), 2.0
    ratings = rng.standard_normal(20_000) + np.sqrt(noise) * rng.standard_normal((12, 20_000))
    found = split_half(by_some(ratings, raters_each), 40)
    assert found == pytest.approx(1 / (1 + noise / raters_each), abs=0.025)


def test_the_ceiling_of_a_ragged_table_is_that_of_its_raters():
    rng, noise, each = np.random.default_rng(1), 1.0, 4
    ratings = rng.standard_normal(20_000) + np.sqrt(noise) * rng.standard_normal((12, 20_000))
    found = noise_ceiling(by_some(ratings, each), lambda predicted, rated: pearsonr(predicted, rated)[0])
    assert found.lower.mean() == pytest.approx(1 / np.sqrt((1 + noise) * (1 + noise / (each - 1))), abs=0.02)
    assert found.lower.shape == (12,) and (found.lower < found.upper).all()


def test_a_trial_that_nobody_else_rated_changes_nothing_and_is_told():
    ratings = np.random.default_rng(3).integers(1, 7, (5, 60)).astype(float)
    more = np.column_stack([ratings, np.full(5, np.nan), [6, np.nan, np.nan, np.nan, np.nan]])
    told = "2 of 62 trials have fewer than two raters and are left out; 60 are used, of 5 to 5 raters each"
    with pytest.warns(UserWarning, match=told):
        assert split_half(more, 50) == split_half(ratings, 50)
    with pytest.warns(UserWarning, match=told):
        found = noise_ceiling(more)
    np.testing.assert_array_equal(found, noise_ceiling(ratings))


def test_a_rater_who_shares_nothing_and_a_table_without_pairs_are_refused():
    ratings = np.random.default_rng(4).integers(1, 7, (4, 30)).astype(float)
    alone = np.vstack([ratings, np.full(30, np.nan)])
    block = np.where(np.arange(30) < 15, [[1], [0], [0], [0]], [[0], [1], [0], [0]]).astype(bool)
    for statistic in (noise_ceiling, split_half):
        with pytest.raises(ValueError, match="rater 4 shares no trial with another"):
            statistic(alone)
        with pytest.raises(ValueError, match="of 30 trials 0 have two raters"):
            statistic(np.where(block, ratings, np.nan))


def test_raters_of_two_halves_of_the_trials_are_compared_within_them():
    """Two groups that rated other trials: every trial has its group's reliability."""
    rng, noise = np.random.default_rng(5), 1.0
    ratings = rng.standard_normal(20_000) + np.sqrt(noise) * rng.standard_normal((8, 20_000))
    group = (np.arange(8) < 4)[:, None] == (np.arange(20_000) < 10_000)
    assert split_half(np.where(group, ratings, np.nan), 40) == pytest.approx(1 / (1 + noise / 4), abs=0.03)
