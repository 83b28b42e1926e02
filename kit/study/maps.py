"""Maps of what observers and systems go by: on the surface, in the colours, and which region's use they look like.

A map is shown only where the ratings carry one: if no coefficient moves with the ratings of the observers (maximum
statistic over all coefficients, corrected p <= .05), the map is grey, whatever noise would paint.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from kit import faces, plots
from kit.behavior.strategies import regions
from kit.faces import Faces, stimuli

from . import templates
from .results import Results
from .templates import OBSERVER, Template

TOP_RATING = 6.0
TRUTH = "truth"
EVERYWHERE = "whole face"
FULL = 99  # percentile of the observers' map that gets the full colour
LUMINANCE = np.array([0.2126, 0.7152, 0.0722])


def series_of(results: Results) -> dict[str, str]:
    """Identity of every series."""
    pairs = results.likeness[["series", "identity"]].drop_duplicates()
    return dict(pairs.itertuples(index=False))


def diagnostic_counts(results: Results) -> pd.DataFrame:
    """How many coefficients of shape and of texture move with the observers' ratings, of those that vary; by
    identity.
    """
    k, rows = len(faces.load().shape_components), {}
    for series, identity in series_of(results).items():
        marked, observed = (results.maps[f"{series}/{name}"] for name in ("diagnostic", "statistic"))
        varies = observed != 0
        rows[identity] = {
            "shape": int(marked[:k].sum()), "of shape": int(varies[:k].sum()),
            "texture": int(marked[k:].sum()), "of texture": int(varies[k:].sum()),
        }  # fmt: skip
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("identity")


def surface_pictures(results: Results, systems: list[str], size: int = 150) -> dict[str, np.ndarray]:
    """Inward and outward, by identity: pictures (1 + 1 + n, size, size, 3) of truth, observers and systems.

    The observers set the scale; the true face has one of its own. All but the true face are grey where the
    observers have no diagnostic shape coefficient.
    """
    known, counts, out = stimuli.identities(faces.load()), diagnostic_counts(results), {}
    for series, identity in series_of(results).items():
        maps = np.stack([results.maps[f"{series}/map {name}"] for name in (TRUTH, OBSERVER, *systems)])
        most = float(np.percentile(np.abs(maps[1]), FULL))
        maps[0] *= most / np.percentile(np.abs(maps[0]), FULL)
        maps[1:] *= counts.loc[identity, "shape"] > 0
        out[identity] = plots.face_map(known[identity].caricature(0), maps, most, size)
    return out


def texture_pictures(results: Results, systems: list[str], size: int = 150) -> dict[str, np.ndarray]:
    """Lighter and darker, by identity: pictures of truth, observers and systems, each on a scale of its own.

    Grey as above, for texture.
    """
    known, counts, out = stimuli.identities(faces.load()), diagnostic_counts(results), {}
    for series, identity in series_of(results).items():
        target, k = known[identity], known[identity].shape.shape[1]
        found = [Template(*results.maps[f"{series}/template {name}"]) for name in (OBSERVER, *systems)]
        textures = [target.texture[0], *(t.intercept[k:] + TOP_RATING * t.slope[k:] for t in found)]
        change = _lightness(target, np.stack(textures), size)
        shown = np.abs(change).max(axis=0) > 0
        most = np.percentile(np.abs(change[:, shown]), FULL, axis=1)
        change[1:] *= counts.loc[identity, "texture"] > 0
        out[identity] = plots.diverging_picture(change / np.maximum(most, 1e-9)[:, None, None], shown)
    return out


def _lightness(target: Faces, textures: np.ndarray, size: int) -> np.ndarray:
    """How much lighter (positive) than the category's average each texture looks: (n, size, size) grey levels."""
    average = target.caricature(0)
    painted = average[[0] * len(textures)].changed(texture=textures.astype(np.float32))
    return (painted.render(size).astype(float) - average.render(size)) @ LUMINANCE


def region_likeness(results: Results, systems: list[str]) -> pd.DataFrame:
    """Which region's use a map looks like: correlation with the map that each region alone would make.

    Returns
    -------
    DataFrame with columns identity, system, region, correlation, next, margin
        The best region, and by how much it beats the next; no rows for identities without diagnostic shape.
    """
    counts, rows = diagnostic_counts(results), []
    for series, identity in series_of(results).items():
        if counts.loc[identity, "shape"]:
            pulls = region_maps(identity)
            for name in (OBSERVER, *systems):
                found = results.maps[f"{series}/map {name}"]
                alike = {region: np.corrcoef(found, pull)[0, 1] for region, pull in pulls.items()}
                first, second = sorted(alike, key=alike.get, reverse=True)[:2]
                margin = alike[first] - alike[second]
                rows.append((identity, name, first, alike[first], second, margin))
    return pd.DataFrame(rows, columns=["identity", "system", "region", "correlation", "next", "margin"])


def region_maps(identity: str) -> dict[str, np.ndarray]:
    """What the map of an observer would look like who went by one region's shape alone: (v,) by region."""
    model = faces.load()
    target = stimuli.identities(model)[identity]
    places = {name: {name: 1.0} for name in model.regions} | {EVERYWHERE: dict.fromkeys(model.regions, 1.0)}
    pulls = np.stack([regions(name, model, where, {}).shape @ target.shape[0] for name, where in places.items()])
    return dict(zip(places, templates.surface_maps(pulls, target), strict=True))
