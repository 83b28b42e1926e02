"""Figures of ratings show the numbers they are given."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from kit import plots
from kit.plots import rating_picture, response_time_picture


def test_bars_count_and_parts_of_the_curve_have_the_share_of_their_rating():
    counts = [10, 30, 40, 60, 40, 20]
    figure = rating_picture(np.repeat(np.arange(1, 7), counts))
    assert list(figure.data[0].x) == [1, 2, 3, 4, 5, 6] and list(figure.data[0].y) == counts
    parts = [(min(part.x), max(part.x)) for part in figure.data[1:]]
    shares = [norm.cdf(high) - norm.cdf(low) for low, high in parts]
    assert shares == pytest.approx(np.array(counts) / 200, abs=0.006)
    assert [a.text for a in figure.layout.annotations] == [f"<b>{k}</b>" for k in range(1, 7)]


def test_a_rating_that_was_never_given_has_no_number_in_the_curve():
    figure = rating_picture(np.repeat([1, 2, 4, 6], 50))
    assert [a.text for a in figure.layout.annotations] == ["<b>1</b>", "<b>2</b>", "<b>4</b>", "<b>6</b>"]


def table(times) -> pd.DataFrame:
    return pd.DataFrame({"rating": np.resize([1, 2, 5], len(times)), "rt_choice_ms": times})


def test_times_are_in_seconds_with_their_median():
    times = np.linspace(1000, 3000, 60)
    times[30] = np.nan
    times[31] = 40_000
    dots, line, by_rating = response_time_picture(table(times)).data
    assert len(dots.x) == 59 and 31 not in dots.x and dots.y[0] == 1 and max(dots.y) == 40
    assert max(line.y) < 3.1, "one long pause does not move the median"
    assert list(by_rating.x) == [1, 2, 5]
    assert by_rating.y[2] == pytest.approx(np.median(times[2::3]) / 1000, abs=0.05)


def test_without_times_it_says_so():
    with pytest.raises(ValueError, match="no trial has a time in rt_choice_ms"):
        response_time_picture(table(np.full(5, np.nan)))


def test_figures_can_be_shown_with_their_sentence():
    shown = plots.show(rating_picture(np.array([1, 2, 3, 4, 5, 6])), "Six bars of one trial each.")
    assert shown.bundle["text/plain"] == "Six bars of one trial each."
