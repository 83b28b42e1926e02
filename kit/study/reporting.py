"""A comparison as one HTML page that works offline: question, figures, verdict, steps."""

from __future__ import annotations

from html import escape
from pathlib import Path

import pandas as pd

from kit import __version__, networks
from kit.analysis.statistics import crossed_interval
from kit.files.atomic import atomic
from kit.networks import shipped

from . import figures, further_figures
from .classes import class_of
from .contrasts import cells
from .figures import label, who
from .generalisation import distance_to_observers
from .grounds import in_bits
from .page import figure, page, paragraph, section, table
from .panels import proper
from .photographs import photographs_section
from .registration import Held
from .report_claims import claims_section, ranking_section, speaks_for
from .report_features import decoding_section, erasure_section, likeness_section, maps_section, variance_section
from .report_people import people_section
from .results import Results
from .space_names import SHAPE
from .steps import STEPS
from .templates import OBSERVER


def report(
    results: Results, path: Path | str = "results/report.html", conditions: pd.DataFrame | None = None,
    plan: Held | None = None,
) -> Path:  # fmt: skip
    """Write the report: self-contained, without a single outside address that it would load.

    Parameters
    ----------
    results : Results
    path : path
    conditions : DataFrame, optional
        Both viewing conditions side by side, as `kit.study.conditions.side_by_side` gives them.
    plan : Held, optional
        The registered plan and what differed from it.

    Returns
    -------
    Path of the page
    """
    sections = (
        _question, _main, claims_section, _scores, people_section, erasure_section, variance_section, decoding_section,
        maps_section, likeness_section, _generalisation, _null, _contrasts, ranking_section, photographs_section,
        _steps, _about,
    )  # fmt: skip
    parts = [part(results) for part in sections]
    parts[2:2] = [_registered(plan)]
    parts[5:5] = [_conditions(conditions, results)]
    html = page("Same answer, same reason?", parts)
    with atomic(Path(path)) as file:
        file.write(html.encode())
    return Path(path)


def _registered(plan: Held | None) -> str:
    title = "Was this what was planned?"
    if plan is None:
        return section(title, paragraph("No plan was registered before this run (python -m kit reproduce --register)."))
    about = f"Registered {plan.planned['registered']}, sha256 {plan.planned['sha256']}, before any rating was read."
    if not plan.differs:
        return section(title, paragraph(about + " What ran is what was registered."))
    items = "".join(f"<li>{escape(text)}</li>" for text in plan.differs)
    return section(title, paragraph(about + " What ran differs from it:"), f"<ul>{items}</ul>")


def _conditions(beside: pd.DataFrame | None, results: Results) -> str:
    if beside is None:
        return ""
    text = f"""
        The same observers, identities and panels, seen from the front under one lamp (the study's own condition) and
        with every face at a random view and lamp. This page is about the {results.design.view} condition."""
    return section("From the front, and turned", paragraph(text), table(beside.rename(index=label)))


def _count(number: int, several: str) -> str:
    one = several.removesuffix("ies") + "y" if several.endswith("ies") else several.removesuffix("s")
    return f"{number} {several if number > 1 else one}"


def _question(results: Results) -> str:
    rated = proper(results.ratings[results.ratings["phase"] == "rate"])
    observers = rated["observer"].nunique()
    together = class_of(results.ratings)
    people = f"A {together}" if together else _count(observers, who(results))
    return (
        "<header><h1>Same answer, same reason?</h1></header>"
        + paragraph("""
            People can say how similar a face is to one they know. Networks can be made to predict such ratings. But
            a network may predict them by features that people do not use. This report asks of each network how
            well it predicts, and whether its prediction rests on the face shape that the observers go by: the
            comparison of Daube et al. (2021), Patterns 2:100348, with faces whose shape and texture are known.""")
        + paragraph(f"""
            {people} · {_count(rated["identity"].nunique(), "identities")} ·
            {len(rated):,} rated trials, each a choice among six random faces · {len(results.spaces)}
            feature spaces · up to {results.design.folds} folds. {_whose(results)}""")
        + _left_out(results)
    )


def _whose(results: Results) -> str:
    """Who gave the ratings, as far as it is known."""
    if results.simulated:
        return "Their strategies are planted and known, which makes this a test of the method. They are not people."
    if together := class_of(results.ratings):
        return (
            f"The ratings were imported as those of people. As nobody of the {together} rated enough to be predicted "
            "alone, they are taken as one observer (or as several, in rounds, where they rated panels more than once). "
            "Each person's ratings were brought to the scale of all by their order. What is found holds for the class "
            "as a whole, and not for each of its members; what needs several observers cannot be told."
        )
    return "The ratings were imported; who gave them, and how, their owner knows."


def _left_out(results: Results) -> str:
    if results.left_out.empty:
        return ""
    return paragraph("Left out, as their ratings cannot be scored:") + table(results.left_out.set_index("observer"))


def _main(results: Results) -> str:
    text = f"""
        Each point is a system. To the right: its predictions share more with those of the shape model (redundancy,
        I_ccs, less what chance gives). Up: they tell more about the ratings of the {who(results)}. On the dashed line
        all that a system tells is redundant with shape; right of it, what the system says apart from shape misleads
        (its unique part is below zero). A system high up on the left predicts for another reason. At the dotted line
        it would tell all that can be told. Bars are 95 % intervals. Redundancy and information are bound to rise
        together: that they do is no finding. Below, each identity by itself."""
    caution = """
        Redundant does not yet mean the same features: two independent sources that both tell of the ratings share a
        little by this measure, for either would do in many trials. What falls when shape is erased (below) says
        more."""
    drawn = figure(figures.main_figure(results), text)
    return section(
        "Do systems that predict well share shape?", drawn, paragraph(caution), paragraph(speaks_for(results))
    )


def _scores(results: Results) -> str:
    text = """
        Mutual information of predictions and ratings, a row for each system, a symbol for each kind of model: ridge
        on the features, on reweighted distances to the target, on one Euclidean distance, the decision neuron, and
        two spaces jointly. The bias is subtracted and nothing is clipped, so values below zero are possible."""
    note = """
        Linear models, mean over observers, identities and folds; information in bits. 'Smaller of both' is the minimum
        of this system's and shape's information (MMI); redundancy (I_ccs) is larger where the unique part is below
        zero. 'Explained by shape' is the share of a model's predictions that shape predicts. tau and R² are rank and
        linear fit to the ratings."""
    columns = ["tau", "r2", "mi", "redundancy", "mmi", "unique_space", "synergy"]
    means = results.main_scores().groupby("space", sort=False)[columns].mean()
    means = means.join(proper(results.systems).groupby("space")[["choice", "explained"]].mean())
    means.columns = ["tau", "R²", "information", "redundancy", "smaller of both", "unique", "synergy",
                     "choice (chance .167)", "explained by shape"]  # fmt: skip
    parts = figure(figures.score_figure(results), text), paragraph(note), table(means.rename(index=label))
    return section("How well does each system predict?", *parts)


def _generalisation(results: Results) -> str:
    title, accuracy = "Does it generalise as the observers do?", results.generalisation
    if accuracy.empty:
        return section(title, paragraph("This takes two identities or more; these ratings have one."))
    text = """
        Share of faces named rightly against the strength of the identity's diagnostic features (top) or of its
        other features (bottom): seen from three sides, at age 80, and at the opposite sex. Dotted: chance."""
    drawn = figure(further_figures.generalisation_figure(results), text)
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
    return section("Above chance?", figure(further_figures.null_figure(results), text), paragraph(_above(results)))


def _above(results: Results) -> str:
    """How much more shape tells about the ratings than about shifted ones, and what that does not mean."""
    table = proper(results.null)
    if table["observer"].nunique() < 2:
        return "Folds of one observer depend on each other, so their share is no test."
    above = cells(table.assign(above=table["mi"] - table["chance"]), "above").of(SHAPE)
    return (
        f"Folds depend on each other, so that their share is no test; over {len(above)} observers shape tells "
        f"{in_bits(crossed_interval(above))} more about the ratings than about shifted ones. To predict is not yet to "
        "be used: shape tells a little even of somebody who compares pictures, since pictures depend on shape."
    )


def _contrasts(results: Results) -> str:
    text = """
        Bits that the system of the row tells more about the ratings than that of the column. Bold with a star: the
        difference is clear (p below .05 after Holm's correction over all pairs, observers and identities crossed)."""
    return section("Systems against each other", figure(further_figures.contrast_figure(results), text))


def _steps(_results: Results) -> str:
    told = pd.DataFrame(STEPS, columns=["step", "the paper", "what we did"]).set_index("step")
    return section("The paper's steps, and ours", f'<div class="steps">{table(told)}</div>')


def _missed(spaces: list[str]) -> str:
    """Which of the compared networks cannot do their own job, by the gates that know nothing of ratings."""
    owed = shipped.gate_table()
    owed = owed[owed["network"].isin(spaces) & owed["passed"].ne("")]
    missed = owed[owed["passed"].eq("missed")]
    if missed.empty:
        return f"All {len(owed)} gates were passed: each network does what it was trained for, on what it never saw."
    named = "; ".join(
        f"{label(row.network)}, seed {row.seed}: {row.gate} {row.value:.3f}, needed {row.limit:.3f}"
        for row in missed.itertuples()
    )
    return (
        f"{len(missed)} of {len(owed)} gates were missed ({named}). What these networks tell of the ratings says less "
        "about their objective than about how far they were trained."
    )


def _seen(results: Results) -> pd.DataFrame:
    """Size and crop of every system's pictures, and its features."""
    shown = results.catalogue[results.catalogue["image_size"] > 0].set_index("space").rename(index=label)
    shown = shown.assign(pictures=[f"{n} x {n} pixels" for n in shown["image_size"]])
    return shown[["pictures", "crop", "dimensions"]].rename(columns={"dimensions": "features"})


def _about(results: Results) -> str:
    text = """
        Faces come from artists' sliders and painted pigments, not from scans; heads wear a cap; the archetypes are
        not populations. The networks are small and saw rendered faces only. What holds for these faces need not
        hold for photographs."""
    trained = networks.zoo().drop(columns="task")
    trained = trained[trained.index.isin(results.spaces)].rename(index=label)
    told = "Trained networks, with their gates, and their accuracy of naming on held-out images and of strangers:"
    cards = paragraph(told) + table(trained) + paragraph(_missed(results.spaces)) if len(trained) else ""
    shown = "What each system was shown of the same faces, and how many features it has:"
    seen = paragraph(shown) + table(_seen(results))
    made = f"Made by Shared Features {__version__}. {results.design}"
    return section("What to keep in mind", paragraph(text), seen, cards, paragraph(made))
