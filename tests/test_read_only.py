"""A kit that may be read only, and nobody's home: faces are drawn, analyses run, and caches go where they may."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
BWRAP = ["bwrap", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"]
DRAW = "from kit import faces; print(faces.load().sample(1, rng=0).render(64).sum())"
IMPORT_ALL = """
import importlib, pkgutil, kit
for room in ("analysis", "faces", "behavior", "brain", "study", "networks"):
    package = importlib.import_module(f"kit.{room}")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"kit.{room}.{module.name}")
from kit.analysis.kendall import kendall_tau
import numpy as np
print(round(kendall_tau(np.arange(5), np.arange(5)), 6))
"""


def may_wall_off() -> bool:
    return shutil.which("bwrap") is not None and not subprocess.run([*BWRAP, "true"], capture_output=True).returncode


pytestmark = pytest.mark.skipif(not may_wall_off(), reason="bubblewrap (bwrap) is missing or may not make namespaces")


@pytest.fixture(scope="module")
def kit_copy(tmp_path_factory):
    """The kit without any compiled code beside it."""
    place = tmp_path_factory.mktemp("container")
    shutil.copytree(ROOT / "kit", place / "kit", ignore=shutil.ignore_patterns("__pycache__"))
    (place / "data").symlink_to(ROOT / "data")
    return place


def walled(place: Path, code: str, writable: Path | None = None) -> subprocess.CompletedProcess:
    """Run code where everything is read-only and there is no home; or where one folder may be written."""
    extra = ["--bind", str(writable), str(writable)] if writable else []
    variables = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "PYTHONPATH": str(place), "OMP_NUM_THREADS": "1"}
    variables |= {"TMPDIR": str(writable)} if writable else {}
    command = [*BWRAP, *extra, "--chdir", str(place), sys.executable, "-B", "-c", code]
    return subprocess.run(command, env=variables, capture_output=True, text=True)


@pytest.mark.slow
def test_faces_are_drawn_and_it_is_said_once_that_nothing_can_be_kept(kit_copy):
    ran = walled(kit_copy, DRAW)
    assert ran.returncode == 0, ran.stderr
    here = subprocess.run([sys.executable, "-c", DRAW], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout == here.stdout
    assert ran.stderr.count("numba may write to no folder") == 1 and "NUMBA_CACHE_DIR" in ran.stderr


@pytest.mark.slow
def test_every_room_is_imported_and_computes(kit_copy):
    ran = walled(kit_copy, IMPORT_ALL)
    assert ran.returncode == 0 and ran.stdout.strip() == "1.0", ran.stderr


def test_a_temporary_folder_of_ones_own_keeps_compiled_code(kit_copy, tmp_path):
    quiet = walled(kit_copy, IMPORT_ALL, writable=tmp_path)
    assert quiet.returncode == 0 and "numba may write" not in quiet.stderr, quiet.stderr
    kept = list(tmp_path.glob("shared-features-numba-*/**/*.nbi"))
    assert kept and not kept[0].parents[1].stat().st_mode & 0o077


def test_a_folder_that_others_may_write_is_not_trusted(kit_copy, tmp_path):
    planted = tmp_path / f"shared-features-numba-{os.getuid()}"
    planted.mkdir()
    planted.chmod(0o777)
    ran = walled(kit_copy, "from kit.analysis import kendall; print('imported')", writable=tmp_path)
    assert ran.stdout.strip() == "imported" and not list(planted.iterdir()) and "numba may write" in ran.stderr
