"""Ship what `reproduce --turned --photographs` found of the recogniser: python data/build/photographs.py results

The row goes into `data/photographs`, beside the registered comparison, whose own rows must have come out as they are
shipped. The recogniser's layers are read here, half an hour for each viewing condition, and kept in `results`.
"""

import gzip
import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from comparison import DATA, _entry

from kit import networks, study
from kit.faces.views import FRONTAL, VIEWS
from kit.files.atomic import atomic
from kit.study import conditions, panels, photographs
from kit.study.results import TURNED, Results
from kit.study.spaces import PHOTOGRAPHS

SAME = 1e-5  # of what is shipped with six digits


def main(results: Path) -> None:
    found = {view: Results.load(conditions.folder_of(results, view)) for view in VIEWS}
    for results_of in found.values():
        check_the_others(results_of)
    read = {view: layers(view, conditions.folder_of(results, view)) for view in VIEWS}
    tables = {
        "scores": pd.concat([photographs.row_of(r) for r in found.values()]),
        "layers": pd.concat([about for about, _ in read.values()]),
        "layer_scores": pd.concat([scores for _, scores in read.values()]),
    }
    folder = DATA / photographs.FOLDER
    folder.mkdir(exist_ok=True)
    for name, table in tables.items():
        text = table[list(photographs.TABLES[name])].to_csv(index=False, float_format="%.6g")
        (folder / f"{name}.csv.gz").write_bytes(gzip.compress(text.encode(), mtime=0))
    manifest = json.loads((DATA / "manifest.json").read_text())
    maker = {"maker": "python -m kit reproduce --turned --photographs, then data/build/photographs.py"}
    manifest |= {f"{photographs.FOLDER}/{path.name}": _entry(path) | maker for path in sorted(folder.iterdir())}
    (DATA / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")


def check_the_others(results: Results) -> None:
    """Raise a ValueError if a row of the registered comparison came out otherwise than it is shipped."""
    turned = results.design.view != FRONTAL
    shipped = study.shipped_turned() if turned else study.shipped().main_scores()
    by, ran = list(TURNED)[:3], results.main_scores()
    both = [t[t["space"] != PHOTOGRAPHS].groupby(by)[["mi", "redundancy"]].mean() for t in (shipped, ran)]
    away = np.abs(both[0] - both[1]).max().max() if both[0].index.equals(both[1].index) else np.inf
    print(f"{results.design.view}: {len(both[0])} other cells differ by at most {away:.1e} bits from those shipped")
    if not away < SAME:
        raise ValueError(f"other systems do not come out as shipped ({results.design.view}): {away} bits apart")


def layers(view: str, folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The recogniser's layers in a viewing condition: about them, and scores averaged over folds."""
    paths = [folder / f"photograph_{name}.csv" for name in ("layers", "layer_scores")]
    if not all(path.exists() for path in paths):
        design = replace(study.DEFAULT, view=view)
        everyone = panels.answers(panels.proper(panels.simulate(design)), design.folds)
        found = study.layers(networks.photograph_network(), everyone, photographs.LAYERS)
        by = ["observer", "identity", "series", "space"]
        scores = found.scores.groupby(by, sort=False)[list(photographs.SCORES)].mean().reset_index()
        for path, table in zip(paths, (found.about, scores.assign(fold=0))):
            with atomic(path) as file:
                file.write(table.assign(view=view).to_csv(index=False).encode())
    about, scores = (pd.read_csv(path) for path in paths)
    return about, scores


if __name__ == "__main__":
    main(Path(sys.argv[1]))
