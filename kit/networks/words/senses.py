"""Two senses for one question: how surprised is she, by her face and by her (simulated) voice?

Who adds up two noisy cues with the weights of their reliabilities has the smallest spread that adding can reach (Ernst
& Banks, 2002, Nature 415:429, doi 10.1038/415429a). `optimal_weight` says what is best, `measured_weight` finds what an
observer does, from trials in which the senses disagree, and `TwoSenses` is a network that was never told.
"""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from kit import faces

from ..basics.convnet import ConvNet
from ..basics.live import centred, descend, one_thread
from ..richer.synapse_race import close_up

SIDE, CHANNELS = 24, 24
ACQUAINTANCES = 12  # with as many strangers as pictures, it learns faces by heart and trusts its eyes too much
TUNING = 2.5  # width of the hum in the voice's channels
FACE_NOISE, VOICE_NOISE = (0.1, 1.6), (0.4, 3.0)  # standard deviations that the network grows up with
ALONE = 0.1  # share of its examples in which one sense is missing, for each sense


def optimal_weight(first: float, second: float) -> float:
    """Weight of the first of two cues with these standard deviations; the second gets the rest.

    w = (1 / s1^2) / (1 / s1^2 + 1 / s2^2), the share of reliability.
    """
    _positive(first, second)
    return second**2 / (first**2 + second**2)


def combined_spread(weight: float | np.ndarray, first: float, second: float) -> float | np.ndarray:
    """Standard deviation of weight * cue 1 + (1 - weight) * cue 2; least at the optimal weight.

    Weights can be of any shape; the result has the same shape.
    """
    _positive(first, second)
    return np.sqrt((weight * first) ** 2 + ((1 - weight) * second) ** 2)


def _positive(first: float, second: float) -> None:
    if not (first > 0 and second > 0):
        raise ValueError(f"standard deviations must be above 0; got {first} and {second}")


def measured_weight(first: np.ndarray, second: np.ndarray, answers: np.ndarray) -> float:
    """The weight that an observer gives to the first of two cues.

    Parameters
    ----------
    first, second : arrays of shape (n,)
        What each sense was shown; they must disagree, or their weights cannot be told apart.
    answers : array of shape (n,)

    Returns
    -------
    float
        b1 / (b1 + b2) of the regression answers = a + b1 first + b2 second. The quotient leaves out how much an
        observer shrinks all answers towards the middle.
    """
    shown = np.stack([np.ones(len(first)), first, second], axis=1)
    if np.linalg.matrix_rank(shown) < 3:
        raise ValueError("the senses were never in conflict; show them different strengths in some trials")
    _, b1, b2 = np.linalg.lstsq(shown, answers)[0]
    return float(b1 / (b1 + b2))


def spread(truth: np.ndarray, answers: np.ndarray) -> float:
    """An observer's noise with one sense, in units of what is shown: scatter round its line, over the line's slope.

    Truth and answers are (n,).
    """
    slope, start = np.polyfit(truth, answers, 1)
    if slope <= 0:
        raise ValueError("the answers do not rise with what was shown, so their noise has no unit; train longer")
    return float(np.std(answers - slope * truth - start) / slope)


# ---- what is seen and heard


def looks(strength: np.ndarray, rng: int | np.random.Generator) -> np.ndarray:
    """Close-ups of one of twelve acquaintances, surprised to degrees (n,) of 0 to 1: uint8 (n, 24, 24, 3)."""
    known = faces.load().sample(ACQUAINTANCES, sex="female", age=30, ancestry="caucasian", rng=0)
    women = known[np.random.default_rng(rng).integers(ACQUAINTANCES, size=len(strength))]
    column = women.model.expression_names.index("surprise")
    expression = np.asarray(strength)[:, None] * np.eye(len(women.model.expression_names))[column]
    return close_up(women.changed(expression=expression).render(round(1.5 * SIDE)))


def sounds(strength: np.ndarray) -> Tensor:
    """A voice-like signal, *simulated*: a hum over 24 channels of pitch, higher the more surprised, (n, 24).

    Strengths are (n,).
    """
    pitch = 4 + 15 * torch.as_tensor(strength, dtype=torch.float32)
    return torch.exp(-(((torch.arange(CHANNELS) - pitch[:, None]) / TUNING) ** 2) / 2)


class TwoSenses(nn.Module):
    """Each sense makes an estimate and a gain; the answer is the mean of the estimates, weighted by their gains.

    Such a division by the sum of gains is the normalisation model of neurons that integrate senses (Ohshiro, Angelaki
    & DeAngelis, 2011, Nature Neuroscience 14:775, doi 10.1038/nn.2815). What the gains should be has to be learned. A
    missing sense is all zeros.
    """

    def __init__(self, seed: int = 0) -> None:
        super().__init__()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.eye = nn.Sequential(ConvNet(48, SIDE, (12, 16, 24)), nn.ReLU(), nn.Linear(48, 2))
            self.ear = nn.Sequential(nn.Linear(CHANNELS, 48), nn.ReLU(), nn.Linear(48, 48), nn.ReLU(), nn.Linear(48, 2))

    def forward(self, seen: Tensor, heard: Tensor) -> Tensor:
        estimate, gain = torch.stack([self.eye(seen), self.ear(heard)]).unbind(-1)
        return (estimate * gain.softmax(0)).sum(0)

    @torch.inference_mode()
    def ask(
        self, images: np.ndarray, voice: np.ndarray, face_noise: float | None, voice_noise: float | None, seed: int = 0
    ) -> np.ndarray:
        """Estimates for pictures and voices of some strengths under noise; a noise of None takes the sense away.

        Parameters
        ----------
        images : uint8 array of shape (n, 24, 24, 3)
        voice : array of shape (n,)
            Strengths that are heard.
        """
        dice = torch.Generator().manual_seed(seed)
        seen, heard = centred(images), sounds(voice)
        seen = torch.zeros_like(seen) if face_noise is None else seen + face_noise * _noise(seen, dice)
        heard = torch.zeros_like(heard) if voice_noise is None else heard + voice_noise * _noise(heard, dice)
        with one_thread():
            return self(seen, heard).numpy()


def _noise(like: Tensor, dice: torch.Generator) -> Tensor:
    return torch.randn(like.shape, generator=dice)


def fit(
    network: TwoSenses, images: np.ndarray, strength: np.ndarray, epochs: int = 40, rate: float = 3e-3, seed: int = 0
) -> list[float]:
    """Let a network grow up with both senses under changing noise, in place; its mean squared error, by epoch.

    It is told the true strength (n,) of images uint8 (n, 24, 24, 3), and never how noisy a sense is.
    """
    seen, truth = centred(images), torch.as_tensor(strength, dtype=torch.float32)
    heard, falling = sounds(strength), [rate * (1 - epoch / epochs) for epoch in range(epochs)]

    def loss(rows: Tensor, dice: torch.Generator) -> Tensor:
        return F.mse_loss(network(*_disturbed(seen[rows], heard[rows], dice)), truth[rows])

    return list(descend(network, len(truth), loss, falling, seed, doing="growing up"))


def _disturbed(seen: Tensor, heard: Tensor, dice: torch.Generator) -> tuple[Tensor, Tensor]:
    """Each example with noise of its own level in each sense, and now and then with one sense missing."""
    n, fate = len(seen), torch.rand(len(seen), generator=dice)
    face, voice = (
        torch.exp(torch.empty(n).uniform_(*np.log(span), generator=dice)) for span in (FACE_NOISE, VOICE_NOISE)
    )
    seen = (seen + face[:, None, None, None] * _noise(seen, dice)) * (fate > ALONE).float()[:, None, None, None]
    heard = (heard + voice[:, None] * _noise(heard, dice)) * (fate < 1 - ALONE).float()[:, None]
    return seen, heard


def compare_weights(
    network: TwoSenses, face_noise: float, voice_noise: float, n: int = 400, conflict: float = 0.1, seed: int = 0
) -> dict[str, float]:
    """The procedure of Ernst & Banks: measure each sense alone, predict the weights, then test with conflicts.

    Returns
    -------
    dict: "face" and "voice", the spreads of each sense alone; "optimal" and "network", the weight of the face;
        "best" and "both", the spread of both together, as predicted and as measured.
    """
    rng = np.random.default_rng(seed)
    strength = rng.uniform(0.25, 0.75, n)
    shift = conflict * rng.choice([-1.0, 1.0], n)
    images = looks(strength, rng)
    alone = [spread(strength, network.ask(images, strength, *noise, seed)) for noise in
             ((face_noise, None), (None, voice_noise))]  # fmt: skip
    answers = network.ask(images, strength + shift, face_noise, voice_noise, seed + 1)
    together = network.ask(images, strength, face_noise, voice_noise, seed + 2)
    weight = optimal_weight(*alone)
    return {
        "face": alone[0], "voice": alone[1], "optimal": weight,
        "network": measured_weight(strength, strength + shift, answers),
        "best": float(combined_spread(weight, *alone)), "both": spread(strength, together),
    }  # fmt: skip
