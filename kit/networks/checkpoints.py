"""Weights that the user has, put into an architecture that another package builds. Nothing in the file is run."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

INSIDE = ("state_dict", "model", "model_state_dict", "teacher", "student", "network")  # where checkpoints keep weights
PREFIXES = ("module.", "_orig_mod.", "backbone.", "encoder.", "model.")  # of names, by those who wrapped the module


def with_weights(module: nn.Module, path: Path | str) -> nn.Module:
    """The module with the weights of a file, in place: .safetensors, or a checkpoint that torch saved.

    Checkpoints are read with `weights_only=True`: arrays and plain values, no code. Weights in a dict of the
    checkpoint ("state_dict", "model", ...) and names with a wrapper's prefix ("module.") are found. A head that the
    file has and the module lacks (`num_classes=0`) is left out; everything that the module has must be in the file.

    Parameters
    ----------
    module : nn.Module
        Such as `timm.create_model("resnet18", num_classes=0)`.
    path : path

    Raises
    ------
    ValueError
        If the file cannot be read so, or belongs to another architecture; the message names weights that differ.
    """
    path = Path(path)
    found, wanted = _without_prefix(_read(path), module.state_dict()), module.state_dict()
    missing = [name for name in wanted if name not in found and not name.endswith("num_batches_tracked")]
    other = [name for name in wanted if name in found and found[name].shape != wanted[name].shape]
    if missing or other:
        told = _told(missing, other, found, wanted)
        raise ValueError(
            f"{path} is of another architecture than {type(module).__name__}: {told}. Build the module that these "
            "weights were trained in"
        )
    module.load_state_dict({name: found[name] for name in wanted if name in found}, strict=False)
    return module


def _read(path: Path) -> dict[str, Tensor]:
    """All tensors of a file by name."""
    if not path.is_file():
        raise ValueError(f"there is no file {path}")
    try:
        content = load_file(path) if path.suffix == ".safetensors" else torch.load(path, "cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise ValueError(
            f"{path} holds more than weights, and reading it would run code of its own: ask for the weights alone, as "
            "safetensors or a state_dict"
        ) from error
    except (SafetensorError, RuntimeError, EOFError, OSError, ValueError) as error:
        raise ValueError(f"{path} is no file of weights ({str(error).splitlines()[0]}): download it again") from error
    while isinstance(content, Mapping) and (inside := next((k for k in INSIDE if _is_mapping(content.get(k))), None)):
        content = content[inside]
    tensors = {k: v for k, v in content.items() if isinstance(v, Tensor)} if isinstance(content, Mapping) else {}
    if not tensors:
        raise ValueError(f"{path} holds no weights by name: save module.state_dict()")
    return tensors


def _is_mapping(value) -> bool:
    return isinstance(value, Mapping)


def _without_prefix(found: dict[str, Tensor], wanted: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Names as the module has them: the prefix whose removal lets most of them fit is taken away."""
    forms = [found, *({k.removeprefix(p): v for k, v in found.items() if k.startswith(p)} for p in PREFIXES)]
    return max(forms, key=lambda form: len(wanted.keys() & form.keys()))


def _told(missing: list[str], other: list[str], found: Mapping, wanted: Mapping) -> str:
    parts = []
    if missing:
        near = [name for name in found if name not in wanted][:2]
        parts.append(f"{len(missing)} of {len(wanted)} weights are missing, first {missing[0]!r}"
                     + (f" (it has {', '.join(map(repr, near))})" if near else ""))  # fmt: skip
    if other:
        name = other[0]
        parts.append(f"{name!r} has shape {tuple(found[name].shape)}, not {tuple(wanted[name].shape)}")
    return "; ".join(parts)
