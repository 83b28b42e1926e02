"""Learn to see without labels: two pictures of one face should look alike to the network, others not.

Chen, Kornblith, Norouzi & Hinton (2020), A simple framework for contrastive learning of visual
representations (SimCLR), ICML, arXiv 2002.05709.
"""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .live import centred, descend


def contrastive_loss(first: Tensor, second: Tensor, temperature: float = 0.2) -> Tensor:
    """Whether each picture finds its partner among all others of the batch (NT-Xent of SimCLR).

    Parameters
    ----------
    first, second : tensors of shape (n, d)
        Row k of both comes from one face; n is 2 or more.
    temperature : float
        Small: only the most similar others count.
    """
    n = len(first)
    rows = F.normalize(torch.cat([first, second]), dim=1)
    similar = rows @ rows.T / temperature
    similar = similar.masked_fill(torch.eye(2 * n, dtype=torch.bool), -torch.inf)  # not itself
    partner = torch.arange(2 * n).roll(n)
    return F.cross_entropy(similar, partner)


def fit(
    network: nn.Module, first: np.ndarray, second: np.ndarray, epochs: int = 10, rate: float = 2e-3, seed: int = 0
) -> list[float]:
    """Teach a network which pictures belong together, in place; the mean loss of each epoch.

    Parameters
    ----------
    network : nn.Module
        Tensor (n, 3, h, w) from -1 to 1 -> (n, d), in which pictures are compared.
    first, second : uint8 arrays of shape (n, h, w, 3)
        Picture k of both shows one face.
    """
    x, y = centred(first), centred(second)

    def loss(rows: Tensor, _: torch.Generator) -> Tensor:
        return contrastive_loss(network(x[rows]), network(y[rows]))

    return list(descend(network, len(x), loss, [rate] * epochs, seed, doing="contrasting"))
