"""Train the networks that the kit ships, of every objective and seed, and write what each can do into its card."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pandas as pd
from torch import nn

from . import cards, gates, processes, shipped
from .architectures import architecture, build, without_the_rest
from .dataset import FaceImages, ImageSet
from .objectives import BETAS, OBJECTIVES
from .readout import identity_accuracy
from .training import Plan, fit

SEEDS = (1, 2, 3)  # of every objective but the variational ones, of which there are five already
#: Where the usual plan does not bring a network through its gate: the triplet loss learns from negatives that are near,
#: and finds more of them in larger batches.
PLANS = {"triplet": {"batch": 128, "epochs": 24}}
#: Between two that draw; their decoders would make every copy of the kit larger by a tenth.
WITHOUT_DECODER = ("beta2", "beta5", "beta10")


def train_zoo(
    names: Iterable[str] | None = None,
    out: Path | str | None = None,
    design: ImageSet | None = None,
    plan: Plan | None = None,
    seeds: Iterable[int] = SEEDS,
    width: int = 16,
    cache: Path | str | None = None,
) -> pd.DataFrame:
    """Train networks and save weights and model cards; networks that `out` already has are left alone.

    Parameters
    ----------
    names : of `objectives.OBJECTIVES`, optional
        All by default.
    out : path, optional
        A data folder; `networks/` in it gets the files, its `manifest.json` their checksums.
    design, plan : optional
        Images and training; a card tells both.
    seeds : ints
        Of each objective one network is trained with each; of the variational ones with the first alone.
    width : int
        Channels of the stem.
    cache : path, optional
        Folder of rendered images and checkpoints; by default in the platform's cache.

    Returns
    -------
    DataFrame, a row for each network in `out` and its first seed, as `networks.zoo()`
    """
    chosen, seeds = list(OBJECTIVES if names is None else names), list(seeds)
    for name in chosen:
        shipped.check_name(name, OBJECTIVES)
    wanted = [(name, seed) for seed in seeds for name in chosen if seed == seeds[0] or name not in BETAS]
    missing = [(name, seed) for name, seed in wanted if seed not in shipped.seeds(name, out)]
    if missing:
        processes.start()
        data = FaceImages(design, cache)
        for name, seed in missing:
            _train_one(name, data, replace(plan or Plan(**PLANS.get(name, {})), seed=seed), width, out)
    return shipped.zoo(out, seeds[0])


def _train_one(name: str, data: FaceImages, plan: Plan, width: int, out: Path | str | None) -> None:
    objective, stem = OBJECTIVES[name], shipped.entry(name, plan.seed)
    processes.first_alone(lambda: (data.images, objective.frontal and data.frontal))
    shape = architecture(name, data.classes, data.design.size, width)
    network = build(shape, seed=plan.seed)
    checkpoint = data.folder / f"{stem}-{width}.checkpoint"
    history = fit(network, objective, data, data.split, plan, checkpoint)
    if processes.rank() == 0:
        finish(name, network, shape, data, plan, history, out)
        checkpoint.unlink()


def finish(
    name: str,
    network: nn.Module,
    shape: dict,
    data: FaceImages,
    plan: Plan,
    history: pd.DataFrame,
    out: Path | str | None,
) -> None:
    """Judge a trained network and save it with its card; of most only what its embedding needs."""
    seen = shipped.as_network(network, shape, name)
    passed, accuracy = gates.gates(name, seen, data), identity_accuracy(seen, data)
    if plan.seed > 1 or name in WITHOUT_DECODER:
        network, shape = without_the_rest(network, shape)
    card = cards.make(name, shape, data.design, plan, history, accuracy, passed)
    shipped.save(shipped.entry(name, plan.seed), network, card, out)
