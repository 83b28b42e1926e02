"""Lesson 10: ridge by hand, a leak to mend, two spaces with a penalty each, a learning curve."""

from blanks import t

LINES = """taus = []
for n in sizes:
    {fit}
    taus.append({tau})
{end}"""
FIT, TAU = "part = nested_ridge(space[:n], ratings[:n])", "mean_tau(part, ratings[:n])"
SHAPE, TEXTURE = "chosen.shape[first]", "chosen.texture[first]"


def spaces(shape: str, texture: str) -> str:
    return f'{{"shape": {shape}, "texture": {texture}}}'


CELLS = [
    [
        t("X.T @ y", says="ridge: right.\nlength of the weights"),
        t("y @ X", says="right"),
        t("np.dot(X.T, y)", says="right"),
        t("(X.T * y).sum(axis=1)", says="right"),
        t("X.T * y", says="not summed over the trials"),
        t("X.T @ y / len(y)", says="mean over the trials"),
        t("[np.corrcoef(x, y)[0, 1] for x in X.T]", says="Those are correlations"),
        t("-X.T @ y", says="sign is turned"),
        t("X @ y", says="Line 4 stops, `right = X @ y .*ValueError"),
        t("X.T @ Y", says="Line 4 stops, .*NameError: name 'Y'"),
    ],
    [
        t("train", says="seen: right.\ntau = .*: honest"),
        t("~np.isin(np.arange(900), test)", says="right.\ntau = .*: honest"),
        t("np.delete(np.arange(900), test)", says="right.\ntau = .*: honest"),
        t("np.arange(900)", says="all trials.*\ntau = 0.2.*: not to be trusted"),
        t("test", says="the very trials.*\ntau = -0.04: not to be trusted"),
        t("np.arange(800)", says="same trials in all nine rounds.*\ntau = 0.25: not to be trusted"),
        t("trian", says="^Line 4 stops, .*NameError"),
    ],
    [
        t(spaces(SHAPE, TEXTURE), says="shape: right.\ntexture: right.\none penalty each"),
        t(
            spaces("chosen.shape[:300]", "chosen.texture[:300]"),
            says="shape: right.\ntexture: right.\none penalty each",
        ),
        t(spaces("features[first, :60]", "features[first, 60:]"), says="shape: right.\ntexture: right.\n"),
        t(spaces(SHAPE, "..."), says="texture: still blank.*\nGoing on"),
        t(spaces("chosen.shape", "chosen.texture"), says="all 900 trials.*\ntexture: .*all 900 trials.*\nGoing on"),
        t(spaces("chosen.shape[:, first]", TEXTURE), says="all 900 trials.*\ntexture: right.\nGoing on"),
        t(spaces("features[first]", "features[first]"), says="shape: .*side by side.*\ntexture: .*side by side"),
        t(spaces(TEXTURE, SHAPE), says="shape: .*the texture.\ntexture: .*shape again"),
        t(spaces(SHAPE, SHAPE), says="texture: .*shape again"),
        t(
            spaces("trials.faces.shape[first]", "trials.faces.texture[first]"),
            says="were shown.*\ntexture: .*were shown",
        ),
        t(f"[{SHAPE}, {TEXTURE}]", says="^Line 3 stops, .*TypeError"),
        t(spaces("choosen.shape[first]", TEXTURE), says="^Line 1 stops, .*NameError"),
    ],
    [
        t(LINES.format(fit=FIT, tau=TAU, end="return taus"), says=r"learning_curve: right.\n\[0"),
        t(
            "return np.array([mean_tau(nested_ridge(space[:n], ratings[:n]), ratings[:n]) for n in sizes])",
            says=r"right.\n\[0",
        ),
        t(
            LINES.format(fit="part = nested_ridge(space, ratings)", tau="mean_tau(part, ratings)", end="return taus"),
            says="All sizes get all trials",
        ),
        t(LINES.format(fit=FIT, tau=TAU, end="    return taus[-1]"), says="returns after the first size"),
        t(LINES.format(fit=FIT, tau=TAU, end="return taus[-1]"), says="Only the last size"),
        t(
            LINES.format(fit=FIT, tau=TAU, end="pass").replace("[:n]", "[-n:]") + "\nreturn taus",
            says="the last trials",
        ),
        t(
            LINES.format(fit=FIT, tau="kendall_tau(part.predictions[:, 0], ratings[:n])", end="return taus"),
            says="over all folds at once",
        ),
        t(LINES.format(fit=FIT, tau=TAU, end="pass"), says="nothing returned yet"),
        t(LINES.format(fit=FIT, tau="mean_tau(part, ratings)", end="return taus"), says="Line 5 stops, .*ValueError"),
        t(LINES.format(fit=FIT, tau="mean_tua(part, ratings)", end="return taus"), says="Line 5 stops, .*NameError"),
    ],
]
