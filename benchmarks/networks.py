"""A wrapped network against the same network in bare torch: pictures a second, in one run.

    python benchmarks/networks.py [--quick]

224 x 224 pixels; timm's ResNet-18 where timm loads, else the kit's ResNet-10 of the same width (64). Bare torch gets a
tensor that is ready, in batches of 16, and only multiplies. The kit gets bytes as the renderer makes them: it checks,
converts, normalises, chooses its batches and hands out float32. Both on one thread, in turns, the median of the rounds
in CPU seconds, which other work on the machine does not stretch. "layers" reads eight layers in one pass, reduced to
512 numbers each; "one by one" reads them as eight systems. Goals: .9 of bare torch; all layers in less time than two.
"""

import argparse
import time

import numpy as np
import torch

from kit import networks

SIZE, BATCH = 224, 16
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def module() -> tuple[torch.nn.Module, list[str]]:
    """A residual network with random weights, and names of eight of its layers."""
    torch.manual_seed(0)
    try:
        import timm

        names = ["layer1.0", "layer1.1", "layer2.0", "layer2.1", "layer3.0", "layer3.1", "layer4.0", "layer4.1"]
        return timm.create_model("resnet18", num_classes=0).eval(), names
    except (ImportError, RuntimeError):
        from kit.networks.resnet import ResNet10

        names = ["stem", "norm", "block1.conv1", "block1", "block2", "block3", "block4", "embedding"]
        return ResNet10(64, 512, SIZE).eval(), names


def seconds(work) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def main(n: int, rounds: int) -> None:
    torch.set_num_threads(1)
    net, names = module()
    images = np.random.default_rng(0).integers(0, 256, (n, SIZE, SIZE, 3), dtype=np.uint8)
    ready = (torch.from_numpy(images).permute(0, 3, 1, 2).float() / 255).contiguous()
    wrapped = networks.wrap(net, size=SIZE, mean=MEAN, std=STD)

    def bare() -> None:
        with torch.inference_mode():
            for part in ready.split(BATCH):
                net(part)

    def one_by_one() -> None:
        for name in names:
            networks.projected(wrapped.at(name), 512).embed(images)

    ways = {
        "bare torch": bare, "kit": lambda: wrapped.embed(images),
        "layers": lambda: networks.scan_layers(wrapped, images, names, 512), "one by one": one_by_one,
    }  # fmt: skip
    for way in ways.values():
        way()  # what is done once is not counted
    taken = {name: np.median([seconds(way) for _ in range(rounds)]) for name, way in ways.items()}
    print(f"{type(net).__name__}, {SIZE} pixels, {n} pictures, one thread")
    for name, value in taken.items():
        print(f"{name:12s} {n / value:7.1f} pictures a second   {taken['bare torch'] / value:.2f} of bare torch")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    main(*((32, 3) if quick else (128, 5)))
