"""When something was handed in: an instant, whatever clock it was read from.

A zip file keeps what a clock on a wall showed, without a zone; nbgrader keeps UTC without saying so. When clocks are
put back, an hour is there twice, and when they are put forward, one is missing. Of the two instants that such a time
may mean, the earlier is taken, because it is the one that harms nobody.
"""

from __future__ import annotations

import difflib
import os
import re
import time
import zoneinfo
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from pathlib import Path

CONFIG = "nbgrader_config.py"
STAMP = "%Y-%m-%d %H:%M:%S"


@dataclass(frozen=True)
class Zone:
    """A time zone with its name, its rules (None: those of this machine), and how it came to be chosen."""

    name: str
    rules: tzinfo | None = None
    chosen: str = ""

    def instant(self, clock: datetime) -> datetime:
        """What a clock of the zone showed, as an instant in UTC."""
        return min(self._both(clock))

    def is_doubtful(self, clock: datetime) -> bool:
        """Whether the clock showed this twice, or never."""
        return len(set(self._both(clock))) > 1

    def clock(self, instant: datetime) -> datetime:
        """What a clock of the zone shows at an instant."""
        return instant.astimezone(self.rules)

    def _both(self, clock: datetime) -> list[datetime]:
        return [clock.replace(tzinfo=self.rules, fold=fold).astimezone(UTC) for fold in (0, 1)]


def zone(course: Path, name: str | None = None) -> Zone:
    """The zone of the platform's clock: the one that is named, else the course's, else this machine's.

    The course's is `c.Collect.zone = "Europe/Berlin"` in its `nbgrader_config.py`.

    Raises
    ------
    ValueError
        If there is no zone of this name, or the course's settings cannot be read.
    """
    if name is not None:
        return _named(name, "as --zone says")
    if configured := _configured(course / CONFIG):
        return _named(configured, f"as {CONFIG} says")
    return Zone(_machine(), None, "the zone of this machine; is it the platform's? --zone names another")


def _named(name: str, chosen: str) -> Zone:
    try:
        return Zone(name, zoneinfo.ZoneInfo(name), chosen)
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        known = sorted(zoneinfo.available_timezones())
        if not known:
            raise ValueError("this machine knows no time zones: pip install tzdata") from None
        places = {place.rsplit("/", 1)[-1].lower(): place for place in known if not place.startswith("Etc/")}
        near = difflib.get_close_matches(name.rsplit("/", 1)[-1].replace(" ", "_").lower(), places, n=1, cutoff=0.7)
        is_offset = re.search(r"\d", name)  # Etc/GMT+1 is an hour west of Greenwich, GMT+1 elsewhere one east
        hint = f" (is it {places[near[0]]}?)" if near and not is_offset else ""
        raise ValueError(f"there is no time zone {name!r}{hint}: zones are called like Europe/Berlin, or UTC") from None


def _configured(path: Path) -> str:
    if not path.is_file():
        return ""
    from traitlets.config import PyFileConfigLoader

    try:
        chosen = PyFileConfigLoader(path.name, path=str(path.parent)).load_config()
    except Exception as error:  # it is a program, and may fail in any way
        raise ValueError(f"{path} cannot be read ({type(error).__name__}: {error}): mend it") from None
    found = chosen["Collect"].get("zone", "") if "Collect" in chosen else ""
    if not isinstance(found, str):
        raise ValueError(f"{path}: c.Collect.zone must be a text such as 'Europe/Berlin', not {found!r}")
    return found


def _machine() -> str:
    """The name of this machine's zone."""
    if named := os.environ.get("TZ", "").lstrip(":"):
        return named
    linked = os.path.realpath("/etc/localtime")
    return linked.split("zoneinfo/")[-1] if "zoneinfo/" in linked else "/".join(dict.fromkeys(time.tzname))


# ---- nbgrader's timestamps


def stamp(instant: datetime) -> str:
    """An instant as nbgrader reads it: UTC, without saying so."""
    return instant.astimezone(UTC).strftime(STAMP)


def read_stamp(text: str) -> datetime | None:
    """The instant of a `timestamp.txt`, to the second; None if it is none.

    nbgrader writes a zone behind some: a name, or an offset such as +0100.
    """
    day, _, rest = text.strip().partition(" ")
    clock, _, name = rest.partition(" ")
    try:
        return datetime.fromisoformat(f"{day} {clock[:8]}").replace(tzinfo=_offset(name)).astimezone(UTC)
    except (ValueError, OverflowError, OSError, zoneinfo.ZoneInfoNotFoundError):
        return None


def _offset(name: str) -> tzinfo:
    if name in ("", "UTC"):
        return UTC
    if name[:1] in ("+", "-"):
        minutes = 60 * int(name[1:3]) + int(name[3:].lstrip(":") or 0)
        return timezone(timedelta(minutes=minutes if name[0] == "+" else -minutes))
    return zoneinfo.ZoneInfo(name)
