"""RDMs, their comparison and CKA against rsatoolbox, scipy, closed forms and planted truths."""

import numpy as np
import pytest
from rsatoolbox.data import Dataset
from rsatoolbox.inference import boot_noise_ceiling, eval_bootstrap_pattern
from rsatoolbox.model import ModelFixed
from rsatoolbox.rdm import calc_rdm
from rsatoolbox.rdm import compare as rsatoolbox_compare
from scipy.spatial.distance import pdist, squareform
from scipy.stats import pearsonr
from threadpoolctl import threadpool_info, threadpool_limits

from kit.analysis import rsa
from kit.analysis.cka import cka

METHODS = {"pearson": "corr", "spearman": "spearman", "tau-a": "tau-a", "cosine": "cosine", "whitened": "cosine_cov"}


def noisy_rdms(n_rdms, noise=1.0, n_stimuli=15, n_features=12, seed=0, metric="correlation"):
    """RDMs of systems that share a geometry."""
    truth = np.random.default_rng(99).standard_normal((n_stimuli, n_features))
    rng = np.random.default_rng(seed)
    return np.stack([rsa.rdm(truth + noise * rng.standard_normal(truth.shape), metric) for _ in range(n_rdms)])


def spelled_out(rdm, sample):
    """Square RDM of a resample, a row for every draw of a stimulus, and which pairs are of different ones."""
    different = sample[:, None] != sample
    return squareform(rdm)[np.ix_(sample, sample)], np.triu(different, 1)


# --- making RDMs


@pytest.mark.parametrize("metric", ["correlation", "euclidean", "cosine"])
def test_rdm_equals_scipys(metric):
    patterns = np.random.default_rng(0).standard_normal((30, 50)) + 3
    np.testing.assert_allclose(rsa.rdm(patterns, metric), pdist(patterns, metric), atol=1e-13)


def test_rdm_equals_rsatoolboxs():
    patterns = np.random.default_rng(0).standard_normal((30, 50))
    for metric, ours in (("correlation", rsa.rdm(patterns)), ("euclidean", rsa.rdm(patterns, "euclidean") ** 2 / 50)):
        np.testing.assert_allclose(ours, calc_rdm(Dataset(patterns), method=metric).dissimilarities[0], atol=1e-12)


def test_near_duplicates_keep_their_distance():
    """In single precision, or by |x|^2 + |y|^2 - 2 x.y, this distance drowns in rounding errors."""
    patterns = np.random.default_rng(0).standard_normal((3, 500)).astype(np.float32) + np.float32(10)
    patterns[1] = patterns[0]
    patterns[1, 7] = np.nextafter(patterns[0, 7], np.float32(100))
    step = float(patterns[1, 7]) - float(patterns[0, 7])
    gram = patterns @ patterns.T
    assert abs(np.sqrt(abs(gram[0, 0] + gram[1, 1] - 2 * gram[0, 1])) - step) > 0.5 * step
    assert rsa.rdm(patterns, "euclidean")[0] == pytest.approx(step, rel=1e-12)
    assert rsa.rdm(patterns).dtype == np.float64


def test_a_pattern_without_a_correlation_is_named():
    patterns = np.random.default_rng(0).standard_normal((6, 10))
    patterns[4] = 0.1
    with pytest.raises(ValueError, match=r"patterns: row 4 is constant \(1 such rows\).*correlation undefined"):
        rsa.rdm(patterns)
    assert np.isfinite(rsa.rdm(patterns, "cosine")).all()
    patterns[2] = 0
    with pytest.raises(ValueError, match="patterns: row 2 is all zero.*cosine undefined: leave it out"):
        rsa.rdm(patterns, "cosine")
    assert np.isfinite(rsa.rdm(patterns, "euclidean")).all()
    with pytest.raises(ValueError, match=r"patterns\[1, 3\] is nan"):
        rsa.rdm(np.where(np.arange(60).reshape(6, 10) == 13, np.nan, patterns))
    with pytest.raises(ValueError, match=r"shape \(10,\): expected \(n_stimuli >= 2, n_features\)"):
        rsa.rdm(patterns[0])
    for nothing in (patterns[:, :0], patterns[:1]):
        with pytest.raises(ValueError, match=r"expected \(n_stimuli >= 2, n_features\)"):
            rsa.rdm(nothing)
    with pytest.raises(ValueError, match="unknown metric 'manhattan': choose from correlation, euclidean, cosine"):
        rsa.rdm(patterns, "manhattan")


@pytest.mark.filterwarnings("ignore:invalid value encountered in cast")
@pytest.mark.parametrize("n_runs", [2, 5], ids="{} runs".format)
def test_crossnobis_equals_rsatoolboxs(n_runs):
    rng = np.random.default_rng(n_runs)
    patterns, factor = rng.standard_normal((n_runs, 6, 8)), rng.standard_normal((8, 20))
    precision = np.linalg.inv(factor @ factor.T)
    stimuli, runs = np.tile(np.arange(6), n_runs), np.repeat(np.arange(n_runs), 6)
    data = Dataset(patterns.reshape(-1, 8), obs_descriptors={"stimulus": stimuli, "run": runs})
    for noise in (None, precision):
        theirs = calc_rdm(data, method="crossnobis", descriptor="stimulus", cv_descriptor="run", noise=noise)
        np.testing.assert_allclose(rsa.crossnobis(patterns, noise), theirs.dissimilarities[0], atol=1e-12)


def test_crossnobis_is_unbiased_and_not_clipped():
    rng = np.random.default_rng(0)
    truth = np.zeros((3, 50))
    truth[2] = 1.0
    distances = np.stack([rsa.crossnobis(truth + rng.standard_normal((4, 3, 50))) for _ in range(400)])
    error = distances.std(axis=0) / 20
    assert np.all(np.abs(distances.mean(axis=0) - [0, 1, 1]) < 4 * error)
    assert 0.4 < np.mean(distances[:, 0] < 0) < 0.7
    with pytest.raises(ValueError, match="without a second run nothing can be cross-validated"):
        rsa.crossnobis(truth)
    with pytest.raises(ValueError, match=r"precision has shape \(3, 3\): expected \(50, 50\)"):
        rsa.crossnobis(np.stack([truth, truth]), np.eye(3))


# --- comparing RDMs


@pytest.mark.parametrize("method", METHODS)
def test_comparison_equals_rsatoolboxs(method):
    models, subjects = noisy_rdms(3, seed=1), noisy_rdms(4, seed=2)
    models[1] = np.round(models[1], 1)  # ties
    models[2] = pdist(np.arange(15)[:, None] % 2)
    expected = rsatoolbox_compare(
        rsa.to_rsatoolbox(models, "correlation"), rsa.to_rsatoolbox(subjects, "correlation"), METHODS[method]
    )
    np.testing.assert_allclose(rsa.compare(models, subjects, method), expected, atol=1e-12)
    assert rsa.compare(models[1], subjects[2], method) == pytest.approx(expected[1, 2], abs=1e-12)


def test_whitened_comparison_of_squared_distances_is_linear_cka():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((20, 6))
    y = x[:, :4] + rng.standard_normal((20, 4))
    whitened = rsa.compare(rsa.rdm(x, "euclidean") ** 2, rsa.rdm(y, "euclidean") ** 2, "whitened")
    assert whitened == pytest.approx(cka(x, y, debiased=False), abs=1e-12)


@pytest.mark.parametrize("method", sorted(METHODS.keys() - {"whitened"}))
@pytest.mark.filterwarnings("ignore:Noise ceiling for tau")
def test_noise_ceiling_equals_rsatoolboxs(method):
    subjects = noisy_rdms(6)
    ceiling = rsa.noise_ceiling(subjects, method)
    expected = boot_noise_ceiling(rsa.to_rsatoolbox(subjects, "correlation"), METHODS[method])
    np.testing.assert_allclose([ceiling.lower.mean(), ceiling.upper.mean()], expected, atol=1e-12)


@pytest.mark.parametrize("method", METHODS)
def test_noise_ceiling_brackets_the_true_model(method):
    subjects = noisy_rdms(8, noise=0.7, n_stimuli=40)
    truth = noisy_rdms(500, noise=0.7, n_stimuli=40, seed=7).mean(axis=0)  # noise moves the distances, too
    ceiling, score = rsa.noise_ceiling(subjects, method), rsa.compare(truth, subjects, method).mean()
    assert ceiling.lower.mean() < score < ceiling.upper.mean()
    contenders = np.concatenate([subjects, noisy_rdms(20, noise=0.3, n_stimuli=40, seed=3)])
    assert rsa.compare(contenders, subjects, method).mean(axis=1).max() < ceiling.upper.mean()


def test_a_ceiling_needs_subjects_who_share_something():
    subjects = noisy_rdms(2)
    with pytest.raises(ValueError, match="at least 2 subjects"):
        rsa.noise_ceiling(subjects[:1])
    with pytest.raises(ValueError, match="cancel out when pooled"):
        rsa.noise_ceiling(np.stack([subjects[0], -subjects[0]]))


def test_bad_rdms_are_explained():
    rdms = noisy_rdms(3)
    with pytest.raises(ValueError, match="subjects: row 1 is constant"):
        rsa.compare(rdms, np.where([[False], [True], [False]], 0.3, rdms))
    with pytest.raises(ValueError, match="models: row 0 is constant"):
        rsa.compare(np.ones(105), rdms, "tau-a")
    with pytest.raises(ValueError, match="models have 3 pairs and subjects 105: make both RDMs from the same stimuli"):
        rsa.compare(rdms[:, [0, 1, 14]], rdms)
    with pytest.raises(ValueError, match="104 pairs, which is not n"):
        rsa.compare(rdms[:, 1:], rdms[:, 1:])
    with pytest.raises(ValueError, match=r"shape \(15, 15\), which looks like square matrices.*squareform"):
        rsa.compare(squareform(rdms[0]), rdms)
    with pytest.raises(ValueError, match=r"subjects\[0, 2\] is inf"):
        rsa.compare(rdms, np.where(np.arange(105) == 2, np.inf, rdms))
    with pytest.raises(ValueError, match="unknown method 'kendall': choose from pearson"):
        rsa.compare(rdms, rdms, "kendall")
    with pytest.raises(ValueError, match="subjects hold no RDM"):
        rsa.compare(rdms, rdms[:0])


def test_negative_scores_and_distances_are_not_clipped():
    rdm = noisy_rdms(1)[0] - 0.9
    assert rdm.min() < 0
    for method in METHODS:
        assert rsa.compare(rdm, -rdm, method) == pytest.approx(-1)


def test_exchange_with_rsatoolbox():
    rdms, names = noisy_rdms(3), [f"face {k}" for k in range(15)]
    theirs = rsa.to_rsatoolbox(rdms, "correlation", {"name": names})
    assert theirs.n_cond == 15 and theirs.n_rdm == 3 and theirs.dissimilarity_measure == "correlation"
    np.testing.assert_array_equal(theirs.get_matrices()[1], squareform(rdms[1]))
    np.testing.assert_array_equal(rsa.from_rsatoolbox(theirs), rdms)
    half = theirs.subset_pattern("name", names[3:])
    np.testing.assert_array_equal(rsa.from_rsatoolbox(half), rsa.select_stimuli(rdms, np.arange(15) > 2))
    with pytest.raises(ValueError, match=r"rdms\[0, \d+\] is nan"):
        rsa.from_rsatoolbox(theirs.subsample_pattern("index", [0, 1, 1, 2]))


def test_patterns_of_rsatoolbox_are_put_in_order_by_their_names():
    patterns, names = np.random.default_rng(0).normal(size=(6, 20)), ["f", "b", "e", "a", "d", "c"]
    theirs = calc_rdm(Dataset(patterns, obs_descriptors={"face": names}), method="euclidean", descriptor="face")
    ours = rsa.rdm(patterns, "euclidean") ** 2 / 20
    assert not np.allclose(rsa.from_rsatoolbox(theirs)[0], ours), "rsatoolbox sorted the patterns"
    np.testing.assert_allclose(rsa.from_rsatoolbox(theirs, {"face": names})[0], ours)
    some = rsa.select_stimuli(ours, np.arange(6) != 2)
    np.testing.assert_allclose(rsa.from_rsatoolbox(theirs, {"face": names[:2] + names[3:]})[0], some)
    with pytest.raises(ValueError, match="one of them is there twice"):
        rsa.from_rsatoolbox(theirs, {"face": [names[0], *names]})


def test_names_that_are_not_those_of_rsatoolbox_are_told():
    names = [f"face {k}" for k in range(15)]
    theirs = rsa.to_rsatoolbox(noisy_rdms(1), "correlation", {"name": names})
    with pytest.raises(ValueError, match="no pattern descriptor 'face'; there are name"):
        rsa.from_rsatoolbox(theirs, {"face": names})
    with pytest.raises(ValueError, match="the pattern Eve is there nowhere"):
        rsa.from_rsatoolbox(theirs, {"name": ["Eve", *names[1:]]})
    twice = rsa.to_rsatoolbox(noisy_rdms(1), "correlation", {"name": [names[1], *names[1:]]})
    with pytest.raises(ValueError, match="the pattern face 1 is there 2 times"):
        rsa.from_rsatoolbox(twice, {"name": names[1:]})


# --- resampling stimuli


def test_bootstrap_equals_rsatoolboxs_in_every_sample():
    models, subjects = noisy_rdms(3, seed=1), noisy_rdms(4, seed=2)
    fixed = [ModelFixed(str(k), rsa.to_rsatoolbox(model, "correlation")) for k, model in enumerate(models)]
    np.random.seed(5)
    drawn = [np.bincount(np.random.randint(0, 15, size=15), minlength=15) for _ in range(40)]
    for method in ("pearson", "cosine"):
        np.random.seed(5)
        data = rsa.to_rsatoolbox(subjects, "correlation")
        theirs = eval_bootstrap_pattern(fixed, data, method=METHODS[method], N=40)
        ours = rsa.bootstrap(models, subjects, np.stack(drawn), method)
        np.testing.assert_allclose(ours.scores, theirs.evaluations, atol=1e-12)
        np.testing.assert_allclose(ours.ceiling, theirs.noise_ceiling, atol=1e-12)


def test_pairs_of_a_stimulus_with_its_copy_would_inflate_every_score():
    truth = np.random.default_rng(0).standard_normal((40, 30))
    noise = np.random.default_rng(1).standard_normal((2, 40, 30))
    model, subject = (rsa.rdm(truth + 1.2 * one) for one in noise)
    draws = rsa.draw_stimuli(40, 200, rng=2)
    kept, dropped = [], []
    for counts in draws:
        sample = np.repeat(np.arange(40), counts)
        (x, different), (y, _) = spelled_out(model, sample), spelled_out(subject, sample)
        upper = np.triu_indices(len(sample), 1)
        kept.append(pearsonr(x[upper], y[upper])[0])
        dropped.append(pearsonr(x[different], y[different])[0])
    ours = rsa.bootstrap(model, subject, draws)
    np.testing.assert_allclose(ours.scores[:, 0], dropped, atol=1e-12)
    assert ours.scores.mean() == pytest.approx(rsa.compare(model, subject), abs=0.02)
    assert np.mean(kept) > rsa.compare(model, subject) + 0.3
    assert ours.ceiling is None


def test_bootstrap_of_the_stimuli_as_they_are_is_the_comparison():
    models, subjects = noisy_rdms(2, seed=1), noisy_rdms(5, seed=2)
    for method in ("pearson", "cosine"):
        ours, ceiling = rsa.bootstrap(models, subjects, np.ones((1, 15)), method), rsa.noise_ceiling(subjects, method)
        np.testing.assert_allclose(ours.scores[0], rsa.compare(models, subjects, method).mean(axis=1), rtol=1e-12)
        np.testing.assert_allclose([b[0] for b in ours.ceiling], [b.mean() for b in ceiling], rtol=1e-12)


def test_bootstrap_finds_the_better_model():
    subjects = noisy_rdms(6, n_stimuli=30, seed=1)
    models = np.concatenate([noisy_rdms(1, noise=0.2, n_stimuli=30), noisy_rdms(1, noise=2, n_stimuli=30)])
    scores, ceiling = rsa.bootstrap(models, subjects, rsa.draw_stimuli(30, 500))
    assert np.mean(scores[:, 0] > scores[:, 1]) > 0.99
    assert np.all(scores[:, 0] < ceiling.upper)


def test_bootstrap_spread_is_the_standard_error_over_new_stimuli():
    """Two systems see 30 new stimuli 300 times; the spread of their r is what one bootstrap should say."""
    rng = np.random.default_rng(0)

    def two_systems():
        truth = rng.standard_normal((30, 20))
        return [rsa.rdm(truth + rng.standard_normal(truth.shape)) for _ in range(2)]

    real = np.std([rsa.compare(*two_systems()) for _ in range(300)])
    said = [rsa.bootstrap(*two_systems(), rsa.draw_stimuli(30, 100, rng)).scores.std() for _ in range(30)]
    assert 0.9 < np.mean(said) / real < 1.6  # never too sure of itself


def test_draws_are_reproducible_and_hold_enough_stimuli():
    draws = rsa.draw_stimuli(4, 3000, rng=1)
    np.testing.assert_array_equal(draws, rsa.draw_stimuli(4, 3000, rng=1))
    np.testing.assert_array_equal(draws.sum(axis=1), 4)
    assert (draws > 0).sum(axis=1).min() == 3
    np.testing.assert_allclose(draws.mean(axis=0), 1, atol=0.06)
    with pytest.raises(ValueError, match="2 stimuli cannot be resampled"):
        rsa.draw_stimuli(2)


def test_bad_draws_are_explained():
    rdms, draws = noisy_rdms(3), rsa.draw_stimuli(15, 5)
    with pytest.raises(ValueError, match=r"draws of shape \(5, 14\) are not counts of 15 stimuli"):
        rsa.bootstrap(rdms, rdms, draws[:, 1:])
    with pytest.raises(ValueError, match="are not counts"):
        rsa.bootstrap(rdms, rdms, draws - 1)
    with pytest.raises(ValueError, match="unknown method 'spearman': choose from pearson, cosine"):
        rsa.bootstrap(rdms, rdms, draws, "spearman")
    draws[3] = 0
    draws[3, :2] = 7
    with pytest.raises(ValueError, match="sample 3 holds fewer than 3 different stimuli"):
        rsa.bootstrap(rdms, rdms, draws)
    draws[3] = np.arange(15) < 5
    same = pdist((np.arange(15) < 8)[:, None], "hamming")
    with pytest.raises(ValueError, match="models: row 1 is constant on the stimuli of sample 3"):
        rsa.bootstrap(np.stack([rdms[0], same]), rdms, draws)
    with pytest.raises(ValueError, match="subjects: row 0 is constant on the stimuli of sample 3"):
        rsa.bootstrap(rdms, same, draws)


def test_bootstrap_keeps_to_one_thread(monkeypatch):
    seen = []

    def spy(*arguments, original=rsa._weighted_gram, **named):
        seen.extend(pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas")
        return original(*arguments, **named)

    monkeypatch.setattr(rsa, "_weighted_gram", spy)
    rsa.bootstrap(noisy_rdms(2), noisy_rdms(3), rsa.draw_stimuli(15, 5))
    assert seen and set(seen) == {1}


# --- within categories


def test_a_shared_category_is_told_from_a_shared_geometry():
    """Two systems agree on sex and on nothing else: similar over all pairs, unrelated within each sex."""
    rng = np.random.default_rng(0)
    sex = np.repeat(["female", "male"], 60)
    offset = np.where(sex == "male", 0.8, -0.8)[:, None]
    x, y = (rsa.rdm(rng.standard_normal((120, 40)) + offset * rng.choice([-1, 1], 40)) for _ in range(2))
    scores = rsa.compare_within(x, y, sex)
    assert scores.overall.shape == (1, 1) and scores.within.shape == (2, 1, 1)
    assert scores.overall[0, 0] > 0.5
    assert scores.categories_alone[0] > 0.5
    assert np.abs(scores.within).max() < 0.12
    female = sex == "female"
    within = rsa.compare(rsa.select_stimuli(x, female), rsa.select_stimuli(y, female))
    assert scores.within[0, 0, 0] == within
    assert within == pytest.approx(pearsonr(*(squareform(r)[:60, :60][np.triu_indices(60, 1)] for r in (x, y)))[0])


@pytest.mark.parametrize("method", METHODS)
def test_a_model_of_categories_has_no_score_within_them_and_the_others_keep_theirs(method):
    sex = np.repeat([0, 1], [8, 7])
    rdms, subjects = noisy_rdms(2), noisy_rdms(3, seed=5)
    category = pdist(sex[:, None], "hamming")
    with pytest.warns(UserWarning, match=r"rows \[1\] do not vary within 0") as told:
        scores = rsa.compare_within(np.stack([rdms[0], category, rdms[1]]), subjects, sex, method)
    assert len(told) == 2 and np.isnan(scores.within[:, 1]).all()
    alone = rsa.compare_within(rdms, subjects, sex, method)
    np.testing.assert_array_equal(scores.within[:, [0, 2]], alone.within)
    np.testing.assert_allclose(scores.overall[1], scores.categories_alone)
    with pytest.warns(UserWarning):
        assert np.isnan(rsa.compare_within(category, subjects, sex, method).within).all()


def test_categories_are_checked():
    rdms = noisy_rdms(2)
    with pytest.raises(ValueError, match=r"categories have shape \(14,\), but the RDMs are of 15 stimuli"):
        rsa.compare_within(rdms, rdms, np.zeros(14))
    with pytest.raises(ValueError, match="'f': 13, 'm': 2.*merge the small ones"):
        rsa.compare_within(rdms, rdms, np.array(["f"] * 13 + ["m"] * 2))
    with pytest.raises(ValueError, match="at least 2 categories"):
        rsa.compare_within(rdms, rdms, np.zeros(15))
    with pytest.raises(ValueError, match="one True or False for each of the 15 stimuli"):
        rsa.select_stimuli(rdms, np.arange(15))


# --- CKA


def direct_cka(x, y):
    """The unbiased HSIC of Song et al. (2012), term by term on kernels without their diagonals."""

    def hsic(k, other):
        n, one = len(k), np.ones(len(k))
        cross = (one @ k @ one) * (one @ other @ one) / ((n - 1) * (n - 2))
        return (np.trace(k @ other) + cross - 2 / (n - 2) * (one @ k @ other @ one)) / (n * (n - 3))

    k, other = (values @ values.T for values in (x, y))
    np.fill_diagonal(k, 0)
    np.fill_diagonal(other, 0)
    return hsic(k, other) / np.sqrt(hsic(k, k) * hsic(other, other))


@pytest.mark.parametrize(("p", "q"), [(5, 8), (100, 8), (70, 200)], ids=str)
def test_cka_equals_its_definition_on_kernels(p, q):
    rng = np.random.default_rng(p)
    x = rng.standard_normal((30, p)) + 2
    y = rng.standard_normal((30, q)) + x[:, :1]
    assert cka(x, y) == pytest.approx(direct_cka(x, y), abs=1e-12)
    centre = np.eye(30) - 1 / 30
    k, other = (centre @ values @ values.T @ centre for values in (x, y))
    biased = np.sum(k * other) / np.sqrt(np.sum(k * k) * np.sum(other * other))
    assert cka(x, y, debiased=False) == pytest.approx(biased, abs=1e-12)


def test_biased_cka_of_noise_is_near_one_and_debiased_near_zero():
    rng = np.random.default_rng(0)
    pairs = [rng.standard_normal((2, 50, 500)) for _ in range(40)]
    with threadpool_limits(1):  # many small products
        biased, scores = (np.array([cka(x, y, debiased) for x, y in pairs]) for debiased in (False, True))
    assert biased.mean() == pytest.approx(0.91, abs=0.005)
    assert abs(scores.mean()) < 4 * scores.std() / np.sqrt(40) < 0.03
    assert scores.min() < 0


def test_debiased_cka_does_not_depend_on_the_number_of_stimuli():
    """Patterns of a shared and a private standard normal part: CKA is 1/2 with many features."""
    rng = np.random.default_rng(0)
    for n_stimuli in (20, 200):
        scores = []
        for _ in range(20):
            shared, x, y = rng.standard_normal((3, n_stimuli, 400))
            scores.append(cka(np.hstack([shared, x]), np.hstack([shared, y])))
        assert np.mean(scores) == pytest.approx(0.5, abs=0.03)


def test_cka_ignores_rotation_scale_shift_and_dead_units():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((25, 6))
    turned = 3.7 * x @ np.linalg.qr(rng.standard_normal((6, 6)))[0] + 5
    assert cka(x, turned) == pytest.approx(1)
    y = x + rng.standard_normal((25, 6))
    assert cka(x, np.column_stack([y, np.full(25, 1e9 / 7)])) == pytest.approx(cka(x, y), rel=1e-12)
    assert cka(x, y) == pytest.approx(cka(y, x), rel=1e-12)


def test_cka_explains_bad_input():
    x = np.random.default_rng(0).standard_normal((10, 5))
    with pytest.raises(ValueError, match="y: the patterns are all the same or all differ equally"):
        cka(x, np.full((10, 5), 0.1))
    with pytest.raises(ValueError, match="x: the patterns are all the same or all differ equally"):
        cka(np.eye(10), x)
    with pytest.raises(ValueError, match="x has 10 stimuli and y 9"):
        cka(x, x[1:])
    with pytest.raises(ValueError, match=r"n_stimuli >= 4"):
        cka(x[:3], x[:3])
    with pytest.raises(ValueError, match=r"y\[2, 1\] is nan"):
        cka(x, np.where(np.arange(50).reshape(10, 5) == 11, np.nan, x))
