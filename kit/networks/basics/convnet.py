"""A convolutional network in one sitting: the operation, a small network, and what one of its units sees.

Fukushima (1980), Biological Cybernetics 36:193; LeCun, Bottou, Bengio & Haffner (1998), Proceedings of the
IEEE 86:2278. What is called convolution here does not flip the kernel, as in every network library.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from .live import centred, one_thread


def convolve(picture: np.ndarray, kernel: np.ndarray, stride: int = 1, padding: int = 0) -> np.ndarray:
    """Slide a kernel over a picture; at each place, the sum of products is a pixel of the feature map.

    Parameters
    ----------
    picture : array of shape (h, w)
    kernel : array of shape (k, l)
    stride : int
        Pixels from one place to the next.
    padding : int
        Rows and columns of zeros put round the picture.

    Returns
    -------
    array of shape ((h + 2 padding - k) // stride + 1, (w + 2 padding - l) // stride + 1)
    """
    picture, kernel = np.pad(np.asarray(picture, float), padding), np.asarray(kernel, float)
    if any(k > p for k, p in zip(kernel.shape, picture.shape)):
        raise ValueError(f"a kernel of {kernel.shape} does not fit into {picture.shape}; make it smaller, or pad more")
    windows = np.lib.stride_tricks.sliding_window_view(picture, kernel.shape)[::stride, ::stride]
    return np.einsum("ijkl,kl->ij", windows, kernel)


class ConvNet(nn.Module):
    """Three convolutions, two poolings, one linear read-out: images (n, 3, h, w) from -1 to 1 -> scores.

    Parameters
    ----------
    classes : int
    size : int
        Pixels on a side, a multiple of 8.
    channels : tuple of int
        Kernels of each convolution, which is to say: feature maps that come out of it.
    """

    def __init__(self, classes: int, size: int = 32, channels: tuple[int, int, int] = (12, 24, 48)) -> None:
        super().__init__()
        a, b, c = channels
        self.stages = nn.Sequential(
            nn.Conv2d(3, a, 5, stride=2, padding=2), nn.ReLU(),
            nn.Conv2d(a, b, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(b, c, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        )  # fmt: skip
        self.readout = nn.Linear(c * (size // 8) ** 2, classes)
        self.to(memory_format=torch.channels_last)  # what processors like best

    def embed(self, images: Tensor) -> Tensor:
        """What the read-out reads: the last feature maps, as one row an image."""
        return self.stages(images).flatten(1)

    def forward(self, images: Tensor) -> Tensor:
        return self.readout(self.embed(images))


class Field(NamedTuple):
    """What units of a layer see of the picture: `size` pixels on a side, the first one's from `start`, each
    neighbour's `jump` pixels further."""

    size: int
    jump: int
    start: int

    def of(self, unit: int) -> tuple[int, int]:
        """First and last pixel of a unit's field, along one side; beyond the picture is padding."""
        first = self.start + unit * self.jump
        return first, first + self.size - 1


def receptive_field(layers: Iterable[tuple[int, int, int]]) -> list[Field]:
    """How much of the picture one unit of each layer sees, from kernels, strides and paddings alone.

    Parameters
    ----------
    layers : (kernel, stride, padding) of each convolution or pooling, from the picture upward

    Notes
    -----
    size += (kernel - 1) * jump and start -= padding * jump, then jump *= stride; Araujo, Norris & Sim (2019),
    Computing receptive fields of convolutional neural networks, Distill, doi 10.23915/distill.00021.
    """
    size, jump, start, out = 1, 1, 0, []
    for kernel, stride, padding in layers:
        size, start, jump = size + (kernel - 1) * jump, start - padding * jump, jump * stride
        out.append(Field(size, jump, start))
    return out


def layers_of(stages: nn.Sequential) -> dict[str, tuple[int, int, int]]:
    """Kernel, stride and padding of each convolution and pooling, under its place in the sequence."""
    both = (nn.Conv2d, nn.MaxPool2d)
    found = {name: part for name, part in stages.named_children() if isinstance(part, both)}
    return {
        name: tuple(np.ravel(n)[0].item() for n in (p.kernel_size, p.stride, p.padding)) for name, p in found.items()
    }


def stimulate(stages: nn.Module, images: np.ndarray, poke: float = 0.25) -> np.ndarray:
    """Poke one pixel after the other, and note how much every unit changes.

    Parameters
    ----------
    stages : nn.Module
        From a tensor (n, 3, h, w), -1 to 1, to feature maps (n, channels, i, j).
    images : uint8 array of shape (n, h, w, 3)
        What is on show while pixels are poked; several, since a unit that is silent feels no poke.
    poke : float
        How much brighter (or, where it is bright already, darker) a pixel becomes; the whole range is 1.

    Returns
    -------
    float32 array of shape (i, j, h, w)
        Root mean square over images and channels of the change of the units at (i, j), for a poke at (h, w).
    """
    height, width = images.shape[1:3]
    with torch.inference_mode(), one_thread():
        rows = [[_poked(stages, image[None], row, poke) for row in range(height)] for image in centred(images)]
    squares = torch.stack([torch.stack(one) for one in rows]).mean(0)  # (h, w, i, j)
    return squares.sqrt().permute(2, 3, 0, 1).numpy()


def _poked(stages: nn.Module, image: Tensor, row: int, poke: float) -> Tensor:
    """Mean square change over channels when each pixel of a row is poked: (w, i, j)."""
    columns = range(image.shape[3])
    batch = image.repeat(1 + len(columns), 1, 1, 1)  # the last stays as it is, to compare with
    batch[columns, :, row, columns] -= 2 * poke * torch.sign(image[0, :, row].T)
    maps = stages(batch)
    return (maps[:-1] - maps[-1]).square().mean(1)
