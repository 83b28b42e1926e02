"""Neurons that spike, and how to train them although a spike has no slope.

A leaky integrate-and-fire neuron in steps of time: the membrane leaks, collects its input, and is set back by the
threshold after a spike.

    u[t] = decay * u[t - 1] + input[t] - threshold * s[t - 1]        s[t] = 1 if u[t] > threshold, else 0

The derivative of a step is 0 nearly everywhere, so the backward pass puts a smooth one in its place, the surrogate
gradient (Neftci, Mostafa & Zenke, 2019, IEEE Signal Processing Magazine 36:51, doi 10.1109/MSP.2019.2931595).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

DECAY, THRESHOLD, SLOPE = 0.9, 1.0, 10.0


class Spike(torch.autograd.Function):
    """Forward a step at 0; backward 1 / (1 + slope |u|)^2, the derivative of a fast sigmoid."""

    @staticmethod
    def forward(ctx, above: Tensor) -> Tensor:
        ctx.save_for_backward(above)
        return (above > 0).to(above.dtype)

    @staticmethod
    def backward(ctx, gradient: Tensor) -> Tensor:
        (above,) = ctx.saved_tensors
        return gradient / (1 + SLOPE * above.abs()) ** 2


def integrate(current: Tensor, decay: float = DECAY, threshold: float = THRESHOLD) -> tuple[Tensor, Tensor]:
    """Leaky integrate-and-fire neurons that are at rest in the beginning.

    Parameters
    ----------
    current : tensor of shape (time, ...)
        Input of each neuron in each step.
    decay : float
        What a step leaves of the membrane's voltage; exp(-dt / tau).
    threshold : float

    Returns
    -------
    spikes, voltage : tensors of the same shape
    """
    if not 0 <= decay < 1:
        raise ValueError(f"decay must be from 0 to below 1, or the membrane never forgets; got {decay}")
    voltage = spike = torch.zeros_like(current[0])
    spikes, voltages = [], []
    for step in current:
        voltage = decay * voltage + step - threshold * spike.detach()
        spike = Spike.apply(voltage - threshold)
        spikes.append(spike)
        voltages.append(voltage)
    return torch.stack(spikes), torch.stack(voltages)


def first_spike(current: float, decay: float = DECAY, threshold: float = THRESHOLD) -> int | None:
    """The step, counted from 0, in which a neuron with constant input spikes first; None if it never does.

    Without a spike u[t] = current (1 - decay^(t + 1)) / (1 - decay), which has to pass the threshold.
    """
    left = 1 - threshold * (1 - decay) / current if current > 0 else 0.0
    if left <= 0:
        return None
    return math.floor(math.log(left) / math.log(decay)) if decay else 0


class SpikingNet(nn.Module):
    """Constant current -> spiking hidden layer -> read-out of the mean spike rate.

    Parameters
    ----------
    inputs, hidden, classes : int
        An image is flattened.
    steps : int
        How long it looks at each image.
    """

    def __init__(self, inputs: int, hidden: int, classes: int, steps: int = 20) -> None:
        super().__init__()
        self.steps = steps
        self.input, self.readout = nn.Linear(inputs, hidden), nn.Linear(hidden, classes)

    def spikes(self, images: Tensor) -> Tensor:
        """What the hidden neurons fire when they see images (n, ...): (steps, n, hidden)."""
        current = self.input(images.flatten(1))
        return integrate(current.expand(self.steps, *current.shape))[0]

    def forward(self, images: Tensor) -> Tensor:
        return self.readout(self.spikes(images).mean(0))
