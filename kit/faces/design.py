"""The design row of a face: sex, age and ancestry with their interactions (study: identity model)."""

from collections.abc import Sequence

import numpy as np

COLUMNS = (
    "intercept", "sex", "age", "african", "asian",
    "sex:age", "sex:african", "sex:asian", "age:african", "age:asian",
)  # fmt: skip
SEXES = {"female": -1.0, "male": 1.0}
ANCESTRIES = ("african", "asian", "caucasian")
AGES = (18.0, 80.0)  # years the model was built for
CENTRE_AGE, AGE_UNIT = 45.0, 25.0

Sex = str | float | Sequence | np.ndarray  # a name or a number for all faces, or one for each
Age = float | Sequence | np.ndarray
Ancestry = str | Sequence | np.ndarray


def design_row(sex: np.ndarray, age: np.ndarray, ancestry: np.ndarray) -> np.ndarray:
    """Columns that the model's means are linear in.

    Parameters
    ----------
    sex : array of shape (n,)
        -1 female ... +1 male.
    age : array of shape (n,)
        Years.
    ancestry : array of shape (n, 3)
        Weights of the archetypes african, asian, caucasian; each row sums to 1.

    Returns
    -------
    array of shape (n, 10), float32
        The columns named in `COLUMNS`; the caucasian archetype is the reference (-1, -1).

    References
    ----------
    Daube et al. (2021), Patterns 2:100348: the identity model of the faces.
    """
    s = np.asarray(sex, dtype=float)
    a = (np.asarray(age, dtype=float) - CENTRE_AGE) / AGE_UNIT
    w = np.asarray(ancestry, dtype=float)
    p, q = w[:, 0] - w[:, 2], w[:, 1] - w[:, 2]
    columns = [np.ones_like(s), s, a, p, q, s * a, s * p, s * q, a * p, a * q]
    return np.stack(columns, axis=1).astype(np.float32)


def sex_number(sex: Sex, n: int) -> np.ndarray:
    """Names or numbers from -1 to 1 -> array (n,). Raises ValueError for anything else."""
    return _repeat([_one_sex(s) for s in _listed(sex)], n, "sex")


def age_years(age: Age, n: int) -> np.ndarray:
    """Years within `AGES` -> array (n,). Raises ValueError outside: the model knows adults only."""
    ages = np.atleast_1d(np.asarray(age, dtype=float))
    low, high = AGES
    if not np.all((ages >= low) & (ages <= high)):
        raise ValueError(f"age must be from {low:g} to {high:g} years, the adults this model knows; got {age}")
    return _repeat(ages, n, "age")


def ancestry_weights(ancestry: Ancestry, n: int) -> np.ndarray:
    """A name, three weights, or one of either a face -> array (n, 3) whose rows sum to 1."""
    is_one = isinstance(ancestry, str) or np.ndim(ancestry[0]) == 0 and not isinstance(ancestry[0], str)
    rows = [_one_ancestry(a) for a in ([ancestry] if is_one else ancestry)]
    return _repeat(np.array(rows), n, "ancestry")


def _one_sex(sex) -> float:
    if isinstance(sex, str):
        if sex not in SEXES:
            raise ValueError(f"sex must be 'female', 'male' or a number from -1 to 1; got {sex!r}")
        return SEXES[sex]
    if not -1 <= float(sex) <= 1:
        raise ValueError(f"sex must be from -1 (female) to 1 (male); got {sex}")
    return float(sex)


def _one_ancestry(ancestry) -> np.ndarray:
    if isinstance(ancestry, str):
        if ancestry not in ANCESTRIES:
            raise ValueError(f"ancestry must be one of {', '.join(ANCESTRIES)}, or three weights; got {ancestry!r}")
        return np.eye(3)[ANCESTRIES.index(ancestry)]
    weights = np.asarray(ancestry, dtype=float)
    if weights.shape != (3,) or not np.all(weights >= 0) or not np.isclose(weights.sum(), 1, atol=1e-4):
        raise ValueError(f"ancestry weights must be three numbers >= 0 that sum to 1; got {ancestry}")
    return weights / weights.sum()


def _listed(value) -> list:
    return [value] if isinstance(value, str) or np.ndim(value) == 0 else list(value)


def _repeat(values, n: int, name: str) -> np.ndarray:
    values = np.asarray(values, dtype=float)
    if len(values) not in (1, n):
        raise ValueError(f"{name} has {len(values)} values for {n} faces; give one, or one a face")
    return np.repeat(values, n, axis=0) if len(values) == 1 else values
