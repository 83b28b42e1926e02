"""Other right solutions, and typical wrong ones, of `features`."""

ALTERNATIVES = {
    "scipy, scikit-learn and the kit": {
        "information": """
from sklearn.metrics import mutual_info_score
def mutual_information(counts):
    return mutual_info_score(None, None, contingency=counts) / np.log(2)
""",
        "bias": """
def corrected_information(counts):
    return information.discrete_mi(counts)
""",
        "binned": """
def three_bins(predictions):
    return information.cut_equally(predictions)
def binned_information(predictions, ratings):
    return information.discrete_mi(information.joint_histogram(three_bins(predictions), (ratings - 1) // 2))
""",
        "pid": """
def mmi(counts):
    table = counts / counts.sum()
    def told(joint):
        outer = joint.sum(axis=1, keepdims=True) * joint.sum(axis=0, keepdims=True)
        seen = joint > 0
        return np.sum(joint[seen] * np.log2(joint[seen] / outer[seen]))
    a, b = (told(np.einsum(axes, table)) for axes in ("abs->as", "abs->bs"))
    ab = told(table.reshape(-1, table.shape[-1]))
    r = min(a, b)
    return dict(redundancy=r, unique_a=a - r, unique_b=b - r, synergy=ab - max(a, b))
""",
        "coins": """
coins, copy = np.zeros((2, 2, 4)), np.zeros((2, 2, 2))
copy[0, 0, 0] = copy[1, 1, 1] = 1
for a in range(2):
    for b in range(2):
        coins[a, b, 2 * a + b] = 1
redundancy_of = {}
for name, table in (("copy", copy), ("two coins", coins)):
    redundancy_of[f"{name}, MMI"] = mmi(table)["redundancy"]
    redundancy_of[f"{name}, I_ccs"] = float(information.ccs_pid(table).redundancy)
""",
        "p": """
from kit.analysis.statistics import permutation_p
def p_value(observed, null):
    return permutation_p(observed, null)
def corrected_p(observed, null):
    return information.MaxStatistic(observed, null.max(axis=1)).p
""",
        "slopes": """
from scipy.stats import linregress
def slopes(features, ratings):
    return np.array([linregress(ratings, place).slope for place in features.T])
""",
        "mend": """
def significant_places(features, ratings, shuffled):
    def size(r):
        return np.abs(np.corrcoef(features.T, r)[-1, :-1])
    largest = np.sort([size(s).max() for s in shuffled])
    allowed = int(0.05 * (1 + len(largest)) + 1e-9)
    return size(ratings) > largest[-allowed]
""",
    },
    "plain loops": {
        "information": """
import math
def mutual_information(counts):
    n, total = float(np.sum(counts)), 0.0
    for i in range(len(counts)):
        for j in range(len(counts[0])):
            if counts[i][j] > 0:
                row, column = sum(counts[i]), sum(counts[k][j] for k in range(len(counts)))
                total += counts[i][j] / n * math.log2(counts[i][j] * n / (row * column))
    return float(total)
""",
        "bias": """
def corrected_information(counts):
    n = sum(sum(row) for row in counts)
    return mutual_information(counts) - (len(counts) - 1) * (len(counts[0]) - 1) / (2 * n * math.log(2))
""",
        "binned": """
def three_bins(predictions):
    n, bins = len(predictions), []
    for value in predictions:
        rank = sum(other < value for other in predictions) + (sum(other == value for other in predictions) + 1) / 2
        bins.append(int((rank - 0.5) * 3 // n))
    return bins
def binned_information(predictions, ratings):
    counts = [[0, 0, 0] for _ in range(3)]
    for bin_, rating in zip(three_bins(predictions), ratings):
        counts[bin_][0 if rating <= 2 else 1 if rating <= 4 else 2] += 1
    return corrected_information(counts)
""",
        "pid": """
def mmi(counts):
    n_a, n_b, n_s = counts.shape
    a_s = [[sum(counts[a, b, s] for b in range(n_b)) for s in range(n_s)] for a in range(n_a)]
    b_s = [[sum(counts[a, b, s] for a in range(n_a)) for s in range(n_s)] for b in range(n_b)]
    pair = [list(counts[a, b]) for a in range(n_a) for b in range(n_b)]
    of_a, of_b, of_both = (mutual_information(t) for t in (a_s, b_s, pair))
    shared = of_a if of_a < of_b else of_b
    return {"redundancy": shared, "unique_a": of_a - shared, "unique_b": of_b - shared,
            "synergy": of_both - (of_a - shared) - (of_b - shared) - shared}
""",
        "p": """
def p_value(observed, null):
    count = 1
    for value in null:
        if value >= observed:
            count += 1
    return count / (len(null) + 1)
def corrected_p(observed, null):
    return [p_value(value, [max(row) for row in null]) for value in observed]
""",
        "slopes": """
def slopes(features, ratings):
    line = np.linalg.lstsq(np.column_stack([np.ones(len(ratings)), ratings]), features, rcond=None)[0]
    return line[1]
""",
        "mend": """
def significant_places(features, ratings, shuffled):
    n_places = features.shape[1]
    def sizes(r):
        return [abs(np.corrcoef(features[:, k], r)[0, 1]) for k in range(n_places)]
    seen, null = sizes(ratings), [sizes(s) for s in shuffled]
    return [p <= 0.05 for p in corrected_p(np.array(seen), np.array(null))]
""",
    },
}

P = "def p_value(observed, null):\n    return {one}\ndef corrected_p(observed, null):\n    {many}\n"
RIGHT_P, RIGHT_MAP = (
    "(1 + np.sum(null >= observed)) / (1 + len(null))",
    "return (1 + (null.max(axis=1)[:, None] >= observed).sum(axis=0)) / (1 + len(null))",
)
MEND = """
def significant_places(features, ratings, shuffled):
    strength = np.array([np.corrcoef(place, ratings)[0, 1] for place in features.T])
    null = np.array([[np.corrcoef(place, s)[0, 1] for place in features.T] for s in shuffled])
"""
BIN = """
def binned_information(predictions, ratings):
    counts = np.zeros((3, 3))
    np.add.at(counts, (three_bins(predictions), (ratings - 1) // 2), 1)
    return corrected_information(counts)
"""
RIGHT_BINS = """
from scipy.stats import rankdata
def three_bins(predictions):
    return ((rankdata(predictions) - 0.5) * 3 / len(predictions)).astype(int)
"""
MMI = """
def mmi(counts):
    of_a, of_b = (information.discrete_mi(counts.sum(axis=axis), False) for axis in {axes})
    of_both, r = information.discrete_mi(counts.reshape(-1, counts.shape[2]), False), {r}
    return {{"redundancy": r, "unique_a": of_a - r, "unique_b": of_b - r, "synergy": of_both - of_a - of_b{synergy}}}
"""


def p(one=RIGHT_P, many=RIGHT_MAP):
    return {"p": P.format(one=one, many=many)}


def bias(formula, cut="{}"):
    return {
        "bias": "def corrected_information(counts):\n    n, r, c = counts.sum(), *counts.shape\n    return "
        + cut.format(f"information.discrete_mi(counts, False) - {formula}")
    }


def gates(axes="(1, 0)", r="min(of_a, of_b)", synergy=" + r"):
    return {"pid": MMI.format(axes=axes, r=r, synergy=synergy)}


WRONG = {
    "nats": (
        {
            "information": """
def mutual_information(counts):
    p = counts / counts.sum()
    outer = np.outer(p.sum(axis=1), p.sum(axis=0))
    return np.sum(p[p > 0] * np.log(p[p > 0] / outer[p > 0]))
""",
            "pid": MMI.format(axes="(1, 0)", r="min(of_a, of_b)", synergy=" + r"),
        },
        {
            "information-visible": 0.5,
            "information-hidden": 0.0,
            "bias-visible": 0.5,
            "bias-hidden": 0.5,
            "binned-visible": 0.5,
            "binned-hidden": 1.5,
        },
    ),
    "nan where a cell is empty": (
        {
            "information": """
def mutual_information(counts):
    p = counts / counts.sum()
    return np.sum(p * np.log2(p / np.outer(p.sum(axis=1), p.sum(axis=0))))
""",
            "bias": "def corrected_information(counts):\n    return information.discrete_mi(counts)",
            "pid": MMI.format(axes="(1, 0)", r="min(of_a, of_b)", synergy=" + r"),
        },
        {"information-visible": 0.5, "information-hidden": 1.5},
    ),
    "the example by heart": (
        {
            "information": "def mutual_information(counts):\n    return 1.0 if np.min(counts) == 0 else 0.0",
            "bias": "def corrected_information(counts):\n    return information.discrete_mi(counts)",
            "pid": MMI.format(axes="(1, 0)", r="min(of_a, of_b)", synergy=" + r"),
        },
        {"information-hidden": 0.0},
    ),
    "the bias in nats": (
        bias("(r - 1) * (c - 1) / (2 * n)"),
        {"bias-visible": 0.0, "bias-hidden": 0.0, "binned-visible": 0.5, "binned-hidden": 1.5},
    ),
    "cells in place of degrees of freedom": (
        bias("r * c / (2 * n * np.log(2))"),
        {"bias-visible": 0.0, "bias-hidden": 0.0, "binned-visible": 0.5, "binned-hidden": 1.5},
    ),
    "cut at 0": (
        bias("(r - 1) * (c - 1) / (2 * n * np.log(2))", "max(0.0, {})"),
        {"bias-visible": 0.5, "bias-hidden": 1.0},
    ),
    "no correction": (
        bias("0.0"),
        {"bias-visible": 0.0, "bias-hidden": 0.0, "binned-visible": 0.5, "binned-hidden": 1.5},
    ),
    "bins of equal width": (
        {
            "binned": """
def three_bins(x):
    edges = np.linspace(x.min(), x.max(), 4)
    return np.digitize(x, edges[1:3])

"""
            + BIN
        },
        {"binned-visible": 0.0, "binned-hidden": 0.0},
    ),
    "ties parted by their place": (
        {"binned": "def three_bins(x):\n    return np.argsort(np.argsort(x, kind='stable')) * 3 // len(x)\n" + BIN},
        {"binned-hidden": 2.0},
    ),
    "bins numbered from 1": (
        {
            "binned": RIGHT_BINS.replace(".astype(int)", ".astype(int) + 1")
            + BIN.replace("three_bins(predictions),", "three_bins(predictions) - 1,")
        },
        {"binned-visible": 0.5, "binned-hidden": 1.5},
    ),
    "ratings not merged": (
        {"binned": RIGHT_BINS + BIN.replace("(3, 3)", "(3, 6)").replace("(ratings - 1) // 2", "ratings - 1")},
        {"binned-visible": 0.5, "binned-hidden": 1.5},
    ),
    "empty columns dropped": (
        {
            "binned": RIGHT_BINS
            + BIN.replace("corrected_information(counts)", "corrected_information(counts[:, counts.sum(axis=0) > 0])")
        },
        {"binned-hidden": 2.5},
    ),
    "A and B the wrong way round": (gates(axes="(0, 1)"), {"pid-visible": 0.5, "pid-hidden": 1.0}),
    "the larger of the two": (gates(r="max(of_a, of_b)"), {"pid-visible": 0.5, "pid-hidden": 0.0}),
    "the redundancy not given back": (gates(synergy=""), {"pid-hidden": 1.0}),
    "corrected for bias": (
        {"pid": gates()["pid"].replace(", False)", ")")},
        {"pid-visible": 0.0, "pid-hidden": 0.0},
    ),
    "both measures agree, surely": (
        {"coins": "redundancy_of = {'copy, MMI': 1, 'copy, I_ccs': 1, 'two coins, MMI': 0, 'two coins, I_ccs': 0}"},
        {"coins-hidden": 1.0},
    ),
    "p can be 0": (
        p("np.mean(null >= observed)", "return (null.max(axis=1)[:, None] >= observed).mean(axis=0)"),
        {"p-visible": 0.0, "p-hidden": 0.0, "mend-hidden": 2.0},
    ),
    "reached means exceeded": (
        p("(1 + np.sum(null > observed)) / (1 + len(null))"),
        {"p-visible": 0.5, "p-hidden": 2.5},
    ),
    "the map not corrected": (
        p(many="return (1 + (null >= observed).sum(axis=0)) / (1 + len(null))"),
        {"p-visible": 0.5, "p-hidden": 1.5, "mend-visible": 0.0, "mend-hidden": 0.5},
    ),
    "largest over shuffles, not over places": (
        p(many="return np.array([(1 + (null.max(axis=0) >= v).sum()) / (1 + len(null.T)) for v in observed])"),
        {"p-visible": 0.5, "p-hidden": 1.5, "mend-hidden": 1.5},
    ),
    "ratings predicted from features": (
        {
            "slopes": """
def slopes(features, ratings):
    return np.array([np.polyfit(f, ratings, 1)[0] for f in features.T])
"""
        },
        {"slopes-visible": 0.0, "slopes-hidden": 0.0},
    ),
    "a correlation": (
        {
            "slopes": """
def slopes(features, ratings):
    return np.array([np.corrcoef(f, ratings)[0, 1] for f in features.T])
"""
        },
        {"slopes-visible": 0.0, "slopes-hidden": 0.0},
    ),
    "no intercept": (
        {"slopes": "def slopes(features, ratings):\n    return ratings @ features / (ratings @ ratings)"},
        {"slopes-visible": 0.0, "slopes-hidden": 0.0},
    ),
    "divisors mixed": (
        {
            "slopes": """
def slopes(features, ratings):
    return np.array([np.cov(f, ratings)[0, 1] / ratings.var() for f in features.T])
"""
        },
        {"slopes-visible": 0.0, "slopes-hidden": 0.0},
    ),
    "as the colleague wrote it": (
        {"mend": MEND + "    return strength > np.quantile(null, 0.95)"},
        {"mend-visible": 0.0, "mend-hidden": 0.0},
    ),
    "only the sign mended": (
        {"mend": MEND + "    return np.abs(strength) > np.quantile(np.abs(null), 0.95)"},
        {"mend-visible": 0.0, "mend-hidden": 0.5},
    ),
    "only the maximum mended": (
        {"mend": MEND + "    return corrected_p(strength, null) <= 0.05"},
        {"mend-hidden": 0.5},
    ),
    "no place at all": (
        {"mend": "def significant_places(features, ratings, shuffled):\n    return np.zeros(features.shape[1], bool)"},
        {"mend-visible": 0.5, "mend-hidden": 0.0},
    ),
}
