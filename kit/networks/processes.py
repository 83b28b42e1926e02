"""Several processes that train one network together, started by `torchrun --nproc-per-node=N ...`.

Every process computes the gradient on its share of each batch; torch averages them. Without torchrun all of
this is one process. (Batch normalisation on CPUs uses each process's own share for its statistics.)
"""

from __future__ import annotations

import atexit
import os
from collections.abc import Callable

import torch
import torch.distributed as dist
from torch import nn
from torch.nn.parallel import DistributedDataParallel


def start() -> torch.device:
    """Join the others if torchrun started us; the device to train on."""
    here = int(os.environ.get("LOCAL_RANK", 0))
    device = torch.device("cuda", here) if torch.cuda.is_available() else torch.device("cpu")
    if dist.is_torchelastic_launched() and not dist.is_initialized():
        if device.type == "cuda":
            torch.cuda.set_device(device)
        dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
        atexit.register(dist.destroy_process_group)
    return device


def count() -> int:
    """How many processes train together."""
    return dist.get_world_size() if dist.is_initialized() else 1


def rank() -> int:
    """Which of them this is; 0 writes files and shows progress."""
    return dist.get_rank() if dist.is_initialized() else 0


def share(size: int) -> slice:
    """This process's rows of a batch of `size`. Raises ValueError if they cannot be shared evenly in pairs."""
    if size % (2 * count()):
        raise ValueError(
            f"a batch of {size} cannot be shared by {count()} processes; make it a multiple of {2 * count()}"
        )
    each = size // count()
    return slice(rank() * each, (rank() + 1) * each)


def parallel(network: nn.Module, device: torch.device) -> nn.Module:
    """The network, wrapped so that gradients are averaged over processes if there are several."""
    if count() == 1:
        return network
    if device.type == "cuda":
        network = nn.SyncBatchNorm.convert_sync_batchnorm(network)
    return DistributedDataParallel(network, device_ids=[device.index] if device.type == "cuda" else None)


def agree(value: float, device: torch.device) -> float:
    """The first process's value, in all of them."""
    if count() == 1:
        return value
    tensor = torch.tensor([value], dtype=torch.float64, device=device)
    dist.broadcast(tensor, 0)
    return float(tensor)


def first_alone(work: Callable[[], object]) -> None:
    """Let the first process do something (fill a cache) while the others wait."""
    if rank() == 0:
        work()
    if count() > 1:
        dist.barrier()
