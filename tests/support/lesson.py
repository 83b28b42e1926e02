"""A lesson taken apart: its cells, what they call, its sections, what its header states."""

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import nbformat

from kit.teaching.sections import Section, sections

QUESTIONS = ("predict", "reveal", "check", "parsons", "quiz")
KINDS = {"predict": "Predict", "reveal": "Predict", "check": "Check", "parsons": "Parsons"}  # as in questions/NN.md
HEADER = {
    "a title like '# 06 · Name'": r"\A# \d\d · \S",
    "'**The question.** ...?'": r"\*\*The question\.\*\*[^?]*\?",
    "'**After this lesson you can**' and a list": r"\*\*After this lesson you can\*\*\s*\n(\s*- .+){2,}",
    "'**You need** ...'": r"\*\*You need\*\* \S",
    "'**Minutes:** 40 (runs in 20 s, 600 MB)'": r"\*\*Minutes:\*\* (\d+) \(runs in (\d+) s, (\d+) MB\)",
}


PACE, LINES = 200, 20  # words and lines of code a minute
QUESTION, BLANK, WIDGET = 0.75, 3, 3  # minutes for each question, blank and thing to play with
NOT_READ = re.compile(r"<details>[\s\S]*?</details>|(?<=\])\([^)]*\)")  # solutions, and where links go
NOT_TAKEN = ("References", "Next")


@dataclass
class Cell:
    """A cell, and what its code calls."""

    number: int
    node: nbformat.NotebookNode
    texts: Mapping[tuple[str, str], Section] = field(default_factory=dict)  # of the lesson's questions

    @property
    def is_code(self) -> bool:
        return self.node.cell_type == "code"

    @cached_property
    def tree(self) -> ast.Module:
        lines = [line if line[:1] not in "%!" else "" for line in self.node.source.split("\n")]
        return ast.parse("\n".join(lines) if self.is_code else "")

    @cached_property
    def calls(self) -> list[ast.Call]:
        return [node for node in ast.walk(self.tree) if isinstance(node, ast.Call)]

    def keys(self, *names: str) -> list[str]:
        """First arguments of the calls of these functions."""
        found = [call for call in self.calls if getattr(call.func, "id", "") in names and call.args]
        return [getattr(call.args[0], "value", "") for call in found]

    @property
    def is_widget(self) -> bool:
        return any(ast.unparse(call.func).startswith("widgets.") for call in self.calls)

    @property
    def is_stop(self) -> bool:
        """Whether the student has something to do here."""
        return self.is_widget or bool(self.keys(*QUESTIONS))

    @property
    def is_question(self) -> bool:
        """Whether the cell does nothing but ask."""
        names = [getattr(getattr(getattr(s, "value", 0), "func", 0), "id", "") for s in self.tree.body]
        return bool(names) and set(names) <= set(QUESTIONS)

    @property
    def answers(self) -> bool:
        """Whether a question's answer can be read here: in a result, or where a question has more than its key."""
        asks = [call for call in self.calls if getattr(call.func, "id", "") in ("check", "parsons", "quiz")]
        return bool(self.keys("reveal")) or any(len(call.args) + len(call.keywords) > 1 for call in asks)

    @property
    def sentences(self) -> list[str]:
        """What its questions and figures say to a reader; the lines of a Parsons problem are code."""
        asked = [
            self.texts[kind, key]
            for name, kind in KINDS.items()
            for key in self.keys(name)
            if (kind, key) in self.texts
        ]
        return [*self._written, *(text for found in asked for text in _said(found, bool(self.keys("reveal"))))]

    @property
    def _written(self) -> list[str]:
        """What stands in the cell itself."""
        said: list[ast.AST] = []
        for call in self.calls:
            if getattr(call.func, "id", "") in QUESTIONS:
                said += call.args[1:2] if call.func.id == "parsons" else call.args[1:] + call.keywords
            said += [keyword for keyword in call.keywords if keyword.arg == "alt"]
        constants = (node for part in said for node in ast.walk(part) if isinstance(node, ast.Constant))
        return [node.value for node in constants if isinstance(node.value, str) and " " in node.value]

    @property
    def minutes(self) -> float:
        """What it takes a student, at the stated paces."""
        if not self.is_code:
            return _words(self.node.source) / PACE
        asked = QUESTION * len(self.keys("predict", "check", "parsons", "quiz"))
        tried = BLANK * ("# <-" in self.node.source) + WIDGET * self.is_widget
        read = 0 if self.is_question else len(self.node.source.splitlines()) / LINES
        return asked + tried + read + sum(map(_words, self.sentences)) / PACE

    @property
    def heading(self) -> str:
        match = re.match(r"## (.+)", self.node.source)
        return match[1].strip() if match and not self.is_code else ""


def _words(text: str) -> int:
    return len(re.findall(r"[A-Za-z][\w'’-]*", NOT_READ.sub("", text)))


def _said(found: Section, result: bool) -> list[str]:
    """Texts of a question: what is asked, or what is said with the result."""
    if result:
        return [found.fields.get("Afterwards", "")]
    items = [text.strip("`") if found.kind == "Check" else text for item in found.items for text in item]
    if found.kind == "Parsons":
        items = [note for _, note in found.items]
    return [found.text, *items, *(text for name, text in found.fields.items() if name in ("Hint", "Solution"))]


@dataclass
class Lesson:
    """A notebook with its cells and sections."""

    path: Path
    node: nbformat.NotebookNode

    @classmethod
    def read(cls, path: Path) -> "Lesson":
        return cls(path, nbformat.read(path, as_version=4))

    @cached_property
    def cells(self) -> list[Cell]:
        file = self.path.parent / "questions" / f"{self.path.name[:2]}.md"
        texts = sections(file) if file.exists() else {}
        return [Cell(number, node, texts) for number, node in enumerate(self.node.cells, 1)]

    @property
    def code(self) -> list[Cell]:
        return [cell for cell in self.cells if cell.is_code]

    @cached_property
    def parts(self) -> list[tuple[str, list[Cell]]]:
        """Heading and cells of each part; the first has no heading."""
        parts: list[tuple[str, list[Cell]]] = [("", [])]
        for cell in self.cells:
            if cell.heading:
                parts.append((cell.heading, []))
            parts[-1][1].append(cell)
        return parts

    @property
    def minutes(self) -> float:
        """What the whole lesson takes a student, without what is optional."""
        taken = (cells for title, cells in self.parts if title not in NOT_TAKEN and not is_optional(title))
        return sum(cell.minutes for cells in taken for cell in cells)

    @property
    def title(self) -> str:
        return self.header.partition("\n")[0].lstrip("# ")

    @property
    def header(self) -> str:
        return "\n\n".join(cell.node.source for cell in self.parts[0][1] if not cell.is_code)

    @property
    def stated(self) -> tuple[int, int, int] | None:
        """Minutes for the student, seconds and megabytes for the computer."""
        match = re.search(HEADER["'**Minutes:** 40 (runs in 20 s, 600 MB)'"], self.header)
        return tuple(map(int, match.groups())) if match else None


def is_optional(title: str) -> bool:
    return ". If you like: " in title
