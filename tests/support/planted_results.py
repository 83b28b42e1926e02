"""Tiny results of a comparison with numbers that a test plants: what each space tells, shares and loses."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from kit import faces
from kit.study.design import Design
from kit.study.generalisation import SETS, STRENGTHS, TASKS
from kit.study.results import LIKENESS, Results
from kit.study.space_names import MODEL_SPACES
from kit.study.templates import OBSERVER

IDENTITIES = ("Ada", "Mei", "Leo", "Kofi")
OBSERVERS = tuple(f"observer {k}" for k in range(1, 7))
FOLDS = 4
#: bits that each space tells, and bits of them that are redundant with shape
USUAL = {"shape": (0.11, 0.11), "texture": (0.0, 0.0), "pixels": (0.10, 0.07), "untrained": (0.06, 0.04),
         "triplet": (0.03, 0.02), "classid": (0.03, 0.02), "ae": (0.07, 0.05), "viae": (0.08, 0.07)}  # fmt: skip
COSTS = {"shape": 0.05, "texture": 0.01, "lot": 0.02}


def planted(
    told: Mapping[str, tuple[float, float]] = USUAL, costs: Mapping[str, float] = COSTS,
    observers: tuple[str, ...] = OBSERVERS, spread: float = 0.004, gain: float = 0.0, away: Mapping[str, float] = {},
    shares: Mapping[str, float] = {}, rng: int = 0,
) -> Results:  # fmt: skip
    """Results in which every observer, identity and fold has these numbers, and noise of some spread.

    Parameters
    ----------
    told : bits told and bits shared with shape, by space
    costs : bits that every system but shape and texture loses, by removal
    observers : names
    spread : standard deviation of every number between folds, and of observers and identities alike
    gain : bits that a network tells beyond shape
    away : mean distance from the observers' naming, by system
    shares : planted share of shape, by observer; bits shared are then that share of the bits told
    """
    rng = np.random.default_rng(rng)
    cells = [(o, i) for o in observers for i in IDENTITIES]
    by_observer, by_identity = ({n: spread * rng.normal() for n in names} for names in (observers, IDENTITIES))
    scores, erased, null, distances = [], [], [], []
    for o, i in cells:
        about = {"observer": o, "identity": i, "series": f"{i}-0"}
        both = by_observer[o] + by_identity[i]
        for fold in range(FOLDS):
            for space, (bits, shared) in told.items():
                mi = bits + (both if bits else 0) + spread * rng.normal()
                redundancy = mi * shares[o] if o in shares else shared + spread * rng.normal()
                row = about | {"fold": fold, "tau": mi, "r2": mi, "mi": mi, "redundancy": redundancy, "mmi": redundancy,
                               "unique_shape": 0.0, "unique_space": mi - redundancy, "synergy": 0.0}  # fmt: skip
                scores.append(row | {"space": space, "kind": "linear"})
                if space not in ("shape", "texture"):
                    scores.append(row | {"space": space, "kind": "with shape", "mi": told["shape"][0] + both + gain
                                         + spread * rng.normal()})  # fmt: skip
                    erased.append(about | {"fold": fold, "space": space, "removed": "nothing", "tau": mi, "mi": mi})
                    erased += [about | {"fold": fold, "space": space, "removed": kind, "tau": mi, "mi": mi - cost
                                        + spread * rng.normal()} for kind, cost in costs.items()]  # fmt: skip
                if i == IDENTITIES[observers.index(o) % 4]:
                    null.append(about | {"fold": fold, "space": space, "mi": mi, "chance": 0.001, "threshold": 0.01,
                                         "significant": mi > 0.01})  # fmt: skip
        for system, distance in away.items():
            for task in ("view 0", "age 80"):
                distances.append({"observer": o, "identity": i, "task": task, "features": "diagnostic",
                                  "system": system, "distance": distance + 0.01 * rng.normal()})  # fmt: skip
    empty = pd.DataFrame()
    roles = {"shape": "model", "texture": "model", "pixels": "pixels", "untrained": "untrained"}
    catalogue = pd.DataFrame([(name, roles.get(name, "trained")) for name in told], columns=["space", "role"])
    catalogue = catalogue.assign(dimensions=10, image_size=64 * (catalogue["role"] != "model"), crop="face")
    columns = ["observer", "identity", "task", "features", "system", "distance"]
    return Results(
        design=Design(observers=len(observers), controls=(), graded=0), simulated=True, ratings=empty,
        scores=pd.DataFrame(scores), systems=empty, null=pd.DataFrame(null), erasure=pd.DataFrame(erased),
        partition=empty, seeds=empty, ceilings=empty, decoding=empty,
        planted=pd.DataFrame({"observer": list(shares), "share": list(shares.values())}), likeness=empty,
        generalisation=empty, distances=pd.DataFrame(distances, columns=columns), left_out=empty,
        catalogue=catalogue, maps={},
    )  # fmt: skip


def reseeded(results: Results, apart: Mapping[str, tuple[float, ...]]) -> Results:
    """The same with several networks of some objectives, which tell so many bits more than the first one does."""
    linear = results.main_scores()[["observer", "identity", "series", "space", "fold", "mi", "redundancy"]]
    parts = [
        linear[linear["space"] == name].assign(
            space=f"{name}-{seed}" if seed > 1 else name, objective=name, seed=seed, mi=lambda t, m=more: t["mi"] + m
        )
        for name, several in apart.items()
        for seed, more in enumerate((0.0, *several), 1)
    ]
    return replace(results, seeds=pd.concat(parts, ignore_index=True))


def whole(results: Results, rng: int = 0) -> Results:
    """The same with all other tables of a report, filled with random numbers, for the series of Mei and of Leo."""
    rng, names = np.random.default_rng(rng), results.spaces
    observers, shown = list(dict.fromkeys(results.scores["observer"])), IDENTITIES[1:3]

    def drawn(rows: list[dict], *columns: str) -> pd.DataFrame:
        numbers = pd.DataFrame(rng.uniform(0.1, 0.9, (len(rows), len(columns))), columns=list(columns))
        return pd.concat([pd.DataFrame(rows), numbers], axis=1)

    about = [{"observer": o, "identity": i, "series": f"{i}-0"} for o in observers for i in IDENTITIES]
    seen = [name for name in names if name not in MODEL_SPACES]
    systems = [a | {"space": s} for a in about for s in names]
    kinds = "only shape", "only pixels", "shape and others"
    parts = [a | {"part": kind, "network": seen[-1]} for a in about for kind in kinds]
    highest = [a | {"ceiling": k, "trials": 20} for a in about for k in ("own retest", "other observers")]
    alike = [{"identity": i, "series": f"{i}-0", "system": s} for i in shown for s in (OBSERVER, *names)]
    named = [{"task": t, "features": f, "identity": i, "strength": g, "system": s} for t in TASKS for f in SETS
             for i in IDENTITIES for g in STRENGTHS[:2] for s in (OBSERVER, *names)]  # fmt: skip
    rated = [a | {"trial": t, "choice": (t + k) % 6, "rating": 1 + (t + k) % 6} for k, a in enumerate(about)
             for t in range(24)]  # fmt: skip
    same = {"phase": "rate", "seed": 0, "components": "60+50", "view": "frontal"}
    columns = "choice", "exponent", "predictions", "weights", "explained"
    return replace(
        results, ratings=pd.DataFrame(rated).assign(**same), systems=drawn(systems, *columns),
        partition=drawn(parts, "r2"), ceilings=drawn(highest, "tau", "mi"),
        decoding=drawn([{"space": s} for s in seen], "shape", "texture", "shape_in_mm", "error_mm", "guess_mm"),
        likeness=drawn(alike, *LIKENESS), generalisation=drawn(named, "accuracy"), maps=_maps(shown, names, rng),
    )  # fmt: skip


def _maps(identities: tuple[str, ...], names: list[str], rng) -> dict[str, np.ndarray]:
    """Random maps of series in which three coefficients of shape and one of texture are diagnostic."""
    vertices, maps = faces.load().shape_components.shape[1], {}
    for identity in identities:
        marked = np.zeros(110)
        marked[[0, 1, 2, 60]] = 1
        found = {"diagnostic": marked, "statistic": np.ones(110), "map truth": rng.normal(size=vertices)}
        for name in (OBSERVER, *names):
            found |= {f"map {name}": rng.normal(size=vertices), f"template {name}": 0.1 * rng.normal(size=(2, 110))}
        maps |= {f"{identity}-0/{name}": array for name, array in found.items()}
    return maps
