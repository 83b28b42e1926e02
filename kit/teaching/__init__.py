"""Questions that make a lesson active: predict before you see, check yourself, put lines in order.

>>> from kit.teaching import predict, reveal, check, parsons, quiz, progress, glossary   # doctest: +SKIP

Everything shows a live form where a student can answer, and leaves readable text where nobody can
(a static page, a notebook reopened without a kernel, `jupyter execute`).
"""

import sys

from . import blanks
from .abilities import abilities
from .blanks import blank
from .calibration import calibration
from .checks import check
from .doctor import doctor
from .glossary import glossary
from .history import delete_predictions, export_predictions, my_predictions
from .parsons import parsons
from .predictions import predict, reveal
from .progress import progress
from .quiz import quiz
from .shell import headless, show

__all__ = [
    "abilities",
    "blank",
    "calibration",
    "check",
    "delete_predictions",
    "doctor",
    "export_predictions",
    "glossary",
    "headless",
    "my_predictions",
    "parsons",
    "predict",
    "progress",
    "quiz",
    "reveal",
    "show",
]

if (_ipython := sys.modules.get("IPython")) and (_shell := _ipython.get_ipython()):
    blanks.in_words(_shell)
