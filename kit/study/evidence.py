"""What the claims rest on, a judge for each: its statistic, in words and as intervals above the threshold."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kit.analysis.statistics import Interval, crossed_interval, crossed_jackknife

from . import erasure, seeds
from .contrasts import Cells, cells
from .figures import family, label
from .grounds import (
    Evidence,
    alone,
    chosen,
    cross_fitted,
    in_bits,
    more_or_less,
    networks,
    order,
    percent,
    picked,
    plain,
    share_above,
    unpredicted,
)
from .panels import CONTROL, proper
from .results import Results
from .space_names import MODEL_SPACES, PIXELS, SHAPE, TEXTURE, TRAINED, UNTRAINED

MOSTLY = 0.5  # share of its information from which on a network goes mostly by shape
LITTLE = 0.01  # bits that a network may add to shape and still add little
SPREAD = 0.5  # by which planted shares must differ, and
GRADES = 4  # of how many observers, for a slope
DRAWS, NAMES = "draws faces", "names faces"  # families of networks
PREDICTED = 3  # standard errors over folds by which an observer's ratings must be predicted, for a share of them


def _main(results: Results, *columns: str) -> list[Cells]:
    return [cells(results.main_scores(), column) for column in columns]


def mostly_shape(results: Results) -> Evidence | None:
    """Redundant share of the information of the network that predicts the other half of the observers best."""
    names = networks(results)
    if not names:
        return None
    if barred := alone(results.main_scores()):
        return Evidence("", barred=barred)
    told, shared = (c.of(names) for c in _main(results, "mi", "redundancy"))
    best = cross_fitted(told)
    told, shared, tau = (picked(values, best) for values in (told, shared, order(results.main_scores()).of(names)))
    found = share_above(shared, told, MOSTLY)
    return Evidence(
        f"Chosen on one half of the observers and tested on the other: {chosen(names, best)}. It tells "
        f"{told.mean():.3f} bits, {shared.mean():.3f} of them redundant with the shape model "
        f"({percent(found, MOSTLY)}).",
        (found,), unpredicted(tau, chosen(names, best)),
    )  # fmt: skip


def removal_costs(results: Results) -> dict[str, Cells]:
    """What erasing shape, texture and as many directions by lot costs every system, and what it tells whole, in bits.

    All from one table, so that observers and identities stand in one order.
    """
    table = erasure.costs(proper(results.erasure)).reset_index()
    return {kind: cells(table, kind) for kind in erasure.REMOVED}


def whole_order(results: Results) -> Cells:
    """tau of every system before a removal, from the same table."""
    table = proper(results.erasure)
    return order(table[table["removed"] == erasure.NOTHING])


def erasing_shape(results: Results) -> Evidence | None:
    """What erasing shape costs the best network of the other half: most of it, more than texture or a lot."""
    if results.erasure.empty or not (names := networks(results)):
        return None
    if barred := alone(proper(results.erasure)):
        return Evidence("", barred=barred)
    costs = {kind: c.of(names) for kind, c in removal_costs(results).items()}
    told = costs[erasure.NOTHING]
    best = cross_fitted(told)
    told, tau = picked(told, best), picked(whole_order(results).of(names), best)
    shape, texture, lot = (picked(costs[kind], best) for kind in (SHAPE, TEXTURE, erasure.LOT))
    found = share_above(shape, told, MOSTLY), share_above(shape - texture, told), share_above(shape - lot, told)
    return Evidence(
        f"Chosen on one half of the observers and tested on the other: {chosen(names, best)}. Of "
        f"{told.mean():.3f} bits it loses {shape.mean():.3f} without shape ({percent(found[0], MOSTLY)}), "
        f"{texture.mean():.3f} without texture, "
        f"{lot.mean():.3f} without as many directions by lot; shape costs more than texture by {percent(found[1])}, "
        f"more than the lot by {percent(found[2])}.",
        found, unpredicted(tau, chosen(names, best)),
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
    return Evidence(f"Planted share, and redundant share of the information: {points}; slope {in_bits(found, '', 2)}.",
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
    if barred := alone(scores):
        return Evidence("", barred=barred)
    gains = wide[joint].sub(wide[SHAPE, "linear"], axis=0).dropna().groupby("observer").mean().mean(axis=1)
    found = crossed_interval(LITTLE - gains.to_numpy()[:, None])
    return Evidence(
        f"Joint models of shape and a network tell {gains.mean():+.3f} bits more than shape alone (95 %: "
        f"{LITTLE - found.high:+.3f} to {LITTLE - found.low:+.3f}, over {len(gains)} observers).",
        (found,), unpredicted(order(results.main_scores()).of(SHAPE), "Shape"),
    )  # fmt: skip


def training_helps(results: Results) -> Evidence | None:
    """The best trained network against the best untrained system, each chosen on the other half of the observers."""
    return _best_of(results, results.in_role(TRAINED), plain(results))


def drawing_beats_pixels(results: Results) -> Evidence | None:
    """The best network that draws, chosen on the other half of the observers, against as many pixels' components."""
    drawing = [name for name in results.in_role(TRAINED) if family(name) == DRAWS]
    return _best_of(results, drawing, [name for name in results.in_role(PIXELS) if name == PIXELS])


def _best_of(results: Results, names: list[str], rivals: list[str]) -> Evidence | None:
    """The best of some systems against the best of others, each chosen on the other half of the observers."""
    if not (names and rivals):
        return None
    if barred := alone(results.main_scores()):
        return Evidence("", barred=barred)

    def better(told: Cells) -> Interval:
        one, other = (picked(told.of(group), cross_fitted(told.of(group))) for group in (names, rivals))
        return share_above(one - other, other)

    told, found = seeds.objectives(results), seeds.drawn(results, better)
    best, base = (cross_fitted(told.of(group)) for group in (names, rivals))
    one, other = picked(told.of(names), best), picked(told.of(rivals), base)
    return Evidence(
        f"Chosen on one half of the observers and tested on the other: {chosen(names, best)} tells {one.mean():.3f} "
        f"bits, {chosen(rivals, base)} {other.mean():.3f} (the former {more_or_less(found)} than the latter). "
        f"{seeds.told(results)}",
        (found,), unpredicted(picked(order(results.main_scores()).of(names), best), chosen(names, best)),
    )  # fmt: skip


def drawing_beats_naming(results: Results) -> Evidence | None:
    """Mean information of networks that draw minus that of networks that name."""
    groups = [[name for name in results.in_role(TRAINED) if family(name) == kind] for kind in (DRAWS, NAMES)]
    if not all(groups):
        return None
    if barred := alone(results.main_scores()):
        return Evidence("", barred=barred)

    def better(told: Cells) -> Interval:
        one, other = (told.of(group).mean(axis=2) for group in groups)
        return share_above(one - other, one + other)

    one, other = (seeds.objectives(results).of(group).mean(axis=2) for group in groups)
    return Evidence(
        f"{len(groups[0])} objectives of drawing tell {one.mean():.3f} bits on average, {len(groups[1])} of naming "
        f"{other.mean():.3f} (difference, of the sum of both: {percent(found := seeds.drawn(results, better))}). "
        f"{seeds.told(results)}",
        (found,), unpredicted(order(results.main_scores()).of(groups[0]).mean(axis=2), "The networks that draw"),
    )  # fmt: skip


def viewpoint(results: Results, network: str = "viae") -> Evidence | None:
    """Every rival's distance to the observers' naming minus that of the view-invariant autoencoder."""
    table = results.distances
    if table.empty or network not in set(table["system"]):
        return None
    if barred := alone(table):
        return Evidence("", barred=barred)
    long = table.rename(columns={"system": "space"}).assign(series=table["identity"])
    away = cells(long.assign(fold=long["task"] + long["features"]), "distance")
    rivals = [name for name in away.names if name not in (network, *MODEL_SPACES)]
    if not rivals:
        return None
    own, found = away.of(network), {}
    for rival in rivals:
        found[rival] = crossed_interval(away.of(rival) - own)
    # What is surest decides: of rivals that lie nearer the one least likely by chance, else the one most likely.
    decides = min(rivals, key=lambda name: found[name].p if found[name].mean < 0 else 2 - found[name].p)
    told = {name: away.of(name).mean() for name in (decides, PIXELS, UNTRAINED) if name in away.names}
    others = ", ".join(f"{label(name)} {value:.3f}" for name, value in told.items())
    return Evidence(
        f"Mean difference of accuracy from the observers': {label(network)} {own.mean():.3f}; {others}. Of "
        f"{len(rivals)} rivals, {label(decides)} speaks most against it: its difference minus "
        f"{label(network)}'s is {in_bits(found[decides], 'of accuracy')}.",
        tuple(found.values()), unpredicted(order(results.main_scores()).of(network), label(network)),
    )  # fmt: skip
