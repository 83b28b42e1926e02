"""`python -m kit grade`: a class graded from the command line."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from kit.files import harmless


def add_grade(commands: argparse._SubParsersAction) -> None:
    """Add `grade` to the kit's commands."""
    grade = commands.add_parser("grade", help="grade a class's hand-ins, in parallel and isolated")
    grade.add_argument(
        "submitted", nargs="?", type=Path, help="folder STUDENT/ASSIGNMENT/*.ipynb (default: the course's)"
    )
    grade.add_argument(
        "--course", type=Path, default=Path("assignments"), help="folder of the course (default assignments)"
    )
    grade.add_argument("--assignment", help="only this one (default: all that were handed in)")
    grade.add_argument("--jobs", type=int, default=-1, help="hand-ins at a time (default: one a core)")
    grade.add_argument("--force", action="store_true", help="grade again what has not changed")
    grade.add_argument("--seconds", type=float, default=60, help="for a cell (default 60)")
    grade.add_argument("--minutes", type=float, default=10, help="for a hand-in (default 10)")
    grade.add_argument("--memory", type=int, default=4096, help="MB for a hand-in (default 4096)")
    grade.add_argument("--scheduler", help="address of a Dask scheduler, such as tcp://host:8786, to use")
    grade.set_defaults(run=_grade)


def _grade(chosen: argparse.Namespace) -> int:
    from tqdm import tqdm

    from kit.study.workers import on_scheduler

    from . import autograde
    from .sandbox import Limits, isolation

    if sys.platform == "win32":
        raise ValueError("grading needs Linux or macOS; on Windows, run it inside WSL (wsl --install)")
    print(_banner(isolation()), file=sys.stderr)
    course = autograde.Course.at(chosen.course, chosen.submitted)
    limits = Limits(cell=chosen.seconds, notebook=60 * chosen.minutes, memory=chosen.memory)
    todo = autograde.jobs(course, autograde.handed_in(course, chosen.assignment), limits)
    if not todo:
        raise ValueError(
            f"no hand-in of {chosen.assignment or 'any assignment'}: they are looked for in "
            f"{chosen.submitted or chosen.course / 'submitted'}/STUDENT/ASSIGNMENT/"
        )
    with on_scheduler(chosen.scheduler):
        graded = autograde.grade_all(course, todo, _cores(chosen.jobs), chosen.force)
        results = list(tqdm(graded, total=len(todo), unit="hand-in", desc="grading"))
    return _tell(course, results)


def _cores(jobs: int) -> int:
    import joblib

    return joblib.cpu_count() if jobs < 1 else jobs


def _tell(course, results) -> int:
    """Print the summary; 1 if a person should look at something."""
    from . import summary
    from .sandbox import isolation

    harmless.say(summary.table(results))
    look = [result for result in results if result.error or result.attention]
    for path in summary.write_table(course.root / "grading", results):
        harmless.say(f"reasons: {path}, and {path.with_suffix('')}/STUDENT.json")
    print(f"{len(results)} hand-ins graded, {len(look)} need your attention")
    if not isolation():
        print(_banner(isolation()))
    return 1 if look else 0


def _banner(state) -> str:
    return state.words() if state else "\n".join(["!" * 100, state.words(), "!" * 100])
