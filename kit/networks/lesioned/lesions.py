"""Break a network on purpose: silence units, turn their gain, make them noisy, and measure what is lost.

Every lesion is a forward hook for the time of a `with` block: no weight is touched, and what was whole is whole
again afterwards, also when the block ends with an error. A hook belongs to the layer itself, so whatever passes
through the layer is lesioned: the whole network, or only its upper part fed with activations kept from before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from ..activations import Network

Units = Sequence[int] | np.ndarray | None
Score = Callable[[], float | np.ndarray]
Change = Callable[[Tensor], Tensor]
Lasting = AbstractContextManager[nn.Module]  # as long as a `with` block


@contextmanager
def altered(network: nn.Module | Network, layer: str, change: Change, units: Units = None) -> Iterator[nn.Module]:
    """While the block runs, some units of a layer say something else.

    Parameters
    ----------
    network : nn.Module or Network
    layer : str
        Name as in `named_modules()`; "" is the module itself.
    change : callable
        What the units say, as a tensor whose last axis are the units -> what they shall say.
    units : ints or bools, optional
        Which; all by default. They are counted along the channels of maps (n, channels, h, w), so that a unit is a
        whole filter, and along the last axis of everything else: (n, units), (n, tokens, units).

    Yields
    ------
    The layer

    Raises
    ------
    ValueError
        If there is no such layer; and, at the first pass through it, if it has no such unit or gives no tensor.
    """
    module = getattr(network, "module", network)
    parts = dict(module.named_modules())
    if layer not in parts:
        raise ValueError(f"no layer {layer!r} to lesion; there are {', '.join(name for name in parts if name)}")
    hook = partial(_alter, change=change, units=_places(units), name=layer)
    handle = parts[layer].register_forward_hook(hook)
    try:
        yield parts[layer]
    finally:
        handle.remove()


def ablate(network: nn.Module | Network, layer: str, units: Units = None, value: float | np.ndarray = 0.0) -> Lasting:
    """Silence units: whatever comes in, they say `value`.

    Parameters
    ----------
    network, layer, units
        As in `altered`.
    value : float or array of shape (units,)
        0, or each unit's mean activity: then what comes next is not surprised by an unusual silence.

    Examples
    --------
    >>> network = nn.Sequential(nn.Linear(2, 4), nn.ReLU(), nn.Linear(4, 1))
    >>> with ablate(network, "1", [0, 3]):
    ...     network(torch.ones(5, 2)).shape
    torch.Size([5, 1])

    References
    ----------
    Morcos, Barrett, Rabinowitz & Botvinick (2018), ICLR, arXiv:1803.06959.
    """
    said = torch.as_tensor(value, dtype=torch.float32)
    return altered(network, layer, lambda heard: said.to(heard).expand_as(heard), units)


def scale_gain(network: nn.Module | Network, layer: str, gain: float, units: Units = None) -> Lasting:
    """Multiply what units say: below 1 they speak too softly, above 1 too loudly. Otherwise as `altered`."""
    return altered(network, layer, lambda heard: gain * heard, units)


def add_noise(network: nn.Module | Network, layer: str, sd: float, units: Units = None, seed: int = 0) -> Lasting:
    """Add a Gaussian number to what units say, a new one at every place, picture and pass.

    Parameters
    ----------
    sd : float
        In the layer's own units.
    seed : int
        The first pass in the block gives the same noise again. Otherwise as `altered`.
    """
    source = torch.Generator().manual_seed(seed)
    return altered(network, layer, lambda heard: heard + sd * _normal(heard.shape, source).to(heard), units)


def jitter_gain(network: nn.Module | Network, layer: str, sd: float, units: Units = None, seed: int = 0) -> Lasting:
    """Multiply what each unit says of a picture by 1 + sd z, z Gaussian, a new one for every picture and pass.

    As `add_noise`; but a unit is too loud or too soft in all places of a map alike, and a silent one stays silent.
    """
    source = torch.Generator().manual_seed(seed)

    def change(heard: Tensor) -> Tensor:
        between = (1,) * (heard.ndim - 2)
        return heard * (1 + sd * _normal((len(heard), *between, heard.shape[-1]), source).to(heard))

    return altered(network, layer, change, units)


# ---- what is lost


def damage(score: Score, network: nn.Module | Network, layer: str, groups: Sequence[Units]) -> np.ndarray:
    """How much a score falls when each group of units is ablated; below zero where it rises.

    Parameters
    ----------
    score : callable
        Looks at the network as it is and returns one score, or an array of several.
    groups : sequence of units
        `np.arange(n)[:, None]` ablates each unit alone.

    Returns
    -------
    array of shape (len(groups), ...)
    """
    whole, lost = np.asarray(score(), float), []
    for units in groups:
        with ablate(network, layer, units):
            lost.append(whole - score())
    return np.stack(lost)


@dataclass(frozen=True)
class DamageCurve:
    """Scores while more and more units are ablated, in a chosen order and in random ones.

    Attributes
    ----------
    counts : int array of shape (c,)
    ordered : array of shape (c, ...)
    random : array of shape (draws, c, ...)
    """

    counts: np.ndarray
    ordered: np.ndarray
    random: np.ndarray

    def band(self, level: float = 0.9) -> np.ndarray:
        """Quantiles (2, c, ...) between which so many of the random orders lie."""
        return np.quantile(self.random, [0.5 - level / 2, 0.5 + level / 2], axis=0)


def damage_curve(
    score: Score, network: nn.Module | Network, layer: str, order: Sequence[int], counts: Sequence[int],
    draws: int = 20, rng: int | np.random.Generator = 0,
) -> DamageCurve:  # fmt: skip
    """Ablate the first 1, 2, ... units of an order, and equally many in random orders.

    Parameters
    ----------
    score, network, layer
        As in `damage`.
    order : ints
        Every unit of the layer once, the first to go first.
    counts : ints
        How many are ablated at each point of the curve; 0 is the whole network.
    draws : int
        Random orders.

    References
    ----------
    Morcos, Barrett, Rabinowitz & Botvinick (2018), ICLR, arXiv:1803.06959.
    """
    order, counts, rng = np.asarray(order), np.asarray(counts), np.random.default_rng(rng)
    if counts.min() < 0 or counts.max() > len(order):
        raise ValueError(f"counts must lie between 0 and the {len(order)} units of the order; got {counts.tolist()}")
    whole = np.asarray(score(), float)
    orders = [order, *(rng.permutation(order) for _ in range(draws))]
    lost = np.stack([damage(score, network, layer, [one[:count] for count in counts]) for one in orders])
    return DamageCurve(counts, whole - lost[0], whole - lost[1:])


# ---- what units prefer


def class_selectivity(activity: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """How much more a unit says of its favourite class than of the others, from 0 (equal) to 1 (only of that one).

    (m - o) / (m + o), m the mean for the favourite, o the mean over all other pictures; 0 for silent units.

    Parameters
    ----------
    activity : array of shape (n, units)
        Not negative, as after a ReLU; of maps, take the mean over places.
    labels : array of shape (n,)

    Returns
    -------
    array of shape (units,)

    References
    ----------
    Morcos et al. (2018), ICLR, arXiv:1803.06959, section 2.3.
    """
    activity, labels = _activity(activity, labels)
    if activity.min() < 0:
        raise ValueError(f"class selectivity needs activity >= 0, as after a ReLU; got {activity.min():.3g}")
    kinds = np.unique(labels)
    own = np.stack([activity[labels == kind].mean(0) for kind in kinds])
    other = np.stack([activity[labels != kind].mean(0) for kind in kinds])
    best = own.argmax(0), np.arange(activity.shape[1])
    total = own[best] + other[best]
    return np.divide(own[best] - other[best], total, out=np.zeros(len(total)), where=total > 0)


def preference(activity: np.ndarray, first: np.ndarray) -> np.ndarray:
    """d': how many standard deviations more a unit says of one kind of picture than of the rest.

    Parameters
    ----------
    activity : array of shape (n, units)
    first : bool array of shape (n,)
        The kind that counts as positive, such as faces.

    Returns
    -------
    array of shape (units,), 0 for units that never vary
    """
    activity, first = _activity(activity, np.asarray(first, bool))
    a, b = activity[first], activity[~first]
    spread = np.sqrt((a.var(0) + b.var(0)) / 2)
    return np.divide(a.mean(0) - b.mean(0), spread, out=np.zeros(len(spread)), where=spread > 0)


def _activity(activity: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    activity, labels = np.asarray(activity, float), np.asarray(labels)
    if activity.ndim != 2 or labels.shape != activity.shape[:1]:
        raise ValueError(f"activity (n, units) and n labels; got {activity.shape} and {labels.shape}")
    if len(np.unique(labels)) < 2:
        raise ValueError("all pictures are of one kind: a preference needs two or more to compare")
    return activity, labels


# ---- the hook


def _alter(_module: nn.Module, _inputs: tuple, output, change: Change, units: list[int] | None, name: str):
    """Replace the (first) tensor of a layer's output by a changed copy."""
    if isinstance(output, tuple | list) and output:
        first = _alter(_module, _inputs, output[0], change, units, name)
        return type(output)([first, *output[1:]])
    if not isinstance(output, Tensor) or output.ndim < 2:
        raise ValueError(f"layer {name!r} gives no tensor with units; choose a layer inside it")
    out = output.clone()  # the layer's own output may be needed elsewhere, and by the gradient
    last = out.movedim(1, -1) if out.ndim == 4 else out
    if units is None:
        last[...] = change(last)
        return out
    if outside := [unit for unit in units if not 0 <= unit < last.shape[-1]]:
        raise ValueError(f"layer {name!r} has units 0 to {last.shape[-1] - 1}; there is no unit {outside[0]}")
    last[..., units] = change(last[..., units])
    return out


def _places(units: Units) -> list[int] | None:
    """Numbers of units from numbers or from yes and no."""
    if units is None:
        return None
    units = np.asarray(units)
    return (np.flatnonzero(units) if units.dtype == bool else units.astype(int)).tolist()


def _normal(shape: Sequence[int], source: torch.Generator) -> Tensor:
    return torch.randn(tuple(shape), generator=source)
