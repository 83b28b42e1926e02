"""Take over what `reproduce --turned` found into `data/comparison`: python data/build/comparison.py results

Ratings are left out (the design makes them again); numbers are rounded to six digits, maps to half precision; tables
are compressed. Of the turned condition the means over folds are kept.
"""

import gzip
import hashlib
import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from kit.study.results import SHIPPED, TABLES, TURNED, Results

DATA = Path(__file__).resolve().parents[1]


def main(results: Path) -> None:
    folder, found = DATA / SHIPPED, Results.load(results)
    for path in folder.iterdir():
        path.unlink()
    maps = {name: _half(values) for name, values in found.maps.items()}
    replace(found, **{name: getattr(found, name).map(_rounded) for name in TABLES}, maps=maps).save(folder)
    (folder / "ratings.csv").unlink()
    turned = Results.load(results / "turned").main_scores()
    means = turned.groupby(list(TURNED)[:3], sort=False)[["mi", "redundancy"]].mean()
    means.to_csv(folder / "turned.csv", float_format="%.6g")
    for path in folder.glob("*.csv"):
        path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes(), mtime=0))
        path.unlink()
    manifest = json.loads((DATA / "manifest.json").read_text())
    manifest = {name: entry for name, entry in manifest.items() if not name.startswith(f"{SHIPPED}/")}
    manifest |= {f"{SHIPPED}/{path.name}": _entry(path) for path in sorted(folder.iterdir())}
    (DATA / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")


def _rounded(value):
    return float(f"{value:.6g}") if isinstance(value, float) else value


def _half(values):
    return values.astype(np.float16) if np.issubdtype(values.dtype, np.floating) else values


def _entry(path: Path) -> dict:
    content = path.read_bytes()
    maker = "python -m kit reproduce --turned, then data/build/comparison.py"
    return {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content), "licence": "CC0-1.0", "maker": maker}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
