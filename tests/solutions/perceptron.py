"""Other right and typical wrong solutions of the assignment `perceptron`."""

ALTERNATIVES = {
    "plain loops, a bias as one more weight": {
        "answer": """
def answer(inputs, weights, bias):
    out = []
    for row in inputs:
        activation = bias
        for x, w in zip(row, weights):
            activation += x * w
        out.append(1 if activation > 0 else 0)
    return out
""",
        "learn": """
def learn(weights, bias, x, target, rate):
    longer, weighed = [*x, 1.0], [*weights, bias]
    fires = sum(a * b for a, b in zip(longer, weighed)) > 0
    if fires and target == 0:
        weighed = [w - rate * a for w, a in zip(weighed, longer)]
    if not fires and target == 1:
        weighed = [w + rate * a for w, a in zip(weighed, longer)]
    return weighed[:-1], weighed[-1]
""",
        "train": """
def train(inputs, targets, epochs, rate):
    longer = np.column_stack([inputs, np.ones(len(inputs))])
    w, history = np.zeros(longer.shape[1]), []
    while len(history) < epochs and 0 not in history:
        wrong = 0
        for i in range(len(longer)):
            output = longer[i] @ w > 0
            if output != targets[i]:
                w += rate * longer[i] if targets[i] else -rate * longer[i]
                wrong += 1
        history.append(wrong)
    return w[:-1], w[-1], history
""",
        "same": """
def pair_inputs(left, right):
    return np.array([[abs(a - b)] for a, b in zip(left, right)])
""",
    },
    "built on the exercises before and on the kit": {
        "answer": """
def answer(inputs, weights, bias):
    return np.heaviside(np.einsum("nk,k->n", inputs, weights) + bias, 0)
""",
        "learn": """
def learn(weights, bias, x, target, rate):
    unit = perceptron.Perceptron(weights, bias).learn(x, target, rate)
    return unit.weights, unit.bias
""",
        "train": """
def train(inputs, targets, epochs, rate):
    weights, bias, history = np.zeros(inputs.shape[1]), 0.0, []
    for _ in range(epochs):
        mistakes = 0
        for x, target in zip(inputs, targets):
            before = (weights, bias)
            weights, bias = learn(weights, bias, x, target, rate)
            mistakes += bias != before[1]
        history.append(mistakes)
        if not mistakes:
            return weights, bias, history
    return weights, bias, history
""",
        "can": """
def can_learn():
    lamps = np.array([[a, b, c] for a in (0, 1) for b in (0, 1) for c in (0, 1)])
    a, b, c = lamps.T
    questions = {"majority": a + b + c > 1, "odd": (a + b + c) % 2 > 0, "first without third": (a > c),
                 "all alike": (a == b) & (b == c)}
    return {name: train(lamps, wanted * 1, 1000, 1.0)[2][-1] == 0 for name, wanted in questions.items()}
""",
        "mend": """
def honest_test(photos, targets, n_train):
    weights, bias, _ = train(photos[:n_train], targets[:n_train], 200, 1)
    return np.mean(answer(photos[n_train:], weights, bias) == targets[n_train:])
""",
        "same": """
def pair_inputs(left, right):
    return np.stack([(left > 0) & (right < 0), (left < 0) & (right > 0)], axis=1).astype(float)
""",
    },
    "three inputs for each pair": {
        "same": """
def pair_inputs(left, right):
    return np.column_stack([left, right, left * right])
""",
    },
}

LEARN = """
def learn(weights, bias, x, target, rate):
    error = target - int(x @ weights + bias > 0)
    return {}
"""
TRAIN = """
def train(inputs, targets, epochs, rate):
    weights, bias, history = np.zeros(inputs.shape[1]), 0.0, []
    for _ in range(epochs):
        mistakes = 0
        for x, target in zip(inputs, targets):
            error = target - int(x @ weights + bias > 0)
            weights, bias = weights + rate * error * x, bias + rate * error
            mistakes += abs(error)
        history.append(int(mistakes))
        {}
    return weights, bias, history
"""
MEND = """
def honest_test(photos, targets, n_train):
    weights, bias = np.zeros(photos.shape[1]), 0.0
    for _ in range(200):
        for x, target in zip(photos{0}, targets{0}):
            error = target - int(x @ weights {1} > 0)
            weights, bias = weights + error * x, bias + error
    return np.mean((photos{2} @ weights {1} > 0) == targets{2})
"""

WRONG = {
    "the bias is forgotten": (
        {"answer": "def answer(inputs, weights, bias):\n    return (inputs @ weights > 0) * 1"},
        {"answer-visible": 0, "answer-hidden": 1},
    ),
    "it fires at the threshold": (
        {"answer": "def answer(inputs, weights, bias):\n    return (inputs @ weights + bias >= 0) * 1"},
        {"answer-visible": 1},
    ),
    "the activation instead of the answer": (
        {"answer": "def answer(inputs, weights, bias):\n    return inputs @ weights + bias"},
        {"answer-visible": 0, "answer-hidden": 0},
    ),
    "the visible answers by heart": (
        {"answer": "def answer(inputs, weights, bias):\n    return ([1, 0, 1] if len(inputs) == 3 else [0, 0])"},
        {"answer-hidden": 0},
    ),
    "printed, not returned": (
        {"answer": "def answer(inputs, weights, bias):\n    print((inputs @ weights + bias > 0) * 1)"},
        {"answer-visible": 0, "answer-hidden": 0},
    ),
    "the error has the wrong sign": (
        {"learn": LEARN.format("weights - rate * error * x, bias - rate * error")},
        {"learn-visible": 1, "learn-hidden": 0},
    ),
    "the bias does not learn": (
        {"learn": LEARN.format("weights + rate * error * x, bias")},
        {"learn-visible": 1, "learn-hidden": 0},
    ),
    "the learning rate is missing": (
        {"learn": LEARN.format("weights + error * x, bias + error")},
        {"learn-visible": 2, "learn-hidden": 0},
    ),
    "the learning rate is used twice": (
        {"learn": LEARN.format("weights + rate * rate * error * x, bias + rate * rate * error")},
        {"learn-visible": 2, "learn-hidden": 0},
    ),
    "the given weights are changed in place": (
        {
            "learn": LEARN.replace(
                "    return {}", "    weights += rate * error * x\n    return weights, bias + rate * error"
            )
        },
        {"learn-hidden": 3},
    ),
    "the bias takes no part in the output": (
        {"learn": LEARN.replace(" + bias > 0", " > 0").format("weights + rate * error * x, bias + rate * error")},
        {"learn-hidden": 3},
    ),
    "it does not stop when all is right": ({"train": TRAIN.format("")}, {"train-visible": 2, "train-hidden": 3}),
    "each epoch begins with zeros": (
        {
            "train": TRAIN.format("").replace(
                "        mistakes = 0", "        mistakes, weights, bias = 0, weights * 0, 0"
            )
        },
        {"train-visible": 1, "train-hidden": 1},
    ),
    "one epoch too few": (
        {"train": TRAIN.replace("range(epochs)", "range(epochs - 1)").format("if not mistakes: break")},
        {"train-visible": 2, "train-hidden": 2},
    ),
    "the weights change once an epoch": (
        {
            "train": """
def train(inputs, targets, epochs, rate):
    weights, bias, history = np.zeros(inputs.shape[1]), 0.0, []
    while len(history) < epochs and 0 not in history:
        error = targets - (inputs @ weights + bias > 0)
        weights, bias = weights + rate * error @ inputs, bias + rate * error.sum()
        history.append(int(np.abs(error).sum()))
    return weights, bias, history
"""
        },
        {"train-visible": 1, "train-hidden": 0},
    ),
    "mistakes are counted after learning": (
        {
            "train": TRAIN.replace("abs(error)", "abs(target - int(x @ weights + bias > 0))").format(
                "if not mistakes: break"
            )
        },
        {"train-visible": 0, "train-hidden": 2},
    ),
    "every question can be learned": (
        {
            "can": "def can_learn():\n"
            '    return {"majority": True, "odd": True, "first without third": True, "all alike": True}'
        },
        {"can-hidden": 0},
    ),
    "all alike is thought to be easy": (
        {
            "can": "def can_learn():\n"
            '    return {"majority": True, "odd": False, "first without third": True, "all alike": True}'
        },
        {"can-hidden": 1.5},
    ),
    "only the leak is mended": ({"mend": MEND.format("[:n_train]", "", "[n_train:]")}, {"mend-hidden": 1}),
    "only the bias is mended": (
        {"mend": MEND.format("", "+ bias", "[n_train:]")},
        {"mend-visible": 0, "mend-hidden": 2},
    ),
    "the old photos are tested as well": (
        {"mend": MEND.format("[:n_train]", "+ bias", "")},
        {"mend-visible": 0, "mend-hidden": 2},
    ),
    "the training photos are tested": (
        {"mend": MEND.format("[:n_train]", "+ bias", "[:n_train]")},
        {"mend-visible": 0, "mend-hidden": 2},
    ),
    "the two activations as they are": (
        {"same": "def pair_inputs(left, right):\n    return np.column_stack([left, right])"},
        {"same-visible": 0.5, "same-hidden": 0},
    ),
    "their difference": (
        {"same": "def pair_inputs(left, right):\n    return (left - right)[:, None]"},
        {"same-visible": 0.5, "same-hidden": 0},
    ),
    "one long row": (
        {"same": "def pair_inputs(left, right):\n    return left * right"},
        {"same-visible": 0, "same-hidden": 0},
    ),
    "the four visible pairs by heart": (
        {"same": "def pair_inputs(left, right):\n    return np.array([[0], [1], [1], [0]])"},
        {"same-hidden": 0},
    ),
}
