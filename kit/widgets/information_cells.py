"""A table of two yes/no variables with sliders: entropies and mutual information as bars that move."""

from __future__ import annotations

import numpy as np
from scipy.special import xlogy

from kit.plots.looks import INK, PALETTE, PAPER, QUIET

from .live_chart import LiveChart, svg, text
from .live_picture import Group, Slider, Values

CONTROLS = [
    Group("Chances", (
        Slider("rain", "rain", 0, 1, 0.05, 0.5, "", 2),
        Slider("if_rain", "umbrella, if rain", 0, 1, 0.05, 0.75, "", 2),
        Slider("if_dry", "umbrella, if dry", 0, 1, 0.05, 0.25, "", 2),
    ))
]  # fmt: skip
SIDE, LEFT, TOP = 230, 20, 50  # of the square, in pixels
BAR_LEFT, BAR_LONG, BAR_STEP = 300, 200, 58
PALE = ("#A6CEE3", "#F6C9A6")  # of the first two colours
FILL = {("rain", True): PALETTE[0], ("rain", False): PALE[0], ("dry", True): PALETTE[1], ("dry", False): PALE[1]}


def compute(values: Values) -> np.ndarray:
    """Joint probabilities (2, 2): rows rain and dry, columns umbrella and none."""
    rain, if_rain, if_dry = values["rain"], values["if_rain"], values["if_dry"]
    return np.array([[rain * if_rain, rain * (1 - if_rain)], [(1 - rain) * if_dry, (1 - rain) * (1 - if_dry)]])


def entropy(probabilities: np.ndarray) -> float:
    """Bits of a table of probabilities, of any shape."""
    return float(-xlogy(probabilities, probabilities).sum() / np.log(2)) + 0.0


def bits(joint: np.ndarray) -> dict[str, float]:
    """Entropies of the rows, of the columns and of the cells of a table (2, 2), and what rows and columns share."""
    rain, umbrella, both = entropy(joint.sum(1)), entropy(joint.sum(0)), entropy(joint)
    return {"H(rain)": rain, "H(umbrella)": umbrella, "H(both)": both, "information": rain + umbrella - both}


def figure(joint: np.ndarray) -> str:
    """The table (2, 2) as areas, and a bar for each quantity; SVG."""
    return svg(540, 330, *_areas(joint), *_bars(bits(joint)))


def _areas(joint: np.ndarray) -> list[str]:
    """Two columns as wide as rain and dry are likely, each cut at its share of umbrellas."""
    parts, x = [text(LEFT, 28, "areas are probabilities")], float(LEFT)
    for weather, (umbrella, none) in zip(("rain", "dry"), joint):
        width = SIDE * (umbrella + none)
        share = umbrella / (umbrella + none) if umbrella + none > 0 else 0
        for carried, y, height in ((False, TOP, SIDE * (1 - share)), (True, TOP + SIDE * (1 - share), SIDE * share)):
            fill = FILL[weather, carried]
            parts.append(
                f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{fill}" '
                f'stroke="{PAPER}" stroke-width="2"/>'
            )
            if width > 60 and height > 22:
                ink = PAPER if carried else INK
                words = "umbrella" if carried else "none"
                parts.append(text(x + width / 2, y + height / 2 + 5, words, "middle", f'fill="{ink}"'))
        if width > 30:
            parts.append(text(x + width / 2, TOP + SIDE + 22, weather, "middle"))
        x += width
    return parts


def _bars(amounts: dict[str, float]) -> list[str]:
    """Bars of up to two bits."""
    parts = [f'<path d="M{BAR_LEFT} {TOP - 6}V{TOP + 4 * BAR_STEP}" stroke="{INK}"/>']
    for k, (name, amount) in enumerate(amounts.items()):
        y, colour = TOP + k * BAR_STEP, PALETTE[2] if name == "information" else QUIET
        parts.append(text(BAR_LEFT + 6, y + 12, f"{name}: {amount:.2f} bits"))
        parts.append(
            f'<rect x="{BAR_LEFT}" y="{y + 18}" width="{amount / 2 * BAR_LONG:.1f}" height="18" fill="{colour}"/>'
        )
    return parts


def describe(joint: np.ndarray) -> str:
    """What the picture of a table (2, 2) shows, in words."""
    cells = joint.round(2).tolist()
    told = "; ".join(f"{name} {amount:.2f}" for name, amount in bits(joint).items())
    return (
        f"Rain with umbrella {cells[0][0]:.2f}, without {cells[0][1]:.2f}; dry with {cells[1][0]:.2f}, without "
        f"{cells[1][1]:.2f}. In bits: {told}."
    )


def information_table() -> None:
    """Show the table with its three chances to be moved."""
    LiveChart(CONTROLS, lambda values: (figure(compute(values)), describe(compute(values)))).show("information-table")
