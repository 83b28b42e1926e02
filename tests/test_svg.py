"""A figure as SVG: marks stand where they should, say what they should, and nothing is drawn that is not there."""

import re
from xml.etree import ElementTree

import numpy as np
import plotly.graph_objects as go
import pytest
from plotly.subplots import make_subplots

from kit.plots import INK
from kit.study.svg import WIDTH, svg
from kit.study.svg_axes import Axis
from kit.study.svg_marks import number, tag

COLOUR = "#123456"
NAME = "{http://www.w3.org/2000/svg}"


def scattered(mode="markers", **more):
    look = dict(marker=dict(color=COLOUR, size=10), line=dict(color=COLOUR))
    return go.Scatter(x=[0.0, 1.0, 2.0], y=[1.0, 3.0, 2.0], mode=mode, **(look | more))


def drawn(*traces, **layout):
    return ElementTree.fromstring(svg(go.Figure(traces, layout), "title", "text"))


def found(page, name, **wanted):
    elements = page.iter(NAME + name)
    wanted = {key.rstrip("_").replace("_", "-"): value for key, value in wanted.items()}
    return [e for e in elements if all(e.get(key) == value for key, value in wanted.items())]


def points(line):
    return [tuple(map(float, pair.split(","))) for pair in line.get("points").split()]


def texts(page):
    """Text elements by what they say."""
    return {"".join(e.itertext()): e for e in page.iter(NAME + "text")}


def frame(page):
    """Left, top, right and bottom of the only panel: the line of its axes."""
    (left, top), _, (right, bottom) = next(points(line) for line in found(page, "polyline") if len(points(line)) == 3
                                           and line.get("stroke") == INK)  # fmt: skip
    return left, top, right, bottom


@pytest.mark.parametrize(
    ("mode", "lines", "circles"), [("lines", 1, 0), ("markers", 0, 3), ("lines+markers", 1, 3), (None, 1, 3)]
)
def test_lines_and_markers_are_drawn_where_they_are_asked_for(mode, lines, circles):
    page = drawn(scattered(mode))
    assert len(found(page, "polyline", stroke=COLOUR)) == lines
    assert len(found(page, "circle", class_="marker")) == circles


def test_a_line_goes_through_its_points():
    page = drawn(scattered("lines"), xaxis_range=[0, 2], yaxis_range=[0, 4])
    left, top, right, bottom = frame(page)
    through = points(found(page, "polyline", stroke=COLOUR)[0])
    expected = [(left + (right - left) * x / 2, bottom + (top - bottom) * y / 4) for x, y in ((0, 1), (1, 3), (2, 2))]
    np.testing.assert_allclose(through, expected, atol=0.02)


def test_one_trace_needs_no_legend_and_two_do():
    assert "first" not in texts(drawn(scattered(name="first")))
    assert "first" in texts(drawn(scattered(name="first", showlegend=True)))
    page = drawn(scattered(name="first"), scattered(name="second"))
    first, second = (float(texts(page)[name][0].get("x")) for name in ("first", "second"))
    keys = [float(re.match(r"translate\(([\d.]+)", e.get("transform"))[1]) for e in found(page, "circle", class_="key")]
    assert keys[0] < first < keys[1] < second and len(keys) == 2
    hidden = drawn(scattered(name="first", showlegend=False), scattered(name="second"))
    assert "first" not in texts(hidden) and "second" in texts(hidden)


def test_a_long_legend_takes_several_rows_and_makes_the_page_higher():
    names = [f"a rather long name of system number {k}" for k in range(9)]
    page = drawn(*(scattered(name=name) for name in names))
    places = {name: texts(page)[name][0] for name in names}
    rows = sorted({float(e.get("y")) for e in places.values()})
    assert len(rows) > 1 and len(rows) < 9 and max(float(e.get("x")) for e in places.values()) < WIDTH - 100
    assert frame(page)[1] > rows[-1], "the panel begins below the legend"
    short = drawn(*(scattered(name=f"s{k}") for k in range(3)))
    assert len({texts(short)[f"s{k}"][0].get("y") for k in range(3)}) == 1
    assert float(page.get("height")) > float(short.get("height"))


def test_titles_stand_in_the_middle_of_their_axes():
    page = drawn(scattered(), xaxis_title="across", yaxis_title="up")
    left, top, right, bottom = frame(page)
    across, up = texts(page)["across"], texts(page)["up"]
    assert float(across[0].get("x")) == pytest.approx((left + right) / 2, abs=0.02)
    assert bottom + 25 < float(across[0].get("y")) < bottom + 60
    turn, x, y = map(float, re.match(r"rotate\((\S+) (\S+) (\S+)\)", up.get("transform")).groups())
    assert turn == -90 and y == pytest.approx((top + bottom) / 2, abs=0.02) and 0 < x < left


def test_names_that_do_not_fit_are_turned():
    short, long = ([f"{word}{k}" for k in range(6)] for word in ("s", "a name that is far too long "))
    for names, turned in ((short, False), (long, True)):
        page = drawn(go.Bar(x=names, y=[1.0] * 6))
        assert ("rotate(-40" in (texts(page)[names[0]].get("transform") or "")) == turned
    beside = drawn(go.Bar(y=long, x=[1.0] * 6, orientation="h"))
    assert frame(beside)[0] > frame(drawn(go.Bar(y=short, x=[1.0] * 6, orientation="h")))[0] + 50, "room for names"


def test_bars_go_from_zero_to_their_values():
    page = drawn(go.Bar(x=["a", "b"], y=[2.0, -1.0], marker_color=COLOUR), yaxis_range=[-2, 2])
    left, top, right, bottom = frame(page)
    zero = (top + bottom) / 2
    up, down = found(page, "rect", class_="bar")
    assert float(up.get("y")) == pytest.approx(top, abs=0.02)
    assert float(up.get("height")) == pytest.approx(zero - top, abs=0.02)
    assert float(down.get("y")) == pytest.approx(zero, abs=0.02)
    assert float(down.get("height")) == pytest.approx((bottom - top) / 4, abs=0.02)
    assert float(up.get("width")) == pytest.approx(0.8 * (right - left) / 2, abs=0.02)
    page = drawn(go.Bar(x=[2.0], y=["a"], orientation="h"))
    (bar,) = found(page, "rect", class_="bar")
    assert float(bar.get("width")) > 0.8 * (frame(page)[2] - frame(page)[0]), "zero is on the axis"


def test_error_bars_end_where_they_should():
    error = dict(type="data", array=[1.0, 0.5, 0.0], arrayminus=[0.5, 0.0, 1.0], color=COLOUR)
    page = drawn(scattered(error_y=error, marker_color="#000000"), yaxis_range=[0, 4], xaxis_range=[0, 2])
    left, top, right, bottom = frame(page)
    lines = [points(line) for line in found(page, "polyline", stroke=COLOUR)]
    heights = [[round((bottom - y) / (bottom - top) * 4, 2) for _, y in line] for line in lines]
    assert heights == [[0.5, 2.0], [3.0, 3.5], [1.0, 2.0]]
    assert not found(drawn(scattered(marker_color="#000000", line_color="#000000")), "polyline", stroke=COLOUR)


@pytest.mark.parametrize(("where", "anchor", "side", "rise"), [
    ("middle right", "start", 1, 0), ("middle left", "end", -1, 0), ("top center", "middle", 0, -1),
    ("bottom center", "middle", 0, 1)])  # fmt: skip
def test_labels_stand_beside_their_points(where, anchor, side, rise):
    page = drawn(scattered("markers+text", text=["A", "B", "C"], textposition=where))
    mark = found(page, "circle", class_="marker")[1]
    x, y = map(float, re.match(r"translate\((\S+) (\S+)\)", mark.get("transform")).groups())
    label = texts(page)["B"]
    away = float(label[0].get("x")) - x, float(label[0].get("y")) - y
    assert label.get("text-anchor") == anchor and away[0] == pytest.approx(9 * side, abs=0.1)
    assert rise == 0 and abs(away[1]) < 8 or np.sign(away[1]) == rise and abs(away[1]) > 5


def heat():
    z = [[np.nan, 1.0], [-1.0, np.nan]]
    scale = [[0, "#0000ff"], [0.5, "#ffffff"], [1, "#ff0000"]]
    return go.Heatmap(z=z, x=["a", "b"], y=["c", "d"], zmin=-1, zmax=1, colorscale=scale, colorbar_title="bits",
                      text=[["", "one"], ["minus", ""]])  # fmt: skip


def test_cells_have_their_colours_and_words():
    page = drawn(heat())
    cells = [e for e in found(page, "rect") if (e.get("fill") or "").startswith("rgb") and float(e.get("width")) > 50]
    assert [cell.get("fill") for cell in cells] == ["rgb(255,0,0)", "rgb(0,0,255)"]
    left, top, right, bottom = frame(page)
    assert float(cells[0].get("x")) == pytest.approx((left + right) / 2, abs=0.02)
    for word, cell in zip(("one", "minus"), cells):
        for letter, size in (("x", "width"), ("y", "height")):
            middle = float(cell.get(letter)) + float(cell.get(size)) / 2
            assert float(texts(page)[word][0].get(letter)) == pytest.approx(middle, abs=5)


def test_the_colour_bar_stands_beside_the_cells_from_bottom_to_top():
    page = drawn(heat())
    left, top, right, bottom = frame(page)
    steps = found(page, "rect", width="16")
    at = [float(step.get("y")) for step in steps]
    height = (bottom - top) / len(steps)
    assert at == sorted(at, reverse=True) and at[-1] == pytest.approx(top, abs=0.02)
    assert at[0] == pytest.approx(bottom - height, abs=0.02)
    assert all(right + 10 < float(step.get("x")) < WIDTH - 40 for step in steps)
    colours = [tuple(map(int, step.get("fill")[4:-1].split(","))) for step in (steps[0], steps[-1])]
    assert colours[0][2] == 255 > colours[0][0] and colours[1][0] == 255 > colours[1][2]
    assert {"−1.000", "0.000", "1.000", "bits"} <= set(texts(page))


@pytest.mark.parametrize(("apart", "marked"), [
    (20, ["0", "2", "4", "6", "8", "10"]), (21, ["0", "5", "10"]), (50, ["0", "5", "10"]), (51, ["0", "10"]),
    (10, [str(k) for k in range(11)]), (5, [f"{k / 2:.1f}" for k in range(21)])])  # fmt: skip
def test_ticks_are_round_numbers_that_are_far_enough_apart(apart, marked):
    assert [text for _, text in Axis((0, 10), (0, 100)).ticks(apart)] == marked
    assert [text for _, text in Axis((0, 10), (100, 0)).ticks(apart)] == marked


def test_an_axis_maps_its_ends_and_its_names():
    axis = Axis((2, 4), (10, 110))
    assert axis.at(2) == 10 and axis.at(4) == 110 and axis.at(2.5) == 35 and axis.along(0.25) == 35
    names = Axis((-0.5, 1.5), (0, 100), ["a", "b"])
    assert names.at("a") == 25 and names.at("b") == 75 and names.ticks(1) == [(0, "a"), (1, "b")]


def test_panels_have_their_titles_lines_and_turned_words():
    figure = make_subplots(1, 2, column_titles=["left", "right"], row_titles=["row"])
    for column in (1, 2):
        figure.add_trace(scattered("lines"), 1, column)
    figure.add_hline(2.5, line=dict(color="#abcdef"), row=1, col=2)
    page = ElementTree.fromstring(svg(figure, "title", "text"))
    (line,) = (points(e) for e in found(page, "polyline", stroke="#abcdef"))
    assert line[0][1] == line[1][1] and line[0][0] > WIDTH / 2 - 50
    assert float(texts(page)["left"][0].get("x")) < float(texts(page)["right"][0].get("x"))
    turned = texts(page)["row"]
    assert turned.get("transform").startswith("rotate(90") and float(turned[0].get("x")) > WIDTH / 2
    assert not (texts(page)["left"].get("transform") or "")


def test_numbers_and_attributes_are_written_as_they_are_read():
    assert number(-0.5, 2) == "−0.50" and number(-0.0, 1) == "0.0" and number(3, 0) == "3"
    assert tag("a", "in", font_size=3, x=1.0, y=None, class_="k") == '<a font-size="3" x="1.00" class="k">in</a>'


@pytest.mark.parametrize(("turn", "anchor"), [(0, "start"), (90, "end")])
def test_words_on_the_page_stand_where_and_as_plotly_lays_them(turn, anchor):
    """An anchor is a side of the text as it lies: of turned text, its bottom is its end."""
    note = dict(text="here", x=0.25, y=0.5, xref="paper", yref="paper", xanchor="left", yanchor="bottom",
                textangle=turn, showarrow=False)  # fmt: skip
    page = drawn(scattered(), annotations=[note])
    left, top, right, bottom = frame(page)
    here = texts(page)["here"]
    assert here.get("text-anchor") == anchor
    assert float(here[0].get("x")) == pytest.approx(left + (right - left) / 4, abs=0.02)
    assert float(here[0].get("y")) == pytest.approx((top + bottom) / 2, abs=15)
