"""Slow blood: sixteen faces in a simulated scanner, their spacing and the noise as sliders, and what a GLM finds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.signal import lfilter

from kit.brain.glm import design_matrix, glm
from kit.plots.looks import INK, LINE, PALETTE, QUIET
from kit.plots.signs import minus

from .live_chart import LiveChart, svg, text
from .live_picture import Group, Slider, Values

NAMES, TRUTH = ("women", "men"), np.array([6.0, 3.0])
EACH, TR, REST, MEMORY = 8, 2.0, 20.0, 0.4
CONTROLS = [
    Group("Simulated scanner", (
        Slider("spacing", "a face every", 2, 20, 1, 14, " s"),
        Slider("noise", "noise", 0, 1.5, 0.1, 0.3, "", 1),
    ))
]  # fmt: skip
WIDTH, LEFT, TOP, BOTTOM, LONG = 520, 46, 40, 232, 458
LOWEST, HIGHEST = -2.0, 3.0  # of the signal
BARS, BAR_MOST = 268, 9.0


@dataclass(frozen=True)
class Run:
    """One simulated run and its fit: seconds and signals (n_scans,), onsets (2, 8), betas and standard errors (2,)."""

    seconds: np.ndarray
    measured: np.ndarray
    fitted: np.ndarray
    onsets: np.ndarray
    betas: np.ndarray
    errors: np.ndarray


@lru_cache(maxsize=512)
def compute(spacing: float, noise: float) -> Run:
    """*Simulate* a run of eight women and eight men in a fixed mixed order, and fit one beta to each."""
    rng = np.random.default_rng(4)
    women = np.isin(np.arange(2 * EACH), rng.permutation(2 * EACH)[:EACH])
    times = 4 + spacing * np.arange(2 * EACH)
    onsets = np.stack([times[women], times[~women]])
    n_scans = int(np.ceil((times[-1] + REST) / TR))
    design = design_matrix(onsets, n_scans, TR)
    fresh = rng.normal(size=400) * np.sqrt(1 - MEMORY**2)
    measured = design[:, :2] @ TRUTH + noise * lfilter([1], [1, -MEMORY], fresh)[50 : 50 + n_scans]
    fit = glm(measured[:, None], design)
    errors = [float(fit.standard_error(np.eye(design.shape[1])[k])[0]) for k in (0, 1)]
    return Run(TR * np.arange(n_scans), measured, design @ fit.betas[:, 0], onsets, fit.betas[:2, 0], np.array(errors))


def figure(run: Run) -> str:
    """The run with its fit above, the two betas with their errors below; SVG."""
    return svg(WIDTH, 372, *_signal(run), *_betas(run))


def _right(seconds: float | np.ndarray) -> float | np.ndarray:
    return LEFT + np.asarray(seconds) / 330 * LONG


def _down(value: float | np.ndarray) -> float | np.ndarray:
    return BOTTOM - (np.clip(value, LOWEST, HIGHEST) - LOWEST) / (HIGHEST - LOWEST) * (BOTTOM - TOP)


def _signal(run: Run) -> list[str]:
    parts = [f'<circle cx="{LEFT + 6}" cy="17" r="4" fill="{QUIET}"/>', text(LEFT + 18, 22, "simulated signal")]
    parts += [f'<path d="M{LEFT + 158} 17h26" stroke="{INK}" stroke-width="2"/>']
    parts += [text(LEFT + 192, 22, "fitted sum of responses")]
    parts += [text(20, (TOP + BOTTOM) / 2, "signal", "middle", f'transform="rotate(-90 20 {(TOP + BOTTOM) / 2})"')]
    for seconds in range(0, 331, 60):
        x = _right(seconds)
        parts.append(f'<path d="M{x:.1f} {BOTTOM}v5" stroke="{INK}"/>' + text(x, BOTTOM + 19, f"{seconds} s", "middle"))
    parts.append(f'<path d="M{LEFT} {_down(0):.1f}h{LONG}" stroke="{LINE}"/>')
    parts.append(f'<path d="M{LEFT} {TOP}V{BOTTOM}h{LONG}" stroke="{INK}" fill="none"/>')
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(_right(run.seconds), _down(run.fitted)))
    dots = zip(_right(run.seconds), _down(run.measured))
    parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.4" fill="{QUIET}"/>' for x, y in dots]
    parts.append(f'<polyline points="{points}" fill="none" stroke="{INK}" stroke-width="2"/>')
    for k, onsets in enumerate(run.onsets):
        parts += [_sign(k, float(x), BOTTOM - 8) for x in _right(onsets)]
    return parts


def _sign(k: int, x: float, y: float) -> str:
    """A disc for a woman, a square for a man."""
    if k == 0:
        return f'<circle cx="{x:.1f}" cy="{y}" r="4.5" fill="{PALETTE[0]}"/>'
    return f'<rect x="{x - 4:.1f}" y="{y - 4}" width="8" height="8" fill="{PALETTE[1]}"/>'


def _betas(run: Run) -> list[str]:
    parts = [text(LEFT, BARS + 12, "beta, ± one standard error; | is the planted answer")]
    start, scale = LEFT + 84, (LONG - 170) / BAR_MOST
    for k, (name, beta, error, truth) in enumerate(zip(NAMES, run.betas, run.errors, TRUTH)):
        y = BARS + 42 + 34 * k
        length = np.clip(beta, 0, BAR_MOST) * scale
        low, high = start + np.clip([beta - error, beta + error], 0, BAR_MOST) * scale
        parts += [_sign(k, LEFT + 8, y), text(LEFT + 20, y + 5, name)]
        parts.append(
            f'<rect x="{start}" y="{y - 10}" width="{length:.1f}" height="20" fill="{PALETTE[k]}" opacity=".75"/>'
        )
        parts.append(f'<path d="M{low:.1f} {y}H{high:.1f}" stroke="{INK}" stroke-width="3"/>')
        parts.append(f'<path d="M{start + truth * scale:.1f} {y - 14}v28" stroke="{INK}" stroke-width="2"/>')
        parts.append(text(LEFT + LONG, y + 5, f"{beta:.1f} ± {error:.1f}".replace("-", "−"), "end"))
    return parts


def describe(run: Run, values: Values) -> str:
    """What the chart shows, in words."""
    told = ", ".join(f"{name} {b:.1f} ± {e:.1f}" for name, b, e in zip(NAMES, run.betas, run.errors))
    minutes = len(run.seconds) * TR / 60
    words = (
        f"SIMULATED. A face every {values['spacing']:g} s, noise {values['noise']:.1f}: {minutes:.1f} minutes in the "
        f"scanner. Betas: {told}; planted are {TRUTH[0]:g} and {TRUTH[1]:g}."
    )
    return minus(words)


def explore_glm() -> None:
    """Show the simulated run with its spacing and noise to be chosen."""

    def draw(values: Values) -> tuple[str, str]:
        run = compute(values["spacing"], round(values["noise"], 1))
        return figure(run), describe(run, values)

    LiveChart(CONTROLS, draw).show("explore-glm")
