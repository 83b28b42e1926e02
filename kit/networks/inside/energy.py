"""What a network's answer costs: operations, numbers moved, and from published energies, joules.

Count first (`operations`), then price (`joules`). The prices are those of one chip technology, 45 nm, of about 2010
(Horowitz, 2014, IEEE ISSCC 57:10, doi 10.1109/ISSCC.2014.6757323, figure 1.1.9); newer chips are several times cheaper,
but the proportions, above all between computing a number and fetching it, have hardly changed. So read factors, not
joules.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..basics.live import one_thread

COUNTED = (nn.Linear, nn.Conv2d, nn.ConvTranspose2d)
BITS = {"float32": 32, "float16": 16, "int8": 8}
# Picojoules of an addition and of a multiplication. Products of int8 are added up in int32.
ADD = {"float32": 0.9, "float16": 0.4, "int8": 0.1}
MULTIPLY = {"float32": 3.7, "float16": 1.1, "int8": 0.2}
# Picojoules to read 64 bits; for DRAM the middle of the published 1,300 to 2,600.
READ = {"cache of 32 kB": 20.0, "cache of 1 MB": 100.0, "DRAM": 1950.0}

WATTS = 20.0  # of a brain (Balasubramanian, 2021, PNAS 118:e2107022118)
NEURONS = 86e9  # of a human brain (Azevedo et al., 2009, Journal of Comparative Neurology 513:532)
COMPUTING, SENDING = 0.1, 3.5  # watts of the cortex (Levy & Calvert, 2021, PNAS 118:e2008173118)


@dataclass(frozen=True)
class Cost:
    """What one layer does for one image.

    Parameters
    ----------
    layer : its name in the network.
    macs : products of an input with a weight, each added to a sum.
    weights : numbers that must be fetched.
    activations : numbers that come in or go out.
    """

    layer: str
    macs: float
    weights: float
    activations: float


@dataclass(frozen=True)
class Joules:
    """Energy of one answer: to compute, and to move numbers."""

    arithmetic: float
    memory: float

    @property
    def total(self) -> float:
        """Both together."""
        return self.arithmetic + self.memory


def operations(network: nn.Module, images: Tensor, skip_zeros: bool = False) -> list[Cost]:
    """What each linear or convolutional layer does for one image, on average over the images.

    Normalisation, activation functions and pooling are left out: of these networks' operations they are a few percent.

    Parameters
    ----------
    network : nn.Module
    images : tensor of shape (n, ...), as the network takes them
    skip_zeros : bool
        Count only products whose weight and input both differ from zero, and only such weights and activations: what
        is left to do for a machine that can skip the rest. Few machines can.
    """
    found: list[Cost] = []

    def note(name: str):
        def hook(layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
            found.append(_cost(name, layer, inputs[0].detach(), output.detach(), skip_zeros))

        return hook

    hooks = [m.register_forward_hook(note(n)) for n, m in network.named_modules() if isinstance(m, COUNTED)]
    try:
        with torch.inference_mode(), one_thread():
            network(images)
    finally:
        for hook in hooks:
            hook.remove()
    return found


def _cost(name: str, layer: nn.Module, x: Tensor, y: Tensor, skip_zeros: bool) -> Cost:
    if not skip_zeros:
        macs = _products(layer, torch.ones_like(x[:1]), torch.ones_like(layer.weight))
        return Cost(name, macs, layer.weight.numel(), (x.numel() + y.numel()) / len(x))
    macs = _products(layer, (x != 0).to(x.dtype), (layer.weight != 0).to(x.dtype)) / len(x)
    used = (torch.count_nonzero(x) + torch.count_nonzero(y)).item() / len(x)
    return Cost(name, macs, torch.count_nonzero(layer.weight).item(), used)


def _products(layer: nn.Module, x: Tensor, weight: Tensor) -> float:
    """How many products a layer forms, given ones where inputs and weights count: the layer itself, run on ones."""
    if isinstance(layer, nn.Linear):
        out = F.linear(x, weight)
    elif isinstance(layer, nn.Conv2d):
        out = F.conv2d(x, weight, None, layer.stride, layer.padding, layer.dilation, layer.groups)
    else:
        sizes = layer.stride, layer.padding, layer.output_padding, layer.groups, layer.dilation
        out = F.conv_transpose2d(x, weight, None, *sizes)
    return out.double().sum().item()


def joules(
    costs: Iterable[Cost], number: str = "float32", memory: str = "cache of 1 MB", images_at_once: int = 1
) -> Joules:
    """Energy of one image's answer.

    Parameters
    ----------
    costs : from `operations`.
    number : {"float32", "float16", "int8"}
        How numbers are kept.
    memory : {"cache of 32 kB", "cache of 1 MB", "DRAM"}
        Where weights and activations are fetched from.
    images_at_once : int
        Images that share one fetching of the weights.

    Raises
    ------
    ValueError
        If there is no published energy for `number` or `memory`.
    """
    if number not in BITS or memory not in READ:
        known = f"numbers: {', '.join(BITS)}; memories: {', '.join(READ)}"
        raise ValueError(f"no published energy for {number!r} in {memory!r}; known {known}")
    costs = list(costs)
    each = ADD[number] + MULTIPLY[number]
    moved = sum(c.weights / images_at_once + c.activations for c in costs)
    return Joules(1e-12 * each * sum(c.macs for c in costs), 1e-12 * moved * BITS[number] / 64 * READ[memory])
