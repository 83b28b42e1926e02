"""What an answer costs, as a bill that changes with how numbers are kept and where they are fetched from."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from kit.networks.inside.energy import BITS, READ, WATTS, Cost, Joules, joules
from kit.plots.looks import INK, LINE, PALETTE

from .live_chart import LiveChart, svg, text
from .live_picture import Choice, Group, Values

WIDTH, HEIGHT, LEFT, RIGHT = 560, 250, 130, 20
DECADES = range(-9, -2)  # powers of ten of joules on the axis
BARS = (("computing", 60), ("fetching", 115), ("together", 170))
PREFIXES = ((1e-9, "nJ"), (1e-6, "µJ"), (1e-3, "mJ"), (1.0, "J"))


def controls(networks: Sequence[str]) -> list[Group]:
    """The bill's choices, for networks of these names."""
    memories = tuple(READ)
    return [
        Group("An answer", (
            Choice("network", "network", tuple(networks), networks[0]),
            Choice("number", "numbers", tuple(BITS), "float32"),
            Choice("memory", "fetched from", memories, memories[-1]),
            Choice("batch", "images at once", ("1", "4", "16", "64", "256"), "1"),
        ))
    ]  # fmt: skip


def compute(costs: Sequence[Cost], values: Values) -> Joules:
    """The bill for one image."""
    return joules(costs, values["number"], values["memory"], int(values["batch"]))


def figure(bill: Joules) -> str:
    """Three bars on a scale of powers of ten, as SVG."""
    parts = []
    for power in DECADES:
        x = _place(10.0**power)
        parts.append(f'<path d="M{x:.1f} 30V205" stroke="{LINE}"/>' + text(x, 224, say(10.0**power), "middle"))
    for k, ((name, y), joule) in enumerate(zip(BARS, (bill.arithmetic, bill.memory, bill.total))):
        end = _place(joule)
        width = max(end - LEFT, 1)
        parts.append(f'<rect x="{LEFT}" y="{y - 14}" width="{width:.1f}" height="28" fill="{PALETTE[k]}"/>')
        parts.append(text(LEFT - 10, y + 5, name, "end") + text(end + 6, y + 5, say(joule)))
    parts.append(f'<path d="M{LEFT} 30V205H{WIDTH - RIGHT}" stroke="{INK}" fill="none"/>')
    parts.append(text((LEFT + WIDTH - RIGHT) / 2, 244, "energy of one answer (each step: ten times)", "middle"))
    return svg(WIDTH, HEIGHT, *parts)


def _place(joule: float) -> float:
    share = (math.log10(max(joule, 1e-12)) - DECADES[0]) / (DECADES[-1] - DECADES[0])
    return LEFT + min(max(share, 0), 1) * (WIDTH - LEFT - RIGHT - 60)


def say(joule: float) -> str:
    """An energy with a unit that suits it, two digits."""
    scale, unit = next(((s, u) for s, u in reversed(PREFIXES) if joule >= s * 0.995), PREFIXES[0])
    return f"{float(f'{joule / scale:.2g}'):g} {unit}"


def describe(bill: Joules, values: Values) -> str:
    """The bill in words."""
    share = bill.memory / bill.total
    return (
        f"{values['network']}, {values['number']}, from {values['memory']}, {values['batch']} at once: "
        f"{say(bill.total)} an answer, {share:.0%} of it for fetching numbers. A brain's {WATTS:g} watts would pay for "
        f"{WATTS / bill.total:,.0f} such answers a second."
    )


def explore_energy(networks: Mapping[str, Sequence[Cost]]) -> None:
    """Show what one answer of each network costs, with numbers, memory and batch to be chosen.

    Parameters
    ----------
    networks : name to what `kit.networks.inside.energy.operations` counted.
    """

    def draw(values: Values) -> tuple[str, str]:
        bill = compute(networks[values["network"]], values)
        return figure(bill), describe(bill, values)

    LiveChart(controls(list(networks)), draw).show("explore-energy")
