"""The whole comparison: from faces and ratings to what each system shares with the observers.

Every piece of work is written to the results folder when it is done, so that a run which was stopped goes on
where it was, and the same design gives the same numbers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path

import pandas as pd
from threadpoolctl import threadpool_limits
from tqdm.auto import tqdm

from kit import __version__
from kit.behavior.observers import Observer
from kit.behavior.ratings import validate
from kit.faces.stimuli import PANEL
from kit.files import harmless
from kit.networks.basics.live import one_thread

from . import ceilings, conditions, panels, results, seeds, units
from .design import DEFAULT, Design
from .library import Library
from .panels import CONTROL, Answers
from .probes import catalogue, check_names, fingerprint, probe
from .results import Results
from .shared_features import compare
from .spaces import Embeds, further_seeds
from .spaces import systems as known_systems
from .units import Piece
from .workers import spread

NOT_GENERALISED = pd.DataFrame(columns=["task", "features", "identity", "strength", "system", "accuracy"])
NO_DISTANCES = pd.DataFrame(columns=["observer", "identity", "task", "features", "system", "distance"])
Work = Callable[[Answers], Piece]
TITLES = {
    "erasers": "erasers",
    "encode": "encoding models",
    "seeds": "further seeds",
    "controls": "controls",
    "further": "joint spaces and null",
}


@one_thread()
@threadpool_limits.wrap(limits=1, user_api="blas")  # other numbers of threads give other last digits
def run(
    design: Design = DEFAULT,
    ratings: pd.DataFrame | None = None,
    systems: Mapping[str, Embeds] | None = None,
    cast: list[Observer] | None = None,
    folder: Path | str = "results",
    jobs: int = -1,
) -> Results:
    """Compare systems with observers: which features do they share?

    Parameters
    ----------
    design : Design
    ratings : DataFrame, optional
        Of people, as `kit.behavior.ratings.read` returns it, or with its required columns at least. By
        default *simulated* observers rate. Rows of another viewing condition than the design's are left out,
        with a warning.
    systems : mapping of str to Embeds, optional
        What is compared beside the face model's own spaces; by default pixels, an untrained network and
        the zoo. Add your own: `{**spaces.systems(), "mine": networks.wrap(module, size=224)}`; each is shown
        pictures of its own size and crop. Names must be fit for a file, and not those of the kit's own spaces.
    cast : list of Observer, optional
        *Simulated* observers instead of the default cast and controls.
    folder : path
        Where pieces of work and results are kept.
    jobs : int
        Workers; -1 is one a core. Threads by default; `joblib.parallel_config(backend=...)` spreads the
        work over processes or a Dask cluster that share the folder.

    Returns
    -------
    Results

    Raises
    ------
    ValueError
        If rows of the ratings are wrong, no observer's can be scored, none are of the design's viewing condition,
        or a system's name or features cannot be used; the message says why.
    """
    systems = known_systems(pixels=design.pixels, pixels_long=design.pixels_long) if systems is None else systems
    check_names(systems)
    table = panels.simulate(design, cast) if ratings is None else conditions.of_view(_of_people(ratings), design.view)
    everyone = panels.answers(table, design.folds)
    usable = [answers for answers in everyone if answers.folds]
    proper = [answers for answers in usable if not answers.observer.startswith(CONTROL)]
    controls = [answers for answers in usable if answers.observer.startswith(CONTROL)]
    if not proper:
        raise ValueError(_nothing_usable(everyone))
    seen, asked, again = probe(systems, _shown(usable)), _cast_of(design, cast, ratings), further_seeds(systems)
    known, folder = fingerprint(systems, seen), Path(folder).resolve()  # workers may start elsewhere
    library = Library(folder / "features" / known, *_parted(systems, again))
    keep = partial(
        units.kept, folder / "work" / design.key(known, _digest(table), __version__, *(o.name for o in asked))
    )
    for series in tqdm(dict.fromkeys(answers.series for answers in usable), "series of faces", unit="series"):
        library.fill(series, jobs)
    shelf = library.shelf

    def erasers(series: panels.Series) -> Piece:
        return keep(f"erasers {series.name}", lambda: units.learn_erasers(series, shelf))

    # The workers that encode read them.
    spread(erasers, list(dict.fromkeys(answers.series for answers in proper)), jobs, TITLES["erasers"])
    encoded = _all(proper, lambda a: units.encode(a, shelf, erasers(a.series)), keep, "encode", jobs)
    reseeded = _all(proper, lambda a: units.encode_seeds(a, shelf), keep, "seeds", jobs) if again else []
    checked = _all(controls, lambda a: units.encode_control(a, shelf), keep, "controls", jobs)
    some = proper if design.thorough else in_turn(proper)
    further = _all(some, lambda a: units.encode_further(a, shelf, design.shifts), keep, "further", jobs)
    found = compare(list(zip(proper, encoded, strict=True)), library, asked, keep, design.seed)
    of_all = (proper, encoded), (controls, checked), (some, further)
    scores = [results.of_units(answers, done, "scores") for answers, done in of_all if answers]
    likeness = [unit.tables["likeness"] for unit in found.values() if "likeness" in unit.tables]
    tables = found["generalisation"].tables if "generalisation" in found else {}
    everybody = {} if ratings is not None else {o.name: o for o in (panels.cast_of(design) if cast is None else cast)}
    found_tables = {
        "scores": pd.concat(scores, ignore_index=True), "systems": results.of_units(proper, encoded, "systems"),
        "null": results.of_units(some, further, "null"), "erasure": results.of_units(proper, encoded, "erasure"),
        "partition": results.of_units(proper, encoded, "partition"),
        "seeds": seeds.table(scores[0], results.of_units(proper, reseeded, "seeds") if again else None, systems),
        "ceilings": ceilings.table(usable, table, everybody), "planted": panels.planted_shares(everybody.values()),
        "decoding": found["decoding"].tables["decoding"], "likeness": pd.concat(likeness, ignore_index=True),
        "generalisation": tables.get("generalisation", NOT_GENERALISED),
        "distances": tables.get("distances", NO_DISTANCES), "left_out": results.left_out(everyone),
        "catalogue": catalogue(seen, library.systems),
    }  # fmt: skip
    maps = {f"{name}/{key}": array for name, unit in found.items() for key, array in unit.arrays.items()}
    typed = {name: results.typed(name, values) for name, values in found_tables.items()}
    return Results(design, ratings is None, validate(table), maps=maps, **typed)


def _shown(everyone: list[Answers]) -> int:
    """Faces of the longest series."""
    return max(PANEL * answers.series.length for answers in everyone)


def _parted(systems: Mapping[str, Embeds], again: list[str]) -> tuple[dict[str, Embeds], dict[str, Embeds]]:
    """First the systems of which everything is asked, then the networks of further seeds."""
    return {n: s for n, s in systems.items() if n not in again}, {n: systems[n] for n in again}


def _all(
    answers: list[Answers], work: Work, keep: Callable[[str, Callable], Piece], kind: str, jobs: int
) -> list[Piece]:
    """Do one piece of work for all answers, in parallel; pieces that are there already are read."""

    def one(a: Answers) -> Piece:
        return keep(f"{kind}/{hashlib.sha256(a.name.encode()).hexdigest()[:16]}", lambda: work(a))

    return spread(one, answers, jobs, TITLES[kind])


def in_turn(answers: list[Answers]) -> list[Answers]:
    """One series for each observer, the next for the next observer, so that all series are used."""
    own: dict[str, list[Answers]] = {}
    for a in answers:
        own.setdefault(a.observer, []).append(a)
    return [several[place % len(several)] for place, several in enumerate(own.values())]


def _of_people(ratings: pd.DataFrame) -> pd.DataFrame:
    """Ratings, checked, of observers whose names do not stand for something else."""
    table = validate(ratings)
    for name in table["observer"].unique():
        if name.startswith(CONTROL):
            raise ValueError(
                f"an observer is called {name!r}: {CONTROL!r} marks simulated observers, which count in no average. "
                "Choose another name; or leave the table out, and the observers are simulated again"
            )
        if name != harmless.line(name):
            raise ValueError(f"the name of the observer {name!r} holds characters that cannot be seen: write it again")
    return table


def _digest(table: pd.DataFrame) -> str:
    return hashlib.sha256(table.to_csv(index=False).encode()).hexdigest()[:12]


def _cast_of(design: Design, cast: list[Observer] | None, ratings: pd.DataFrame | None) -> list[Observer]:
    """The simulated observers who can be asked again, controls left out; nobody where people rated."""
    if ratings is not None:
        return []
    everyone = panels.cast_of(design) if cast is None else cast
    return [observer for observer in everyone if not observer.name.startswith(CONTROL)]


def _nothing_usable(everyone: Iterable[Answers]) -> str:
    told = [f"{a.observer} ({a.series.identity}): {len(a.rating)} trials, ratings {sorted(set(a.rating.tolist()))}"
            for a in everyone]  # fmt: skip
    return (
        "no ratings can be scored: an observer needs three blocks of 30 trials, each with three or more of "
        f"the six ratings; there are {'; '.join(told[:5]) or 'no rows of the phase rate'}"
    )
