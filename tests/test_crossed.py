"""Intervals over observers and identities that are crossed: closed forms, statsmodels, and coverage."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.regression.mixed_linear_model import MixedLM
from statsmodels.stats.multitest import multipletests

from kit.analysis import statistics
from kit.analysis.crossed import _satterthwaite
from kit.analysis.statistics import (
    crossed_bootstrap,
    crossed_interval,
    crossed_jackknife,
    holm,
    over_a_further_factor,
)
from kit.study import calibration


def crossed(n_o, n_i, deviations, rng, *trailing):
    own, identity, both = deviations
    shapes = (n_o, 1, *trailing), (1, n_i, *trailing), (n_o, n_i, *trailing)
    return sum(d * rng.standard_normal(s) for d, s in zip((own, identity, both), shapes, strict=True))


def test_the_error_is_that_of_a_mixed_model():
    """Where all variance components are above 0, restricted maximum likelihood gives the same standard error."""
    values = crossed(9, 8, (1.0, 1.0, 0.5), np.random.default_rng(0))
    table = pd.DataFrame([(o, i, values[o, i]) for o in range(9) for i in range(8)], columns=["o", "i", "y"])
    parts = {"o": "0 + C(o)", "i": "0 + C(i)"}
    fitted = MixedLM.from_formula("y ~ 1", table, groups=np.zeros(72), re_formula="0", vc_formula=parts).fit(reml=True)
    assert crossed_interval(values).error == pytest.approx(float(fitted.bse["Intercept"]), rel=1e-3)


@pytest.mark.parametrize("shape", [(1, 9), (9, 1)], ids=["one observer", "one identity"])
def test_one_row_or_column_is_a_t_interval(shape):
    values = np.random.default_rng(1).standard_normal(9)
    found = crossed_interval(values.reshape(shape))
    low, high = stats.t.interval(0.95, 8, values.mean(), stats.sem(values))
    assert (found.low, found.high, found.df) == (pytest.approx(low), pytest.approx(high), 8)
    assert found.p == pytest.approx(stats.ttest_1samp(values, 0).pvalue)


def test_p_is_below_five_per_cent_exactly_where_zero_lies_outside():
    values = crossed(14, 4, (1.0, 0.7, 1.0), np.random.default_rng(2), 4000) + 0.6
    found = crossed_interval(values)
    outside = (found.low > 0) | (found.high < 0)
    assert np.array_equal(found.p < 0.05, outside) and 0.1 < outside.mean() < 0.9


def test_more_observers_cannot_make_up_for_few_identities():
    values = crossed(2000, 4, (0.1, 1.0, 0.1), np.random.default_rng(3), 50)
    found = crossed_interval(values)
    assert np.median(found.error) == pytest.approx(0.5, rel=0.2) and np.median(found.df) < 4


def test_scale_and_shift_pass_through():
    values = crossed(6, 5, (1.0, 0.5, 1.0), np.random.default_rng(4))
    one, other = crossed_interval(values), crossed_interval(3 - 2 * values)
    assert (other.low, other.high) == (pytest.approx(3 - 2 * one.high), pytest.approx(3 - 2 * one.low))
    assert crossed_interval(values.T).error == pytest.approx(one.error), "observers and identities are treated alike"


def test_what_does_not_vary_is_certain():
    same = crossed_interval(np.full((5, 4), 0.3))
    assert same.low == same.high == pytest.approx(0.3) and same.p == 0
    assert crossed_interval(np.zeros((5, 4))).p == 1


def test_bad_tables_are_refused():
    with pytest.raises(ValueError, match="one observer with one identity has no interval"):
        crossed_interval(np.ones((1, 1, 3)))
    with pytest.raises(ValueError, match=r"expected \(n_observers, n_identities, ...\)"):
        crossed_bootstrap(np.ones(5))
    for nobody in ((0, 4), (4, 0)):
        with pytest.raises(ValueError, match=r"expected \(n_observers, n_identities, ...\)"):
            crossed_interval(np.ones(nobody))
    with pytest.raises(ValueError, match=r"values\[2, 1\] is nan"):
        crossed_interval(np.where(np.arange(12).reshape(4, 3) == 7, np.nan, 1.0))


# ---- coverage: 1,000 experiments here, more mixtures of variances in `selfcheck`


@pytest.fixture(scope="module")
def covered():
    return calibration.coverage(1000)


def test_intervals_hold_the_truth_as_often_as_they_say(covered):
    normal = covered[covered["effects"] == "normal"]
    usual = normal[normal["realistic"]]
    assert usual["crossed"].between(0.93, 0.97).all(), usual
    assert usual["bootstrap"].between(0.93, 0.99).all(), usual
    assert normal["crossed"].between(0.93, 0.995).all(), "extremes: never too sure, and too careful at worst"


def test_identities_that_are_taken_for_nested_make_intervals_too_sure(covered):
    usual = covered[covered["realistic"] & (covered["effects"] == "normal")].set_index("case")
    assert usual.loc["shape", "nested"] < 0.75 and usual.loc["shape minus pixels", "nested"] < 0.75


def test_two_identities_are_enough_to_be_honest():
    normal = calibration.coverage(400, observers=8, identities=2).query("effects == 'normal'")
    assert normal["crossed"].min() > 0.92


def test_slopes_over_observers_allow_for_identities():
    found = calibration.slope_coverage(1000).set_index("case")
    assert found["crossed"].between(0.93, 0.98).all()
    assert found.loc["observers alike", "regression"] < 0.85


# ---- bootstrap and jackknife


def test_bootstrap_draws_the_same_identities_for_everybody():
    """Identities differ, observers do not: each sample is off for all observers alike."""
    identity = np.array([-1.0, 0.0, 0.5, 0.5])
    values = np.tile(identity, (50, 1))
    samples = crossed_bootstrap(values, 4000, rng=0)
    low, high = np.percentile(samples, [2.5, 97.5])
    assert high - low == pytest.approx(2 * stats.t.ppf(0.975, 3) * identity.std(ddof=1) / 2, rel=0.1)
    assert samples.mean() == pytest.approx(0, abs=0.05)


def test_bootstrap_pairs_columns():
    values = np.random.default_rng(5).standard_normal((6, 4))
    samples = crossed_bootstrap(np.stack([values, values + 0.01], axis=-1), 300, rng=0)
    np.testing.assert_allclose(samples[:, 1] - samples[:, 0], 0.01)
    np.testing.assert_allclose(samples[:, 0], crossed_bootstrap(values, 300, rng=0))


@pytest.mark.parametrize("shape", [(14, 4), (1, 5), (6, 1)], ids=str)
def test_jackknife_of_a_mean_is_its_interval(shape):
    values = np.random.default_rng(6).standard_normal(shape)
    found = crossed_jackknife(lambda o, i: values[np.ix_(o, i)].mean(), *shape)
    for name, value in vars(crossed_interval(values)).items():
        assert getattr(found, name) == pytest.approx(value, rel=1e-9), name


def test_jackknife_keeps_the_statistic_as_its_middle():
    values = np.random.default_rng(7).standard_normal((8, 4)) + 2
    found = crossed_jackknife(lambda o, i: np.log(values[np.ix_(o, i)].mean()), 8, 4)
    assert found.mean == pytest.approx(np.log(values.mean()))
    by_delta = crossed_interval(values).error / values.mean()
    assert found.error == pytest.approx(by_delta, rel=0.1)


# ---- many tests


@pytest.mark.parametrize("n", [2, 3, 6])
def test_where_only_a_further_factor_differs_its_interval_is_students(n):
    """Nothing differs between observers and identities: what is left are n values, and their mean."""
    values = np.random.default_rng(n).normal(size=n)
    still = crossed_interval(np.full((5, 4), values.mean()))
    found = over_a_further_factor(still, np.array([np.delete(values, k).mean() for k in range(n)]))
    students = stats.ttest_1samp(values, 0)
    low, high = students.confidence_interval(0.95)
    assert (found.mean, found.low, found.high) == pytest.approx((values.mean(), low, high))
    assert (found.error, found.df, found.p) == pytest.approx((stats.sem(values), n - 1, students.pvalue))


def test_holm_is_that_of_statsmodels():
    p = np.random.default_rng(8).uniform(size=(3, 7)) ** 3
    np.testing.assert_allclose(holm(p).ravel(), multipletests(p.ravel(), method="holm")[1])
    np.testing.assert_allclose(holm([0.01, np.nan, 0.04]), [0.02, np.nan, 0.04])
    assert holm([]).shape == (0,)
    with pytest.raises(ValueError, match="between 0 and 1; one is 1.2"):
        holm([0.1, 1.2])


def test_all_are_found_among_the_statistics():
    assert {"crossed_interval", "crossed_bootstrap", "crossed_jackknife", "holm", "Interval"} <= set(statistics.__all__)


# ---- degrees of freedom


def mean_squares(values):
    """Of observers, identities and their interaction (Searle et al. 1992)."""
    n_o, n_i = values.shape
    observers = n_i * values.mean(axis=1).var(ddof=1)
    identities = n_o * values.mean(axis=0).var(ddof=1)
    left = values - values.mean(axis=1, keepdims=True) - values.mean(axis=0) + values.mean()
    return observers, identities, np.square(left).sum() / ((n_o - 1) * (n_i - 1))


def interaction_only(n_o, n_i, rng):
    """A table without differences of observers or identities."""
    values = rng.standard_normal((n_o, n_i))
    return values - values.mean(axis=1, keepdims=True) - values.mean(axis=0) + values.mean()


def test_both_that_differ_share_their_degrees_of_freedom():
    rng = np.random.default_rng(11)
    values = interaction_only(12, 9, rng) + 2 * rng.standard_normal((12, 1)) + 2.5 * rng.standard_normal((1, 9))
    o, i, both = mean_squares(values)
    total = o + i - both
    found = crossed_interval(values)
    assert found.error == pytest.approx(np.sqrt(total / (12 * 9)))
    assert found.df == pytest.approx(total**2 / (o**2 / 11 + i**2 / 8 + both**2 / 88))
    half = stats.t.ppf(0.975, found.df) * found.error
    assert (found.high - found.low) / 2 == pytest.approx(half)
    assert found.p == pytest.approx(2 * stats.t.sf(abs(values.mean()) / found.error, found.df))


def test_components_below_zero_leave_the_degrees_of_freedom_of_what_differs():
    rng = np.random.default_rng(12)
    noise = interaction_only(8, 40, rng)
    assert crossed_interval(noise).df == pytest.approx(7 * 39)
    variance, df = _satterthwaite(*(np.array(v) for v in (3.0, 0.5, 1.0)), 8, 40)
    assert variance == pytest.approx(3.0 / 320) and df == pytest.approx(7), "observers differ alone"
    variance, df = _satterthwaite(*(np.array(v) for v in (0.5, 3.0, 1.0)), 8, 40)
    assert variance == pytest.approx(3.0 / 320) and df == pytest.approx(39), "identities differ alone"
    variance, df = _satterthwaite(*(np.array(v) for v in (0.5, 0.5, 1.0)), 8, 40)
    assert variance == pytest.approx(1.0 / 320) and df == pytest.approx(7 * 39)
    assert _satterthwaite(*(np.array(0.0),) * 3, 8, 40)[1] == 1, "no spread at all"
