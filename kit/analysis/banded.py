"""Ridge regression with one penalty per band of features, solved for many penalties at once.

With X and y centred on the training trials, the weights are w = (X'X + M)^-1 X'y, and M holds one
penalty 2^h for every band of columns (Hoerl & Kennard 1970; banded: Nunez-Elizalde et al. 2019).
Three facts make cross-validating them cheap:

- X'X = V diag(e) V' gives (X'X + m I)^-1 = V diag(1 / (e + m)) V' for *every* m and every target;
- solving for one band leaves a smaller ridge problem for the others (`Band.rest`);
- sums of products over training trials are sums over blocks of trials, so that leaving blocks out costs
  an addition (`Blocks.without`).

Forming X'X squares the range of the features, so penalties below some 1e-14 of its trace act as none.
Ordinary ridge is the case of a single band. `kit.analysis.encoding` builds nested cross-validation on this.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np

from .kendall import SortedRatings

Score = Callable[[np.ndarray], np.ndarray]
ROUNDING = 10 * np.finfo(float).eps
"""Eigenvalues below this share of their matrix' trace are noise: that of `Band` was measured near 1 eps."""
HEAVY = 1e-8
"""A penalty above this share of the trace makes equations that lose at most eight digits: no spectrum is needed."""


@dataclass(frozen=True)
class Moments:
    """All that ridge needs to know of its training trials.

    Attributes
    ----------
    n_trials : int
    gram : array of shape (n_features, n_features)
        X'X of the centred features.
    cross : array of shape (n_features, n_targets)
        X'y of the centred features and ratings.
    feature_mean : array of shape (n_features,)
    rating_mean : array of shape (n_targets,)
    """

    n_trials: int
    gram: np.ndarray
    cross: np.ndarray
    feature_mean: np.ndarray
    rating_mean: np.ndarray


@dataclass(frozen=True)
class Blocks:
    """Trials cut into contiguous blocks of (nearly) equal size, with each block's moments.

    Attributes
    ----------
    features : array of shape (n_trials, n_features)
    ratings : array of shape (n_trials, n_targets)
    slices : list of n_blocks slices of trials
    """

    features: np.ndarray
    ratings: np.ndarray
    slices: list[slice]

    @classmethod
    def cut(cls, features: np.ndarray, ratings: np.ndarray, n_blocks: int) -> Blocks:
        """Cut trials into blocks whose sizes differ by at most one, the larger ones first."""
        ends = np.cumsum([len(part) for part in np.array_split(ratings, n_blocks)])
        return cls(features, ratings, [slice(a, b) for a, b in zip([0, *ends], ends, strict=False)])

    @cached_property
    def moments(self) -> Moments:
        """Moments of each block, centred on the block's own means; every array has a first axis of blocks."""
        parts = [_moments(self.features[part], self.ratings[part]) for part in self.slices]
        return Moments(*(np.stack([getattr(part, field.name) for part in parts]) for field in fields(Moments)))

    @cached_property
    def sorted_ratings(self) -> list[SortedRatings]:
        """Each block's ratings, sorted once for all the taus to come."""
        return [SortedRatings.of(self.ratings[part]) for part in self.slices]

    def without(self, *held: int) -> Moments:
        """Moments of the trials outside the blocks `held`.

        Block moments add up, plus the products of the block means round the common mean. Nothing is
        subtracted, so no digits are lost (Chan, Golub & LeVeque 1983).
        """
        blocks, size = self.moments, self.moments.n_trials.astype(float)
        size[list(held)] = 0
        kept = (size > 0).astype(float)
        feature_mean, rating_mean = (size @ means / size.sum() for means in (blocks.feature_mean, blocks.rating_mean))
        away = blocks.feature_mean - feature_mean
        spread = away.T * size
        gram, cross = (_weighted_sum(kept, products) for products in (blocks.gram, blocks.cross))
        gram += spread @ away
        cross += spread @ (blocks.rating_mean - rating_mean)
        return Moments(int(size.sum()), gram, cross, feature_mean, rating_mean)


def _weighted_sum(weights: np.ndarray, arrays: np.ndarray) -> np.ndarray:
    """(n,) and (n, ...) -> (...), in one product."""
    return (weights @ arrays.reshape(len(arrays), -1)).reshape(arrays.shape[1:])


def _moments(features: np.ndarray, ratings: np.ndarray) -> Moments:
    feature_mean, rating_mean = features.mean(axis=0), ratings.mean(axis=0)
    centred = features - feature_mean
    products = centred.T @ centred, centred.T @ (ratings - rating_mean)
    return Moments(len(centred), *products, feature_mean, rating_mean)


class Band:
    """The first band of a ridge problem, for all its penalties, and the problem it leaves to the others.

    Split the equations (X'X + M) w = X'y into the first band (1) and the rest (2). The first rows give

        w_1 = (X_1'X_1 + m I)^-1 (X_1'y - X_1'X_2 w_2),

    where X_1'X_1 = V diag(e) V' inverts the bracket for every penalty m. Inserted below, they leave a
    ridge problem in w_2 alone: the part of X_2 and y that the first band, so penalised, does not explain
    (a Schur complement; without penalty the theorem of Frisch, Waugh and Lovell).

    Parameters
    ----------
    gram : array of shape (n_features, n_features)
    cross : array of shape (n_features, n_targets)
    sizes : sequence of n_bands ints
        Features in each band. Fastest with the largest first.

    Attributes
    ----------
    values, vectors : arrays of shape (rank,) and (sizes[0], rank)
        Eigenvalues e and eigenvectors V. Directions without variance in the training trials are left
        out: ridge gives them no weight.
    """

    def __init__(self, gram: np.ndarray, cross: np.ndarray, sizes: Sequence[int]) -> None:
        self.sizes, size = sizes, sizes[0]
        rounding = ROUNDING * np.trace(gram)
        self.values, self.vectors = _spectrum(gram[:size, :size], rounding)
        self.cross = self.vectors.T @ cross[:size]
        self.coupling = self.vectors.T @ gram[:size, size:]
        if len(sizes) > 1:
            explained = self.coupling.T / self.values
            values, vectors = _spectrum(gram[size:, size:] - explained @ self.coupling, rounding)
            self.gram_beyond = (vectors * values) @ vectors.T
            self.cross_beyond = vectors @ (vectors.T @ (cross[size:] - explained @ self.cross))

    def rest(self, penalty: float, targets: slice = slice(None)) -> Band:
        """The problem of the remaining bands, given this band's penalty.

        Their products with themselves and with y are what no weight of this band explains (`gram_beyond`,
        exactly zero where this band alone fits every trial) plus what the penalty makes it give up.
        The sum is positive term by term, where the textbook's difference would leave rounding errors
        larger than small penalties.
        """
        given_up = self.coupling.T * (penalty / (self.values * (self.values + penalty)))
        gram = self.gram_beyond + given_up @ self.coupling
        cross = self.cross_beyond[:, targets] + given_up @ self.cross[:, targets]
        return Band(gram, cross, self.sizes[1:])

    def weights(self, target: int, penalties: np.ndarray) -> np.ndarray:
        """Weights (n_features,) of one target over all bands, at penalties (n_bands,)."""
        others = np.empty(0)
        if len(self.sizes) > 1:
            others = self.rest(penalties[0], slice(target, target + 1)).weights(0, penalties[1:])
        unexplained = self.cross[:, target] - self.coupling @ others
        return np.concatenate([self.vectors @ (unexplained / (self.values + penalties[0])), others])

    def sweep(
        self, held: np.ndarray, penalties: np.ndarray, score: Score, base: np.ndarray | float = 0.0
    ) -> np.ndarray:
        """Score the predictions of every combination of penalties on held-out trials.

        Parameters
        ----------
        held : array of shape (n_held, n_features)
            Held-out features, centred on the training mean.
        penalties : array of shape (n_penalties,)
            Tried in every band.
        score : function of predictions (n_penalties, n_targets, n_held) -> array (n_penalties, ...)
        base : array of shape (n_targets, n_held)
            What earlier bands already predict.

        Returns
        -------
        array of shape (n_penalties ** n_bands, ...)
            In the order of `itertools.product(penalties, repeat=n_bands)`.
        """
        if len(self.sizes) == 1:
            rotated = self.cross.T / (self.values + penalties[:, None])[:, None]
            # Few weights are turned back to the features, of many the trials are turned instead: what costs less.
            flat = np.linalg.multi_dot([rotated.reshape(-1, len(self.values)), self.vectors.T, held.T])
            return score(base + flat.reshape(*rotated.shape[:2], -1))
        seen, scores = held[:, : self.sizes[0]] @ self.vectors, []
        for penalty in penalties:
            shrunk = seen / (self.values + penalty)
            unexplained = held[:, self.sizes[0] :] - shrunk @ self.coupling
            known = base + (shrunk @ self.cross).T
            scores.append(self.rest(penalty).sweep(unexplained, penalties, score, known))
        return np.concatenate(scores)


def _spectrum(gram: np.ndarray, rounding: float) -> tuple[np.ndarray, np.ndarray]:
    """Eigenvalues above `rounding` and their eigenvectors, in ascending order."""
    values, vectors = np.linalg.eigh(gram)
    first = np.searchsorted(values, rounding, side="right")
    return values[first:], vectors[:, first:]


def row_space(features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Features (n_trials, n_features) rotated to at most n_trials columns, and the basis that turns weights back.

    Ridge weights lie in the span of the trials, and a rotation leaves penalty and predictions as they are:
    with X' = QR, X w = R' (Q'w). The basis has shape (n_features, n_columns).
    """
    if features.shape[1] <= len(features):
        return features, np.eye(features.shape[1])
    basis, triangle = np.linalg.qr(features.T)
    return triangle.T, basis


def held_out_tau(blocks: Blocks, held: tuple[int, ...], sizes: list[int], penalties: np.ndarray) -> np.ndarray:
    """Kendall's tau on each of the blocks `held`, at penalties (n_penalties,), by models trained without any of them.

    Returns
    -------
    array of shape (n_penalties ** n_bands, n_targets, n_held_blocks)
        nan where a block's ratings are constant.
    """
    train = blocks.without(*held)
    features = np.concatenate([blocks.features[blocks.slices[block]] for block in held])

    def score(predictions: np.ndarray) -> np.ndarray:
        tau, start = np.empty((*predictions.shape[:2], len(held))), 0
        for place, block in enumerate(held):
            end = start + blocks.slices[block].stop - blocks.slices[block].start
            tau[..., place] = blocks.sorted_ratings[block].tau(predictions[..., start:end])
            start = end
        return tau

    return Band(train.gram, train.cross, sizes).sweep(features - train.feature_mean, penalties, score)


def median_vote(tau: np.ndarray, candidates: np.ndarray) -> np.ndarray:
    """The median over validation blocks of each block's best exponents.

    Parameters
    ----------
    tau : array of shape (n_candidates, n_targets, n_blocks)
        A block where a target's tau is undefined for every candidate does not vote on it. Of equal taus
        the first (weakest penalty) wins.
    candidates : array of shape (n_candidates, n_bands)

    Returns
    -------
    array of shape (n_targets, n_bands)

    Raises
    ------
    ValueError
        If no block can vote on a target.
    """
    undefined = np.isnan(tau)
    silent = undefined.all(axis=0)
    if silent.all(axis=1).any():
        raise ValueError(
            f"ratings of target {silent.all(axis=1).argmax()} are constant within every validation block, "
            "so that no penalty can be chosen: use fewer folds or more varied ratings"
        )
    best = candidates[np.where(undefined, -np.inf, tau).argmax(axis=0)]
    if not silent.any():
        return np.median(best, axis=1)
    return np.nanmedian(np.where(silent[..., None], np.nan, best), axis=1)  # ten times slower


def refit(train: Moments, sizes: Sequence[int], exponents: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weights (n_features, n_targets) and intercepts (n_targets,) at exponents (n_targets, n_bands)."""
    penalties = 2.0**exponents
    if penalties.min() == penalties.max() > HEAVY * np.trace(train.gram):  # one solution costs a tenth of a spectrum
        weights = np.linalg.solve(train.gram + penalties[0, 0] * np.eye(len(train.gram)), train.cross)
    else:
        band = Band(train.gram, train.cross, sizes)
        weights = np.column_stack([band.weights(target, own) for target, own in enumerate(penalties)])
    return weights, train.rating_mean - train.feature_mean @ weights
