"""A hand-in graded in a process of its own: for workers that are threads."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

import kit

from .grade import Graded, Job, grade
from .remote import START

FOR_THE_REST = 300.0
"""Seconds for what is not a student's: starting, cleaning, the tests' own work."""


def grade_apart(job: Job) -> Graded:
    """`grade`, elsewhere; a process that dies, or does not end, costs this hand-in only, and is told."""
    seconds = len(job.notebooks) * (job.limits.notebook + START) + FOR_THE_REST
    with tempfile.TemporaryDirectory() as folder:
        given, got = Path(folder, "job"), Path(folder, "graded.json")
        given.write_bytes(pickle.dumps(job))
        try:
            ran = subprocess.run(
                [sys.executable, "-P", "-m", "kit.course.apart", str(given), str(got)],
                env=os.environ | {"PYTHONPATH": _kit_first()},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=seconds,
            )
            if ran.returncode == 0:
                return Graded(**json.loads(got.read_text(encoding="utf-8")))
            why = f"exit code {ran.returncode}; out of memory?"
        except subprocess.TimeoutExpired:
            why = f"it did not end within {seconds / 60:.0f} minutes"
    return Graded(job.student, job.assignment, error=f"grading it broke off ({why}); it is not graded yet")


def _kit_first() -> str:
    here = str(Path(kit.__file__).resolve().parent.parent)
    return os.pathsep.join(filter(None, [here, os.environ.get("PYTHONPATH")]))


if __name__ == "__main__":
    graded = grade(pickle.loads(Path(sys.argv[1]).read_bytes()))  # written by `grade_apart`
    Path(sys.argv[2]).write_text(json.dumps(asdict(graded)), encoding="utf-8")
