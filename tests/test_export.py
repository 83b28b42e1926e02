"""What a comparison hands on: the long table with its dictionary, and figures as SVG with text as text."""

import warnings
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
from planted_results import IDENTITIES, OBSERVERS, USUAL, planted

from kit.files.tables import read_table
from kit.study import export
from kit.study.figures import label
from kit.study.generalisation import SETS, TASKS
from kit.study.svg import svg

TYPES = {name: str for name in export.DICTIONARY} | {"fold": int, "value": float, "simulated": bool, "control": bool}
SCORES = ["tau", "r2", "mi", "redundancy", "mmi", "unique_shape", "unique_space", "synergy"]
SYSTEMS = [name for name in USUAL if name not in ("shape", "texture")]


def whole(**change):
    """Planted results with every table that a figure is drawn from."""
    ceilings = [{"observer": o, "identity": i, "ceiling": "mean", "mi": 0.14} for o in OBSERVERS for i in IDENTITIES]
    held = {"shape": 0.5, "shape_in_mm": 0.7, "texture": -0.1}
    named = [
        {"task": task, "features": which, "identity": i, "strength": s, "system": name, "accuracy": 0.25 + s / 4}
        for task in TASKS for which in SETS for i in IDENTITIES for s in (0.0, 1.0, 2.0)
        for name in ("shape", "viae", "observer")
    ]  # fmt: skip
    decoding = pd.DataFrame([{"space": name} | held for name in SYSTEMS])
    parts = ("only shape", "only texture", "only pixels", "only viae", "shape and others", "others, not shape")
    partition = pd.DataFrame([
        {"observer": o, "identity": i, "series": f"{i}-0", "part": part, "r2": 0.1 * k - 0.05, "network": "viae"}
        for k, part in enumerate(parts) for o in OBSERVERS for i in IDENTITIES
    ])  # fmt: skip
    tables = {
        "partition": partition,
        "ceilings": pd.DataFrame(ceilings),
        "decoding": decoding,
        "generalisation": pd.DataFrame(named),
    }
    return replace(planted(), **(tables | change))


@pytest.fixture(scope="module")
def results():
    return whole()


@pytest.fixture(scope="module")
def folder(results, tmp_path_factory):
    folder = tmp_path_factory.mktemp("results")
    export.write(results, folder)
    return folder


def drawn(folder, name: str) -> ElementTree.Element:
    return ElementTree.parse(folder / "figures" / f"{name}.svg").getroot()


def written(root: ElementTree.Element) -> list[str]:
    """Every line of text that a reader sees."""
    return [span.text or "" for span in root.iter("{http://www.w3.org/2000/svg}tspan")]


def markers(root: ElementTree.Element) -> list[ElementTree.Element]:
    return [element for element in root.iter() if element.get("class") == "marker"]


def place(marker: ElementTree.Element) -> tuple[float, float]:
    x, y = marker.get("transform").split(")")[0].removeprefix("translate(").split()
    return float(x), float(y)


# ---- the long table


def test_every_score_is_there_once(results):
    long = export.long_table(results)
    keys = [name for name in export.DICTIONARY if name != "value"]
    assert not long.duplicated(keys).any()
    taken = results.erasure[results.erasure["removed"] != "nothing"]
    assert len(long) == results.scores[SCORES].notna().sum().sum() + taken[["tau", "mi"]].notna().sum().sum()
    for table, kind in ((results.scores, results.scores["kind"]), (taken, "erased " + taken["removed"])):
        row = table.assign(kind=kind).iloc[17]
        same = (long[["observer", "identity", "space", "kind", "fold"]] == row[["observer", "identity", "space", "kind",
                "fold"]]).all(axis=1)  # fmt: skip
        assert long[same & (long["score"] == "mi")]["value"].tolist() == [row["mi"]]


def test_a_score_that_is_missing_has_no_row(results):
    scores = results.scores.assign(r2=np.nan)
    long = export.long_table(replace(results, scores=scores, erasure=pd.DataFrame()))
    assert "r2" not in set(long["score"]) and len(long) == len(scores) * (len(SCORES) - 1)


def test_the_dictionary_says_what_each_column_and_each_name_in_it_is(folder):
    long, columns = (pd.read_csv(folder / f"{name}.csv") for name in ("long", "columns"))
    assert list(columns["column"]) == list(long) and columns["meaning"].str.len().min() > 10
    meaning = dict(zip(columns["column"], columns["meaning"]))
    assert all(score in meaning["score"] for score in long["score"].unique())
    assert all(kind.removeprefix("erased ") in meaning["kind"] for kind in long["kind"].unique())


def test_the_table_comes_back_as_it_was_whatever_observers_are_called(tmp_path):
    names = ("001", "NA", "1e3", "control: texture user", "Zoë, 3", "observer 6")
    results = whole(scores=planted(observers=names).scores, simulated=False)
    path, *_ = export.write(results, tmp_path)
    long = read_table(path, TYPES)
    pd.testing.assert_frame_equal(long, export.long_table(results), check_dtype=False, check_exact=True)
    assert set(long[long["control"]]["observer"]) == {"control: texture user"} and not long["simulated"].any()


def test_a_mixed_model_of_the_table_recovers_what_was_planted(folder):
    import statsmodels.formula.api as smf

    long = read_table(folder / "long.csv", TYPES)
    told = long[(long["score"] == "mi") & (long["kind"] == "linear") & ~long["control"]]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of variances near zero
        fitted = smf.mixedlm("value ~ space", told, groups="observer").fit()
    for name in set(SYSTEMS) - {"ae"}:  # the first by the alphabet, with which the others are compared
        assert fitted.params[f"space[T.{name}]"] == pytest.approx(USUAL[name][0] - USUAL["ae"][0], abs=0.003)


# ---- the figures


@pytest.mark.parametrize("name", export.FIGURES)
def test_a_figure_is_xml_without_a_raster_and_says_whose_ratings_in_text(folder, name):
    root = drawn(folder, name)
    kinds = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert kinds <= {"svg", "title", "desc", "rect", "polyline", "polygon", "circle", "text", "tspan"}
    assert "simulated observers" in " ".join(written(root))
    assert root.get("role") == "img" and root[0].tag.endswith("title") and "simulated observers" in root[1].text


@pytest.mark.parametrize("name", [name for name in export.FIGURES if name != "generalisation"])
def test_every_system_is_named_in_text(folder, name):
    shown = [label(system) for system in (SYSTEMS if name in ("erasure", "decoding") else USUAL)]
    if name == "partition":
        shown = ["only shape", "only texture", "only pixels", "only viAE"]
    assert set(shown) <= set(written(drawn(folder, name)))


def test_there_are_as_many_markers_as_systems(folder):
    kinds = 1 + len(SYSTEMS) / len(USUAL)  # linear; and with shape, of all but the face model's own
    wanted = {"null": len(USUAL), "scores": kinds * len(USUAL), "main": len(USUAL) * (1 + len(IDENTITIES)),
              "decoding": 3 * len(SYSTEMS), "erasure": 3 * len(SYSTEMS)}  # fmt: skip
    assert {name: len(markers(drawn(folder, name))) for name in wanted} == wanted


def test_all_that_is_drawn_lies_on_the_page(folder):
    for name in export.FIGURES:
        root = drawn(folder, name)
        inside = [0 <= x <= 900 and 0 <= y <= float(root.get("height")) for x, y in map(place, markers(root))]
        ends = [point.split(",") for line in root.iter("{http://www.w3.org/2000/svg}polyline")
                for point in line.get("points").split()]  # fmt: skip
        assert all(inside) and all(0 <= float(x) <= 900 and 0 <= float(y) <= float(root.get("height")) for x, y in ends)


def test_a_figure_without_its_table_is_left_out_and_an_older_one_goes(folder, tmp_path):
    export.write(whole(), tmp_path)
    empty = {name: pd.DataFrame() for name in ("erasure", "generalisation", "null", "decoding", "partition")}
    export.write(whole(**empty), tmp_path)
    assert {path.stem for path in (tmp_path / "figures").iterdir()} == {"main", "scores", "contrasts"}
    assert {path.stem for path in (folder / "figures").iterdir()} == set(export.FIGURES)


def test_points_stand_where_their_values_are():
    figure = go.Figure(go.Scatter(x=[0, 1, 4], y=["a", "b", "c"], mode="markers"))
    figure.update_yaxes(autorange="reversed").update_xaxes(range=[0, 4])
    (x, y) = zip(*map(place, markers(ElementTree.fromstring(svg(figure, "t", "s")))))
    assert (x[2] - x[0]) == pytest.approx(4 * (x[1] - x[0]), abs=0.1) and y[0] < y[1] < y[2]  # "a" is at the top


def test_points_that_are_not_known_are_left_out():
    figure = go.Figure(go.Scatter(x=[0, np.nan, 4], y=[1, 2, np.nan], mode="markers"))
    assert len(markers(ElementTree.fromstring(svg(figure, "t", "s")))) == 1


@pytest.mark.parametrize("orientation", ["h", "v"])
def test_bars_start_at_zero(orientation):
    lengths, names = [2.0, -1.0, 4.0], ["a", "b", "c"]
    across, up = (lengths, names) if orientation == "h" else (names, lengths)
    root = ElementTree.fromstring(svg(go.Figure(go.Bar(x=across, y=up, orientation=orientation)), "t", "s"))
    start, long = ("x", "width") if orientation == "h" else ("y", "height")
    drawn = [element for element in root.iter() if element.get("class") == "bar"]
    a, b, c = ((float(bar.get(start)), float(bar.get(long))) for bar in drawn)
    assert a[1] == pytest.approx(2 * b[1], abs=0.1) and c[1] == pytest.approx(2 * a[1], abs=0.1)
    ends = (a[0], b[0] + b[1]) if orientation == "h" else (a[0] + a[1], b[0])
    assert ends[0] == pytest.approx(ends[1], abs=0.1), "one to either side of zero"


def test_names_are_written_as_they_are():
    figure = go.Figure(go.Scatter(x=[0, 1], y=["mine & <yours>", "a much longer name than there is room for"]))
    root = ElementTree.fromstring(svg(figure, "a < b", "c & d"))
    assert {"mine & <yours>", "c & d"} <= set(written(root)) and root[0].text == "a < b"


def test_what_cannot_be_drawn_is_refused():
    with pytest.raises(ValueError, match="Counts: svg draws scatter, bar, heatmap, not pie"):
        svg(go.Figure(go.Pie(values=[1, 2])), "Counts", "")
