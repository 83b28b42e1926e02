"""The border between pictures (numpy, bytes) and tensors (torch, 0 to 1)."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import torch

from kit.faces.views import FRAME

CROPS = ("face", "head")  # what pictures can hold: a portrait, or all of the head
SEEN = {"size": 64, "frame": FRAME}  # what the zoo's networks see of faces: `faces.render(**SEEN)`


class Embeds(Protocol):
    """A system that turns pictures into features; it may say `size` and `crop` of those that it wants."""

    def embed(self, images: np.ndarray) -> np.ndarray:
        """uint8 (n, size, size, 3) -> (n, d)."""


def to_tensor(images: np.ndarray) -> torch.Tensor:
    """Pictures as a tensor from 0 to 1, stored channels-last, which convolutions on a CPU like best.

    Parameters
    ----------
    images : uint8 array of shape (n, height, width, 3)

    Returns
    -------
    float32 tensor of shape (n, 3, height, width)
    """
    check_images(images)
    if not images.flags.writeable:  # torch warns of memory that it could overwrite, although it will not
        images = images.copy()
    return torch.from_numpy(images).permute(0, 3, 1, 2).to(torch.float32).div_(255)


def to_rows(images: np.ndarray) -> np.ndarray:
    """Pictures uint8 (n, height, width, 3) as rows of numbers from 0 to 1, float32 (n, height * width * 3)."""
    rows = images.reshape(len(images), -1).astype(np.float32)
    rows /= 255  # in place: of thousands of pictures a second copy is large
    return rows


def to_images(tensor: torch.Tensor) -> np.ndarray:
    """A tensor (n, 3, height, width) from 0 to 1 as pictures, uint8 (n, height, width, 3)."""
    scaled = tensor.detach().float().clamp(0, 1).mul(255).round()
    return scaled.to(torch.uint8).permute(0, 2, 3, 1).contiguous().cpu().numpy()


def check_images(images: np.ndarray) -> None:
    """Raise a `ValueError` that says what is wrong with a stack of pictures, if anything is."""
    if not isinstance(images, np.ndarray) or images.ndim != 4 or images.shape[-1] != 3:
        remedy = "for one picture, pass image[None]"
        raise ValueError(f"images must have shape (n, height, width, 3), not {np.shape(images)}; {remedy}")
    if images.dtype != np.uint8:
        raise ValueError(f"images must be bytes 0..255 (uint8), not {images.dtype}; as `Faces.render` makes them")
    if 0 in images.shape:
        raise ValueError(f"images of shape {images.shape} hold no pixel")


def checked_side(size: int | None) -> int | None:
    """The same. Raises ValueError if pictures cannot have so many pixels on a side."""
    if size is not None and (isinstance(size, bool) or not isinstance(size, int) or not 8 <= size <= 2048):
        raise ValueError(f"size must be a whole number of pixels, 8 to 2048; got {size!r}")
    return size


def checked_crop(crop: str) -> str:
    """The same. Raises ValueError if pictures cannot hold that."""
    if crop not in CROPS:
        raise ValueError(f"crop must be one of {', '.join(CROPS)}; got {crop!r}")
    return crop
