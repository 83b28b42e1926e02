"""What can be read linearly from an embedding, and whether its prediction is made of shape features.

`decode` asks what an embedding *holds*; `re_predict` asks what of it the prediction of ratings *uses*.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from sklearn.preprocessing import StandardScaler

from kit.analysis.encoding import NestedRidge
from kit.faces import FaceModel

PENALTIES = np.logspace(-3, 5, 9)
TRAINED, VALIDATED = 0.8, 0.9  # shares of the faces; the rest tests
SHOWN = 400  # test faces for the map of errors
LARGE = 4096  # faces and features from which on the decomposition takes half a minute and more


@dataclass(frozen=True)
class Decoding:
    """Face coefficients read from an embedding by ridge regression, on faces it was not fitted to.

    Attributes
    ----------
    r2 : array of shape (k + m,)
        Share of variance explained of every shape, then every texture coefficient.
    error : array of shape (v,)
        Mean distance in mm of the vertices that are read from the true ones.
    guess : array of shape (v,)
        The same for a reader that always says "the average face".
    """

    r2: np.ndarray
    error: np.ndarray
    guess: np.ndarray


def decode(embedding: np.ndarray, shape: np.ndarray, texture: np.ndarray, model: FaceModel, rng: int = 0) -> Decoding:
    """Read shape and texture coefficients (n, k), (n, m) from an embedding (n, d) of the same faces.

    80 % of the faces fit the weights, 10 % choose the penalty, 10 % test. The work is that of the eigenvectors
    of the smaller of two matrices, features x features or faces x faces; a warning tells if both are large.
    """
    _tell_if_large(int(TRAINED * len(embedding)), embedding.shape[1])
    truth, embedding = np.hstack([shape, texture]), np.asarray(embedding, float)
    order = np.random.default_rng(rng).permutation(len(truth))
    train, validate, test = np.split(order, [int(TRAINED * len(order)), int(VALIDATED * len(order))])
    scaler = StandardScaler().fit(embedding[np.sort(train)])
    x = {name: scaler.transform(embedding[np.sort(rows)]) for name, rows in _named(train, validate, test)}
    y = {name: truth[np.sort(rows)] for name, rows in _named(train, validate, test)}
    weights = _best_ridge(x, y)
    read = x["test"] @ weights + y["train"].mean(axis=0)
    spread = ((y["test"] - y["train"].mean(axis=0)) ** 2).sum(axis=0)
    r2 = 1 - ((read - y["test"]) ** 2).sum(axis=0) / np.where(spread > 0, spread, np.nan)
    k = shape.shape[1]
    wrong = (read - y["test"])[:SHOWN, :k]
    return Decoding(r2, _displacement(wrong, model), _displacement(y["test"][:SHOWN, :k], model))


def _named(*parts: np.ndarray):
    return zip(("train", "validate", "test"), parts, strict=True)


def _tell_if_large(faces: int, features: int) -> None:
    side = min(faces, features)
    if side > LARGE:
        minutes = 0.4 * (side / LARGE) ** 3  # 24 s of one core at 4,096
        warnings.warn(
            f"decoding from {features} features of {faces} faces decomposes a matrix of {side} x {side}, which takes "
            f"some {minutes:.0f} minutes and {3 * 8e-9 * side**2:.1f} GB: average features over places first "
            "(pool them), or pass fewer faces",
            stacklevel=3,
        )


def _best_ridge(x: dict[str, np.ndarray], y: dict[str, np.ndarray]) -> np.ndarray:
    """Ridge weights (d, targets) whose penalty predicts the validation faces best."""
    train, targets = x["train"], y["train"] - y["train"].mean(axis=0)
    if train.shape[0] < train.shape[1]:
        # The weights are sums of faces, so that faces x faces tell all (Saunders et al., 1998).
        values, vectors = np.linalg.eigh(train @ train.T)
        back, cross = train.T @ vectors, vectors.T @ targets
    else:
        values, vectors = np.linalg.eigh(train.T @ train)
        back, cross = vectors, vectors.T @ (train.T @ targets)
    held, wanted = x["validate"] @ back, y["validate"] - y["train"].mean(axis=0)
    fits = [cross / (values[:, None] + penalty) for penalty in PENALTIES]
    return back @ min(fits, key=lambda weights: float(((held @ weights - wanted) ** 2).sum()))


def _displacement(coefficients: np.ndarray, model: FaceModel) -> np.ndarray:
    """Mean length (v,) in mm of the displacements that shape coefficients (n, k) make."""
    flat = coefficients @ model.shape_components.reshape(len(model.shape_components), -1)
    return np.linalg.norm(flat.reshape(len(flat), -1, 3), axis=2).mean(axis=0)


def re_predict(shape: np.ndarray, shape_model: NestedRidge, other: NestedRidge) -> dict[str, float]:
    """How far the predictions of another space are what the shape model says, by way of shape.

    With y_S = S B_S and y_N the other model's predictions, B_SN are the weights by which shape predicts
    y_N. Daube et al. (2021) compare the predictions, rho(y_S, S B_SN), and the weights, rho(B_S, B_SN).

    Parameters
    ----------
    shape : array of shape (n_trials, k)
        Coefficients of the chosen faces.

    Returns
    -------
    dict with "predictions", "weights" (correlations) and "explained" (share of y_N's variance that shape explains)
    """
    centred = shape - shape.mean(axis=0)
    theirs = other.predictions[:, 0] - other.predictions[:, 0].mean()
    weights = np.linalg.lstsq(centred, theirs, rcond=None)[0]
    by_shape = centred @ weights
    return {
        "predictions": _correlation(shape_model.predictions[:, 0], by_shape),
        "weights": _correlation(shape_model.mean_weights[:, 0], weights),
        "explained": float(1 - ((theirs - by_shape) ** 2).sum() / (theirs**2).sum()),
    }


def _correlation(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.corrcoef(a, b)[0, 1])
