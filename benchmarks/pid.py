"""I_ccs against dit on histograms, and against Monte Carlo on Gaussians.

    python benchmarks/pid.py [--quick]

Histograms: batches of 3 x 3 x 3, of 1,800 and of 200 trials of two correlated predictions and a rating,
against `dit.pid.PID_CCS` on some of them, multiplied. Gaussians: the polar quadrature against 1,000,000
samples, and against a grid of 30 times the directions for its error. One BLAS thread, CPU seconds.
Goals: 20x dit; Gaussians to 1e-5 bits and 15x Monte Carlo.
"""

import argparse
import time

import dit
import numpy as np
from dit.pid import PID_CCS
from threadpoolctl import threadpool_limits

from kit.analysis import gaussian_pid
from kit.analysis.gaussian_pid import gaussian_ccs
from kit.analysis.information import cut_equally, joint_histogram
from kit.analysis.pid import ccs_pid

N_HISTOGRAMS, N_SAMPLES = 2000, 1_000_000
EXAMPLE = np.array([[1, 0.3, 0.5], [0.3, 1, 0.5], [0.5, 0.5, 1]])


def seconds(function, *arguments):
    start = time.process_time()
    result = function(*arguments)
    return time.process_time() - start, result


def make_histograms(n_trials, rng):
    """Histograms of two predictions and a rating with random correlations."""
    samples = [rng.multivariate_normal(np.zeros(3), random_correlation(rng), n_trials) for _ in range(N_HISTOGRAMS)]
    return np.array([joint_histogram(*cut_equally(sample).T) for sample in samples])


def random_correlation(rng):
    return np.corrcoef(rng.standard_normal((3, 5)))


def with_dit(histograms):
    return np.array([dit_redundancy(histogram) for histogram in histograms])


def dit_redundancy(histogram):
    cells = np.argwhere(histogram)
    weights = histogram[tuple(cells.T)] / histogram.sum()
    distribution = dit.Distribution(["".join(map(str, cell)) for cell in cells], weights.tolist())
    return PID_CCS(distribution, [[0], [1]], [2]).get_pi(((0,), (1,)))


def compare_histograms(n_trials, n_dit, rng):
    """CPU seconds of dit over ours for the whole batch."""
    histograms = make_histograms(n_trials, rng)
    fast, ours = seconds(ccs_pid, histograms)
    slow, theirs = seconds(with_dit, histograms[:n_dit])
    difference = np.abs(ours.redundancy[:n_dit] - theirs)
    slow *= N_HISTOGRAMS / n_dit
    print(
        f"{n_trials} trials: kit {fast:.3f} s, dit {slow:.1f} s for {N_HISTOGRAMS:,} histograms, "
        f"{slow / fast:.0f}x; difference median {np.median(difference):.0e}, "
        f"largest {difference.max():.0e} bits in {n_dit}"
    )
    # dit's tables are up to 1e-4 off where cells are empty, so a few of its redundancies are too
    assert np.median(difference) < 1e-7 and np.mean(difference < 1e-5) >= 0.9
    return slow / fast


def monte_carlo(matrix, n_samples, rng):
    """Redundancy in bits from its definition, on samples of the Gaussian."""
    z = rng.standard_normal((n_samples, 3)) @ np.linalg.cholesky(matrix).T

    def log_density(*axes):
        block = matrix[np.ix_(axes, axes)]
        distance = np.einsum("ni,ni->n", z[:, axes] @ np.linalg.inv(block), z[:, axes])
        return -0.5 * (distance + np.log(np.linalg.det(2 * np.pi * block)))

    target = log_density(2)
    d_a = log_density(0, 2) - log_density(0) - target
    d_b = log_density(1, 2) - log_density(1) - target
    d_ab = log_density(0, 1, 2) - log_density(0, 1) - target
    common = d_a + d_b - d_ab
    positive = (d_a > 0) & (d_b > 0) & (d_ab > 0) & (common > 0)
    negative = (d_a < 0) & (d_b < 0) & (d_ab < 0) & (common < 0)
    return np.mean(common * (positive | negative)) / np.log(2)


def largest_error(matrices):
    """Of the redundancies, against a grid with 30 times the directions."""
    usual, fine = gaussian_pid._half_sphere, gaussian_pid._half_sphere(1651, 821)
    coarse = gaussian_ccs(matrices).redundancy
    gaussian_pid._half_sphere = lambda: fine
    error = np.abs(gaussian_ccs(matrices).redundancy - coarse).max()
    gaussian_pid._half_sphere = usual
    return error


def compare_gaussians(n_matrices, n_draws, rng):
    """CPU seconds of Monte Carlo over ours."""
    matrices = np.array([random_correlation(rng) for _ in range(n_matrices)] + [EXAMPLE])
    error = largest_error(matrices)
    print(f"Gaussians: largest error {error:.1e} bits over {len(matrices)} correlation matrices")
    assert error < 1e-5
    fast = seconds(gaussian_ccs, np.repeat(EXAMPLE[None], 50, axis=0))[0] / 50
    slow, draws = seconds(lambda: [monte_carlo(EXAMPLE, N_SAMPLES, rng) for _ in range(n_draws)])
    slow, ours, spread = slow / n_draws, float(gaussian_ccs(EXAMPLE).redundancy), np.std(draws, ddof=1)
    print(
        f"polar quadrature {ours:.6f} bits in {fast * 1e3:.1f} ms; "
        f"Monte Carlo {np.mean(draws):.6f} (sd {spread:.0e}) in {slow * 1e3:.0f} ms"
    )
    assert abs(np.mean(draws) - ours) < 5 * spread / np.sqrt(n_draws)
    return slow / fast


def main(quick):
    rng = np.random.default_rng(0)
    ratios = [compare_histograms(n_trials, 20 if quick else 100, rng) for n_trials in (1800, 200)]
    gaussian = compare_gaussians(5 if quick else 30, 5 if quick else 20, rng)
    print(f"ratio: {min(ratios):.0f}x dit, {gaussian:.1f}x Monte Carlo")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer histograms for dit, fewer samples")
    with threadpool_limits(1):
        main(parser.parse_args().quick)
