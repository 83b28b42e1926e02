"""Learn from reward: prediction errors of values (Rescorla-Wagner, temporal differences) and of choices.

Rescorla & Wagner (1972), in Classical Conditioning II; Sutton (1988), Machine Learning 3:9; Williams (1992),
Machine Learning 8:229 (REINFORCE); Schultz, Dayan & Montague (1997), Science 275:1593.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import nn
from tqdm.auto import tqdm

from .live import centred, one_thread

BATCH = 50  # choices


def rescorla_wagner(chosen: np.ndarray, rewards: np.ndarray, rate: float, options: int = 2) -> tuple[np.ndarray, ...]:
    """Values that follow rewards: value[chosen] += rate * (reward - value[chosen]).

    Parameters
    ----------
    chosen : int array of shape (n,)
        Which option each trial took.
    rewards : array of shape (n,)
    rate : float
        From 0, nothing is learned, to 1, only the last reward counts.

    Returns
    -------
    values (n, options) before each trial, and prediction errors (n,)
    """
    if not 0 <= rate <= 1:
        raise ValueError(f"rate must be from 0 to 1; got {rate}")
    value, values, errors = np.zeros(options), [], []
    for option, reward in zip(chosen, rewards):
        values.append(value.copy())
        errors.append(reward - value[option])
        value[option] += rate * errors[-1]
    return np.array(values), np.array(errors)


def temporal_difference(trials: int, cue: int = 5, reward: int = 15, steps: int = 20, rate: float = 0.2,
                        omitted: tuple[int, ...] = ()) -> np.ndarray:  # fmt: skip
    """Prediction errors within trials in which a cue foretells a reward some steps later.

    The value of a moment is learned for the steps since the cue; before the cue nothing can be foretold, so
    the value there stays 0. error[t] = reward[t] + value[t] - value[t - 1].

    Parameters
    ----------
    trials, steps : int
        How many trials, and moments in each.
    cue, reward : int
        When they come.
    omitted : tuple of int
        Trials whose reward is left out.

    Returns
    -------
    array of shape (trials, steps)
        The error at each moment, at the time when it is felt.
    """
    if not 0 < cue < reward < steps:
        raise ValueError(f"needs 0 < cue < reward < steps; got {cue}, {reward}, {steps}")
    value, errors = np.zeros(steps), np.zeros((trials, steps))
    for trial in range(trials):
        paid = np.zeros(steps)
        paid[reward] = trial not in omitted
        for t in range(1, steps):
            expected = value[t] if t < reward else 0.0  # nothing is to come after the reward
            errors[trial, t] = paid[t] + expected - value[t - 1]
            if t - 1 >= cue:
                value[t - 1] += rate * errors[trial, t]
    return errors


def reinforce(
    network: nn.Module, left: np.ndarray, right: np.ndarray, pays: np.ndarray, epochs: int = 10, rate: float = 3e-3,
    seed: int = 0,
) -> list[dict[str, float]]:  # fmt: skip
    """Let a network choose between two pictures, and learn from what it is paid alone.

    The network gives each picture a worth; the more one is worth, the more often it is chosen. A choice that
    paid more than expected is made more likely: loss = -(reward - expected) * log p(choice).

    Parameters
    ----------
    network : nn.Module
        Tensor (n, 3, h, w) from -1 to 1 -> worth (n, 1).
    left, right : uint8 arrays of shape (n, h, w, 3)
    pays : array of shape (n, 2)
        What choosing left or right would pay; only the chosen one is looked at.

    Returns
    -------
    list with a dict for each epoch: "reward", the mean, and "error", the mean absolute prediction error
    """
    x, y, paid = centred(left), centred(right), torch.as_tensor(pays, dtype=torch.float32)
    optimizer, dice = torch.optim.Adam(network.parameters(), rate), torch.Generator().manual_seed(seed)
    expected, history = 0.0, []
    with one_thread():
        for _ in tqdm(range(epochs), "choosing", unit="epoch", leave=False):
            rewards, errors = [], []
            for rows in torch.randperm(len(x), generator=dice).split(BATCH):
                worth = torch.cat([network(x[rows]), network(y[rows])], dim=1)
                chance = torch.log_softmax(worth, dim=1)
                choice = torch.multinomial(chance.detach().exp(), 1, generator=dice)
                reward = paid[rows].gather(1, choice)
                error = reward - expected
                loss = -(error * chance.gather(1, choice)).mean()
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                expected += 0.1 * error.mean().item()
                rewards.append(reward.mean().item())
                errors.append(error.abs().mean().item())
            history.append({"reward": float(np.mean(rewards)), "error": float(np.mean(errors))})
    return history
