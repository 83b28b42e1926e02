"""What the kit's own feature spaces are called, and what kinds there are. Light: reading names loads no network."""

from __future__ import annotations

SHAPE, TEXTURE, PIXELS, UNTRAINED = "shape", "texture", "pixels", "untrained"
PHOTOGRAPHS = "photographs"  # the face recogniser that was trained on photographs, where it is compared
MODEL_SPACES = (SHAPE, TEXTURE)
MODEL, TRAINED, OTHER = "model", "trained", "other"  # roles of spaces, beside PIXELS and UNTRAINED


def of_pixels(name: str) -> bool:
    """Whether a space is the kit's pixels, of whatever length: no other system may be called so ("pixels 256")."""
    return name.split(" ")[0] == PIXELS
