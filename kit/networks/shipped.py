"""The zoo: trained networks with a model card each, in `data/networks`, verified when they are loaded.

(Not named zoo.py: `networks.zoo()` is the function below, and a module of that name would hide it.)
"""

from __future__ import annotations

import difflib
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pandas as pd
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from safetensors.torch import save as to_bytes
from torch import Tensor, nn

from kit.files import data
from kit.files.atomic import atomic

from . import cards, gates
from .activations import Network
from .architectures import build, embedding_layer

FOLDER = "networks"  # within the data folder
MAKER = "python -m kit train"
SEED = re.compile(r"-(\d+)$")  # at the end of the names of files, from the second seed on


def zoo(folder: Path | str | None = None, seed: int = 1) -> pd.DataFrame:
    """The networks that can be loaded: a row each with its task, gates, accuracies and training.

    Parameters
    ----------
    folder : path, optional
        A data folder; the kit's own by default.
    seed : int
        Which of the networks that were trained for each task.
    """
    found = {name: _read_card(entry(name, seed), folder) for name in names(folder) if seed in seeds(name, folder)}
    rows = {
        name: {
            "task": card["task"],
            "gates": gates.told(card["gates"]),
            **{f"accuracy by {split}": value["linear"] for split, value in card["accuracy"].items()},
            "images": card["training"]["images"],
            "seconds": card["training"]["seconds"],
            "parameters": card["parameters"],
        }
        for name, card in found.items()
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("name")


def gate_table(folder: Path | str | None = None) -> pd.DataFrame:
    """Every gate of every network and seed: columns network, seed, gate, value, limit, passed (nothing where none is
    owed), nats.
    """
    rows = []
    for name in names(folder):
        for seed in seeds(name, folder):
            found = _read_card(entry(name, seed), folder)["gates"]
            rows += [{"network": name, "seed": seed, **row} for row in gates.rows(found)]
    return pd.DataFrame(rows, columns=["network", "seed", *gates.COLUMNS])


def names(folder: Path | str | None = None) -> list[str]:
    """Names of the networks listed in the manifest, in alphabetical order, whatever their seeds."""
    return sorted({SEED.sub("", stem) for stem in _stems(folder)})


def seeds(name: str, folder: Path | str | None = None) -> list[int]:
    """The seeds with which a network was trained; heads and decoders are there for the first alone."""
    return sorted(int((SEED.search(stem) or [0, 1])[1]) for stem in _stems(folder) if SEED.sub("", stem) == name)


def _stems(folder: Path | str | None) -> list[str]:
    return [Path(e).stem for e in _manifest(folder) if e.startswith(f"{FOLDER}/") and e.endswith(".json")]


def load(name: str, folder: Path | str | None = None, seed: int = 1) -> Network:
    """A network of the zoo, seen through the layer of its embedding.

    Parameters
    ----------
    name : str
        One of `networks.zoo()`.
    folder : path, optional
        A data folder with a `manifest.json`; the kit's own by default.
    seed : int
        Several networks were trained for the same task, with other first weights and another order of pictures.
        Of seeds beyond the first, and of the beta-VAEs between the weakest and the strongest, only what the
        embedding needs is shipped.

    Raises
    ------
    ValueError
        If there is no such network or seed; the message lists those there are.
    DataError
        If its file is missing, was changed or is damaged.
    """
    check_name(name, names(folder))
    known = seeds(name, folder)
    if seed not in known:
        raise ValueError(f"{name} was trained with the seeds {', '.join(map(str, known))}; there is no seed {seed!r}")
    stem = entry(name, seed)
    card = _read_card(stem, folder)
    network = build(card["architecture"])
    _read_weights(stem, network, folder)
    return as_network(network, card["architecture"], stem, card)


def as_network(module: nn.Module, shape: Mapping, name: str, card: dict | None = None) -> Network:
    """A trained module, seen through the layer of its embedding, which refuses images of another size."""
    fit = partial(_require_size, size=shape["size"], name=name)
    fast = module.to(memory_format=torch.channels_last)  # as `to_tensor` lays pictures out
    return Network(fast, embedding_layer(shape), fit, card, channels_last=True, size=shape["size"])


def entry(name: str, seed: int = 1) -> str:
    """Name of the files of a network that was trained with a seed: "viae", "viae-2", "viae-3"."""
    return name if seed == 1 else f"{name}-{seed}"


def check_name(name: str, known: Iterable[str]) -> None:
    """Raise a `ValueError` that lists the known networks if `name` is none of them."""
    known = list(known)
    if name not in known:
        near = difflib.get_close_matches(str(name), known, n=1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        raise ValueError(f"no network {name!r}; {hint}known are: {', '.join(known) or 'none (train them first)'}")


def save(name: str, module: nn.Module, card: dict, folder: Path | str | None = None) -> Path:
    """Write weights (float16) and card, then list both in the manifest, without which `load` knows neither.

    Returns
    -------
    Path of the weights
    """
    folder = Path(folder) if folder is not None else data.folder()
    weights = {key: _half(key, value) for key, value in module.state_dict().items()}
    contents = {
        f"{FOLDER}/{name}.safetensors": to_bytes(weights),
        f"{FOLDER}/{name}.json": (json.dumps({"name": name, **card}, indent=1) + "\n").encode(),
    }
    for entry, content in contents.items():
        with atomic(folder / entry) as file:
            file.write(content)
    manifest = _manifest(folder) if (folder / "manifest.json").exists() else {}
    manifest |= {entry: _entry(content) for entry, content in contents.items()}
    with atomic(folder / "manifest.json") as file:
        file.write((json.dumps(manifest, indent=1) + "\n").encode())
    return folder / FOLDER / f"{name}.safetensors"


def _half(key: str, value: Tensor) -> Tensor:
    """Floats as float16; counters as they are. Raises ValueError for what does not fit."""
    if not value.is_floating_point():
        return value.cpu()
    half = value.detach().to("cpu", torch.float16).contiguous()
    if not torch.isfinite(half).all():
        raise ValueError(f"{key} holds nan or values beyond 65504, which float16 cannot; the training went wrong")
    return half


def _entry(content: bytes) -> dict:
    return {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content), "licence": "CC0-1.0", "maker": MAKER}


def _manifest(folder: Path | str | None) -> dict:
    path = Path(folder or data.folder()) / "manifest.json"
    if not path.exists():
        return {}
    with _reading(path, "manifest", "restore it with `git checkout -- data/manifest.json`"):
        return {entry: dict(about) for entry, about in json.loads(path.read_text()).items()}


@contextmanager
def _reading(path: Path, kind: str, remedy: str) -> Iterator[None]:
    """Whatever goes wrong in the block becomes a DataError that names the file, what is wrong, and the remedy."""
    try:
        yield
    except (ValueError, LookupError, TypeError, AttributeError, RuntimeError, SafetensorError) as error:
        what = f"{error} is missing" if isinstance(error, KeyError) else str(error).strip().splitlines()[-1].strip()
        raise data.DataError(f"{path} is no {kind} ({what}); {remedy}") from error


def _remedy(entry: str) -> str:
    return f"restore it with `git checkout -- data/{entry}`, or train it again with `{MAKER}`"


def _verified(entry: str, folder: Path | str | None) -> Path:
    """Path of a file whose sha256 is the one in the manifest. Raises DataError otherwise."""
    folder = Path(folder or data.folder())
    path, entry = folder / FOLDER / entry, f"{FOLDER}/{entry}"
    remedy = _remedy(entry)
    if not path.exists():
        raise data.DataError(f"{path} is missing; {remedy}")
    expected = _manifest(folder).get(entry, {}).get("sha256")
    if hashlib.sha256(path.read_bytes()).hexdigest() != expected:
        raise data.DataError(f"{path} was changed or damaged (its sha256 is not the manifest's); {remedy}")
    return path


def _require_size(images: Tensor, size: int, name: str) -> Tensor:
    if images.shape[2:] != (size, size):
        height, width = images.shape[2:]
        raise ValueError(
            f"{name} was trained at {size} x {size} pixels; these have {height} x {width}: render(size={size})"
        )
    return images


def _read_card(name: str, folder: Path | str | None) -> dict:
    path = _verified(f"{name}.json", folder)
    with _reading(path, "model card", _remedy(f"{FOLDER}/{name}.json")):
        card = json.loads(path.read_text(encoding="utf-8"))
        cards.check(card)
    return card


def _read_weights(name: str, network: nn.Module, folder: Path | str | None) -> None:
    """Put the weights of a file into a network."""
    path = _verified(f"{name}.safetensors", folder)
    with _reading(path, f"weight file of {name}", _remedy(f"{FOLDER}/{name}.safetensors")):
        weights, wanted = load_file(path), network.state_dict()
        for key, value in weights.items():
            if key in wanted and value.is_floating_point() != wanted[key].is_floating_point():
                raise ValueError(f"{key} is {value.dtype}")
            if not torch.isfinite(value).all():
                raise ValueError(f"{key} holds nan or infinities")
        network.load_state_dict({key: v.float() if v.is_floating_point() else v for key, v in weights.items()})
