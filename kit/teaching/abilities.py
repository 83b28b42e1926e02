"""What you can do now: the aims of every lesson, and what your answers say about them."""

import json
import os
import re
from dataclasses import dataclass
from html import escape

from .history import records
from .markup import bullets, inline, plain
from .progress import NOBODY, Outline, progress
from .shell import headless

_AIMS = re.compile(r"\*\*After this lesson you can\*\*\s*\n((?:\s*- .+\n?)+)")
COLUMNS = ("lesson", "after it you can", "your answers")


@dataclass(frozen=True)
class Ability:
    """A lesson's aims, and how many of its questions are answered, and solved at the first try."""

    lesson: Outline
    aims: tuple[str, ...]
    answered: int
    at_once: int

    @property
    def evidence(self) -> str:
        """The counts in words."""
        total = len(self.lesson.sections)
        if not self.answered:
            return f"nothing of {total} yet"
        return f"{self.answered} of {total} answered, {self.at_once} solved at the first try"


@dataclass(frozen=True)
class Abilities:
    """All lessons' aims with this student's evidence; notebooks show it as a table."""

    rows: tuple[Ability, ...]
    source: str

    def _repr_html_(self) -> str:
        left = 'style="text-align:left;vertical-align:top"'
        head = "".join(f'<th scope="col" {left}>{name}</th>' for name in COLUMNS)
        body = "".join(
            f"<tr><td {left}>{inline(row.lesson.title)}</td><td {left}>{bullets(row.aims)}</td>"
            f"<td {left}>{escape(row.evidence)}</td></tr>"
            for row in self.rows
        )
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table><p>{inline(self.source)}</p>"

    def __repr__(self) -> str:
        lines = []
        for row in self.rows:
            lines += [f"{row.lesson.title} ({row.evidence})", *(f"  - {plain(inline(aim))}" for aim in row.aims)]
        return "\n".join([*lines, plain(inline(self.source))])


def aims(lesson: Outline) -> tuple[str, ...]:
    """What a lesson's header says that one can do afterwards."""
    try:
        cells = json.loads(lesson.path.read_text(encoding="utf-8"))["cells"]
    except (ValueError, LookupError):
        return ()
    found = _AIMS.search("\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"))
    return tuple(line.strip()[2:] for line in found[1].strip().splitlines()) if found else ()


def abilities(folder: str | os.PathLike | None = None, store: str | os.PathLike | None = None) -> Abilities:
    """What you can do now, lesson by lesson.

    Parameters
    ----------
    folder : folder of the lessons; found by itself by default, as in `progress`.
    store : file of your records; by default `predictions.jsonl` in the student's folder.
    """
    lessons, known = progress(folder, store).lessons, [] if headless() else records(store).read()
    done = {r["key"] for r in known if r.get("kind") in ("prediction", "solved", "quiz") and "key" in r}
    at_once = {r["key"] for r in known if r.get("kind") == "solved" and r.get("tries") == 1}
    rows = [Ability(x, aims(x), len(done & set(x.sections)), len(at_once & set(x.sections))) for x in lessons]
    note = "Counted from your own file. It shows what you answered, not what you still know: come back in a month."
    return Abilities(tuple(rows), NOBODY if headless() else note)
