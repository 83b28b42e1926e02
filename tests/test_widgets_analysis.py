"""What the widgets of lessons 10 and 11 compute and draw, without a browser."""

import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from sklearn.linear_model import Ridge
from sklearn.metrics import mutual_info_score, r2_score

from kit import widgets
from kit.widgets import layer_picker, penalty
from kit.widgets.information_cells import bits, compute, describe, figure
from kit.widgets.live_chart import ChartAxis, LiveChart, lines
from kit.widgets.ties import LEVELS, ORDERS, UP, data, ordered
from kit.widgets.ties import compute as estimates
from kit.widgets.ties import describe as told
from kit.widgets.ties import figure as chart

RNG = np.random.default_rng(0)
FEATURES = RNG.normal(size=(900, 110))
RATINGS = FEATURES[:, :20] @ RNG.normal(size=20) + 4 * RNG.normal(size=900)


def texts(svg: str) -> str:
    """All words of a picture; it also has to be well-formed."""
    return " ".join(ElementTree.fromstring(svg).itertext())


# ---- ridge and its penalty


def test_every_penalty_gives_what_scikit_learn_gives():
    fits = penalty.compute(FEATURES, RATINGS, 150)
    for k, h in enumerate(penalty.EXPONENTS):
        model = Ridge(alpha=2.0**h).fit(FEATURES[:150], RATINGS[:150])
        scores = [r2_score(RATINGS[part], model.predict(FEATURES[part])) for part in (slice(150), slice(600, 900))]
        assert np.allclose((fits.old[k], fits.new[k]), scores)
        assert np.isclose(fits.length[k], np.linalg.norm(model.coef_))


def test_the_penalty_trades_old_trials_for_new_ones():
    few, many = (penalty.compute(FEATURES, RATINGS, n) for n in (120, 600))
    assert np.all(np.diff(few.old) < 0) and few.new[0] < 0 < few.new.max()
    assert many.new.max() > few.new.max()


def test_the_chart_says_what_it_shows():
    fits = penalty.compute(FEATURES, RATINGS, 120)
    words = penalty.describe(fits, {"trials": "120", "exponent": 5})
    assert "120 training trials, penalty 2 to the power 5" in words and f"{fits.new[9]:.2f}".replace("-", "−") in words
    assert "training trials" in texts(penalty.figure(fits, 5)) and "new trials" in texts(penalty.figure(fits, 5))


def test_too_few_trials_are_refused():
    with pytest.raises(ValueError, match="leave no third for the test"):
        widgets.explore_penalty(FEATURES[:600], RATINGS[:600])


# ---- a table of two variables


def test_information_agrees_with_scikit_learn():
    joint = compute({"rain": 0.4, "if_rain": 0.8, "if_dry": 0.25})
    counts = (1000 * joint).round().astype(int)
    expected = mutual_info_score(None, None, contingency=counts) / np.log(2)
    assert bits(joint)["information"] == pytest.approx(expected)
    assert "rain" in texts(figure(joint)) and f"information {expected:.2f}" in describe(joint)


@pytest.mark.parametrize("rain, if_rain, if_dry, expected", [(0.5, 1, 0, 1), (0.5, 0.5, 0.5, 0), (0, 0.9, 0.2, 0)])
def test_corners_of_the_table(rain, if_rain, if_dry, expected):
    joint = compute({"rain": rain, "if_rain": if_rain, "if_dry": if_dry})
    assert bits(joint)["information"] == pytest.approx(expected, abs=1e-12)
    assert "nan" not in figure(joint)


# ---- the trap of tied ratings


def test_the_slider_only_changes_the_order():
    prediction, _ = data("6")
    for order in (-1.0, 0.3, 1.0):
        assert sorted(ordered(prediction, order)) == list(range(len(prediction)))
    assert np.all(np.diff(prediction[ordered(prediction, 1)]) > 0)
    assert np.all(np.diff(prediction[ordered(prediction, -1)]) < 0)


def test_only_ranks_in_trial_order_follow_the_order():
    for name, values in estimates("6").items():
        changes = np.ptp(values)
        assert (changes > 0.3) if name == "in trial order" else (changes < 1e-9), name


def test_the_chart_cuts_off_nothing_that_the_sentence_says():
    for levels in LEVELS:
        assert max(max(values) for values in estimates(levels).values()) <= UP.high, levels


def test_without_ties_there_is_no_trap():
    values = estimates("no ties")
    assert np.allclose(values["in trial order"], values["average ranks"]) and "by level" not in values


def test_the_trap_is_told_in_words():
    words = told({"levels": "6", "order": ORDERS[-1]})
    assert "in trial order" in words and f"{estimates('6')['in trial order'][-1]:.2f}" in words
    assert "information, bits" in texts(chart("6", 1.0))


# ---- charts


def test_a_chart_is_live():
    widget = LiveChart(penalty.CONTROLS, lambda v: (penalty.figure(FITS, v["exponent"]), f"h = {v['exponent']}"))
    widget._heard(widget, {"serial": 3, "values": {"exponent": 7, "trials": "120"}}, [])
    assert (widget.frame["serial"], widget.frame["words"], widget.frame["media"]) == (3, "h = 7", "image/svg+xml")
    assert widget.frame["picture"].decode().startswith("<svg")


FITS = penalty.compute(FEATURES, RATINGS, 120)


def test_lines_stay_inside_and_differ_by_more_than_colour():
    axis = ChartAxis("x", 0, 1, (0, 1))
    drawn = ElementTree.fromstring(lines(np.array([0.0, 1.0]), {"low": [0, -9], "high": [1, 9]}, axis, axis, 0.5))
    found = drawn.findall("{*}polyline")
    heights = [float(point.split(",")[1]) for line in found for point in line.get("points").split()]
    assert min(heights) >= 0 and max(heights) <= float(drawn.get("height"))
    assert len({line.get("stroke-dasharray") for line in found}) == 2


def test_the_legend_of_the_layers_is_not_cut_at_the_right():
    axis, names = ChartAxis("x", 0, 1, (0, 1)), dict.fromkeys(layer_picker.LINES, [0, 1])
    drawn = ElementTree.fromstring(lines(np.array([0.0, 1.0]), names, axis, axis, 0.5))
    ends = [float(text.get("x")) + 7 * len(text.text) for text in drawn.findall("{*}text") if text.text in names]
    assert len(ends) == 3 and max(ends) <= float(drawn.get("width"))


@pytest.mark.parametrize("show", [widgets.information_table, widgets.tied_ratings])
def test_without_a_front_end_a_sentence_remains(show, capsys):
    show()
    assert "information" in capsys.readouterr().out.lower()
