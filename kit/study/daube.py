"""The data of Daube et al. (2021), brought by you from osf.io/7yx28: ratings, panels, and the faces' coefficients.

Formats are those that the authors' public analysis code reads (github.com/cdaube/sharedFunctionalFeatures). Their face
model itself is not public, so that coefficients can be compared and not drawn; see docs/data-you-may-bring.md for what
the code does not tell.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd

from kit.faces.stimuli import PANEL

from . import matlab

IDENTITIES = ("Mary", "Stephany", "John", "Peter")  # in the order of the second axis of the arrays
PEOPLE = ("1", "2", "3", *map(str, range(5, 16)))  # who finished; the fifteenth of the arrays is everybody's average
COLUMNS = ["observer", "identity", "trial", "panel", "choice", "rating"]
BEHAVIOUR = ("fileNames", "chosenRow", "chosenCol", "systemsRatings")
COEFFICIENTS = ("vcoeffpure", "tcoeffpure")
ROWS, COLUMNS_SHOWN = 2, 3


def read_ratings(path: Path | str) -> pd.DataFrame:
    """Choices and ratings of all participants from extractedBehaviouralData.mat.

    Returns
    -------
    DataFrame with columns observer, identity, trial, panel, choice, rating
        Trials in the order of rating; `panel` counts the panels of an identity from 0, as `read_coefficients` has them;
        `choice` is 0 ... 5, row by row. The average participant of the file is left out.

    Raises
    ------
    ValueError
        If the file has another layout, or numbers that cannot be; what, where, and what it holds.
    """
    found = matlab.read(path, BEHAVIOUR, "extractedBehaviouralData.mat of the study")
    files = _shaped(path, "fileNames", found["fileNames"], 3)
    rows, columns, ratings = (_human(path, name, found[name]) for name in BEHAVIOUR[1:])
    people = min(len(PEOPLE), files.shape[2])
    parts = []
    for person in range(people):
        for place, identity in enumerate(IDENTITIES):
            at = (slice(None), place, person)
            panel, row, column, rating = (values[at] for values in (files, rows, columns, ratings))
            parts.append(pd.DataFrame({
                "observer": PEOPLE[person], "identity": identity, "trial": np.arange(len(panel)), "panel": panel - 1,
                "choice": COLUMNS_SHOWN * (row - 1) + column - 1, "rating": rating,
            }))  # fmt: skip
    return _checked(pd.concat(parts, ignore_index=True), path)


def read_session(path: Path | str) -> pd.DataFrame:
    """One participant's trials from data_sub1.mat (women) or dataMale_sub1.mat (men); as `read_ratings`."""
    name = next((n for n in matlab.variables(path) if re.fullmatch(r"data_\d{3}", n)), "data_001")
    cells = matlab.read(path, (name,), "a participant's data_sub or dataMale_sub file of the study")[name]
    if cells.ndim != 2 or cells.shape[1] < 9:
        raise ValueError(f"{path}: {name} has {cells.shape} cells; trials have nine columns or more")
    panel = [re.match(r"\D{0,3}\s*0*(\d+)", str(cell)[3:]) for cell in cells[:, 6]]
    if None in panel:
        raise ValueError(f"{path}: trial {panel.index(None)}, column 7: {cells[panel.index(None), 6]!r} names no panel")
    table = pd.DataFrame({
        "observer": str(int(name.removeprefix("data_"))), "identity": [str(cell) for cell in cells[:, 5]],
        "panel": [int(match[1]) - 1 for match in panel],
        "choice": [int(float(cell)) - 1 for cell in cells[:, 7]], "rating": [float(cell) for cell in cells[:, 8]],
    })  # fmt: skip
    table["trial"] = table.groupby("identity").cumcount()
    return _checked(table[COLUMNS], path)


def read_coefficients(path: Path | str) -> dict[str, np.ndarray]:
    """Coefficients of the random faces of two identities from IDcoeff_92_93.mat (women) or IDcoeff_149_604.mat (men).

    Returns
    -------
    dict of "shape" and "texture" to arrays of shape (2, panels, 6, k) and (2, panels, 6, m)
        First axis: Mary and Stephany, or John and Peter; the six faces row by row, as `choice` counts them.
    """
    found = matlab.read(path, COEFFICIENTS, "an IDcoeff file of the study")
    shape = _shaped(path, "vcoeffpure", found["vcoeffpure"], 5)
    texture = _shaped(path, "tcoeffpure", found["tcoeffpure"], 6)
    texture = texture.reshape(-1, *texture.shape[2:], order="F")
    if shape.shape[1:] != texture.shape[1:] or shape.shape[2:4] != (COLUMNS_SHOWN, ROWS):
        raise ValueError(
            f"{path}: vcoeffpure has {found['vcoeffpure'].shape} and tcoeffpure {found['tcoeffpure'].shape}; expected "
            "(k, panels, 3, 2, identities) and (k, m, panels, 3, 2, identities)"
        )
    return {kind: _by_panel(values) for kind, values in (("shape", shape), ("texture", texture))}


def chosen(table: pd.DataFrame, coefficients: np.ndarray) -> np.ndarray:
    """Coefficients (n, k) of the chosen faces of one identity's trials, from (panels, 6, k)."""
    panel, choice = table["panel"].to_numpy(), table["choice"].to_numpy()
    if len(panel) and panel.max() >= len(coefficients):
        raise ValueError(f"panel {panel.max()} was rated, and there are coefficients of {len(coefficients)} panels")
    return coefficients[panel, choice]


def _by_panel(values: np.ndarray) -> np.ndarray:
    """(k, panels, columns, rows, identities) -> (identities, panels, 6, k), faces row by row."""
    k, panels, columns, rows, identities = values.shape
    return values.transpose(4, 1, 3, 2, 0).reshape(identities, panels, rows * columns, k).astype(np.float32)


def _shaped(path, name: str, values: np.ndarray, axes: int) -> np.ndarray:
    if values.ndim != axes:
        raise ValueError(f"{path}: {name} has {values.ndim} axes ({values.shape}); expected {axes}")
    return values


def _human(path, name: str, values: np.ndarray) -> np.ndarray:
    """Of all systems the first: people."""
    return _shaped(path, name, values, 4)[..., 0]


def _checked(table: pd.DataFrame, path) -> pd.DataFrame:
    """Whole numbers that can be; trials that were not rated (0 or nan) are left out."""
    table = table[table["rating"].fillna(0) > 0]
    for column, low, high in (("choice", 0, PANEL - 1), ("rating", 1, 6), ("panel", 0, np.inf)):
        wrong = table[~table[column].between(low, high) | (table[column] % 1 != 0)]
        if len(wrong):
            row = wrong.iloc[0]
            raise ValueError(
                f"{path}: {column} {row[column]:g} of participant {row['observer']}, {row['identity']}, trial "
                f"{row['trial']} is not a whole number from {low} to {high:g}"
            )
    if unknown := sorted(set(table["identity"]) - set(IDENTITIES)):
        raise ValueError(f"{path}: there is no identity {unknown[0]!r} in the study; they are {', '.join(IDENTITIES)}")
    whole = {name: int for name in ("trial", "panel", "choice", "rating")}
    return table.astype(whole).reset_index(drop=True)
