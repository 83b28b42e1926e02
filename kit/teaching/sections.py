"""Files of questions, cut into sections and their parts; `texts` says what the parts mean."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

PLACES = (
    Path("questions"),
    Path(__file__).resolve().parents[2] / "lessons" / "questions",
    Path(sys.prefix) / "share/shared-features/questions",
)
FIELDS = {
    "Check": {"Hint", "Solution"},
    "Predict": {"Number", "Default", "Counts", "Afterwards"},
    "Parsons": set(),
    "Blank": {"Hint", "On"},
}
HEADING = re.compile(r"## (\w+) (\d\d-[\w-]+)$")
NAMED = re.compile(r"(?P<name>[A-Z]\w+): (?P<text>.+)$")
FENCE = "```"


@dataclass
class Section:
    """A question as it stands in the file.

    Attributes
    ----------
    where : str
        File and line of the heading.
    text : str
        What is asked.
    items : list of [str, str]
        Each line that begins with a dash, and what stands indented below it.
    fields : dict of str to str
        ``Hint``, ``Number`` and so on.
    code : list of str
        Lines between fences.
    """

    kind: str
    key: str
    where: str
    text: str = ""
    items: list[list[str]] = field(default_factory=list)
    fields: dict[str, str] = field(default_factory=dict)
    code: list[str] = field(default_factory=list)

    def needs(self, good: object, what: str) -> None:
        """Raise a ValueError that says where and what unless something is good."""
        if not good:
            raise ValueError(f"{self.where}: {self.kind} {self.key} needs {what}")


def section(kind: str, key: str) -> Section:
    """The question of a kind and key, such as "Check", "08-split".

    Raises
    ------
    ValueError
        If there is no such file, no such key, or a line that belongs nowhere: file, line, remedy.
    """
    path = _path(key[:2])
    found = sections(path)
    if (kind, key) not in found:
        known = ", ".join(other for one, other in found if one == kind) or "none"
        raise ValueError(f"{path} has no '{kind} {key}'; it has {known}")
    return found[kind, key]


def sections(path: Path) -> dict[tuple[str, str], Section]:
    """All questions of a file, by kind and key. Raises ValueError as `section` does."""
    return _sections(path, path.stat().st_mtime_ns)


def _path(lesson: str) -> Path:
    for place in PLACES:
        if (place / f"{lesson}.md").exists():
            return (place / f"{lesson}.md").resolve()
    raise ValueError(f"no questions/{lesson}.md beside the lesson: copy the folder lessons/questions there")


@cache
def _sections(path: Path, changed: int) -> dict[tuple[str, str], Section]:
    """The same; `changed` makes the cache forget a file that was written again."""
    out: dict[tuple[str, str], Section] = {}
    reader = None
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        where = f"{path}, line {number}"
        if heading := HEADING.match(line):
            kind, key = heading.groups()
            if kind not in FIELDS:
                raise ValueError(f"{where}: there are questions of the kinds {', '.join(FIELDS)}, not {kind!r}")
            if (kind, key) in out:
                raise ValueError(f"{where}: {kind} {key} is there twice")
            out[kind, key] = Section(kind, key, where)
            reader = _Reader(out[kind, key])
        elif reader is not None:
            reader.take(line, where)
    return out


class _Reader:
    """Sorts the lines of one question."""

    def __init__(self, into: Section) -> None:
        self.into, self.fenced, self.last = into, False, "text"

    def take(self, line: str, where: str) -> None:
        named = NAMED.match(line)
        if line.startswith(FENCE):
            self.fenced = not self.fenced
        elif self.fenced:
            self.into.code.append(line)
        elif line.startswith("- "):
            self.into.items.append([line[2:], ""])
            self.last = "item"
        elif named and named["name"] in FIELDS[self.into.kind]:
            self.into.fields[named["name"]] = named["text"]
            self.last = named["name"]
        elif not line.strip():
            return
        elif line.startswith("  ") and self.last != "text":
            self._append(line[2:])
        elif self.last == "text":
            self._append(line)
        else:
            names = ", ".join(f"'{name}: ...'" for name in sorted(FIELDS[self.into.kind]))
            raise ValueError(f"{where}: {line!r} is no item ('- ...'), none of {names or 'nothing else'}, nor indented")

    def _append(self, more: str) -> None:
        if self.last == "text":
            self.into.text = _joined(self.into.text, more)
        elif self.last == "item":
            self.into.items[-1][1] = _joined(self.into.items[-1][1], more)
        else:
            self.into.fields[self.last] = _joined(self.into.fields[self.last], more)


def _joined(text: str, more: str) -> str:
    return f"{text}\n{more}" if text else more
