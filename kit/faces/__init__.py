"""A generative model of faces: make them, vary one thing at a time, draw them."""

from . import basel, flame, ict, scenes
from .faces import Faces
from .mixing import concat, interpolate, swap_textures
from .model import FaceModel, load

__all__ = ["FaceModel", "Faces", "basel", "concat", "flame", "ict", "interpolate", "load", "scenes", "swap_textures"]
