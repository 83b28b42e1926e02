"""From input to output: what each layer of a network tells about ratings, shares with shape, and holds.

All layers are read in one pass over the pictures (`kit.networks.scan`); where a layer has very many features, a
seeded random projection of them is compared, and what that costs is said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from torch import nn
from tqdm.auto import tqdm

from kit import faces, networks
from kit.networks.activations import Network
from kit.networks.scan import LayerScan, scan_layers

from . import contrasts, fits
from .decoding import decode
from .looks import look_of
from .panels import Answers, Series
from .space_names import MODEL_SPACES, SHAPE, TEXTURE

DIMENSIONS = 512
PIECE = 256  # faces drawn and passed through the network at a time
SCORES = ("mi", "with_shape", "with_texture")


@dataclass(frozen=True, eq=False)
class Layers:
    """What the layers of a network tell, from input to output.

    Attributes
    ----------
    about : DataFrame with columns layer, features, kept, loss, shape, texture
        Features of the layer and how many are compared; what the projection changes distances by (root mean square of
        the relative change); share of the variance of shape and texture that can be read on new faces (mean R^2).
    scores : DataFrame with columns observer, identity, series, space, fold, mi, with_shape, with_texture
        Information about the ratings, and what of it is redundant with the shape and the texture model, in bits above
        chance; `space` is a layer, "shape" or "texture".
    left_out : list of str
        Layers that say the same of all faces.
    """

    about: pd.DataFrame
    scores: pd.DataFrame
    left_out: list[str]

    def summary(self) -> pd.DataFrame:
        """A row a layer: `about`, and each score with its 95 % interval (columns mi, mi_low, mi_high, ...)."""
        parts = []
        for score in SCORES:
            found = contrasts.interval(self.scores, score).rename(columns={"mean": "", "low": "_low", "high": "_high"})
            parts.append(found.add_prefix(score))
        return self.about.set_index("layer").join(pd.concat(parts, axis=1))


def layers(
    network: Network | nn.Module,
    everyone: Sequence[Answers],
    names: Sequence[str] | None = None,
    dimensions: int = DIMENSIONS,
    seed: int = 0,
) -> Layers:
    """Compare every layer of a network with observers, in one pass over the pictures.

    Parameters
    ----------
    network : Network or nn.Module
        `networks.wrap(module, size=224, mean=..., std=...)`; a bare module sees 64 pixels from 0 to 1.
    everyone : sequence of Answers
        Of people or *simulated* observers: `kit.study.panels.answers(table)`, or `panels.answer(observer, series)`.
    names : sequence of str, optional
        Layers; by default all whose name has at most two parts.
    dimensions : int
        Layers with more features are projected to so many.
    seed : int
        Of the projection.

    Raises
    ------
    ValueError
        If there is no such layer, a layer gives nan, or no answers can be scored.
    """
    network = networks.wrap(network) if isinstance(network, nn.Module) else network
    usable = _usable(everyone)
    series = dict.fromkeys(answers.series for answers in usable)
    return compared({one: scanned(network, one, names, dimensions, seed) for one in series}, usable)


def _usable(everyone: Sequence[Answers]) -> list[Answers]:
    """Those that can be scored, or a `ValueError` if there are none."""
    if usable := [answers for answers in everyone if answers.folds]:
        return usable
    raise ValueError("no ratings can be scored: an observer needs three blocks of 30 trials with three ratings each")


def compared(scans: Mapping[Series, LayerScan], everyone: Sequence[Answers]) -> Layers:
    """Compare layers that were read with observers: what `layers` does after its pass over the pictures.

    Parameters
    ----------
    scans : mapping of Series to LayerScan
        The same layers of each series that was answered, as `scanned` reads them.
    everyone : sequence of Answers
    """
    first = next(iter(scans.values()))
    silent = [n for n in first.features if not any(np.ptp(s.features[n], axis=0).any() for s in scans.values())]
    told = [name for name in first.features if name not in silent]
    scores = pd.concat(
        [_scores(scans[a.series], told, a) for a in tqdm(_usable(everyone), "layers", unit="observer", leave=False)]
    )
    read = {name: _decoded(scans, name) for name in tqdm(told, "decoding", unit="layer", leave=False)}
    about = pd.DataFrame({
        "layer": told, "features": [first.sizes[n] for n in told],
        "kept": [first.features[n].shape[1] for n in told], "loss": [first.losses[n] for n in told],
        "shape": [read[n][0] for n in told], "texture": [read[n][1] for n in told],
    })  # fmt: skip
    return Layers(about, scores.reset_index(drop=True), silent)


def scanned(
    network: Network, series: Series, names: Sequence[str] | None = None, dimensions: int = DIMENSIONS, seed: int = 0
) -> LayerScan:
    """Features of all faces of a series, layer by layer; parameters as of `layers`."""
    trials, look = series.trials(), look_of(repr(network), network)
    scans = []
    for start in tqdm(range(0, len(trials.faces), PIECE), "pictures", unit="piece", leave=False):
        rows = slice(start, start + PIECE)
        scans.append(scan_layers(network, look.draw(trials.faces[rows], trials.views[rows]), names, dimensions, seed))
        names = list(scans[0].features)  # one way through the network for all pieces
    found = {name: np.concatenate([scan.features[name] for scan in scans]) for name in names}
    return LayerScan(found, scans[0].sizes, scans[0].losses)


def _scores(scan: LayerScan, names: list[str], answers: Answers) -> pd.DataFrame:
    shown = answers.series.trials().faces
    known = fits.base_models({SHAPE: shown.shape, TEXTURE: shown.texture}, answers)
    models = known | fits.base_models({name: scan.features[name] for name in names}, answers)
    both = [fits.scores(models, answers, known[space, fits.LINEAR]) for space in MODEL_SPACES]
    found = both[0][["space", "fold", "mi"]].assign(
        with_shape=both[0]["redundancy"], with_texture=both[1]["redundancy"])  # fmt: skip
    who = {"observer": answers.observer, "identity": answers.series.identity, "series": answers.series.name}
    return found.assign(**who)[[*who, "space", "fold", *SCORES]]


def _decoded(scans: Mapping[Series, LayerScan], name: str) -> tuple[float, float]:
    """Mean R^2 of the shape and of the texture coefficients read from a layer."""
    shown = [series.trials().faces for series in scans]
    shape, texture = (np.concatenate([getattr(f, kind) for f in shown]) for kind in MODEL_SPACES)
    features = np.concatenate([scan.features[name] for scan in scans.values()])
    found = decode(features, shape, texture, faces.load()).r2
    return float(np.nanmean(found[: shape.shape[1]])), float(np.nanmean(found[shape.shape[1] :]))
