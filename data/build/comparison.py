"""Take over what `make reproduce` found into `data/comparison`: python data/build/comparison.py results

Ratings are left out (the design makes them again); numbers are rounded to six digits.
"""

import hashlib
import json
import shutil
import sys
from pathlib import Path

import pandas as pd

from kit.study.results import SHIPPED, TABLES

DATA = Path(__file__).resolve().parents[1]


def main(results: Path) -> None:
    folder = DATA / SHIPPED
    folder.mkdir(exist_ok=True)
    for name in TABLES:
        pd.read_csv(results / f"{name}.csv").to_csv(folder / f"{name}.csv", index=False, float_format="%.6g")
    for name in ("maps.npz", "design.json"):
        shutil.copyfile(results / name, folder / name)
    manifest = json.loads((DATA / "manifest.json").read_text())
    manifest |= {f"{SHIPPED}/{path.name}": _entry(path) for path in sorted(folder.iterdir())}
    (DATA / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")


def _entry(path: Path) -> dict:
    content = path.read_bytes()
    maker = "python -m kit reproduce, then data/build/comparison.py"
    return {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content), "licence": "CC0-1.0", "maker": maker}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
