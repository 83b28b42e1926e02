"""Photograph a widget of lessons for the README: `python docs/lesson_pictures.py [06 08 …]` (needs Chromium).

Each lesson runs whole in a real JupyterLab; then keys are pressed as a student would. Writes `docs/pictures/lessons`.
"""

import io
import sys
import tempfile
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "support"))

from lab import Browser, Server  # noqa: E402

PICTURES = ROOT / "docs" / "pictures" / "lessons"
SIZE = (400, 300)
#: The widget of a lesson; a control of it, a key for it, and how often.
SHOWN = {
    "00": ("two-halves", "shape", "ArrowLeft", 10),
    "03": ("kernel-explorer", "row", "ArrowRight", 20),
    "04": ("attention-explorer", "picture", "ArrowRight", 1),
    "05": ("face-bandit", "", "", 0),
    "06": ("face-explorer", "sex", "ArrowRight", 10),
    "08": ("latent-traversal", "amount", "ArrowRight", 8),
    "09": ("compare-rdms", "", "", 0),
    "12": ("amplifier", "alpha", "ArrowRight", 6),
    "13": ("read-face", "neurons", "ArrowRight", 3),
    "14": ("lesion-explorer", "count", "ArrowRight", 5),
    "15": ("word-faces", "age", "ArrowDown", 3),
}


def photograph(browser: Browser, number: str) -> None:
    name, control, key, presses = SHOWN[number]
    lesson = browser.open(next((ROOT / "lessons").glob(f"{number}_*.ipynb")))
    lesson.run_all(600)
    widget = lesson.widget(name)
    widget.scroll_into_view_if_needed()
    widget.locator(".tk-picture, svg, img").first.wait_for()
    if control:
        lesson.focus(widget.locator(f"[name={control}]"))
        lesson.press(*[key] * presses)
    lesson.page.wait_for_timeout(3000)  # for the last picture
    picture = Image.open(io.BytesIO(widget.screenshot())).convert("RGB")
    picture.thumbnail(SIZE, Image.LANCZOS)
    card = Image.new("RGB", SIZE, "white")
    card.paste(picture, (0, 0))
    card.save(PICTURES / f"{number}.jpg", quality=85)
    print(PICTURES / f"{number}.jpg", flush=True)
    lesson.page.close()
    browser.server.end_kernels()


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder))
        browser = Browser(server, Path(folder))
        try:
            for number in sys.argv[1:] or SHOWN:
                photograph(browser, number)
        finally:
            browser.close()
            server.stop()


if __name__ == "__main__":
    main()
