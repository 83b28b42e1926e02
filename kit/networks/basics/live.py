"""Train a small classifier while you watch: minutes become seconds, and nothing is hidden.

The kit's large networks are trained by `training`, which survives being stopped. This loop only has to be
short enough to be read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from tqdm.auto import tqdm

from ..pixels import to_tensor

BATCH = 50
Loss = Callable[[Tensor, torch.Generator], Tensor]


def fit(
    network: nn.Module, images: np.ndarray, labels: np.ndarray, epochs: int = 10, rate: float = 3e-3, seed: int = 0,
    held_out: tuple[np.ndarray, np.ndarray] | None = None,
) -> list[dict[str, float]]:  # fmt: skip
    """Teach a network the labels of pictures, in place, by cross-entropy and Adam.

    Parameters
    ----------
    network : nn.Module
        Tensor (n, 3, h, w) from -1 to 1 -> scores (n, classes).
    images : uint8 array of shape (n, h, w, 3)
    labels : int array of shape (n,)
    epochs : int
        Passes through all pictures.
    rate : float
        Size of the steps.
    seed : int
        Order of the pictures.
    held_out : (images, labels), optional
        Pictures to test with after each epoch; they teach nothing.

    Returns
    -------
    list with a dict for each epoch: "loss", its mean over the epoch, and "held_out", the share right
    """
    x, y = centred(images), torch.as_tensor(labels)

    def loss(rows: Tensor, _: torch.Generator) -> Tensor:
        return F.cross_entropy(network(x[rows]), y[rows])

    history = []
    for mean in descend(network, len(x), loss, [rate] * epochs, seed):
        history.append({"loss": mean} | ({"held_out": accuracy(network, *held_out)} if held_out else {}))
    return history


def descend(
    network: nn.Module, n: int, loss: Loss, rates: Sequence[float], seed: int, batch: int = BATCH,
    doing: str = "training",
) -> Iterator[float]:  # fmt: skip
    """The loop behind every `fit`: step down a loss with Adam, batch after batch, in place.

    Parameters
    ----------
    network : nn.Module
    n : int
        Number of examples; each epoch takes them in another order.
    loss : function of the rows of a batch, int64 tensor (batch,), and of a generator for whatever else is drawn by lot
    rates : sequence of float
        Size of the steps in each epoch.
    seed : int
    doing : str
        What the bar of progress says.

    Yields
    ------
    float, after each epoch its mean loss
    """
    optimizer, dice = torch.optim.Adam(network.parameters()), torch.Generator().manual_seed(seed)
    for rate in tqdm(rates, doing, unit="epoch", leave=False):
        optimizer.param_groups[0]["lr"], losses = rate, []
        with one_thread():
            for rows in torch.randperm(n, generator=dice).split(batch):
                value = loss(rows, dice)
                optimizer.zero_grad()
                value.backward()
                optimizer.step()
                losses.append(value.item())
        yield float(np.mean(losses))


def centred(images: np.ndarray) -> torch.Tensor:
    """Pictures uint8 (n, h, w, 3) as a tensor (n, 3, h, w) from -1, black, to 1: networks learn faster round 0."""
    return 2 * to_tensor(images) - 1


def accuracy(network: nn.Module, images: np.ndarray, labels: np.ndarray) -> float:
    """Share of pictures whose highest score is at the right label.

    Images are uint8 (n, h, w, 3), labels (n,).
    """
    with torch.inference_mode(), one_thread():
        named = network(centred(images)).argmax(1).numpy()
    return float(np.mean(named == labels))


def features(network: nn.Module, images: np.ndarray) -> np.ndarray:
    """What a network makes of pictures uint8 (n, h, w, 3): float32 (n, d)."""
    with torch.inference_mode(), one_thread():
        return network(centred(images)).numpy()


@contextmanager
def one_thread() -> Iterator[None]:
    """Torch computes in the thread that calls it: small networks run faster so, and callers share out the cores.

    Its own threads meet after every layer, and wait by spinning: on a busy machine they cost ten times what they give.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def parameters(network: nn.Module) -> int:
    """How many numbers a network learns."""
    return sum(p.numel() for p in network.parameters())
