"""Every claim on every cast: it must hold where it was planted, and must not where it is false.

The casts are *simulated* (`kit.study.casts`), and the comparison of each is the same as of any other ratings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import pandas as pd

from kit import faces

from . import casts, comparison
from .design import DEFAULT, Design
from .results import Results
from .spaces import Embeds
from .statements import CLAIMS, HOLDS, claims

OBSERVERS = 6
MUST, MUST_NOT, EITHER = "holds", "must not hold", "either"
FULL = Design(observers=OBSERVERS, controls=(), graded=0, trials=600, folds=6, shifts=20)
# Where a claim must hold, the cast rates as many panels as in the comparison. With 600 the interval is too wide:
# of six shape users a share of 74 % (95 %: 57 to 92 %) was above half with p = .06 after Holm.
SHOWING = replace(FULL, trials=DEFAULT.trials, folds=DEFAULT.folds)


def design_of(cast: str) -> Design:
    """The design in which a cast is compared."""
    return SHOWING if any(cast in claim.holds_on for claim in CLAIMS) else FULL


def on_casts(
    systems: Mapping[str, Embeds] | None = None, design: Design | None = None, names: Iterable[str] = casts.CASTS,
    folder: Path | str = "results/selfcheck", jobs: int = -1, watch: Callable[[str, Results], None] | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Compare every cast with the systems and judge all claims.

    Parameters
    ----------
    systems : mapping of str to Embeds, optional
        As in `study.run`.
    design : Design, optional
        Its number of observers is that of each cast; `design_of` each by default.
    names : of `casts.CASTS`
    folder : path
    jobs : int
    watch : function (cast, Results), optional
        Gets the results of each cast.

    Returns
    -------
    DataFrame with columns claim, cast, expected, found, passed, evidence
    """
    model, tables = faces.load(), []
    for name in names:
        own = design or design_of(name)
        people = casts.cast(name, model, own.observers)
        results = comparison.run(replace(own, controls=(), graded=0), systems=systems, cast=people,
                                 folder=Path(folder), jobs=jobs)  # fmt: skip
        if watch:
            watch(name, results)
        tables.append(judged_on(results, name))
    return pd.concat(tables, ignore_index=True)


def judged_on(results: Results, cast: str) -> pd.DataFrame:
    """All claims on one cast's results, beside what is expected of them."""
    found = {judged.claim.key: judged for judged in claims(results)}
    rows = []
    for claim in CLAIMS:
        if claim.key in found:
            expected = MUST if cast in claim.holds_on else MUST_NOT if cast in claim.fails_on else EITHER
            outcome, evidence = found[claim.key].outcome, found[claim.key].evidence
            passed = expected == EITHER or (outcome == HOLDS) == (expected == MUST)
            rows.append((claim.key, cast, expected, outcome, passed, evidence))
    return pd.DataFrame(rows, columns=["claim", "cast", "expected", "found", "passed", "evidence"])
