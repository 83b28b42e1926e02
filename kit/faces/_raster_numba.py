"""The compiled half of rasterising: which triangle each sample of a picture sees, one face at a time.

`_render_numpy.rasterize` says the same in array operations; the tests hold the two together. This
file imports no other compiled code: numba's disk cache looks at one file's date only.
"""

from __future__ import annotations

import math

import numpy as np

from kit.compiled import compiled

# No zero-division checks (they keep LLVM from vectorising), and no care for nan, infinity and -0: the inputs are
# checked before they come here. Sums keep their order, and products are rounded before they are added: else each
# compilation, and each processor, would choose for itself, and a picture would not be the same twice.
FAST = dict(fastmath={"nnan", "ninf", "nsz"}, error_model="numpy", nogil=True)

ZERO, HALF, ONE = np.float32(0), np.float32(0.5), np.float32(1)
# Vertices are snapped to 1/1024 of the distance between samples and edges are tested in exact
# integers: a sample on an edge shared by two triangles then belongs to one of them, never to none.
BITS = 10
CELL, HALF_CELL = 1 << BITS, 1 << (BITS - 1)


@compiled(**FAST)
def _turn(vertices, rotation, out):
    for i in range(vertices.shape[0]):
        x, y, z = vertices[i, 0], vertices[i, 1], vertices[i, 2]
        for axis in range(3):
            out[i, axis] = rotation[axis, 0] * x + rotation[axis, 1] * y + rotation[axis, 2] * z


@compiled(**FAST)
def _cross(vertices, a, b, c):
    """Normal of a triangle, as long as twice its area."""
    x, y, z = vertices[a, 0], vertices[a, 1], vertices[a, 2]
    ux, uy, uz = vertices[b, 0] - x, vertices[b, 1] - y, vertices[b, 2] - z
    vx, vy, vz = vertices[c, 0] - x, vertices[c, 1] - y, vertices[c, 2] - z
    return uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx


@compiled(**FAST)
def _normals(vertices, corners, out):
    out[:] = ZERO
    for m in range(corners.shape[0]):
        a, b, c = corners[m, 0], corners[m, 1], corners[m, 2]
        x, y, z = _cross(vertices, a, b, c)
        for i in (a, b, c):
            out[i, 0] += x
            out[i, 1] += y
            out[i, 2] += z
    for i in range(out.shape[0]):
        square = out[i, 0] ** 2 + out[i, 1] ** 2 + out[i, 2] ** 2
        scale = ONE / math.sqrt(square) if square > ZERO else ZERO
        for axis in range(3):
            out[i, axis] *= scale


@compiled(**FAST)
def _project(turned, size, optics, screen):
    focus = optics.distance / optics.field * size
    for i in range(turned.shape[0]):
        w = ONE / (optics.distance - turned[i, 2])
        screen[i, 0] = HALF * size + turned[i, 0] * focus * w
        screen[i, 1] = HALF * size - (turned[i, 1] - optics.centre) * focus * w
        screen[i, 2] = w


@compiled(**FAST)
def _snap(screen, samples):
    scale = np.float32(samples * CELL)
    grid = np.empty((screen.shape[0], 2), np.int64)
    for i in range(screen.shape[0]):
        grid[i, 0] = np.int64(math.floor(screen[i, 0] * scale + HALF))
        grid[i, 1] = np.int64(math.floor(screen[i, 1] * scale + HALF))
    return grid


@compiled(**FAST)
def _edge(xa, ya, xb, yb, x, y):
    """Twice the area of (a, b, point), positive inside; one less where b owns the points on ab."""
    dx, dy = xb - xa, yb - ya
    owned = dy > 0 or (dy == 0 and dx > 0)
    return (x - xa) * dy - (y - ya) * dx - (0 if owned else 1)


@compiled(**FAST)
def _fill(m, a, b, c, area, left, right, top, bottom, grid, screen, nearest):
    """Enter the samples of triangle m = (a, b, c) within its bounding box into the z-buffer.

    A sample's entry is w (its bits sort like its value, since w > 0) and the triangle in one integer:
    the nearest is the largest, and no branch, which small triangles would mispredict, is needed.
    """
    xa, ya, xb, yb, xc, yc = grid[a, 0], grid[a, 1], grid[b, 0], grid[b, 1], grid[c, 0], grid[c, 1]
    x, y = (left << BITS) + HALF_CELL, (top << BITS) + HALF_CELL
    row_a = _edge(xb, yb, xc, yc, x, y)
    row_b, row_c = _edge(xc, yc, xa, ya, x, y), _edge(xa, ya, xb, yb, x, y)
    step_a, step_b, step_c = (yc - yb) << BITS, (ya - yc) << BITS, (yb - ya) << BITS
    down_a, down_b, down_c = (xc - xb) << BITS, (xa - xc) << BITS, (xb - xa) << BITS
    # w is a plane over the samples. Stepping along it spares the conversion of large integers; what
    # rounding adds up to is less than 0.1 mm even across the whole picture.
    unit = ONE / np.float32(area)
    slope_b, slope_c = (screen[b, 2] - screen[a, 2]) * unit, (screen[c, 2] - screen[a, 2]) * unit
    first = screen[a, 2] + np.float32(row_b) * slope_b + np.float32(row_c) * slope_c
    right_w = np.float32(step_b) * slope_b + np.float32(step_c) * slope_c
    down_w = np.float32(down_b) * slope_b + np.float32(down_c) * slope_c
    for row in range(top, bottom + 1):
        in_a, in_b, in_c, w = row_a, row_b, row_c, first
        for column in range(left, right + 1):
            seen = (np.int64(np.float32(w).view(np.int32)) << 32) | m if (in_a | in_b | in_c) >= 0 else 0
            nearest[row, column] = max(nearest[row, column], seen)
            in_a, in_b, in_c, w = in_a + step_a, in_b + step_b, in_c + step_c, w + right_w
        row_a, row_b, row_c, first = row_a - down_a, row_b - down_b, row_c - down_c, first - down_w


@compiled(**FAST)
def _draw(corners, grid, screen, nearest):
    """Enter every triangle that faces the camera and covers a sample into the z-buffer."""
    last = nearest.shape[0] - 1
    for m in range(corners.shape[0]):
        a, b, c = corners[m, 0], corners[m, 1], corners[m, 2]
        xa, ya, xb, yb, xc, yc = grid[a, 0], grid[a, 1], grid[b, 0], grid[b, 1], grid[c, 0], grid[c, 1]
        area = (xc - xa) * (yb - ya) - (xb - xa) * (yc - ya)
        left = max((min(xa, min(xb, xc)) + HALF_CELL - 1) >> BITS, 0)
        right = min((max(xa, max(xb, xc)) - HALF_CELL) >> BITS, last)
        top = max((min(ya, min(yb, yc)) + HALF_CELL - 1) >> BITS, 0)
        bottom = min((max(ya, max(yb, yc)) - HALF_CELL) >> BITS, last)
        if area > 0 and left <= right and top <= bottom:
            _fill(m, a, b, c, area, left, right, top, bottom, grid, screen, nearest)


@compiled(**FAST)
def _unpack(nearest, triangle):
    for row in range(nearest.shape[0]):
        for column in range(nearest.shape[1]):
            seen = nearest[row, column]
            triangle[row, column] = np.int32(seen) if seen > 0 else -1


@compiled(**FAST)
def rasterize(vertices, rotation, corners, size, samples, optics, screen, normals, triangle):
    """Fill `screen`, `normals` (v, 3) and `triangle` (s, s) of one face in place."""
    turned = np.empty_like(vertices)
    _turn(vertices, rotation, turned)
    _normals(turned, corners, normals)
    _project(turned, np.float32(size), optics[0], screen)
    grid = _snap(screen, samples)
    nearest = np.zeros(triangle.shape, np.int64)
    _draw(corners, grid, screen, nearest)
    _unpack(nearest, triangle)
