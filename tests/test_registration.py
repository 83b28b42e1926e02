"""A plan that was registered is kept as it was, and what ran otherwise is said, a sentence each."""

import copy
import json
from dataclasses import replace

import pytest

from kit.__main__ import main
from kit.study import registration
from kit.study.design import QUICK
from kit.study.statements import CLAIMS

PLANNED = registration.plan(QUICK, ["pixels", "viae"])


def edited(path, **changes):
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
    return path


@pytest.fixture
def path(tmp_path):
    registration.register(PLANNED, tmp_path / "plan.json")
    return tmp_path / "plan.json"


def test_a_plan_holds_design_systems_claims_and_versions(path):
    planned = registration.read(path)
    assert planned["design"]["trials"] == 450 and planned["design"]["identities"] == ["Mei", "Leo"]
    assert planned["systems"] == ["pixels", "viae"] and planned["turned"] is False
    assert set(planned["packages"]) == {"numpy", "scipy", "scikit-learn", "torch"}
    assert [claim["key"] for claim in planned["claims"]] == [claim.key for claim in CLAIMS]
    first = planned["claims"][0]
    assert first["threshold"] == CLAIMS[0].threshold and first["owner"] == CLAIMS[0].owner
    assert first["fails_on"] == list(CLAIMS[0].fails_on) and first["holds_on"] == list(CLAIMS[0].holds_on)
    assert planned["registered"].endswith("+00:00") and "T" in planned["registered"]


def test_the_hash_is_of_what_is_planned_and_not_of_the_moment(path, tmp_path):
    first = registration.read(path)["sha256"]
    assert len(first) == 64 and first == registration.digest(PLANNED)
    assert registration.register(PLANNED, tmp_path / "again.json") == first
    assert registration.digest(registration.plan(QUICK, ["pixels"])) != first
    assert registration.digest(registration.plan(QUICK, ["pixels", "viae"], turned=True)) != first
    assert registration.digest(registration.plan(replace(QUICK, seed=1), ["pixels", "viae"])) != first


def test_a_registered_plan_is_not_written_over(path):
    before = path.read_bytes()
    with pytest.raises(ValueError, match="plan.json is there already; a registered plan is not replaced: choose"):
        registration.register(PLANNED, path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("changed", ["design", "systems", "claims", "turned", "packages", "kit"])
def test_an_edited_plan_is_told(path, changed):
    value = json.loads(path.read_text())[changed]
    other = {"design": {**value, "trials": 600}} if changed == "design" else {}
    other = other or {changed: not value if changed == "turned" else value[:-1] if changed != "packages" else {}}
    with pytest.raises(ValueError, match="was edited after it was registered .*its hash does not fit. Take the"):
        registration.read(edited(path, **other))


def test_a_plan_of_another_form_is_told_with_the_kit_that_reads_it(path):
    with pytest.raises(ValueError, match=r"has form 2, this kit reads 1: use the kit 9\.9 it names"):
        registration.read(edited(path, form=2, kit="9.9"))


@pytest.mark.parametrize(
    ("content", "why"),
    [(b"not json", "is no plan: Expecting value"), (b"\xff\xfe", "is no plan: 'utf-8' codec"),
     (b"[1, 2]", "is no plan: it lacks form, kit"), (b'{"form": 1}', "is no plan: it lacks kit, packages, design"),
     (b"{}", "it lacks form, kit, packages, design, turned, systems, claims, registered, sha256")],
)  # fmt: skip
def test_what_is_no_plan_is_told(tmp_path, content, why):
    path = tmp_path / "plan.json"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=why):
        registration.read(path)


def changed(**parts):
    return copy.deepcopy(PLANNED) | parts


CLAIM = PLANNED["claims"][0]


@pytest.mark.parametrize(
    ("ran", "sentence"),
    [
        (changed(kit="99"), f"kit 99 instead of {PLANNED['kit']}"),
        (changed(turned=True), "turned faces compared: True instead of False"),
        (changed(design=PLANNED["design"] | {"trials": 90}), "design, trials: 90 instead of 450"),
        (changed(design=PLANNED["design"] | {"new": 1}), "design, new: 1 instead of nothing"),
        (changed(packages=PLANNED["packages"] | {"numpy": "0.1"}),
         f"packages, numpy: 0.1 instead of {PLANNED['packages']['numpy']}"),
        (changed(systems=["pixels"]), "system viae was planned and is missing"),
        (changed(systems=["pixels", "viae", "mine"]), "system mine was not planned"),
        (changed(claims=PLANNED["claims"][1:]), f"claim {CLAIM['key']!r} was planned and is missing"),
        (changed(claims=[*PLANNED["claims"], CLAIM | {"key": "new"}]), "claim 'new' was not planned"),
        (changed(claims=[CLAIM | {"threshold": "easier"}, *PLANNED["claims"][1:]]),
         f"claim {CLAIM['key']!r}, threshold: 'easier' instead of {CLAIM['threshold']!r}"),
    ],
)  # fmt: skip
def test_each_difference_is_one_sentence(ran, sentence):
    assert registration.differences(PLANNED, ran) == [sentence]


def test_nothing_differs_where_nothing_was_changed(path):
    assert registration.differences(registration.read(path), PLANNED) == []


def test_the_command_registers_before_anything_is_read_or_computed(tmp_path, monkeypatch, capsys):
    from kit import study
    from kit.study import spaces

    monkeypatch.setattr(spaces, "systems", lambda *_, **__: {"pixels": None})
    monkeypatch.setattr(study, "run", lambda *_, **__: pytest.fail("something was computed"))
    path = tmp_path / "plan.json"
    asked = ["reproduce", "--quick", "--turned", "--ratings", "not there.csv", "--register", str(path)]
    assert main(asked) == 0
    planned = registration.read(path)
    assert planned["turned"] is True and planned["design"]["trials"] == 450 and planned["systems"] == ["pixels"]
    assert capsys.readouterr().out == f"registered {path}, sha256 {planned['sha256']}\n"
    assert main(asked) != 0, "a second time is refused"
    assert "choose another name" in capsys.readouterr().err


def test_an_edited_plan_stops_the_command_before_anything_is_computed(path, tmp_path, monkeypatch, capsys):
    from kit import study
    from kit.study import spaces

    monkeypatch.setattr(spaces, "systems", lambda *_, **__: {"pixels": None})
    monkeypatch.setattr(study, "run", lambda *_, **__: pytest.fail("something was computed"))
    edited(path, turned=True)
    out = tmp_path / "out"
    assert main(["reproduce", "--quick", "--plan", str(path), "--out", str(out)]) != 0
    assert "was edited after it was registered" in capsys.readouterr().err and not out.exists()


def test_a_plan_is_either_written_or_followed(path, capsys):
    with pytest.raises(SystemExit):
        main(["reproduce", "--register", "a.json", "--plan", str(path)])
    assert "not allowed with argument" in capsys.readouterr().err
