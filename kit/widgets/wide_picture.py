"""A live drawing that is wider than a face: controls go below it."""

from __future__ import annotations

from .canvas import Canvas
from .live_picture import LivePicture

_WIDE = """
.tk.tk-wide .tk-picture, .tk-wide .tk-picture { width: auto; max-width: 100%; height: auto; background: none; }
.tk-wide.tk-live-picture figure, .tk-wide .tk-live-picture figure { flex: 1 1 100%; }
.tk-wide.tk-live-picture figcaption, .tk-wide .tk-live-picture figcaption { min-height: 2.8em; }
"""


class WidePicture(LivePicture):
    """As `LivePicture`, for drawings of any shape: `draw` gives a `Canvas`."""

    _css = LivePicture._css + _WIDE

    def encode(self, image: Canvas) -> bytes:
        """A drawing as the bytes of a file."""
        return super().encode(image.image())

    def paper(self, image: Canvas) -> str:
        """All but the pictures on it."""
        return image.paper()

    def show(self, name: str) -> None:
        """Show it with the classes `tk-<name>` and `tk-wide`."""
        self.add_class("tk-wide")
        super().show(name)
