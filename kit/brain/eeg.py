"""*Simulated* EEG of a brain that sees faces: 32 sensors, known latencies, noise as of the head.

Nothing here was measured. Waves, topographies and latencies are planted, after what is known of the
responses to faces, so that an analysis which claims to find them can be put to the test. `from_epochs` and
`to_epochs` exchange recordings with MNE.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from kit.chance import Rng

if TYPE_CHECKING:
    import mne


# Places on a round head by the 10-20 system: degrees down from the top, degrees from the nose to the right.
SENSORS = {
    "Fp1": (92, -18), "AF3": (74, -25), "F7": (92, -54), "F3": (60, -39), "FC1": (32, -45), "FC5": (72, -69),
    "T7": (92, -90), "C3": (46, -90), "CP1": (32, -135), "CP5": (72, -111), "P7": (92, -126), "P3": (60, -141),
    "Pz": (46, 180), "PO3": (74, -155), "O1": (92, -162), "Oz": (92, 180), "O2": (92, 162), "PO4": (74, 155),
    "P4": (60, 141), "P8": (92, 126), "CP6": (72, 111), "CP2": (32, 135), "C4": (46, 90), "T8": (92, 90),
    "FC6": (72, 69), "FC2": (32, 45), "F4": (60, 39), "F8": (92, 54), "AF4": (74, 25), "Fp2": (92, 18),
    "Fz": (46, 0), "Cz": (0, 0),
}  # fmt: skip
RATE = 100  # samples a second
BEFORE, AFTER = 0.2, 0.6  # seconds round the onset of the face
BLUR = 35.0  # degrees over which skull and skin smear what reaches the sensors
HEAD = 0.095  # metres, its radius


@dataclass(frozen=True)
class Wave:
    """A planted wave: where in time and on the head, and how large.

    Parameters
    ----------
    latency, width : float
        Seconds: its peak, and the standard deviation of its bell.
    peaks : mapping of sensor to relative size
        Empty for waves that differ from person to person.
    size : float
        Microvolts at the peak.
    slope : float
        Microvolts more for each standard deviation of face structure.
    """

    latency: float
    width: float
    peaks: dict[str, float]
    size: float
    slope: float = 0.0


WAVES = {
    "P1": Wave(0.10, 0.018, {"O1": 1.0, "Oz": 1.0, "O2": 1.0}, 5.0),
    "N170": Wave(0.17, 0.020, {"P8": 1.0, "P7": 0.7}, -6.0, slope=-3.0),
    "identity": Wave(0.28, 0.035, {}, 1.5),
    "later identity": Wave(0.46, 0.060, {}, 1.0),
}
"""What is planted. N170-like: faces as such and their structure. Identity: one pattern a person, later another one.
What tells people apart is larger here than in heads, so that few trials suffice."""


@dataclass(frozen=True, eq=False)
class Epochs:
    """Voltages after the onset of faces.

    Attributes
    ----------
    data : array of shape (n_trials, n_sensors, n_times)
        Microvolts.
    times : array of shape (n_times,)
        Seconds from the onset of the face.
    sensors : tuple of n_sensors names
    origin : "SIMULATED" or "measured"
    """

    data: np.ndarray
    times: np.ndarray
    sensors: tuple[str, ...]
    origin: str = "SIMULATED"

    def __repr__(self) -> str:
        trials, sensors, times = self.data.shape
        span = f"{1000 * self.times[0]:.0f} to {1000 * self.times[-1]:.0f} ms"
        return f"Epochs({self.origin} EEG: {trials} trials, {sensors} sensors, {times} samples from {span})"

    def at(self, sensor: str) -> np.ndarray:
        """One sensor's voltages, (n_trials, n_times)."""
        if sensor not in self.sensors:
            raise ValueError(f"there is no sensor {sensor!r}; there are {', '.join(self.sensors)}")
        return self.data[:, self.sensors.index(sensor)]


def simulate(person: np.ndarray, structure: np.ndarray, noise: float = 5.0, rng: Rng = 0) -> Epochs:
    """*Simulate* the EEG of a brain that is shown one face a trial.

    Parameters
    ----------
    person : int array of shape (n_trials,)
        Who is seen, counted from 0.
    structure : array of shape (n_trials,)
        How the structure of the face is changed, in standard deviations.
    noise : float
        Standard deviation of each sensor's noise in microvolts; its power falls as 1/f.

    References
    ----------
    Bentin et al. (1996), Journal of Cognitive Neuroscience 8:551, doi:10.1162/jocn.1996.8.6.551 (N170);
    Tanaka et al. (2006), Journal of Cognitive Neuroscience 18:1488, doi:10.1162/jocn.2006.18.9.1488 (identity, 250 ms).
    """
    person, structure = np.asarray(person), np.asarray(structure, float)
    if person.shape != structure.shape or person.ndim != 1:
        raise ValueError(f"person has shape {person.shape}, structure {structure.shape}: give one of each a trial")
    rng, times = np.random.default_rng(rng), np.arange(round(-BEFORE * RATE), round(AFTER * RATE) + 1) / RATE
    data = noise * _noise(len(person), len(times), rng)
    for wave in WAVES.values():
        course = np.exp(-0.5 * ((times - wave.latency) / wave.width) ** 2)
        where = (wave.size + wave.slope * structure)[:, None] * _topography(wave, person, rng)
        data += where[:, :, None] * course
    return Epochs(data, times, tuple(SENSORS))


def positions() -> np.ndarray:
    """Places of the sensors on a sphere of radius 1, (32, 3): to the right, to the front, up."""
    down, round_ = np.radians(np.array(list(SENSORS.values()), float)).T
    return np.column_stack([np.sin(down) * np.sin(round_), np.sin(down) * np.cos(round_), np.cos(down)])


def _nearness() -> np.ndarray:
    """How much of what is below one sensor reaches another, (32, 32): 1 for itself."""
    angle = np.degrees(np.arccos(np.clip(positions() @ positions().T, -1, 1)))
    return np.exp(-0.5 * (angle / BLUR) ** 2)


def _topography(wave: Wave, person: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Size of a wave at each sensor, (n_trials, 32), or (1, 32) where it is the same for all people."""
    nearness = _nearness()
    if wave.peaks:
        names = list(SENSORS)
        around = sum(size * nearness[[names.index(sensor)]] for sensor, size in wave.peaks.items())
        return around / around.max()
    patterns = rng.normal(size=(person.max() + 1, len(nearness))) @ nearness
    patterns -= patterns.mean(axis=0)  # what all people share would be a response to faces as such
    return (patterns / patterns.std(axis=1, keepdims=True))[person]


def _noise(trials: int, times: int, rng: np.random.Generator) -> np.ndarray:
    """Noise (trials, 32, times) with power 1/f and neighbours alike; standard deviation 1 at each sensor."""
    frequency = np.fft.rfftfreq(4 * times, 1 / RATE)  # drawn longer than needed, or the end would meet the beginning
    amplitude = np.divide(1, np.sqrt(frequency), out=np.zeros_like(frequency), where=frequency > 0)
    spectrum = amplitude * (rng.normal(size=(trials, 32, len(frequency), 2)) @ [1, 1j])
    waves = np.fft.irfft(spectrum, axis=-1)[..., :times]
    mixed = np.einsum("st,ntk->nsk", _nearness() + 0.5 * np.eye(32), waves)
    return mixed / mixed.std(axis=(0, 2), keepdims=True)


def to_epochs(epochs: Epochs, labels: Sequence[int], names: dict[str, int] | None = None) -> mne.EpochsArray:
    """The same recording as MNE's epochs, with sensors on a round head; `info["description"]` keeps its origin.

    Parameters
    ----------
    labels : sequence of n_trials whole numbers
        For example who was seen.
    names : dict of name to label, optional
    """
    mne = _mne()
    info = mne.create_info(list(epochs.sensors), 1 / np.diff(epochs.times).mean(), "eeg")
    info["description"] = epochs.origin
    events = np.column_stack([np.arange(len(epochs.data)), np.zeros(len(epochs.data), int), np.asarray(labels, int)])
    made = mne.EpochsArray(1e-6 * epochs.data, info, events, epochs.times[0], names, verbose="error")
    if set(epochs.sensors) <= set(SENSORS):
        made.set_montage(mne.channels.make_dig_montage(dict(zip(SENSORS, HEAD * positions())), coord_frame="head"))
    return made


def from_epochs(recorded: mne.BaseEpochs, keep_bads: bool = False) -> tuple[Epochs, np.ndarray]:
    """EEG epochs of MNE, and the label of each trial (the third column of its events).

    Whatever `to_epochs` did not mark as simulated counts as measured. Trials that MNE drops are not there.

    Parameters
    ----------
    recorded : mne.Epochs
        Loaded (`preload=True`) or not.
    keep_bads : bool
        Whether to keep channels that are marked bad; by default they are left out, with a warning that names them.

    Raises
    ------
    ValueError
        If these are no epochs (the message says how to get them), or no EEG channel or no trial is left.
    """
    mne = _mne()
    if not isinstance(recorded, mne.BaseEpochs):
        raise ValueError(_no_epochs(mne, recorded))
    kinds = recorded.get_channel_types()
    sensors = [name for name, kind in zip(recorded.ch_names, kinds) if kind == "eeg"]
    bads = [] if keep_bads else [name for name in sensors if name in recorded.info["bads"]]
    kept = [name for name in sensors if name not in bads]
    if not kept:
        what = f"all {len(bads)} EEG channels are marked bad" if bads else f"there is no EEG, only {_counted(kinds)}"
        raise ValueError(f"{what}: pass keep_bads=True to keep bad ones; arrays of other sensors go into eeg.Epochs")
    if bads:
        warnings.warn(f"left out {len(bads)} channels that are marked bad: {', '.join(bads)}", stacklevel=2)
    chosen = recorded.copy().drop_bad(verbose="error")
    if not len(chosen):
        raise ValueError("MNE dropped all trials (`epochs.drop_log` says why): nothing is left to analyse")
    chosen = chosen.load_data().pick([chosen.ch_names.index(name) for name in kept])  # names may be those of types
    origin = "SIMULATED" if recorded.info["description"] == "SIMULATED" else "measured"
    return Epochs(chosen.get_data(units="uV"), chosen.times.copy(), tuple(kept), origin), chosen.events[:, 2].copy()


def _no_epochs(mne, recorded: object) -> str:
    cut = "cut it into trials first: mne.Epochs(raw, mne.find_events(raw), tmin=-0.2, tmax=0.6)"
    if isinstance(recorded, mne.io.BaseRaw):
        return f"this is a continuous recording ({type(recorded).__name__}), from_epochs wants trials: {cut}"
    if isinstance(recorded, mne.Evoked):
        return "this is an average (Evoked), in which single trials are gone: pass the mne.Epochs it was made of"
    return f"this is {type(recorded).__name__}, from_epochs wants mne.Epochs: read them with mne.read_epochs(path)"


def _counted(kinds: list[str]) -> str:
    return ", ".join(f"{kinds.count(kind)} {kind}" for kind in dict.fromkeys(kinds))


def _mne():
    try:
        import mne
    except ImportError:
        raise ImportError("exchange with MNE needs it: pip install 'shared-features[brain]'") from None
    return mne
