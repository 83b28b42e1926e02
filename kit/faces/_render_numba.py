"""The compiled render back-end: a z-buffer and deferred shading, parallel over faces.

`_render_numpy.py` says the same in array operations; the tests hold the two together. Screen
coordinates are pixels, x to the right and y down; w is one over the distance along the viewing axis,
which (unlike the distance itself) is linear on the screen.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit, prange

# No zero-division checks (they keep LLVM from vectorising) and no strict IEEE order: the inputs are
# checked for nan and infinity before they come here.
FAST = dict(cache=True, fastmath=True, error_model="numpy", nogil=True)

ZERO, QUARTER, HALF, ONE = np.float32(0), np.float32(0.25), np.float32(0.5), np.float32(1)
TWO, THREE, WHITE = np.float32(2), np.float32(3), np.float32(255)
# Vertices are snapped to 1/1024 of the distance between samples and edges are tested in exact
# integers: a sample on an edge shared by two triangles then belongs to one of them, never to none.
BITS = 10
CELL, HALF_CELL = 1 << BITS, 1 << (BITS - 1)

PART = 6  # column of Mesh.corners
TINY = np.float32(1e-12)
BORDER = np.float32(1.001)

# Columns of the packed vertices: one cache line holds all that shading asks of a vertex.
X, Y, W, SURFACE = range(4)  # then the eight that are interpolated, in the order of NX .. SHADOW
COLUMNS = SURFACE + 8
CAP_COLUMN = 9

# Shading goes through a picture in strips of SEGMENT pixels of a row. Each asks for up to four points
# a pixel; the properties of the points stand in one flat array, a channel of LENGTH numbers after
# the other. With constant distances between channels LLVM can compute several points at a time.
SEGMENT = 64
LENGTH = 4 * SEGMENT
CHANNELS = 22
PX, PY, WIDTH, NX, NY, NZ, OCCLUSION, GLOSS, FADE, CAP, SHADOW = range(0, 11 * LENGTH, LENGTH)
U, V, U_RIGHT, U_DOWN, V_RIGHT, V_DOWN, CAP_RIGHT, CAP_DOWN = range(11 * LENGTH, 19 * LENGTH, LENGTH)
RED, GREEN, BLUE = range(19 * LENGTH, 22 * LENGTH, LENGTH)


# ------------------------------------------------------------------------------- rasterising


@njit(**FAST)
def _turn(vertices, rotation, out):
    for i in range(vertices.shape[0]):
        x, y, z = vertices[i, 0], vertices[i, 1], vertices[i, 2]
        for axis in range(3):
            out[i, axis] = rotation[axis, 0] * x + rotation[axis, 1] * y + rotation[axis, 2] * z


@njit(**FAST)
def _normals(vertices, triangles, out):
    out[:] = ZERO
    for m in range(triangles.shape[0]):
        a, b, c = triangles[m, 0], triangles[m, 1], triangles[m, 2]
        e0, e1, e2 = (
            vertices[b, 0] - vertices[a, 0],
            vertices[b, 1] - vertices[a, 1],
            vertices[b, 2] - vertices[a, 2],
        )
        f0, f1, f2 = (
            vertices[c, 0] - vertices[a, 0],
            vertices[c, 1] - vertices[a, 1],
            vertices[c, 2] - vertices[a, 2],
        )
        x, y, z = e1 * f2 - e2 * f1, e2 * f0 - e0 * f2, e0 * f1 - e1 * f0
        for i in (a, b, c):
            out[i, 0] += x
            out[i, 1] += y
            out[i, 2] += z
    for i in range(out.shape[0]):
        square = out[i, 0] ** 2 + out[i, 1] ** 2 + out[i, 2] ** 2
        scale = ONE / math.sqrt(square) if square > ZERO else ZERO
        for axis in range(3):
            out[i, axis] *= scale


@njit(**FAST)
def _project(x, y, z, size, optics):
    """Screen position in pixels and w of a point in the turned head's coordinates."""
    w = ONE / (optics.distance - z)
    scale = optics.distance / optics.field * size * w
    return HALF * size + x * scale, HALF * size - (y - optics.centre) * scale, w


@njit(**FAST)
def _snap(vertices, size, samples, optics, grid, depth):
    scale = np.float32(samples * CELL)
    for i in range(vertices.shape[0]):
        x, y, w = _project(vertices[i, 0], vertices[i, 1], vertices[i, 2], size, optics)
        grid[i, 0] = np.int64(math.floor(x * scale + HALF))
        grid[i, 1] = np.int64(math.floor(y * scale + HALF))
        depth[i] = w


@njit(**FAST)
def _edge(xa, ya, xb, yb, x, y):
    """Twice the area of (a, b, point), positive inside; one less where b owns the points on ab."""
    dx, dy = xb - xa, yb - ya
    owned = dy > 0 or (dy == 0 and dx > 0)
    return (x - xa) * dy - (y - ya) * dx - (0 if owned else 1)


@njit(**FAST)
def _draw(m, corners, grid, depth, triangle, nearest):
    """Enter triangle m into the z-buffer."""
    a, b, c = corners[m, 0], corners[m, 1], corners[m, 2]
    xa, ya, xb, yb, xc, yc = grid[a, 0], grid[a, 1], grid[b, 0], grid[b, 1], grid[c, 0], grid[c, 1]
    area = (xc - xa) * (yb - ya) - (xb - xa) * (yc - ya)
    if area <= 0:
        return
    last = triangle.shape[0] - 1
    left = max((min(xa, min(xb, xc)) + HALF_CELL - 1) >> BITS, 0)
    right = min((max(xa, max(xb, xc)) - HALF_CELL) >> BITS, last)
    top = max((min(ya, min(yb, yc)) + HALF_CELL - 1) >> BITS, 0)
    bottom = min((max(ya, max(yb, yc)) - HALF_CELL) >> BITS, last)
    if left > right or top > bottom:
        return
    x, y = (left << BITS) + HALF_CELL, (top << BITS) + HALF_CELL
    row_a, row_b, row_c = (
        _edge(xb, yb, xc, yc, x, y),
        _edge(xc, yc, xa, ya, x, y),
        _edge(xa, ya, xb, yb, x, y),
    )
    step_a, step_b, step_c = (yc - yb) << BITS, (ya - yc) << BITS, (yb - ya) << BITS
    down_a, down_b, down_c = (xc - xb) << BITS, (xa - xc) << BITS, (xb - xa) << BITS
    unit = ONE / np.float32(area)
    slope_b, slope_c = (depth[b] - depth[a]) * unit, (depth[c] - depth[a]) * unit
    for row in range(top, bottom + 1):
        in_a, in_b, in_c = row_a, row_b, row_c
        for column in range(left, right + 1):
            if (in_a | in_b | in_c) >= 0:
                w = depth[a] + np.float32(in_b) * slope_b + np.float32(in_c) * slope_c
                if w > nearest[row, column]:
                    nearest[row, column] = w
                    triangle[row, column] = m
            in_a, in_b, in_c = in_a + step_a, in_b + step_b, in_c + step_c
        row_a, row_b, row_c = row_a - down_a, row_b - down_b, row_c - down_c


@njit(**FAST)
def _rasterize_face(vertices, rotation, corners, size, samples, optics, turned, normals, triangle, nearest):
    _turn(vertices, rotation, turned)
    _normals(turned, corners, normals)
    grid = np.empty((len(vertices), 2), np.int64)
    depth = np.empty(len(vertices), np.float32)
    _snap(turned, size, samples, optics, grid, depth)
    triangle[:] = -1
    nearest[:] = ZERO
    for m in range(corners.shape[0]):
        _draw(m, corners, grid, depth, triangle, nearest)


@njit(parallel=True, **FAST)
def rasterize(vertices, rotation, corners, size, samples, optics, turned, normals, triangle, nearest):
    """Fill `turned`, `normals` (n, v, 3) and `triangle`, `nearest` (n, s, s) in place."""
    for face in prange(vertices.shape[0]):
        _rasterize_face(
            vertices[face],
            rotation[face],
            corners,
            np.float32(size),
            samples,
            optics[0],
            turned[face],
            normals[face],
            triangle[face],
            nearest[face],
        )


# ----------------------------------------------------------------------------------- shading


@njit(**FAST)
def _pack(vertices, normals, attributes, shadow, size, optics, packed):
    for i in range(vertices.shape[0]):
        x, y, w = _project(vertices[i, 0], vertices[i, 1], vertices[i, 2], size, optics)
        packed[i, X], packed[i, Y], packed[i, W] = x, y, w
        for axis in range(3):
            packed[i, SURFACE + axis] = normals[i, axis]
        for column in range(4):
            packed[i, SURFACE + 3 + column] = attributes[i, column]
        packed[i, SURFACE + 7] = shadow[i]


@njit(**FAST)
def _weights(corners, packed, m, x, y):
    """Barycentric coordinates on the screen (before perspective) of a point in triangle m."""
    a, b, c = corners[m, 0], corners[m, 1], corners[m, 2]
    xa, ya = packed[a, X] - x, packed[a, Y] - y
    xb, yb = packed[b, X] - x, packed[b, Y] - y
    xc, yc = packed[c, X] - x, packed[c, Y] - y
    at_a, at_b, at_c = xc * yb - xb * yc, xa * yc - xc * ya, xb * ya - xa * yb
    unit = ONE / (at_a + at_b + at_c)
    return at_a * unit, at_b * unit, at_c * unit


@njit(**FAST)
def _inside(corners, packed, m, x, y):
    """How far inside triangle m a point lies; below 0 outside."""
    at_a, at_b, at_c = _weights(corners, packed, m, x, y)
    return min(at_a, min(at_b, at_c))


@njit(**FAST)
def _central(corners, packed, p, q, r, o, x, y):
    """Which of four triangles holds the point, or comes nearest to it."""
    if p == q and p == r and p == o:
        return p
    best, margin = p, _inside(corners, packed, p, x, y)
    for m in (q, r, o):
        if margin < ZERO and m != best:
            inside = _inside(corners, packed, m, x, y)
            if inside > margin:
                best, margin = m, inside
    return best


@njit(**FAST)
def _smooth(part_p, part_q, part_r, part_o, p, q, r, o, size, optics):
    """Whether four samples, with these parts and w, lie on one continuous surface."""
    low, high = min(min(p, q), min(r, o)), max(max(p, q), max(r, o))
    near = (high - low) * size * optics.distance < optics.edge_depth * optics.field * low
    return near and part_p == part_q and part_p == part_r and part_p == part_o


@njit(**FAST)
def _add(points, owner, count, m, x, y, width):
    owner[count] = m
    points[PX + count], points[PY + count], points[WIDTH + count] = x, y, width
    return count + 1


@njit(**FAST)
def _points_of_samples(triangle, row, start, stop, points, owner):
    """List the points to shade where each pixel has one sample."""
    count = 0
    for column in range(start, stop):
        if triangle[row, column] >= 0:
            x, y = np.float32(column) + HALF, np.float32(row) + HALF
            count = _add(points, owner, count, triangle[row, column], x, y, ONE)
    return count


@njit(**FAST)
def _points_of_quads(triangle, nearest, corners, packed, row, start, stop, size, optics, points, owner):
    """List the points to shade: the centre of smooth pixels, the samples of the others."""
    count, i = 0, 2 * row
    y = np.float32(row) + HALF
    for column in range(start, stop):
        j = 2 * column
        p, q = triangle[i, j], triangle[i, j + 1]
        r, o = triangle[i + 1, j], triangle[i + 1, j + 1]
        if max(max(p, q), max(r, o)) < 0:
            continue
        x = np.float32(column) + HALF
        parts = (corners[p, PART], corners[q, PART], corners[r, PART], corners[o, PART])
        depths = (nearest[i, j], nearest[i, j + 1], nearest[i + 1, j], nearest[i + 1, j + 1])
        if min(min(p, q), min(r, o)) >= 0 and _smooth(*parts, *depths, size, optics):
            m = _central(corners, packed, p, q, r, o, x, y)
            count = _add(points, owner, count, m, x, y, ONE)
            continue
        if p >= 0:
            count = _add(points, owner, count, p, x - QUARTER, y - QUARTER, HALF)
        if q >= 0:
            count = _add(points, owner, count, q, x + QUARTER, y - QUARTER, HALF)
        if r >= 0:
            count = _add(points, owner, count, r, x - QUARTER, y + QUARTER, HALF)
        if o >= 0:
            count = _add(points, owner, count, o, x + QUARTER, y + QUARTER, HALF)
    return count


@njit(**FAST)
def _slopes(xa, ya, xb, yb, xc, yc, at_a, at_b, at_c):
    """Change per pixel, to the right and down, of a quantity with these values at the corners."""
    unit = ONE / ((xc - xa) * (yb - ya) - (xb - xa) * (yc - ya))
    right = at_a * (yc - yb) + at_b * (ya - yc) + at_c * (yb - ya)
    down = at_a * (xc - xb) + at_b * (xa - xc) + at_c * (xb - xa)
    return right * unit, -down * unit


@njit(**FAST)
def _interpolate(points, owner, count, corners, uv, packed):
    """Surface properties of the points, from the corners of their triangles."""
    for k in range(count):
        m = owner[k]
        a, b, c = corners[m, 0], corners[m, 1], corners[m, 2]
        at_a, at_b, at_c = _weights(corners, packed, m, points[PX + k], points[PY + k])
        at_a = max(at_a, ZERO) * packed[a, W]
        at_b = max(at_b, ZERO) * packed[b, W]
        at_c = max(at_c, ZERO) * packed[c, W]
        unit = ONE / (at_a + at_b + at_c)
        at_a, at_b, at_c = at_a * unit, at_b * unit, at_c * unit
        for column in range(8):
            value = at_a * packed[a, SURFACE + column] + at_b * packed[b, SURFACE + column]
            points[NX + column * LENGTH + k] = value + at_c * packed[c, SURFACE + column]
        p, q, r = corners[m, 3], corners[m, 4], corners[m, 5]
        points[U + k] = at_a * uv[p, 0] + at_b * uv[q, 0] + at_c * uv[r, 0]
        points[V + k] = at_a * uv[p, 1] + at_b * uv[q, 1] + at_c * uv[r, 1]
        screen = (packed[a, X], packed[a, Y], packed[b, X], packed[b, Y], packed[c, X], packed[c, Y])
        points[U_RIGHT + k], points[U_DOWN + k] = _slopes(*screen, uv[p, 0], uv[q, 0], uv[r, 0])
        points[V_RIGHT + k], points[V_DOWN + k] = _slopes(*screen, uv[p, 1], uv[q, 1], uv[r, 1])
        caps = (packed[a, CAP_COLUMN], packed[b, CAP_COLUMN], packed[c, CAP_COLUMN])
        points[CAP_RIGHT + k], points[CAP_DOWN + k] = _slopes(*screen, *caps)


@njit(**FAST)
def _texel(texture, u, v):
    """Bilinear interpolation of the three channels, clipped to 0..1."""
    height, width = np.float32(texture.shape[0]), np.float32(texture.shape[1])
    s = min(max(u * width - HALF, ZERO), width - BORDER)
    t = min(max(v * height - HALF, ZERO), height - BORDER)
    i, j = int(t), int(s)
    down, right = t - np.float32(i), s - np.float32(j)
    p, q = (ONE - down) * (ONE - right), (ONE - down) * right
    r, o = down * (ONE - right), down * right
    red = p * texture[i, j, 0] + q * texture[i, j + 1, 0]
    green = p * texture[i, j, 1] + q * texture[i, j + 1, 1]
    blue = p * texture[i, j, 2] + q * texture[i, j + 1, 2]
    red += r * texture[i + 1, j, 0] + o * texture[i + 1, j + 1, 0]
    green += r * texture[i + 1, j, 1] + o * texture[i + 1, j + 1, 1]
    blue += r * texture[i + 1, j, 2] + o * texture[i + 1, j + 1, 2]
    return min(max(red, ZERO), ONE), min(max(green, ZERO), ONE), min(max(blue, ZERO), ONE)


@njit(**FAST)
def _paint(points, count, texture, antialias):
    """Shown albedo of the points: of a whole pixel, the mean at the centres of its quarters."""
    for k in range(count):
        u, v = points[U + k], points[V + k]
        if not antialias or points[WIDTH + k] < ONE:
            points[RED + k], points[GREEN + k], points[BLUE + k] = _texel(texture, u, v)
            continue
        u_right, u_down = QUARTER * points[U_RIGHT + k], QUARTER * points[U_DOWN + k]
        v_right, v_down = QUARTER * points[V_RIGHT + k], QUARTER * points[V_DOWN + k]
        p = _texel(texture, u - u_right - u_down, v - v_right - v_down)
        q = _texel(texture, u + u_right - u_down, v + v_right - v_down)
        r = _texel(texture, u - u_right + u_down, v - v_right + v_down)
        o = _texel(texture, u + u_right + u_down, v + v_right + v_down)
        points[RED + k] = QUARTER * (p[0] + q[0] + r[0] + o[0])
        points[GREEN + k] = QUARTER * (p[1] + q[1] + r[1] + o[1])
        points[BLUE + k] = QUARTER * (p[2] + q[2] + r[2] + o[2])


@njit(**FAST)
def _dress(points, count, optics):
    """Put the swim cap, and its contact shadow on the skin, over the albedo."""
    red, green, blue = optics.cap_colour[0], optics.cap_colour[1], optics.cap_colour[2]
    for k in range(count):
        right, down = points[CAP_RIGHT + k], points[CAP_DOWN + k]
        pixel = points[WIDTH + k] * math.sqrt(right * right + down * down) + TINY
        cap = points[CAP + k]
        step = min(max(cap / pixel + HALF, ZERO), ONE)
        cover = step * step * (THREE - TWO * step)
        # A rim narrower than a pixel becomes wider and fainter, so that it darkens as much.
        rim = max(optics.rim_width, pixel)
        shade = optics.rim_depth * optics.rim_width / rim * min(max(ONE + cap / rim, ZERO), ONE)
        skin = (ONE - cover) * (ONE - shade)
        points[RED + k] = skin * points[RED + k] + cover * red
        points[GREEN + k] = skin * points[GREEN + k] + cover * green
        points[BLUE + k] = skin * points[BLUE + k] + cover * blue
        points[GLOSS + k] += cover * (optics.cap_gloss - points[GLOSS + k])


@njit(**FAST)
def _highlight(facing, grazing, gloss, optics):
    """Specular reflection of a light: normal . half vector and 1 - view . half vector."""
    second = grazing * grazing
    fresnel = optics.reflectance + (ONE - optics.reflectance) * second * second * grazing
    wet = min(max((gloss - optics.wet_from) * optics.wet_rate, ZERO), ONE)
    fourth = facing * facing * facing * facing
    sixteenth = fourth * fourth * fourth * fourth
    wet_lobe = sixteenth * sixteenth * sixteenth * sixteenth * optics.wet_lobe
    return fresnel * gloss * (sixteenth * optics.dry_lobe * (ONE - wet) + wet_lobe * wet)


@njit(**FAST)
def _beam(nx, ny, nz, ex, ey, ez, lx, ly, lz, gloss, optics):
    """Cosine to a light, and its specular reflection; n normal, e to the eye, l to the light."""
    cosine = nx * lx + ny * ly + nz * lz
    hx, hy, hz = lx + ex, ly + ey, lz + ez
    unit = ONE / math.sqrt(hx * hx + hy * hy + hz * hz + TINY)
    facing = max((nx * hx + ny * hy + nz * hz) * unit, ZERO)
    grazing = ONE - (ex * hx + ey * hy + ez * hz) * unit
    shine = _highlight(facing, grazing, gloss, optics)
    return cosine, shine if cosine > ZERO else ZERO


@njit(**FAST)
def _channel(albedo, wrap, sky, to_key, to_fill, key_open, fill_open, shine_key, shine_fill):
    """Display value 0..255 of one colour channel; sky, open and shine are in units of the light."""
    scale = ONE / (ONE + wrap)
    matt = sky + (key_open * max(to_key + wrap, ZERO) + fill_open * max(to_fill + wrap, ZERO)) * scale
    return WHITE * math.sqrt(min(albedo * albedo * matt + shine_key + shine_fill, ONE))


@njit(**FAST)
def _light(points, count, key, size, optics):
    """Turn the albedo of the points into display colours 0..255."""
    kx, ky, kz = key[0], key[1], key[2]
    fx, fy, fz = optics.fill_direction[0], optics.fill_direction[1], optics.fill_direction[2]
    focus = optics.distance / optics.field * size
    for k in range(count):
        nx, ny, nz = points[NX + k], points[NY + k], points[NZ + k]
        unit = ONE / math.sqrt(nx * nx + ny * ny + nz * nz + TINY)
        nx, ny, nz = nx * unit, ny * unit, nz * unit
        ex, ey = (HALF * size - points[PX + k]) / focus, (points[PY + k] - HALF * size) / focus
        ez = ONE / math.sqrt(ex * ex + ey * ey + ONE)
        ex, ey = ex * ez, ey * ez
        gloss, occlusion = points[GLOSS + k], points[OCCLUSION + k]
        to_key, shine_key = _beam(nx, ny, nz, ex, ey, ez, kx, ky, kz, gloss, optics)
        to_fill, shine_fill = _beam(nx, ny, nz, ex, ey, ez, fx, fy, fz, gloss, optics)
        shine_key, shine_fill = shine_key * occlusion * points[SHADOW + k], shine_fill * occlusion
        fill_open = optics.occluded + (ONE - optics.occluded) * occlusion
        key_open = fill_open * points[SHADOW + k]
        sky = optics.ambient_level + optics.ambient_slope * ny
        # Light that bounces about in a crevice of skin turns red: red is occluded less.
        root = math.sqrt(occlusion)
        open_sky = (sky * root * math.sqrt(root), sky * occlusion, sky * occlusion)
        for c in range(3):
            points[RED + c * LENGTH + k] = _channel(
                points[RED + c * LENGTH + k],
                optics.wrap[c],
                optics.ambient[c] * open_sky[c],
                to_key,
                to_fill,
                optics.key[c] * key_open,
                optics.fill[c] * fill_open,
                optics.key[c] * shine_key,
                optics.fill[c] * shine_fill,
            )


@njit(**FAST)
def _compose(points, count, antialias, background, row, start, stop, image, line):
    """Lay the points over the background and round to bytes."""
    for column in range(stop - start):
        for c in range(3):
            line[column, c] = background[c]
    for k in range(count):
        share = QUARTER if antialias and points[WIDTH + k] < ONE else ONE
        column = int(points[PX + k]) - start
        for c in range(3):
            value = points[RED + c * LENGTH + k] - background[c]
            line[column, c] += share * points[FADE + k] * value
    for column in range(stop - start):
        for c in range(3):
            image[row, start + column, c] = np.uint8(line[column, c] + HALF)


@njit(**FAST)
def _shade_face(triangle, nearest, corners, uv, packed, texture, key, background, cap, optics, image):
    size = image.shape[0]
    antialias = triangle.shape[0] > size
    points, owner = np.empty(CHANNELS * LENGTH, np.float32), np.empty(LENGTH, np.int32)
    line = np.empty((SEGMENT, 3), np.float32)
    width = np.float32(size)
    for row in range(size):
        for start in range(0, size, SEGMENT):
            stop = min(start + SEGMENT, size)
            if antialias:
                count = _points_of_quads(
                    triangle, nearest, corners, packed, row, start, stop, width, optics, points, owner
                )
            else:
                count = _points_of_samples(triangle, row, start, stop, points, owner)
            _interpolate(points, owner, count, corners, uv, packed)
            _paint(points, count, texture, antialias)
            if cap:
                _dress(points, count, optics)
            _light(points, count, key, width, optics)
            _compose(points, count, antialias, background, row, start, stop, image, line)


@njit(parallel=True, **FAST)
def shade(turned, normals, triangle, nearest, corners, uv, attributes, shadow, texture, key, background, cap, optics, image):
    """Fill `image` (n, size, size, 3) in place."""
    for face in prange(image.shape[0]):
        size = np.float32(image.shape[1])
        packed = np.empty((turned.shape[1], COLUMNS), np.float32)
        _pack(turned[face], normals[face], attributes, shadow[face], size, optics[0], packed)
        _shade_face(
            triangle[face],
            nearest[face],
            corners,
            uv,
            packed,
            texture[min(np.int64(face), texture.shape[0] - 1)],
            key[face],
            background,
            cap,
            optics[0],
            image[face],
        )
