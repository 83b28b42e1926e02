"""A trained network of ReLUs, answered in spikes: the more time it gets, the nearer it comes.

Each hidden unit becomes a neuron that adds up its input and, at 1, sends a spike and subtracts 1; its rate over time
approaches the activation of the unit (Rueckauer et al., 2017, Frontiers in Neuroscience 11:682,
doi 10.3389/fnins.2017.00682). Nothing is trained again.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from ..basics.live import one_thread


class SpikingAnswer(NamedTuple):
    """What comes out of each time step.

    Parameters
    ----------
    scores : tensor of shape (steps, n, classes)
        Of the read-out, when it stops after this step.
    additions : tensor of shape (steps,)
        Weights added because of spikes up to this step, for one image on average.
    rate : float
        Spikes a neuron and step, on average.
    """

    scores: Tensor
    additions: Tensor
    rate: float


def spikes(network: nn.Sequential, images: Tensor, steps: int) -> SpikingAnswer:
    """Run a network of `Linear` and `ReLU` layers in spikes.

    Parameters
    ----------
    network : nn.Sequential
        (Flatten,) Linear, ReLU, ..., Linear.
    images : tensor of shape (n, ...)
        Given as a constant current: the first layer multiplies once. A layer's rates are scaled so that the most
        active unit, the 99.9th percentile over these images, sends one spike a step.
    steps : int
    """
    layers = _linear(network)
    with torch.inference_mode(), one_thread():
        currents, scales = images.flatten(1), _scales(layers, images.flatten(1))
        into = layers[0](currents)  # the same in every step
        charges = [torch.zeros(len(images), layer.out_features) for layer in layers[:-1]]
        total, added, sent = torch.zeros(len(images), layers[-1].out_features), 0.0, 0.0
        scores, additions = [], []
        for step in range(steps):
            drive = into / scales[0]
            for k, layer in enumerate(layers[1:]):
                charges[k] += drive
                fired = (charges[k] >= 1).float()
                charges[k] -= fired
                sent += fired.sum().item()
                added += fired.sum().item() * layer.out_features / len(images)
                before, after = scales[k], scales[k + 1]
                drive = (fired @ layer.weight.T * before + layer.bias) / after
            total += drive
            scores.append(total / (step + 1))
            additions.append(added)
    neurons = sum(layer.out_features for layer in layers[:-1])
    return SpikingAnswer(torch.stack(scores), torch.tensor(additions), sent / (steps * len(images) * neurons))


def _linear(network: nn.Sequential) -> list[nn.Linear]:
    kinds = [type(part) for part in network if not isinstance(part, nn.Flatten)]
    if kinds[::2] != [nn.Linear] * len(kinds[::2]) or kinds[1::2] != [nn.ReLU] * len(kinds[1::2]) or len(kinds) % 2 < 1:
        raise ValueError(
            "only Linear, ReLU, ..., Linear can be run in spikes; got " + ", ".join(k.__name__ for k in kinds)
        )
    if len(kinds) < 3:
        raise ValueError("a network without a hidden layer has no neurons that could spike")
    return [part for part in network if isinstance(part, nn.Linear)]


def _scales(layers: list[nn.Linear], x: Tensor) -> list[float]:
    """Activation of each hidden layer that shall be one spike a step; 1 for the read-out."""
    out = []
    for layer in layers[:-1]:
        x = layer(x).relu()
        out.append(max(x.flatten().sort().values[int(0.999 * (x.numel() - 1))].item(), 1e-9))
    return [*out, 1.0]
