"""Where am I? The lessons in their order, what of them is answered, and what comes next.

Everything is read from the notebooks and from the student's own file; nothing is recorded here, nothing is sent.
"""

import json
import os
import re
from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path

from kit.files.records import spoken

from .history import records
from .markup import bullets, inline, plain
from .shell import headless

COLUMNS = ("lesson", "minutes", "answered")
NOBODY = "Where somebody can answer, this shows what you have answered and where you are."
_KEY = re.compile(r"\b(?:predict|check|parsons|quiz)\(\s*[\"']([^\"']+)[\"']")
_MINUTES = re.compile(r"\((\d+) minutes\)")


@dataclass(frozen=True)
class Outline:
    """What a lesson's notebook says of itself: title, minutes, and the section of each question's key."""

    path: Path
    title: str
    minutes: int
    sections: dict[str, str]

    @classmethod
    def read(cls, path: Path) -> "Outline":
        """Outline of a notebook; one that is damaged keeps its file's name as its title."""
        try:
            cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
            return cls._of(path, [(cell["cell_type"], "".join(cell["source"])) for cell in cells])
        except (ValueError, LookupError, TypeError):
            return cls(path, f"{path.stem} (this notebook cannot be read: is it damaged?)", 0, {})

    @classmethod
    def _of(cls, path: Path, cells: list[tuple[str, str]]) -> "Outline":
        title, minutes, section, sections = path.stem, 0, "the beginning", {}
        for kind, source in cells:
            if kind == "code":
                sections |= dict.fromkeys(_KEY.findall(source), section)
            elif heading := re.match(r"# (.+)", source):
                title = heading[1]
            elif heading := re.match(r"## (.+)", source):
                section = heading[1]
            if not minutes and (stated := re.search(r"\*\*Minutes:\*\* (\d+)", source)):
                minutes = int(stated[1])
        return cls(path, title, minutes, sections)

    def left(self, answered: set[str]) -> list[str]:
        """Keys of the questions that are still open, in their order."""
        return [key for key in self.sections if key not in answered]

    def minutes_left(self, answered: set[str]) -> int:
        """Minutes of the sections in which a question is still open."""
        titles = dict.fromkeys(self.sections[key] for key in self.left(answered))
        return sum(int(match[1]) for match in map(_MINUTES.search, titles) if match)


@dataclass(frozen=True)
class Progress:
    """The lessons, and this student's records, oldest first; notebooks show it as a table."""

    lessons: tuple[Outline, ...]
    records: tuple[dict, ...]
    source: str

    @cached_property
    def answered(self) -> set[str]:
        """Keys of the questions that are behind this student."""
        kinds = ("prediction", "solved", "quiz")
        return {record["key"] for record in self.records if record.get("kind") in kinds and "key" in record}

    @property
    def here(self) -> Outline | None:
        """The lesson of the latest answer, None before the first."""
        known = {key: lesson for lesson in self.lessons for key in lesson.sections}
        return next((known[key] for r in reversed(self.records) if (key := r.get("key")) in known), None)

    @property
    def next(self) -> tuple[Outline, str] | None:
        """Lesson and section of the next open question: in this lesson, else in the first one not finished."""
        order = [self.here, *self.lessons] if self.here else self.lessons
        open_ = ((lesson, lesson.left(self.answered)) for lesson in order)
        return next(((lesson, lesson.sections[keys[0]]) for lesson, keys in open_ if keys), None)

    def said(self) -> str:
        """Where this student is and what comes next, in a sentence or two."""
        if self.next is None:
            return "You answered every question of every lesson that is here."
        lesson, section = self.next
        if self.here is None:
            return f"Begin with **{lesson.title}** ({lesson.minutes} minutes)."
        minutes = lesson.minutes_left(self.answered)
        left = f" About {minutes} minutes are left in this lesson." if minutes and lesson is self.here else ""
        return f"You were last in **{self.here.title}**. Next: **{lesson.title}**, “{section}”.{left}"

    def again(self) -> list[str]:
        """What the latest quizzes said to look at again."""
        latest = {record["key"]: record.get("again", []) for record in self.records if record.get("kind") == "quiz"}
        return [f"{key}: {where}" for key, places in latest.items() for where in places]

    def _done(self, lesson: Outline) -> tuple[int, int]:
        return len(lesson.sections) - len(lesson.left(self.answered)), len(lesson.sections)

    def _repr_html_(self) -> str:
        head = "".join(f'<th scope="col" style="text-align:left">{name}</th>' for name in COLUMNS)
        rows = "".join(map(self._row, self.lessons))
        again = f"<p>To look at again:</p>{bullets(self.again())}" if self.again() else ""
        return (
            f"<p>{inline(self.said())}</p><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>{again}"
            f"<p>{inline(self.source)}</p>"
        )

    def _row(self, lesson: Outline) -> str:
        done, total = self._done(lesson)
        link = escape(os.path.relpath(lesson.path).replace(os.sep, "/"))
        here = " ← you are here" if lesson is self.here else ""
        return (
            f'<tr><td style="text-align:left"><a href="{link}">{inline(lesson.title)}</a>{here}</td>'
            f"<td>{lesson.minutes or ''}</td><td>{_bar(done, total)} {done} of {total}</td></tr>"
        )

    def __repr__(self) -> str:
        rows = ("{}: {} minutes, {} of {} answered".format(x.title, x.minutes, *self._done(x)) for x in self.lessons)
        return "\n".join([plain(inline(self.said())), *rows, *self.again(), plain(inline(self.source))])


def _bar(done: int, total: int, width: int = 8) -> str:
    filled = width * done // total if total else 0
    return f'<span aria-hidden="true">{"▰" * filled}{"▱" * (width - filled)}</span>'


def progress(folder: str | os.PathLike | None = None, store: str | os.PathLike | None = None) -> Progress:
    """Where you are in the lessons, how many minutes they take, and what comes next.

    Parameters
    ----------
    folder : folder of the lessons; by default this one, or `lessons` in or beside it.
    store : file of your records; by default `predictions.jsonl` in the student's folder.

    Raises
    ------
    FileNotFoundError
        If there are no lessons; the message names where they were looked for.
    """
    places = [Path(folder)] if folder else [Path.cwd(), Path.cwd() / "lessons", Path(__file__).parents[2] / "lessons"]
    found = next((paths for place in places if (paths := sorted(place.glob("[0-9][0-9]_*.ipynb")))), None)
    if not found:
        raise FileNotFoundError(f"no lessons in {', '.join(map(spoken, places))}: say where they are, progress(folder)")
    file = records(store)
    if headless():
        return Progress(tuple(map(Outline.read, found)), (), NOBODY)
    source = f"Read from your own file, `{spoken(file.path)}`: a question counts when you have predicted or solved it."
    return Progress(tuple(map(Outline.read, found)), tuple(file.read()), source)
