"""Features of whole series of panels, computed once and put on a shelf."""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from joblib import Parallel, delayed
from threadpoolctl import threadpool_limits
from tqdm.auto import tqdm

from kit.faces.stimuli import Trials
from kit.files.atomic import atomic
from kit.networks.basics.live import one_thread

from .looks import Embeds
from .panels import Series
from .shelf import CONTENTS, Shelf
from .space_names import MODEL_SPACES
from .spaces import decision_neurons, look_at

BLOCK = 900  # faces embedded at a time: 11 MB of pictures of 64 pixels


@dataclass(frozen=True)
class Library:
    """A shelf that is filled, because the systems are known.

    Parameters
    ----------
    folder : path
    systems : mapping of str to Embeds
    further : mapping of str to Embeds
        Networks that were trained again with another seed.
    """

    folder: Path
    systems: Mapping[str, Embeds]
    further: Mapping[str, Embeds] = field(default_factory=dict)

    @property
    def shelf(self) -> Shelf:
        """What is kept, without the systems: light enough to be sent to workers."""
        return Shelf(self.folder, (*MODEL_SPACES, *self.systems), tuple(self.further))

    @property
    def _names(self) -> tuple[str, ...]:
        return self.shelf.spaces + self.shelf.further

    def read(self, series: Series) -> dict[str, np.ndarray]:
        """As `Shelf.read`."""
        return self.shelf.read(series)

    def fill(self, series: Series, jobs: int = -1) -> None:
        """Compute what is not there yet; a series that was stopped half-way, or is damaged, begins again.

        Blocks of faces are shared among `jobs` threads, -1 for one a core; the numbers are the same.
        """
        contents = self.folder / series.name / CONTENTS
        if contents.exists():
            if not (spoiled := self._spoiled(series, contents)):
                return
            warnings.warn(f"{spoiled} is damaged or was exchanged: features are computed again", stacklevel=2)
            contents.unlink()
        found = self._compute(series, jobs)
        for name, values in found.items():
            with atomic(self.shelf.path(series, name)) as file:
                np.save(file, values)
        sums = {name: _checksum(self.shelf.path(series, name)) for name in found}
        with atomic(contents) as file:
            file.write(json.dumps(sums, indent=1).encode())

    def _spoiled(self, series: Series, contents: Path) -> Path | None:
        """A file that is not what was written, if there is one."""
        try:
            sums = dict(json.loads(contents.read_text()))
        except (ValueError, TypeError):  # not JSON, or another kind of it
            return contents
        if not {f"{kind}/{name}" for kind in ("faces", "target") for name in self._names} <= set(sums):
            return contents
        paths = {self.shelf.path(series, name): checksum for name, checksum in sums.items()}
        return next((p for p, checksum in paths.items() if not p.exists() or _checksum(p) != checksum), None)

    @threadpool_limits.wrap(limits=1, user_api="blas")
    @one_thread()
    def _compute(self, series: Series, jobs: int) -> dict[str, np.ndarray]:
        """Features of all faces, of the target, and decisions, by "kind/name"."""
        trials = series.trials()
        starts = range(0, len(trials.faces), BLOCK)
        blocks = Parallel(jobs, backend="threading", return_as="generator")(  # networks stay in this process
            delayed(self._block)(trials, start, series) for start in starts
        )
        parts = list(tqdm(blocks, f"features, {series.identity}", len(starts), unit="block", leave=False))
        found = {name: np.concatenate([part.pop(name) for part in parts]) for name in list(parts[0])}
        target = look_at(trials.target, {**self.systems, **self.further})
        return found | {f"target/{name}": values for name, values in target.items()}

    def _block(self, trials: Trials, start: int, series: Series) -> dict[str, np.ndarray]:
        rows = np.arange(len(trials.faces))[start : start + BLOCK]
        found = look_at(trials.faces[rows], {**self.systems, **self.further}, trials.views[rows])
        decided = decision_neurons(found, self.systems, series.identity)
        named = {f"faces/{name}": values for name, values in found.items()}
        return named | {f"decision/{name}": values for name, values in decided.items()}


def _checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
