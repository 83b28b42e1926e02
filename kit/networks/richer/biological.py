"""Synapses that differ, turn over and come in bundles, and neurons that keep to one sign; to be read in one sitting.

Hofmann, Becker, Tetzlaff & Mäder (2025), Concept transfer of synaptic diversity from biological to artificial neural
networks, Nature Communications 16:5112, doi 10.1038/s41467-025-60078-9, carry three findings on synapses over to
networks that learn by gradients:

    plasticity diversity     gradient * lambda, lambda ~ U(1 - v, 1 + v), one for each weight, for ever
      with crystallisation   lambda * 0.6 where |g| / |w| < 4.5e-5, or where |g| > mean |w|
    spine remodelling        every few epochs, weights with |w| < |N(0, max|w| / 8)| are redrawn from U(-max|w|, max|w|)
    multi-synaptic links     after the activation: sums over groups of G units, each sum repeated G times

Dale's law, that a neuron either excites or inhibits all its targets, after Song, Yang & Wang (2016), PLOS
Computational Biology 12:e1004792, and Cornford et al. (2021), ICLR (openreview eU776ZYxEpz).

We know the rules from their description. Crystallisation is read here as holding for the update at which it is found;
in the authors' package (pytorch-bio-transformations 0.0.5) it lasts, and each further one multiplies by 0.6 again.
"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn

VARIABILITY = 0.16
CRYSTALLISED = 0.6  # what is left of a crystallised synapse's plasticity
TINY_CHANGE = 4.5e-5  # |g| / |w| below which a synapse counts as settled
THIN = 1 / 8  # of the largest weight: the scale of the noise against which spines have to hold


def plasticity(weight: Tensor, generator: torch.Generator, variability: float = VARIABILITY) -> Tensor:
    """How plastic each weight of a tensor of any shape is: numbers from U(1 - v, 1 + v), of the same shape."""
    if not 0 <= variability <= 1:
        raise ValueError(f"variability must be from 0 to 1, or a weight would climb its gradient; got {variability}")
    return 1 + variability * (2 * torch.rand(weight.shape, generator=generator) - 1)


def crystallised(weight: Tensor, gradient: Tensor) -> Tensor:
    """Where a synapse is crystallised: its change would be tiny against it, or larger than the mean weight.

    Parameters
    ----------
    weight, gradient : tensors of one shape

    Returns
    -------
    bool tensor of that shape
        |g| < 4.5e-5 |w|, written without a quotient, which a weight of 0 would not have; or |g| > mean |w|.
    """
    change, size = gradient.abs(), weight.abs()
    return (change < TINY_CHANGE * size) | (change > size.mean())


class PlasticityDiversity:
    """Every weight of a network's layers gets a plasticity of its own, drawn once.

    Call `scale()` between `loss.backward()` and `optimizer.step()`. The step has to be in proportion to the gradient:
    Adam divides a factor that stays the same out again.

    Parameters
    ----------
    network : nn.Module
    variability : float
        v; 0 makes all weights alike.
    seed : int
    crystallise : bool
    """

    def __init__(
        self, network: nn.Module, variability: float = VARIABILITY, seed: int = 0, crystallise: bool = True
    ) -> None:
        generator = torch.Generator().manual_seed(seed)
        self.weights = weights(network)
        self.rates = [plasticity(weight, generator, variability) for weight in self.weights]
        self.crystallise = crystallise

    def scale(self) -> None:
        """Multiply the gradients, in place."""
        for weight, rates in zip(self.weights, self.rates):
            if self.crystallise:
                rates = torch.where(crystallised(weight.detach(), weight.grad), CRYSTALLISED * rates, rates)
            weight.grad.mul_(rates)


def weights(network: nn.Module) -> list[nn.Parameter]:
    """The weights of all layers, without biases."""
    return [p for name, p in network.named_parameters() if name.endswith("weight")]


def thin(weight: Tensor, generator: torch.Generator) -> Tensor:
    """Which spines are too thin to hold: |w| < |noise|, noise ~ N(0, max|w| / 8), drawn for each.

    Weights can be of any shape; the answer is bool, of the same shape.
    """
    noise = THIN * weight.abs().max() * torch.randn(weight.shape, generator=generator)
    return weight.abs() < noise.abs()


@torch.no_grad()
def remodel(network: nn.Module, generator: torch.Generator) -> float:
    """Redraw the thin spines of every layer, in place, from U(-max|w|, max|w|); the share that was redrawn."""
    redrawn, total = 0, 0
    for weight in weights(network):
        lost, largest = thin(weight, generator), weight.abs().max()
        new = largest * (2 * torch.rand(weight.shape, generator=generator) - 1)
        weight.copy_(torch.where(lost, new, weight))
        redrawn, total = redrawn + int(lost.sum()), total + weight.numel()
    return redrawn / total


class MultiSynaptic(nn.Module):
    """A layer's units in groups of G: each gives on the sum of its group, as if it had G synapses on its target.

    The same as a product with a matrix of G x G blocks of ones. What follows sees width / G different numbers, each
    through G weights that act as their sum and get the same gradient.

    Parameters
    ----------
    width : int
        Units of the layer.
    group : int
        G; it divides the width.
    """

    def __init__(self, width: int, group: int) -> None:
        super().__init__()
        if group < 1 or width % group:
            fitting = [g for g in range(1, width + 1) if width % g == 0]
            raise ValueError(f"groups of {group} do not divide {width} units; choose one of {fitting}")
        self.width, self.group = width, group

    def forward(self, units: Tensor) -> Tensor:
        sums = units.unflatten(-1, (self.width // self.group, self.group)).sum(-1)
        return sums.repeat_interleave(self.group, -1)

    def extra_repr(self) -> str:
        return f"{self.width}, group={self.group}"


def layered(sizes: tuple[int, ...], group: int = 1, seed: int = 0) -> nn.Sequential:
    """A multilayer perceptron with ReLU, its hidden layers with multi-synaptic links if `group` is above 1.

    Parameters
    ----------
    sizes : tuple of int
        Inputs (an image is flattened), units of each hidden layer, outputs.
    group : int
        G; the last layer is exempt.
    seed : int
        Of the first weights; networks that differ in `group` alone begin alike.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        layers = [nn.Linear(a, b) for a, b in pairwise(sizes)]
    parts: list[nn.Module] = [nn.Flatten()]
    for layer in layers[:-1]:
        parts += [layer, nn.ReLU(), *([MultiSynaptic(layer.out_features, group)] if group > 1 else [])]
    return nn.Sequential(*parts, layers[-1])


def collapsed(layer: nn.Linear, group: int) -> nn.Linear:
    """The smaller layer that does after one sum for each group what `layer` does after `MultiSynaptic`."""
    small = nn.Linear(layer.in_features // group, layer.out_features)
    with torch.no_grad():
        small.weight.copy_(layer.weight.unflatten(1, (-1, group)).sum(-1))
        small.bias.copy_(layer.bias)
    return small


class DaleLinear(nn.Linear):
    """A layer whose inputs are neurons that excite or inhibit: all weights of a column have one sign.

    The columns' signs are fixed; what is learned, `weight`, only counts where it is positive. Inhibitory columns
    begin stronger, so that excitation and inhibition balance.

    Parameters
    ----------
    in_features, out_features : int
    excitatory : float
        Share of the inputs that excite; in cortex about 0.8.
    """

    def __init__(self, in_features: int, out_features: int, excitatory: float = 0.8) -> None:
        super().__init__(in_features, out_features)
        n = round(excitatory * in_features)
        if not 0 < n < in_features:
            raise ValueError(f"{excitatory:g} of {in_features} inputs leaves no neuron of one kind; take more inputs")
        self.register_buffer("signs", torch.where(torch.arange(in_features) < n, 1.0, -1.0))
        with torch.no_grad():
            self.weight.abs_()
            self.weight[:, n:] *= n / (in_features - n)

    @property
    def effective(self) -> Tensor:
        """The weights as they act, (out, in)."""
        return self.weight.clamp(min=0) * self.signs

    def forward(self, inputs: Tensor) -> Tensor:
        return nn.functional.linear(inputs, self.effective, self.bias)
