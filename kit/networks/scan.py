"""Features of many layers in one pass over the pictures, reduced where they are large."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from .activations import Network, watched
from .reduction import DIMENSIONS, distortion, project

DEPTH = 2  # names of so many parts, such as "layer1.0", are layers where none are chosen


@dataclass(frozen=True, eq=False)
class LayerScan:
    """What several layers say of the same pictures, in the order in which a picture passes them.

    Attributes
    ----------
    features : dict of str to float32 array of shape (n, d)
    sizes : dict of str to int
        How many features each layer has before it is reduced.
    losses : dict of str to float
        What the reduction costs: see `kit.networks.reduction.distortion`, over the first pictures.
    """

    features: dict[str, np.ndarray]
    sizes: dict[str, int]
    losses: dict[str, float]


def scan_layers(
    network: Network,
    images: np.ndarray,
    layers: Sequence[str] | None = None,
    dimensions: int = DIMENSIONS,
    seed: int = 0,
) -> LayerScan:
    """Features of several layers of a network in one pass.

    Parameters
    ----------
    network : Network
        The whole module is run, whichever its own layer is.
    images : uint8 array of shape (n, h, w, 3)
    layers : sequence of str, optional
        Names as in `network.layers`; by default all whose name has at most two parts. Of layers that say the same
        (a block and its last part) one is kept; layers that are not used, or give no row for each picture, are left out
        unless they were asked for.
    dimensions : int
        Layers with more features are reduced to so many by a sparse random projection.
    seed : int
        Of the projection.

    Raises
    ------
    ValueError
        If there is no such layer, or one that was asked for gives nothing that can be compared, or nan.
    """
    asked = layers is not None
    names = list(layers) if asked else [name for name in network.layers if name.count(".") < DEPTH]
    _check(network, names)
    network.activations(images[:1])  # what cannot be read at all is told in the usual words
    step = network.fitting(images[0])
    parts, sizes, losses = {}, {}, {}
    for start in range(0, len(images), step):
        some = images[start : start + step]
        found = _one_pass(network, some, names, dimensions, seed, sizes, losses)
        for name, values in found.items():
            parts.setdefault(name, []).append(values)
    whole = {name: np.concatenate(several) for name, several in parts.items()}
    kept = whole if asked else _different(whole)
    if asked and (missing := [name for name in names if name not in whole]):
        raise ValueError(f"layer {missing[0]!r} was not used, or gives no row for each picture: leave it out")
    for name, values in kept.items():
        if not np.isfinite(values).all():
            raise ValueError(f"layer {name!r} gives nan or infinite values: use module.float(), or leave it out")
    return LayerScan(kept, {n: sizes[n] for n in kept}, {n: losses[n] for n in kept})


def _check(network: Network, names: list[str]) -> None:
    for name in names:
        if name not in network.layers:
            near = difflib.get_close_matches(name, network.layers, n=3, cutoff=0.4) or network.layers[:3]
            raise ValueError(f"no layer {name!r}; near it are {', '.join(near)} (all: `network.layers`)")


def _one_pass(
    network: Network, images: np.ndarray, names: list[str], dimensions: int, seed: int,
    sizes: dict[str, int], losses: dict[str, float],
) -> dict[str, np.ndarray]:  # fmt: skip
    """What the layers give for some pictures, reduced at once: a later layer may write over an earlier one's."""
    found: dict[str, np.ndarray] = {}

    def keep(name: str, output) -> None:
        while isinstance(output, tuple | list) and output:
            output = output[0]
        if name in found or not isinstance(output, Tensor) or output.ndim < 2 or len(output) != len(images):
            return
        values = output.detach().float().reshape(len(output), -1).cpu().numpy()
        found[name] = np.array(project(values, dimensions, seed))
        if name not in sizes:
            sizes[name], losses[name] = values.shape[1], distortion(values, found[name])

    with ExitStack() as stack, torch.inference_mode():
        for name in names:
            part = network.module.get_submodule(name)
            stack.enter_context(watched(part, lambda output, name=name: keep(name, output)))
        network.module(network.prepared(network.tensor(images)))
    return found


def _different(found: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Without layers that say what another one before them says."""
    out: dict[str, np.ndarray] = {}
    for name, values in found.items():
        if not any(values.shape == other.shape and np.array_equal(values, other) for other in out.values()):
            out[name] = values
    return out
