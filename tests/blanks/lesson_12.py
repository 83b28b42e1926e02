"""Lesson 12: a model of every space, shared and own bits, observers to choose, a number, an observer of one's own."""

from blanks import t

SHARED = 'matched.loc["ae", "redundancy"]'
MINE = 'observers.Observer("mine", regions("mine", model, {"nose": 1.0}, {"cheeks": 0.5}), noise=0.3)'

CELLS = [
    [
        t("fits.fit(features, shape_user)", says="models: right.\n +tau"),
        t("fits.fit(space[name], shape_user)", says="models: right.\n +tau"),
        t("shape_model", says="model of the worked example.*\nGoing on"),
        t("features", says="Those are the features.*\nGoing on"),
        t("fits.fit(features, shape_user).predictions", says="predictions alone.*\nGoing on"),
        t("...", says="still blank.*\nGoing on"),
        t("fits.fit(space, shape_user)", says="^Line 3 stops, "),
        t("fits.fit(features, shape_usr)", says="^Line 3 stops, .*NameError"),
    ],
    [
        t(SHARED, "told - shared", says="shared: right.\nown: right.\ntold 0"),
        t(
            'matched["redundancy"]["ae"]',
            'matched.loc["ae", "mi"] - shared',
            says="shared: right.\nown: right.\ntold 0",
        ),
        t(SHARED, says="shared: right.\nown: still blank"),
        t('matched.loc["ae", "mi"]', "told - shared", says="all that it tells"),
        t('matched.loc["ae", "unique_space"]', "told - shared", says="does not share"),
        t('matched["redundancy"]', "told - shared", says="whole column"),
        t('matched.loc["ae"]', "0.1", says="whole row"),
        t('matched.loc["viae", "redundancy"]', "told - shared", says="row of viae"),
        t('scores.loc["ae", "redundancy"]', "told - shared", says="about the shape user"),
        t('matched.loc["redundancy", "ae"]', "told - shared", says="^Line 2 stops, .*KeyError"),
        t(SHARED, 'matched.loc["ae", "unique_space"]', says="own: right"),
        t(SHARED, "told", says="own: not yet.*Nothing is taken off"),
        t(SHARED, "shared - told", says="own: not yet.*sign is turned"),
        t(SHARED, "told + shared", says="own: not yet.*more than it tells"),
        t(SHARED, "shared / told", says="own: not yet.*bits are wanted"),
        t(SHARED, "1 - shared", says="own: not yet.*less than 1 bit"),
        t("...", "told - shared", says="^Line 3 stops, .*still blank"),
        t(SHARED, "tld - shared", says="^Line 3 stops, .*NameError"),
    ],
    [t('"texture user"', says="simulated texture user"), t('"nose user"', says="^Line 3 stops, .*KeyError")],
    [t("2407", says="ratings 1 to 6"), t("born", says="^Line 1 stops, .*NameError")],
    [
        t(MINE, says="redundancy"),
        t(MINE.replace("nose", "noses"), says="^Line 3 stops, .*noses"),
        t("None", says="No observer yet"),
    ],
]
