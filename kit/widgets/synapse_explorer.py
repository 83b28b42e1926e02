"""Three rules for synapses as sliders: how differently they learn, which are replaced, how many make a link."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
import torch

from kit.networks.richer.biological import MultiSynaptic, plasticity, thin
from kit.plots.looks import INK, LINE, PALETTE

from .canvas import Canvas, diverging
from .live_picture import Choice, Group, Slider, Values
from .wide_picture import WidePicture

SIDE, CELL, GROUPS = 12, 17, (1, 2, 3, 4, 6, 12)
ROUNDS, PANEL, GAP, TOP = 12, SIDE * CELL, 34, 54
CONTROLS = [
    Group("Synapses", (
        Slider("variability", "plasticity diversity v", 0, 1, 0.04, 0.16, digits=2),
        Slider("rounds", "rounds of remodelling", 0, ROUNDS, 1, 0),
        Choice("group", "synapses a link", tuple(map(str, GROUPS)), "1"),
    ))
]  # fmt: skip


class Synapses(NamedTuple):
    """What the sliders make: plasticities, weights and how often each was redrawn (12, 12), units before and after."""

    rates: np.ndarray
    weights: np.ndarray
    redrawn: np.ndarray
    units: np.ndarray
    linked: np.ndarray


@cache
def _history() -> list[tuple[np.ndarray, np.ndarray]]:
    """Weights after each round of remodelling, and how often each was redrawn by then."""
    generator = torch.Generator().manual_seed(2)
    weights, counts = torch.randn(SIDE, SIDE, generator=generator) * 0.4, torch.zeros(SIDE, SIDE)
    out = [(weights.numpy(), counts.numpy())]
    for _ in range(ROUNDS):
        lost, most = thin(weights, generator), weights.abs().max()
        new = most * (2 * torch.rand(SIDE, SIDE, generator=generator) - 1)
        weights, counts = torch.where(lost, new, weights), counts + lost
        out.append((weights.numpy(), counts.numpy()))
    return out


def compute(values: Values) -> Synapses:
    """Plasticities, weights and links for the sliders' values."""
    weights, redrawn = _history()[int(values["rounds"])]
    dice = torch.Generator().manual_seed(0)
    units = torch.rand(SIDE, generator=dice)
    linked = MultiSynaptic(SIDE, int(values["group"]))(units)
    rates = plasticity(torch.empty(SIDE, SIDE), dice, float(values["variability"]))
    return Synapses(rates.numpy(), weights, redrawn, units.numpy(), linked.numpy())


def drawing(state: Synapses, values: Values) -> Canvas:
    """Three panels: the plasticities, the weights with frames round the redrawn ones, the units and what is sent."""
    canvas = Canvas(3 * PANEL + 4 * GAP, PANEL + TOP + 50)
    titles = ("how plastic each synapse is", "the weights themselves", "twelve units, and what they send")
    for column, title in enumerate(titles):
        canvas.text(GAP + column * (PANEL + GAP), 24, title, 14, anchor="lm")
    _cells(canvas, 0, diverging(state.rates - 1, 1.0), np.zeros((SIDE, SIDE), bool))
    _cells(canvas, 1, diverging(state.weights), state.redrawn > 0)
    _bars(canvas, state)
    below = TOP + PANEL + 20
    canvas.text(GAP, below, "blue below 1, orange above", 13, anchor="lm")
    canvas.text(2 * GAP + PANEL, below, "framed: redrawn at least once", 13, anchor="lm")
    canvas.text(3 * GAP + 2 * PANEL, below, "narrow: unit, wide: after the link", 13, anchor="lm")
    return canvas


def _cells(canvas: Canvas, column: int, colours: np.ndarray, framed: np.ndarray) -> None:
    left = GAP + column * (PANEL + GAP)
    canvas.pixels(colours, left, TOP, PANEL)
    for row, place in np.argwhere(framed):
        x, y = left + place * CELL, TOP + row * CELL
        canvas.frame((x, y, x + CELL - 1, y + CELL - 1), INK, 2)


def _bars(canvas: Canvas, state: Synapses) -> None:
    left, floor = 3 * GAP + 2 * PANEL, TOP + PANEL
    height = (PANEL - 10) / max(1.0, state.linked.max())
    for k, (before, after) in enumerate(zip(state.units, state.linked)):
        x = left + k * CELL
        canvas.frame((x, floor - after * height, x + 14, floor), PALETTE[0], 1, PALETTE[0])
        canvas.frame((x + 2, floor - before * height, x + 6, floor), PALETTE[5], 1, PALETTE[5])
    canvas.line(np.array([[left, floor], [left + PANEL, floor]]), LINE, 1)


def describe(state: Synapses, values: Values) -> str:
    """What the picture shows, in words."""
    group, size = int(values["group"]), np.abs(state.weights)
    lost = state.redrawn > 0
    return (
        f"Plasticities from {state.rates.min():.2f} to {state.rates.max():.2f}. After {values['rounds']:g} rounds "
        f"{lost.sum()} of {lost.size} weights were redrawn at least once, and the share of small weights (below a "
        f"quarter of the largest) is {np.mean(size < size.max() / 4):.0%}. Groups of {group}: 12 units send "
        f"{SIDE // group} different number{'s' * (group < SIDE)}, and the largest is {state.linked.max():.1f}."
    )


def explore_synapses() -> None:
    """Show the three rules of Hofmann et al. (2025) on a layer of 12 x 12 weights, with a slider each."""

    def draw(values: Values) -> tuple[Canvas, str]:
        state = compute(values)
        return drawing(state, values), describe(state, values)

    WidePicture(CONTROLS, draw).show("explore-synapses")
