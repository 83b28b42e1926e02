"""Features of any layer of any torch network, as arrays.

A forward hook on the layer keeps what comes out of it and stops there: what comes after the layer is not
computed, and a layer that is used several times (a recurrent cell) gives what it gave first.

Several threads may share a network: nothing of it is switched while it computes, and a hook acts in the
thread that set it alone.
"""

from __future__ import annotations

import difflib
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from itertools import chain

import numpy as np
import torch
from torch import Tensor, nn

from kit.faces.views import FRAME

from .pixels import check_images, to_tensor

BATCH = 32  # images at a time at most: what the cache cannot hold is slow
MEMORY = 2**27  # bytes: fewer images at a time where four of a module's largest maps for each would take more
AGREEMENT = 1e-2  # relative to the largest feature: half precision, and kernels that depend on the batch's size
SCRIPT, EXPORTED = "TorchScript module", "torch.export program"
_REGISTERING = threading.Lock()  # torch counts its hooks without one


class _LayerReached(BaseException):
    """Carries a layer's output out of the forward pass; no `except Exception` of a module stops it."""


@dataclass(frozen=True, eq=False)
class Network:
    """A torch module seen through one of its layers: images in, features out. Made by `wrap` or `load`.

    Parameters
    ----------
    module : nn.Module
        Put into evaluation mode here, once; afterwards nobody switches it.
    layer : str
        Name as in `module.named_modules()`; "" is the module itself.
    preprocess : callable
        Tensor (n, 3, h, w) from 0 to 1 -> what the module takes.
    card : dict, optional
        What is known about a network of the zoo: data, training, accuracy, limits.
    output : str or int, optional
        Which of several things that the layer gives.
    channels_last : bool
        Whether the module takes images stored channels-last, which is faster; ordinary ones otherwise.
    size : int, optional
        Pixels on a side of the only pictures that it takes; without it any, and the study shows 64.
    crop : "face" or "head"
        What these pictures hold: the frame in which the study draws faces for it.
    """

    module: nn.Module
    layer: str = ""
    preprocess: Callable[[Tensor], Tensor] = nn.Identity()
    card: dict | None = None
    output: str | int | None = None
    channels_last: bool = False
    size: int | None = None
    crop: str = FRAME
    _checked: list = field(default_factory=list, init=False, repr=False)

    def __post_init__(self) -> None:
        known = self.layers
        if self.layer and self.layer not in known:
            near = difflib.get_close_matches(self.layer, known, n=5, cutoff=0.4) or known[:5]
            raise ValueError(f"no layer {self.layer!r}; near it are {', '.join(near)} (all {len(known)}: `.layers`)")
        if self.layer and (kind := _compiled(self.module) or _compiled(self.module.get_submodule(self.layer))):
            raise ValueError(f"no layer inside a {kind} can be read: wrap the module that it was made from")
        for part in self._parts():
            part.eval()

    def __repr__(self) -> str:
        name = self.card["name"] if self.card else type(self.module).__name__
        return f"Network({name!r}, layer={self.layer!r})"

    @property
    def layers(self) -> list[str]:
        """Names of all layers, in the order in which the module holds them."""
        return [name for name, _ in self.module.named_modules() if name]

    def at(self, layer: str) -> Network:
        """The same network, seen through another layer; "heads.identity" of a classifier has its logits."""
        self.refuse_training()
        return replace(self, layer=layer)

    def embed(self, images: np.ndarray) -> np.ndarray:
        """Features of images: uint8 (n, height, width, 3) -> float32 (n, d); maps are flattened."""
        out = self.activations(images)
        return out.reshape(len(out), -1)

    def activations(self, images: np.ndarray) -> np.ndarray:
        """The layer's output with its own shape: uint8 (n, height, width, 3) -> float32 (n, ...)."""
        check_images(images)
        if self.size and images.shape[1:3] != (self.size, self.size):
            (height, width), size = images.shape[1:3], self.size
            who = self.card["name"] if self.card else repr(self)
            raise ValueError(
                f"{who} was trained at {size} x {size} pixels; these have {height} x {width}: render(size={size})"
            )
        if not self._checked:
            self._check_rows(images[0])
            self._checked.append(self.fitting(images[0]))
        step = self._checked[0]
        return np.concatenate([self._some(images[k : k + step]) for k in range(0, len(images), step)])

    def activation(self, images: Tensor) -> Tensor:
        """The layer's output (n, ...) for a tensor (n, 3, h, w) from 0 to 1; gradients reach the images."""
        self.refuse_training()
        given = self.prepared(images)
        output = self._left(given) if self.layer else self._whole(given)
        return _tensor_of(output, self.output, len(images), self.layer)

    def prepared(self, images: Tensor) -> Tensor:
        """What the module takes, for a tensor (n, 3, h, w) from 0 to 1: preprocessed, in the module's precision."""
        given = self.preprocess(images)
        numbers = chain(self.module.parameters(), self.module.buffers())
        precision = next((values.dtype for values in numbers if values.is_floating_point()), None)
        floats = isinstance(given, Tensor) and given.is_floating_point()
        return given.to(precision) if floats and precision else given

    def refuse_training(self) -> None:
        """Raise a `ValueError` that names the layer which somebody has switched back to training."""
        for part in self._parts():
            for name, layer in part.named_modules():
                if layer.training:
                    raise ValueError(
                        f"{f'layer {name!r}' if name else 'the module'} of {type(part).__name__} was switched back to "
                        "training after it was wrapped: its features would depend on the batch or on chance. Call "
                        "eval() on the module, or wrap a copy (copy.deepcopy)"
                    )

    def _parts(self) -> list[nn.Module]:
        """Modules with a mode: an exported program has none (it was fixed when it was exported)."""
        both = (self.module, self.preprocess)
        return [part for part in both if isinstance(part, nn.Module) and _compiled(part) != EXPORTED]

    def tensor(self, images: np.ndarray) -> Tensor:
        """Images uint8 (n, height, width, 3) as a tensor from 0 to 1 where the module is, stored as it likes them."""
        device = next((p.device for p in self.module.parameters()), torch.device("cpu"))
        batch = to_tensor(images).to(device)
        return batch if self.channels_last else batch.contiguous()

    def _some(self, images: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            return self.activation(self.tensor(images)).float().cpu().numpy()

    def fitting(self, image: np.ndarray) -> int:
        """How many images like this one, uint8 (height, width, 3), are embedded at a time: `BATCH`, or fewer.

        As many as four of the largest maps for each allow.
        """
        largest = [image.size * 4]  # bytes
        with ExitStack() as stack:
            for part in filter(_watchable, self.module.modules()):
                stack.enter_context(watched(part, lambda output: largest.append(_bytes_of(output))))
            self._some(image[None])
        return int(np.clip(MEMORY // (4 * max(largest)), 1, BATCH))

    def _check_rows(self, image: np.ndarray) -> None:
        """A picture says the same alone and beside another one, and leaves the module as it was; or a ValueError."""
        before = {name: values.clone() for name, values in self.module.named_buffers()}
        beside, alone = (self._some(np.stack([image, image // 2 + 100])[:n]) for n in (2, 1))
        for name, values in self.module.named_buffers():
            if name in before and not torch.equal(*(_ordinary(each).nan_to_num() for each in (values, before[name]))):
                values.copy_(before[name])
                raise ValueError(f"pictures change the module ({name}): call eval() before it is compiled or exported")
        largest = np.abs(alone).max(initial=0)
        if alone[0].shape != beside[0].shape or (np.abs(alone[0] - beside[0]) > AGREEMENT * largest).any():
            raise ValueError(
                f"what layer {self.layer!r} says of a picture depends on the others in its batch, or on chance: choose "
                "a layer whose first axis are the pictures (batch_first=True), without batch statistics or dropout"
            )

    def _whole(self, given: Tensor):
        try:
            return self.module(given)
        except (AssertionError, RuntimeError) as error:
            if _compiled(self.module) != EXPORTED:
                raise
            raise ValueError(
                f"the {EXPORTED} does not take {tuple(given.shape)} ({error}): export it for any number of "
                "pictures, dynamic_shapes=({0: torch.export.Dim('n')},)"
            ) from error

    def _left(self, given: Tensor):
        def leave(output) -> None:
            raise _LayerReached(output)

        try:
            with watched(self.module.get_submodule(self.layer), leave):
                self.module(given)
        except _LayerReached as reached:
            return reached.args[0]
        raise ValueError(f"the forward pass did not use layer {self.layer!r}; choose another")


@contextmanager
def watched(part: nn.Module, act: Callable) -> Iterator[None]:
    """While the block runs, `act` is called with what a part of a module puts out, for passes of this thread alone."""
    own = threading.get_ident()

    def hook(_module: nn.Module, _inputs: tuple, output) -> None:
        if threading.get_ident() == own:
            act(output)

    with _REGISTERING:
        handle = part.register_forward_hook(hook)
    try:
        yield
    finally:
        handle.remove()


def _watchable(part: nn.Module) -> bool:
    return not isinstance(part, torch.jit.ScriptModule | torch.fx.GraphModule)


def _bytes_of(output) -> int:
    return output.element_size() * output.nelement() if isinstance(output, Tensor) else 0


def _compiled(module: nn.Module) -> str:
    """What kind of program a module is that has no Python layers any more; "" for ordinary ones."""
    if isinstance(module, torch.jit.ScriptModule):
        return SCRIPT
    return EXPORTED if isinstance(module, torch.fx.GraphModule) and "eval" in vars(module) else ""


def _tensor_of(output, choice: str | int | None, n: int, layer: str) -> Tensor:
    """The chosen (or first) tensor of a layer's output, which must have a row for each image."""
    if choice is not None:
        output = _one_of(output, choice, layer)
    while isinstance(output, tuple | list) and output:
        output = output[0]
    if isinstance(output, Mapping) or _fields(output):
        raise ValueError(f"layer {layer!r} gives {_listed(output)}: choose one, as wrap(..., output=...)")
    if not isinstance(output, Tensor) or output.is_complex():
        kind = output.dtype if isinstance(output, Tensor) else type(output).__name__
        raise ValueError(f"layer {layer!r} gives a {kind}, not a tensor of real numbers; choose a layer inside it")
    if output.ndim < 1 or len(output) != n:
        raise ValueError(
            f"layer {layer!r} gives shape {tuple(output.shape)} for {n} images: no row for each image "
            "(the first axis must be the images: batch_first=True)"
        )
    return _ordinary(output)


def _ordinary(values: Tensor) -> Tensor:
    """The same numbers, stored as numpy can take them: of quantised and of sparse tensors."""
    return (values.dequantize() if values.is_quantized else values).to_dense()


def _one_of(output, choice: str | int, layer: str):
    if isinstance(choice, str) and choice in _fields(output):
        return getattr(output, choice)
    try:
        return output[choice]
    except (KeyError, IndexError, TypeError):
        raise ValueError(f"layer {layer!r} has no output {choice!r}: it gives {_listed(output)}") from None


def _fields(output) -> list[str]:
    """Names of what a dataclass or a named tuple holds."""
    return [*getattr(output, "_fields", ()), *getattr(output, "__dataclass_fields__", ())]


def _listed(output) -> str:
    if fields := _fields(output):
        return f"a {type(output).__name__} with {', '.join(map(repr, fields))}"
    if isinstance(output, Mapping):
        return f"a {type(output).__name__} with the keys {', '.join(map(repr, output))}"
    return f"{len(output)} things, 0 to {len(output) - 1}" if isinstance(output, tuple | list) else "one thing"
