"""The accumulator finds the ideal observer, and simulated decisions follow the closed form."""

import numpy as np
import pytest
import torch

from kit.networks.basics import recurrent

PAIR = np.random.default_rng(0).integers(0, 256, (2, 4, 4, 3), dtype=np.uint8)
APART = np.linalg.norm((PAIR[0].mean(2) - PAIR[1].mean(2)) / 255)


def test_the_recurrence_is_that_of_torch():
    torch.manual_seed(0)
    ours, theirs = recurrent.Accumulator(5, keep=0.7), torch.nn.RNN(5, 1, nonlinearity="relu", batch_first=True)
    with torch.no_grad():
        ours.eye.weight.uniform_(0, 1)  # all states stay above zero, where a ReLU changes nothing
        theirs.weight_ih_l0.copy_(ours.eye.weight)
        theirs.weight_hh_l0.fill_(0.7)
        theirs.bias_ih_l0.copy_(ours.eye.bias.clamp(min=0))
        ours.eye.bias.clamp_(min=0)
        theirs.bias_hh_l0.zero_()
        looks = torch.rand(3, 6, 5)
        assert torch.allclose(ours(looks), theirs(looks)[0].squeeze(2), atol=1e-6)


def test_training_finds_the_log_odds_and_learns_not_to_forget():
    noise = 2 * APART
    looks, face = recurrent.glimpses(PAIR, 1500, 15, noise, rng=0)
    unit = recurrent.Accumulator(16)
    kept = recurrent.fit(unit, looks, face, steps=100, rate=0.1)
    assert kept[-1] == pytest.approx(1, abs=0.05)
    difference = ((PAIR[1].mean(2) - PAIR[0].mean(2)) / 255).ravel()
    ideal = difference / noise**2
    weights = unit.eye.weight.detach().numpy()[0]
    assert np.corrcoef(weights, ideal)[0, 1] > 0.9
    assert weights @ difference == pytest.approx(ideal @ difference, rel=0.2)


@pytest.mark.parametrize(("drift", "noise", "threshold"), [(0.5, 1.0, 1.0), (1.5, 1.2, 0.8)])
def test_simulated_decisions_follow_the_closed_form(drift, noise, threshold):
    step = 0.002
    steps = np.random.default_rng(1).normal(drift * step, noise * np.sqrt(step), (3000, 4000))
    right, steps = recurrent.decide(steps.cumsum(axis=1), threshold)
    accuracy, time = recurrent.drift_diffusion(drift, threshold, noise)
    assert right.mean() == pytest.approx(accuracy, abs=0.03)
    assert steps.mean() * step == pytest.approx(time, rel=0.08)


def test_limits_of_the_closed_form():
    accuracy, time = recurrent.drift_diffusion(1e-6, np.array([0.0, 2.0]))
    assert np.allclose(accuracy, 0.5, atol=1e-5) and np.allclose(time, [0, 4])  # without drift: threshold²
    with pytest.raises(ValueError, match="drift and noise must be above 0"):
        recurrent.drift_diffusion(0, 1)


def test_a_decision_is_the_first_crossing_and_late_ones_answer_at_the_end():
    states = np.array([[0.5, -1.5, 2.0], [0.2, 0.1, 0.3]])
    choice, taken = recurrent.decide(states, 1)
    assert choice.tolist() == [0, 1] and taken.tolist() == [2, 3]


def test_a_leak_sets_a_limit_that_a_higher_threshold_does_not_lift():
    rng = np.random.default_rng(0)
    unit = recurrent.Accumulator(1, keep=0.8)
    with torch.inference_mode():
        unit.eye.weight.fill_(1), unit.eye.bias.fill_(0)
        states = unit(torch.as_tensor(rng.normal(0.125, 0.5, (4000, 80, 1)), dtype=torch.float32)).numpy()
    right = [recurrent.decide(states, threshold)[0].mean() for threshold in np.linspace(0.25, 4, 12)]
    assert np.argmax(right) in (4, 5) and 0.9 < max(right) < 0.94  # lesson 04 says 92 % near a threshold of 2,
    assert 0.74 < right[-1] < 0.79  # and 76 % where time runs out


def test_glimpses_hold_the_face_they_say():
    looks, face = recurrent.glimpses(PAIR, 400, 5, noise=0.1)
    difference = ((PAIR[1].mean(2) - PAIR[0].mean(2)) / 255).ravel()
    assert np.array_equal(looks.mean(1) @ difference > 0, face == 1)
