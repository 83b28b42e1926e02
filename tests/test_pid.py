"""Partial information decomposition against published values, `dit` and Monte Carlo."""

import dit
import numpy as np
import pytest
from dit.pid import PID_CCS

from kit.analysis import gaussian_pid, information, pid


def atoms(decomposition):
    return np.array([decomposition.redundancy, decomposition.unique_a, decomposition.unique_b, decomposition.synergy])


def gate(rule, n_values=2):
    """Joint histogram of a deterministic target of two independent sources."""
    targets = [[rule(a, b) for b in range(n_values)] for a in range(n_values)]
    histogram = np.zeros((n_values, n_values, np.max(targets) + 1))
    for a, b in np.ndindex(n_values, n_values):
        histogram[a, b, targets[a][b]] = 1
    return histogram


def atoms_of_dit(histogram):
    cells = np.argwhere(histogram > 0)
    weights = histogram[tuple(cells.T)] / histogram.sum()
    distribution = dit.Distribution(["".join(map(str, cell)) for cell in cells], weights.tolist())
    lattice = PID_CCS(distribution, [[0], [1]], [2])
    return np.array([lattice.get_pi(node) for node in (((0,), (1,)), ((0,),), ((1,),), ((0, 1),))])


def correlation(a_b, a_s, b_s):
    return np.array([[1, a_b, a_s], [a_b, 1, b_s], [a_s, b_s, 1]])


def random_correlation(rng, noise):
    return np.corrcoef(rng.standard_normal((3, 4 + noise)))


# ---------------------------------------------------------------------------------------------- discrete


@pytest.mark.parametrize(
    ("histogram", "expected"),
    [
        (gate(lambda a, b: a & b), [0.1038, 0.2075, 0.2075, 0.2925]),
        (gate(lambda a, b: a | b), [0.1038, 0.2075, 0.2075, 0.2925]),
        (gate(lambda a, b: a ^ b), [0, 0, 0, 1]),
        (gate(lambda a, b: a), [0, 1, 0, 0]),
        (gate(lambda a, b: 2 * a + b), [0, 1, 1, 0]),
        (np.eye(2)[:, :, None] * np.eye(2)[:, None], [1, 0, 0, 0]),
        (gate(lambda a, b: a + b), [0, 0.5, 0.5, 0.5]),
    ],
    ids=["AND", "OR", "XOR", "first only", "both", "copies", "SUM"],
)
def test_published_gates(histogram, expected):
    np.testing.assert_allclose(atoms(pid.ccs_pid(histogram)), expected, atol=5e-5)


@pytest.mark.parametrize("concentration", [1.0, 0.3])
def test_random_histograms_equal_dit(concentration):
    rng = np.random.default_rng(1)
    histograms = rng.dirichlet(np.full(27, concentration), 6).reshape(-1, 3, 3, 3)
    expected = np.array([atoms_of_dit(histogram) for histogram in histograms])
    np.testing.assert_allclose(atoms(pid.ccs_pid(histograms)).T, expected, atol=1e-6)


def test_histograms_with_empty_cells_equal_dit():
    rng = np.random.default_rng(2)
    histograms = rng.multinomial(200, rng.dirichlet(np.full(27, 0.5), 6)).reshape(-1, 3, 3, 3)
    assert (histograms == 0).any(axis=(1, 2, 3)).all()
    expected = np.array([atoms_of_dit(histogram) for histogram in histograms])
    np.testing.assert_allclose(atoms(pid.ccs_pid(histograms)).T, expected, atol=1e-5)


def test_local_information_of_zero_has_no_sign():
    """A is independent of S up to rounding: nothing is shared."""
    b_and_s = np.array([[0.1, 0.4], [0.35, 0.15]])
    blind = np.array([0.3, 0.7])[:, None, None] * b_and_s
    assert pid.ccs_pid(blind).redundancy == 0
    assert pid.ccs_pid(blind * (1 + 1e-12 * np.arange(8).reshape(2, 2, 2))).redundancy == 0


def test_other_sizes_and_batch_axes():
    rng = np.random.default_rng(3)
    histograms = rng.random((2, 3, 2, 4, 3))
    batch = pid.ccs_pid(histograms)
    assert batch.redundancy.shape == (2, 3)
    np.testing.assert_allclose(atoms(pid.ccs_pid(histograms[1, 2])), atoms(batch)[:, 1, 2], atol=1e-9)


@pytest.mark.parametrize("n_trials", [30, 200])
def test_maximum_entropy_keeps_the_margins_and_gains_entropy(n_trials):
    rng = np.random.default_rng(4)
    tables = rng.multinomial(n_trials, rng.dirichlet(np.full(27, 0.5), 50)).reshape(-1, 3, 3, 3) / n_trials
    fitted = pid.maximum_entropy(tables)
    for axis in (1, 2, 3):
        np.testing.assert_allclose(fitted.sum(axis), tables.sum(axis), atol=2e-10)
    gain = pid._entropy(fitted, 3) - pid._entropy(tables, 3)
    assert gain.min() > -1e-8


def test_zeros_that_no_margin_shows_are_exact():
    """Proportional fitting alone is still 1e-5 off after 10,000 sweeps of the AND gate."""
    fitted = pid.maximum_entropy(gate(lambda a, b: a & b) / 4)
    np.testing.assert_allclose(fitted, gate(lambda a, b: a & b) / 4, atol=1e-10)


def test_atoms_add_up_and_are_not_clipped():
    rng = np.random.default_rng(5)
    histograms = rng.dirichlet(np.full(27, 0.3), 200).reshape(-1, 3, 3, 3)
    parts = pid.ccs_pid(histograms)
    mi_a = information.discrete_mi(histograms.sum(axis=2), False)
    mi_ab = information.discrete_mi(histograms.reshape(-1, 9, 3), False)
    np.testing.assert_allclose(parts.redundancy + parts.unique_a, mi_a, atol=1e-12)
    np.testing.assert_allclose(atoms(parts).sum(axis=0), mi_ab, atol=1e-12)
    assert parts.unique_a.min() < -0.01
    assert parts.redundancy.min() < -0.001


def test_swapping_the_sources_swaps_the_unique_atoms():
    histograms = np.random.default_rng(6).random((20, 3, 3, 3))
    forward, backward = pid.ccs_pid(histograms), pid.ccs_pid(histograms.swapaxes(1, 2))
    np.testing.assert_allclose(atoms(forward), atoms(backward)[[0, 2, 1, 3]], atol=1e-9)


def test_binned_pid_tells_shared_from_separate_features():
    rng = np.random.default_rng(7)
    shape, texture = rng.standard_normal((2, 5000))
    ratings = np.clip(np.round(3.5 + shape + texture), 1, 6)
    noise = 0.1 * rng.standard_normal((2, 5000))
    same = information.binned_pid(shape, shape + noise[0], ratings)
    pairs = information.binned_pid(
        np.column_stack([shape, shape]), np.column_stack([shape + noise[0], texture + noise[1]]), ratings
    )
    assert pairs.redundancy.shape == (2,)
    assert pairs.redundancy[0] == pytest.approx(float(same.redundancy))
    assert pairs.redundancy[0] > 0.2 > 0.1 > pairs.redundancy[1]
    assert pairs.unique_b[1] > pairs.unique_b[0] + 0.1
    order = rng.permutation(5000)
    again = information.binned_pid(shape[order], (shape + noise[0])[order], ratings[order])
    np.testing.assert_allclose(atoms(again), atoms(same), atol=1e-12)


def test_bad_histograms():
    rng = np.random.default_rng(11)
    with pytest.raises(ValueError, match="need the axes"):
        pid.ccs_pid(np.ones((3, 3)))
    with pytest.raises(ValueError, match="negative or nan"):
        pid.ccs_pid(np.full((2, 2, 2), -1))
    with pytest.raises(ValueError, match="histogram 1 is empty"):
        pid.ccs_pid(np.stack([np.ones((2, 2, 2)), np.zeros((2, 2, 2))]))
    with pytest.raises(ValueError, match="20 trials are too few for a histogram of 27"):
        information.binned_pid(np.arange(20), np.arange(20), np.arange(20) % 6 + 1)
    with pytest.raises(ValueError, match=r"pair up, but have \[2, 3\] columns"):
        information.binned_pid(rng.random((30, 2)), rng.random((30, 3)), np.arange(30) % 6 + 1)


# ---------------------------------------------------------------------------------------------- Gaussian


def monte_carlo(matrix, n_samples, rng):
    """I_ccs redundancy of a Gaussian from its definition, and the standard error."""
    z = rng.multivariate_normal(np.zeros(3), matrix, n_samples)

    def log_density(*axes):
        block = matrix[np.ix_(axes, axes)]
        distance = np.einsum("ni,ni->n", z[:, axes] @ np.linalg.inv(block), z[:, axes])
        return -0.5 * (distance + np.log(np.linalg.det(2 * np.pi * block)))

    d_a = log_density(0, 2) - log_density(0) - log_density(2)
    d_b = log_density(1, 2) - log_density(1) - log_density(2)
    d_ab = log_density(0, 1, 2) - log_density(0, 1) - log_density(2)
    signs = np.sign([d_a, d_b, d_ab, d_a + d_b - d_ab])
    change = np.where((signs == signs[0]).all(axis=0), d_a + d_b - d_ab, 0) / np.log(2)
    return change.mean(), change.std() / np.sqrt(n_samples)


@pytest.mark.parametrize("seed", range(6))
def test_gaussian_ccs_equals_monte_carlo(seed):
    rng = np.random.default_rng(seed)
    matrix = random_correlation(rng, noise=seed)
    expected, error = monte_carlo(matrix, 400_000, rng)
    assert gaussian_pid.gaussian_ccs(matrix).redundancy == pytest.approx(expected, abs=4 * error)


def test_gaussian_ccs_is_accurate_to_1e_5(monkeypatch):
    rng = np.random.default_rng(8)
    matrices = np.array([random_correlation(rng, noise) for noise in (0, 0, 0, 1, 1, 3)] + [correlation(0.3, 0.5, 0.5)])
    coarse = gaussian_pid.gaussian_ccs(matrices).redundancy
    finer = gaussian_pid._half_sphere(1501, 751)
    monkeypatch.setattr(gaussian_pid, "_half_sphere", lambda: finer)
    np.testing.assert_allclose(coarse, gaussian_pid.gaussian_ccs(matrices).redundancy, atol=8e-6)


def test_gaussian_redundancy_of_unrelated_sources():
    blind = correlation(0.5, 0.5, 0.0)
    for measure in (gaussian_pid.gaussian_ccs, gaussian_pid.gaussian_mmi):
        parts = measure(np.stack([blind, np.eye(3), np.diag([4.0, 9, 1])]))
        np.testing.assert_allclose(parts.redundancy, 0, atol=1e-12)
    assert gaussian_pid.gaussian_ccs(blind).synergy > 0


def test_nearly_equal_sources_are_nearly_all_redundant():
    matrix = correlation(1 - 1e-6, 0.6, 0.6)
    information_a = -0.5 * np.log2(1 - 0.36)
    for measure in (gaussian_pid.gaussian_ccs, gaussian_pid.gaussian_mmi):
        assert measure(matrix).redundancy == pytest.approx(information_a, abs=2e-3)


def test_minimum_mutual_information_closed_form():
    parts = gaussian_pid.gaussian_mmi(correlation(0, 0.6, 0.5))
    weak, strong, both = (-0.5 * np.log2(1 - r2) for r2 in (0.25, 0.36, 0.61))
    np.testing.assert_allclose(atoms(parts), [weak, strong - weak, 0, both - strong], atol=1e-12)


def test_gaussian_atoms_add_up_and_can_be_negative():
    rng = np.random.default_rng(9)
    matrices = np.array([random_correlation(rng, 1) for _ in range(60)]).reshape(2, 30, 3, 3)
    parts = gaussian_pid.gaussian_ccs(matrices)
    assert parts.redundancy.shape == (2, 30)
    mi_a = -0.5 * np.log2(1 - matrices[..., 0, 2] ** 2)
    np.testing.assert_allclose(parts.redundancy + parts.unique_a, mi_a, atol=1e-12)
    assert min(parts.unique_a.min(), parts.unique_b.min()) < -0.001


def test_gaussian_pid_of_data_ignores_monotone_transforms():
    rng = np.random.default_rng(10)
    a, b, s = rng.multivariate_normal(np.zeros(3), correlation(0.3, 0.5, 0.5), 20_000).T
    parts = information.copula_pid(np.exp(a), b**3, s)
    np.testing.assert_allclose(atoms(parts), atoms(gaussian_pid.gaussian_ccs(correlation(0.3, 0.5, 0.5))), atol=0.01)
    minimum = information.copula_pid(a, b, s, information.gaussian_mmi)
    assert minimum.redundancy == pytest.approx(-0.5 * np.log2(0.75), abs=0.02)


def test_bad_gaussians():
    with pytest.raises(ValueError, match="matrix 1 is singular"):
        gaussian_pid.gaussian_ccs(np.stack([np.eye(3), correlation(1, 0.5, 0.5)]))
    with pytest.raises(ValueError, match="singular"):
        gaussian_pid.gaussian_mmi(np.diag([1.0, 0, 1]))
    with pytest.raises(ValueError, match=r"shape \(\.\.\., 3, 3\)"):
        gaussian_pid.gaussian_ccs(np.eye(2))
    values = np.arange(10.0)
    with pytest.raises(ValueError, match="singular"):
        information.copula_pid(values, values, np.arange(10) % 4)
