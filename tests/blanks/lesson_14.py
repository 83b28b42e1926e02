"""Lesson 14: a control for two lesions, an eraser, another observer, a treatment of one's own."""

from blanks import t

GROUPS, RANDOM = "two_tasks.random_groups(48, 10, 200)", "two_tasks.lesioned(exam, groups)"
SHAPE = "projection.erase(learned.features, learned.faces.shape[:, :20])"
TEXTURE, LOT = SHAPE.replace("shape", "texture"), "projection.erase_random(learned.features, 20, rng=0)"

CELLS = [
    [
        t(GROUPS, RANDOM, says="groups: right.\nrandom: right.\n"),
        t(
            "two_tasks.random_groups(draws=200, units=48, count=10)",
            "lesions.damage(exam.accuracy, network, exam.layer, groups)",
            says="groups: right.\nrandom: right.\n",
        ),
        t(GROUPS, says="random: still blank.*\nGoing on"),
        t("two_tasks.random_groups(48, 1, 200)", RANDOM, says="groups: not yet.*One filter costs less.*\nGoing on"),
        t("two_tasks.random_groups(48, 20, 200)", "...", says="groups: not yet.*compared alone.*\nGoing on"),
        t("order[:, :10]", RANDOM, says="groups: not yet.*not any by lot.*\nGoing on"),
        t(GROUPS, "two_tasks.lesioned(exam, order[:, :10])", says="random: not yet.*two chosen lesions.*\nGoing on"),
        t(GROUPS, "groups", says="random: not yet.*Those are the filters.*\nGoing on"),
        t(GROUPS, "two_tasks.lesion(exam, groups)", says="^Line 2 stops, .*AttributeError"),
    ],
    [
        t(TEXTURE, says="without_texture: right."),
        t("projection.erase(variable=learned.faces.texture[:, range(20)], features=learned.features)", says="right."),
        t(SHAPE, says="That erases shape again.*\nGoing on"),
        t(LOT, says="by lot.*\nGoing on"),
        t(TEXTURE.replace("[:, :20]", ""), says="without_texture: right"),
        t(TEXTURE.replace("20", "10"), says="ten directions"),
        t(TEXTURE.replace("learned", "tested"), says="be tested on"),
        t("learned.faces.texture[:, :20]", says="a function is wanted"),
        t(TEXTURE.replace("[:, :20]", "[:20]"), says="^Line 3 stops, .*ValueError"),
        t("projection.erase(learnt.features, learned.faces.texture)", says="^Line 3 stops, .*NameError"),
    ],
    [t('"eyes user"', says="tau"), t('"nose user"', says="^Line 2 stops, .*KeyError")],
    [
        t('return treatment.treat(patient, network, new, "retraining")', says="not practised "),
        t("network", says="Nothing returned yet"),
        t('return treatment.treat(patient, network, new, "rest")', says="Line 2 stops, .*no treatment 'rest'"),
        t("return netwrk", says="Line 2 stops, .*NameError"),
    ],
]
