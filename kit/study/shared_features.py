"""What is asked of all observers of a series together: decoding, templates, amplification, generalisation."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from tqdm.auto import tqdm

from kit import faces
from kit.analysis.reverse_correlation import frequency_bands
from kit.behavior.observers import Observer
from kit.faces import Faces

from . import generalisation, halves, templates
from .decoding import decode
from .library import Library
from .panels import CONTROL, Answers, Series
from .results import BANDS
from .space_names import MODEL_SPACES, SHAPE, TEXTURE
from .spaces import look_at
from .templates import OBSERVER, Template
from .units import Piece, half_templates_of, templates_of, weights_of
from .workers import spread

Pair = tuple[Answers, Piece]
TOP_RATING = 6.0
NO_LIKENESS = dict.fromkeys(
    ("humanness_correlation", "humanness_error", "chance", "veridicality_correlation", "veridicality_error"), np.nan
)


def of_series(pairs: list[Pair]) -> dict[Series, list[Pair]]:
    """Answers and units of each series, controls left out."""
    out: dict[Series, list[Pair]] = {}
    for answers, unit in pairs:
        if not answers.observer.startswith(CONTROL):
            out.setdefault(answers.series, []).append((answers, unit))
    return out


def decoding(all_series: list[Series], library: Library) -> Piece:
    """How well shape and texture can be read from each system, over every second face of all series.

    One system after the other: it takes seconds, and two at a time would hold two copies of all features.
    """
    model, shelf = faces.load(), library.shelf

    def read(name: str):
        parts = [shelf.read(series) for series in all_series]
        values = {key: np.concatenate([part[key][::2] for part in parts]) for key in (name, *MODEL_SPACES)}
        return decode(values[name], values[SHAPE], values[TEXTURE], faces.load())

    found = dict(zip(library.systems, spread(read, list(library.systems), 1, "decoding")))
    k, variance = len(model.shape_components), _variance(model.shape_components)
    rows = [
        {
            "space": name, "shape": np.nanmean(d.r2[:k]), "texture": np.nanmean(d.r2[k:]),
            "shape_in_mm": np.average(d.r2[:k], weights=variance),
            "error_mm": d.error.mean(), "guess_mm": d.guess.mean(),
        }
        for name, d in found.items()
    ]  # fmt: skip
    return Piece({"decoding": pd.DataFrame(rows)}, {f"error {name}": d.error for name, d in found.items()})


def _variance(components: np.ndarray) -> np.ndarray:
    """Share of the variance in mm that each component holds, nan where none of a space varies."""
    square = (components.astype(float) ** 2).sum(axis=(1, 2))
    return square / square.sum()


def functional_features(pairs: list[Pair], library: Library, cast: list[Observer]) -> Piece:
    """Templates of observers and systems for one series: diagnostic features, amplification, likeness.

    *Humanness* is the likeness of an amplified template to the observers', *veridicality* its likeness to the
    true face (on the surface: inward and outward; correlation and mean difference in mm). Both come from halves of
    the trials (`kit.study.halves`): models from one, the observers' map from the other. The maps that are kept show
    what each system would rate 6, so that their sizes compare; they rest on all trials.
    """
    series, trials = pairs[0][0].series, pairs[0][0].series.trials()
    found = {name: Template.mean([templates_of(unit)[name] for _, unit in pairs])
             for name in (OBSERVER, *MODEL_SPACES, *library.systems)}  # fmt: skip
    rates = {OBSERVER: _observers_rate(cast, trials.target)} | _systems_rate(pairs, library)
    best = {name: _amplify(template, trials.target, rates[name]) for name, template in found.items()}
    shown = {name: templates.surface_map(template.at(TOP_RATING, trials.target)) for name, template in found.items()}
    truth = templates.surface_map(trials.target)
    likeness = _likeness([unit for _, unit in pairs], {name: amount for name, (amount, _) in best.items()},
                         trials.target, truth)  # fmt: skip
    rows = [
        {"identity": series.identity, "series": series.name, "system": name, "alpha": best[name][0]}
        | likeness.get(name, NO_LIKENESS) | _bands(found[name], trials.target)
        for name in found
    ]  # fmt: skip
    marked = templates.diagnostic(trials.faces, [answers for answers, _ in pairs])
    arrays = {f"map {name}": m for name, m in shown.items()} | {"map truth": truth}
    arrays |= {f"template {name}": np.stack([t.intercept, t.slope]) for name, t in found.items()}
    arrays |= {"diagnostic": marked.significant(), "statistic": marked.observed, "threshold": marked.threshold()}
    return Piece({"likeness": pd.DataFrame(rows)}, {name: np.asarray(array) for name, array in arrays.items()})


def _likeness(several: list[Piece], amounts: dict[str, float], target: Faces, truth: np.ndarray) -> dict[str, dict]:
    """Humanness, its chance level and veridicality by system; empty where halves of the trials were too few.

    The row of the observers compares their even with their odd trials.
    """
    half = [found for unit in several if (found := half_templates_of(unit))]
    if not half:
        return {}
    mean = {name: Template.mean([found[name] for found in half]) for name in half[0]}
    amounts = amounts | {halves.ITSELF: amounts[OBSERVER]}
    maps = {name: templates.surface_map(t.at(amounts[name], target)) for name, t in mean.items()}
    shuffled = np.mean([unit.arrays["shuffled"] for unit in several if "shuffled" in unit.arrays], axis=0)
    guessed = templates.surface_maps(shuffled, target)
    out = {}
    for name in [name for name in maps if name != halves.ITSELF]:
        compared = maps[halves.ITSELF if name == OBSERVER else name]
        human, true = templates.likeness(compared, maps[OBSERVER]), templates.likeness(compared, truth)
        out[name] = {f"humanness_{key}": value for key, value in human.items()}
        out[name] |= {"chance": halves.chance(compared, guessed)}
        out[name] |= {f"veridicality_{key}": value for key, value in true.items()}
    return out


def _amplify(template: Template, target: Faces, rate: Callable[[Faces], np.ndarray] | None) -> tuple[float, Faces]:
    """The amount of amplification that is rated highest, and that face; the top of the scale for people."""
    amounts, series = templates.amplified(template, target)
    place = int(np.argmax(rate(series))) if rate else int(np.abs(amounts - TOP_RATING).argmin())
    return float(amounts[place]), series[place]


def _observers_rate(cast: list[Observer], target: Faces) -> Callable[[Faces], np.ndarray] | None:
    if not cast:
        return None
    return lambda shown: np.mean([observer.felt(shown, target) for observer in cast], axis=0)


def _systems_rate(pairs: list[Pair], library: Library) -> dict[str, Callable[[Faces], np.ndarray]]:
    """Rating of faces by each space's models, averaged over observers."""
    means = mean_weights(pairs)

    def rate(name: str, shown: Faces) -> np.ndarray:
        seen = {name: library.systems[name]} if name in library.systems else {}
        return look_at(shown, seen)[name] @ means[name][:-1] + means[name][-1]

    return {name: lambda shown, name=name: rate(name, shown) for name in means}


def mean_weights(pairs: list[Pair]) -> dict[str, np.ndarray]:
    """Weights (d + 1,) of each space's model averaged over observers, the intercept last."""
    several = [weights_of(unit) for _, unit in pairs]
    return {name: np.mean([weights[name] for weights in several], axis=0) for name in several[0]}


def _bands(template: Template, target: Faces) -> dict[str, float]:
    """Share of the template's texture change in each octave of spatial frequency, fine to coarse."""
    model, k = target.model, target.shape.shape[1]
    change = np.tensordot(template.slope[k:], model.texture_components, axes=1)
    power = (frequency_bands(change, BANDS) ** 2).sum(axis=(1, 2, 3))
    return {f"band_{k}": p for k, p in enumerate(power / max(power.sum(), np.finfo(float).tiny))}


def generalised(by_series: dict[Series, list[Pair]], marked: dict[Series, np.ndarray], library: Library,
                cast: list[Observer], seed: int) -> Piece:  # fmt: skip
    """Accuracy of observers and systems when view, age or sex change.

    `marked` holds the diagnostic coefficients of each series, bool (k + m,).
    """
    targets, models, ranges = {}, {}, {}
    for series, weights in _models_of_all(by_series).items():
        targets[series.identity] = series.trials().target
        spaces = library.read(series)
        for name, w in weights.items():
            rated = spaces[name] @ w[:-1] + w[-1]
            models.setdefault(name, []).append(w)
            ranges.setdefault(name, []).append((rated.min(axis=0), rated.max(axis=0)))
    by_identity = {series.identity: mask for series, mask in marked.items()}
    everyone = _everywhere(by_series)
    asked = [observer for observer in cast if observer.name in everyone]
    names = everyone or ["everybody"]
    accuracy = generalisation.table(targets, by_identity, library.systems, models, ranges, asked, names, seed)
    tables = {"generalisation": generalisation.averaged(accuracy), "distances": generalisation.distances(accuracy)}
    return Piece(tables, {})


def _models_of_all(by_series: dict[Series, list[Pair]]) -> dict[Series, dict[str, np.ndarray]]:
    """Weights (d + 1, m) of the observers who rated every series; where nobody did, of the average (m = 1)."""
    out, everywhere = {}, _everywhere(by_series)
    for series, pairs in _one_an_identity(by_series).items():
        units = {a.observer: unit for a, unit in pairs if a.observer in everywhere}
        several = [weights_of(units[observer]) for observer in everywhere] or [mean_weights(pairs)]
        out[series] = {name: np.column_stack([weights[name] for weights in several]) for name in several[0]}
    return out


def _one_an_identity(by_series: dict[Series, list[Pair]]) -> dict[Series, list[Pair]]:
    first = {series.identity: series for series in by_series}
    return {series: by_series[series] for series in first.values()}


def _everywhere(by_series: dict[Series, list[Pair]]) -> list[str]:
    """Names of the observers who rated every identity, sorted."""
    rated = [{a.observer for a, _ in pairs} for pairs in _one_an_identity(by_series).values()]
    return sorted(set.intersection(*rated))


def compare(
    pairs: list[Pair], library: Library, cast: list[Observer], keep: Callable[[str, Callable], Piece], seed: int
) -> dict[str, Piece]:
    """All of the above, by name; `keep(name, work)` does a piece of work or remembers it."""
    by_series = of_series(pairs)
    out = {"decoding": keep("decoding", lambda: decoding(list(by_series), library))}
    for series, own in tqdm(by_series.items(), "functional features", unit="series"):
        out[series.name] = keep(series.name, lambda own=own: functional_features(own, library, cast))
    marked = {series: out[series.name].arrays["diagnostic"].astype(bool) for series in by_series}
    if len({series.identity for series in by_series}) > 1:
        out["generalisation"] = keep("generalisation", lambda: generalised(by_series, marked, library, cast, seed))
    return out
