"""What goes into a comparison is looked at first: names, networks, fingerprints; what is kept never lies."""

import re
import unicodedata
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import nn

from kit import networks, study
from kit.study import comparison, panels, probes, results, spaces, units
from kit.study.design import Design
from kit.study.library import Library
from kit.study.results import Results
from kit.study.units import Piece

TINY = Design(("Mei",), observers=1, controls=(), trials=90, pixels=2, pixels_long=0, folds=3, shifts=2)


class Patches:
    """A cheap system: mean colours of 4 x 4 patches, and what is done to them."""

    def __init__(self, change=lambda x: x, **look) -> None:
        self.change = change
        self.__dict__ |= look  # size, crop

    def embed(self, images):
        n, size = images.shape[:2]
        means = images.reshape(n, 4, size // 4, 4, size // 4, 3).mean(axis=(2, 4))
        return self.change((means.reshape(n, -1) / 255).astype(np.float32))


class Silent:
    """Must not be asked for anything."""

    def embed(self, images):
        raise AssertionError("work was done")


def refused(systems, told, tmp_path):
    with pytest.raises(ValueError, match=told):
        study.run(TINY, systems=systems, folder=tmp_path / "results")
    assert not (tmp_path / "results").exists(), "nothing was written"


# ---- names


@pytest.mark.parametrize(
    "name",
    [
        "shape", "Texture", "observer", "observer itself", "truth", "target", "done", "decision of classid", "pixels",
        "PIXELS", "pixels 256", "untrained", "photographs", "viae", "beta2", "a/b", "..", "a\\b", "a\0b", "", " a",
        "a.", "a\nb", "nul",
        "CON.x", "a:b", "x" * 101, "\ud800", "shape\u200b", "a\u202eb",
    ],
)  # fmt: skip
def test_names_that_stand_for_something_else_or_fit_no_file_are_refused(name, tmp_path):
    refused({name: Silent()}, re.escape(f"cannot be called {name!r}"), tmp_path)


@pytest.mark.parametrize(
    "pair", [("Mine", "mine"), (unicodedata.normalize("NFC", "é"), unicodedata.normalize("NFD", "é"))]
)
def test_names_that_are_one_on_some_disks_are_refused(pair, tmp_path):
    refused(dict.fromkeys(pair, Silent()), "would share a file", tmp_path)


def test_a_number_is_no_name(tmp_path):
    refused({1: Silent()}, "names of systems are text; got 1 of type int: use '1'", tmp_path)


def test_the_kits_own_systems_keep_their_names():
    known = spaces.systems(["viae"], pixels=3, pixels_long=5)
    probes.check_names(known)
    assert list(known) == ["pixels", "pixels 5", "untrained", "viae", "viae-2", "viae-3"]
    assert list(spaces.systems([], pixels=3, pixels_long=0)) == ["pixels", "untrained"]
    seen = probes.probe(known)
    assert {name: found.shape[1] for name, found in seen.items()} == {
        "pixels": 3, "pixels 5": 5, "untrained": 128, "viae": 128, "viae-2": 128, "viae-3": 128}  # fmt: skip
    np.testing.assert_allclose(seen["pixels 5"][:, :3], seen["pixels"], atol=1e-4)
    about = probes.catalogue(seen, known).set_index("space")
    assert about["role"].to_dict() == {
        "shape": "model", "texture": "model", "pixels": "pixels", "pixels 5": "pixels", "untrained": "untrained",
        "viae": "trained", "viae-2": "trained", "viae-3": "trained"}  # fmt: skip
    assert about.loc["shape", ["dimensions", "image_size", "crop"]].tolist() == [60, 0, ""]
    assert about.loc["viae", ["image_size", "crop"]].tolist() == [64, "face"]


def test_training_is_known_from_the_network_and_not_from_its_name():
    module = nn.Sequential(nn.Flatten(), nn.Linear(3 * 64 * 64, 4))
    known = {"a": networks.load("ae"), "b": networks.untrained(), "c": networks.wrap(module), "d": Patches()}
    assert spaces.trained(known) == ["a"]
    assert [spaces.role(system) for system in known.values()] == ["trained", "untrained", "other", "other"]


# ---- people


@pytest.mark.parametrize(("name", "told"), [("control: me", "marks simulated observers"), ("a\rb", "cannot be seen")])
def test_people_are_not_dropped_for_their_names(name, told, tmp_path):
    ratings = panels.simulate(TINY).assign(observer=name)
    with pytest.raises(ValueError, match=f"{re.escape(repr(name))}.*{told}"):
        study.run(TINY, ratings, {"mine": Silent()}, folder=tmp_path)


def test_joiners_of_letters_and_pictures_are_part_of_a_name():
    names = ["\u0639\u0644\u06cc\u200c\u0631\u0636\u0627", "\U0001f469\u200d\U0001f52c"]
    probes.check_names(dict.fromkeys(names, Silent()))
    ratings = pd.concat([panels.simulate(TINY).assign(observer=name) for name in names])
    assert set(comparison._of_people(ratings)["observer"]) == set(names)


# ---- systems that cannot be compared


def half(x):
    with np.errstate(over="ignore"):
        return (x * 1e6).astype(np.float16)


@pytest.mark.parametrize(
    ("system", "told"),
    [
        (Patches(lambda x: 0 * x), "says the same of 16 different faces"),
        (Patches(lambda x: np.where(np.arange(len(x))[:, None] == 3, np.nan, x)),
         "gave nan for 1 of them, first for number 3"),
        (Patches(half), "gave infinite values for 16 of them.*65504"),
        (Patches(lambda x: x[0]), r"shape \(48,\), not numbers of shape \(16, d\)"),
        (Patches(lambda x: x[:, None]), r"not numbers of shape \(16, d\)"),
        (Patches(lambda x: x[:, :0]), r"not numbers of shape \(16, d\)"),
        (Patches(lambda x: x.astype(str)), "not numbers"),
        (Patches(lambda x: x + np.random.default_rng().normal(size=x.shape)),
         "answers differently when it is asked again"),
        (Patches(lambda x: x - x.mean(axis=0)), "or beside other pictures"),
        (Patches(lambda x: 1 // 0), "failed: ZeroDivisionError"),
        (nn.Flatten(), "is a Flatten without `embed`: use networks.wrap"),
        ("viae", "is a str without `embed`"),
        (networks.wrap(nn.Linear(5, 5)), "failed: RuntimeError.*pictures have 64 x 64 pixels"),
    ],
)  # fmt: skip
def test_sick_systems_are_named_before_any_work(system, told, tmp_path):
    refused({"good": Patches(), "sick": system}, f"'sick'.*{told}", tmp_path)


@pytest.mark.parametrize(
    ("system", "told"),
    [
        (Patches(size=7), "size must be a whole number of pixels, 8 to 2048; got 7"),
        (Patches(crop="nose"), "crop must be one of face, head; got 'nose'"),
        (
            Patches(lambda x: np.repeat(x, 6000, axis=1)),
            r"288,000 features: of 540 faces .* 0\.6 GB.*projected\(system",
        ),
    ],
)
def test_what_cannot_be_shown_or_kept_is_told_before_any_work(system, told, tmp_path):
    refused({"good": Patches(), "sick": system}, f"'sick'.*{told}", tmp_path)


def test_a_picture_that_goes_wrong_later_is_told_with_the_systems_name(tmp_path):
    late = Patches(lambda x: np.where(len(x) > 16, np.inf, x))
    with pytest.raises(ValueError, match="'late'.*infinite values"):
        study.run(TINY, systems={"late": late}, folder=tmp_path)
    assert not list(tmp_path.glob("work/**/*.unit"))


# ---- fingerprints


def prints(**systems):
    return probes.fingerprint(systems, probes.probe(systems))


def test_other_systems_have_other_fingerprints(monkeypatch):
    def network(bias=0.0, layer="2", preprocess=None):
        torch.manual_seed(0)
        module = nn.Sequential(nn.Conv2d(3, 4, 8, 8), nn.ReLU(), nn.Flatten(), nn.Linear(256, 3))
        module[3].bias.data += bias
        return networks.wrap(module, layer, preprocess)

    small = [Patches(lambda x, k=k: 1e-4 * x**k) for k in (1, 2)]
    several = {
        "network": {"a": network()}, "weights after the layer": {"a": network(1e-3)},
        "layer": {"a": network(layer="3")},
        "preprocessing": {"a": network(preprocess=lambda x: 1 - x)}, "small features": {"a": small[0]},
        "other small features": {"a": small[1]}, "name": {"b": small[0]}, "two": {"a": small[0], "b": small[1]},
    }  # fmt: skip
    found = {kind: prints(**systems) for kind, systems in several.items()}
    assert prints(a=network()) == found["network"], "the same again"
    monkeypatch.setattr(probes, "__version__", "next")
    found["version"] = prints(a=network())
    found["another layer"] = prints(a=network(layer="0"))
    for look in ({}, {"size": 32}, {"crop": "head"}, {"fingerprint": "other weights"}):
        found[f"look {look}"] = prints(a=Patches(**look))
    assert len(set(found.values())) == len(found), found


# ---- what is kept


def made() -> Piece:
    table = pd.DataFrame({"space": ["null", "1e3", "001"], "mi": [0.1 + 0.2, np.nan, 1e-300], "fold": [0, 1, 2]})
    return Piece(
        {"scores": table.assign(significant=[True, False, True]), "none": table[:0]}, {"weights null": np.arange(3.0)}
    )


def equal(one: Piece, other: Piece) -> bool:
    pd.testing.assert_frame_equal(one.tables["scores"], other.tables["scores"], check_exact=True)
    return list(one.tables) == list(other.tables) and np.array_equal(
        one.arrays["weights null"], other.arrays["weights null"]
    )


def test_a_unit_is_read_as_it_was_made(tmp_path):
    first = units.kept(tmp_path / "key", "encode/a", made)
    assert equal(first, made())
    assert equal(units.kept(tmp_path / "key", "encode/a", lambda: pytest.fail("done again")), made())


@given(st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_unit_is_told_and_made_again(tmp_path, data):
    units.kept(tmp_path / "key", "a", made)
    path = tmp_path / "key/a.unit"
    whole = path.read_bytes()
    if data.draw(st.booleans()):
        path.write_bytes(whole[: data.draw(st.integers(0, len(whole) - 1))])
    else:
        place = data.draw(st.integers(0, len(whole) - 1))
        path.write_bytes(
            whole[:place] + bytes([whole[place] ^ (1 << data.draw(st.integers(0, 7)))]) + whole[place + 1 :]
        )
    with pytest.warns(UserWarning, match=r"a\.unit is damaged or from another comparison.*done again"):
        assert equal(units.kept(tmp_path / "key", "a", made), made())
    assert path.stat().st_size == len(whole) and equal(units.kept(tmp_path / "key", "a", lambda: 1 / 0), made())


def test_a_unit_of_another_piece_of_work_is_not_taken(tmp_path):
    units.kept(tmp_path / "key", "a", made)
    for other in ("key/b.unit", "other/a.unit"):
        (tmp_path / other).parent.mkdir(exist_ok=True)
        (tmp_path / other).write_bytes((tmp_path / "key/a.unit").read_bytes())
    for folder, name in (("key", "b"), ("other", "a")):
        with pytest.warns(UserWarning, match="from another comparison"):
            units.kept(tmp_path / folder, name, made)


def test_damaged_features_are_told_and_computed_again(tmp_path):
    series = panels.Series("Mei", 0, "60+50", 5)
    library = Library(tmp_path, {"mine": Patches()})
    library.fill(series)
    whole = {name: np.array(values) for name, values in library.read(series).items()}
    library.fill(series)  # says nothing
    place = tmp_path / series.name
    for damage in (
        lambda: (place / "faces/mine.npy").write_bytes((place / "faces/mine.npy").read_bytes()[:-1]),
        lambda: (place / "target/shape.npy").write_bytes((place / "target/texture.npy").read_bytes()),
        lambda: (place / "faces/shape.npy").unlink(),
        lambda: (place / "contents.json").write_text("{"),
        lambda: (place / "contents.json").write_text("{}"),
        lambda: (place / "contents.json").write_text("[1]"),
        lambda: (place / "contents.json").write_text("5"),
    ):
        damage()
        with pytest.warns(UserWarning, match="is damaged or was exchanged: features are computed again"):
            library.fill(series)
        for name, values in library.read(series).items():
            assert np.array_equal(values, whole[name])


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    ratings = pd.concat([panels.simulate(TINY).assign(observer=name) for name in ("NA", "001", "1e3")])
    return study.run(TINY, ratings, {"null": Patches(), "007": Patches(lambda x: x**2)}, tmp_path_factory.mktemp("run"))


def test_names_stay_text_when_results_are_read(found, tmp_path):
    read = Results.load(found.save(tmp_path))
    assert read.spaces == ["shape", "texture", "null", "007"] and set(read.scores["observer"]) == {"NA", "001", "1e3"}
    for name in results.TABLES:
        pd.testing.assert_frame_equal(getattr(read, name), getattr(found, name), check_exact=True, obj=name)
    assert read.in_role("other") == ["null", "007"]


@pytest.mark.parametrize(
    ("file", "change", "told"),
    [
        ("scores.csv", lambda b: b[:-20], "scores.csv is not the file that was saved with"),
        ("systems.csv", lambda b: b.replace(b"001", b"002"), "systems.csv is not the file"),
        ("maps.npz", lambda b: b[:-5], "maps.npz is not the file"),
        ("design.json", lambda b: b[:-5], "design.json is damaged or of another version"),
        ("design.json", lambda b: b.replace(b'"folds"', b'"fold"'), "design.json is damaged or of another version"),
    ],
)
def test_torn_and_foreign_files_of_results_are_named(found, tmp_path, file, change, told):
    path = found.save(tmp_path) / file
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(ValueError, match=told):
        Results.load(tmp_path)


def test_a_column_that_nobody_declared_is_not_saved_as_something(found, tmp_path):
    odd = replace(found, planted=found.planted.assign(more=1.0))
    with pytest.raises(ValueError, match="table planted .*TABLES differ in the columns more"):
        odd.save(tmp_path)


def test_the_same_table_of_simulated_observers_and_of_people_is_not_the_same_work(tmp_path):
    """Simulated observers can be asked again, people cannot: what was kept of the one is not the other's."""
    simulated = study.run(TINY, systems={"mine": Patches()}, folder=tmp_path)
    people = study.run(TINY, simulated.ratings, {"mine": Patches()}, folder=tmp_path)
    at_the_top = people.likeness.query("system == 'observer'")["alpha"]
    assert len(list(tmp_path.glob("work/*"))) == 2 and at_the_top.between(5.5, 6.5).all()
    for one, found in {"simulated": simulated, "people": people}.items():
        assert study.report(found, tmp_path / f"{one}.html").exists(), "one observer is enough for a report"


@pytest.mark.parametrize("change", [{"pixels": 0}, {"pixels_long": 1}, {"pixels_long": -1}])
def test_impossible_numbers_of_pixels_are_refused(change):
    with pytest.raises(ValueError, match="pixels must be at least 1"):
        replace(TINY, **change)
