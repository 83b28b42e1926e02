"""A comparison as one HTML page that works offline: question, figures, verdict, steps."""

from __future__ import annotations

from html import escape
from pathlib import Path

import pandas as pd

from kit import __version__, networks
from kit.networks.files import atomic
from kit.study import figures
from kit.study.agreement import between_observers
from kit.study.contrasts import bootstrap
from kit.study.figures import label
from kit.study.generalisation import distance_to_observers
from kit.study.page import figure, page, paragraph, picture, section, table
from kit.study.panels import proper
from kit.study.results import Results
from kit.study.spaces import TEXTURE
from kit.study.steps import STEPS
from kit.study.templates import OBSERVER
from kit.study.verdict import claims


def report(results: Results, path: Path | str = "results/report.html") -> Path:
    """Write the report: self-contained, without a single outside address that it would load.

    Parameters
    ----------
    results : Results
    path : path

    Returns
    -------
    Path of the page
    """
    sections = (
        _question, _main, _verdict, _scores, _decoding, _maps, _likeness, _generalisation, _null, _contrasts, _steps,
        _about,
    )  # fmt: skip
    html = page("Same answer, same reason?", [part(results) for part in sections])
    with atomic(Path(path)) as file:
        file.write(html.encode())
    return Path(path)


def _who(results: Results) -> str:
    return "simulated observers" if results.simulated else "observers"


def _count(number: int, several: str) -> str:
    one = several.removesuffix("ies") + "y" if several.endswith("ies") else several.removesuffix("s")
    return f"{number} {several if number > 1 else one}"


def _question(results: Results) -> str:
    rated = proper(results.ratings[results.ratings["phase"] == "rate"])
    observers = rated["observer"].nunique()
    whose = (
        "Their strategies are planted and known, which makes this a test of the method. They are not people."
        if results.simulated
        else "The ratings were imported; who gave them, and how, their owner knows."
    )
    return (
        "<header><h1>Same answer, same reason?</h1></header>"
        + paragraph("""
            People can say how similar a face is to one they know. Networks can be made to predict such ratings. But
            a network may predict them by features that people do not use. This report asks of each network how
            well it predicts, and whether its prediction rests on the face shape that the observers go by: the
            comparison of Daube et al. (2021), Patterns 2:100348, with faces whose shape and texture are known.""")
        + paragraph(f"""
            {_count(observers, _who(results))} · {_count(rated["identity"].nunique(), "identities")} ·
            {len(rated):,} rated trials, each a choice among six random faces · {len(results.spaces)}
            feature spaces · up to {results.design.folds} folds. {whose}""")
        + _left_out(results)
    )


def _left_out(results: Results) -> str:
    if results.left_out.empty:
        return ""
    return paragraph("Left out, as their ratings cannot be scored:") + table(results.left_out.set_index("observer"))


def _main(results: Results) -> str:
    text = f"""
        Each point is a system. To the right: its predictions share more with those of the shape model (redundancy,
        I_ccs, above what rolled ratings give). Up: they tell more about the ratings of the {_who(results)}. Bars are
        95 % intervals of a hierarchical bootstrap. A system high up on the left would predict for another reason."""
    return section("Do systems that predict well share shape?", figure(figures.main_figure(results), text))


def _verdict(results: Results) -> str:
    rows = [
        f'<li class="{c.outcome.replace(" ", "-")}"><b>{escape(c.outcome)}</b> {escape(c.claim)} '
        f"<span>{escape(c.evidence)}</span></li>"
        for c in claims(results)
    ]
    note = """
        'Reproduced' means in kind, in 95 % or more of the bootstrap samples where there are any; no effect size of
        the paper is compared."""
    return section(
        "Verdict", f'<ul class="verdict">{"".join(rows)}</ul>', paragraph(note), paragraph(_caution(results))
    )


def _caution(results: Results) -> str:
    """What the verdict cannot say with these observers."""
    if results.simulated:
        return "What observers do who were built to go by shape cannot settle what people do."
    if proper(results.ratings)["observer"].nunique() == 1:
        return """
            All this is about one observer: intervals come from resampling that observer's own trials, so they say
            nothing about other people, and with a few hundred trials they are narrower than they should be."""
    return ""


def _scores(results: Results) -> str:
    text = """
        Mutual information of predictions and ratings, a row for each system, a symbol for each kind of model: ridge
        on the features, on reweighted distances to the target, on one Euclidean distance, the decision neuron, and
        two spaces jointly. The bias is subtracted and nothing is clipped, so values below zero are possible."""
    note = """
        Linear models, mean over observers, identities and folds; information in bits. 'Explained by shape' is the
        share of a model's predictions that shape predicts. tau and R² are rank and linear fit to the ratings."""
    columns = ["tau", "r2", "mi", "redundancy", "unique_space", "synergy"]
    means = results.main_scores().groupby("space", sort=False)[columns].mean()
    means = means.join(proper(results.systems).groupby("space")[["choice", "explained"]].mean())
    means.columns = ["tau", "R²", "information", "redundancy", "unique", "synergy", "choice (chance .167)",
                     "explained by shape"]  # fmt: skip
    parts = figure(figures.score_figure(results), text), paragraph(note), table(means.rename(index=label))
    return section("How well does each system predict?", *parts, _human_baseline(results))


def _human_baseline(results: Results) -> str:
    between = between_observers(results.ratings)
    if between is None:
        return ""
    return paragraph(f"""
        The {_who(results)} with each other: two of them choose the same face in {between["choice"]:.0%} of trials
        (chance 17 %), and on those trials the ratings of one tell {between["mi"]:.3f} bits about the other's (tau
        {between["tau"]:.2f}).""")


def _decoding(results: Results) -> str:
    text = """
        What can be read linearly from each embedding, on faces it was not fitted to: the variance of shape in
        millimetres, the mean over shape components, the mean over texture components."""
    errors = results.decoding.set_index("space")[["error_mm", "guess_mm"]].rename(index=label)
    errors.columns = ["mean error of a vertex, mm", "of the average face, mm"]
    return section("What do the systems hold?", figure(figures.decoding_figure(results), text), table(errors, 2))


def _maps(results: Results) -> str:
    text = f"""
        Reverse correlation: what a face must look like to be rated 6 by the {_who(results)} and by each system's
        model. Orange: outward of the average of the category; blue: inward; grey: no difference. Colours are full
        at the largest values of the {_who(results)}; the true face has a scale of its own."""
    shown = figures.map_pictures(results, [name for name in results.spaces if name != TEXTURE])
    rows = []
    for identity, (drawn, names) in shown.items():
        cells = [picture(image, name, f"Map of {name} for {identity}") for image, name in zip(drawn, names)]
        rows.append(f'<h3>{escape(identity)}</h3><div class="maps">{"".join(cells)}</div>')
    return section("Which features does the rating rest on?", paragraph(text), *rows)


def _likeness(results: Results) -> str:
    columns = {
        "alpha": "amplification", "humanness_correlation": "humanness ρ", "humanness_error": "humanness, mm",
        "veridicality_correlation": "veridicality ρ", "veridicality_error": "veridicality, mm",
    }  # fmt: skip
    means = results.likeness.groupby("system", sort=False)[list(columns)].mean().rename(index=label, columns=columns)
    bands = figures.band_table(results).rename(index=label, columns=lambda name: f"octave {int(name[-1]) + 1}")
    text = """
        Each template is amplified until its own system rates it highest, within five standard deviations. Humanness
        is its likeness to the observers' template, veridicality to the true face: correlation and mean difference
        of their inward–outward maps. A model that is linear in the coefficients always likes more of the same, so
        its amount only says where faces would begin to break."""
    octaves = "Share of each template's colour change in five octaves of spatial frequency, fine (1) to coarse (5):"
    parts = paragraph(text), table(means, 2), paragraph(octaves), table(bands, 2)
    return section("Amplified features: humanness and veridicality", *parts)


def _generalisation(results: Results) -> str:
    title, accuracy = "Does it generalise as the observers do?", results.generalisation
    if accuracy.empty:
        return section(title, paragraph("This takes two identities or more; these ratings have one."))
    text = """
        Share of faces named rightly against the strength of the identity's diagnostic features (top) or of its
        other features (bottom): seen from three sides, at age 80, and at the opposite sex. Dotted: chance."""
    drawn = figure(figures.generalisation_figure(results), text)
    if OBSERVER not in set(accuracy["system"]):
        note = "How people name these faces was not measured, so systems are compared with each other only."
        return section(title, drawn, paragraph(note))
    away = distance_to_observers(accuracy).rename(index=label)
    away.columns = [" · ".join(names) for names in away.columns]
    note = "Mean difference of each system's accuracy from the observers' (smaller is more alike):"
    return section(title, drawn, paragraph(note), table(away, 2))


def _null(results: Results) -> str:
    if results.null.empty:
        return section("Above chance?", paragraph("There are too few trials to shift ratings far enough for a null."))
    text = "How often one fold's information exceeds the 95th percentile of circularly shifted, refitted ratings."
    return section("Above chance?", figure(figures.null_figure(results), text))


def _contrasts(results: Results) -> str:
    drawn = bootstrap(results.main_scores(), "mi").levels
    text = f"""
        Share of bootstrap samples in which the system of the row tells more about the ratings than that of the
        column. Drawn with replacement: {", then ".join(drawn) or "nothing, there is one unit"}. Near 1 or 0, another
        sample would give the same order."""
    return section("Systems against each other", figure(figures.contrast_figure(results), text))


def _steps(_results: Results) -> str:
    told = pd.DataFrame(STEPS, columns=["step", "the paper", "what we did"]).set_index("step")
    return section("The paper's steps, and ours", f'<div class="steps">{table(told)}</div>')


def _about(results: Results) -> str:
    text = """
        Faces come from artists' sliders and painted pigments, not from scans; heads wear a cap; the archetypes are
        not populations. The networks are small and saw rendered faces only. What holds for these faces need not
        hold for photographs."""
    trained = networks.zoo().drop(columns="task")
    trained = trained[trained.index.isin(results.spaces)].rename(index=label)
    told = "Trained networks, with their accuracy of naming on held-out images and of strangers:"
    cards = paragraph(told) + table(trained) if len(trained) else ""
    made = f"Made by Shared Features {__version__}. {results.design}"
    return section("What to keep in mind", paragraph(text), cards, paragraph(made))
