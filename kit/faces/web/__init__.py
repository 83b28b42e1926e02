"""Faces in the browser: the model and the studio in JavaScript and WebGL2, with the pixels of `kit.faces.render`.

`npz.js` reads the model's own file, `model.js` makes vertices and texture of coefficients, `shaders.js` says what light
does, and `studio.js` draws. What they need to know beside the model's file, `constants` tells.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from kit.files import data

from .. import _optics, design, model

HERE = Path(__file__).parent


def constants() -> dict[str, Any]:
    """Camera, lights and materials, and the numbers by which the model's file is read, for JSON."""
    return {
        "frames": {name: asdict(optics) for name, optics in _optics.FRAMES.items()},
        "background": _optics.BACKGROUND,
        "fine_above": _optics.FINE_ABOVE,
        "teeth": model.TEETH,
        "centre_age": design.CENTRE_AGE,
        "age_unit": design.AGE_UNIT,
    }


def model_file(path: Path | None = None) -> bytes:
    """The face model as the browser reads it: the bytes of the kit's own file, or of another of the same form."""
    return (data.verified("face_model.npz") if path is None else path).read_bytes()
