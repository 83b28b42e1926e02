"""Maps of what observers go by: counted, grey where nothing is diagnostic, and the right region with its margin."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from planted_results import planted

from kit import faces
from kit.study import maps

K, M = 60, 50


def with_maps(identity="Leo", shape=3, texture=2, still=0, found=None):
    """Results of one series whose maps are those of an observer who uses the nose; "net" uses the eyes."""
    regions = maps.region_maps(identity)
    observed = np.ones(K + M)
    observed[K - still : K] = 0
    marked = np.zeros(K + M)
    marked[:shape], marked[K : K + texture] = 1, 1
    slope = np.r_[np.linspace(-0.2, 0.2, K), np.linspace(0.3, -0.1, M)]
    found = {"observer": regions["nose"], "net": -regions["eyes"]} if found is None else found
    arrays = {"diagnostic": marked, "statistic": observed, "map truth": regions["whole face"]}
    arrays |= {f"map {name}": values for name, values in found.items()}
    arrays |= {f"template {name}": np.stack([0 * slope, sign * slope]) for name, sign in (("observer", 1), ("net", -1))}
    likeness = pd.DataFrame({"series": ["a", "a"], "identity": [identity] * 2, "system": ["observer", "net"]})
    return replace(planted(), likeness=likeness, maps={f"a/{name}": array for name, array in arrays.items()})


def colour(picture):
    """How far each pixel is from grey."""
    return np.ptp(picture.astype(int), axis=-1)


def test_diagnostic_coefficients_are_counted_among_those_that_vary():
    counts = maps.diagnostic_counts(with_maps(still=7))
    assert counts.loc["Leo"].to_dict() == {"shape": 3, "of shape": 53, "texture": 2, "of texture": 50}


def test_shape_maps_are_grey_where_nothing_is_diagnostic_but_the_true_face():
    truth, observer, net = maps.surface_pictures(with_maps(shape=0), ["net"], size=48)["Leo"]
    assert colour(truth).max() > 60 and colour(observer).max() < 12 and colour(net).max() < 12
    truth, observer, net = maps.surface_pictures(with_maps(shape=1), ["net"], size=48)["Leo"]
    assert min(colour(truth).max(), colour(observer).max(), colour(net).max()) > 60


def test_texture_maps_are_grey_where_nothing_is_diagnostic_but_the_true_face():
    truth, observer, net = maps.texture_pictures(with_maps(texture=0), ["net"], size=48)["Leo"]
    assert colour(truth).max() > 60 and colour(observer).max() < 12 and colour(net).max() < 12
    truth, observer, net = maps.texture_pictures(with_maps(texture=1), ["net"], size=48)["Leo"]
    assert min(colour(truth).max(), colour(observer).max(), colour(net).max()) > 60


def test_lighter_is_orange_and_its_opposite_is_blue():
    _, observer, net = maps.texture_pictures(with_maps(), ["net"], size=48)["Leo"].astype(float)
    warm = [(picture[..., 0] - picture[..., 2]) for picture in (observer, net)]
    seen = np.abs(warm[0]) > 40
    assert seen.sum() > 20 and np.corrcoef(warm[0][seen], warm[1][seen])[0, 1] < -0.8


def test_the_observers_set_the_scale():
    """Twice the map is not twice the colour for observers, but for a system beside them."""
    nose = maps.region_maps("Leo")["nose"]
    alike = maps.surface_pictures(with_maps(found={"observer": nose, "net": nose}), ["net"], size=48)["Leo"]
    twice = maps.surface_pictures(with_maps(found={"observer": 2 * nose, "net": nose}), ["net"], size=48)["Leo"]
    assert np.array_equal(alike[1], alike[2])
    assert np.abs(alike[1].astype(int) - twice[1]).max() <= 1
    assert colour(twice[2]).mean() < 0.75 * colour(alike[2]).mean()
    assert np.abs(alike[0].astype(int) - twice[0]).max() <= 1, "the true face has a scale of its own"


def test_the_planted_region_is_named_with_its_margin():
    table = maps.region_likeness(with_maps(), ["net"]).set_index("system")
    assert table.loc["observer", "region"] == "nose" and table.loc["observer", "correlation"] == pytest.approx(1)
    regions = maps.region_maps("Leo")
    others = sorted((np.corrcoef(regions["nose"], m)[0, 1], name) for name, m in regions.items() if name != "nose")
    assert table.loc["observer", "next"] == others[-1][1]
    assert table.loc["observer", "margin"] == pytest.approx(1 - others[-1][0])
    assert table.loc["net", "correlation"] < 0.5, "the opposite of the eyes is like no region"
    assert list(table["identity"]) == ["Leo", "Leo"]


def test_no_region_is_named_where_no_shape_is_diagnostic():
    found = maps.region_likeness(with_maps(shape=0), ["net"])
    assert found.empty and list(found) == ["identity", "system", "region", "correlation", "next", "margin"]


def test_a_regions_map_lies_on_that_region():
    model, found = faces.load(), maps.region_maps("Mei")
    assert set(found) == {*model.regions, "whole face"}
    for name in ("nose", "mouth"):
        inside = model.regions[name]
        assert np.abs(found[name][inside]).mean() > 1.5 * np.abs(found[name][~inside]).mean(), name
