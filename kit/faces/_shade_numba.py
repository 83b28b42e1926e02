"""The compiled half of shading: the colours of the pixels, in parallel over faces.

`_render_numpy.shade` says the same in array operations; the tests hold the two together. This file
imports no other compiled code: numba's disk cache looks at one file's date only.

A picture is shaded in strips of SEGMENT pixels of a row. Each strip asks for up to four points a
pixel: the centre where the pixel's samples lie on one smooth surface, else every sample. What is known
about the points stands in one flat array, a channel of LENGTH numbers after the other; with constant
distances between channels LLVM can compute several points at a time.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit, prange

FAST = dict(cache=True, fastmath=True, error_model="numpy", nogil=True)

ZERO, QUARTER, HALF, ONE = np.float32(0), np.float32(0.25), np.float32(0.5), np.float32(1)
TWO, THREE, WHITE = np.float32(2), np.float32(3), np.float32(255)
TINY, BORDER = np.float32(1e-12), np.float32(1.001)

# Packed vertices: screen x, y, w, then the eight channels NX .. SHADOW; one cache line each.
SURFACE, CAP_COLUMN, COLUMNS = 3, 9, 11
PART = 6  # column of Mesh.corners

SEGMENT = 64
LENGTH = 4 * SEGMENT
CHANNELS = 24
PX, PY, WIDTH, NX, NY, NZ, OCCLUSION, GLOSS, FADE, CAP, SHADOW = range(0, 11 * LENGTH, LENGTH)
U, V, U_RIGHT, U_DOWN, V_RIGHT, V_DOWN, CAP_STEP = range(11 * LENGTH, 18 * LENGTH, LENGTH)
TO_KEY, TO_FILL, SHINE = range(18 * LENGTH, 21 * LENGTH, LENGTH)
RED, GREEN, BLUE = range(21 * LENGTH, 24 * LENGTH, LENGTH)


@njit(**FAST)
def _pack(screen, normals, attributes, shadow):
    packed = np.empty((screen.shape[0], COLUMNS), np.float32)
    for i in range(screen.shape[0]):
        for axis in range(3):
            packed[i, axis] = screen[i, axis]
            packed[i, SURFACE + axis] = normals[i, axis]
        for column in range(4):
            packed[i, SURFACE + 3 + column] = attributes[i, column]
        packed[i, SURFACE + 7] = shadow[i]
    return packed


@njit(**FAST)
def _weights(corners, packed, m, x, y):
    """Barycentric coordinates on the screen (before perspective) of a point in triangle m."""
    a, b, c = corners[m, 0], corners[m, 1], corners[m, 2]
    xa, ya = packed[a, 0] - x, packed[a, 1] - y
    xb, yb = packed[b, 0] - x, packed[b, 1] - y
    xc, yc = packed[c, 0] - x, packed[c, 1] - y
    at_a, at_b, at_c = xc * yb - xb * yc, xa * yc - xc * ya, xb * ya - xa * yb
    unit = ONE / (at_a + at_b + at_c)
    return at_a * unit, at_b * unit, at_c * unit


@njit(**FAST)
def _central(corners, packed, ids, x, y):
    """Which of four triangles holds the point, or comes nearest to it."""
    best, margin = ids[0], -WHITE
    if ids[1] == best and ids[2] == best and ids[3] == best:
        return best
    for m in ids:
        at_a, at_b, at_c = _weights(corners, packed, m, x, y)
        inside = min(at_a, min(at_b, at_c))
        if inside > margin:
            best, margin = m, inside
    return best


@njit(**FAST)
def _smooth(corners, ids, w, size, optics):
    """Whether four samples lie on one continuous surface."""
    part = corners[ids[0], PART]
    if corners[ids[1], PART] != part or corners[ids[2], PART] != part or corners[ids[3], PART] != part:
        return False
    low, high = min(min(w[0], w[1]), min(w[2], w[3])), max(max(w[0], w[1]), max(w[2], w[3]))
    return (high - low) * size * optics.distance < optics.edge_depth * optics.field * low


@njit(**FAST)
def _add(points, owner, count, m, x, y, width):
    owner[count] = m
    points[PX + count], points[PY + count], points[WIDTH + count] = x, y, width
    return count + 1


@njit(**FAST)
def _list_samples(triangle, row, start, stop, points, owner):
    """List the points to shade where each pixel has one sample."""
    count = 0
    for column in range(start, stop):
        if triangle[row, column] >= 0:
            x, y = np.float32(column) + HALF, np.float32(row) + HALF
            count = _add(points, owner, count, triangle[row, column], x, y, ONE)
    return count


@njit(**FAST)
def _list_quads(triangle, nearness, corners, packed, row, start, stop, optics, points, owner):
    """List the points to shade where each pixel has four samples."""
    count, i, size = 0, 2 * row, HALF * np.float32(triangle.shape[0])
    for column in range(start, stop):
        j = 2 * column
        ids = (triangle[i, j], triangle[i, j + 1], triangle[i + 1, j], triangle[i + 1, j + 1])
        if max(max(ids[0], ids[1]), max(ids[2], ids[3])) < 0:
            continue
        x, y = np.float32(column) + HALF, np.float32(row) + HALF
        w = (nearness[i, j], nearness[i, j + 1], nearness[i + 1, j], nearness[i + 1, j + 1])
        all_hit = min(min(ids[0], ids[1]), min(ids[2], ids[3])) >= 0
        if all_hit and _smooth(corners, ids, w, size, optics):
            m = _central(corners, packed, ids, x, y)
            count = _add(points, owner, count, m, x, y, ONE)
            continue
        for k in range(4):
            if ids[k] >= 0:
                dx, dy = HALF * np.float32(k & 1) - QUARTER, HALF * np.float32(k >> 1) - QUARTER
                count = _add(points, owner, count, ids[k], x + dx, y + dy, HALF)
    return count


@njit(**FAST)
def _slopes(packed, a, b, c, at_a, at_b, at_c):
    """Change per pixel, to the right and down, of a quantity with these values at the corners."""
    xa, ya, xb, yb = packed[a, 0], packed[a, 1], packed[b, 0], packed[b, 1]
    xc, yc = packed[c, 0], packed[c, 1]
    unit = ONE / ((xc - xa) * (yb - ya) - (xb - xa) * (yc - ya))
    right = at_a * (yc - yb) + at_b * (ya - yc) + at_c * (yb - ya)
    down = at_a * (xc - xb) + at_b * (xa - xc) + at_c * (xb - xa)
    return right * unit, -down * unit


@njit(**FAST)
def _interpolate(points, owner, count, corners, uv, packed):
    """Surface properties of the points, from the corners of their triangles."""
    for k in range(count):
        m = owner[k]
        a, b, c, p, q, r = (corners[m, 0], corners[m, 1], corners[m, 2], corners[m, 3], corners[m, 4], corners[m, 5])
        at_a, at_b, at_c = _weights(corners, packed, m, points[PX + k], points[PY + k])
        # The nearest triangle may miss the centre of its pixel by a hair: stay inside it.
        at_a, at_b, at_c = max(at_a, ZERO) * packed[a, 2], max(at_b, ZERO) * packed[b, 2], max(at_c, ZERO) * packed[c, 2]
        unit = ONE / (at_a + at_b + at_c)
        at_a, at_b, at_c = at_a * unit, at_b * unit, at_c * unit
        for column in range(8):
            value = at_a * packed[a, SURFACE + column] + at_b * packed[b, SURFACE + column]
            points[NX + column * LENGTH + k] = value + at_c * packed[c, SURFACE + column]
        unit = ONE / math.sqrt(points[NX + k] ** 2 + points[NY + k] ** 2 + points[NZ + k] ** 2 + TINY)
        for axis in range(3):
            points[NX + axis * LENGTH + k] *= unit
        points[U + k] = at_a * uv[p, 0] + at_b * uv[q, 0] + at_c * uv[r, 0]
        points[V + k] = at_a * uv[p, 1] + at_b * uv[q, 1] + at_c * uv[r, 1]
        points[U_RIGHT + k], points[U_DOWN + k] = _slopes(packed, a, b, c, uv[p, 0], uv[q, 0], uv[r, 0])
        points[V_RIGHT + k], points[V_DOWN + k] = _slopes(packed, a, b, c, uv[p, 1], uv[q, 1], uv[r, 1])
        caps = packed[a, CAP_COLUMN], packed[b, CAP_COLUMN], packed[c, CAP_COLUMN]
        right, down = _slopes(packed, a, b, c, caps[0], caps[1], caps[2])
        points[CAP_STEP + k] = math.sqrt(right * right + down * down)


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
def _dress(points, count, red, green, blue, optics):
    """Put the swim cap, and its contact shadow on the skin, over the albedo."""
    for k in range(count):
        pixel, cap = points[WIDTH + k] * points[CAP_STEP + k] + TINY, points[CAP + k]
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
    square = grazing * grazing
    fresnel = optics.reflectance + (ONE - optics.reflectance) * square * square * grazing
    wet = min(max((gloss - optics.wet_from) * optics.wet_rate, ZERO), ONE)
    dry_lobe = facing * facing * facing * facing
    dry_lobe *= dry_lobe * dry_lobe * dry_lobe
    wet_lobe = dry_lobe * dry_lobe
    wet_lobe *= wet_lobe * wet_lobe * wet_lobe
    return fresnel * gloss * ((ONE - wet) * optics.dry_lobe * dry_lobe + wet * optics.wet_lobe * wet_lobe)


@njit(**FAST)
def _meet(points, count, kx, ky, kz, fx, fy, fz, size, optics):
    """How the points meet the lights: cosines to key and fill, specular reflection of the key."""
    focus = optics.distance / optics.field * size
    for k in range(count):
        nx, ny, nz = points[NX + k], points[NY + k], points[NZ + k]
        ex, ey = (HALF * size - points[PX + k]) / focus, (points[PY + k] - HALF * size) / focus
        ez = ONE / math.sqrt(ex * ex + ey * ey + ONE)
        ex, ey = ex * ez, ey * ez
        hx, hy, hz = kx + ex, ky + ey, kz + ez
        unit = ONE / math.sqrt(hx * hx + hy * hy + hz * hz + TINY)
        facing = max((nx * hx + ny * hy + nz * hz) * unit, ZERO)
        grazing = ONE - (ex * hx + ey * hy + ez * hz) * unit
        glint = _highlight(facing, grazing, points[GLOSS + k], optics) * points[OCCLUSION + k]
        cosine = nx * kx + ny * ky + nz * kz
        points[SHINE + k] = glint * points[SHADOW + k] if cosine > ZERO else ZERO
        points[TO_KEY + k], points[TO_FILL + k] = cosine, nx * fx + ny * fy + nz * fz


@njit(**FAST)
def _expose(points, count, channel, wrap, key, fill, ambient, bounce, optics):
    """Turn the albedo of one colour channel into display values 0..255."""
    unit = ONE / (ONE + wrap)
    for k in range(count):
        occlusion, albedo = points[OCCLUSION + k], points[channel + k]
        sky = (optics.ambient_level + optics.ambient_slope * points[NY + k]) * occlusion
        sky *= ONE + bounce * (ONE - occlusion)
        crevice = (optics.occluded + (ONE - optics.occluded) * occlusion) * unit
        matt = ambient * sky + fill * crevice * max(points[TO_FILL + k] + wrap, ZERO)
        matt += key * points[SHADOW + k] * crevice * max(points[TO_KEY + k] + wrap, ZERO)
        points[channel + k] = WHITE * math.sqrt(min(albedo * albedo * matt + key * points[SHINE + k], ONE))


@njit(**FAST)
def _light(points, count, key, size, optics):
    """Turn the albedo of the points into display colours 0..255."""
    front = optics.fill_direction
    _meet(points, count, key[0], key[1], key[2], front[0], front[1], front[2], size, optics)
    wrap, beam, fill, sky, bounce = optics.wrap, optics.key, optics.fill, optics.ambient, optics.bounce
    _expose(points, count, RED, wrap[0], beam[0], fill[0], sky[0], bounce[0], optics)
    _expose(points, count, GREEN, wrap[1], beam[1], fill[1], sky[1], bounce[1], optics)
    _expose(points, count, BLUE, wrap[2], beam[2], fill[2], sky[2], bounce[2], optics)


@njit(**FAST)
def _compose(points, count, antialias, background, start, line, pixels):
    """Lay the points over the background and round to bytes."""
    for column in range(pixels.shape[0]):
        for c in range(3):
            line[column, c] = background[c]
    for k in range(count):
        share = QUARTER if antialias and points[WIDTH + k] < ONE else ONE
        column = int(points[PX + k]) - start
        for c in range(3):
            value = points[RED + c * LENGTH + k] - background[c]
            line[column, c] += share * points[FADE + k] * value
    for column in range(pixels.shape[0]):
        for c in range(3):
            pixels[column, c] = np.uint8(line[column, c] + HALF)


@njit(**FAST)
def _face(triangle, nearness, corners, uv, packed, texture, key, background, cap, optics, image):
    size, colour = np.float32(image.shape[0]), optics.cap_colour
    antialias = triangle.shape[0] > image.shape[0]
    points, owner = np.empty(CHANNELS * LENGTH, np.float32), np.empty(LENGTH, np.int32)
    line = np.empty((SEGMENT, 3), np.float32)
    for row in range(image.shape[0]):
        for start in range(0, image.shape[0], SEGMENT):
            stop = min(start + SEGMENT, image.shape[0])
            where = row, start, stop
            if antialias:
                count = _list_quads(triangle, nearness, corners, packed, *where, optics, points, owner)
            else:
                count = _list_samples(triangle, *where, points, owner)
            _interpolate(points, owner, count, corners, uv, packed)
            _paint(points, count, texture, antialias)
            if cap:
                _dress(points, count, colour[0], colour[1], colour[2], optics)
            _light(points, count, key, size, optics)
            _compose(points, count, antialias, background, start, line, image[row, start:stop])


@njit(parallel=True, **FAST)
def shade(
    screen, normals, triangle, nearness, corners, uv, attributes, shadow, texture, key, background, cap, optics, image
):
    """Fill `image` (n, size, size, 3) in place."""
    for f in prange(image.shape[0]):
        packed = _pack(screen[f], normals[f], attributes, shadow[f])
        skin = texture[min(np.int64(f), texture.shape[0] - 1)]
        face = triangle[f], nearness[f], corners, uv, packed, skin, key[f]
        _face(*face, background, cap, optics[0], image[f])
