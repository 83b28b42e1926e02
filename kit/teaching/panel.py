"""The one widget of `kit.teaching`: HTML from Python, and what was pressed back to Python.

ipywidgets' own controls have no accessible name on a slider's handle, no legend round radio buttons
and no line for announcements; native HTML has all three, so this paints native HTML.
"""

from pathlib import Path

import anywidget
import traitlets


class Form(anywidget.AnyWidget):
    """Paints `page["html"]`, announces `page["status"]`, sends actions as custom messages."""

    _esm = Path(__file__).with_name("panel.js")
    _css = Path(__file__).with_name("panel.css")
    page = traitlets.Dict().tag(sync=True)
