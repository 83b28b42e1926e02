"""What a comparison needs beside trained networks: the architecture without training, and the pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from .activations import Network
from .pixels import check_images, to_rows
from .resnet import ResNet10

UNTRAINED = {"name": "untrained", "task": "nothing: its weights are random", "training": None}  # a model card


def untrained(seed: int = 0, width: int = 16) -> Network:
    """A `ResNet10` with random weights: what the architecture sees before it learns anything."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        module = ResNet10(width).to(memory_format=torch.channels_last)
    return Network(module, card=UNTRAINED, channels_last=True)


@dataclass(frozen=True, eq=False)
class PixelPCA:
    """Principal components of pixels, used like a network.

    Parameters
    ----------
    mean : float32 array of shape (height * width * 3,)
    components : float32 array of shape (k, height * width * 3)
    size : (height, width)
    """

    mean: np.ndarray
    components: np.ndarray
    size: tuple[int, int]

    def embed(self, images: np.ndarray) -> np.ndarray:
        """Scores of images on the components: uint8 (n, height, width, 3) -> float32 (n, k)."""
        check_images(images)
        if images.shape[1:3] != self.size:
            raise ValueError(f"images have {images.shape[1:3]} pixels; the components were fit to {self.size}")
        return (to_rows(images) - self.mean) @ self.components.T


def pixel_pca(images: np.ndarray, components: int = 512) -> PixelPCA:
    """Fit principal components to pixels of (training) images.

    Parameters
    ----------
    images : uint8 array of shape (n, height, width, 3)
        More images than components; a few thousand do.
    components : int
        512 in the study.
    """
    from sklearn.decomposition import PCA

    check_images(images)
    if not 1 <= components < len(images):
        raise ValueError(f"{components} components need more than {components} images; there are {len(images)}")
    fit = PCA(components, copy=False, svd_solver="randomized", random_state=0).fit(to_rows(images))
    return PixelPCA(fit.mean_, fit.components_, images.shape[1:3])
