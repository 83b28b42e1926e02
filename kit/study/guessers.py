"""How often would the report claim something of people who guess? Sessions of *simulated* guessers, counted.

Guessers choose and rate whatever they see, so nothing may be claimed of them; at the 5 % level a claim may hold by
chance in one session of twenty. Their choices do not depend on the faces, so all sessions may share one row of choices
while every rating is drawn anew: the models of hundreds of sessions are then fitted at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy.stats import norm

from kit.analysis.encoding import NestedRidge, nested_ridge, ridge_at
from kit.behavior.observers import RATINGS, STEPS
from kit.faces.stimuli import PANEL

from . import erasure, fits, null
from .design import Design
from .grounds import predicted
from .panels import Answers, Series, usable_folds
from .results import Results
from .space_names import MODEL, MODEL_SPACES, PIXELS, SHAPE, TRAINED, UNTRAINED
from .statements import HOLDS, claims
from .workers import spread

USUAL = np.diff(norm.cdf(np.r_[-np.inf, STEPS, np.inf]))  # how often observers give each rating
FOLDS = 5
BOUNDED = {"shape is enough": SHAPE, "viewpoint": "viae"}  # claims that need more than is fitted here, and whose gate
Spaces = Mapping[str, np.ndarray]


def counted(
    spaces: Mapping[Series, Spaces], observers: int, sessions: int = 200, rng: int = 0, jobs: int = 1
) -> pd.DataFrame:
    """In how many sessions of guessers does each claim hold?

    Parameters
    ----------
    spaces : mapping of Series to features (6 * length, d) by space
        The panels of each identity.
    observers : int
        Guessers a session, all with every series.
    sessions : int
    rng : int
    jobs : int
        Workers, which share the identities among them; the numbers are the same.

    Returns
    -------
    DataFrame, a row a claim (the index): held, sessions, share
        For two claims that rest on more than is fitted here (joint models, naming) the sessions are counted in which
        their system is above chance at all, which is at least as often as they hold.
    """
    held: dict[str, int] = {}
    for results in played(spaces, observers, sessions, rng, jobs):
        for judged in claims(results):
            held[judged.claim.key] = held.get(judged.claim.key, 0) + (judged.outcome == HOLDS)
        for key, name in BOUNDED.items():
            if name in results.spaces:
                held[key] = held.get(key, 0) + predicted(results, name)
    table = pd.DataFrame({"held": pd.Series(held, dtype=int), "sessions": sessions})
    return table.assign(share=table["held"] / sessions).rename_axis("claim")


def played(
    spaces: Mapping[Series, Spaces], observers: int, sessions: int, rng: int, jobs: int = 1
) -> Iterator[Results]:
    """Sessions of guessers, scored as `study.run` does: linear models and erasures, on which claims rest."""
    lots = np.random.default_rng(rng).spawn(len(spaces))  # each series its own, whoever draws first
    drawn = [(series, own, lot) for (series, own), lot in zip(spaces.items(), lots, strict=True)]
    parts = spread(lambda one: _one_series(*one, observers, sessions), drawn, jobs, "guessers")
    design = Design(identities=tuple(dict.fromkeys(series.identity for series in spaces)), observers=observers,
                    controls=(), graded=0, trials=max(90, next(iter(spaces)).length), folds=FOLDS)  # fmt: skip
    for session in range(sessions):
        tables = [part[session] for part in parts]
        yield _results(design, *(pd.concat(column, ignore_index=True) for column in zip(*tables, strict=True)))


def _one_series(
    series: Series, spaces: Spaces, rng: np.random.Generator, observers: int, sessions: int
) -> list[tuple[pd.DataFrame, ...]]:
    """Scores and erasures of every session with one series."""
    n, several = series.length, observers * sessions
    choice, trial = rng.integers(PANEL, size=n), np.arange(n)
    ratings = rng.choice(RATINGS, size=(n, several), p=USUAL)
    folds = min(usable_folds(column, FOLDS) for column in ratings.T)
    answers = [
        Answers(f"guesser {k % observers + 1}", series, trial, choice, column, folds)
        for k, column in enumerate(ratings.T)
    ]
    chosen = {name: values[answers[0].chosen].astype(float) for name, values in spaces.items()}
    chosen = {name: values[:, np.ptp(values, axis=0) > 0] for name, values in chosen.items()}
    fitted = {name: nested_ridge(values, ratings, folds, null.EXPONENTS) for name, values in chosen.items()}
    left = _erased(spaces, fitted, answers[0], ratings)
    found = []
    for k, own in enumerate(answers):
        models = {(name, fits.LINEAR): _target(model, k) for name, model in fitted.items()}
        tables = [fits.scores(models, own, models[SHAPE, fits.LINEAR])]
        tables += [erasure.scored({key: _target(model, k) for key, model in left.items()}, own)]
        found.append(
            tuple(t.assign(observer=own.observer, identity=series.identity, series=series.name) for t in tables)
        )
    columns = [[found[s * observers + o] for o in range(observers)] for s in range(sessions)]
    return [tuple(pd.concat(part, ignore_index=True) for part in zip(*own, strict=True)) for own in columns]


def _erased(spaces: Spaces, fitted: Mapping[str, NestedRidge], answers: Answers, ratings: np.ndarray) -> dict:
    """Models of every system before and after each removal, by (space, removed)."""
    out = {}
    for key, eraser in erasure.erasers(spaces).items():
        name, kind = key.rsplit("/", 1)
        out[name, erasure.NOTHING] = fitted[name]
        left = eraser(spaces[name][answers.chosen].astype(float))
        out[name, kind] = ridge_at(left[:, left.std(axis=0) > 0], ratings, fitted[name].exponents[:, :, 0])
    return out


def _target(model: NestedRidge, k: int) -> NestedRidge:
    """The model of one column of ratings."""
    return replace(model, predictions=model.predictions[:, [k]])


def _role(name: str) -> str:
    if name in MODEL_SPACES:
        return MODEL
    return name if name in (PIXELS, UNTRAINED) else TRAINED


def _results(design: Design, scores: pd.DataFrame, erased: pd.DataFrame) -> Results:
    empty = pd.DataFrame()
    planted = pd.DataFrame({"observer": scores["observer"].unique(), "share": np.nan})
    names = list(dict.fromkeys(scores["space"]))
    catalogue = pd.DataFrame({"space": names, "role": [_role(name) for name in names]})
    return Results(design=design, simulated=True, ratings=empty, scores=scores, systems=empty, null=empty,
                   erasure=erased, partition=empty, seeds=empty, ceilings=empty, planted=planted, decoding=empty,
                   likeness=empty, generalisation=empty, distances=empty, left_out=empty, catalogue=catalogue,
                   maps={})  # fmt: skip
