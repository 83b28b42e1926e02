"""Other right and typical wrong solutions of the assignment `backprop`."""

ALTERNATIVES = {
    "loops over examples": {
        "chain": """
def chain(w, b, v, x, t):
    a = w * x + b
    h = a if a > 0 else 0
    y = v * h
    dy = 2 * (y - t)
    dv, dh = dy * h, dy * v
    da = dh if a > 0 else 0
    return {"loss": (y - t) ** 2, "w": da * x, "b": da, "v": dv}
""",
        "forward": """
def forward(W1, b1, W2, b2, inputs):
    hidden, p = [], []
    for x in inputs:
        h = [np.tanh(sum(x[i] * W1[i][j] for i in range(len(x))) + b1[j]) for j in range(len(b1))]
        hidden.append(h)
        p.append(1 / (1 + np.exp(-sum(a * w for a, w in zip(h, W2)) - b2)))
    return hidden, p

def cross_entropy(p, targets):
    total = 0
    for each, target in zip(p, targets):
        total -= np.log(each) if target == 1 else np.log(1 - each)
    return total / len(p)
""",
        "gradient": """
def gradient(W1, b1, W2, b2, inputs, targets):
    dW1, db1, dW2, db2 = np.zeros(W1.shape), np.zeros(len(b1)), np.zeros(len(W2)), 0.0
    for x, t in zip(inputs, targets):
        h = np.tanh(x @ W1 + b1)
        d = 1 / (1 + np.exp(-(h @ W2 + b2))) - t
        for j in range(len(h)):
            dW2[j] += d * h[j]
            back = d * W2[j] * (1 - h[j] ** 2)
            db1[j] += back
            for i in range(len(x)):
                dW1[i, j] += back * x[i]
        db2 += d
    n = len(targets)
    return {"W1": dW1 / n, "b1": db1 / n, "W2": dW2 / n, "b2": db2 / n}
""",
        "numerical": """
def numerical_gradient(weights, inputs, targets, step):
    w = [float(each) for each in weights]
    out = []
    for k in range(len(w)):
        kept = w[k]
        w[k] = kept + step
        up = loss_of(np.array(w), inputs, targets)
        w[k] = kept - step
        down = loss_of(np.array(w), inputs, targets)
        w[k] = kept
        out.append((up - down) / (2 * step))
    return out
""",
        "torch": """
def train_torch(W1, b1, W2, b2, inputs, targets, steps, rate):
    parts = [torch.tensor(np.array(part), requires_grad=True) for part in (W1, b1, W2, b2)]
    for _ in range(steps):
        p = torch.sigmoid(torch.tanh(torch.tensor(inputs) @ parts[0] + parts[1]) @ parts[2] + parts[3])
        loss = torch.nn.functional.binary_cross_entropy(p, torch.tensor(targets).double())
        slopes = torch.autograd.grad(loss, parts)
        with torch.no_grad():
            for part, slope in zip(parts, slopes):
                part -= rate * slope
    return parts
""",
    },
    "torch finds the gradients, einsum the sums": {
        "chain": """
def chain(w, b, v, x, t):
    w, b, v = (torch.tensor(float(n), requires_grad=True) for n in (w, b, v))
    loss = (v * torch.relu(w * x + b) - t) ** 2
    loss.backward()
    return {"loss": loss.item(), "w": w.grad, "b": b.grad, "v": v.grad}
""",
        "forward": """
def forward(W1, b1, W2, b2, inputs):
    hidden = np.tanh(np.einsum("nk,kh->nh", inputs, W1) + b1)
    return hidden, (1 + np.tanh((np.einsum("nh,h->n", hidden, W2) + b2) / 2)) / 2

def cross_entropy(p, targets):
    return -(targets * np.log(p) + (1 - targets) * np.log(1 - p)).mean()
""",
        "gradient": """
def gradient(W1, b1, W2, b2, inputs, targets):
    parts = [torch.tensor(np.array(part), requires_grad=True) for part in (W1, b1, W2, b2)]
    logit = torch.tanh(torch.tensor(inputs) @ parts[0] + parts[1]) @ parts[2] + parts[3]
    torch.nn.functional.binary_cross_entropy_with_logits(logit, torch.tensor(targets).double()).backward()
    return dict(zip(("W1", "b1", "W2", "b2"), (part.grad for part in parts)))
""",
        "numerical": """
def numerical_gradient(weights, inputs, targets, step):
    moves = step * np.eye(len(weights))
    up = np.array([loss_of(weights + move, inputs, targets) for move in moves])
    down = np.array([loss_of(weights - move, inputs, targets) for move in moves])
    return (up - down) / 2 / step
""",
        "mend": """
def step(W1, b1, W2, b2, inputs, targets, rate):
    parts = [torch.tensor(np.array(part), dtype=torch.float64, requires_grad=True) for part in (W1, b1, W2, b2)]
    output = torch.relu(torch.tensor(inputs) @ parts[0] + parts[1]) @ parts[2] + parts[3]
    ((output - torch.tensor(targets)) ** 2).mean().backward()
    return [(part - rate * part.grad).detach().numpy() for part in parts]
""",
        "torch": """
def train_torch(W1, b1, W2, b2, inputs, targets, steps, rate):
    first, last = torch.nn.Linear(*W1.shape), torch.nn.Linear(len(W2), 1)
    net = torch.nn.Sequential(first, torch.nn.Tanh(), last).double()
    with torch.no_grad():
        first.weight.copy_(torch.tensor(W1.T)), first.bias.copy_(torch.tensor(b1))
        last.weight.copy_(torch.tensor(W2[None])), last.bias.copy_(torch.tensor(b2))
    optimiser = torch.optim.SGD(net.parameters(), lr=rate)
    for _ in range(steps):
        sums = net(torch.tensor(inputs))[:, 0]
        loss = torch.nn.functional.binary_cross_entropy_with_logits(sums, torch.tensor(targets).double())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return [first.weight.T, first.bias, last.weight[0], last.bias[0]]
""",
    },
}

CHAIN = """
def chain(w, b, v, x, t):
    h = {h}
    error = {error}
    at_sum = {two} * error * v{slope}
    return {{"loss": error**2, "w": at_sum{x}, "b": at_sum, "v": {two} * error * h}}
"""
RIGHT_CHAIN = {"h": "max(w * x + b, 0.0)", "error": "v * h - t", "two": "2", "slope": " * (h > 0)", "x": " * x"}
FORWARD = """
def forward(W1, b1, W2, b2, inputs):
    hidden = np.tanh(inputs @ W1 + b1)
    return hidden, 1 / (1 + np.exp(-(hidden @ W2 + b2)))

def cross_entropy(p, targets):
    return -np.mean(np.log(np.where(targets == 1, p, 1 - p)))
"""
GRADIENT = """
def gradient(W1, b1, W2, b2, inputs, targets):
    hidden = np.tanh(inputs @ W1 + b1)
    p = 1 / (1 + np.exp(-(hidden @ W2 + b2)))
    at_output = (p - targets) / len(targets)
    at_hidden = np.outer(at_output, W2) * (1 - hidden**2)
    return {"W1": inputs.T @ at_hidden, "b1": at_hidden.sum(axis=0), "W2": hidden.T @ at_output, "b2": at_output.sum()}
"""
NUMERICAL = """
def numerical_gradient(weights, inputs, targets, step):
    slopes = np.zeros(len(weights))
    for k in range(len(weights)):
        up, down = weights.astype(float), weights.astype(float)
        up[k] = up[k] + step
        down[k] = down[k] - step
        slopes[k] = (loss_of(up, inputs, targets) - loss_of(down, inputs, targets)) / (2 * step)
    return slopes
"""
BROKEN = """
def step(W1, b1, W2, b2, inputs, targets, rate):
    hidden = np.maximum(inputs @ W1 + b1, 0)
    output = hidden @ W2 + b2
    at_output = 2 * (output - targets) / len(targets)
    W2 -= rate * hidden.T @ at_output
    b2 -= rate * at_output.sum()
    at_hidden = np.outer(at_output, W2) * hidden
    W1 -= rate * inputs.T @ at_hidden
    b1 -= rate * at_hidden.sum(axis=0)
    return W1, b1, W2, b2
"""
COPIED = BROKEN.replace("    hidden = np", "    W1, b1, W2, b2 = W1.copy(), b1.copy(), W2.copy(), b2\n    hidden = np")
TORCH = """
def train_torch(W1, b1, W2, b2, inputs, targets, steps, rate):
    weights = [torch.tensor(np.array(part), requires_grad=True) for part in (W1, b1, W2, b2)]
    x, t = torch.tensor(inputs), torch.tensor(targets, dtype=torch.float64)
    optimiser = torch.optim.SGD(weights, lr=rate)
    for _ in range(steps):
        optimiser.zero_grad()
        sums = torch.tanh(x @ weights[0] + weights[1]) @ weights[2] + weights[3]
        torch.nn.functional.binary_cross_entropy_with_logits(sums, t).backward()
        optimiser.step()
    return [part.detach().numpy() for part in weights]
"""


def chain(**changes):
    """The reference with a part replaced."""
    return {"chain": CHAIN.format(**(RIGHT_CHAIN | changes))}


def other(cell, source, *changes):
    """A source with pairs of texts exchanged; each must be there."""
    for old, new in changes:
        assert old in source, old
        source = source.replace(old, new)
    return {cell: source}


WRONG = {
    "the slope of the square without 2": (chain(two="1"), {"chain-visible": 1.5, "chain-hidden": 1}),
    "the error has the wrong sign": (chain(error="t - v * h"), {"chain-visible": 1.5, "chain-hidden": 1}),
    "the rectifier's slope is always 1": (chain(slope=""), {"chain-visible": 2, "chain-hidden": 2}),
    "the rectifier's slope is its value": (chain(slope=" * h"), {"chain-visible": 2, "chain-hidden": 2}),
    "no rectifier at all": (chain(h="w * x + b", slope=""), {"chain-visible": 2, "chain-hidden": 2}),
    "x is missing on the way to w": (chain(x=""), {"chain-visible": 2, "chain-hidden": 2}),
    "the example by heart": (
        {"chain": 'def chain(w, b, v, x, t):\n    return {"loss": 25, "w": 60, "b": 30, "v": 20}'},
        {"chain-visible": 2, "chain-hidden": 0},
    ),
    "the first bias is forgotten": (
        other("forward", FORWARD, ("@ W1 + b1", "@ W1")),
        {"forward-visible": 1, "forward-hidden": 1},
    ),
    "probabilities as a column": (
        other("forward", FORWARD, ("hidden @ W2", "hidden @ W2[:, None]")),
        {"forward-visible": 1.5, "forward-hidden": 1.5},
    ),
    "the loss is a sum": (
        other("forward", FORWARD, ("np.mean", "np.sum")),
        {"forward-visible": 1, "forward-hidden": 1},
    ),
    "only targets of 1 count in the loss": (
        other("forward", FORWARD, ("np.where(targets == 1, p, 1 - p)", "p[targets == 1]")),
        {"forward-visible": 1, "forward-hidden": 1},
    ),
    "the gradient of the sum, not of the mean": (
        other("gradient", GRADIENT, (" / len(targets)", "")),
        {"gradient-visible": 0, "gradient-hidden": 0},
    ),
    "uphill": (
        other("gradient", GRADIENT, ("(p - targets)", "(targets - p)")),
        {"gradient-visible": 0, "gradient-hidden": 0},
    ),
    "the slope of tanh is missing": (
        other("gradient", GRADIENT, (" * (1 - hidden**2)", "")),
        {"gradient-visible": 1, "gradient-hidden": 2},
    ),
    "the slope of tanh without the square": (
        other("gradient", GRADIENT, ("hidden**2", "hidden")),
        {"gradient-visible": 1, "gradient-hidden": 2},
    ),
    "the mean of b1 taken twice": (
        other("gradient", GRADIENT, ("at_hidden.sum(axis=0)", "at_hidden.mean(axis=0)")),
        {"gradient-visible": 1, "gradient-hidden": 3.5},
    ),
    "the loss instead of its gradient": (
        {"gradient": "def gradient(*all):\n    p = forward(*all[:5])[1]\n    return cross_entropy(p, all[5])"},
        {"gradient-visible": 0, "gradient-hidden": 0},
    ),
    "weights are moved one way only": (
        other("numerical", NUMERICAL, ("down[k] - step", "down[k]"), ("(2 * step)", "step")),
        {"numerical-hidden": 1},
    ),
    "divided by one step": (
        other("numerical", NUMERICAL, ("(2 * step)", "step")),
        {"numerical-visible": 0, "numerical-hidden": 0},
    ),
    "a copy of whole numbers": (
        other("numerical", NUMERICAL, ("weights.astype(float)", "weights.copy()")),
        {"numerical-visible": 1},
    ),
    "moved and not put back": (
        {
            "numerical": """
def numerical_gradient(weights, inputs, targets, step):
    slopes = []
    for k in range(len(weights)):
        weights[k] += step
        up = loss_of(weights, inputs, targets)
        weights[k] -= 2 * step
        slopes.append((up - loss_of(weights, inputs, targets)) / (2 * step))
    return np.array(slopes)
"""
        },
        {"numerical-visible": 1, "numerical-hidden": 1},
    ),
    "all weights are moved at once": (
        other("numerical", NUMERICAL, ("up[k] = up[k]", "up = up"), ("down[k] = down[k]", "down = down")),
        {"numerical-visible": 0, "numerical-hidden": 0},
    ),
    "nothing is mended": ({"mend": BROKEN}, {"mend-visible": 0.5, "mend-hidden": 0.5}),
    "only the caller's arrays are saved": ({"mend": COPIED}, {"mend-visible": 0.5, "mend-hidden": 1.5}),
    "the caller's arrays and the slope": (
        other("mend", COPIED, ("W2) * hidden", "W2) * (hidden > 0)")),
        {"mend-visible": 0.5, "mend-hidden": 2.5},
    ),
    "the slope and the order, in place": (
        {
            "mend": """
def step(W1, b1, W2, b2, inputs, targets, rate):
    hidden = np.maximum(inputs @ W1 + b1, 0)
    at_output = 2 * (hidden @ W2 + b2 - targets) / len(targets)
    at_hidden = np.outer(at_output, W2) * (hidden > 0)
    W2 -= rate * hidden.T @ at_output
    b2 -= rate * at_output.sum()
    W1 -= rate * inputs.T @ at_hidden
    b1 -= rate * at_hidden.sum(axis=0)
    return W1, b1, W2, b2
"""
        },
        {"mend-hidden": 2.5},
    ),
    "gradients are never set to zero": (
        other("torch", TORCH, ("        optimiser.zero_grad()\n", "")),
        {"torch-visible": 1, "torch-hidden": 0.5},
    ),
    "the optimiser takes no step": (
        other("torch", TORCH, ("        optimiser.step()\n", "")),
        {"torch-visible": 0, "torch-hidden": 0},
    ),
    "torch shares the caller's memory": (
        other(
            "torch",
            TORCH,
            ("torch.tensor(np.array(part), requires_grad=True)", "torch.from_numpy(part).requires_grad_()"),
        ),
        {"torch-hidden": 2},
    ),
    "another optimiser": (
        other("torch", TORCH, ("optim.SGD", "optim.Adam")),
        {"torch-visible": 0, "torch-hidden": 0.5},
    ),
}
