"""Other right solutions, and typical wrong ones, of `lesions`."""

from functools import partial

from solutions import parts

ALTERNATIVES = {
    "loops": {
        "silence": """
def usual_activity(network, pictures):
    total = 0
    for picture in pictures:
        drive = picture @ network["W"] + network["b"]
        total = total + drive * (drive > 0)
    return total / len(pictures)
def lesioned_scores(network, pictures, silent, said):
    out = []
    for picture in pictures:
        units = [max(0.0, picture @ network["W"][:, u] + network["b"][u]) for u in range(len(network["b"]))]
        for u in silent:
            units[u] = said[u]
        out.append(sum(says * row for says, row in zip(units, network["V"])) + network["c"])
    return out
""",
        "damage": """
def damage_curve(network, pictures, labels, order, counts):
    curve = []
    for count in counts:
        right = 0
        for picture, label in zip(pictures, labels):
            units = np.maximum(picture @ network["W"] + network["b"], 0)
            for gone in list(order)[:count]:
                units[gone] = 0
            right += int(np.argmax(units @ network["V"] + network["c"]) == label)
        curve.append(right / len(labels))
    return curve
def first_beyond(curve, random_curves, counts):
    for k, count in enumerate(counts):
        if curve[k] < np.percentile(random_curves[:, k], 5):
            return count
    return None
""",
        "dissociation": """
def dissociation(damage, random):
    K, bias, p = len(damage), [], []
    for k in range(K):
        others = [j for j in range(K) if j != k]
        bias.append(damage[k, k] - sum(damage[k, j] for j in others) / (K - 1))
        count = sum(1 for lost in random if lost[k] - sum(lost[j] for j in others) / (K - 1) >= bias[-1])
        p.append((count + 1) / (len(random) + 1))
    return {"bias": bias, "p": p, "p_all": max(p)}
""",
        "without": """
def without(learned, variables, features):
    mean, basis = learned.mean(axis=0), []
    for z in variables.T:
        c = (learned - mean).T @ (z - z.mean())
        for u in basis:
            c = c - (c @ u) * u
        basis.append(c / np.linalg.norm(c))
    left = features - mean
    for u in basis:
        left = left - np.outer(left @ u, u)
    return left + mean
""",
        "mend": """
def honest_lesion(network, pictures, labels, chooses, k, groups):
    choosing, testing = np.flatnonzero(chooses), np.flatnonzero(~chooses)
    whole = surprise(network, pictures[choosing], labels[choosing])
    harm = {}
    for unit in range(network["W"].shape[1]):
        harm[unit] = surprise(network, pictures[choosing], labels[choosing], [unit]) - whole
    chosen = sorted(sorted(harm, key=harm.get, reverse=True)[:k])
    def right(silent):
        return share_right(network, pictures[testing], labels[testing], silent)
    left, beaten = right(chosen), 0
    for group in groups:
        beaten += right(group[:k]) <= left
    return {"units": chosen, "lost": right([]) - left, "p": (beaten + 1) / (len(groups) + 1)}
""",
        "diagnosis": """
def diagnose(scores, condition, network):
    out = []
    for i in range(len(scores)):
        rows = [j for j in range(len(scores)) if network[j] != network[i]]
        mean, sd = np.mean(scores[rows], axis=0), np.std(scores[rows], axis=0)
        best, nearest = None, np.inf
        for name in sorted(set(condition)):
            own = [scores[j] for j in rows if condition[j] == name]
            if own and np.linalg.norm((scores[i] - np.mean(own, axis=0)) / sd) < nearest:
                best, nearest = name, np.linalg.norm((scores[i] - np.mean(own, axis=0)) / sd)
        out.append(best)
    return out
def confusion(condition, diagnosis, names):
    table = []
    for row in names:
        told = [d for c, d in zip(condition, diagnosis) if c == row]
        table.append([told.count(column) / len(told) if told else 0.0 for column in names])
    return table
def meaning(matrix, shares):
    out = np.zeros(matrix.shape)
    for j in range(len(shares)):
        everybody = sum(matrix[h, j] * shares[h] for h in range(len(shares)))
        for i in range(len(shares)):
            out[i, j] = matrix[i, j] * shares[i] / everybody
    return out
""",
    },
    "torch, scipy and scikit-learn": {
        "silence": """
def usual_activity(network, pictures):
    return np.clip(np.dot(pictures, network["W"]) + network["b"], 0, None).sum(0) / pictures.shape[0]
def lesioned_scores(network, pictures, silent, said):
    import torch
    t = {name: torch.tensor(values) for name, values in network.items()}
    units = torch.relu(torch.tensor(pictures) @ t["W"] + t["b"])
    keep = torch.ones(units.shape[1], dtype=units.dtype)
    keep[list(silent)] = 0
    return (units * keep + torch.tensor(said) * (1 - keep)) @ t["V"] + t["c"]
""",
        "damage": """
def damage_curve(network, pictures, labels, order, counts):
    place = np.argsort(order)
    out = []
    for count in counts:
        keep = place >= count
        units = np.maximum(0, pictures @ network["W"][:, keep] + network["b"][keep])
        out.append(float((np.argmax(units @ network["V"][keep] + network["c"], 1) == labels).mean()))
    return out
def first_beyond(curve, random_curves, counts):
    low, _ = np.quantile(random_curves, [0.05, 0.95], axis=0)
    return next((int(count) for count, is_below in zip(counts, curve < low) if is_below), None)
""",
        "dissociation": """
def dissociation(damage, random):
    K = damage.shape[0]
    contrast = np.eye(K) - (1 - np.eye(K)) / (K - 1)
    bias, chance = np.einsum("kj,kj->k", damage, contrast), random @ contrast.T
    p = np.array([np.mean(np.append(chance[:, k], bias[k]) >= bias[k]) for k in range(K)])
    return dict(bias=bias, p=p, p_all=float(np.max(p)))
""",
        "without": """
from scipy.linalg import null_space
def without(learned, variables, features):
    together = np.cov(learned.T, variables.T)[: learned.shape[1], learned.shape[1] :]
    rest = null_space(together.T)
    return learned.mean(0) + (features - learned.mean(0)) @ rest @ rest.T
""",
        "mend": """
def honest_lesion(network, pictures, labels, chooses, k, groups):
    parts = [(pictures[rows], labels[rows]) for rows in (chooses, np.logical_not(chooses))]
    harm = np.array([surprise(network, *parts[0], silent=[u]) for u in range(len(network["V"]))])
    units = np.sort(np.argpartition(-harm, k - 1)[:k])
    lost = [share_right(network, *parts[1]) - share_right(network, *parts[1], g[:k]) for g in [units, *groups]]
    return {"units": units.tolist(), "lost": lost[0], "p": np.mean(np.array(lost) >= lost[0])}
""",
        "diagnosis": """
from sklearn.metrics import confusion_matrix
from sklearn.model_selection import LeaveOneGroupOut, cross_val_predict
from sklearn.neighbors import NearestCentroid
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
def diagnose(scores, condition, network):
    rule = make_pipeline(StandardScaler(), NearestCentroid())
    return cross_val_predict(rule, scores, np.array(condition), groups=network, cv=LeaveOneGroupOut())
def confusion(condition, diagnosis, names):
    return np.nan_to_num(confusion_matrix(condition, diagnosis, labels=names, normalize="true"))
def meaning(matrix, shares):
    both = np.diag(shares) @ matrix
    return both @ np.diag(1 / both.sum(axis=0))
""",
    },
}

RIGHT = {
    "usual": """
def usual_activity(network, pictures):
    return np.maximum(0, pictures @ network["W"] + network["b"]).mean(axis=0)
""",
    "silence": """
def lesioned_scores(network, pictures, silent, said):
    units = np.maximum(0, pictures @ network["W"] + network["b"])
    chosen = np.isin(np.arange(units.shape[1]), silent)
    return np.where(chosen, said, units) @ network["V"] + network["c"]
""",
    "curve": """
def damage_curve(network, pictures, labels, order, counts):
    units = np.maximum(0, pictures @ network["W"] + network["b"])
    curve = []
    for count in counts:
        left = units.copy()
        left[:, order[:count]] = 0
        curve.append(np.mean((left @ network["V"] + network["c"]).argmax(axis=1) == labels))
    return np.array(curve)
""",
    "beyond": """
def first_beyond(curve, random_curves, counts):
    below = np.flatnonzero(curve < np.quantile(random_curves, 0.05, axis=0))
    return int(counts[below[0]]) if len(below) else None
""",
    "dissociation": """
def dissociation(damage, random):
    K = len(damage)
    def towards(lost):
        return lost - (lost.sum(axis=-1, keepdims=True) - lost) / (K - 1)
    bias = np.diag(towards(damage))
    p = (1 + np.sum(towards(random) >= bias, axis=0)) / (1 + len(random))
    return {"bias": bias, "p": p, "p_all": p.max()}
""",
    "without": """
def without(learned, variables, features):
    mean = learned.mean(axis=0)
    C = (learned - mean).T @ (variables - variables.mean(axis=0))
    U = np.linalg.qr(C)[0]
    return features - (features - mean) @ U @ U.T
""",
    "mend": """
def honest_lesion(network, pictures, labels, chooses, k, groups):
    first, second = (pictures[chooses], labels[chooses]), (pictures[~chooses], labels[~chooses])
    harm = [surprise(network, *first, [unit]) for unit in range(len(network["b"]))]
    chosen = np.argsort(harm)[-k:]
    whole = share_right(network, *second)
    lost = whole - share_right(network, *second, chosen)
    random = [whole - share_right(network, *second, group[:k]) for group in groups]
    p = (1 + np.sum(random >= lost)) / (1 + len(random))
    return {"units": sorted(chosen.tolist()), "lost": lost, "p": p}
""",
    "diagnose": """
def diagnose(scores, condition, network):
    condition, told = np.array(condition), np.empty(len(scores), object)
    for one in np.unique(network):
        test = network == one
        train = ~test
        mean, sd = scores[train].mean(axis=0), scores[train].std(axis=0)
        Z = (scores - mean) / sd
        names = np.unique(condition[train])
        means = np.stack([Z[train & (condition == name)].mean(axis=0) for name in names])
        told[test] = names[((Z[test][:, None] - means) ** 2).sum(axis=2).argmin(axis=1)]
    return [str(name) for name in told]
""",
    "confusion": """
def confusion(condition, diagnosis, names):
    counts = np.zeros((len(names), len(names)))
    for hidden, told in zip(condition, diagnosis):
        counts[names.index(hidden), names.index(told)] += 1
    return counts / np.maximum(1, counts.sum(axis=1, keepdims=True))
""",
    "meaning": """
def meaning(matrix, shares):
    joint = matrix * np.asarray(shares)[:, None]
    return joint / joint.sum(axis=0)
""",
}
CELLS = {
    "silence": ("usual", "silence"),
    "damage": ("curve", "beyond"),
    "dissociation": ("dissociation",),
    "without": ("without",),
    "mend": ("mend",),
    "diagnosis": ("diagnose", "confusion", "meaning"),
}


but = partial(parts.but, CELLS, RIGHT)


WRONG = {
    "the mean before the threshold": (
        but(
            "usual",
            (
                'np.maximum(0, pictures @ network["W"] + network["b"]).mean(axis=0)',
                'np.maximum(0, (pictures @ network["W"] + network["b"]).mean(axis=0))',
            ),
        ),
        {"silence-visible": 0.5, "silence-hidden": 1.5},
    ),
    "no threshold": (
        but(
            "usual",
            ('np.maximum(0, pictures @ network["W"] + network["b"])', '(pictures @ network["W"] + network["b"])'),
        ),
        {"silence-visible": 0.5, "silence-hidden": 1.5},
    ),
    "the input is gone, b still speaks": (
        but(
            "silence",
            (
                'pictures @ network["W"] + network["b"]',
                'pictures @ (network["W"] * ~np.isin(np.arange(len(network["b"])), silent)) + network["b"]',
            ),
            ("np.where(chosen, said, units)", "units"),
        ),
        {"silence-visible": 0.5, "silence-hidden": 0.5},
    ),
    "the others are silenced": (
        but("silence", ("np.where(chosen, said, units)", "np.where(chosen, units, said)")),
        {"silence-visible": 0.5, "silence-hidden": 0.5},
    ),
    "silent units always say 0": (
        but("silence", ("np.where(chosen, said, units)", "np.where(chosen, 0, units)")),
        {"silence-hidden": 1.5},
    ),
    "the usual activity of this call": (
        but("silence", ("np.where(chosen, said, units)", "np.where(chosen, units.mean(axis=0) * np.any(said), units)")),
        {"silence-hidden": 1.5},
    ),
    "c is forgotten": (
        but("silence", (' + network["c"]', "")),
        {"silence-visible": 0.5, "silence-hidden": 0.5},
    ),
    "one unit at a time": (
        but("curve", ("left[:, order[:count]] = 0", "left[:, order[max(0, count - 1) : count]] = 0")),
        {"damage-visible": 0.5, "damage-hidden": 1.0},
    ),
    "what is lost": (
        but("curve", ("return np.array(curve)", "return curve[0] - np.array(curve)")),
        {"damage-visible": 0.5, "damage-hidden": 1.0},
    ),
    "in the order of their numbers": (
        but("curve", ("order[:count]", "range(count)")),
        {"damage-visible": 0.5, "damage-hidden": 1.0},
    ),
    "backwards": (
        but("curve", ("order[:count]", "order[::-1][:count]")),
        {"damage-visible": 0.5, "damage-hidden": 1.0},
    ),
    "below the mean of random orders": (
        but("beyond", ("np.quantile(random_curves, 0.05, axis=0)", "random_curves.mean(axis=0) - 1e-9")),
        {"damage-visible": 0.5, "damage-hidden": 1.5},
    ),
    "the 10 % quantile": (but("beyond", ("0.05", "0.1")), {"damage-hidden": 1.5}),
    "the place in the list": (
        but("beyond", ("int(counts[below[0]])", "int(below[0])")),
        {"damage-visible": 0.5, "damage-hidden": 1.5},
    ),
    "one band for all counts": (but("beyond", (", axis=0", "")), {"damage-hidden": 1.0}),
    "the second bias upside down": (
        but("dissociation", ("bias = np.diag(towards(damage))", "bias = damage[:, 0] - damage[:, 1]")),
        {"dissociation-visible": 0.0, "dissociation-hidden": 0.0},
    ),
    "rows and columns exchanged": (
        but("dissociation", ("np.diag(towards(damage))", "np.diag(towards(damage.T))")),
        {"dissociation-visible": 0.0, "dissociation-hidden": 0.0},
    ),
    "p can be 0": (
        but(
            "dissociation",
            (
                "(1 + np.sum(towards(random) >= bias, axis=0)) / (1 + len(random))",
                "np.mean(towards(random) >= bias, axis=0)",
            ),
        ),
        {"dissociation-visible": 0.5, "dissociation-hidden": 0.5},
    ),
    "more, not at least": (
        but("dissociation", (">= bias", "> bias")),
        {"dissociation-visible": 0.5, "dissociation-hidden": 0.5},
    ),
    "two-sided": (
        but("dissociation", ("towards(random) >= bias", "np.abs(towards(random)) >= bias")),
        {"dissociation-visible": 0.5, "dissociation-hidden": 0.5},
    ),
    "the best p": (
        but("dissociation", ("p.max()", "p.min()")),
        {"dissociation-visible": 0.5, "dissociation-hidden": 2.5},
    ),
    "two tasks only": (
        {
            "dissociation": """
def dissociation(damage, random):
    bias = np.array([damage[0, 0] - damage[0, 1], damage[1, 1] - damage[1, 0]])
    gap = random[:, 0] - random[:, 1]
    p = (1 + np.array([np.sum(gap >= bias[0]), np.sum(-gap >= bias[1])])) / (1 + len(random))
    return {"bias": bias, "p": p, "p_all": p.max()}
"""
        },
        {"dissociation-hidden": 2.0},
    ),
    "against the largest of the others": (
        but(
            "dissociation",
            (
                "return lost - (lost.sum(axis=-1, keepdims=True) - lost) / (K - 1)",
                "return np.stack([lost[..., k] - np.delete(lost, k, axis=-1).max(axis=-1) for k in range(K)], axis=-1)",
            ),
        ),
        {"dissociation-hidden": 2.0},
    ),
    "against the mean of all": (
        but(
            "dissociation", ("(lost.sum(axis=-1, keepdims=True) - lost) / (K - 1)", "lost.mean(axis=-1, keepdims=True)")
        ),
        {"dissociation-visible": 0.5, "dissociation-hidden": 1.5},
    ),
    "the weights of a regression": (
        but(
            "without",
            (
                "U = np.linalg.qr(C)[0]",
                "U = np.linalg.qr(np.linalg.lstsq(learned - mean, variables - variables.mean(axis=0))[0])[0]",
            ),
        ),
        {"without-visible": 0.0, "without-hidden": 0.0},
    ),
    "no length 1": (but("without", ("np.linalg.qr(C)[0]", "C")), {"without-visible": 0.0, "without-hidden": 0.0}),
    "two directions that are not at right angles": (
        but("without", ("np.linalg.qr(C)[0]", "C / np.linalg.norm(C, axis=0)")),
        {"without-hidden": 1.0},
    ),
    "only the first variable": (
        but("without", ("np.linalg.qr(C)[0]", "np.linalg.qr(C)[0][:, :1]")),
        {"without-hidden": 1.0},
    ),
    "the mean of the new trials": (
        but("without", ("(features - mean)", "(features - features.mean(axis=0))")),
        {"without-visible": 0.0, "without-hidden": 1.0},
    ),
    "the mean is not put back": (
        but("without", ("return features -", "return features - mean -")),
        {"without-visible": 0.5, "without-hidden": 1.0},
    ),
    "nothing is centred": (
        but("without", ("(learned - mean).T @ (variables - variables.mean(axis=0))", "learned.T @ variables")),
        {"without-visible": 0.5, "without-hidden": 0.0},
    ),
    "the mistakes as they were": (
        {
            "mend": """
def honest_lesion(network, pictures, labels, chooses, k, groups):
    return colleagues_lesion(network, pictures, labels, k, groups)
"""
        },
        {"mend-visible": 0.5, "mend-hidden": 0.0},
    ),
    "only the sizes are mended": (
        but(
            "mend",
            ("pictures[chooses], labels[chooses]", "pictures, labels"),
            ("pictures[~chooses], labels[~chooses]", "pictures, labels"),
        ),
        {"mend-visible": 0.5, "mend-hidden": 0.0},
    ),
    "only the pictures are mended": (
        but("mend", ("group[:k]", "group[:1]")),
        {"mend-visible": 0.5, "mend-hidden": 2.0},
    ),
    "all units of each random order": (but("mend", ("group[:k]", "group")), {"mend-visible": 0.5, "mend-hidden": 2.0}),
    "the test still has a say in the choice": (
        but("mend", ("pictures[chooses], labels[chooses]", "pictures, labels")),
        {"mend-visible": 0.5, "mend-hidden": 0.0},
    ),
    "tested with all pictures": (
        but("mend", ("pictures[~chooses], labels[~chooses]", "pictures, labels")),
        {"mend-visible": 0.5, "mend-hidden": 1.0},
    ),
    "the least harmful units": (but("mend", ("[-k:]", "[:k]")), {"mend-visible": 0.5, "mend-hidden": 0.0}),
    "patients of the same network in the training": (
        but(
            "diagnose",
            ("np.unique(network)", "range(len(network))"),
            ("network == one", "np.arange(len(network)) == one"),
        ),
        {"diagnosis-hidden": 2.0},
    ),
    "the patients are known": (but("diagnose", ("train = ~test", "train = test | ~test")), {"diagnosis-hidden": 2.0}),
    "not standardised": (
        but("diagnose", ("(scores - mean) / sd", "scores - mean")),
        {"diagnosis-visible": 1.0, "diagnosis-hidden": 2.0},
    ),
    "rows are diagnoses": (
        but(
            "confusion",
            ("counts[names.index(hidden), names.index(told)]", "counts[names.index(told), names.index(hidden)]"),
        ),
        {"diagnosis-visible": 1.0, "diagnosis-hidden": 2.5},
    ),
    "counts": (
        but("confusion", (" / np.maximum(1, counts.sum(axis=1, keepdims=True))", "")),
        {"diagnosis-visible": 1.0, "diagnosis-hidden": 2.5},
    ),
    "0/0 where nobody is": (
        but("confusion", ("np.maximum(1, counts.sum(axis=1, keepdims=True))", "counts.sum(axis=1, keepdims=True)")),
        {"diagnosis-visible": 1.0, "diagnosis-hidden": 2.5},
    ),
    "how common it is, forgotten": (
        but("meaning", (" * np.asarray(shares)[:, None]", "")),
        {"diagnosis-visible": 1.0, "diagnosis-hidden": 2.5},
    ),
    "the shares of the diagnoses": (
        but("meaning", ("[:, None]", "")),
        {"diagnosis-visible": 1.0, "diagnosis-hidden": 2.5},
    ),
    "not divided": (but("meaning", (" / joint.sum(axis=0)", "")), {"diagnosis-visible": 1.0, "diagnosis-hidden": 2.5}),
}
