"""What students wrote and showed, made harmless for the pages that nbgrader makes of it.

Formgrader shows hand-ins inside the instructor's own server: a script there could do whatever the instructor may. Only
a few plain marks of HTML survive, each written anew; then a text is rendered as nbgrader will render it, and where
something else comes out, or nothing, it is shown as plain text. All this takes time in proportion to the length, the
length has bounds, and what is cut or shown otherwise is told.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat import NotebookNode

from kit.teaching.notebook import ATTACHMENT, BASE64, missing_pictures

MOST_RENDERED, MOST_SHOWN, MOST_HTML = 10_000, 100_000, 500_000
"""Characters of a text that is rendered, of one that is shown at all, and of HTML that a cell showed."""
MOST_WORDS, MOST_LINES, MOST_COLOURS = 1_100_000, 200, 1000
"""Characters of a text as of a terminal (a cell prints no more), lines of a traceback, and changes of colour."""
MOST_TOLD, MOST_TOGETHER = 20, 200_000
"""Sentences about a hand-in, and characters of texts that are rendered in it."""
BARE = {"b", "i", "em", "strong", "code", "p", "br", "sub", "sup", "ul", "ol", "li", "blockquote"} | {
    *("abbr", "acronym", "table", "thead", "tbody", "tr", "th", "td")
}
OPEN = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,15})(?:([\s/][^<>]{0,2000})?>)?|<(?=[a-zA-Z/!?])")
LINK = re.compile(r"""\shref\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)
COMMANDS = re.compile(r"\\(href|require|cssId|class|style|mmlToken|url)(?![a-zA-Z])")
RENDERED = (
    BARE
    | {f"h{n}" for n in range(1, 7)}
    | {*("a", "img", "pre", "div", "span", "hr", "del", "dl", "dt", "dd", "input")}
)
ATTRIBUTES = {"href", "src", "alt", "title", "id", "class", "style", "type", "disabled", "checked", "start"}
STYLES = re.compile(r"(text-align: ?(left|right|center);?)?|line-height: 125%;")
PICTURE_LINK = re.compile(r"data:(image/(?:png|jpeg|gif|webp));base64,([A-Za-z0-9+/=]+)")
SCHEMES = {"http", "https", "mailto"}
MISSING = "*(The picture {} is missing: it was pasted into another notebook.)*"
TOO_LONG = "\n... cut: it is too long ..."


def disarm(notebook: NotebookNode) -> list[str]:
    """Make a hand-in harmless, in place; what was cut or is shown otherwise, in words."""
    work = _Work()
    for number, cell in enumerate(notebook.cells, 1):
        work.place = f"cell {number}"
        if cell.cell_type == "code":
            cell.outputs = [*work.outputs(cell.outputs)]
            continue
        for name in missing_pictures(cell):
            work.tell(f"the picture {name[:60]!r} is missing, it was left in another notebook")
        cell.source = _without_missing(cell)
        if not cell.metadata.get("nbgrader", {}).get("locked"):
            _embed(cell)
            cell.source = work.markdown(cell.source, cell.get("attachments", {}))
    return work.told


def _without_missing(cell: NotebookNode) -> str:
    """The text, a sentence in the place of each picture that the cell does not hold (pages could not be made)."""
    missing = {*missing_pictures(cell)}
    return ATTACHMENT.sub(lambda m: MISSING.format(_plain_words(m[1])) if m[1] in missing else m[0], cell.source)


def _plain_words(name: str) -> str:
    return re.sub(r"[^\w.-]", " ", name[:60]).strip()


def _embed(cell: NotebookNode) -> None:
    """Pictures that are written out in a text become the cell's: the text is short again."""

    def keep(found: re.Match) -> str:
        name = f"picture-{len(cell.get('attachments', {})) + 1}"
        cell.setdefault("attachments", NotebookNode())[name] = NotebookNode({found[1]: found[2]})
        return f"](attachment:{name})"

    cell.source = re.sub(rf"\]\({PICTURE_LINK.pattern}\)", keep, cell.source)


@dataclass
class _Work:
    """One hand-in on its way: how much may still be rendered, and what has to be told."""

    left: int = MOST_TOGETHER
    place: str = ""
    told: list[str] = field(default_factory=list)

    def tell(self, what: str) -> None:
        if len(self.told) < MOST_TOLD:
            self.told.append(f"{self.place}: {what}")
        elif len(self.told) == MOST_TOLD:
            self.told.append("and more of this kind below")

    def markdown(self, text: str, pictures: dict) -> str:
        """A text whose page holds nothing but plain marks and links."""
        if len(text) <= min(MOST_RENDERED, self.left):
            self.left -= len(text)
            clean = COMMANDS.sub(r"\\mathtt{\1}", plain_html(text))
            if not (why := _fault(clean, pictures)):
                return clean
            self.tell(f"it is shown as plain text: {why}")
        elif len(text) > MOST_SHOWN:
            self.tell(f"its text has {len(text):,} characters, the first {MOST_SHOWN:,} are shown, as plain text")
            text = text[:MOST_SHOWN] + TOO_LONG
        else:
            self.tell("it is shown as plain text: it is very long")
        return _as_it_is(text)

    def outputs(self, outputs: list[NotebookNode]) -> Iterator[NotebookNode]:
        """What a cell showed, without scripts."""
        for output in outputs:
            for key in ("text", "evalue"):
                if key in output:
                    output[key] = self._words(output[key])
            if "traceback" in output:
                output.traceback = [self._words(line) for line in output.traceback[:MOST_LINES]]
            if "data" in output:
                shown = {kind: self._shown(kind, part) for kind, part in output.data.items()}
                output.data = NotebookNode({kind: part for kind, part in shown.items() if part is not None})
                output.metadata = NotebookNode()
            yield output

    def _words(self, text: str) -> str:
        """A text as of a terminal; each of its colours costs as much time as the whole text has length."""
        text = text.replace("\x1b", "") if text.count("\x1b") > MOST_COLOURS else text
        if len(text) <= MOST_WORDS:
            return text
        self.tell(f"it shows a text of {len(text):,} characters; the first {MOST_WORDS:,} are kept")
        return text[:MOST_WORDS] + TOO_LONG

    def _shown(self, kind: str, part: str) -> str | None:
        """A part of an output; None if it is of no use on a page."""
        if kind == "text/plain":
            return self._words(part)
        if kind in ("image/png", "image/jpeg"):
            return part if BASE64.fullmatch(part) else None
        if kind == "text/latex":
            return COMMANDS.sub(r"\\mathtt{\1}", part)
        if kind == "text/markdown":
            return self.markdown(part, {})
        if kind != "text/html":
            return None
        if len(part) <= MOST_HTML:
            return COMMANDS.sub(r"\\mathtt{\1}", plain_html(part))
        self.tell(f"it shows {len(part):,} characters of HTML; at most {MOST_HTML:,} are kept")
        return "<p>(What was shown here is too long.)</p>"


def plain_html(text: str) -> str:
    """A text in which only bare tags of a short list, and links without scripts, are still tags; all are closed."""
    out, opened, at = [], [], 0
    for found in OPEN.finditer(text):
        out.append(text[at : found.start()])
        out.append(_tag(found, opened))
        at = found.end()
    return "".join([*out, text[at:], *(f"</{name}>" for name in reversed(opened))])


def _tag(found: re.Match, opened: list[str]) -> str:
    """A tag written anew, or as text; `opened` are those that are open around it."""
    name, whole = (found[2] or "").lower(), found[0].endswith(">")
    if not whole or name not in BARE | {"a"}:
        return html.escape(found[0], quote=False)
    if name == "br":
        return "<br>"
    if not found[1]:
        opened.append(name)
        return f"<a{_target(found[3] or '')}>" if name == "a" else f"<{name}>"
    if not opened or opened[-1] != name:
        return _close(name, opened)
    opened.pop()
    return f"</{name}>"


def _close(name: str, opened: list[str]) -> str:
    """The end of a tag that is not the innermost: all that were opened since end with it."""
    near = opened[-20:]
    if name not in near:
        return html.escape(f"</{name}>")
    inner = near[::-1].index(name) + 1
    closed = [opened.pop() for _ in range(inner)]
    return "".join(f"</{each}>" for each in closed)


def _target(attributes: str) -> str:
    found = LINK.search(attributes)
    url = html.unescape(found[1] or found[2] or "") if found else ""
    return f' href="{html.escape(url)}"' if url and is_harmless(url) else ""


def is_harmless(url: str) -> bool:
    """Whether a link leads to a page or a person, however its scheme is disguised."""
    start = re.split(r"[/?#]", re.sub(r"[\x00-\x20\x7f-\xa0\u200b-\u200f\u2028-\u202f\ufeff]", "", url), maxsplit=1)[0]
    return ":" not in start or start.partition(":")[0].lower() in SCHEMES


class _Page(HTMLParser):
    """Reads a rendered text and remembers the first thing that is not plain."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.fault = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            value = value or ""
            picture = tag == "img" and name == "src" and PICTURE_LINK.fullmatch(re.sub(r"\s", "", value))
            if name in ("href", "src") and not picture and not is_harmless(value):
                self.fault = self.fault or f"a link leads to {value[:40]!r}"
            odd = name not in ATTRIBUTES or (name == "style" and not STYLES.fullmatch(value.strip()))
            if odd or (name == "class" and "mermaid" in value):
                self.fault = self.fault or "it holds more than plain marks"
        if tag not in RENDERED:
            self.fault = self.fault or "it holds more than plain marks"


def _fault(text: str, pictures: dict) -> str:
    """Why a text cannot be rendered, or not harmlessly; empty if it can."""
    try:
        page = _Page()
        page.feed(MarkdownWithMath(IPythonRenderer(escape=False, attachments=pictures)).render(text))
        page.close()
    except Exception as error:  # whatever a renderer stumbles over would stop the page, for the whole class
        return f"it cannot be rendered ({type(error).__name__})"
    return page.fault


def _as_it_is(text: str) -> str:
    """A text as it was typed, nothing in it a mark."""
    marks = {"$": "&#36;", "\\": "&#92;", "`": "&#96;", "\0": " "}
    return "<pre>" + "".join(marks.get(c, c) for c in html.escape(text)) + "</pre>"
