"""A live picture that is wider than a face: controls go below it."""

from __future__ import annotations

from .live_picture import LivePicture

_WIDE = """
.tk.tk-wide .tk-picture, .tk-wide .tk-picture { width: auto; max-width: 100%; height: auto; background: none; }
.tk-wide.tk-live-picture figure, .tk-wide .tk-live-picture figure { flex: 1 1 100%; }
.tk-wide.tk-live-picture figcaption, .tk-wide .tk-live-picture figcaption { min-height: 2.8em; }
/* A chart, without faces: on a dark page its negative, hues kept, as other charts (teaching/panel.css). */
[data-jp-theme-light="false"] .tk-explore-moments .tk-picture { filter: invert(1) hue-rotate(180deg); }
"""


class WidePicture(LivePicture):
    """As `LivePicture`, for pictures of any shape."""

    _css = LivePicture._css + _WIDE

    def show(self, name: str) -> None:
        """Show it with the classes `tk-<name>` and `tk-wide`."""
        self.add_class("tk-wide")
        super().show(name)
