"""The stimulus bootstrap against rsatoolbox's, and the correlation RDM against its matrix product.

    python benchmarks/rsa.py [--quick]

Bootstrap: 1,000 samples of 300 stimuli, 14 subjects, 5 models, with the noise ceiling of every sample. Both
packages get the same samples and must agree in every one, hence in means, standard deviations and ceilings.
RDM: 4,000 patterns of 512 features. One BLAS thread, CPU seconds. `--quick` runs rsatoolbox on 20 samples and
multiplies by fifty. Goals: 100x rsatoolbox; at most 1.6 times the product `Z @ Z.T` alone, of which numpy
computes one half. rsatoolbox's own `eval_bootstrap_pattern` draws its samples from numpy's global generator,
which is seeded here so that they can be drawn again.
"""

import argparse
import contextlib
import io
import time

import numpy as np
from rsatoolbox.data import Dataset
from rsatoolbox.inference import eval_bootstrap_pattern
from rsatoolbox.model import ModelFixed
from rsatoolbox.rdm import calc_rdm
from scipy.spatial.distance import pdist
from threadpoolctl import threadpool_limits

from kit.analysis.rsa import bootstrap, rdm, to_rsatoolbox

N_SAMPLES, N_STIMULI, N_SUBJECTS, N_MODELS = 1000, 300, 14, 5
SEED = 0


def clocked(run, repeats=1):
    """CPU seconds of the quickest of some calls, and the last result."""
    seconds = []
    for _ in range(repeats):
        start = time.process_time()
        result = run()
        seconds.append(time.process_time() - start)
    return min(seconds), result


def make_rdms():
    """Subjects who share a geometry, and models that know more and more of it."""
    rng = np.random.default_rng(0)
    truth = rng.standard_normal((N_STIMULI, 20))

    def noisy(noise):
        return rdm(truth + noise * rng.standard_normal(truth.shape))

    return np.stack([noisy(n) for n in np.linspace(3, 0, N_MODELS)]), np.stack([noisy(1.0) for _ in range(N_SUBJECTS)])


def rsatoolbox_bootstrap(models, subjects, n_samples):
    """Scores (n_samples, n_models) and ceilings (2, n_samples) of rsatoolbox."""
    fixed = [ModelFixed(f"model {k}", to_rsatoolbox(model, "correlation")) for k, model in enumerate(models)]
    np.random.seed(SEED)
    with contextlib.redirect_stderr(io.StringIO()):  # its progress bar
        result = eval_bootstrap_pattern(fixed, to_rsatoolbox(subjects, "correlation"), method="corr", N=n_samples)
    return result.evaluations, result.noise_ceiling


def same_draws(n_samples):
    """Counts of the stimuli that rsatoolbox draws."""
    np.random.seed(SEED)
    drawn = [np.random.randint(0, N_STIMULI, size=N_STIMULI) for _ in range(n_samples)]
    return np.stack([np.bincount(sample, minlength=N_STIMULI) for sample in drawn])


def check_same_answer(ours, scores, ceilings):
    """Every sample alike; print what follows from them."""
    n = len(scores)
    np.testing.assert_allclose(ours.scores[:n], scores, atol=1e-10)
    np.testing.assert_allclose([bound[:n] for bound in ours.ceiling], ceilings, atol=1e-10)
    print(f"the same scores and ceilings to 1e-10 in each of {n} samples:")
    for name, kits, theirs in (
        ("models", ours.scores[:n], scores),
        ("ceiling", np.transpose(ours.ceiling)[:n], np.transpose(ceilings)),
    ):
        print(f"  {name}: kit means {kits.mean(0).round(4)}, SDs {kits.std(0).round(4)}")
        print(f"  {name}: rsatoolbox {theirs.mean(0).round(4)}, SDs {theirs.std(0).round(4)}")


def benchmark_bootstrap(n_theirs):
    """How many times faster than rsatoolbox."""
    models, subjects = make_rdms()
    draws = same_draws(N_SAMPLES)
    theirs, (scores, ceilings) = clocked(lambda: rsatoolbox_bootstrap(models, subjects, n_theirs))
    theirs *= N_SAMPLES / n_theirs
    seconds, ours = clocked(lambda: bootstrap(models, subjects, draws), 5)
    check_same_answer(ours, scores, ceilings)
    print(f"bootstrap x {N_SAMPLES}: kit {seconds:.2f} s, rsatoolbox {theirs:.1f} s")
    return theirs / seconds


def benchmark_rdm():
    """How many times the time of the matrix product."""
    patterns = np.random.default_rng(0).standard_normal((4000, 512))
    bound, _ = clocked(lambda: patterns @ patterns.T, 5)
    ours, dissimilarity = clocked(lambda: rdm(patterns), 5)
    slow, expected = clocked(lambda: pdist(patterns, "correlation"))
    np.testing.assert_allclose(dissimilarity, expected, atol=1e-12)
    slower, expected = clocked(lambda: calc_rdm(Dataset(patterns), method="correlation").dissimilarities[0])
    np.testing.assert_allclose(dissimilarity, expected, atol=1e-12)
    print(
        f"correlation RDM, the same to 1e-12: kit {ours:.3f} s, the product alone {bound:.3f} s, "
        f"pdist {slow:.2f} s, rsatoolbox {slower:.2f} s"
    )
    return ours / bound


def main(quick):
    """Run both benchmarks."""
    over_bound = benchmark_rdm()
    faster = benchmark_bootstrap(20 if quick else N_SAMPLES)
    print(
        f"ratio: {faster:.0f} (bootstrap over rsatoolbox, goal 100), "
        f"{over_bound:.2f} (correlation RDM over its matrix product, goal at most 1.6)"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="run rsatoolbox on 20 of the 1,000 samples")
    with threadpool_limits(1):
        main(parser.parse_args().quick)
