"""Which of the known patterns is this one? Matching by correlation."""

from __future__ import annotations

import numpy as np


def identify(known: np.ndarray, patterns: np.ndarray) -> np.ndarray:
    """For each pattern, the row of the known pattern that it correlates with most.

    With patterns that an encoding model predicts: which picture was seen (Kay, Naselaris, Prenger & Gallant, 2008,
    Nature 452:352, doi 10.1038/nature06713)? With people's recordings from another day: whose is it (Finn et al., 2015,
    Nature Neuroscience 18:1664, doi 10.1038/nn.4135)?

    Parameters
    ----------
    known : array of shape (n_known, n_features)
    patterns : array of shape (n_patterns, n_features)

    Returns
    -------
    int array of shape (n_patterns,)

    Raises
    ------
    ValueError
        If a pattern is constant: its correlation is undefined.
    """
    return np.argmax(_centred_rows(patterns) @ _centred_rows(known).T, axis=1)


def _centred_rows(rows: np.ndarray) -> np.ndarray:
    centred = rows - np.mean(rows, axis=1, keepdims=True)
    lengths = np.linalg.norm(centred, axis=1, keepdims=True)
    if not lengths.all():
        row = int(np.flatnonzero(lengths == 0)[0])
        raise ValueError(f"pattern {row} is constant: its correlation with others is undefined; leave it out")
    return centred / lengths
