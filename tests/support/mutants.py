"""Do the quick tests notice when a line of the comparison is wrong? A random sample of mutants, the same every time.

    python tests/support/mutants.py --sample 150          (or make mutants)

cosmic-ray says what can be mutated and how. A mutant changes one place of one module (`FILES`); it is killed if one of
the module's quick tests (`TESTS`) fails, and survives if all pass. The source on the disk is never changed: each mutant
is imported instead of its module by a process of its own. What changes no number is left out: annotations, and the
guards `strict` and `frozen`.
"""

from __future__ import annotations

import argparse
import ast
import csv
import difflib
import importlib
import importlib.util
import os
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import TopologicalSorter
from importlib.machinery import SourceFileLoader
from pathlib import Path

import numpy as np
import pytest
from cosmic_ray import plugins
from cosmic_ray.ast import get_ast
from cosmic_ray.mutating import mutate_code

ROOT = Path(__file__).resolve().parents[2]
ANALYSIS = [ROOT / f"kit/analysis/{name}.py" for name in ("crossed", "redundancy", "variance")]
FILES = [*ANALYSIS, *sorted((ROOT / "kit/study").glob("*.py"))]
REPORT, PARTS, SCORES, SYSTEMS = (
    ["test_report"], ["test_study_parts"], ["test_study_scores"], ["test_study_parts", "test_systems"],
)  # fmt: skip
SVG = ["test_svg", "test_export"]
TESTS: dict[str, list[str]] = {  # quick tests by module, those first that are likely to fail
    "statements": ["test_claims"], "evidence": ["test_claims"], "grounds": ["test_claims", "test_guessers"],
    "export": ["test_export"], "svg": SVG, "svg_axes": SVG, "svg_marks": SVG,
    "contrasts": ["test_contrasts", "test_claims"],
    "erasure": ["test_erasure"], "halves": ["test_halves"], "ceilings": ["test_ceilings"], "casts": ["test_casts"],
    "registration": ["test_registration"], "maps": ["test_maps"], "partition": ["test_variance", "test_report"],
    "variance": ["test_variance"], "redundancy": ["test_redundancy"], "crossed": ["test_crossed"],
    "guessers": ["test_guessers"], "tried": ["test_guessers", "test_tried"], "checked": ["test_guessers"],
    "calibration": ["test_guessers", "test_crossed", "test_redundancy"], "agreement": PARTS + REPORT,
    "report_claims": REPORT, "report_people": REPORT, "report_features": REPORT, "figures": REPORT,
    "further_figures": REPORT, "reporting": REPORT, "page": REPORT, "steps": REPORT,
    "probes": SYSTEMS, "results": SYSTEMS, "units": SYSTEMS, "spaces": SYSTEMS, "fits": SCORES, "null": SCORES,
    "decoding": [*SCORES, "test_decoding"], "templates": SCORES, "generalisation": SCORES + PARTS, "removal": SCORES,
    "planted": SCORES, "workers": SCORES, "mystery": ["test_study"],
}  # fmt: skip
REST = PARTS
PRELOADED = ("torch", "pandas", "scipy.stats", "sklearn.metrics", "plotly.subplots", "numba", "himalaya.scoring",
             "statsmodels.stats.multitest", "tqdm.auto", "kit.faces", "kit.networks", "kit.behavior.observers",
             "kit.behavior.reliability", "kit.__main__")  # fmt: skip
SLOW = 6  # times as long as without a mutant, and
GRACE = 30  # seconds


@dataclass(frozen=True)
class Mutant:
    """One change of one module."""

    path: Path
    line: int
    operator: str
    source: str

    @property
    def module(self) -> str:
        return module_of(self.path)

    def difference(self) -> str:
        """The changed lines, before and after."""
        lines = difflib.unified_diff(self.path.read_text().splitlines(), self.source.splitlines(), n=0, lineterm="")
        return " ".join(line for line in list(lines)[2:] if not line.startswith("@@"))


def places(path: Path) -> dict[tuple, list[tuple[str, int]]]:
    """What can be mutated in a module: (operator, occurrence) by place."""
    found: dict[tuple, list[tuple[str, int]]] = {}
    nodes = list(_nodes(get_ast(path.read_text())))
    for name in [name for name in plugins.operator_names() if not plugins.get_operator(name).arguments()]:
        operator, occurrence = plugins.get_operator(name)(), 0
        for node in nodes:
            for start, end in operator.mutation_positions(node):
                found.setdefault((start, end), []).append((name, occurrence))
                occurrence += 1
    return found


def _nodes(node) -> Iterator:
    """All nodes in the order in which cosmic-ray visits them."""
    yield node
    for child in getattr(node, "children", ()):
        yield from _nodes(child)


def sampled(count: int, seed: int) -> list[Mutant]:
    """Places drawn at random over all modules, and at each a change drawn at random."""
    rng = np.random.default_rng(seed)
    everywhere = [(path, place, how) for path in FILES for place, how in sorted(places(path).items())]
    mutants: list[Mutant] = []
    for row in rng.permutation(len(everywhere)):
        path, place, how = everywhere[row]
        name, occurrence = how[rng.integers(len(how))]
        source = mutate_code(path.read_text(), plugins.get_operator(name)(), occurrence)
        if _differs(path.read_text(), source):
            mutants.append(Mutant(path, place[0][0], name, source))
        if len(mutants) == count:
            break
    return mutants


def _differs(before: str, after: str | None) -> bool:
    """Whether a mutant runs and may do something else."""
    try:
        return after is not None and _bare(before) != _bare(after)
    except SyntaxError:
        return False


def _bare(source: str) -> str:
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg in ("strict", "frozen"):
            node.value = ast.Constant(0)
        for name in ("annotation", "returns"):
            if getattr(node, name, None) is not None:
                setattr(node, name, ast.Constant(0))
    return ast.dump(tree)


class Swapped(SourceFileLoader):
    """Imports a mutant where its module is asked for."""

    def __init__(self, mutant: Mutant) -> None:
        super().__init__(mutant.module, str(mutant.path))
        self.mutant = mutant

    def find_spec(self, name: str, *_):
        if name == self.mutant.module:
            return importlib.util.spec_from_file_location(name, self.mutant.path, loader=self)
        return None

    def get_code(self, _name: str):
        return compile(self.mutant.source, str(self.mutant.path), "exec")


def tests_of(path: Path) -> list[str]:
    return [str(ROOT / f"tests/{name}.py") for name in TESTS.get(path.stem, REST)]


def passes(tests: list[str], mutant: Mutant | None, limit: float | None) -> bool:
    """Whether tests pass in a process of their own, with a mutant in the place of its module."""
    child = os.fork()
    if not child:
        os.setsid()
        if mutant:
            sys.meta_path.insert(0, Swapped(mutant))
        silence = os.open(os.devnull, os.O_WRONLY)
        if mutant or not os.environ.get("SHOW"):
            os.dup2(silence, 1), os.dup2(silence, 2)
        code = 1
        try:
            code = pytest.main(["-x", "-q", "-p", "no:cacheprovider", *tests])
        finally:
            os._exit(int(code != 0))
    return _ended(child, limit)


def _ended(child: int, limit: float | None) -> bool:
    began = time.monotonic()
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status) == 0
        if limit and time.monotonic() - began > limit:
            os.killpg(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return False
        time.sleep(0.1)


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def in_order() -> list[Path]:
    """Modules after those that they import: while one is mutated, all before it can stay loaded."""
    names = {module_of(path): path for path in FILES}
    graph = {path: {names[name] for name in _imported(path) if name in names} | {*ANALYSIS} for path in FILES}
    graph |= {path: set(ANALYSIS[:place]) for place, path in enumerate(ANALYSIS)}  # others of the room import them, too
    return list(TopologicalSorter(graph).static_order())


def _imported(path: Path) -> Iterator[str]:
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def preload() -> None:
    """Import once what no mutant changes, for all processes that follow."""
    for name in PRELOADED:
        importlib.import_module(name)
    from kit import faces

    faces.load()
    changed = {module_of(path) for path in FILES} - {"kit.study"}
    assert not changed & set(sys.modules), sorted(changed & set(sys.modules))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sample", type=int, default=150, help="mutants (default 150)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", nargs="*", help="names of modules, such as evidence")
    parser.add_argument("--lines", nargs="*", help="module:line of mutants to try again")
    parser.add_argument("--out", type=Path, default=ROOT / "results/mutants.csv")
    parser.add_argument("--list", action="store_true", help="show the sample and stop")
    chosen = parser.parse_args()
    mutants = sampled(chosen.sample, chosen.seed)
    mutants = [m for m in mutants if not chosen.only or m.path.stem in chosen.only]
    mutants = [m for m in mutants if not chosen.lines or f"{m.path.stem}:{m.line}" in chosen.lines]
    if chosen.list:
        for m in mutants:
            print(f"{m.path.stem}:{m.line} {m.operator.removeprefix('core/')}: {m.difference()}")
        return 0
    preload()
    return tried(mutants, chosen.out)


def tried(mutants: list[Mutant], out: Path) -> int:
    """Try all mutants, write what became of each, print the survivors and the score."""
    limits: dict[tuple, float] = {}
    killed = 0
    out.parent.mkdir(parents=True, exist_ok=True)
    with out.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["module", "line", "operator", "killed", "seconds", "difference"])
        order, loaded = in_order(), 0
        for mutant in sorted(mutants, key=lambda m: order.index(m.path)):
            for path in order[loaded : (loaded := order.index(mutant.path))]:
                importlib.import_module(module_of(path))
            tests, began = tests_of(mutant.path), time.monotonic()
            if tuple(tests) not in limits:
                assert passes(tests, None, None), f"these fail without any mutant: {tests}"
                limits[tuple(tests)] = GRACE + SLOW * (time.monotonic() - began)
                began = time.monotonic()
            survived = passes(tests, mutant, limits[tuple(tests)])
            killed += not survived
            told = [mutant.path.stem, mutant.line, mutant.operator, not survived, round(time.monotonic() - began, 1)]
            rows.writerow([*told, mutant.difference()])
            file.flush()
            if survived:
                print("survived:", f"{mutant.path.stem}:{mutant.line}", mutant.difference(), flush=True)
    print(f"{killed} of {len(mutants)} killed: {killed / max(len(mutants), 1):.1%}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
