"""*Simulated* neurons: how a spike comes about, cells tuned to axes of face space, and the face read back from them.

Nothing here was measured. Tuning is planted, after what was found in cells of the macaque's face patches.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from kit.analysis._checks import finite_array
from kit.chance import Rng
from kit.faces import Faces

REST, THRESHOLD, RESET = -70.0, -50.0, -70.0  # mV
TAU, REFRACTORY = 20.0, 2.0  # ms
RESISTANCE = 10.0  # megaohm: 1 nA raises the voltage by 10 mV in the end
PENALTIES = 10.0 ** np.arange(-1, 7)


def lif_rate(current: np.ndarray) -> np.ndarray:
    """Spikes a second of a leaky integrate-and-fire neuron at constant currents in nA, of any shape, by formula.

    From reset to threshold takes tau ln((R I + rest - reset) / (R I + rest - threshold)), plus the refractory
    period; the rate is 0 where the current never reaches the threshold.

    References
    ----------
    Gerstner et al. (2014), Neuronal Dynamics, section 1.3, doi:10.1017/CBO9781107447615.
    """
    end = RESISTANCE * np.asarray(current, float) + REST
    reaches = end > THRESHOLD
    away = np.where(reaches, end - THRESHOLD, 1.0)
    interval = REFRACTORY + TAU * np.log(np.where(reaches, end - RESET, np.e) / away)
    return np.where(reaches, 1000 / interval, 0.0)


def lif(current: np.ndarray, dt: float = 0.1) -> tuple[np.ndarray, np.ndarray]:
    """Voltage and spikes of a leaky integrate-and-fire neuron, step by step.

    Parameters
    ----------
    current : array of shape (n_steps,)
        nA, constant within each step.
    dt : float
        Milliseconds a step.

    Returns
    -------
    voltage : array of shape (n_steps,)
        mV at the end of each step.
    spikes : array of shape (n_spikes,)
        Times in ms.
    """
    current = finite_array("current", current)
    kept, waits = np.exp(-dt / TAU), round(REFRACTORY / dt)
    voltage, spikes, now, wait = np.empty(len(current)), [], REST, 0
    for step, amount in enumerate(current):
        if wait:
            wait -= 1
        else:
            end = REST + RESISTANCE * amount
            now = end + (now - end) * kept  # exact for a constant current
        if now >= THRESHOLD:
            spikes.append((step + 1) * dt)
            now, wait = RESET, waits
        voltage[step] = now
    return voltage, np.array(spikes)


@dataclass(frozen=True, eq=False)
class Population:
    """*Simulated* neurons, each of which climbs along one axis of face space and ignores all others.

    A neuron fires at max(0, base + gain (x . axis)) spikes a second, x the coefficients of a face; counts are Poisson.

    Attributes
    ----------
    axes : array of shape (n_neurons, n_coefficients)
        Of length 1.
    base, gain : arrays of shape (n_neurons,)
        Spikes a second for the average face, and more for each standard deviation along the axis.

    References
    ----------
    Chang & Tsao (2017), Cell 169:1013-1028, doi:10.1016/j.cell.2017.05.011.
    """

    axes: np.ndarray
    base: np.ndarray
    gain: np.ndarray

    def __repr__(self) -> str:
        return f"Population({len(self)} SIMULATED neurons, tuned to axes among {self.axes.shape[1]} coefficients)"

    def __len__(self) -> int:
        return len(self.axes)

    def __getitem__(self, chosen) -> Population:
        """Some of the neurons, by slice, mask or list."""
        rows = np.atleast_1d(np.arange(len(self))[chosen])
        return Population(self.axes[rows], self.base[rows], self.gain[rows])

    def rates(self, coefficients: np.ndarray) -> np.ndarray:
        """Expected spikes a second, (n_faces, n_neurons), for coefficients (n_faces, n_coefficients)."""
        return np.maximum(0, self.base + self.gain * (np.asarray(coefficients, float) @ self.axes.T))

    def counts(self, coefficients: np.ndarray, seconds: float = 0.3, rng: Rng = 0) -> np.ndarray:
        """Spikes to each face, (n_faces, n_neurons): Poisson, so no two showings are alike.

        Coefficients are (n_faces, n_coefficients).
        """
        return np.random.default_rng(rng).poisson(seconds * self.rates(coefficients))

    def receptive_field_scale(self) -> np.ndarray:
        """Length that the spike-triggered average of each neuron has, were there endless faces from N(0, 1).

        With z ~ N(0, 1) along the axis it is E[z r(z)] / E[r(z)]; for a rate cut off at 0 that is
        g F(b/g) / (b F(b/g) + g f(b/g)), F and f the normal distribution and density, and g/b where nothing is cut off.
        """
        at = self.base / self.gain
        return self.gain * norm.cdf(at) / (self.base * norm.cdf(at) + self.gain * norm.pdf(at))


def population(n_neurons: int, n_coefficients: int, rng: Rng = 0) -> Population:
    """Neurons with random axes, bases of 5 to 25 and gains of 5 to 15 spikes a second."""
    rng = np.random.default_rng(rng)
    axes = rng.normal(size=(n_neurons, n_coefficients))
    axes /= np.linalg.norm(axes, axis=1, keepdims=True)
    return Population(axes, rng.uniform(5, 25, n_neurons), rng.uniform(5, 15, n_neurons))


def coefficients(faces: Faces) -> np.ndarray:
    """Face space: shape, then texture coefficients, (n, k + m)."""
    return np.hstack([faces.shape, faces.texture]).astype(float)


def spike_triggered_average(stimuli: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """The mean stimulus of all spikes minus that of all showings: each neuron's receptive field.

    Parameters
    ----------
    stimuli : array of shape (n_stimuli, n_features)
        Drawn without correlations, or the average shows what goes with the axis, too.
    counts : array of shape (n_stimuli, n_neurons)

    Returns
    -------
    array of shape (n_neurons, n_features)

    Raises
    ------
    ValueError
        If lengths differ, or a neuron never fired.

    References
    ----------
    Chichilnisky (2001), Network 12:199-213, doi:10.1080/713663221.
    """
    stimuli, counts = finite_array("stimuli", stimuli), finite_array("counts", counts)
    if stimuli.ndim != 2 or counts.ndim != 2 or len(stimuli) != len(counts):
        raise ValueError(f"stimuli have shape {stimuli.shape}, counts {counts.shape}: both need one row a stimulus")
    silent = np.flatnonzero(counts.sum(axis=0) == 0)
    if len(silent):
        raise ValueError(f"neuron {silent[0]} never fired ({len(silent)} such neurons): leave it out, or show more")
    return counts.T @ stimuli / counts.sum(axis=0)[:, None] - stimuli.mean(axis=0)


@dataclass(frozen=True)
class BayesDecoder:
    """A linear read-out from spike counts to face coefficients.

    Attributes
    ----------
    weights : array of shape (n_neurons, n_coefficients)
    intercept : array of shape (n_coefficients,)
    """

    weights: np.ndarray
    intercept: np.ndarray

    def predict(self, counts: np.ndarray) -> np.ndarray:
        """Coefficients (n_faces, n_coefficients) of the faces that were seen, from counts (n_faces, n_neurons)."""
        return np.asarray(counts, float) @ self.weights + self.intercept


def fit_decoder(counts: np.ndarray, seen: np.ndarray) -> BayesDecoder:
    """Ridge regression from counts to coefficients; one penalty, by leave-one-out errors.

    Parameters
    ----------
    counts : array of shape (n_faces, n_neurons)
    seen : array of shape (n_faces, n_coefficients)
    """
    from sklearn.linear_model import RidgeCV

    fit = RidgeCV(alphas=PENALTIES).fit(counts, seen)
    return BayesDecoder(fit.coef_.T, fit.intercept_)


def as_faces(decoded: np.ndarray, like: Faces) -> Faces:
    """Faces with decoded coefficients (n, k + m), and the sex, age and ancestry of `like`, which are taken as known."""
    k = like.shape.shape[1]
    decoded = np.atleast_2d(decoded)
    if decoded.shape[1] != k + like.texture.shape[1]:
        raise ValueError(f"decoded has {decoded.shape[1]} coefficients, a face {k + like.texture.shape[1]}")
    return like[[0] * len(decoded)].changed(shape=decoded[:, :k], texture=decoded[:, k:])


def accuracy(decoded: np.ndarray, seen: np.ndarray) -> float:
    """Share of the faces' variance that is read back: 0 for the average face always, 1 for every face exactly.

    Decoded and seen coefficients are (n_faces, n_coefficients).
    """
    return float(1 - ((decoded - seen) ** 2).sum() / (np.asarray(seen) ** 2).sum())


def growth(
    cells: Population, train: np.ndarray, test: np.ndarray, sizes: Sequence[int], seconds: float = 0.3, rng: Rng = 0
) -> np.ndarray:
    """How well faces are read back from the first 1, 2, ... neurons: array (n_sizes,) of `accuracy` on new faces.

    Parameters
    ----------
    train, test : arrays of shape (n_faces, n_coefficients)
    sizes : sequence of int
        Numbers of neurons, at most len(cells).
    """
    if max(sizes) > len(cells):
        raise ValueError(f"{max(sizes)} neurons of {len(cells)}: make a larger population")
    rng = np.random.default_rng(rng)
    known, new = cells.counts(train, seconds, rng), cells.counts(test, seconds, rng)
    return np.array([accuracy(fit_decoder(known[:, :n], train).predict(new[:, :n]), test) for n in sizes])
