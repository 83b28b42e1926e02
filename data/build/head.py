"""Cut a head out of the MakeHuman body: vertices, triangles and a 256 x 256 texture atlas."""

from dataclasses import dataclass

import numpy as np
from makehuman import BaseMesh
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

SIZE = 256  # side of the atlas in texels
FACE_ROWS = 204  # rows of the atlas that the face's chart takes
EYE_CENTRE, EYE_RADIUS = (190.0, 230.0), 24.0  # the disc of the eyes in the atlas (column, row)
MOUTH_TEXEL, TEETH_TEXEL = (236.0, 246.0), (248.0, 246.0)
EYE_RINGS = np.array([4, 9, 14, 19, 22.5, 25.5, 31, 42, 58, 78, 105.0])  # degrees from the pupil's centre
EYE_SECTORS = 28
EYE_EDGE = 105.0
CORNEA_BULGE = 0.035
NECK_BOTTOM, NECK_HALF_WIDTH = -138.0, 95.0  # mm
SKIN, MOUTH, TEETH, EYES, NECK = range(5)  # parts


@dataclass(frozen=True)
class Head:
    """Topology and atlas of the head; `take` maps the body's vertices to the head's.

    vertex_ids (b,) of the base mesh, then two eyeballs are appended; triangles (t, 3); part (t,);
    uv (u, 2) in texels (column, row); uv_triangles (t, 3); source_uv (u, 2) on the MakeHuman chart
    (nan where the atlas has its own patch); eye_vertices: two index arrays of the base mesh.
    """

    vertex_ids: np.ndarray
    triangles: np.ndarray
    part: np.ndarray
    uv: np.ndarray
    uv_triangles: np.ndarray
    source_uv: np.ndarray
    eye_vertices: tuple[np.ndarray, np.ndarray]
    eye_extremes: tuple[tuple[int, int], tuple[int, int]]

    def take(self, field: np.ndarray) -> np.ndarray:
        """Positions or displacements of the base mesh (b, 3) -> of the head (v, 3). Linear."""
        cap, _, _ = eyeball()
        eyes = []
        for ids, (right, left) in zip(self.eye_vertices, self.eye_extremes):
            radius = (field[right, 0] - field[left, 0]) / 2
            eyes.append(field[ids].mean(0) + cap * radius)
        return np.concatenate([field[self.vertex_ids], *eyes])

    def vertices_of(self, *parts: int) -> np.ndarray:
        return np.unique(self.triangles[np.isin(self.part, parts)])


def eyeball() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Front of a unit eyeball with a cornea: points (e, 3), polar angles (e, 2) in degrees, triangles.

    Rings lie on the borders of pupil and iris, so that these stay round.
    """
    theta, phi = np.meshgrid(EYE_RINGS, np.arange(EYE_SECTORS) * 360 / EYE_SECTORS, indexing="ij")
    angles = np.concatenate([[[0.0, 0.0]], np.stack([theta.ravel(), phi.ravel()], 1)])
    t, p = np.radians(angles).T
    points = np.stack([np.sin(t) * np.cos(p), np.sin(t) * np.sin(p), np.cos(t)], 1)
    points *= 1 + CORNEA_BULGE * np.exp(-((angles[:, :1] / 26) ** 4))
    return points, angles, _fan_and_rings()


def _fan_and_rings() -> np.ndarray:
    s = np.arange(EYE_SECTORS)
    following = (s + 1) % EYE_SECTORS
    out = [np.stack([0 * s, 1 + s, 1 + following], 1)]
    for ring in range(len(EYE_RINGS) - 1):
        inner, outer = 1 + ring * EYE_SECTORS, 1 + (ring + 1) * EYE_SECTORS
        out.append(np.stack([inner + s, outer + s, outer + following], 1))
        out.append(np.stack([inner + s, outer + following, inner + following], 1))
    return np.concatenate(out)


def cut_head(base: BaseMesh) -> Head:
    """Select face, neck, mouth and upper teeth, add eyeballs, and lay out the atlas."""
    quads = _select(base)
    faces = {part: base.faces[index] for part, index in quads.items()}
    vertex_ids = np.unique(np.concatenate([f.ravel() for f in faces.values()]))
    local = np.full(len(base.vertices), -1)
    local[vertex_ids] = np.arange(len(vertex_ids))
    cap, _, eye_triangles = eyeball()
    blocks = [_split(local[f]) for f in faces.values()]
    parts = [np.full(len(b), part) for part, b in zip(faces, blocks)]
    for k in range(2):
        blocks.append(len(vertex_ids) + k * len(cap) + eye_triangles)
        parts.append(np.full(len(eye_triangles), EYES))
    uv, uv_triangles, source = _atlas(base, quads, eye_triangles)
    eyes = [np.unique(base.faces[base.group == f"helper-{side}-eye"]) for side in "lr"]
    extremes = [(e[base.vertices[e, 0].argmax()], e[base.vertices[e, 0].argmin()]) for e in eyes]
    return Head(vertex_ids, np.concatenate(blocks), np.concatenate(parts), uv, uv_triangles, source,
                tuple(eyes), tuple(extremes))  # fmt: skip


def _split(quads: np.ndarray) -> np.ndarray:
    """Quads (q, 4) -> triangles (2q, 3)."""
    return np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])


def _select(base: BaseMesh) -> dict[int, np.ndarray]:
    """Face indices of each part. The head is the UV island that holds the nose's tip."""
    body = np.flatnonzero(base.group == "body")
    island = _uv_islands(base.uv_faces[body], len(base.uv))
    labels, counts = np.unique(island, return_counts=True)
    by_size = {int(c): body[island == label] for label, c in zip(labels, counts)}
    torso = by_size[3938]
    centre = base.vertices[base.faces[torso]].mean(1)
    keep = (centre[:, 1] > NECK_BOTTOM) & (np.abs(centre[:, 0]) < NECK_HALF_WIDTH)
    teeth = np.flatnonzero(base.group == "helper-upper-teeth")
    return {SKIN: by_size[3116], NECK: torso[keep], MOUTH: by_size[398], TEETH: teeth}


def _uv_islands(uv_faces: np.ndarray, n: int) -> np.ndarray:
    edges = np.concatenate([uv_faces[:, [0, 1]], uv_faces[:, [1, 2]], uv_faces[:, [2, 3]]])
    graph = coo_matrix((np.ones(len(edges)), edges.T), (n, n))
    return connected_components(graph, directed=False)[1][uv_faces[:, 0]]


def _atlas(base, quads, eye_triangles):
    """Corners of the atlas in texels, triangles into them, and where each lies on MakeHuman's chart."""
    face_ids, face = np.unique(base.uv_faces[quads[SKIN]], return_inverse=True)
    neck_ids, neck = np.unique(base.uv_faces[quads[NECK]], return_inverse=True)
    uv = [_face_chart(base, quads[SKIN], face_ids), _neck_chart(base.uv[neck_ids])]
    triangles = [_split(face.reshape(-1, 4)), _split(neck.reshape(-1, 4)) + len(face_ids)]
    count = len(face_ids) + len(neck_ids)
    for part, texel in ((MOUTH, MOUTH_TEXEL), (TEETH, TEETH_TEXEL)):
        uv.append(np.array([texel]))
        triangles.append(np.full((2 * len(quads[part]), 3), count))
        count += 1
    uv.append(_eye_chart())
    triangles += [eye_triangles + count, eye_triangles + count]
    uv = np.concatenate(uv)
    source = np.full((len(uv), 2), np.nan)
    source[: len(face_ids) + len(neck_ids)] = base.uv[np.concatenate([face_ids, neck_ids])]
    return uv, np.concatenate(triangles), source


def _face_chart(base: BaseMesh, quads: np.ndarray, ids: np.ndarray) -> np.ndarray:
    """MakeHuman's face chart turned upright and warped: eyes, nose and mouth get most texels."""
    uv = base.uv[ids]
    x = np.zeros(len(base.uv))
    x[base.uv_faces[quads].ravel()] = base.vertices[base.faces[quads].ravel(), 0]
    sign = np.sign(np.corrcoef(uv[:, 1], x[ids])[0, 1])
    low, high = uv.min(0), uv.max(0)
    across = sign * (2 * (uv[:, 1] - low[1]) / (high[1] - low[1]) - 1)
    down = (uv[:, 0] - low[0]) / (high[0] - low[0])  # 0 at the crown, 1 at the throat
    nose, place = 0.66, 0.58  # the nose's place on the old and on the new chart
    row = np.where(
        down < nose,
        place + place * _denser((down - nose) / nose, 6.0),
        place + (1 - place) * _denser((down - nose) / (1 - nose), 2.2),
    )
    return np.stack([(_denser(across, 9.0) + 1) / 2 * (SIZE - 7) + 3, row * (FACE_ROWS - 6) + 3], 1)


def _denser(s: np.ndarray, k: float) -> np.ndarray:
    """[-1, 1] -> [-1, 1], stretched near 0."""
    return np.arcsinh(k * s) / np.arcsinh(k)


def _neck_chart(uv: np.ndarray) -> np.ndarray:
    low, high = uv.min(0), uv.max(0)
    return np.array([2, 206]) + (uv - low) / (high - low) * np.array([150, 46])


def _eye_chart() -> np.ndarray:
    """A polar disc in which the iris, 24 degrees of 105, takes half of the radius."""
    _, angles, _ = eyeball()
    radius = eye_radius(angles[:, 0])
    phi = np.radians(angles[:, 1])
    return np.stack([EYE_CENTRE[0] + radius * np.cos(phi), EYE_CENTRE[1] - radius * np.sin(phi)], 1)


def eye_radius(degrees: np.ndarray) -> np.ndarray:
    """Texels from the eye disc's centre of a point so many degrees from the pupil's centre."""
    return EYE_RADIUS * (degrees / EYE_EDGE) ** 0.5
