"""What answers cost: counts by closed form, prices by hand, smaller copies, spikes that approach the network."""

import numpy as np
import pytest
import torch
from torch import nn

from kit.networks.basics.convnet import ConvNet
from kit.networks.inside import compression, energy
from kit.networks.richer import rate_spikes


def test_macs_of_known_layers():
    network = nn.Sequential(nn.Conv2d(3, 8, 3, bias=False), nn.ReLU(), nn.Flatten(), nn.Linear(8 * 36, 5))
    first, second = energy.operations(network, torch.zeros(4, 3, 8, 8))
    assert (first.macs, first.weights, first.activations) == (8 * 36 * 27, 216, 3 * 64 + 8 * 36)
    assert (second.macs, second.weights, second.activations) == (8 * 36 * 5, 8 * 36 * 5, 8 * 36 + 5)


def test_strides_padding_groups_and_transposed_kernels_are_counted_as_a_loop_would():
    for layer in (nn.Conv2d(4, 6, 3, stride=2, padding=1, groups=2), nn.ConvTranspose2d(4, 6, 4, stride=2, padding=1)):
        x = torch.randn(1, 4, 7, 7)
        ones = type(layer)(
            4, 6, layer.kernel_size, stride=2, padding=1, groups=layer.groups, bias=False
        ).requires_grad_(False)
        ones.weight.fill_(1.0)
        assert energy.operations(nn.Sequential(layer), x)[0].macs == ones(torch.ones_like(x)).sum().item()


def test_skipping_zeros_counts_products_of_nonzeros():
    layer = nn.Linear(4, 3, bias=False)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([[1.0, 0, 0, 2], [0, 0, 0, 0], [3, 4, 0, 0]]))
    x = torch.tensor([[1.0, 0, 5, 1], [0, 0, 0, 0]])
    (cost,) = energy.operations(nn.Sequential(layer), x, skip_zeros=True)
    assert cost.macs == 3 / 2 and cost.weights == 4  # products 1*1, 1*2, 1*3 for the first image, none for the second


def test_counting_leaves_no_hooks_behind_when_the_network_fails():
    network = nn.Sequential(nn.Linear(4, 3), nn.Linear(4, 3))
    with pytest.raises(RuntimeError):
        energy.operations(network, torch.zeros(1, 4))
    assert not any(m._forward_hooks for m in network.modules())


def test_the_bill_by_hand():
    costs = [energy.Cost("a", macs=1000, weights=100, activations=50)]
    bill = energy.joules(costs, "float32", "DRAM")
    assert bill.arithmetic == pytest.approx(1000 * 4.6e-12) and bill.memory == pytest.approx(150 / 2 * 1950e-12)
    assert bill.total == bill.arithmetic + bill.memory
    many = energy.joules(costs, "int8", "DRAM", images_at_once=100)
    assert many.memory == pytest.approx((1 + 50) / 8 * 1950e-12) and many.arithmetic == pytest.approx(1000 * 0.3e-12)


def test_a_number_without_a_published_energy_is_refused():
    with pytest.raises(ValueError, match="no published energy for 'float8'.*known numbers: float32, float16, int8"):
        energy.joules([], "float8")


# ---- smaller copies


def test_pruning_takes_the_smallest_and_leaves_the_original_alone():
    network = ConvNet(4)
    before = [p.clone() for p in network.parameters()]
    pruned = compression.prune(network, 0.75)
    sizes = torch.cat([w.abs().flatten() for w in compression.weights(network)])
    kept = torch.cat([(w != 0).flatten() for w in compression.weights(pruned)])
    assert kept.float().mean() == pytest.approx(0.25, abs=0.001) and sizes[kept].min() > sizes[~kept].max()
    assert all(torch.equal(a, b) for a, b in zip(before, network.parameters()))
    with pytest.raises(ValueError, match="share=1 is not from 0 to below 1"):
        compression.prune(network, 1)


@pytest.mark.parametrize("bits", [2, 3, 8])
def test_quantised_weights_take_few_values_and_err_by_half_a_step_at_most(bits):
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(40, 30))
    small = compression.quantise(network, bits)[0].weight
    step = network[0].weight.abs().max() / (2 ** (bits - 1) - 1)
    assert len(small.unique()) <= 2**bits - 1 and (small - network[0].weight).abs().max() <= step / 2 + 1e-6


# ---- spikes


def _network():
    torch.manual_seed(1)
    return nn.Sequential(nn.Flatten(), nn.Linear(12, 20), nn.ReLU(), nn.Linear(20, 16), nn.ReLU(), nn.Linear(16, 3))


def test_rates_approach_activations_with_time():
    network, x = _network(), torch.rand(30, 3, 2, 2)
    scores = rate_spikes.spikes(network, x, 2000).scores
    with torch.inference_mode():
        wanted = network(x)
    missed = [(scores[t - 1] - wanted).abs().mean().item() for t in (20, 200, 2000)]
    # To the end a little is missed: the few most active units would need more than a spike a step.
    assert missed[0] > 5 * missed[1] > 10 * missed[2] and missed[2] < 0.001


def test_additions_are_spikes_times_the_neurons_they_reach():
    silent = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 5))
    with torch.no_grad():
        silent[0].weight.fill_(0)
        silent[0].bias.copy_(torch.tensor([1.0, 0.5, -1]))
    answer = rate_spikes.spikes(silent, torch.rand(4, 2), 8)
    # the first neuron fires in each step, the second in every other, the third never
    assert answer.additions[-1] == (8 + 4) * 5 and answer.rate == pytest.approx(12 / 24)
    assert np.all(np.diff(answer.additions.numpy()) >= 0)


def test_only_relu_networks_can_be_run_in_spikes():
    with pytest.raises(
        ValueError, match="only Linear, ReLU, ..., Linear can be run in spikes; got Linear, Tanh, Linear"
    ):
        rate_spikes.spikes(nn.Sequential(nn.Linear(2, 2), nn.Tanh(), nn.Linear(2, 2)), torch.zeros(1, 2), 3)
    with pytest.raises(ValueError, match="without a hidden layer"):
        rate_spikes.spikes(nn.Sequential(nn.Linear(2, 2)), torch.zeros(1, 2), 3)
