"""The widgets of lessons 01 and 02, without a browser: what they compute, say and draw."""

import xml.etree.ElementTree as ET

import numpy as np
import pytest

from kit import widgets
from kit.networks.basics.perceptron import Perceptron
from kit.widgets.backprop import ASKED, Walk, compute
from kit.widgets.backprop import image as graph_image
from kit.widgets.perceptron_plane import HandPerceptron, firing, image
from kit.widgets.plane import Plane

CORNERS = np.array([[-2, -2], [-2, 2], [2, -2], [2, 2]], float)


@pytest.fixture
def plane():
    return Plane(CORNERS, np.array([0, 0, 0, 1]), Perceptron(np.zeros(2)), ("no", "yes"), ("a", "b"))


def say(state, **message):
    return state.act({"rate": 1.0, **message})


# ---- the perceptron trained by hand


def test_sliders_set_the_unit_and_count_its_mistakes(plane):
    plane = say(say(say(plane, action="weight", name="w1", value=1), action="weight", name="w2", value=1),
                action="weight", name="bias", value=-1)  # fmt: skip
    assert plane.unit.weights.tolist() == [1, 1] and plane.unit.bias == -1
    assert plane.news == "No mistakes left."
    assert say(plane, action="weight", name="bias", value=1).news == "2 mistakes now."


def test_learning_says_what_it_did_and_why(plane):
    wrong = say(say(say(say(plane, action="point"), action="point"), action="point"), action="point")
    assert wrong.unit.weights.tolist() == [2, 2] and wrong.unit.bias == 1
    assert wrong.news.startswith("Point 4 (yes): activation 0.00, so output 0. Wrong: its numbers") and wrong.last == 3
    back = say(wrong, action="point")
    assert back.last == 0 and back.news.startswith("Point 1 (no): activation −7.00, so output 0. Right: nothing")


def test_epochs_learn_and_and_never_xor(plane):
    xor = Plane(CORNERS, np.array([0, 1, 1, 0]), Perceptron(np.zeros(2)))
    for _ in range(30):
        plane, xor = say(plane, action="epoch"), say(xor, action="epoch")
        assert len(xor.mistakes)
    assert plane.news == "One epoch: 0 corrections on the way. No mistakes left."


def test_points_are_added_moved_flipped_and_removed(plane):
    more = say(say(plane, action="add", x=0, y=0, target=1), action="move", row=4, x=9, y=-0.5)
    assert more.points[4].tolist() == [3, -0.5] and more.targets[4] == 1
    assert say(more, action="flip", row=4).targets[4] == 0
    assert np.array_equal(say(more, action="remove", row=4).points, plane.points)
    nobody = plane
    for _ in range(4):
        nobody = say(nobody, action="remove", row=0)
    assert "add some" in say(nobody, action="point").news and "No mistakes" in say(nobody, action="epoch").news


def test_what_it_does_not_know_changes_nothing(plane):
    assert say(plane, action="__class__") is plane


def test_the_picture_marks_mistakes_in_shape_and_words(plane):
    svg = ET.fromstring(image(say(plane, action="weight", name="w1", value=1)))
    marks = {g.get("data-row"): g for g in svg.iter("{http://www.w3.org/2000/svg}g") if g.get("data-row")}
    assert "wrong side" in marks["2"].get("aria-label") and "right side" in marks["3"].get("aria-label")
    assert len(marks["2"]) == len(marks["3"]) + 1  # the cross
    assert "3 squares (no) and 1 disc (yes)" in svg.get("aria-label")


def test_where_it_fires_is_the_side_of_its_line():
    square = [(-3, -3), (3, -3), (3, 3), (-3, 3)]
    part = firing(square, Perceptron(np.array([1.0, 0.0]), -1.0))
    assert sorted(part) == [(1, -3), (1, 3), (3, -3), (3, 3)]


def test_the_widget_answers_each_request_and_hands_out_its_unit():
    widget = widgets.hand_perceptron(CORNERS, [0, 0, 0, 1])
    assert isinstance(widget, HandPerceptron) and widget.unit.weights.tolist() == [1, 0]
    widget._heard(widget, {"serial": 5, "rate": 1, "action": "weight", "name": "w2", "value": 1.5}, [])
    assert widget.unit.weights.tolist() == [1, 1.5] and widget.scene["serial"] == 5
    with pytest.raises(KeyError):
        widget._heard(widget, {"serial": 6, "rate": 1, "action": "move"}, [])
    assert widget.scene["serial"] == 6


def test_points_outside_the_plane_are_refused():
    with pytest.raises(ValueError, match="within -3 to 3; scale them"):
        widgets.hand_perceptron([[0, 5]], [1])


# ---- backpropagation on a graph


def test_gradients_on_the_graph_are_slopes_of_the_loss():
    nodes = compute(dict(Walk().numbers))
    for name in ("w", "b", "v"):
        numbers = dict(Walk().numbers)
        above, below = (compute({**numbers, name: numbers[name] + d})["L"].value for d in (1e-5, -1e-5))
        assert nodes[name].gradient == pytest.approx((above - below) / 2e-5, abs=1e-6)


def test_right_answers_lead_from_the_loss_to_the_first_weight_and_downhill():
    walk = Walk()
    for name in ASKED:
        assert walk.asked == name
        walk = walk.act({"action": "answer", "answer": f"{walk.nodes[name].gradient:.2f}"})
        assert walk.news.startswith("✓")
    after = walk.act({"action": "step"})
    assert after.nodes["L"].value < walk.nodes["L"].value and after.asked == "e" and "fell" in after.news


@pytest.mark.parametrize(
    "answer, words",
    [("0.61", "other sign"), ("1", "gradient of L"), ("-0.31", "value of e"), ("7", "if e grows a little"),
     ("much", "type a number")],
)  # fmt: skip
def test_each_mistake_has_its_reason(answer, words):
    walk = Walk().act({"action": "answer", "answer": answer})
    assert words in walk.news and walk.found == 0 and not walk.right


def test_a_comma_and_a_typographic_minus_are_numbers_too():
    assert Walk().act({"action": "answer", "answer": "−0,61"}).found == 1


def test_gradients_are_hidden_until_found_but_not_where_nobody_can_answer():
    svg = ET.fromstring(graph_image(Walk()))
    texts = [t.text for t in svg.iter("{http://www.w3.org/2000/svg}text")]
    assert texts.count("grad ?") == len(ASKED)
    assert "gradient −1.45" in Walk().static() and "gradient −1.45" not in Walk().live()
    assert Walk().act({"action": "step"}) == Walk()
