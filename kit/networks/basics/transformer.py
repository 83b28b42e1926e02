"""A small vision transformer, and where its attention goes.

Vaswani et al. (2017), Attention is all you need, NeurIPS; Dosovitskiy et al. (2021), An image is worth
16 x 16 words, ICLR. Pictures become patches, patches become tokens, and tokens ask each other.
"""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Attention(nn.Module):
    """Every token asks all tokens: (n, tokens, width) -> the same shape, and who listened to whom.

    Parameters
    ----------
    width : int
        Numbers of a token.
    heads : int
        Questions asked side by side, each with its share of the width.
    """

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query, self.key, self.value, self.out = (nn.Linear(width, width) for _ in range(4))

    def forward(self, tokens: Tensor) -> tuple[Tensor, Tensor]:
        q, k, v = (self._split(part(tokens)) for part in (self.query, self.key, self.value))
        weights = torch.softmax(q @ k.mT / q.shape[-1] ** 0.5, dim=-1)  # (n, heads, tokens, tokens)
        mixed = (weights @ v).transpose(1, 2).flatten(2)
        return self.out(mixed), weights

    def _split(self, x: Tensor) -> Tensor:
        """(n, tokens, width) -> (n, heads, tokens, width / heads)."""
        return x.unflatten(2, (self.heads, -1)).transpose(1, 2)


class Block(nn.Module):
    """Attention between tokens, then a small network within each; both add to what was there."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attention = Attention(width, heads)
        self.mlp = nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width))

    def forward(self, tokens: Tensor) -> tuple[Tensor, Tensor]:
        mixed, weights = self.attention(self.norm1(tokens))
        tokens = tokens + mixed
        return tokens + self.mlp(self.norm2(tokens)), weights


class VisionTransformer(nn.Module):
    """Images (n, 3, h, w) from -1 to 1 -> scores (n, classes), read from one extra token.

    Parameters
    ----------
    classes : int
    size, patch : int
        Pixels on a side of the image and of a patch.
    width, heads, depth : int
        Numbers of a token, heads of attention, blocks.
    """

    def __init__(
        self, classes: int, size: int = 32, patch: int = 4, width: int = 48, heads: int = 4, depth: int = 2
    ) -> None:
        super().__init__()
        self.patch = patch
        self.embed = nn.Linear(3 * patch**2, width)
        self.place = nn.Parameter(0.02 * torch.randn(1 + (size // patch) ** 2, width))
        self.summary = nn.Parameter(torch.zeros(1, 1, width))  # "class token": it asks, and is read in the end
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(depth))
        self.norm, self.readout = nn.LayerNorm(width), nn.Linear(width, classes)

    def tokens(self, images: Tensor) -> Tensor:
        """What the first block gets: the summary token, then the patches row by row, each told its place."""
        patches = self.embed(patches_of(images, self.patch))
        return torch.cat([self.summary.expand(len(images), -1, -1), patches], dim=1) + self.place

    def forward(self, images: Tensor) -> Tensor:
        return self._through(images)[0]

    def attention(self, images: Tensor) -> np.ndarray:
        """Who listens to whom in each block and head: (n, depth, heads, tokens, tokens); rows sum to 1."""
        with torch.inference_mode():
            return torch.stack(self._through(images)[1], dim=1).numpy()

    def _through(self, images: Tensor) -> tuple[Tensor, list[Tensor]]:
        tokens, listened = self.tokens(images), []
        for block in self.blocks:
            tokens, weights = block(tokens)
            listened.append(weights)
        return self.readout(self.norm(tokens[:, 0])), listened


def patches_of(images: Tensor, patch: int) -> Tensor:
    """Cut images (n, channels, h, w) into squares, row by row: (n, patches, channels * patch^2)."""
    if images.shape[2] % patch or images.shape[3] % patch:
        raise ValueError(f"pictures of {tuple(images.shape[2:])} cannot be cut into squares of {patch} pixels")
    return F.unfold(images, patch, stride=patch).mT


def rollout(attention: np.ndarray) -> np.ndarray:
    """Attention followed back through all blocks to the patches.

    A block passes half of a token on as it was (the sum around the attention) and mixes the other half:
    (A + I) / 2, with A averaged over heads; the blocks' matrices are multiplied.

    Parameters
    ----------
    attention : array of shape (..., depth, heads, tokens, tokens)

    Returns
    -------
    array of shape (..., tokens, tokens)
        Rows sum to 1: how much of each token at the bottom is in each token at the top.

    References
    ----------
    Abnar & Zuidema (2020), Quantifying attention flow in transformers, ACL, doi 10.18653/v1/2020.acl-main.385.
    """
    mixing = attention.mean(axis=-3)
    mixing = (mixing + np.eye(mixing.shape[-1])) / 2
    total = mixing[..., 0, :, :]
    for block in range(1, mixing.shape[-3]):
        total = mixing[..., block, :, :] @ total
    return total


def cover(images: np.ndarray, patches: np.ndarray, patch: int) -> np.ndarray:
    """Pictures uint8 (n, h, w, 3) with some of their patches painted grey.

    Parameters
    ----------
    patches : int array of shape (n, k)
        Which patches of each picture, counted row by row from 0.
    patch : int
        Pixels on a side of a patch.
    """
    out, columns = images.copy(), images.shape[2] // patch
    for picture, chosen in zip(out, patches):
        for row, column in zip(*np.divmod(chosen, columns)):
            picture[row * patch : (row + 1) * patch, column * patch : (column + 1) * patch] = 128
    return out
