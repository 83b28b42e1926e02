"""Networks of one objective and several seeds: means over them, and intervals that allow for others."""

import numpy as np
import pandas as pd
import pytest
from planted_results import USUAL, planted, reseeded

from kit.analysis.statistics import crossed_interval, over_a_further_factor
from kit.study import seeds, spaces
from kit.study.statements import HOLDS, OPEN, claims

ALIKE = {name: (0.001, -0.001) for name in ("triplet", "classid", "ae", "viae")}
APART = {name: (0.08, -0.05) for name in ("triplet", "ae", "viae")} | {"classid": (-0.02, 0.09)}


def outcome(results, key="drawing beats naming"):
    return next(judged for judged in claims(results) if judged.claim.key == key)


def test_objectives_are_means_over_their_seeds():
    results = reseeded(planted(), {"viae": (0.03, 0.06)})
    one, several = results.main_scores(), seeds.objectives(results)
    first = one[one["space"] == "viae"]["mi"].mean()
    assert several.of("viae").mean() == pytest.approx(first + 0.03)
    assert several.of("ae").mean() == pytest.approx(one[one["space"] == "ae"]["mi"].mean()), "one network: as it is"
    assert seeds.objectives(results, without=3).of("viae").mean() == pytest.approx(first + 0.015)


def test_a_difference_between_objectives_holds_only_if_seeds_agree():
    assert outcome(planted()).outcome == HOLDS and "not known from one of each" in outcome(planted()).evidence
    agreeing, differing = (outcome(reseeded(planted(), apart)) for apart in (ALIKE, APART))
    assert agreeing.outcome == HOLDS and "Means over 3 networks an objective" in agreeing.evidence
    assert differing.outcome == OPEN


def test_intervals_hold_the_truth_where_seeds_differ():
    rng, held, narrow = np.random.default_rng(0), 0, 0
    for _ in range(400):
        observers, identities, starts = (rng.normal(size=n) for n in (14, 4, 3))
        values = observers[:, None, None] + identities[None, :, None] + starts + rng.normal(size=(14, 4, 3))
        found = crossed_interval(values.mean(axis=2))
        wide = over_a_further_factor(found, np.array([np.delete(values, k, 2).mean() for k in range(3)]))
        assert wide.low <= found.low + 1e-9 and wide.high >= found.high - 1e-9 and wide.mean == found.mean
        held += wide.low <= 0 <= wide.high
        narrow += found.low <= 0 <= found.high
    assert held / 400 >= 0.94, "with seeds"
    assert narrow < held, "without them intervals miss more often"


def test_one_seed_says_nothing_about_others():
    with pytest.raises(ValueError, match="at least two are needed"):
        over_a_further_factor(crossed_interval(np.arange(6.0).reshape(3, 2)), np.array([0.5]))


class Net:
    def __init__(self, objective, seed):
        self.card = {"objective": objective, "training": {"seed": seed}}


def test_the_first_seeds_stand_beside_the_further_ones():
    systems = {"viae": Net("viae", 1), "viae-2": Net("viae", 2), "vae": Net("vae", 1), "pixels": object()}
    assert spaces.further_seeds(systems) == ["viae-2"]
    assert spaces.further_seeds({"mine": Net("viae", 2)}) == [], "without the first, the second stands for itself"
    results = planted({**USUAL, "vae": (0.02, 0.01)})
    further = results.main_scores().query("space == 'viae'").assign(space="viae-2")
    found = seeds.table(results.scores, further[seeds.COLUMNS[:4] + seeds.COLUMNS[6:]], systems)
    assert set(zip(found["space"], found["objective"], found["seed"])) == {("viae", "viae", 1), ("viae-2", "viae", 2)}
    assert list(found) == seeds.COLUMNS and len(found) == 2 * len(further)
    assert seeds.table(results.scores, None, systems).empty and isinstance(found, pd.DataFrame)
