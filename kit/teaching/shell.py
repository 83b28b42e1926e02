"""The thin shell round a question: shows it, hands on what the student did, shows what became of it.

A question is an immutable state with four small methods (see `State`); this module knows no more of it.
"""

import os
import sys
from collections.abc import Callable
from typing import Any, Protocol

from .markup import inline, page, plain


class Asked(Protocol):
    """What a question has to be able to do; all of it works without a browser."""

    def live(self) -> str:
        """HTML of the form as it stands."""

    def static(self) -> str:
        """HTML to leave behind where nothing can be pressed."""

    def status(self) -> str:
        """What has just happened, in words, for the line that screen readers announce."""

    def act(self, message: dict) -> "Asked":
        """The state after the student did something."""


def headless() -> bool:
    """Whether nobody can answer here: no notebook, `KIT_HEADLESS=1`, or a run by nbclient or nbconvert."""
    if os.environ.get("KIT_HEADLESS") == "1":
        return True
    ipython = sys.modules.get("IPython")
    kernel = getattr(ipython.get_ipython(), "kernel", None) if ipython else None
    if kernel is None:
        return True
    # A front end with a person at it accepts questions on stdin; programs that run notebooks do not.
    return not kernel.get_parent("shell").get("content", {}).get("allow_stdin", False)


LIVING = "application/vnd.shared-features.living+json"  # what a page without Python needs to bring a widget to life


def show(widget: Any, html: str, living: dict | None = None) -> Any:
    """Show a widget, and words or a picture that stay when its kernel is gone.

    Parameters
    ----------
    widget : an ipywidgets or anywidget widget.
    html : what to leave behind, such as an `<img alt="..." src="data:...">` or a paragraph.
    living : what the static site brings to life in the place of `html`: {"widget": name, "state": for JSON}.

    Returns
    -------
    callable
        Call it with new HTML when what is left behind should change.
    """
    update = _leave(html, living if headless() else None)
    if not headless():
        from IPython.display import display

        widget.add_class("tk-live")
        # The empty page keeps converters from printing the widget's repr below the words.
        view = {"version_major": 2, "version_minor": 0, "model_id": widget.model_id}
        bundle = {"application/vnd.jupyter.widget-view+json": view, "text/html": "", "text/plain": ""}
        display(bundle, raw=True)
    return update


def slot() -> Callable[[Any, str], None]:
    """Reserve an output of this cell; the returned function puts a figure and its words there, any time."""
    put = _output({"text/html": "", "text/plain": ""})

    def fill(thing: Any, alt: str) -> None:
        from IPython.display import display
        from IPython.utils.capture import capture_output

        with capture_output() as got:
            display(thing)
        for output in got.outputs[:1]:
            images = {kind: {"alt": alt} for kind in output.data if kind.startswith("image/")}
            put(output.data, output.metadata | images)

    return fill


def _leave(html: str, living: dict | None = None) -> Callable[[str], None]:
    put = _output(_bundle(html) | ({LIVING: living} if living else {}))
    return lambda new: put(_bundle(new))


def _bundle(html: str) -> dict[str, str]:
    return {"text/html": page(html), "text/plain": plain(html)}


def _output(bundle: dict) -> Callable[..., None]:
    """Publish an output of this cell; the returned function replaces it. Prints outside IPython."""
    from IPython import get_ipython
    from IPython.display import display

    if get_ipython() is None:
        print(bundle["text/plain"])
        return lambda new, metadata=None: print(new["text/plain"])
    handle = display(bundle, raw=True, display_id=True)
    return lambda new, metadata=None: handle.update(new, metadata=metadata, raw=True)


class Shell:
    """One question in one cell.

    Parameters
    ----------
    state : what to show first.
    kind : name of the widget; it gets the classes `tk-<kind>` and `tk-key-<key>`.
    key : the author's name of the question.
    changed : called with each state that an action of the student led to.
    note : a sentence below the live form.
    """

    def __init__(
        self,
        state: Asked,
        kind: str,
        key: str,
        changed: Callable[[Asked], None] | None = None,
        note: str = "",
    ):
        self.state = state
        self._changed = changed
        self._note = f'<p class="tk-note">{inline(note)}</p>' if note else ""
        self._panel: Any = None
        if headless():
            self._update = _leave(state.static())
            return
        from .panel import Form

        # With its first message: a page that is busy has lost classes that came a moment later.
        self._panel = Form(page=self._page(), _dom_classes=(f"tk-{kind}", f"tk-key-{key}", "tk-live"))
        self._panel.on_msg(self._heard)
        self._update = show(self._panel, state.static())

    def _page(self) -> dict[str, str]:
        return {"html": self.state.live() + self._note, "status": plain(inline(self.state.status()))}

    def _heard(self, _widget: Any, message: dict, _buffers: list) -> None:
        before, after = self.state, self.state.act(message)
        self.change(after)
        if self._changed and after != before:
            self._changed(after)

    def change(self, state: Asked) -> None:
        """Show another state, live and in what is left behind."""
        self.state = state
        if self._panel is not None:
            self._panel.page = self._page()
        self._update(state.static())
