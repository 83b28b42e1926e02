"""What does each voxel tell, and what tells each voxel? Encoding, its ceiling, its parts, and identification.

Arrays in, arrays out: responses (n_stimuli, n_voxels) may be simulated or measured, of voxels, sensors or neurons.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np

from kit import blas
from kit.analysis._checks import check_features, check_folds
from kit.analysis.banded import Band, Blocks, refit

EXPONENTS = tuple(range(-2, 17, 2))
"""Exponents h of the penalties 2^h that voxels try; the largest turns a space off."""

PENALTIES = 2.0 ** np.array(EXPONENTS)


def noise_ceiling(repeats: np.ndarray) -> np.ndarray:
    """The R² that a perfect model of the stimuli would reach on responses averaged over repeats.

    The spread between repeats of one stimulus is noise; what the average varies beyond the noise that is
    left in it, is due to the stimuli. A voxel without signal averages 0: negative values are left so.

    Parameters
    ----------
    repeats : array of shape (n_repeats, n_stimuli, n_voxels)

    Returns
    -------
    array of shape (n_voxels,)
        nan for voxels that do not vary.

    References
    ----------
    Allen et al. (2022), Nature Neuroscience 25:116-126, doi:10.1038/s41593-021-00962-x, methods.
    """
    repeats = _finite_voxels("repeats", repeats)
    if repeats.ndim != 3 or len(repeats) < 2:
        raise ValueError(f"repeats have shape {repeats.shape}: expected (n_repeats >= 2, n_stimuli, n_voxels)")
    left = repeats.var(axis=0, ddof=1).mean(axis=0) / len(repeats)
    return 1 - _share(left, repeats.mean(axis=0).var(axis=0, ddof=1))


def r_squared(responses: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Share of each voxel's variance that a prediction accounts for; below 0 it is worse than the mean.

    Responses and predictions are (n_stimuli, n_voxels), the shares (n_voxels,): nan for voxels that do not vary.
    """
    missed = ((responses - predicted) ** 2).sum(axis=0)
    return 1 - _share(missed, ((responses - responses.mean(axis=0)) ** 2).sum(axis=0))


def _share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Part of the whole for each voxel, nan where there is none."""
    return np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0)


def _finite_voxels(name: str, values: np.ndarray) -> np.ndarray:
    """Values as float64, of voxels in the last axis, or a `ValueError` that counts those with nan or infinity."""
    values = np.asarray(values, float)
    rows = tuple(range(values.ndim - 1))
    broken = ~np.isfinite(values).all(axis=rows)
    if broken.any():
        raise ValueError(
            f"{name}: {broken.sum()} of {broken.size} voxels hold nan or infinity, the first is voxel "
            f"{np.flatnonzero(broken)[0]}: leave them out, {name}[..., numpy.isfinite({name}).all(axis={rows})]"
        )
    return values


def encode(spaces: Mapping[str, np.ndarray], responses: np.ndarray, folds: int = 8) -> np.ndarray:
    """Responses of every voxel as predicted from features, on stimuli that were held out.

    Ridge regression with a penalty for each space and voxel, in nested cross-validation as in
    `kit.analysis.encoding`, but penalties are those with the smallest squared error: R² asks for the right scale,
    not only for the right order. Folds are blocks of neighbouring stimuli, so keep pictures of one person together.

    Parameters
    ----------
    spaces : mapping of str to array of shape (n_stimuli, n_features)
    responses : array of shape (n_stimuli, n_voxels)
    folds : int

    Returns
    -------
    array of shape (n_stimuli, n_voxels)
    """
    responses = _finite_voxels("responses", responses)
    check_folds(len(responses), folds, least=3)
    features = [check_features(name, space, len(responses)) for name, space in spaces.items()]
    blocks, sizes = Blocks.cut(np.hstack(features), responses, folds), [space.shape[1] for space in features]
    candidates = np.array(list(product(EXPONENTS, repeat=len(sizes))))
    predicted = np.empty_like(responses)
    with blas.one_thread():
        best = _squared_errors(blocks, sizes).argmin(axis=1)
        for test, part in enumerate(blocks.slices):
            weights, intercepts = refit(blocks.without(test), sizes, candidates[best[test]])
            predicted[part] = blocks.features[part] @ weights + intercepts
    return predicted


def _squared_errors(blocks: Blocks, sizes: list[int]) -> np.ndarray:
    """Summed over validation blocks, for each test block, combination of penalties and voxel."""
    folds, n_voxels = len(blocks.slices), blocks.ratings.shape[1]
    errors = np.zeros((folds, len(EXPONENTS) ** len(sizes), n_voxels))
    # Models trained without blocks a and b serve twice: b validates when a is the test, and a when b is.
    for pair in combinations(range(folds), 2):
        train = blocks.without(*pair)
        band = Band(train.gram, train.cross, sizes)
        for held, test in (pair, pair[::-1]):
            wanted = (blocks.ratings[blocks.slices[held]] - train.rating_mean).T
            features = blocks.features[blocks.slices[held]] - train.feature_mean
            errors[test] += band.sweep(
                features, PENALTIES, lambda told, wanted=wanted: ((told - wanted) ** 2).sum(axis=-1)
            )
    return errors


@dataclass(frozen=True)
class Partition:
    """R² of each voxel, parted between two feature spaces; arrays of shape (n_voxels,).

    Attributes
    ----------
    unique_a, unique_b : what only this space tells
    shared : what either tells; can be negative
    """

    unique_a: np.ndarray
    unique_b: np.ndarray
    shared: np.ndarray

    @property
    def both(self) -> np.ndarray:
        """R² of the joint model."""
        return self.unique_a + self.unique_b + self.shared


def partition(a: np.ndarray, b: np.ndarray, responses: np.ndarray, folds: int = 8) -> Partition:
    """Variance partitioning: what does each of two spaces add to the other?

    The joint model has a penalty for each space (banded ridge). All R² are of held-out stimuli.

    Parameters
    ----------
    a, b : arrays of shape (n_stimuli, n_features)
    responses : array of shape (n_stimuli, n_voxels)

    References
    ----------
    Lescroart, Stansbury & Gallant (2015), Frontiers in Computational Neuroscience 9:135, doi:10.3389/fncom.2015.00135.
    """
    alone_a, alone_b, both = (
        r_squared(responses, encode(spaces, responses, folds)) for spaces in ({"a": a}, {"b": b}, {"a": a, "b": b})
    )
    return Partition(both - alone_b, both - alone_a, alone_a + alone_b - both)


def by_region(values: np.ndarray, region: Sequence[str]) -> dict[str, float]:
    """Mean of values (n_voxels,) over the voxels of each region, in the order in which regions appear."""
    region = np.asarray(region)
    return {name: float(np.mean(values[region == name])) for name in dict.fromkeys(region.tolist())}
