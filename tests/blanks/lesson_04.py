"""Lesson 04: scores, when to stop and what to answer, two equations, a leaky unit."""

from blanks import t

STOP, CHOICE = "abs(state) >= threshold", "int(state > 0)"
RIGHT, TIME, RATIO = "1 / (1 + np.exp(-2 * v * a / s**2))", "a / v * np.tanh(v * a / s**2)", "0.5"
LOADED = "recurrent.Accumulator(64)\nleaky.load_state_dict(unit.state_dict())"

CELLS = [
    [
        t("query @ key.T / np.sqrt(2)", says="scores: right.\nWho listens"),
        t("np.dot(query, key.T) / 1.4142", says="scores: right"),
        t("np.einsum('id,jd->ij', query, key) / key.shape[1] ** 0.5", says="scores: right"),
        t("query @ key.T", says="not yet.*below the line"),
        t("key @ query.T / np.sqrt(2)", says="not yet.*keys ask"),
        t("query @ key.T / 2", says="not yet.*not by d"),
        t("query @ key.T / np.sqrt(3)", says="not yet.*number of tokens"),
        t("softmax(query @ key.T / np.sqrt(2))", says="not yet.*shares already"),
        t("query @ value.T / np.sqrt(2)", says="not yet.*compared with keys"),
        t("query * key / np.sqrt(2)", says="not yet.*its own key only"),
        t("query @ key / np.sqrt(2)", says="^Line 1 stops, .*ValueError"),
        t("querry @ key.T / np.sqrt(2)", says="^Line 1 stops, .*NameError"),
    ],
    [
        t(STOP, CHOICE, says="stop: right.\nchoice: right.\nThe answer is 0, after 28 glimpses"),
        t(
            "state >= threshold or state <= -threshold",
            "state > 0",
            says="stop: right.\nchoice: right.\nThe answer is 0",
        ),
        t("abs(state) > threshold", "1 if state > 0 else 0", says="stop: right.\nchoice: right."),
        t("state >= threshold", CHOICE, says="stop: not yet.*leaves at the bottom"),
        t("abs(state) <= threshold", CHOICE, says="stop: not yet.*first glimpse"),
        t("abs(state) >= 1", CHOICE, says="stop: not yet.*half way"),
        t(STOP, "state", says="choice: not yet.*state itself"),
        t(STOP, "int(state < 0)", says="choice: not yet.*other woman"),
        t(STOP, "np.sign(state)", says="choice: not yet.*1 or −1"),
        t(STOP, says="stop: right.\nchoice: still blank"),
        t("...", CHOICE, says="^stop: still blank"),
        t("abs(stat) >= threshold", CHOICE, says="^Line 3 stops, .*NameError"),
    ],
    [
        t(RIGHT, TIME, RATIO, says="theory_right: right.\ntheory_time: right.\nv_over_s2: right.\nSo the exponent"),
        t("1 / (1 + np.exp(-a))", "8 * a * np.tanh(a / 2)", "v / s**2", says="right.*\n.*right.*\n.*right"),
        t(
            "1 / (1 + np.exp(2 * v * a / s**2))",
            "np.tanh(v * a / s**2)",
            "v / s",
            says="sign.*\n.*in front.*\n.*squared",
        ),
        t(
            "1 / (1 + np.exp(-v * a / s**2))",
            "a / v * np.tanh(v * a / s)",
            "(v / s) ** 2",
            says="half its size.*\n.*more.*\n.*whole",
        ),
        t(
            "1 / (1 + np.exp(-2 * v * a / s))",
            "v / a * np.tanh(v * a / s**2)",
            "s**2 / v",
            says="power of s.*\n.*upside.*\n.*Upside",
        ),
        t(
            "1 / 1 + np.exp(-2 * v * a / s**2)",
            "a / (v * np.tanh(v * a / s**2))",
            says="which brackets.*\n.*slipped below",
        ),
        t(
            "np.exp(-2 * v * a / s**2)",
            "a / v * np.tanh(2 * v * a / s**2)",
            "v * s**2",
            says="part.*\n.*2 belongs.*\n.*mult",
        ),
        t(RIGHT, says="theory_right: right.\ntheory_time: still blank.*\nv_over_s2: still blank"),
        t(RIGHT, "a / v * tanh(v * a / s**2)", RATIO, says="^Line 4 stops, .*NameError"),
    ],
    [
        t(LOADED + "\nleaky.keep.data.fill_(0.8)", says="leaky: right"),
        t(LOADED + "\nleaky.keep.data = torch.tensor(0.8)", says="leaky: right"),
        t("recurrent.Accumulator(64, 0.8)\nleaky.eye = unit.eye", says="leaky: right"),
        t("recurrent.Accumulator(64, keep=0.8)\nleaky.load_state_dict(unit.state_dict())", says="set `keep` last"),
        t("unit", says="set `keep` last"),
        t("recurrent.Accumulator(64, keep=0.8)", says="leaky: not yet, the shape is right"),
        t("recurrent.Accumulator(64)\nleaky.keep = 0.8", says="^Line 1 stops, .*TypeError|Line 2 stops, .*TypeError"),
        t("unit\nunit.keep.data.fill_(0.8)", says="leaky: right"),
    ],
]
