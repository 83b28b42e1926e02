"""Lesson 08: what a viAE pays, what a number of a noisy code costs, another property."""

from blanks import t

CELLS = [
    [
        t("np.mean(np.abs(drawn - frontal))", says="^viae_loss: right.\nFor the same drawing"),
        t("0.3 / 3", says="viae_loss: right"),
        t("0.1", says="viae_loss: right"),
        t("abs(frontal - drawn).mean()", says="viae_loss: right"),
        t("ae_loss", says="should have drawn what it saw"),
        t("np.mean(drawn - frontal)", says="Without abs"),
        t("np.sum(np.abs(drawn - frontal))", says="sum over pixels"),
        t("np.mean((drawn - frontal) ** 2)", says="squares"),
        t("np.abs(drawn - frontal)", says="take their mean"),
        t("np.mean(np.abs(seen - frontal))", says="not what was drawn"),
        t("np.mean(np.abs(drawn - front))", says="^Line 4 stops, .*NameError"),
    ],
    [
        t("kl(0, 1)", "kl(2, 0.1)", says="silent: right.\nprecise: right.\nPrecision"),
        t("0", "3.8076", says="silent: right.\nprecise: right."),
        t("kl(1, 0)", "kl(0, 0.1)", says="silent: not yet. m comes first.*\nprecise: not yet.*spread alone"),
        t("kl(0, 1)", "kl(0.1, 2)", says="precise: not yet. m comes first"),
        t("kl(1, 1)", "kl(2, 1)", says="silent: not yet. The mean is 0 here.\nprecise: not yet.*mean alone"),
        t("kl(0, 1)", says="silent: right.\nprecise: still blank."),
        t("kl(0)", says="^Line 5 stops, .*TypeError"),
    ],
    [
        t("readable(systems['viae'].embed(varied), view['pitch'][:, None], 300)", says="share of variance read"),
        t("readable(systems['nobody'].embed(varied), view['pitch'][:, None], 300)", says="stops, .*nobody"),
    ],
]
