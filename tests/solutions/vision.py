"""Other right and typical wrong solutions of the assignment `vision`."""

ALTERNATIVES = {
    "loops in plain Python": {
        "convolve": """
def convolve(picture, kernel, stride, padding):
    rows, columns = len(picture), len(picture[0])
    def at(y, x):
        return picture[y][x] if 0 <= y < rows and 0 <= x < columns else 0.0
    out = []
    for top in range(-padding, rows + padding - len(kernel) + 1, stride):
        line = []
        for left in range(-padding, columns + padding - len(kernel[0]) + 1, stride):
            line.append(sum(at(top + a, left + b) * kernel[a][b]
                            for a in range(len(kernel)) for b in range(len(kernel[0]))))
        out.append(line)
    return out
""",
        "pool": """
def max_pool(maps, side):
    out = np.full((len(maps), maps.shape[1] // side, maps.shape[2] // side), -np.inf)
    for k, i, j in np.ndindex(*out.shape):
        for a in range(side):
            for b in range(side):
                out[k, i, j] = max(out[k, i, j], maps[k, i * side + a, j * side + b])
    return out
""",
        "field": """
def receptive_field(layers):
    field, jump = 1, 1
    for kernel, stride in layers:
        field, jump = field + (kernel - 1) * jump, jump * stride
    return [field, jump]

def layers_needed(kernel, stride, field):
    seen, jump, n = 1, 1, 0
    while seen < field:
        seen, jump, n = seen + (kernel - 1) * jump, jump * stride, n + 1
    return n
""",
        "kernel": "def downward_kernel():\n    return [[0, -3, 0], [0, 0, 0], [0, 3, 0]]",
        "attention": """
def attention(query, key, value):
    new, shares = [], []
    for q in query:
        scores = [sum(a * b for a, b in zip(q, k)) / len(k) ** 0.5 for k in key]
        powers = [np.exp(s - max(scores)) for s in scores]
        row = [p / sum(powers) for p in powers]
        shares.append(row)
        new.append([sum(s * v[c] for s, v in zip(row, value)) for c in range(len(value[0]))])
    return new, shares
""",
        "mend": """
def decide(states, threshold):
    choices, times = [], []
    for row in states:
        for glimpse, state in enumerate(row, 1):
            if abs(state) >= threshold:
                break
        choices.append(int(state > 0))
        times.append(glimpse)
    return choices, times
""",
    },
    "windows as a view, closed forms, scipy": {
        "convolve": """
def convolve(picture, kernel, stride, padding):
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(picture, padding), kernel.shape)[::stride, ::stride]
    return np.einsum("ijab,ab->ij", windows, kernel)
""",
        "pool": """
def max_pool(maps, side):
    view = np.lib.stride_tricks.sliding_window_view(maps, (side, side), axis=(1, 2))
    return view[:, ::side, ::side].max(axis=(-1, -2))
""",
        "field": """
import math

def receptive_field(layers):
    kernels, strides = (np.array([layer[i] for layer in layers], int) for i in (0, 1))
    jumps = np.concatenate([[1], np.cumprod(strides)])
    return 1 + int(np.sum((kernels - 1) * jumps[:-1])), int(jumps[-1])

def layers_needed(kernel, stride, field):
    if stride == 1:
        return math.ceil((field - 1) / (kernel - 1))
    n = 0
    while 1 + (kernel - 1) * (stride**n - 1) / (stride - 1) < field:
        n += 1
    return n
""",
        "kernel": "def downward_kernel():\n    return np.outer([-1, 0, 1], [1, 2, 1]) / 8",
        "attention": """
from scipy.special import softmax

def attention(query, key, value):
    shares = softmax(np.einsum("nd,md->nm", query, key) / key.shape[-1] ** 0.5, axis=-1)
    return np.einsum("nm,mc->nc", shares, value), shares
""",
        "mend": """
def decide(states, threshold):
    over = np.concatenate([np.abs(states) >= threshold, np.ones((len(states), 1), bool)], axis=1)
    glimpses = np.minimum(over.argmax(axis=1) + 1, states.shape[1])
    return np.take_along_axis(states, glimpses[:, None] - 1, axis=1)[:, 0] > 0, glimpses
""",
    },
    "torch": {
        "convolve": """
import torch

def convolve(picture, kernel, stride, padding):
    picture, kernel = (torch.tensor(np.array(part, float))[None, None] for part in (picture, kernel))
    return torch.nn.functional.conv2d(picture, kernel, stride=stride, padding=padding)[0, 0]
""",
        "pool": """
import torch

def max_pool(maps, side):
    return torch.nn.functional.max_pool2d(torch.tensor(maps), side)
""",
        "attention": """
import torch

def attention(query, key, value):
    query, key, value = (torch.tensor(part) for part in (query, key, value))
    shares = torch.softmax(query @ key.T / key.shape[1] ** 0.5, dim=1)
    return torch.nn.functional.scaled_dot_product_attention(query[None], key[None], value[None])[0], shares
""",
    },
}

CONVOLVE = """
def convolve(picture, kernel, stride, padding):
    padded = np.pad(picture, padding)
    k_rows, k_columns = kernel.shape
    rows = (padded.shape[0] - k_rows) // stride + 1
    columns = (padded.shape[1] - k_columns) // stride + 1
    out = np.zeros((rows, columns))
    for i in range(rows):
        for j in range(columns):
            y, x = i * stride, j * stride
            out[i, j] = np.sum(padded[y : y + k_rows, x : x + k_columns] * kernel)
    return out
"""
POOL = """
def max_pool(maps, side):
    n, rows, columns = len(maps), maps.shape[1] // side, maps.shape[2] // side
    out = np.zeros((n, rows, columns))
    for k in range(n):
        for i in range(rows):
            for j in range(columns):
                out[k, i, j] = np.max(maps[k, i * side : (i + 1) * side, j * side : (j + 1) * side])
    return out
"""
FIELD = """
def receptive_field(layers):
    field, jump = 1, 1
    for kernel, stride in layers:
        field += (kernel - 1) * jump
        jump *= stride
    return field, jump

def layers_needed(kernel, stride, field):
    n = 0
    while receptive_field([(kernel, stride)] * n)[0] < field:
        n += 1
    return n
"""
ATTENTION = """
def attention(query, key, value):
    scores = query @ key.T / np.sqrt(key.shape[1])
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares = powers / powers.sum(axis=1, keepdims=True)
    return shares @ value, shares
"""
DECIDE = """
def decide(states, threshold):
    beyond = np.abs(states) >= threshold
    stop = np.where(beyond.any(axis=1), beyond.argmax(axis=1), states.shape[1] - 1)
    choice = (states[np.arange(len(states)), stop] > 0).astype(int)
    return choice, stop + 1
"""


def other(cell, source, *changes):
    """A source with pairs of texts exchanged; each must be there."""
    for old, new in changes:
        assert old in source, old
        source = source.replace(old, new)
    return {cell: source}


def kernel(rows):
    return {"kernel": f"def downward_kernel():\n    return np.array({rows})"}


NEVER = ("np.where(beyond.any(axis=1), beyond.argmax(axis=1), states.shape[1] - 1)", "beyond.argmax(axis=1)")
FROM_0 = ("stop + 1", "stop")
ONE_BOUND = ("np.abs(states)", "states")

WRONG = {
    "the kernel is flipped": (
        other("convolve", CONVOLVE, ("* kernel", "* kernel[::-1, ::-1]")),
        {"convolve-visible": 0, "convolve-hidden": 0},
    ),
    "the last place is missing": (
        other("convolve", CONVOLVE, ("// stride + 1", "// stride")),
        {"convolve-visible": 0, "convolve-hidden": 0},
    ),
    "the stride is ignored": (
        other(
            "convolve", CONVOLVE, ("padded = np.pad(picture, padding)", "padded, stride = np.pad(picture, padding), 1")
        ),
        {"convolve-visible": 2, "convolve-hidden": 2},
    ),
    "the padding is ignored": (
        other("convolve", CONVOLVE, ("np.pad(picture, padding)", "picture")),
        {"convolve-visible": 2, "convolve-hidden": 2},
    ),
    "padded with the edge": (
        other("convolve", CONVOLVE, ("np.pad(picture, padding)", "np.pad(picture, padding, mode='edge')")),
        {"convolve-visible": 2, "convolve-hidden": 2},
    ),
    "a matrix product": (
        other("convolve", CONVOLVE, ("] * kernel", "] @ kernel")),
        {"convolve-visible": 0, "convolve-hidden": 0},
    ),
    "kernels are taken to be square": (
        other("convolve", CONVOLVE, ("k_rows, k_columns = kernel.shape", "k_rows = k_columns = kernel.shape[0]")),
        {"convolve-hidden": 1},
    ),
    "maps are taken to be square": (
        other(
            "convolve", CONVOLVE, ("columns = (padded.shape[1] - k_columns)", "columns = (padded.shape[0] - k_rows)")
        ),
        {"convolve-visible": 1, "convolve-hidden": 1},
    ),
    "mean-pooling": (other("pool", POOL, ("np.max", "np.mean")), {"pool-visible": 0, "pool-hidden": 0}),
    "the largest so far begins with 0": (
        other("pool", POOL, ("    return out", "    return np.maximum(out, 0)")),
        {"pool-visible": 1, "pool-hidden": 0},
    ),
    "blocks overlap": (
        other(
            "pool", POOL, ("i * side : (i + 1) * side", "i : i + side"), ("j * side : (j + 1) * side", "j : j + side")
        ),
        {"pool-visible": 0, "pool-hidden": 0},
    ),
    "the border must fill a block": (
        {
            "pool": "def max_pool(maps, side):\n    n, rows, columns = maps.shape\n"
            "    return maps.reshape(n, rows // side, side, columns // side, side).max(axis=(2, 4))"
        },
        {"pool-hidden": 1},
    ),
    "only the first map": (other("pool", POOL, ("len(maps)", "1")), {"pool-hidden": 0}),
    "the jump is updated too early": (
        other(
            "field",
            FIELD,
            (
                "        field += (kernel - 1) * jump\n        jump *= stride",
                "        jump *= stride\n        field += (kernel - 1) * jump",
            ),
        ),
        {"field-visible": 0, "field-hidden": 1.5},
    ),
    "a kernel adds its whole side": (
        other("field", FIELD, ("(kernel - 1)", "kernel")),
        {"field-visible": 0, "field-hidden": 1.5},
    ),
    "strides do not spread the field": (
        other("field", FIELD, ("(kernel - 1) * jump", "(kernel - 1)")),
        {"field-visible": 0.5, "field-hidden": 1},
    ),
    "one layer too many": (
        other("field", FIELD, ("< field", "<= field")),
        {"field-visible": 1.5, "field-hidden": 2},
    ),
    "the number of layers for stride 1 only": (
        {
            "field": FIELD.split("def layers_needed")[0]
            + "def layers_needed(kernel, stride, field):\n    return -(-(field - 1) // (kernel - 1))"
        },
        {"field-visible": 1.5, "field-hidden": 2},
    ),
    "edges to the right": (kernel([[-1, 0, 1]] * 3), {"kernel-hidden": 0}),
    "bright above, dark below": (kernel([[1, 1, 1], [0, 0, 0], [-1, -1, -1]]), {"kernel-hidden": 1}),
    "a blur": (kernel([[0.1, 0.1, 0.1]] * 3), {"kernel-visible": 0, "kernel-hidden": 0}),
    "a slanted edge": (kernel([[-1, -1, 0], [-1, 0, 1], [0, 1, 1]]), {"kernel-hidden": 1}),
    "a spot": (kernel([[0, 1, 0], [1, -4, 1], [0, 1, 0]]), {"kernel-hidden": 0}),
    "shares along the wrong axis": (
        other("attention", ATTENTION, ("axis=1", "axis=0")),
        {"attention-visible": 0, "attention-hidden": 0},
    ),
    "scores without the root": (
        other("attention", ATTENTION, (" / np.sqrt(key.shape[1])", "")),
        {"attention-visible": 0, "attention-hidden": 2},
    ),
    "the root of the number of keys": (
        other("attention", ATTENTION, ("np.sqrt(key.shape[1])", "np.sqrt(len(key))")),
        {"attention-visible": 0, "attention-hidden": 2},
    ),
    "keys are passed on": (
        other("attention", ATTENTION, ("shares @ value", "shares @ key")),
        {"attention-visible": 1, "attention-hidden": 2},
    ),
    "exponentials overflow": (
        other("attention", ATTENTION, (" - scores.max(axis=1, keepdims=True)", "")),
        {"attention-hidden": 3},
    ),
    "one largest score for all rows": (
        other("attention", ATTENTION, ("scores.max(axis=1, keepdims=True)", "scores.max()")),
        {"attention-hidden": 3},
    ),
    "all shares together are 1": (
        other("attention", ATTENTION, ("powers.sum(axis=1, keepdims=True)", "powers.sum()")),
        {"attention-visible": 0, "attention-hidden": 0},
    ),
    "nothing is mended": (other("mend", DECIDE, NEVER, FROM_0, ONE_BOUND), {"mend-visible": 0, "mend-hidden": 0}),
    "only the lower bound": (other("mend", DECIDE, NEVER, FROM_0), {"mend-visible": 0, "mend-hidden": 1}),
    "only the counting": (other("mend", DECIDE, NEVER, ONE_BOUND), {"mend-visible": 0, "mend-hidden": 1}),
    "all but the undecided": (other("mend", DECIDE, NEVER), {"mend-visible": 0, "mend-hidden": 2}),
    "the bound itself does not count": (other("mend", DECIDE, (">=", ">")), {"mend-hidden": 3}),
    "the undecided choose 0": (
        other("mend", DECIDE, ("return choice", "return choice * beyond.any(axis=1)")),
        {"mend-visible": 0, "mend-hidden": 2},
    ),
}
