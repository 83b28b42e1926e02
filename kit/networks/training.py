"""Train networks: one loop for every objective, which survives being stopped.

A checkpoint holds all that the next step depends on, and batches depend on the step alone (`batches`), so a
run that was killed and started again ends with the weights of a run that was not. `torchrun` spreads a run
over processes; `zoo_training` trains the networks that the kit ships.
"""

from __future__ import annotations

import copy
import io
import math
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn
from tqdm.auto import tqdm

from kit.files.atomic import atomic

from . import processes
from .batches import Examples, epoch_order, plain_batch, training_batch
from .dataset import Split
from .objectives import Batch, Objective

CHECKPOINT_STEPS = 200
WARM_UP = 0.05  # share of all steps
WEIGHT_DECAY = 0.01


def bfloat16_helps() -> bool:
    """Whether this machine multiplies bfloat16 faster than float32, and rightly: a GPU.

    Processors do not qualify: most emulate it, and on one that has the instructions (AVX-512 BF16, AMX) training of
    narrow networks gave nan with torch 2.13, not always at the same step.
    """
    return torch.cuda.is_available() and torch.cuda.is_bf16_supported()


@dataclass(frozen=True)
class Plan:
    """How to train.

    Parameters
    ----------
    epochs : int
        At most so many passes through the training images; the learning rate falls to zero over them.
    batch : int
        Images a step, over all processes.
    rate : float
        Highest learning rate of AdamW.
    patience : int
        Stop after so many epochs without a lower validation loss.
    seed : int
        First weights, order and augmentation of images, and the noise of variational networks.
    bfloat16 : bool
        Multiply in half precision; by default on a GPU that can. Weights stay float32.
    """

    epochs: int = 16
    batch: int = 64
    rate: float = 2e-3
    patience: int = 5
    seed: int = 1
    bfloat16: bool = field(default_factory=bfloat16_helps)

    def __post_init__(self) -> None:
        if min(self.epochs, self.batch, self.patience) < 1 or not self.rate > 0:
            raise ValueError(f"epochs, batch, patience and rate must be positive; got {self}")

    def rate_at(self, progress: float) -> float:
        """Learning rate when a share `progress` of all steps is done: a short rise, then half a cosine."""
        rise, fall = progress / WARM_UP, (progress - WARM_UP) / (1 - WARM_UP)
        return self.rate * (min(rise, 1.0) if fall < 0 else (1 + math.cos(math.pi * fall)) / 2)


def fit(
    network: nn.Module,
    objective: Objective,
    data: Examples,
    split: Split,
    plan: Plan | None = None,
    checkpoint: Path | None = None,
) -> pd.DataFrame:
    """Train a network in place; it ends with the weights of its best epoch.

    Parameters
    ----------
    network : nn.Module
        What the objective's loss expects (`architectures.build`).
    objective : Objective
    data : FaceImages, or anything with its `images`, `labels` and `frontal`
    split : Split
        `train` rows are learned, `validation` rows decide when to stop.
    plan : Plan, optional
    checkpoint : path, optional
        Written as the training goes; if it exists, training goes on from there.

    Returns
    -------
    DataFrame with a row for each epoch: train_loss, validation_loss, images, seconds (of that epoch)
    """
    run = _Run(network, objective, data, split, plan or Plan(), checkpoint)
    run.resume()
    while not run.finished:
        run.epoch()
    network.load_state_dict(run.best)
    return pd.DataFrame(run.history)


class _Run:
    """One training: the network, its optimiser, and where they are."""

    def __init__(
        self,
        network: nn.Module,
        objective: Objective,
        data: Examples,
        split: Split,
        plan: Plan,
        checkpoint: Path | None,
    ) -> None:
        self.device = processes.start()
        self.network = network.to(self.device, memory_format=torch.channels_last)
        self.parallel = processes.parallel(self.network, self.device)
        self.optimizer = torch.optim.AdamW(self.network.parameters(), plan.rate, weight_decay=WEIGHT_DECAY, fused=True)
        self.objective, self.data, self.plan, self.checkpoint = objective, data, plan, checkpoint
        identity = data.labels["identity"]
        self.order = lambda epoch: epoch_order(objective, identity, split.train, plan.seed, epoch)
        self.validation = epoch_order(objective, identity, split.validation, plan.seed, epoch=0)
        self.steps = len(self.order(0)) // plan.batch  # an epoch
        if self.steps < 1:
            raise ValueError(
                f"{len(self.order(0))} training images do not fill a batch of {plan.batch}; make it smaller"
            )
        if len(self.validation) < 1:
            raise ValueError("there are no validation images, so nothing tells when to stop; the split needs some")
        self.part = processes.share(plan.batch)
        self.step, self.loss, self.seconds = 0, 0.0, 0.0  # steps in all; sums over this epoch
        self.best: dict[str, Tensor] = {}
        self.history: list[dict[str, float]] = []

    @property
    def finished(self) -> bool:
        done = len(self.history)
        if done == 0:
            return False
        best = int(np.argmin([h["validation_loss"] for h in self.history]))
        return done >= self.plan.epochs or done - 1 - best >= self.plan.patience

    def epoch(self) -> None:
        """The rest of the present epoch."""
        number, first = divmod(self.step, self.steps)
        order = self.order(number)[: self.steps * self.plan.batch].reshape(self.steps, -1)
        label, hidden = f"epoch {number + 1}/{self.plan.epochs}", processes.rank() > 0
        with tqdm(range(self.steps), label, initial=first, leave=False, disable=hidden, mininterval=1) as bar:
            for rows in order[first:]:
                self.learn(rows)
                bar.update()
                if self.step % CHECKPOINT_STEPS == 0 and self.step % self.steps:
                    self.save()
        self.close_epoch()

    def learn(self, rows: np.ndarray) -> None:
        """One step of the optimiser on one batch of rows."""
        started = time.perf_counter()
        for group in self.optimizer.param_groups:
            group["lr"] = self.plan.rate_at(self.step / (self.steps * self.plan.epochs))
        self.network.train()
        batch = training_batch(self.data, rows, self.objective, self.step, self.plan.seed, self.part)
        loss = self.loss_of(batch, self.parallel)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        self.loss += float(loss.detach())
        self.step += 1
        self.seconds += time.perf_counter() - started

    def loss_of(self, batch: Batch, network: nn.Module) -> Tensor:
        frontal = None if batch.frontal is None else batch.frontal.to(self.device)
        labels = {name: values.to(self.device) for name, values in batch.labels.items()}
        batch = Batch(batch.images.to(self.device), labels, frontal, batch.generator)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.plan.bfloat16):
            return self.objective.loss(batch, network)

    def close_epoch(self) -> None:
        """Validate, note, keep the best weights, write a checkpoint."""
        validation = processes.agree(self.validate(), self.device)
        train = processes.agree(self.loss / self.steps, self.device)
        if not math.isfinite(train + validation):
            what = f"{train} (in validation {validation})"
            raise FloatingPointError(f"the loss became {what} in epoch {len(self.history) + 1}; lower the rate")
        if all(validation < h["validation_loss"] for h in self.history):
            self.best = copy.deepcopy(self.network.state_dict())
        images = self.steps * self.plan.batch
        row = {"train_loss": train, "validation_loss": validation, "images": images, "seconds": self.seconds}
        self.history.append(row)
        self.loss, self.seconds = 0.0, 0.0
        self.save()

    def validate(self) -> float:
        """Mean loss on the validation rows, without augmentation; only the first process computes it."""
        if processes.rank() > 0:
            return 0.0
        self.network.eval()
        pairs = self.validation.reshape(-1, 2 if self.objective.pairs else 1)
        # Equal parts, none small: a part with one pair would have nothing to tell it from.
        parts = [p.ravel() for p in np.array_split(pairs, max(1, len(self.validation) // self.plan.batch))]
        with torch.inference_mode():
            batches = (plain_batch(self.data, rows, self.objective, self.plan.seed) for rows in parts)
            losses = [float(self.loss_of(batch, self.network)) for batch in batches]
        return float(np.average(losses, weights=[len(rows) for rows in parts]))

    # ---- what survives a stop

    def save(self) -> None:
        if self.checkpoint is None or processes.rank() > 0:
            return
        state = {name: getattr(self, name) for name in ("step", "loss", "seconds", "best", "history")}
        state |= {"network": self.network.state_dict(), "optimizer": self.optimizer.state_dict()}
        written = io.BytesIO()  # torch hides a full disk behind an error of its own
        torch.save(state | {"plan": asdict(self.plan)}, written)
        try:
            with atomic(self.checkpoint) as file:
                file.write(written.getbuffer())
        except OSError as error:
            raise OSError(
                error.errno,
                f"{error.strerror}; the last checkpoint is whole, training goes on from it: make room and start again",
                str(self.checkpoint),
            ) from error

    def resume(self) -> None:
        if self.checkpoint is None or not self.checkpoint.exists():
            return
        state = _read_checkpoint(self.checkpoint, self.device)
        if state.pop("plan") != asdict(self.plan):
            raise ValueError(f"{self.checkpoint} was written by another plan; delete it or train by that plan")
        self.network.load_state_dict(state.pop("network"))
        self.optimizer.load_state_dict(state.pop("optimizer"))
        for name, value in state.items():
            setattr(self, name, value)


def _read_checkpoint(path: Path, device: torch.device) -> dict:
    try:
        return torch.load(path, map_location=device, weights_only=True)
    except Exception as error:  # torch, zip and pickle each raise their own kinds
        raise ValueError(f"{path} is damaged; delete it to train from the start") from error
