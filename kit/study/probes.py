"""Before hours of work: are the names of systems fit, does each of them answer, and what are they?"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping

import numpy as np
import pandas as pd
import torch

from kit import __version__, faces
from kit.faces.views import from_the_front
from kit.files import harmless
from kit.networks import shipped
from kit.networks.activations import Network
from kit.networks.pixels import SEEN
from kit.networks.reduction import Projected

from .looks import Embeds, Look, look_of
from .space_names import MODEL, MODEL_SPACES, PHOTOGRAPHS, PIXELS, UNTRAINED
from .spaces import embedded, role

PROBES = 16  # random faces
RESERVED = (
    *MODEL_SPACES, "observer", "observer itself", "observers", "truth", "target", "done", "diagnostic", "statistic",
    "threshold",
)  # fmt: skip
UNFIT = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*\ud800-\udfff]')
DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?")  # which Windows keeps for itself
LONGEST = 100  # bytes
MOST_FEATURES = 2**29  # bytes of one system's features of one series; what is fitted to them takes several times that
AGREEMENT = 1e-2  # of two answers to the same picture, relative to the largest feature


def check_names(systems: Mapping[str, Embeds]) -> None:
    """Raise a `ValueError` for a name that is no text, unfit for a file, or somebody else's."""
    taken: dict[str, str] = {}
    for name, system in systems.items():
        if not isinstance(name, str):
            raise ValueError(
                f"names of systems are text; got {name!r} of type {type(name).__name__}: use {str(name)!r}"
            )
        plain = unicodedata.normalize("NFC", name).casefold()
        if why := _unfit(name) or _somebody_elses(plain, system):
            raise ValueError(f"a system cannot be called {name!r}: {why}. Choose another name")
        if plain in taken:
            raise ValueError(f"systems {taken[plain]!r} and {name!r} would share a file on some disks: rename one")
        taken[plain] = name


def _unfit(name: str) -> str:
    if not name or name != name.strip() or name.endswith("."):
        return "a name is not empty, and does not begin or end with a space or end with a dot"
    if found := UNFIT.search(name):
        return f"{found.group()!r} is not fit for the name of a file"
    if name != harmless.line(name):
        return f"it holds characters that cannot be seen ({harmless.line(name)})"
    if DEVICES.fullmatch(name.casefold()) or len(name.encode()) > LONGEST:
        return f"it is not fit for the name of a file (a device of Windows, or longer than {LONGEST} bytes)"
    return ""


def _somebody_elses(plain: str, system: Embeds) -> str:
    """Why a name would be taken for something that the system is not."""
    if plain in RESERVED or plain.startswith("decision of "):
        return "the comparison itself uses this name"
    if re.fullmatch(rf"{PIXELS}( \d+)?", plain) and role(system) != PIXELS:
        return "it is kept for the pixels' components of `spaces.systems()`"
    if plain == UNTRAINED and role(system) != UNTRAINED:
        return "it is kept for the untrained network of `spaces.systems()`"
    card = getattr(system, "card", None) or {}
    if plain == PHOTOGRAPHS and card.get("name") != PHOTOGRAPHS:
        return "it is kept for the network of `networks.photograph_network()`"
    if plain in shipped.names() and card.get("name") != plain:
        return "it is kept for the network of the zoo"
    return ""


def probe(systems: Mapping[str, Embeds], shown: int = PROBES) -> dict[str, np.ndarray]:
    """Features (16, d) of a few faces in every system, shown at its own size and crop.

    Parameters
    ----------
    systems : mapping of str to Embeds
    shown : int
        How many faces a series of the comparison will hold.

    Raises
    ------
    ValueError
        Naming a system that fails, answers nan or infinities, the same for all pictures, or differently each time; or
        whose features of a series would not fit the memory.
    """
    looks = {name: look_of(name, system) for name, system in systems.items()}
    pictures = {look: _pictures(look) for look in set(looks.values())}
    found = {name: _asked(name, system, pictures[looks[name]]) for name, system in systems.items()}
    for name, values in found.items():
        _refuse_large(name, values.shape[1], shown)
    return found


def _pictures(look: Look) -> np.ndarray:
    return look.draw(faces.load().sample(PROBES, rng=0), from_the_front(PROBES))


def _refuse_large(name: str, dimensions: int, shown: int) -> None:
    size = 4 * dimensions * shown
    if size > MOST_FEATURES:
        raise ValueError(
            f"system {name!r} has {dimensions:,} features: of {shown:,} faces they would take {size / 1e9:.1f} GB, and "
            f"{MOST_FEATURES / 1e9:.1f} are allowed: networks.projected(system, 1024), a later layer, or fewer trials"
        )


def _asked(name: str, system: Embeds, pictures: np.ndarray) -> np.ndarray:
    found = embedded(name, system, pictures)
    if not np.ptp(found, axis=0).any():
        raise ValueError(
            f"system {name!r} says the same of {len(pictures)} different faces: a layer that is silent for them, or a "
            "wrong `preprocess` (networks get values from 0 to 1)? Choose another layer"
        )
    some, again = embedded(name, system, pictures[:2]), embedded(name, system, pictures)
    far = AGREEMENT * np.abs(found).max()
    if some.shape[1] != found.shape[1] or max(np.abs(again - found).max(), np.abs(some - found[:2]).max()) > far:
        raise ValueError(
            f"system {name!r} answers differently when it is asked again, or beside other pictures: by chance (dropout)"
            " or by statistics of the batch? Switch them off"
        )
    return found


def fingerprint(systems: Mapping[str, Embeds], seen: Mapping[str, np.ndarray]) -> str:
    """A name for what systems are and do: any change of weights, preprocessing, pictures or the kit gives another.

    Parameters
    ----------
    systems : mapping of str to Embeds
    seen : mapping of str to array of shape (16, d)
        What `probe` found.
    """
    digest = hashlib.sha256(f"{__version__} {SEEN} {torch.__version__}".encode() + _pictures(Look()).tobytes())
    for name, system in sorted(systems.items()):
        digest.update(f"\n{name} {seen[name].shape} {getattr(system, 'layer', '')}\n".encode())
        digest.update(seen[name].tobytes())
        if (look := look_of(name, system)) != Look():
            digest.update(f"{look}".encode() + _pictures(look).tobytes())
        digest.update(getattr(system, "fingerprint", "").encode())
        own = system.system if isinstance(system, Projected) else system
        for part in (own.module, own.preprocess) if isinstance(own, Network) else ():
            if isinstance(part, torch.nn.Module):
                _add_weights(digest, part)
    return digest.hexdigest()[:12]


def _add_weights(digest, module: torch.nn.Module) -> None:
    for key, value in module.state_dict().items():
        digest.update(f"\n{key} {getattr(value, 'dtype', '')} {getattr(value, 'shape', '')}\n".encode())
        if isinstance(value, torch.Tensor):
            digest.update(value.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes())
        else:
            digest.update(repr(value).encode())


def catalogue(seen: Mapping[str, np.ndarray], systems: Mapping[str, Embeds]) -> pd.DataFrame:
    """What the spaces are; `seen` holds what `probe` found of each system, (16, d).

    Returns
    -------
    DataFrame with columns space, role (model, pixels, untrained, trained or other), dimensions, image_size, crop
        `image_size` is 0 and `crop` is empty for the face model's own spaces, which are not seen.
    """
    one = faces.load().sample(1, rng=0)
    rows = [(name, MODEL, getattr(one, name).shape[1], 0, "") for name in MODEL_SPACES]
    for name, system in systems.items():
        look = look_of(name, system)
        rows.append((name, role(system), seen[name].shape[1], look.size, look.crop))
    return pd.DataFrame(rows, columns=["space", "role", "dimensions", "image_size", "crop"])
