"""Mutual information against closed forms, frites, and the ways it goes wrong."""

import numpy as np
import pytest
from frites.core import gccmi_nd_ccc, gcmi_model_nd_cd, gcmi_nd_cc, mi_nd_gg
from scipy.stats import binomtest, spearmanr

from kit.analysis import information, statistics


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def gaussian_pair(rng, rho, n_trials):
    return rng.multivariate_normal([0, 0], [[1, rho], [rho, 1]], n_trials).T


def six_levels(latent):
    """Ratings 1..6 with uneven use of the levels."""
    return 1 + np.searchsorted([-1.2, -0.3, 0.2, 1.0, 1.8], latent)


# ------------------------------------------------------------------------------------------------ GCMI


@pytest.mark.parametrize("rho", [-0.9, 0.1, 0.6])
def test_gcmi_of_a_gaussian_is_the_closed_form(rng, rho):
    x, y = gaussian_pair(rng, rho, 50_000)
    assert information.gcmi(x, y) == pytest.approx(-0.5 * np.log2(1 - rho**2), abs=0.02)
    sample = np.corrcoef(x, y)[0, 1]
    assert information.gaussian_mi(x, y, False) == pytest.approx(-0.5 * np.log2(1 - sample**2), abs=1e-12)


def test_gcmi_ignores_monotone_transforms(rng):
    x, y = gaussian_pair(rng, 0.5, 300)
    assert information.gcmi(np.exp(x), -(y**3)) == pytest.approx(information.gcmi(x, y), abs=1e-12)


@pytest.mark.parametrize(("x_dims", "y_dims"), [(1, 1), (3, 1), (2, 3)])
def test_gcmi_equals_frites(rng, x_dims, y_dims):
    x = rng.standard_normal((200, x_dims))
    y = x[:, :1] + rng.standard_normal((200, y_dims))
    expected = gcmi_nd_cc(x.T, y.T, mvaxis=0, traxis=1)
    assert information.gcmi(x, y) == pytest.approx(float(np.squeeze(expected)), abs=1e-10)


def test_gaussian_mi_equals_frites(rng):
    x = rng.standard_normal((60, 3))
    y = x[:, :2] @ rng.standard_normal((2, 2)) + rng.standard_normal((60, 2))
    for corrected in (True, False):
        expected = mi_nd_gg(x.T, y.T, mvaxis=0, traxis=1, biascorrect=corrected)
        assert information.gaussian_mi(x, y, corrected) == pytest.approx(float(np.squeeze(expected)), abs=1e-10)


def test_discrete_gcmi_equals_frites(rng):
    labels = np.repeat([0, 1, 2], 80)
    x = rng.standard_normal((240, 2)) + labels[:, None]
    expected = gcmi_model_nd_cd(x.T, labels, mvaxis=0, traxis=1)
    assert information.gcmi_discrete(x, labels) == pytest.approx(float(np.squeeze(expected)), abs=1e-10)


def test_conditional_gcmi_equals_frites(rng):
    z = rng.standard_normal((300, 2))
    x = z @ rng.standard_normal((2, 2)) + rng.standard_normal((300, 2))
    y = x[:, :1] + z[:, :1] + rng.standard_normal((300, 1))
    expected = gccmi_nd_ccc(x.T, y.T, z.T, mvaxis=0, traxis=1)
    assert information.gcmi_conditional(x, y, z) == pytest.approx(float(np.squeeze(expected)), abs=1e-10)


def test_conditioning_explains_a_common_cause_away(rng):
    cause = rng.standard_normal(5000)
    x, y = cause + rng.standard_normal((2, 5000))
    assert information.gcmi(x, y) > 0.15
    assert information.gcmi_conditional(x, y, cause) == pytest.approx(0, abs=0.003)


def test_bias_correction_centres_null_information(rng):
    null = [information.gcmi(rng.standard_normal((40, 3)), rng.standard_normal(40)) for _ in range(1000)]
    plug_in = [information.gcmi(rng.standard_normal((40, 3)), rng.standard_normal(40), False) for _ in range(200)]
    assert np.mean(null) == pytest.approx(0, abs=4 * np.std(null) / np.sqrt(1000))
    assert min(null) < 0, "corrected values are not clipped at 0"
    assert np.mean(plug_in) > 0.04


def test_trial_order_does_not_matter_with_tied_ratings(rng):
    """Trap: with ordinal ranks the same six-level data give another answer when sorted."""
    latent = rng.standard_normal(600)
    x = np.round(latent + 0.5 * rng.standard_normal(600), 1)
    ratings = six_levels(latent)
    orders = {
        "shuffled": rng.permutation(600),
        "sorted": np.lexsort((x, ratings)),
        "reversed": np.lexsort((x, ratings))[::-1],
        "crossed": np.lexsort((-x, ratings)),
    }

    def ordinal(order):
        return float(np.squeeze(gcmi_nd_cc(x[order][None], ratings[order][None].astype(float), mvaxis=0)))

    ours = [information.gcmi(x[order], ratings[order]) for order in orders.values()]
    assert np.ptp([ordinal(order) for order in orders.values()]) > 0.1, "the trap is real"
    np.testing.assert_allclose(ours, ours[0], atol=1e-12)
    for estimate in (information.gcmi_discrete, information.binned_mi):
        values = [estimate(x[order], ratings[order]) for order in orders.values()]
        np.testing.assert_allclose(values, values[0], atol=1e-12)


def test_tied_values_share_a_score():
    scores = information.copula_normalize(np.array([3, 1, 2, 2, 5]))
    assert scores[2] == scores[3]
    assert list(np.argsort(scores, kind="stable")) == [1, 2, 3, 0, 4]


@pytest.mark.parametrize("estimate", [information.gcmi, information.gaussian_mi])
def test_a_variable_with_itself_is_refused(rng, estimate):
    x = rng.standard_normal((100, 2))
    for other in (x, 3 * x[:, 0] + 1, x @ [1, 1]) if estimate is information.gaussian_mi else (x, x[:, 1] ** 3):
        with pytest.raises(ValueError, match="infinite"):
            estimate(x, other)
    with pytest.raises(ValueError, match=r"infinite|linear"):
        information.gcmi_conditional(x[:, 0], x[:, 0], x[:, 1])


def test_bad_input_of_gcmi(rng):
    x = rng.standard_normal((50, 3))
    broken, constant = x.copy(), x.copy()
    broken[7, 2], constant[:, 1] = np.nan, 4
    with pytest.raises(ValueError, match=r"x\[7, 2\] is nan"):
        information.gcmi(broken, x[:, 0])
    with pytest.raises(ValueError, match="x: column 1 is constant"):
        information.gcmi(constant, x[:, 0])
    with pytest.raises(ValueError, match="x has 50, y has 49"):
        information.gcmi(x, x[:49, 0])
    with pytest.raises(ValueError, match="4 trials are too few for 3 dimensions"):
        information.gcmi_conditional(*rng.normal(size=(3, 4)))
    with pytest.raises(ValueError, match="4 trials are too few for 4 dimensions"):
        information.gcmi(x[:4], rng.standard_normal(4))
    with pytest.raises(ValueError, match="linear combination"):
        information.gaussian_mi(np.column_stack([x, x[:, 0] + x[:, 1]]), rng.standard_normal(50))
    with pytest.raises(ValueError, match="single level"):
        information.gcmi_discrete(x, np.ones(50))
    with pytest.raises(ValueError, match="level 1 has 2 trials"):
        information.gcmi_discrete(x, (np.arange(50) < 2).astype(int))


# ----------------------------------------------------------------------------------------------- binned


def test_the_least_filled_rating_joins_its_less_filled_neighbour():
    counts = {1: 50, 2: 20, 3: 5, 4: 10, 5: 40, 6: 30}
    ratings = np.repeat(list(counts), list(counts.values()))
    # 3 joins 4 (15), which joins 2 (35); then 6 (30) joins 5 (70)
    expected = np.repeat([0, 1, 1, 1, 2, 2], list(counts.values()))
    np.testing.assert_array_equal(information.merge_ratings(ratings), expected)


def test_merging_skips_levels_that_were_never_used():
    assert information.merge_ratings(np.array([6, 2, 4, 2])).tolist() == [2, 0, 1, 0]


@pytest.mark.parametrize("n_trials", [9, 200, 1801])
def test_predictions_are_cut_into_equally_filled_bins(rng, n_trials):
    values = rng.standard_normal((n_trials, 4))
    bins = information.cut_equally(values)
    for column in range(4):
        assert np.ptp(np.bincount(bins[:, column])) <= 1
        assert spearmanr(bins[:, column], values[:, column])[0] > 0.9


def test_discrete_information_of_a_known_joint():
    joint = np.array([[4, 0], [0, 4]])
    assert information.discrete_mi(joint, False) == pytest.approx(1)
    assert information.discrete_mi(joint) == pytest.approx(1 - 1 / (2 * 8 * np.log(2)))
    independent = np.outer([1, 2, 3], [2, 2, 4])
    assert information.discrete_mi(independent, False) == pytest.approx(0, abs=1e-12)
    assert information.discrete_mi(independent) < 0
    channel = np.array([[0.45, 0.05], [0.05, 0.45]])
    entropy = -0.1 * np.log2(0.1) - 0.9 * np.log2(0.9)
    assert information.discrete_mi(channel[None], False) == pytest.approx([1 - entropy])


def test_binned_information_is_that_of_the_histogram(rng):
    latent = rng.standard_normal(200)
    ratings, predictions = six_levels(latent), latent[:, None] + rng.standard_normal((200, 3))
    scores = information.binned_mi(predictions, ratings)
    assert scores.shape == (3,)
    rated, cut = information.merge_ratings(ratings), information.cut_equally(predictions[:, 1])
    counts = information.joint_histogram(cut, rated)
    assert counts.sum() == 200
    plug_in = information.discrete_mi(counts, False)
    assert scores[1] == pytest.approx(plug_in - 4 / (2 * 200 * np.log(2)))
    assert information.binned_mi(predictions[:, 1], ratings).shape == ()


def test_every_model_can_have_its_own_ratings(rng):
    predictions, ratings = rng.standard_normal((100, 5)), rng.integers(1, 7, (100, 5))
    together = information.binned_mi(predictions, ratings)
    one_by_one = [information.binned_mi(predictions[:, k], ratings[:, k]) for k in range(5)]
    np.testing.assert_allclose(together, one_by_one, atol=1e-14)
    shuffled = information.binned_mi(predictions[:, 0], ratings)
    assert shuffled[0] == pytest.approx(together[0])
    assert shuffled.shape == (5,)


def test_binned_information_of_noise_averages_zero(rng):
    scores = information.binned_mi(rng.standard_normal((200, 2000)), six_levels(rng.standard_normal(200)))
    assert scores.mean() == pytest.approx(0, abs=4 * scores.std() / np.sqrt(2000) + 5e-4)
    assert scores.min() < 0


def test_bad_input_of_binned_information(rng):
    predictions, ratings = rng.standard_normal((60, 2)), np.tile([1, 2, 3, 4, 5, 6], 10)
    wrong = ratings.copy()
    wrong[17] = 7
    with pytest.raises(ValueError, match=r"integers 1\.\.6; row 17 has 7"):
        information.binned_mi(predictions, wrong)
    with pytest.raises(ValueError, match=r"column 0 use 2 of the 3 levels .*one-sided"):
        information.binned_mi(predictions, 5 + ratings % 2)
    with pytest.raises(ValueError, match="column 1 has too many ties"):
        information.binned_mi(np.column_stack([predictions[:, 0], ratings == 1]), ratings)
    with pytest.raises(ValueError, match="column 1 is constant"):
        information.binned_mi(predictions * [1, 0], ratings)
    with pytest.raises(ValueError, match="predictions has 60, ratings has 59"):
        information.binned_mi(predictions, ratings[:59])
    with pytest.raises(ValueError, match="6 trials are too few"):
        information.binned_mi(predictions[:6], ratings[:6])
    with pytest.raises(ValueError, match=r"ratings\[3\] is nan"):
        information.binned_mi(predictions, np.where(np.arange(60) == 3, np.nan, ratings))


# ------------------------------------------------------------------------------------------------ nulls


def test_permutations_keep_the_ratings_and_follow_the_seed():
    ratings = np.arange(50) % 6
    shuffled = information.permutations(ratings, 20, rng=3)
    assert (np.sort(shuffled, axis=0) == np.sort(ratings)[:, None]).all()
    np.testing.assert_array_equal(shuffled, information.permutations(ratings, 20, rng=3))
    assert (shuffled != information.permutations(ratings, 20, rng=4)).any()


def test_p_values_are_never_zero_and_agree_with_the_threshold(rng):
    maximum = information.MaxStatistic(np.linspace(0, 2, 400).reshape(20, 20), rng.random(99))
    assert maximum.p.min() == 1 / 100
    assert maximum.p.shape == (20, 20)
    for alpha in (0.01, 0.05, 0.5):
        np.testing.assert_array_equal(maximum.significant(alpha), maximum.p <= alpha)
    with pytest.raises(ValueError, match="use at least 199"):
        maximum.threshold(0.005)


def test_max_statistic_controls_the_family_wise_error_of_any_map(rng):
    def false_alarm():
        predictions, ratings = rng.standard_normal((60, 10)), rng.integers(1, 7, 60)
        shuffled = information.permutations(ratings, 39, rng)
        statistic = lambda rated: np.abs(rated @ predictions)  # noqa: E731
        return information.max_statistic(statistic, ratings - 3.5, shuffled - 3.5).significant().any()

    alarms = sum(false_alarm() for _ in range(400))
    assert binomtest(alarms, 400, 0.05).pvalue > 0.001


def test_binned_information_of_drifting_noise_needs_circular_shifts(rng):
    """Two unrelated slow drifts: permutations call them related far too often, circular shifts do not."""

    def drift():
        return np.convolve(rng.standard_normal(480), np.ones(60), "valid")[:421]

    def false_alarm(null):
        ratings, prediction = six_levels(drift() / 8), drift()
        statistic = lambda rated: information.binned_mi(prediction, rated)  # noqa: E731
        return information.max_statistic(statistic, ratings, null(ratings)).significant().any()

    def tries(null):
        return [false_alarm(null) for _ in range(40)]

    assert np.mean(tries(lambda ratings: information.permutations(ratings, 19, rng))) > 0.5
    assert np.mean(tries(lambda ratings: statistics.circular_shifts(ratings, 19, rng=rng))) < 0.25
