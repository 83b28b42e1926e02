"""Features of any layer of any torch network, as arrays.

A forward hook on the layer keeps what comes out of it and stops there: what comes after the layer is not
computed, and a layer that is used several times (a recurrent cell) gives what it gave first.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor, nn

from kit.networks.pixels import to_tensor

BATCH = 32  # images at a time: the maps of early layers are large, and what the cache cannot hold is slow


class _LayerReached(Exception):
    """Carries a layer's output out of the forward pass."""


@dataclass(frozen=True, eq=False)
class Network:
    """A torch module seen through one of its layers: images in, features out. Made by `wrap` or `load`.

    Parameters
    ----------
    module : nn.Module
    layer : str
        Name as in `module.named_modules()`; "" is the module itself.
    preprocess : callable
        Tensor (n, 3, h, w) from 0 to 1 -> what the module takes.
    card : dict, optional
        What is known about a network of the zoo: data, training, accuracy, limits.
    """

    module: nn.Module
    layer: str = ""
    preprocess: Callable[[Tensor], Tensor] = nn.Identity()
    card: dict | None = None

    def __post_init__(self) -> None:
        known = self.layers
        if self.layer and self.layer not in known:
            near = difflib.get_close_matches(self.layer, known, n=5, cutoff=0.4) or known[:5]
            raise ValueError(f"no layer {self.layer!r}; near it are {', '.join(near)} (all {len(known)}: `.layers`)")

    def __repr__(self) -> str:
        name = self.card["name"] if self.card else type(self.module).__name__
        return f"Network({name!r}, layer={self.layer!r})"

    @property
    def layers(self) -> list[str]:
        """Names of all layers, in the order in which the module holds them."""
        return [name for name, _ in self.module.named_modules() if name]

    def at(self, layer: str) -> Network:
        """The same network, seen through another layer; "heads.identity" of a classifier has its logits."""
        return replace(self, layer=layer)

    def embed(self, images: np.ndarray) -> np.ndarray:
        """Features of images: uint8 (n, height, width, 3) -> float32 (n, d); maps are flattened."""
        out = self.activations(images)
        return out.reshape(len(out), -1)

    def activations(self, images: np.ndarray) -> np.ndarray:
        """The layer's output with its own shape: uint8 (n, height, width, 3) -> float32 (n, ...)."""
        device = next((p.device for p in self.module.parameters()), torch.device("cpu"))
        parts = []
        with torch.inference_mode(), evaluating(self.module):
            for start in range(0, max(len(images), 1), BATCH):
                batch = to_tensor(images[start : start + BATCH]).to(device)
                parts.append(self.activation(batch).float().cpu().numpy())
        return np.concatenate(parts)

    def activation(self, images: Tensor) -> Tensor:
        """The layer's output (n, ...) for a tensor (n, 3, h, w) from 0 to 1; gradients reach the images."""
        handle = self.module.get_submodule(self.layer).register_forward_hook(_leave_with_output)
        try:
            self.module(self.preprocess(images))
        except _LayerReached as reached:
            return _tensor_of(reached.args[0], len(images), self.layer)
        finally:
            handle.remove()
        raise ValueError(f"the forward pass did not use layer {self.layer!r}; choose another")


def wrap(module: nn.Module, layer: str = "", preprocess: Callable[[Tensor], Tensor] | None = None) -> Network:
    """Any torch module as a `Network`, to be compared with those of the zoo.

    Parameters
    ----------
    module : nn.Module
        Takes images as a tensor (n, 3, h, w), or whatever `preprocess` makes of it.
    layer : str
        Name as in `module.named_modules()`; "" is the module's own output.
    preprocess : callable, optional
        Tensor (n, 3, h, w) from 0 to 1 -> what the module takes: resizing, normalising.

    Examples
    --------
    >>> module = nn.Sequential(nn.Conv2d(3, 4, 8, stride=8), nn.ReLU(), nn.Flatten(), nn.Linear(256, 10))
    >>> wrap(module, layer="1").embed(np.zeros((5, 64, 64, 3), np.uint8)).shape
    (5, 256)
    """
    if not isinstance(module, nn.Module):
        raise ValueError(f"wrap takes a torch.nn.Module; got {type(module).__name__}")
    return Network(module, layer, preprocess or nn.Identity())


def _leave_with_output(_module: nn.Module, _inputs: tuple, output) -> None:
    raise _LayerReached(output)


def _tensor_of(output, n: int, layer: str) -> Tensor:
    """The (first) tensor of a layer's output, which must have a row for each image."""
    while isinstance(output, tuple | list) and output:
        output = output[0]
    if not isinstance(output, Tensor):
        raise ValueError(f"layer {layer!r} gives a {type(output).__name__}, not a tensor; choose a layer inside it")
    if output.ndim < 1 or len(output) != n:
        raise ValueError(f"layer {layer!r} gives shape {tuple(output.shape)} for {n} images: no row for each image")
    return output


@contextmanager
def evaluating(module: nn.Module) -> Iterator[None]:
    """Dropout and batch statistics off, and afterwards every part as its owner had left it."""
    before = [(part, part.training) for part in module.modules()]
    module.eval()
    try:
        yield
    finally:
        for part, training in before:
            part.training = training
