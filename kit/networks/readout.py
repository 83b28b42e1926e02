"""How well identity can be read from a network's features: of people it was trained with, and of strangers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .activations import Network
from .dataset import FaceImages

ENROLLED = 0.5  # share of a stranger's images by which they become known


def identity_accuracy(network: Network, data: FaceImages) -> dict[str, dict[str, float]]:
    """Share of images whose identity is told, by split and by read-out.

    "image": held-out images of identities that the network was trained with. "identity": images of
    strangers, known by half of their images. "linear" is the class with the nearest mean after linear
    discriminant analysis of the training images; "neighbour" the identity of the nearest known image, in the
    features as they are. "chance" is one over the number of identities.
    """
    split, strangers = data.split, np.random.default_rng(0).permutation(data.split.unseen)
    embed = _reader(network, data)
    train = embed(split.train)
    out = {"image": _accuracies(train, train, embed(split.test))}
    if len(strangers):
        known, probe = np.split(strangers, [int(ENROLLED * len(strangers))])
        out["identity"] = _accuracies(train, embed(known), embed(probe))
    return out


def _reader(network: Network, data: FaceImages) -> Callable:
    """Rows -> (features, identities)."""

    def embed(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        parts = np.array_split(rows, max(1, len(rows) // 4096))  # the images need not fit into memory
        return np.concatenate([network.embed(data.images[part]) for part in parts]), data.identity[rows]

    return embed


def _accuracies(train: tuple, known: tuple, probe: tuple) -> dict[str, float]:
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
    from sklearn.neighbors import KNeighborsClassifier, NearestCentroid

    space = LinearDiscriminantAnalysis().fit(*train)
    nearest = NearestCentroid().fit(space.transform(known[0]), known[1])
    neighbour = KNeighborsClassifier(1, algorithm="brute").fit(*known)
    return {
        "linear": float(nearest.score(space.transform(probe[0]), probe[1])),
        "neighbour": float(neighbour.score(*probe)),
        "chance": 1 / len(np.unique(known[1])),
    }
