"""How long the pictures behind the slower widgets take, beside a face of 300 pixels drawn in the same run.

    python benchmarks/widgets.py [--quick]

A key is answered at once if the picture behind it comes within a tenth of a second, the way to the browser included;
a face of 300 pixels is what the kit draws most. Times are medians over different values of the control, after one call
that fills the caches. Goal: no picture takes more than twice as long as the face.
"""

import argparse
import time
from collections.abc import Callable

import numpy as np


def milliseconds(draw: Callable[[int], object], times: int) -> float:
    """Median time of a call, each with another number."""
    draw(0)
    found = []
    for k in range(1, times + 1):
        begin = time.perf_counter()
        draw(k)
        found.append(1000 * (time.perf_counter() - begin))
    return float(np.median(found))


def pictures() -> dict[str, Callable[[int], object]]:
    """A picture for each number, by the widget's name."""
    from kit import faces, networks
    from kit.brain import eeg, spikes, viewing
    from kit.widgets import face_from_spikes, glm_explorer, moment_explorer
    from kit.widgets.latent_traversal import UNITS, LatentTraversal

    model = faces.load()
    _, person, structure = viewing.people_who_change(model, rng=0)
    moments = moment_explorer.MomentScene(eeg.simulate(person, structure, rng=0), person, structure)
    known, seen = (model.sample(n, "female", 35, "caucasian", rng=n) for n in (2000, 6))
    readback = face_from_spikes.ReadBack(spikes.population(400, 110, rng=0), known, seen)
    heads = model.sample(40, rng=1)
    traversal = LatentTraversal(heads.render(64), {"vae": networks.load("vae")})
    along = {"system": "vae", "face": 2, "kind": UNITS, "direction": 1}
    return {
        "a face of 300 pixels": lambda k: heads[[k % 40]].render(300),
        "explore_glm": lambda k: glm_explorer.figure(glm_explorer.compute(2 + k % 8, 0.7)),
        "moments of an EEG": lambda k: moments.drawing({"moment": 100 + 10 * (k % 20), "question": "who it is"}),
        "read_face": lambda k: readback.drawing({"neurons": 300 + 5 * (k % 20), "listen": "0.3 s", "face": "face 1"}),
        "traverse_latent": lambda k: traversal.drawing(along | {"amount": 0.1 * (k % 20)}),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer calls")
    times = 7 if parser.parse_args().quick else 40
    found = {name: milliseconds(draw, times) for name, draw in pictures().items()}
    face = found["a face of 300 pixels"]
    print("| picture | ms | ratio to a face |\n|---|---:|---:|")
    for name, took in found.items():
        print(f"| {name} | {took:.1f} | {took / face:.2f} |")


if __name__ == "__main__":
    main()
