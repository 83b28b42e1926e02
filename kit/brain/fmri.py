"""*Simulated* fMRI: regions whose voxels weigh known features, seen through slow blood and noise.

Nothing here was measured. What each region codes is planted, so that an analysis which claims to find it can be
put to the test; `from_nifti` brings measured data to the same analyses.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.signal import lfilter

from kit.chance import Rng

from .glm import cosine_drift, design_matrix, glm

if TYPE_CHECKING:
    from nilearn.maskers import NiftiMasker

TR, DURATION = 2.0, 2.0  # seconds from scan to scan; seconds that a face is shown
REST = 16.0  # seconds without faces at the end of a run
MEMORY = 0.4  # autocorrelation of the noise from scan to scan
DRIFT = 4.0  # size of the drift, in standard deviations of the noise
ANSWER = 2.0  # what all faces have in common, in standard deviations of what tells them apart
UNITS = {"sec": 1.0, "msec": 1e-3, "usec": 1e-6, "unknown": 1.0}  # of NIfTI headers, in seconds
PLAUSIBLE = (0.01, 60.0)  # seconds from scan to scan
UNTOLD = 1.0  # what stands in a header without a unit if nobody wrote a TR


@dataclass(frozen=True)
class Region:
    """A region of a simulated brain.

    Parameters
    ----------
    name : str
    shares : mapping of feature space to the share of the voxels' variance that it makes; the shares sum to 1.
    voxels : int
    """

    name: str
    shares: Mapping[str, float]
    voxels: int = 40


REGIONS = (
    Region("early", {"gabor": 1.0}),
    Region("middle", {"texture": 0.8, "shape": 0.2}),
    Region("late", {"shape": 0.8, "sex": 0.2}),
)
"""A caricature of the way from the picture to the person; assumptions, not measurements."""


@dataclass(frozen=True, eq=False)
class Scan:
    """A *simulated* session: every stimulus once a run, in a new order.

    Attributes
    ----------
    bold : array of shape (n_runs, n_scans, n_voxels)
    onsets : array of shape (n_runs, n_stimuli)
        Seconds from the beginning of the run.
    region : str array of shape (n_voxels,)
    truth : array of shape (n_stimuli, n_voxels)
        The planted responses, which no experimenter would know.
    """

    bold: np.ndarray
    onsets: np.ndarray
    region: np.ndarray
    truth: np.ndarray

    def __repr__(self) -> str:
        runs, scans, voxels = self.bold.shape
        return f"Scan(SIMULATED fMRI: {runs} runs of {scans} scans, {voxels} voxels, {self.onsets.shape[1]} stimuli)"

    def betas(self, noise: str = "ar1") -> np.ndarray:
        """Each run's responses by a GLM with one column a stimulus: (n_runs, n_stimuli, n_voxels)."""
        n_scans, n_stimuli = self.bold.shape[1], self.onsets.shape[1]
        designs = [design_matrix(onsets[:, None], n_scans, TR, DURATION) for onsets in self.onsets]
        return np.stack([glm(bold, design, noise).betas[:n_stimuli] for bold, design in zip(self.bold, designs)])


def simulate(
    features: Mapping[str, np.ndarray],
    regions: Sequence[Region] = REGIONS,
    runs: int = 4,
    spacing: float = 6.0,
    noise: float = 0.5,
    rng: Rng = 0,
) -> Scan:
    """*Simulate* a session in which a brain is shown stimuli.

    Parameters
    ----------
    features : mapping of str to array of shape (n_stimuli, n_features)
        What the stimuli are, for example `kit.brain.viewing.Stimuli.features()`.
    regions : sequence of Region
    runs : int
    spacing : float
        Seconds from one stimulus to the next.
    noise : float
        Standard deviation from scan to scan, in units of the spread of a voxel's betas over stimuli.
    """
    rng = np.random.default_rng(rng)
    truth = np.hstack([planted_responses(features, region, rng) for region in regions])
    n = len(truth)
    onsets = np.argsort([rng.permutation(n) for _ in range(runs)], axis=1) * spacing
    n_scans = int(np.ceil((n * spacing + REST) / TR))
    designs = [design_matrix(of[:, None], n_scans, TR, DURATION)[:, :n] for of in onsets]
    bold = np.stack([design @ (truth + ANSWER) for design in designs])
    bold += noise * _noise(bold.shape, rng)
    names = np.repeat([region.name for region in regions], [region.voxels for region in regions])
    return Scan(bold, onsets, names, truth)


def planted_responses(features: Mapping[str, np.ndarray], region: Region, rng: Rng = 0) -> np.ndarray:
    """Responses (n_stimuli, n_voxels) of a region: random weights of each feature space, its share of the variance.

    Features are (n_stimuli, n_features) in each space.

    Raises
    ------
    ValueError
        If the region codes a space that is not among the features, or its shares do not sum to 1.
    """
    rng = np.random.default_rng(rng)
    missing = sorted(set(region.shares) - set(features))
    if missing:
        raise ValueError(f"region {region.name!r} codes {missing[0]!r}, but the features are {sorted(features)}")
    if not np.isclose(sum(region.shares.values()), 1):
        raise ValueError(f"the shares of region {region.name!r} sum to {sum(region.shares.values()):g}, not to 1")
    parts = []
    for name, share in region.shares.items():
        columns = _standard(np.asarray(features[name], float))
        parts.append(np.sqrt(share) * _standard(columns @ rng.normal(size=(columns.shape[1], region.voxels))))
    return sum(parts)


def _standard(columns: np.ndarray) -> np.ndarray:
    return (columns - columns.mean(axis=0)) / columns.std(axis=0)


def _noise(shape: tuple[int, int, int], rng: np.random.Generator) -> np.ndarray:
    """Drift and noise that remembers itself, (n_runs, n_scans, n_voxels); the noise has standard deviation 1."""
    runs, scans, voxels = shape
    fresh = rng.normal(size=(runs, scans + 50, voxels)) * np.sqrt(1 - MEMORY**2)
    remembering = lfilter([1], [1, -MEMORY], fresh, axis=1)[:, 50:]
    slow = cosine_drift(scans, TR)
    amounts = rng.normal(size=(runs, slow.shape[1], voxels)) / np.sqrt(slow.shape[1])
    return remembering + DRIFT * np.sqrt(scans) * slow @ amounts


@dataclass(frozen=True)
class Volumes:
    """Measured (or any) fMRI volumes as a table, and the way back to the brain.

    Attributes
    ----------
    bold : array of shape (n_scans, n_voxels)
        A voxel with a nan or an infinity anywhere in its series is nan.
    tr : float
        Seconds from scan to scan.
    masker : NiftiMasker
        Knows which voxel is where.
    """

    bold: np.ndarray
    tr: float
    masker: NiftiMasker

    def to_nifti(self, values: np.ndarray) -> Any:
        """Values (n_voxels,) or (n_maps, n_voxels) as a NIfTI image, for example betas for a viewer of brains."""
        return self.masker.inverse_transform(np.asarray(values))


def from_nifti(image: Any, mask: Any = None, tr: float | None = None) -> Volumes:
    """Read fMRI volumes through nilearn, for `kit.brain.glm` and all that follows.

    Parameters
    ----------
    image : path or NIfTI image with four dimensions
    mask : path or NIfTI image, optional
        Voxels to keep; by default nilearn leaves out the background.
    tr : float, optional
        Seconds from scan to scan; by default those of the image's header, in its own unit. A number without
        a unit is taken as seconds, with a warning.

    Raises
    ------
    ImportError
        Without nilearn, with the command that installs it.
    ValueError
        If a file cannot be read, the image has no time axis, or neither its header nor `tr` says how long a scan takes.
    """
    try:
        from nilearn.image import load_img, new_img_like
        from nilearn.maskers import NiftiMasker
    except ImportError:
        raise ImportError("reading NIfTI files needs nilearn: pip install 'shared-features[brain]'") from None
    volumes = _attempt("image", image, lambda: load_img(image))
    if len(volumes.shape) != 4 or volumes.shape[3] < 2:
        raise ValueError(f"the image has shape {volumes.shape}: expected volumes over time (x, y, z, scans)")
    tr = _header_tr(volumes.header) if tr is None else _given_tr(tr)
    masker = NiftiMasker(mask_img=mask, standardize=None)
    if mask is None:
        _attempt("image", image, lambda: masker.fit(volumes))
    else:
        _attempt("mask", mask, masker.fit)
    holes = _attempt("image", image, lambda: ~np.isfinite(volumes.dataobj).all(axis=3))
    bold = _attempt("image", image, lambda: masker.transform(volumes)).astype(float)
    if holes.any():  # nilearn has written zeros, which would count as measured
        bold[:, masker.transform(new_img_like(volumes, holes[..., None].astype(np.float32)))[0] > 0] = np.nan
    return Volumes(bold, tr, masker)


def _attempt(what: str, source: Any, work: Callable[[], Any]) -> Any:
    """What nilearn makes of a file; whatever it raises, the message names the file."""
    try:
        return work()
    except Exception as error:  # nibabel, gzip and nilearn each raise their own kinds
        name = source if isinstance(source, str | os.PathLike) else f"({type(source).__name__})"
        told = f"{type(error).__name__}: {error}"
        raise ValueError(f"the {what} {name} cannot be used ({told}): is it whole, and the right one?") from error


def _given_tr(tr: float) -> float:
    if isinstance(tr, str | bool) or not PLAUSIBLE[0] <= tr <= PLAUSIBLE[1]:
        raise ValueError(f"tr is {tr!r}: how many seconds from scan to scan? Some {TR:g} s are usual")
    return float(tr)


def _header_tr(header: Any) -> float:
    """Seconds from scan to scan by a NIfTI header, if it says so."""
    value, unit = float(header.get_zooms()[3]), _time_unit(header)
    seconds = value * UNITS.get(unit, np.nan)
    untold = unit == "unknown" and value == UNTOLD
    if untold or not PLAUSIBLE[0] <= seconds <= PLAUSIBLE[1]:
        raise ValueError(
            f"the image's header gives {value:g} ({'no unit' if unit == 'unknown' else unit}) as its TR, which tells "
            "nothing: how many seconds from scan to scan? Pass them as tr="
        )
    if unit == "unknown":
        warnings.warn(
            f"the image's header gives a TR of {value:g} without a unit: taken as seconds; pass tr= to be sure",
            stacklevel=3,
        )
    return seconds


def _time_unit(header: Any) -> str:
    try:
        return header.get_xyzt_units()[1]
    except (AttributeError, KeyError):  # other formats have no units, damaged headers have strange ones
        return "unknown"
