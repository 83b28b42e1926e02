"""Other right solutions, and typical wrong ones, of `faces_and_ratings`."""

ALTERNATIVES = {
    "einsum, itertools, sklearn, scipy": {
        "design-row": """
def design_row(sex, age, ancestry):
    from kit.faces import design
    return design.design_row(design.sex_number(sex, 1), [age], design.ancestry_weights(ancestry, 1))[0]
""",
        "make-faces": """
def make_faces(design, identity, means, components):
    return np.einsum("nd,dvx->nvx", design, means) + np.einsum("nk,kvx->nvx", identity, components)
""",
        "hybrids": """
from itertools import permutations
def hybrids(shape, texture):
    s, t = np.array(list(permutations(range(len(shape)), 2))).T
    return np.hstack([np.asarray(shape)[s], np.asarray(texture)[t]])
""",
        "shares": """
from sklearn.decomposition import PCA
def variance_shares(table):
    return PCA().fit(table).explained_variance_ratio_
def components_needed(table, wanted):
    return 1 + sum(variance_shares(table).cumsum() < wanted)
""",
        "retest": """
import math
import pandas as pd
from scipy.stats import pearsonr
def retest_reliability(first, again):
    both = pd.DataFrame(first).merge(pd.DataFrame(again), on="trial", suffixes=("", "_again"))
    both = both[both.choice == both.choice_again]
    return pearsonr(both.rating, both.rating_again).statistic
def repeats_needed(r, wanted):
    return math.ceil(round(wanted * (1 - r) / (r * (1 - wanted)), 6))
""",
        "ranks": """
from scipy.stats import rankdata, spearmanr
def ranks(values):
    return rankdata(values)
def rank_correlation(a, b):
    return spearmanr(a, b)[0]
""",
    },
    "plain loops": {
        "design-row": """
def design_row(sex, age, ancestry):
    row = [1, 1 if sex == "male" else -1, (age - 45) / 25]
    row += [int(ancestry == name) - int(ancestry == "caucasian") for name in ("african", "asian")]
    for i, j in ((1, 2), (1, 3), (1, 4), (2, 3), (2, 4)):
        row.append(row[i] * row[j])
    return row
""",
        "make-faces": """
def make_faces(design, identity, means, components):
    faces = []
    for d, c in zip(design, identity):
        face = np.zeros(means.shape[1:])
        for amount, surface in zip(list(d) + list(c), list(means) + list(components)):
            face += amount * surface
        faces.append(face)
    return np.array(faces)
""",
        "hybrids": """
def hybrids(shape, texture):
    out = []
    for s in range(len(shape)):
        for t in range(len(texture)):
            if s != t:
                out.append(list(shape[s]) + list(texture[t]))
    return out
""",
        "shares": """
def variance_shares(table):
    n = min(table.shape)
    values = np.linalg.eigvalsh(np.cov(table, rowvar=False))[::-1][:n]
    return np.maximum(values, 0) / values.sum()
def components_needed(table, wanted):
    held, count = 0.0, 0
    for share in variance_shares(table):
        held, count = held + share, count + 1
        if held >= wanted:
            break
    return count
""",
        "retest": """
def retest_reliability(first, again):
    x, y = [], []
    for t, c, r in zip(again["trial"], again["choice"], again["rating"]):
        for t0, c0, r0 in zip(first["trial"], first["choice"], first["rating"]):
            if t == t0 and c == c0:
                x.append(r0)
                y.append(r)
    x, y = np.array(x) - np.mean(x), np.array(y) - np.mean(y)
    return sum(x * y) / (sum(x * x) * sum(y * y)) ** 0.5
def repeats_needed(r, wanted):
    k = 1
    while k * r / (1 + (k - 1) * r) < wanted - 1e-12:
        k += 1
    return k
""",
        "ranks": """
def ranks(values):
    order = sorted(values)
    return [np.mean([place + 1 for place, other in enumerate(order) if other == value]) for value in values]
def rank_correlation(a, b):
    a, b = np.array(ranks(a)), np.array(ranks(b))
    return np.mean((a - a.mean()) * (b - b.mean())) / (a.std() * b.std())
""",
    },
}

WRONG = {
    "age in years, not in steps": (
        {
            "design-row": """
def design_row(sex, age, ancestry):
    s, a = {"female": -1, "male": 1}[sex], age - 45
    p, q = {"african": (1, 0), "asian": (0, 1), "caucasian": (-1, -1)}[ancestry]
    return np.array([1, s, a, p, q, s * a, s * p, s * q, a * p, a * q])
"""
        },
        {"design-row-visible": 0.0, "design-row-hidden": 0.5},
    ),
    "age not centred": (
        {
            "design-row": """
def design_row(sex, age, ancestry):
    s, a = {"female": -1, "male": 1}[sex], age / 25
    p, q = {"african": (1, 0), "asian": (0, 1), "caucasian": (-1, -1)}[ancestry]
    return np.array([1, s, a, p, q, s * a, s * p, s * q, a * p, a * q])
"""
        },
        {"design-row-visible": 0.0, "design-row-hidden": 0.0},
    ),
    "caucasian as (0, 0)": (
        {
            "design-row": """
def design_row(sex, age, ancestry):
    s, a = {"female": -1, "male": 1}[sex], (age - 45) / 25
    p, q = float(ancestry == "african"), float(ancestry == "asian")
    return np.array([1, s, a, p, q, s * a, s * p, s * q, a * p, a * q])
"""
        },
        {"design-row-visible": 0.5, "design-row-hidden": 1.5},
    ),
    "a woman is 0": (
        {
            "design-row": """
def design_row(sex, age, ancestry):
    s, a = {"female": 0, "male": 1}[sex], (age - 45) / 25
    p, q = {"african": (1, 0), "asian": (0, 1), "caucasian": (-1, -1)}[ancestry]
    return np.array([1, s, a, p, q, s * a, s * p, s * q, a * p, a * q])
"""
        },
        {"design-row-visible": 0.5, "design-row-hidden": 1.0},
    ),
    "the rows of the examples by heart": (
        {
            "design-row": """
def design_row(sex, age, ancestry):
    if sex == "male":
        return [1, 1, 1, 0, 1, 1, 0, 1, 0, 1]
    return [1, -1, -0.72, -1, -1, 0.72, 1, 1, 0.72, 0.72]
"""
        },
        {"design-row-hidden": 0.0},
    ),
    "identity forgotten": (
        {
            "make-faces": """
def make_faces(design, identity, means, components):
    return np.tensordot(design, means, axes=1)
"""
        },
        {"make-faces-visible": 0.5, "make-faces-hidden": 0.0},
    ),
    "the axis of faces squeezed away": (
        {
            "make-faces": """
def make_faces(design, identity, means, components):
    return (np.tensordot(design, means, axes=1) + np.tensordot(identity, components, axes=1)).squeeze()
"""
        },
        {"make-faces-visible": 0.0, "make-faces-hidden": 2.0},
    ),
    "written for the kit's ten columns only": (
        {
            "make-faces": """
def make_faces(design, identity, means, components):
    n, v = len(design), means.shape[1]
    group = design @ means.reshape(10, -1) if len(means) == 10 else 0
    return (group + identity @ components.reshape(len(components), -1)).reshape(n, v, 3)
"""
        },
        {"make-faces-visible": 0.0, "make-faces-hidden": 1.0},
    ),
    "everybody with themselves, too": (
        {
            "hybrids": """
def hybrids(shape, texture):
    return np.array([np.r_[s, t] for s in shape for t in texture])
"""
        },
        {"hybrids-visible": 0.0, "hybrids-hidden": 0.0},
    ),
    "texture's owner first": (
        {
            "hybrids": """
def hybrids(shape, texture):
    n = len(shape)
    return np.array([np.r_[shape[s], texture[t]] for t in range(n) for s in range(n) if s != t])
"""
        },
        {"hybrids-visible": 0.0, "hybrids-hidden": 1.0},
    ),
    "each pair once": (
        {
            "hybrids": """
def hybrids(shape, texture):
    n = len(shape)
    return np.array([np.r_[shape[s], texture[t]] for s in range(n) for t in range(s + 1, n)])
"""
        },
        {"hybrids-visible": 0.0, "hybrids-hidden": 0.0},
    ),
    "only the axis mended": (
        {
            "shares": """
def variance_shares(table):
    sizes = np.linalg.svd(table - table.mean(axis=0), compute_uv=False)
    return sizes / sizes.sum()
def components_needed(table, wanted):
    sizes = np.linalg.svd(table - table.mean(axis=0), compute_uv=False)
    return int(np.searchsorted(np.cumsum(sizes**2) / np.sum(sizes**2), wanted)) + 1
"""
        },
        {"shares-visible": 0.5, "shares-hidden": 2.0},
    ),
    "only the square mended": (
        {
            "shares": """
def variance_shares(table):
    sizes = np.linalg.svd(table - table.mean(axis=1, keepdims=True), compute_uv=False)
    return sizes**2 / np.sum(sizes**2)
def components_needed(table, wanted):
    sizes = np.linalg.svd(table - table.mean(axis=0), compute_uv=False)
    return int(np.searchsorted(np.cumsum(sizes**2) / np.sum(sizes**2), wanted)) + 1
"""
        },
        {"shares-visible": 0.5, "shares-hidden": 2.0},
    ),
    "the count begins with 0": (
        {
            "shares": """
def variance_shares(table):
    sizes = np.linalg.svd(table - table.mean(axis=0), compute_uv=False)
    return sizes**2 / np.sum(sizes**2)
def components_needed(table, wanted):
    return int(np.argmax(np.cumsum(variance_shares(table)) >= wanted))
"""
        },
        {"shares-visible": 0.5, "shares-hidden": 3.0},
    ),
    "rows matched by their place": (
        {
            "retest": """
def retest_reliability(first, again):
    n = min(len(first["trial"]), len(again["trial"]))
    same = first["choice"][:n] == again["choice"][:n]
    return np.corrcoef(first["rating"][:n][same], again["rating"][:n][same])[0, 1]
def repeats_needed(r, wanted):
    return int(np.ceil(wanted * (1 - r) / (r * (1 - wanted)) - 1e-9))
"""
        },
        {"retest-visible": 0.5, "retest-hidden": 2.0},
    ),
    "all choices kept": (
        {
            "retest": """
def retest_reliability(first, again):
    _, a, b = np.intersect1d(first["trial"], again["trial"], return_indices=True)
    return np.corrcoef(first["rating"][a], again["rating"][b])[0, 1]
def repeats_needed(r, wanted):
    return int(np.ceil(wanted * (1 - r) / (r * (1 - wanted)) - 1e-9))
"""
        },
        {"retest-visible": 0.5, "retest-hidden": 2.0},
    ),
    "repeats rounded down": (
        {
            "retest": """
def retest_reliability(first, again):
    place = {trial: row for row, trial in enumerate(first["trial"])}
    a = np.array([place[trial] for trial in again["trial"]])
    same = first["choice"][a] == again["choice"]
    return np.corrcoef(first["rating"][a][same], again["rating"][same])[0, 1]
def repeats_needed(r, wanted):
    return int(np.floor(wanted * (1 - r) / (r * (1 - wanted))))
"""
        },
        {"retest-hidden": 3.0},
    ),
    "ties by the order of the table": (
        {
            "ranks": """
def ranks(values):
    return np.argsort(np.argsort(values, kind="stable"), kind="stable") + 1
def rank_correlation(a, b):
    return np.corrcoef(ranks(a), ranks(b))[0, 1]
"""
        },
        {"ranks-visible": 0.5, "ranks-hidden": 0.5},
    ),
    "the lowest rank for ties": (
        {
            "ranks": """
def ranks(values):
    return np.searchsorted(np.sort(values), values) + 1
def rank_correlation(a, b):
    return np.corrcoef(a, b)[0, 1]
"""
        },
        {"ranks-visible": 0.0, "ranks-hidden": 0.5},
    ),
    "one argsort": (
        {
            "ranks": """
def ranks(values):
    return np.argsort(values) + 1
def rank_correlation(a, b):
    from scipy.stats import spearmanr
    return spearmanr(a, b).statistic
"""
        },
        {"ranks-visible": 0.5, "ranks-hidden": 1.5},
    ),
}
