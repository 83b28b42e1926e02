"""The gates of the zoo: they open for who can do the job, and stay shut for who cannot; no rating is asked."""

import runpy
from pathlib import Path

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.linear_model import Ridge

from kit.networks import cards, gates
from kit.networks.dataset import FaceImages, ImageSet

ROOT = Path(__file__).resolve().parents[1]
COUNT = 6  # components of the tiny pictures
IN_LINE = {"error": 0.02, "linear": 0.03, "passed": True}


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> FaceImages:
    return FaceImages(ImageSet(identities=12, unseen=2, images=8, size=16), tmp_path_factory.mktemp("faces"))


@pytest.fixture(scope="module")
def lines(data) -> gates.Linear:
    return gates.linear(data, COUNT)


def rows_of(images, rows):
    return images[np.sort(rows)].reshape(len(rows), -1).astype(float) / 255


class Draws:
    """Stands for a network whose drawings are known."""

    module = None

    def __init__(self, pictures):
        self.pictures = pictures

    def at(self, _layer):
        return self

    def activations(self, images):
        return np.stack([self.pictures[image.tobytes()] for image in images]).transpose(0, 3, 1, 2) / np.float32(255)


def drawing(data, wanted):
    """A network that draws for every test picture its row of others."""
    return Draws({data.images[row].tobytes(): wanted[row] for row in data.split.test})


def test_components_are_those_of_an_independent_package(data, lines):
    train, test = rows_of(data.images, data.split.train), rows_of(data.images, data.split.test)
    fit = PCA(COUNT, svd_solver="full").fit(train)
    again = fit.inverse_transform(fit.transform(test))
    np.testing.assert_allclose(lines.again(test.astype(np.float32)), again, atol=2e-3)


def test_the_linear_frontal_picture_is_a_ridge_of_the_scores(data, lines):
    train, test = rows_of(data.images, data.split.train), rows_of(data.images, data.split.test)
    scores = [(x - lines.mean) @ lines.components.T for x in (train, test)]
    wanted = rows_of(data.frontal, data.split.train)
    level = np.trace(scores[0].T @ scores[0]) / COUNT
    told = [Ridge(alpha=p * level).fit(scores[0], wanted).predict(scores[1]) for p in gates.PENALTIES]
    apart = [np.abs(lines.frontal(test.astype(np.float32)) - each).max() for each in told]
    assert min(apart) < 2e-3, "one of the penalties gives it"


def test_who_draws_what_is_there_passes_and_who_draws_the_average_does_not(data, lines, monkeypatch):
    monkeypatch.setattr(gates, "kept_linear", lambda _: lines)
    for name, gate, wanted in (("ae", "drawing", data.images), ("viae", "frontal", data.frontal)):
        monkeypatch.setattr(gates, "strangers_told_apart", lambda *_: 0.5)
        right = gates.gates(name, drawing(data, wanted), data)[gate]
        assert right["error"] < 1e-6 and right["passed"] and right["linear"] > 0.001
        average = np.broadcast_to(wanted[data.split.train].mean(axis=0), (len(data), 16, 16, 3))
        wrong = gates.gates(name, drawing(data, average), data)[gate]
        assert wrong["error"] > wrong["linear"] and not wrong["passed"]
    still = gates.gates("viae", drawing(data, data.images), data)["frontal"]
    assert not still["passed"], "the picture again is not the face from the front"


class Tells:
    """Stands for a network whose features are known: person by person, as the pictures come."""

    def __init__(self, features):
        self.features = features

    def embed(self, _pictures):
        return self.features


def test_strangers_are_told_apart_by_who_knows_them_and_by_nobody_else(monkeypatch):
    monkeypatch.setattr(gates, "_strangers", lambda size: [None])
    people = np.repeat(np.eye(gates.STRANGERS), gates.PICTURES, axis=0)
    rng = np.random.default_rng(0)
    assert gates.strangers_told_apart(Tells(people + 0.01 * rng.normal(size=people.shape))) == 1
    guesses = [gates.strangers_told_apart(Tells(rng.normal(size=people.shape))) for _ in range(40)]
    assert np.mean(guesses) == pytest.approx(1 / gates.STRANGERS, abs=0.01)


def test_strangers_are_of_one_category_at_a_time_and_seen_from_all_sides():
    pictures = gates._strangers(16)
    assert len(pictures) == 6 and all(p.shape == (gates.STRANGERS * gates.PICTURES, 16, 16, 3) for p in pictures)
    assert len({p.tobytes() for p in pictures}) == 6
    own = pictures[0].reshape(gates.STRANGERS, gates.PICTURES, -1).astype(float)
    assert own.std(axis=1).mean() > 1, "pictures of a person differ"


def test_a_card_tells_its_gates_in_words_and_as_rows():
    shut = {"share": 0.834, "needed": 0.9, "chance": 1 / 30, "passed": False}
    found = {"drawing": IN_LINE, "strangers": shut, "rate": {"error": 0.04, "linear": 0.03, "nats": 41.2}}
    assert gates.told(found) == (
        "error of drawings 0.0200, linear 0.0300: passed; 83% of strangers told apart (needed 90%): missed; "
        "error of drawings 0.0400, linear 0.0300, rate 41 nats"
    )
    assert gates.missed(found) == ["strangers"]
    assert [row["passed"] for row in gates.rows(found)] == ["passed", "missed", ""]
    assert [row["limit"] for row in gates.rows(found)] == [0.03, 0.9, 0.03]


def test_a_card_without_gates_is_refused():
    card = {"name": "viae", "task": "-", "architecture": {"kind": "encoder", "width": 4, "embedding": 8, "size": 16,
            "heads": {}}, "parameters": 1, "training": {"images": 1, "seconds": 1.0}, "accuracy": {},
            "data": {"familiar": {}}}  # fmt: skip
    with pytest.raises(ValueError, match="gates are missing: it is of an older kit"):
        cards.check(card)
    cards.check(card | {"gates": {}})


def test_the_tables_of_the_pages_are_those_of_the_cards():
    pages = runpy.run_path(str(ROOT / "docs/training.py"), run_name="read")
    assert pages["gates"]() in (ROOT / "data/README.md").read_text(encoding="utf-8")
    assert pages["table"](pages["curves"]()) in (ROOT / "docs/training.md").read_text(encoding="utf-8")
