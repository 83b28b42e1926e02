"""A generative model of faces: make them, vary one thing at a time, draw them."""

from kit.faces import basel, flame, ict, scenes
from kit.faces.faces import Faces
from kit.faces.mixing import concat, interpolate, swap_textures
from kit.faces.model import FaceModel, load

__all__ = ["FaceModel", "Faces", "basel", "concat", "flame", "ict", "interpolate", "load", "scenes", "swap_textures"]
