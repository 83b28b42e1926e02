"""Lesson 02: two units for XOR, a rate, a backward pass, a suspect, a step in torch, photos and hidden units."""

from blanks import t

BOTH = "(corners @ [1, 1] - 1.5 > 0).astype(int)"
OUTPUT = "(either - both - 0.5 > 0).astype(int)"
SLOPE, DW1 = "1 - hidden**2", "inputs.T @ at_hidden"

CELLS = [
    [
        t(BOTH, OUTPUT, says=r"both: right.\noutput: right.\neither \[0 1 1 1\]"),
        t("corners @ [1, 1] - 1.5 > 0", "(1 * either - 2 * both - 0.5 > 0).astype(int)", says="output: right"),
        t("np.array([0, 0, 0, 1])", "either - both", says="output: right"),
        t("(corners @ [2, 2] - 3 > 0) * 1", "np.logical_and(either, 1 - both)", says="output: right"),
        t("(corners @ [1, 1] - 0.5 > 0).astype(int)", OUTPUT, says="^both: not yet.*`either` again"),
        t("corners @ [1, 1] - 1.5", OUTPUT, says="^both: not yet. That is the activation"),
        t("(corners @ [1, 1] + 1.5 > 0).astype(int)", OUTPUT, says="every corner.*sign of the bias"),
        t("(corners @ [1, 1] - 2 > 0).astype(int)", OUTPUT, says="fires nowhere"),
        t(BOTH, "(either + both - 0.5 > 0).astype(int)", says="output: not yet.*`either` alone"),
        t(BOTH, "(either - both - 0.5 < 0).astype(int)", says="output: not yet.*other way round"),
        t(BOTH, "either - both - 0.5", says="output: not yet. That is the activation"),
        t(BOTH, "(either - both - 1 > 0).astype(int)", says="output: not yet.*silent at all four"),
        t(BOTH, "(either + both - 1.5 > 0).astype(int)", says="output: not yet.*only if both are on"),
        t(BOTH, says="output: still blank"),
        t("(corners @ [1, 1] - 1.5 > 0).astyp(int)", OUTPUT, says="^Line 5 stops, .*AttributeError"),
        t(BOTH, "(1 * either + ... * both - 0.5 > 0).astype(int)", says="still blank"),
    ],
    [t("1.0", says=r"\.\.\."), t("3.0", says=r"\.\.\."), t("rat", says="^Line 3 stops, .*NameError")],
    [
        t(SLOPE, DW1, says="slope: right.\ndW1: right.$"),
        t("(1 - hidden) * (1 + hidden)", "(at_hidden.T @ inputs).T", says="slope: right.\ndW1: right.$"),
        t("1 - np.tanh(inputs @ net.W1 + net.b1) ** 2", "np.dot(corners.T, at_hidden)", says="dW1: right.$"),
        t("1 - hidden", DW1, says="^slope: not yet.*never steeper than 1"),
        t("hidden**2", DW1, says="^slope: not yet.*steepest"),
        t("1 - np.tanh(hidden) ** 2", DW1, says="^slope: not yet.*takes it twice"),
        t("hidden * (1 - hidden)", DW1, says="^slope: not yet.*sigmoid"),
        t("hidden**2 - 1", DW1, says="^slope: not yet.*sign is turned"),
        t("1 - p**2", DW1, says=r"slope: not yet, an array of shape \(4, 16\) is wanted, this is .*\(4,\)"),
        t(SLOPE, "hidden.T @ at_hidden", says="dW1: not yet.*enters the second layer"),
        t(SLOPE, "inputs.T @ at_output", says="dW1: not yet.*errors at the output"),
        t(SLOPE, "at_hidden.T @ inputs", says="dW1: not yet.*Turned on its side"),
        t(SLOPE, "hidden.T @ at_output", says="dW1: not yet.*second layer again"),
        t(SLOPE, says="slope: right.\ndW1: still blank"),
        t(SLOPE, "inputs @ at_hidden", says="^slope: right.\nLine 8 stops, .*ValueError"),
        t("1 - hiden**2", says="^Line 4 stops, .*NameError"),
    ],
    [t("buggy", says="W1: WRONG.*\nb1: WRONG.*\nW2: ok"), t("bugy", says="^Line 1 stops, .*NameError")],
    [
        t("optimiser.step()", says="W1: right.\nlargest difference"),
        t("_ = optimiser.step()", says="W1: right"),
        t("pass", says="W1: not yet.*have not moved"),
        t("optimiser.step", says="W1: not yet.*brackets of a call"),
        t("optimiser.step(); optimiser.step()", says="W1: not yet, the shape is right"),
        t("W1 -= 0.3 * W1.grad", says="^Line 7 stops, .*RuntimeError"),
        t("optimiser.stop()", says="^Line 7 stops, .*AttributeError"),
    ],
    [t("40, 8", says="training 100%, test"), t("20", says="^Line 1 stops, .*unpack")],
]
