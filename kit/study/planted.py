"""Checks that only simulated observers allow: the truth was planted, so it must come back.

`python -m kit selfcheck` runs them at full size; the tests run the same at a smaller one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from kit import faces
from kit.analysis import information, projection
from kit.analysis.reverse_correlation import inward_outward
from kit.behavior import observers as simulated
from kit.behavior.observers import Observer
from kit.behavior.strategies import Strategy
from kit.faces import Faces, stimuli
from kit.faces.stimuli import TRIALS, Trials

from . import fits, null
from .fits import LINEAR
from .panels import Answers, Series, answer
from .space_names import SHAPE, TEXTURE
from .spaces import SIZE, pixel_components
from .templates import observed_template

COMPONENTS = "60+50"
NOISES = (0.5, 0.8, 1.1, 1.5, 2.0)  # of the shape user who is matched to a texture user
QUIET = 0.2  # noise of that texture user, whom pixels predict less well
ASKED = {"shape user": 0.8, "component user": 0.8, "contour user": 0.65}  # correlation of maps
Spaces = dict[str, np.ndarray]


@dataclass(frozen=True)
class Recovered:
    """A planted truth, whether it came back, and the numbers that say so."""

    name: str
    passed: bool
    evidence: str


def checks(trials: int = TRIALS) -> Iterator[Recovered]:
    """All checks of planted truths, one after the other, with so many trials an observer."""
    yield and_gate()
    yield planted_shape(trials)
    series = Series("Leo", 0, COMPONENTS, trials)
    spaces = face_spaces(series.trials())
    yield texture_reverses(series, spaces)
    yield guessing(series, spaces)
    spaces["pixels"] = pixel_components(256).embed(series.trials().render(SIZE))
    yield same_score_other_features(series, spaces)
    yield without_shape(series, spaces)


def face_spaces(trials: Trials) -> Spaces:
    """The face model's own spaces of all faces of a series."""
    return {SHAPE: trials.faces.shape, TEXTURE: trials.faces.texture}


def _scored(spaces: Spaces, answers: Answers) -> pd.DataFrame:
    """Scores of the linear models, one row a fold and space."""
    models = fits.base_models(spaces, answers)
    return fits.scores(models, answers, models[SHAPE, LINEAR])


def _special(name: str) -> Observer:
    return simulated.special(faces.load())[name]


# ---- the checks


def and_gate() -> Recovered:
    """Published atoms of the AND gate (Ince 2017)."""
    gate = np.zeros((2, 2, 2))
    gate[0, 0, 0] = gate[0, 1, 0] = gate[1, 0, 0] = gate[1, 1, 1] = 1
    pid = information.ccs_pid(gate)
    atoms = np.array([pid.redundancy, pid.unique_a, pid.unique_b, pid.synergy])
    passed = bool(np.allclose(atoms, [0.1038, 0.2075, 0.2075, 0.2925], atol=5e-5))
    return Recovered("the AND gate has its published atoms", passed, f"found {atoms.round(4).tolist()} bits")


def planted_shape(trials: int = TRIALS) -> Recovered:
    """Shape weights that were planted over the whole face come back on the surface; regional ones less exactly.

    A regional strategy has the same noise in fewer places, so less is asked of it.
    """
    target = stimuli.identities(faces.load())["Leo"]
    series, found = Series("Leo", 0, COMPONENTS, trials), {}
    for name in ASKED:
        observer = _special(name)
        slope = observed_template(series.trials().faces, answer(observer, series)).slope
        planted = pull(observer.strategy, target)
        found[name] = float(np.corrcoef(_along_normals(slope, target), _along_normals(planted, target))[0, 1])
    told = ", ".join(f"{name} {value:.2f} (asked: {ASKED[name]})" for name, value in found.items())
    passed = all(value >= ASKED[name] for name, value in found.items())
    return Recovered("planted shape weights come back", passed, f"correlation of maps: {told}")


def pull(strategy: Strategy, target: Faces) -> np.ndarray:
    """Direction (k,) in which shape has to change for similarity to rise fastest, seen from the average face.

    Similarity falls with (s - t)' A (s - t), whose gradient at s = 0 is -2 A t.
    """
    return strategy.shape @ target.shape[0]


def _along_normals(shape: np.ndarray, target: Faces) -> np.ndarray:
    average = target.caricature(0)
    k = target.shape.shape[1]
    moved = average.vertices()[0] + np.tensordot(shape[:k], target.model.shape_components, axes=1)
    return inward_outward(moved, average.vertices()[0], average.normals()[0])


def texture_reverses(series: Series, spaces: Spaces) -> Recovered:
    """A texture user reverses the ranking of shape and texture."""
    z = {}
    for name in ("shape user", "texture user"):
        mi = _scored(spaces, answer(_special(name), series)).pivot(index="fold", columns="space", values="mi")
        ahead = mi[SHAPE] - mi[TEXTURE]
        z[name] = ahead.mean() / ahead.sem()
    evidence = ", ".join(f"{name} {value:+.1f}" for name, value in z.items())
    passed = bool(z["shape user"] > 2 and z["texture user"] < -2)
    return Recovered("a texture user reverses the ranking", passed, f"shape minus texture, standard errors: {evidence}")


def guessing(series: Series, spaces: Spaces, guessers: int = 6, shifts: int = 100) -> Recovered:
    """For observers who guess, 5 % of tests are significant, within binomial error."""
    tables = [
        null.shifted(spaces, answer(replace(_special("null"), name=f"null {seed}"), series, seed), shifts, seed)
        for seed in range(guessers)
    ]
    tests = pd.concat(tables)["significant"].astype(bool)
    p = binomtest(int(tests.sum()), len(tests), 0.05).pvalue
    evidence = f"{tests.mean():.1%} of {len(tests)} tests, binomial p = {p:.2f}"
    return Recovered("guessers are significant in 5 % of tests", p > 0.001, evidence)


def same_score_other_features(series: Series, spaces: Spaces) -> Recovered:
    """Two observers whom pixels predict equally well: redundancy with shape tells them apart, information does not."""
    second = _scored(spaces, answer(replace(_special("texture user"), noise=QUIET), series)).query("space == 'pixels'")
    rivals = [_scored(spaces, answer(replace(_special("shape user"), noise=noise), series)) for noise in NOISES]
    rivals = [rival.query("space == 'pixels'") for rival in rivals]
    first = min(rivals, key=lambda rival: abs(rival["mi"].mean() - second["mi"].mean()))
    z = {column: _standard_errors(first[column], second[column]) for column in ("mi", "redundancy")}
    passed = abs(z["mi"]) < 2 and z["redundancy"] > 2
    evidence = (
        f"shape user {first['mi'].mean():.3f} bits, {first['redundancy'].mean():.3f} redundant with shape; "
        f"texture user {second['mi'].mean():.3f} and {second['redundancy'].mean():.3f}; "
        f"differences of {z['mi']:.1f} and {z['redundancy']:.1f} standard errors"
    )
    return Recovered("equal scores, different features: told apart by redundancy", bool(passed), evidence)


def _standard_errors(a: pd.Series, b: pd.Series) -> float:
    error = np.sqrt(a.var() / len(a) + b.var() / len(b))
    return float((a.mean() - b.mean()) / error)


def without_shape(series: Series, spaces: Spaces) -> Recovered:
    """A system from which shape was removed loses its redundancy with shape."""
    lesioned = projection.residual(spaces["pixels"], spaces[SHAPE])
    scored = (
        _scored(spaces | {"lesioned": lesioned}, answer(_special("shape user"), series))
        .groupby("space")
        .mean(numeric_only=True)
    )
    whole, left = scored.loc["pixels", "redundancy"], scored.loc["lesioned", "redundancy"]
    evidence = f"redundancy {whole:.3f} before, {left:.3f} after; information {scored.loc['lesioned', 'mi']:.3f} left"
    return Recovered("a system lesioned of shape loses redundancy", bool(whole > 0.01 and left < whole / 4), evidence)
