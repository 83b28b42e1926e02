"""Read the recogniser that was trained on photographs, and ship its row: python data/build/photographs.py results

Every layer is asked about the *simulated* observers of the default comparison, frontal and turned: half an hour each.
What is read is kept in the folder `results`, so that it goes on where it was stopped; a view, "turned", as a second
argument stops after that. The row goes into `data/photographs`, beside the registered comparison; what shape and
texture tell must come out as it is shipped there.
"""

import gzip
import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from comparison import DATA, _entry
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from kit import networks, study
from kit.faces.views import FRONTAL, VIEWS
from kit.files.atomic import atomic
from kit.networks.scan import LayerScan
from kit.study import erasure, fits, layer_scan, panels, photographs
from kit.study.results import TURNED
from kit.study.space_names import MODEL_SPACES, PHOTOGRAPHS

SAME = 1e-5  # bits: what is shipped has six digits
WHO = ["observer", "identity", "series"]
EMBEDDING = photographs.LAYERS[-1]


def main(results: Path, views: list[str]) -> None:
    torch.set_num_threads(1)
    with threadpool_limits(1, "blas"):
        found = {view: of_view(view, results) for view in views}
    if views == list(VIEWS):
        ship({name: pd.concat([tables[name] for tables in found.values()]) for name in photographs.TABLES})


def of_view(view: str, results: Path) -> dict[str, pd.DataFrame]:
    """The tables of one viewing condition, read from `results` if they were kept there."""
    paths = {name: results / f"{name}-{view}.csv" for name in photographs.TABLES}
    if not all(path.exists() for path in paths.values()):
        for name, table in compute(view, results).items():
            with atomic(paths[name]) as file:
                file.write(table.assign(view=view)[list(photographs.TABLES[name])].to_csv(index=False).encode())
    return {name: pd.read_csv(path) for name, path in paths.items()}


def compute(view: str, results: Path) -> dict[str, pd.DataFrame]:
    """Layers, their scores, and the row: what the embedding tells, shares with shape, and loses with it."""
    design = replace(study.DEFAULT, view=view)
    everyone = panels.answers(panels.proper(panels.simulate(design)), design.folds)
    series = dict.fromkeys(answers.series for answers in everyone)
    scans = {one: kept(one, results / "scans" / f"{one.name}.npz") for one in series}
    found = layer_scan.compared(scans, everyone)
    scores = found.scores.groupby([*WHO, "space"], sort=False)[list(photographs.SCORES)].mean().reset_index()
    check_the_others(view, scores)
    told = scores[scores["space"] == EMBEDDING].rename(columns={"with_shape": "redundancy"})
    rows = told.merge(pd.concat([lost(scans, one, everyone) for one in series]), on=WHO)
    return {"scores": rows, "layers": found.about, "layer_scores": scores.assign(fold=0)}


def kept(series: panels.Series, path: Path) -> LayerScan:
    """The layers of all faces of a series; read from a file if it is there."""
    if not path.exists():
        print(f"reading {series.name}", flush=True)
        scan = layer_scan.scanned(networks.photograph_network(), series, photographs.LAYERS)
        with atomic(path) as file:
            np.savez(file, sizes=list(scan.sizes.values()), losses=list(scan.losses.values()), **scan.features)
    with np.load(path) as file:
        sizes, losses = (dict(zip(photographs.LAYERS, file[name].tolist())) for name in ("sizes", "losses"))
        return LayerScan({name: file[name] for name in photographs.LAYERS}, sizes, losses)


def lost(scans: dict, series: panels.Series, everyone: list[panels.Answers]) -> pd.DataFrame:
    """Bits that each observer's model loses with shape, texture or a lot, as `kit.study.units.encode` reckons it."""
    shown = series.trials().faces
    spaces = {name: getattr(shown, name) for name in MODEL_SPACES} | {PHOTOGRAPHS: scans[series].features[EMBEDDING]}
    known, parts = erasure.erasers(spaces), []
    for answers in tqdm([a for a in everyone if a.series == series], f"erasing, {series.identity}", leave=False):
        models = {PHOTOGRAPHS: fits.fit(spaces[PHOTOGRAPHS], answers)}
        who = dict(zip(WHO, (answers.observer, series.identity, series.name)))
        parts.append(erasure.scores(spaces, known, models, answers).assign(**who))
    costs = erasure.costs(pd.concat(parts)).groupby(WHO, sort=False)[list(photographs.LOST)].mean()
    return costs.reset_index()


def check_the_others(view: str, scores: pd.DataFrame) -> None:
    """Raise a ValueError if shape and texture tell something else here than in the shipped comparison."""
    shipped = study.shipped().main_scores() if view == FRONTAL else study.shipped_turned()
    by = list(TURNED)[:3]
    one, other = (t[t["space"].isin(MODEL_SPACES)].groupby(by)["mi"].mean() for t in (shipped, scores))
    away = np.abs(one - other).max() if one.index.equals(other.index) else np.inf
    print(f"{view}: {len(one)} values of shape and texture differ by {away:.1e} bits from those shipped", flush=True)
    if not away < SAME:
        raise ValueError(f"shape and texture do not come out as shipped ({view}): other observers or panels?")


def ship(tables: dict[str, pd.DataFrame]) -> None:
    """Write the tables, compressed and with six digits, and list them in the manifest."""
    folder = DATA / photographs.FOLDER
    folder.mkdir(exist_ok=True)
    for name, table in tables.items():
        text = table.to_csv(index=False, float_format="%.6g")
        (folder / f"{name}.csv.gz").write_bytes(gzip.compress(text.encode(), mtime=0))
    manifest = json.loads((DATA / "manifest.json").read_text())
    maker = {"maker": "data/build/photographs.py"}
    manifest |= {f"{photographs.FOLDER}/{path.name}": _entry(path) | maker for path in sorted(folder.iterdir())}
    (DATA / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:] or list(VIEWS))
