"""RDMs that know their stimuli: rows in another order are put right by name, other stimuli are refused.

Arrays of pairs know neither, so that two of them compare without complaint although their stimuli came in another
order. Where stimuli have names, keep names and dissimilarities together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.spatial.distance import squareform

from .dissimilarity import condensed, count_stimuli, rdm


@dataclass(frozen=True, eq=False)
class RDMs:
    """Dissimilarities of named stimuli, for one or more named systems or subjects.

    Parameters
    ----------
    values : array of shape (n_rdms, n_pairs) or (n_pairs,)
        Condensed, the pairs (0, 1), (0, 2), ... of the stimuli.
    stimuli : sequence of str, of length n_stimuli
        Each name once.
    names : sequence of str, of length n_rdms, optional
        Whose RDM each row is; "0", "1", ... by default.
    metric : str
        What the dissimilarities are.

    Raises
    ------
    ValueError
        If a name is there twice, or names and numbers do not go together.
    """

    values: np.ndarray
    stimuli: Sequence[str]
    names: Sequence[str] = ()
    metric: str = ""

    def __post_init__(self) -> None:
        values = condensed("values", self.values)
        stimuli = tuple(map(str, self.stimuli))
        names = tuple(map(str, self.names)) or tuple(map(str, range(len(values))))
        n = count_stimuli("values", values.shape[1])
        if len(stimuli) != n or len(names) != len(values):
            raise ValueError(
                f"values of shape {values.shape} are {len(values)} RDMs of {n} stimuli; there are {len(names)} names "
                f"of RDMs and {len(stimuli)} of stimuli"
            )
        for kind, given in (("stimulus", stimuli), ("RDM", names)):
            if twice := [name for name, count in Counter(given).items() if count > 1]:
                raise ValueError(f"the {kind} {twice[0]!r} is there {given.count(twice[0])} times: rename or leave out")
        for field, value in (("values", values), ("stimuli", stimuli), ("names", names)):
            object.__setattr__(self, field, value)

    def __len__(self) -> int:
        return len(self.values)

    def __repr__(self) -> str:
        return f"RDMs({', '.join(self.names)}: {len(self.stimuli)} stimuli)"

    def __getitem__(self, name: str) -> RDMs:
        """The RDM of one name. Raises KeyError with the names that there are."""
        if name not in self.names:
            raise KeyError(f"there is no RDM {name!r}; there are {', '.join(self.names)}")
        row = self.names.index(name)
        return replace(self, values=self.values[row : row + 1], names=(name,))

    def of(self, stimuli: Sequence[str]) -> RDMs:
        """The same RDMs of these stimuli only, in this order.

        Raises
        ------
        ValueError
            If a stimulus is not among them; the message names it.
        """
        places = {name: k for k, name in enumerate(self.stimuli)}
        wanted = tuple(map(str, stimuli))
        if missing := [name for name in wanted if name not in places]:
            raise ValueError(f"{self!r} has no stimulus {_some(missing)}")
        rows = [places[name] for name in wanted]
        squares = (squareform(row)[np.ix_(rows, rows)] for row in self.values)
        return replace(self, values=np.stack([squareform(s, checks=False) for s in squares]), stimuli=wanted)

    def square(self) -> np.ndarray:
        """The same as matrices (n_rdms, n_stimuli, n_stimuli), zero on the diagonal."""
        return np.stack([squareform(row) for row in self.values])

    def to_frame(self) -> pd.DataFrame:
        """A tidy table: columns rdm, one, other, dissimilarity; a row for each RDM and pair of stimuli."""
        one, other = np.triu_indices(len(self.stimuli), 1)
        stimuli, n = np.array(self.stimuli, dtype=object), len(self)
        return pd.DataFrame({
            "rdm": np.repeat(np.array(self.names, dtype=object), len(one)),
            "one": np.tile(stimuli[one], n), "other": np.tile(stimuli[other], n),
            "dissimilarity": self.values.ravel(),
        })  # fmt: skip

    @classmethod
    def from_frame(cls, table: pd.DataFrame, metric: str = "") -> RDMs:
        """RDMs of a table as `to_frame` makes it, its rows in any order; each pair once for each RDM.

        Raises
        ------
        ValueError
            If a pair is missing or there twice; the message names it.
        """
        table = table.astype({"rdm": str, "one": str, "other": str})
        stimuli = list(dict.fromkeys([*table["one"], *table["other"]]))
        names = list(dict.fromkeys(table["rdm"]))
        places = {name: k for k, name in enumerate(stimuli)}
        counts = np.zeros((len(names), len(stimuli), len(stimuli)), int)
        squares = np.zeros(counts.shape)
        at = [table[c].map(m).to_numpy() for c, m in (("rdm", {n: k for k, n in enumerate(names)}),
                                                      ("one", places), ("other", places))]  # fmt: skip
        for i, j in ((at[1], at[2]), (at[2], at[1])):
            np.add.at(counts, (at[0], i, j), 1)
            squares[at[0], i, j] = table["dissimilarity"]
        expected = 1 - np.eye(len(stimuli), dtype=int)
        if len(wrong := np.argwhere(counts != expected)):
            which, i, j = wrong[0]
            raise ValueError(
                f"the pair {stimuli[i]!r}, {stimuli[j]!r} of the RDM {names[which]!r} is there {counts[which, i, j]} "
                f"times, it must be there {expected[i, j]} times"
            )
        return cls(np.stack([squareform(square) for square in squares]), stimuli, names, metric)


def named_rdms(patterns: dict[str, np.ndarray], stimuli: Sequence[str], metric: str = "correlation") -> RDMs:
    """RDMs of several systems' patterns of the same stimuli.

    Parameters
    ----------
    patterns : dict of str to array of shape (n_stimuli, n_features)
    stimuli : sequence of str, of length n_stimuli
    metric : as in `rdm`
    """
    for name, values in patterns.items():
        if len(values) != len(stimuli):
            raise ValueError(f"{name!r} has patterns of {len(values)} stimuli, and {len(stimuli)} names were given")
    return RDMs(np.stack([rdm(values, metric) for values in patterns.values()]), stimuli, tuple(patterns), metric)


def aligned(models: np.ndarray | RDMs, subjects: np.ndarray | RDMs) -> tuple[np.ndarray, np.ndarray]:
    """Both sides as arrays (..., n_pairs), the second in the first one's order of stimuli if both know theirs.

    Raises
    ------
    ValueError
        If the two are of other stimuli, or only one side knows its stimuli.
    """
    named = isinstance(models, RDMs), isinstance(subjects, RDMs)
    if not any(named):
        return models, subjects
    if not all(named):
        one, other = ("models", "subjects") if named[0] else ("subjects", "models")
        raise ValueError(
            f"{one} know their stimuli and {other} do not, so that nobody can tell whether the order is the same: "
            f"give {other} their names, RDMs(values, stimuli)"
        )
    ours, theirs = set(models.stimuli), set(subjects.stimuli)
    if ours != theirs:
        alone = [f"{_some(sorted(names))} only among {kind}"
                 for kind, names in (("models", ours - theirs), ("subjects", theirs - ours)) if names]  # fmt: skip
        raise ValueError(
            f"models and subjects are of other stimuli ({'; '.join(alone)}): choose those that both have, "
            "for example models.of(stimuli)"
        )
    return models.values, subjects.of(models.stimuli).values


def _some(names: Sequence[str]) -> str:
    return ", ".join(map(repr, names[:3])) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
