"""Break a network on purpose: silence units, turn their gain, make them noisy, and measure what is lost.

Every lesion is a forward hook for the time of a `with` block: no weight is touched, and what was whole is whole
again afterwards, also when the block ends with an error. A hook belongs to the layer itself, so whatever passes
through the layer is lesioned: the whole network, or only its upper part fed with activations kept from before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from kit.networks.activations import Network

Units = Sequence[int] | np.ndarray | None
Score = Callable[[], float | np.ndarray]
Change = Callable[[Tensor], Tensor]


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


def ablate(network: nn.Module | Network, layer: str, units: Units = None, value: float | np.ndarray = 0.0):
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


def scale_gain(network: nn.Module | Network, layer: str, gain: float, units: Units = None):
    """Multiply what units say: below 1 they speak too softly, above 1 too loudly. Otherwise as `altered`."""
    return altered(network, layer, lambda heard: gain * heard, units)


def add_noise(network: nn.Module | Network, layer: str, sd: float, units: Units = None, seed: int = 0):
    """Add a Gaussian number to what units say, another one at every pass, place and picture.

    Parameters
    ----------
    sd : float
        In the layer's own units.
    """
    return altered(network, layer, lambda heard: heard + sd * _normal(heard, source), units) if (
        source := torch.Generator().manual_seed(seed)
    ) else None


def jitter_gain(network: nn.Module | Network, layer: str, sd: float, units: Units = None, seed: int = 0):
    """Multiply what each unit says of a picture by 1 + sd z, z Gaussian, another one at every pass."""
    return None
