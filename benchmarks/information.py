"""Information maps with a permutation null against a loop over vertices and against frites.

    python benchmarks/information.py [--quick]

Gaussian-copula information between 4,735 vertices (three coordinates) and a continuous rating over 1,800
trials, with the maximum over vertices for each of 200 permutations. One BLAS thread, CPU seconds. The loop is
the published recipe, vertex by vertex, with the ranking done once a vertex. `--quick` gives the
loop fewer vertices and frites fewer permutations, and multiplies.
Goals: 15x the loop; 20x frites with the ranking, 70x without it.
"""

import argparse
import time

import numpy as np
from frites.core import copnorm_nd, mi_nd_gg
from scipy.special import digamma, ndtri
from threadpoolctl import threadpool_limits

from kit.analysis.nulls import permutations
from kit.analysis.reverse_correlation import information_map, information_of_scores, normalized_places

N_TRIALS, N_VERTICES, N_PERMUTATIONS = 1800, 4735, 200


def make_trials():
    """Vertices driven by 60 components, of which the first also drives the rating."""
    rng = np.random.default_rng(0)
    components = rng.standard_normal((N_TRIALS, 60))
    vertices = components @ rng.standard_normal((60, N_VERTICES * 3))
    vertices = (vertices + rng.standard_normal(vertices.shape)).reshape(N_TRIALS, N_VERTICES, 3)
    ratings = components[:, 0] + rng.standard_normal(N_TRIALS)
    return vertices, ratings, permutations(ratings, N_PERMUTATIONS, rng)


def copula_normalize(columns):
    ranks = columns.argsort(axis=0).argsort(axis=0) + 1
    return ndtri(ranks / (len(columns) + 1))


def entropy(columns):
    """Bias-corrected entropy in nats of a Gaussian, up to a constant, by the Cholesky factor."""
    n_trials, n_dims = columns.shape
    factor = np.linalg.cholesky(columns.T @ columns / (n_trials - 1))
    bias = digamma((n_trials - np.arange(1, n_dims + 1)) / 2).sum() + n_dims * np.log(2 / (n_trials - 1))
    return np.log(np.diag(factor)).sum() - bias / 2


def information(vertex, rating):
    both = np.column_stack([vertex, rating])
    return (entropy(vertex) + entropy(rating[:, None]) - entropy(both)) / np.log(2)


def loop(vertices, ratings):
    """Information (n_ratings, n_vertices) of every vertex with every column of ratings."""
    targets, result = copula_normalize(ratings), np.empty((ratings.shape[1], vertices.shape[1]))
    for place in range(vertices.shape[1]):
        vertex = copula_normalize(vertices[:, place])
        result[:, place] = [information(vertex, target) for target in targets.T]
    return result


def frites_normalize(vertices, ratings):
    vertices = np.ascontiguousarray(vertices.transpose(1, 2, 0))
    return copnorm_nd(vertices, axis=-1), copnorm_nd(ratings.T, axis=-1)


def frites_information(scores, targets):
    """As `loop`, from normal scores (n_vertices, 3, n_trials) and (n_ratings, n_trials)."""
    shape = (len(scores), 1, scores.shape[2])
    return np.array(
        [
            mi_nd_gg(scores, np.broadcast_to(target, shape), mvaxis=-2, traxis=-1, shape_checking=False)
            for target in targets
        ]
    )


def check(vertices, ratings, shuffled):
    """The three agree on 40 vertices and 5 permutations."""
    vertices, shuffled = vertices[:, :40], shuffled[:, :5]
    columns = np.column_stack([ratings, shuffled])
    ours = information_map(vertices, ratings, shuffled)
    ranked = information_of_scores(normalized_places(vertices), ratings, shuffled)
    for others in (loop(vertices, columns), frites_information(*frites_normalize(vertices, columns))):
        for result in (ours, ranked):
            np.testing.assert_allclose(result.observed, others[0], atol=1e-10)
            np.testing.assert_allclose(result.null, others[1:].max(axis=1), atol=1e-10)
    print("same maps and maxima to 1e-10 bits")


def seconds(function, *arguments):
    start = time.process_time()
    result = function(*arguments)
    return time.process_time() - start, result


def main(quick):
    vertices, ratings, shuffled = make_trials()
    check(vertices, ratings, shuffled)
    fast = seconds(information_map, vertices, ratings, shuffled)[0]
    ranking, scores = seconds(normalized_places, vertices)
    fast_ranked = seconds(information_of_scores, scores, ratings, shuffled)[0]
    del scores
    print(f"kit: {fast:.2f} s; ranked beforehand (in {ranking:.2f} s): {fast_ranked:.2f} s")

    columns = np.column_stack([ratings, shuffled])
    n_vertices, n_columns = (240, 8) if quick else (N_VERTICES, columns.shape[1])
    slow = seconds(loop, vertices[:, :n_vertices], columns)[0] * N_VERTICES / n_vertices
    print(f"loop over vertices: {slow:.1f} s")
    ranking, (scores, targets) = seconds(frites_normalize, vertices, columns)
    frites_ranked = seconds(frites_information, scores, targets[:n_columns])[0] * len(targets) / n_columns
    frites = ranking + frites_ranked
    print(f"frites: {frites:.1f} s; ranked beforehand: {frites_ranked:.1f} s")
    print(
        f"ratio: {slow / fast:.1f}x the loop, {frites / fast:.1f}x frites, "
        f"{frites_ranked / fast_ranked:.1f}x frites ranked beforehand"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument(
        "--quick", action="store_true", help="give the loop 240 vertices, frites 8 ratings, and multiply"
    )
    with threadpool_limits(1):
        main(parser.parse_args().quick)
