"""Model cards: what a network was trained for and with, whether it can do that job, and what it is not for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING

import pandas as pd
import torch

from .architectures import EMBEDDING_LAYERS, build

if TYPE_CHECKING:
    from .dataset import ImageSet
    from .training import Plan

CURVE = ("images", "train_loss", "validation_loss")  # of every epoch
LARGEST = 10_000  # of any number of an architecture
TASKS = {
    "triplet": "images of one identity close together, of others apart (symmetric triplet loss)",
    "classid": "name the identity",
    "classmulti": "name identity, sex, ancestry, age, expression, view, light, and a joint class",
    "ae": "draw the image again",
    "viae": "draw the same face seen from the front",
    "vae": "draw the image again through a noisy code (beta 1)",
    **{f"beta{b}": f"draw the image again through a noisy code (beta {b})" for b in (2, 5, 10, 20)},
}
LIMITS = (
    "Trained on rendered faces of one generative model with artistic, not measured, archetypes; with a swim cap, "
    "at one size, in the views and lights of the card. Not for photographs, and not for telling people apart."
)


def make(
    name: str, shape: Mapping, design: ImageSet, plan: Plan, history: pd.DataFrame, accuracy: Mapping, passed: Mapping
) -> dict:
    """The model card of a network that was just trained.

    Parameters
    ----------
    name : of `objectives.OBJECTIVES`
    shape : as of `architectures.architecture`
    design, plan : what it was trained with
    history : as of `training.fit`
    accuracy : as of `readout.identity_accuracy`
    passed : as of `gates.gates`
    """
    from kit.faces.stimuli import IDENTITIES

    best = history.loc[history["validation_loss"].idxmin()]
    return {
        "objective": name,
        "task": TASKS[name],
        "architecture": dict(shape),
        "parameters": sum(p.numel() for p in build(shape).parameters()),
        "data": {**asdict(design), "familiar": {who: design.identities + k for k, who in enumerate(IDENTITIES)}},
        "training": {
            **asdict(plan),
            "epochs": len(history),
            "images": int(history["images"].sum()),
            "seconds": round(float(history["seconds"].sum()), 1),
            "train_loss": float(best["train_loss"]),
            "validation_loss": float(best["validation_loss"]),
            "torch": torch.__version__,
            "curve": {name: [round(float(value), 5) for value in history[name]] for name in CURVE},
        },
        "gates": {gate: _rounded(found) for gate, found in passed.items()},
        "accuracy": {split: _rounded(values) for split, values in accuracy.items()},
        "limits": LIMITS,
        "licence": "CC0-1.0",
    }


def _rounded(values: Mapping) -> dict:
    return {key: round(value, 5) if isinstance(value, float) else value for key, value in values.items()}


def check(card: dict) -> None:
    """Raise a ValueError, KeyError, TypeError or AttributeError if a card lacks what the kit reads from it."""
    shape = card["architecture"]
    heads = dict(shape["heads"])
    if shape["kind"] not in EMBEDDING_LAYERS:
        raise ValueError(f"the architecture's kind is {shape['kind']!r}, not one of {', '.join(EMBEDDING_LAYERS)}")
    sizes = {key: shape[key] for key in ("width", "embedding", "size")} | heads
    for key, value in sizes.items():
        if type(value) is not int or not 1 <= value <= LARGEST:
            raise ValueError(f"the architecture's {key} is {value!r}, not a whole number from 1 to {LARGEST}")
    numbers = [card["parameters"], card["training"]["images"], card["training"]["seconds"]]
    numbers += [found["linear"] for found in card["accuracy"].values()]
    if "gates" not in card:
        raise ValueError("gates are missing: it is of an older kit, whose networks had other layers")
    if not all(isinstance(value, int | float) for value in numbers) or not {"name", "task"} <= set(card):
        raise ValueError("name, task, parameters, training or accuracy are not as they should be")
    units = card["data"]["familiar"].values() if "identity" in heads else ()
    if any(type(unit) is not int or not 0 <= unit < heads["identity"] for unit in units):
        raise ValueError(f"data.familiar names a unit that is none of the {heads['identity']} identities")
