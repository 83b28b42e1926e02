"""The shape of faces: means over sex, age and ancestry, residual components, expressions.

Residuals stand for the scans' residuals of the study: artists' sliders drawn at random. Their
standard deviations are ours, tuned by eye until faces varied like people and stayed believable.
"""

from dataclasses import dataclass

import numpy as np
from head import NECK, SKIN, Head
from makehuman import Source
from numpy.linalg import lstsq, svd
from scipy.sparse import csr_matrix, diags

from kit.faces.design import ANCESTRIES, design_row

N_COMPONENTS = 60
CELL_AGES = {"young": 25.0, "old": 75.0}
OPPOSITES = {
    "decr": "incr", "down": "up", "in": "out", "backward": "forward",
    "concave": "convex", "compress": "uncompress",
}  # fmt: skip

# Spread of each group of sliders (1 = the slider's end), and what is damped because at full
# strength it reads as an expression (first list) or as a deformity (second).
SPREAD = {
    "head": 0.32, "forehead": 0.36, "eyebrows": 0.45, "eyes": 0.33, "nose": 0.36, "mouth": 0.32,
    "ears": 0.30, "chin": 0.34, "cheek": 0.40, "neck": 0.22, "asym": 0.09, "weight": 0.35,
}  # fmt: skip
OVERALL_SPREAD = 0.68
LOOKS_LIKE_EXPRESSION = (
    "mouth-angles", "eyebrows-angle", "eye-corner", "eyefold-angle", "lip-middle", "lip-ext",
    "laugh-lines", "mouth-dimples", "eyebrows-trans",
)  # fmt: skip
LOOKS_DEFORMED = (
    "mouth-trans", "nose-trans", "chin-jaw", "chin-prognathism", "neck-double", "head-square",
    "head-rectangular", "head-triangular", "head-diamond", "head-scale", "forehead-temple",
    "forehead-nubian", "head-invertedtriangular", "eye-push", "eye-trans", "ear-shape", "cleft",
)  # fmt: skip
NOT_IDENTITY = ("head-angle", "head-trans", "neck-trans", "head-age", "asymm-", "neck-scale-vert", "measure-")

# Some sliders end abruptly and would crease the skin: their displacements are averaged over neighbouring
# vertices, half and half, so many times.
SMOOTHING = {"chin": 14, "cheek": 10, "neck": 14, "weight": 8, "forehead": 10, "asym": 4}

# MakeHuman's means look stern, and its sexes nearly alike without hair. Sliders added to the mean,
# and to the sex column (the male end; the female end moves the opposite way).
NEUTRAL = {
    "mouth/mouth-angles-up": 0.22, "eyebrows/eyebrows-angle-up": 0.08, "eyebrows/eyebrows-trans-up": 0.10,
    "eyes/l-eye-scale-incr": 0.45, "eyes/r-eye-scale-incr": 0.45,
    "eyes/l-eye-height2-incr": 0.25, "eyes/r-eye-height2-incr": 0.25,
}  # fmt: skip
SEX = {
    "eyebrows/eyebrows-trans-down": 0.16, "eyebrows/eyebrows-trans-forward": 0.12,
    "eyebrows/eyebrows-angle-down": 0.04, "forehead/forehead-nubian-decr": 0.15,
    "chin/chin-width-incr": 0.15, "chin/chin-bones-incr": 0.12, "chin/chin-height-incr": 0.12,
    "mouth/mouth-upperlip-volume-decr": 0.18, "mouth/mouth-lowerlip-volume-decr": 0.16,
    "mouth/mouth-upperlip-height-decr": 0.18, "mouth/mouth-lowerlip-height-decr": 0.12,
    "eyes/l-eye-scale-decr": 0.16, "eyes/r-eye-scale-decr": 0.16,
    "eyes/l-eye-height2-decr": 0.16, "eyes/r-eye-height2-decr": 0.16,
    "nose/nose-scale-horiz-incr": 0.10, "nose/nose-volume-incr": 0.10,
    "neck/neck-scale-horiz-incr": 0.10, "head/head-fat-decr": 0.05,
}  # fmt: skip
SEX_SIZE = 0.014  # men's heads are that much larger than the mean, women's smaller

EXPRESSIONS = {
    "happy": {"mouth-corner-puller": 0.50, "eye-left-slit": 0.25, "eye-right-slit": 0.25,
              "eyebrows-left-up": 0.08, "eyebrows-right-up": 0.08},
    "surprise": {"eyebrows-left-up": 0.65, "eyebrows-right-up": 0.65, "eye-left-opened-up": 0.50,
                 "eye-right-opened-up": 0.50, "mouth-open": 0.22},
    "fear": {"eyebrows-left-inner-up": 0.60, "eyebrows-right-inner-up": 0.60, "eyebrows-left-up": 0.25,
             "eyebrows-right-up": 0.25, "eye-left-opened-up": 0.60, "eye-right-opened-up": 0.60,
             "mouth-retraction": 0.35, "mouth-open": 0.14},
    "anger": {"eyebrows-left-down": 0.90, "eyebrows-right-down": 0.90, "eye-left-slit": 0.15,
              "eye-right-slit": 0.15, "mouth-compression": 0.20, "mouth-depression": 0.25, "nose-left-dilatation": 0.30,
              "nose-right-dilatation": 0.30},
    "sadness": {"eyebrows-left-inner-up": 0.65, "eyebrows-right-inner-up": 0.65, "mouth-depression": 0.40,
                "eye-left-slit": 0.12, "eye-right-slit": 0.12},
    "disgust": {"nose-left-elevation": 0.60, "nose-right-elevation": 0.60, "nose-compression": 0.55,
                "mouth-upward-retraction": 0.16, "mouth-depression": 0.15,
                "eyebrows-left-down": 0.40, "eyebrows-right-down": 0.40,
                "eye-left-slit": 0.20, "eye-right-slit": 0.20},
}  # fmt: skip


@dataclass(frozen=True)
class ShapeModel:
    """design (10, v, 3), components (k, v, 3) for 1 sd each, expressions (6, v, 3); all in mm."""

    design: np.ndarray
    components: np.ndarray
    expressions: np.ndarray
    variance: np.ndarray  # share of the sliders' variance, a component each
    fit: float  # R^2 of the design on the twelve cells


def build_shape(source: Source, head: Head, rng: np.random.Generator) -> ShapeModel:
    cells, rows = _cells(source, head)
    design, fit = _fit(rows, cells)
    mean = design[0].copy()
    rigid = _rigid_motions(mean, head)
    design[0] += sum(k * _still(head.take(source.target(n)), rigid) for n, k in NEUTRAL.items())
    design[1] += sum(k * _still(head.take(source.target(n)), rigid) for n, k in SEX.items())
    design[1] += SEX_SIZE * mean
    components, variance = _components(source, head, mean, rigid, rng)
    return ShapeModel(design, components, _expressions(source, head), variance, fit)


def _cells(source: Source, head: Head) -> tuple[np.ndarray, np.ndarray]:
    """Twelve mean heads (12, v, 3), aligned and of one size, and their design rows (12, 10)."""
    base, heads, rows = source.mesh.vertices, [], []
    for sex, number in (("female", -1.0), ("male", 1.0)):
        for k, ancestry in enumerate(ANCESTRIES):
            for age, years in CELL_AGES.items():
                universal = f"macrodetails/universal-{sex}-{age}-averagemuscle-averageweight"
                offset = source.target(universal) + source.target(f"macrodetails/{ancestry}-{sex}-{age}")
                heads.append(head.take(base + offset))
                rows.append(design_row([number], [years], np.eye(3)[k : k + 1])[0])
    return _aligned(np.array(heads), head), np.array(rows, dtype=float)


def _aligned(heads: np.ndarray, head: Head) -> np.ndarray:
    """Generalised Procrustes on the upper face and skull, which ageing and weight move least."""
    skin = head.vertices_of(SKIN)
    stable = skin[heads.mean(0)[skin, 1] > -10]
    target = heads.mean(0)
    for _ in range(5):
        heads = np.array([_onto(x, target, stable) for x in heads])
        target = heads.mean(0) * _size(heads.mean(0)[stable]) ** -1 * _size(target[stable])
    return heads


def _onto(x: np.ndarray, target: np.ndarray, stable: np.ndarray) -> np.ndarray:
    """Similarity transform that lays x on the target at the stable vertices (Umeyama 1991)."""
    a, b = x[stable], target[stable]
    u, s, vt = svd((a - a.mean(0)).T @ (b - b.mean(0)))
    flip = np.array([1, 1, np.sign(np.linalg.det(u @ vt))])
    scale = (s * flip).sum() / ((a - a.mean(0)) ** 2).sum()
    return scale * (x - a.mean(0)) @ ((u * flip) @ vt) + b.mean(0)


def _size(x: np.ndarray) -> float:
    return float(np.sqrt(((x - x.mean(0)) ** 2).sum(1).mean()))


def _fit(rows: np.ndarray, cells: np.ndarray) -> tuple[np.ndarray, float]:
    y = cells.reshape(len(cells), -1)
    beta = lstsq(rows, y, rcond=None)[0]
    unexplained = ((y - rows @ beta) ** 2).sum() / ((y - y.mean(0)) ** 2).sum()
    return beta.reshape(-1, *cells.shape[1:]), 1 - float(unexplained)


def _rigid_motions(mean: np.ndarray, head: Head) -> tuple[np.ndarray, np.ndarray]:
    """Three shifts and three turns (6, v, 3), and the vertices on which they are measured."""
    axes = np.eye(3)
    shifts = [np.broadcast_to(a, mean.shape) for a in axes]
    turns = [np.cross(a, mean - mean.mean(0)) for a in axes]
    return np.array([*shifts, *turns]), head.vertices_of(SKIN)


def _still(field: np.ndarray, rigid: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """The displacement without its shift and turn: identity is not pose."""
    motions, on = rigid
    amount = lstsq(motions[:, on].reshape(6, -1).T, field[on].ravel(), rcond=None)[0]
    return field - np.tensordot(amount, motions, 1)


def _sliders(source: Source) -> dict[tuple[str, str], dict[int, str]]:
    """(group, stem) -> {+1: target, -1: opposite target}."""
    out: dict[tuple[str, str], dict[int, str]] = {}
    for group in SPREAD:
        if group == "weight":
            continue
        for name in source.names(group):
            if not any(word in name for word in NOT_IDENTITY):
                stem, pole = _pole(group, name)
                out.setdefault((group, stem), {})[pole] = f"{group}/{name}"
    return out


def _pole(group: str, name: str) -> tuple[str, int]:
    if group == "asym":
        return name[:-2], 1 if name.endswith("-l") else -1
    for negative, positive in OPPOSITES.items():
        if name.endswith("-" + negative):
            return name.removesuffix("-" + negative), -1
        if name.endswith("-" + positive):
            return name.removesuffix("-" + positive), 1
    return name, 1


def _spread(group: str, stem: str) -> float:
    sd = SPREAD[group] * OVERALL_SPREAD
    sd *= 0.5 if any(word in stem for word in LOOKS_LIKE_EXPRESSION) else 1
    return sd * (0.65 if any(word in stem for word in LOOKS_DEFORMED) else 1)


def _weight_targets(source: Source) -> dict[int, np.ndarray]:
    """Fuller (+1) and leaner (-1) faces, the mean of both sexes."""
    out = {}
    for pole, weight in ((1, "maxweight"), (-1, "minweight")):
        names = [f"macrodetails/universal-{sex}-young-averagemuscle-" for sex in ("female", "male")]
        out[pole] = np.mean([source.target(n + weight) - source.target(n + "averageweight") for n in names], axis=0)
    return out


def _components(source, head, mean, rigid, rng):
    """Principal components of randomly drawn sliders; each has the length of one sd."""
    sliders = _sliders(source)
    keys = [*sliders, ("weight", "weight")]
    fields = [{p: source.target(n) for p, n in poles.items()} for poles in sliders.values()]
    fields.append(_weight_targets(source))
    zero = np.zeros_like(mean)
    smooth = _smoother(head)
    ends = [
        [_still(smooth(head.take(f[p]), group), rigid) if p in f else zero for f, (group, _) in zip(fields, keys)]
        for p in (1, -1)
    ]
    amounts = _draw(keys, fields, rng)
    basis = np.concatenate(ends).reshape(2 * len(keys), -1)
    used = np.hstack([np.maximum(amounts, 0), np.maximum(-amounts, 0)])
    weight = np.sqrt(np.repeat(_importance(mean, head), 3))
    root = np.linalg.cholesky(np.cov(used.T) + 1e-12 * np.eye(used.shape[1])).T
    u, s, _ = svd((root @ basis) * weight, full_matrices=False)
    components = (u.T[:N_COMPONENTS] @ (root @ basis)).reshape(N_COMPONENTS, -1, 3)
    return _fixed_signs(components), s**2 / (s**2).sum()


def _smoother(head: Head):
    """A function (field (v, 3), group) -> field, which smooths by the group's number of steps."""
    skin = head.triangles[np.isin(head.part, (SKIN, NECK))]
    rows, columns = skin[:, [0, 1, 2, 1, 2, 0]].ravel(), skin[:, [1, 2, 0, 0, 1, 2]].ravel()
    n = head.triangles.max() + 1
    adjacency = csr_matrix((np.ones(len(rows)), (rows, columns)), (n, n)).minimum(1)
    degree = np.maximum(adjacency.sum(1), 1)
    alone = np.asarray(adjacency.sum(1) == 0)  # eyeballs and mouth keep their displacement
    average = diags(1 / np.asarray(degree).ravel()) @ adjacency + diags(alone.ravel().astype(float))

    def smooth(field: np.ndarray, group: str) -> np.ndarray:
        for _ in range(SMOOTHING.get(group, 0)):
            field = 0.5 * field + 0.5 * (average @ field)
        return field

    return smooth


def _draw(keys, fields, rng, n: int = 6000, coupling: float = 0.93) -> np.ndarray:
    """Random slider positions (n, sliders): left and right coupled, one-sided ones positive."""
    amounts = rng.normal(size=(n, len(keys)))
    index = {key: k for k, key in enumerate(keys)}
    for (group, stem), left in index.items():
        if stem.startswith("l-"):
            right = index[(group, "r-" + stem[2:])]
            amounts[:, right] = coupling * amounts[:, left] + np.sqrt(1 - coupling**2) * amounts[:, right]
    amounts = np.clip(amounts * [_spread(*key) for key in keys], -0.9, 0.9)
    one_sided = np.array([len(f) == 1 for f in fields])
    amounts[:, one_sided] = np.abs(amounts[:, one_sided])
    return amounts


def _importance(mean: np.ndarray, head: Head) -> np.ndarray:
    """Weight of each vertex in the components: the front of the face counts twice, neck little."""
    front = (mean[:, 2] > 45) & (mean[:, 1] > -55) & (mean[:, 1] < 95)
    weight = np.where(front, 2.0, 1.0)
    other = np.ones(len(mean), dtype=bool)
    other[head.vertices_of(SKIN)] = False
    weight[other] = 0.15
    return weight


def _fixed_signs(components: np.ndarray) -> np.ndarray:
    """Every library returns the same sign: the largest entry is positive."""
    flat = components.reshape(len(components), -1)
    largest = flat[np.arange(len(flat)), np.abs(flat).argmax(1)]
    return components * np.sign(largest)[:, None, None]


def _expressions(source: Source, head: Head) -> np.ndarray:
    def unit(name):
        return np.mean([head.take(source.target(f"expression/units/{a}/{name}")) for a in ANCESTRIES], axis=0)

    return np.array([sum(k * unit(n) for n, k in units.items()) for units in EXPRESSIONS.values()])
