"""The renderer, on meshes small enough to know the answer: spheres, quads, a ball with a nose."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from shapes import EVERYWHERE, ball, noise, pinhole, quads, scene, skin

from kit import faces
from kit.faces import _render_numba, _render_numpy
from kit.faces import render as drawing
from kit.faces._optics import OPTICS
from kit.faces.mesh import normals
from kit.faces.render import rasterize, render, render_buffers, shade

ROOT = Path(__file__).parents[1]


@pytest.fixture(params=["numba", "numpy"])
def backend(request, monkeypatch):
    """Run a test with each back-end."""
    module = {"numba": _render_numba, "numpy": _render_numpy}[request.param]
    monkeypatch.setattr(drawing, "_backend", lambda: module)


# ------------------------------------------------------------------------------- geometry


@pytest.mark.parametrize("radius", [30, 80])
def test_a_sphere_has_the_outline_that_the_camera_projects(backend, radius):
    vertices, mesh = ball(radius, rings=60)
    seen = render_buffers(vertices, skin(), mesh, size=200, antialias=False).triangle[0] >= 0
    expected = 200 * OPTICS.distance / OPTICS.field * radius / np.sqrt(OPTICS.distance**2 - radius**2)
    assert np.sqrt(seen.sum() / np.pi) == pytest.approx(expected, abs=0.2)
    row, column = np.argwhere(seen).mean(0) + 0.5
    assert (column, row) == pytest.approx(pinhole([0, 0, 0], 200), abs=0.1)


@pytest.mark.parametrize("yaw", [0, 35, -50])
def test_the_depth_of_a_plane_is_the_closed_form(backend, yaw):
    vertices, mesh = quads(0)
    depth = render_buffers(vertices, skin(), mesh, size=100, yaw=yaw).depth[0]
    slope = (np.arange(100) + 0.5 - 50) / 100 * OPTICS.field / OPTICS.distance
    expected = OPTICS.distance / (1 - slope * np.tan(np.radians(yaw)))
    seen = np.isfinite(depth)
    assert seen.sum() > 500
    np.testing.assert_allclose(depth[seen], np.tile(expected, (100, 1))[seen], atol=0.02)


@pytest.mark.parametrize("shape", [ball(nose=20), quads(0, half=100)], ids=["ball", "quad"])
@pytest.mark.parametrize(("yaw", "pitch"), [(0, 0), (40, 0), (0, 25), (-60, 30)])
def test_barycentrics_rebuild_the_point_behind_a_pixel(backend, yaw, pitch, shape):
    """Also on a large tilted quad, where weights that are linear on the screen would be pixels off."""
    vertices, mesh = shape
    r = render_buffers(vertices, skin(), mesh, size=90, yaw=yaw, pitch=pitch)
    row, column = np.nonzero(r.triangle[0] >= 0)
    assert len(row) > 500
    corners = vertices[0][mesh.triangles[r.triangle[0, row, column]]]
    points = np.einsum("pk,pkd->pd", r.barycentric[0, row, column], corners)
    centres = np.stack([column, row], -1) + 0.5
    np.testing.assert_allclose(pinhole(points, 90, yaw, pitch), centres, atol=0.02)


@pytest.mark.parametrize("depths", [(-30, 30), (30, -30)])
def test_the_nearer_of_two_quads_is_seen(backend, depths):
    vertices, mesh = quads(*depths)
    nearer = int(np.argmax(depths))
    seen = render_buffers(vertices, skin(), mesh, size=64).triangle[0]
    nearer_only = render_buffers(*_alone(nearer, depths), size=64).triangle[0] >= 0
    assert nearer_only.sum() > 300
    assert set(seen[nearer_only]) == {2 * nearer, 2 * nearer + 1}


def _alone(k, depths):
    vertices, mesh = quads(depths[k])
    return vertices, skin(), mesh


@pytest.mark.parametrize("axis", [0, 1])
def test_two_planes_that_cross_hide_each_other_from_there_on(backend, axis):
    vertices, mesh = quads(0, 0)
    vertices[0, :4, 2] = 0.3 * vertices[0, :4, axis]
    vertices[0, 4:, 2] = -0.3 * vertices[0, 4:, axis]
    r = render_buffers(vertices, skin(), mesh, size=128, antialias=False)
    row, column = np.nonzero(r.triangle[0] >= 0)
    corners = vertices[0][mesh.triangles[r.triangle[0, row, column]]]
    point = np.einsum("pk,pkd->pd", r.barycentric[0, row, column], corners)
    away = np.abs(point[:, axis]) > 0.1  # mm from the line where they cross
    assert len(row) > 2000
    assert (point[away, 2] > 0).all()


@pytest.mark.parametrize(
    ("pose", "edge"),
    [({"yaw": 90}, "right"), ({"yaw": -90}, "left"), ({"pitch": 90}, "top"), ({"pitch": -90}, "bottom")],
)
def test_the_nose_turns_to_the_edge(backend, pose, edge):
    vertices, mesh = ball(nose=40)
    seen = render_buffers(vertices, skin(), mesh, size=100, **pose).triangle[0]
    row, column = np.nonzero(seen >= 0)
    furthest = {"right": column, "left": -column, "top": -row, "bottom": row}[edge].argmax()
    tip = np.argmax(vertices[0, :, 2])
    assert tip in mesh.triangles[seen[row[furthest], column[furthest]]]


def test_a_nod_comes_before_the_turn(backend):
    """Turned by 90 degrees, a raised face still looks up, not sideways round the camera's axis."""
    vertices, mesh = ball(nose=40)
    seen = render_buffers(vertices, skin(), mesh, size=100, yaw=90, pitch=30).triangle[0]
    row, column = np.nonzero(seen >= 0)
    tip = row[column.argmax()], column.max()
    assert pinhole([0, 0, 120], 100, 90, 30) == pytest.approx(np.array(tip[::-1]) + 0.5, abs=1.5)
    assert tip[0] < 40


def test_every_sample_of_a_quad_belongs_to_one_triangle(backend):
    """The diagonal runs through pixel centres: no sample may be missed, none may be seen twice."""
    vertices, mesh = quads(0, half=OPTICS.field / 4)
    vertices[..., 1] += OPTICS.centre
    whole = rasterize(vertices, mesh, size=64, antialias=False).triangle[0]
    assert (whole >= 0).sum() == 32 * 32
    parts = [replace(mesh, triangles=mesh.triangles[[k]], uv_triangles=mesh.uv_triangles[[k]]) for k in (0, 1)]
    hits = [rasterize(vertices, part, size=64, antialias=False).triangle[0] >= 0 for part in parts]
    assert (hits[0].astype(int) + hits[1] == (whole >= 0)).all()


def test_a_closed_surface_has_no_pinholes(backend):
    vertices, mesh = ball(rings=40)
    for yaw in (0, 17, 31):
        seen = rasterize(vertices, mesh, size=128, yaw=yaw).triangle[0] >= 0
        changes = np.abs(np.diff(np.pad(seen, 1).astype(int), axis=1)).sum(1)
        assert set(changes) == {0, 2}


def test_normals_point_away_from_the_middle(backend):
    vertices, mesh = ball()
    r = render_buffers(vertices, skin(), mesh, size=64, yaw=20)
    row, column = np.nonzero(r.triangle[0] >= 0)
    corners = vertices[0][mesh.triangles[r.triangle[0, row, column]]]
    points = np.einsum("pk,pkd->pd", r.barycentric[0, row, column], corners) / 80
    turned = np.stack([points[:, 0], points[:, 2]]) * np.cos(np.radians(20))
    turned += np.stack([points[:, 2], -points[:, 0]]) * np.sin(np.radians(20))
    np.testing.assert_allclose(r.normal[0, row, column][:, [0, 2]], turned.T, atol=0.02)
    assert not r.normal[0][r.triangle[0] < 0].any()
    fragments = rasterize(vertices, mesh)
    np.testing.assert_allclose(fragments.normals, normals(vertices, mesh.triangles), atol=1e-5)


# -------------------------------------------------------------------------------- shading


def halves(image) -> dict[str, float]:
    size = image.shape[1]
    return {
        "right": image[0, :, size // 2 :].mean(),
        "left": image[0, :, : size // 2].mean(),
        "top": image[0, : size // 2].mean(),
        "bottom": image[0, size // 2 :].mean(),
    }


@pytest.mark.parametrize(
    ("light", "bright", "dark"),
    [
        ((60, 0), "right", "left"),
        ((-60, 0), "left", "right"),
        ((0, 70), "top", "bottom"),
        ((0, -70), "bottom", "top"),
    ],
)
def test_the_side_towards_the_light_is_brighter(backend, light, bright, dark):
    vertices, mesh = ball()
    seen = halves(render(vertices, skin(), mesh, light=light, size=64, background=0))
    assert seen[bright] > seen[dark] + 5


def test_a_mirrored_light_gives_a_mirrored_picture(backend):
    vertices, mesh = ball(gloss=np.full(1860, 0.5))
    left, right = (render(vertices, skin(), mesh, light=(a, 20), size=64).astype(int) for a in (-50, 50))
    assert np.abs(left - right).mean() > 5
    assert np.abs(left[:, :, ::-1] - right).mean() < 0.3


def test_gloss_shines_towards_the_light(backend):
    vertices, mesh = ball(gloss=np.full(1860, 0.5))
    matt = render(vertices, skin(0.3), replace(mesh, gloss=0 * mesh.gloss), light=(0, 60)).astype(int)
    gain = render(vertices, skin(0.3), mesh, light=(0, 60))[0].astype(int) - matt[0]
    row, column = np.unravel_index(gain.sum(-1).argmax(), gain.shape[:2])
    half_way = pinhole([0, 80 * np.sin(np.radians(30)), 80 * np.cos(np.radians(30))], 128)
    assert gain.max() > 4
    assert np.hypot(*(half_way - (column, row))) < 6


def test_a_shadowed_vertex_is_darker(backend):
    vertices, mesh = ball()
    middle = np.argmax(vertices[0, :, 2])
    mesh.visibility[middle] = 0
    lit, shadowed = (render(vertices, skin(), mesh, size=65, shadows=s)[0].astype(int) for s in (False, True))
    darker = (lit - shadowed).max(-1)
    assert darker.max() > 40
    assert np.hypot(*(np.argwhere(darker > 1) - 32.5).T).max() < 6  # pixels; the shadow is local


def test_the_light_turns_in_the_head_when_the_head_turns(backend):
    """Light from the head's left is blocked: whether it arrives depends on light and yaw together."""
    vertices, mesh = quads(0)
    mesh.visibility[:, 3] = EVERYWHERE[0] / 2 / np.sqrt(3)  # 0.5 + 0.5 x
    mesh.visibility[:, 0] /= 2

    def loss(**look):
        light = {"size": 32, "background": 0, **look}
        return (
            halves(render(vertices, skin(), mesh, shadows=False, **light))["top"]
            - halves(render(vertices, skin(), mesh, shadows=True, **light))["top"]
        )

    assert loss(light=(-60, 0)) > 3 * loss(light=(60, 0)) > 0
    assert loss(light=(0, 0), yaw=60) > 3 * loss(light=(0, 0), yaw=-60) > 0


def test_full_visibility_casts_no_shadow(backend):
    vertices, mesh = ball()
    pictures = [render(vertices, noise(), mesh, light=(50, 10), shadows=s) for s in (False, True)]
    np.testing.assert_allclose(*(p.astype(int) for p in pictures), atol=1)


def test_occlusion_darkens_and_crevices_stay_warm(backend):
    vertices, mesh = quads(0)
    light, dark = (
        render(vertices, skin(), replace(mesh, occlusion=np.full(4, o)), size=32)[0, 16, 16].astype(int)
        for o in (1.0, 0.4)
    )
    assert (dark < light - 10).all()
    assert dark[0] / dark[2] > 1.02 * light[0] / light[2]


@pytest.mark.parametrize("background", [128, 0, 255, (10, 20, 30)])
@pytest.mark.parametrize("antialias", [True, False])
def test_the_background_is_untouched(backend, background, antialias):
    vertices, mesh = ball()
    size = 48
    image = render(vertices, noise(), mesh, size=size, background=background, antialias=antialias)[0]
    y, x = np.mgrid[:size, :size] + 0.5
    outside = np.hypot(*(np.stack([x, y], -1) - pinhole([0, 0, 0], size)).T).T > 14
    assert (image[outside] == background).all()
    assert outside.mean() > 0.3 and not (image == background).all()


def test_what_is_faded_is_background(backend):
    vertices, mesh = quads(0, fade=np.zeros(4))
    assert (render(vertices, skin(), mesh, background=77) == 77).all()
    half = render(vertices, skin(), replace(mesh, fade=np.full(4, 0.5)), size=32, background=0)[0, 16, 16]
    full = render(vertices, skin(), replace(mesh, fade=np.ones(4)), size=32, background=0)[0, 16, 16]
    np.testing.assert_allclose(half, full / 2, atol=1)


def test_brighter_textures_look_brighter_and_are_clipped(backend):
    vertices, mesh = quads(0)
    levels = [render(vertices, skin(v), mesh, size=32)[0, 16, 16].tolist() for v in (-1, 0, 0.3, 0.6, 1, 5)]
    assert levels[0] == levels[1] < levels[2] < levels[3] < levels[4] == levels[5]


def test_the_texture_lies_where_its_coordinates_say(backend):
    """u runs to the right and v downwards, as in a picture."""
    vertices, mesh = quads(0)
    mesh = replace(mesh, uv=np.array([[0, 1], [1, 1], [1, 0], [0, 0]]))
    texture = skin(0.2)
    texture[:, :4, 4:, 0] = 0.9
    seen = render(vertices, texture, mesh, size=64)[0, ..., 0].astype(int)
    (x0, y1), (x1, y0) = (pinhole(corner, 64) for corner in ([-30, -30, 0], [30, 30, 0]))
    quarters = {(x, y): seen[int(y), int(x)] for x in (x0, x1) for y in (y0, y1)}
    assert max(quarters, key=quarters.get) == (x1, y0)


@pytest.mark.parametrize("size", [64, 256])
def test_the_cap_has_a_crisp_edge_and_a_rim(backend, size):
    vertices, mesh = quads(0)
    mesh = replace(mesh, cap=vertices[0, :, 1])  # under the cap above y = 0
    capped = render(vertices, skin(), mesh, size=size)[0, :, size // 2, 0].astype(int)
    bare = render(vertices, skin(), mesh, size=size, cap=False)[0, :, size // 2, 0].astype(int)
    edge = pinhole([0, 0, 0], size)[1]
    mm = size / OPTICS.field
    fabric, far, rim = (capped[int(edge + step)] for step in (-10 * mm, 20 * mm, 1))
    assert fabric < 90 < far
    assert far == pytest.approx(bare[int(edge + 20 * mm)], abs=1)
    if size > 200:  # below, the rim is a part of the pixel at the edge
        assert fabric < rim < far - 4
    between = (capped > fabric + 4) & (capped < bare - 45) & (np.abs(np.arange(size) + 0.5 - edge) < 10 * mm)
    assert between.sum() <= 2


# --------------------------------------------------------------------------- antialiasing


def box(image, k) -> np.ndarray:
    n, size = image.shape[:2]
    return image.reshape(n, size // k, k, size // k, k, 3).mean((2, 4))


def test_antialiasing_is_the_mean_of_a_picture_twice_the_size(backend):
    vertices, mesh = scene()
    large = render(vertices, noise(), mesh, size=128, antialias=False, yaw=20)
    np.testing.assert_allclose(render(vertices, noise(), mesh, size=64, yaw=20), box(large, 2), atol=1.01)


def test_antialiasing_comes_close_to_a_box_filter():
    vertices, mesh = scene()
    exact = box(render(vertices, noise(), mesh, size=256), 4)
    errors = [np.abs(render(vertices, noise(), mesh, size=64, antialias=a) - exact).mean() for a in (True, False)]
    assert errors[0] < 0.6 < errors[1]


# ------------------------------------------------------------- back-ends, steps, repetition


POSES = {
    "yaw": np.array([0, 35, -80]),
    "pitch": np.array([0, -20, 25]),
    "light": (np.array([0, 70, -30]), 20),
}


@pytest.mark.parametrize("options", [{}, {"antialias": False}, {"cap": False}, {"shadows": False}, {"size": 301}])
def test_the_back_ends_agree(monkeypatch, options):
    vertices, mesh = scene()
    pictures = []
    for module in (_render_numba, _render_numpy):
        monkeypatch.setattr(drawing, "_backend", lambda module=module: module)
        faces = np.repeat(vertices, 3, 0) * np.float32([[[1]], [[0.9]], [[1.1]]])
        pictures.append(render(faces, noise(3), mesh, **{"size": 80} | POSES | options).astype(int))
    difference = np.abs(pictures[0] - pictures[1])
    assert pictures[0].std() > 10
    assert difference.mean() < 0.05
    assert (difference <= 2).mean() > 0.999


def test_render_is_rasterize_then_shade(backend):
    vertices, mesh = scene()
    fragments = rasterize(vertices, mesh, size=70, yaw=10)
    for texture, light in ((skin(), (0, 30)), (noise(), (40, 0))):
        whole = render(vertices, texture, mesh, size=70, yaw=10, light=light)
        assert (shade(fragments, texture, light=light) == whole).all()
    assert (render_buffers(vertices, noise(), mesh, size=70, yaw=10, light=(40, 0)).image == whole).all()


def test_the_same_input_gives_the_same_bytes_alone_or_in_company(backend):
    vertices, mesh = scene()
    faces = vertices * np.linspace(0.8, 1.2, 5, dtype=np.float32)[:, None, None]
    textures = noise(5)
    together = render(faces, textures, mesh, size=50, yaw=np.arange(5.0))
    alone = [render(faces[[k]], textures[[k]], mesh, size=50, yaw=k)[0] for k in range(5)]
    assert together.tobytes() == np.stack(alone).tobytes()
    assert together.tobytes() == render(faces, textures, mesh, size=50, yaw=np.arange(5.0)).tobytes()


def test_one_texture_serves_all_faces(backend):
    vertices, mesh = scene()
    faces = np.repeat(vertices, 2, 0)
    shared, own = (render(faces, np.repeat(noise(), n, 0), mesh, size=40) for n in (1, 2))
    assert (shared == own).all() and (shared[0] == shared[1]).all()


def test_no_faces_make_no_pictures(backend):
    vertices, mesh = scene()
    assert render(vertices[:0], skin(), mesh, size=20).shape == (0, 20, 20, 3)
    assert render(vertices[:0], skin(), mesh, size=310).shape == (0, 310, 310, 3)


def test_inputs_are_left_alone(backend):
    vertices, mesh = scene()
    vertices.flags.writeable = False
    texture = noise()
    before = texture.copy()
    render(vertices, texture, mesh, size=30)
    assert (texture == before).all()


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    return done.stdout.strip()


def test_importing_the_renderer_does_not_import_numba():
    assert run("import sys, kit.faces, kit.faces.render; print('numba' in sys.modules)") == "False"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_forked_process_can_draw_after_its_parent_drew():
    """As the workers of a torch DataLoader do on Linux."""
    code = """
import multiprocessing, sys; sys.path.insert(0, "tests/support")
from shapes import ball, skin
from kit.faces.render import render
def draw():
    vertices, mesh = ball()
    render(vertices.repeat(4, 0), skin(), mesh)
draw()
worker = multiprocessing.get_context("fork").Process(target=draw)
worker.start(); worker.join(60)
print(worker.exitcode)
"""
    assert run(code) == "0"


def test_without_numba_it_warns_once_and_draws_the_same():
    code = """
import sys, warnings; sys.path.insert(0, "tests/support"); sys.modules["numba"] = None
import numpy as np
from kit.faces import render as drawing
from kit.faces.mesh import Mesh
one = np.ones(3)
mesh = Mesh([[0, 1, 2]], [[0, 0], [1, 0], [1, 1]], [[0, 1, 2]], one, np.full((3, 16), .5), one, one, -90 * one)
vertices = np.array([[[-60, -60, 0], [60, -60, 0], [60, 60, 0]]])
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    image = [drawing.render(vertices, np.full((1, 4, 4, 3), .5), mesh, size=32) for _ in range(3)][0]
print(len(caught), "pip install numba" in str(caught[0].message), image.sum())
"""
    numba = run(code.replace('; sys.modules["numba"] = None', "").replace("caught[0].message", "None"))
    assert run(code) == f"1 True {numba.split()[-1]}"


def test_large_pictures_are_rounder_and_map_back_to_the_mesh(backend):
    vertices, mesh = ball(rings=10)
    size = 320
    r = render_buffers(vertices, skin(), mesh, size=size, yaw=10)
    row, column = np.nonzero(r.triangle[0] >= 0)
    at, owner = r.barycentric[0, row, column], r.triangle[0, row, column]
    assert owner.max() < len(mesh.triangles)
    np.testing.assert_allclose(at.sum(1), 1, atol=1e-5)
    points = np.einsum("pk,pkd->pd", at, vertices[0][mesh.triangles[owner]])
    offset = pinhole(points, size, 10) - np.stack([column, row], -1) - 0.5
    assert np.percentile(np.hypot(*offset.T), 95) < 6  # pixels: what smoothing moves, not a triangle (25)
    fine, coarse = (np.unique(_triangles_seen(vertices, mesh, s)).size for s in (301, 300))
    assert fine > 1.5 * coarse


def _triangles_seen(vertices, mesh, size):
    return rasterize(vertices, mesh, size=size, antialias=False).triangle


# --------------------------------------------------------------------------------- errors


def broken(vertices, value):
    vertices = np.repeat(vertices, 3, 0)
    vertices[1, 5] = value
    return vertices


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"size": 0}, "size must be a whole number of pixels from 1 to 2048; it is 0"),
        ({"size": -3}, "it is -3"),
        ({"size": 64.0}, "it is 64.0"),
        ({"size": True}, "it is True"),
        ({"size": 5000}, "1 to 2048; it is 5000"),
        ({"vertices": np.zeros((4, 3))}, r"shape \(n, 1860, 3\).*\(4, 3\).*vertices\[None\]"),
        ({"vertices": np.zeros((1, 7, 3))}, r"they have \(1, 7, 3\)"),
        ({"vertices": broken(ball()[0], np.nan)}, "vertex 5 of face 1 is .*nan"),
        ({"vertices": broken(ball()[0], 2000)}, "less than 1000 mm.*vertex 5 of face 1 is .*2000"),
        (
            {"texture": np.zeros((1, 8, 8, 3), np.uint8)},
            "texture must be floats in 0..1.*divide bytes by 255",
        ),
        ({"texture": np.zeros((8, 8, 3))}, r"texture must have shape \(n, h, w, 3\) with n = 1.*\(8, 8, 3\)"),
        ({"texture": np.zeros((2, 8, 8, 3))}, r"n = 1 or 1.*it has \(2, 8, 8, 3\)"),
        ({"texture": np.zeros((1, 1, 8, 3))}, "h, w > 1"),
        ({"yaw": np.nan}, "yaw must be a finite angle in degrees; that is nan or infinite"),
        ({"pitch": [np.inf]}, "pitch must be a finite angle.*that of face 0 is nan or infinite"),
        ({"yaw": [1, 2]}, r"yaw must be one angle or 1 \(one a face\); its shape is \(2,\)"),
        ({"light": 30}, r"light must be a pair \(azimuth, elevation\)"),
        ({"light": (0, np.nan)}, "light elevation must be a finite angle"),
        ({"light": ([1, 2, 3], 0)}, "light azimuth must be one angle or 1"),
        ({"background": 300}, "background must be one or three display values 0..255; it is 300"),
        ({"background": (1, 2)}, "background must be one or three"),
    ],
)
def test_errors_say_what_where_and_how_to_mend_it(change, message):
    vertices, mesh = ball()
    arguments = {"vertices": vertices, "texture": skin(), "mesh": mesh} | change
    with pytest.raises(ValueError, match=message):
        render(**arguments)


@pytest.mark.parametrize("pitch", [-20, 0, 20])
@pytest.mark.parametrize("yaw", [-30, 0, 30])
def test_a_portrait_is_the_middle_of_the_head_drawn_larger_and_holds_chin_nose_and_ears(yaw, pitch):
    model = faces.load()
    crowd = model.sample(40, rng=3)
    seen = crowd.render_buffers(240, yaw, pitch, frame="face")
    mask = np.zeros(model.mesh.vertex_count)
    for region in ("chin", "nose", "ears"):
        mask = np.maximum(mask, model.regions[region])
    border = np.zeros((240, 240), bool)
    border[[0, -1]], border[:, [0, -1]] = True, True
    marked = np.einsum("nyxk,nyxk->nyx", seen.barycentric, mask[model.mesh.triangles[seen.triangle]])
    assert np.mean((marked > 0.5)[:, border].any(axis=1)) <= 0.05, "a part of many faces is cut off"
    whole = crowd.render(325, yaw, pitch, antialias=False)
    portrait = crowd.render(240, yaw, pitch, antialias=False, frame="face")
    middle = whole[:, 57 : 57 + 240, 42 : 42 + 240]  # a pixel is a millimetre in both, and the centre 14 mm lower
    assert np.mean(np.abs(middle.astype(int) - portrait).max(axis=-1) > 30) < 0.05


def test_an_unknown_frame_is_refused():
    with pytest.raises(ValueError, match="frame must be one of head, face"):
        faces.load().sample(1, rng=0).render(32, frame="passport")


DRAWN = """
import hashlib
from kit import faces
print(hashlib.sha256(faces.load().sample(300, rng=0).render(64).tobytes()).hexdigest())
"""


@pytest.mark.slow
def test_a_picture_is_the_same_to_the_bit_newly_compiled_read_from_disk_and_for_an_older_processor(tmp_path):
    def drawn(folder: str, **variables: str) -> str:
        where = {"NUMBA_CACHE_DIR": str(tmp_path / folder), "PYTHONPATH": str(ROOT), **variables}
        ran = subprocess.run([sys.executable, "-c", DRAWN], env=os.environ | where, capture_output=True, text=True)
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    compiled, read = drawn("one"), drawn("one")
    assert compiled == read == drawn("two", NUMBA_CPU_NAME="generic", NUMBA_CPU_FEATURES="")
