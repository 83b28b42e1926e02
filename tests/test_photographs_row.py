"""The row "trained on photographs": beside the registered comparison, in none of its tables, with its layers."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from kit import study
from kit.analysis.statistics import crossed_interval
from kit.faces.views import VIEWS
from kit.study import photographs as row
from kit.study import space_names
from kit.study.contrasts import cells
from kit.study.figures import label

PAGE = " ".join((Path(__file__).parents[1] / "docs/your-own.md").read_text(encoding="utf-8").split())


@pytest.fixture(scope="module")
def registered():
    return study.shipped()


def test_the_row_is_of_the_same_observers_and_in_none_of_the_registered_tables(registered):
    found, main = study.shipped_photographs(), registered.main_scores()
    cells = {tuple(cell) for cell in main[["observer", "identity"]].to_numpy()}
    for view in ("frontal", "turned"):
        of_view = found[found["view"] == view]
        assert {tuple(cell) for cell in of_view[["observer", "identity"]].to_numpy()} == cells
        assert len(of_view) == len(cells) == 56 and of_view.notna().all(axis=None)
    assert space_names.PHOTOGRAPHS not in {*registered.spaces, *study.shipped_turned()["space"]}


def test_the_row_stands_beside_others_with_its_lead(registered):
    table, own = row.beside(registered), study.shipped_photographs().query("view == 'frontal'")
    main = registered.main_scores().groupby("space")["mi"].mean()
    assert table.index[0] == "trained on photographs" and np.isnan(table["from"].iloc[0])
    assert table["bits"].iloc[0] == pytest.approx(own["mi"].mean())
    assert table.loc["viAE", "bits"] == pytest.approx(main["viae"])
    assert table.loc["viAE", "lead of the recogniser"] == pytest.approx(own["mi"].mean() - main["viae"])
    assert (table["low"] < table["bits"]).all() and (table["bits"] < table["high"]).all()
    leads = table.iloc[1:]
    assert (leads["from"] < leads["lead of the recogniser"]).all() and (
        leads["lead of the recogniser"] < leads["to"]
    ).all()


@pytest.mark.parametrize("view", ["frontal", "turned"])
def test_its_layers_are_shipped_with_intervals(view):
    table = study.shipped_layers(view).summary()
    assert list(table.index) == list(row.LAYERS)
    assert (table["mi_low"] < table["mi"]).all() and (table["mi"] < table["mi_high"]).all()
    own = study.shipped_photographs().query("view == @view")
    assert table.loc["embedding", "mi"] == pytest.approx(own["mi"].mean(), abs=2e-3), "the same network, read twice"


def test_the_report_has_the_row_and_says_that_it_was_not_registered(registered):
    section = row.photographs_section(registered)
    assert "Not registered, and counted in no claim" in section and "8 layers from input to embedding" in section
    bits = study.shipped_photographs().query("view == 'frontal'")["mi"].mean()
    assert f'<th scope="row">trained on photographs</th><td>{bits:.3f}</td>' in section


def test_other_comparisons_do_without_it(registered):
    assert row.photographs_section(replace(registered, simulated=False)) == ""
    assert row.photographs_section(replace(registered, design=study.QUICK)) == ""
    others = registered.scores[registered.scores["observer"] != registered.scores["observer"].iloc[0]]
    assert row.photographs_section(replace(registered, scores=others)) == ""


def shown(*numbers):
    return [f"{number:.3f}" for number in numbers]


def on_the_page(name):
    """Numbers of a row of the page's table."""
    return re.findall(r"-?0\.\d{3}", re.search(rf"\| {name} \|([^|]+\|[^|]+)\|", PAGE)[1])


@pytest.mark.parametrize("space", ["triplet", "classid", "viae", "pixels", "untrained"])
def test_the_page_has_the_shipped_means_of_the_others(registered, space):
    both = registered.main_scores(), study.shipped_turned()
    means = [table.loc[table["space"] == space, "mi"].mean() for table in both]
    assert on_the_page(label(space)) == shown(*means)


@pytest.mark.parametrize(
    ("name", "layer"),
    [("trained on photographs", "embedding"), ("its layer stage1", "stage1"), ("its layer stage5", "stage5")],
)
def test_the_page_has_the_shipped_intervals(name, layer):
    both = [study.shipped_layers(view).summary().loc[layer] for view in VIEWS]
    assert on_the_page(name) == shown(*(found[c] for found in both for c in ("mi", "mi_low", "mi_high")))


def test_the_page_has_what_is_lost_and_by_how_much_others_tell_more(registered):
    told = row.beside(registered)
    bits, *lost = shown(
        *told.loc["trained on photographs", ["bits", "lost without shape", "without texture", "by lot"]]
    )
    assert f"costs {lost[0]} of its {bits} bits, texture {lost[1]}, as many directions by lot {lost[2]}" in PAGE
    for rival in ("pixels", "untrained"):
        mean, low, high = shown(*-told.loc[rival, ["lead of the recogniser", "to", "from"]])
        assert re.search(rf"by {mean}( bits)?, {low} to {high}\)", PAGE)
    for rival in ("Triplet", "ClassID"):
        assert "{} to {}".format(*shown(*told.loc[rival, ["from", "to"]])) in PAGE


@pytest.mark.parametrize(("view", "more", "less"), [("frontal", "stage1", "embedding"), ("turned", "stage5", "stage1")])
def test_the_page_has_the_differences_of_layers(view, more, less):
    table = cells(study.shipped_layers(view).scores, "mi")
    found = crossed_interval(table.of(more) - table.of(less))
    assert "(by {}, {} to {})".format(*shown(found.mean, found.low, found.high)) in PAGE
