"""Batches for training: which images come when, where they are shifted to, and what comes with them.

Everything random is a function of (seed, epoch, step), never of what ran before, so that a run which was
stopped and resumed sees the same batches as one that was not, and so do several processes that share them.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from .objectives import Batch, Objective
from .pixels import to_tensor

SHIFT, ZOOM = 0.05, 0.1  # share of the image's width; Daube et al. (2021)


class Examples(Protocol):
    """What can be trained on: images uint8 (n, size, size, 3), labels int64 (n,) by name, and frontal views."""

    images: np.ndarray
    labels: dict[str, np.ndarray]
    frontal: np.ndarray | None


def epoch_order(objective: Objective, identity: np.ndarray, rows: np.ndarray, seed: int, epoch: int) -> np.ndarray:
    """The rows in the order in which one epoch shows them; consecutive pairs of an identity if wanted."""
    shuffled = np.random.default_rng([seed, 0, epoch]).permutation(rows)
    if not objective.pairs:
        return shuffled
    pairs = identity_pairs(shuffled, identity[shuffled])
    return np.random.default_rng([seed, 1, epoch]).permutation(pairs).reshape(-1)


def identity_pairs(rows: np.ndarray, identity: np.ndarray) -> np.ndarray:
    """Pairs (m, 2) of rows with equal identity, each row in one pair at most, in order of identity."""
    order = np.argsort(identity, kind="stable")
    rows, identity = rows[order], identity[order]
    _, first, count = np.unique(identity, return_index=True, return_counts=True)
    place = np.arange(len(rows)) - np.repeat(first, count)
    return rows[place < np.repeat(count // 2 * 2, count)].reshape(-1, 2)


def training_batch(data: Examples, rows: np.ndarray, objective: Objective, step: int, seed: int, part: slice) -> Batch:
    """The part of one step's rows that this process sees, augmented if the objective wants it."""
    moves = np.random.default_rng([seed, 2, step]).uniform(-1, 1, (len(rows), 3))[part]
    batch = plain_batch(data, rows[part], objective, _number(seed, 3, step, part.start))
    if not objective.augment:
        return batch
    return Batch(shift_and_zoom(batch.images, moves), batch.labels, batch.frontal, batch.generator)


def plain_batch(data: Examples, rows: np.ndarray, objective: Objective, seed: int) -> Batch:
    """Some rows as they are."""
    frontal = to_tensor(data.frontal[rows]) if objective.frontal else None
    labels = {name: torch.from_numpy(values[rows]) for name, values in data.labels.items()}
    return Batch(to_tensor(data.images[rows]), labels, frontal, torch.Generator().manual_seed(seed))


def _number(*parts: int) -> int:
    """A seed for torch out of several whole numbers."""
    return int(np.random.SeedSequence(parts).generate_state(1, np.uint64)[0])


def shift_and_zoom(images: Tensor, moves: np.ndarray) -> Tensor:
    """Images (n, 3, h, w) moved by up to `SHIFT` and scaled by up to `ZOOM`; borders are repeated outward.

    Parameters
    ----------
    images : tensor of shape (n, 3, h, w)
    moves : array of shape (n, 3)
        From -1 to 1: to the left, up, and smaller.
    """
    transform = np.zeros((len(moves), 2, 3), np.float32)
    transform[:, 0, 0] = transform[:, 1, 1] = 1 + ZOOM * moves[:, 2]
    transform[:, :, 2] = 2 * SHIFT * moves[:, :2]  # the image reaches from -1 to 1
    grid = F.affine_grid(torch.from_numpy(transform), list(images.shape), align_corners=False)
    moved = F.grid_sample(images, grid, padding_mode="border", align_corners=False)
    return moved.contiguous(memory_format=torch.channels_last)
