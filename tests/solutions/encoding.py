"""Other right solutions, and typical wrong ones, of `encoding`."""

ALTERNATIVES = {
    "scikit-learn and scipy": {
        "ridge": """
from sklearn.linear_model import Ridge
def ridge(X, y, penalty):
    fit = Ridge(alpha=penalty).fit(X, y)
    return fit.coef_, fit.intercept_
""",
        "tau": """
from scipy.stats import kendalltau as scipy_tau
def kendall_tau(told, rated):
    return scipy_tau(told, rated)[0]
""",
        "held-out": """
from sklearn.model_selection import KFold, cross_val_predict
def blocks(n, folds):
    return [test for _, test in KFold(folds).split(np.zeros((n, 1)))]
def held_out(X, y, penalty, folds):
    return cross_val_predict(Ridge(alpha=penalty), X, y, cv=KFold(folds))
""",
        "nested": """
def nested(X, y, penalties, folds):
    label = np.concatenate([np.full(len(part), k) for k, part in enumerate(blocks(len(y), folds))])
    told, chosen = np.zeros(len(y)), np.zeros(folds)
    for k in range(folds):
        train = label != k
        def total(penalty):
            missed = 0.0
            for m in set(range(folds)) - {k}:
                fit = Ridge(alpha=penalty).fit(X[train & (label != m)], y[train & (label != m)])
                missed += ((fit.predict(X[label == m]) - y[label == m]) ** 2).sum()
            return missed
        chosen[k] = min(penalties, key=total)
        told[label == k] = Ridge(alpha=chosen[k]).fit(X[train], y[train]).predict(X[label == k])
    return told, chosen
""",
        "leak": """
from sklearn.feature_selection import SelectKBest, f_regression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
def honest_predictions(X, y, k, penalty, folds):
    steps = make_pipeline(StandardScaler(), SelectKBest(f_regression, k=k), Ridge(alpha=penalty))
    return cross_val_predict(steps, X, y, cv=KFold(folds))
""",
        "banded": """
def banded_ridge(spaces, y, penalties):
    roots = np.concatenate([np.full(space.shape[1], np.sqrt(p) + 1e-12) for space, p in zip(spaces, penalties)])
    fit = Ridge(alpha=1.0, solver="svd").fit(np.hstack(spaces) / roots, y)
    return fit.coef_ / roots, fit.intercept_
""",
    },
    "least squares with extra rows, and loops": {
        "ridge": """
def ridge(X, y, penalty):
    n, p = X.shape
    mean = [sum(X[:, j]) / n for j in range(p)]
    level = sum(y) / n
    rows = np.vstack([X - mean, np.sqrt(penalty) * np.eye(p)])
    weights = np.linalg.lstsq(rows, np.concatenate([y - level, np.zeros(p)]), rcond=None)[0]
    return weights, level - np.dot(mean, weights)
""",
        "tau": """
def kendall_tau(told, rated):
    up = down = tied_told = tied_rated = pairs = 0
    for i in range(len(told)):
        for j in range(i):
            pairs += 1
            product = (told[i] - told[j]) * (rated[i] - rated[j])
            up += product > 0
            down += product < 0
            tied_told += told[i] == told[j]
            tied_rated += rated[i] == rated[j]
    return float(int(up) - int(down)) / float((pairs - int(tied_told)) * (pairs - int(tied_rated))) ** 0.5
""",
        "held-out": """
def blocks(n, folds):
    out, start = [], 0
    for k in range(folds):
        size = n // folds + (1 if k < n % folds else 0)
        out.append(list(range(start, start + size)))
        start += size
    return out
def held_out(X, y, penalty, folds):
    told = []
    for test in blocks(len(y), folds):
        mask = np.ones(len(y), bool)
        mask[test] = False
        w, b = ridge(X[mask], y[mask], penalty)
        told.extend(float(x @ w + b) for x in X[test])
    return told
""",
        "nested": """
def nested(X, y, penalties, folds):
    told, chosen = np.zeros(len(y)), []
    for test in blocks(len(y), folds):
        a, b = test[0], test[-1] + 1
        rest_X, rest_y = np.delete(X, slice(a, b), axis=0), np.delete(y, slice(a, b))
        sizes = [len(part) for part in blocks(len(y), folds) if part[0] != a]
        ends = np.cumsum(sizes)
        sums = []
        for penalty in penalties:
            total = 0
            for end, size in zip(ends, sizes):
                inner = slice(end - size, end)
                w, c = ridge(np.delete(rest_X, inner, axis=0), np.delete(rest_y, inner), penalty)
                total += np.linalg.norm(rest_X[inner] @ w + c - rest_y[inner]) ** 2
            sums.append(total)
        chosen.append(penalties[sums.index(min(sums))])
        w, c = ridge(rest_X, rest_y, chosen[-1])
        told[a:b] = X[a:b] @ w + c
    return told, chosen
""",
        "leak": """
def honest_predictions(X, y, k, penalty, folds):
    told = np.zeros(len(y))
    for test in blocks(len(y), folds):
        train = [t for t in range(len(y)) if t not in set(test)]
        mean, sd = np.mean(X[train], axis=0), np.std(X[train], axis=0)
        strength = [abs(np.corrcoef(X[train, j], y[train])[0, 1]) for j in range(X.shape[1])]
        keep = sorted(range(X.shape[1]), key=lambda j: -strength[j])[:k]
        w, b = ridge(((X[train] - mean) / sd)[:, keep], y[train], penalty)
        told[test] = ((X[test] - mean) / sd)[:, keep] @ w + b
    return told
""",
        "banded": """
def banded_ridge(spaces, y, penalties):
    X, extra = np.concatenate(spaces, axis=1), []
    for space, p in zip(spaces, penalties):
        extra += [p**0.5] * space.shape[1]
    rows = np.vstack([X - X.mean(axis=0), np.diag(extra)])
    weights = np.linalg.pinv(rows) @ np.concatenate([y - y.mean(), np.zeros(len(extra))])
    return weights, y.mean() - X.mean(axis=0) @ weights
""",
    },
}

HELD_OUT = """
def held_out(X, y, penalty, folds):
    told = np.empty(len(y))
    for test in blocks(len(y), folds):
        train = np.setdiff1d(np.arange(len(y)), test)
        weights, intercept = ridge(X[train], y[train], penalty)
        told[test] = X[test] @ weights + intercept
    return told
"""
# The later exercises call the `ridge` of exercise 1; here they get a right one, as their text advises.
NESTED = """
def nested(X, y, penalties, folds):
    from sklearn.linear_model import Ridge
    n = len(y)
    parts = np.array_split(np.arange(n), folds)
    def error(train, rows, penalty):
        return np.sum((Ridge(alpha=penalty).fit(X[train], y[train]).predict(X[rows]) - y[rows]) ** 2)
    told, chosen = np.empty(n), []
    for k, test in enumerate(parts):
        train = np.setdiff1d(np.arange(n), test)
        inner = [part for m, part in enumerate(parts) if m != k]
        errors = [CHOICE for p in penalties]
        chosen.append(penalties[int(np.argmin(errors))])
        last = LAST
        told[test] = Ridge(alpha=chosen[-1]).fit(X[last], y[last]).predict(X[test])
    return told, np.array(chosen)
"""
HONEST = "sum(error(np.setdiff1d(train, v), v, p) for v in inner)"
LEAK = """
def honest_predictions(X, y, k, penalty, folds):
    from sklearn.linear_model import Ridge
    told = np.empty(len(y))
    for test in np.array_split(np.arange(len(y)), folds):
        train = np.setdiff1d(np.arange(len(y)), test)
        scale, select = SCALE, SELECT
        Z = (X - X[scale].mean(axis=0)) / X[scale].std(axis=0)
        r = ((Z[select] - Z[select].mean(axis=0)).T @ (y[select] - y[select].mean())) / Z[select].std(axis=0)
        best = np.argsort(SIZE(r))[-k:]
        told[test] = Ridge(alpha=penalty).fit(Z[train][:, best], y[train]).predict(Z[test][:, best])
    return told
"""
ALL = "np.arange(len(y))"


def nested(choice=HONEST, last="train"):
    return {"nested": NESTED.replace("CHOICE", choice).replace("LAST", last)}


def leak(scale="train", select="train", size="np.abs"):
    return {"leak": LEAK.replace("SCALE", scale).replace("SELECT", select).replace("SIZE", size)}


def alone(cell, source):
    """A wrong `ridge` with exercises 3 and 4 that do not use it, as a student may do who follows the text."""
    sklearn = ALTERNATIVES["scikit-learn and scipy"]
    rest = {"held-out": "from sklearn.linear_model import Ridge\n" + sklearn["held-out"], "nested": sklearn["nested"]}
    return {cell: source} | rest


def tau(formula):
    return {
        "tau": f"""
def kendall_tau(told, rated):
    i, j = np.triu_indices(len(told), 1)
    a, b = np.sign(told[i] - told[j]), np.sign(rated[i] - rated[j])
    return {formula}
"""
    }


WRONG = {
    "ridge without centring": (
        alone(
            "ridge",
            """
def ridge(X, y, penalty):
    return np.linalg.solve(X.T @ X + penalty * np.eye(X.shape[1]), X.T @ y), 0.0
""",
        ),
        {"ridge-visible": 0.0, "ridge-hidden": 0.0},
    ),
    "the intercept is punished": (
        alone(
            "ridge",
            """
def ridge(X, y, penalty):
    D = np.column_stack([X, np.ones(len(X))])
    w = np.linalg.solve(D.T @ D + penalty * np.eye(D.shape[1]), D.T @ y)
    return w[:-1], w[-1]
""",
        ),
        {"ridge-visible": 0.5, "ridge-hidden": 0.0},
    ),
    "a wrong ridge goes through to exercises 3 and 4": (
        {
            "ridge": """
def ridge(X, y, penalty):
    return np.linalg.solve(X.T @ X + penalty * np.eye(X.shape[1]), X.T @ y), 0.0
"""
        },
        {
            "ridge-visible": 0.0,
            "ridge-hidden": 0.0,
            "held-out-visible": 0.5,
            "held-out-hidden": 0.5,
            "nested-hidden": 1.0,
        },
    ),
    "centred, but no intercept": (
        alone(
            "ridge",
            """
def ridge(X, y, penalty):
    Z = X - X.mean(axis=0)
    return np.linalg.solve(Z.T @ Z + penalty * np.eye(X.shape[1]), Z.T @ (y - y.mean())), y.mean()
""",
        ),
        {"ridge-visible": 0.0, "ridge-hidden": 1.5},
    ),
    "tau-a": (tau("np.mean(a * b)"), {"tau-visible": 0.5, "tau-hidden": 0.5}),
    "gamma: ties left out of the pairs": (
        tau("np.sum(a * b) / np.sum(a * b != 0)"),
        {"tau-visible": 0.5, "tau-hidden": 0.5},
    ),
    "each pair counted twice above, once below": (
        tau("2 * np.sum(a * b) / np.sqrt(np.sum(a != 0) * np.sum(b != 0))"),
        {"tau-visible": 0.0, "tau-hidden": 0.0},
    ),
    "ties of the ratings only": (tau("np.sum(a * b) / np.sum(b != 0)"), {"tau-visible": 0.5, "tau-hidden": 0.5}),
    "Spearman": (
        {
            "tau": """
from scipy.stats import spearmanr
def kendall_tau(told, rated):
    return spearmanr(told, rated).statistic
"""
        },
        {"tau-visible": 0.0, "tau-hidden": 0.0},
    ),
    "the size of tau": (tau("abs(np.sum(a * b)) / np.sqrt(np.sum(a != 0) * np.sum(b != 0))"), {"tau-hidden": 1.5}),
    "every k-th trial": (
        {"held-out": "def blocks(n, folds):\n    return [np.arange(k, n, folds) for k in range(folds)]\n" + HELD_OUT}
        | nested(),
        {"held-out-visible": 0.0, "held-out-hidden": 0.0},
    ),
    "the last trials belong to no block": (
        {
            "held-out": """
def blocks(n, folds):
    return [np.arange(n // folds) + k * (n // folds) for k in range(folds)]

"""
            + HELD_OUT.replace("np.empty(len(y))", "np.zeros(len(y))")
        }
        | nested(),
        {"held-out-visible": 0.5, "held-out-hidden": 0.0},
    ),
    "predicted after fitting to everything": (
        {
            "held-out": """
def blocks(n, folds):
    return np.array_split(np.arange(n), folds)
def held_out(X, y, penalty, folds):
    weights, intercept = ridge(X, y, penalty)
    return X @ weights + intercept
"""
        },
        {"held-out-visible": 0.5, "held-out-hidden": 0.5},
    ),
    "the test block chooses the penalty": (nested("error(train, test, p)"), {"nested-hidden": 0.0}),
    "the training trials choose the penalty": (
        nested("error(train, train, p)"),
        {"nested-visible": 0.5, "nested-hidden": 1.0},
    ),
    "one choice on all trials": (
        nested("sum(error(np.setdiff1d(np.arange(n), v), v, p) for v in parts)"),
        {"nested-hidden": 0.0},
    ),
    "the last fit misses a block": (nested(last="np.setdiff1d(train, inner[-1])"), {"nested-hidden": 2.0}),
    "the leak as it was": (leak(ALL, ALL), {"leak-visible": 0.0, "leak-hidden": 0.0}),
    "the scale still leaks": (leak(scale=ALL), {"leak-hidden": 1.0}),
    "the columns still leak": (leak(select=ALL), {"leak-visible": 0.0, "leak-hidden": 1.0}),
    "columns with the largest signed correlation": (leak(size="np.positive"), {"leak-hidden": 1.0}),
    "test trials scaled by their own mean": (
        {
            "leak": LEAK.replace("SCALE", "train")
            .replace("SELECT", "train")
            .replace("SIZE", "np.abs")
            .replace(
                ".predict(Z[test][:, best])",
                ".predict(((X[test] - X[test].mean(axis=0)) / X[test].std(axis=0))[:, best])",
            )
        },
        {"leak-hidden": 0.0},
    ),
    "one penalty for all spaces": (
        {"banded": "def banded_ridge(spaces, y, penalties):\n    return ridge(np.hstack(spaces), y, penalties[0])"},
        {"banded-visible": 0.5, "banded-hidden": 0.5},
    ),
    "penalties in the wrong order": (
        {
            "banded": """
def banded_ridge(spaces, y, penalties):
    X = np.hstack(spaces)
    M = np.diag(np.repeat(penalties[::-1], [space.shape[1] for space in spaces]))
    Z = X - X.mean(axis=0)
    w = np.linalg.solve(Z.T @ Z + M, Z.T @ (y - y.mean()))
    return w, y.mean() - X.mean(axis=0) @ w
"""
        },
        {"banded-visible": 0.0, "banded-hidden": 0.5},
    ),
    "each space fitted by itself": (
        {
            "banded": """
def banded_ridge(spaces, y, penalties):
    parts = [ridge(space, y, p)[0] for space, p in zip(spaces, penalties)]
    w = np.concatenate(parts)
    return w, y.mean() - np.hstack(spaces).mean(axis=0) @ w
"""
        },
        {"banded-hidden": 0.0},
    ),
}
