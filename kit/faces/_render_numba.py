"""The compiled render back-end, parallel over faces; see `_render_numpy.py` for the same in plain numpy.

Python threads spread the work, because compiled code lets go of the interpreter's lock. Numba's own
parallel loops use OpenMP, which ends every process that was forked after its first use (the workers of
a torch DataLoader, say), and whose waiting threads take time from other pools.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from joblib import cpu_count

from . import _raster_numba, _shade_numba

SHARES = 4  # a thread: few, because handing one out costs 0.03 ms; several, to even out busy cores


def rasterize(vertices, rotation, corners, size, samples, optics, screen, normals, triangle):
    """Fill `screen`, `normals` (n, v, 3) and `triangle` (n, s, s) in place."""

    def one(f: int) -> None:
        out = screen[f], normals[f], triangle[f]
        _raster_numba.rasterize(vertices[f], rotation[f], corners, size, samples, optics, *out)

    _each(one, len(vertices))


def shade(screen, normals, triangle, corners, uv, attributes, shadow, texture, key, background, cap, optics, image):
    """Fill `image` (n, size, size, 3) in place."""

    def one(f: int) -> None:
        seen, skin = (screen[f], normals[f], triangle[f]), texture[min(f, len(texture) - 1)]
        surface = corners, uv, attributes, shadow[f], skin
        _shade_numba.shade(*seen, *surface, key[f], background, cap, optics, image[f])

    _each(one, len(image))


def _each(do: Callable[[int], None], n: int) -> None:
    """Call `do` with 0 .. n - 1, on as many threads as this process has cores."""
    threads = min(cpu_count(), n)

    def share(first: int) -> None:
        for k in range(first, n, SHARES * threads):
            do(k)

    if threads < 2:
        list(map(do, range(n)))
    else:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(share, range(SHARES * threads)))
