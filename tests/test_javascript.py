"""The JavaScript of the widgets: it says what its twins in Python say. Run by Node.js, without a browser."""

import json
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from kit import faces
from kit.faces import mesh, web
from kit.faces.stimuli import identities
from kit.files.data import verified
from kit.javascript import bundled, script
from kit.study.templates import Template
from kit.widgets import amplifier, face_explorer, matching, two_halves
from kit.widgets.live_head import VIEW, numbers

HERE = Path(__file__).resolve().parent
NODE = shutil.which("node")
MATCHING = str(Path(matching.__file__).with_suffix(".js"))
pytestmark = pytest.mark.skipif(NODE is None, reason="Node.js is missing: apt install nodejs")


def answers(module: str, calls: list[tuple[str, list]]) -> list:
    """What functions of a module answer, each called with its arguments."""
    return run("say.mjs", module, calls)


def run(program: str, argument: str | Path, given: object) -> list:
    """What a program of tests/javascript prints, with something to read."""
    command, text = [NODE, HERE / "javascript" / program, argument], json.dumps(given)
    done = subprocess.run(command, input=text, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def moved(rng: np.random.Generator, controls: list) -> dict:
    """The controls, each where it is or somewhere else."""
    values = {}
    for spec in controls:
        if spec.kind == "slider" and rng.random() < 0.6:
            steps = round((spec.high - spec.low) / spec.step)
            values[spec.name] = round(spec.low + spec.step * int(rng.integers(steps + 1)), 6)
        elif spec.kind == "choice":
            values[spec.name] = str(rng.choice(spec.options))
        elif spec.kind == "switch":
            values[spec.name] = bool(rng.random() < 0.5)
    return values


def compare(module, asked: list[dict], facts: dict) -> None:
    """Ask a widget's module in Python and its twin in JavaScript for the same faces and words."""
    twin = f"{module.__file__.removesuffix('.py')}.js"
    words = answers(twin, [("words", [values, facts]) for values in asked])
    assert words == [module.describe(values) for values in asked]
    assert len(set(words)) > len(asked) // 3
    for values, found in zip(asked, answers(twin, [("face", [values, facts]) for values in asked])):
        face = module.compute(values)
        for name in ("sex", "age", "ancestry", "shape", "texture", "expression"):
            np.testing.assert_allclose(found[name], np.ravel(getattr(face, name)), atol=1e-5, err_msg=name)


@pytest.fixture(scope="module")
def explorer():
    return face_explorer.FaceExplorer(list(face_explorer.GROUPS.values()))


def test_the_explorer_asks_for_the_same_faces_in_the_same_words(explorer):
    rng = np.random.default_rng(0)
    controls = [c for group in face_explorer.GROUPS.values() for c in group.controls]
    asked = [explorer.start, *(explorer.start | moved(rng, controls) for _ in range(60))]
    stranger = faces.load().sample(1, rng=4).with_expression("fear", 0.7).with_design(ancestry=(0.5, 0.2, 0.3))
    explorer.face = stranger
    asked += [explorer.values, explorer.values | {"strength": -0.5, "shape_1": 2.0, "sex": 0.3}]
    compare(face_explorer, asked, explorer.facts)


def test_shape_and_texture_are_mixed_alike():
    widget, rng = two_halves.TwoHalves(), np.random.default_rng(1)
    controls = [*two_halves.CONTROLS, *VIEW.controls]
    compare(two_halves, [widget.start, *(widget.start | moved(rng, controls) for _ in range(30))], widget.facts)


def test_amplified_faces_are_alike():
    rng, target = np.random.default_rng(2), identities(faces.load())["Leo"]
    templates = {name: Template(rng.normal(size=110), 0.15 * rng.normal(size=110)) for name in ("viae", "ae")}
    widget = amplifier.Amplifier(templates, target, {"ae": lambda shown: shown.shape[:, 0]})
    asked = [{"system": s, "alpha": a / 2, "yaw": y, "pitch": -y} for s in templates for a in range(41) for y in (0, 7)]
    twin = SimpleNamespace(
        __file__=amplifier.__file__,
        compute=lambda values: amplifier.compute(values, templates, target),
        describe=lambda values: amplifier.words(values, widget.facts["systems"][values["system"]]["largest"]),
    )
    compare(twin, asked, widget.facts)
    assert widget.facts["systems"]["ae"]["largest"] < 20, "the limit is tried, too"
    widget.values = widget.values | {"system": "ae", "alpha": 2.0}
    own = amplifier.compute(widget.values, templates, target).shape[0, 0]
    assert widget.afterwards == {
        "of": {"system": "ae", "alpha": 2.0},
        "words": f"Its own answer: {own:+.2f} (higher is more alike).".replace("-", "−"),
    }


def test_the_model_makes_the_same_surface_and_texture():
    model = faces.load()
    crowd = faces.concat([model.sample(2, rng=5), model.sample(1, rng=6).with_expression("surprise").caricature(1.4)])
    given = {"constants": web.constants(), "faces": [numbers(face) for face in crowd]}
    triangles, found = run("model.mjs", verified("face_model.npz"), given)
    assert triangles == len(model.mesh.triangles), "the same parts are left out"
    for one, face in zip(found, crowd, strict=True):
        vertices = face.vertices(cap=True)
        assert np.abs(np.reshape(one["vertices"], vertices.shape) - vertices).max() < 0.02  # mm
        normals = mesh.normals(vertices, model.mesh.triangles)
        assert np.abs(np.reshape(one["normals"], normals.shape) - normals).max() < 1e-3
        albedo = 255 * face.texture_image()
        assert np.abs(np.reshape(one["albedo"], (*albedo.shape[:3], 4))[..., :3] - albedo).max() < 0.6


@pytest.fixture(scope="module")
def rounds():
    return [matching.told(shown) for shown in matching.compute(4, rng=3)]


def play(rounds: list[dict], moves: list[tuple]) -> dict:
    """The game after some moves, each an action and a place."""
    game = {"chosen": [], "looking": False}
    for action, place in moves:
        (game,) = answers(MATCHING, [("after", [game, rounds, action, place])])
    return game


def test_a_perfect_game(rounds):
    first = play(rounds, [("choose", rounds[0]["answer"])])
    assert answers(MATCHING, [("news", [first, rounds])])[0].startswith("✓ Right")
    last = play(rounds, [("choose", 0), ("next", None)] * 3 + [("choose", 0)])
    assert answers(MATCHING, [("over", [last, rounds])]) == [False], "the last choice is still being looked at"
    right = [step for r in rounds for step in (("choose", r["answer"]), ("next", None))]
    game = play(rounds, right)
    over, score, news = answers(
        MATCHING, [("over", [game, rounds]), ("score", [game, rounds, "shape"]), ("news", [game, rounds])]
    )
    assert over and score == [2, 2] and "texture: 2 of 2 right" in news and "other part) 0 times." in news
    lured = play(rounds, [*right[:-2], ("choose", rounds[-1]["lure"]), ("next", None)])
    assert "other part) once." in answers(MATCHING, [("news", [lured, rounds])])[0]
    assert play(rounds, [("choose", 0), ("again", None)]) == {"chosen": [], "looking": False}


def test_a_wrong_choice_is_marked_and_counts_once(rounds):
    lure, answer = rounds[0]["lure"], rounds[0]["answer"]
    game = play(rounds, [("choose", lure), ("choose", answer)])
    assert game == {"chosen": [lure], "looking": True}, "a second choice in a round is ignored"
    marks = answers(MATCHING, [("mark", [game, rounds, place]) for place in range(4)])
    assert marks[lure] == "✗ your choice" and marks[answer] == f"✓ same {rounds[0]['kind']}"
    assert sorted(marks)[:2] == ["", ""]
    assert "is the lure" in answers(MATCHING, [("news", [game, rounds])])[0]


def test_a_module_comes_with_all_that_it_imports_each_once(tmp_path):
    (tmp_path / "a.js").write_text("const own = 1;\nexport const one = () => own;\nexport default { one };\n")
    (tmp_path / "b.js").write_text(
        'import { one } from "./a.js";\nconst own = 2;\nexport const two = () => one() + own;\n'
    )
    (tmp_path / "c.js").write_text(
        'import { one } from "./a.js";\nimport { two } from "./b.js";\n'
        "export function three() { return one() + two(); }\nexport default { three };\n"
    )
    whole = bundled(tmp_path / "c.js")
    assert whole.count("const own = 1") == 1 and whole.count("export default") == 1 and "import" not in whole
    (tmp_path / "whole.mjs").write_text(whole)
    assert answers(str(tmp_path / "whole.mjs"), [("three", [])]) == [4]
    (tmp_path / "page.mjs").write_text(script(tmp_path / "c.js", "all") + "export const three = all.three;\n")
    assert answers(str(tmp_path / "page.mjs"), [("three", [])]) == [4]
