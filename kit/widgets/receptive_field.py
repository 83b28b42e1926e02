"""The receptive-field map: choose a unit of a network, and see which pixels move it when they are poked."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from kit.plots.looks import PALETTE

from .canvas import Canvas, grey
from .live_picture import Choice, Group, Slider, Values
from .wide_picture import WidePicture

if TYPE_CHECKING:
    from torch import nn

SIDE, GAP, TOP = 288, 24, 34
KINDS = {"Conv2d": "convolution", "MaxPool2d": "pooling"}


class FieldMap:
    """Receptive fields of the units of a network, by formula and by stimulation.

    Parameters
    ----------
    stages : nn.Sequential
        Convolutions, poolings and what is between.
    images : uint8 array of shape (n, h, w, 3)
        On show while their pixels are poked; the first is drawn.
    """

    def __init__(self, stages: nn.Sequential, images: np.ndarray):
        from kit.networks.basics.convnet import layers_of, receptive_field

        self.stages, self.images = stages, images
        layers = layers_of(stages)
        self.fields = dict(zip(self._names(layers), receptive_field(layers.values())))
        self.places = dict(zip(self.fields, map(int, layers)))
        self.responses = cache(self._responses)

    def _names(self, layers: dict) -> list[str]:
        return [f"{k}: {KINDS[type(self.stages.get_submodule(name)).__name__]}" for k, name in enumerate(layers, 1)]

    def _responses(self, layer: str) -> np.ndarray:
        """(i, j, h, w): how much units change when a pixel is poked; with the ReLU that follows a convolution."""
        from kit.networks.basics.convnet import stimulate

        end = self.places[layer] + 1
        end += type(self.stages[end : end + 1][0]).__name__ == "ReLU" if end < len(self.stages) else 0
        return stimulate(self.stages[:end], self.images)

    def unit(self, values: Values) -> tuple[int, int]:
        """Row and column of the chosen unit in its feature map."""
        side = self.responses(values["layer"]).shape[0]
        return tuple(min(int(values[name] / 100 * side), side - 1) for name in ("down", "across"))

    def compute(self, values: Values) -> np.ndarray:
        """How much the chosen unit changes when each pixel is poked: (h, w), the largest is 1."""
        change = self.responses(values["layer"])[self.unit(values)]
        return change / max(float(change.max()), 1e-9)

    def box(self, values: Values) -> tuple[int, int, int, int]:
        """First row, first column, last row, last column by the formula; they may lie in the padding."""
        field = self.fields[values["layer"]]
        (top, bottom), (left, right) = (field.of(unit) for unit in self.unit(values))
        return top, left, bottom, right

    def drawing(self, values: Values) -> Canvas:
        """The face, and the map of pokes, each with the formula's square."""
        canvas = Canvas(2 * SIDE + GAP, SIDE + TOP + 4)
        scale = SIDE / self.images.shape[1]
        top, left, bottom, right = self.box(values)
        panels = (
            ("the face, and the formula's square", self.images[0]),
            ("who moves the unit?", grey(self.compute(values) ** 0.5)),
        )
        for k, (title, picture) in enumerate(panels):
            x = k * (SIDE + GAP)
            inside = [np.clip(b, 0, self.images.shape[1]) * scale for b in (left, top, right + 1, bottom + 1)]
            canvas.text(x + SIDE / 2, 16, title, 17)
            canvas.pixels(picture, x, TOP, SIDE)
            canvas.frame((x + inside[0], TOP + inside[1], x + inside[2] - 1, TOP + inside[3] - 1), PALETTE[1])
        return canvas

    def describe(self, values: Values) -> str:
        """What the picture shows, in one sentence or two."""
        size, (row, column) = self.fields[values["layer"]].size, self.unit(values)
        moved = self.compute(values) > 0
        top, left, bottom, right = self.box(values)
        outside = moved.sum() - moved[max(top, 0) : bottom + 1, max(left, 0) : right + 1].sum()
        return (
            f"Layer {values['layer']}, unit at row {row}, column {column}. By the formula it sees {size} × {size} "
            f"pixels; {moved.sum()} pixels moved it when poked (bright: much), {outside} of them outside the square."
        )

    def show(self) -> None:
        layers = tuple(self.fields)
        unit = (
            Slider("down", "from the top", 0, 100, 5, 50, " %"),
            Slider("across", "from the left", 0, 100, 5, 50, " %"),
        )
        groups = [Group("Layer", (Choice("layer", "layer", layers, layers[0]),)), Group("Unit", unit)]
        WidePicture(groups, lambda values: (self.drawing(values), self.describe(values))).show("receptive-field")


def map_receptive_field(stages: nn.Sequential, images: np.ndarray) -> None:
    """Choose a unit of any layer and see its receptive field, by formula and by stimulation.

    Parameters
    ----------
    stages : nn.Sequential
        As `kit.networks.basics.convnet.ConvNet.stages`.
    images : uint8 array of shape (n, h, w, 3)
    """
    FieldMap(stages, images).show()
