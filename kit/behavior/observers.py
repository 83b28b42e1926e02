"""Simulated observers: they choose one of six faces and rate it, for reasons that we know.

All that these functions return is *simulated* behaviour. Its use is that the strategy behind it is
known, so that an analysis which claims to find an observer's features can be put to the test.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

import numpy as np

from kit.faces import FaceModel, Faces
from kit.faces.stimuli import PANEL, Trials
from kit.faces.views import Views, draw_views, from_the_front

from .invariant import InvariantMatcher
from .strategies import PixelMatcher, components, regions

if TYPE_CHECKING:
    import pandas as pd

RATINGS = np.arange(1, 7)
STEPS = np.array([-1.3, -0.65, 0.0, 0.65, 1.3])  # criteria between the ratings, in sd of chosen similarity
BEST_OF_SIX = (1.2672, 0.6449)  # mean and sd of the largest of six standard normal numbers
TYPICAL = 2000  # random faces from which an observer knows what is usual


class Compares(Protocol):
    """A strategy: see `kit.behavior.strategies`."""

    name: str

    def dissimilarity(self, faces: Faces, target: Faces, views: Views | None = None) -> np.ndarray:
        """Distance (n,) of each face, shown in these views (from the front by default), to the target."""


@dataclass(frozen=True, eq=False)
class Observer:
    """One simulated observer.

    Parameters
    ----------
    name : str
    strategy : Compares
    noise : float
        Standard deviation of what is added to each felt similarity, in sd of the similarities.
    lapse : float
        Share of trials in which choice and rating are random.
    criterion : float
        Shift of all criteria: above 0 the observer is strict and gives low ratings.
    spread : float
        Distance between criteria relative to the usual: above 1 the middle of the scale is preferred.
    drift : float
        How much stricter the observer is at the end than at the beginning, in sd of chosen similarity.
    later : Compares, optional
        Strategy of the second half of the trials, for observers who switch.
    """

    name: str
    strategy: Compares
    noise: float = 0.5
    lapse: float = 0.02
    criterion: float = 0.0
    spread: float = 1.0
    drift: float = 0.0
    later: Compares | None = None

    def rate(self, trials: Trials, rng: int | np.random.Generator) -> pd.DataFrame:
        """Choose and rate in every trial. *Simulated.*

        Returns
        -------
        DataFrame with columns observer, trial, choice (0..5), rating (1..6)
            The chosen face is `trials.panel(trial)[choice]`.
        """
        import pandas as pd  # slow to load, and lessons that only compare faces do without

        rng, n = np.random.default_rng(rng), len(trials)
        felt = self.similarity(trials) + self.noise * rng.normal(size=(n, PANEL))
        choice = felt.argmax(1)
        # Criteria are laid round what is usual for a choice: the best of six.
        position = felt[np.arange(n), choice] / np.sqrt(1 + self.noise**2)
        position = (position - BEST_OF_SIX[0]) / BEST_OF_SIX[1] - self.drift * np.linspace(-0.5, 0.5, n)
        rating = 1 + np.searchsorted(self.criterion + self.spread * STEPS, position)
        lapsed = rng.uniform(size=n) < self.lapse
        choice = np.where(lapsed, rng.integers(PANEL, size=n), choice)
        rating = np.where(lapsed, rng.choice(RATINGS, n), rating)
        return pd.DataFrame({"observer": self.name, "trial": np.arange(n), "choice": choice, "rating": rating})

    def felt(self, faces: Faces, target: Faces, views: Views | None = None) -> np.ndarray:
        """Similarity (n,) of faces to the target before noise, in sd of what random faces of its category get.

        `views` says how the faces are shown, from the front by default; the random ones are shown alike.
        """
        return _felt(self.strategy, faces, target, views or from_the_front(len(faces)))

    def similarity(self, trials: Trials) -> np.ndarray:
        """Felt similarity (n, 6) of the faces of every panel, as shown, without noise."""
        shown = trials.faces, trials.target, trials.views
        out = self.felt(*shown).reshape(-1, PANEL)
        if self.later is not None:
            half = len(trials) // 2
            out[half:] = _felt(self.later, *shown).reshape(-1, PANEL)[half:]
        return out


@dataclass(frozen=True)
class Guesser:
    """A strategy without features: every face is equally unlike. With noise, choices are random."""

    name: str = "guesser"

    def dissimilarity(self, faces: Faces, target: Faces, views: Views | None = None) -> np.ndarray:
        """Zeros (n,)."""
        return np.zeros(len(faces))


def _felt(strategy: Compares, faces: Faces, target: Faces, views: Views) -> np.ndarray:
    mean, sd = _usual(strategy, target, views.name)
    return (mean - strategy.dissimilarity(faces, target, views)) / sd


@lru_cache(maxsize=256)
def _usual(strategy: Compares, target: Faces, view: str) -> tuple[float, float]:
    """Mean and sd of the dissimilarity of random faces of the target's category; sd 1 for who sees no difference."""
    typical = target.model.sample(TYPICAL, like=target, rng=TYPICAL)
    usual = strategy.dissimilarity(typical, target, draw_views(view, TYPICAL, TYPICAL))
    return float(usual.mean()), float(usual.std()) or 1.0


def cast(model: FaceModel, n: int = 14, rng: int | np.random.Generator = 14) -> list[Observer]:
    """The default cast: n individuals, mostly shape users, each with favourite regions and habits.

    Nine in ten of an individual's weight lies on shape, on average; regions, noise, lapses and criteria
    differ between individuals. The strategies are assumptions, stated in numbers, not measurements.
    """
    rng = np.random.default_rng(rng)
    return [_individual(f"observer {k + 1:02d}", model, rng) for k in range(n)]


def _individual(name: str, model: FaceModel, rng: np.random.Generator) -> Observer:
    taste = {region: weight for region, weight in zip(model.regions, rng.lognormal(0.0, 0.7, len(model.regions)))}
    share = rng.beta(2, 18)  # of texture, mean .1
    shape = {region: (1 - share) * weight for region, weight in taste.items()}
    texture = {region: share * weight for region, weight in taste.items()}
    return Observer(
        name, regions(name, model, shape, texture), noise=rng.uniform(0.35, 0.8), lapse=rng.uniform(0.0, 0.05),
        criterion=rng.normal(0, 0.3), spread=rng.uniform(0.8, 1.25), drift=rng.normal(0, 0.15),
    )  # fmt: skip


def special(model: FaceModel) -> dict[str, Observer]:
    """Observers with a strategy worth unmasking, by name."""
    everywhere = dict.fromkeys(model.regions, 1.0)
    shape_user = regions("shape user", model, everywhere, {})
    texture_user = regions("texture user", model, {}, everywhere)
    strategies = [
        shape_user,
        texture_user,
        regions("contour user", model, {"contour": 1.0, "chin": 1.0}, {}),
        regions("eyes user", model, {"eyes": 1.0, "brows": 1.0}, {"eyes": 1.0, "brows": 1.0}),
        components("component user", model, shape=1.0),
        PixelMatcher(),
        InvariantMatcher(),
    ]
    out = {s.name: Observer(s.name, s) for s in strategies}
    out["null"] = Observer("null", Guesser(), noise=1.0)
    out["switcher"] = replace(out["shape user"], name="switcher", later=texture_user)
    return out


def rate_all(
    observers: list[Observer], trials: Trials, seed: int = 0, progress: Callable = lambda items: items
) -> pd.DataFrame:
    """Ratings of several observers for the same trials, one table. *Simulated.* `progress` may be tqdm."""
    import pandas as pd

    seeds = np.random.SeedSequence(seed).spawn(len(observers))
    tables = [o.rate(trials, np.random.default_rng(s)) for o, s in progress(list(zip(observers, seeds)))]
    return pd.concat(tables, ignore_index=True)
