"""Other right solutions, and typical wrong ones, of `capstone`."""

ALTERNATIVES = {
    "scipy, pandas and the kit": {
        "closeness": """
from scipy.spatial.distance import cdist
def closeness(features, target, weights):
    n, faces, k = features.shape
    root = np.sqrt(weights)
    return -cdist(features.reshape(-1, k) * root, (target * root)[None])[:, 0].reshape(n, faces)
""",
        "choice": """
from scipy.stats import binom
def choice_test(close, choice):
    right = np.argsort(close, axis=1)[:, -1] == choice
    return right.mean(), binom.sf(right.sum() - 1, len(right), 1 / 6)
""",
        "rating": """
from kit.analysis import information
from kit.analysis.statistics import permutation_p
def rating_test(close, choice, rating, shuffled):
    told = np.take_along_axis(close, choice[:, None], axis=1)[:, 0]
    seen = information.binned_mi(told, rating)
    return {"information": seen, "p": permutation_p(seen, information.binned_mi(told, shuffled.T))}
""",
        "reason": """
def same_reason(a, b, rating):
    bins = [information.cut_equally(a), information.cut_equally(b), information.merge_ratings(rating)]
    pid = information.ccs_pid(information.joint_histogram(*bins))
    return dict(shared=pid.redundancy, own=pid.unique_b, share=pid.redundancy / (pid.redundancy + pid.unique_b))
""",
        "verdict": """
import pandas as pd
def verdict(case):
    n = len(case["choice"])
    table = pd.DataFrame({"half": (np.arange(n) >= n // 2).astype(int)})
    for kind in ("shape", "texture"):
        near = closeness(case[kind], case["target_" + kind], case[kind + "_weights"]).argmax(axis=1)
        table[kind] = near == case["choice"]
    hits, sizes = table.groupby("half").sum(), table.groupby("half").size()
    p = {kind: binom.sf(hits[kind] - 1, sizes, 1 / 6) for kind in ("shape", "texture")}
    code = "".join(str(int(p[kind][k] < 1e-4)) for kind in ("shape", "texture") for k in (0, 1))
    names = {"1100": "shape user", "0011": "texture user", "1111": "mixed user", "0000": "null"}
    names |= {"1001": "switcher", "0110": "switcher"}
    agreement = {kind: (hits[kind] / sizes).tolist() for kind in ("shape", "texture")}
    return {"verdict": names.get(code, "no suspect"), "agreement": agreement}
""",
    },
    "plain loops": {
        "closeness": """
def closeness(features, target, weights):
    out = np.zeros(features.shape[:2])
    for panel in range(len(features)):
        for face in range(6):
            out[panel, face] = -sum(w * (f - t) ** 2 for w, f, t in zip(weights, features[panel, face], target)) ** 0.5
    return out
""",
        "choice": """
from math import comb
def choice_test(close, choice):
    n, hits = len(choice), 0
    for row, picked in zip(close, choice):
        hits += int(max(range(6), key=lambda face: row[face]) == picked)
    p = sum(comb(n, k) * 5 ** (n - k) for k in range(hits, n + 1)) / 6**n
    return [hits / n, p]
""",
        "rating": """
from kit.analysis.information import binned_mi
def rating_test(close, choice, rating, shuffled):
    told = np.array([row[c] for row, c in zip(close, choice)])
    seen, reached = binned_mi(told, rating), 1
    for other in shuffled:
        reached += bool(binned_mi(told, other) >= seen)
    return {"p": reached / (len(shuffled) + 1), "information": float(seen)}
""",
        "reason": """
from kit.analysis.information import binned_pid
def same_reason(a, b, rating):
    parts = binned_pid(a, b, rating)
    total, own = float(parts.redundancy + parts.unique_b), float(parts.unique_b)
    return {"shared": total - own, "own": own, "share": 1 - own / total}
""",
        "verdict": """
def verdict(case):
    n = len(case["choice"])
    halves, agreement, used = (range(0, n // 2), range(n // 2, n)), {"shape": [], "texture": []}, {}
    for kind in agreement:
        far = (((case[kind] - case["target_" + kind]) ** 2) * case[kind + "_weights"]).sum(axis=2)
        for name, half in zip(("first", "second"), halves):
            rows = list(half)
            share, p = choice_test(-far[rows], case["choice"][rows])
            agreement[kind].append(share)
            used[kind, name] = p < 0.001
    s1, s2, t1, t2 = (used[kind, half] for kind in ("shape", "texture") for half in ("first", "second"))
    if not (s1 or s2 or t1 or t2):
        who = "null"
    elif s1 and s2 and t1 and t2:
        who = "mixed user"
    elif s1 and s2 and not t1 and not t2:
        who = "shape user"
    elif t1 and t2 and not s1 and not s2:
        who = "texture user"
    elif (s1 and t2 and not s2 and not t1) or (t1 and s2 and not s1 and not t2):
        who = "switcher"
    else:
        who = "no suspect"
    return {"verdict": who, "agreement": agreement}
""",
    },
}

CHOICE = """
from scipy.stats import binom, binomtest
def choice_test(close, choice):
    hits, n = int(np.sum(close.argmax(axis=1) == choice)), len(choice)
    return {share}, {p}
"""
RATING = """
from kit.analysis import information
def rating_test(close, choice, rating, shuffled):
    told = {told}
    seen = float(information.binned_mi(told, rating, {corrected}))
    null = np.array([information.binned_mi(told, other, {corrected}) for other in shuffled])
    return {{"information": seen, "p": {p}}}
"""
REASON = """
from kit.analysis import information
def same_reason(a, b, rating):
    parts = information.binned_pid({pair}, rating)
    shared, own = {shared}, {own}
    return {{"shared": shared, "own": own, "share": {share}}}
"""
VERDICT = """
def verdict(case):
    half = len(case["choice"]) // 2
    agreement, used = {}, {}
    for kind in ("shape", "texture"):
        close = closeness(case[kind], case[f"target_{kind}"], case[f"{kind}_weights"])
        tests = [choice_test(close[part], case["choice"][part]) for part in PARTS]
        agreement[kind] = [share for share, _ in tests]
        used[kind] = tuple(bool(p < ALPHA) for _, p in tests)
    names = {
        ((True, True), (False, False)): "shape user", ((False, False), (True, True)): "texture user",
        ((True, True), (True, True)): "mixed user", ((False, False), (False, False)): "null",
        ((True, False), (False, True)): "switcher", ((False, True), (True, False)): "switcher",
    }
    return {"verdict": names.get((used["shape"], used["texture"]), "no suspect"), "agreement": agreement}
"""
HALVES, WHOLE = "(slice(0, half), slice(half, None))", "(slice(None), slice(None))"
CHOSEN = "close[np.arange(len(choice)), choice]"


def choice(share="hits / n", p="binom.sf(hits - 1, n, 1 / 6)"):
    return {"choice": CHOICE.format(share=share, p=p)}


def rating(told=CHOSEN, corrected="True", p="(1 + np.sum(null >= seen)) / (1 + len(null))"):
    return {"rating": RATING.format(told=told, corrected=corrected, p=p)}


def reason(pair="a, b", shared="float(parts.redundancy)", own="float(parts.unique_b)", share="shared / (shared + own)"):
    return {"reason": REASON.format(pair=pair, shared=shared, own=own, share=share)}


def verdict(parts=HALVES, alpha="0.001", more=""):
    return {"verdict": VERDICT.replace("PARTS", parts).replace("ALPHA", alpha) + more}


WRONG = {
    "a distance, not closeness: then nobody agrees with anybody": (
        {
            "closeness": """
def closeness(features, target, weights):
    return np.sqrt((weights * (features - target) ** 2).sum(axis=2))
"""
        },
        {"closeness-visible": 0.0, "closeness-hidden": 1.0, "verdict-visible": 0.5, "verdict-hidden": 1.0},
    ),
    "the target forgotten": (
        {
            "closeness": """
def closeness(features, target, weights):
    return -np.sqrt((weights * features**2).sum(axis=2))
"""
        },
        {"closeness-visible": 0.5, "closeness-hidden": 0.5, "verdict-visible": 0.5, "verdict-hidden": 1.0},
    ),
    "the weights squared": (
        {
            "closeness": """
def closeness(features, target, weights):
    return -np.linalg.norm(weights * (features - target), axis=2)
"""
        },
        {"closeness-visible": 0.5, "closeness-hidden": 1.0, "verdict-hidden": 7.0},
    ),
    "the root forgotten: the same order, other numbers": (
        {
            "closeness": """
def closeness(features, target, weights):
    return -(weights * (features - target) ** 2).sum(axis=2)
"""
        },
        {"closeness-visible": 0.0, "closeness-hidden": 1.0},
    ),
    "the smallest closeness is taken": (
        {"choice": choice()["choice"].replace("argmax", "argmin")},
        {"choice-visible": 0.5, "choice-hidden": 0.0, "verdict-visible": 0.5, "verdict-hidden": 1.0},
    ),
    "better, not as well or better": (
        choice(p="binom.sf(hits, n, 1 / 6)"),
        {"choice-visible": 0.0, "choice-hidden": 0.5},
    ),
    "two-sided": (choice(p="binomtest(hits, n, 1 / 6).pvalue"), {"choice-hidden": 0.5}),
    "chance is one half": (
        choice(p="binom.sf(hits - 1, n, 1 / 2)"),
        {"choice-visible": 0.0, "choice-hidden": 0.5, "verdict-hidden": 3.0},
    ),
    "a count, not a share": (
        choice(share="hits"),
        {"choice-visible": 0.0, "choice-hidden": 1.5, "verdict-hidden": 7.0},
    ),
    "the closest face is rated": (rating("close.max(axis=1)"), {"rating-visible": 0.0, "rating-hidden": 0.0}),
    "the whole panel is rated": (rating("close.mean(axis=1)"), {"rating-visible": 0.5, "rating-hidden": 0.0}),
    "p can be 0": (rating(p="np.mean(null >= seen)"), {"rating-visible": 0.5, "rating-hidden": 1.0}),
    "information not corrected": (rating(corrected="False"), {"rating-visible": 0.5, "rating-hidden": 1.0}),
    "a in place of b": (reason(pair="b, a"), {"reason-hidden": 0.0}),
    "share of all that both tell": (
        reason(share="shared / float(parts.redundancy + parts.unique_a + parts.unique_b + parts.synergy)"),
        {"reason-hidden": 0.0},
    ),
    "negative parts cut": (reason(own="max(0.0, float(parts.unique_b))"), {"reason-hidden": 1.5}),
    "the whole series in place of halves": (verdict(WHOLE), {"verdict-hidden": 4.0}),
    "p < .5 is enough": (verdict(alpha="0.5"), {"verdict-visible": 0.0, "verdict-hidden": 5.0}),
    "one way to switch only": (
        verdict(
            more="""
first = verdict
def verdict(case):
    out = first(case)
    texture_first = out["agreement"]["texture"][0] > out["agreement"]["texture"][1]
    return out | {"verdict": "no suspect" if out["verdict"] == "switcher" and texture_first else out["verdict"]}
"""
        ),
        {"verdict-hidden": 7.0},
    ),
    "halves the wrong way round": (verdict("(slice(half, None), slice(0, half))"), {"verdict-hidden": 7.0}),
    "as the colleague wrote it": (
        {
            "verdict": """
def verdict(case):
    shares = {}
    for kind in ("shape", "texture"):
        close = closeness(case[kind], case["target_" + kind], case[kind + "_weights"])
        shares[kind] = np.mean(close.argmax(axis=1) == case["choice"])
    return {"verdict": max(shares, key=shares.get) + " user", "agreement": {kind: [s, s] for kind, s in shares.items()}}
"""
        },
        {"verdict-visible": 0.5, "verdict-hidden": 2.0},
    ),
    "always the same suspect": (
        {
            "verdict": """
def verdict(case):
    agreement = {'shape': [0.5, 0.5], 'texture': [0.2, 0.2]}
    return {'verdict': 'shape user', 'agreement': agreement}
"""
        },
        {"verdict-visible": 0.5, "verdict-hidden": 1.0},
    ),
    "the verdict without evidence": (
        verdict(more="\nfull = verdict\ndef verdict(case):\n    return {'verdict': full(case)['verdict']}\n"),
        {"verdict-hidden": 7.0},
    ),
}
