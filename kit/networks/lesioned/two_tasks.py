"""One small network with two jobs: whose face is it, and what thing is it? What does it share between them?

Pictures of six women of one age and ancestry, and of six kinds of things, stand before the same backgrounds; all
twelve names compete in one softmax. After Dobs, Martinez, Kell & Kanwisher (2022), Science Advances 8:eabl8913,
who trained a far larger network on photographs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..basics import live
from ..basics.convnet import ConvNet
from . import lesions

TASKS = ("people", "things")
WOMEN = ("Ana", "Bea", "Cleo", "Dora", "Eva", "Fay")  # who they are is drawn with the seed below
CATEGORY, WHO = ("female", 35, "caucasian"), 1
TURN = 20.0  # degrees of yaw at most
SPECK = 0.0715  # the smallest thing that a scene can hold: what stands behind a face tells nothing
LAYERS = ("stages.1", "stages.4", "stages.7")  # what leaves each convolution, after ReLU and pooling
CHANNELS = (12, 24, 48)


@dataclass(frozen=True, eq=False)
class Pictures:
    """Pictures for both tasks.

    Parameters
    ----------
    images : uint8 array of shape (n, size, size, 3)
    labels : int array of shape (n,)
        Places in `names`: people first, then things.
    names : tuple of str
    """

    images: np.ndarray
    labels: np.ndarray
    names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, rows) -> Pictures:
        return Pictures(self.images[rows], self.labels[rows], self.names)

    @property
    def is_face(self) -> np.ndarray:
        """Bool (n,): of which task a picture is."""
        return self.labels < len(WOMEN)


def pictures(each: int, seed: int, size: int = 32) -> Pictures:
    """So many pictures of each person and of each kind of thing, in places, poses and lights of their own.

    Parameters
    ----------
    each : int
    seed : int
        Another one gives other pictures of the same people and kinds of things.
    size : int
        Pixels on a side.
    """
    from kit import faces
    from kit.faces import scenes

    rng = np.random.default_rng([seed, 7])
    women = faces.load().sample(len(WOMEN), *CATEGORY, rng=WHO)
    person = np.repeat(np.arange(len(WOMEN)), each)
    places = scenes.sample(len(person), rng=rng, size=SPECK, clutter=0)
    yaw = rng.uniform(-TURN, TURN, len(person))
    blocks = [person == who for who in range(len(WOMEN))]  # one woman at a time needs less memory
    portraits = [scenes.behind(women[person[b]], places[b], size, yaw=yaw[b]) for b in blocks]
    kind = np.repeat(np.arange(len(scenes.CATEGORIES)), each)
    things = scenes.sample(len(kind), kind, rng=rng).render(size)
    labels = np.concatenate([person, len(WOMEN) + kind])
    return Pictures(np.concatenate([*portraits, things]), labels, (*WOMEN, *scenes.CATEGORIES))


def train(practice: Pictures, seed: int = 0, epochs: int = 15) -> ConvNet:
    """A `ConvNet` that learned both tasks at once, in some seconds.

    Parameters
    ----------
    practice : Pictures
        A hundred of each name do.
    seed : int
        First weights and order of the pictures.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = ConvNet(len(practice.names), practice.images.shape[1], CHANNELS)
    live.fit(network, practice.images, practice.labels, epochs, seed=seed)
    return network.eval()


class Exam:
    """Pictures before a network, which is asked from one layer upward: below a lesion nothing changes, so that is kept.

    Parameters
    ----------
    network : ConvNet
    shown : Pictures
    layer : str
        One of `LAYERS`: the lowest that will be lesioned.
    """

    def __init__(self, network: ConvNet, shown: Pictures, layer: str = LAYERS[-1]) -> None:
        if layer not in LAYERS:
            raise ValueError(f"no layer {layer!r} to begin at; there are {', '.join(LAYERS)}")
        self.network, self.shown, self.layer = network, shown, layer
        place = int(layer.rpartition(".")[2])
        self._upper = nn.Sequential(*network.stages[place:], nn.Flatten(), network.readout)
        with torch.inference_mode(), live.one_thread():
            self._below = network.stages[:place](live.centred(shown.images))

    def logits(self) -> np.ndarray:
        """Scores (n, names) of the network as it is now."""
        with torch.inference_mode(), live.one_thread():
            return self._upper(self._below).numpy()

    def activity(self) -> np.ndarray:
        """Mean activity (n, units) of the layer's filters."""
        with torch.inference_mode(), live.one_thread():
            return self._upper[0](self._below).mean((2, 3)).numpy()

    def right(self) -> np.ndarray:
        """As `right`, of these pictures."""
        return right(self.logits(), self.shown)

    def accuracy(self) -> np.ndarray:
        """As `accuracy`, of these pictures."""
        return accuracy(self.logits(), self.shown)

    def loss(self) -> np.ndarray:
        """Cross-entropy in nats, of people among people and of things among things (2,)."""
        scores, labels = torch.from_numpy(self.logits()), torch.as_tensor(self.shown.labels)
        return np.array([F.cross_entropy(*part).item() for part in _parts(scores, labels)])


def right(logits: np.ndarray, shown: Pictures) -> np.ndarray:
    """Bool (n,): whether each picture gets its name, from scores (n, names), people among people and things among
    things.
    """
    own = np.where((np.arange(logits.shape[1]) < len(WOMEN)) == shown.is_face[:, None], logits, -np.inf)
    return own.argmax(1) == shown.labels


def accuracy(logits: np.ndarray, shown: Pictures) -> np.ndarray:
    """Share right among people and among things (2,), from scores (n, names), when it is known which of the two is
    asked; chance is 1/6.
    """
    named = right(logits, shown)
    return np.array([named[shown.is_face].mean(), named[~shown.is_face].mean()])


def ranking(exam: Exam) -> np.ndarray:
    """Filters of the exam's layer, for each task those first whose loss alone harms it most: int (2, units).

    Rank with some pictures and lesion with others: what was chosen for the largest loss looks too large there.
    """
    units = CHANNELS[LAYERS.index(exam.layer)]
    harm = -lesions.damage(exam.loss, exam.network, exam.layer, np.arange(units)[:, None])
    return np.argsort(-harm, axis=0, kind="stable").T


def lesioned(exam: Exam, groups: Sequence[np.ndarray]) -> np.ndarray:
    """Accuracy lost (groups, 2) when each group of filters of the exam's layer is ablated."""
    return lesions.damage(exam.accuracy, exam.network, exam.layer, groups)


def random_groups(units: int, count: int, draws: int, rng: int | np.random.Generator = 0) -> list[np.ndarray]:
    """So many filters, chosen by lot, again and again: what any lesion of that size does."""
    rng = np.random.default_rng(rng)
    return [rng.choice(units, count, replace=False) for _ in range(draws)]


def _parts(scores: Tensor, labels: Tensor) -> list[tuple[Tensor, Tensor]]:
    """Scores and labels of people among people, and of things among things."""
    face, n = labels < len(WOMEN), len(WOMEN)
    return [(scores[face][:, :n], labels[face]), (scores[~face][:, n:], labels[~face] - n)]
