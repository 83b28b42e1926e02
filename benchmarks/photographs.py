"""dlib's face recogniser in dlib and in torch: aligned faces a second, in one run.

    python benchmarks/photographs.py [--quick]

The same chips of rendered faces through `compute_face_descriptor` and, in batches of 32, through the kit's module; one
thread each, in turns, the median of the rounds in CPU seconds. "alignment" is dlib's detector, landmarks and chip;
"the system" is all that the study asks for: pictures in, features out.
"""

import argparse
import time

import dlib
import numpy as np
import torch

from kit import faces, networks
from kit.networks import photographs

BATCH = 32


def seconds(work) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def main(n: int, rounds: int) -> None:
    torch.set_num_threads(1)
    network = networks.photograph_network()
    own = dlib.face_recognition_model_v1(str(photographs.folder() / photographs.WEIGHTS))
    pictures = faces.load().sample(n, rng=0).render(photographs.SIZE, frame=network.crop)
    chips = network.preprocess.chips(pictures)
    ready = network.preprocess(network.tensor(pictures))

    def in_torch() -> np.ndarray:
        with torch.inference_mode():
            return np.concatenate([network.module(part).numpy() for part in ready.split(BATCH)])

    def in_dlib() -> np.ndarray:
        return np.array([own.compute_face_descriptor(chip) for chip in chips])

    ways = {"dlib": in_dlib, "torch": in_torch, "alignment": lambda: network.preprocess.chips(pictures),
            "the system": lambda: network.embed(pictures)}  # fmt: skip
    network.embed(pictures[:BATCH])  # what is done once is not counted
    apart = np.abs(in_torch() - in_dlib()).max()
    taken = {name: np.median([seconds(way) for _ in range(rounds)]) for name, way in ways.items()}
    print(f"{n} faces, one thread; largest difference of a feature {apart:.1e}")
    for name, value in taken.items():
        print(f"{name:12s} {n / value:7.1f} a second, {1000 * value / n:6.1f} ms a face")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    main(*((16, 1) if parser.parse_args().quick else (64, 3)))
