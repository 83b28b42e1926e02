"""The words of a lesson: what it says, which terms it explains, whom it cites, where its links lead.

What an author keeps to:

- A term of `kit/teaching/glossary.toml` stands in **bold** where it is explained. Used earlier than in the lesson
  that the glossary names, it has to be explained (in bold) there too. Header, `References` and `Next` are free.
- Links within the project lead to something: `[data](../data/README.md)`, `[above](#A-heading)`.
- Whoever is cited, `Daube et al. (2021)` or `(Blanz & Vetter, 1999)`, is in `## References`, one bullet a work, with
  `[doi:10.…](https://doi.org/10.…)` or, where there is none, a web address.
- `## Next` names the lesson that follows: `**07 · Be the participant**`.
"""

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import unquote

from lesson import Cell, Lesson

from kit.teaching.glossary import Term, entries

FREE = {"", "References", "Next"}
TARGET = r"\]\(((?:[^()\s]|\([^()\s]*\))+)\)"
SILENT = re.compile(rf"```.*?```|`[^`]*`|\$\$.*?\$\$|\$[^$\n]+\$|<[^>]+>|{TARGET}", re.DOTALL)
LINK = re.compile(rf"{TARGET}|(?:href|src)=\"([^\"]+)\"")
NAME = r"[A-Z][\w’'-]+"
CITED = re.compile(
    rf"({NAME})(?:(?:, {NAME})*,? (?:&|and) {NAME}| et al\.?| and colleagues)?(?:, | \()((?:18|19|20)\d\d)[a-z]?\b"
)
MONTHS = set(calendar.month_name)
DOI = re.compile(r"\[doi:(10\.\d{4,9}/\S+)\]\(https://doi\.org/(\S+)\)(?=\s|$)")
ADDRESS = re.compile(r"\]\(https?://[\w.-]+\.\w+(/\S*)?\)|(?<!\()https?://[\w.-]+\.\w+")


@dataclass(frozen=True)
class Passage:
    """What a cell says to a reader: its number, its part of the lesson, its words without code and formulas."""

    cell: int
    part: str
    text: str


def passages(lesson: Lesson) -> list[Passage]:
    """The lesson as it is read, from top to bottom."""
    return [
        Passage(cell.number, part, plain(SILENT.sub(" ", text)))
        for part, cells in lesson.parts
        for cell in cells
        for text in _texts(cell)
    ]


def _texts(cell: Cell) -> list[str]:
    """A markdown cell's source, or what a code cell's questions and sentences say."""
    return cell.sentences if cell.is_code else [cell.node.source]


def plain(text: str) -> str:
    """One kind of hyphen and of apostrophe."""
    return text.translate(str.maketrans("–‑’", "--'"))


@cache
def _pattern(entry: Term) -> re.Pattern:
    """Any name of an entry as a whole word; capitals of an abbreviation count."""
    names = sorted({plain(name) for name in entry.names}, key=len, reverse=True)
    forms = [re.escape(name) if name.isupper() else f"(?i:{re.escape(name)})" for name in names]
    return re.compile(rf"(?<![\w-])(?:{'|'.join(forms)})(?![\w-])")


def explained(lesson: Lesson) -> dict[str, int]:
    """For each term that stands in bold, the number of the first cell where it does."""
    found: dict[str, int] = {}
    for passage in passages(lesson):
        bold = " ".join(re.findall(r"\*\*(.+?)\*\*", passage.text, re.DOTALL))
        for entry in entries():
            if passage.part not in FREE and _pattern(entry).search(bold):
                found.setdefault(entry.term, passage.cell)
    return found


@cache
def _explained_in(path: Path) -> frozenset[str]:
    return frozenset(explained(Lesson.read(path)))


def terms(lesson: Lesson) -> Iterator[str]:
    """Terms that are used before they are explained."""
    number = int(lesson.path.name[:2])
    before = {term for path in _others(lesson) if int(path.name[:2]) < number for term in _explained_in(path)}
    here = explained(lesson)
    strict = [e for e in entries() if e.lesson >= number and e.term not in before and not e.everyday]
    for entry in strict:
        used = [p.cell for p in passages(lesson) if p.part not in FREE and _pattern(entry).search(p.text)]
        if not used or here.get(entry.term, used[0] + 1) <= used[0]:
            continue
        where = f"explained in cell {here[entry.term]}" if entry.term in here else "never explained (in **bold**)"
        yield f"cell {used[0]} uses {entry.term!r}, {where}; the glossary says lesson {entry.lesson:02}"


def _others(lesson: Lesson) -> list[Path]:
    return sorted(path for path in lesson.path.parent.glob("[0-9][0-9]_*.ipynb") if path != lesson.path)


def links(lesson: Lesson) -> Iterator[str]:
    """Links within the project that lead nowhere."""
    headings = {line.lstrip("# ").strip() for cell in lesson.cells if not cell.is_code for line in _headings(cell)}
    anchors = {heading.replace(" ", "-") for heading in headings}
    for cell in lesson.cells:
        for target in ("".join(found) for text in _texts(cell) for found in LINK.findall(text)):
            if re.match(r"(https?|mailto|data):", target):
                continue
            file, _, anchor = unquote(target).partition("#")
            if file and not (lesson.path.parent / file).exists():
                yield f"cell {cell.number}: {target!r} leads nowhere"
            elif not file and anchor not in anchors:
                yield f"cell {cell.number}: no heading is called {anchor!r}"


def _headings(cell: Cell) -> list[str]:
    return re.findall(r"^#+ .+$", cell.node.source, re.MULTILINE)


def references(lesson: Lesson) -> Iterator[str]:
    """Citations without a reference, and references without an address."""
    listed = "\n".join(cell.node.source for part, cells in lesson.parts if part == "References" for cell in cells)
    works = re.findall(r"^- (.+)$", listed, re.MULTILINE)
    for passage in passages(lesson):
        for name, year in CITED.findall(passage.text) if passage.part not in {"References"} else ():
            if name not in MONTHS and not any(_is_by(work, name, year) for work in works):
                yield f"cell {passage.cell} cites {name} ({year}), who is not in References"
    for work in works:
        doi = DOI.search(work)
        if doi and doi[1] != doi[2]:
            yield f"{work[:40]!r}…: the link goes to {doi[2]} and says {doi[1]}"
        elif not doi and not ADDRESS.search(work):
            yield f"{work[:40]!r}… has no [doi:10.…](https://doi.org/10.…) and no address"


def _is_by(work: str, name: str, year: str) -> bool:
    authors, found, _ = plain(work).partition(year)
    return bool(found) and re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", authors) is not None


def following(lesson: Lesson) -> Iterator[str]:
    """A `Next` that does not name the lesson that follows."""
    own = int(lesson.path.name[:2])
    later = {int(path.name[:2]): path for path in _others(lesson) if int(path.name[:2]) > own}
    text = "\n".join(cell.node.source for part, cells in lesson.parts if part == "Next" for cell in cells)
    named = re.search(r"\*\*(?:\[)?(\d\d) · ([^*\]]+?)(?:\]\([^)]*\))?\*\*", text)
    allowed = {own + 1, min(later, default=own + 1)}
    if own == 16:
        return
    if not named or int(named[1]) not in allowed:
        yield f"does not name the lesson that follows as **{own + 1:02} · Title**"
    elif int(named[1]) in later:
        title = Lesson.read(later[int(named[1])]).title
        if title != f"{named[1]} · {named[2]}":
            yield f"calls it {named[1]} · {named[2]}, its title is {title}"
