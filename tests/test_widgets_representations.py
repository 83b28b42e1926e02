"""What the widgets of lessons 08 and 09 compute and draw, without a browser."""

import numpy as np
import pytest
from legible import faint
from scipy.spatial.distance import pdist, squareform
from scipy.stats import spearmanr

from kit import faces, networks
from kit.widgets.latent_traversal import AXES, UNITS, LatentTraversal, spread
from kit.widgets.neighbours import NearestFaces
from kit.widgets.rdm_explorer import ComparedRdms, shades

RNG = np.random.default_rng(0)
MODEL = faces.load()
IMAGES = MODEL.sample(12, "female", 35, "asian", rng=0).render(64)


class Table:
    """A system with the features that it is given."""

    def __init__(self, features):
        self.features = features

    def embed(self, images):
        return self.features


# ---- nearest faces


def test_planted_neighbours_are_found_in_order_of_distance():
    person = np.repeat(np.arange(4), 3)
    features = 10.0 * person[:, None] + 0.1 * np.arange(12)[:, None]
    asked = {"system": "planted", "picture": 5}
    nearest = NearestFaces(IMAGES, person, {"planted": Table(features)})
    assert set(nearest.compute(asked)[:2]) == {3, 5} and 4 not in nearest.compute(asked)
    distance = np.abs(features[nearest.compute(asked), 0] - features[4, 0])
    assert np.all(np.diff(distance) >= 0)
    assert "2 show the same person" in nearest.describe(asked) and "2 others" in nearest.describe(asked)
    assert len(nearest.drawing(asked).pictures) == 7 and not faint(lambda: nearest.drawing(asked))


def test_a_gallery_without_names_is_refused():
    with pytest.raises(ValueError, match="give one a picture"):
        NearestFaces(IMAGES, np.arange(5), {})


# ---- latent traversal


def test_the_planted_directions_come_first():
    codes = RNG.normal(size=(400, 20)) * 0.1
    along = np.ones(20) / np.sqrt(20)
    codes += 3 * RNG.normal(size=(400, 1)) * along
    codes[:, 7] += 2 * RNG.normal(size=400)
    directions = spread(codes).directions
    assert np.argmax(np.abs(directions[UNITS][0])) == 7 and np.count_nonzero(directions[UNITS][0]) == 1
    first = directions[AXES][0]
    assert abs(first @ along) / np.linalg.norm(first) > 0.8
    assert np.isclose(np.linalg.norm(first), (codes @ first / np.linalg.norm(first)).std(), rtol=1e-6)


def test_nothing_moved_is_the_networks_own_drawing_and_a_turn_shows():
    name = next(n for n in ("beta20", "vae", "ae") if n in networks.zoo().index)
    network = networks.load(name)
    heads = MODEL.sample(40, rng=1).render(64, yaw=np.linspace(-30, 30, 40))
    traversal = LatentTraversal(heads, {name: network})
    start = {"system": name, "face": 2, "kind": UNITS, "direction": 1, "amount": 0.0}
    still, moved = traversal.compute(start), traversal.compute(start | {"amount": 2.0})
    assert np.array_equal(still[0], still[1]) and np.count_nonzero(moved[1] - moved[0]) == 1
    assert traversal.describe(start).endswith("changes by 0 grey levels (root mean square).")
    assert "+2.0 sd" in traversal.describe(start | {"amount": 2.0})
    assert len(traversal.drawing(start).pictures) == 3 and not faint(lambda: traversal.drawing(start))
    from kit.widgets.latent_traversal import draw

    assert np.array_equal(draw(network, still[:1])[0], networks.reconstruct(network, heads[[1]])[0])


def test_a_network_that_cannot_draw_is_named():
    with pytest.raises(ValueError, match="silent cannot draw"):
        LatentTraversal(IMAGES, {"silent": networks.untrained()})


# ---- two RDMs


def test_agreement_is_what_scipy_says_over_all_pairs_and_within_categories():
    one, two = RNG.normal(size=(2, 12, 30))
    category = np.repeat(["a", "b"], 6)
    comparison = ComparedRdms(IMAGES, category, {"one": one, "two": two, "untrained": networks.untrained()})
    values = {"left_system": "one", "right_system": "two", "left_layer": "block1", "right_layer": "embedding"}
    values |= {"metric": "euclidean", "method": "spearman"}
    rdms, overall, within = comparison.compute(values)
    assert np.allclose(rdms, [pdist(one), pdist(two)])
    assert np.isclose(overall, spearmanr(pdist(one), pdist(two)).statistic)
    parts = [spearmanr(pdist(one[rows]), pdist(two[rows])).statistic for rows in (slice(6), slice(6, 12))]
    assert np.isclose(within, np.mean(parts))
    assert comparison.title(values, "left") == "one"  # an array has no layers
    assert len(comparison.drawing(values).pictures) == 2 and not faint(lambda: comparison.drawing(values))


def test_a_network_is_compared_layer_by_layer():
    comparison = ComparedRdms(IMAGES, np.repeat(["a", "b"], 6), {"net": networks.untrained()})
    values = {"left_system": "net", "right_system": "net", "metric": "correlation", "method": "pearson"}
    values |= {"left_layer": "block2", "right_layer": "block2"}
    assert np.isclose(comparison.compute(values)[1], 1)
    assert "net, block2 against net, embedding" in comparison.describe(values | {"right_layer": "embedding"})
    assert comparison.compute(values | {"right_layer": "embedding"})[1] < 0.999


def test_the_most_alike_pair_is_darkest():
    rdm = RNG.uniform(size=15)
    picture = shades(rdm)[..., 0].astype(int)
    off = ~np.eye(6, dtype=bool)
    assert squareform(rdm)[off][picture[off].argmin()] == rdm.min()
    assert squareform(rdm)[off][picture[off].argmax()] == rdm.max() and picture.max() == 255


def test_only_numbers_lose_their_zero_and_names_keep_theirs():
    comparison = ComparedRdms(
        IMAGES, np.repeat(["a", "b"], 6), {"beta0.5": RNG.normal(size=(12, 30)), "net-0": networks.untrained()}
    )
    values = {"left_system": "beta0.5", "right_system": "net-0", "left_layer": "block1", "right_layer": "block2"}
    words = comparison.describe(values | {"metric": "euclidean", "method": "spearman"})
    assert "beta0.5 against net-0" in words and "agreement 0." not in words
