"""Figures of learning say what they are asked to."""

import numpy as np

from kit import plots


def test_weights_are_orange_above_zero_blue_below_and_grey_at_zero():
    above, below, zero = plots.signed_pictures(np.array([[[1.0, -1.0, 0.0]]]), scale=1)[0, 0].astype(int)
    assert above[0] > above[2] and below[2] > below[0] and np.ptp(zero) == 0
    assert plots.signed_pictures(np.zeros((1, 2, 2))).shape == (1, 12, 12, 3)


def test_grey_levels_outside_the_range_are_clipped():
    assert plots.grey_pictures(np.array([[[-1.0, 2.0]]]), 1)[0, 0, :, 0].tolist() == [0, 255]


def test_a_frame_goes_round_its_box_and_leaves_the_rest():
    image = plots.framed(np.zeros((1, 20, 20, 3), np.uint8), np.s_[5:10, 6:12], scale=2)
    assert image.shape == (1, 40, 40, 3) and not image[0, 10:20, 12:24].any() and not image[0, 30:].any()
    wide = plots.framed(np.full((2, 4, 8, 3), 9, np.uint8), scale=3)
    assert wide.shape == (2, 12, 24, 3) and (wide == 9).all()
    assert image[0, 9, 12:24, 0].all() and image[0, 10:20, 25, 0].all()


def test_curves_differ_in_colour_and_dash():
    a, b = plots.curves({"training": [3, 2, 1], "test": [3, 3, 3]}, "epoch", "loss").data
    assert a.line.color != b.line.color and a.line.dash != b.line.dash and list(a.x) == [1, 2, 3]


def test_the_plane_shows_both_classes_by_shape_and_the_line_between():
    figure = plots.plane([[0, 0], [1, 1]], [0, 1], lambda at: at[:, 0] > 0.5, ("no", "yes"))
    contour, no, yes = figure.data
    assert no.marker.symbol != yes.marker.symbol and (no.name, yes.name) == ("no", "yes")
    assert contour.contours.start == 0.5 and set(np.ravel(contour.z)) == {0.0, 1.0}
    assert plots.show(figure, "Two points.")._repr_mimebundle_()["text/plain"] == "Two points."
