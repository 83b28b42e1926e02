"""Cells of a notebook as plain HTML: words, code, and what the code left behind."""

import json
import re
from collections.abc import Callable
from html import escape

import nbformat
from nbconvert.filters.ansi import ansi2html
from nbconvert.filters.markdown_mistune import MarkdownWithMath
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from kit.course.formulas import Formulas

# Cells that only ask: their source holds the answer, and what they ask is in their output.
QUESTION = re.compile(r"\s*(predict|reveal|check|parsons|quiz)\(")
PLOTLY = "application/vnd.plotly.v1+json"


class Words(Formulas):
    """Markdown of the pages, with headings that have an address."""

    def __init__(self, address: Callable[[str], str]):
        super().__init__(escape=False, exclude_anchor_links=True)
        self._address = address

    def heading(self, text: str, level: int, **attrs) -> str:
        """A heading with an address of its own."""
        return f'<h{level} id="{self._address(re.sub("<[^>]+>", "", text))}">{text}</h{level}>\n'


def in_jupyterlab(heading: str) -> str:
    """The address that JupyterLab gives a heading of a notebook."""
    return heading.replace(" ", "-")


def on_github(heading: str) -> str:
    """The address that GitHub gives a heading of a markdown file."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def markdown(text: str, address: Callable[[str], str] = in_jupyterlab) -> str:
    """HTML of a markdown text; links to its headings follow the rule of `address`."""
    return MarkdownWithMath(renderer=Words(address)).render(text)


def cell_html(cell: nbformat.NotebookNode) -> str:
    """A cell as it reads on a page."""
    if cell.cell_type != "code":
        return f"<section>{markdown(cell.source)}</section>" if cell.cell_type == "markdown" else ""
    code = "" if _is_hidden(cell) else _code(cell.source)
    outputs = [html for output in cell.get("outputs", []) if (html := _output(output))]
    if cell.source.startswith("reveal(") and len(outputs) > 1:  # its figure would tell the result
        figure = "<details><summary>The result, shown</summary>"
        outputs = [outputs[0], figure, *outputs[1:], "</details>"]
    return code + (f'<div class="output">{"".join(outputs)}</div>' if outputs else "")


def _is_hidden(cell: nbformat.NotebookNode) -> bool:
    folded = cell.metadata.get("jupyter", {}).get("source_hidden", False)
    return folded or not cell.source.strip() or QUESTION.match(cell.source) is not None


def _code(source: str) -> str:
    marked = highlight(source, PythonLexer(), HtmlFormatter(nowrap=True))
    return f'<pre class="code" tabindex="0" aria-label="code"><code>{marked}</code></pre>\n'


def _output(output: nbformat.NotebookNode) -> str:
    if output.output_type == "stream":
        return _text(output.text)
    if output.output_type == "error":
        return _text("\n".join(output.traceback))
    data, told = output.data, output.get("metadata", {})
    if PLOTLY in data:
        return _plot(data[PLOTLY], data.get("text/plain", ""))
    if "text/html" in data or "application/vnd.jupyter.widget-view+json" in data:
        return f'<div class="wide">{data.get("text/html", "")}</div>' if data.get("text/html") else ""
    for kind in ("image/png", "image/jpeg"):
        if kind in data:
            return (
                f'<img alt="{escape(told.get(kind, {}).get("alt", ""))}" src="data:{kind};base64,{data[kind].strip()}">'
            )
    if "text/markdown" in data:
        return markdown(data["text/markdown"])
    return data.get("image/svg+xml") or _text(data.get("text/plain", ""))


def _text(text: str) -> str:
    return f'<pre tabindex="0" aria-label="output">{ansi2html(text)}</pre>' if text.strip() else ""


def _plot(figure: dict, alt: str) -> str:
    """A figure for plotly.js, with its sentence as a caption; the caption is what remains without a script."""
    figure = json.loads(json.dumps(figure))
    _move_sentence_out(figure["layout"], alt)
    for axis in ("xaxis", "yaxis"):
        figure["layout"].setdefault(axis, {})["fixedrange"] = True  # a finger on the figure scrolls the page
    height = figure["layout"].get("height", 400)
    caption = f"<figcaption>{escape(alt)}</figcaption>" if alt else ""
    packed = json.dumps(figure, separators=(",", ":")).replace("</", "<\\/")
    return (
        f'<figure class="plot"><div data-plot style="height:{height}px" aria-hidden="true"></div>{caption}'
        f'<script type="application/json">{packed}</script></figure>'
    )


def _move_sentence_out(layout: dict, alt: str) -> None:
    """Undo what `kit.plots.show` does for JupyterLab: its sentence is wrapped for a wide page."""
    for annotation in layout.get("annotations", []):
        if annotation.get("text", "").replace("<br>", " ") == " ".join(alt.split()):
            extra = layout["margin"]["b"] + annotation["yshift"]
            layout["annotations"].remove(annotation)
            layout["height"] -= extra
            layout["margin"]["b"] -= extra
            return
