"""Texts of a lesson's questions, beside it in `questions/NN.md`: a teacher edits or translates them without Python.

A question begins with a heading that names its kind and key. A blank, for example::

    ## Blank 08-viae_loss
    Hint: What should the viAE have drawn?
    - Right: `np.mean(np.abs(drawn - frontal))`
    - `ae_loss`: That is what `ae` pays.

Code stands between backticks and is evaluated where the question is asked. Functions are tried with the arguments that
a line ``On: `[(1, 2), (3, 4)]` `` gives.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PLACES = (
    Path("questions"),
    Path(__file__).resolve().parents[2] / "lessons" / "questions",
    Path(sys.prefix) / "share/shared-features/questions",
)
HEADING = re.compile(r"## (\w+) (\d\d-[\w-]+)$")
LINE = re.compile(r"- (?P<right>Right: )?`(?P<code>[^`]+)`(?:: (?P<words>.+))?$|(?P<name>Hint|On): (?P<text>.+)$")


@dataclass(frozen=True)
class Blank:
    """What is known of a blank: expressions, and words for those who are not there yet.

    Parameters
    ----------
    right : str
        Expression of the right answer.
    mistakes : dict of str to str
        Words for a likely mistake, and the expression of what it leads to.
    hint : str
    on : str
        Expression of the arguments that a function is tried with.
    """

    right: str
    mistakes: dict[str, str]
    hint: str
    on: str = "()"


def blank(key: str) -> Blank:
    """The texts of the blank with a key such as "08-viae_loss".

    Raises
    ------
    ValueError
        If there is no such file, no such key, or a line that says nothing: file, line, remedy.
    """
    path = _path(key[:2])
    found = blanks(path)
    if key not in found:
        raise ValueError(f"{path} has no 'Blank {key}'; it has {', '.join(found) or 'none'}")
    return found[key]


def blanks(path: Path) -> dict[str, Blank]:
    """All blanks of a file, by key. Raises ValueError as `blank` does."""
    return _blanks(path, path.stat().st_mtime_ns)


def _path(lesson: str) -> Path:
    for place in PLACES:
        if (place / f"{lesson}.md").exists():
            return (place / f"{lesson}.md").resolve()
    raise ValueError(f"no questions/{lesson}.md beside the lesson: copy the folder lessons/questions there")


@cache
def _blanks(path: Path, changed: int) -> dict[str, Blank]:
    """The same; `changed` makes the cache forget a file that was written again."""
    out, key, lines = {}, "", {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if heading := HEADING.match(line):
            key = heading[2]
            lines = out.setdefault(key, {"right": "", "mistakes": {}, "Hint": "", "On": "()"})
        elif line.strip() and key:
            _note(lines, line, f"{path}, line {number}")
    for key, found in out.items():
        if not (found["right"] and found["Hint"]):
            raise ValueError(f"{path}: Blank {key} needs a line '- Right: `...`' and a line 'Hint: ...'")
    return {key: Blank(v["right"], v["mistakes"], v["Hint"], v["On"].strip("`")) for key, v in out.items()}


def _note(found: dict, line: str, where: str) -> None:
    """Sort a line of a blank into what is known of it."""
    match = LINE.match(line)
    if match is None or not (match["name"] or match["right"] or match["words"]):
        raise ValueError(
            f"{where}: {line!r} is neither '- Right: `code`', '- `code`: words', 'Hint: words' nor 'On: `code`'"
        )
    if match["name"]:
        found[match["name"]] = match["text"]
    elif match["right"]:
        found["right"] = match["code"]
    else:
        found["mistakes"][match["words"]] = match["code"]
