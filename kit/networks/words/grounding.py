"""Words tied to what they stand for: pictures of faces and their true attributes, learned by contrast.

Symbols that are only linked to symbols have no meaning for whom uses them (Harnad, 1990, Physica D 42:335,
doi 10.1016/0167-2789(90)90087-6). `Grounded` learns which description belongs to which picture, as CLIP does (Radford
et al., 2021, ICML, arXiv 2103.00020); `Cooccurrence` knows the same descriptions and no picture.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from kit.faces import Faces
from kit.faces.design import AGES as DESIGNED
from kit.faces.faces import ARRAYS

from ..basics.convnet import ConvNet
from ..basics.live import centred, descend, one_thread
from .described import ALL, SLOTS, Described, place

BATCH, SPACE, TEMPERATURE = 60, 32, 0.2
SAID = 0.5  # chance that a description, each time it is heard, names an attribute; nobody says everything
MOTOR = 20.0  # weight of imitation beside naming; expressions' strengths are small numbers


def info_nce(one: Tensor, other: Tensor, temperature: float = TEMPERATURE) -> Tensor:
    """Whether row k of each finds row k of the other among all rows, in both directions; mean cross-entropy, nats.

    Parameters
    ----------
    one, other : tensors of shape (n, d)
        Compared by the cosine of their angle.

    References
    ----------
    van den Oord, Li & Vinyals (2018), arXiv 1807.03748; both directions as in Radford et al. (2021).
    """
    similar = F.normalize(one, dim=1) @ F.normalize(other, dim=1).T / temperature
    partner = torch.arange(len(one))
    return (F.cross_entropy(similar, partner) + F.cross_entropy(similar.T, partner)) / 2


class Grounded(nn.Module):
    """An eye and a vocabulary that meet in one space, and a motor output that can imitate an expression.

    Parameters
    ----------
    size : int
        Pixels on a side of the pictures, a multiple of 8.
    slots : sequence of str
        The attributes that its descriptions name, of `SLOTS`.
    motor : bool
        Whether it also learns to imitate the expression it sees.
    seed : int
        Of the first weights.
    """

    def __init__(self, size: int = 40, slots: Sequence[str] = ALL, motor: bool = False, seed: int = 0) -> None:
        super().__init__()
        self.slots, self.motor = tuple(slots), motor
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.eye = nn.Sequential(ConvNet(SPACE, size, (16, 32, 48)))
            self.words = nn.ModuleDict({slot: nn.Embedding(len(SLOTS[slot]), SPACE) for slot in self.slots})
            self.imitate = nn.Linear(SPACE, 6)

    def describe(self, words: dict[str, Tensor], said: Tensor) -> Tensor:
        """Descriptions in the common space: the sum of the words (n,) that were said, (n, d); `said` is (slots, n)."""
        vectors = torch.stack([self.words[slot](words[slot]) for slot in self.slots])
        return (vectors * said[..., None]).sum(0)

    def loss(self, images: Tensor, words: dict[str, Tensor], said: Tensor, strengths: Tensor) -> Tensor:
        """Contrast of pictures with descriptions, and the error of imitation where there is a motor output.

        Images are (n, 3, size, size) from -1 to 1, words (n,) for each slot, `said` is (slots, n), strengths (n, 6).
        """
        seen = self.eye(images)
        loss = info_nce(seen, self.describe(words, said))
        return loss + MOTOR * F.mse_loss(self.imitate(seen), strengths) if self.motor else loss

    @torch.inference_mode()
    def look(self, images: np.ndarray) -> np.ndarray:
        """Pictures uint8 (n, size, size, 3) in the common space, float32 (n, d), of length 1."""
        with one_thread():
            return F.normalize(self.eye(centred(images)), dim=1).numpy()

    def meaning(self, word: str) -> np.ndarray:
        """What a word adds to a description beyond the mean word of its slot, float32 (d,)."""
        slot, row = place(word)
        if slot not in self.slots:
            raise ValueError(f"{word!r} is about {slot}, which these descriptions leave out; they tell {self.slots}")
        vectors = self.words[slot].weight.detach().numpy()
        return vectors[row] - vectors.mean(0)

    def activation(self, seen: np.ndarray, words: Sequence[str]) -> np.ndarray:
        """How much pictures (n, d), as `look` gave them, excite some words together: (n,)."""
        if not words:
            raise ValueError("no word to ask for; give at least one")
        return seen @ np.sum([self.meaning(word) for word in words], axis=0)

    def answer(self, seen: np.ndarray, slot: str) -> np.ndarray:
        """The word of a slot that fits each picture of `look`, (n, d), best: int (n,)."""
        return np.stack([self.activation(seen, [word]) for word in SLOTS[slot]], axis=1).argmax(1)


def fit(model: Grounded, data: Described, epochs: int = 12, rate: float = 3e-3, seed: int = 0) -> list[float]:
    """Show pictures with their descriptions, in place; the mean loss of each epoch."""
    images, strengths = centred(data.images), torch.from_numpy(data.faces.expression.copy())
    words = {slot: torch.from_numpy(data.words[slot]) for slot in model.slots}

    def loss(rows: Tensor, dice: torch.Generator) -> Tensor:
        said = (torch.rand(len(words), len(rows), generator=dice) < SAID).float()
        return model.loss(images[rows], {slot: w[rows] for slot, w in words.items()}, said, strengths[rows])

    return list(descend(model, len(images), loss, [rate] * epochs, seed, BATCH, "grounding"))


def readable(model: Grounded, train: Described, test: Described) -> dict[str, float]:
    """What a linear read-out finds in the eye's code: for each slot, the share of test pictures whose word it tells."""
    from sklearn.linear_model import LogisticRegression

    known, new = model.look(train.images), model.look(test.images)
    fitted = {slot: LogisticRegression(max_iter=2000).fit(known, train.words[slot]) for slot in SLOTS}
    return {slot: float(reader.score(new, test.words[slot])) for slot, reader in fitted.items()}


def most_activated(people: Faces, scores: np.ndarray, share: float = 0.1) -> np.ndarray:
    """Rows of the faces that a word activates most, as large a share of each archetype of ancestry.

    Taken from all together, a few faces more of one archetype would give the word a colour of skin that it does not
    have.

    Parameters
    ----------
    people : Faces
    scores : array of shape (n,)
        As `Grounded.activation` gives them.
    share : float
        Part of the faces that count as most activated.
    """
    kin, rows = people.ancestry.argmax(1), []
    for archetype in np.unique(kin):
        own = np.flatnonzero(kin == archetype)
        rows.append(own[np.argsort(-scores[own])[: max(1, round(share * len(own)))]])
    return np.concatenate(rows)


def prototype(people: Faces, scores: np.ndarray, share: float = 0.1, exaggerate: float = 2.0) -> Faces:
    """The face that a word calls up: the mean of the faces it activates most, moved on away from the mean of all.

    Its ancestry is the mean of the archetypes, whatever the word.

    Parameters
    ----------
    people : Faces
    scores : array of shape (n,)
    share : float
        As in `most_activated`.
    exaggerate : float
        1 the mean itself; 2 twice as far from the mean of all.
    """
    chosen = people[most_activated(people, scores, share)]
    mean = {name: getattr(people, name).mean(0, keepdims=True) for name in ARRAYS}
    moved = {name: m + exaggerate * (getattr(chosen, name).mean(0, keepdims=True) - m) for name, m in mean.items()}
    moved["sex"], moved["age"] = moved["sex"].clip(-1, 1), moved["age"].clip(*DESIGNED)
    moved["expression"] = moved["expression"].clip(0, 1)
    return people[0].changed(**moved | {"ancestry": np.full_like(mean["ancestry"], 1 / mean["ancestry"].size)})


class Cooccurrence:
    """Symbols only: which words stood together in descriptions, and nothing else.

    Pointwise mutual information of words, log p(a, b) / (p(a) p(b)), with `smoothing` added to each count; the ideal
    guesser of a word from the others of its description, if these act independently (naive Bayes).

    Parameters
    ----------
    words : dict of slot to int array of shape (n,)
        As in `Described`.
    """

    def __init__(self, words: dict[str, np.ndarray], smoothing: float = 0.5) -> None:
        self.slots = tuple(words)
        hot = {slot: np.eye(len(SLOTS[slot]))[rows] for slot, rows in words.items()}
        self.prior = {slot: (h.sum(0) + smoothing) / (h.sum() + smoothing * h.shape[1]) for slot, h in hot.items()}
        self._joint = {(a, b): hot[a].T @ hot[b] + smoothing for a in hot for b in hot if a != b}

    def information(self, slot: str, other: str) -> np.ndarray:
        """Pointwise mutual information of the words of two slots, nats, (words of slot, words of other)."""
        joint = self._joint[slot, other] / self._joint[slot, other].sum()
        return np.log(joint / (joint.sum(1, keepdims=True) * joint.sum(0)))

    def meaning(self, word: str) -> np.ndarray:
        """A word as what it goes with: its information with each word of the other slots, centred within its slot."""
        slot, row = place(word)
        rows = np.concatenate([self.information(slot, other) for other in self.slots if other != slot], axis=1)
        return rows[row] - rows.mean(0)

    def answer(self, words: dict[str, np.ndarray], slot: str) -> np.ndarray:
        """The likeliest word of a slot, given the others of each description: int (n,)."""
        others = [other for other in self.slots if other != slot]
        scores = np.log(self.prior[slot]) + sum(self.information(slot, o)[:, words[o]].T for o in others)
        return scores.argmax(1)


def word_distances(model: Grounded | Cooccurrence, slot: str) -> np.ndarray:
    """How different the words of a slot are to a model: 1 - cosine of their meanings, (k, k); 1 where one is empty."""
    meanings = np.stack([model.meaning(word) for word in SLOTS[slot]])
    lengths = np.linalg.norm(meanings, axis=1, keepdims=True)
    unit = np.divide(meanings, lengths, out=np.zeros_like(meanings), where=lengths > 0)
    return 1 - unit @ unit.T
