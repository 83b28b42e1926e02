"""The engine of `kit.faces.web` in a real Chromium, without JupyterLab: what it draws comes back as an array."""

import os
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from lab import FLAGS, chromium

from kit.faces import Faces, web
from kit.javascript import script
from kit.widgets.live_head import numbers

SETUP = """async ([file, constants, names]) => {
    const bytes = Uint8Array.from(atob(file), (letter) => letter.charCodeAt(0));
    window.open_stage = () => engine.openStage("test", constants, async () => bytes.buffer);
    window.stage = await open_stage();
    window.portraits = new Map();
    window.pixels = (canvas) => {
        const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        let text = "";
        for (const value of data) text += String.fromCharCode(value);
        return btoa(text);
    };
    window.portrait = (size) => {
        if (!portraits.has(size)) {
            const canvas = document.createElement("canvas");
            canvas.width = canvas.height = size;
            portraits.set(size, new engine.Portrait(stage, canvas));
        }
        return portraits.get(size);
    };
}"""
DRAW = """([face, view, size]) => {
    if (!portrait(size).show(face, view)) return null;
    return pixels(portrait(size).canvas);
}"""
VERTICES = "([face, cap]) => [...stage.model.vertices(face, cap)]"


class Engine:
    """The engine on an empty page; `page` is playwright's."""

    def __init__(self, page, constants: dict | None = None, file: bytes | None = None):
        self.page = page
        page.goto("about:blank")
        page.add_script_tag(content=script(web.HERE / "stage.js", "engine"))
        self.page.evaluate(SETUP, [b64encode(file or web.model_file()).decode(), constants or web.constants(), []])

    def draw(self, face: Faces, view: dict, size: int) -> np.ndarray:
        """A picture of one face, (size, size, 3)."""
        found = self.page.evaluate(DRAW, [numbers(face), view, size])
        return unpacked(found, size)

    def vertices(self, face: Faces, cap: bool) -> np.ndarray:
        """Vertices of one face in mm, (v, 3)."""
        return np.array(self.page.evaluate(VERTICES, [numbers(face), cap])).reshape(-1, 3)


def unpacked(pixels: str, size: int) -> np.ndarray:
    """What a canvas shows, (size, size, 3), from the text in which it came."""
    return np.frombuffer(b64decode(pixels), np.uint8).reshape(size, size, 4)[..., :3]


@contextmanager
def browser() -> Iterator:
    """A Chromium, playwright's."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = launched(playwright.chromium)
        yield opened
        opened.close()


def launched(kind, *more: str):
    """A Chromium with more flags; `kind` is `browser_type` of one that is open."""
    root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    return kind.launch(executable_path=chromium(), args=[*FLAGS, *root, *more])
