"""Do the quick tests notice when a line is wrong? A random sample of mutants of each room, the same every time.

    python tests/support/mutants.py --rooms study course analysis --sample 150          (or make mutants)

cosmic-ray says what can be mutated and how. A mutant changes one place of one module of a room (`ROOMS`); it is killed
if one of the module's quick tests (`TESTS`) fails, and survives if all pass. What changes no number is left out:
annotations, and the guards `strict` and `frozen`. Stop it at will: what is in the table (`--out`) is not tried again.

The source on the disk is never changed. In `study` and `analysis` each mutant is imported instead of its module by a
process of its own, forked where all else is loaded. The tests of `course` start further processes, so there a copy of
the kit holds the mutant (`Copied`). Before a module's first mutant its tests must pass, and must fail where the module
stops at its first line: else they would not notice anything.
"""

from __future__ import annotations

import argparse
import ast
import csv
import difflib
import importlib
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from graphlib import TopologicalSorter
from importlib.machinery import SourceFileLoader
from pathlib import Path

import numba
import numpy as np
import pytest
from cosmic_ray import plugins
from cosmic_ray.ast import get_ast
from cosmic_ray.mutating import mutate_code

ROOT = Path(__file__).resolve().parents[2]
FOR_STUDY = [ROOT / f"kit/analysis/{name}.py" for name in ("crossed", "redundancy", "variance")]
ROOMS = {room: sorted((ROOT / f"kit/{room}").glob("*.py")) for room in ("study", "course", "analysis")}
ROOMS["study"] = [*FOR_STUDY, *ROOMS["study"]]
REPORT, PARTS, SCORES, SYSTEMS = (
    ["test_report"], ["test_study_parts"], ["test_study_scores"], ["test_study_parts", "test_systems"],
)  # fmt: skip
SVG, LAYERS, BROUGHT = ["test_svg", "test_export"], ["test_layers"], ["test_brought_data"]
TESTS: dict[str, list[str]] = {  # quick tests by module, those first that are likely to fail
    "statements": ["test_claims"], "evidence": ["test_claims"], "grounds": ["test_claims", "test_guessers"],
    "export": ["test_export"], "svg": SVG, "svg_axes": SVG, "svg_marks": SVG,
    "contrasts": ["test_contrasts", "test_claims"],
    "erasure": ["test_erasure"], "halves": ["test_halves"], "ceilings": ["test_ceilings"], "casts": ["test_casts"],
    "registration": ["test_registration"], "maps": ["test_maps"], "partition": ["test_variance", "test_report"],
    "variance": ["test_variance"], "redundancy": ["test_redundancy"], "crossed": ["test_crossed", "test_seeds"],
    "guessers": ["test_guessers"], "tried": ["test_guessers", "test_tried"], "checked": ["test_guessers"],
    "calibration": ["test_guessers", "test_crossed", "test_redundancy"],
    "agreement": ["test_reliability", *PARTS, *REPORT],
    "report_claims": REPORT, "report_people": REPORT, "report_features": REPORT, "figures": REPORT,
    "further_figures": REPORT, "reporting": REPORT, "page": REPORT, "steps": REPORT,
    "probes": SYSTEMS, "results": SYSTEMS, "units": SYSTEMS, "spaces": SYSTEMS, "fits": SCORES, "null": SCORES,
    "decoding": [*SCORES, "test_decoding"], "templates": SCORES, "generalisation": SCORES + PARTS, "removal": SCORES,
    "planted": SCORES, "workers": SCORES, "mystery": ["test_study"], "looks": ["test_own_networks"], "shelf": SYSTEMS,
    "classes": ["test_study_classes"], "conditions": PARTS, "controversial": ["test_controversial"],
    "layer_scan": LAYERS, "layer_drawings": LAYERS, "photographs": ["test_photographs_row"], "seeds": ["test_seeds"],
    "daube": BROUGHT, "impressions": BROUGHT, "matlab": BROUGHT, "pairs": BROUGHT, "triplets": BROUGHT,
}  # fmt: skip
ENCODING, INFORMATION, RSA = ["test_encoding"], ["test_information"], ["test_rsa", "test_rdms"]
COURSE, GRADER = ["test_course", "test_collect"], ["test_doctor_and_grader", "test_limits"]
TESTS |= {
    "_blocks": ENCODING, "banded": ENCODING, "encoding": ENCODING, "ridge_encoder": ENCODING,
    "_checks": ENCODING + INFORMATION, "kendall": ["test_statistics", *ENCODING, *RSA], "power": ["test_power"],
    "statistics": ["test_statistics", "test_information"], "nulls": ["test_information", "test_halves"],
    "information": INFORMATION, "copula": ["test_information", "test_reverse_correlation"],
    "information_map": ["test_reverse_correlation"], "reverse_correlation": ["test_reverse_correlation"],
    "pid": ["test_pid"], "gaussian_pid": ["test_pid"], "proportional_fit": ["test_pid"], "privacy": ["test_privacy"],
    "cka": RSA, "dissimilarity": RSA, "rsa": RSA, "rdms": RSA, "exchange": RSA, "projection": ["test_projection"],
    "identification": ["test_privacy", "test_fmri"], "feature_visualization": ["test_feature_visualization"],
    "dissociation": ["test_disorders", "test_widgets_lesions"],
}  # fmt: skip
IN_COURSE: dict[str, list[str]] = {
    "apart": GRADER, "autograde": ["test_grading"], "collect": COURSE + ["test_times"], "collected": COURSE,
    "commands": COURSE, "disarm": ["test_disarm"], "downloads": ["test_downloads", "test_collect"],
    "execute": ["test_sandbox", "test_doctor_and_grader"], "feedback": ["test_grading"], "formulas": ["test_grading"],
    "grade": GRADER, "grades": ["test_grades", "test_times", "test_course"], "judge": GRADER, "names": COURSE,
    "places": COURSE, "register": ["test_grades"], "remote": ["test_limits"], "restore": GRADER,
    "roster": ["test_collect", "test_grades"], "sandbox": ["test_sandbox", "test_limits"], "screen": GRADER,
    "steps": GRADER, "student": ["test_course_wire", *GRADER], "students": ["test_collect", "test_grades"],
    "summary": ["test_harmless", "test_course"], "times": ["test_times"], "wire": ["test_course_wire", "test_limits"],
    "zipnames": ["test_downloads"],
}  # fmt: skip
REST = PARTS
PRELOADED = ("torch", "pandas", "scipy.stats", "sklearn.metrics", "plotly.subplots", "numba", "himalaya.scoring",
             "statsmodels.stats.multitest", "tqdm.auto", "kit.faces", "kit.networks", "kit.behavior.observers",
             "kit.behavior.reliability", "kit.__main__")  # fmt: skip
SLOW = 6  # times as long as without a mutant, and
GRACE = 30  # seconds
QUIET = ("-x", "-q", "-p", "no:cacheprovider")
COLUMNS = ("room", "module", "line", "operator", "killed", "seconds", "difference")


@dataclass(frozen=True)
class Mutant:
    """One change of one module."""

    room: str
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


def sampled(room: str, count: int, seed: int) -> list[Mutant]:
    """Places drawn at random over all modules of a room, and at each a change drawn at random."""
    rng = np.random.default_rng(seed)
    everywhere = [(path, place, how) for path in ROOMS[room] for place, how in sorted(places(path).items())]
    mutants: list[Mutant] = []
    for row in rng.permutation(len(everywhere)):
        path, place, how = everywhere[row]
        name, occurrence = how[rng.integers(len(how))]
        source = mutate_code(path.read_text(), plugins.get_operator(name)(), occurrence)
        if _differs(path.read_text(), source):
            mutants.append(Mutant(room, path, place[0][0], name, source))
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


def tests_of(mutant: Mutant) -> list[str]:
    names = IN_COURSE.get(mutant.path.stem, COURSE) if mutant.room == "course" else TESTS.get(mutant.path.stem, REST)
    return [str(ROOT / f"tests/{name}.py") for name in names]


class Forked:
    """Tries mutants in forks of a process that has loaded whatever no mutant of the room changes."""

    def __init__(self, room: str):
        self.order, self.loaded = in_order(room), 0
        preload({module_of(path) for path in ROOMS[room]} - {f"kit.{room}", "kit.analysis"})

    def close(self) -> None:
        """Nothing is left behind."""

    def load_before(self, path: Path) -> None:
        """Load the modules of the room that come before one; ask for modules in their order."""
        for before in self.order[self.loaded : self.order.index(path)]:
            importlib.import_module(module_of(before))
        self.loaded = max(self.loaded, self.order.index(path))

    def passes(self, tests: list[str], mutant: Mutant | None, limit: float | None) -> bool:
        """Whether tests pass in a process of their own, with a mutant in the place of its module."""
        machine_code = tempfile.mkdtemp(prefix="mutants-")
        child = os.fork()
        if not child:
            os.setsid()
            if mutant:
                sys.meta_path.insert(0, Swapped(mutant))
                numba.config.CACHE_DIR = machine_code  # the usual one knows a function by its path, and not its numbers
            silence = os.open(os.devnull, os.O_WRONLY)
            if mutant or not os.environ.get("SHOW"):
                os.dup2(silence, 1), os.dup2(silence, 2)
            code = 1
            try:
                code = pytest.main([*QUIET, *tests])
            finally:
                os._exit(int(code != 0))
        passed = _ended(child, limit)
        shutil.rmtree(machine_code, ignore_errors=True)
        return passed


class Copied:
    """Tries mutants in a copy of the kit, which further processes that the tests start import, too."""

    def __init__(self):
        self.order, self.folder = ROOMS["course"], Path(tempfile.mkdtemp(prefix="mutants-"))
        shutil.copytree(ROOT / "kit", self.folder / "kit", ignore=shutil.ignore_patterns("__pycache__"))
        for path in ROOT.iterdir():
            if path.name not in ("kit", ".git", "results"):
                (self.folder / path.name).symlink_to(path)

    def close(self) -> None:
        """Remove the copy."""
        shutil.rmtree(self.folder)

    def load_before(self, path: Path) -> None:
        """Nothing is loaded before: each run is a process from the start."""

    def passes(self, tests: list[str], mutant: Mutant | None, limit: float | None) -> bool:
        """Whether tests pass in a process of their own, with a mutant in the place of its module."""
        paths = {"PYTHONPATH": str(self.folder), "PYTHONDONTWRITEBYTECODE": "1"}
        if mutant:
            (self.folder / mutant.path.relative_to(ROOT)).write_text(mutant.source)
        told = None if os.environ.get("SHOW") and not mutant else subprocess.DEVNULL
        command = [sys.executable, "-m", "pytest", *QUIET, *tests]
        run = subprocess.Popen(
            command, cwd=self.folder, env=os.environ | paths, stdout=told, stderr=told, start_new_session=True
        )
        try:
            return run.wait(limit) == 0
        except subprocess.TimeoutExpired:
            os.killpg(run.pid, signal.SIGKILL)
            run.wait()
            return False
        finally:
            if mutant:
                shutil.copy(mutant.path, self.folder / mutant.path.relative_to(ROOT))


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


def in_order(room: str) -> list[Path]:
    """Modules after those that they import: while one is mutated, all before it can stay loaded."""
    names = {module_of(path): path for path in ROOMS[room]}
    graph = {path: {names[name] for name in _imported(path) if name in names} - {path} for path in ROOMS[room]}
    if room == "study":  # others of the room import them, too
        graph = {path: before | {*FOR_STUDY} for path, before in graph.items()}
        graph |= {path: set(FOR_STUDY[:place]) for place, path in enumerate(FOR_STUDY)}
    return list(TopologicalSorter(graph).static_order())


def _imported(path: Path) -> Iterator[str]:
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.ImportFrom):
            above = path.relative_to(ROOT).parts[: -node.level] if node.level else ()
            module = ".".join([*above, *([node.module] if node.module else [])])
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def preload(changed: set[str]) -> None:
    """Import once what no mutant changes, for all processes that follow."""
    for name in PRELOADED:
        importlib.import_module(name)
    from kit import faces

    faces.load()
    assert not changed & set(sys.modules), sorted(changed & set(sys.modules))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rooms", nargs="+", choices=ROOMS, default=[*ROOMS], help="all by default")
    parser.add_argument("--sample", type=int, default=150, help="mutants of each room (default 150)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", nargs="*", help="names of modules, such as evidence")
    parser.add_argument("--lines", nargs="*", help="module:line of mutants")
    parser.add_argument("--first", type=int, help="stop after so many of each room")
    parser.add_argument("--out", type=Path, default=ROOT / "results/mutants.csv")
    parser.add_argument("--list", action="store_true", help="show the sample and stop")
    chosen = parser.parse_args()
    for room in chosen.rooms:
        mutants = sampled(room, chosen.sample, chosen.seed)
        mutants = [m for m in mutants if not chosen.only or m.path.stem in chosen.only]
        mutants = [m for m in mutants if not chosen.lines or f"{m.path.stem}:{m.line}" in chosen.lines]
        mutants = mutants[: chosen.first]
        if chosen.list:
            for m in mutants:
                print(f"{room} {m.path.stem}:{m.line} {m.operator.removeprefix('core/')}: {m.difference()}")
        elif code := apart(room, mutants, chosen.out):
            return code
    return 0


def apart(room: str, mutants: list[Mutant], out: Path) -> int:
    """Try the mutants of a room in a process of their own, so that nothing of it stays loaded for the next."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    code = 1
    try:
        tried(room, mutants, out)
        code = 0
    finally:
        sys.stdout.flush()
        os._exit(code)


def tried(room: str, mutants: list[Mutant], out: Path) -> None:
    """Try the mutants that the table does not hold yet and write what became of each; print survivors and score."""
    known = before(out)
    todo = [mutant for mutant in mutants if told(mutant) not in known]
    if todo:
        rig = Copied() if room == "course" else Forked(room)
        ready: dict[Path, float] = {}
        with out.open("a", newline="") as file:
            rows = csv.writer(file)
            for mutant in sorted(todo, key=lambda m: rig.order.index(m.path)):
                rig.load_before(mutant.path)
                if mutant.path not in ready:
                    ready[mutant.path] = patience(rig, mutant)
                began = time.monotonic()
                survived = rig.passes(tests_of(mutant), mutant, ready[mutant.path])
                known[told(mutant)] = not survived
                rows.writerow([*told(mutant)[:4], not survived, round(time.monotonic() - began, 1), told(mutant)[4]])
                file.flush()
        rig.close()
    for mutant in mutants:
        if not known[told(mutant)]:
            print("survived:", room, f"{mutant.path.stem}:{mutant.line}", mutant.difference(), flush=True)
    killed = sum(known[told(mutant)] for mutant in mutants)
    print(f"{room}: {killed} of {len(mutants)} killed: {killed / max(len(mutants), 1):.1%}")


def patience(rig: Forked | Copied, mutant: Mutant) -> float:
    """Seconds that the tests of a module may take; they pass without a mutant, and fail without the module."""
    tests, began = tests_of(mutant), time.monotonic()
    assert rig.passes(tests, None, None), f"these fail without any mutant: {tests}"
    limit = GRACE + SLOW * (time.monotonic() - began)
    gone = replace(mutant, source="raise NotImplementedError")
    assert not rig.passes(tests, gone, limit), f"these pass without {mutant.module}: {tests}"
    return limit


def told(mutant: Mutant) -> tuple[str, str, str, str, str]:
    """What a row of the table says of a mutant."""
    return mutant.room, mutant.path.stem, str(mutant.line), mutant.operator, mutant.difference()


def before(out: Path) -> dict[tuple, bool]:
    """What the table holds of earlier runs: whether each was killed. A table is begun where there is none."""
    if not out.exists():
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(",".join(COLUMNS) + "\n")
    with out.open(newline="") as file:
        rows = list(csv.DictReader(file))
    return {tuple(row[c] for c in (*COLUMNS[:4], "difference")): row["killed"] == "True" for row in rows}


if __name__ == "__main__":
    sys.exit(main())
