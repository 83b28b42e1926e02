"""Lesson 00: an age, a number of trials, the share of choices that follow shape."""

from blanks import t

CELLS = [
    [t("25", says="at the age that you chose")],
    [t("400", says="400 trials: the same choice in")],
    [
        t("np.mean(robin == mixed.shape)", says="follows_shape: right.\nRobin: shape"),
        t("np.sum(robin == mixed.shape) / len(robin)", says="right"),
        t("np.mean(robin == mixed.texture)", says="the texture again"),
        t("robin == mixed.shape", says="of each trial"),
        t("np.mean(robn == mixed.shape)", says="^Line 3 stops, .*NameError: name 'robn'"),
    ],
]
