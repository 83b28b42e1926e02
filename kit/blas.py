"""Matrix products held to one thread."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from threadpoolctl import ThreadpoolController


@contextmanager
def one_thread() -> Iterator[None]:
    """BLAS keeps to one thread within: on small matrices several lose time, and take cores from other workers.

    With other numbers of threads products have other last digits, too.
    """
    with _libraries().limit(limits=1, user_api="blas"):
        yield


@cache
def _libraries() -> ThreadpoolController:
    """Looking for the libraries takes three milliseconds, so it is done once, when numpy's is there."""
    import numpy  # noqa: F401

    return ThreadpoolController()
