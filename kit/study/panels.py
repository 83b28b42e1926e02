"""Who saw what and answered how: tables of ratings, and the panels of faces behind them.

A table of ratings has a row for each trial and the columns of `docs/ratings.md`. Simulated observers and
people come in the same form, and everything after this module treats them alike.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from kit import faces
from kit.behavior import observers as simulated
from kit.behavior.observers import Observer
from kit.behavior.ratings import validate
from kit.faces import stimuli
from kit.faces.stimuli import PANEL, Trials
from kit.faces.views import FRONTAL, suffix

from . import casts
from .design import LEAST_TRIALS, Design

SAME_PANELS = ["identity", "seed", "components", "view"]
CONTROL = "control: "  # before the names of simulated observers that serve as a check


@dataclass(frozen=True)
class Series:
    """A series of panels round one identity, recovered from what a table says of it.

    Parameters
    ----------
    identity : str
    seed : int
    components : str
        How many leading shape and texture components vary, such as "60+50".
    length : int
        Number of panels.
    view : "frontal" or "turned"
        How the faces are shown.
    """

    identity: str
    seed: int
    components: str
    length: int
    view: str = FRONTAL

    @property
    def name(self) -> str:
        """Unique, and fit for a file."""
        return f"{self.identity}-{self.seed}-{self.components}-{self.length}{suffix(self.view)}"

    def trials(self) -> Trials:
        """The panels themselves; the same description gives the same faces."""
        target = stimuli.identities(faces.load())[self.identity]
        vary = stimuli.component_counts(self.components)
        return stimuli.trials(target, self.length, self.seed, vary, self.view)


@dataclass(frozen=True, eq=False)
class Answers:
    """What one observer, a person or a simulated one, answered to one series: the chosen faces, and their ratings.

    `series.trials()` are the panels: of these, `.faces[chosen]` are the faces, `.render(size, chosen)` what was seen.

    Parameters
    ----------
    observer : str
    series : Series
    trial : int array of shape (n,)
        In increasing order.
    choice : int array of shape (n,)
        0 ... 5.
    rating : int array of shape (n,)
        1 ... 6.
    folds : int
        Blocks of trials that each allow every score; 0 if there are too few trials or levels.
    """

    observer: str
    series: Series
    trial: np.ndarray
    choice: np.ndarray
    rating: np.ndarray
    folds: int

    @property
    def name(self) -> str:
        return f"{self.observer} · {self.series.name}"

    @property
    def chosen(self) -> np.ndarray:
        """Row of each chosen face among the faces of the series."""
        return PANEL * self.trial + self.choice


def proper(table: pd.DataFrame) -> pd.DataFrame:
    """Rows of the observers proper, without the controls."""
    return table[~table["observer"].str.startswith(CONTROL)]


def simulate(design: Design, cast: list[Observer] | None = None) -> pd.DataFrame:
    """Ratings of *simulated* observers: the default cast and the design's controls, or a cast of your own."""
    cast = cast_of(design) if cast is None else cast
    tables = [_one_identity(design, cast, place) for place in range(len(design.identities))]
    return pd.concat(tables, ignore_index=True)


def cast_of(design: Design) -> list[Observer]:
    """The *simulated* observers of a design: individuals of the default cast, then the controls."""
    model = faces.load()
    special = simulated.special(model)
    unknown = sorted(set(design.controls) - set(special))
    if unknown:
        raise ValueError(f"there is no special observer {unknown[0]!r}; they are {', '.join(special)}")
    controls = [replace(special[name], name=CONTROL + name) for name in design.controls]
    controls += [replace(one, name=CONTROL + one.name) for one in casts.graded(model, design.graded)]
    return simulated.cast(model, design.observers) + controls


def planted_shares(observers: Iterable[Observer]) -> pd.DataFrame:
    """What *simulated* observers go by: observer, and the share of shape (nan where there is none)."""
    rows = [(observer.name, casts.planted_share(observer)) for observer in observers]
    return pd.DataFrame(rows, columns=["observer", "share"])


def _one_identity(design: Design, cast: list[Observer], place: int) -> pd.DataFrame:
    """Every identity has a series of its own, so that chance in the panels is not shared."""
    name, seed = design.identities[place], len(design.identities) * design.seed + place
    series = Series(name, seed, _all_components(), design.trials, design.view)
    table = simulated.rate_all(cast, series.trials(), seed=seed)
    return table.assign(identity=name, phase="rate", seed=seed, components=series.components, view=series.view)


def _all_components() -> str:
    counts = faces.load().counts
    return f"{counts['shape']}+{counts['texture']}"


def answers(table: pd.DataFrame, folds: int = 9) -> list[Answers]:
    """The answers of each observer to each series in a table of ratings; only the phase "rate" counts.

    Retests would count twice, and catch trials hold the identity itself.

    Parameters
    ----------
    table : DataFrame
        As `simulate` or `kit.behavior.ratings.read` return it.
    folds : int
        Most blocks of the cross-validation.
    """
    out = []
    rated = validate(table).query("phase == 'rate'")
    for key, together in rated.groupby(SAME_PANELS, sort=False):
        series = Series(key[0], int(key[1]), key[2], int(together["trial"].max()) + 1, key[3])
        for observer, own in together.groupby("observer", sort=False):
            own = own.sort_values("trial")
            trial, choice, rating = (own[name].to_numpy(int) for name in ("trial", "choice", "rating"))
            out.append(Answers(str(observer), series, trial, choice, rating, usable_folds(rating, folds)))
    return out


def answer(observer: Observer, series: Series, seed: int = 0) -> Answers:
    """What one *simulated* observer answers to a series."""
    table = observer.rate(series.trials(), seed)
    rating = table["rating"].to_numpy()
    return Answers(
        observer.name, series, np.arange(len(table)), table["choice"].to_numpy(), rating, usable_folds(rating, 9)
    )


def usable_folds(rating: np.ndarray, most: int) -> int:
    """The largest number of contiguous blocks, 3 to `most`, that all have enough trials and three levels.

    Ratings are (n,). 0 if there is none: predictions of such answers cannot be scored.
    """
    for folds in range(min(most, len(rating) // LEAST_TRIALS), 2, -1):
        if all(len(np.unique(part)) >= 3 for part in np.array_split(rating, folds)):
            return folds
    return 0
