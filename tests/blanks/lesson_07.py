"""Lesson 07: a view, second ratings, Spearman-Brown both ways, panels, components of texture."""

from blanks import t

TESTED = """null = nulls.permutations(scores, 199, rng=1)
found = reverse_correlation.robust_map(chosen.{}, scores, null)
return """

CELLS = [
    [t("'turned'", says="panels, about"), t("'sideways'", says="^Line 3 stops, .*sideways")],
    [
        t("pairs.rating_again[same].to_numpy()", says="again: right.\n.*correlation r"),
        t("pairs.rating_again[same]", says="again: right"),
        t("pairs[same].rating_again", says="again: right"),
        t("pairs.rating[same]", says="first ratings"),
        t("pairs.rating_again", says="all pairs"),
        t("pairs.choice_again[same]", says="choices; ratings are wanted"),
        t("pairs.rating_again[~same]", says="another face was chosen"),
        t("pairs.ratings_again[same]", says="^Line 2 stops, .*AttributeError"),
    ],
    [
        t("2 * r / (1 + r)", "5 * r / (1 + 4 * r)", says="twice: right.\nfive_times: right.\n.*once"),
        t("2 / (1 / r + 1)", "5 * r / (1 + (5 - 1) * r)", says="twice: right.\nfive_times: right."),
        t("2 * r / 1 + r", "5 * r / 1 + 4 * r", says="twice: not yet. Mind the brackets.*\nfive_times: not yet. Mind"),
        t("2 * r / (1 + 2 * r)", "5 * r / (1 + 5 * r)", says="not yet. Below the line.*\nfive_times: not yet. Below"),
        t("2 * r / (1 + r)", "5 * r / (1 + r)", says="five_times: not yet. That is k = 5 above"),
        t("2 * r / (1 + r)", says="twice: right.\nfive_times: still blank. Put k = 5"),
        t("2 * r", "5 * r", says="not yet. That would pass 1.*\nfive_times: not yet. That would"),
        t("2 * R", says="^Line 1 stops"),
    ],
    [
        t("return wanted * (1 - r) / (r * (1 - wanted))", says="repeats: right.\nfrom .5 to .8: 4 ratings"),
        t("return (wanted - wanted * r) / (r - r * wanted)", says="repeats: right"),
        t("return r * (1 - wanted) / (wanted * (1 - r))", says="Upside down"),
        t("return wanted * r / (1 + (wanted - 1) * r)", says="the formula as it stood"),
        t("return np.ceil(wanted * (1 - r) / (r * (1 - wanted)))", says="rounded up"),
        t("return wanted / r", says="in proportion to k"),
        t("k = wanted * (1 - r) / (r * (1 - wanted))", says="nothing returned yet"),
        t("print(4)", says="nothing returned yet"),
        t("return 4", says="not yet, it is 4. Call the wanted"),
        t("return k", says="stops, `return k.*NameError"),
    ],
    [t("80", says="after 80 panels"), t("0", says="^Line 3 stops, .*ValueError")],
    [
        t(
            TESTED.format("texture[:, :8]") + "np.flatnonzero(found.significant())",
            says="texture_found: right.\ntexture",
        ),
        t(TESTED.format("texture[:, :8]") + "found.significant()", says="np.flatnonzero gives"),
        t(
            TESTED.format("shape[:, :8]") + "np.flatnonzero(found.significant())",
            says="made up to follow one component of texture",
        ),
        t("return []", says="not yet. Nothing is found in ratings that we made up"),
        t("return chosen.textures", says="stops, .*AttributeError"),
    ],
    [
        t("1", says="that face was number 3"),
        t("6", says="that face was number 1"),
        t("0", says="^The faces are numbered 1 to 6"),
    ],
]
