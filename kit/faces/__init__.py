"""A generative model of faces: make them, vary one thing at a time, draw them."""

from kit.faces.faces import Faces, concat, interpolate, swap_textures
from kit.faces.model import FaceModel, load

__all__ = ["FaceModel", "Faces", "concat", "interpolate", "load", "swap_textures"]
