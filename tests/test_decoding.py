"""Decoding from more features than there are faces: the same numbers, and a word where it takes minutes."""

import numpy as np
import pytest

from kit import faces
from kit.study import decoding
from kit.study.decoding import decode


def by_features(x, y):
    """Ridge weights as the textbook has them: features x features."""
    targets, wanted = y["train"] - y["train"].mean(axis=0), y["validate"] - y["train"].mean(axis=0)
    eye = np.eye(x["train"].shape[1])
    fits = [np.linalg.solve(x["train"].T @ x["train"] + a * eye, x["train"].T @ targets) for a in decoding.PENALTIES]
    return min(fits, key=lambda weights: float(((x["validate"] @ weights - wanted) ** 2).sum()))


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_decoding_from_more_features_than_faces_gives_the_same_numbers(monkeypatch, kind):
    rng, model = np.random.default_rng(0), faces.load()
    people = model.sample(300, rng=0)
    seen = np.hstack([people.shape, people.texture])
    embedding = (seen @ rng.normal(size=(seen.shape[1], 700)) + rng.normal(size=(300, 700))).astype(kind)
    found = decode(embedding, people.shape, people.texture, model)
    monkeypatch.setattr(decoding, "_best_ridge", by_features)
    slow = decode(embedding, people.shape, people.texture, model)
    np.testing.assert_allclose(found.r2, slow.r2, rtol=0, atol=1e-8)
    np.testing.assert_allclose(found.error, slow.error, rtol=0, atol=1e-8)


def test_decoding_from_a_whole_layer_decomposes_faces_by_faces(monkeypatch):
    """A matrix of 25,088 x 25,088 took an hour."""
    sides, eigh = [], np.linalg.eigh
    monkeypatch.setattr(np.linalg, "eigh", lambda matrix: (sides.append(len(matrix)), eigh(matrix))[1])
    people = faces.load().sample(400, rng=0)
    embedding = np.random.default_rng(0).normal(size=(400, 25_088)).astype(np.float32)
    decode(embedding, people.shape, people.texture, faces.load())
    assert sides and max(sides) < 400


def test_a_decomposition_that_takes_minutes_is_told_before(monkeypatch):
    def stop(*_):
        raise InterruptedError

    monkeypatch.setattr(decoding, "_best_ridge", stop)
    wide, some = np.zeros((6000, 5000), np.float32), np.zeros((6000, 2))
    told = "5000 features of 4800 faces .*4800 x 4800.*pool"
    with pytest.warns(UserWarning, match=told), pytest.raises(InterruptedError):
        decode(wide, some, some, faces.load())
