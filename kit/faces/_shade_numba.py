"""The compiled half of shading: the colours of the pixels, one face at a time.

`_render_numpy.shade` says the same in array operations; the tests hold the two together. This file
imports no other compiled code: numba's disk cache looks at one file's date only.

A picture is shaded in strips of up to LENGTH samples of a row. What is known about the samples that
see something stands in one flat array, a channel of LENGTH numbers after the other; with constant
distances between channels LLVM can compute several samples at a time.
"""

from __future__ import annotations

import math

import numpy as np

from kit.compiled import compiled

FAST = dict(fastmath={"nnan", "ninf", "nsz"}, error_model="numpy", nogil=True)  # as in _raster_numba.py, and why

ZERO, HALF, ONE = np.float32(0), np.float32(0.5), np.float32(1)
TWO, THREE, WHITE = np.float32(2), np.float32(3), np.float32(255)
TINY, BORDER = np.float32(1e-12), np.float32(1.001)

# Packed vertices: screen x, y, w, then the eight channels NX .. SHADOW; one cache line each.
SURFACE, CAP_COLUMN, COLUMNS = 3, 9, 11

LENGTH = 128
CHANNELS = 18
PX, NX, NY, NZ, OCCLUSION, GLOSS, FADE, CAP, SHADOW = range(0, 9 * LENGTH, LENGTH)
U, V, CAP_STEP, TO_KEY, TO_FILL, SHINE, RED, GREEN, BLUE = range(9 * LENGTH, 18 * LENGTH, LENGTH)


@compiled(**FAST)
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


@compiled(**FAST)
def _list(triangle, start, points, owner):
    """List what the samples of a strip see: triangle and column of each hit; their number."""
    count = 0
    for column in range(start, min(start + LENGTH, triangle.shape[0])):
        if triangle[column] >= 0:
            owner[count], points[PX + count] = triangle[column], np.float32(column)
            count += 1
    return count


@compiled(**FAST)
def _weights(packed, a, b, c, x, y):
    """Barycentric coordinates on the surface of the point of triangle (a, b, c) seen at (x, y)."""
    xa, ya = packed[a, 0] - x, packed[a, 1] - y
    xb, yb = packed[b, 0] - x, packed[b, 1] - y
    xc, yc = packed[c, 0] - x, packed[c, 1] - y
    # Absolute values, because a triangle may miss the point, or face away, by the width of the
    # rasteriser's grid; TINY, because it may have no area at all.
    at_a = (abs(xc * yb - xb * yc) + TINY) * packed[a, 2]
    at_b = (abs(xa * yc - xc * ya) + TINY) * packed[b, 2]
    at_c = (abs(xb * ya - xa * yb) + TINY) * packed[c, 2]
    unit = ONE / (at_a + at_b + at_c)
    return at_a * unit, at_b * unit, at_c * unit


@compiled(**FAST)
def _steepness(packed, a, b, c, column):
    """Change per pixel of a vertex property within triangle (a, b, c)."""
    ux, uy = packed[b, 0] - packed[a, 0], packed[b, 1] - packed[a, 1]
    vx, vy = packed[c, 0] - packed[a, 0], packed[c, 1] - packed[a, 1]
    du, dv = packed[b, column] - packed[a, column], packed[c, column] - packed[a, column]
    right, down = du * vy - dv * uy, dv * ux - du * vx
    return math.sqrt(right * right + down * down) / (abs(ux * vy - vx * uy) + TINY)


@compiled(**FAST)
def _interpolate(points, owner, count, y, spacing, corners, uv, packed):
    """Surface properties of the samples, from the corners of their triangles."""
    for k in range(count):
        m = owner[k]
        a, b, c = corners[m, 0], corners[m, 1], corners[m, 2]
        p, q, r = corners[m, 3], corners[m, 4], corners[m, 5]
        points[PX + k] = (points[PX + k] + HALF) * spacing
        at_a, at_b, at_c = _weights(packed, a, b, c, points[PX + k], y)
        for column in range(8):
            value = at_a * packed[a, SURFACE + column] + at_b * packed[b, SURFACE + column]
            points[NX + column * LENGTH + k] = value + at_c * packed[c, SURFACE + column]
        unit = ONE / math.sqrt(points[NX + k] ** 2 + points[NY + k] ** 2 + points[NZ + k] ** 2 + TINY)
        for axis in range(3):
            points[NX + axis * LENGTH + k] *= unit
        points[U + k] = at_a * uv[p, 0] + at_b * uv[q, 0] + at_c * uv[r, 0]
        points[V + k] = at_a * uv[p, 1] + at_b * uv[q, 1] + at_c * uv[r, 1]
        points[CAP_STEP + k] = _steepness(packed, a, b, c, CAP_COLUMN) * spacing


@compiled(**FAST)
def _paint(points, count, texture):
    """Shown albedo of the samples: bilinear interpolation of the texture, clipped to 0..1."""
    height, width = np.float32(texture.shape[0]), np.float32(texture.shape[1])
    for k in range(count):
        s = min(max(points[U + k] * width - HALF, ZERO), width - BORDER)
        t = min(max(points[V + k] * height - HALF, ZERO), height - BORDER)
        i, j = int(t), int(s)
        down, right = t - np.float32(i), s - np.float32(j)
        p, q = (ONE - down) * (ONE - right), (ONE - down) * right
        r, o = down * (ONE - right), down * right
        for c in range(3):
            upper = p * texture[i, j, c] + q * texture[i, j + 1, c]
            value = upper + r * texture[i + 1, j, c] + o * texture[i + 1, j + 1, c]
            points[RED + c * LENGTH + k] = min(max(value, ZERO), ONE)


@compiled(**FAST)
def _dress(points, count, red, green, blue, optics):
    """Put the swim cap, and its contact shadow on the skin, over the albedo."""
    for k in range(count):
        pixel, cap = points[CAP_STEP + k] + TINY, points[CAP + k]
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


@compiled(**FAST)
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


@compiled(**FAST)
def _meet(points, count, y, kx, ky, kz, fx, fy, fz, size, optics):
    """How the samples meet the lights: cosines to key and fill, specular reflection of the key."""
    focus = optics.distance / optics.field * size
    for k in range(count):
        nx, ny, nz = points[NX + k], points[NY + k], points[NZ + k]
        ex, ey = (HALF * size - points[PX + k]) / focus, (y - HALF * size) / focus
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


@compiled(**FAST)
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


@compiled(**FAST)
def _light(points, count, y, key, size, optics):
    """Turn the albedo of the samples into display colours 0..255."""
    front = optics.fill_direction
    _meet(points, count, y, key[0], key[1], key[2], front[0], front[1], front[2], size, optics)
    wrap, beam, fill, sky, bounce = optics.wrap, optics.key, optics.fill, optics.ambient, optics.bounce
    _expose(points, count, RED, wrap[0], beam[0], fill[0], sky[0], bounce[0], optics)
    _expose(points, count, GREEN, wrap[1], beam[1], fill[1], sky[1], bounce[1], optics)
    _expose(points, count, BLUE, wrap[2], beam[2], fill[2], sky[2], bounce[2], optics)


@compiled(**FAST)
def _add(points, count, spacing, background, line):
    """Lay the samples over the background, each with its share of a pixel."""
    for k in range(count):
        share, column = spacing * spacing * points[FADE + k], int(points[PX + k])
        for c in range(3):
            line[column, c] += share * (points[RED + c * LENGTH + k] - background[c])


@compiled(**FAST)
def _draw(triangle, corners, uv, packed, texture, key, background, cap, optics, image):
    size, colour = np.float32(image.shape[0]), optics.cap_colour
    samples = triangle.shape[0] // image.shape[0]
    spacing = ONE / np.float32(samples)
    points, owner = np.empty(CHANNELS * LENGTH, np.float32), np.empty(LENGTH, np.int32)
    line = np.empty((image.shape[0], 3), np.float32)
    for row in range(image.shape[0]):
        for column in range(image.shape[0]):
            for c in range(3):
                line[column, c] = background[c]
        for sub_row in range(row * samples, (row + 1) * samples):
            y = (np.float32(sub_row) + HALF) * spacing
            for start in range(0, triangle.shape[0], LENGTH):
                count = _list(triangle[sub_row], start, points, owner)
                _interpolate(points, owner, count, y, spacing, corners, uv, packed)
                _paint(points, count, texture)
                if cap:
                    _dress(points, count, colour[0], colour[1], colour[2], optics)
                _light(points, count, y, key, size, optics)
                _add(points, count, spacing, background, line)
        for column in range(image.shape[0]):
            for c in range(3):
                image[row, column, c] = np.uint8(line[column, c] + HALF)


@compiled(**FAST)
def shade(screen, normals, triangle, corners, uv, attributes, shadow, texture, key, background, cap, optics, image):
    """Fill `image` (size, size, 3) of one face in place."""
    packed = _pack(screen, normals, attributes, shadow)
    _draw(triangle, corners, uv, packed, texture, key, background, cap, optics[0], image)
