"""Numba's compiler, which keeps machine code where it may: by the source, in the user's cache, or a temporary folder.

Where it may write nowhere (a container without a home, say), every process compiles anew; that is said once.
"""

from __future__ import annotations

import functools
import os
import stat
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from numba import config, njit


def compiled(**options: Any) -> Callable[[Callable], Callable]:
    """Decorator: `numba.njit` with its disk cache, if there is a folder for it.

    Parameters
    ----------
    **options
        Of `numba.njit`.
    """

    def compile_(function: Callable) -> Callable:
        for folder in (None, _temporary):
            try:
                return _cached(function, folder and folder(), options)
            except RuntimeError as error:
                if "no locator" not in str(error):
                    raise
        _tell()
        return njit(**options)(function)

    return compile_


def _cached(function: Callable, folder: str | None, options: dict) -> Callable:
    before = config.CACHE_DIR
    config.CACHE_DIR = folder or before
    try:
        return njit(cache=True, **options)(function)
    finally:
        config.CACHE_DIR = before


@functools.cache
def _temporary() -> str | None:
    """A folder among the temporary ones that nobody else may write: what lies in a cache is run."""
    try:
        folder = Path(tempfile.gettempdir(), f"shared-features-numba-{os.getuid()}")
        folder.mkdir(mode=0o700, exist_ok=True)
        about = folder.lstat()
    except (OSError, AttributeError):  # nothing is writable; Windows has no user numbers
        return None
    mine = stat.S_ISDIR(about.st_mode) and about.st_uid == os.getuid() and not about.st_mode & 0o077
    return str(folder) if mine else None


@functools.cache
def _tell() -> None:
    warnings.warn(
        "numba may write to no folder: compiled code cannot be kept, so each process takes some seconds longer. "
        "Set NUMBA_CACHE_DIR to a folder of your own",
        stacklevel=3,
    )
