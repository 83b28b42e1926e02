"""What a shared gradient gives away: rebuild a training picture from the gradient it caused.

In federated learning, devices send gradients in place of pictures. Zhu, Liu & Han (2019), Deep leakage from gradients,
NeurIPS, arXiv 1906.08935; Geiping, Bauermeister, Dröge & Moeller (2020), Inverting gradients, NeurIPS,
arXiv 2003.14053.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..basics.live import one_thread

SMOOTH = 1e-2  # weight of the total variation: how much an attacker trusts that pictures are smooth


def shared_gradient(network: nn.Module, image: Tensor, label: int) -> list[Tensor]:
    """The gradient of the cross-entropy of one picture (1, c, h, w), for all parameters in their order."""
    loss = F.cross_entropy(network(image), torch.tensor([label]))
    return list(torch.autograd.grad(loss, list(network.parameters())))


def by_formula(weight_gradient: Tensor, bias_gradient: Tensor) -> Tensor:
    """The input of a fully connected layer, from its gradient for one picture, exactly.

    Row i of the weights' gradient is (what arrives at unit i) * input, and the bias' gradient is what arrives. So
    each row over its bias' is the input; rows are averaged by squared arrival, which drops units that were silent.

    Parameters
    ----------
    weight_gradient : tensor of shape (units, inputs)
    bias_gradient : tensor of shape (units,)

    Returns
    -------
    tensor of shape (inputs,)
    """
    power = bias_gradient.square().sum()
    if power == 0:
        raise ValueError("no unit of the layer was active, so its gradient holds nothing of the picture")
    return bias_gradient @ weight_gradient / power


def by_matching(
    network: nn.Module, shared: Sequence[Tensor], label: int, shape: Sequence[int], steps: int = 300, seed: int = 0
) -> Tensor:
    """Change a picture of noise until its gradient points where the shared one does (Geiping et al., 2020).

    Parameters
    ----------
    network : nn.Module
        As the attacker has it; it need not know about plasticities.
    shared : tensors, one a parameter
    label : int
        Known to the attacker (from the read-out's gradient it can be read).
    shape : of one image, (c, h, w)

    Returns
    -------
    tensor of shape (1, c, h, w), from -1 to 1
    """
    guess = torch.randn(1, *shape, generator=torch.Generator().manual_seed(seed)).requires_grad_()
    optimizer, target = torch.optim.Adam([guess], lr=0.1), torch.cat([g.flatten() for g in shared])
    parameters = list(network.parameters())
    with one_thread():
        for step in range(steps):
            loss = F.cross_entropy(network(guess), torch.tensor([label]))
            parts = torch.autograd.grad(loss, parameters, create_graph=True)
            own = torch.cat([part.flatten() for part in parts])
            distance = 1 - F.cosine_similarity(own, target, dim=0) + SMOOTH * _variation(guess)
            optimizer.param_groups[0]["lr"] = 0.1 * (1 - step / steps)
            guess.grad = torch.autograd.grad(distance, guess)[0].sign()
            optimizer.step()
            guess.data.clamp_(-1, 1)
    return guess.detach()


def _variation(image: Tensor) -> Tensor:
    """Mean absolute difference of neighbouring pixels."""
    return image.diff(dim=-1).abs().mean() + image.diff(dim=-2).abs().mean()


def similarity(rebuilt: Tensor, image: Tensor) -> float:
    """Correlation of two pictures' pixels: 1 the same up to contrast, 0 nothing in common.

    Pictures can be of any shape, with equally many pixels.
    """
    return float(np.corrcoef(rebuilt.flatten().numpy(), image.flatten().numpy())[0, 1])
