"""What a comparison says about the study's claims: each with the numbers it rests on, whichever way they fall."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import binomtest, spearmanr

from kit.study.contrasts import bootstrap
from kit.study.figures import family, label
from kit.study.generalisation import distance_to_observers
from kit.study.panels import CONTROL, proper
from kit.study.results import Results
from kit.study.spaces import MODEL_SPACES, PIXELS, SHAPE, TEXTURE, UNTRAINED
from kit.study.templates import OBSERVER

LITTLE = 0.01  # bits that a network may add to shape and still add little
CLEAR = 0.02  # difference of accuracies that counts as one
SIGMAS = 3  # standard errors by which a check must be clear
SURE = 0.95  # share of bootstrap samples that makes a difference one to speak of
HELD, FAILED, OPEN = "reproduced", "did not reproduce", "cannot be told"


@dataclass(frozen=True)
class Claim:
    """A claim, whether this comparison bears it out, and why one may say so."""

    claim: str
    outcome: str
    evidence: str


def claims(results: Results) -> list[Claim]:
    """All that can be judged with these results, the study's main claim first."""
    judges = (
        shared_shape_predicts, best_network_shares_shape, drawing_beats_naming, training_helps,
        shape_is_enough, invariant_network_generalises, above_chance, texture_user_reverses, null_is_null,
    )  # fmt: skip
    return [claim for judge in judges if (claim := judge(results)) is not None]


def _samples(results: Results, column: str) -> tuple[list[str], np.ndarray]:
    found = bootstrap(results.main_scores(), column)
    return found.names, found.samples


def _outcome(share: float) -> str:
    return HELD if share >= SURE else FAILED if share <= 1 - SURE else OPEN


def shared_shape_predicts(results: Results) -> Claim | None:
    """The more a system's prediction shares with the shape model, the better it predicts."""
    names, shared = _samples(results, "redundancy")
    _, told = _samples(results, "mi")
    rows = [k for k, name in enumerate(names) if name not in MODEL_SPACES]
    if len(rows) < 4:
        return None
    order = np.array([spearmanr(a[rows], b[rows]).statistic for a, b in zip(shared, told, strict=True)])
    rho, (low, high) = np.nanmean(order), np.nanpercentile(order, [2.5, 97.5])
    return Claim(
        "Systems whose predictions share more with the shape model predict the observers better.",
        _outcome(float(np.mean(order > 0))),
        f"Over {len(rows)} systems (shape and texture themselves left out) the rank correlation of redundancy with "
        f"information is {rho:.2f} (95 % of bootstrap samples: {low:.2f} to {high:.2f}).",
    )


def _trained(names: list[str]) -> list[str]:
    return [name for name in names if name not in (*MODEL_SPACES, PIXELS, UNTRAINED)]


def best_network_shares_shape(results: Results) -> Claim | None:
    """The best-predicting network's prediction goes by way of shape more than by texture."""
    names, told = _samples(results, "mi")
    if not (trained := _trained(names)):
        return None
    best = max(trained, key=lambda name: told[:, names.index(name)].mean())
    rows = results.main_scores().groupby("space")[["redundancy", "unique_space"]].mean().loc[best]
    samples = bootstrap(results.main_scores().assign(d=lambda t: t["redundancy"] - t["unique_space"]), "d")
    share = float(np.mean(samples.samples[:, samples.names.index(best)] > 0))
    return Claim(
        "What the best-predicting network tells about the ratings is mostly what shape tells too.",
        _outcome(share),
        f"It is {label(best)}: {rows['redundancy']:.3f} bits are redundant with the shape model, "
        f"{rows['unique_space']:.3f} are its own (both above chance; the former larger in {share:.0%} of samples).",
    )


def drawing_beats_naming(results: Results) -> Claim | None:
    """Networks that draw faces predict better than networks that name identities."""
    return _group_contrast(
        results, "Networks trained to draw faces predict the observers better than those trained to name or "
        "tell apart identities.", "draws faces", "names faces",
    )  # fmt: skip


def training_helps(results: Results) -> Claim | None:
    """The best trained network predicts better than the best of pixels and an untrained network."""
    names, told = _samples(results, "mi")
    trained, plain = _trained(names), [name for name in (PIXELS, UNTRAINED) if name in names]
    if not (trained and plain):
        return None
    mean = dict(zip(names, told.mean(axis=0), strict=True))
    best, base = max(trained, key=mean.get), max(plain, key=mean.get)
    share = float(np.mean(told[:, names.index(best)] > told[:, names.index(base)]))
    return Claim(
        "Training makes a network predict better than what needs no training does.",
        _outcome(share),
        f"The best trained network, {label(best)}, tells {mean[best]:.3f} bits; {label(base)}, without any training "
        f"on faces, {mean[base]:.3f}. The trained one is ahead in {share:.0%} of samples. All faces of the rating "
        "task are seen from the front under one lamp, where much of a face's shape is a linear matter of pixels.",
    )


def _group_contrast(results: Results, claim: str, one: str, other: str) -> Claim | None:
    names, told = _samples(results, "mi")
    groups = [[k for k, name in enumerate(names) if family(name) == kind] for kind in (one, other)]
    if not all(groups):
        return None
    a, b = (told[:, group].mean(axis=1) for group in groups)
    share = float(np.mean(a > b))
    numbers = f"On average {a.mean():.3f} bits against {b.mean():.3f}; larger in {share:.0%} of samples."
    return Claim(claim, _outcome(share), numbers)


def shape_is_enough(results: Results) -> Claim | None:
    """Adding a network to shape adds little."""
    scores = proper(results.scores)
    wide = scores.pivot_table(index=["observer", "series", "fold"], columns=["space", "kind"], values="mi")
    joint = [column for column in wide if column[1] == "with shape" and column[0] in _trained(results.spaces)]
    if not joint:
        return None
    gains = wide[joint].sub(wide[SHAPE, "linear"], axis=0).dropna().groupby("observer").mean().mean(axis=1)
    mean, error = gains.mean(), gains.sem()  # nan for one observer, and then nothing can be told
    spread = (
        f"standard error over {len(gains)} observers {error:.3f}" if len(gains) > 1 else "one observer, no interval"
    )
    return Claim(
        "A network beside the shape model adds little to it.",
        HELD if mean + 2 * error < LITTLE else FAILED if mean - 2 * error > LITTLE else OPEN,
        f"Joint models of shape and a network tell {mean:+.3f} bits more than shape alone ({spread}); 'little' here "
        f"means less than {LITTLE} bits.",
    )


def invariant_network_generalises(results: Results) -> Claim | None:
    """The view-invariant autoencoder answers most like the observers when view, age or sex change."""
    table = results.generalisation
    if table.empty or OBSERVER not in set(table["system"]):
        return None
    away = distance_to_observers(table).mean(axis=1)
    networks = away[_trained(list(away.index))].sort_values()
    if "viae" not in networks.index or len(networks) < 2:
        return None
    place, others = list(networks.index).index("viae") + 1, networks.drop("viae").iloc[0]
    return Claim(
        "The view-invariant autoencoder errs most like the observers when view, age or sex change.",
        HELD if networks["viae"] < others - CLEAR else FAILED if networks["viae"] > others + CLEAR else OPEN,
        f"Mean difference of accuracy from the observers': viAE {networks['viae']:.2f} (rank {place} of "
        f"{len(networks)} networks); nearest {label(networks.index[0])} {networks.iloc[0]:.2f}, furthest "
        f"{label(networks.index[-1])} {networks.iloc[-1]:.2f}; the shape model {away[SHAPE]:.2f}. "
        f"One comparison without an interval; differences below {CLEAR} are taken as none.",
    )


def above_chance(results: Results) -> Claim | None:
    """Shape predicts above chance in many single tests."""
    table = proper(results.null)
    tests = table[table["space"] == SHAPE]["significant"]
    if tests.empty:
        return None
    p = binomtest(int(tests.sum()), len(tests), 0.05, alternative="greater").pvalue
    return Claim(
        "Shape predicts the ratings above chance.",
        HELD if p < 0.001 else OPEN,
        f"{tests.mean():.0%} of {len(tests)} tests (observer × identity × fold) lie above the 95th percentile of "
        f"{results.design.shifts} circularly shifted ratings; 5 % would by chance (binomial p = {p:.2g}).",
    )


def _control(results: Results, name: str) -> pd.DataFrame:
    """Information (fold of a series, space) that linear models tell about a control."""
    scores = results.scores[results.scores["observer"].eq(CONTROL + name) & results.scores["kind"].eq("linear")]
    return scores.pivot_table(index=["series", "fold"], columns="space", values="mi")


def texture_user_reverses(results: Results) -> Claim | None:
    """Check: a simulated observer who goes by texture is found out."""
    told = _control(results, "texture user")
    if told.empty:
        return None
    ahead = told[TEXTURE] - told[SHAPE]
    z = ahead.mean() / (ahead.std() / np.sqrt(len(ahead)))
    return Claim(
        "Check: for a simulated observer who uses texture alone, texture predicts and shape does not.",
        HELD if z > SIGMAS else FAILED if z < -SIGMAS else OPEN,
        f"Texture tells {told[TEXTURE].mean():.3f} bits about this observer's ratings, shape {told[SHAPE].mean():.3f} "
        f"({len(told)} folds; the difference is {z:.1f} standard errors).",
    )


def null_is_null(results: Results) -> Claim | None:
    """Check: nothing predicts an observer who guesses."""
    told = _control(results, "null")
    if told.empty:
        return None
    by_fold = told.mean(axis=1)
    mean, error = by_fold.mean(), by_fold.std() / np.sqrt(len(by_fold))
    return Claim(
        "Check: nothing predicts a simulated observer who guesses.",
        HELD if abs(mean) < SIGMAS * error else FAILED,
        f"Over all spaces, {mean:+.4f} bits with a standard error of {error:.4f}.",
    )
