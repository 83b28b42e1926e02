"""The report's features: what falls with shape, what systems hold, maps, and whose likeness they bear."""

from __future__ import annotations

from html import escape

import numpy as np
import pandas as pd

from kit.analysis.statistics import holm

from . import erasure, figures, further_figures, maps
from .evidence import removal_costs, whole_order
from .figures import label, who
from .grounds import share_above, unpredicted
from .page import figure, paragraph, picture, section, table
from .panels import proper
from .results import Results
from .space_names import SHAPE, TEXTURE
from .statements import ALPHA

MOST, NOT, UNKNOWN = "shape costs most", "shape does not cost most", "cannot be told"
TOO_SHORT = "There are too few trials to split them into halves, so likeness is not reported."


def erasure_section(results: Results) -> str:
    """What each system loses with shape, texture and a lot."""
    title = "What falls when shape is taken away?"
    if results.erasure.empty:
        return section(title, paragraph("No system beside the face model's own spaces was compared."))
    text = f"""
        The causal test: of each system's features, the {erasure.MOST} directions that tell most of shape were erased,
        or as many that tell most of texture, or as many drawn by lot; then the ratings were predicted again. A system
        that predicts by way of shape loses most with shape. Bars are 95 % intervals over observers and identities."""
    note = """
        Bits lost by each removal; and whether shape costs more than texture and more than the lot, the less sure of the
        two after Holm's correction over all systems. Erasure is linear: what only a curved read-out finds is left."""
    drawn = figure(further_figures.erasure_figure(results), text)
    if proper(results.erasure)["observer"].nunique() < 2:
        return section(title, drawn, paragraph("Of one observer nothing is claimed."))
    return section(title, drawn, paragraph(note), table(removal_table(results).rename(index=label)))


def removal_table(results: Results) -> pd.DataFrame:
    """Bits that every system loses with shape, texture and a lot; Holm-corrected p of both comparisons; the outcome.

    Both differences are judged as shares of what the system tells (`grounds.share_above`); p is the less sure one's.
    """
    costs, tau = removal_costs(results), whole_order(results)
    judged = {name: _judged({kind: c.of(name) for kind, c in costs.items()}, tau.of(name)) for name in tau.names}
    found = pd.DataFrame.from_dict(judged, orient="index")
    found["p (Holm)"] = holm(found["p (Holm)"].to_numpy())
    found.loc[(found["p (Holm)"] >= ALPHA) & (found["outcome"] == MOST), "outcome"] = (
        UNKNOWN  # an interval below is told
    )
    return found


def _judged(costs: dict[str, np.ndarray], tau: np.ndarray) -> dict:
    """One system's losses, p and outcome before it is corrected."""
    whole = costs[erasure.NOTHING]
    means = {kind: costs[kind].mean() for kind in (SHAPE, TEXTURE, erasure.LOT)}
    if unpredicted(tau, ""):
        return means | {"p (Holm)": np.nan, "outcome": "not shown to be above chance"}
    rivals = [share_above(costs[SHAPE] - costs[kind], whole) for kind in (TEXTURE, erasure.LOT)]
    below = any(test.high < 0 for test in rivals)
    return means | {"p (Holm)": max(float(test.p) for test in rivals), "outcome": NOT if below else MOST}


def variance_section(results: Results) -> str:
    """Whose variance of the ratings it is: shape's, texture's, pixels', a network's, or shared."""
    title, own = "Whose variance?", proper(results.partition)
    if own.empty:
        return section(title, paragraph("This takes pixels and a network; they were not compared."))
    text = f"""
        The variance of the ratings that held-out predictions from shape, texture, pixels and
        {label(own["network"].iloc[0])} explain together, divided: what one of them alone tells, what shape and at least
        one other tell, and what others tell and shape does not (commonality of stacked predictions; parts add up to R²,
        and may fall below zero). Bars are 95 % intervals. What is shared belongs to nobody: a space may have it from
        another, or both from a third."""
    return section(title, figure(further_figures.partition_figure(results), text))


def decoding_section(results: Results) -> str:
    """What can be read from each system."""
    text = """
        What can be read linearly from each embedding, on faces it was not fitted to: the variance of shape in
        millimetres, the mean over shape components, the mean over texture components. To hold is not yet to use."""
    errors = results.decoding.set_index("space")[["error_mm", "guess_mm"]].rename(index=label)
    errors.columns = ["mean error of a vertex, mm", "of the average face, mm"]
    return section("What do the systems hold?", figure(figures.decoding_figure(results), text), table(errors, 2))


def maps_section(results: Results) -> str:
    """Maps of shape and texture, how many coefficients carry them, and which region they look like."""
    counts = maps.diagnostic_counts(results)
    told = "; ".join(
        f"{name}: {n_shape} of {of_shape} for shape, {n_texture} of {of_texture} for texture"
        for name, n_shape, of_shape, n_texture, of_texture in counts.itertuples()
    )
    text = f"""
        Reverse correlation: what a face must look like to be rated 6 by the {who(results)} and by each system's model.
        Coefficients that move with the ratings of the {who(results)} (maximum statistic over all, corrected p at most
        .05): {told}. Where there are none the map is grey, for there is nothing to compare with; a system's own map is
        not tested."""
    shape, colour = [name for name in results.spaces if name != TEXTURE], [n for n in results.spaces if n != SHAPE]
    parts = [
        _rows("Shape", f"Orange: outward of the category's average; blue: inward. Colours are full at the largest "
              f"values of the {who(results)}; the true face has a scale of its own.",
              maps.surface_pictures(results, shape), ["true face", who(results), *map(label, shape)]),
        _rows("Texture", "Orange: lighter than the category's average; blue: darker. Each face has a scale of its own, "
              "so that patterns compare and strengths do not.",
              maps.texture_pictures(results, colour), ["true face", who(results), *map(label, colour)]),
    ]  # fmt: skip
    return section("Which features does the rating rest on?", paragraph(text), *parts, _regions(results, shape))


def _rows(kind: str, text: str, shown: dict[str, np.ndarray], names: list[str]) -> str:
    rows = []
    for identity, drawn in shown.items():
        cells_ = [picture(image, name, f"{kind} map of {name} for {identity}") for image, name in zip(drawn, names)]
        rows.append(f'<h4>{escape(identity)}</h4><div class="maps">{"".join(cells_)}</div>')
    return f"<h3>{escape(kind)}</h3>" + paragraph(text) + "".join(rows)


def _regions(results: Results, systems: list[str]) -> str:
    found = maps.region_likeness(results, [SHAPE] if SHAPE in systems else [])
    if found.empty:
        return paragraph("No region is named: no shape coefficient moves with the ratings.")
    found = found.assign(system=found["system"].map(lambda name: who(results) if name == "observer" else label(name)))
    text = """
        The map beside what each region's use alone would look like (correlation on the surface), the best region, the
        next, and the margin between them. A small margin means that the region cannot be told: neighbouring regions
        move together."""
    return paragraph(text) + table(found.set_index("identity"), 2)


def likeness_section(results: Results) -> str:
    """Humanness and veridicality from halves of the trials, and texture by octave."""
    title = "Humanness and veridicality, from halves of the trials"
    columns = {
        "alpha": "amplified to rating", "humanness_correlation": "humanness ρ", "chance": "guessing reaches (95 %)",
        "humanness_error": "humanness, mm", "veridicality_correlation": "veridicality ρ",
        "veridicality_error": "veridicality, mm",
    }  # fmt: skip
    means = results.likeness.groupby("system", sort=False)[list(columns)].mean().rename(index=label, columns=columns)
    means = means.rename(index={label("observer"): f"{who(results)}, other half"})
    text = """
        Models were fitted to one half of the trials, and the observers' map comes from the other: fitted to the same
        trials, a model of somebody who guesses looks like that person's map. Humanness is the likeness of the two
        (correlation, and mean difference, of their inward and outward maps), veridicality the likeness to the true
        face. Beside it, what shuffled ratings reach in 95 of 100 cases: a humanness below that is none. The first row
        is the most that could be expected: the observers' own other half. Each template is amplified until its own
        system rates it highest, within five standard deviations."""
    octaves = "Share of each template's colour change in five octaves of spatial frequency, fine (1) to coarse (5):"
    bands = band_table(results).rename(index=label, columns=lambda name: f"octave {int(name[-1]) + 1}")
    first = paragraph(TOO_SHORT) if means["humanness ρ"].isna().all() else paragraph(text) + table(means, 2)
    return section(title, first, paragraph(octaves), table(bands, 2))


def band_table(results: Results) -> pd.DataFrame:
    """Share of each system's texture change in five octaves of spatial frequency, fine to coarse."""
    columns = [name for name in results.likeness if name.startswith("band_")]
    return results.likeness[results.likeness["system"] != SHAPE].groupby("system", sort=False)[columns].mean()
