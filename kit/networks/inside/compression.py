"""Smaller copies of a network: weights taken out, weights written with fewer bits.

Magnitude pruning: LeCun, Denker & Solla (1990), NeurIPS 2:598, had a better criterion; Han et al. (2015), NeurIPS 28,
arXiv 1506.02626, showed how far the simplest goes.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator

import torch
from torch import Tensor, nn


def weights(network: nn.Module) -> Iterator[Tensor]:
    """Weight matrices and kernels; biases and normalisation are few and stay as they are."""
    return (p for name, p in network.named_parameters() if name.endswith("weight") and p.ndim > 1)


def prune(network: nn.Module, share: float) -> nn.Module:
    """A copy in which the smallest weights, this share of all, are zero.

    Parameters
    ----------
    network : nn.Module
    share : float
        From 0 to below 1; over all layers together, so that some lose more than others.
    """
    if not 0 <= share < 1:
        raise ValueError(f"share={share} is not from 0 to below 1: a network without weights answers nothing")
    out = copy.deepcopy(network)
    sizes = torch.cat([w.detach().abs().flatten() for w in weights(out)])
    count = round(share * len(sizes))
    if count:
        limit = sizes.kthvalue(count).values
        with torch.no_grad():
            for w in weights(out):
                w[w.abs() <= limit] = 0
    return out


def quantise(network: nn.Module, bits: int) -> nn.Module:
    """A copy whose weights take only 2^bits - 1 values in each layer, equally spaced round zero.

    Only the weights: activations keep their precision, which real hardware would cut as well.
    """
    if not 2 <= bits <= 16:
        raise ValueError(f"bits={bits}: from 2 (minus, zero, plus) to 16")
    out, levels = copy.deepcopy(network), 2 ** (bits - 1) - 1
    with torch.no_grad():
        for w in weights(out):
            step = w.abs().max() / levels
            if step > 0:
                w.copy_((w / step).round() * step)
    return out
