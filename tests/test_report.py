"""Each number of the report is that of its table; every claim has its owner; who is simulated is called so."""

import re
from dataclasses import replace
from html import escape, unescape

import numpy as np
import pandas as pd
import pytest
from planted_results import COSTS, IDENTITIES, USUAL, planted, whole

from kit import networks, study
from kit.study import (
    evidence,
    figures,
    further_figures,
    grounds,
    report_claims,
    report_features,
    report_people,
    reporting,
)
from kit.study.figures import label
from kit.study.registration import Held
from kit.study.statements import HOLDS, OPEN, claims

TOLD = {name: USUAL[name] for name in ("shape", "texture", "pixels", "untrained", "viae")}
PEOPLE = ("Ann", "Bea", "Cy")


def told(**changes):
    return planted(**({"told": TOLD, "observers": PEOPLE} | changes))


@pytest.fixture(scope="module")
def results():
    return whole(told(away={"viae": 0.1, "pixels": 0.3, "untrained": 0.4, "shape": 0.2, "texture": 0.5}))


@pytest.fixture(scope="module")
def html(results, tmp_path_factory):
    text = study.report(results, tmp_path_factory.mktemp("report") / "report.html").read_text()
    return text[text.index("<main>") :]


def tables(html):
    """Cells of each table, the row's name first."""
    found = []
    for table in re.findall(r"<table>.*?</table>", html, re.S):
        rows = re.findall(r"<tr>(.*?)</tr>", table, re.S)
        found.append([[unescape(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S)] for row in rows])
    return found


def the_table(html, *columns):
    """The table with these columns, numbers as numbers where they are such."""
    fits = [table for table in tables(html) if set(columns) <= set(table[0])]
    assert len(fits) == 1, [table[0] for table in tables(html)]
    head, *rows = fits[0]
    frame = pd.DataFrame([row[1:] for row in rows], columns=head[1:], index=[row[0] for row in rows])
    numbers = [name for name in frame if all(re.fullmatch(r"-?[\d.]+|nan", value) for value in frame[name])]
    return frame.astype(dict.fromkeys(numbers, float))


def assert_shows(shown, expected, digits=3):
    """A printed table is the expected one to its digits."""
    assert list(shown.index) == list(expected.index)
    np.testing.assert_allclose(shown.to_numpy(float), expected.to_numpy(float), atol=0.51 * 10.0**-digits)


# ---- numbers


def test_figures_share_the_one_plotly_of_the_page_and_show_no_bar_of_tools(html):
    assert html.count('"displayModeBar": false, "responsive": true') == html.count('class="plot"') > 3
    assert len(html) < 2_000_000  # plotly alone has 4 MB, and stands before <main>
    assert "<html" not in html and html.count("</body>") == 1


def test_the_main_table_is_the_mean_of_the_scores(results, html):
    shown = the_table(html, "information", "explained by shape")
    main = results.scores.query("kind == 'linear'").groupby("space", sort=False)
    expected = main[["tau", "r2", "mi", "redundancy", "mmi", "unique_space", "synergy"]].mean()
    systems = results.systems.groupby("space")[["choice", "explained"]].mean()
    expected = expected.join(systems).rename(index=label)
    assert list(shown) == ["tau", "R²", "information", "redundancy", "smaller of both", "unique", "synergy",
                           "choice (chance .167)", "explained by shape"]  # fmt: skip
    assert_shows(shown, expected)


def test_controls_count_in_no_average(results):
    rows = results.scores.query("observer == 'Ann'")
    control = rows.assign(observer="control: texture user", mi=9.0, redundancy=9.0)
    with_control = replace(results, scores=pd.concat([results.scores, control], ignore_index=True))
    for part in (reporting._scores, report_claims.claims_section):
        one, other = (_without_checks(part(r)) for r in (results, with_control))
        assert one == other


def _without_checks(html):
    return re.sub(r"<figure>.*?</figure>|<p>Checks.*?</ul>", "", html, flags=re.S)


def test_people_are_shown_block_by_block(results, html):
    shown = the_table(html, "block 1", "block 4", "mean")
    assert list(shown.index) == [f"{who}: {space}" for who in PEOPLE for space in ("shape", "texture")]
    bea = results.scores.query("observer == 'Bea' and kind == 'linear' and space == 'shape'")
    assert shown.loc["Bea: shape", "block 3"] == pytest.approx(bea.query("fold == 2")["mi"].mean(), abs=5.1e-4)
    assert shown.loc["Bea: shape", "mean"] == pytest.approx(bea["mi"].mean(), abs=5.1e-4)


def test_ceilings_are_means_lowest_and_highest_of_people(results, html):
    shown = the_table(html, "tau, mean", "bits, max")
    means = results.ceilings.groupby(["ceiling", "observer"])[["tau", "mi"]].mean()
    for kind in ("own retest", "other observers"):
        own = means.loc[kind]
        expected = [own[c].agg(how) for c in ("tau", "mi") for how in ("mean", "min", "max")]
        columns = [f"{c}, {how}" for c in ("tau", "bits") for how in ("mean", "min", "max")]
        np.testing.assert_allclose(shown.loc[kind, columns].to_numpy(float), expected, atol=5.1e-4)


def test_people_are_compared_with_each_other(html):
    assert "in 0% of trials (chance 17 %), too few to compare their ratings." in html, "choices are apart for everybody"


def test_people_who_chose_alike_are_compared_by_their_ratings(results):
    alike = results.ratings.assign(choice=0, rating=1 + results.ratings["trial"] % 6)
    words = unescape(report_people._baseline(replace(results, ratings=alike)))
    assert "in 100% of trials (chance 17 %), and on those trials the ratings of one tell 1.4" in words
    assert "bits about the other's (tau 1.00)." in words


def test_what_removals_cost_is_their_mean_over_observers_and_identities(results, html):
    shown = the_table(html, "shape", "lot", "p (Holm)", "outcome")
    bits = results.erasure.groupby(["space", "removed"], sort=False)["mi"].mean().unstack()
    for name in ("pixels", "untrained", "viae"):
        for kind in COSTS:
            lost = bits.loc[name, "nothing"] - bits.loc[name, kind]
            assert shown.loc[label(name), kind] == pytest.approx(lost, abs=5.1e-4)
    assert set(shown["outcome"]) == {"shape costs most"} and (shown["p (Holm)"] < 0.05).all()


@pytest.mark.parametrize(
    ("costs", "outcome"),
    [({"texture": 0.09}, "shape does not cost most"), ({"lot": 0.09}, "shape does not cost most"),
     ({"texture": 0.09, "lot": 0.05}, "shape does not cost most"), ({"lot": 0.05}, "cannot be told"),
     ({"texture": 0.05}, "cannot be told"), ({}, "shape costs most")],
)  # fmt: skip
def test_removals_are_judged_by_both_rivals(costs, outcome):
    found = report_features.removal_table(told(costs=COSTS | costs))
    assert set(found["outcome"]) == {outcome}


def test_nothing_is_said_of_what_a_system_loses_that_predicts_nothing():
    found = report_features.removal_table(told(told=TOLD | {"viae": (0.0, 0.0)}))
    assert found.loc["viae", "outcome"] == "not shown to be above chance" and np.isnan(found.loc["viae", "p (Holm)"])
    assert found.loc["pixels", "outcome"] == "shape costs most"


def test_removals_are_corrected_over_all_systems():
    results = told(costs=COSTS)
    table, costs, plain = report_features.removal_table(results), evidence.removal_costs(results), {}
    for name in table.index:
        lost = {kind: cells.of(name) for kind, cells in costs.items()}
        tests = [grounds.share_above(lost["shape"] - lost[kind], lost["nothing"]) for kind in ("texture", "lot")]
        plain[name] = max(float(test.p) for test in tests)
    assert table["p (Holm)"].min() == pytest.approx(min(1, 3 * min(plain.values())))
    assert table["p (Holm)"].max() >= max(plain.values())


def test_decoding_errors_are_shown(results, html):
    shown = the_table(html, "mean error of a vertex, mm")
    expected = results.decoding.set_index("space")[["error_mm", "guess_mm"]].rename(index=label)
    assert_shows(shown, expected, 2)


def test_likeness_is_the_mean_over_identities(results, html):
    shown = the_table(html, "humanness ρ", "guessing reaches (95 %)")
    columns = ["alpha", "humanness_correlation", "chance", "humanness_error", "veridicality_correlation",
               "veridicality_error"]  # fmt: skip
    expected = results.likeness.groupby("system", sort=False)[columns].mean()
    expected = expected.rename(index=lambda n: "simulated observers, other half" if n == "observer" else label(n))
    assert list(shown)[:4] == ["amplified to rating", "humanness ρ", "guessing reaches (95 %)", "humanness, mm"]
    assert_shows(shown, expected, 2)


def test_octaves_are_of_texture_and_leave_shape_out(results, html):
    shown = the_table(html, "octave 1", "octave 5")
    of_texture = results.likeness.query("system != 'shape'").groupby("system", sort=False)
    bands = of_texture[[f"band_{k}" for k in range(5)]].mean()
    assert_shows(shown, bands.rename(index=label), 2)


def test_naming_is_the_distance_to_the_observers_over_identities_and_strengths(results, html):
    shown = the_table(html, "view 0 · diagnostic", "age 80 · other")
    rows = results.generalisation.query("task == 'age 80' and features == 'other'")
    means = rows.groupby(["system", "strength"])["accuracy"].mean().unstack()
    expected = (means.loc["viae"] - means.loc["observer"]).abs().mean()
    assert shown.loc["viAE", "age 80 · other"] == pytest.approx(expected, abs=5.1e-3)
    assert list(shown.index) == [label(name) for name in TOLD] and shown.shape[1] == 10


def test_diagnostic_coefficients_are_counted_in_words(html):
    assert "Mei: 3 of 60 for shape, 1 of 50 for texture; Leo: 3 of 60 for shape" in html


def test_regions_are_named_with_their_margin(results, html):
    shown = the_table(html, "region", "margin")
    expected = report_features.maps.region_likeness(results, ["shape"])
    assert list(shown["region"]) == list(expected["region"]) and list(shown.index) == ["Mei", "Mei", "Leo", "Leo"]
    np.testing.assert_allclose(shown["margin"], expected["margin"], atol=5.1e-3)
    assert list(shown["system"]) == ["simulated observers", "shape"] * 2


def test_differences_are_printed_as_row_minus_column(results):
    drawn = further_figures.contrast_figure(results).data[0]
    names, means = list(drawn.x), results.main_scores().groupby("space")["mi"].mean()
    row, column = names.index("shape"), names.index("texture")
    assert drawn.z[row][column] == pytest.approx(means["shape"] - means["texture"])
    assert drawn.z[column][row] == pytest.approx(means["texture"] - means["shape"])
    assert drawn.text[row][column] == f"<b>{means['shape'] - means['texture']:+.2f}*</b>"
    assert drawn.text[0][0] == "" and np.isnan(drawn.z[0][0])


def test_differences_that_are_not_clear_have_no_star():
    results = told(told={name: (0.1, 0.1) for name in TOLD})
    assert not any("*" in text for row in further_figures.contrast_figure(results).data[0].text for text in row)


# ---- figures


def values_of(figure, name):
    """x by label of a trace."""
    trace = next(t for t in figure.data if t.name == name)
    return dict(zip(trace.y, trace.x, strict=True))


def test_the_main_figure_shows_every_system_once_and_the_means(results):
    drawn = figures.main_figure(results)
    means = results.main_scores().groupby("space")[["redundancy", "mi"]].mean()
    points = {text: (x, y) for t in drawn.data[:4] if t.text is not None for text, x, y in zip(t.text, t.x, t.y)}
    assert set(points) == {label(name) for name in TOLD}
    assert points["viAE"] == pytest.approx(tuple(means.loc["viae"]))
    titles = [a.text for a in drawn.layout.annotations]
    assert set(IDENTITIES) <= set(titles), "a panel an identity"
    leo = results.main_scores().query("identity == 'Leo' and space == 'pixels'")
    drawn_leo = [t for t in drawn.data if t.mode == "markers" and t.text is not None and "pixels" in t.text]
    assert any(np.isclose(t.y[list(t.text).index("pixels")], leo["mi"].mean()) for t in drawn_leo)


def test_the_ceiling_is_drawn_at_its_height_and_the_line_is_y_is_x(results):
    drawn = figures.main_figure(results)
    highest = results.ceilings.groupby("ceiling")["mi"].mean().max()
    assert f"ceiling: {highest:.3f} bits" in [a.text for a in drawn.layout.annotations]
    lines = [t for t in drawn.data if t.mode == "lines"]
    assert len(lines) == 1 + len(IDENTITIES) and all(t.x == t.y and t.x[0] == 0 < t.x[1] for t in lines)
    shapes = [shape.y0 for shape in drawn.layout.shapes]
    assert len(shapes) == 5 and any(np.isclose(y, highest) for y in shapes)
    own = results.ceilings.query("identity == 'Kofi'").groupby("ceiling")["mi"].mean().max()
    assert any(np.isclose(y, own) for y in shapes)
    without = figures.main_figure(replace(results, ceilings=results.ceilings.iloc[:0]))
    assert not without.layout.shapes


def test_erasure_bars_hold_the_means_and_their_intervals(results):
    drawn = further_figures.erasure_figure(results)
    costs = further_figures.removal_cost(results, "lot")
    assert values_of(drawn, "as many directions by lot")["viAE"] == pytest.approx(costs.loc["viae", "mean"])
    trace = next(t for t in drawn.data if t.name == "shape")
    found = further_figures.removal_cost(results, "shape")
    np.testing.assert_allclose(trace.x + trace.error_x.array, found["high"])
    np.testing.assert_allclose(trace.x - trace.error_x.arrayminus, found["low"])


def test_scores_are_drawn_by_kind_of_model(results):
    drawn = figures.score_figure(results)
    assert [t.name for t in drawn.data] == ["linear", "with shape"]
    joint = results.scores.query("kind == 'with shape' and space == 'viae'")["mi"].mean()
    assert values_of(drawn, "with shape")["viAE"] == pytest.approx(joint)


def test_the_share_of_tests_above_chance_is_drawn(results):
    drawn = further_figures.null_figure(results).data[0]
    shown = dict(zip(drawn.y, drawn.x, strict=True))
    share = results.null.groupby("space")["significant"].mean()
    assert shown["shape"] == share["shape"] and shown["texture"] == share["texture"] < share["shape"]
    low, high = further_figures.null_figure(results).layout.xaxis.range
    assert low < 0 and high > 1, "points at 0 and 1 are whole"


def test_naming_curves_are_means_over_identities(results):
    drawn = further_figures.generalisation_figure(results)
    rows = results.generalisation.query("task == 'view -30' and features == 'diagnostic' and system == 'viae'")
    curve = next(t for t in drawn.data if t.name == "viAE")
    np.testing.assert_allclose(curve.y, rows.groupby("strength")["accuracy"].mean())
    assert {shape.y0 for shape in drawn.layout.shapes} == {1 / 4}, "chance among four"
    assert "simulated observers" in {t.name for t in drawn.data}


def test_parts_of_the_variance_are_drawn_with_their_means(results):
    drawn = further_figures.partition_figure(results).data[0]
    means = results.partition.groupby("part")["r2"].mean()
    assert dict(zip(drawn.y, drawn.x, strict=True)) == pytest.approx(means.to_dict())


def all_figures(results):
    return [figures.main_figure(results), figures.score_figure(results), further_figures.erasure_figure(results),
            further_figures.partition_figure(results), further_figures.null_figure(results),
            further_figures.generalisation_figure(results), figures.decoding_figure(results)]  # fmt: skip


def axis_titles(figure):
    return [axis["title"]["text"] for key, axis in figure.to_dict()["layout"].items()
            if key.startswith(("xaxis", "yaxis")) and axis.get("title", {}).get("text")]  # fmt: skip


def test_axes_that_speak_of_observers_call_them_simulated_or_do_not(results):
    for simulated in (True, False):
        titles = [t for f in all_figures(replace(results, simulated=simulated)) for t in axis_titles(f)]
        of_observers = [title for title in titles if "observer" in title]
        assert len(of_observers) >= 5
        assert all(("simulated observers" in title) == simulated for title in of_observers), of_observers
        assert not any("ratings" in title and "observers" not in title for title in titles)


def test_a_page_of_simulated_observers_says_so_and_one_of_people_does_not(results, html, tmp_path):
    assert "They are not people" in html and "3 simulated observers · 4 identities · 288 rated trials" in html
    assert "cannot settle what people do" in html
    of_people = replace(results, simulated=False)
    text = "".join(part(of_people) for part in (reporting._question, report_people.people_section, reporting._main))
    assert "They are not people" not in text and "each of the observers" in text and "3 observers · 4" in text


def test_labels_do_not_cover_each_other():
    ends = {"mean": [0.1, 0.1, 0.5], "low": [0.0, 0.0, 0.4], "high": [0.2, 0.2, 0.6]}
    same = pd.DataFrame(ends, index=["ae", "vae", "x"])
    places = figures.label_places(same, same)
    assert places["ae"] != places["vae"]


# ---- claims


def test_each_claim_stands_with_outcome_statement_owner_and_numbers(results, html):
    judged = claims(results)
    assert len(judged) >= 5 and {j.outcome for j in judged} >= {HOLDS}
    for j in judged:
        item = f"<b>{j.outcome}</b> {escape(j.statement)} <i>({escape(j.owner)})</i> <span>{escape(j.evidence)}</span>"
        assert item in html
    rules = the_table(html, "whose", "threshold", "shown to fail on")
    assert list(rules.index) == [j.claim.key for j in judged]
    assert list(rules["whose"]) == [j.owner for j in judged]
    assert list(rules["threshold"]) == [j.claim.threshold for j in judged]
    assert rules.loc["mostly shape", "shown to hold on"] == "shape"
    assert rules.loc["mostly shape", "shown to fail on"] == "texture, null, pixel matcher"
    assert rules.loc["training helps", "shown to hold on"] == "no cast: it depends on the networks"


def test_nothing_holds_of_one_person():
    one = whole(told(observers=PEOPLE[:1], away={"viae": 0.1, "pixels": 0.3}))
    html = report_claims.claims_section(replace(one, simulated=False))
    assert html.count(f"<b>{OPEN}</b>") == len(claims(one)) and f"<b>{HOLDS}</b>" not in html
    assert "no claim is made of one person" in html
    assert "Of one observer nothing is claimed" in report_features.erasure_section(one)


def test_controls_must_show_what_was_planted(results):
    def control(name, texture, shape):
        rows = results.scores.query("kind == 'linear'").copy()
        bits = rows["space"].map({"texture": texture, "shape": shape}).fillna(0)
        noise = np.random.default_rng(0).normal(size=len(rows)) * 0.002
        return rows[rows["observer"] == "Ann"].assign(observer=f"control: {name}", mi=bits + noise)

    def checks(*controls):
        scores = pd.concat([results.scores, *controls], ignore_index=True)
        return report_claims._checks(replace(results, scores=scores))

    assert report_claims._checks(results) == ""
    good = checks(control("texture user", 0.08, 0.01), control("null", 0.0, 0.0))
    assert good.count("as it must be") == 2 and re.search(r"texture tells 0.0(79|80) bits, shape 0.0(09|10|11)", good)
    bad = checks(control("texture user", 0.01, 0.08), control("null", 0.1, 0.1))
    assert "does not show what was planted" in bad and "which is not nothing" in bad and "must be" not in bad


def test_systems_are_ranked_on_every_comparison():
    results = whole(told(spread=0.0, away={"viae": 0.1, "pixels": 0.3, "untrained": 0.2, "shape": 0.4, "texture": 0.5}))
    systems = results.systems.assign(choice=results.systems["space"].map(
        {"shape": 0.5, "texture": 0.1, "pixels": 0.3, "untrained": 0.2, "viae": 0.4}))  # fmt: skip
    human = {"shape": 0.9, "texture": 0.0, "pixels": 0.7, "untrained": 0.7, "viae": 0.8, "observer": 0.95}
    likeness = results.likeness.assign(humanness_correlation=results.likeness["system"].map(human))
    lost = results.erasure.copy()
    lost.loc[(lost["space"] == "pixels") & (lost["removed"] == "shape"), "mi"] -= 0.1
    lost.loc[(lost["space"] == "viae") & (lost["removed"] == "shape"), "mi"] -= 0.05
    found = report_claims.ranking(replace(results, systems=systems, likeness=likeness, erasure=lost))
    assert found["information"].to_dict() == {"shape": 1, "pixels": 2, "viae": 3, "untrained": 4, "texture": 5}
    assert found["redundancy"].to_dict() == {"shape": 1, "pixels": 2, "viae": 2, "untrained": 4, "texture": 5}
    assert found["erasing shape"].dropna().to_dict() == {"pixels": 1, "viae": 2, "untrained": 3}
    assert found["choice"].to_dict() == {"shape": 1, "viae": 2, "pixels": 3, "untrained": 4, "texture": 5}
    assert found["humanness"].to_dict() == {"shape": 1, "viae": 2, "pixels": 3, "untrained": 3, "texture": 5}
    assert found["naming"].to_dict() == {"viae": 1, "untrained": 2, "pixels": 3, "shape": 4, "texture": 5}
    assert list(found.index) == list(TOLD)
    section = report_claims.ranking_section(replace(results, systems=systems, likeness=likeness))
    shown = the_table(section, "choice", "naming")
    assert shown.loc["shape", "choice"] == 1
    assert shown.loc["shape", "erasing shape"] == "", "shape is not erased from itself"


# ---- people who change


def with_early(results, who, space, more):
    """One observer's bits are larger in the first half of the blocks."""
    scores = results.scores.copy()
    rows = (scores["observer"] == who) & (scores["space"] == space) & (scores["fold"] < 2)
    scores.loc[rows, "mi"] += more
    return replace(results, scores=scores)


def test_who_switches_is_named_and_who_is_steady_is_not(results):
    switched = with_early(with_early(results, "Bea", "shape", 0.1), "Cy", "texture", -0.1)
    z = report_people.changes(switched)
    assert z.loc["Bea", "shape"] > 4 and z.loc["Cy", "texture"] < -4
    assert abs(z.loc["Ann"]).max() < 4 and abs(z.loc["Bea", "texture"]) < 4
    told_of = report_people._changed(switched)
    assert f"Bea, shape: {z.loc['Bea', 'shape']:+.1f}; Cy, texture: {z.loc['Cy', 'texture']:+.1f}" in told_of
    assert "Ann" not in told_of and "Nobody's bits differ" in report_people._changed(results)


def test_changes_are_in_standard_errors_of_both_halves():
    rows = [{"observer": "a", "series": s, "space": space, "kind": "linear", "fold": fold, "mi": bits}
            for s in ("x", "y") for space in ("shape", "texture")
            for fold, bits in enumerate((0.30, 0.32, 9.0, 0.10, 0.14))]  # fmt: skip
    found = report_people.changes(replace(planted(), scores=pd.DataFrame(rows)))
    early, late = np.array([0.30, 0.32] * 2), np.array([0.10, 0.14] * 2)
    error = np.sqrt(early.var(ddof=1) / 4 + late.var(ddof=1) / 4)
    assert found.loc["a", "shape"] == pytest.approx((0.31 - 0.12) / error), "the middle block counts in neither half"


def test_a_page_without_ceilings_says_why():
    html = report_people._ceilings(whole(told()).__class__(**{**vars(whole(told())), "ceilings": pd.DataFrame()}))
    assert "nobody rated a panel twice" in html


# ---- what is not there is said


def test_a_plan_and_what_differed_are_told():
    planned = {"registered": "2021-10-01", "sha256": "abc"}
    assert "No plan was registered" in reporting._registered(None)
    assert "What ran is what was registered" in reporting._registered(Held(planned, []))
    text = reporting._registered(Held(planned, ["kit 2 instead of 1", "system <x> was not planned"]))
    assert "Registered 2021-10-01, sha256 abc" in text and "What ran differs" in text
    assert "<li>kit 2 instead of 1</li><li>system &lt;x&gt; was not planned</li>" in text


def test_both_viewing_conditions_stand_side_by_side(results):
    beside = pd.DataFrame({"bits, frontal": [0.2], "bits, turned": [0.1]}, index=["viae"])
    html = reporting._conditions(beside, results)
    assert the_table(html, "bits, frontal").loc["viAE"].tolist() == [0.2, 0.1] and "frontal condition" in html
    assert reporting._conditions(None, results) == ""


def test_what_was_not_measured_is_said(results):
    empty = pd.DataFrame()
    assert "two identities or more" in reporting._generalisation(replace(results, generalisation=empty))
    people = results.generalisation.query("system != 'observer'")
    assert "was not measured" in reporting._generalisation(replace(results, generalisation=people))
    assert "too few trials to shift" in reporting._null(replace(results, null=empty))
    blank = results.erasure.iloc[:0]
    assert "No system beside the face model" in report_features.erasure_section(replace(results, erasure=blank))
    none = results.partition.iloc[:0]
    assert "takes pixels and a network" in report_features.variance_section(replace(results, partition=none))
    unknown = results.likeness.assign(humanness_correlation=np.nan)
    assert report_features.TOO_SHORT in report_features.likeness_section(replace(results, likeness=unknown))
    left = pd.DataFrame({"observer": ["Dan"], "identity": ["Leo"], "trials": [12], "why": ["few"]})
    shown = the_table(reporting._left_out(replace(results, left_out=left)), "why")
    assert shown.loc["Dan"].tolist() == ["Leo", 12, "few"]


def test_the_sections_stand_in_the_order_of_the_argument(html):
    titles = [unescape(title) for title in re.findall(r"<h2>(.*?)</h2>", html)]
    assert titles[:4] == ["Do systems that predict well share shape?", "Was this what was planned?",
                          "What is claimed, and what came of it", "How well does each system predict?"]  # fmt: skip
    assert titles[-3:] == ["All systems, all comparisons", "The paper's steps, and ours", "What to keep in mind"]
    assert len(titles) == len(set(titles)) == 16


# ---- how figures look, where it tells something


def test_labels_stand_above_points_that_are_far_apart_and_make_way_for_each_other():
    def axis(values):
        names = [f"s{k}" for k in range(len(values))]
        return pd.DataFrame({"mean": values, "low": values, "high": values}, index=names)

    apart = figures.label_places(axis([0.1, 0.3, 0.5, 0.7]), axis([0.2, 0.3, 0.4, 0.5]))
    assert set(apart.values()) == {"top center"}
    close = figures.label_places(axis([0.1, 0.1, 0.9]), axis([0.1, 0.1, 0.9]))
    assert close["s0"] != close["s1"] and close["s2"] == "top center"
    ten_pixels = figures.label_places(axis([0.1, 0.11, 0.9]), axis([0.5, 0.5, 0.5]))
    assert ten_pixels["s0"] == ten_pixels["s2"] == "top center" != ten_pixels["s1"]


def test_a_label_stands_where_it_is_said_to_stand():
    left, bottom, right, top = figures._box(np.array([100.0, 50.0]), "abc", "middle right")
    assert left > 100 and (bottom + top) / 2 == 50 and top - bottom == 14 and right - left == 25
    left, bottom, right, _ = figures._box(np.array([100.0, 50.0]), "abc", "top center")
    assert (left + right) / 2 == 100 and bottom > 50
    assert figures._box(np.array([0.0, 0.0]), "a", "bottom left")[[2, 3]].max() < 0


def test_boxes_overlap_by_their_common_area():
    box = np.array([0.0, 0.0, 4.0, 2.0])
    assert figures._overlap(box, box) == 8 and figures._overlap(box, box + [3, 1, 3, 1]) == 1
    assert figures._overlap(box, box + [5, 0, 5, 0]) == figures._overlap(box, box + [0, 3, 0, 3]) == 0


def test_differences_are_coloured_evenly_round_zero(results):
    drawn = further_figures.contrast_figure(results).data[0]
    most = np.nanmax(np.abs(drawn.z))
    assert drawn.zmax == -drawn.zmin == pytest.approx(most)


def test_the_observers_curve_alone_is_drawn_in_ink(results):
    curves = further_figures.generalisation_figure(results).data
    assert {t.line.color for t in curves if t.name == "simulated observers"} == {figures.INK}
    assert figures.INK not in {t.line.color for t in curves if t.name != "simulated observers"}
    assert {t.line.width for t in curves if t.name == "simulated observers"} == {3}


def test_axes_stand_at_the_left_and_zero_is_marked(results):
    layout = further_figures.generalisation_figure(results).layout
    assert layout.yaxis.title.text == layout.yaxis6.title.text == "named rightly" and not layout.yaxis2.title.text
    for figure in (further_figures.partition_figure(results), further_figures.erasure_figure(results)):
        assert [(shape.x0, shape.x1) for shape in figure.layout.shapes] == [(0, 0)]


def test_figures_grow_with_the_number_of_systems(results):
    few = replace(results, scores=results.scores[results.scores["space"].isin(("shape", "texture"))])
    for drawn in (further_figures.contrast_figure, figures.score_figure):
        assert drawn(results).layout.height >= drawn(few).layout.height + 3 * 25
    assert figures.main_figure(results).layout.height > figures.main_figure(_of_one_identity(results)).layout.height


def _of_one_identity(results):
    return replace(results, scores=results.scores.query("identity == 'Leo'"),
                   ceilings=results.ceilings.query("identity == 'Leo'"))  # fmt: skip


def test_millimetres_have_two_digits(html):
    table = next(t for t in tables(html) if "mean error of a vertex, mm" in t[0])
    assert all(re.fullmatch(r"\d\.\d\d", cell) for row in table[1:] for cell in row[1:])


def test_every_network_of_the_zoo_has_a_name_for_figures():
    known = {name: figures.label(name) for name in networks.zoo().index}
    assert not {name for name, said in known.items() if name == said}, known
    assert [known[f"beta{b}"] for b in (2, 5, 10, 20)] == ["β-VAE 2", "β-VAE 5", "β-VAE 10", "β-VAE 20"]


def test_the_share_that_is_read_is_drawn_from_nothing_or_below_to_all(results):
    assert tuple(figures.decoding_figure(results).layout.xaxis.range) == (0, 1)
    below = results.decoding.assign(texture=-0.2)
    assert tuple(figures.decoding_figure(replace(results, decoding=below)).layout.xaxis.range) == (-0.2, 1)


def test_places_on_an_axis_run_from_the_lowest_end_to_the_highest():
    interval = pd.DataFrame({"mean": [2.0, 3.0, 4.0], "low": [1.0, 2.0, 3.0], "high": [3.0, 4.0, 5.0]})
    assert figures._pixels(interval, 100) == pytest.approx([25, 50, 75])
