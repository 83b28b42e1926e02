"""Simulated neurons: closed forms hold, planted axes come back, and faces are read back from spikes."""

import numpy as np
import pytest
from sklearn.linear_model import RidgeCV

from kit import faces
from kit.brain import spikes


@pytest.fixture(scope="module")
def crowd():
    return faces.load().sample(2000, "female", 35, "caucasian", rng=1)


@pytest.fixture(scope="module")
def seen(crowd):
    return spikes.coefficients(crowd)


@pytest.fixture(scope="module")
def cells(seen):
    return spikes.population(400, seen.shape[1], rng=0)


@pytest.fixture(scope="module")
def new():
    return faces.load().sample(60, "female", 35, "caucasian", rng=2)


# ---- one neuron


@pytest.mark.parametrize("current", [2.1, 2.5, 3.0, 5.0, 10.0])
def test_the_firing_rate_is_the_closed_form(current):
    _, times = spikes.lif(np.full(20_000, current), dt=0.05)
    interval = np.diff(times)
    assert np.ptp(interval) < 1e-6  # regular
    assert interval[0] == pytest.approx(1000 / spikes.lif_rate(current), abs=0.051)  # to a step


def test_below_threshold_there_are_no_spikes():
    voltage, times = spikes.lif(np.full(5000, 1.99))
    assert len(times) == 0 and spikes.lif_rate(1.99) == 0
    assert voltage[-1] == pytest.approx(spikes.REST + 19.9, abs=1e-6)


def test_the_voltage_relaxes_as_the_equation_says():
    voltage, _ = spikes.lif(np.full(200, 1.0), dt=0.1)
    ms = 0.1 * np.arange(1, 201)
    assert np.allclose(voltage, spikes.REST + 10 * (1 - np.exp(-ms / spikes.TAU)))


def test_rates_of_many_currents_grow_and_saturate():
    rates = spikes.lif_rate(np.array([0.0, 1.0, 2.0, 3.0, 100.0, 1e6]))
    assert rates[:3].tolist() == [0, 0, 0] and np.all(np.diff(rates[2:]) > 0)
    assert rates[-1] == pytest.approx(1000 / spikes.REFRACTORY, rel=0.01)


def test_a_broken_current_is_refused():
    with pytest.raises(ValueError, match=r"current\[3\] is nan"):
        spikes.lif(np.array([1, 1, 1, np.nan]))


# ---- the population


def test_the_population_says_that_it_is_simulated(cells):
    assert "SIMULATED" in repr(cells) and "400" in repr(cells)


def test_a_neuron_climbs_along_its_axis_and_is_flat_across(cells):
    neuron = cells[0]
    axis = neuron.axes[0]
    across = np.random.default_rng(0).normal(size=len(axis))
    across -= across @ axis * axis
    steps = np.array([[0.0], [1.0], [2.0]])
    assert np.allclose(np.diff(neuron.rates(steps * axis)[:, 0]), neuron.gain[0])
    assert np.allclose(neuron.rates(5 * steps * across), neuron.base[0])
    assert cells.rates(-50 * axis[None])[0, 0] == 0


def test_counts_are_poisson(cells):
    face = np.zeros((4000, cells.axes.shape[1]))
    counts = cells[:20].counts(face, seconds=0.5, rng=0)
    assert np.allclose(counts.mean(axis=0), 0.5 * cells.base[:20], rtol=0.05)
    assert np.allclose(counts.var(axis=0) / counts.mean(axis=0), 1, atol=0.12)


def test_the_receptive_field_is_the_planted_axis_at_its_known_length():
    cells = spikes.population(30, 10, rng=0)
    stimuli = np.random.default_rng(1).normal(size=(40_000, 10))
    field = spikes.spike_triggered_average(stimuli, cells.counts(stimuli, rng=2))
    assert np.allclose(field, cells.receptive_field_scale()[:, None] * cells.axes, atol=0.05)
    uncut = spikes.Population(np.eye(1), np.array([30.0]), np.array([6.0]))
    assert uncut.receptive_field_scale()[0] == pytest.approx(0.2, abs=1e-4)  # gain / base


def test_receptive_fields_of_faces(cells, seen):
    field = spikes.spike_triggered_average(seen, cells.counts(seen, rng=3))
    cosine = (field * cells.axes).sum(axis=1) / np.linalg.norm(field, axis=1)
    assert cosine.min() > 0.8
    assert np.allclose(np.linalg.norm(field, axis=1), cells.receptive_field_scale(), rtol=0.3)


def test_a_silent_neuron_is_named(seen):
    counts = np.ones((len(seen), 3))
    counts[:, 1] = 0
    with pytest.raises(ValueError, match="neuron 1 never fired"):
        spikes.spike_triggered_average(seen, counts)
    with pytest.raises(ValueError, match="both need one row a stimulus"):
        spikes.spike_triggered_average(seen[:10], counts)


# ---- the face from the spikes


def test_reconstruction_beats_the_mean_face_and_grows_with_neurons(cells, seen, new):
    sizes = [1, 10, 50, 100, 200, 400]
    share = spikes.growth(cells, seen, spikes.coefficients(new), sizes, rng=4)
    assert np.all(np.diff(share) > 0) and share[0] > -0.01 and share[-1] > 0.7


def test_longer_listening_helps(cells, seen, new):
    short, long = (spikes.growth(cells, seen, spikes.coefficients(new), [100], s, rng=4)[0] for s in (0.1, 1.0))
    assert long > short + 0.2


def test_the_decoder_is_scikit_learns(cells, seen, new):
    counts = cells[:30].counts(seen, rng=5)
    fit = RidgeCV(alphas=spikes.PENALTIES).fit(counts, seen)
    more = cells[:30].counts(spikes.coefficients(new), rng=6)
    assert np.allclose(spikes.fit_decoder(counts, seen).predict(more), fit.predict(more))


def test_the_decoded_face_can_be_drawn_and_looks_like_the_seen_one(cells, seen, new):
    decoder = spikes.fit_decoder(cells.counts(seen, rng=7), seen)
    decoded = decoder.predict(cells.counts(spikes.coefficients(new[:10]), rng=8))
    drawn = spikes.as_faces(decoded, new[:1]).render(64).astype(float)
    true, mean = new[:10].render(64).astype(float), new[:1].caricature(0).render(64).astype(float)
    away, from_mean = (np.sqrt(((true - other) ** 2).mean(axis=(1, 2, 3))) for other in (drawn, mean))
    assert drawn.shape == true.shape and np.mean(away < from_mean) >= 0.9
    mm = np.linalg.norm(spikes.as_faces(decoded, new[:1]).vertices() - new[:10].vertices(), axis=-1).mean()
    mm_mean = np.linalg.norm(new[:1].caricature(0).vertices() - new[:10].vertices(), axis=-1).mean()
    assert mm < 0.7 * mm_mean


def test_accuracy_has_its_fixed_points(seen):
    assert spikes.accuracy(seen, seen) == 1 and spikes.accuracy(0 * seen, seen) == 0


def test_impossible_requests_are_refused(cells, seen, new):
    with pytest.raises(ValueError, match="500 neurons of 400"):
        spikes.growth(cells, seen, seen, [500])
    with pytest.raises(ValueError, match="decoded has 3 coefficients, a face 110"):
        spikes.as_faces(np.zeros((2, 3)), new[:1])
