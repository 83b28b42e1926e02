"""Film the face explorer in use for the README: `python docs/animation.py` (needs Chromium).

A real JupyterLab, a real browser, real keys; each frame is what a student would see. Writes `docs/pictures/lesson.webp`
and a still of it, `lesson.jpg`.
"""

import io
import sys
import tempfile
from pathlib import Path

from nbformat.v4 import new_code_cell, new_notebook
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "support"))

from lab import Browser, Server  # noqa: E402

PICTURES = ROOT / "docs" / "pictures"
WIDTH, MOST = 760, 2_000_000  # pixels, bytes
FRAME, REST = 110, 900  # milliseconds
#: What the hand does: a slider of the explorer, a key, how often it is pressed for a frame, and how many frames.
STORY = (
    ("shape 0", "ArrowRight", 3, 9),
    ("texture 0", "ArrowLeft", 3, 9),
    ("female – male", "ArrowRight", 2, 10),
    ("age", "ArrowRight", 5, 8),
    ("turn", "ArrowRight", 4, 9),
    ("lamp left – right", "ArrowLeft", 8, 8),
)


def frames(lesson) -> list[tuple[Image.Image, int]]:
    """Pictures of the widget with the milliseconds that each stays."""
    widget = lesson.widget("face-explorer")
    out = [(shot(widget), REST)]
    for name, key, presses, count in STORY:
        slider = widget.get_by_role("slider", name=name, exact=True)
        for _ in range(count):
            lesson.each_key_changes(".tk-face-explorer .tk-picture", slider, [key] * presses)
            out.append((shot(widget), FRAME))
        out[-1] = (out[-1][0], REST)
    return out


def shot(widget) -> Image.Image:
    picture = Image.open(io.BytesIO(widget.screenshot())).convert("RGB")
    return picture.resize((WIDTH, round(WIDTH * picture.height / picture.width)), Image.LANCZOS)


def main() -> None:
    cells = [new_code_cell("from kit import widgets\nwidgets.explore_faces()")]
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder))
        browser = Browser(server, Path(folder))
        try:
            lesson = browser.open(new_notebook(cells=cells))
            lesson.run_all()
            lesson.widget("face-explorer").wait_for()
            film, times = zip(*frames(lesson), strict=True)
        finally:
            browser.close()
            server.stop()
    path = PICTURES / "lesson.webp"
    look = dict(quality=85, method=6, kmin=3, kmax=9)  # key frames often: skin gets blotches else
    film[0].save(path, save_all=True, append_images=film[1:], duration=times, loop=0, **look)
    film[len(film) // 2].save(PICTURES / "lesson.jpg", quality=82)
    size = path.stat().st_size
    print(f"{len(film)} frames, {size / 1e6:.2f} MB: {path}")
    if size > MOST:
        raise SystemExit(f"more than {MOST / 1e6:.0f} MB: lower WIDTH")


if __name__ == "__main__":
    main()
