"""Lesson 05: a contrastive loss, prediction errors, a lamp that pays."""

from blanks import t

ERROR, VALUE = "reward - value", "value + rate * error"
LAMPS = """rng = np.random.default_rng(0)
rich = snapshots(women[[4, 5, 6, 7]], {n}, azimuth=(-60, -10), rng=2)
poor = snapshots(women[[0, 1, 2, 3]], {n}, azimuth=(10, 60), rng=3)
at_left = rng.random({n}) < 0.5
at = at_left[:, None, None, None]
one, two = np.where(at, rich.images, poor.images), np.where(at, poor.images, rich.images)
coins = rng.random(({n}, 2)) < np.where(np.stack([at_left, ~at_left], 1), 0.9, 0.1)
chooser = nn.Sequential(encoder(), nn.Linear(32, 1))
paid = reinforcement.reinforce(chooser, one, two, coins, epochs=16, rate=4e-3)
worth = live.features(chooser, new.images)[:, 0]
a, b = rng.choice(np.flatnonzero(new.identity > 3), 400), rng.choice(np.flatnonzero(new.identity < 4), 400)
return {answer}"""
TESTED, TRAINED = "np.where(worth[a] > worth[b], 0.9, 0.1).mean()", "paid[-1]['reward']"

CELLS = [
    [
        t("-np.log(np.exp(cosines[0] / tau) / np.sum(np.exp(cosines / tau)))", says="loss: right.\n0.131 is small"),
        t("np.log(np.sum(np.exp(cosines / tau))) - cosines[0] / tau", says="loss: right"),
        t("0.1305", says="loss: right"),
        t("np.log(np.exp(cosines[0] / tau) / np.sum(np.exp(cosines / tau)))", says="not yet.*which sign"),
        t("np.exp(cosines[0] / tau) / np.sum(np.exp(cosines / tau))", says="not yet.*share itself"),
        t("-np.log(np.exp(cosines[0]) / np.sum(np.exp(cosines)))", says="not yet.*temperature is forgotten"),
        t("-np.log(np.exp(cosines[0] / tau) / np.sum(np.exp(cosines[1:] / tau)))", says="not yet.*counts in the sum"),
        t("-np.log(np.exp(cosines / tau) / np.exp(cosines / tau).sum())", says="not yet.*three losses"),
        t("-np.log(cosines[0] / cosines.sum())", says="not yet.*from exponentials"),
        t("-np.log(np.exp(cosine[0] / tau))", says="^Line 3 stops, .*NameError"),
    ],
    [
        t(ERROR, VALUE, says="error 0.625, value 0.6875\nerror: right.\nvalue: right.\nShe is now worth 0.6875"),
        t("-(value - reward)", "(1 - rate) * value + rate * reward", says="error: right.\nvalue: right."),
        t("value - reward", VALUE, says="error: not yet.*sign is turned"),
        t("reward", VALUE, says="error: not yet.*what came"),
        t("rate * (reward - value)", "value + error", says="error: not yet.*rate belongs"),
        t(ERROR, "value + error", says="value: not yet.*whole error"),
        t(ERROR, "rate * error", says="value: not yet.*step alone"),
        t(ERROR, "value - rate * error", says="value: not yet.*away from"),
        t(ERROR, "value + rate * reward", says="value: not yet.*without end"),
        t(ERROR, "error", says="value: not yet.*whole error"),
        t(ERROR, says="error: right.\nvalue: still blank"),
        t("...", VALUE, says="still blank"),
        t("rewards - value", VALUE, says="^Line 4 stops, .*NameError"),
    ],
    [
        t(LAMPS.format(n=600, answer=TESTED), says="0.[45]. coins a choice; chance is 0.5$"),
        t(LAMPS.format(n=600, answer=TRAINED), says="what it gets in training"),
        t("paid = live.fit(chooser)", says="^Line 2 stops"),
    ],
]
