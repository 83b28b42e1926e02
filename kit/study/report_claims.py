"""The report's claims: what was claimed by whom, what came of it, and what the design cannot say."""

from __future__ import annotations

from html import escape

import numpy as np
import pandas as pd

from kit.analysis.statistics import crossed_interval

from . import contrasts
from .contrasts import cells
from .figures import label
from .grounds import percent, share_above
from .page import paragraph, section, table
from .panels import CONTROL, proper
from .results import Results
from .space_names import SHAPE, TEXTURE
from .statements import Judged, claims

TEXTURE_USER, GUESSER = f"{CONTROL}texture user", f"{CONTROL}null"


def claims_section(results: Results) -> str:
    """All claims with their outcomes, rules and cautions, and the checks on simulated controls."""
    judged = claims(results)
    rules = pd.DataFrame(
        [(j.claim.key, j.claim.owner, j.claim.threshold, _casts(j.claim.holds_on), _casts(j.claim.fails_on))
         for j in judged],
        columns=["claim", "whose", "threshold", "shown to hold on", "shown to fail on"],
    ).set_index("claim")  # fmt: skip
    note = """
        A claim holds if all its intervals lie above the threshold, which was fixed beforehand, and if it
        survives Holm's correction over the claims of its family; it does not hold if an interval lies below, by
        more than the lowest of so many might by chance (Bonferroni). In between it cannot be told, and the same
        is said where nothing is predicted above chance, or where one person rated. 'Shown to' names the casts
        of simulated observers on which python -m kit selfcheck tries each claim."""
    return section(
        "What is claimed, and what came of it", f'<ul class="verdict">{"".join(map(_item, judged))}</ul>',
        paragraph(note),
        f'<div class="steps">{table(rules)}</div>', paragraph(speaks_for(results)), paragraph(_caution(results)),
        _checks(results),
    )  # fmt: skip


def _item(j: Judged) -> str:
    return (
        f'<li class="{j.outcome.replace(" ", "-")}"><b>{escape(j.outcome)}</b> {escape(j.statement)} '
        f"<i>({escape(j.owner)})</i> <span>{escape(j.evidence)}</span></li>"
    )


def _casts(names: tuple[str, ...]) -> str:
    return ", ".join(names) or "no cast: it depends on the networks"


def speaks_for(results: Results) -> str:
    """What the intervals of the main scores do and do not speak for."""
    return contrasts.cells(results.main_scores(), "mi").speaks_for


def _caution(results: Results) -> str:
    if results.simulated:
        return "What observers do who were built to go by shape cannot settle what people do."
    if proper(results.ratings)["observer"].nunique() == 1:
        return "All this is about one observer. It says nothing about other people, and no claim is made of one person."
    return ""


def _checks(results: Results) -> str:
    """What the simulated controls of this comparison should show, and do."""
    found = [check for check in (_texture_user(results), _guesser(results)) if check]
    if not found:
        return ""
    items = "".join(f"<li>{escape(text)}</li>" for text in found)
    return f"<p>Checks on simulated controls, whose truth is known:</p><ul>{items}</ul>"


def _control(results: Results, name: str) -> contrasts.Cells | None:
    scores = results.scores[results.scores["observer"].eq(name) & results.scores["kind"].eq("linear")]
    return cells(scores, "mi") if len(scores) else None


def _texture_user(results: Results) -> str:
    told = _control(results, TEXTURE_USER)
    if told is None:
        return ""
    ahead = share_above(told.of(TEXTURE) - told.of(SHAPE), told.of(TEXTURE) + told.of(SHAPE))
    outcome = "as it must be" if ahead.low > 0 else "which does not show what was planted"
    return (
        f"An observer who uses texture alone: texture tells {told.of(TEXTURE).mean():.3f} bits, shape "
        f"{told.of(SHAPE).mean():.3f} (difference, of the sum of both: {percent(ahead)}), "
        f"{outcome}."
    )


def _guesser(results: Results) -> str:
    told = _control(results, GUESSER)
    if told is None:
        return ""
    mean = crossed_interval(told.values.mean(axis=2))
    outcome = "as it must be" if mean.low < 0 < mean.high else "which is not nothing"
    return (
        f"An observer who guesses: all systems together tell {mean.mean:+.4f} bits (95 %: {mean.low:+.4f} to "
        f"{mean.high:+.4f}), {outcome}."
    )


def ranking_section(results: Results) -> str:
    """All systems on every comparison: rank 1 is the best of each column."""
    ranks = ranking(results).rename(index=label)
    text = """
        Rank of every system on every comparison, 1 the first; information, redundancy, what erasing shape costs, choice
        of the observers' face, humanness, and nearness to the observers' naming. Ranks hide how close systems are: see
        the differences above before you speak of a winner."""
    shown = ranks.map(lambda rank: "" if np.isnan(rank) else f"{rank:.0f}")
    return section("All systems, all comparisons", paragraph(text), table(shown))


def ranking(results: Results) -> pd.DataFrame:
    """Ranks (1 the highest score) of all systems: a row a system, a column a comparison, nan where it was not
    compared.
    """
    from . import erasure

    main = results.main_scores().groupby("space", sort=False)
    columns = {"information": main["mi"].mean(), "redundancy": main["redundancy"].mean()}
    if not results.erasure.empty:
        columns["erasing shape"] = erasure.costs(proper(results.erasure)).groupby("space")[SHAPE].mean()
    columns["choice"] = proper(results.systems).groupby("space")["choice"].mean()
    columns["humanness"] = results.likeness.groupby("system")["humanness_correlation"].mean()
    if not results.distances.empty:
        columns["naming"] = -results.distances.groupby("system")["distance"].mean()
    table = pd.DataFrame(columns).reindex(results.spaces)
    return table.rank(ascending=False, method="min")
