"""A network with one recurrent unit, which gathers evidence over glimpses, and the theory of such decisions.

Ratcliff (1978), Psychological Review 85:59; Bogacz et al. (2006), Psychological Review 113:700; Gold &
Shadlen (2007), Annual Review of Neuroscience 30:535.
"""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .live import one_thread


class Accumulator(nn.Module):
    """state[t] = keep * state[t - 1] + weights . glimpse[t] + bias: the smallest recurrent network.

    Parameters
    ----------
    pixels : int
        Numbers of a glimpse.
    keep : float
        The recurrent weight to begin with. At 0 it forgets all, at 1 nothing.
    """

    def __init__(self, pixels: int, keep: float = 0.5) -> None:
        super().__init__()
        self.eye = nn.Linear(pixels, 1)
        nn.init.zeros_(self.eye.weight)
        self.keep = nn.Parameter(torch.tensor(keep))

    def forward(self, glimpses: Tensor) -> Tensor:
        """Glimpses (n, time, pixels) -> state after each (n, time); above zero it stands for the second face."""
        state, states = torch.zeros(len(glimpses)), []
        for evidence in self.eye(glimpses).squeeze(2).unbind(1):
            state = self.keep * state + evidence
            states.append(state)
        return torch.stack(states, dim=1)


def glimpses(pair: np.ndarray, n: int, time: int, noise: float, rng: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Noisy looks at one of two faces.

    Parameters
    ----------
    pair : uint8 array of shape (2, h, w, 3)
    n, time : int
        Trials, and glimpses in each.
    noise : float
        Standard deviation of what is added to each pixel's grey level (0 to 1), anew at each glimpse.

    Returns
    -------
    glimpses float32 (n, time, h * w) with the mean of the pair taken away, and which face it was (n,): 0 or 1
    """
    rng = np.random.default_rng(rng)
    grey = pair.mean(axis=3).reshape(2, -1) / 255
    face = rng.integers(2, size=n)
    looks = rng.normal(0, noise, (n, time, grey.shape[1])).astype(np.float32)
    return looks + (grey - grey.mean(axis=0))[face][:, None].astype(np.float32), face


def fit(network: Accumulator, looks: np.ndarray, face: np.ndarray, steps: int = 200, rate: float = 0.02) -> list[float]:
    """Teach the network to tell the faces after every glimpse; the recurrent weight after each step.

    Looks (n, time, pixels) and faces (n,) are as `glimpses` gives them. The loss is the cross-entropy of each state, so
    that a state becomes the log odds of the second face.
    """
    x, y = torch.as_tensor(looks), torch.as_tensor(face, dtype=torch.float32)[:, None].expand(-1, looks.shape[1])
    optimizer, kept = torch.optim.Adam(network.parameters(), rate), []
    with one_thread():
        for _ in range(steps):
            loss = F.binary_cross_entropy_with_logits(network(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            kept.append(network.keep.item())
    return kept


def decide(states: np.ndarray, threshold: float) -> tuple[np.ndarray, np.ndarray]:
    """Stop at the first state beyond a threshold.

    Parameters
    ----------
    states : array of shape (n, time)
    threshold : float

    Returns
    -------
    choice (n,), 0 or 1 by the sign of that state, and how many glimpses were taken (n,); trials that never
    get there answer with their last state
    """
    beyond = np.abs(states) >= threshold
    stop = np.where(beyond.any(axis=1), beyond.argmax(axis=1), states.shape[1] - 1)
    return (states[np.arange(len(states)), stop] > 0).astype(int), stop + 1


def drift_diffusion(drift: float, threshold: np.ndarray | float, noise: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Share of right decisions and mean time of a diffusion between -threshold and +threshold, from 0.

    Thresholds can be of any shape; both results have the same shape.

    Notes
    -----
    With k = drift * threshold / noise^2: accuracy 1 / (1 + exp(-2 k)), mean time threshold / drift * tanh(k);
    Bogacz et al. (2006) have the same in their notation. Drift and noise are a unit of time.
    """
    if drift <= 0 or noise <= 0 or np.any(np.asarray(threshold) < 0):
        raise ValueError(f"drift and noise must be above 0, thresholds not below; got {drift}, {noise}, {threshold}")
    k = drift * np.asarray(threshold, float) / noise**2
    return 1 / (1 + np.exp(-2 * k)), np.asarray(threshold) / drift * np.tanh(k)
