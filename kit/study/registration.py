"""A comparison written down before any rating is read: design, casts, claims, thresholds and versions, with a hash.

Whoever registers first cannot choose afterwards. A later run is held against the plan, and the report says what
differs.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from kit import __version__
from kit.files.atomic import atomic

from .design import Design
from .statements import CLAIMS

FORM = 1  # of the file; a plan of another form cannot be compared
PACKAGES = ("numpy", "scipy", "scikit-learn", "torch")
FIELDS = ("form", "kit", "packages", "design", "turned", "systems", "claims")


@dataclass(frozen=True)
class Held:
    """A registered plan, and in what the run differed from it, a sentence each.

    Attributes
    ----------
    planned : dict
    differs : list of str
    """

    planned: dict[str, Any]
    differs: list[str]


def plan(design: Design, systems: Iterable[str], turned: bool = False) -> dict[str, Any]:
    """What is planned, without the moment of planning.

    Parameters
    ----------
    design : Design
    systems : names of the systems that will be compared
    turned : whether the second viewing condition will be compared, too
    """
    claims = [
        {"key": c.key, "statement": c.statement, "owner": c.owner, "family": c.family, "threshold": c.threshold,
         "holds_on": list(c.holds_on), "fails_on": list(c.fails_on)}
        for c in CLAIMS
    ]  # fmt: skip
    return json.loads(json.dumps({
        "form": FORM, "kit": __version__, "packages": {name: version(name) for name in PACKAGES},
        "design": asdict(design), "turned": turned, "systems": list(systems), "claims": claims,
    }))  # fmt: skip


def digest(planned: dict[str, Any]) -> str:
    """The hash of a plan: any change of what is planned gives another."""
    text = json.dumps({name: planned[name] for name in FIELDS}, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def register(planned: dict[str, Any], path: Path | str) -> str:
    """Write a plan with its hash and the time; returns the hash.

    Raises
    ------
    ValueError
        If there is a file already: a registered plan is not written over.
    """
    path = Path(path)
    if path.exists():
        raise ValueError(f"{path} is there already; a registered plan is not replaced: choose another name")
    sealed = planned | {"registered": datetime.now(UTC).isoformat(timespec="seconds"), "sha256": digest(planned)}
    with atomic(path) as file:
        file.write(json.dumps(sealed, indent=1, ensure_ascii=False).encode())
    return sealed["sha256"]


def read(path: Path | str) -> dict[str, Any]:
    """A registered plan.

    Raises
    ------
    ValueError
        If it is no plan, is of another form, or was edited after it was registered.
    """
    path = Path(path)
    try:
        planned = json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ValueError(
            f"{path} is no plan: {error}. Write one with python -m kit reproduce --register {path}"
        ) from None
    missing = [
        name for name in (*FIELDS, "registered", "sha256") if not isinstance(planned, dict) or name not in planned
    ]
    if missing:
        raise ValueError(f"{path} is no plan: it lacks {', '.join(missing)}")
    if planned["form"] != FORM:
        raise ValueError(
            f"{path} has form {planned['form']}, this kit reads {FORM}: use the kit {planned['kit']} it names"
        )
    if digest(planned) != planned["sha256"]:
        raise ValueError(f"{path} was edited after it was registered ({planned['registered']}): its hash does not fit. "
                         "Take the registered file, or register anew and say so")  # fmt: skip
    return planned


def differences(planned: dict[str, Any], ran: dict[str, Any]) -> list[str]:
    """What ran otherwise than planned, a sentence each; empty if nothing did."""
    told = [f"kit {ran['kit']} instead of {planned['kit']}"] if planned["kit"] != ran["kit"] else []
    if planned["turned"] != ran["turned"]:
        told.append(f"turned faces compared: {ran['turned']} instead of {planned['turned']}")
    for part in ("packages", "design"):
        names = dict.fromkeys([*planned[part], *ran[part]])
        told += [f"{part}, {name}: {_value(ran[part], name)} instead of {_value(planned[part], name)}"
                 for name in names if _value(planned[part], name) != _value(ran[part], name)]  # fmt: skip
    told += [f"system {name} was planned and is missing" for name in planned["systems"] if name not in ran["systems"]]
    told += [f"system {name} was not planned" for name in ran["systems"] if name not in planned["systems"]]
    return told + _claims(planned["claims"], ran["claims"])


def _value(part: dict[str, Any], name: str) -> Any:
    return part.get(name, "nothing")


def _claims(planned: list[dict], ran: list[dict]) -> list[str]:
    before, after = ({claim["key"]: claim for claim in claims} for claims in (planned, ran))
    told = [f"claim {key!r} was planned and is missing" for key in before if key not in after]
    told += [f"claim {key!r} was not planned" for key in after if key not in before]
    for key in [key for key in before if key in after]:
        told += [f"claim {key!r}, {name}: {after[key][name]!r} instead of {before[key][name]!r}"
                 for name in before[key] if before[key][name] != after[key].get(name)]  # fmt: skip
    return told
