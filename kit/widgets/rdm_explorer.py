"""Two representations side by side: choose system, layer and metric, and see how well their RDMs agree."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial.distance import squareform
from scipy.stats import rankdata

from kit.analysis import rsa
from kit.analysis.dissimilarity import METRICS
from kit.plots.looks import PALETTE

from .canvas import Canvas
from .live_picture import Choice, Group, Values
from .wide_picture import WidePicture

if TYPE_CHECKING:
    from kit.networks import Network

SIDE, LEFT, TOP, GAP = 288, 118, 40, 20
METHODS = ("pearson", "spearman", "tau-a")
EMBEDDING = "embedding"
LAYERS = (EMBEDDING, "block1", "block2", "block3", "block4")


class ComparedRdms:
    """Systems that describe the same faces.

    Parameters
    ----------
    images : uint8 array of shape (n, h, w, 3)
        Faces of one category after the other.
    categories : sequence of n names
    systems : mapping of str to Network or array of shape (n, d)
        Networks are shown the images and have layers; an array stands for itself.
    """

    def __init__(self, images: np.ndarray, categories: list[str], systems: Mapping[str, Network | np.ndarray]):
        self.images, self.categories, self.systems = images, np.asarray(categories), systems
        self.features, self.rdm = cache(self._features), cache(self._rdm)

    def _features(self, name: str, layer: str) -> np.ndarray:
        system = self.systems[name]
        if isinstance(system, np.ndarray):
            return system
        places = [place for place in getattr(system, "layers", []) if place.endswith(layer)]
        return (system.at(places[0]) if places and layer != EMBEDDING else system).embed(self.images)

    def _rdm(self, name: str, layer: str, metric: str) -> np.ndarray:
        return rsa.rdm(self.features(name, layer), metric)

    def compute(self, values: Values) -> tuple[np.ndarray, float, float]:
        """Both RDMs (2, n_pairs), their agreement over all pairs, and its mean within the categories."""
        sides = [(values[f"{side}_system"], values[f"{side}_layer"], values["metric"]) for side in ("left", "right")]
        rdms = np.stack([self.rdm(*side) for side in sides])
        scores = rsa.compare_within(*rdms, self.categories, values["method"])
        return rdms, float(scores.overall.item()), float(scores.within.mean())

    def drawing(self, values: Values) -> Canvas:
        """Both RDMs by rank, dark where two faces are alike, with the categories' borders."""
        rdms, _, _ = self.compute(values)
        canvas = Canvas(LEFT + 2 * SIDE + GAP + 2, TOP + SIDE + 4)
        for k, (side, rdm) in enumerate(zip(("left", "right"), rdms)):
            x = LEFT + k * (SIDE + GAP)
            canvas.text(x + SIDE / 2, 18, self.title(values, side), 17)
            canvas.pixels(shades(rdm), x, TOP, SIDE)
            self._borders(canvas, x, named=k == 0)
        return canvas

    def title(self, values: Values, side: str) -> str:
        """Name of a side, with the layer where the system has layers."""
        name, layer = values[f"{side}_system"], values[f"{side}_layer"]
        return f"{name}, {layer}" if hasattr(self.systems[name], "layers") else name

    def _borders(self, canvas: Canvas, x: float, named: bool) -> None:
        names, first, counts = np.unique(self.categories, return_index=True, return_counts=True)
        scale = SIDE / len(self.categories)
        for name, start, count in zip(names, first * scale, counts * scale):
            canvas.frame((x + start, TOP + start, x + start + count - 1, TOP + start + count - 1), PALETTE[1], 2)
            if named:
                canvas.text(x - 8, TOP + start + count / 2, str(name), 14, anchor="rm")

    def describe(self, values: Values) -> str:
        """What the picture shows, in words."""
        _, overall, within = self.compute(values)
        words = (
            f"{self.title(values, 'left')} against {self.title(values, 'right')}, dissimilarity by {values['metric']}: "
            f"{values['method']} agreement {_short(overall)} over all pairs, {_short(within)} within the categories "
            "(orange squares) on average. Dark: alike."
        )
        return words

    def show(self) -> None:
        names, nets = tuple(self.systems), [n for n, s in self.systems.items() if hasattr(s, "layers")]
        first, second = nets[0], nets[-1]
        groups = [
            Group(title, (
                Choice(f"{side}_system", "features of", names, start),
                Choice(f"{side}_layer", "layer", LAYERS, EMBEDDING),
            ))
            for title, side, start in (("Left", "left", first), ("Right", "right", second))
        ]  # fmt: skip
        how = (
            Choice("metric", "dissimilarity", METRICS, METRICS[0]),
            Choice("method", "agreement", METHODS, "spearman"),
        )
        WidePicture([*groups, Group("How", how)], lambda v: (self.drawing(v), self.describe(v))).show("compare-rdms")


def _short(share: float) -> str:
    """A number between -1 and 1 without its zero: ".42", "−.05"."""
    return f"{share:.2f}".replace("0.", ".", 1).replace("-", "−")


def shades(rdm: np.ndarray) -> np.ndarray:
    """An RDM (n_pairs,) as grey levels by rank, black for the most alike pair: uint8 (n, n, 3)."""
    ranks = (rankdata(rdm) - 1) / max(len(rdm) - 1, 1)
    square = squareform(0.15 + 0.85 * ranks)
    return np.repeat((255 * square).astype(np.uint8)[..., None], 3, axis=-1)


def compare_rdms(images: np.ndarray, categories: list[str], systems: Mapping[str, Network | np.ndarray]) -> None:
    """Compare how two systems arrange the same faces.

    Parameters
    ----------
    images : uint8 array of shape (n, h, w, 3)
        Faces of one category after the other, three or more of each.
    categories : sequence of n names
    systems : mapping of str to Network or array of shape (n, d)
        Networks (one at least), and features that need no network.
    """
    ComparedRdms(images, categories, systems).show()
