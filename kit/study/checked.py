"""The self-check: are the numbers right, the intervals as sure as they say, and do claims fail where they are false?

Everything here is *simulated*, so that the truth is known. `python -m kit selfcheck` runs it at full size.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from kit.faces.stimuli import IDENTITIES, TRIALS

from . import calibration, guessers, planted, tried
from .library import Library
from .panels import Series
from .planted import COMPONENTS, Recovered
from .space_names import MODEL_SPACES
from .spaces import systems

BIAS = 0.0015  # bits of redundancy that noise may seem to share
COPY = 0.005  # bits by which a copy may miss its own information
COVERAGE = (0.93, 0.975)  # that a 95 % interval may have under realistic variances
MOST_FALSE = 0.05  # share of sessions of guessers in which a claim may hold
SESSIONS = {(1, 1, 120): 200, (1, 1, 1800): 200, (3, 1, 1800): 200, (14, 4, 450): 200}  # observers, identities, trials
GUESSED_SYSTEMS = ("untrained", "classid", "ae", "viae")


def selfcheck(trials: int = TRIALS, folder: Path | str = "results/selfcheck", jobs: int = -1) -> Iterator[Recovered]:
    """All checks, one after the other; `trials` an observer for the planted truths."""
    yield from calibrated()
    yield from planted.checks(trials)
    yield from on_casts(tried.on_casts(folder=folder, jobs=jobs))
    yield from guessed(Path(folder), jobs)


def calibrated(experiments: int = 1000, repeats: int = 400) -> Iterator[Recovered]:
    """Coverage of the intervals, and bias of redundancy above chance."""
    found = calibration.coverage(experiments)
    real = found[found["realistic"] & found["effects"].eq("normal")]
    told = (
        f"{real['crossed'].min():.1%} to {real['crossed'].max():.1%}; nested bootstrap {real['nested'].min():.1%} to "
    )
    yield Recovered("95 % intervals hold the truth in 95 % of crossed experiments",
                bool(real["crossed"].between(*COVERAGE).all()), told + f"{real['nested'].max():.1%}")  # fmt: skip
    bias = calibration.redundancy_bias(repeats).query("atom == 'redundancy'").set_index("pair")["bias"]
    noise = bias[["s, noise", "noise, s", "noise, noise"]].abs().max()
    passed = bool(noise <= BIAS and abs(bias["s, s"]) <= COPY)
    yield Recovered("redundancy of noise is none, of a copy all", passed,
                f"bias {noise:.4f} bits where a source is noise, {bias['s, s']:+.4f} for a copy")  # fmt: skip


def on_casts(table: pd.DataFrame) -> Iterator[Recovered]:
    """A check for every claim on every cast for which something is expected."""
    for row in table[table["expected"] != tried.EITHER].itertuples():
        yield Recovered(f"claim '{row.claim}' on the cast '{row.cast}': {row.expected}", bool(row.passed),
                    f"{row.found}. {row.evidence}")  # fmt: skip


def guessed(folder: Path, jobs: int = 1) -> Iterator[Recovered]:
    """Claims hold in few sessions of guessers, at every size."""
    library = Library(folder / "guessers", systems(list(GUESSED_SYSTEMS[1:])))
    for (observers, identities, trials), sessions in SESSIONS.items():
        spaces = dict(_seen(library, name, place, trials) for place, name in enumerate(tuple(IDENTITIES)[:identities]))
        found = guessers.counted(spaces, observers, sessions, jobs=jobs)
        worst = found["share"].max() if len(found) else 0.0
        told = ", ".join(f"{claim} {share:.1%}" for claim, share in found["share"].items()) or "nothing is claimed"
        name = f"guessers, {observers} x {identities} x {trials} trials: claims hold in at most {MOST_FALSE:.0%}"
        yield Recovered(name, bool(worst <= MOST_FALSE), f"of {sessions} sessions: {told}")


def _seen(library: Library, identity: str, seed: int, trials: int) -> tuple[Series, dict[str, np.ndarray]]:
    series = Series(identity, seed, COMPONENTS, trials)
    library.fill(series)
    found = library.read(series)
    return series, {name: found[name] for name in (*MODEL_SPACES, "pixels", *GUESSED_SYSTEMS)}
