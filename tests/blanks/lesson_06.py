"""Lesson 06: a brother, an angle, shares of variance, scores, any table, a component, a Gram matrix, a weight."""

from blanks import t

SCORES, REBUILT = "centred @ components[:k].T", "average + scores @ components[:k]"
DECOMPOSED = """rest = table - table.mean(axis=0)
s = np.linalg.svd(rest, full_matrices=False)[1]
return """
PAIRED = "np.array([[np.mean(a * b) for b in maps] for a in maps])"

CELLS = [
    [
        t("'male'", says="Ada's brother"),
        t("'female'", says="Still Ada"),
        t("'man'", says="stops, .*'man'"),
        t("male", says="^Line 1 stops, .*NameError"),
    ],
    [t("10", says="turned 10 degrees, of 12"), t("5", says="turned 5 degrees"), t("yaww", says="^Line 1 stops")],
    [
        t("sizes**2 / np.sum(sizes**2)", says="share: right.\nThe first three"),
        t("sizes**2 / (sizes @ sizes)", says="share: right"),
        t("centred.var(axis=0).sum() and sizes**2 / np.sum(centred**2)", says="share: right"),
        t("sizes / np.sum(sizes)", says="not yet.*standard deviations"),
        t("sizes**2 / np.sum(sizes) ** 2", says="not yet.*squares the sum"),
        t("sizes**2 / sum(sizes)", says="not yet.*below it are none"),
        t("sizes**2 / 300", says="not yet.*do not sum to 1"),
        t("np.cumsum(sizes**2) / np.sum(sizes**2)", says="not yet.*running sum"),
        t("size**2 / np.sum(size**2)", says="^Line 1 stops, .*NameError"),
    ],
    [
        t(SCORES, REBUILT, says="scores: right.\nrebuilt: right.\n10 components: 0.* mm off"),
        t("(table - average) @ components[:k].T", "scores @ components[:k] + average", says="rebuilt: right"),
        t("(components[:k] @ centred.T).T", "average + np.dot(scores, components[:k])", says="rebuilt: right"),
        t("table @ components[:k].T", REBUILT, says="scores: not yet.*still in there"),
        t("centred @ components.T", "average + scores @ components", says="scores: not yet.*first k"),
        t("components[:k] @ centred.T", "...", says="scores: not yet.*Turned on its side"),
        t(SCORES, "scores @ components[:k]", says="rebuilt: not yet.*has to come back"),
        t(SCORES, "table", says="rebuilt: not yet.*table itself"),
        t(SCORES, "average - scores @ components[:k]", says="rebuilt: not yet.*antifaces"),
        t(SCORES, says="scores: right.\nrebuilt: still blank"),
        t("centred @ components[:, :k]", REBUILT, says="^Line 2 stops, .*ValueError"),
    ],
    [
        t(DECOMPOSED + "np.sum(s[:k] ** 2) / np.sum(s**2)", says="variance_held: right.\n10 components hold"),
        t(DECOMPOSED + "np.cumsum(s**2)[k - 1] / np.sum(s**2)", says="variance_held: right"),
        t("s = np.linalg.svd(table)[1] ** 2\nreturn s[:k].sum() / s.sum()", says="not yet.*average row"),
        t(DECOMPOSED + "np.sum(s[:k]) / np.sum(s)", says="not yet.*shares of the sizes"),
        t(DECOMPOSED + "s[:k] ** 2 / np.sum(s**2)", says="not yet.*k shares"),
        t(DECOMPOSED + "s[k - 1] ** 2 / np.sum(s**2)", says="not yet.*alone"),
        t(DECOMPOSED + "np.cumsum(s**2)[k] / np.sum(s**2)", says="not yet.*One component too many"),
        t(DECOMPOSED + "np.sum(s[:k] ** 2)", says="not yet.*sum of squares"),
        t("return np.sum(sizes[:k] ** 2) / np.sum(sizes**2)", says="not yet.*same for every table"),
        t(
            DECOMPOSED.replace("axis=0", "axis=1, keepdims=True") + "np.sum(s[:k] ** 2) / np.sum(s**2)",
            says="one number",
        ),
        t(DECOMPOSED.replace("return ", "held = ") + "np.sum(s[:k] ** 2) / np.sum(s**2)", says="nothing returned yet"),
        t("return np.linalg.svd(tabel)", says="^variance_held: not yet. Line 2 stops, .*NameError"),
    ],
    [t("1", says="component 1"), t("3", says="component 3"), t("kk", says="^Line 1 stops, .*NameError")],
    [
        t("flat @ flat.T / flat.shape[1]", says="gram: right.\n.*numbers are left"),
        t("np.einsum('ip,jp->ij', flat, flat) / flat.shape[-1]", says="gram: right"),
        t(PAIRED, says="gram: right"),
        t("flat @ flat.T", says="not yet.*mean is wanted"),
        t("flat @ flat.T / len(flat)", says="not yet.*number of maps"),
        t("flat.T @ flat / flat.shape[1]", says="not yet.*pairs of places"),
        t("np.corrcoef(flat)", says="not yet.*correlations"),
        t("np.cov(flat)", says="not yet.*mean of each map"),
        t("(flat * flat).mean(axis=1)", says="not yet.*itself only"),
        t("flat @ flat / flat.shape[1]", says="^Line 2 stops, .*ValueError"),
    ],
    [t("1", says="misfit of content"), t("heavy", says="^Line 1 stops")],
]
