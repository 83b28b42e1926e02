"""Any torch module as a network of the study: at its own size and crop, with its own normalisation."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor, nn

from kit.faces.views import FRAME

from .activations import Network
from .pixels import checked_crop, checked_side


class Normalised(nn.Module):
    """What `before` makes of pictures, less a mean and divided by a spread for each channel."""

    def __init__(self, before: Callable[[Tensor], Tensor], mean: Sequence[float], std: Sequence[float]) -> None:
        super().__init__()
        self.before = before
        for name, values in (("mean", mean), ("std", std)):
            self.register_buffer(name, torch.tensor(values, dtype=torch.float32)[:, None, None])

    def forward(self, images: Tensor) -> Tensor:
        return (self.before(images) - self.mean) / self.std


def wrap(
    module: nn.Module | torch.export.ExportedProgram,
    layer: str = "",
    preprocess: Callable[[Tensor], Tensor] | None = None,
    output: str | int | None = None,
    size: int | None = None,
    crop: str = FRAME,
    mean: Sequence[float] | None = None,
    std: Sequence[float] | None = None,
) -> Network:
    """Any torch module as a `Network`, to be compared with those of the zoo.

    The module itself is used, not a copy, and is switched to evaluation mode (`module.eval()`): call
    `module.train()` before you train it on, and `eval()` before you embed again.

    Parameters
    ----------
    module : nn.Module
        Takes images as a tensor (n, 3, h, w), or whatever `preprocess` makes of it; they come in the module's own
        precision. TorchScript modules and torch.export programs have no layer but "".
    layer : str
        Name as in `module.named_modules()`; "" is the module's own output.
    preprocess : callable, optional
        Tensor (n, 3, h, w) from 0 to 1 -> what the module takes.
    output : str or int, optional
        Which of several things that the layer gives, by key or place: the first of a tuple by default, of a dict none.
    size : int, optional
        Pixels on a side of the pictures that the module was made for, such as 224: `study.run` draws them at this size
        (64 by default), and one picture is tried at once.
    crop : "face" or "head"
        What these pictures hold: a portrait of the face, or the whole head.
    mean, std : sequence of float, optional
        Of each channel, of values from 0 to 1: what the module's training subtracted and divided by.

    Raises
    ------
    ValueError
        If there is no such layer (those near it are listed), or the module does not take pictures of `size`.

    Examples
    --------
    >>> module = nn.Sequential(nn.Conv2d(3, 4, 8, stride=8), nn.ReLU(), nn.Flatten(), nn.Linear(256, 10))
    >>> wrap(module, layer="1").embed(np.zeros((5, 64, 64, 3), np.uint8)).shape
    (5, 256)
    """
    if isinstance(module, torch.export.ExportedProgram):
        module = module.module()
    if not isinstance(module, nn.Module):
        raise ValueError(f"wrap takes a torch.nn.Module; got {type(module).__name__}")
    module = getattr(module, "_orig_mod", module)  # torch.compile's own copy allows no hooks
    preprocess = preprocess or nn.Identity()
    if mean is not None or std is not None:
        preprocess = Normalised(preprocess, *checked_channels(mean, std))
    network = Network(module, layer, preprocess, output=output, size=checked_side(size), crop=checked_crop(crop))
    if size is not None:
        _try(network)
    return network


def checked_channels(mean: Sequence[float] | None, std: Sequence[float] | None) -> tuple[list[float], list[float]]:
    """Mean and spread of each channel, 0 and 1 where one is not given. Raises ValueError for what cannot be."""
    n = len(mean if mean is not None else std)
    mean, std = list(mean if mean is not None else [0.0] * n), list(std if std is not None else [1.0] * n)
    if n not in (1, 3) or len(std) != n:
        raise ValueError(f"mean and std need 3 numbers each (1 for a grey network); got {len(mean)} and {len(std)}")
    if not all(np.isfinite(mean)) or not all(np.isfinite(std)) or min(std) <= 0:
        raise ValueError(f"mean and std must be finite, and std above 0; got {mean} and {std}")
    if max(map(abs, mean)) > 2 or max(std) > 2:
        raise ValueError(f"mean {mean} and std {std} are of values 0 to 255; pictures come from 0 to 1: divide by 255")
    return mean, std


def _try(network: Network) -> None:
    """One grey picture, before anything else is done with the network; what goes wrong is said in words."""
    picture = np.full((1, network.size, network.size, 3), 128, np.uint8)
    try:
        network.embed(picture)
    except ValueError:
        raise
    except Exception as error:
        told = str(error).strip().splitlines()[0] if str(error).strip() else ""
        raise ValueError(
            f"{network} does not take a picture of {network.size} x {network.size} pixels "
            f"({type(error).__name__}: {told}){_hint(network.module, network.size)}"
        ) from error


def _hint(module: nn.Module, size: int) -> str:
    """What the module seems to want instead, if it can be told."""
    first = next((part for part in module.modules() if isinstance(part, nn.Conv2d)), None)
    if first is not None and first.in_channels == 1:
        return ": its first convolution takes grey pictures: preprocess=lambda x: x.mean(1, keepdim=True)"
    if first is not None and first.in_channels != 3:
        return f": its first convolution takes {first.in_channels} channels: make them with preprocess"
    wanted = next((side for side in map(_side_of, module.modules()) if side), None)
    if wanted and wanted != size:
        return f": it was made for {wanted} x {wanted}: size={wanted}"
    return ": choose the size that it was made for (often 224), or let preprocess make what it takes"


def _side_of(module: nn.Module) -> int | None:
    """The side that a part of a vision transformer was made for, under the names that libraries give it."""
    for name in ("img_size", "image_size"):
        side = getattr(module, name, None)
        side = side[0] if isinstance(side, tuple | list) and side else side
        if isinstance(side, int) and not isinstance(side, bool):
            return side
    return None
