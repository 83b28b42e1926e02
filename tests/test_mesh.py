"""The mesh: subdivision, normals, spherical harmonics, and what is refused."""

from dataclasses import replace

import numpy as np
import pytest
from shapes import ball, mesh_of, quads, scene

from kit.faces.mesh import CHILD_CORNERS, normals, spherical_harmonics, subdivide

TETRAHEDRON = np.array([[0, 1, 2], [0, 3, 1], [0, 2, 3], [1, 3, 2]])
GOLDEN = (1 + 5**0.5) / 2
ICOSAHEDRON = np.array([
    [0, 11, 5], [0, 5, 1], [0, 1, 7], [0, 7, 10], [0, 10, 11], [1, 5, 9], [5, 11, 4], [11, 10, 2], [10, 7, 6],
    [7, 1, 8], [3, 9, 4], [3, 4, 2], [3, 2, 6], [3, 6, 8], [3, 8, 9], [4, 9, 5], [2, 4, 11], [6, 2, 10],
    [8, 6, 7], [9, 8, 1],
])  # fmt: skip


@pytest.mark.parametrize(
    ("triangles", "counts"), [(TETRAHEDRON, [(10, 16), (34, 64)]), (ICOSAHEDRON, [(42, 80), (162, 320)])]
)
def test_subdivision_has_the_known_counts(triangles, counts):
    mesh = mesh_of(triangles, np.zeros((triangles.max() + 1, 2)))
    for vertices, faces in counts:
        mesh, matrix = subdivide(mesh)
        assert (mesh.vertex_count, len(mesh.triangles)) == (vertices, faces)
        assert matrix.shape[0] == vertices
        np.testing.assert_allclose(matrix.sum(1), 1, rtol=1e-6)


def test_loops_weights_on_a_tetrahedron():
    """Valence 3: beta = 3 / 16. Edge points: 3 / 8 of the ends, 1 / 8 of the opposite corners."""
    matrix = subdivide(mesh_of(TETRAHEDRON, np.zeros((4, 2))))[1].toarray()
    np.testing.assert_allclose(matrix[:4], np.full((4, 4), 3 / 16) + np.eye(4) / 4, atol=1e-6)
    assert sorted(map(sorted, matrix[4:].tolist())) == [[0.125, 0.125, 0.375, 0.375]] * 6


def test_an_icosahedron_becomes_rounder():
    short = [(-1, GOLDEN), (1, GOLDEN), (-1, -GOLDEN), (1, -GOLDEN)]
    vertices = [(a, b, 0) for a, b in short] + [(0, a, b) for a, b in short] + [(b, 0, a) for a, b in short]
    mesh, vertices, roughness = mesh_of(ICOSAHEDRON, np.zeros((12, 2))), np.array(vertices), []
    for _ in range(3):
        inner = np.linalg.norm(vertices[mesh.triangles].mean(1), axis=1)
        roughness.append(np.linalg.norm(vertices, axis=1).max() / inner.min())
        mesh, matrix = subdivide(mesh)
        vertices = matrix @ vertices
    assert roughness[0] > roughness[1] > roughness[2] > 1
    assert roughness[2] < 1.04


def test_a_plane_with_a_border_stays_a_plane_with_the_rule_for_borders():
    vertices, mesh = quads(0)
    fine, matrix = subdivide(mesh)
    moved = matrix @ vertices[0]
    assert (moved[:, 2] == 0).all()
    border = matrix.toarray()[:4]
    assert sorted(border[0].tolist()) == [0, 0.125, 0.125, 0.75]  # its neighbours on the border alone
    midpoints = {tuple(p) for p in moved[4:].tolist()}
    assert {(0, -60, 0), (60, 0, 0), (0, 60, 0), (-60, 0, 0)} <= midpoints


def test_children_lie_in_their_parents_and_seams_stay_seams():
    _, mesh = ball(rings=6)
    fine, _ = subdivide(mesh)
    parents = mesh.uv[mesh.uv_triangles]
    children = np.einsum("kji,mid->mkjd", CHILD_CORNERS, parents).reshape(-1, 3, 2)
    np.testing.assert_allclose(fine.uv[fine.uv_triangles], children, atol=1e-6)
    assert np.ptp(fine.uv[fine.uv_triangles][..., 0], axis=1).max() < 0.1  # no triangle spans the atlas


def test_attributes_are_interpolated():
    _, mesh = scene()
    fine, _ = subdivide(mesh)
    for name in ("occlusion", "gloss", "fade", "cap", "visibility"):
        coarse, new = getattr(mesh, name), getattr(fine, name)
        corners = coarse[mesh.triangles]
        middle = np.stack([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [2, 0]]], 1).mean(2)
        np.testing.assert_allclose(new[fine.triangles[3::4]], middle, atol=1e-5)


def test_a_vertex_without_triangles_has_no_normal():
    vertices, mesh = quads(0)
    vertices = np.concatenate([vertices, [[[5, 5, 5]]]], 1)
    assert normals(vertices, mesh.triangles)[0].tolist() == [[0, 0, 1]] * 4 + [[0, 0, 0]]


def test_spherical_harmonics_are_orthonormal():
    z, weight = np.polynomial.legendre.leggauss(8)
    azimuth = np.arange(16) * np.pi / 8
    ring = np.sqrt(1 - z**2)
    direction = np.stack(
        [np.outer(ring, np.cos(azimuth)), np.outer(ring, np.sin(azimuth)), np.repeat(z[:, None], 16, 1)], -1
    )
    basis = spherical_harmonics(direction)
    product = np.einsum("i,ijk,ijl->kl", weight * np.pi / 8, basis, basis)
    np.testing.assert_allclose(product, np.eye(16), atol=1e-12)


def test_first_order_harmonics_follow_the_axes():
    basis = spherical_harmonics(np.eye(3))[:, 1:4]
    np.testing.assert_allclose(basis, np.sqrt(3 / (4 * np.pi)) * np.eye(3)[:, [1, 2, 0]], atol=1e-12)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"triangles": np.zeros((2, 4))}, r"mesh.triangles must have shape \(t, 3\); it has \(2, 4\)"),
        (
            {"uv_triangles": np.zeros((1, 3))},
            r"mesh.uv_triangles must have the shape of mesh.triangles, \(2, 3\)",
        ),
        (
            {"triangles": np.array([[0, 1, 2], [0, 2, 4]])},
            r"mesh.triangles must index 0..3; row 1 is \[0, 2, 4\]",
        ),
        ({"uv_triangles": np.array([[0, -1, 2], [0, 2, 3]])}, "mesh.uv_triangles must index 0..3; row 0"),
        ({"gloss": np.ones(3)}, r"mesh.gloss must have shape \(4,\); it has \(3,\)"),
        ({"visibility": np.ones((4, 9))}, r"mesh.visibility must have shape \(4, 16\)"),
        ({"cap": np.array([0, 0, np.nan, 0])}, "mesh.cap must be finite; row 2 is not"),
    ],
)
def test_a_wrong_mesh_is_refused(change, message):
    _, mesh = quads(0)
    with pytest.raises(ValueError, match=message):
        replace(mesh, **change)
