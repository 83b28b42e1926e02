"""Where the heavy loops run: in threads or processes of this machine, or on a Dask cluster; the same bits
everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import TypeVar

import joblib
from threadpoolctl import threadpool_limits
from tqdm.auto import tqdm

Item, Found = TypeVar("Item"), TypeVar("Found")


@contextmanager
def on_scheduler(address: str | None) -> Iterator[None]:
    """Spread joblib's work over the cluster at an address such as "tcp://host:8786"; without one, over this machine.

    Workers need the kit and the results folder, under the same path.
    """
    if address is None:
        yield
        return
    try:
        from dask.distributed import Client
    except ImportError as error:
        raise ValueError("a scheduler needs Dask: pip install 'shared-features[scale]'") from error
    with Client(address), joblib.parallel_config(backend="dask"):
        yield


@contextmanager
def in_processes(address: str | None = None) -> Iterator[None]:
    """As `on_scheduler`, but without an address in processes of this machine, for work that takes minutes.

    Threads would wait for one another: most steps of a fit are short, and Python takes them in turn.
    """
    with on_scheduler(address) if address else joblib.parallel_config(backend="loky"):
        yield


def spread(work: Callable[[Item], Found], items: Sequence[Item], jobs: int, title: str) -> list[Found]:
    """What `work` makes of each item, in their order.

    Parameters
    ----------
    work : callable
        What it needs is sent to the workers with it: give it folders and names, not networks.
    items : sequence
    jobs : int
        Workers; -1 is one a core. Threads, unless `joblib.parallel_config` says otherwise.
    title : str
        Of the progress bar.

    Raises
    ------
    OSError
        If a process was ended from outside, as where memory runs out.
    """
    tasks = (joblib.delayed(_alone)(work, item) for item in items)
    with threadpool_limits(1, "blas"):
        found = joblib.Parallel(jobs, prefer="threads", return_as="generator")(tasks)
        try:
            return list(tqdm(found, title, len(items), unit="unit"))
        except BrokenProcessPool as error:
            raise OSError(
                f"{title}: the system ended a worker, as it does where memory runs out. Give the command again: what "
                "was written to its folder is not done again; with --jobs 1 it takes the least memory"
            ) from error


def _alone(work: Callable[[Item], Found], item: Item) -> Found:
    """One piece of work, whose matrix products take one thread: cut into pieces they have other last digits.

    In a process of its own the limit stays: pieces run side by side there, and none may lift it for the others.
    In threads it is `spread` that restores what was before.
    """
    threadpool_limits(1, "blas")
    return work(item)
