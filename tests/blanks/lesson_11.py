"""Lesson 11: mutual information by hand, a p-value from shuffles, a map by information."""

from blanks import t

REACHED = "np.sum(null >= shared(name, space))"
OUTSIDE = """outward = np.sum((chosen.vertices() - mean.vertices()) * mean.normals(), axis=-1)[:, moves]
test = reverse_correlation.information_map(outward, ratings, information.permutations(ratings, 100, rng=0))
{end}"""


def shuffles(reached: str, p: str, says: str, who: str = '"X", "texture"'):
    return t(who, reached, p, says=says)


CELLS = [
    [
        t("entropy(rows) + entropy(columns) - entropy(p)", says="mutual_information: right.\n0.189 bits"),
        t("entropy(rows) - (entropy(p) - entropy(columns))", says="right"),
        t("np.sum(p * np.log2(p / np.outer(rows, columns)))", says="right"),
        t("entropy(p) - entropy(rows) - entropy(columns)", says="sign is turned"),
        t("entropy(rows) + entropy(columns) + entropy(p)", says="All three are added"),
        t("entropy(rows) + entropy(columns)", says="whole table is missing"),
        t("entropy(rows) - entropy(p)", says="that of the columns"),
        t("entropy(rows) + entropy(columns) - entropy(counts)", says="taken of the counts"),
        t(
            "entropy(rows), entropy(columns), entropy(p)",
            says=r"one number is wanted, this is an array of shape \(3,\)",
        ),
        t("entropy(rows) + entropy(columns) - entropy(rows, columns)", says="Line 4 stops, .*TypeError"),
        t("entropy(row) + entropy(columns) - entropy(p)", says="Line 4 stops, .*NameError: name 'row'"),
    ],
    [
        shuffles(REACHED, "(1 + reached) / (1 + 200)", says="reached: right.\np: right.\nX: 80 of 200"),
        shuffles(
            "np.count_nonzero(null >= shared(name, space))",
            "(reached + 1) / 201",
            says="p: right.\nY: 186 of 200",
            who='"Y", "shape"',
        ),
        shuffles(REACHED, "(1 + reached) / (1 + len(null))", says="p: right.\nX: 0 of 200", who='"X", "shape"'),
        shuffles("(null >= shared(name, space)).sum()", "...", says="reached: right.\np: still blank"),
        shuffles("np.mean(null >= shared(name, space))", "reached", says="share of the shuffles"),
        shuffles("null >= shared(name, space)", "(1 + 0) / 201", says="says it of each shuffle"),
        shuffles("np.sum(null <= shared(name, space))", "(1 + reached) / 201", says="below the real value"),
        shuffles("np.sum(shared(name, space) > null)", "(1 + reached) / 201", says="below the real value"),
        shuffles("len(null >= shared(name, space))", "(1 + reached) / 201", says="all 200 shuffles"),
        shuffles(REACHED, "reached / 200", says="one of the possible ones"),
        shuffles(REACHED, "reached / 201", says="missing above the line"),
        shuffles(REACHED, "(1 + reached) / 200", says="missing below the line"),
        shuffles(REACHED, "1 + reached / 201", says="above the line needs brackets"),
        shuffles(REACHED, "(1 + reached) / 1 + 200", says="below the line needs brackets"),
        shuffles("...", "(1 + reached) / 201", says="^Line 5 stops, .*a part of it is still blank"),
        t('"Z", "shape"', says="^Line 2 stops, .*KeyError"),
        t('"X", "texture"', says="reached: still blank"),
    ],
    [
        t(
            OUTSIDE.format(end="return np.mean(~eyes[moves][test.significant()])"),
            says="share_outside: right.\n69% outside the eyes; by slopes",
        ),
        t(
            OUTSIDE.format(end="found = np.flatnonzero(moves)[test.significant()]\nreturn 1 - eyes[found].mean()"),
            says="right.\n69%",
        ),
        t(OUTSIDE.format(end="return np.sum(~eyes[moves][test.significant()])"), says="how many points"),
        t(OUTSIDE.format(end="return np.mean(eyes[moves][test.significant()])"), says="share inside"),
        t(OUTSIDE.format(end="return np.mean(~eyes[moves] & test.significant())"), says="all points that move"),
        t("return np.mean(~eyes[mapped(chosen, ratings) != 0])", says="map by slopes"),
        t(OUTSIDE.format(end="return np.mean(~eyes[moves])"), says="significant or not"),
        t(OUTSIDE.format(end="pass"), says="nothing returned yet"),
        t(OUTSIDE.format(end="return np.mean(~eyes[test.significant()])"), says="Line 4 stops, .*IndexError"),
        t(OUTSIDE.format(end="return np.mean(~eye[moves][test.significant()])"), says="Line 4 stops, .*NameError"),
    ],
]
