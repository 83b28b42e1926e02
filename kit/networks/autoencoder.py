"""Networks that draw what they saw: autoencoder, view-invariant autoencoder, variational autoencoder.

Autoencoder and view-invariant autoencoder are one network; what it is asked to draw differs (`objectives`).
"""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .activations import Network
from .pixels import to_images

SMALLER = 8  # times fewer pixels on a side: the maps with which the details of a drawing begin


class Decoder(nn.Module):
    """Embedding (n, `embedding`) -> pictures (n, 3, size, size) from 0 to 1: a sketch, and details over it.

    The sketch, half as large as the picture, is a weighted sum of the embedding's numbers (as with principal
    components); convolutions, which see it and maps of their own, add what sums cannot draw.
    """

    def __init__(self, width: int = 16, embedding: int = 128, size: int = 64) -> None:
        super().__init__()
        if size < SMALLER or size % SMALLER:
            raise ValueError(f"size must be a multiple of {SMALLER}, such as 64 or 96; got {size}")
        self.size = size
        self.sketch = nn.Linear(embedding, 3 * (size // 2) ** 2)
        self.coarse = nn.Linear(embedding, width * (size // SMALLER) ** 2)
        self.norm1, self.norm2 = nn.BatchNorm2d(width), nn.BatchNorm2d(2 * width)
        self.conv1 = nn.Conv2d(width, 2 * width, 3, padding=1, bias=False)
        self.conv2 = nn.Conv2d(2 * width, width, 3, padding=1)
        self.mix = nn.Conv2d(width + 3, 3 * width // 2, 3, padding=1)
        self.details = nn.Conv2d(3 * width // 2, 4 * 3, 3, padding=1)  # four pixels of the picture at a time

    def forward(self, embedding: Tensor) -> Tensor:
        sketch = self.sketch(embedding).unflatten(1, (3, self.size // 2, -1))
        x = self.coarse(embedding).unflatten(1, (-1, self.size // SMALLER, self.size // SMALLER))
        # A channels-last input lets every convolution after it stay in the layout that is fast on CPUs.
        x = x.contiguous(memory_format=torch.channels_last)
        x = F.interpolate(self.conv1(F.relu(self.norm1(x))), scale_factor=2.0)
        x = F.interpolate(self.conv2(F.relu(self.norm2(x))), scale_factor=2.0)
        details = self.details(F.relu(self.mix(torch.cat([sketch, x], dim=1))))
        large = F.interpolate(sketch, scale_factor=2.0, mode="bilinear")
        return torch.sigmoid((large + F.pixel_shuffle(details, 2)).float())


class Autoencoder(nn.Module):
    """Images (n, 3, size, size) -> drawings of the same shape, through a narrow embedding."""

    def __init__(self, encoder: nn.Module, decoder: nn.Module) -> None:
        super().__init__()
        self.encoder, self.decoder = encoder, decoder

    def forward(self, images: Tensor) -> Tensor:
        return self.decoder(self.encoder(images))


class GaussianEncoder(nn.Module):
    """Images (n, 3, size, size) -> means and log variances (n, latent) of a Gaussian for each of them."""

    def __init__(self, encoder: nn.Module, embedding: int = 128, latent: int = 128) -> None:
        super().__init__()
        self.encoder = encoder
        self.mean = nn.Linear(embedding, latent)
        self.log_variance = nn.Linear(embedding, latent)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        features = F.relu(self.encoder(images))
        # Single precision: the divergence exponentiates the log variance.
        return self.mean(features).float(), self.log_variance(features).float()


class VariationalAutoencoder(GaussianEncoder):
    """An autoencoder whose code is a Gaussian for each image (Kingma & Welling 2014, arXiv 1312.6114).

    `forward` returns drawings (n, 3, size, size), means (n, latent) and log variances (n, latent). With a
    generator the code is drawn from the Gaussian, as in training; without, it is the mean.
    """

    def __init__(self, encoder: nn.Module, decoder: nn.Module, embedding: int = 128, latent: int = 128) -> None:
        super().__init__(encoder, embedding, latent)
        self.decoder = decoder

    def forward(self, images: Tensor, generator: torch.Generator | None = None) -> tuple[Tensor, Tensor, Tensor]:
        mean, log_variance = super().forward(images)
        code = mean
        if generator is not None:
            noise = torch.randn(mean.shape, generator=generator).to(mean.device)
            code = mean + noise * torch.exp(log_variance / 2)
        return self.decoder(code), mean, log_variance


def reconstruct(network: Network, images: np.ndarray) -> np.ndarray:
    """What a network with a decoder draws when it sees images: uint8 (n, h, w, 3) -> the same.

    Raises
    ------
    ValueError
        If the network has no decoder.
    """
    if "decoder" not in network.layers:
        raise ValueError("this network draws nothing (it has no layer 'decoder'); load ae, viae, vae or beta20")
    return to_images(torch.from_numpy(network.at("decoder").activations(images)))
