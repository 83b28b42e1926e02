"""The compiled render back-end; see `_render_numpy.py` for the same in plain numpy."""

from ._raster_numba import rasterize
from ._shade_numba import shade

__all__ = ["rasterize", "shade"]
