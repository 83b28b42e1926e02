"""The experiment: what is shown to whom, that nothing is lost, and that it goes on where it stopped."""

import errno
import json
import os
import random
import signal
import subprocess
import sys
import warnings
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from kit import faces
from kit.behavior import observers, ratings, session, strategies, typed
from kit.behavior.experiment import Match, Panel, State, replay, simulate, table
from kit.behavior.protocol import (
    FIRST_EXTRA,
    MOST_MATCHES,
    PRACTICE,
    WINDOW,
    Procedure,
    match_face,
    matches,
    panel_faces,
    plan,
    target,
)
from kit.behavior.screens import pictures, screen, upcoming
from kit.behavior.session import Session, SessionError, delete_my_data, my_ratings, open_session
from kit.faces import stimuli

STRESS = Path(__file__).with_name("stress") / "kill_experiment.py"
SMALL = Procedure("Mei", rate=12, retest=4, catch=2)


def event_for(state: State, rng: random.Random, knows: float = 1.0, ms: float | None = None) -> dict:
    """What a participant with these odds of recognising the face does next."""
    shown = state.display.stimulus
    if isinstance(shown, Panel):
        answer = {"event": "answer", "phase": shown.phase, "trial": shown.trial, "choice": rng.randrange(6)}
        return answer | {"rating": rng.randint(1, 6), "rt_choice_ms": ms or rng.uniform(400, 4000), "rt_rating_ms": 500}
    if isinstance(shown, Match):
        return {
            "event": "match",
            "number": shown.number,
            "same": shown.same if rng.random() < knows else not shown.same,
        }
    return {"event": {"consent": "consent", "study": "studied"}.get(state.display.kind, "rested")}


def random_session(design: Procedure, seed: int, **habits) -> tuple[list[dict], list[State]]:
    """All events of a session and the state before each, and after the last."""
    rng, events, states = random.Random(seed), [], [State(design)]
    while states[-1].display.kind != "debrief":
        events.append(event_for(states[-1], rng, **habits))
        states.append(states[-1].after(events[-1]))
    return events, states


def random_design(seed: int) -> Procedure:
    rng = random.Random(seed)
    rate = rng.choice([6, 12, 13, 24, 30])
    names = {"identity": rng.choice(list(stimuli.IDENTITIES)), "observer": f"p{seed}", "seed": rng.randrange(5)}
    return Procedure(**names, rate=rate, retest=rng.randint(0, rate // 2), catch=rng.randint(0, rate // 3))


@pytest.fixture
def student(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("KIT_STUDENT_DIR", str(tmp_path))
    yield tmp_path
    for held in list(session._open.values()):
        held.close()
    session._open.clear()


def play(held: Session, n: int | None = None, seed: int = 0) -> Session:
    """Answer n displays, or all."""
    rng = random.Random(seed)
    while held.state.display.kind != "debrief" and n != 0:
        held.submit(event_for(held.state, rng), held.state.serial)
        n = n and n - 1
    return held


def again(held: Session) -> Session:
    """The same file, opened by the next kernel."""
    held.close()
    return Session(held.design, held.path)


# ---- what is shown


def test_plans_are_balanced_over_thousands_of_designs():
    for seed in range(2000):
        design = random_design(seed)
        panels = plan(design)
        counts = Counter(panel.phase for panel in panels)
        assert (counts["rate"], counts["retest"], counts["catch"]) == (design.rate, design.retest, design.catch)
        assert counts["practice"] == PRACTICE and len({(p.phase, p.trial) for p in panels}) == len(panels)
        assert [p.trial for p in panels if p.phase == "rate"] == list(range(design.rate))
        for phase, n in counts.items():
            places = np.array([np.argsort(p.order) for p in panels if p.phase == phase])  # of face 0, 1, ...
            often = (places[:, :, None] == np.arange(6)).sum(axis=0)
            assert np.ptp(often) <= (n % 6 > 0), (design, phase)


def test_people_who_begin_elsewhere_rate_other_panels_in_the_same_rhythm():
    early, late = (plan(Procedure("Leo", rate=60, first=first)) for first in (0, 120))
    moved = [(p.phase, p.trial + 120 * (p.phase in ("rate", "retest")), p.order) for p in early]
    assert moved == [(p.phase, p.trial, p.order) for p in late]


def test_retests_come_about_half_a_session_later_in_another_order():
    panels = plan(Procedure("Leo"))
    at = {(p.phase, p.trial): k for k, p in enumerate(panels)}
    lags = [at["retest", t] - at["rate", t] for phase, t in at if phase == "retest"]
    assert len(lags) == 20 and min(lags) > 50
    orders = {(p.phase, p.trial): p.order for p in panels}
    assert np.mean([orders["retest", t] != orders["rate", t] for phase, t in at if phase == "retest"]) > 0.9


def test_catch_trials_are_spread_and_outside_what_is_analysed():
    panels = [p for p in plan(Procedure("Leo")) if p.phase != "practice"]
    caught = [k for k, p in enumerate(panels) if p.phase == "catch"]
    assert max(np.diff([0, *caught, len(panels)])) < 45
    assert all(panels[k].trial >= FIRST_EXTRA for k in caught)


def test_two_observers_see_the_same_panels_in_another_arrangement():
    one, two = (plan(Procedure("Mei", name)) for name in ("a", "b"))
    assert {(p.phase, p.trial) for p in one if p.phase == "rate"} == {
        (p.phase, p.trial) for p in two if p.phase == "rate"
    }
    assert [p.order for p in one] != [p.order for p in two]
    assert plan(Procedure("Mei", "a")) == one


def test_a_longer_session_begins_with_the_panels_of_a_shorter_one():
    designs = (Procedure("Mei", rate=n, retest=0, catch=0) for n in (10, 100))
    short, long = (panel_faces(design, [Panel("rate", 5, (0, 1, 2, 3, 4, 5))]) for design in designs)
    assert np.array_equal(short.faces.shape, long.faces.shape)


def test_panels_are_those_of_the_table_and_catch_trials_hold_the_identity_as_face_0():
    design = Procedure("Mei", seed=3)
    series = stimuli.trials(target(design), 12, rng=3, components=(8, 8))
    shown = [p for p in plan(design) if p.phase == "rate"][:12]
    assert np.array_equal(panel_faces(design, shown).faces.shape, series.faces.shape)
    caught = panel_faces(design, [p for p in plan(design) if p.phase == "catch"]).faces
    same = np.isclose(caught.shape, target(design).shape).all(axis=1).reshape(-1, 6)
    assert same[:, 0].all() and not same[:, 1:].any()
    assert not np.isclose(caught.texture[1:6], target(design).texture).all(axis=1).any()


def test_pictures_stand_where_the_plan_says():
    design = SMALL
    display = upcoming(State(design, consented=True, right=(True,) * 10), 1)[-1]
    drawn, panel = pictures(design, display), display.stimulus
    alone = panel_faces(design, [panel]).faces[panel.order[4]].render(300, frame="face")[0]
    assert drawn.shape == (6, 300, 300, 3) and np.array_equal(drawn[4], alone)


def test_of_ten_matching_tests_five_show_the_person():
    tests = matches(Procedure("Kofi"))
    assert [sum(m.same for m in tests[k : k + WINDOW]) for k in range(0, MOST_MATCHES, WINDOW)] == [5] * 4
    stranger, person = (next(m for m in tests if m.same is same) for same in (False, True))
    assert np.array_equal(match_face(Procedure("Kofi"), person).shape, target(Procedure("Kofi")).shape)
    assert not np.allclose(match_face(Procedure("Kofi"), stranger).shape, target(Procedure("Kofi")).shape)


# ---- the state machine


def test_thousands_of_sessions_end_complete_and_replay_exactly():
    for seed in range(1000):
        design = random_design(seed)
        events, states = random_session(design, seed, knows=0.9)
        end = states[-1]
        assert len(end.counted) == design.total and len(end.answered) == design.total + PRACTICE
        assert replay(design, events) == end
        if seed % 20 == 0:
            assert list(map(states.index, states)) == list(range(len(states)))


def test_a_session_resumes_exactly_at_every_event():
    for seed in range(40):
        events, states = random_session(random_design(seed), seed, knows=0.85)
        for k, state in enumerate(states):
            assert replay(state.design, events[:k]) == state
            assert replay(state.design, events[:k]).display == state.display


def test_a_lost_line_costs_that_trial_alone():
    events, states = random_session(SMALL, 1)
    for k in range(len(events)):
        rest = replay(SMALL, events[:k] + events[k + 1 :])
        assert len(rest.answers) >= len(states[-1].answers) - (events[k]["event"] == "answer")
        rng = random.Random(0)
        while rest.display.kind != "debrief":
            rest = rest.after(event_for(rest, rng))
        assert rest.answered == states[-1].answered


def test_events_that_come_twice_or_late_change_nothing():
    events, states = random_session(SMALL, 2)
    for event in events:
        assert states[-1].after(event) is states[-1] or event["event"] in ("rested", "look")
    first = next(e for e in events if e["event"] == "answer")
    assert states[-1].after(first | {"rating": 1 + first["rating"] % 6}) is states[-1]


def test_whoever_knows_the_face_passes_and_guessers_seldom_do():
    def tests_needed(knows: float) -> list[State]:
        out = []
        for seed in range(300):
            rng, state = random.Random(seed), State(Procedure("Mei", f"p{seed}"), consented=True, looking=False)
            while not state.learned:
                state = state.after(event_for(state, rng, knows))
            out.append(state)
        return out

    good, guessing = tests_needed(0.95), tests_needed(0.5)
    assert np.mean([s.criterion_met for s in good]) > 0.98 and np.median([len(s.right) for s in good]) <= 12
    passed = np.mean([s.criterion_met for s in guessing])
    print(f"guessers who pass the matching test: {passed:.0%}")
    assert 0.03 < passed < 0.2 and max(len(s.right) for s in guessing) == MOST_MATCHES
    words = screen(next(s for s in guessing if not s.criterion_met)).note
    assert "guessing gets half" in words and "of 40 tests" in words


def test_one_can_look_again_while_matching():
    state = replay(SMALL, [{"event": "consent"}, {"event": "studied"}, {"event": "look"}])
    assert state.display.kind == "study" and state.after({"event": "studied"}).display.kind == "match"


def begun(design: Procedure) -> State:
    """A state after practice and its page."""
    state = State(design, consented=True, looking=False, right=(True,) * 10)
    rng = random.Random(0)
    while not state.rested:
        state = state.after(event_for(state, rng))
    return state


def panels_until_break(times: list[float]) -> int:
    state, rng = begun(Procedure("Mei")), random.Random(0)
    for k, ms in enumerate(times):
        if state.display.kind == "break":
            return k
        state = state.after(event_for(state, rng, ms=ms))
    return len(times)


def test_breaks_come_after_forty_panels_or_when_choices_slow_down():
    assert panels_until_break([1500.0] * 60) == 40
    assert 20 <= panels_until_break([1500.0] * 16 + [2700.0] * 44) < 30
    assert panels_until_break([1500.0, 1900.0] * 30) == 40


def test_no_break_is_offered_just_before_the_end():
    state = begun(Procedure("Mei", rate=42, retest=0, catch=0))
    kinds, rng = [], random.Random(0)
    while state.display.kind != "debrief":
        kinds.append(state.display.kind)
        state = state.after(event_for(state, rng, ms=1500.0))
    assert "break" not in kinds


def test_one_can_stop_and_go_on():
    events, states = random_session(SMALL, 3)
    stopped = states[-5].after({"event": "stop"})
    assert stopped.display.kind == "debrief" and "Stopped" in screen(stopped).title
    assert stopped.after({"event": "resume"}).display == states[-5].display


@pytest.mark.parametrize(
    "change, words",
    [
        ({"rating": 7}, "rating must be a whole number from 1 to 6; got 7"),
        ({"rating": True}, "rating must be"),
        ({"choice": 6}, "choice must be a whole number from 0 to 5"),
        ({"choice": "3"}, "got '3'"),
        ({"trial": -1}, "trial must be"),
        ({"phase": "lunch"}, "phase must be one of practice, rate, retest, catch, chosen; got 'lunch'"),
        ({"event": "cheat"}, "an event must be one of consent"),
    ],
)
def test_what_is_no_event_is_refused_in_words(change, words):
    event = {"event": "answer", "phase": "rate", "trial": 0, "choice": 0, "rating": 3}
    with pytest.raises(ValueError) as error:
        State(SMALL).after(event | change)
    assert words in str(error.value)


@pytest.mark.parametrize("time", [-5, 0, float("nan"), float("inf"), 1e9, "soon", None, True])
def test_impossible_times_are_unknown_and_the_trial_is_kept(time):
    event = {"event": "answer", "phase": "rate", "trial": 0, "choice": 0, "rating": 3, "rt_choice_ms": time}
    (answer,) = State(SMALL).after(event).answers
    assert answer.rt_choice_ms is None and answer.rating == 3


@pytest.mark.parametrize(
    "wrong, words",
    [
        ({"identity": "Bob"}, "identity must be one of Ada, Mei, Leo, Kofi; got 'Bob'"),
        ({"observer": "../me"}, "observer must be a code"),
        ({"observer": ""}, "observer must be a code"),
        ({"rate": 0}, "rate must be 1 to 1800"),
        ({"rate": 60, "first": 1741}, "first must be 0 to 1740"),
        ({"first": -1}, "first must be 0 to 1680"),
        ({"rate": 10, "retest": 6}, "retest must be 0 to 5"),
        ({"rate": 10, "retest": 0, "catch": 11}, "catch must be 0 to 10"),
    ],
)
def test_designs_that_cannot_be_are_named(wrong, words):
    with pytest.raises(ValueError) as error:
        Procedure(**{"identity": "Mei"} | wrong)
    assert words in str(error.value)


def test_a_simulated_session_is_a_table_of_ratings():
    model = faces.load()
    weights = np.arange(60) < 8.0  # of the components that vary
    observer = observers.Observer("shape user", strategies.components("shape user", model, shape=weights), noise=0.3)
    rated = table(simulate(Procedure("Mei"), observer, rng=0))
    assert len(ratings.validate(rated)) == 148 and rated.equals(table(simulate(Procedure("Mei"), observer, rng=0)))
    caught, usual = rated[rated.phase == "catch"], rated[rated.phase == "rate"]
    assert (caught.choice == 0).mean() > 0.8 and caught.rating.mean() > usual.rating.mean() + 1
    both = rated[rated.phase == "retest"].merge(usual, on="trial")
    assert (both.choice_x == both.choice_y).mean() > 1 / 6 + 0.2


# ---- on the disk


def test_nothing_is_written_before_the_participant_agrees(student):
    held = open_session(SMALL)
    assert not list(student.iterdir()) and held.state.display.kind == "consent"
    held.submit({"event": "consent"}, 0)
    header, consent = map(json.loads, held.path.read_text().splitlines())
    assert header["format"] == 1 and header["design"]["seed"] == 0 and len(header["face_model"]) == 64
    assert header["kit"] and consent["event"] == "consent"


def test_a_trial_is_on_the_disk_before_the_next_is_shown(student, monkeypatch):
    held, order = play(open_session(SMALL), 15), []
    real = os.fsync
    monkeypatch.setattr(os, "fsync", lambda fd: (real(fd), order.append(("synced", held.state.serial))))
    before = held.state.serial
    state = held.submit(event_for(held.state, random.Random(0)), before)
    assert order == [("synced", before)] and state.serial == before + 1
    stored = json.loads(held.path.read_text().splitlines()[-1])
    assert stored["event"] == "answer" and round(stored["rt_choice_ms"], 1) == state.answers[-1].rt_choice_ms


def test_it_resumes_from_the_disk_at_every_event(student):
    held, rng = open_session(SMALL), random.Random(4)
    while held.state.display.kind != "debrief":
        before = held.submit(event_for(held.state, rng), held.state.serial)
        held = again(held)
        assert held.state == before
    assert len(held.table()) == SMALL.total


def test_an_answer_to_an_older_panel_changes_nothing(student):
    held = play(open_session(SMALL), 16)
    late = event_for(held.state, random.Random(0))
    serial = held.state.serial
    after, size = held.submit(late, serial), held.path.stat().st_size
    assert held.submit(late, serial) is after and held.path.stat().st_size == size


def test_a_torn_last_line_is_dropped_with_a_warning_wherever_it_tore(student):
    held = play(open_session(SMALL), 20)
    whole, state = held.path.read_bytes(), held.state
    held.close()
    start = whole.rstrip(b"\n").rfind(b"\n") + 1
    for end in range(start + 1, len(whole) - 1, 7):
        held.path.write_bytes(whole[:end])
        with pytest.warns(UserWarning, match="not a whole record"):
            torn = Session(SMALL, held.path)
        assert torn.state.answers == state.answers[:-1]
        torn.submit(event_for(torn.state, random.Random(0)), torn.state.serial)
        with pytest.warns(UserWarning, match="not a whole record"):
            torn = again(torn)
        assert torn.state.answers[:-1] == state.answers[:-1] and len(torn.state.answers) == len(state.answers)
        torn.close()


def test_a_disk_that_fails_keeps_the_trial_pending(student, monkeypatch):
    held = play(open_session(SMALL), 16)
    before, size, event = held.state, held.path.stat().st_size, event_for(held.state, random.Random(0))

    def full(_descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(os, "fsync", full)
        for _ in range(3):
            with pytest.raises(OSError, match=r"No space left on device.*make room or set KIT_STUDENT_DIR"):
                held.submit(event, before.serial)
    assert held.state is before and held.path.stat().st_size == size
    assert len(held.submit(event, before.serial).answers) == len(before.answers) + 1
    assert again(held).state.answers[-1].key == (event["phase"], event["trial"])


def test_a_disk_that_fills_up_in_the_middle_of_a_line(student):
    """The real thing: the system takes the first bytes of a line and refuses the rest."""
    resource = pytest.importorskip("resource")
    held = play(open_session(SMALL), 16)
    held.close()
    code = f"""
import resource, signal, sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from test_experiment import *
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
held = Session(SMALL, Path({str(held.path)!r}))
before, size = held.state, held.path.stat().st_size
resource.setrlimit(resource.RLIMIT_FSIZE, (size + 40, resource.RLIM_INFINITY))
event = event_for(held.state, random.Random(0))
for _ in range(3):
    try:
        held.submit(event, before.serial)
    except OSError as error:
        print(error)
    assert held.state is before and held.path.stat().st_size == size
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
print(len(held.submit(event, before.serial).answers) - len(before.answers))
"""
    del resource
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert run.stdout.count("cannot write") == 3 and run.stdout.splitlines()[-1] == "1"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert Session(SMALL, held.path).state.answers


HOLD = """
import sys, time
from pathlib import Path
from kit.behavior.protocol import Procedure
from kit.behavior.session import Session
held = Session(Procedure("Mei", rate=12, retest=4, catch=2), Path(sys.argv[1]))
print("holding", flush=True)
time.sleep(600)
"""


def test_a_second_kernel_is_told_and_the_lock_goes_with_its_owner(student):
    held = play(open_session(SMALL), 16)
    state, path = held.state, held.path
    held.close()
    other = subprocess.Popen([sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE, text=True)
    try:
        assert other.stdout.readline() == "holding\n"
        with pytest.raises(SessionError, match="another notebook uses this session.*shut its kernel down"):
            open_session(SMALL)
        with pytest.raises(SessionError, match="another notebook"):
            delete_my_data()
        assert my_ratings().equals(table(state))  # reading needs no lock
        other.send_signal(signal.SIGKILL)
        other.wait()
        assert open_session(SMALL).state == state
    finally:
        other.kill()


def test_two_kernels_that_began_together_do_not_write_over_each_other(student):
    one, two = Session(SMALL, student / "a.session.jsonl"), Session(SMALL, student / "a.session.jsonl")
    play(one, 5)
    with pytest.raises(SessionError, match="another notebook"):
        two.submit({"event": "consent"}, 0)
    one.close()
    assert two.submit({"event": "consent"}, 0) == one.state  # it reads first, and sees that more has happened


def test_running_the_cell_again_goes_on_and_gives_the_old_one_up(student):
    old = play(open_session(SMALL), 16)
    new = open_session(SMALL)
    assert new.state == old.state
    with pytest.raises(SessionError, match="run the cell"):
        old.submit({"event": "stop"}, old.state.serial)


def test_the_clock_may_jump(student, monkeypatch):
    days = iter(range(200, 0, -1))
    monkeypatch.setattr(session, "_now", lambda: f"20{next(days):03d}-01-01T00:00:00.000+00:00")
    held = play(open_session(SMALL))
    assert again(held).state == held.state and len(held.table()) == SMALL.total


def test_lines_copied_twice_or_edited_do_no_harm(student):
    held = play(open_session(SMALL))
    held.close()
    lines = held.path.read_text().splitlines()
    bad = json.dumps(json.loads(lines[-1]) | {"rating": 9, "trial": 3})
    held.path.write_text("\n".join([*lines, *lines[5:], bad, "[1, 2]", '{"kind": "note"}']) + "\n")
    with pytest.warns(UserWarning) as told:
        edited = Session(SMALL, held.path)
    assert edited.state.answers == held.state.answers
    assert {"rating must be" in str(w.message) or "not a whole record" in str(w.message) for w in told} == {True}


def test_ratings_of_other_faces_are_not_continued(student):
    held = play(open_session(SMALL), 16)
    held.close()
    text = held.path.read_text().replace(session._face_model(), "0" * 64)
    held.path.write_text(text)
    with pytest.raises(SessionError, match=r"another face model.*answers are safe"):
        Session(SMALL, held.path)
    assert held.path.read_text() == text


def test_a_session_may_become_longer(student):
    held = play(open_session(SMALL))
    longer = open_session(Procedure("Mei", rate=24, retest=4, catch=2))
    assert set(longer.state.answers) == set(held.state.answers) and longer.state.display.kind == "panel"
    done = play(longer).table()
    assert sorted(done.loc[done.phase == "rate", "trial"]) == list(range(24))
    assert len(my_ratings()) == len(done)


def test_export_is_what_the_reader_of_ratings_accepts(student):
    held = play(open_session(SMALL))
    back = ratings.read(held.export(student / "mine.csv"))
    assert back.reset_index(drop=True).equals(ratings.validate(held.table()))
    assert set(back.components) == {"8+8"} and set(back.phase) == {"rate", "retest", "catch"}
    with pytest.raises(SessionError, match="no rated panel"):
        open_session(Procedure("Leo")).export(student / "none.csv")


def test_everything_can_be_deleted(student):
    play(open_session(SMALL), 16)
    play(open_session(Procedure("Leo", rate=12, retest=4, catch=2)), 16)
    assert len(my_ratings().identity.unique()) == 2
    assert delete_my_data() == 2 and not list((student / "experiment").iterdir()) and my_ratings().empty
    assert open_session(SMALL).state == State(SMALL)


def test_a_folder_that_cannot_be_made_is_named(student, monkeypatch):
    (student / "file").write_text("")
    with pytest.raises(OSError, match="KIT_STUDENT_DIR"):
        open_session(SMALL, student / "file").submit({"event": "consent"}, 0)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills forked processes")
def test_no_finished_trial_is_lost_when_kernels_are_killed():
    run = subprocess.run([sys.executable, str(STRESS), "--n", "100"], capture_output=True, text=True)
    assert run.stdout.splitlines()[-1:] == ["lost: 0"], run.stdout + run.stderr
    assert int(run.stdout.split()[2]) > 100  # it did finish trials in between


# ---- by typing


def test_taking_part_by_typing(student, tmp_path):
    design, said = Procedure("Mei", rate=6, retest=0, catch=1), []
    right = {match.number: "y" if match.same else "n" for match in matches(design)}
    typos = iter(["7", "", "3"])

    def ask(question: str) -> str:
        if question.startswith("y (yes)"):
            return right[len(held.state.right)]
        return "" if question.startswith("Return") else next(typos, "2")

    held = open_session(design)
    typed.take_part_by_typing(held, tmp_path / "panel.png", ask, said.append)
    assert len(held.table()) == 7 and (tmp_path / "panel.png").exists() and "Thank you" in said[-1]
    orders = {(panel.phase, panel.trial): panel.order for panel in plan(design)}
    assert held.table().rating.eq(2).all()
    assert all(orders[row.phase, row.trial][1] == row.choice for row in held.table().itertuples()), "the second face"


def test_typing_stop_goes_on_later(student, tmp_path):
    answers = iter(["", "", "y", "stop"])
    held = open_session(SMALL)
    typed.take_part_by_typing(held, tmp_path / "panel.png", lambda _q: next(answers), lambda _w: None)
    assert len(again(held).state.right) == 1
