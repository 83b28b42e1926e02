"""ES modules that import each other, as one: JupyterLab takes a widget's script whole, and so do pages on a disk."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

IMPORT = re.compile(r'^import (\{[^}]*\}) from "(\.[^"]+)";\n', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const) (\w+))", re.MULTILINE)
DEFAULT = re.compile(r"^export default .*\n", re.MULTILINE)


@cache
def bundled(path: Path) -> str:
    """A module with all that it imports before it, each in a scope of its own; its `export default` stays.

    Imports are of names as they are, from files beside it: `import { a, b } from "./c.js";`.
    """
    *needed, last = _parts(path)
    return "\n".join([*map(_closed, needed), _linked(last)])


def script(path: Path, name: str) -> str:
    """What `bundled` gives, for a page without modules: what the module exports is then in a global constant."""
    inside = "\n".join([*map(_closed, _parts(path)), f"return {_constant(path.name)};"])
    return f"const {name} = (() => {{\n{inside}\n}})();\n"


def _parts(path: Path) -> list[Path]:
    """The modules that a module rests on, each once and in the order in which they are needed; last, itself."""
    path = path.resolve()
    needed = [part for _, name in IMPORT.findall(_text(path)) for part in _parts(path.parent / name)]
    return list(dict.fromkeys([*needed, path]))


def _closed(path: Path) -> str:
    """A module as a constant that holds what it exports."""
    body, names = EXPORT.sub("", DEFAULT.sub("", _linked(path))), ", ".join(EXPORT.findall(_text(path)))
    return f"const {_constant(path.name)} = (() => {{\n{body}return {{ {names} }};\n}})();"


def _linked(path: Path) -> str:
    """A module whose imports take from the constants of others."""
    return IMPORT.sub(lambda found: f"const {found[1]} = {_constant(found[2])};\n", _text(path))


def _constant(name: str) -> str:
    return f"${Path(name).stem}"


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")
