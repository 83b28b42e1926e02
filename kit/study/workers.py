"""Where the heavy loops run: on this machine, or on a Dask cluster."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import joblib


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
