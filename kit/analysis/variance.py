"""Whose variance? How much of what several feature spaces predict each tells alone, and which together.

Two ways to divide the R^2 of all spaces:

- `commonality` compares the R^2 of every subset of spaces, so that what several spaces tell is named as theirs
  together. It is the one to report when spaces overlap, as the shape of a face and its pixels do.
- `product_measure` divides one joint prediction into each space's share. It needs a single fit and always has as
  many parts as spaces, but how much of what two spaces tell falls to which depends on their penalties.

References
----------
Newton & Spurrell (1967), Applied Statistics 16:51 (commonality). Pratt (1987), Proceedings of the 2nd Tampere
Conference in Statistics: 245; Dupré la Tour et al. (2022), NeuroImage 264:119728 (product measure).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain, combinations

import numpy as np

from ._checks import finite_array
from .copula import check_lengths

Spaces = frozenset[str]


def stacked_r2(predictions: Mapping[str, np.ndarray], ratings: np.ndarray, fold: np.ndarray) -> dict[Spaces, float]:
    """Held-out R^2 of every subset of spaces, each subset's predictions weighted by least squares.

    Fits of all features together would cost a penalty for each space and subset; and with penalties that were
    chosen for each space alone they overfit: another space then makes predictions worse (R^2 of shape, pixels and
    a network .115, of shape and pixels .149 for one of the kit's observers; stacked .142 and .141).

    Parameters
    ----------
    predictions : mapping of str to array of shape (n_trials,)
        Of trials by models that were not trained on them, such as `NestedRidge.predictions`.
    ratings : array of shape (n_trials,)
    fold : int array of shape (n_trials,)
        In which each trial was tested. The weights come from the other folds, too.

    Returns
    -------
    dict of frozenset to float
        Share by which each subset's squared error is smaller than that of the other folds' mean rating; the empty
        subset has 0. For ratings that nothing predicts, about 0 or below.

    References
    ----------
    Breiman (1996), Machine Learning 24:49, for stacking.
    """
    check_lengths(ratings=ratings, fold=fold, **predictions)
    names, ratings = list(predictions), finite_array("ratings", ratings)
    columns = np.column_stack([np.ones(len(ratings)), *(finite_array(n, predictions[n]) for n in names)])
    squared = {}
    for chosen in _subsets(range(1, len(names) + 1)):
        used = columns[:, [0, *chosen]]
        squared[frozenset(names[k - 1] for k in chosen)] = sum(
            _held_out_error(used, ratings, fold == test) for test in np.unique(fold)
        )
    return {spaces: 1 - error / squared[frozenset()] for spaces, error in squared.items()}


def _held_out_error(columns: np.ndarray, ratings: np.ndarray, test: np.ndarray) -> float:
    weights = np.linalg.lstsq(columns[~test], ratings[~test], rcond=None)[0]
    return np.square(ratings[test] - columns[test] @ weights).sum()


def _subsets(items: Iterable) -> Iterable[tuple]:
    items = list(items)
    return chain.from_iterable(combinations(items, size) for size in range(len(items) + 1))


def commonality(r2: Mapping[Spaces, float]) -> dict[Spaces, float]:
    """What exactly these spaces tell, and no other: for every subset, from the R^2 of every subset.

    Parameters
    ----------
    r2 : mapping of frozenset of str to float
        Of all subsets, the empty one among them.

    Returns
    -------
    dict of frozenset to float
        Parts that add up to the R^2 of all spaces. A part is negative where spaces tell more together than the sum
        of what each tells (suppression), or by chance; it is not clipped.

    Examples
    --------
    >>> a, b = frozenset("a"), frozenset("b")
    >>> parts = commonality({frozenset(): 0.0, a: 0.3, b: 0.2, a | b: 0.4})
    >>> [round(parts[spaces], 2) for spaces in (a, b, a | b)]
    [0.2, 0.1, 0.1]
    """
    everything = frozenset().union(*r2)
    wanted = {frozenset(spaces) for spaces in _subsets(everything)}
    if set(r2) != wanted:
        raise ValueError(f"r2 has {len(r2)} subsets of {len(everything)} spaces; all {len(wanted)} are needed")
    parts = {}
    for spaces in sorted(wanted - {frozenset()}, key=lambda one: (len(one), sorted(one))):
        others = everything - spaces
        signed = ((-1) ** (len(some) + 1) * r2[others | frozenset(some)] for some in _subsets(spaces))
        parts[spaces] = sum(signed)
    return parts


def product_measure(parts: np.ndarray, ratings: np.ndarray) -> np.ndarray:
    """Shares of the R^2 of a joint prediction that is a sum of parts, one a space.

    Parameters
    ----------
    parts : array of shape (n_spaces, n_trials)
        Each space's features times its weights in the joint model.
    ratings : array of shape (n_trials,)

    Returns
    -------
    array of shape (n_spaces,)
        (2 y - sum of all parts) . part / y . y of centred ratings y and parts; the shares add up to the R^2. In the
        trials of an unpenalised fit this is Pratt's cov(part, y) / var(y).
    """
    parts, ratings = finite_array("parts", parts), finite_array("ratings", ratings)
    if parts.ndim != 2 or parts.shape[1:] != ratings.shape:
        raise ValueError(f"parts have shape {parts.shape}: expected (n_spaces, {len(ratings)}), one column a rating")
    parts, ratings = parts - parts.mean(axis=1, keepdims=True), ratings - ratings.mean()
    return parts @ (2 * ratings - parts.sum(axis=0)) / (ratings @ ratings)
