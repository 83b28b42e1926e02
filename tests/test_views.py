"""The second viewing condition: other pictures of the same faces, from the panel to the comparison."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import RidgeCV

from kit import faces, study
from kit.__main__ import main
from kit.behavior import observers, ratings, session
from kit.behavior.demo import demo_ratings
from kit.behavior.experiment import Display, State
from kit.behavior.protocol import Procedure as Session
from kit.behavior.protocol import panel_faces, plan, target
from kit.behavior.screens import SIZE, pictures, screen
from kit.behavior.session import my_ratings, open_session
from kit.faces import stimuli
from kit.faces.views import ANGLES, FRONTAL, TURNED, VIEWS, draw_views
from kit.networks import dataset
from kit.study import conditions, panels, spaces
from kit.study.design import Design
from kit.study.library import Library
from kit.study.panels import Series

TINY = Design(("Mei", "Leo"), observers=2, controls=("texture user",), trials=180, folds=5, shifts=20)
TAKEN = Session("Mei", rate=6, retest=2, catch=1, view=TURNED)


class Averages:
    """A cheap system: mean colours of a grid of 8 x 8 patches."""

    def embed(self, images):
        n, size = images.shape[:2]
        return (images.reshape(n, 8, size // 8, 8, size // 8, 3).mean(axis=(2, 4)).reshape(n, -1) / 255).astype("f4")


@pytest.fixture(scope="module")
def mei():
    return stimuli.identities(faces.load())["Mei"]


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """The same tiny comparison in both conditions, and its folder."""
    folder = tmp_path_factory.mktemp("results")
    run = {v: study.run(replace(TINY, view=v), systems={"patches": Averages()}, folder=folder) for v in VIEWS}
    return run[FRONTAL], run[TURNED], folder


def angles(trials) -> np.ndarray:
    return np.array([getattr(trials.views, name) for name in ANGLES])


# ---- panels


@pytest.mark.parametrize("make", [lambda: 7, lambda: np.random.default_rng(7), lambda: np.random.RandomState(7)])
def test_both_conditions_show_the_same_faces_and_leave_a_generator_alike(mei, make):
    rngs = [np.random.default_rng(make()) if callable(getattr(make(), "random", None)) else make() for _ in VIEWS]
    frontal, turned = (stimuli.trials(mei, 9, rng, (8, 8), view) for rng, view in zip(rngs, VIEWS))
    assert np.array_equal(frontal.faces.shape, turned.faces.shape)
    assert np.array_equal(frontal.faces.texture, turned.faces.texture)
    assert (frontal.render(32) != turned.render(32)).any(axis=(1, 2, 3)).all()
    if not isinstance(rngs[0], int):
        assert rngs[0].integers(2**60) == rngs[1].integers(2**60)


def test_the_frontal_condition_is_what_it_was(mei):
    """As drawn before there were conditions: numbers of one stream, portraits in one view and light."""
    drawn = np.random.default_rng(5).normal(size=(18, 110)).astype(np.float32)
    made = stimuli.trials(mei, 3, rng=5)
    assert np.array_equal(made.faces.shape, drawn[:, :60]) and np.array_equal(made.faces.texture, drawn[:, 60:])
    assert np.array_equal(made.render(64), made.faces.render(64, frame="face"))
    assert np.array_equal(stimuli.Trials(mei, made.faces).render(64), made.faces.render(64, frame="face"))


@pytest.mark.parametrize("components", [None, (8, 8), (0, 3)])
def test_a_turned_panel_depends_neither_on_those_after_it_nor_on_what_varies(mei, components):
    short, long = stimuli.trials(mei, 2, 3, components, TURNED), stimuli.trials(mei, 40, 3, None, TURNED)
    assert np.array_equal(angles(short), angles(long)[:, :12])


def test_angles_fill_their_ranges_and_never_leave_them(mei):
    found = angles(stimuli.trials(mei, 600, rng=0, view=TURNED))
    for values, (low, high) in zip(found, VIEWS[TURNED]):
        assert low <= values.min() < low + 0.02 * (high - low) and high >= values.max() > high - 0.02 * (high - low)
        assert values.mean() == pytest.approx((low + high) / 2, abs=0.03 * (high - low)), "any as likely as any other"
    assert np.abs(np.corrcoef(found) - np.eye(4)).max() < 0.06, "each angle by itself"
    data = dataset.FaceImages(dataset.ImageSet(identities=40, unseen=0, images=30, size=8))
    assert np.allclose(data.angles.min(axis=0), [low for low, _ in VIEWS[TURNED]], atol=0.5), "as networks saw them"
    assert np.allclose(data.angles.max(axis=0), [high for _, high in VIEWS[TURNED]], atol=0.5)
    assert VIEWS[FRONTAL] == ((0, 0), (0, 0), (0, 0), (30, 30))


def test_turned_heads_stay_in_their_frame_and_in_light(mei):
    kofi = stimuli.identities(faces.load())["Kofi"]
    for person in (mei, kofi):
        shown = stimuli.trials(person, 20, rng=1, view=TURNED).render(SIZE)
        head = (shown != 128).any(axis=-1)
        assert not head[:, :, :4].any() and not head[:, :, -4:].any(), "ears and noses are inside"
        assert 0.4 < head.mean() < 0.8, "a face takes most of the picture"
        light = np.array([picture[mask].mean() for picture, mask in zip(shown, head)])
        assert light.min() > 40 and light.max() < 190


def test_some_panels_are_drawn_as_in_the_whole(mei):
    made = stimuli.trials(mei, 8, rng=1, view=TURNED)
    alone = made.take([6, 2])
    assert np.array_equal(alone.render(32), made.render(32, [*range(36, 42), *range(12, 18)]))
    assert np.array_equal(alone.panel(1).shape, made.panel(2).shape) and alone.views.name == TURNED
    with pytest.raises(IndexError, match="trial 8 does not exist; there are 8"):
        made.take([0, 8])
    with pytest.raises(ValueError, match="48 faces and 6 views"):
        stimuli.Trials(mei, made.faces, draw_views(TURNED, 6, 0))


@pytest.mark.parametrize(
    "ask",
    [
        lambda: stimuli.trials(stimuli.identities(faces.load())["Mei"], 2, 0, view="sideways"),
        lambda: replace(TINY, view="sideways"),
        lambda: Session("Mei", view="sideways"),
        lambda: Series("Mei", 0, "8+8", 90, "sideways").name,
    ],
)
def test_a_view_that_does_not_exist_is_named_with_those_there_are(ask):
    with pytest.raises(ValueError, match="view must be one of frontal, turned; got 'sideways'"):
        ask()


# ---- tables


def table(**columns) -> pd.DataFrame:
    rows = {"observer": "a", "identity": "Mei", "trial": [4, 0, 9], "choice": [5, 0, 3], "rating": [1, 6, 3], "seed": 9}
    return pd.DataFrame(rows | {"components": "8+8"} | columns)


def test_rows_make_their_pictures_again_to_the_pixel(mei, tmp_path):
    """Also where a table mixes both conditions, and one trial was rated in both."""
    mixed = pd.concat([table(view=TURNED), table(view=FRONTAL), table(trial=[1, 2, 3])])
    back = ratings.read(ratings.write(mixed, tmp_path / "mixed.csv"))
    assert back["view"].tolist() == [TURNED] * 3 + [FRONTAL] * 6
    rated = {one.series.view: one for one in panels.answers(back)}
    for view, trials in ((TURNED, [0, 4, 9]), (FRONTAL, [0, 1, 2, 3, 4, 9])):
        whole, one = stimuli.trials(mei, 30, 9, (8, 8), view), rated[view]
        assert one.trial.tolist() == trials
        again, rows = one.series.trials(), [6 * t + c for t, c in zip(trials, one.choice)]
        assert np.array_equal(again.take(trials).render(32), whole.take(trials).render(32))
        assert np.array_equal(again.render(32, one.chosen), whole.render(32, rows))
        assert np.array_equal(again.faces[one.chosen].shape, whole.faces[rows].shape)


def test_tables_without_the_column_are_frontal(tmp_path):
    path = tmp_path / "old.csv"
    path.write_text("observer,identity,trial,choice,rating\na,Ada,0,1,3\n")
    assert ratings.read(path)["view"].tolist() == [FRONTAL]
    path.write_text("observer,identity,trial,choice,rating,view\na,Ada,0,1,3,\na,Ada,1,1,3, Turned \n")
    assert ratings.read(path)["view"].tolist() == [FRONTAL, TURNED]


def test_an_unknown_view_is_refused_with_its_row(tmp_path):
    path = tmp_path / "bad.csv"
    path.write_text("observer,identity,trial,choice,rating,view\na,Ada,0,1,3,turned\na,Ada,1,1,3,upside down\n")
    with pytest.raises(ValueError, match="line 3: view is upside down, must be one of frontal, turned, or empty"):
        ratings.read(path)


# ---- simulated observers


def test_who_compares_faces_feels_the_same_and_who_compares_pictures_does_not(mei):
    special = observers.special(faces.load())
    frontal, turned = (stimuli.trials(mei, 60, 2, view=view) for view in VIEWS)
    for name, same in (("shape user", True), ("switcher", True), ("null", True), ("pixel matcher", False)):
        one, other = (special[name].rate(trials, 0) for trials in (frontal, turned))
        assert one.equals(other) is same, name


def test_a_pixel_matcher_sees_turned_faces_and_remembers_a_frontal_one(mei):
    matcher = observers.special(faces.load())["pixel matcher"]
    trials = stimuli.trials(mei, 60, 2, view=TURNED)
    seen, known = trials.render(32).astype(float), mei.render(32, frame="face").astype(float)
    away = np.sqrt(((seen - known) ** 2).mean(axis=(1, 2, 3)))
    assert matcher.strategy.dissimilarity(trials.faces, mei, trials.views) == pytest.approx(away, rel=1e-4)
    felt = matcher.felt(trials.faces, mei, trials.views)
    assert abs(felt.mean()) < 0.25 and 0.8 < felt.std() < 1.2, "in sd of faces that are shown alike"
    assert len(set(matcher.rate(trials, 0)["rating"])) == 6


# ---- the experiment


@pytest.fixture
def student(tmp_path, monkeypatch):
    monkeypatch.setenv("KIT_STUDENT_DIR", str(tmp_path))
    yield tmp_path
    for held in list(session._open.values()):
        held.close()
    session._open.clear()


def answered(held: session.Session, n: int) -> session.Session:
    """Learn the face and answer n panels."""
    while sum(1 for _ in held.state.answers) < n:
        shown = held.state.display.stimulus
        kind = held.state.display.kind
        event = {"event": {"consent": "consent", "study": "studied"}.get(kind, "rested")}
        if kind == "match":
            event = {"event": "match", "number": shown.number, "same": shown.same}
        if kind == "panel":
            event = {"event": "answer", "phase": shown.phase, "trial": shown.trial, "choice": 2, "rating": 4}
        held.submit(event, held.state.serial)
    return held


def test_a_participant_sees_the_turned_panel_of_the_row_that_is_stored(student, mei):
    held = answered(open_session(TAKEN), 6)
    back = ratings.read(held.export(student / "mine.csv"))
    assert len(back) == 3 and set(back["view"]) == {TURNED}
    shown = {(p.phase, p.trial): p for p in plan(TAKEN)}
    for row in back.query("phase != 'catch'").itertuples():
        panel = shown[row.phase, row.trial]
        made = stimuli.trials(mei, row.trial + 1, row.seed, (8, 8), row.view).take([row.trial])
        seen = made.render(SIZE, panel.order)
        assert np.array_equal(pictures(TAKEN, Display("panel", panel)), seen)


def test_learning_the_face_is_the_same_in_both_conditions():
    for kind in ("study", "match"):
        state = State(TAKEN, consented=True, looking=kind == "study")
        assert state.display.kind == kind
        shown = [pictures(replace(TAKEN, view=view), state.display) for view in VIEWS]
        assert np.array_equal(*shown)


def test_a_catch_trial_holds_the_person_in_the_view_of_its_panel():
    caught = next(p for p in plan(TAKEN) if p.phase == "catch")
    held = panel_faces(TAKEN, [caught])
    whole = stimuli.trials(target(TAKEN), caught.trial + 1, 0, (8, 8), TURNED)
    rows = slice(6 * caught.trial, 6 * caught.trial + 6)
    assert np.array_equal(held.faces.shape[0], target(TAKEN).shape[0])
    assert np.array_equal(angles(held), angles(whole)[:, rows])
    person = target(TAKEN).render(64, frame="face", **whole.views[rows][:1].angles)
    assert np.array_equal(held.render(64, [0]), person)


def test_a_crash_loses_neither_answers_nor_the_condition(student):
    held = answered(open_session(TAKEN), 6)
    lines = [json.loads(line) for line in held.path.read_text().splitlines()]
    assert [line["view"] for line in lines if line.get("event") == "answer"] == [TURNED] * 6
    held.close()
    again = session.Session(TAKEN, held.path)
    assert again.state == held.state and again.table().equals(held.table())
    assert my_ratings()["view"].tolist() == [TURNED] * 3
    again.close()


def test_each_condition_is_a_session_of_its_own(student):
    turned = answered(open_session(TAKEN), 5)
    frontal = open_session(replace(TAKEN, view=FRONTAL))
    assert frontal.state == State(frontal.design) and frontal.path.name == "me-Mei-8+8-0.session.jsonl"
    answered(frontal, 4)
    assert len(turned.table()) == 2 and sorted(my_ratings()["view"]) == [FRONTAL, TURNED, TURNED]


def test_sessions_from_before_there_were_views_go_on(student):
    """As written by the kit of before: neither header nor answers name a view."""
    design = replace(TAKEN, view=FRONTAL)
    held = answered(open_session(design), 6)
    held.close()
    lines = [json.loads(line) for line in held.path.read_text().splitlines()]
    for line in lines:
        line.pop("view", None)
        line.get("design", {}).pop("view", None)
    held.path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert my_ratings().equals(held.table())
    assert answered(open_session(design), 8).table()["view"].tolist() == [FRONTAL] * 5


def test_an_answer_to_a_panel_of_another_view_is_told_and_not_taken():
    event = {"event": "answer", "phase": "rate", "trial": 0, "choice": 0, "rating": 3, "view": FRONTAL}
    with pytest.raises(ValueError, match="its view is 'frontal', and this session shows 'turned' faces"):
        State(TAKEN).after(event)


def test_participants_are_told_that_faces_are_turned():
    words = "judge the person, not the picture"
    assert words in " ".join(screen(State(TAKEN)).text)
    assert words not in " ".join(screen(State(replace(TAKEN, view=FRONTAL))).text)


def test_the_simulated_participant_is_in_the_same_condition():
    frontal, turned = (demo_ratings(Session("Mei", rate=30, view=view)) for view in VIEWS)
    assert set(turned["view"]) == {TURNED} and turned.drop(columns="view").equals(frontal.drop(columns="view"))


def test_panels_in_both_conditions_have_the_layout_of_the_widget():
    for view in VIEWS:
        panel = next(p for p in plan(replace(TAKEN, view=view)) if p.phase == "rate")
        n, height, width, _ = pictures(replace(TAKEN, view=view), Display("panel", panel)).shape
        assert n == 6 and height == width


# ---- the comparison


def test_features_are_of_the_pictures_as_shown_and_the_remembered_face_is_frontal(tmp_path):
    library = Library(tmp_path, {"patches": Averages()})
    frontal, turned = (Series("Leo", 0, "60+50", 4, view) for view in VIEWS)
    for series in (frontal, turned):
        library.fill(series)
        assert np.array_equal(library.read(series)["patches"], Averages().embed(series.trials().render(spaces.SIZE)))
    assert frontal.name == "Leo-0-60+50-4" and turned.name != frontal.name
    one, other = library.read(frontal), library.read(turned)
    assert np.array_equal(one["shape"], other["shape"]) and not np.allclose(one["patches"], other["patches"])
    remembered = library.shelf.target(frontal)
    for name, features in library.shelf.target(turned).items():
        assert np.array_equal(features, remembered[name]), name


def test_a_turned_comparison_has_the_same_observers_and_harder_pictures(both):
    frontal, turned, _ = both
    assert set(turned.ratings["view"]) == {TURNED} and turned.design.view == TURNED
    assert turned.ratings.drop(columns="view").equals(frontal.ratings.drop(columns="view"))
    told = {r.design.view: r.main_scores().groupby("space")["mi"].mean() for r in both[:2]}
    assert told[TURNED]["shape"] == told[FRONTAL]["shape"], "observers and shape do not know of views"
    assert {"patches"} < set(told[TURNED].index), "systems were asked in both"
    assert study.report(turned, both[2] / "turned.html").exists()


def test_shape_is_harder_to_read_from_turned_pictures(mei):
    told = {}
    for view in VIEWS:
        trials = stimuli.trials(mei, 80, 4, (4, 4), view)
        features, truth = Averages().embed(trials.render(64)), trials.faces.shape[:, 0]
        fitted = RidgeCV(np.logspace(-2, 4, 13)).fit(features[:320], truth[:320])
        told[view] = fitted.score(features[320:], truth[320:])
    assert 1 - told[TURNED] > 5 * (1 - told[FRONTAL]), told


def test_both_conditions_stand_side_by_side(both, tmp_path):
    frontal, turned, _ = both
    saved = study.Results.load(turned.save(tmp_path))
    found = conditions.side_by_side(frontal, saved)
    assert list(found) == ["bits, frontal", "bits, turned", "redundancy, frontal", "redundancy, turned"]
    assert list(found.index) == ["shape", "texture", "patches"] and found.notna().all(axis=None)
    expected = turned.main_scores().query("space == 'patches'")["redundancy"].mean()
    assert found.loc["patches", "redundancy, turned"] == pytest.approx(expected)
    with pytest.raises(ValueError, match="results of the view 'turned' stand in the place of 'frontal'"):
        conditions.side_by_side(turned, frontal)


def test_peoples_ratings_are_compared_in_the_condition_in_which_they_were_given(both):
    frontal, turned, folder = both
    mine = turned.ratings.query("observer == 'observer 01' and identity == 'Leo'").assign(observer="me")
    with pytest.raises(ValueError, match="no rated trial has the view 'frontal'; there are 180 with view 'turned'"):
        study.run(TINY, mine, {"patches": Averages()}, folder=folder)
    mixed = pd.concat([mine, mine.assign(view=FRONTAL)], ignore_index=True)
    with pytest.warns(UserWarning, match="left out, as this compares the view 'turned': 180 with view 'frontal'"):
        found = study.run(replace(TINY, view=TURNED), mixed, {"patches": Averages()}, folder=folder)
    assert len(found.ratings) == 180 and set(found.scores["series"]) == {"Leo-1-60+50-180-turned"}
    assert [conditions.compared(t, False) for t in (None, mine, mixed)] == [[FRONTAL], [TURNED], [FRONTAL, TURNED]]
    assert conditions.compared(None, True) == [FRONTAL, TURNED]
    old = mixed[mixed["view"] == FRONTAL].drop(columns="view")
    assert len(study.run(TINY, old, {"patches": Averages()}, folder=folder).ratings) == 180, "a table without it"


def test_observers_agree_within_a_condition_only(both):
    frontal, turned, _ = both
    mixed = pd.concat([panels.proper(frontal.ratings), panels.proper(turned.ratings)])
    assert len(panels.answers(mixed)) == 8
    assert {a.series.view for a in panels.answers(mixed)} == set(VIEWS)


def test_the_command_compares_both_conditions_and_keeps_both(both, tmp_path, monkeypatch):
    """Here each comparison is read, and its report a line: both are tested above."""
    done, told = {results.design.view: results for results in both[:2]}, []
    monkeypatch.setattr(spaces, "systems", lambda *_, **__: {})
    monkeypatch.setattr(study, "run", lambda design, *_, **__: done[design.view])
    monkeypatch.setattr(study, "report", lambda results, path, beside, *_: told.append((path, list(beside))))
    assert main(["reproduce", "--quick", "--turned", "--out", str(tmp_path)]) == 0
    folders = {FRONTAL: tmp_path, TURNED: tmp_path / "turned"}
    assert [path for path, _ in told] == [folder / "report.html" for folder in folders.values()]
    assert all("bits, turned" in columns for _, columns in told)
    assert {view: study.Results.load(folder).design.view for view, folder in folders.items()} == {v: v for v in VIEWS}
