"""The kernel explorer: slide a kernel over a face, change its weights, and see the feature map that results."""

from __future__ import annotations

from functools import cache

import numpy as np

from kit.faces import load
from kit.faces.stimuli import identities
from kit.networks.basics.convnet import convolve
from kit.plots.looks import PALETTE

from .canvas import Canvas, diverging, grey
from .live_picture import Choice, Group, Slider, Values, start
from .wide_picture import WidePicture

SIZE = 64  # pixels of the face
SIDE = 256  # of each picture on the screen
MIDDLE = 190  # where the products are written
TOP = 34
CELL = 56
KERNELS = {
    "pass through": [[0, 0, 0], [0, 1, 0], [0, 0, 0]],
    "blur": np.full((3, 3), 1 / 9),
    "edge, dark to bright →": [[-1, 0, 1]] * 3,
    "edge, dark to bright ↓": [[-1, -1, -1], [0, 0, 0], [1, 1, 1]],
    "bright spot": [[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]],
    "nothing (all yours)": np.zeros((3, 3)),
}
GROUPS = (
    Group("Kernel and place", (
        Choice("kernel", "kernel", tuple(KERNELS), "edge, dark to bright →"),
        Slider("row", "row", 0, SIZE - 3, 1, 24),
        Slider("column", "column", 0, SIZE - 3, 1, 20),
        Slider("stride", "stride", 1, 6, 1, 1, " px"),
    )),
    *(
        Group(f"Added to the {row} row of weights", tuple(
            Slider(f"w{i}{j}", where, -2, 2, 0.1, 0, "", 1) for j, where in enumerate(("left", "middle", "right"))
        ))
        for i, row in enumerate(("upper", "middle", "lower"))
    ),
)  # fmt: skip
START = start(list(GROUPS))


def compute(values: Values) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The 3 x 3 pixels below the kernel, its weights, and the whole feature map."""
    v = START | values
    added = np.array([[v[f"w{i}{j}"] for j in range(3)] for i in range(3)])
    kernel = np.array(KERNELS[v["kernel"]], float) + added
    row, column = _place(v)
    window = _face()[row : row + 3, column : column + 3]
    return window, kernel, convolve(_face(), kernel, stride=int(v["stride"]))


def _place(v: Values) -> tuple[int, int]:
    """Row and column of the kernel's corner: the stride decides which places there are."""
    return tuple(int(v[name]) // int(v["stride"]) * int(v["stride"]) for name in ("row", "column"))


@cache
def _face() -> np.ndarray:
    """Ada in grey, 0 to 1."""
    return identities(load())["Ada"].render(SIZE, light=(30, 30))[0].mean(axis=2) / 255


def drawing(window: np.ndarray, kernel: np.ndarray, feature_map: np.ndarray, values: Values) -> Canvas:
    """The face with the kernel's place, the nine products, and the feature map.

    Window and kernel are (3, 3), the feature map is (m, m), as `compute` gives them.
    """
    v = START | values
    row, column = _place(v)
    canvas = Canvas(2 * SIDE + MIDDLE + 20, SIDE + TOP + 10)
    for x, title in (
        (SIDE / 2, "the face"),
        (SIDE + MIDDLE / 2, "pixel × weight"),
        (SIDE * 1.5 + MIDDLE, "feature map"),
    ):
        canvas.text(x, 16, title, 17)
    scale = SIDE / SIZE
    canvas.pixels(grey(_face()), 0, TOP, SIDE)
    canvas.frame(
        (column * scale - 2, TOP + row * scale - 2, (column + 3) * scale + 1, TOP + (row + 3) * scale + 1), PALETTE[1]
    )
    _products(canvas, window, kernel)
    left, unit = SIDE + MIDDLE, SIDE / len(feature_map)
    canvas.pixels(diverging(feature_map), left, TOP, SIDE)
    i, j = row // int(v["stride"]), column // int(v["stride"])
    canvas.frame(
        (left + j * unit - 3, TOP + i * unit - 3, left + (j + 1) * unit + 2, TOP + (i + 1) * unit + 2), "#000000"
    )
    return canvas


def _products(canvas: Canvas, window: np.ndarray, kernel: np.ndarray) -> None:
    left, top = SIDE + (MIDDLE - 3 * CELL) // 2, TOP + 14
    canvas.pixels(grey(window), left, top, 3 * CELL)
    for i in range(3):
        for j in range(3):
            x, y = left + j * CELL, top + i * CELL
            ink = "#000000" if window[i, j] > 0.46 else "#FFFFFF"  # either has a contrast of 4.5 with its pixel
            canvas.frame((x, y, x + CELL - 1, y + CELL - 1), PALETTE[1], 1)
            canvas.text(x + CELL / 2, y + 17, f"{window[i, j]:.2f}", 15, ink)
            canvas.text(x + CELL / 2, y + 38, f"×{kernel[i, j]:+.1f}".replace("-", "−"), 15, ink)
    canvas.text(SIDE + MIDDLE / 2, top + 3 * CELL + 26, f"sum {np.sum(window * kernel):+.2f}".replace("-", "−"), 19)


def describe(window: np.ndarray, kernel: np.ndarray, feature_map: np.ndarray, values: Values) -> str:
    """What the picture shows, in one sentence.

    Window and kernel are (3, 3), the feature map is (m, m), as `compute` gives them.
    """
    v = START | values
    row, column = _place(v)
    side = len(feature_map)
    return (
        f"Kernel “{v['kernel']}” at row {row}, column {column}: the nine products add up to "
        f"{np.sum(window * kernel):+.2f}, the framed pixel of the feature map. The map has {side} × {side} pixels, "
        f"from {feature_map.min():+.2f} to {feature_map.max():+.2f}; orange is above zero, blue below."
    ).replace("-", "−")


def _draw(values: Values) -> tuple[Canvas, str]:
    parts = compute(values)
    return drawing(*parts, values), describe(*parts, values)


def explore_kernel() -> None:
    """Slide a 3 x 3 kernel over Ada's face and edit its weights."""
    WidePicture(list(GROUPS), _draw).show("kernel-explorer")
