"""Ratings that come as a DataFrame are checked and completed before anything is computed."""

import numpy as np
import pandas as pd
import pytest

from kit import study
from kit.behavior import ratings
from kit.study import panels
from kit.study.design import Design

TINY = Design(("Mei",), observers=1, controls=(), trials=90, folds=3, shifts=2)


class Grid:
    """A system: mean colours of an 8 x 8 grid."""

    def embed(self, images: np.ndarray) -> np.ndarray:
        side = images.shape[1] // 8
        return images.reshape(len(images), 8, side, 8, side, 3).mean((2, 4)).reshape(len(images), -1) / 255


class Untouched:
    """A system that must not be asked."""

    def embed(self, images: np.ndarray) -> np.ndarray:
        raise AssertionError("something was computed")


def test_documented_defaults_are_filled_in(tmp_path):
    full = panels.simulate(TINY)
    assert set(full["phase"]) == {"rate"} and full["seed"].nunique() == 1 and full["components"].nunique() == 1
    short = full.drop(columns=["phase"])
    short["observer"] = 7  # a number, as pandas reads it
    found = study.run(TINY, short, {"mine": Grid()}, folder=tmp_path, jobs=1)
    assert set(found.main_scores()["observer"]) == {"7"} and len(found.ratings) == len(short)
    assert list(found.ratings.columns) == list(ratings.COLUMNS)


def test_wrong_rows_are_named_before_anything_is_computed(tmp_path):
    table = panels.simulate(TINY).reset_index(drop=True).astype({"rating": float})
    table.loc[4, "rating"] = np.nan
    with pytest.raises(ValueError, match="row 4: rating is nan"):
        study.run(TINY, table, {"mine": Untouched()}, folder=tmp_path, jobs=1)
    with pytest.raises(ValueError, match="'identity' is missing"):
        study.run(TINY, pd.DataFrame({"observer": ["a"]}), {"mine": Untouched()}, folder=tmp_path, jobs=1)
