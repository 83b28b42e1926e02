"""Contrastive loss, values and prediction errors against hand-made numbers; rules that learn what they are given."""

import numpy as np
import pytest
import torch
from torch import nn

from kit.networks.basics import live, reinforcement, selfsupervised


def test_the_contrastive_loss_by_hand():
    rng = np.random.default_rng(0)
    first, second = rng.normal(size=(2, 3, 4))
    rows = np.concatenate([first, second])
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    losses = []
    for k in range(6):
        others = [j for j in range(6) if j != k]
        powers = np.exp(rows[others] @ rows[k] / 0.5)
        losses.append(-np.log(powers[others.index((k + 3) % 6)] / powers.sum()))
    ours = selfsupervised.contrastive_loss(torch.tensor(first), torch.tensor(second), temperature=0.5)
    assert float(ours) == pytest.approx(np.mean(losses))


def pictures(kinds, tints, rng):
    """Flat pictures: red says the kind, blue a tint that changes from picture to picture."""
    out = np.zeros((len(kinds), 4, 4, 3), np.uint8)
    out[..., 0] = (60 + 120 * kinds + rng.normal(0, 5, len(kinds)))[:, None, None]
    out[..., 2] = tints[:, None, None]
    return out


def spread(network, images, labels):
    """Share of the variance of the representation that lies between classes."""
    features = live.features(network, images)
    between = sum(
        np.sum(labels == k) * (features[labels == k].mean(0) - features.mean(0)) ** 2 for k in np.unique(labels)
    )
    return between.sum() / np.sum((features - features.mean(0)) ** 2)


def test_contrast_keeps_what_pairs_share_and_drops_what_differs():
    rng = np.random.default_rng(0)
    kinds = np.arange(200) % 2
    one, two = (pictures(kinds, rng.integers(0, 256, 200), rng) for _ in range(2))
    torch.manual_seed(0)
    network = nn.Sequential(nn.Flatten(), nn.Linear(48, 8))
    before = spread(network, one, kinds)
    history = selfsupervised.fit(network, one, two, epochs=20, rate=1e-2)
    assert history[-1] < history[0] and spread(network, one, kinds) > max(0.7, before)


def test_values_and_errors_by_hand():
    values, errors = reinforcement.rescorla_wagner([0, 1, 0], [1, 1, 0], 0.5)
    assert values.tolist() == [[0, 0], [0.5, 0], [0.5, 0.5]] and errors.tolist() == [1, 1, -0.5]
    with pytest.raises(ValueError, match="rate must be from 0 to 1; got 2"):
        reinforcement.rescorla_wagner([0], [1], 2)


def test_a_value_approaches_the_share_of_rewards():
    rewards = np.random.default_rng(0).random(4000) < 0.7
    values, errors = reinforcement.rescorla_wagner(np.zeros(4000, int), rewards, 0.02)
    assert values[1000:, 0].mean() == pytest.approx(0.7, abs=0.03) and abs(errors[1000:].mean()) < 0.02


def test_the_error_moves_from_reward_to_cue_and_dips_when_reward_fails():
    errors = reinforcement.temporal_difference(300, cue=5, reward=15, rate=0.3, omitted=(250,))
    assert errors[0].argmax() == 15 and errors[0].max() == 1 and np.count_nonzero(errors[0]) == 1
    assert errors[200].argmax() == 5 and errors[200, 5] == pytest.approx(1, abs=0.01)
    assert abs(errors[200, 15]) < 0.01
    assert errors[250].argmin() == 15 and errors[250, 15] == pytest.approx(-1, abs=0.01)
    assert np.allclose(np.delete(errors, [250], axis=0).sum(axis=1), 1)  # what a trial brings in all is the reward
    with pytest.raises(ValueError, match="0 < cue < reward < steps"):
        reinforcement.temporal_difference(3, cue=9, reward=5)


def test_choices_learn_who_pays_from_coins_alone():
    rng = np.random.default_rng(1)
    good, bad = (pictures(np.full(300, k), rng.integers(0, 256, 300), rng) for k in (1, 0))
    on_left = rng.random(300) < 0.5
    left, right = np.where(on_left[:, None, None, None], good, bad), np.where(on_left[:, None, None, None], bad, good)
    pays = np.stack([on_left, ~on_left], axis=1)
    torch.manual_seed(0)
    network = nn.Sequential(nn.Flatten(), nn.Linear(48, 1))
    history = reinforcement.reinforce(network, left, right, pays, epochs=25, rate=2e-2)
    assert history[0]["reward"] < 0.75 and history[-1]["reward"] > 0.9 and history[-1]["error"] < history[0]["error"]
