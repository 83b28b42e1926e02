"""Questions that make a lesson active: predict before you see, check yourself, put lines in order.

>>> from kit.teaching import predict, reveal, check, parsons      # doctest: +SKIP

Everything shows a live form where a student can answer, and leaves readable text where nobody can
(a static page, a notebook reopened without a kernel, `jupyter execute`).
"""

from .checks import check
from .history import delete_predictions, export_predictions, my_predictions
from .parsons import parsons
from .predictions import predict, reveal
from .shell import headless, show

__all__ = [
    "check",
    "delete_predictions",
    "export_predictions",
    "headless",
    "my_predictions",
    "parsons",
    "predict",
    "reveal",
    "show",
]
