"""Things to play with in a lesson: each answers at once, by mouse or keyboard, and leaves a picture behind."""

from .face_explorer import explore_faces
from .matching_game import matching_game

__all__ = ["explore_faces", "matching_game"]
