"""Layers from input to output: one pass gives what each layer gives alone, and planted layers are told apart."""

import numpy as np
import pytest
import torch
from torch import nn

from kit import faces, networks, study
from kit.behavior import observers
from kit.networks.scan import scan_layers
from kit.study import panels
from kit.study.layer_scan import Layers
from kit.widgets import layer_picker

IMAGES = np.random.default_rng(0).integers(0, 256, (40, 32, 32, 3), dtype=np.uint8)


class Block(nn.Module):
    """A convolution whose normalisation is overwritten by what follows, as in most residual networks."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.act, self.idle = nn.Conv2d(3, 6, 4, 4), nn.ReLU(inplace=True), nn.Linear(2, 2)

    def forward(self, x):
        return self.act(self.conv(x))


def module():
    torch.manual_seed(0)
    return nn.Sequential(Block(), nn.Flatten(), nn.Linear(384, 20), nn.Tanh())


def test_one_pass_gives_what_each_layer_gives_alone():
    network, passes = networks.wrap(module()), []
    found = scan_layers(network, IMAGES, dimensions=500)
    assert list(found.features) == ["0.conv", "0.act", "2", "3"], "0 is 0.act, 1 is 0.act flattened, idle is not used"
    for name, values in found.features.items():
        np.testing.assert_allclose(values, network.at(name).embed(IMAGES), atol=1e-6, err_msg=name)
    network.module.register_forward_hook(lambda _m, i, _o: passes.append(len(i[0])))
    scan_layers(network, IMAGES, ["0.conv", "2", "3"])
    assert sum(passes) <= len(IMAGES) + 6, "all layers in one pass; some pictures more to look at the module first"
    assert found.losses == dict.fromkeys(found.features, 0) and found.sizes["0.conv"] == 384


def test_large_layers_are_projected_by_a_seed_and_the_loss_is_said():
    network = networks.wrap(module())
    one, again, other = (scan_layers(network, IMAGES, dimensions=64, seed=s) for s in (1, 1, 2))
    assert one.features["0.act"].shape == (40, 64) and one.sizes["0.act"] == 384
    np.testing.assert_array_equal(one.features["0.act"], again.features["0.act"])
    assert not np.array_equal(one.features["0.act"], other.features["0.act"])
    assert 0 < one.losses["0.act"] < 0.3 and one.losses["2"] == 0
    kept = networks.projected(network.at("0.act"), 64, seed=1).embed(IMAGES)
    np.testing.assert_allclose(one.features["0.act"], kept, atol=1e-5)


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["0.cnv"], "no layer '0.cnv'; near it are 0.conv"),
        (["0.idle"], "layer '0.idle' was not used, or gives no row for each picture"),
    ],
)
def test_layers_that_cannot_be_read_are_named(names, told):
    with pytest.raises(ValueError, match=told):
        scan_layers(networks.wrap(module()), IMAGES, names)


def test_a_layer_with_nan_is_named():
    class Log(nn.Module):
        def forward(self, x):
            return torch.log(x - 10)

    with pytest.raises(ValueError, match="layer '1' gives nan"):
        scan_layers(networks.wrap(nn.Sequential(nn.Conv2d(3, 2, 8, 8), Log())), IMAGES)


@pytest.fixture(scope="module")
def found() -> Layers:
    torch.manual_seed(0)
    blind = nn.Conv2d(3, 2, 8, 8)
    nn.init.zeros_(blind.weight)
    eye = nn.Sequential(nn.AvgPool2d(8), nn.Flatten(), nn.Linear(192, 40))
    network = nn.ModuleDict({"eye": eye, "blind": blind})
    network.forward = lambda x: (network["blind"](x), network["eye"](x))[1]
    series = panels.Series("Leo", 0, "8+8", 360)
    everyone = [panels.answer(observers.special(faces.load())[name], series) for name in ("shape user", "texture user")]
    return study.layers(networks.wrap(network, output=None), everyone, dimensions=150)


def test_layers_are_scored_and_the_blind_one_is_left_out(found):
    assert found.left_out == ["blind"]
    table = found.summary()
    assert list(table.index) == ["eye.0", "eye.2"], "eye.1 is eye.0 flattened, eye is eye.2"
    assert table.loc["eye.0", ["features", "kept"]].tolist() == [192, 150] and 0 < table.loc["eye.0", "loss"] < 0.3
    assert table.loc["eye.2", "loss"] == 0
    assert (table["mi_low"] <= table["mi"]).all() and (table["mi"] <= table["mi_high"]).all()
    assert (table["texture"] > 0.2).all(), "mean colours hold texture"
    by = found.scores.groupby(["observer", "space"])[["mi", "with_shape", "with_texture"]].mean()
    told = by.loc[("texture user", "eye.2")]
    assert told["with_texture"] > 2 * max(told["with_shape"], 0.01)
    assert by.loc[("shape user", "shape"), "with_shape"] == pytest.approx(by.loc[("shape user", "shape"), "mi"])


def test_the_figure_and_its_words_hold_the_numbers(found):
    drawn, said, table = study.layer_figure(found), study.describe_layers(found), found.summary()
    lines = {trace.name: trace for trace in drawn.data}
    assert list(lines["information about the ratings"].x) == ["eye.0", "eye.2"]
    np.testing.assert_allclose(lines["redundant with texture"].y, table["with_texture"])
    assert len({trace.line.dash for trace in drawn.data[:3]}) == 3, "lines differ by more than their colour"
    best = table["mi"].idxmax()
    assert f"{best} tells most about the ratings, {table.loc[best, 'mi']:.3f} bits" in said
    assert "1 layer was reduced to 150 numbers" in said


def test_without_answers_that_can_be_scored_nothing_begins():
    series = panels.Series("Leo", 0, "8+8", 20)
    few = panels.answer(observers.special(faces.load())["null"], series)
    with pytest.raises(ValueError, match="no ratings can be scored"):
        study.layers(networks.wrap(module()), [few])


def test_the_widget_tells_of_the_layer_that_was_picked(found):
    table = found.summary()
    first, last = (layer_picker.describe(table, {"layer": k}) for k in (1, 2))
    row = table.loc["eye.0"]
    assert first.startswith("eye.0, layer 1 of 2: 192 features, 150 of them by projection. It tells ")
    assert f"{row['mi']:.3f} bits" in first and f"{max(row['shape'], 0):.0%} can be read" in first
    assert last.startswith("eye.2, layer 2 of 2: 40 features. ")
    drawn = [layer_picker.figure(table, k) for k in (1, 2)]
    assert drawn[0] != drawn[1] and all(name in drawn[0] for name in layer_picker.LINES)
    assert layer_picker.controls(table)[0].controls[0].high == 2
