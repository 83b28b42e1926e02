"""The texture of faces, painted by formula: log albedo = sum over layers of amount x map x colour.

Nothing is photographed or copied from a painted skin. A layer is a map over the atlas and a colour;
its amount is linear in the design row (sex, age, ancestry) and has an individual spread. Working in
logarithms means that pigments multiply, as filters do: no sum of layers turns grey, green or pale.
Positions are millimetres on the base mesh, from the head's centre.
"""

from dataclasses import dataclass, field

import numpy as np
from atlas import Atlas
from scipy.ndimage import gaussian_filter

N_COMPONENTS = 50

# What one unit of a pigment does to log sRGB (red, green, blue).
MELANIN = np.array([-0.80, -1.00, -1.18])
BLOOD = np.array([-0.12, -1.00, -0.80])
YELLOW = np.array([0.05, -0.06, -0.90])
DARK = np.array([-1.0, -1.0, -1.0])
COOL = np.array([-1.0, -0.92, -0.84])
HAIR = np.array([-0.95, -1.0, -1.03])
BLUE_IRIS = np.array([-0.75, 0.10, 0.80])

SKIN_TONE = {"african": (132, 92, 71), "asian": (214, 171, 142), "caucasian": (222, 181, 158)}  # sRGB
MOUTH_COLOUR, TEETH_COLOUR = (84, 36, 36), (206, 196, 180)
SCLERA, IRIS, PUPIL = (192, 184, 178), (84, 56, 38), (8, 7, 7)
YOUNG = -0.8  # the age column at 25 years: ageing layers are 0 there


@dataclass(frozen=True)
class Layer:
    """map (h, w), colour (3,), effect: column of the design -> amount, spread: sd between people."""

    name: str
    map: np.ndarray
    colour: np.ndarray
    effect: dict[str, float] = field(default_factory=dict)
    spread: float = 0.0


def by_ancestry(african: float, asian: float, caucasian: float) -> dict[str, float]:
    """Design effects that give each archetype the stated amount."""
    mean = (african + asian + caucasian) / 3
    return {"intercept": mean, "african": african - mean, "asian": asian - mean}


def ageing(amount: float) -> dict[str, float]:
    """An amount that is 0 at 25 and `amount` at 80 years."""
    return {"intercept": -amount * YOUNG / 2.2, "age": amount / 2.2}


def paint(atlas: Atlas, rng: np.random.Generator) -> tuple[np.ndarray, list[Layer]]:
    """Base log texture (h, w, 3), and the layers on top of it."""
    p = Painter(atlas, rng)
    layers = [*p.tone(), *p.lips(), *p.flush(), *p.eye_region(), *p.brows(), *p.hair(), *p.iris(),
              *p.wrinkles(), *p.marks(), *p.mottling()]  # fmt: skip
    return p.base(), layers


class Painter:
    """Maps over the atlas; x, y, z (h, w) are the base mesh's positions of the texels in mm."""

    def __init__(self, atlas: Atlas, rng: np.random.Generator):
        self.atlas, self.rng = atlas, rng
        self.x, self.y, self.z = np.moveaxis(atlas.position, -1, 0)
        self.ax = np.abs(self.x)
        self.skin = atlas.skin.astype(float)
        self.lip_map = np.clip(gaussian_filter(atlas.lips, 0.6) * 1.1, 0, 1)

    def blob(self, centre, radii, mirrored=True) -> np.ndarray:
        x = self.ax if mirrored else self.x
        offset = [(v - c) / r for v, c, r in zip((x, self.y, self.z), centre, radii)]
        return np.exp(-sum(o**2 for o in offset)) * self.skin

    def field(self, scale: float, mirrored=True, n=48) -> np.ndarray:
        """A smooth random field on the skin with sd 1 (random Fourier features; scale in mm)."""
        w = self.rng.normal(size=(n, 3)) / scale
        phase = self.rng.uniform(0, 2 * np.pi, n)
        x = self.ax if mirrored else self.x
        waves = np.cos(np.stack([x, self.y, self.z], -1) @ w.T + phase).sum(-1)
        face = self.atlas.face
        return (waves - waves[face].mean()) / waves[face].std() * self.skin

    def base(self) -> np.ndarray:
        """What all people share: mouth, teeth, eyes, and fine grain on the skin."""
        out = np.zeros(self.skin.shape + (3,))
        for where, colour in ((self.atlas.mouth, MOUTH_COLOUR), (self.atlas.teeth, TEETH_COLOUR)):
            out[where] = _log(colour)
        grain = gaussian_filter(self.rng.normal(size=self.skin.shape), 0.7)
        out += 0.012 * (grain / grain.std() * self.skin * (1 - self.lip_map))[..., None] * MELANIN
        eye = self._eye()
        out[self.atlas.eye] = eye[self.atlas.eye]
        return out

    def _eye(self) -> np.ndarray:
        theta, phi = self.atlas.eye_theta, self.atlas.eye_phi
        iris = np.clip((25.5 - theta) / 1.6, 0, 1)[..., None]
        pupil = np.clip((9.6 - theta) / 1.2, 0, 1)[..., None]
        fibres = 0.10 * np.cos(23 * phi + 2.5 * np.sin(5 * phi)) + 0.07 * np.cos(41 * phi + 1)
        fibres = fibres + 0.18 * np.exp(-(((theta - 13) / 4) ** 2))  # the lighter collarette
        out = (1 - iris) * _log(SCLERA) + iris * (_log(IRIS) + fibres[..., None])
        out = (1 - pupil) * out + pupil * _log(PUPIL)
        limbus = 0.62 * np.exp(-(((theta - 24.4) / 2.2) ** 2))
        veins = 0.16 * np.clip((theta - 34) / 40, 0, 1)
        lid_shadow = 0.30 * np.clip(np.sin(phi), 0, 1) * np.clip(theta / 24, 0, 1) ** 1.2
        return out + (limbus + lid_shadow)[..., None] * DARK * 0.9 + veins[..., None] * BLOOD

    def tone(self) -> list[Layer]:
        """Three layers carry the mean colour exactly; three pigments carry the spread."""
        logs = {a: _log(c) for a, c in SKIN_TONE.items()}
        out = []
        for channel, unit in enumerate(np.eye(3)):
            effect = by_ancestry(*[logs[a][channel] for a in ("african", "asian", "caucasian")])
            effect |= {"sex": (-0.022, -0.030, -0.030)[channel], "age": (-0.010, -0.022, -0.030)[channel]}
            out.append(Layer(f"tone-{'rgb'[channel]}", self.skin, unit, effect))
        pigments = (("melanin", MELANIN, 0.075), ("blood", BLOOD, 0.022), ("yellow", YELLOW, 0.022))
        return out + [Layer(name, self.skin, colour, {}, sd) for name, colour, sd in pigments]

    def lips(self) -> list[Layer]:
        lower = np.clip((-28 - self.y) / 3, 0, 1)
        lines = 0.5 + 0.5 * np.cos(self.x * 2.1 + 1.3 * np.sin(self.y * 0.9))
        seam = np.exp(-((self.atlas.mouth_distance / 1.3) ** 2)) * (self.ax < 27) * self.skin
        corner = self.blob((24.5, -28.5, 108), (3.2, 2.2, 9))
        red = by_ancestry(0.13, 0.22, 0.24)
        dark = by_ancestry(0.16, 0.07, 0.05)
        return [
            Layer("lip-red", self.lip_map, BLOOD, red | {"sex": -0.055, "age": -0.035}, 0.045),
            Layer("lip-dark", self.lip_map * (1 - 0.55 * lower), MELANIN, dark | {"sex": 0.01}, 0.030),
            Layer("lip-lines", self.lip_map * lines, DARK, ageing(0.05)),
            Layer("mouth-line", seam, BLOOD * 0.4 + DARK, {"intercept": 0.42}, 0.06),
            Layer("mouth-corner", corner, DARK, {"intercept": 0.22, "age": 0.04}, 0.03),
        ]

    def flush(self) -> list[Layer]:
        ears = gaussian_filter(self.atlas.ears, 2.0)
        jaw_shade = np.clip((-45 - self.y) / 30, 0, 1) * np.clip((95 - self.z) / 40, 0, 1) * self.skin
        forehead = self.blob((0, 72, 105), (52, 20, 45))
        cheek = self.blob((46, -4, 96), (23, 20, 38))
        return [
            Layer("cheek-red", cheek, BLOOD, by_ancestry(0.04, 0.06, 0.08) | {"sex": -0.01}, 0.028),
            Layer("nose-red", self.blob((0, -8, 128), (17, 13, 26)), BLOOD, {"intercept": 0.06, "age": 0.015}, 0.024),
            Layer("ear-red", ears, BLOOD, {"intercept": 0.09, "sex": 0.01}, 0.025),
            Layer("chin-red", self.blob((0, -57, 115), (20, 13, 25)), BLOOD, {"intercept": 0.025}, 0.016),
            Layer("forehead", forehead, YELLOW + 0.3 * MELANIN, {"intercept": 0.02}, 0.018),
            Layer("t-zone", self.blob((0, 25, 120), (13, 42, 40)), MELANIN, {"intercept": -0.015}, 0.014),
            Layer("neck", jaw_shade, MELANIN, {"intercept": 0.06}, 0.02),
            Layer("nostrils", self.atlas.nostrils, DARK + 0.2 * BLOOD, {"intercept": 0.85}),
        ]  # fmt: skip

    def eye_region(self) -> list[Layer]:
        upper, lower = self.atlas.upper_lid_distance, self.atlas.lower_lid_distance
        outer = np.clip((self.ax - 18) / 14, 0.25, 1)
        lash = np.clip(np.exp(-((upper / 1.5) ** 2)) * outer + 0.30 * np.exp(-((lower / 0.9) ** 2)), 0, 1)
        liner = np.exp(-((upper / 2.6) ** 2)) * outer
        lid = np.clip(self.blob((31, 35, 108), (19, 5.0, 22)), 0, 1)
        below = self.blob((29, 13.5, 107), (15, 5.5, 18))
        crease = self.blob((32, 38.5, 107), (17, 1.9, 20))
        inner = self.blob((17.5, 26.5, 103), (3.2, 3.2, 8))
        rim = np.exp(-((np.minimum(upper, lower) / 1.2) ** 2)) * self.skin
        return [
            Layer("lashes", lash * self.skin, DARK, {"intercept": 0.95, "sex": -0.22, "age": -0.10}, 0.13),
            Layer("liner", liner * self.skin, DARK, {"intercept": 0.16, "sex": -0.14}, 0.04),
            Layer("lid-dark", lid, MELANIN, by_ancestry(0.08, 0.05, 0.06) | {"sex": -0.015, "age": 0.01}, 0.022),
            Layer("lid-crease", crease, MELANIN, by_ancestry(0.16, 0.06, 0.14) | {"age": 0.02}, 0.03),
            Layer("under-eye", below, MELANIN + 0.4 * BLOOD, {"intercept": 0.055, "age": 0.03}, 0.035),
            Layer("eye-inner", inner, BLOOD, {"intercept": 0.16}, 0.03),
            Layer("lid-rim", rim, BLOOD, {"intercept": 0.10}, 0.03),
        ]

    def _brow(self, thickness, arch, start=11.0, end=49.0, height=46.0, taper=1.0) -> np.ndarray:
        """Density of a brow: a band along an arc that thickens at its inner third, in mm."""
        along = np.clip((self.ax - start) / (end - start), 0, 1)
        rise = arch * np.sin(np.pi * np.minimum(along, 1) ** 1.25 * 0.80) + 0.6 * along
        half = thickness * (0.62 + 0.40 * np.exp(-(((along - 0.30) / 0.32) ** 2)) - 0.42 * taper * along**1.5)
        offset = (self.y - height - rise) / np.maximum(half, 0.6)
        ends = _ramp(self.ax, start - 2.5, start + 7) * (1 - _ramp(self.ax, end - 6, end + 1.5))
        return np.exp(-(np.abs(offset) ** 2.2)) * ends * (self.z > 55) * self.skin

    def brows(self) -> list[Layer]:
        hairs = 0.86 + 0.14 * np.cos(self.ax * 2.6 - self.y * 1.9)
        female = self._brow(2.8, 3.4, height=47.6, end=48) * hairs
        male = self._brow(4.2, 2.8, height=45.4, start=9.5, end=50) * hairs
        both = (female + male) / 2
        load = by_ancestry(1.25, 1.55, 0.95)
        changes = {
            "thick": self._brow(5.0, 3.6) - self._brow(2.4, 3.6),
            "arch": self._brow(3.4, 6.4) - self._brow(3.4, 1.2),
            "high": self._brow(3.4, 3.6, height=48.6) - self._brow(3.4, 3.6, height=44.2),
            "gap": self._brow(3.4, 3.6, start=6.5) - self._brow(3.4, 3.6, start=14.5),
            "tail": self._brow(3.4, 3.6, end=52) - self._brow(3.4, 3.6, end=42),
            "bushy": 0.7 * self.field(2.2),
        }
        out = [
            Layer("brow", both, HAIR, load | {"sex": 0.08, "age": -0.12}, 0.11),
            Layer("brow-sex", (male - female) / 2, HAIR, {"sex": 1.0}, 0.0),
            Layer("brow-grey", both, np.array([0.45, 0.65, 0.85]), ageing(0.30), 0.02),
        ]
        # A brow may not turn paler than skin: changes live where every mean brow is dark enough.
        safe = np.minimum(female, male)
        return out + [Layer(f"brow-{n}", np.clip(m, -1, 1) * safe, HAIR, {}, 0.15) for n, m in changes.items()]

    def hair(self) -> list[Layer]:
        """Stubble of the shaved scalp and of men's beards."""
        stubble = gaussian_filter(self.rng.normal(size=self.skin.shape), 0.55)
        stubble = np.clip(1 + 0.16 * stubble / stubble.std(), 0.4, 1.6)
        beard = 0.9 * self.blob((0, -50, 115), (50, 26, 50)) + 0.8 * self.blob((45, -38, 80), (20, 32, 36))
        beard = np.maximum(beard, 0.8 * self.blob((0, -20.5, 124), (25, 5.5, 20)))
        beard = np.clip(beard, 0, 1) * (1 - np.clip(1.5 * self.lip_map, 0, 1)) * _ramp(-self.y, -2, 14)
        beard = gaussian_filter(beard, 1.2) * stubble
        scalp = self.atlas.scalp * (1 - 0.6 * _ramp(self.z, 5, 40) * _ramp(-self.y, -60, -40)) * stubble
        return [
            Layer("beard", beard, COOL, {"intercept": 0.085, "sex": 0.085, "sex:asian": -0.02}, 0.0),
            Layer("beard-spread", beard, COOL, {}, 0.040),
            Layer("scalp", scalp, HAIR, by_ancestry(0.34, 0.46, 0.26) | {"age": -0.08}, 0.08),
        ]

    def iris(self) -> list[Layer]:
        iris = np.clip((25.5 - self.atlas.eye_theta) / 1.6, 0, 1) * np.clip((self.atlas.eye_theta - 9.0) / 1.5, 0, 1)
        sclera = np.clip((self.atlas.eye_theta - 25.5) / 2, 0, 1)
        iris, sclera = iris * self.atlas.eye, sclera * self.atlas.eye
        return [
            Layer("iris-light", iris, -DARK, by_ancestry(-0.42, -0.34, 0.30), 0.17),
            Layer("iris-blue", iris, BLUE_IRIS, by_ancestry(0.0, 0.0, 0.34), 0.20),
            Layer("sclera", sclera, YELLOW + 0.4 * BLOOD, by_ancestry(0.05, 0.01, 0.0) | {"age": 0.03}, 0.03),
        ]

    def _line(self, points, width: float) -> np.ndarray:
        """A crease along a polyline (x, y) in mm: a dark valley between faint bright ridges."""
        d, along = _polyline_distance(self.ax, self.y, np.asarray(points, dtype=float))
        ends = np.sin(np.pi * np.clip(along, 0.02, 0.98)) ** 0.5
        profile = np.exp(-((d / width) ** 2)) - 0.35 * np.exp(-(((d - 2.3 * width) / width) ** 2))
        return profile * ends * (self.z > 45) * self.skin

    def wrinkles(self) -> list[Layer]:
        wobble = [(0, 0), (12, 0.9), (24, 0.2), (36, 0.8), (46, -1.2)]
        forehead = sum(self._line([(x, y + 1.3 * k) for x, k in wobble], 1.9) for y in (60, 67.5, 75.5))
        frown = self._line([(6.5, 41), (5.2, 47), (5.8, 53)], 1.3)
        crow = sum(self._line([(47, 27 + a), (54, 27 + 1.6 * a), (61, 26 + 2.6 * a)], 1.2) for a in (-5, -0.5, 4.5))
        fold = self._line([(18, -6), (24, -14), (30.5, -25), (34, -36)], 2.1)
        puppet = self._line([(27.5, -32), (30, -40), (31, -50)], 1.7)
        bags = self._line([(17, 17), (26, 11.5), (37, 12.5), (44, 18)], 1.5)
        colour = MELANIN + 0.25 * BLOOD
        return [
            Layer("forehead-lines", forehead, colour, ageing(0.050), 0.006),
            Layer("frown-lines", frown, colour, ageing(0.075), 0.006),
            Layer("crow-feet", crow, colour, ageing(0.09), 0.008),
            Layer("nose-folds", fold, colour, ageing(0.11), 0.012),
            Layer("mouth-folds", puppet, colour, ageing(0.10), 0.009),
            Layer("eye-bags", bags, colour, ageing(0.11), 0.012),
        ]

    def marks(self) -> list[Layer]:
        """Freckles, moles, age spots."""
        where = self.blob((36, 2, 105), (32, 20, 42)) + 0.8 * self.blob((0, 0, 128), (14, 18, 30))
        spots = self._dots(self.atlas.face * (0.01 + 0.03 * (self.y > 30)), 1.3)
        some = by_ancestry(0.025, 0.025, 0.05)
        out = [Layer(f"freckles-{k}", self._dots(0.11 * where, 0.7), MELANIN, some, 0.020) for k in range(2)]
        out += [Layer(f"moles-{k}", self._moles(3), MELANIN, {"intercept": 0.05}, 0.07) for k in range(4)]
        return [*out, Layer("age-spots", spots, MELANIN, ageing(0.10), 0.012)]

    def _dots(self, density: np.ndarray, width: float) -> np.ndarray:
        dots = (self.rng.uniform(size=density.shape) < density) * self.rng.uniform(0.4, 1, density.shape)
        return np.clip(gaussian_filter(dots * self.skin, width) * 7 * width**2, 0, 1.2)

    def _moles(self, n: int) -> np.ndarray:
        free = np.argwhere(self.atlas.face & (self.lip_map < 0.1) & (self.atlas.upper_lid_distance > 6))
        dots = np.zeros(self.skin.shape)
        dots[tuple(free[self.rng.choice(len(free), n, replace=False)].T)] = self.rng.uniform(0.5, 1, n)
        return gaussian_filter(dots, 0.85) * 5

    def mottling(self) -> list[Layer]:
        """Smooth random pigment at four scales; the finest and one coarse set are not mirrored."""
        plan = (("broad", 45, True, 8, 0.008), ("middle", 20, True, 8, 0.0085),
                ("uneven", 18, False, 6, 0.006), ("fine", 7, False, 6, 0.008))  # fmt: skip
        out = []
        for name, scale, mirrored, n, sd in plan:
            for k in range(n):
                colour = (MELANIN, BLOOD)[k % 2]
                effect = ageing(0.008) if name == "fine" else {}
                out.append(Layer(f"{name}-{k}", self.field(scale, mirrored), colour, effect, sd))
        return out


def components(layers: list[Layer], weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Loadings (k, layers) of the principal components, one sd each, and their shares of variance.

    `weight` (h, w): how much of the face a texel covers.
    """
    spreads = [layer.spread for layer in layers]
    fields = np.array([(x.spread * x.map * np.sqrt(weight))[..., None] * x.colour for x in layers])
    flat = fields.reshape(len(layers), -1)
    values, vectors = np.linalg.eigh(flat @ flat.T)
    order = values.argsort()[::-1][:N_COMPONENTS]
    loadings = vectors[:, order].T
    loadings *= np.sign(loadings[np.arange(len(order)), np.abs(loadings).argmax(1)])[:, None]
    return loadings * spreads, values[order] / values.sum()


def _log(colour) -> np.ndarray:
    return np.log(np.asarray(colour, dtype=float) / 255)


def _ramp(v: np.ndarray, low: float, high: float) -> np.ndarray:
    t = np.clip((v - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def _polyline_distance(x, y, points):
    """Distance (h, w) to a polyline and the relative place along it."""
    best, place = np.full(x.shape, np.inf), np.zeros(x.shape)
    for k, (a, b) in enumerate(zip(points[:-1], points[1:])):
        t = np.clip(((x - a[0]) * (b - a)[0] + (y - a[1]) * (b - a)[1]) / ((b - a) ** 2).sum(), 0, 1)
        d = np.hypot(x - a[0] - t * (b - a)[0], y - a[1] - t * (b - a)[1])
        place = np.where(d < best, (k + t) / (len(points) - 1), place)
        best = np.minimum(best, d)
    return best, place
