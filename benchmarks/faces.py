"""Faces from the kit against the same meshes drawn by pyrender and by VTK (through pyvista).

    python benchmarks/faces.py [--quick]

128 x 128 pixels, antialiased (kit: 2 x 2 samples; the others: 4 multisamples), a new identity every time,
one core (CPU affinity; one thread in BLAS and llvmpipe), each library in a process of its own.
Counted for the kit, all in: sampling coefficients, vertices, a 256 x 256 texture, drawing; in batches of
64. Counted for the others: uploading vertices, normals and texture of a face that lies ready in memory,
drawing and reading back, one by one as their interfaces want it. So what favours one favours them.
Times are the median of CPU seconds, which other work on the machine does not stretch; what a graphics
card does is not in them, so a card favours the others too. The gain on a second core compares the best
of many wall-clock times. MB is what the peak of the process grows by from importing the library on.
"cover" is the share of the picture that is not background: about the same for all if all draw the face.
Goals: 400 faces a second on a core, 8 times as fast as the others, 1.8 times as fast on two cores.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SIZE, BATCH, DISTANCE, FIELD = 128, 64, 1400.0, 325.0
LIBRARIES = {"kit": "kit", "pyrender (EGL)": "egl", "pyrender (OSMesa)": "osmesa", "pyvista/VTK": "pyvista"}


def cores() -> list[int]:
    """The cores that this process may use; one, nameless, where the system does not say."""
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else [0]


def peak_mb() -> float:
    unit = 1024**2 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def write_faces(path: Path, n: int) -> None:
    """n faces as other renderers want them: one texture coordinate a vertex, normals, bytes."""
    import numpy as np

    from kit import faces

    model = faces.load()
    people, mesh = model.sample(n, rng=0), model.mesh
    pairs = np.stack([mesh.triangles, mesh.uv_triangles], -1).reshape(-1, 2)
    unique, index = np.unique(pairs, axis=0, return_inverse=True)
    vertex, texel = unique.T
    np.savez(
        path,
        vertices=people.vertices()[:, vertex],
        normals=people.normals()[:, vertex],
        texture=(people.texture_image() * 255 + 0.5).astype(np.uint8),
        triangles=index.reshape(-1, 3).astype(np.int32),
        uv=mesh.uv[texel] * [1, -1] + [0, 1],
    )


def clocks() -> tuple[float, float]:
    """CPU and wall-clock seconds."""
    return time.process_time(), time.perf_counter()


def measure_kit(repeats: int) -> tuple[list, float]:
    """CPU and wall-clock seconds a face of each batch, sampling included; the cover of the last face."""
    from kit import faces

    model = faces.load()
    model.sample(BATCH, rng=0).render(size=SIZE)  # compiles, or reads the compiled code
    seconds = []
    for k in range(repeats):
        start = clocks()
        images = model.sample(BATCH, rng=k).render(size=SIZE)
        seconds.append([(b - a) / BATCH for a, b in zip(start, clocks(), strict=True)])
    return seconds, cover(images[-1])


def measure_peer(draw, data) -> tuple[list, float]:
    """CPU and wall-clock seconds of each face after the first, and the cover of the last."""
    seconds, before = [], None
    for face in zip(data["vertices"], data["normals"], data["texture"], strict=True):
        start = clocks()
        image = draw(*face)
        seconds.append([b - a for a, b in zip(start, clocks(), strict=True)])
        if before is not None and (image == before).all():
            raise RuntimeError("a new face gave the same picture")
        before = image.copy()
    return seconds[1:], cover(image)


def cover(image) -> float:
    return float((image != image[0, 0]).any(-1).mean())


def pyrender_draw(data, platform: str):
    """A function that draws one face with pyrender."""
    os.environ["PYOPENGL_PLATFORM"] = platform
    import numpy as np

    np.infty = np.inf  # pyrender 0.1.45, its last release, still uses the name that numpy 2 dropped
    import pyrender

    camera, lamp = np.eye(4), np.eye(4)
    camera[2, 3] = DISTANCE
    lamp[1:3, 1:3] = [[0.87, 0.5], [-0.5, 0.87]]
    scene = pyrender.Scene(ambient_light=[0.3] * 3, bg_color=[0.5, 0.5, 0.5])
    scene.add(pyrender.PerspectiveCamera(2 * np.arctan(FIELD / 2 / DISTANCE), 100, 3000, 1), pose=camera)
    scene.add(pyrender.DirectionalLight(intensity=3), pose=lamp)
    renderer = pyrender.OffscreenRenderer(SIZE, SIZE)

    def draw(vertices, normals, texture):
        skin = pyrender.Texture(source=texture, source_channels="RGB")
        material = pyrender.MetallicRoughnessMaterial(baseColorTexture=skin, metallicFactor=0)
        head = pyrender.Primitive(vertices, normals, None, data["uv"], None, None, None, None, data["triangles"])
        head.material = material
        node = scene.add(pyrender.Mesh([head]))
        image, _ = renderer.render(scene)
        scene.remove_node(node)
        return image

    return draw


def pyvista_draw(data):
    """A function that draws one face with VTK, keeping the mesh and moving its points."""
    os.environ.setdefault("VTK_DEFAULT_OPENGL_WINDOW", "vtkEGLRenderWindow")
    import pyvista

    plotter = pyvista.Plotter(off_screen=True, window_size=(SIZE, SIZE), lighting="none")
    plotter.set_background("gray")
    plotter.add_light(pyvista.Light(position=(0, 700, 1200), light_type="scene light"))
    plotter.enable_anti_aliasing("msaa", multi_samples=4)
    plotter.camera.position, plotter.camera.focal_point, plotter.camera.up = (
        (0, 0, DISTANCE),
        (0, 0, 0),
        (0, 1, 0),
    )
    plotter.camera.view_angle, plotter.camera.clipping_range = 13.24, (100, 3000)
    head = pyvista.PolyData.from_regular_faces(data["vertices"][0], data["triangles"])
    head.active_texture_coordinates = data["uv"]
    head.point_data.active_normals = data["normals"][0]
    actor = plotter.add_mesh(head, texture=pyvista.Texture(data["texture"][0]), ambient=0.3, reset_camera=False)
    actor.prop.interpolation = "Phong"

    def draw(vertices, normals, texture):
        head.points = vertices
        head.point_data.active_normals = normals
        actor.texture = pyvista.Texture(texture)
        plotter.render()
        return plotter.screenshot(return_img=True)

    return draw


def child(name: str, path: Path, repeats: int) -> None:
    """Measure one library in this process; the last line printed is the result."""
    import numpy as np

    data = dict(np.load(path))
    before = peak_mb()
    if name == "kit":
        seconds, covered = measure_kit(repeats)
    else:
        draw = pyvista_draw(data) if name == "pyvista" else pyrender_draw(data, name)
        seconds, covered = measure_peer(draw, data)
    cpu, wall = 1e3 * np.transpose(seconds)
    best, middle = float(wall.min()), float(np.median(cpu))
    print(json.dumps({"ms": middle, "best": best, "mb": peak_mb() - before, "cover": covered}))


def measure(name: str, path: Path, repeats: int, on: list[int]) -> dict | str:
    """Run `child` on the given cores; a string says why there is no result."""
    threads = {f"{v}_NUM_THREADS": "1" for v in ("OMP", "OPENBLAS", "MKL", "LP")}
    command = [sys.executable, __file__, "--child", name, "--data", str(path), "--repeats", str(repeats)]
    pin = (lambda: os.sched_setaffinity(0, on)) if hasattr(os, "sched_setaffinity") else None
    done = subprocess.run(command, env=os.environ | threads, preexec_fn=pin, capture_output=True, text=True)
    if done.returncode:
        return ([line for line in done.stderr.splitlines() if line.strip()] or ["no message"])[-1][:90]
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer repetitions")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    parser.add_argument("--data", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--repeats", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        return child(options.child, options.data, options.repeats)
    with tempfile.TemporaryDirectory() as folder:
        path, (first, *others) = Path(folder) / "faces.npz", cores()
        write_faces(path, 8 if options.quick else 40)
        report(path, 8 if options.quick else 20, first, others)


def report(path: Path, repeats: int, first: int, others: list[int]) -> None:
    """Print a row for each library, the speed-up on two cores, and the ratio."""
    print(f"{SIZE} px, antialiased, on core {first} of {1 + len(others)}; the median of {repeats} or more")
    print(f"{'':18} {'ms':>7} {'faces/s':>8} {'MB':>6} cover  kit is faster by")
    results = {}
    for label, name in LIBRARIES.items():
        r = measure(name, path, repeats, [first])
        if isinstance(r, str):
            print(f"{label:18} missing: {r}")
            continue
        results[name] = r["ms"]
        gain = f"{r['ms'] / results['kit']:6.1f}" if name != "kit" else ""
        print(f"{label:18} {r['ms']:7.2f} {1e3 / r['ms']:8.0f} {r['mb']:6.0f} {r['cover']:5.2f} {gain}")
    if others:
        one, two = (measure("kit", path, 2 * repeats, on)["best"] for on in ([first], [first, others[0]]))
        print(f"kit, best wall-clock ms: {one:.2f} on one core, {two:.2f} on two, {one / two:.2f} times as fast")
    peers = [ms for name, ms in results.items() if name != "kit"]
    print(f"ratio: {min(peers) / results['kit']:.1f}" if peers else "ratio: unknown, no other renderer is installed")


if __name__ == "__main__":
    main()
