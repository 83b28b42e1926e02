"""Lesson 15: crystallised synapses, a stolen picture, a spiking neuron, happy men, a childhood of one's own."""

from blanks import t

VOLTAGE, SPIKE = "0.9 * voltage + 0.3 - spike", "int(voltage > 1)"

CELLS = [
    [
        t("np.abs(gradient) > np.abs(weight).mean()", says="too_large: right.\ngradient used"),
        t("np.abs(gradient) > 0.5", says="right"),
        t("np.array([False, True, False, False, True])", says="right"),
        t("[abs(g) > sum(abs(weight)) / 5 for g in gradient]", says="right"),
        t("gradient > np.abs(weight).mean()", says="compare its size"),
        t("np.abs(gradient) > weight.mean()", says="opposite sign cancel"),
        t("np.abs(gradient) > np.abs(weight)", says="its own weight"),
        t("np.abs(gradient) < np.mean(np.abs(weight))", says="not too large"),
        t("np.abs(weight) > np.abs(gradient).mean()", says="changed places"),
        t("settled", says="too small"),
        t("np.abs(gradient)", says="True or False is wanted"),
        t("np.abs(gradient).mean() > np.abs(weight).mean()", says=r"of shape \(5,\) is wanted"),
        t("np.abs(gradients) > np.abs(weight).mean()", says="^Line 1 stops, .*NameError"),
    ],
    [
        t("of_weights[unit] / of_biases[unit]", says="stolen: right.\noff by at most"),
        t("of_weights[unit].numpy() / of_biases.numpy()[unit]", says="^stolen: right"),
        t("of_weights[int(of_biases.argmax())] / of_biases.max()", says="stolen: right.\noff by at most"),
        t("of_weights[unit]", says="divide by δ"),
        t("of_weights[unit] * of_biases[unit]", says="once more"),
        t("of_biases[unit] / of_weights[unit]", says="one over the picture"),
        t("of_weights[:, unit] / of_biases[unit]", says="That is a column"),
        t("of_weights[unit] / of_weights[unit].norm()", says="direction of the row"),
        t("of_weights / of_biases[:, None]", says=r"of shape \(576,\) is wanted, .* \(120, 576\)"),
        t("of_weights[unit] / of_biases", says="^Line 6 stops, .*RuntimeError"),
        t("of_weights[units] / of_biases[unit]", says="^Line 6 stops, .*NameError"),
    ],
    [
        t(VOLTAGE, SPIKE, says="voltage: right.\nspike: right.\nspikes at"),
        t("voltage * 0.9 - spike + 0.3", "1 if voltage > 1 else 0", says="voltage: right.\nspike: right."),
        t("0.9 * voltage + 0.3 - 1 * spike", "voltage > 1.0", says="voltage: right.\nspike: right."),
        t(VOLTAGE, says="voltage: right.\nspike: still blank"),
        t("...", "0", says="voltage: still blank"),
        t("...", SPIKE, says="^Line 4 stops, .*still blank"),
        t("0.9 * voltage + 0.3", SPIKE, says="never set back"),
        t("voltage + 0.3 - spike", SPIKE, says="Nothing leaks"),
        t("0.9 * (voltage + 0.3) - spike", SPIKE, says="from the new input"),
        t("0.9 * (voltage - spike) + 0.3", SPIKE, says="from the reset"),
        t("0.9 * voltage + 0.3 + spike", SPIKE, says="adds voltage"),
        t("0.9 * voltage - spike", SPIKE, says="No input"),
        t("0.3 - spike", SPIKE, says="is forgotten"),
        t(VOLTAGE, "int(voltage < 1)", says="voltage: right.\nspike: not yet.*every step"),
        t(VOLTAGE, "0", says="voltage: right.\nspike: not yet.*never fires"),
        t(VOLTAGE, "voltage", says="voltage: right.\nspike: not yet, the shape is right"),
        t("0.9 * voltge + 0.3 - spike", SPIKE, says="^Line 3 stops, .*NameError"),
    ],
    [
        t(
            'happy_man & (words["age"] == 0)', says="^([0-9]|[1-3].)% of happy men are called happy"
        ),  # "most ... missed"
        t(
            "happy_man", says="^[3-6].% of happy men are called happy"
        ),  # "fewer than of women's", which are four in five
        t("False", says="No happy man in this world yet"),
        t("happy_men", says="Line 3 stops, .*NameError"),
    ],
    [
        t("return [3] * 7 + [1] * 7", says="; to beat: "),
        t("return [4, 2, 0]", says="3 blurs; a childhood here has 14"),
        t("return 14 * [lots]", says="Line 2 stops, .*NameError"),
        t("blurs = [0] * 14", says="Nothing returned yet"),
    ],
]
