"""Panels that decide: six faces about which observers, or systems, disagree most.

Random panels are answered alike by many. Out of the faces of a series, all drawn at random as in the study, six are put
together so that each suspect would choose another one; a few such panels tell who answers.

References
----------
Golan, Raju & Kriegeskorte (2020), PNAS 117(47):29330-29337; Kailath (1967), IEEE Transactions on Communication
Technology 15(1):52-60 (the bound on mistakes).
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from kit.behavior.chances import answer_chances, bits_a_trial, separation
from kit.behavior.observers import Observer
from kit.behavior.protocol import CHOSEN, Procedure
from kit.faces import Faces
from kit.faces.stimuli import PANEL, Trials, component_counts
from kit.faces.views import Views, from_the_front
from kit.files.atomic import atomic
from kit.files.tables import read_table
from kit.networks.pixels import Embeds

from .looks import look_of
from .panels import Series
from .spaces import embedded

NATURAL = 3.0  # sd beyond which no coefficient of a chosen face may be
FAVOURITES, DULL = 12, 12  # faces that are tried: each observer's own favourites, and those that nobody finds similar
SWEEPS = 2
COLUMNS = {"panel": int, "place": int, "identity": str, "seed": int, "components": str, "length": int, "view": str,
           "face": int, "bits": float}  # fmt: skip


@dataclass(frozen=True, eq=False)
class SystemMatcher:
    """A strategy that compares faces by what a system sees of them: Euclidean distance of its features.

    Parameters
    ----------
    name : str
    system : Network or what else embeds images
    """

    name: str
    system: Embeds

    def dissimilarity(self, faces: Faces, target: Faces, views: Views | None = None) -> np.ndarray:
        """Distance (n,) of the features of each face, as shown, to those of the target from the front."""
        look, views = look_of(self.name, self.system), from_the_front(len(faces)) if views is None else views
        seen = [embedded(self.name, self.system, images) for images in look.in_pieces(faces, views)]
        known = embedded(self.name, self.system, look.draw(target, from_the_front(1)))
        return np.linalg.norm(np.concatenate(seen).astype(float) - known, axis=1)


def as_observer(name: str, system: Embeds, noise: float = 0.5) -> Observer:
    """A *simulated* observer who finds faces similar that a system finds similar."""
    return Observer(name, SystemMatcher(name, system), noise=noise)


@dataclass(frozen=True, eq=False)
class Chosen:
    """Panels that were put together from the faces of a series.

    Attributes
    ----------
    series : Series
        Whose faces they are.
    faces : int array of shape (n, 6)
        Which of its 6 * length faces.
    bits : array of shape (n,)
        Expected bits that an answer to each panel tells about who answers.
    random_bits : float
        The same for the random panels of the series, their mean.
    """

    series: Series
    faces: np.ndarray
    bits: np.ndarray
    random_bits: float = float("nan")

    def __len__(self) -> int:
        return len(self.faces)

    @property
    def gain(self) -> float:
        """How many times as many bits a trial as random panels."""
        return float(self.bits.mean() / self.random_bits)

    def trials(self) -> Trials:
        """The panels, to be drawn or answered."""
        whole, rows = self.series.trials(), self.faces.ravel()
        return Trials(whole.target, whole.faces[rows], whole.views[rows])

    def design(self, observer: str = "me") -> Procedure:
        """The experiment in which a participant answers these panels: `open_session(chosen.design("p07"))`."""
        s, panels = self.series, tuple(map(tuple, self.faces.tolist()))
        return Procedure(s.identity, observer, s.seed, component_counts(s.components), view=s.view, chosen=panels)

    def answered(self, table: pd.DataFrame, observer: str) -> tuple[Trials, np.ndarray, np.ndarray]:
        """The panels that an observer answered, and the choices and ratings, from a table of ratings: for `beliefs`."""
        own = table[(table["observer"] == observer) & (table["phase"] == CHOSEN)].sort_values("trial")
        same = (own["identity"] == self.series.identity) & (own["seed"] == self.series.seed)
        if own.empty or not same.all() or own["trial"].max() >= len(self):
            raise ValueError(f"there are no answers of {observer!r} to these {len(self)} panels, or some to others")
        return self.trials().take(own["trial"].tolist()), own["choice"].to_numpy(), own["rating"].to_numpy()

    def to_frame(self) -> pd.DataFrame:
        """A row for each face on display, with the columns of `COLUMNS`: from them the faces can be made again."""
        n, s = len(self), self.series
        return pd.DataFrame({
            "panel": np.repeat(np.arange(n), PANEL), "place": np.tile(np.arange(PANEL), n), "identity": s.identity,
            "seed": s.seed, "components": s.components, "length": s.length, "view": s.view,
            "face": self.faces.ravel(), "bits": np.repeat(self.bits, PANEL),
        })  # fmt: skip

    def write(self, path: Path | str) -> Path:
        """The table as CSV."""
        with atomic(Path(path)) as file:
            file.write(self.to_frame().to_csv(index=False).encode())
        return Path(path)

    @classmethod
    def read(cls, path: Path | str) -> Chosen:
        """Panels that `write` wrote.

        Raises
        ------
        ValueError
            If a column is missing, panels are not whole, or a face is not of the series; the message names it.
        """
        text = io.StringIO(Path(path).read_text(encoding="utf-8-sig"), newline="")
        text.name = str(path)
        table = read_table(text, COLUMNS)
        about = table[["identity", "seed", "components", "length", "view"]].drop_duplicates()
        if len(about) != 1:
            raise ValueError(f"{path} holds panels of {len(about)} series: one file, one series")
        places = table.groupby("panel")["place"].apply(lambda own: sorted(own) == list(range(PANEL)))
        if not places.all():
            raise ValueError(f"{path}: panel {places.idxmin()} does not have the places 0 to {PANEL - 1} once each")
        table, series = table.sort_values(["panel", "place"], kind="stable"), Series(*about.iloc[0])
        faces = table["face"].to_numpy().reshape(-1, PANEL)
        if len(odd := faces[(faces < 0) | (faces >= PANEL * series.length)]):
            raise ValueError(f"{path}: face {odd[0]} is not one of the {PANEL * series.length} of the series")
        return cls(series, faces, table["bits"].to_numpy()[::PANEL])


def choose_panels(observers: Sequence[Observer], series: Series, n: int, most: float = NATURAL) -> Chosen:
    """Put panels together that tell *simulated* observers apart.

    Panel by panel, six faces of the series are sought that lower the bound on mistakes most: the sum over pairs of
    observers of 2^-(their Bhattacharyya distances over all panels so far). No face comes twice.

    Parameters
    ----------
    observers : sequence of Observer
        Two or more suspects; systems come as `as_observer(name, system)`.
    series : Series
        Whose faces can be used; at least twelve for each panel that is wanted, better a hundred.
    n : int
        Panels.
    most : float
        Faces with a coefficient beyond so many standard deviations are not used.

    Raises
    ------
    ValueError
        If there are fewer than two observers, two feel alike about every face, or the faces do not suffice.
    """
    if len(observers) < 2:
        raise ValueError("panels that tell observers apart need two of them or more")
    trials = series.trials()
    felt = np.stack([observer.felt(trials.faces, trials.target, trials.views) for observer in observers])
    free = _natural(trials.faces, most)
    if free.sum() < 2 * PANEL * n:
        raise ValueError(
            f"{free.sum()} of {len(free)} faces have no coefficient beyond {most:g} standard deviations, and {n} "
            f"panels need {2 * PANEL * n}: take a longer series, fewer panels, or a larger limit"
        )
    _refuse_alike(observers, felt)
    before, panels = 0.0, []
    for _ in range(n):
        panel = _best(observers, felt, np.flatnonzero(free), before)
        before = before + separation(_chances(observers, felt, panel[None]))[:, 0]
        panels.append(panel)
        free[panel] = False
    faces = np.array(panels)
    at_random = np.arange(len(trials.faces)).reshape(-1, PANEL)
    bits, usual = (bits_a_trial(_chances(observers, felt, rows)) for rows in (faces, at_random))
    return Chosen(series, faces, bits, float(usual.mean()))


def _natural(faces: Faces, most: float) -> np.ndarray:
    return np.abs(np.hstack([faces.shape, faces.texture])).max(axis=1) <= most


def _refuse_alike(observers: Sequence[Observer], felt: np.ndarray) -> None:
    for one, other in zip(*np.triu_indices(len(observers), 1)):
        if np.allclose(felt[one], felt[other]) and observers[one].noise == observers[other].noise:
            raise ValueError(
                f"{observers[one].name} and {observers[other].name} feel alike about every face: leave one out"
            )


def _chances(observers: Sequence[Observer], felt: np.ndarray, panels: np.ndarray) -> np.ndarray:
    """(n_observers, n_panels, 36) for panels (n_panels, 6) of face numbers."""
    return np.stack([answer_chances(observer, own[panels]) for observer, own in zip(observers, felt)])


def _best(observers: Sequence[Observer], felt: np.ndarray, free: np.ndarray, before) -> np.ndarray:
    """Six of the free faces, by coordinate ascent from each observer's own favourite and faces that nobody likes."""
    others = np.stack([np.delete(felt, k, axis=0).max(axis=0) for k in range(len(felt))])
    own = [free[np.argsort(row[free])[::-1][:FAVOURITES]] for row in felt - others]
    dull = free[np.argsort(felt[:, free].max(axis=0))[:DULL]]
    panel = np.array([*dict.fromkeys([*(best[0] for best in own), *dull])][:PANEL])
    tried = np.unique(np.concatenate([*own, dull]))
    for _ in range(SWEEPS):
        for place in range(PANEL):
            left = np.setdiff1d(tried, np.delete(panel, place))
            several = np.repeat(panel[None], len(left), axis=0)
            several[:, place] = left
            apart = separation(_chances(observers, felt, several))
            panel = several[np.argmin((2.0 ** -(np.reshape(before, (-1, 1)) + apart)).sum(axis=0))]
    return panel


def beliefs(observers: Sequence[Observer], trials: Trials, choice: np.ndarray, rating: np.ndarray) -> np.ndarray:
    """How likely each suspect is after each answer, all being as likely before.

    Parameters
    ----------
    observers : sequence of Observer
    trials : Trials
        The n panels that were answered, in this order.
    choice, rating : int arrays of shape (n,)
        0 ... 5 and 1 ... 6.

    Returns
    -------
    array of shape (n, n_observers)
        Rows add up to 1.
    """
    answers = PANEL * np.asarray(choice) + np.asarray(rating) - 1
    likely = [np.log(answer_chances(o, o.similarity(trials)))[np.arange(len(answers)), answers] for o in observers]
    total = np.cumsum(likely, axis=1)
    odds = np.exp(total - total.max(axis=0))
    return (odds / odds.sum(axis=0)).T


def trials_needed(
    observers: Sequence[Observer], chances: np.ndarray, right: float = 0.95, repeats: int = 400, rng: int = 0
) -> int | None:
    """After how many panels, in this order, the likeliest suspect is the right one often enough, whoever it is.

    Parameters
    ----------
    observers : sequence of Observer
    chances : array of shape (n_observers, n_panels, 36), or (repeats, n_observers, n_panels, 36)
        Of their answers; in the second form, other panels in each simulated session.
    right : float
        Share of sessions, for the suspect who is hardest to tell.
    repeats : int
        Simulated sessions of each suspect.

    Returns
    -------
    int, or None where these panels do not suffice
    """
    rng, shares = np.random.default_rng(rng), []
    for truth in range(len(observers)):
        hits = []
        for repeat in range(repeats):
            own = chances if chances.ndim == 3 else chances[repeat]
            drawn = (rng.random((own.shape[1], 1)) > own[truth].cumsum(axis=1)[:, :-1]).sum(axis=1)
            likely = np.log(own[:, np.arange(own.shape[1]), drawn]).cumsum(axis=1)
            hits.append(likely.argmax(axis=0) == truth)
        shares.append(np.mean(hits, axis=0))
    worst = np.min(shares, axis=0)
    enough = np.flatnonzero(worst >= right)
    return int(enough[0]) + 1 if len(enough) else None
