"""Networks from outside: each sees its own size and crop, large layers are reduced, what cannot be is said at once."""

import copy

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from kit import faces, networks, study
from kit.faces import views
from kit.networks import activations, reduction
from kit.study import looks, panels, probes, results, spaces
from kit.study.design import Design
from kit.study.library import Library

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
SERIES = panels.Series("Mei", 0, "60+50", 4)


class Seen:
    """A system that says what it was shown: size of the pictures, and their mean colour on a 2 x 2 grid."""

    def __init__(self, **look) -> None:
        self.__dict__ |= look
        self.shown = []

    def embed(self, images):
        self.shown.append(images.shape[1])
        n, half = len(images), images.shape[1] // 2
        return images.reshape(n, 2, half, 2, half, 3).mean((2, 4)).reshape(n, -1).astype(np.float32)


def net(channels=3, side=8):
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(channels, 4, 8, 8), nn.ReLU(), nn.Flatten(), nn.Linear(4 * side * side, 6))


# ---- size and crop


def test_each_system_is_shown_its_own_size_and_crop_of_the_same_faces(tmp_path):
    systems = {"plain": Seen(), "large": Seen(size=128), "head": Seen(size=128, crop="head"), "twin": Seen(size=128)}
    library = Library(tmp_path, systems)
    library.fill(SERIES, jobs=1)
    trials, found = SERIES.trials(), library.read(SERIES)
    for name, (size, frame) in {"plain": (64, "face"), "large": (128, "face"), "head": (128, "head")}.items():
        wanted = Seen().embed(trials.faces.render(size, frame=frame))
        np.testing.assert_array_equal(found[name], wanted, err_msg=name)
    np.testing.assert_array_equal(found["twin"], found["large"])
    assert np.abs(found["head"] - found["large"]).max() > 5, "another crop is another picture"
    assert list(found) == ["shape", "texture", "plain", "large", "head", "twin"]


def test_systems_that_see_alike_share_the_pictures(monkeypatch):
    drawn = []
    draw = looks.Look.draw
    monkeypatch.setattr(looks.Look, "draw", lambda look, *a: drawn.append((look.size, look.crop)) or draw(look, *a))
    spaces.look_at(SERIES.trials().faces[:3], {"a": Seen(), "b": Seen(size=128), "c": Seen(), "d": Seen(size=128)})
    assert sorted(drawn) == [(64, "face"), (128, "face")]


def test_pictures_are_drawn_a_few_at_a_time_and_the_features_are_the_same(monkeypatch):
    people, system = SERIES.trials().faces[:7], Seen(size=128)
    whole = spaces.look_at(people, {"a": system})["a"]
    monkeypatch.setattr(looks, "MOST", 3 * 3 * 128**2)
    system.embed = lambda images, embed=system.embed: (pieces.append(len(images)), embed(images))[1]
    pieces = []
    np.testing.assert_allclose(spaces.look_at(people, {"a": system})["a"], whole, atol=0.01)
    assert pieces == [3, 3, 1]


def test_turned_faces_are_turned_for_every_system():
    people, turned = SERIES.trials().faces[:2], views.draw_views("turned", 2, 0)
    found = spaces.look_at(people, {"a": Seen(size=128)}, turned)["a"]
    np.testing.assert_array_equal(found, Seen().embed(people.render(128, frame="face", **turned.angles)))


def test_a_comparison_says_what_each_system_was_shown(tmp_path):
    tiny = Design(("Mei",), observers=1, controls=(), trials=90, pixels=2, pixels_long=0, folds=3, shifts=2)
    systems = {"mine": networks.wrap(net(side=4), "1", size=32, crop="head"), "patches": Seen()}
    found = study.run(tiny, systems=systems, folder=tmp_path)
    about = found.catalogue.set_index("space")[["image_size", "crop"]]
    assert about.loc[["shape", "mine", "patches"]].to_numpy().tolist() == [[0, ""], [32, "head"], [64, "face"]]
    page = study.report(found, tmp_path / "report.html").read_text()
    assert "32 x 32 pixels" in page and ">head</td>" in page
    again = study.Results.load(found.save(tmp_path / "kept"))
    pd.testing.assert_frame_equal(again.catalogue, found.catalogue)


def test_comparisons_that_were_saved_before_crops_are_read(tmp_path):
    rows = [("shape", "model", 60, 0), ("viae", "trained", 128, 64)]
    table = pd.DataFrame(rows, columns=["space", "role", "dimensions", "image_size"])
    table.to_csv(tmp_path / "catalogue.csv", index=False)
    assert results._read(tmp_path, "catalogue")["crop"].tolist() == ["", "face"]


# ---- wrap


def test_normalisation_is_what_the_training_did():
    module = net()
    images = faces.load().sample(3, rng=0).render(**networks.SEEN)
    tensor = torch.from_numpy(images / 255).permute(0, 3, 1, 2).float()
    wanted = module.eval()((tensor - torch.tensor(MEAN)[:, None, None]) / torch.tensor(STD)[:, None, None])
    found = networks.wrap(module, size=64, mean=MEAN, std=STD).embed(images)
    np.testing.assert_allclose(found, wanted.detach().numpy(), atol=1e-5)
    twice = networks.wrap(module, size=64, preprocess=lambda x: x / 2, mean=[m / 2 for m in MEAN], std=STD)
    np.testing.assert_allclose(twice.embed(images), module((tensor - torch.tensor(MEAN)[:, None, None]) / 2
                               / torch.tensor(STD)[:, None, None]).detach().numpy(), atol=1e-5)  # fmt: skip


def test_pictures_of_another_size_are_refused():
    network = networks.wrap(net(), size=64)
    with pytest.raises(ValueError, match=r"was trained at 64 x 64 pixels; these have 32 x 32: render\(size=64\)"):
        network.embed(np.zeros((2, 32, 32, 3), np.uint8))


class Vision(nn.Module):
    """Wants the size that it was made for, as vision transformers do."""

    img_size = (224, 224)

    def forward(self, x):
        assert x.shape[2:] == self.img_size, f"Input height {x.shape[2]} doesn't match model (224)."
        return x.flatten(1)[:, :5]


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: networks.wrap(net(), size=224), r"does not take a picture of 224 x 224.*choose the size"),
        (lambda: networks.wrap(net(1), size=64), r"takes grey pictures: preprocess=lambda x: x\.mean\(1, keep"),
        (lambda: networks.wrap(net(5), size=64), "its first convolution takes 5 channels"),
        (lambda: networks.wrap(Vision(), size=64), "it was made for 224 x 224: size=224"),
        (lambda: networks.wrap(net(), "4.conv", size=64), "no layer '4.conv'; near it are"),
        (lambda: networks.wrap(net(), size="224"), "size must be a whole number of pixels, 8 to 2048; got '224'"),
        (lambda: networks.wrap(net(), crop="nose"), "crop must be one of face, head; got 'nose'"),
        (lambda: networks.wrap(net(), mean=MEAN, std=(1, 1)), "need 3 numbers each .* got 3 and 2"),
        (lambda: networks.wrap(net(), mean=(123.7, 116.3, 103.5), std=(58, 57, 57)), "values 0 to 255.*divide by 255"),
        (lambda: networks.wrap(net(), mean=MEAN, std=(0, 1, 1)), "std above 0"),
        (lambda: networks.wrap(net(), mean=(np.nan, 0, 0)), "must be finite"),
    ],
)  # fmt: skip
def test_what_a_network_does_not_take_is_said_when_it_is_wrapped(make, told):
    with pytest.raises(ValueError, match=told):
        make()


def test_a_grey_network_works_as_the_message_says():
    network = networks.wrap(net(1), size=64, preprocess=lambda x: x.mean(1, keepdim=True), mean=[0.5], std=[0.2])
    assert network.embed(np.zeros((2, 64, 64, 3), np.uint8)).shape == (2, 6)


# ---- memory and speed


def test_fewer_pictures_at_a_time_where_maps_are_large(monkeypatch):
    module, seen = net(), []
    module[0].register_forward_hook(lambda _m, _i, out: seen.append(len(out)))
    images = np.random.default_rng(0).integers(0, 256, (9, 64, 64, 3), dtype=np.uint8)
    whole = networks.wrap(module).embed(images)
    assert seen[-1] == 9, "small maps: all that there are, up to 32"
    monkeypatch.setattr(activations, "MEMORY", 4 * 4 * (3 * 64 * 64) * 2)  # two pictures
    seen.clear()
    np.testing.assert_allclose(networks.wrap(module).embed(images), whole, atol=1e-5)
    assert max(seen) == 2 and seen[-5:] == [2, 2, 2, 2, 1]


@pytest.mark.slow
def test_a_wrapped_network_is_about_as_fast_as_torch_itself():
    """Benchmarks measure it exactly (benchmarks/networks.py); here: nothing is done twice."""
    module = nn.Sequential(nn.Conv2d(3, 32, 7, 2, 3), nn.ReLU(), nn.Conv2d(32, 64, 3, 2, 1), nn.ReLU(), nn.Flatten())
    images = np.random.default_rng(0).integers(0, 256, (96, 224, 224, 3), dtype=np.uint8)
    network = networks.projected(networks.wrap(module, size=224), 64)
    passes = []
    module.register_forward_hook(lambda _m, i, _o: passes.append(len(i[0])))
    network.embed(images)
    passes.clear()
    network.embed(images)
    assert sum(passes) <= len(images) + 1


# ---- large layers


def test_a_projection_is_seeded_keeps_distances_and_says_what_it_costs():
    images = faces.load().sample(12, rng=1).render(**networks.SEEN)
    wide = networks.wrap(nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.ReLU()))
    small = networks.projected(wide, 512, seed=3)
    found = small.embed(images)
    assert found.shape == (12, 512) and found.dtype == np.float32
    np.testing.assert_array_equal(found, networks.projected(wide, 512, seed=3).embed(images))
    assert np.abs(found - networks.projected(wide, 512, seed=4).embed(images)).max() > 0
    assert 0 < small.loss(images) < 0.12, "in theory about .03"
    assert networks.projected(wide, 8).loss(images) > 2 * small.loss(images)
    truth, kept = wide.embed(images).astype(float), found.astype(float)
    ratio = np.linalg.norm(kept[0] - kept[1]) / np.linalg.norm(truth[0] - truth[1])
    assert ratio == pytest.approx(1, abs=0.15)


def test_a_projected_classifier_of_the_zoo_is_compared_like_any_other(tmp_path):
    system = networks.projected(networks.load("classid").at("encoder.block2"), 32)
    tiny = Design(("Mei",), observers=1, controls=(), trials=90, pixels=2, pixels_long=0, folds=3, shifts=2)
    found = study.run(tiny, systems={"mine": system}, folder=tmp_path)
    about = found.catalogue.set_index("space").loc["mine"]
    assert about[["role", "dimensions", "image_size"]].tolist() == ["other", 32, 64]
    weights = probes.probe({"mine": system})["mine"]
    changed = copy.deepcopy(system.system.module)
    changed.heads["identity"].bias.data += 1
    other = networks.projected(networks.wrap(changed, "encoder.block2"), 32)
    prints = [probes.fingerprint({"mine": s}, {"mine": weights}) for s in (system, other)]
    assert prints[0] != prints[1], "weights behind the layer count, too"


def test_what_is_small_is_left_as_it_is():
    images = np.random.default_rng(0).integers(0, 256, (4, 64, 64, 3), dtype=np.uint8)
    network = networks.wrap(net())
    np.testing.assert_array_equal(networks.projected(network, 100).embed(images), network.embed(images))
    assert networks.projected(network, 100).loss(images) == 0
    with pytest.raises(ValueError, match="dimensions must be a whole number above 0; got 0"):
        networks.projected(network, 0)
    with pytest.raises(ValueError, match="5 features cannot be projected to 6 dimensions"):
        reduction.projection(5, 6)
