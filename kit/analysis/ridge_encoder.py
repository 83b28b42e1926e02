"""The inner half of the nested cross-validation as a scikit-learn estimator, to go with everything that takes one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted, validate_data

from kit import blas

from ._checks import check_exponents, check_folds
from .banded import Blocks, held_out_tau, median_vote, refit, row_space
from .encoding import EXPONENTS


class RidgeEncoder(RegressorMixin, BaseEstimator):
    """Ridge regression that chooses its penalty by Kendall's tau, as a scikit-learn estimator.

    The inner half of `nested_ridge`: contiguous blocks are left out in turn, the median of their best
    exponents is the penalty of the final fit to all trials. `cross_val_predict(RidgeEncoder(folds=8),
    features, ratings, cv=KFold(9))` predicts what `nested_ridge(features, ratings, folds=9)` does, slower.

    Parameters
    ----------
    folds : int
        Contiguous validation blocks.
    exponents : sequence of float
        Candidates h of the penalty 2^h, in increasing order.

    Attributes
    ----------
    coef_ : array of shape (n_features,) or (n_targets, n_features)
    intercept_ : float or array of shape (n_targets,)
    exponent_ : float or array of shape (n_targets,)
    """

    def __init__(self, folds: int = 5, exponents: Sequence[float] = EXPONENTS) -> None:
        self.folds = folds
        self.exponents = exponents

    def fit(self, X: np.ndarray, y: np.ndarray) -> RidgeEncoder:
        """Fit to features (n_trials, n_features) and ratings (n_trials,) or (n_trials, n_targets)."""
        X, y = validate_data(self, X, y, dtype=np.float64, multi_output=True, y_numeric=True, ensure_min_samples=2)
        check_folds(len(y), self.folds, least=2)
        exponents = check_exponents(self.exponents)
        narrow, basis = row_space(X)
        blocks = Blocks.cut(narrow, y.reshape(len(y), -1).astype(np.float64), self.folds)
        sizes = [narrow.shape[1]]
        with blas.one_thread():
            tau = [held_out_tau(blocks, (block,), sizes, 2.0**exponents) for block in range(self.folds)]
            chosen = median_vote(np.concatenate(tau, axis=-1), exponents[:, None])
            weights, intercepts = refit(blocks.without(), sizes, chosen)
        self.coef_, self.intercept_, self.exponent_ = (basis @ weights).T, intercepts, chosen[:, 0]
        if y.ndim == 1:
            self.coef_, self.intercept_, self.exponent_ = self.coef_[0], intercepts[0], chosen[0, 0]
        return self

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Predicted ratings (n_trials,) or (n_trials, n_targets) of features (n_trials, n_features)."""
        check_is_fitted(self)
        return validate_data(self, X, dtype=np.float64, reset=False) @ self.coef_.T + self.intercept_

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
