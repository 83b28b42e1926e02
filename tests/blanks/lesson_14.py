"""Lesson 14: filters by lot, a control for two lesions, three erasers, another observer, a treatment of one's own."""

from blanks import t

GROUPS, RANDOM = "two_tasks.random_groups(48, 10, 200)", "two_tasks.lesioned(exam, groups)"
SHAPE = "projection.erase(learned.features, learned.faces.shape[:, :20])"
TEXTURE, LOT = SHAPE.replace("shape", "texture"), "projection.erase_random(learned.features, 20, rng=0)"


def tested(eraser: str) -> str:
    return eraser.replace("learned", "tested")


CELLS = [
    [
        t("np.random.default_rng().choice(48, 10, replace=False)", says="^10 filters silenced: people, things"),
        t("[3, 3, 7]", says="^2 filters silenced"),
        t("np.random.default_rng().choice(48, 60, replace=False)", says="^Line 1 stops, .*ValueError"),
        t("[48]", says="^Line 8 stops, .*there is no unit 48"),
    ],
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
        t(SHAPE, TEXTURE, LOT, says="without_shape: right.\nwithout_texture: right.\nby_lot: right."),
        t(
            "projection.erase(variable=learned.faces.shape[:, :20], features=learned.features)",
            "projection.erase(learned.features, learned.faces[:].texture[:, range(20)])",
            "projection.erase_random(learned.features, 20)",
            says="without_shape: right.\nwithout_texture: right.\nby_lot: right.",
        ),
        t(SHAPE, says="without_texture: still blank.*\nby_lot: still blank.*\nGoing on"),
        t(
            TEXTURE,
            SHAPE,
            SHAPE,
            says="That erases texture.*\n.*That erases shape again.*\n.*must not look at it.*\nGo",
        ),
        t(LOT, LOT, LOT.replace("20", "10"), says="by lot.*\n.*by lot.*\n.*ten directions"),
        t(
            SHAPE.replace("[:, :20]", ""),
            TEXTURE.replace("[:, :20]", ""),
            LOT,
            says="right.*\n.*right.*\nby_lot: right",
        ),
        t(SHAPE.replace("20", "10"), TEXTURE.replace("20", "10"), LOT, says="ten dir.*\n.*ten dir.*\nby_lot: right"),
        t(tested(SHAPE), tested(TEXTURE), tested(LOT), says="be tested on.*\n.*be tested on.*\n.*that are tested"),
        t("learned.faces.shape[:, :20]", TEXTURE, LOT, says="a function is wanted"),
        t(SHAPE.replace("[:, :20]", "[:20]"), TEXTURE, LOT, says="^Line 1 stops, .*ValueError"),
        t("projection.erase(learnt.features, learned.faces.shape)", says="^Line 1 stops, .*NameError"),
    ],
    [t('"eyes user"', says="tau"), t('"nose user"', says="^Line 2 stops, .*KeyError")],
    [
        t('return treatment.treat(patient, network, new, "retraining")', says="not practised "),
        t("network", says="Nothing returned yet"),
        t('return treatment.treat(patient, network, new, "rest")', says="Line 2 stops, .*no treatment 'rest'"),
        t("return netwrk", says="Line 2 stops, .*NameError"),
    ],
]
