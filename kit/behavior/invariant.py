"""An observer of pictures who has learned what views and lamps do to them.

Not every strategy is a distance in millimetres: this one gets nothing but pictures. From other people, each seen in
many views and lights, it learns which differences between pictures are not differences between people, and gives them
little weight (linear discriminants, "fisherfaces"). It stands for seeing that is learned and is no network.

References
----------
Belhumeur, Hespanha & Kriegman (1997), IEEE Transactions on Pattern Analysis and Machine Intelligence 19(7):711-720.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from kit.faces import FaceModel, Faces
from kit.faces.views import FRAME, TURNED, Views, draw_views, from_the_front

PEOPLE, PICTURES = 300, 16  # who teaches it: others of the target's sex, age and ancestry, and pictures of each
COMPONENTS = 200  # of the pictures, in which it learns
KEPT = 20  # directions in which people differ most, for what differs within them
SHRINKAGE = 0.05  # of the differences within people towards a sphere: what was hardly ever seen is not trusted


@dataclass(frozen=True)
class InvariantMatcher:
    """Compares pictures, but for the differences that views and lamps make.

    Parameters
    ----------
    name : str
    size : int
        Pixels on a side.
    """

    name: str = "invariant matcher"
    size: int = 48

    def dissimilarity(self, faces: Faces, target: Faces, views: Views | None = None) -> np.ndarray:
        """Distance (n,) of each face, as shown, to the target from the front, in sd within people."""
        category = float(target.sex[0]), float(target.age[0]), tuple(target.ancestry[0].tolist())
        learned = _learned(target.model, *category, self.size)
        seen = learned.read(_drawn(faces, views or from_the_front(len(faces)), self.size))
        known = learned.read(_drawn(target, from_the_front(1), self.size))
        return np.linalg.norm(seen - known, axis=1)


@dataclass(frozen=True, eq=False)
class Discriminants:
    """Mean picture (p,) and weights (p, k) that turn pictures into numbers whose sd within people is 1."""

    mean: np.ndarray
    weights: np.ndarray

    def read(self, pictures: np.ndarray) -> np.ndarray:
        """Pictures (n, p) as (n, k)."""
        return (pictures - self.mean) @ self.weights


def learn(pictures: np.ndarray, people: np.ndarray, components: int = COMPONENTS, kept: int = KEPT) -> Discriminants:
    """Discriminants of pictures (n, p) of several people each, whose numbers are `people` (n,)."""
    from sklearn.decomposition import PCA  # slow to load, and few need it

    pca = PCA(components, svd_solver="randomized", random_state=0).fit(pictures)
    scores = pca.transform(pictures).astype(float)
    names, who = np.unique(people, return_inverse=True)
    centres = np.stack([scores[who == k].mean(axis=0) for k in range(len(names))])
    within = np.cov((scores - centres[who]).T)
    within = (1 - SHRINKAGE) * within + SHRINKAGE * np.trace(within) / len(within) * np.eye(len(within))
    values, vectors = np.linalg.eigh(within)
    whiten = vectors / np.sqrt(values)
    between = np.linalg.eigh(np.cov((centres @ whiten).T))[1][:, ::-1][:, :kept]
    return Discriminants(pca.mean_, pca.components_.T @ (whiten @ between))


def _drawn(faces: Faces, views: Views, size: int) -> np.ndarray:
    """Pictures as rows; each has mean 0 and sd 1, so that a brighter lamp is no difference."""
    rows = faces.render(size=size, frame=FRAME, **views.angles).reshape(len(faces), -1).astype(np.float32)
    rows -= rows.mean(axis=1, keepdims=True)
    return rows / rows.std(axis=1, keepdims=True)


@lru_cache(maxsize=16)
def _learned(model: FaceModel, sex: float, age: float, ancestry: tuple[float, ...], size: int) -> Discriminants:
    """What pictures of others of a category teach."""
    others = model.sample(PEOPLE, sex, age, list(ancestry), rng=PEOPLE)
    shown = others[np.repeat(np.arange(PEOPLE), PICTURES)]
    pictures = _drawn(shown, draw_views(TURNED, len(shown), PICTURES), size)
    return learn(pictures, np.repeat(np.arange(PEOPLE), PICTURES))
