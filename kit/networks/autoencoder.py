"""Networks that draw what they saw: autoencoder, view-invariant autoencoder, variational autoencoder.

Autoencoder and view-invariant autoencoder are one network; what it is asked to draw differs (`objectives`).
"""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from kit.networks.activations import Network
from kit.networks.pixels import to_images

COARSEST = 4  # pixels on a side of the decoder's first map


class Decoder(nn.Module):
    """The encoder's mirror image: embedding (n, `embedding`) -> pictures (n, 3, size, size) from 0 to 1."""

    def __init__(self, width: int = 16, embedding: int = 128, size: int = 64) -> None:
        super().__init__()
        doublings = (size // COARSEST).bit_length() - 1
        if size != COARSEST << doublings:
            raise ValueError(f"size must be {COARSEST} times a power of two, such as 64 or 128; got {size}")
        channels = [max(width, 8 * width >> k) for k in range(doublings)] + [3]
        self.coarse = nn.Linear(embedding, channels[0] * COARSEST**2)
        self.convolutions = nn.ModuleList(
            nn.Conv2d(a, b, 3, padding=1, bias=b == 3)  # elsewhere the next norm would take a bias out again
            for a, b in zip(channels, channels[1:])
        )
        self.norms = nn.ModuleList(nn.BatchNorm2d(c) for c in channels[:-1])

    def forward(self, embedding: Tensor) -> Tensor:
        x = self.coarse(embedding).unflatten(1, (-1, COARSEST, COARSEST))
        # A channels-last input lets every convolution after it stay in the layout that is fast on CPUs.
        x = x.contiguous(memory_format=torch.channels_last)
        for norm, convolution in zip(self.norms, self.convolutions):
            x = convolution(F.interpolate(F.relu(norm(x)), scale_factor=2.0))
        return torch.sigmoid(x.float())


class Autoencoder(nn.Module):
    """Images (n, 3, size, size) -> drawings of the same shape, through a narrow embedding."""

    def __init__(self, encoder: nn.Module, decoder: nn.Module) -> None:
        super().__init__()
        self.encoder, self.decoder = encoder, decoder

    def forward(self, images: Tensor) -> Tensor:
        return self.decoder(self.encoder(images))


class VariationalAutoencoder(nn.Module):
    """An autoencoder whose code is a Gaussian for each image (Kingma & Welling 2014, arXiv 1312.6114).

    `forward` returns drawings (n, 3, size, size), means (n, latent) and log variances (n, latent). With a
    generator the code is drawn from the Gaussian, as in training; without, it is the mean.
    """

    def __init__(self, encoder: nn.Module, decoder: nn.Module, embedding: int = 128, latent: int = 128) -> None:
        super().__init__()
        self.encoder, self.decoder = encoder, decoder
        self.mean = nn.Linear(embedding, latent)
        self.log_variance = nn.Linear(embedding, latent)

    def forward(self, images: Tensor, generator: torch.Generator | None = None) -> tuple[Tensor, Tensor, Tensor]:
        features = F.relu(self.encoder(images))
        # Single precision: the divergence exponentiates the log variance.
        mean, log_variance = self.mean(features).float(), self.log_variance(features).float()
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
        raise ValueError("this network draws nothing (it has no layer 'decoder'); load ae, viae, vae or a beta")
    return to_images(torch.from_numpy(network.at("decoder").activations(images)))
