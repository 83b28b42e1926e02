"""Which picture makes a unit most active? Gradient ascent on pixels, held to smooth pictures.

The picture is written as Fourier coefficients, each divided by its frequency, so that equal steps change
coarse and fine structure as much as they vary in natural pictures; it is shifted a little at each step, so
that no single pixel matters; and its total variation costs.

References
----------
Olah, Mordvintsev & Schubert (2017), Feature visualization, Distill, doi:10.23915/distill.00007;
Mahendran & Vedaldi (2015), Understanding deep image representations by inverting them, CVPR (total variation).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from tqdm.auto import tqdm

from ..activations import Network
from ..pixels import to_images

SHIFT = 2  # pixels, at most, either way
NOISES = 32  # pictures of noise from which the usual spread of the activation is known


@dataclass(frozen=True, eq=False)
class PixelMaximum:
    """A picture that excites a direction of a network's features.

    Attributes
    ----------
    image : uint8 array of shape (size, size, 3)
    score : float
        The direction's activation for `image`.
    path : array of shape (steps,)
        Activation at each step, for the shifted picture.
    """

    image: np.ndarray
    score: float
    path: np.ndarray


def maximise_pixels(
    network: Network,
    direction: np.ndarray,
    size: int = 64,
    steps: int = 150,
    rate: float = 0.1,
    smoothness: float = 10.0,
    rng: int = 0,
) -> PixelMaximum:
    """Change a picture, from noise, until a direction of a network's features is most active.

    Parameters
    ----------
    network : Network
        Seen through the layer of interest (`network.at(layer)`).
    direction : array of shape (n_features,)
        Weights over the layer's flattened features; a row of the identity matrix for a single unit.
    size : int
        Pixels on a side; networks of the zoo take 64.
    steps : int
    rate : float
        Of Adam.
    smoothness : float
        What total variation (the mean absolute difference of neighbouring pixels, which are from 0 to 1) costs,
        in units of the activation's standard deviation over pictures of noise; 0 for none.
    rng : seed

    Raises
    ------
    ValueError
        If the direction does not fit the layer, or the layer does not move with the picture.
    """
    generator = torch.Generator().manual_seed(rng)
    shrink = _spectrum(size)
    coefficients = torch.randn(NOISES, 3, *shrink.shape, 2, generator=generator)
    toward = torch.as_tensor(np.asarray(direction, dtype=np.float32))
    spread = _spread(network, _picture(coefficients, shrink), toward)
    coefficients = coefficients[:1].clone().requires_grad_()
    optimiser, path = torch.optim.Adam([coefficients], rate), []
    for _ in tqdm(range(steps), desc="ascent in pixels", delay=1, leave=False):
        picture = _picture(coefficients, shrink)
        activation = _activation(network, _shifted(picture, generator), toward).sum()
        loss = smoothness * _variation(picture) - activation / spread
        (coefficients.grad,) = torch.autograd.grad(loss, coefficients)
        optimiser.step()
        path.append(activation.item())
    image = to_images(_picture(coefficients, shrink))
    return PixelMaximum(image[0], float(network.embed(image)[0] @ toward.numpy()), np.array(path))


def _activation(network: Network, pictures: Tensor, toward: Tensor) -> Tensor:
    features = network.activation(pictures).flatten(1).float()
    if toward.shape != features.shape[1:]:
        raise ValueError(
            f"direction has shape {tuple(toward.shape)}: layer {network.layer!r} has {features.shape[1]} features"
        )
    return features @ toward.to(features.device)


def _spread(network: Network, noises: Tensor, toward: Tensor) -> float:
    with torch.no_grad():
        spread = _activation(network, noises, toward).std().item()
    if not spread > 0:
        raise ValueError(f"this direction of layer {network.layer!r} is the same for all pictures of noise: no way up")
    return spread


def _spectrum(size: int) -> Tensor:
    """One over the frequency of each coefficient of a real transform (size, size // 2 + 1); the mean as the slowest."""
    frequency = np.hypot(np.fft.fftfreq(size)[:, None], np.fft.rfftfreq(size)[None])
    return torch.from_numpy(1 / np.maximum(frequency, 1 / size)).float()


def _picture(coefficients: Tensor, shrink: Tensor) -> Tensor:
    """Fourier coefficients (n, 3, size, size // 2 + 1, 2) as pictures (n, 3, size, size) from 0 to 1."""
    size = len(shrink)
    waves = torch.view_as_complex(coefficients) * shrink
    return torch.sigmoid(torch.fft.irfft2(waves, s=(size, size), norm="ortho") / size)


def _shifted(picture: Tensor, generator: torch.Generator) -> Tensor:
    shifts = torch.randint(-SHIFT, SHIFT + 1, (2,), generator=generator).tolist()
    return torch.roll(picture, shifts, dims=(2, 3))


def _variation(picture: Tensor) -> Tensor:
    return picture.diff(dim=2).abs().mean() + picture.diff(dim=3).abs().mean()
