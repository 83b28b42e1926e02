"""What the claims rest on: intervals over observers and identities, and what bars a claim from being made."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kit.analysis.statistics import Interval, crossed_interval, crossed_jackknife
from kit.study import erasure
from kit.study.contrasts import Cells, cells
from kit.study.figures import family, label
from kit.study.panels import CONTROL, proper
from kit.study.results import Results
from kit.study.spaces import MODEL_SPACES, OTHER, PIXELS, SHAPE, TEXTURE, TRAINED, UNTRAINED

LITTLE = 0.01  # bits that a network may add to shape and still add little
SPREAD = 0.5  # by which planted shares must differ, and
GRADES = 4  # of how many observers, for a slope
PREDICTED = 3  # standard errors over folds by which an observer's ratings must be predicted, for a share of them


@dataclass(frozen=True)
class Evidence:
    """Tests of one claim, all of which must come out above 0, in words; or why it cannot be judged.

    Attributes
    ----------
    words : str
    tests : list of Interval
        Of how far each statistic lies above its threshold.
    barred : str
        Why the claim must not be made of these data, whatever the tests say; "" if it may.
    """

    words: str
    tests: tuple[Interval, ...] = ()
    barred: str = ""

    @property
    def p(self) -> float:
        """All tests must hold, so the claim is as sure as the least sure of them (intersection-union)."""
        return float("nan") if self.barred else float(max(test.p for test in self.tests))

    @property
    def lows(self) -> list[float]:
        return [float(test.low) for test in self.tests]

    @property
    def highs(self) -> list[float]:
        return [float(test.high) for test in self.tests]


# ---- what bars a claim


def _alone(scores: pd.DataFrame) -> str:
    alone = scores["observer"].nunique() < 2
    return "Of one observer nothing is claimed: it takes several to say what holds for others." if alone else ""


def predicted(results: Results, name: str) -> bool:
    """Whether a system predicts several observers above chance, the gate of every claim about it."""
    scores = results.main_scores()
    return not (_alone(scores) or _unpredicted(cells(scores, "mi").of(name), name))


def _unpredicted(values: np.ndarray, name: str) -> str:
    """Why nothing may be said of a system's prediction (o, i): it is not above chance."""
    found = crossed_interval(values)
    return "" if found.low > 0 else f"{name}: no prediction above chance ({_told(found)})."


def _told(found: Interval, unit: str = "bits", digits: int = 3) -> str:
    return f"{found.mean:+.{digits}f} {unit}, 95 %: {found.low:+.{digits}f} to {found.high:+.{digits}f}"


# ---- the best of several, chosen on other observers


def cross_fitted(values: np.ndarray) -> np.ndarray:
    """Which system is the best for each observer, by the mean of the observers of the other half: rows (o,).

    Chosen and tested on the same observers, the best of ten is too good: it was chosen for its luck, too.

    Parameters
    ----------
    values : array of shape (n_observers >= 2, n_identities, n_systems)
    """
    half = np.arange(len(values)) % 2
    best = [int(values[half != own].mean(axis=(0, 1)).argmax()) for own in (0, 1)]
    return np.array(best)[half]


def _picked(values: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """The chosen system's score (o, i) of each observer."""
    return np.take_along_axis(values, rows[:, None, None], axis=2)[:, :, 0]


def _chosen(names: list[str], rows: np.ndarray) -> str:
    return " and ".join(label(names[row]) for row in dict.fromkeys(rows))


def networks(results: Results) -> list[str]:
    """Names of all networks that were compared, whether or not it is known how they were trained."""
    return [*results.in_role(TRAINED), *results.in_role(OTHER)]


def plain(results: Results) -> list[str]:
    """Names of the systems that need no training on faces: pixels and random weights."""
    return [*results.in_role(PIXELS), *results.in_role(UNTRAINED)]


# ---- the tests


def shape_predicts(results: Results) -> Evidence | None:
    """Information of the shape model above that of circularly shifted ratings."""
    table = proper(results.null)
    if table.empty:
        return None
    if barred := _alone(table):
        return Evidence("", barred=barred)
    above = cells(table.assign(above=table["mi"] - table["chance"]), "above").of(SHAPE)
    found = crossed_interval(above)
    return Evidence(f"Shape tells {_told(found)} more about the ratings than about shifted ones.", (found,))


def _main(results: Results, *columns: str) -> list[Cells]:
    return [cells(results.main_scores(), column) for column in columns]


def mostly_shape(results: Results) -> Evidence | None:
    """Redundant minus own information of the network that predicts the other half of the observers best."""
    names = networks(results)
    if not names:
        return None
    if barred := _alone(results.main_scores()):
        return Evidence("", barred=barred)
    told, shared, own = (c.of(names) for c in _main(results, "mi", "redundancy", "unique_space"))
    best = cross_fitted(told)
    found = crossed_interval(_picked(shared, best) - _picked(own, best))
    return Evidence(
        f"Chosen on one half of the observers and tested on the other: {_chosen(names, best)}. "
        f"{_picked(shared, best).mean():.3f} bits are redundant with the shape model, {_picked(own, best).mean():.3f} "
        f"its own (difference {_told(found)}).",
        (found,), _unpredicted(_picked(told, best), _chosen(names, best)),
    )  # fmt: skip


def removal_costs(results: Results) -> dict[str, Cells]:
    """What erasing shape, texture and as many directions by lot costs every system, in bits, by removal."""
    table = erasure.costs(proper(results.erasure)).reset_index()
    return {kind: cells(table, kind) for kind in (SHAPE, TEXTURE, erasure.LOT)}


def erasing_shape(results: Results) -> Evidence | None:
    """What erasing shape costs beyond texture, and beyond a lot, in the best network of the other half."""
    if results.erasure.empty or not (names := networks(results)):
        return None
    if barred := _alone(proper(results.erasure)):
        return Evidence("", barred=barred)
    told, costs = _main(results, "mi")[0].of(names), {kind: c.of(names) for kind, c in removal_costs(results).items()}
    best = cross_fitted(told)
    shape, texture, lot = (_picked(costs[kind], best) for kind in (SHAPE, TEXTURE, erasure.LOT))
    found = crossed_interval(shape - texture), crossed_interval(shape - lot)
    return Evidence(
        f"Chosen on one half of the observers and tested on the other: {_chosen(names, best)}. Without shape it loses "
        f"{shape.mean():.3f} bits, without texture {texture.mean():.3f}, without as many directions by lot "
        f"{lot.mean():.3f}; shape costs more than texture by {_told(found[0])}, more than the lot by {_told(found[1])}.",
        found, _unpredicted(_picked(told, best), _chosen(names, best)),
    )  # fmt: skip


def share_follows(results: Results) -> Evidence | None:
    """Slope of the redundant share of all systems' information over the planted share of shape."""
    planted = _graded(results)
    if planted.empty:
        return None
    names = [name for name in results.spaces if name not in MODEL_SPACES]
    linear = results.scores[results.scores["kind"].eq("linear") & results.scores["space"].isin(names)]
    linear = linear[linear["observer"].isin(planted.index) & linear["observer"].map(_predicted(linear))]
    told, shared = (cells(linear, column) for column in ("mi", "redundancy")) if len(linear) else (None, None)
    share = planted[told.observers].to_numpy() if told else np.empty(0)
    if len(share) < GRADES or np.ptp(share) < SPREAD:
        few = f"{len(share)} observers with a known share of shape are predicted above chance"
        return Evidence("", barred=f"{few}, and their shares differ by {np.ptp(share) if len(share) else 0:.2f}: "
                        f"a slope takes {GRADES} and {SPREAD}.")  # fmt: skip
    told, shared = told.values.mean(axis=2), shared.values.mean(axis=2)

    def slope(observers: np.ndarray, identities: np.ndarray) -> float:
        part = np.ix_(observers, identities)
        return np.polyfit(share[observers], shared[part].sum(axis=1) / told[part].sum(axis=1), 1)[0]

    found = crossed_jackknife(slope, *told.shape)
    ratio = shared.sum(axis=1) / told.sum(axis=1)
    points = ", ".join(f"{s:.2f}: {r:.2f}" for s, r in sorted(zip(share, ratio, strict=True)))
    return Evidence(f"Planted share, and redundant share of the information: {points}; slope {_told(found, '', 2)}.",
                    (found,))  # fmt: skip


def _graded(results: Results) -> pd.Series:
    """Planted shares by observer: of the graded controls where there are any, else of the observers proper."""
    known = results.planted.dropna().astype({"observer": str}).set_index("observer")["share"]
    controls = known[known.index.str.startswith(f"{CONTROL}share ")]
    return controls if len(controls) else known[~known.index.str.startswith(CONTROL)]


def _predicted(linear: pd.DataFrame) -> pd.Series:
    """Whose ratings the systems predict clearly above chance, bool by observer."""
    folds = linear.groupby(["observer", "series", "fold"])["mi"].mean().groupby("observer")
    return folds.mean() > PREDICTED * folds.sem()


def shape_is_enough(results: Results) -> Evidence | None:
    """How much less than `LITTLE` joint models of shape and a trained network tell beyond shape alone."""
    scores = proper(results.scores)
    wide = scores.pivot_table(index=["observer", "series", "fold"], columns=["space", "kind"], values="mi")
    joint = [column for column in wide if column[1] == "with shape" and column[0] in networks(results)]
    if not joint:
        return None
    if barred := _alone(scores):
        return Evidence("", barred=barred)
    gains = wide[joint].sub(wide[SHAPE, "linear"], axis=0).dropna().groupby("observer").mean().mean(axis=1)
    found = crossed_interval(LITTLE - gains.to_numpy()[:, None])
    return Evidence(
        f"Joint models of shape and a network tell {gains.mean():+.3f} bits more than shape alone (95 %: "
        f"{LITTLE - found.high:+.3f} to {LITTLE - found.low:+.3f}, over {len(gains)} observers).",
        (found,), _unpredicted(_main(results, "mi")[0].of(SHAPE), "Shape"),
    )  # fmt: skip


def training_helps(results: Results) -> Evidence | None:
    """The best trained network against the best untrained system, each chosen on the other half of the observers."""
    names, rivals = results.in_role(TRAINED), plain(results)
    if not (names and rivals):
        return None
    if barred := _alone(results.main_scores()):
        return Evidence("", barred=barred)
    told = _main(results, "mi")[0]
    best, base = (cross_fitted(told.of(group)) for group in (names, rivals))
    one, other = _picked(told.of(names), best), _picked(told.of(rivals), base)
    found = crossed_interval(one - other)
    return Evidence(
        f"Chosen on one half of the observers and tested on the other: {_chosen(names, best)} tells {one.mean():.3f} "
        f"bits, {_chosen(rivals, base)} {other.mean():.3f} (difference {_told(found)}).",
        (found,), _unpredicted(one, _chosen(names, best)),
    )  # fmt: skip


def drawing_beats_naming(results: Results) -> Evidence | None:
    """Mean information of networks that draw minus that of networks that name."""
    kinds = ("draws faces", "names faces")
    groups = [[name for name in results.in_role(TRAINED) if family(name) == kind] for kind in kinds]
    if not all(groups):
        return None
    if barred := _alone(results.main_scores()):
        return Evidence("", barred=barred)
    told = _main(results, "mi")[0]
    one, other = (told.of(group).mean(axis=2) for group in groups)
    found = crossed_interval(one - other)
    return Evidence(
        f"{len(groups[0])} networks that draw tell {one.mean():.3f} bits on average, {len(groups[1])} that name "
        f"{other.mean():.3f} (difference {_told(found)}). It speaks of these networks: how others, trained anew for "
        "the same tasks, would do is not known from one of each.",
        (found,), _unpredicted(one, "The networks that draw"),
    )  # fmt: skip


def viewpoint(results: Results, network: str = "viae") -> Evidence | None:
    """Every rival's distance to the observers' naming minus that of the view-invariant autoencoder."""
    table = results.distances
    if table.empty or network not in set(table["system"]):
        return None
    if barred := _alone(table):
        return Evidence("", barred=barred)
    long = table.rename(columns={"system": "space"}).assign(series=table["identity"])
    away = cells(long.assign(fold=long["task"] + long["features"]), "distance")
    rivals = [name for name in away.names if name not in (network, *MODEL_SPACES)]
    if not rivals:
        return None
    own, found = away.of(network), {}
    for rival in rivals:
        found[rival] = crossed_interval(away.of(rival) - own)
    nearest = min(rivals, key=lambda name: found[name].mean)
    told = {name: away.of(name).mean() for name in (nearest, PIXELS, UNTRAINED) if name in away.names}
    others = ", ".join(f"{label(name)} {value:.3f}" for name, value in told.items())
    return Evidence(
        f"Mean difference of accuracy from the observers': {label(network)} {own.mean():.3f}; {others}. The nearest "
        f"rival is further away by {_told(found[nearest], 'of accuracy')}.",
        tuple(found.values()), _unpredicted(_main(results, "mi")[0].of(network), label(network)),
    )  # fmt: skip

