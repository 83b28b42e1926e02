"""Other right solutions, and typical wrong ones, of `brains`."""

from functools import partial

from solutions import parts

ALTERNATIVES = {
    "loops and formulas": {
        "glm": """
def expected_course(onsets, response, n_scans):
    out = np.zeros(n_scans)
    for onset in onsets:
        for later, value in enumerate(response):
            if onset + later < n_scans:
                out[onset + later] += value
    return out
def contrast(measured, courses, weights):
    n = len(measured)
    columns = list(courses) + [2 * np.arange(n) / (n - 1) - 1, [1.0] * n]
    X = np.array(columns).T
    inverse = np.linalg.pinv(X.T @ X)
    estimate, t = [], []
    for y in measured.T:
        b = inverse @ X.T @ y
        left = y - X @ b
        c = np.array(list(weights) + [0.0, 0.0])
        estimate.append(sum(w * beta for w, beta in zip(weights, b)))
        t.append(estimate[-1] / (left @ left / (n - len(columns)) * (c @ inverse @ c)) ** 0.5)
    return estimate, t
""",
        "voxels": """
def noise_ceiling(repeats):
    m, pictures, voxels = repeats.shape
    out = []
    for v in range(voxels):
        within = np.mean([np.sum((r - r.mean()) ** 2) / (m - 1) for r in repeats[:, :, v].T])
        average = repeats[:, :, v].mean(axis=0)
        out.append(1 - within / m / (np.sum((average - average.mean()) ** 2) / (pictures - 1)))
    return out
def predict_new_people(features, responses, person, penalty):
    out = np.zeros(responses.shape)
    for i in range(len(person)):
        rows = [j for j in range(len(person)) if person[j] != person[i]]
        mean, level = features[rows].mean(axis=0), responses[rows].mean(axis=0)
        Z = np.vstack([features[rows] - mean, penalty**0.5 * np.eye(features.shape[1])])
        nothing = np.zeros((features.shape[1], responses.shape[1]))
        W = np.linalg.lstsq(Z, np.vstack([responses[rows] - level, nothing]))[0]
        out[i] = (features[i] - mean) @ W + level
    return out
""",
        "when": """
def generalise(data, labels, fold):
    n, _, moments = data.shape
    right = np.zeros((moments, moments))
    for i in range(n):
        rows = [j for j in range(n) if fold[j] != fold[i]]
        for a in range(moments):
            means = {name: np.mean([data[j, :, a] for j in rows if labels[j] == name], axis=0) for name in set(labels)}
            for b in range(moments):
                nearest = min(means, key=lambda name: np.linalg.norm(data[i, :, b] - means[name]))
                right[a, b] += nearest == labels[i]
    return right / n
def told_from(accuracy, shuffled, times):
    luck = np.quantile([max(row) for row in shuffled], 0.95)
    for a, t in zip(accuracy, times):
        if a > luck:
            return t
""",
        "axis": """
def spike_triggered_average(stimuli, counts):
    spikes = np.repeat(stimuli, np.asarray(counts, int), axis=0)
    return spikes.mean(axis=0) - stimuli.mean(axis=0)
def own_axis(stimuli, counts):
    A = np.column_stack([stimuli, np.ones(len(stimuli))])
    w = np.linalg.lstsq(A, np.asarray(counts, float))[0][:-1]
    return w / np.sqrt(np.sum(w**2))
""",
        "read-back": """
def read_back(counts, seen, new_counts, penalty):
    mean, level = counts.mean(axis=0), seen.mean(axis=0)
    Z = counts - mean
    W = np.linalg.inv(Z.T @ Z + penalty * np.eye(Z.shape[1])) @ Z.T @ (seen - level)
    return [level + (new - mean) @ W for new in new_counts]
def growth(counts, seen, new_counts, new_seen, penalty, sizes):
    out, average = [], np.mean(seen, axis=0)
    for n in sizes:
        told = np.array(read_back(counts[:, :n], seen, new_counts[:, :n], penalty))
        errors = sum(np.linalg.norm(a - b) ** 2 for a, b in zip(told, new_seen))
        out.append(1 - errors / sum(np.linalg.norm(average - b) ** 2 for b in new_seen))
    return out
""",
        "dipping": """
def honest_preference(data, is_woman, run, k):
    out = []
    for one in sorted(set(run.tolist())):
        rest, here = [i for i in range(len(run)) if run[i] != one], [i for i in range(len(run)) if run[i] == one]
        def gap(rows, v):
            women, men = [data[i, v] for i in rows if is_woman[i]], [data[i, v] for i in rows if not is_woman[i]]
            return sum(women) / len(women) - sum(men) / len(men)
        before = [gap(rest, v) for v in range(data.shape[1])]
        best = sorted(range(data.shape[1]), key=lambda v: abs(before[v]), reverse=True)[:k]
        out.append(sum(gap(here, v) if before[v] > 0 else -gap(here, v) for v in best) / k)
    return out
""",
    },
    "scipy and scikit-learn": {
        "glm": """
from scipy.linalg import toeplitz
def expected_course(onsets, response, n_scans):
    padded = np.zeros(n_scans)
    padded[: len(response)] = response[:n_scans]
    return toeplitz(padded, np.zeros(n_scans)) @ np.bincount(onsets, minlength=n_scans)
def contrast(measured, courses, weights):
    n = len(measured)
    X = np.stack(list(courses) + [np.linspace(-1, 1, n), np.ones(n)], axis=1)
    Q, R = np.linalg.qr(X)
    betas = np.linalg.solve(R, Q.T @ measured)
    c = np.concatenate([weights, np.zeros(2)])
    s = np.sqrt(((measured - X @ betas) ** 2).sum(0) / (n - X.shape[1]))
    return c @ betas, (c @ betas) / (s * np.linalg.norm(np.linalg.solve(R.T, c)))
""",
        "voxels": """
from sklearn.linear_model import Ridge
from sklearn.model_selection import LeaveOneGroupOut, cross_val_predict
def noise_ceiling(repeats):
    noise = np.mean(np.var(repeats, axis=0, ddof=1), axis=0)
    total = np.var(np.mean(repeats, axis=0), axis=0, ddof=1)
    return (total - noise / repeats.shape[0]) / total
def predict_new_people(features, responses, person, penalty):
    return cross_val_predict(Ridge(alpha=penalty), features, responses, groups=person, cv=LeaveOneGroupOut())
""",
        "when": """
from sklearn.neighbors import NearestCentroid
def generalise(data, labels, fold):
    times = range(data.shape[2])
    right = np.zeros((len(times), len(times)))
    for one in np.unique(fold):
        test, train = np.flatnonzero(fold == one), np.flatnonzero(fold != one)
        for a in times:
            fit = NearestCentroid().fit(data[train][:, :, a], labels[train])
            for b in times:
                right[a, b] += np.sum(fit.predict(data[test][:, :, b]) == labels[test])
    return right / len(labels)
def told_from(accuracy, shuffled, times):
    threshold = np.percentile(np.max(shuffled, axis=1), 95)
    return next((float(t) for t in times[accuracy > threshold]), None)
""",
        "axis": """
from sklearn.linear_model import LinearRegression
def spike_triggered_average(stimuli, counts):
    return np.average(stimuli, axis=0, weights=counts) - np.average(stimuli, axis=0)
def own_axis(stimuli, counts):
    w = LinearRegression().fit(stimuli, counts).coef_
    return w / np.linalg.norm(w)
""",
        "read-back": """
from sklearn.linear_model import Ridge
def read_back(counts, seen, new_counts, penalty):
    n = len(counts)
    K = (counts - counts.mean(0)) @ (counts - counts.mean(0)).T
    if penalty == 0:
        return Ridge(alpha=0.0).fit(counts, seen).predict(new_counts)
    dual = np.linalg.solve(K + penalty * np.eye(n), seen - seen.mean(0))
    return (new_counts - counts.mean(0)) @ (counts - counts.mean(0)).T @ dual + seen.mean(0)
def growth(counts, seen, new_counts, new_seen, penalty, sizes):
    def missed(told):
        return np.square(told - new_seen).mean()
    fits = [Ridge(alpha=penalty).fit(counts[:, :n], seen).predict(new_counts[:, :n]) for n in sizes]
    return [float(1 - missed(told) / missed(np.tile(seen.mean(0), (len(new_seen), 1)))) for told in fits]
""",
        "dipping": """
def honest_preference(data, is_woman, run, k):
    side = np.where(is_woman[:, None], 1 / 1, -1)
    def gap(rows):
        w = np.where(is_woman, rows / (rows & is_woman).sum(), -(rows / (rows & ~is_woman).sum()))
        return w @ data
    gaps = np.array([[gap(run == one), gap(run != one)] for one in np.unique(run)])
    here, rest = gaps[:, 0], gaps[:, 1]
    best = np.argpartition(-np.abs(rest), k - 1, axis=1)[:, :k]
    return np.take_along_axis(here * np.where(rest < 0, -1, 1), best, axis=1).mean(axis=1)
""",
    },
}

RIGHT = {
    "course": """
def expected_course(onsets, response, n_scans):
    events = np.zeros(n_scans)
    np.add.at(events, np.asarray(onsets, int), 1)
    return np.convolve(events, response)[:n_scans]
""",
    "contrast": """
def contrast(measured, courses, weights):
    n = len(measured)
    X = np.column_stack([*courses, np.linspace(-1, 1, n), np.ones(n)])
    c = np.append(weights, [0, 0])
    betas = np.linalg.lstsq(X, measured)[0]
    variance = np.sum((measured - X @ betas) ** 2, axis=0) / (n - X.shape[1])
    return c @ betas, c @ betas / np.sqrt(variance * (c @ np.linalg.inv(X.T @ X) @ c))
""",
    "ceiling": """
def noise_ceiling(repeats):
    noise = repeats.var(axis=0, ddof=1).mean(axis=0) / len(repeats)
    return 1 - noise / repeats.mean(axis=0).var(axis=0, ddof=1)
""",
    "people": """
def predict_new_people(features, responses, person, penalty):
    from sklearn.linear_model import Ridge
    predicted = np.empty(responses.shape)
    for one in np.unique(person):
        test = person == one
        predicted[test] = Ridge(alpha=penalty).fit(features[~test], responses[~test]).predict(features[test])
    return predicted
""",
    "generalise": """
def generalise(data, labels, fold):
    names = np.unique(labels)
    right = np.zeros((data.shape[2], data.shape[2]))
    for test in (fold == one for one in np.unique(fold)):
        means = np.stack([data[~test & (labels == name)].mean(axis=0) for name in names])
        for at in range(data.shape[2]):
            distance = ((data[test][:, None] - means[None, :, :, at, None]) ** 2).sum(axis=2)
            right[at] += (names[distance.argmin(axis=1)] == labels[test][:, None]).sum(axis=0)
    return right / len(data)
""",
    "told": """
def told_from(accuracy, shuffled, times):
    beyond = np.flatnonzero(accuracy > np.quantile(shuffled.max(axis=1), 0.95))
    return float(times[beyond[0]]) if len(beyond) else None
""",
    "sta": """
def spike_triggered_average(stimuli, counts):
    return counts @ stimuli / counts.sum() - stimuli.mean(axis=0)
""",
    "axis": """
def own_axis(stimuli, counts):
    axis = np.linalg.solve(np.cov(stimuli.T), counts @ stimuli / counts.sum() - stimuli.mean(axis=0))
    return axis / np.linalg.norm(axis)
""",
    "read": """
def read_back(counts, seen, new_counts, penalty):
    from sklearn.linear_model import Ridge
    return Ridge(alpha=penalty).fit(counts, seen).predict(new_counts)
""",
    "growth": """
def growth(counts, seen, new_counts, new_seen, penalty, sizes):
    from sklearn.linear_model import Ridge
    nothing = np.sum((new_seen - seen.mean(axis=0)) ** 2)
    decoded = [Ridge(alpha=penalty).fit(counts[:, :n], seen).predict(new_counts[:, :n]) for n in sizes]
    return np.array([1 - np.sum((one - new_seen) ** 2) / nothing for one in decoded])
""",
    "dipping": """
def honest_preference(data, is_woman, run, k):
    found = []
    for one in np.unique(run):
        test = run == one
        elsewhere, everywhere = difference(data[~test], is_woman[~test]), difference(data, is_woman)
        here = difference(data[test], is_woman[test])
        picked = np.argsort(np.abs(elsewhere))[-k:]
        found.append(np.mean(np.sign(elsewhere[picked]) * here[picked]))
    return np.array(found)
""",
}
CELLS = {
    "glm": ("course", "contrast"),
    "voxels": ("ceiling", "people"),
    "when": ("generalise", "told"),
    "axis": ("sta", "axis"),
    "read-back": ("read", "growth"),
    "dipping": ("dipping",),
}


but = partial(parts.but, CELLS, RIGHT)


def other(part, source):
    """An answer cell with another function in place of one of its functions."""
    return but(part, (RIGHT[part], source))


WRONG = {
    "a later event erases an earlier one": (
        other(
            "course",
            """
def expected_course(onsets, response, n_scans):
    out = np.zeros(n_scans)
    for onset in onsets:
        out[onset : onset + len(response)] = response[: n_scans - onset]
    return out
""",
        ),
        {"glm-visible": 0.5, "glm-hidden": 2.0},
    ),
    "events in one scan count once": (
        but("course", ("np.add.at(events, np.asarray(onsets, int), 1)", "events[np.asarray(onsets, int)] = 1")),
        {"glm-hidden": 2.5},
    ),
    "longer than the scan": (but("course", ("[:n_scans]", "")), {"glm-visible": 0.5, "glm-hidden": 2.0}),
    "a scan too late": (
        but(
            "course",
            ("np.convolve(events, response)[:n_scans]", "np.convolve(events, np.append(0, response))[:n_scans]"),
        ),
        {"glm-visible": 0.5, "glm-hidden": 2.0},
    ),
    "no column for the drift": (
        but("contrast", ("np.linspace(-1, 1, n), ", ""), ("[0, 0]", "[0]")),
        {"glm-visible": 0.5, "glm-hidden": 1.0},
    ),
    "variance by n": (but("contrast", ("(n - X.shape[1])", "n")), {"glm-visible": 0.5, "glm-hidden": 1.5}),
    "no inverse": (
        but("contrast", ("(c @ np.linalg.inv(X.T @ X) @ c)", "1")),
        {"glm-visible": 0.5, "glm-hidden": 1.5},
    ),
    "the noise of one repeat": (but("ceiling", (" / len(repeats)", "")), {"voxels-visible": 0.5, "voxels-hidden": 2.0}),
    "a ceiling is never below 0": (
        but(
            "ceiling",
            (
                "1 - noise / repeats.mean(axis=0).var(axis=0, ddof=1)",
                "np.maximum(0, 1 - noise / repeats.mean(axis=0).var(axis=0, ddof=1))",
            ),
        ),
        {"voxels-hidden": 2.0},
    ),
    "divisors n": (
        but(
            "ceiling",
            ("repeats.var(axis=0, ddof=1)", "repeats.var(axis=0)"),
            ("repeats.mean(axis=0).var(axis=0, ddof=1)", "repeats.mean(axis=0).var(axis=0)"),
        ),
        {"voxels-visible": 0.5, "voxels-hidden": 2.0},
    ),
    "each picture left out alone": (
        but(
            "people",
            ("for one in np.unique(person)", "for one in range(len(person))"),
            ("test = person == one", "test = np.arange(len(person)) == one"),
        ),
        {"voxels-visible": 0.5, "voxels-hidden": 1.0},
    ),
    "the people are known": (
        but("people", (".fit(features[~test], responses[~test])", ".fit(features, responses)")),
        {"voxels-visible": 0.5, "voxels-hidden": 1.0},
    ),
    "ridge without intercept": (
        but("people", ("Ridge(alpha=penalty)", "Ridge(alpha=penalty, fit_intercept=False)")),
        {"voxels-visible": 0.5, "voxels-hidden": 1.0},
    ),
    "moments of training and test exchanged": (
        but("generalise", ("return right / len(data)", "return right.T / len(data)")),
        {"when-hidden": 2.0},
    ),
    "test trials in the means": (
        but("generalise", ("data[~test & (labels == name)]", "data[labels == name]")),
        {"when-hidden": 1.0},
    ),
    "folds averaged": (
        but("generalise", ("right[at] += ", "right[at] += len(data) / test.sum() / len(np.unique(fold)) * ")),
        {"when-hidden": 1.0},
    ),
    "only its own moment": (
        but("generalise", ("return right / len(data)", "return np.diag(np.diag(right)) / len(data)")),
        {"when-hidden": 2.0},
    ),
    "a threshold for each moment": (
        but("told", ("shuffled.max(axis=1), 0.95", "shuffled, 0.95, axis=0")),
        {"when-visible": 0.5, "when-hidden": 2.5},
    ),
    "the number of the moment": (
        but("told", ("float(times[beyond[0]])", "int(beyond[0])")),
        {"when-visible": 0.5, "when-hidden": 2.0},
    ),
    "breaks where nothing is told": (
        but("told", ("float(times[beyond[0]]) if len(beyond) else None", "float(times[beyond[0]])")),
        {"when-hidden": 2.5},
    ),
    "the plain mean is not taken away": (
        but("sta", (" - stimuli.mean(axis=0)", "")),
        {"axis-visible": 0.5, "axis-hidden": 1.0},
    ),
    "stimuli with a spike count once": (
        but("sta", ("counts @ stimuli / counts.sum()", "stimuli[counts > 0].mean(axis=0)")),
        {"axis-visible": 0.5, "axis-hidden": 1.0},
    ),
    "divided by stimuli": (but("sta", ("counts.sum()", "len(counts)")), {"axis-visible": 0.5, "axis-hidden": 1.0}),
    "the axis is the spike-triggered average": (
        but(
            "axis",
            (
                "np.linalg.solve(np.cov(stimuli.T), counts @ stimuli / counts.sum() - stimuli.mean(axis=0))",
                "spike_triggered_average(stimuli, counts)",
            ),
        ),
        {"axis-visible": 0.5, "axis-hidden": 1.0},
    ),
    "divided by each feature's own variance": (
        but(
            "axis",
            (
                "np.linalg.solve(np.cov(stimuli.T), counts @ stimuli / counts.sum() - stimuli.mean(axis=0))",
                "spike_triggered_average(stimuli, counts) / stimuli.var(axis=0)",
            ),
        ),
        {"axis-visible": 0.5, "axis-hidden": 1.0},
    ),
    "an axis of any length": (
        but("axis", ("axis / np.linalg.norm(axis)", "axis")),
        {"axis-visible": 0.5, "axis-hidden": 1.5},
    ),
    "decoder without intercept": (
        but("read", ("Ridge(alpha=penalty)", "Ridge(alpha=penalty, fit_intercept=False)")),
        {"read-back-visible": 0.5, "read-back-hidden": 1.0},
    ),
    "new counts centred by themselves": (
        but("read", (".predict(new_counts)", ".predict(new_counts - new_counts.mean(axis=0) + counts.mean(axis=0))")),
        {"read-back-visible": 0.5, "read-back-hidden": 1.0},
    ),
    "compared with the average of the new faces": (
        but("growth", ("seen.mean(axis=0)) ** 2)", "new_seen.mean(axis=0)) ** 2)")),
        {"read-back-visible": 0.5, "read-back-hidden": 1.0},
    ),
    "compared with nothing": (
        but("growth", ("(new_seen - seen.mean(axis=0))", "new_seen")),
        {"read-back-visible": 0.5, "read-back-hidden": 1.0},
    ),
    "the last cells": (
        but(
            "growth",
            (
                "fit(counts[:, :n], seen).predict(new_counts[:, :n])",
                "fit(counts[:, -n:], seen).predict(new_counts[:, -n:])",
            ),
        ),
        {"read-back-hidden": 1.0},
    ),
    "the leaks as they were": (
        {"dipping": "honest_preference = colleagues_preference"},
        {"dipping-visible": 0.5, "dipping-hidden": 0.0},
    ),
    "only the choice is mended": (
        but("dipping", ("np.sign(elsewhere[picked]) * here[picked]", "np.abs(here[picked])")),
        {"dipping-visible": 0.5, "dipping-hidden": 1.0},
    ),
    "only the favourites are mended": (
        but("dipping", ("np.argsort(np.abs(elsewhere))", "np.argsort(np.abs(everywhere))")),
        {"dipping-visible": 0.5, "dipping-hidden": 1.0},
    ),
    "all runs say what is preferred": (
        but("dipping", ("np.sign(elsewhere[picked])", "np.sign(everywhere[picked])")),
        {"dipping-hidden": 1.0},
    ),
    "favourites forgotten": (
        but("dipping", ("np.sign(elsewhere[picked]) * here[picked]", "here[picked]")),
        {"dipping-visible": 0.5, "dipping-hidden": 0.0},
    ),
    "only voxels that prefer women": (
        but("dipping", ("np.argsort(np.abs(elsewhere))", "np.argsort(elsewhere)")),
        {"dipping-visible": 0.5, "dipping-hidden": 1.0},
    ),
}
