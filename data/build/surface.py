"""What varies over the head but not between people: regions, cap, gloss, the neck's end."""

import numpy as np
from atlas import Atlas
from head import EYES, MOUTH, NECK, SKIN, TEETH, Head

from kit.faces.regions import NAMES as REGIONS

ELSEWHERE = 255  # scalp, neck and the inside of the mouth belong to no region
CAP_THICKNESS = 2.4  # mm
# The edge of the swim cap: height y over depth z, forehead to nape, just above the ears.
CAP_Z = np.array([-90, -40, 10, 55, 90, 130.0])
CAP_Y = np.array([2, 28, 55, 67, 80, 90.0])


def regions(base: np.ndarray, head: Head, ears: np.ndarray) -> np.ndarray:
    """Index into REGIONS of each vertex (v,), by boxes and ellipses on the base mesh.

    Later rules win. `ears` (v,) is MakeHuman's ear mask at the vertices.
    """
    ax, y, z = np.abs(base[:, 0]), base[:, 1], base[:, 2]
    out = np.full(len(base), ELSEWHERE, np.uint8)
    front = (z > 40) & (y > -75) & (y < 92)

    def put(name, where):
        out[where & front] = REGIONS.index(name)

    put("contour", (ax > 42) & (z > 20))
    put("forehead", (y > 52) & (ax < 62))
    put("cheeks", (ax > 14) & (ax < 58) & (y > -42) & (y < 22) & (z > 58))
    put("contour", ((ax > 58) | (z < 62)) & (y < 52))
    put("chin", (ax < 34) & (y < -42))
    put("mouth", ((ax / 31) ** 2 + ((y + 28) / 15) ** 2) < 1)
    put("nose", (ax < 20 - 0.22 * np.clip(y + 15, 0, 60)) & (y > -20) & (y < 38))
    put("brows", (ax < 55) & (ax > 5) & (y > 39) & (y < 56))
    put("eyes", (((ax - 31) / 20) ** 2 + ((y - 28) / 12) ** 2) < 1)
    out[ears > 0.5] = REGIONS.index("ears")
    out[head.vertices_of(EYES)] = REGIONS.index("eyes")
    out[head.vertices_of(MOUTH, TEETH, NECK)] = ELSEWHERE
    return out


def region_map(atlas: Atlas, head: Head, labels: np.ndarray) -> np.ndarray:
    """The region of each texel (h, w): that of the nearest vertex of its triangle."""
    corner = np.take_along_axis(head.triangles[atlas.owner], atlas.weights.argmax(-1)[..., None], -1)[..., 0]
    out = labels[corner]
    out[atlas.eye] = REGIONS.index("eyes")
    out[atlas.mouth | atlas.teeth] = ELSEWHERE
    return out


def at_vertices(picture: np.ndarray, head: Head) -> np.ndarray:
    """A picture over the atlas (h, w), looked up at the vertices (v,); 0 off the skin."""
    out = np.zeros(head.triangles.max() + 1)
    skin = np.isin(head.part, (SKIN, NECK))
    column, row = np.clip(head.uv[head.uv_triangles[skin]].astype(int), 0, picture.shape[0] - 1).T
    out[head.triangles[skin].ravel()] = picture[row.T.ravel(), column.T.ravel()]
    return out


def cap_distance(base: np.ndarray, head: Head) -> np.ndarray:
    """Signed distance (v,) in mm to the cap's edge, > 0 under the cap."""
    out = 0.85 * (base[:, 1] - np.interp(base[:, 2], CAP_Z, CAP_Y))
    out[head.vertices_of(EYES, MOUTH, TEETH, NECK)] = -50
    return np.clip(out, -50, 50)


def cap_offset(distance: np.ndarray, normals: np.ndarray) -> np.ndarray:
    """Displacement (v, 3) in mm by the fabric's thickness."""
    return CAP_THICKNESS * np.clip(distance / 5, 0, 1)[:, None] * normals


def gloss(base: np.ndarray, head: Head, lips: np.ndarray) -> np.ndarray:
    """Specular strength (v,): moist eyes and lips, an oily T-zone, dull cheeks and neck."""
    ax = np.abs(base[:, 0])

    def blob(centre, radii):
        return np.exp(-((((np.stack([ax, base[:, 1], base[:, 2]], 1) - centre) / radii) ** 2).sum(1)))

    out = np.full(len(base), 0.40)
    out += 0.28 * blob((0, -5, 132), (13, 12, 15)) + 0.14 * blob((0, 75, 115), (40, 25, 30))
    out += 0.10 * blob((45, 0, 105), (18, 15, 20)) + 0.35 * lips
    out[base[:, 1] < -70] *= 0.6
    out[head.vertices_of(EYES)] = 2.2
    out[head.vertices_of(MOUTH, TEETH)] = 0.1
    return out


def fade(base: np.ndarray) -> np.ndarray:
    """Opacity (v,): the neck dissolves into the background before the shoulders begin."""
    depth = base[:, 1] - 0.9 * np.clip(np.abs(base[:, 0]) - 52, 0, None) * (base[:, 1] < -60)
    t = np.clip((depth + 128) / 24, 0, 1)
    return t * t * (3 - 2 * t)
