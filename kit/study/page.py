"""Pieces of an HTML page: sections, paragraphs, tables, figures and pictures, with words for each."""

from __future__ import annotations

from base64 import b64encode
from html import escape
from pathlib import Path

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import plotly.io as pio
from plotly.offline import get_plotlyjs

from kit.faces.pictures import encoded
from kit.plots.shown import TEMPLATE

STYLE = Path(__file__).with_name("report.css")
PLOTLY = {"displayModeBar": False, "responsive": True}


def page(title: str, parts: list[str]) -> str:
    """A whole page that loads nothing from anywhere: style and plotly are inside."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE.read_text(encoding='utf-8')}</style>"
        f"<script>{get_plotlyjs()}</script></head><body><main>{''.join(parts)}</main></body></html>"
    )


def words(text: str) -> str:
    """Text as one line, whatever line breaks its source has."""
    return " ".join(text.split())


def section(title: str, *parts: str) -> str:
    """A heading and what belongs to it."""
    return f"<section><h2>{escape(title)}</h2>{''.join(parts)}</section>"


def paragraph(text: str) -> str:
    """Plain text as a paragraph."""
    return f"<p>{escape(words(text))}</p>"


def figure(drawn: go.Figure, text: str) -> str:
    """A plotly figure with the sentences that say what it shows."""
    drawn.update_layout(template=TEMPLATE)
    html = pio.to_html(drawn, include_plotlyjs=False, full_html=False, config=PLOTLY)
    said = escape(words(text))
    return (
        f'<figure><div class="plot" role="img" aria-label="{said}">{html}</div><figcaption>{said}</figcaption></figure>'
    )


def table(values: pd.DataFrame, digits: int = 3) -> str:
    """A table with headings for columns and rows, floats to some digits."""

    def written(value) -> str:
        return f"{value:.{digits}f}" if isinstance(value, float | np.floating) else escape(str(value))

    kinds = ["" if values[name].map(_is_number).all() else ' class="text"' for name in values.columns]
    titles = zip(("", *values.columns), (' class="text"', *kinds))
    head = "".join(f'<th scope="col"{kind}>{escape(str(name))}</th>' for name, kind in titles)
    rows = [
        f'<tr><th scope="row">{escape(str(index))}</th>'
        + "".join(f"<td{kind}>{written(v)}</td>" for v, kind in zip(row, kinds))
        + "</tr>"
        for index, row in zip(values.index, values.to_numpy(dtype=object), strict=True)
    ]
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>'


def _is_number(value) -> bool:
    return isinstance(value, int | float | np.number) or value == "–"


def picture(image: np.ndarray, label: str, alt: str) -> str:
    """A small picture, uint8 (h, w, 3), inside the page, with its label."""
    url = f"data:image/jpeg;base64,{b64encode(encoded(image)).decode()}"
    size = f'width="{image.shape[1]}" height="{image.shape[0]}"'
    drawn = f'<img src="{url}" alt="{escape(alt)}" {size}>'
    return f"<figure>{drawn}<figcaption>{escape(label)}</figcaption></figure>"
