"""Nested ridge against the same protocol built from scikit-learn and from himalaya.

    python benchmarks/encoding.py [--quick]

1,800 trials x 512 features, 9 outer and 8 inner contiguous folds, 20 penalties, the penalty of each inner
fold chosen by Kendall's tau, the median refitted. One BLAS thread, CPU seconds. All use the kit's tau, so
that ridge alone is compared. `--quick` runs the others on one outer fold and multiplies by nine.
Goals: 10x scikit-learn and 15x himalaya on one target, 100x scikit-learn on 100 shuffled targets, which it
has to fit one by one (measured on one, multiplied by 100); himalaya fits them together.
"""

import argparse
import time

import numpy as np
from himalaya.ridge import solve_ridge_cv_svd
from sklearn.linear_model import Ridge, RidgeCV
from sklearn.model_selection import KFold
from threadpoolctl import threadpool_limits

from kit.analysis.encoding import nested_ridge
from kit.analysis.kendall import SortedRatings, kendall_tau

N_TRIALS, N_FEATURES, N_SHUFFLES, FOLDS = 1800, 512, 100, 9
EXPONENTS = np.linspace(-30, 30, 20)
PENALTIES = 2.0**EXPONENTS


def make_trials():
    """Features with a falling spectrum, and six-level ratings that depend on them."""
    rng = np.random.default_rng(0)
    features = rng.standard_normal((N_TRIALS, N_FEATURES)) * np.arange(1, N_FEATURES + 1) ** -0.25
    latent = features @ rng.standard_normal(N_FEATURES)
    ratings = np.clip(np.round(3.5 + latent / latent.std() + rng.standard_normal(N_TRIALS)), 1, 6)
    return features, ratings, rng.permuted(np.tile(ratings[:, None], N_SHUFFLES), axis=0)


def sklearn_fold(features, ratings, train):
    """`RidgeCV` on one outer fold; tau of every penalty on every inner fold (inner, penalties)."""
    taus = []

    def score(model, held, rated):
        taus.append(kendall_tau(model.predict(held), rated))
        return taus[-1]

    RidgeCV(PENALTIES, cv=KFold(FOLDS - 1), scoring=score).fit(features[train], ratings[train])
    return np.reshape(taus, (len(PENALTIES), FOLDS - 1)).T


def himalaya_fold(features, ratings, train):
    """himalaya's ridge on one outer fold, as `sklearn_fold`; ratings (n_trials, n_targets)."""
    taus = []

    def score(rated, predicted):
        taus.append(SortedRatings.of(rated).tau(predicted.transpose(0, 2, 1)))
        return taus[-1]

    inner = KFold(FOLDS - 1)
    solve_ridge_cv_svd(features[train], ratings[train], PENALTIES, fit_intercept=True, score_func=score, cv=inner)
    return np.stack(taus)


def clocked(run):
    """CPU seconds of a call, and its result."""
    start = time.process_time()
    result = run()
    return time.process_time() - start, result


def clocked_folds(fold_taus, features, ratings, n_folds):
    """Seconds of all outer folds, from the first `n_folds`, and their inner taus."""
    trains = [train for train, _ in KFold(FOLDS).split(features)][:n_folds]
    seconds, taus = clocked(lambda: [fold_taus(features, ratings, train) for train in trains])
    return seconds * FOLDS / n_folds, taus


def check_same_answer(features, ratings, ours, taus):
    """Explicit refits at the exponents that the others' taus choose must predict what `nested_ridge` does."""
    for fold, tau in enumerate(taus):
        exponent = np.median(EXPONENTS[tau.argmax(axis=1)])
        train, test = ours.fold != fold, ours.fold == fold
        explicit = Ridge(2.0**exponent).fit(features[train], ratings[train]).predict(features[test])
        np.testing.assert_allclose(ours.predictions[test, 0], explicit, atol=1e-8)


def main(quick):
    features, ratings, shuffled = make_trials()
    n_folds = 1 if quick else FOLDS
    nested_ridge(features[:100, :5], ratings[:100])  # compiles the tau
    ours, one = clocked(lambda: nested_ridge(features, ratings, FOLDS, EXPONENTS))
    ours_many, _ = clocked(lambda: nested_ridge(features, shuffled, FOLDS, EXPONENTS))
    sklearn, taus = clocked_folds(sklearn_fold, features, ratings, n_folds)
    check_same_answer(features, ratings, one, taus)
    himalaya, taus = clocked_folds(himalaya_fold, features, ratings[:, None], n_folds)
    check_same_answer(features, ratings, one, [tau[:, :, 0] for tau in taus])
    himalaya_many, _ = clocked_folds(himalaya_fold, features, shuffled, n_folds)
    print("same predictions to 1e-8 on", n_folds, "outer folds")
    print(f"one target: kit {ours:.2f} s, scikit-learn {sklearn:.1f} s, himalaya {himalaya:.1f} s")
    print(
        f"{N_SHUFFLES} shuffled targets: kit {ours_many:.2f} s, "
        f"scikit-learn {sklearn * N_SHUFFLES:.0f} s (one by one), himalaya {himalaya_many:.1f} s"
    )
    print(
        f"ratio: {sklearn / ours:.1f} (scikit-learn, goal 10), {himalaya / ours:.1f} (himalaya, goal 15), "
        f"{N_SHUFFLES * sklearn / ours_many:.0f} (scikit-learn on {N_SHUFFLES} targets, goal 100), "
        f"{himalaya_many / ours_many:.1f} (himalaya on {N_SHUFFLES} targets)"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="time the others on one outer fold of nine")
    with threadpool_limits(1):
        main(parser.parse_args().quick)
