"""Feature spaces: what the face model, the pixels and each network make of the same faces.

A *system* is anything with `embed(images) -> (n, d)`: a network of the zoo, one of your own (`networks.wrap`),
or the principal components of pixels. Each is shown the size and crop of picture that it was made for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from threadpoolctl import threadpool_limits

from kit import networks
from kit.faces import Faces
from kit.faces.views import Views, from_the_front
from kit.networks import shipped
from kit.networks.inference import folded
from kit.networks.pixels import SEEN, Embeds

from .looks import by_look
from .space_names import OTHER, PIXELS, SHAPE, TEXTURE, TRAINED, UNTRAINED

SIZE = SEEN["size"]  # of the pictures of systems that say nothing else
PIXEL_IMAGES = 2000  # of the networks' training images, from which the components of pixels come


def systems(names: list[str] | None = None, pixels: int = 128, pixels_long: int = 256) -> dict[str, Embeds]:
    """Pixels, an untrained network, and networks of the zoo (all by default), by name.

    Parameters
    ----------
    names : list of str, optional
    pixels : int
        Principal components of the system "pixels": as many as the networks have features.
    pixels_long : int
        Of a further system, "pixels 256"; 0 for none.

    Returns
    -------
    dict of str to Embeds
        A network of a further seed is called "viae-2".

    Raises
    ------
    ValueError
        If there is no network of a name; the message lists those there are.
    """
    chosen = _in_order(networks.zoo().index) if names is None else names
    trained = {name: folded(networks.load(name)) for name in chosen}
    for name in chosen:
        more = shipped.seeds(name)[1:]
        trained |= {shipped.entry(name, seed): folded(networks.load(name, seed=seed)) for seed in more}
    longest = pixel_components(max(pixels, pixels_long))
    first = {PIXELS: replace(longest, components=longest.components[:pixels])}
    if pixels_long:
        first[f"{PIXELS} {pixels_long}"] = replace(longest, components=longest.components[:pixels_long])
    return first | {UNTRAINED: folded(networks.untrained()), **trained}


def role(system: Embeds) -> str:
    """What a system is: "pixels", "untrained", "trained" (a network whose card says so), or "other"."""
    if isinstance(system, networks.PixelPCA):
        return PIXELS
    card = getattr(system, "card", None) or {}
    return OTHER if "training" not in card else TRAINED if card["training"] else UNTRAINED


def trained(systems: Mapping[str, Embeds]) -> list[str]:
    """Names of the trained networks among systems, known by their cards and not by their names."""
    return [name for name, system in systems.items() if role(system) == TRAINED]


def seed_of(system: Embeds) -> tuple[str, int]:
    """What a network of the zoo was trained for, and with which seed; ("", 1) for all others."""
    card = getattr(system, "card", None) or {}
    return card.get("objective", ""), (card.get("training") or {}).get("seed", 1) if "objective" in card else 1


def further_seeds(systems: Mapping[str, Embeds]) -> list[str]:
    """Names of the networks that were trained again with another seed, beside the first one."""
    known = {seed_of(system)[0] for system in systems.values() if seed_of(system)[1] == 1}
    return [name for name, system in systems.items() if seed_of(system)[1] > 1 and seed_of(system)[0] in known]


def _in_order(names) -> list[str]:
    """Networks in the order of the objectives, not of the alphabet."""
    from kit.networks.objectives import OBJECTIVES

    known = list(OBJECTIVES)
    return sorted(names, key=lambda name: known.index(name) if name in known else len(known))


def pixel_components(count: int) -> networks.PixelPCA:
    """Principal components of the pixels of random training images of the zoo."""
    from kit.networks.dataset import FaceImages, ImageSet

    data = FaceImages(ImageSet())
    rows = np.sort(np.random.default_rng(0).choice(data.split.train, PIXEL_IMAGES, replace=False))
    with threadpool_limits(1, "blas"):
        return networks.pixel_pca(data.render(rows), count)


def features(faces: Faces, images: np.ndarray, systems: Mapping[str, Embeds]) -> dict[str, np.ndarray]:
    """Features of faces in every space.

    Parameters
    ----------
    faces : n faces
    images : uint8 array of shape (n, size, size, 3)
        What all systems see of them, drawn by `Trials.render(size)` for panels as they are shown.
    systems : mapping of str to Embeds
        That take these pictures; `look_at` draws for each what it was made for.

    Returns
    -------
    dict of str to float32 array of shape (n, d)
        "shape" and "texture" components first, then each system's features of the pictures.
    """
    seen = {name: embedded(name, system, images) for name, system in systems.items()}
    return {SHAPE: faces.shape, TEXTURE: faces.texture, **seen}


def look_at(faces: Faces, systems: Mapping[str, Embeds], views: Views | None = None) -> dict[str, np.ndarray]:
    """Features of faces in every space, each system shown pictures of its own size and crop.

    Parameters
    ----------
    faces : n faces
    systems : mapping of str to Embeds
    views : Views of length n, optional
        How each face is shown; all from the front by default.

    Returns
    -------
    dict of str to float32 array of shape (n, d)
        "shape" and "texture" components first, then the systems in their order.
    """
    views = from_the_front(len(faces)) if views is None else views
    parts: dict[str, list[np.ndarray]] = {name: [] for name in systems}
    for look, names in by_look(systems).items():
        for images in look.in_pieces(faces, views):
            for name in names:
                parts[name].append(embedded(name, systems[name], images))
    return {SHAPE: faces.shape, TEXTURE: faces.texture} | {name: np.concatenate(p) for name, p in parts.items()}


def embedded(name: str, system: Embeds, images: np.ndarray) -> np.ndarray:
    """Features of images: float32 (n, d). A `ValueError` names the system if there are none, or not such.

    Images are uint8 (n, h, w, 3).
    """
    what = f"system {name!r}, asked for features of {len(images)} pictures,"
    if not hasattr(system, "embed"):
        raise ValueError(f"system {name!r} is a {type(system).__name__} without `embed`: use networks.wrap(module)")
    try:
        with np.errstate(over="ignore"):
            found = np.asarray(system.embed(images))
            values = found.astype(np.float32, copy=False)
    except Exception as error:
        size = f"{images.shape[1]} x {images.shape[2]}"
        raise ValueError(
            f"{what} failed: {type(error).__name__}: {error} (pictures have {size} pixels; for others "
            "networks.wrap(module, size=224), or let `preprocess` resize them)"
        ) from error
    if found.ndim != 2 or len(found) != len(images) or not found.shape[1] or found.dtype.kind not in "fiub":
        raise ValueError(f"{what} gave {found.dtype} of shape {found.shape}, not numbers of shape ({len(images)}, d)")
    wrong = np.flatnonzero(~np.isfinite(values).all(axis=1))
    if len(wrong):
        kind = "nan" if np.isnan(values).any() else "infinite values"
        raise ValueError(
            f"{what} gave {kind} for {len(wrong)} of them, first for number {wrong[0]}: half precision ends at 65504 "
            "(use module.float()), logarithms at 0; look at that picture, or choose another layer"
        )
    return values


def decision_neurons(
    found: Mapping[str, np.ndarray], systems: Mapping[str, Embeds], identity: str
) -> dict[str, np.ndarray]:
    """What each classifier's output unit for an identity says: name to (n, 1), from its embedding (n, d)."""
    out = {}
    for name, system in systems.items():
        card = getattr(system, "card", None) or {}
        if "identity" in card.get("architecture", {}).get("heads", {}):
            head = system.module.get_submodule("heads.identity")
            unit = card["data"]["familiar"][identity]
            weights, bias = (p[unit].detach().numpy() for p in (head.weight, head.bias))
            out[name] = found[name] @ weights[:, None] + bias
    return out
