"""Lesson 09: a dissimilarity, the noise ceiling, the bias of CKA, faces on which two systems disagree."""

from blanks import t

LOWER = "np.mean([np.corrcoef(z[k], others[k])[0, 1] for k in range(14)])"
UPPER = "np.mean([np.corrcoef(own, z.mean(axis=0))[0, 1] for own in z])"
APART = "np.argsort(np.argsort(np.abs(squareform(again[0] - again[1])).sum(axis=0))) >= 30"

CELLS = [
    [
        t("1 - np.corrcoef(patterns[0], patterns[2])[0, 1]", says="second: right"),
        t("1 - np.corrcoef(patterns)[0, 2]", says="right"),
        t("1.982", says="right"),
        t("rsa.rdm(patterns)[1]", says="right"),
        t("first", says="faces 0 and 1 again"),
        t("np.corrcoef(patterns[0], patterns[2])[0, 1]", says="That is the correlation"),
        t("1 - np.corrcoef(patterns[1], patterns[2])[0, 1]", says="faces 1 and 2"),
        t("1 - np.corrcoef(patterns[0], patterns[2])", says="table of all pairs"),
        t("1 - np.corrcoef(patterns[0], patterns[2])[0, 0]", says="a face with itself"),
        t("1 - np.corrcoef(patterns[:, 0], patterns[:, 2])[0, 1]", says="Those are columns"),
        t("1 - np.corrcoef(patterns[0], patterns[4])[0, 1]", says="^Line 5 stops, .*IndexError"),
        t("1 - np.corcoef(patterns[0], patterns[2])[0, 1]", says="^Line 5 stops, .*AttributeError"),
    ],
    [
        t(LOWER, UPPER, says="lower: right.\nupper: right.\nThe best"),
        t("rsa.noise_ceiling(observers).lower.mean()", "bounds_of[1]", says="^Line 4 stops, .*NameError"),
        t(
            "sum(np.corrcoef(a, b)[0, 1] for a, b in zip(z, others)) / len(z)",
            "np.mean([np.corrcoef(z[k], z.mean(axis=0))[0, 1] for k in range(len(z))])",
            says="lower: right.\nupper: right.",
        ),
        t(LOWER, says="lower: right.\nupper: still blank"),
        t(UPPER, LOWER, says="lower: not yet.*leave them out(.|\n)*upper: not yet.*lower bound again"),
        t(
            LOWER[8:-1],
            UPPER[8:-1],
            says="lower: not yet.*one number for each(.|\n)*upper: not yet.*one number for each",
        ),
        t(
            "np.corrcoef(z[0], others[0])[0, 1]",
            "np.corrcoef(z[0], z.mean(axis=0))[0, 1]",
            says="lower: not yet.*first observer(.|\n)*upper: not yet.*first observer",
        ),
        t(
            LOWER.replace("[0, 1]", ""),
            UPPER.replace("[0, 1]", ""),
            says="lower: not yet.*Half the(.|\n)*upper: not yet.*Half the",
        ),
        t(
            LOWER.replace("mean", "sum"),
            UPPER.replace("np.mean", "np.sum"),
            says="lower: not yet.*the sum over(.|\n)*upper: not yet.*the sum over",
        ),
        t(LOWER, "np.mean([np.corrcoef(own, z.mean(axis=1))[0, 1] for own in z])", says="^Line 4 stops, .*ValueError"),
    ],
    [
        t("cka(a, b, debiased=False) - cka(a, b)", says="bias: right"),
        t("cka(a, b, False) - cka(a, b, True)", says="right"),
        t("cka(a, b) - cka(a, b, debiased=False)", says="sign is turned"),
        t("cka(a, b, debiased=False)", says="usual form, bias and all"),
        t("cka(a, b)", says="debiased form alone"),
        t("cka(a, b) - cka(a, b)", says="Both are the same form"),
        t("1 - cka(a, b) / cka(a, b, debiased=False)", says="share of the usual form"),
        t("[cka(a, b, debiased=False), cka(a, b)]", says="one number is wanted, this is an array of shape"),
        t("cka(a, b, biased=True) - cka(a, b)", says="^Line 2 stops, .*TypeError"),
    ],
    [
        t("np.arange(40) < 10", says=r"^-?0\.\d+"),
        t(APART, says=r"^-?0\.\d+"),
        t("np.argsort(again[0])[:10]", says="^Line 3 stops, .*expected one True or False for each of the 40"),
    ],
]
