"""A narrow ResNet-10, and the two networks that are a ResNet with something small on top.

He, Zhang, Ren & Sun (2016), Deep residual learning for image recognition, CVPR. The ten weight layers are
the stem, two in each of the four blocks, and the embedding, as in Daube et al. (2021), Patterns 2:100348,
where the stem is 64 channels wide and images have 224 pixels; here 16 channels see 64 pixels. The last maps,
2 x 2, are not averaged over places: whoever draws has to know what is where. (Pictures of another size are
averaged to as many places, so that the convolutions take any.)
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch.nn.functional as F
from torch import Tensor, nn

SHRINKS = 32  # pixels of the image on a side for one of the last maps: five times half


class BasicBlock(nn.Module):
    """Two 3 x 3 convolutions beside a 1 x 1 shortcut: (n, inputs, h, w) -> (n, outputs, h / stride, w / stride)."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(outputs)
        self.shortcut = nn.Conv2d(inputs, outputs, 1, stride, bias=False)
        self.norm_shortcut = nn.BatchNorm2d(outputs)

    def forward(self, x: Tensor) -> Tensor:
        residual = F.relu(self.norm1(self.conv1(x)))
        residual = self.norm2(self.conv2(residual))
        return F.relu(residual + self.norm_shortcut(self.shortcut(x)))


class ResNet10(nn.Module):
    """Images (n, 3, h, w) from 0 to 1 -> embedding (n, `embedding`).

    Parameters
    ----------
    width : int
        Channels of the stem; the blocks have 1, 2, 4 and 8 times as many.
    embedding : int
        Features that come out.
    size : int
        Pixels on a side of the images.
    """

    def __init__(self, width: int = 16, embedding: int = 128, size: int = 64) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, width, 5, stride=2, padding=2, bias=False)
        self.norm = nn.BatchNorm2d(width)
        self.block1 = BasicBlock(width, width, stride=1)
        self.block2 = BasicBlock(width, 2 * width, stride=2)
        self.block3 = BasicBlock(2 * width, 4 * width, stride=2)
        self.block4 = BasicBlock(4 * width, 8 * width, stride=2)
        self.side = math.ceil(size / SHRINKS)
        self.embedding = nn.Linear(8 * width * self.side**2, embedding)

    def forward(self, images: Tensor) -> Tensor:
        x = F.relu(self.norm(self.stem(2 * images - 1)))
        x = F.max_pool2d(x, 3, stride=2, padding=1)
        x = self.block4(self.block3(self.block2(self.block1(x))))
        return self.embedding(F.adaptive_avg_pool2d(x, self.side).flatten(1))


class Classifier(nn.Module):
    """An encoder with a linear read-out for each thing to name.

    Parameters
    ----------
    encoder : nn.Module
        Images -> (n, embedding).
    heads : mapping of str to int
        Number of classes of each read-out; `forward` returns logits (n, classes) under the same names.
    embedding : int
    """

    def __init__(self, encoder: nn.Module, heads: Mapping[str, int], embedding: int = 128) -> None:
        super().__init__()
        self.encoder = encoder
        self.heads = nn.ModuleDict({name: nn.Linear(embedding, classes) for name, classes in heads.items()})

    def forward(self, images: Tensor) -> dict[str, Tensor]:
        embedding = self.encoder(images)
        return {name: head(embedding) for name, head in self.heads.items()}


class Embedder(nn.Module):
    """An encoder whose features are projected onto the unit sphere, where distances tell identities apart."""

    def __init__(self, encoder: nn.Module, embedding: int = 128) -> None:
        super().__init__()
        self.encoder = encoder
        self.projection = nn.Linear(embedding, embedding)

    def forward(self, images: Tensor) -> Tensor:
        return F.normalize(self.projection(self.encoder(images)).float(), dim=1)
