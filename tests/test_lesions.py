"""Lesions: the hooks, damage and its controls, selectivity, erasing a variable, two tasks, disorders."""

import numpy as np
import pytest
import torch
from torch import nn

from kit import networks
from kit.networks.lesioned import lesions

RNG = np.random.default_rng(0)


def planted(n_units: int = 8) -> nn.Sequential:
    """Unit 3 alone carries input 0 to output 0; units 5 and 6 carry input 1 to output 1; the rest is mute."""
    network = nn.Sequential(nn.Linear(2, n_units, bias=False), nn.ReLU(), nn.Linear(n_units, 2, bias=False))
    with torch.no_grad():
        for part in (network[0], network[2]):
            part.weight.zero_()
        network[0].weight[3, 0] = network[2].weight[0, 3] = 1
        network[0].weight[[5, 6], 1] = 1
        network[2].weight[1, [5, 6]] = 0.5
    return network


INPUTS = torch.tensor(RNG.uniform(0.5, 1.5, (40, 2)), dtype=torch.float32)


def scores(network):
    """How well each task is done: output k has to repeat input k, 1 is perfect, 0 says nothing."""

    def score():
        with torch.no_grad():
            missed = (network(INPUTS) - INPUTS).square().mean(0) / INPUTS.square().mean(0)
        return 1 - missed.numpy()

    return score


# ---- hooks


def test_a_lesion_silences_its_units_and_nothing_is_left_of_it_afterwards():
    network = planted()
    before, weights = network(INPUTS), [p.clone() for p in network.parameters()]
    with lesions.ablate(network, "1", [3]):
        out = network(INPUTS)
    assert torch.all(out[:, 0] == 0) and torch.equal(out[:, 1], before[:, 1])
    assert torch.equal(network(INPUTS), before)
    assert all(torch.equal(a, b) for a, b in zip(weights, network.parameters()))


def test_a_lesion_ends_with_an_error_too():
    network = planted()
    before = network(INPUTS)
    with pytest.raises(RuntimeError, match="interrupted"), lesions.ablate(network, "1"):
        assert torch.all(network(INPUTS) == 0)
        raise RuntimeError("interrupted")
    assert torch.equal(network(INPUTS), before)


def test_lesions_add_up_and_each_ends_on_its_own():
    network = planted()
    with lesions.scale_gain(network, "1", 0.5, [5]), lesions.ablate(network, "1", np.arange(8) == 3):
        out = network(INPUTS)
    assert torch.all(out[:, 0] == 0) and torch.allclose(out[:, 1], 0.75 * INPUTS[:, 1])


def test_a_filter_of_a_map_is_silenced_as_a_whole_and_embeddings_feel_it():
    network = networks.wrap(nn.Sequential(nn.Conv2d(3, 4, 5), nn.ReLU(), nn.Conv2d(4, 2, 3)), layer="1")
    images = RNG.integers(0, 255, (3, 16, 16, 3), dtype=np.uint8)
    whole = network.activations(images)
    with lesions.ablate(network, "0", [1, 2]):
        maps = network.activations(images)
    assert np.all(maps[:, 1:3] == 0) and np.array_equal(maps[:, [0, 3]], whole[:, [0, 3]])


def test_tokens_and_the_first_of_several_outputs_are_reached():
    attention = nn.MultiheadAttention(6, 2, batch_first=True)
    tokens = torch.randn(2, 5, 6)
    whole, weights = attention(tokens, tokens, tokens)
    with lesions.ablate(attention, "", [0]):
        out, kept = attention(tokens, tokens, tokens)
    assert torch.all(out[..., 0] == 0) and torch.equal(out[..., 1:], whole[..., 1:]) and torch.equal(kept, weights)


def test_a_unit_can_be_held_at_its_mean_instead_of_zero():
    network = planted()
    mean = network[:2](INPUTS).mean(0)[[3]].detach().numpy()
    with lesions.ablate(network, "1", [3], mean):
        out = network(INPUTS)
    assert torch.allclose(out[:, 0], torch.as_tensor(mean).expand(40))


def test_noise_is_new_at_every_pass_and_returns_with_its_seed():
    network = planted()
    for lesion in (lesions.add_noise, lesions.jitter_gain):
        with lesion(network, "1", 0.2, seed=4):
            first, second = network(INPUTS), network(INPUTS)
        with lesion(network, "1", 0.2, seed=4):
            again = network(INPUTS)
        assert torch.equal(first, again) and not torch.allclose(first, second)
    with lesions.jitter_gain(network, "1", 0.2, seed=1):
        many = torch.stack([network(INPUTS) for _ in range(500)])
    ratio = (many / INPUTS)[..., 0]
    assert abs(ratio.mean() - 1) < 0.01 and abs(ratio.std() - 0.2) < 0.01


def test_gradients_pass_through_a_lesion_so_that_the_rest_can_learn():
    network = planted()
    with lesions.ablate(network, "1", [3]):
        (network(INPUTS) - 1).square().mean().backward()
    assert torch.all(network[0].weight.grad[3] == 0) and torch.any(network[0].weight.grad[5] != 0)


@pytest.mark.parametrize(
    ("layer", "units", "said"),
    [("relu", [0], "no layer 'relu' to lesion; there are 0, 1, 2"), ("1", [8], "units 0 to 7; there is no unit 8")],
)
def test_a_lesion_that_is_nowhere_is_refused(layer, units, said):
    network = planted()
    with pytest.raises(ValueError, match=said), lesions.ablate(network, layer, units):
        network(INPUTS)
    assert torch.allclose(network(INPUTS), INPUTS)


# ---- damage


def test_ablation_finds_the_unit_that_alone_carries_a_task():
    network = planted()
    lost = lesions.damage(scores(network), network, "1", np.arange(8)[:, None])
    assert lost.shape == (8, 2)
    assert lost[:, 0].argmax() == 3 and np.isclose(lost[3, 0], 1)
    assert np.allclose(np.delete(lost[:, 0], 3), 0)
    assert set(np.flatnonzero(lost[:, 1] > 0.2)) == {5, 6}  # each holds half: less is lost than with both


def test_a_damage_curve_falls_where_the_planted_units_go_and_faster_than_chance():
    network = planted()
    curve = lesions.damage_curve(scores(network), network, "1", [3, 5, 6, 0, 1, 2, 4, 7], [0, 1, 2, 3], 50)
    assert curve.ordered.shape == (4, 2) and curve.random.shape == (50, 4, 2) and curve.band().shape == (2, 4, 2)
    assert np.allclose(curve.ordered, [[1, 1], [0, 1], [0, 0.75], [0, 0]], atol=1e-6)
    assert np.allclose(curve.random[:, 0], 1) and np.isclose(curve.random[:, 1, 0].mean(), 7 / 8, atol=0.1)
    with pytest.raises(ValueError, match="between 0 and the 8 units"):
        lesions.damage_curve(scores(network), network, "1", np.arange(8), [9])


# ---- selectivity


def test_selectivity_is_one_for_a_unit_of_one_class_and_zero_for_one_of_all():
    labels = np.repeat(np.arange(4), 10)
    activity = np.column_stack([labels == 2, np.ones(40), np.zeros(40), 1 + (labels == 1)])
    assert np.allclose(lesions.class_selectivity(activity, labels), [1, 0, 0, 1 / 3])
    with pytest.raises(ValueError, match="after a ReLU"):
        lesions.class_selectivity(activity - 1, labels)


def test_preference_is_d_prime():
    first = np.arange(4000) < 2000
    activity = RNG.normal(size=(4000, 3)) * [1, 2, 0] + first[:, None] * [1, -1, 0]
    assert np.allclose(lesions.preference(activity, first), [1, -0.5, 0], atol=0.1)
    with pytest.raises(ValueError, match="all pictures are of one kind"):
        lesions.preference(activity, np.ones(4000, bool))
