"""Other right and typical wrong solutions of the assignment `learning_rules`."""

ALTERNATIVES = {
    "loops in plain Python": {
        "told": """
def told(weights, inputs, names):
    k, c = weights.shape
    loss, slope = 0.0, [[0.0] * c for _ in range(k)]
    for x, name in zip(inputs, names):
        powers = [np.exp(sum(x[i] * weights[i][j] for i in range(k))) for j in range(c)]
        for j in range(c):
            p = powers[j] / sum(powers)
            if j == name:
                loss -= np.log(p)
            for i in range(k):
                slope[i][j] += x[i] * (p - (j == name)) / len(names)
    return loss / len(names), slope
""",
        "alike": """
def contrastive_loss(first, second, tau):
    def cosine(a, b):
        return sum(p * q for p, q in zip(a, b)) / sum(p * p for p in a) ** 0.5 / sum(q * q for q in b) ** 0.5

    n, total = len(first), 0
    for k in range(n):
        for me, partner, mine, theirs in ((first[k], second[k], first, second), (second[k], first[k], second, first)):
            others = [mine[m] for m in range(n) if m != k] + list(theirs)
            share = np.exp(cosine(me, partner) / tau) / sum(np.exp(cosine(me, other) / tau) for other in others)
            total -= np.log(share)
    return total / (2 * n)
""",
        "values": """
def follow(chosen, rewards, rate, options):
    values, errors = [[0.0] * options], []
    for c, r in zip(chosen, rewards):
        errors.append(r - values[-1][c])
        values.append([v + rate * errors[-1] if k == c else v for k, v in enumerate(values[-1])])
    return values[:-1], errors
""",
        "moments": """
def trial(values, rewards, cue, rate, discount):
    new, errors = list(values), [0.0]
    for t in range(1, len(values)):
        errors.append(rewards[t] + discount * values[t] - values[t - 1])
        if t - 1 >= cue:
            new[t - 1] = values[t - 1] + rate * errors[t]
    return new, errors
""",
        "mend": """
def choose_step(worth, choice, reward, expected, rate):
    total = sum(np.exp(w) for w in worth)
    new = []
    for k, w in enumerate(worth):
        push = 1 - np.exp(w) / total if k == choice else -np.exp(w) / total
        new.append(w + rate * (reward - expected) * push)
    return new, (1 - rate) * expected + rate * reward
""",
    },
    "torch finds the gradients": {
        "told": """
import torch

def told(weights, inputs, names):
    w = torch.tensor(weights, requires_grad=True)
    loss = torch.nn.functional.cross_entropy(torch.tensor(inputs) @ w, torch.tensor(names))
    loss.backward()
    return loss, w.grad
""",
        "alike": """
def contrastive_loss(first, second, tau):
    from kit.networks.basics import selfsupervised
    return selfsupervised.contrastive_loss(torch.tensor(first), torch.tensor(second), tau)
""",
        "values": """
from kit.networks.basics.reinforcement import rescorla_wagner as follow
""",
        "mend": """
def choose_step(worth, choice, reward, expected, rate):
    w = torch.tensor(worth, requires_grad=True)
    loss = -(reward - expected) * torch.log_softmax(w, 0)[choice]
    loss.backward()
    return (w - rate * w.grad).detach(), expected + rate * (reward - expected)
""",
    },
    "log-sum-exp, matrices, one copy at a time": {
        "told": """
from scipy.special import logsumexp

def told(weights, inputs, names):
    logs = inputs @ weights
    logs = logs - logsumexp(logs, axis=1, keepdims=True)
    one_hot = (names[:, None] == np.arange(weights.shape[1])).astype(float)
    return -(one_hot * logs).sum(axis=1).mean(), np.einsum("nk,nc->kc", inputs, np.exp(logs) - one_hot) / len(names)
""",
        "alike": """
def contrastive_loss(first, second, tau):
    a, b = (m / np.sqrt((m**2).sum(1, keepdims=True)) for m in (first, second))
    n = len(a)
    block = np.block([[a @ a.T - 9e9 * np.eye(n), a @ b.T], [b @ a.T, b @ b.T - 9e9 * np.eye(n)]]) / tau
    return float(np.mean(logsumexp(block, axis=1)) - np.sum(a * b) / n / tau)
""",
        "values": """
def follow(chosen, rewards, rate, options):
    values = np.zeros((len(chosen) + 1, options))
    for t, (c, r) in enumerate(zip(chosen, rewards)):
        values[t + 1] = values[t]
        values[t + 1, c] = (1 - rate) * values[t, c] + rate * r
    return values[:-1], rewards - values[np.arange(len(chosen)), chosen]
""",
        "moments": """
def trial(values, rewards, cue, rate, discount):
    errors = np.append(0, rewards[1:] + discount * values[1:] - values[:-1])
    may_learn = np.arange(len(values)) >= cue
    return values + rate * may_learn * np.append(errors[1:], 0), errors
""",
    },
}

TOLD = """
def told(weights, inputs, names):
    sums = inputs @ weights
    p = np.exp(sums - sums.max(axis=1, keepdims=True))
    p = p / p.sum(axis=1, keepdims=True)
    n = len(names)
    target = np.eye(weights.shape[1])[names]
    return -np.mean(np.log(p[np.arange(n), names])), inputs.T @ (p - target) / n
"""
ALIKE = """
def contrastive_loss(first, second, tau):
    rows = np.concatenate([first, second])
    rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    powers = np.exp(rows @ rows.T / tau)
    np.fill_diagonal(powers, 0)
    n = len(first)
    partner = np.roll(np.arange(2 * n), n)
    return -np.mean(np.log(powers[np.arange(2 * n), partner] / powers.sum(axis=1)))
"""
VALUES = """
def follow(chosen, rewards, rate, options):
    value, values, errors = np.zeros(options), [], []
    for option, reward in zip(chosen, rewards):
        values.append(value.copy())
        errors.append(reward - value[option])
        value[option] += rate * errors[-1]
    return np.array(values), np.array(errors)
"""
MOMENTS = """
def trial(values, rewards, cue, rate, discount):
    errors = np.zeros(len(values))
    errors[1:] = rewards[1:] + discount * values[1:] - values[:-1]
    after = np.array(values, float)
    after[cue:-1] += rate * errors[cue + 1 :]
    return after, errors
"""
BROKEN = """
def choose_step(worth, choice, reward, expected, rate):
    expected = expected + rate * (reward - expected)
    error = reward - expected
    p = np.exp(worth) / np.exp(worth).sum()
    worth[choice] += rate * error * (1 - p[choice])
    return worth, expected
"""
MENDED = """
def choose_step(worth, choice, reward, expected, rate):
    error = reward - expected
    p = np.exp(worth) / np.exp(worth).sum()
    taken = np.arange(len(worth)) == choice
    return worth + rate * error * (taken - p), expected + rate * error
"""
FALLS = """
def falls():
    return {{"each picture": [], "each pair": {}, "each woman": {}, "each coin": {}}}
"""
ALL = ["supervised", "contrastive", "reward"]


def other(cell, source, *changes):
    """A source with pairs of texts exchanged; each must be there."""
    for old, new in changes:
        assert old in source, old
        source = source.replace(old, new)
    return {cell: source}


TIMING = (
    "    expected = expected + rate * (reward - expected)\n    error = reward - expected\n",
    "    error = reward - expected\n    expected = expected + rate * error\n",
)
OTHERS = (
    "worth[choice] += rate * error * (1 - p[choice])",
    "worth += rate * error * ((np.arange(len(p)) == choice) - p)",
)
COPY = ("    worth[choice]", "    worth = worth.copy()\n    worth[choice]")

WRONG = {
    "sums in place of means": (
        other("told", TOLD, ("np.mean", "np.sum"), (" / n", "")),
        {"told-visible": 0, "told-hidden": 0},
    ),
    "the gradient of the sum": (other("told", TOLD, (" / n", "")), {"told-visible": 0.5, "told-hidden": 1}),
    "target minus probability": (
        other("told", TOLD, ("(p - target)", "(target - p)")),
        {"told-visible": 0.5, "told-hidden": 1},
    ),
    "no targets": (other("told", TOLD, ("(p - target)", "p")), {"told-visible": 0.5, "told-hidden": 1}),
    "only the true name's weights": (
        other("told", TOLD, ("(p - target)", "((p - 1) * target)")),
        {"told-visible": 0.5, "told-hidden": 1},
    ),
    "softmax along the wrong axis": (
        other("told", TOLD, ("axis=1", "axis=0")),
        {"told-visible": 0, "told-hidden": 0},
    ),
    "the gradient on its side": (
        other("told", TOLD, ("inputs.T @ (p - target)", "(p - target).T @ inputs")),
        {"told-visible": 0.5, "told-hidden": 1},
    ),
    "the loss without the gradient": (
        other("told", TOLD, (", inputs.T @ (p - target) / n", "")),
        {"told-visible": 0, "told-hidden": 0},
    ),
    "rows are not given the length 1": (
        other("alike", ALIKE, ("rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)", "pass")),
        {"alike-visible": 1, "alike-hidden": 2.5},
    ),
    "one length for all rows": (
        other("alike", ALIKE, ("np.linalg.norm(rows, axis=1, keepdims=True)", "np.linalg.norm(rows)")),
        {"alike-visible": 0, "alike-hidden": 0.5},
    ),
    "each row is compared with itself": (
        other("alike", ALIKE, ("np.fill_diagonal(powers, 0)", "pass")),
        {"alike-visible": 0, "alike-hidden": 0.5},
    ),
    "times the temperature": (
        other("alike", ALIKE, (".T / tau", ".T * tau")),
        {"alike-visible": 0, "alike-hidden": 0.5},
    ),
    "one direction only": (
        {
            "alike": """
def contrastive_loss(first, second, tau):
    a, b = (m / np.linalg.norm(m, axis=1, keepdims=True) for m in (first, second))
    powers = np.exp(a @ b.T / tau)
    return -np.mean(np.log(np.diag(powers) / powers.sum(axis=1)))
"""
        },
        {"alike-visible": 0, "alike-hidden": 0.5},
    ),
    "the neighbour is taken for the partner": (
        other("alike", ALIKE, ("np.arange(2 * n), n)", "np.arange(2 * n), 1)")),
        {"alike-visible": 0, "alike-hidden": 0.5},
    ),
    "without the minus": (other("alike", ALIKE, ("-np.mean", "np.mean")), {"alike-visible": 0, "alike-hidden": 0.5}),
    "given rows are changed in place": (
        other(
            "alike",
            ALIKE,
            (
                "    rows = np.concatenate([first, second])\n",
                "    first /= np.linalg.norm(first, axis=1, keepdims=True)\n"
                "    rows = np.concatenate([first, second])\n",
            ),
        ),
        {"alike-hidden": 3},
    ),
    "no copy of the values": (
        other("values", VALUES, ("value.copy()", "value")),
        {"values-visible": 1, "values-hidden": 1},
    ),
    "values after each trial": (
        other(
            "values",
            VALUES,
            ("        values.append(value.copy())\n", ""),
            ("+= rate * errors[-1]\n", "+= rate * errors[-1]\n        values.append(value.copy())\n"),
        ),
        {"values-visible": 1, "values-hidden": 1},
    ),
    "all options learn": (
        other("values", VALUES, ("value[option] += rate * errors[-1]", "value += rate * (reward - value)")),
        {"values-visible": 0, "values-hidden": 0.5},
    ),
    "value minus reward": (
        other("values", VALUES, ("reward - value[option]", "value[option] - reward"), ("+= rate", "-= rate")),
        {"values-visible": 1, "values-hidden": 1.5},
    ),
    "the rate is missing in values": (
        other("values", VALUES, ("rate * errors", "errors")),
        {"values-visible": 0, "values-hidden": 0.5},
    ),
    "the error after learning": (
        other(
            "values",
            VALUES,
            ("        errors.append(reward - value[option])\n", ""),
            (
                "value[option] += rate * errors[-1]\n",
                "value[option] += rate * (reward - value[option])\n        errors.append(reward - value[option])\n",
            ),
        ),
        {"values-visible": 1, "values-hidden": 1.5},
    ),
    "no discount": (
        other("moments", MOMENTS, ("discount * ", "")),
        {"moments-visible": 1, "moments-hidden": 0.5},
    ),
    "the moment before is discounted": (
        other("moments", MOMENTS, ("discount * values[1:] - values", "values[1:] - discount * values")),
        {"moments-visible": 1, "moments-hidden": 0.5},
    ),
    "the error teaches its own moment": (
        other("moments", MOMENTS, ("after[cue:-1] += rate * errors[cue + 1 :]", "after[cue:] += rate * errors[cue:]")),
        {"moments-visible": 1.5, "moments-hidden": 2},
    ),
    "moments before the cue learn": (
        other("moments", MOMENTS, ("after[cue:-1] += rate * errors[cue + 1 :]", "after[:-1] += rate * errors[1:]")),
        {"moments-visible": 2, "moments-hidden": 2},
    ),
    "backwards, with values that have changed": (
        {
            "moments": """
def trial(values, rewards, cue, rate, discount):
    after, errors = values.copy(), np.zeros(len(values))
    for t in range(len(values) - 1, 0, -1):
        errors[t] = rewards[t] + discount * after[t] - after[t - 1]
        if t - 1 >= cue:
            after[t - 1] += rate * errors[t]
    return after, errors
"""
        },
        {"moments-visible": 0, "moments-hidden": 1},
    ),
    "given values are changed in place": (
        other("moments", MOMENTS, ("np.array(values, float)", "values")),
        {"moments-hidden": 3},
    ),
    "the rate is missing in a trial": (
        other("moments", MOMENTS, ("rate * ", "")),
        {"moments-visible": 1.5, "moments-hidden": 2.5},
    ),
    "expected minus what came": (
        other(
            "moments",
            MOMENTS,
            (
                "= rewards[1:] + discount * values[1:] - values[:-1]",
                "= values[:-1] - rewards[1:] - discount * values[1:]",
            ),
            ("+= rate", "-= rate"),
        ),
        {"moments-visible": 1.5, "moments-hidden": 1.5},
    ),
    "nothing is mended": ({"mend": BROKEN}, {"mend-visible": 0.5, "mend-hidden": 0.5}),
    "only the timing": (other("mend", BROKEN, TIMING), {"mend-visible": 0.5, "mend-hidden": 2}),
    "only the other options": (other("mend", BROKEN, OTHERS), {"mend-visible": 0.5, "mend-hidden": 1.5}),
    "only the copy": (other("mend", BROKEN, COPY), {"mend-visible": 0.5, "mend-hidden": 1.5}),
    "all but the copy": (other("mend", BROKEN, TIMING, OTHERS), {"mend-hidden": 3}),
    "away from what paid": (
        other("mend", MENDED, ("worth + rate", "worth - rate")),
        {"mend-visible": 0.5, "mend-hidden": 2.5},
    ),
    "the expectation does not learn": (
        other("mend", MENDED, ("expected + rate * error", "expected")),
        {"mend-visible": 1, "mend-hidden": 3.5},
    ),
    "no rule takes any shortcut": ({"shortcut": FALLS.format([], [], [])}, {"shortcut-hidden": 0}),
    "contrast is thought safe from each woman's tint": (
        {"shortcut": FALLS.format(["contrastive"], ["supervised", "reward"], ["reward"])},
        {"shortcut-hidden": 1},
    ),
    "a pair's tint is thought to help all": (
        {"shortcut": FALLS.format(ALL, ALL, ["reward"])},
        {"shortcut-hidden": 1.5},
    ),
    "texts in place of lists": (
        {"shortcut": FALLS.format("'contrastive'", ALL, "'reward'")},
        {"shortcut-visible": 0, "shortcut-hidden": 0},
    ),
}
