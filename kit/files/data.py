"""Find the files in `data/` and refuse those that were changed."""

import hashlib
import json
import os
import sys
from functools import cache
from pathlib import Path

PLACES = (Path(__file__).resolve().parents[2] / "data", Path(sys.prefix) / "share/shared-features/data")


class DataError(ValueError):
    """A data file is missing, damaged or not of the expected form; the message names the remedy."""


def folder() -> Path:
    """The data folder: `$KIT_DATA`, or beside a clone, or where the installer put it."""
    chosen = os.environ.get("KIT_DATA")
    places = (Path(chosen),) if chosen else PLACES
    for place in places:
        if (place / "manifest.json").exists():
            return place
    looked = ", ".join(map(str, places))
    raise DataError(f"no data folder with a manifest.json in {looked}; clone the project again or set KIT_DATA")


def verified(name: str) -> Path:
    """Path of a data file whose sha256 is the one in `manifest.json`. Raises DataError otherwise."""
    path = folder() / name
    entries = _manifest()
    if name not in entries:
        raise DataError(f"{name} is not listed in {folder() / 'manifest.json'}")
    if not path.exists():
        raise DataError(f"{path} is missing; restore it with `git checkout -- data/{name}`")
    if _sha256(path, path.stat().st_mtime_ns) != entries[name]:
        raise DataError(
            f"{path} was changed or damaged (its sha256 is not the one in manifest.json); "
            f"restore it with `git checkout -- data/{name}`"
        )
    return path


def _manifest() -> dict[str, str]:
    """The sha256 of each file that is listed."""
    path = folder() / "manifest.json"
    try:
        return {name: entry["sha256"] for name, entry in json.loads(path.read_text()).items()}
    except (ValueError, AttributeError, KeyError, TypeError) as error:
        raise DataError(f"{path} is damaged ({error}); restore it with `git checkout -- data/manifest.json`") from error


@cache
def _sha256(path: Path, changed: int) -> str:
    """Hash of a file; `changed` makes the cache forget a file that was written again."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
