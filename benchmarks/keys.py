"""How soon a lesson's widgets answer to a key, in the lesson itself: a real Chromium and JupyterLab, as in the tests.

    python benchmarks/keys.py [--quick] [--lessons 06 08]

Milliseconds from the key to the painted change, for the keys that the tests press, and from a rating to the next panel
of the experiment. Goals on a quiet machine: median 50 ms and 95th percentile 100 ms for a face, median 100 ms for any
other picture, and 50 ms for the next panel.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

sys.path.append(str(Path(__file__).resolve().parents[1] / "tests"))
sys.path.append(str(Path(__file__).resolve().parents[1] / "tests" / "support"))
from lab import Browser, Server
from test_lesson06_browser import STEPS
from test_lessons_08_16_browser import LESSONS, WIDGETS
from test_participant_widget import DESIGN, Taker, notebook

FACES = {
    "06_a_generative_model_of_faces": [
        *(("face-explorer", control, STEPS, "") for control in ("yaw", "age", "azimuth")),
        ("scene-explorer", "x", ["ArrowRight"] * 6, ""),
    ]
}


def of_lesson(lab: Browser, name: str, repeats: int) -> Iterator[tuple[str, list[float]]]:
    """What was pressed, and the times, of each widget of a lesson."""
    lesson = lab.open(LESSONS / f"{name}.ipynb")
    lesson.run_all(600)
    for widget, control, keys, _ in (FACES | WIDGETS)[name]:
        shown = lesson.widget(widget)
        shown.scroll_into_view_if_needed()
        back = [OPPOSITE[key] for key in reversed(keys)]
        both = shown.locator(f"[name={control}]"), (keys + back) * repeats
        yield f"{name[:2]} {widget}, {control}", lesson.each_key_changes(f".tk-{widget} .tk-picture", *both)
    lesson.page.close()


OPPOSITE = {"ArrowLeft": "ArrowRight", "ArrowRight": "ArrowLeft", "ArrowUp": "ArrowDown", "ArrowDown": "ArrowUp"}


def of_panels(lab: Browser) -> list[float]:
    """From each rating to the next panel of a whole session."""
    opened = lab.open(notebook())
    opened.run_all(120)
    taker = Taker(opened)
    taker.learn_by_keyboard()
    taker.practise()
    return taker.rate_on(DESIGN.total)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="the keys once, and lessons 06 and 10 only")
    parser.add_argument("--lessons", nargs="*", help="numbers of lessons, such as 06; all by default")
    chosen = parser.parse_args()
    wanted = chosen.lessons or (["06", "10"] if chosen.quick else [name[:2] for name in FACES | WIDGETS])
    print("| widget, control | keys | median, ms | 95 %, ms |\n|---|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder))
        lab = Browser(server, Path(folder))
        for name in [name for name in FACES | WIDGETS if name[:2] in wanted]:
            for what, times in of_lesson(lab, name, 1 if chosen.quick else 3):
                tell(what, times)
        tell("next panel of the experiment", of_panels(lab))
        lab.close()
        server.stop()


def tell(what: str, times: list[float]) -> None:
    median, most = np.percentile(times, [50, 95])
    print(f"| {what} | {len(times)} | {median:.0f} | {most:.0f} |", flush=True)


if __name__ == "__main__":
    main()
