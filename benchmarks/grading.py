"""A class graded by `python -m kit grade --jobs 2`, isolated, against plain `nbgrader autograde`.

    python benchmarks/grading.py [--quick] [--assignment perceptron]

50 hand-ins of a real assignment: its reference, other right solutions and typical wrong ones (tests/solutions), in
turn. Both grade the same files into gradebooks of their own, as commands, start-up included, in wall-clock seconds:
run it on a quiet machine. nbgrader has no parallel mode; its kernels are not isolated. Both must give every student
the same points. `--quick` takes 8 hand-ins; start-up then weighs more. Goal: 1.8 times as fast on two
cores.
"""

import argparse
import importlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook

from kit.course.autograde import Course
from kit.course.sandbox import isolation

ROOT = Path(__file__).resolve().parents[1]
OUR_CONFIG = (ROOT / "assignments" / "nbgrader_config.py").read_text()
PLAIN_CONFIG = OUR_CONFIG + '\ndel c["Autograde"]  # nbgrader\'s own way to execute\n'


def answers(name: str) -> list[dict[str, str]]:
    """Sets of answers: for ids of answer cells, their text in the place of the reference."""
    sys.path.insert(0, str(ROOT / "tests"))
    solutions = importlib.import_module(f"solutions.{name}")
    return [{}, *solutions.ALTERNATIVES.values(), *(changed for changed, _ in solutions.WRONG.values())]


def new_class(folder: Path, name: str, n: int, config: str) -> None:
    """A course in which the assignment is released and handed in by n students."""
    source = folder / "source" / name
    shutil.copytree(ROOT / "assignments" / "source" / name, source)
    (folder / "nbgrader_config.py").write_text(config)
    released = Course.at(folder).api.generate_assignment(name)
    assert released["success"], released["log"]
    reference = {cell.id: cell.source for cell in nbformat.read(source / f"{name}.ipynb", as_version=4).cells}
    variants = answers(name)
    for k in range(n):
        notebook = nbformat.read(folder / "release" / name / f"{name}.ipynb", as_version=4)
        for cell in notebook.cells:
            if cell.metadata.get("nbgrader", {}).get("solution"):
                cell.source = variants[k % len(variants)].get(cell.id, reference[cell.id])
        path = folder / "submitted" / f"student{k:02d}" / name / f"{name}.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(notebook, path)


def clocked(command: list[str], folder: Path) -> float:
    """Wall-clock seconds of a command in a folder."""
    start = time.perf_counter()
    done = subprocess.run(command, cwd=folder, env=os.environ | {"KIT_SECRET_SEED": "bench"}, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    return time.perf_counter() - start


def points(folder: Path, name: str) -> dict[tuple[str, str], float]:
    """The points of every student and test in a gradebook."""
    with Gradebook(f"sqlite:///{folder}/gradebook.db") as gradebook:
        return {
            (submission.student.id, grade.name): grade.auto_score
            for submission in gradebook.assignment_submissions(name)
            for grade in submission.notebooks[0].grades
        }


def main(quick: bool, name: str) -> None:
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # nbgrader calls alembic
    n = 8 if quick else 50
    print(isolation().words())
    with tempfile.TemporaryDirectory() as folder:
        ours, plain = Path(folder, "ours"), Path(folder, "plain")
        new_class(ours, name, n, OUR_CONFIG)
        new_class(plain, name, n, PLAIN_CONFIG)
        grade = [sys.executable, "-m", "kit", "grade", "--course", str(ours), "--jobs", "2"]
        wall = clocked(grade, ROOT)
        print(f"kit grade --jobs 2:  {wall:6.1f} s, {wall / n:.2f} s a hand-in")
        plain_wall = clocked([sys.executable, "-m", "nbgrader", "autograde", name], plain)
        print(f"nbgrader autograde:  {plain_wall:6.1f} s, {plain_wall / n:.2f} s a hand-in")
        graded = points(ours, name)
        assert graded == points(plain, name) and len({who for who, _ in graded}) == n
    print(f"same points for {n} students in {len({test for _, test in graded})} graded cells")
    print(f"ratio: {plain_wall / wall:.2f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="8 hand-ins")
    parser.add_argument("--assignment", default="perceptron")
    arguments = parser.parse_args()
    main(arguments.quick, arguments.assignment)
