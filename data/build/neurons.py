"""What richer neurons and grounded words did over several seeds: python data/build/neurons.py [table ...]

Tables: synapses, betrayal, childhoods, critical, words, motor. Each takes a minute or two on one core and is written to
`data/neurons/<table>.csv`, with its entry in the manifest. Lesson 15 shows them beside a smaller live run.
"""

import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from kit.networks.inside import inversion
from kit.networks.richer import synapse_race as race
from kit.networks.words import described, development, grounding

DATA = Path(__file__).resolve().parents[1]
RATES, SEEDS, PICTURES = (0.003, 0.01, 0.03, 0.1), range(8), range(8)


def synapses() -> Iterator[dict]:
    """Every rule at every rate; the validation pictures choose the rate, test pictures are for the report."""
    data = {part: race.pictures(n, k) for k, (part, n) in enumerate(dict(train=1200, validation=400, test=800).items())}
    for name in race.RULES:
        yield from (race.run(name, rate, seed, data) for rate in RATES for seed in SEEDS)


def betrayal() -> Iterator[dict]:
    """Two attackers on the shared gradients of single pictures, before and after training."""
    train, test = race.pictures(1200, 0), race.pictures(400, 2)
    for name in race.RULES:
        trained, _ = race.train(race.RULES[name], train)
        for row in PICTURES:
            for when, network in (("untrained", None), ("trained", trained)):
                found = race.betrayal(name, test, row, seed=row, network=network)
                for attacker in ("formula", "matching"):
                    alike = inversion.similarity(found[attacker], found["picture"])
                    yield {"rule": name, "network": when, "picture": row, "attacker": attacker, "similarity": alike}


def childhoods() -> Iterator[dict]:
    """Four childhoods of equal length, tested under blur."""
    train, test = development.portraits(800, 0), development.portraits(600, 1)
    for name, schedule in development.childhoods(20).items():
        for seed in range(6):
            network = development.grow(*train, schedule, seed=seed)
            for blur in (0.0, 1.0, 2.0, 3.0, 4.0):
                score = development.accuracy(network, *test, blur)
                yield {"childhood": name, "seed": seed, "blur": blur, "accuracy": score}


def critical() -> Iterator[dict]:
    """A blur that is removed earlier or later, with plasticity that stays or falls; and the same without any blur."""
    train, test = development.portraits(800, 0), development.portraits(600, 1)
    for ageing in (1.0, 0.85):
        for epoch in (0, 5, 10, 20):
            for blur in (0.0, development.BLUR):
                for seed in range(3):
                    schedule = development.removed_at(epoch, 15, blur)
                    score = development.accuracy(development.grow(*train, schedule, ageing=ageing, seed=seed), *test)
                    yield {"ageing": ageing, "removed": epoch, "blur": blur, "seed": seed, "accuracy": score}


def words() -> Iterator[dict]:
    """Naming pairs of attributes that were never met together, with and without pictures."""
    for seed in range(4):
        met = described.described(2400, 10 + seed, lambda w: ~described.held_out(w))
        new = described.described(800, 20 + seed, lambda w: ~described.held_out(w))
        unmet = described.described(800, 30 + seed, described.held_out)
        grounded, symbols = grounding.Grounded(seed=seed), grounding.Cooccurrence(met.words)
        grounding.fit(grounded, met, seed=seed)
        for slot in described.SLOTS:
            right = grounded.answer(grounded.look(new.images), slot) == new.words[slot]
            yield {"seed": seed, "asked": slot, "model": "grounded", "pictures": "met", "accuracy": right.mean()}
            right = symbols.answer(new.words, slot) == new.words[slot]
            yield {"seed": seed, "asked": slot, "model": "symbols", "pictures": "met", "accuracy": right.mean()}
        for pair in described.HELD_OUT:
            slot, word = described.place(pair[1])
            rows, asked = unmet.has(*pair), " + ".join(pair)
            for model, answers in (
                ("grounded", grounded.answer(grounded.look(unmet.images), slot)),
                ("symbols", symbols.answer(unmet.words, slot)),
            ):
                score = np.mean(answers[rows] == word)
                yield {"seed": seed, "asked": asked, "model": model, "pictures": "never met", "accuracy": score}


def motor() -> Iterator[dict]:
    """What can be read from the eye with and without imitation, where descriptions leave expressions out."""
    slots = tuple(slot for slot in described.SLOTS if slot != "expression")
    train, test = described.described(1600, 0), described.described(800, 1)
    for seed in range(4):
        for imitates in (False, True):
            model = grounding.Grounded(slots=slots, motor=imitates, seed=seed)
            grounding.fit(model, train, epochs=10, seed=seed)
            scores = grounding.readable(model, train, test)
            yield from ({"seed": seed, "motor": imitates, "read": s, "accuracy": a} for s, a in scores.items())


TABLES = (synapses, betrayal, childhoods, critical, words, motor)


def main(names: list[str]) -> None:
    (DATA / "neurons").mkdir(exist_ok=True)
    for table in TABLES:
        if not names or table.__name__ in names:
            path = DATA / "neurons" / f"{table.__name__}.csv"
            pd.DataFrame(table()).to_csv(path, index=False, float_format="%.4g")
            _register(path)


def _register(path: Path) -> None:
    content, manifest = path.read_bytes(), json.loads((DATA / "manifest.json").read_text())
    entry = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content), "licence": "CC0-1.0"}
    manifest[f"neurons/{path.name}"] = entry | {"maker": "data/build/neurons.py"}
    (DATA / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
