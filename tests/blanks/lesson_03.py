"""Lesson 03: one answer of a kernel, three sides of maps, a receptive field, a network for sex."""

from blanks import t

FIELD, JUMP = "field + (kernel_side - 1) * jump", "jump * stride"

CELLS = [
    [
        t("np.sum(window * kernel)", says="answer: right.\nIt answers"),
        t("sum(sum(window * kernel))", says="answer: right"),
        t("window.ravel() @ kernel.ravel()", says="answer: right"),
        t("window * kernel", says="not yet.*nine products"),
        t("window @ kernel", says="not yet.*rows with columns"),
        t("np.sum(window @ kernel)", says="not yet.*rows with columns"),
        t("sum(window * kernel)", says="not yet.*each column by itself"),
        t("(window * kernel).mean()", says="not yet.*mean of the nine"),
        t("window.sum() * kernel.sum()", says="not yet.*Multiply first"),
        t("np.sum(windows * kernel)", says="^answer: not yet. Line 2 stops, .*NameError"),
    ],
    [
        t("64", "16", "8", says="side_a: right.\nside_b: right.\nside_c: right."),
        t("(64 + 2 * 2 - 5) // 1 + 1", "(32 + 2 * 2 - 5) // 2 + 1", "(16 - 2) / 2 + 1", says="side_c: right."),
        t(
            "64 + 4 - 5",
            "(32 + 2 * 2 - 5) / 2 + 1",
            "(16 - 2) / 2",
            says=r"too few.*\n.*half.*\n.*too few",
        ),
        t("60", "14", "15", says="without padding.*\n.*without padding.*\n.*do not overlap"),
        t("62", "15", "4", says="both sides.*\n.*both sides.*\n.*a quarter"),
        t("68", "32", "64", says="padded picture.*\n.*stride 1.*\n.*counts the numbers"),
        t("64", says="side_a: right.\nside_b: still blank"),
        t("64", "n", "8", says="^Line 2 stops, .*NameError"),
    ],
    [
        t(FIELD, JUMP, says="field 23, jump 8\njump: right.\nfield: right.\nA unit"),
        t("field + kernel_side * jump - jump", "stride * jump", says="jump: right.\nfield: right."),
        t("field + kernel_side - 1", JUMP, says="field: not yet.*jump is forgotten"),
        t("field + kernel_side * jump", JUMP, says="field: not yet.*kernel of 5"),
        t("(kernel_side - 1) * jump", JUMP, says="field: not yet.*last layer adds"),
        t("field + (kernel_side - 1) * stride", JUMP, says="field: not yet.*that of one layer"),
        t("(field + kernel_side - 1) * jump", JUMP, says="field: not yet.*brackets"),
        t(FIELD, "stride", says="jump: not yet.*last layer alone"),
        t(FIELD, "jump + stride", says="jump: not yet.*do not add up"),
        t(FIELD, "jump", says="jump: not yet.*never changes"),
        t(FIELD, "jump * kernel_side", says="jump: not yet.*not on the size"),
        t(FIELD, says="^jump: still blank"),
        t("...", JUMP, says="^jump: right.\nfield: still blank"),
        t("field + (kernel - 1) * jmp", JUMP, says="^Line 3 stops, .*NameError"),
    ],
    [
        t("convnet.ConvNet(classes=2)", says="strangers: .*% right"),
        t("convnet.ConvNet(1)", says="Line .* stops, .*IndexError"),
        t("convnet.ConvNet", says="^Line .* stops"),
        t("convnet.ConvNet(clases=2)", says="^Line 5 stops, .*TypeError"),
    ],
]
