"""Synapses, spikes and gradients: rules by hand, closed forms, an independent package, and what a race holds equal."""

import math

import numpy as np
import pandas as pd
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from kit.files import data as shipped
from kit.networks.inside import inversion
from kit.networks.richer import biological as bio
from kit.networks.richer import spiking
from kit.networks.richer import synapse_race as race

SIZES = (6, 8, 8, 3)


def dice(seed=0):
    return torch.Generator().manual_seed(seed)


def batch(n=16, inputs=6, seed=1):
    return torch.randn(n, inputs, generator=dice(seed)), torch.arange(n) % 3


# ---- plasticity diversity


def test_plasticities_are_uniform_round_one():
    rates = bio.plasticity(torch.empty(400, 500), dice())
    assert rates.min() > 0.84 and rates.max() < 1.16
    assert rates.mean() == pytest.approx(1, abs=1e-3)
    assert rates.var() == pytest.approx(0.32**2 / 12, rel=0.02)  # of U(1 - v, 1 + v): (2 v)^2 / 12
    quarters = torch.quantile(rates.flatten()[:100000], torch.tensor([0.25, 0.5, 0.75]))
    assert quarters.tolist() == pytest.approx([0.92, 1, 1.08], abs=3e-3)
    with pytest.raises(ValueError, match="from 0 to 1"):
        bio.plasticity(torch.empty(3), dice(), 1.2)


def test_crystallised_synapses_by_hand():
    weight = torch.tensor([1.0, -1.0, 0.5, 0.0, 0.0, 0.1])  # mean size 2.6 / 6 = 0.4333
    change = torch.tensor([4e-5, -5e-5, 0.44, 0.0, 1e-9, -0.43])
    assert bio.crystallised(weight, change).tolist() == [True, False, True, False, False, False]


def test_scaling_multiplies_by_lambda_and_by_a_crystal_factor_only_where_due():
    net = bio.layered(SIZES)
    inputs, labels = batch()
    diversity = bio.PlasticityDiversity(net, seed=3)
    F.cross_entropy(net(inputs), labels).backward()
    before = [w.grad.clone() for w in diversity.weights]
    diversity.weights[0].grad[0, 0] = before[0][0, 0] = 0.0  # settled
    diversity.weights[0].grad[0, 1] = before[0][0, 1] = 9.0  # far too large
    biases = net[1].bias.grad.clone()
    diversity.scale()
    for weight, grad, rates in zip(diversity.weights, before, diversity.rates):
        factor = torch.where(bio.crystallised(weight.detach(), grad), 0.6, 1.0)
        assert torch.allclose(weight.grad, grad * rates * factor)
    assert weight.grad.shape == (3, 8) and len(before) == 3
    assert diversity.weights[0].grad[0, 1] == pytest.approx(9 * 0.6 * float(diversity.rates[0][0, 1]))
    assert torch.equal(net[1].bias.grad, biases)


def test_plasticity_is_fixed_and_needs_a_step_in_proportion_to_the_gradient():
    """Adam divides a constant factor out again; plain descent does not."""

    def after(optimizer_of, variability):
        net = bio.layered(SIZES)
        diversity = bio.PlasticityDiversity(net, variability, seed=0, crystallise=False)
        first, optimizer = [r.clone() for r in diversity.rates], optimizer_of(net.parameters())
        inputs, labels = batch()
        for _ in range(20):
            optimizer.zero_grad()
            F.cross_entropy(net(inputs), labels).backward()
            diversity.scale()
            optimizer.step()
        assert all(torch.equal(a, b) for a, b in zip(first, diversity.rates))
        return torch.cat([p.detach().flatten() for p in net.parameters()])

    adam = [after(lambda p: torch.optim.Adam(p, 1e-2, eps=1e-16), v) for v in (0.0, 0.16)]
    descent = [after(lambda p: torch.optim.SGD(p, 1e-1), v) for v in (0.0, 0.16)]
    assert torch.allclose(*adam, atol=1e-4) and not torch.allclose(*descent, atol=1e-3)


# ---- spine remodelling


def test_remodelling_redraws_exactly_the_thin_spines():
    net = bio.layered((50, 40, 10), seed=2)
    before = [w.detach().clone() for w in bio.weights(net)]
    share = bio.remodel(net, dice(7))
    again, lost, total = dice(7), 0, 0
    for old, new in zip(before, bio.weights(net)):
        thin = old.abs() < (old.abs().max() / 8 * torch.randn(old.shape, generator=again)).abs()
        torch.rand(old.shape, generator=again)
        assert torch.equal(new != old, thin)
        assert new.abs().max() <= old.abs().max()
        lost, total = lost + int(thin.sum()), total + old.numel()
    assert share == pytest.approx(lost / total) and 0.05 < share < 0.15
    # Uniform weights, one in [-1, 1]: the chance to be thin is E|N(0, 1/8)| = sqrt(2 / pi) / 8.
    uniform = 2 * torch.rand(1000, 1000, generator=dice(1)) - 1
    assert float(bio.thin(uniform, dice(2)).float().mean()) == pytest.approx(math.sqrt(2 / math.pi) / 8, abs=2e-3)


def test_a_large_weight_is_never_lost():
    layer = nn.Linear(4, 1)
    layer.weight.data = torch.tensor([[1.0, -1.0, 0.0, 1e-6]])
    for seed in range(20):
        bio.remodel(layer, dice(seed))
        assert layer.weight.data[0, :2].tolist() == [1, -1]
        layer.weight.data[0, 2:] = torch.tensor([0.0, 1e-6])


# ---- multi-synaptic links


def test_multi_synaptic_links_are_a_product_with_blocks_of_ones():
    units = torch.rand(5, 12, generator=dice())
    blocks = torch.block_diag(*[torch.ones(3, 3)] * 4)
    assert torch.allclose(bio.MultiSynaptic(12, 3)(units), units @ blocks)
    assert torch.equal(bio.MultiSynaptic(12, 1)(units), units)


def test_groups_have_to_divide_the_width():
    with pytest.raises(ValueError, match=r"groups of 5 do not divide 12 units; choose one of \[1, 2, 3, 4, 6, 12\]"):
        bio.MultiSynaptic(12, 5)


def test_multi_synaptic_networks_begin_alike_and_spare_the_last_layer():
    plain, linked = bio.layered(SIZES, seed=4), bio.layered(SIZES, group=2, seed=4)
    assert [tuple(p.shape) for p in plain.parameters()] == [tuple(p.shape) for p in linked.parameters()]
    assert all(torch.equal(a, b) for a, b in zip(plain.parameters(), linked.parameters()))
    assert [type(m).__name__ for m in linked] == ["Flatten", *2 * ["Linear", "ReLU", "MultiSynaptic"], "Linear"]


def test_the_synapses_of_a_link_act_as_their_sum():
    units, layer = torch.rand(5, 12, generator=dice()), nn.Linear(12, 7)
    sums = units.view(5, 4, 3).sum(-1)
    assert torch.allclose(layer(bio.MultiSynaptic(12, 3)(units)), bio.collapsed(layer, 3)(sums), atol=1e-6)


# ---- Dale's law


def test_signs_stay_whatever_is_learned():
    torch.manual_seed(0)
    layer = bio.DaleLinear(10, 3)
    net = nn.Sequential(nn.Linear(6, 10), nn.ReLU(), layer)
    inputs, labels = batch(60)
    optimizer, first = torch.optim.SGD(net.parameters(), 0.5), F.cross_entropy(net(inputs), labels).item()
    for _ in range(200):
        optimizer.zero_grad()
        loss = F.cross_entropy(net(inputs), labels)
        loss.backward()
        optimizer.step()
    acting = layer.effective.detach()
    assert (acting[:, :8] >= 0).all() and (acting[:, 8:] <= 0).all() and loss.item() < 0.8 * first
    assert (layer.weight < 0).any()  # it tried


def test_excitation_and_inhibition_balance_at_first():
    torch.manual_seed(0)
    drive = bio.DaleLinear(500, 200)(torch.ones(1, 500)).detach()
    assert abs(float(drive.mean())) < 0.05 * float(bio.DaleLinear(500, 200).effective.detach().abs().sum(1).mean())
    with pytest.raises(ValueError, match="take more inputs"):
        bio.DaleLinear(2, 3, 0.9)


# ---- spikes


@pytest.mark.parametrize("current", [0.05, 0.1001, 0.15, 0.3, 0.99, 1.5])
def test_the_first_spike_comes_when_the_closed_form_says(current):
    spikes, voltage = spiking.integrate(torch.full((200, 1), current, dtype=torch.float64))
    when = spiking.first_spike(current)
    found = torch.nonzero(spikes[:, 0]).flatten()
    assert when == (int(found[0]) if len(found) else None)
    until = 200 if when is None else when
    steps = torch.arange(1, until + 1, dtype=torch.float64)
    assert torch.allclose(voltage[:until, 0], current * (1 - 0.9**steps) / 0.1)


def test_spikes_set_the_membrane_back_by_the_threshold():
    spikes, voltage = spiking.integrate(torch.tensor([1.5, 0.0, 0.0])[:, None])
    assert spikes[:, 0].tolist() == [1, 0, 0]
    assert voltage[:, 0].tolist() == pytest.approx([1.5, 0.9 * 1.5 - 1, 0.9 * 0.35])
    with pytest.raises(ValueError, match="never forgets"):
        spiking.integrate(torch.zeros(3, 1), decay=1.0)


def test_the_backward_pass_is_the_surrogate():
    above = torch.tensor([-0.3, -0.01, 0.0, 0.2], requires_grad=True)
    spiking.Spike.apply(above).sum().backward()
    assert above.grad.tolist() == pytest.approx([1 / 16, 1 / 1.21, 1.0, 1 / 9])


def test_membrane_spikes_and_gradients_are_those_of_snntorch():
    snntorch = pytest.importorskip("snntorch", reason="the optional oracle is missing: pip install snntorch")
    from snntorch import surrogate

    current = torch.rand(40, 6, generator=dice()) * 0.6
    neuron = snntorch.Leaky(beta=0.9, spike_grad=surrogate.fast_sigmoid(slope=spiking.SLOPE))
    theirs, ours = current.clone().requires_grad_(), current.clone().requires_grad_()
    memory, seen = torch.zeros(6), []
    for step in theirs:
        spike, memory = neuron(step, memory)
        seen.append((spike, memory))
    spikes, voltage = spiking.integrate(ours)
    assert torch.equal(spikes, torch.stack([s for s, _ in seen])) and spikes.sum() > 20
    assert torch.allclose(voltage, torch.stack([m for _, m in seen]), atol=1e-6)
    weights = torch.randn(6, generator=dice(5))
    (torch.stack([s for s, _ in seen]) @ weights).sum().backward()
    (spikes @ weights).sum().backward()
    assert torch.allclose(ours.grad, theirs.grad, atol=1e-6)


def test_a_spiking_network_learns_by_its_surrogate():
    torch.manual_seed(0)
    net, (inputs, labels) = spiking.SpikingNet(6, 40, 3), batch(30)
    inputs[:, 0] += 3.0 * labels
    optimizer = torch.optim.Adam(net.parameters(), 0.02)
    for _ in range(80):
        optimizer.zero_grad()
        F.cross_entropy(net(inputs), labels).backward()
        optimizer.step()
    assert float((net(inputs).argmax(1) == labels).float().mean()) > 0.9
    assert net.spikes(inputs).unique().tolist() == [0, 1]


# ---- gradients that betray, and the race


def test_the_formula_gives_the_picture_back_exactly():
    net, image = bio.layered((36, 20, 20, 3), group=4), torch.randn(1, 1, 6, 6, generator=dice())
    shared = inversion.shared_gradient(net, image, 1)
    assert torch.allclose(inversion.by_formula(*shared[:2]), image.flatten(), atol=1e-4)
    with pytest.raises(ValueError, match="no unit of the layer was active"):
        inversion.by_formula(torch.zeros(3, 4), torch.zeros(3))


def test_matching_finds_the_picture_and_does_not_without_its_gradient():
    net, image = bio.layered((64, 40, 40, 3)), torch.linspace(-1, 1, 64).view(1, 1, 8, 8)
    shared = inversion.shared_gradient(net, image, 1)
    rebuilt = inversion.by_matching(net, shared, 1, (1, 8, 8))
    assert inversion.similarity(rebuilt, image) > 0.9
    noise = [torch.randn(g.shape, generator=dice(k)) for k, g in enumerate(shared)]
    assert abs(inversion.similarity(inversion.by_matching(net, noise, 1, (1, 8, 8)), image)) < 0.5


@pytest.fixture(scope="module")
def data():
    return {"train": race.pictures(300, 0), "validation": race.pictures(100, 1), "test": race.pictures(100, 2)}


def test_pictures_are_small_grey_and_centred(data):
    images, who = data["train"]
    assert images.shape == (300, 1, 24, 24) and images.min() >= -1 and images.max() <= 1
    assert who.unique().tolist() == list(range(8))


def test_runners_start_alike_and_the_same_seed_runs_the_same(data):
    one, two = (race.train(race.RULES["plain"], data["train"], 1, seed=5)[0] for _ in range(2))
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), two.parameters()))
    row = race.run("multi-synaptic links", 0.03, 0, data, epochs=12)
    assert row["validation"] > 0.3 and 0 <= row["noisy"] <= 1 and row["rule"] == "multi-synaptic links"


def test_the_epoch_of_a_level():
    assert race.epochs_to([0.1, 0.7, 0.6, 0.9]) == 2 and race.epochs_to([0.1, 0.2]) == math.inf


def test_betrayal_of_a_rule_that_changes_no_gradient_is_complete(data):
    plain = race.betrayal("multi-synaptic links", data["test"], 0, steps=5)
    diverse = race.betrayal("plasticity diversity", data["test"], 0, steps=5)
    assert inversion.similarity(plain["formula"], plain["picture"]) > 0.9999
    assert 0.9 < inversion.similarity(diverse["formula"], diverse["picture"]) < 0.9999
    assert np.isfinite(diverse["matching"].numpy()).all()


def test_shipped_results_are_whole_small_and_say_what_the_lesson_says():
    table = pd.read_csv(shipped.verified("neurons/synapses.csv"))
    assert (table.groupby(["rule", "rate"]).seed.nunique() == 8).all() and set(table.rule) == set(race.RULES)
    means = table.groupby(["rule", "rate"]).test.mean()
    assert means["multi-synaptic links", 0.003] > means["plain", 0.003] + 0.3  # ahead at a small rate,
    assert abs(means["multi-synaptic links"].max() - means["plain"].max()) < 0.05  # and level at each one's best
    assert sum(path.stat().st_size for path in (shipped.folder() / "neurons").iterdir()) < 50_000
