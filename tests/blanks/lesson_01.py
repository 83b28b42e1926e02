"""Lesson 01: the weight of the cap, one epoch, other inputs, a function that learns, the angles of heads."""

from blanks import t

LEARN = """w, b = np.zeros(inputs.shape[1]), 0.0
for _ in range({epochs}):
    for x, target in zip(inputs, targets):
        error = {error}
        w, b = {step}
return w, b"""
ERROR, STEP = "target - int(x @ w + b > 0)", "w + error * x, b + error"

CELLS = [
    [
        t("1.0", says="mistakes: 0 of 40"),
        t("-1.0", says="mistakes: 19 of 40"),
        t("one", says="^Line 1 stops, .*NameError"),
    ],
    [
        t("w + error * x", "b + error", says="w: right.\nb: right.\n9 mistakes"),
        t("w + rate * error * x", "b + rate * error", says="w: right.\nb: right."),
        t("np.add(w, error * x)", "error + b", says="w: right.\nb: right."),
        t("error * x", "b + error", says="w: not yet.*forgets the old weights"),
        t("w - error * x", "b + error", says="w: not yet.*sign is turned"),
        t("w + x", "b + error", says="w: not yet.*every photo"),
        t("w + error", "b + error", says="w: not yet.*bare error"),
        t("w", "b + error", says="w: not yet.*never change"),
        t("w + error * x", "error", says="w: right.\nb: not yet.*ends at 0"),
        t("w + error * x", "b - error", says="b: not yet.*ends at 0"),
        t("w + error * x", "b + 1", says="b: not yet.*every photo"),
        t("w + error * x", "b", says="b: not yet.*ends at 0"),
        t("w + error * x", "b + error * x", says="^Line 3 stops, .*TypeError"),
        t("w + error * x", says="b: still blank"),
        t("w + eror * x", "b + error", says="^Line 5 stops, .*NameError: name 'eror'"),
    ],
    [t("raw", says="epochs; mistakes at the end: 0")],
    [
        t(LEARN.format(epochs="epochs", error=ERROR, step=STEP), says="mistakes: right"),
        t(LEARN.format(epochs="epochs", error=ERROR, step="w + 0.1 * error * x, b + 0.1 * error"), says="right"),
        t("unit, _ = perceptron.train(inputs, targets, epochs)\nreturn unit.weights, unit.bias", says="right"),
        t(LEARN.format(epochs="1", error=ERROR, step=STEP), says="single epoch"),
        t(LEARN.format(epochs="epochs", error="int(x @ w + b > 0) - target", step=STEP), says="sign of the error"),
        t("return np.zeros(2), 0.0", says="silent at every photo"),
        t("w, b = np.zeros(2), 0.0", says="mistakes: still blank"),
        t(LEARN.format(epochs="epochs", error=ERROR, step="w + error * y, b"), says="^Line .* stops, .*NameError"),
    ],
    [t("(-60, 60), (20, 30)", says="mistakes in the last epoch"), t("(-15, 15)", says="^Line 3 stops, .*unpack")],
]
