"""Draw the gallery of the face model: `make gallery` -> docs/gallery/*.png, and small copies in docs/pictures."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from kit import faces
from kit.faces import pictures, scenes, stimuli

FULL = Path(__file__).parent / "gallery"  # not committed
SMALL = Path(__file__).parent / "pictures"
SMALL_WIDTH = 1000
SIZE = 224
model = faces.load()


def labelled(images: np.ndarray, names: list[str]) -> np.ndarray:
    """The same pictures with a name in the corner of each."""
    out = []
    for image, name in zip(images, names):
        picture = Image.fromarray(image)
        ImageDraw.Draw(picture).text((5, 3), name, fill=(255, 255, 255))
        out.append(np.asarray(picture))
    return np.array(out)


def row(face: faces.Faces, n: int) -> faces.Faces:
    return face[[0] * n]


def identities() -> np.ndarray:
    people = model.sample(24, sex=np.tile([-1, 1], 12), rng=8)
    return pictures.sheet(people.render(SIZE), 8)


def the_four() -> np.ndarray:
    four = stimuli.identities(model)
    drawn = np.concatenate([face.render(320) for face in four.values()])
    return pictures.sheet(labelled(drawn, list(four)), 4)


def yaw() -> np.ndarray:
    angles = np.linspace(-90, 90, 7)
    woman, man = model.sample(1, "female", 30, "asian", rng=3), model.sample(1, "male", 40, "caucasian", rng=4)
    rows = [row(woman, 7).render(SIZE, yaw=angles), row(man, 7).render(SIZE, yaw=angles * 2 / 3, pitch=angles / 4)]
    return pictures.sheet(np.concatenate(rows), 7)


def sex_age_ancestry() -> np.ndarray:
    person = model.sample(1, "female", 28, (0.2, 0.2, 0.6), rng=6)
    mixes = np.array([[1, 0, 0], [2, 1, 0], [1, 2, 0], [0, 1, 0], [0, 2, 1], [0, 1, 2], [0, 0, 1]])
    rows = [
        row(model.mean(age=28), 7).with_design(sex=np.linspace(-1, 1, 7)),
        row(person, 7).with_design(sex=np.linspace(-1, 1, 7)),
        row(person, 7).with_design(age=np.linspace(18, 80, 7)),
        row(person, 7).with_design(sex="male", age=np.linspace(18, 80, 7), ancestry="asian"),
        row(person, 7).with_design(ancestry=mixes / mixes.sum(1, keepdims=True)),
    ]
    return pictures.sheet(np.concatenate([r.render(SIZE) for r in rows]), 7)


def components() -> np.ndarray:
    """Six shape and six texture components at -3 and +3 standard deviations."""
    images, names = [], []
    for kind, turn in (("shape", 15), ("texture", 0)):
        for amount in (-3, 3):
            for k in range(6):
                images.append(
                    model.face("female", 30, (0.2, 0.2, 0.6), **{kind: {k: amount}}).render(SIZE, yaw=turn)[0]
                )
                names.append(f"{kind} {k} at {amount:+d} sd")
    return pictures.sheet(labelled(np.array(images), names), 6)


def shape_against_texture() -> np.ndarray:
    people = model.sample(7, "male", 32, (0.1, 0.1, 0.8), rng=12)
    other = people.with_design(sex="female", ancestry="african")
    rows = [f for p in (people, other) for f in (p.with_texture(0 * p.texture), p.with_shape(0 * p.shape))]
    return pictures.sheet(np.concatenate([r.render(SIZE) for r in rows]), 7)


def light() -> np.ndarray:
    person = row(model.sample(1, "male", 35, "caucasian", rng=21), 7)
    around = person.render(SIZE, light=(np.linspace(-80, 80, 7), 20))
    above = person.render(SIZE, light=(10, np.linspace(-50, 80, 7)))
    return pictures.sheet(np.concatenate([around, above]), 7)


def expressions() -> np.ndarray:
    names = ("neutral", *model.expression_names)
    people = [model.sample(1, "female", 27, "african", rng=2), model.sample(1, "male", 45, "caucasian", rng=9)]
    drawn = [p.with_expression(name).render(SIZE)[0] for p in people for name in names]
    return pictures.sheet(labelled(np.array(drawn), [*names] * 2), 7)


def caricatures() -> np.ndarray:
    amounts = (-1, -0.5, 0, 0.5, 1, 1.25, 1.5)
    drawn = [face.caricature(a).render(SIZE)[0] for face in stimuli.identities(model).values() for a in amounts]
    return pictures.sheet(labelled(np.array(drawn), [f"{a:g}" for a in amounts] * 4), 7)


def cap() -> np.ndarray:
    people = model.sample(4, sex=[-1, 1, -1, 1], rng=15)
    return pictures.sheet(np.concatenate([people.render(320, cap=False), people.render(320)]), 4)


def things() -> np.ndarray:
    """Eight scenes of each category; every factor differs."""
    n = len(scenes.CATEGORIES)
    return pictures.sheet(scenes.sample(8 * n, category=np.repeat(np.arange(n), 8), rng=1).render(SIZE), 8)


def faces_before_scenes() -> np.ndarray:
    """Three people (rows) with each category (columns)."""
    people, places = model.sample(3, sex=[-1, 1, -1], rng=8), scenes.sample(6, category=scenes.CATEGORIES, rng=12)
    who, what = np.repeat(np.arange(3), 6), np.tile(np.arange(6), 3)
    return pictures.sheet(scenes.behind(people[who], places[what], SIZE), 6)


def readme() -> np.ndarray:
    """The strip at the top of the README."""
    return pictures.sheet(model.sample(10, sex=np.tile([-1, 1], 5), rng=8).render(160), 10)


SHEETS = (identities, the_four, yaw, sex_age_ancestry, components, shape_against_texture, light, expressions,
          caricatures, cap, things, faces_before_scenes, readme)  # fmt: skip


def shrunk(image: np.ndarray) -> np.ndarray:
    """The picture at no more than SMALL_WIDTH pixels across."""
    picture = Image.fromarray(image)
    if picture.width > SMALL_WIDTH:
        picture = picture.resize((SMALL_WIDTH, picture.height * SMALL_WIDTH // picture.width), Image.LANCZOS)
    return np.asarray(picture)


if __name__ == "__main__":
    for draw in SHEETS:
        image = draw()
        print(pictures.save(image, FULL / f"{draw.__name__}.png"))
        (SMALL / f"{draw.__name__}.jpg").write_bytes(pictures.encoded(shrunk(image)))
