"""Faces in the browser are the faces of `kit.faces.render`: in a real Chromium, pixel for pixel."""

import dataclasses
import os
from pathlib import Path

import numpy as np
import pytest
from engine import Engine, browser, launched, unpacked
from lab import missing

from kit import faces
from kit.faces import _optics, web
from kit.faces.pictures import save, sheet
from kit.widgets.live_head import numbers

pytestmark = [pytest.mark.browser, pytest.mark.skipif(bool(missing()), reason=missing())]
N = 60
MODEL = faces.load()
MEAN, WITHIN, SHARE = 1.0, 6, 0.99  # grey levels inside the head; the share of pixels that are as near as `WITHIN`


def people() -> faces.Faces:
    """60 faces, some with expressions, some exaggerated, some their own opposite, some with another's texture."""
    rng = np.random.default_rng(17)
    plain = MODEL.sample(N, rng=rng)
    names = MODEL.expression_names
    every = [
        plain[:20],
        *(plain[[20 + k]].with_expression(names[k % len(names)], rng.uniform(0.5, 1)) for k in range(12)),
        plain[32:40].caricature(1.3),
        plain[40:48].antiface(),
        plain[48:].with_texture(plain[:12].texture),
    ]
    return faces.concat(every)


def views(rng: np.random.Generator) -> list[dict]:
    """A view and a lamp for each, with the cap on and off, most of the whole head, some of the face alone."""
    low, high = np.array([(-60, 60), (-30, 30), (-80, 80), (-30, 80)]).T
    angles = rng.uniform(low, high, (N, 4)).tolist()
    names = ("yaw", "pitch", "azimuth", "elevation")
    return [
        dict(zip(names, four)) | {"cap": k % 2 == 0, "frame": "face" if k % 5 == 4 else "head"}
        for k, four in enumerate(angles)
    ]


def rendered(face: faces.Faces, view: dict, size: int) -> np.ndarray:
    """The kit's own picture of it."""
    light = view["azimuth"], view["elevation"]
    return face.render(size, view["yaw"], view["pitch"], light, view["cap"], frame=view["frame"])[0]


@pytest.fixture(scope="module")
def chrome():
    with browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def engine(chrome):
    return Engine(chrome.new_page())


@pytest.mark.parametrize("size", [128, 300])
def test_pictures_are_the_same(engine, size, tmp_path):
    crowd, shown = people(), views(np.random.default_rng(size))
    ours = np.array([engine.draw(face, view, size) for face, view in zip(crowd, shown)]).astype(int)
    kits = np.array([rendered(face, view, size) for face, view in zip(crowd, shown)]).astype(int)
    beside = np.concatenate([ours, kits, np.minimum(20 * np.abs(ours - kits), 255)], axis=2).astype(np.uint8)
    save(sheet(beside, 4), Path(os.environ.get("KIT_SCREENSHOTS", tmp_path)) / f"both-renderers-{size}.png")
    head = (kits != _optics.BACKGROUND).any(-1)
    off = np.abs(ours - kits)
    worst = [off[k][head[k]] for k in range(N)]
    means, shares = np.array([(found.mean(), (found.max(-1) <= WITHIN).mean()) for found in worst]).T
    print(f"{size} pixels: mean {off[head].mean():.2f}, worst face {means.max():.2f}; "
          f"within {WITHIN}: {(off[head].max(-1) <= WITHIN).mean():.4f}, worst face {shares.min():.4f}")  # fmt: skip
    assert means.max() <= MEAN and shares.min() >= SHARE
    assert (off[~head].max(-1) > WITHIN).mean() < 0.001  # and no head where there should be none


def test_vertices_are_the_same(engine):
    crowd = people()
    for k in range(0, N, 7):
        for cap in (False, True):
            assert np.abs(engine.vertices(crowd[[k]], cap) - crowd[[k]].vertices(cap)[0]).max() < 0.02


def test_a_change_of_optics_changes_both(chrome, monkeypatch):
    """Small terms made large, so that each of them has to be right."""
    face, view = people()[[0]], {"yaw": 10, "pitch": 0, "azimuth": 30, "elevation": 20, "cap": True, "frame": "head"}
    before = rendered(face, view, 128).astype(int)
    odd = {"key": (0.3, 0.4, 0.9), "field": 260.0, "rim_width": 8.0, "bounce": (4.0, 0.0, 1.0), "reflectance": 0.3,
           "dry_lobe": 8.0, "wet_lobe": 90.0, "wet_from": 0.3, "cap_gloss": 0.6, "ambient_slope": 0.5}  # fmt: skip
    monkeypatch.setitem(_optics.FRAMES, "head", dataclasses.replace(_optics.OPTICS, **odd))
    ours = Engine(chrome.new_page()).draw(face, view, 128).astype(int)
    kits = rendered(face, view, 128).astype(int)
    head = (kits != _optics.BACKGROUND).any(-1)
    assert np.abs(kits - before)[head].mean() > 10
    assert np.abs(ours - kits)[head].mean() < 0.4


def test_a_change_of_the_model_changes_both(chrome, tmp_path):
    with np.load(faces.model.data.verified("face_model.npz")) as archive:
        arrays = dict(archive)
    arrays["shape_design_scale"] = arrays["shape_design_scale"] * np.float32(0.9)
    arrays["layer_colours"] = arrays["layer_colours"][:, ::-1].copy()
    path = tmp_path / "model.npz"
    np.savez(path, **arrays)  # not compressed: that is read, too
    other = faces.load(path)
    face, view = other.sample(1, rng=0), views(np.random.default_rng(0))[0]
    ours = Engine(chrome.new_page(), file=web.model_file(path)).draw(face, view, 128).astype(int)
    assert np.abs(ours - rendered(face, view, 128)).mean() < MEAN
    assert np.abs(ours - rendered(MODEL.sample(1, rng=0), view, 128)).mean() > 3


def test_a_lost_context_comes_back(chrome):
    engine = Engine(chrome.new_page())
    face, view = people()[[0]], views(np.random.default_rng(0))[0]
    before = engine.draw(face, view, 128)
    engine.page.evaluate(
        """async () => {
            const { gl } = stage.studio;
            gl.getExtension("WEBGL_lose_context").loseContext();
            await new Promise((resolve) => setTimeout(resolve, 50));
            if (stage.studio.gl === gl) throw new Error("still the lost one");
            portrait(128).canvas.getContext("2d").clearRect(0, 0, 128, 128);
        }"""
    )
    assert np.array_equal(engine.draw(face, view, 128), before)


def test_many_heads_share_one_context_which_is_given_back(chrome):
    engine = Engine(chrome.new_page())
    crowd, view = people(), views(np.random.default_rng(0))[0]
    sizes = [60 + k for k in range(20)]
    drawn = [engine.draw(crowd[[k]], view, size) for k, size in enumerate(sizes)]
    again = [engine.draw(crowd[[k]], view, size) for k, size in enumerate(sizes)]
    for one, other in zip(drawn, again):
        assert np.abs(one.astype(int) - other).max() <= 1  # a larger place for samples rounds otherwise here and there
    assert engine.page.evaluate("async () => (await open_stage()) === stage")
    engine.page.evaluate("() => { window.last = stage.studio.gl; portraits.forEach((one) => one.leave()); }")
    engine.page.wait_for_function("last.isContextLost() && stage.studio === null")
    assert engine.page.evaluate("async () => { const next = await open_stage(); return next !== stage; }")


def test_a_file_that_is_no_model_is_refused_in_words(chrome, tmp_path):
    path = tmp_path / "other.npz"
    np.savez(path, triangles=np.zeros((2, 3), np.uint16))
    for file, words in ((path.read_bytes(), "array part is missing"), (b"not a zip" * 9, "no .npz file")):
        with pytest.raises(Exception, match=words):
            Engine(chrome.new_page(), file=file)


def test_without_webgl_the_engine_says_so(chrome):
    other = launched(chrome.browser_type, "--disable-3d-apis")
    with pytest.raises(Exception, match="no WebGL2"):
        Engine(other.new_page())
    other.close()


MOVED = """async ([face, view, size, slow]) => {
    const one = portrait(size);
    stage.studio.slow = slow;
    one.show(face, view, true);
    const moving = pixels(one.canvas);
    await new Promise((resolve) => setTimeout(resolve, 500));
    return [moving, pixels(one.canvas)];
}"""


@pytest.mark.parametrize("slow", [False, True])
def test_a_hand_that_moves_sees_fewer_samples_on_a_slow_machine_and_the_whole_picture_when_it_rests(engine, slow):
    face, view = numbers(people()[3]), views(np.random.default_rng(5))[3]
    whole = engine.draw(people()[3], view, 128)
    moving, rested = (unpacked(text, 128) for text in engine.page.evaluate(MOVED, [face, view, 128, slow]))
    assert (rested == whole).all() and (moving != whole).any() == slow
    assert np.abs(moving.astype(int) - whole).mean() < 3  # outlines only
