"""What a student gets back: points by exercise, comments and reasons; what a person has yet to grade is said to wait.

nbgrader's own page shows 0 points for an explanation that nobody has read, and a sum as if it were final.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path

from nbconvert.exporters import HTMLExporter
from nbconvert.filters.markdown_mistune import MarkdownWithMath
from nbformat import NotebookNode
from nbgrader import utils
from nbgrader.preprocessors import GetGrades

from .formulas import Formulas

TEMPLATES = str(Path(__file__).parent / "templates")
WORTH = re.compile(r" \([\d.]+ points?\)$")  # at the end of a heading; the points stand beside it
NAMED = re.compile(r"# (.+)")  # a test's first line
HEADING = re.compile(r"^#{1,4} +(.+)$", re.MULTILINE)


class Points(GetGrades):
    """`GetGrades` in nbgrader's `GenerateFeedback.preprocessors`, with names of exercises and what waits.

    Cells that count get the metadata `title`, `waits`, and `words`, such as "3.5 of 6 points".
    """

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        self.above = ""
        nb, resources = super().preprocess(nb, resources)
        counted = [cell.metadata.nbgrader for cell in nb.cells if "words" in cell.metadata.get("nbgrader", {})]
        waiting = sum(about.points for about in counted if about.waits)
        about = resources["nbgrader"]
        # The penalty is a share of the whole, so it is not known before the whole is.
        so_far = about["score"] + about["late_penalty"] if waiting else about["score"]
        about["exercises"], about["waits"] = counted, waiting > 0
        about["words"] = f"{number(so_far)} of {number(about['max_score'])} points"
        if waiting:
            about["words"] += f" so far; {number(waiting)} more wait for a person who reads your explanation"
        return nb, resources

    def preprocess_cell(self, cell: NotebookNode, resources: dict, cell_index: int) -> tuple[NotebookNode, dict]:
        cell, resources = super().preprocess_cell(cell, resources, cell_index)
        if cell.cell_type == "markdown" and (found := HEADING.findall(cell.source)):
            self.above = found[-1].strip()
        if _counts(cell):
            grade = self.gradebook.find_grade(
                cell.metadata.nbgrader.grade_id, self.notebook_id, self.assignment_id, self.student_id
            )
            about = cell.metadata.nbgrader
            own = NAMED.match(cell.source) if cell.cell_type == "code" else None
            about["title"] = WORTH.sub("", own[1] if own else self.above) or about["grade_id"]
            about["waits"] = bool(grade.needs_manual_grade)
            done = f"{number(grade.score)} of {number(grade.max_score)} points"
            about["words"] = f"not graded yet ({number(grade.max_score)} points)" if about["waits"] else done
        return cell, resources


def _counts(cell) -> bool:
    return utils.is_grade(cell) or utils.is_task(cell)


def number(points: float) -> str:
    """Points as a person writes them: 3, 3.5."""
    return f"{round(points, 2):g}"


class Page(HTMLExporter):
    """nbgrader's `GenerateFeedback.exporter_class`: formulas are drawn without the internet."""

    def __init__(self, **more):
        super().__init__(**more)
        self.extra_template_basedirs = [*self.extra_template_basedirs, TEMPLATES]
        self.template_name = "with_reasons"  # whatever nbgrader's settings say
        self.template_paths = self._template_paths()

    def default_filters(self) -> Iterator[tuple[str, Callable]]:
        yield from super().default_filters()
        drawn = MarkdownWithMath(renderer=DrawnFormulas(escape=False, exclude_anchor_links=True))
        yield "markdown2html", drawn.render


class DrawnFormulas(Formulas):
    """A formula that is none, as students may write one, stays as it was typed."""

    def mathml(self, body: str, display: str) -> str:
        try:
            return super().mathml(body, display)
        except Exception:  # the parser raises errors of many kinds
            return f"<code>{escape(body)}</code>"
