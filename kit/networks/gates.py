"""Can a network do its own job? Three gates, computed on pictures and people it never saw; ratings play no part.

- *drawing*: who draws the picture again errs no more than as many principal components of the training pictures;
- *frontal*: who draws the face from the front errs no more than the best linear guess from those components;
- *strangers*: who shall name people, or see through views, tells 30 strangers of one sex, age and ancestry apart
  across views and lamps, 90 times in a hundred (chance: 3).

Variational networks draw through noise and owe no gate; their error stands beside their rate, the nats of the code.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

import numpy as np
import torch

from kit import faces
from kit.faces.design import ANCESTRIES, SEXES
from kit.faces.views import FRAME, TURNED, draw_views
from kit.files.atomic import atomic

from .activations import Network
from .autoencoder import VariationalAutoencoder
from .dataset import FaceImages
from .objectives import kl_from_standard_normal
from .pixels import to_rows, to_tensor

STRANGERS, PICTURES, KNOWN, AGE = 30, 12, 6, 25.0  # people of a category, pictures of each, and how many enrol them
ENOUGH = 0.9  # share of strangers that has to be told apart
BLOCK = 1024  # pictures at a time
SWEEPS, SPARE = 3, 32  # passes of the subspace iteration, and directions beyond those asked for
PENALTIES = tuple(10.0**k for k in range(-4, 5))
GATES = {"drawing": "error of drawings", "frontal": "error of frontal drawings", "rate": "error of drawings"}
DRAWERS, FRONTAL_DRAWERS, NAMERS = ("ae",), ("viae",), ("triplet", "classid", "classmulti")


@dataclass(frozen=True)
class Linear:
    """What linear algebra makes of the same pictures: principal components, and the frontal picture from them.

    Parameters
    ----------
    mean : float32 array of shape (p,)
    components : float32 array of shape (k, p)
    weights : float32 array of shape (k + 1, p)
        From the components' scores, and 1, to the picture from the front.
    """

    mean: np.ndarray
    components: np.ndarray
    weights: np.ndarray

    def again(self, pictures: np.ndarray) -> np.ndarray:
        """The pictures (n, p) redrawn from their scores."""
        return self.mean + self._scores(pictures) @ self.components

    def frontal(self, pictures: np.ndarray) -> np.ndarray:
        """The faces on the pictures (n, p), from the front."""
        scores = self._scores(pictures)
        return np.column_stack([scores, np.ones(len(scores), np.float32)]) @ self.weights

    def _scores(self, pictures: np.ndarray) -> np.ndarray:
        return (pictures - self.mean) @ self.components.T


def linear(data: FaceImages, count: int = 128) -> Linear:
    """Principal components of all training pictures, by subspace iteration (Halko et al., 2011), and the ridge."""
    rows = np.sort(data.split.train)
    mean = sum(block.sum(axis=0, dtype=float) for block in _flat(data.images, rows)) / len(rows)
    mean = mean.astype(np.float32)
    found = np.random.default_rng(0).normal(size=(count + SPARE, len(mean))).astype(np.float32)
    for _ in range(SWEEPS):
        found = np.linalg.qr(found.T)[0].T
        found = sum(((block - mean) @ found.T).T @ (block - mean) for block in _flat(data.images, rows))
    components = np.linalg.svd(found, full_matrices=False)[2][:count]
    return Linear(mean, components, _frontal_ridge(data, mean, components))


def kept_linear(data: FaceImages) -> Linear:
    """The same from a file beside the pictures, written when it is first asked for: it takes a minute."""
    path = data.folder / "linear.npz"
    if not path.exists():
        found = linear(data)
        with atomic(path) as file:
            np.savez(file, mean=found.mean, components=found.components, weights=found.weights)
    with np.load(path, allow_pickle=False) as archive:
        return Linear(**archive)


def _frontal_ridge(data: FaceImages, mean: np.ndarray, components: np.ndarray) -> np.ndarray:
    """Ridge weights (k + 1, p) whose penalty errs least on the validation pictures."""

    def pairs(rows: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for seen, wanted in zip(_flat(data.images, rows), _flat(data.frontal, rows)):
            scores = (seen - mean) @ components.T
            yield np.column_stack([scores, np.ones(len(scores), np.float32)]), wanted

    k, p = components.shape
    square, cross = np.zeros((k + 1, k + 1)), np.zeros((k + 1, p), np.float32)
    for x, y in pairs(np.sort(data.split.train)):
        square += x.T @ x
        cross += x.T @ y
    level = np.trace(square[:-1, :-1]) / k
    free = np.diag(np.r_[np.ones(k), 0.0])  # the intercept is not penalised
    held = list(pairs(np.sort(data.split.validation)))
    fits = [np.linalg.solve(square + penalty * level * free, cross).astype(np.float32) for penalty in PENALTIES]
    return min(fits, key=lambda w: sum(float(np.abs(_shown(x @ w) - y).sum()) for x, y in held))


def gates(name: str, network: Network, data: FaceImages) -> dict[str, dict]:
    """What a network owes and what it does, by gate.

    Parameters
    ----------
    name : str
        Of the objective, which decides what is owed.
    network : Network
    data : FaceImages
        The pictures it was trained with; its test rows are used.

    Returns
    -------
    dict of str to dict
        "drawing" and "frontal": error (mean absolute, of a picture from 0 to 1), linear (that of the components),
        passed. "strangers": share, needed, chance, passed. "rate" of variational networks: error, linear, nats.
    """
    found = {}
    if name in DRAWERS:
        found["drawing"] = _owed_drawing(*_drawing_errors(network, data, frontal=False))
    if name in FRONTAL_DRAWERS:
        found["frontal"] = _owed_drawing(*_drawing_errors(network, data, frontal=True))
    if isinstance(network.module, VariationalAutoencoder):
        error, by_lines = _drawing_errors(network, data, frontal=False)
        found["rate"] = {"error": error, "linear": by_lines, "nats": rate(network, data)}
    if name in (*NAMERS, *FRONTAL_DRAWERS):
        share = strangers_told_apart(network, data.design.size)
        passed = share >= ENOUGH
        found["strangers"] = {"share": share, "needed": ENOUGH, "chance": 1 / STRANGERS, "passed": passed}
    return found


def _owed_drawing(error: float, by_lines: float) -> dict:
    return {"error": error, "linear": by_lines, "passed": error <= by_lines}


COLUMNS = ("gate", "value", "limit", "passed", "nats")


def rows(found: dict[str, dict]) -> list[dict]:
    """The gates of a card as rows of a table: what a network does, and what it owes."""
    out = []
    for gate, values in found.items():
        share = gate == "strangers"
        value, limit = (values["share"], values["needed"]) if share else (values["error"], values["linear"])
        passed = {True: "passed", False: "missed", None: ""}[values.get("passed")]
        out.append({"gate": gate, "value": value, "limit": limit, "passed": passed, "nats": values.get("nats")})
    return out


def told(found: dict[str, dict]) -> str:
    """The gates of a card in words."""
    words = []
    for gate, values in found.items():
        if gate == "strangers":
            what = f"{values['share']:.0%} of strangers told apart (needed {values['needed']:.0%})"
        else:
            what = f"{GATES[gate]} {values['error']:.4f}, linear {values['linear']:.4f}"
        if "nats" in values:
            what += f", rate {values['nats']:.0f} nats"
        words.append(what + {True: ": passed", False: ": missed", None: ""}[values.get("passed")])
    return "; ".join(words)


def missed(found: dict[str, dict]) -> list[str]:
    """Names of the gates that a network owed and did not pass."""
    return [gate for gate, values in found.items() if values.get("passed") is False]


def _drawing_errors(network: Network, data: FaceImages, frontal: bool) -> tuple[float, float]:
    """Mean absolute errors on the test pictures: of the network's drawings, and of the linear ones."""
    rows, errors, compared = np.sort(data.split.test), [], kept_linear(data)
    wanted = data.frontal if frontal else data.images
    for part in np.array_split(rows, max(1, len(rows) // BLOCK)):
        truth, seen = to_rows(wanted[part]), data.images[part]
        drawn = network.at("decoder").activations(seen).transpose(0, 2, 3, 1).reshape(len(part), -1)
        flat = to_rows(seen)
        lines = _shown(compared.frontal(flat) if frontal else compared.again(flat))
        errors.append([np.abs(drawn - truth).mean(), np.abs(lines - truth).mean(), len(part)])
    own, by_lines, weight = np.array(errors).T
    return float(np.average(own, weights=weight)), float(np.average(by_lines, weights=weight))


def rate(network: Network, data: FaceImages) -> float:
    """Divergence in nats of a variational network's codes from its prior, the mean over the test pictures."""
    total = 0.0
    with torch.inference_mode():
        for part in np.array_split(np.sort(data.split.test), max(1, len(data.split.test) // BLOCK)):
            _, mean, log_variance = network.module(to_tensor(data.images[part]))
            total += float(kl_from_standard_normal(mean, log_variance).sum())
    return total / len(data.split.test)


def strangers_told_apart(network: Network, size: int = 64) -> float:
    """Share of pictures of strangers whose nearest known picture, in the features as they are, shows the same one.

    The mean over the six categories of sex and ancestry; chance is 1 / 30.
    """
    return float(np.mean([_nearest(network.embed(own)) for own in _strangers(size)]))


def _nearest(features: np.ndarray) -> float:
    """Share right, of features (people * pictures, d), person by person."""
    each = features.reshape(STRANGERS, PICTURES, -1).astype(float)
    known, asked = each[:, :KNOWN].reshape(-1, each.shape[2]), each[:, KNOWN:].reshape(-1, each.shape[2])
    squared = (asked**2).sum(1)[:, None] + (known**2).sum(1) - 2 * asked @ known.T
    said = squared.argmin(axis=1) // KNOWN
    return float(np.mean(said == np.repeat(np.arange(STRANGERS), PICTURES - KNOWN)))


@lru_cache(maxsize=1)
def _strangers(size: int) -> list[np.ndarray]:
    """Pictures of 30 strangers of each category, person by person, each at a view and lamp of its own."""
    model, out = faces.load(), []
    for place, (sex, ancestry) in enumerate(product(SEXES, ANCESTRIES)):
        people = model.sample(STRANGERS, sex, AGE, ancestry, rng=[STRANGERS, place])
        views = draw_views(TURNED, STRANGERS * PICTURES, rng=[PICTURES, place])
        shown = people[np.repeat(np.arange(STRANGERS), PICTURES)]
        out.append(shown.render(size, frame=FRAME, **views.angles))
    return out


def _flat(images: np.ndarray, rows: np.ndarray) -> Iterator[np.ndarray]:
    """Pictures of some rows, block by block, as rows of numbers from 0 to 1."""
    for start in range(0, len(rows), BLOCK):
        yield to_rows(images[rows[start : start + BLOCK]])


def _shown(pictures: np.ndarray) -> np.ndarray:
    """What a screen shows of drawings: nothing below 0 or above 1."""
    return np.clip(pictures, 0, 1)
