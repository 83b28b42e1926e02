"""The form of a lesson, checked, and how long it takes to run.

What an author keeps to (each rule below has a name that its complaint begins with):

- Headings: `# 06 · Title`; `## Before you start` with three `check` cells on earlier lessons; sections
  `## 1. Name (12 minutes)`; `## What you now know`; `## References`; `## Next`. A heading begins its cell.
- Above `## Before you start`, in this order: `**The question.** ...?`, `**After this lesson you can**` with
  a list of verbs one can test, `**You need** ...`, `**Minutes:** 40 (runs in 20 s, 600 MB)`.
- Cells that only call `predict`, `reveal`, `check`, `parsons` or `quiz` are question cells; what they say is in
  `questions/NN.md`. They may be longer, and those that hold an answer, as results do, are folded
  (`"jupyter": {"source_hidden": true}`). JupyterLab shows the first line of a folded cell, so that line is
  `reveal(` and no more.
- Minutes are reckoned from words, code, questions, blanks and things to play with (`lesson.py`); at most 60 in all,
  without sections called "If you like: ...".
- A widget cell calls `widgets.<something>(...)`; one of the next two cells asks something.
- A cell that shows a figure has words beside it: `alt="..."` in the cell or the picture, or a markdown cell
  right after. The explanation of `reveal` counts.

What it has to keep to in its words (terms, links, references, next) is in `prose.py`.

`python tests/support/notebooks.py lessons/06_x.ipynb` cleans a lesson in place and prints what is left to mend.
"""

import ast
import json
import math
import re
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import nbformat
import prose
from lesson import HEADER, QUESTIONS, Lesson

KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
METADATA = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
TAGS = {"raises-exception"}
VAGUE = {"understand", "know", "learn", "appreciate", "grasp", "see", "be", "have", "get"}
WEB = {"urllib", "requests", "httpx", "pooch", "wget", "aiohttp", "gdown"}
ABSOLUTE = re.compile(r"(/(home|Users|root|tmp|mnt|usr|opt|work|content|var)\b|~[/\\]|[A-Za-z]:[/\\](?!/))")
MOST = 60  # minutes
SECTION = re.compile(r"\d+\. .+ \((\d+) minutes\)")
LAST = ["What you now know", "References", "Next"]


def _allowed(metadata: dict) -> dict:
    """What a cell's metadata may keep."""
    kept: dict = {}
    if metadata.get("jupyter", {}).get("source_hidden"):
        kept["jupyter"] = {"source_hidden": True}
    if tags := [tag for tag in metadata.get("tags", []) if tag in TAGS]:
        kept["tags"] = tags
    return kept


def clean(path: Path) -> None:
    """Take outputs, counts and stray metadata out of a notebook, in place; fold what holds an answer."""
    lesson = Lesson.read(path)
    lesson.node.metadata = nbformat.from_dict(METADATA)
    lesson.node.nbformat_minor = 5
    for cell in lesson.cells:
        cell.node.setdefault("id", uuid.uuid4().hex[:8])
        if cell.is_code:
            cell.node.outputs, cell.node.execution_count = [], None
        if cell.is_question and cell.answers:
            cell.node.metadata["jupyter"] = {"source_hidden": True}
        cell.node.metadata = nbformat.from_dict(_allowed(cell.node.metadata))
    path.write_text(nbformat.writes(lesson.node) + "\n", encoding="utf-8")


def _clean(lesson: Lesson) -> Iterator[str]:
    for cell in lesson.code:
        if cell.node.outputs or cell.node.execution_count is not None:
            yield f"cell {cell.number} has outputs or an execution count"
    for cell in lesson.cells:
        if _allowed(cell.node.metadata) != cell.node.metadata:
            yield f"cell {cell.number} has metadata other than source_hidden and {sorted(TAGS)}"
    if lesson.node.metadata != METADATA:
        yield f"the notebook's metadata are not {METADATA}"


def _ids(lesson: Lesson) -> Iterator[str]:
    # nbformat mends ids while it reads; what counts is what the file holds.
    text = lesson.path.read_text(encoding="utf-8")
    ids = [cell.get("id") for cell in json.loads(text)["cells"]]
    if lesson.node.nbformat_minor < 5 or not all(ids) or len(set(ids)) < len(ids):
        yield "every cell needs an id of its own (nbformat 4.5)"
    elif text != nbformat.writes(lesson.node) + "\n":
        yield "the file is not as nbformat writes it (sorted, indented by one)"


def _lengths(lesson: Lesson) -> Iterator[str]:
    for cell in lesson.code:
        lines, most = len(cell.node.source.strip().splitlines()), 40 if cell.is_question else 12
        if lines > most:
            yield f"cell {cell.number} has {lines} lines of code, at most {most}"
        hidden = cell.node.metadata.get("jupyter", {}).get("source_hidden", False)
        if cell.answers and not hidden:
            yield f"cell {cell.number} shows its answer: fold it (jupyter.source_hidden)"
        if cell.answers and not re.match(r"\w+\($", cell.node.source, re.MULTILINE):
            yield f"cell {cell.number}: a folded cell still shows its first line: end it after 'check('"


def _banned(lesson: Lesson) -> Iterator[str]:
    for cell in lesson.code:
        if re.search(r"^\s*(!|%%?(pip|conda|bash|sh|sx|system)\b)", cell.node.source, re.MULTILINE):
            yield f"cell {cell.number} runs a shell command"
        for node in ast.walk(cell.tree):
            yield from (f"cell {cell.number} {fault}" for fault in _faults(node))


def _faults(node: ast.AST) -> Iterator[str]:
    names = [alias.name for alias in getattr(node, "names", []) if isinstance(alias, ast.alias)]
    if "*" in names:
        yield "imports *"
    if {name.split(".")[0] for name in [*names, getattr(node, "module", None) or ""]} & WEB:
        yield "can download"
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        if ABSOLUTE.match(node.value):
            yield f"has an absolute path: {node.value!r}"
        if re.match(r"(https?|ftp)://", node.value):
            yield f"has an address: {node.value!r}"


def _opening(lesson: Lesson) -> Iterator[str]:
    at = 0
    for what, pattern in HEADER.items():
        match = re.compile(pattern).search(lesson.header, at)
        if not match:
            yield f"misses {what} (in this order: {', '.join(HEADER)})"
            return
        at = match.end()
    objectives = re.findall(r"^\s*- \W*(\w+)", lesson.header, re.MULTILINE)
    yield from (f"{verb!r} is not a verb one can test" for verb in objectives if verb.lower() in VAGUE)


def _headings(lesson: Lesson) -> Iterator[str]:
    titles = [title for title, _ in lesson.parts[1:]]
    middle = titles[1 : -len(LAST)]
    if titles[:1] != ["Before you start"] or titles[-len(LAST) :] != LAST or not middle:
        yield f"are {titles}: 'Before you start' first, then sections, then {LAST}"
    yield from (f"{title!r} is not like '1. Name (12 minutes)'" for title in middle if not SECTION.fullmatch(title))
    for cell in lesson.cells:
        if not cell.is_code and "\n## " in cell.node.source:
            yield f"cell {cell.number} has a heading inside: begin a new cell with it"


def _retrieval(lesson: Lesson) -> Iterator[str]:
    start = [cell for title, cells in lesson.parts if title == "Before you start" for cell in cells]
    if sum(len(cell.keys("check")) for cell in start) != 3:
        yield "'Before you start' needs three check(...) on earlier lessons"


def _minutes(lesson: Lesson) -> Iterator[str]:
    sections = [(title, int(match[1]), cells) for title, cells in lesson.parts if (match := SECTION.fullmatch(title))]
    stated = lesson.stated
    if stated and not (stated[0] <= MOST and abs(stated[0] - lesson.minutes) <= 3):
        yield f"state {stated[0]}: at most {MOST}; by words, code, questions and so on it is {lesson.minutes:.0f}"
    for title, minutes, cells in sections:
        reckoned = sum(cell.minutes for cell in cells)
        if abs(minutes - reckoned) > 1.5:
            yield f"of {title!r}: by words, code, questions and so on it is {reckoned:.0f}"
        checks = sum(len(cell.keys("check", "parsons", "quiz", "reveal")) for cell in cells)
        if minutes > 15:
            yield f"of {title!r}: a section has at most 15"
        if checks < math.ceil(minutes / 10):
            yield f"of {title!r}: it needs a check, parsons or reveal for each 10 minutes, and has {checks}"


def _predictions(lesson: Lesson) -> Iterator[str]:
    asked = [key for cell in lesson.cells for key in cell.keys("predict")]
    if len(asked) < 3:
        yield f"needs three or more, has {len(asked)}"
    seen: set[str] = set()
    for cell in lesson.cells:
        seen.update(cell.keys("predict"))
        yield from (f"{key!r} is revealed before it is asked" for key in cell.keys("reveal") if key not in seen)
    shown = {key for cell in lesson.cells for key in cell.keys("reveal")}
    yield from (f"{key!r} is never revealed" for key in asked if key not in shown)


def _keys(lesson: Lesson) -> Iterator[str]:
    keys = [key for cell in lesson.cells for key in cell.keys("predict", "check", "parsons", "quiz")]
    number = lesson.path.name[:2]
    yield from (f"{key!r} does not begin with '{number}-'" for key in keys if not key.startswith(f"{number}-"))
    yield from (f"{key!r} is used twice" for key in sorted({key for key in keys if keys.count(key) > 1}))


def _widgets(lesson: Lesson) -> Iterator[str]:
    for place, cell in enumerate(lesson.cells):
        after = lesson.cells[place + 1 : place + 3]
        asks = any(c.keys(*QUESTIONS) if c.is_code else "?" in c.node.source for c in after)
        if cell.is_widget and not asks:
            yield f"the one of cell {cell.number} is not followed by a question"


def _first_stop(lesson: Lesson) -> Iterator[str]:
    if not any(cell.is_stop for cell in lesson.cells[:5]):
        yield "the student has nothing to do in the first five cells"


def _pictures(lesson: Lesson) -> Iterator[str]:
    for cell in lesson.cells:
        if not cell.is_code and re.search(r"!\[\s*\]\(|<img (?![^>]*alt=\"[^\"]+\")", cell.node.source):
            yield f"the one in cell {cell.number} has no alt text"


RULES = (
    *(_clean, _ids, _lengths, _banned, _opening, _headings, _retrieval, _minutes, _predictions, _keys),
    *(_widgets, _first_stop, _pictures),
    *(prose.terms, prose.links, prose.references, prose.following),
)


def lint(path: Path) -> list[str]:
    """What is not as it should be in a committed lesson, as "rule: complaint"."""
    lesson = Lesson.read(path)
    return [f"{rule.__name__.lstrip('_')}: {complaint}" for rule in RULES for complaint in rule(lesson)]


if __name__ == "__main__":
    for name in sys.argv[1:]:
        clean(Path(name))
        print("\n".join(lint(Path(name))) or f"{name}: nothing to mend")
