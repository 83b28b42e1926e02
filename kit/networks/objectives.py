"""What the networks are trained for: each objective is a function of (batch, network) that returns a loss.

The objectives are those of Daube et al. (2021), Patterns 2:100348. They get the same images and the same
encoder, so what differs between the trained networks is what they were asked to do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor, nn

MARGIN = 1.0


@dataclass(frozen=True)
class Batch:
    """n training images and what is known about them.

    Parameters
    ----------
    images : tensor of shape (n, 3, size, size)
        From 0 to 1.
    labels : dict of str to int64 tensor of shape (n,)
    frontal : tensor of shape (n, 3, size, size), optional
        The same faces, seen from the front.
    generator : torch.Generator
        Source of the noise of variational networks.
    """

    images: Tensor
    labels: dict[str, Tensor]
    frontal: Tensor | None
    generator: torch.Generator


def triplet(batch: Batch, network: nn.Module) -> Tensor:
    """Images of one identity closer to each other than to others; consecutive images are such pairs."""
    return triplet_loss(network(batch.images), batch.labels["identity"])


def triplet_loss(embedding: Tensor, identity: Tensor) -> Tensor:
    """Symmetric triplet loss, over all triplets of a batch.

    The mean of max(0, d_ap^2 - (d_an^2 + d_pn^2) / 2 + 1) over the pairs (a, p), which are the rows
    (0, 1), (2, 3), ..., and all other rows n of another identity.

    Parameters
    ----------
    embedding : tensor of shape (2 m, d)
    identity : int64 tensor of shape (2 m,)
    """
    squared = (embedding[:, None] - embedding[None]).square().sum(-1)
    pairs = torch.arange(len(embedding), device=embedding.device).view(-1, 2)
    a, p = pairs.T
    violation = squared[a, p][:, None] - (squared[a] + squared[p]) / 2 + MARGIN  # (m, 2 m)
    others = identity[a][:, None] != identity[None]
    if not others.any():
        raise ValueError(f"all {len(identity)} images show one identity: triplets need two; take larger batches")
    return F.relu(violation)[others].mean()


def class_id(batch: Batch, network: nn.Module) -> Tensor:
    """Cross-entropy of the softmax over identities."""
    return F.cross_entropy(network(batch.images)["identity"].float(), batch.labels["identity"])


def class_multi(batch: Batch, network: nn.Module) -> Tensor:
    """Mean cross-entropy over all that the network has a read-out for, each with equal weight."""
    logits = network(batch.images)
    losses = [F.cross_entropy(values.float(), batch.labels[name]) for name, values in logits.items()]
    return torch.stack(losses).mean()


def autoencode(batch: Batch, network: nn.Module) -> Tensor:
    """Mean absolute error of the drawing to the image itself."""
    return F.l1_loss(network(batch.images), batch.images)


def view_invariant(batch: Batch, network: nn.Module) -> Tensor:
    """Mean absolute error of the drawing to the same face seen from the front."""
    return F.l1_loss(network(batch.images), batch.frontal)


def variational(batch: Batch, network: nn.Module, beta: float) -> Tensor:
    """Negative evidence bound with a Laplace likelihood of unit scale, per pixel value.

    (sum over pixels of |drawing - image| + beta KL) / pixels, the mean over images: without the divergence
    it is the loss of `autoencode`. Higgins et al. (2017), beta-VAE, ICLR.
    """
    drawing, mean, log_variance = network(batch.images, generator=batch.generator)
    divergence = kl_from_standard_normal(mean, log_variance).mean()
    return F.l1_loss(drawing, batch.images) + beta * divergence / batch.images[0].numel()


def kl_from_standard_normal(mean: Tensor, log_variance: Tensor) -> Tensor:
    """Divergence in nats of N(mean, exp(log_variance)) from N(0, 1), summed over dimensions: (n, d) -> (n,)."""
    return (mean.square() + log_variance.exp() - 1 - log_variance).sum(1) / 2


@dataclass(frozen=True)
class Objective:
    """A loss and the batches it wants.

    Parameters
    ----------
    loss : callable
        (batch, network) -> scalar tensor.
    augment : bool
        Whether images are shifted and zoomed a little.
    pairs : bool
        Whether rows (0, 1), (2, 3), ... of a batch show one identity each.
    frontal : bool
        Whether batches hold the same faces seen from the front.
    """

    loss: Callable[[Batch, nn.Module], Tensor]
    augment: bool = True
    pairs: bool = False
    frontal: bool = False


BETAS = {"vae": 1, "beta2": 2, "beta5": 5, "beta10": 10, "beta20": 20}

OBJECTIVES: dict[str, Objective] = {
    "triplet": Objective(triplet, augment=False, pairs=True),
    "classid": Objective(class_id),
    "classmulti": Objective(class_multi),
    "ae": Objective(autoencode, augment=False),
    "viae": Objective(view_invariant, augment=False, frontal=True),
    **{name: Objective(partial(variational, beta=beta), augment=False) for name, beta in BETAS.items()},
}
