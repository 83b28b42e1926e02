"""A fair race of synapse rules: the same pictures, parameters, updates and beginnings; and what each gradient betrays.

The task is to name eight women in small grey pictures from changing sides under changing lamps. A rule may be tried at
several learning rates: one that merely takes larger steps looks faster at a rate that is too small for the others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from kit import faces
from kit.faces.snapshots import snapshots

from ..basics.live import centred, one_thread
from ..inside import inversion
from .biological import PlasticityDiversity, layered, remodel

BATCH, MOMENTUM = 50, 0.9
PEOPLE, SIDE = 8, 24  # pixels on a side of what the networks see
HIDDEN = (120, 120)
NOISE = 0.4  # standard deviation of pixels that test robustness; pixels go from -1 to 1
LEARNED = 0.7  # share right at which a network counts as having learned


@dataclass(frozen=True)
class Rule:
    """How synapses behave: plasticity's variability, epochs between two remodellings (0: never), synapses a link.

    Remodelling stops after two thirds of the epochs, so that what it disturbs can settle.
    """

    variability: float = 0.0
    crystallise: bool = False
    remodel_every: int = 0
    group: int = 1


RULES = {
    "plain": Rule(),
    "plasticity diversity": Rule(variability=0.16, crystallise=True),
    "spine remodelling": Rule(remodel_every=3),
    "multi-synaptic links": Rule(group=4),
    "all three": Rule(0.16, True, 3, 4),
}


class CloseUps(NamedTuple):
    """Grey pictures, float32 (n, 1, side, side) from -1 to 1, and who is on them, int64 (n,)."""

    images: Tensor
    who: Tensor


def pictures(n: int, rng: int) -> CloseUps:
    """Snapshots of the eight women, cut to their faces."""
    women = faces.load().sample(PEOPLE, sex="female", age=35, ancestry="caucasian", rng=1)
    taken = snapshots(women, n, size=36, rng=rng)
    grey = centred(close_up(taken.images)).mean(1, keepdim=True)
    return CloseUps(grey.contiguous(), torch.as_tensor(taken.identity))


def close_up(images: np.ndarray) -> np.ndarray:
    """The middle two thirds of rendered pictures, uint8 (n, s, s, 3) -> (n, 2 s / 3, 2 s / 3, 3): eyes to chin."""
    size = images.shape[1]
    side, left, top = round(2 * size / 3), round(size / 6), round(size / 5)
    return np.ascontiguousarray(images[:, top : top + side, left : left + side])


def train(
    rule: Rule, data: CloseUps, epochs: int = 20, rate: float = 0.03, seed: int = 0,
    watch: Callable[[nn.Module], float] | None = None,
) -> tuple[nn.Module, list[float]]:  # fmt: skip
    """Stochastic gradient descent with momentum under a rule; the network, and what `watch` saw after each epoch."""
    network = layered((SIDE * SIDE, *HIDDEN, PEOPLE), rule.group, seed)
    diversity = PlasticityDiversity(network, rule.variability, seed, rule.crystallise)
    optimizer = torch.optim.SGD(network.parameters(), rate, MOMENTUM)
    dice, seen = torch.Generator().manual_seed(seed), []
    with one_thread():
        for epoch in range(epochs):
            if rule.remodel_every and epoch and epoch % rule.remodel_every == 0 and epoch <= 2 * epochs / 3:
                remodel(network, dice)
            for rows in torch.randperm(len(data.who), generator=dice).split(BATCH):
                optimizer.zero_grad()
                F.cross_entropy(network(data.images[rows]), data.who[rows]).backward()
                diversity.scale()
                optimizer.step()
            seen += [watch(network)] if watch else []
    return network, seen


@torch.inference_mode()
def accuracy(network: nn.Module, data: CloseUps, noise: float = 0.0) -> float:
    """Share of pictures named rightly; with noise of a standard deviation on their pixels, the same each time."""
    spread = torch.randn(data.images.shape, generator=torch.Generator().manual_seed(0))
    with one_thread():
        named = network(data.images + noise * spread).argmax(1)
    return float((named == data.who).float().mean())


def epochs_to(seen: Sequence[float], level: float = LEARNED) -> float:
    """The epoch, counted from 1, after which a level was first reached; infinity if never."""
    reached = np.flatnonzero(np.asarray(seen) >= level)
    return float(reached[0] + 1) if len(reached) else float("inf")


def run(name: str, rate: float, seed: int, data: dict[str, CloseUps], epochs: int = 20) -> dict[str, float | str]:
    """One runner: how fast, how well, how robust.

    Parameters
    ----------
    name : key of `RULES`
    data : "train", "validation" (which chooses the rate) and "test"

    Returns
    -------
    dict: rule, rate, seed, epochs to `LEARNED` on validation pictures, and shares right in the end
    """
    network, seen = train(RULES[name], data["train"], epochs, rate, seed, lambda n: accuracy(n, data["validation"]))
    return {
        "rule": name, "rate": rate, "seed": seed, "epochs": epochs_to(seen), "validation": seen[-1],
        "test": accuracy(network, data["test"]), "noisy": accuracy(network, data["test"], NOISE),
    }  # fmt: skip


def betrayal(
    name: str, data: CloseUps, row: int, steps: int = 200, seed: int = 0, network: nn.Module | None = None
) -> dict[str, Tensor]:
    """One picture as two attackers rebuild it from the gradient that a device shares under a rule.

    Parameters
    ----------
    name : key of `RULES`
    row : which picture
    network : nn.Module, optional
        Untrained by default, which betrays most. The attackers have it, and do not know the plasticities.

    Returns
    -------
    dict: "picture", "formula" and "matching", tensors (1, side, side)
    """
    rule = RULES[name]
    network = network or layered((SIDE * SIDE, *HIDDEN, PEOPLE), rule.group, seed)
    image, label = data.images[row : row + 1], int(data.who[row])
    shared = inversion.shared_gradient(network, image, label)
    for parameter, gradient in zip(network.parameters(), shared):
        parameter.grad = gradient
    PlasticityDiversity(network, rule.variability, seed, rule.crystallise).scale()
    shared = [parameter.grad.clone() for parameter in network.parameters()]
    shape = image.shape[1:]
    matched = inversion.by_matching(network, shared, label, shape, steps, seed)
    return {"picture": image[0], "formula": inversion.by_formula(*shared[:2]).view(shape), "matching": matched[0]}
