"""Small pieces of HTML: the same words serve the live form and the page that is left behind."""

import re
from collections.abc import Iterable
from html import escape, unescape

# A word or more between stars, but not a product, and not inside code.
_EMPHASIS = re.compile(r"(<code>.*?</code>)|(?<![\w*])\*(\S(?:[^*]*?\S)?)\*(?![\w*])")
_FRAME = "border-left:4px solid #888;padding:.2em 1em;margin:.5em 0"


def inline(text: str) -> str:
    """Escape a text, then mark `` `code` ``, ``**strong**`` and ``*emphasis*``; lines break where the text does."""
    safe = escape(str(text), quote=True).replace("\n", "<br>")
    safe = re.sub(r"`([^`]+)`", r"<code>\1</code>", safe)
    safe = re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", safe)
    return re.sub(_EMPHASIS, lambda found: found[1] or f"<em>{found[2]}</em>", safe)


def plain(html: str) -> str:
    """The words of a piece of HTML, a line for each block, for terminals and search."""
    text = re.sub(r"<(style)\b.*?</\1>", "", html, flags=re.DOTALL)
    text = re.sub(r"</(p|li|summary|legend|div|pre)>|<br>", "\n", text)
    lines = unescape(re.sub(r"<[^>]+>", "", text)).splitlines()
    return "\n".join(line.rstrip() for line in lines if line.strip())


def bullets(texts: Iterable[str]) -> str:
    """An unordered list."""
    return "<ul>" + "".join(f"<li>{inline(text)}</li>" for text in texts) + "</ul>"


def fold(summary: str, html: str) -> str:
    """A part that opens on demand; it works on a static page too."""
    return f'<details class="tk-fold"><summary>{inline(summary)}</summary>{html}</details>'


def heading(kind: str, question: str) -> str:
    """The kind of task and its question, as plain paragraphs."""
    return f'<p class="tk-kind"><strong>{escape(kind)}</strong></p><p class="tk-question">{inline(question)}</p>'


def choices(legend: str, options: Iterable[str], notes: dict[int, str], chosen: int | None) -> str:
    """A group of radio buttons named `answer` whose values are the places of the options.

    Parameters
    ----------
    notes : what to say behind an option, by its place ("tried", for example).
    """
    rows = []
    for place, option in enumerate(options):
        mark = " checked" if place == chosen else ""
        note = f' <span class="tk-tag">{escape(notes[place])}</span>' if place in notes else ""
        rows.append(
            f'<label class="tk-option"><input type="radio" name="answer" value="{place}" '
            f'data-id="option-{place}" required{mark}> <span>{inline(option)}{note}</span></label>'
        )
    return f"<fieldset><legend>{inline(legend)}</legend>{''.join(rows)}</fieldset>"


def page(html: str) -> str:
    """Frame what is left behind, and hide it wherever the live form beside it works.

    JupyterLab shows "model not found" for a widget whose kernel is gone, whatever else is in its
    bundle; so the words are an output of their own, and this rule shows exactly one of the two.
    """
    words = ".jp-OutputArea-child:has(.tk-static)"
    rule = (
        f"<style>{words}:has(+ .jp-OutputArea-child .tk-live),"
        f"{words} + .jp-OutputArea-child:not(:has(.jp-OutputArea-output *))"
        "{display:none}</style>"
    )
    return f'{rule}<div class="tk-static" style="{_FRAME}">{html}</div>'
