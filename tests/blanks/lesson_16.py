"""Lesson 16: bits of a weight, prices of a MAC and of a spike, a case to decide."""

from blanks import t

MAC, SPIKE = 'energy.ADD["float32"] + energy.MULTIPLY["float32"]', 'energy.ADD["float32"]'

CELLS = [
    [
        t("8", says="^8 bits, 255 values: 9.% named"),
        t("3", says="^3 bits, 7 values: 9.% named"),  # "still do"
        t("2", says="^2 bits, 3 values: [1-7].% named"),  # "breaks", says the solution
        t("0", says="^Line 6 stops, "),
        t("eight", says="^Line 1 stops, .*NameError"),
    ],
    [
        t(MAC, SPIKE, says="per_mac: right.\nper_spike: right.\na MAC 4.6 pJ, a spike's weight 0.9 pJ"),
        t("4.6", "0.9", says="per_mac: right.\nper_spike: right.\na MAC 4.6"),
        t("3.7 + 0.9", "per_mac - 3.7", says="per_mac: right.\nper_spike: right.\na MAC 4.6"),
        t(MAC, says="per_mac: right.\nper_spike: still blank.*\nGoing on.*\na MAC 4.6 pJ, a spike's weight 0.9"),
        t('energy.MULTIPLY["float32"]', SPIKE, says="product alone.*\nper_spike: right.\nGoing on"),
        t(SPIKE, 'energy.MULTIPLY["float32"]', says="sum alone.*\n.*by what would a spike.*\nGoing on"),
        t(MAC.replace("+", "*"), MAC, says="are multiplied.*\n.*whole MAC"),
        t(MAC.replace("float32", "int8"), SPIKE.replace("float32", "int8"), says="prices for 8 bits.*\n.*for 8 bits"),
        t(f"1e-12 * ({MAC})", f"1e-12 * {SPIKE}", says="in joules.*\n.*in joules"),
        t(MAC, "50.9", says="includes fetching"),
        t("energy.ADD + energy.MULTIPLY", SPIKE, says="^Line 1 stops, .*TypeError"),
        t("energy.ADD", SPIKE, says="one number is wanted, this is of type"),
        t(MAC, "ADD['float32']", says="^Line 2 stops, .*NameError"),
    ],
    [
        t('"law"', '"if it may be refused"', says="^Still open: what would"),
        t('"law"', '"no"', '"a test on 1,000 people"', says="^{'field': 'law', 'allow': 'no'"),
        t("law", says="^Line 2 stops, .*NameError"),
    ],
]
