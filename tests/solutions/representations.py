"""Other right solutions, and typical wrong ones, of `representations`."""

ALTERNATIVES = {
    "scipy and the kit": {
        "rdm": """
from scipy.spatial.distance import pdist
def rdm(patterns):
    return pdist(patterns, "correlation")
""",
        "rsa": """
from scipy.stats import spearmanr
def rsa(a, b):
    return spearmanr(a, b).statistic
""",
        "within": """
from scipy.spatial.distance import squareform
def category_rdm(categories):
    return pdist(np.asarray(categories)[:, None], "hamming")
def rsa_within(a, b, categories):
    a, b = squareform(a), squareform(b)
    scores = []
    for one in set(list(categories)):
        members = np.flatnonzero(categories == one)
        block = np.ix_(members, members)
        scores.append(rsa(squareform(a[block], checks=False), squareform(b[block], checks=False)))
    return sum(scores) / len(scores)
""",
        "ceiling": """
from kit.analysis import rsa as kit_rsa
def noise_ceiling(rdms):
    return [bound.mean() for bound in kit_rsa.noise_ceiling(rdms)]
""",
        "cka": """
from kit.analysis.cka import cka
def debiased_cka(x, y):
    return cka(x, y)
""",
        "unchanged": """
def same(changed, x, y):
    return bool(np.isclose(debiased_cka(changed, y), debiased_cka(x, y)))
gen = np.random.default_rng(3)
x, y = gen.normal(size=(12, 5)), gen.normal(size=(12, 4))
unchanged = {
    "scale": same(10 * x, x, y),
    "shift": same(x + gen.normal(size=5), x, y),
    "rotate": same(x @ np.linalg.qr(gen.normal(size=(5, 5)))[0], x, y),
    "stretch": same(x * [10, 1, 1, 1, 1], x, y),
    "reorder features": same(x[:, ::-1], x, y),
    "reorder faces": same(x[::-1], x, y),
}
""",
        "bootstrap": """
def bootstrap_scores(a, b, draws):
    counts = np.array([np.bincount(draw, minlength=len(a)) for draw in draws])
    return kit_rsa.bootstrap(squareform(a), squareform(b), counts).scores[:, 0]
""",
    },
    "plain loops": {
        "rdm": """
def rdm(patterns):
    out = []
    for i in range(len(patterns)):
        for j in range(i + 1, len(patterns)):
            x, y = patterns[i] - patterns[i].mean(), patterns[j] - patterns[j].mean()
            out.append(1 - sum(x * y) / np.sqrt(sum(x * x) * sum(y * y)))
    return out
""",
        "rsa": """
def rsa(a, b):
    def ranked(values):
        return np.array([sum(values < v) + (sum(values == v) + 1) / 2 for v in values])
    x, y = ranked(a), ranked(b)
    return np.sum((x - x.mean()) * (y - y.mean())) / len(x) / x.std() / y.std()
""",
        "within": """
def category_rdm(categories):
    n = len(categories)
    return [int(categories[i] != categories[j]) for i in range(n) for j in range(i + 1, n)]
def rsa_within(a, b, categories):
    parts = {}
    place = 0
    for i in range(len(categories)):
        for j in range(i + 1, len(categories)):
            if categories[i] == categories[j]:
                parts.setdefault(int(categories[i]), []).append(place)
            place += 1
    return np.mean([rsa(a[rows], b[rows]) for rows in parts.values()])
""",
        "ceiling": """
def noise_ceiling(rdms):
    z = [(row - np.mean(row)) / np.std(row) for row in rdms]
    total, n, lower, upper = np.sum(z, axis=0), len(z), 0.0, 0.0
    for own in z:
        rest = total - own
        lower += own @ rest / np.sqrt((own @ own) * (rest @ rest)) / n
        upper += own @ total / np.sqrt((own @ own) * (total @ total)) / n
    return [lower, upper]
""",
        "cka": """
def debiased_cka(x, y):
    def centred(values):
        K = values @ values.T
        n = len(K)
        K[np.arange(n), np.arange(n)] = 0
        rows = K.sum(axis=0) / (n - 2)
        K = K - rows[:, None] - rows[None, :] + K.sum() / ((n - 1) * (n - 2))
        K[np.arange(n), np.arange(n)] = 0
        return K
    K, L = centred(x), centred(y)
    return (K * L).sum() / ((K * K).sum() * (L * L).sum()) ** 0.5
""",
        "bootstrap": """
def bootstrap_scores(a, b, draws):
    out = []
    for rows in draws:
        left, right = [], []
        for place, i in enumerate(rows):
            for j in rows[place + 1:]:
                if i != j:
                    left.append(a[i, j])
                    right.append(b[i, j])
        out.append(np.corrcoef(left, right)[0, 1])
    return out
""",
    },
}

RDM = "def rdm(patterns):\n    "
WITHIN = """
def category_rdm(categories):
    i, j = np.triu_indices(len(categories), 1)
    return (categories[i] != categories[j]).astype(float)
"""
CHANGES = "names = ['scale', 'shift', 'rotate', 'stretch', 'reorder features', 'reorder faces']\n"

WRONG = {
    "similarity, not dissimilarity": (
        {"rdm": RDM + "return np.corrcoef(patterns)[np.triu_indices(len(patterns), 1)]"},
        {"rdm-visible": 0.0, "rdm-hidden": 0.5},
    ),
    "the diagonal counts": (
        {"rdm": RDM + "return (1 - np.corrcoef(patterns))[np.triu_indices(len(patterns))]"},
        {"rdm-visible": 0.0, "rdm-hidden": 0.0},
    ),
    "features in place of faces": (
        {"rdm": RDM + "return (1 - np.corrcoef(patterns.T))[np.triu_indices(patterns.shape[1], 1)]"},
        {"rdm-visible": 0.0, "rdm-hidden": 0.0},
    ),
    "the square": ({"rdm": RDM + "return 1 - np.corrcoef(patterns)"}, {"rdm-visible": 0.0, "rdm-hidden": 0.0}),
    "lower triangle, another order of pairs": (
        {"rdm": RDM + "return (1 - np.corrcoef(patterns))[np.tril_indices(len(patterns), -1)]"},
        {"rdm-hidden": 0.5},
    ),
    "cosine, patterns not centred": (
        {"rdm": "from scipy.spatial.distance import pdist\n" + RDM + "return pdist(patterns, 'cosine')"},
        {"rdm-visible": 0.0, "rdm-hidden": 0.5},
    ),
    "the example by heart": ({"rdm": RDM + "return np.array([0.0, 2, 2])"}, {"rdm-hidden": 0.0}),
    "values, not ranks": (
        {"rsa": "def rsa(a, b):\n    return np.corrcoef(a, b)[0, 1]"},
        {"rsa-visible": 0.0, "rsa-hidden": 0.0, "within-visible": 0.5, "within-hidden": 1.0},
    ),
    "ties by the order of the pairs": (
        {"rsa": "def rsa(a, b):\n    return np.corrcoef(a.argsort().argsort(), b.argsort().argsort())[0, 1]"},
        {"rsa-visible": 0.5, "rsa-hidden": 1.5},
    ),
    "the size of the correlation": (
        {"rsa": "from scipy.stats import spearmanr\ndef rsa(a, b):\n    return abs(spearmanr(a, b).statistic)"},
        {"rsa-hidden": 1.5, "within-visible": 0.5, "within-hidden": 1.0},
    ),
    "pairs of all categories pooled": (
        {
            "within": WITHIN
            + """
def rsa_within(a, b, categories):
    inside = category_rdm(categories) == 0
    return rsa(a[inside], b[inside])
"""
        },
        {"within-visible": 0.5, "within-hidden": 1.0},
    ),
    "same category is 1, and all pairs": (
        {
            "within": """
def category_rdm(categories):
    i, j = np.triu_indices(len(categories), 1)
    return (categories[i] == categories[j]) * 1
def rsa_within(a, b, categories):
    return rsa(a, b)
"""
        },
        {"within-visible": 0.0, "within-hidden": 0.0},
    ),
    "faces must be sorted": (
        {
            "within": """
def category_rdm(categories):
    square = np.abs(categories[:, None] - categories[None, :])
    return square[np.triu_indices(len(categories), 1)]
def rsa_within(a, b, categories):
    n, scores = len(categories), []
    size = n // len(np.unique(categories))
    i, j = np.triu_indices(n, 1)
    for start in range(0, n - size + 1, size):
        inside = (i >= start) & (i < start + size) & (j >= start) & (j < start + size)
        scores.append(rsa(a[inside], b[inside]))
    return np.mean(scores)
"""
        },
        {"within-hidden": 1.0},
    ),
    "no common scale": (
        {
            "ceiling": """
def noise_ceiling(rdms):
    lower = [np.corrcoef(rdms[k], np.delete(rdms, k, axis=0).mean(axis=0))[0, 1] for k in range(len(rdms))]
    return np.mean(lower), np.mean([np.corrcoef(row, rdms.mean(axis=0))[0, 1] for row in rdms])
"""
        },
        {"ceiling-visible": 0.5, "ceiling-hidden": 0.0},
    ),
    "standardised over observers, not over pairs": (
        {
            "ceiling": """
def noise_ceiling(rdms):
    z = (rdms - rdms.mean(axis=0)) / rdms.std(axis=0)
    lower = [np.corrcoef(z[k], np.delete(z, k, axis=0).mean(axis=0))[0, 1] for k in range(len(z))]
    return np.mean(lower), np.mean([np.corrcoef(row, z.mean(axis=0))[0, 1] for row in z])
"""
        },
        {"ceiling-visible": 0.0, "ceiling-hidden": 0.0},
    ),
    "the observer in both means": (
        {
            "ceiling": """
def noise_ceiling(rdms):
    z = (rdms - rdms.mean(axis=1, keepdims=True)) / rdms.std(axis=1, keepdims=True)
    upper = np.mean([np.corrcoef(row, z.mean(axis=0))[0, 1] for row in z])
    return upper, upper
"""
        },
        {"ceiling-visible": 0.5, "ceiling-hidden": 0.5},
    ),
    "the usual, biased CKA": (
        {
            "cka": """
def debiased_cka(x, y):
    x, y = x - x.mean(axis=0), y - y.mean(axis=0)
    return np.sum((x.T @ y) ** 2) / np.sqrt(np.sum((x.T @ x) ** 2) * np.sum((y.T @ y) ** 2))
"""
        },
        {"cka-visible": 0.5, "cka-hidden": 0.0},
    ),
    "cut at 0": (
        {
            "cka": """
def debiased_cka(x, y):
    from kit.analysis.cka import cka
    return max(0.0, cka(x, y))
"""
        },
        {"cka-hidden": 1.5},
    ),
    "the root forgotten": (
        {
            "cka": """
def debiased_cka(x, y):
    def h(K, L):
        n = len(K)
        return np.sum(K * L) + K.sum() * L.sum() / ((n - 1) * (n - 2)) - 2 / (n - 2) * (K @ L).sum()
    K, L = x @ x.T, y @ y.T
    np.fill_diagonal(K, 0)
    np.fill_diagonal(L, 0)
    return h(K, L) / (h(K, K) * h(L, L))
"""
        },
        {"cka-visible": 0.5, "cka-hidden": 0.0},
    ),
    "everything leaves it unchanged": (
        {"unchanged": CHANGES + "unchanged = dict.fromkeys(names, True)"},
        {"unchanged-hidden": 1.5},
    ),
    "words in place of True and False": (
        {"unchanged": CHANGES + "unchanged = dict.fromkeys(names, 'yes')"},
        {"unchanged-visible": 0.0, "unchanged-hidden": 0.0},
    ),
    "only the diagonal dropped": (
        {
            "bootstrap": """
def bootstrap_scores(a, b, draws):
    upper = np.triu_indices(draws.shape[1], 1)
    return np.array([np.corrcoef(a[np.ix_(d, d)][upper], b[np.ix_(d, d)][upper])[0, 1] for d in draws])
"""
        },
        {"bootstrap-visible": 0.0, "bootstrap-hidden": 1.0},
    ),
    "repeated faces thrown away": (
        {
            "bootstrap": """
def bootstrap_scores(a, b, draws):
    out = []
    for d in draws:
        d = np.unique(d)
        upper = np.triu_indices(len(d), 1)
        out.append(np.corrcoef(a[np.ix_(d, d)][upper], b[np.ix_(d, d)][upper])[0, 1])
    return np.array(out)
"""
        },
        {"bootstrap-visible": 0.0, "bootstrap-hidden": 1.0},
    ),
}
