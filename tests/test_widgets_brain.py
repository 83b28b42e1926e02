"""What the widgets and figures of lesson 13 compute and draw, without a browser."""

import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from legible import faint

from kit import faces, plots
from kit.brain import eeg, spikes, viewing
from kit.brain.glm import design_matrix
from kit.plots import images
from kit.widgets import face_from_spikes, glm_explorer, moment_explorer
from kit.widgets.live_picture import start

MODEL = faces.load()


def words_of(svg: str) -> str:
    """All words of a picture; it also has to be well-formed."""
    return " ".join(ElementTree.fromstring(svg).itertext())


@pytest.fixture(scope="module")
def moments():
    _, person, structure = viewing.people_who_change(MODEL, rng=0)
    return moment_explorer.MomentScene(eeg.simulate(person, structure, rng=0), person, structure)


@pytest.fixture(scope="module")
def readback():
    known = MODEL.sample(2000, "female", 35, "caucasian", rng=1)
    seen = MODEL.sample(6, "female", 35, "caucasian", rng=2)
    return face_from_spikes.ReadBack(spikes.population(400, 110, rng=0), known, seen)


# ---- slow blood


def test_betas_are_near_the_planted_ones_at_every_spacing_and_as_sure_as_they_say():
    runs = [glm_explorer.compute(spacing, 0.3) for spacing in range(2, 21)]
    z = np.abs([(run.betas - glm_explorer.TRUTH) / run.errors for run in runs])
    assert z.max() < 4 and z.mean() < 1.5


def test_without_noise_the_planted_answer_is_found_also_where_responses_overlap():
    for spacing in (2, 3, 14):
        assert np.allclose(glm_explorer.compute(spacing, 0.0).betas, glm_explorer.TRUTH)


def test_noise_widens_the_errors_and_spacing_costs_minutes():
    quiet, loud = (glm_explorer.compute(14, noise) for noise in (0.2, 1.0))
    assert loud.errors[0] > 3 * quiet.errors[0]
    assert len(glm_explorer.compute(20, 0.3).seconds) > 3 * len(glm_explorer.compute(4, 0.3).seconds)


def test_overlap_costs_nothing_in_a_mixed_order_and_fourfold_where_women_and_men_take_turns():
    """As question 13-turns says."""
    far, near = glm_explorer.compute(14, 0.3), glm_explorer.compute(3, 0.3)
    assert near.errors.mean() == pytest.approx(far.errors.mean(), rel=0.3)

    def error(onsets):
        design = design_matrix(onsets, len(near.measured), glm_explorer.TR)
        contrast = np.eye(design.shape[1])[0] - np.eye(design.shape[1])[1]
        return np.sqrt(contrast @ np.linalg.inv(design.T @ design) @ contrast)

    times = np.sort(near.onsets.ravel())
    assert error([times[::2], times[1::2]]) == pytest.approx(4 * error(near.onsets), rel=0.1)


def test_the_chart_of_the_run_says_what_it_shows():
    values = start(glm_explorer.CONTROLS)
    run = glm_explorer.compute(values["spacing"], values["noise"])
    words = glm_explorer.describe(run, values)
    assert words.startswith("SIMULATED.") and "3.9 minutes" in words and f"women {run.betas[0]:.1f}" in words
    assert "simulated signal" in words_of(glm_explorer.figure(run)) and "nan" not in glm_explorer.figure(run)


# ---- moments


def test_the_map_of_a_moment_shows_what_was_planted(moments):
    at = moments.moment({"moment": 170})
    slope = moments.maps["how broad the face is"][:, at]
    names = list(eeg.SENSORS)
    assert names[slope.argmin()] == "P8" and slope.min() < -2 and abs(slope[names.index("Fz")]) < 1
    before = moments.maps["how broad the face is"][:, moments.moment({"moment": -100})]
    assert np.abs(before).max() < 1


def test_the_sentence_of_a_moment_tells_the_accuracies(moments):
    grid = moments.accuracy["who it is"]
    at = moments.moment({"moment": 280})
    words = moments.describe({"moment": 280, "question": "who it is"})
    assert words.startswith("SIMULATED EEG at 280 ms") and f"{grid[at, at]:.0%} of new trials here" in words
    assert "guessing gives 25%" in words
    assert moments.describe({"moment": 0, "question": "how broad the face is"}).endswith("guessing gives 50%.")


def test_moments_are_drawn_differently(moments):
    pictures = [moments.drawing({"moment": t, "question": "who it is"}).image() for t in (0, 280)]
    assert pictures[0].shape == (moment_explorer.HEIGHT, moment_explorer.WIDTH, 3)
    assert (pictures[0] != pictures[1]).any(axis=-1).mean() > 0.02
    assert not faint(lambda: moments.drawing({"moment": 280, "question": "who it is"}))


# ---- the face from spikes


def test_more_neurons_and_longer_listening_read_back_more(readback):
    def share(neurons, listen):
        told = [readback.compute({"neurons": neurons, "listen": listen, "face": f})[2] for f in readback.names]
        return np.mean(told)

    assert share(5, "0.3 s") < share(50, "0.3 s") < share(400, "0.3 s") > 0.7
    assert share(100, "1 s") > share(100, "0.1 s") + 0.15


def test_what_lesson_13_found_by_reading_faces_back(readback):
    def shares(neurons, listen):
        values = {"neurons": neurons, "listen": listen}
        return np.array([readback.compute(values | {"face": name})[2] for name in readback.names])

    assert np.abs(shares(5, "0.3 s")).max() < 0.1, "next to nothing of any of the six"
    assert np.all(shares(390, "0.3 s") > shares(130, "1 s")), "three times the cells beat three times the time"
    pairs = [readback.compute({"neurons": 400, "listen": "0.3 s", "face": f})[:2] for f in readback.names]
    for part in ("shape", "texture"):
        told = [spikes.accuracy(getattr(back, part), getattr(seen, part)) for seen, back in pairs]
        assert 0.7 < np.mean(told) < 0.8, f"about three quarters of the {part}"


def test_the_quick_read_out_is_as_good_as_the_tuned_one(readback):
    truth = spikes.coefficients(readback.known)
    counts = readback.cells.counts(truth, 0.3, rng=0)
    test = spikes.coefficients(MODEL.sample(60, "female", 35, "caucasian", rng=3))
    new = readback.cells.counts(test, 0.3, rng=4)
    for n in (20, 100, 400):
        quick = spikes.accuracy(readback.decoder("0.3 s", n).predict(new[:, :n]), test)
        tuned = spikes.accuracy(spikes.fit_decoder(counts[:, :n], truth).predict(new[:, :n]), test)
        assert quick == pytest.approx(tuned, abs=0.02)


def test_the_sentence_says_simulated_and_how_much(readback):
    values = {"neurons": 200, "listen": "0.3 s", "face": "face 2"}
    words = readback.describe(values)
    assert "200 SIMULATED neurons in 0.3 s" in words and f"{readback.compute(values)[2]:.0%}" in words
    assert len(readback.drawing(values).pictures) == 3 and not faint(lambda: readback.drawing(values))


# ---- figures


def test_a_topography_is_coloured_at_its_sensors():
    values = np.zeros(32)
    values[list(eeg.SENSORS).index("P8")] = -1
    image = plots.topography(values, 1.0, size=240).astype(int)
    right, left = image[170:200, 190:215].mean(axis=(0, 1)), image[170:200, 25:50].mean(axis=(0, 1))
    assert right[2] - right[0] > 60  # blue behind the right ear
    assert abs(left[2] - left[0]) < 10  # grey behind the left one
    assert (image[:8, :8] == 128).all()  # as behind faces
    up = np.zeros(32)
    up[list(eeg.SENSORS).index("Fz")] = 1
    front = plots.topography(up, 1.0).astype(int)[60:80, 115:125].mean(axis=(0, 1))
    assert front[0] - front[2] > 60  # orange in front: the nose is up


def test_a_map_passes_near_the_values_of_the_sensors():
    values = np.random.default_rng(0).normal(size=32)
    weights, inside = images._interpolation(200)
    places = images._places()
    column, row = (100 + 86 * places[:, 0]).astype(int), (100 - 86 * places[:, 1]).astype(int)
    image = np.zeros((200, 200))
    smooth = eeg.positions() @ np.array([1.0, 0.5, -0.3]) + 0 * values
    image[inside] = weights @ smooth
    assert np.corrcoef(image[row, column], smooth)[0, 1] > 0.98


def test_bars_have_patterns_and_a_ceiling():
    told = {"shape": {"early": 0.0, "late": 0.4}, "texture": {"early": 0.1, "late": 0.0}}
    figure = plots.grouped_bars(told, {"early": 0.5, "late": 0.6})
    assert [bar.name for bar in figure.data] == ["shape", "texture", "noise ceiling"]
    assert figure.data[0].marker.pattern.shape != figure.data[1].marker.pattern.shape
    assert [shape.y0 for shape in figure.layout.shapes] == [0.5, 0.6]


def test_the_figures_over_time_are_in_milliseconds(moments):
    wave = plots.waves(moments.epochs, ["P8", "Oz"])
    assert wave.data[0].x[0] == -200 and wave.data[0].line.dash != wave.data[1].line.dash
    lines = plots.over_time(moments.epochs.times, {"a": moments.epochs.times}, "bits", level=0.25)
    assert lines.layout.shapes[0].y0 == 0.25
    grid = plots.moments(moments.epochs.times, moments.accuracy["who it is"], 0.25)
    assert grid.data[0].zmin == 0.25 and grid.layout.yaxis.title.text == "trained at, ms"
