"""kit.teaching without a browser: what is stored, what stays locked, what is said."""

import csv
import subprocess
import sys
from contextlib import nullcontext

import nbformat
import numpy as np
import pytest
from execute import over_files
from nbclient import NotebookClient

from kit import teaching
from kit.files.records import Records, student_folder
from kit.teaching import grading, history, predictions, shell
from kit.teaching.checks import Check
from kit.teaching.markup import inline, plain
from kit.teaching.parsons import Parsons
from kit.teaching.progress import Outline, Progress
from kit.teaching.questions import Prediction, Question, Revealed
from kit.teaching.quiz import Quiz

# The functions `parsons`, `quiz` and `progress` hide the modules that they are in.
checks, parsons, progress, quiz = (
    sys.modules[f"kit.teaching.{name}"] for name in ("checks", "parsons", "progress", "quiz")
)

SHAPE = Question("06-x", "Which?", ("shape", "texture"))
SHARE = Question("06-n", "How many?", number=(0, 50, "%"))


@pytest.fixture(autouse=True)
def student(tmp_path, monkeypatch):
    """A student's folder, and a kernel in which nothing was asked yet."""
    monkeypatch.setenv("KIT_STUDENT_DIR", str(tmp_path / "student"))
    for registry in (predictions._asked, predictions._locked, history._told):
        registry.clear()
    return tmp_path / "student"


@pytest.fixture
def live(monkeypatch):
    """Somebody is there to answer: the shells that come up, by their kind and key."""
    shells = {}

    class Recorded(shell.Shell):
        def __init__(self, state, kind, key, **rest):
            shells[kind, key] = self
            super().__init__(state, kind, key, **rest)

    monkeypatch.setattr(shell, "headless", lambda: False)
    monkeypatch.setattr(predictions, "headless", lambda: False)
    monkeypatch.setattr(progress, "headless", lambda: False)
    for module in (predictions, checks, parsons, quiz):
        monkeypatch.setattr(module, "Shell", Recorded)
    return shells


def answer(one, place="0", confidence="70"):
    """Do what the form does."""
    one._heard(None, {"action": "answer", "answer": place, "confidence": confidence}, [])


# The student's file


def test_records_come_back_in_order(tmp_path):
    file = Records(tmp_path / "deep" / "records.jsonl")
    assert file.read() == []
    file.append({"a": 1, "wörd": "ß"})
    file.append({"a": 2})
    assert file.read() == [{"a": 1, "wörd": "ß"}, {"a": 2}]


@pytest.mark.parametrize("torn", [b'{"a": 3, "b', b'{"a": 3}', b"\xff\xfe\x00", b"[1, 2]", b"7"])
def test_a_torn_last_line_costs_only_itself(tmp_path, torn):
    file = Records(tmp_path / "records.jsonl")
    file.append({"a": 1})
    with open(file.path, "ab") as raw:
        raw.write(torn)
    whole = torn == b'{"a": 3}'  # only its newline is missing
    with nullcontext() if whole else pytest.warns(UserWarning, match="line 2 is not a whole record"):
        assert file.read()[0] == {"a": 1}
    file.append({"a": 4})
    with nullcontext() if whole else pytest.warns(UserWarning, match="skipped"):
        assert [record["a"] for record in file.read()] == ([1, 3, 4] if whole else [1, 4])


WRITER = """
import sys
from kit.files.records import Records
file = Records(sys.argv[1])
for n in range(int(sys.argv[3])):
    file.append({"who": sys.argv[2], "n": n, "text": "x" * 500})
    print(n, flush=True)
"""


def writer(path, who, count):
    command = [sys.executable, "-c", WRITER, str(path), who, str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_what_was_acknowledged_survives_a_kill(tmp_path):
    file = Records(tmp_path / "records.jsonl")
    process = writer(file.path, "a", 1_000_000)
    for _ in range(20):
        last = int(process.stdout.readline())
    process.kill()
    process.wait()
    numbers = [record["n"] for record in file.read()]
    assert numbers == list(range(len(numbers))) and len(numbers) > last
    file.append({"n": "after"})
    assert file.read()[-1] == {"n": "after"}


def test_two_processes_write_one_file(tmp_path):
    file = Records(tmp_path / "records.jsonl")
    both = [writer(file.path, who, 200) for who in "ab"]
    for process in both:
        process.communicate()
    records = file.read()
    for who in "ab":
        assert [record["n"] for record in records if record["who"] == who] == list(range(200))


def test_a_file_that_cannot_be_written_says_the_remedy(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="set KIT_STUDENT_DIR"):
        Records(tmp_path / "file" / "records.jsonl").append({})


def test_the_folder_is_the_platforms_unless_chosen(monkeypatch, tmp_path):
    assert student_folder() == tmp_path / "student"
    monkeypatch.delenv("KIT_STUDENT_DIR")
    assert student_folder().name == "shared-features"


# Predictions


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"options": ("a", "b"), "number": (0, 1, "")},
        {"options": ("a",)},
        {"options": ("a", "a")},
        {"number": (1, 1, "%")},
    ],
)
def test_a_question_needs_a_way_to_answer(wrong):
    with pytest.raises(ValueError, match="06-q"):
        Question("06-q", "?", **wrong)


def test_guessing_has_a_confidence():
    three = Question("k", "?", ("a", "b", "c"))
    assert [SHAPE.guess, three.guess, SHARE.guess] == [50, 33, 20]
    assert (
        three.levels == (33, 50, 60, 70, 80, 90, 100) and SHAPE.levels[:2] == (50, 60) and SHARE.levels[:2] == (20, 35)
    )


@pytest.mark.parametrize("sent", [{}, {"confidence": ""}, {"confidence": "75"}, {"confidence": "-5"}])
def test_nothing_is_recorded_before_a_confidence_was_chosen(sent):
    form = Prediction(SHAPE).live()
    assert " checked" not in form and form.count('name="confidence"') == len(SHAPE.levels)
    state = Prediction(SHAPE).act({"action": "answer", "answer": "1"} | sent)
    assert not state.answered and "please choose how sure you are" in state.live()


@pytest.mark.parametrize("message", [{"answer": "9"}, {"answer": ""}, {"answer": "shape"}])
def test_an_answer_that_is_none_is_not_recorded(message):
    state = Prediction(SHAPE).act({"action": "answer", "confidence": "70"} | message)
    assert not state.answered and "Not recorded" in state.live()


@pytest.mark.parametrize("typed", ["51", "-1", "nan", "inf", "many", ""])
def test_a_number_must_be_in_range(typed):
    state = Prediction(SHARE).act({"answer": typed, "confidence": "70"})
    assert not state.answered and "a number from 0 to 50 %" in state.status()


def test_an_answer_is_stored_once_with_its_time(student):
    records = Records(student / "predictions.jsonl")
    state = Prediction(SHAPE, records=records).act({"answer": "1", "confidence": "80"})
    assert state.act({"answer": "0", "confidence": "50"}) is state
    (record,) = records.read()
    assert record.pop("time").endswith("+00:00")
    assert record == {
        "kind": "prediction",
        "key": "06-x",
        "question": "Which?",
        "answer": "texture",
        "confidence": 80,
        "counts": True,
    }


def test_an_answer_that_cannot_be_stored_does_not_count(tmp_path):
    (tmp_path / "file").write_text("")
    records = Records(tmp_path / "file" / "records.jsonl")
    state = Prediction(SHAPE, records=records).act({"answer": "1", "confidence": "80"})
    assert not state.answered and "KIT_STUDENT_DIR" in state.live()


@pytest.mark.parametrize(("outcome", "correct"), [(20, True), (25, True), (25.1, False), (0, False)])
def test_a_number_is_right_within_a_tenth_of_the_range(outcome, correct):
    state = Revealed("Because.", Prediction(SHARE, 20.0, 60, "2026-01-01T00:00:00+00:00"), outcome)
    assert state.correct is correct
    assert state.said()[0] == ("✓" if correct else "✗") and "with 60 % confidence" in state.said()


def test_being_sure_and_wrong_is_pointed_out():
    sure, unsure = (Revealed("", Prediction(SHAPE, "shape", c, "t"), "texture") for c in (90, 55))
    assert "second look" in sure.said() and "second look" not in unsure.said()


def test_the_result_is_locked_until_the_prediction_is_answered(live, student):
    looked = []
    teaching.predict("06-x", "Which?", ["shape", "texture"])
    teaching.reveal("06-x", lambda: looked.append(1) or "shape", "It carries more.")
    result = live["reveal", "06-x"]
    assert "Locked" in result.state.live() and "carries" not in result._panel.page["html"] and not looked
    answer(live["predict", "06-x"])
    assert "you were right" in result._panel.page["html"] and looked == [1]
    assert [r["kind"] for r in Records(student / "predictions.jsonl").read()] == ["prediction", "outcome"]


def test_a_result_is_of_its_place_in_the_notebook(live):
    """Who runs all cells and answers then must not be told of what a later cell put under the same name."""
    teaching.predict("06-x", "Which?", ["shape", "texture"])
    notebook = {"teaching": teaching, "found": "shape"}
    exec("teaching.reveal('06-x', lambda: [found for _ in range(1)][0], 'Why.')", notebook)
    notebook["found"] = "texture"
    answer(live["predict", "06-x"])
    assert "you were right" in live["reveal", "06-x"]._panel.page["html"]


def test_cells_in_any_order_and_again(live, student):
    teaching.reveal("06-x", "texture", "Why.")
    teaching.predict("06-x", "Which?", ["shape", "texture"])
    answer(live["predict", "06-x"])
    assert "✗" in live["reveal", "06-x"].state.live()
    predictions._asked.clear()  # the next day
    teaching.predict("06-x", "Which?", ["shape", "texture"])
    teaching.reveal("06-x", "texture", "Why.")
    assert "70 %" in live["predict", "06-x"].state.live() and "✗" in live["reveal", "06-x"].state.live()
    assert len(Records(student / "predictions.jsonl").read()) == 2


def test_a_changed_question_is_asked_again(live):
    teaching.predict("06-x", "Which?", ["shape", "texture"])
    answer(live["predict", "06-x"])
    teaching.predict("06-x", "Which?", ["light", "pose"])
    assert "<form" in live["predict", "06-x"].state.live()
    answer(live["predict", "06-x"])
    teaching.predict("06-x", "Which?", ["light", "pose"])
    assert "“light”" in live["predict", "06-x"].state.said()


def test_records_of_another_hand_are_passed_over(live, student):
    records = Records(student / "predictions.jsonl")
    for odd in (
        {"kind": "prediction"},
        {"kind": "prediction", "key": "06-x"},
        {"kind": "outcome", "key": "06-x"},
    ):
        records.append(odd)
    teaching.predict("06-x", "Which?", ["shape", "texture"])
    assert not live["predict", "06-x"].state.answered and teaching.my_predictions() == []


def test_a_result_that_fails_is_said_to_the_student(live):
    teaching.predict("06-x", "Which?", ["shape", "texture"])
    teaching.reveal("06-x", lambda: 1 / 0, "Why.")
    with pytest.raises(ZeroDivisionError):
        answer(live["predict", "06-x"])
    assert "could not be made: division by zero" in live["reveal", "06-x"]._panel.page["html"]


def test_an_outcome_that_is_no_option_is_the_authors_mistake(live):
    teaching.predict("06-x", "Which?", ["shape", "texture"])
    answer(live["predict", "06-x"])
    with pytest.raises(ValueError, match="'colour' is not one of 'shape', 'texture'"):
        teaching.reveal("06-x", "colour", "Why.")


def test_what_is_stored_is_told_once(live):
    for key in ("06-x", "06-y", "06-x"):
        teaching.predict(key, "Which?", ["shape", "texture"])
    assert "What is stored" in live["predict", "06-x"]._panel.page["html"]
    assert "What is stored" not in live["predict", "06-y"]._panel.page["html"]


def test_export_and_delete(live, tmp_path):
    for key in ("06-x", "06-y"):
        teaching.predict(key, "Which?", ["shape", "texture"])
        answer(live["predict", key])
    teaching.reveal("06-x", "texture", "Why.")
    with open(teaching.export_predictions(tmp_path / "mine.csv"), encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [(r["key"], r["answer"], r["confidence"], r["correct"]) for r in rows] == [
        ("06-x", "shape", "70", "False"),
        ("06-y", "shape", "70", ""),
    ]
    assert teaching.delete_predictions("06-x") == 2
    assert [row["key"] for row in teaching.my_predictions()] == ["06-y"]
    assert teaching.delete_predictions() == 1 and teaching.my_predictions() == []


# Nobody there


def test_without_a_notebook_the_default_is_taken_and_not_stored(student, capsys):
    teaching.predict("06-n", "How many?", number=(0, 50, "%"), default=10)
    teaching.reveal("06-n", 30, "Most are not.")
    state = predictions._asked["06-n"]
    assert state.headless and state.answer == 10 and not student.exists()
    assert "It is 30 %." in capsys.readouterr().out


def test_a_program_that_runs_notebooks_is_not_a_student(student, monkeypatch):
    monkeypatch.delenv("KIT_HEADLESS", raising=False)
    code = (
        "from kit.teaching import *\n"
        "predict('06-x', 'Which?', ['shape', 'texture'])\n"
        "reveal('06-x', 'shape', 'Why.', show=lambda: {'figure': 1})\n"
        "check('06-c', 'Is it?', ['yes', 'no'], 'yes', {'yes': 'It is.', 'no': 'Look.'}, hint='Hm.')\n"
        "parsons('06-p', 'Count.', ['a = 1', 'a += 1'], {'a = a': 'does nothing.'})\n"
    )
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    NotebookClient(notebook, kernel_name="python3", config=over_files(student.parent)).execute()
    outputs = notebook.cells[0].outputs
    assert not [output for output in outputs if "widget" in str(output)] and not student.exists()
    words = [output.data["text/plain"] for output in outputs]
    assert "It is “shape”" in words[1] and words[2] == "{'figure': 1}" and "Hint" in words[3]


def test_importing_is_light():
    heavy = ("ipywidgets", "anywidget", "IPython", "numpy")
    code = f"import sys, kit.teaching; print([m for m in {heavy} if m in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


# Checks


def check(**changes) -> Check:
    reasons = {"pixels": "Each one changes.", "texture": "It is painted on the skin."}
    given = {"key": "06-c", "question": "What?", "options": ("pixels", "texture"), "answer": "pixels"}
    return Check(**given | {"reasons": reasons, "hint": "Think of a lamp.", "solution": "The pixels."} | changes)


def test_a_wrong_try_gives_its_reason_and_the_hint_before_the_solution():
    fresh = check()
    assert "lamp" not in fresh.live() and "The pixels." not in fresh.live()
    wrong = fresh.act({"action": "answer", "answer": "1"})
    assert "painted on the skin" in wrong.live() and not wrong.solved
    assert wrong.live().index("lamp") < wrong.live().index("<details") < wrong.live().index("The pixels.")
    right = wrong.act({"action": "answer", "answer": "0"})
    assert right.solved and "✓ Right" in right.status() and right.act({"action": "answer", "answer": "1"}) is right


def test_a_hint_can_be_asked_for():
    hinted = check().act({"action": "hint"})
    assert "lamp" in hinted.live() and "lamp" in hinted.status() and not hinted.tried


@pytest.mark.parametrize("sent", ["", "7", "-1", "x", "²"])
def test_a_check_ignores_what_is_no_option(sent):
    assert check().act({"action": "answer", "answer": sent}) == check()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"answer": "light"}, "none of the options"),
        ({"reasons": {"pixels": "Yes."}}, "texture"),
        ({"options": ("pixels",)}, "two or more"),
    ],
)
def test_a_check_is_complete(changes, said):
    with pytest.raises(ValueError, match=said):
        check(**changes)


def test_a_static_check_keeps_hint_and_solution_folded():
    html = check().static()
    assert html.count("<details") == 2 and "painted on the skin" in html.split("Solution")[1]


def test_that_a_check_was_solved_is_stored_once(live, student):
    for _ in range(2):
        teaching.check("06-c", "What?", ["a", "b"], "a", {"a": "Yes.", "b": "No."}, hint="Hm.")
        answer(live["check", "06-c"], "1")
        assert not student.exists() or len(Records(student / "predictions.jsonl").read()) == 1
        answer(live["check", "06-c"], "0")
    (record,) = Records(student / "predictions.jsonl").read()
    assert (record["kind"], record["key"], record["tries"]) == ("solved", "06-c", 2)
    assert teaching.my_predictions() == [] and teaching.delete_predictions("06-c") == 1


# Quizzes


def item(question, answer, again):
    reasons = {"shape": "It moves points.", "texture": "It is paint."}
    return dict(question=question, options=["shape", "texture"], answer=answer, reasons=reasons, again=again)


ITEMS = (item("Nose?", "shape", "Section 1: shape."), item("Lips?", "texture", "Section 2: texture."))


def taken(state: Quiz, *places: str) -> Quiz:
    """A quiz after these answers, one a question."""
    for place in places:
        state = state.act({"action": "answer", "answer": place}).act({"action": "next"})
    return state


def test_a_quiz_takes_one_answer_a_question_and_sums_up(live, student):
    teaching.quiz("06-end", *ITEMS)
    first = live["quiz", "06-end"].state
    assert "Nose?" in first.live() and "Lips?" not in first.live() and "paint" not in first.live()
    assert first.act({"action": "next"}) is first
    wrong = first.act({"action": "answer", "answer": "1"})
    assert "It is paint." in wrong.live() and "It is “shape”. It moves points." in wrong.status()
    assert wrong.act({"action": "answer", "answer": "0"}) is wrong
    end = taken(first, "1", "1")
    assert end.status() == "1 of 2 right at the first answer."
    assert "Section 1: shape." in end.live() and "Section 2" not in end.live()


def test_a_quiz_asks_again_what_was_missed_and_stores_each_score(live, student):
    teaching.quiz("06-end", *ITEMS)
    shown = live["quiz", "06-end"]
    for message in ("1", "next", "1", "next", "again", "0", "next"):
        action = {"action": message} if message.isalpha() else {"action": "answer", "answer": message}
        shown._heard(None, action, [])
    assert "1 of 1 right" in shown.state.live() and "Ask me" not in shown.state.live()
    scores = Records(student / "predictions.jsonl").read()
    assert [(s["kind"], s["right"], s["of"], s["again"]) for s in scores] == [
        ("quiz", 1, 2, ["Section 1: shape."]),
        ("quiz", 1, 1, []),
    ]


def test_a_static_quiz_folds_its_answers(student, capsys):
    teaching.quiz("06-end", *ITEMS)
    assert "2 questions. Answer before you open." in capsys.readouterr().out and not student.exists()
    html = Quiz("06-end", (check(), check(key="06-d"))).static()
    assert html.count("<details") == 2 and "The pixels" not in html and "Each one changes" in html.split("<details")[1]


def test_a_quiz_is_complete():
    with pytest.raises(ValueError, match="two questions or more; for one there is check"):
        teaching.quiz("06-end", ITEMS[0])
    with pytest.raises(ValueError, match="06-end-2.*none of the options"):
        teaching.quiz("06-end", ITEMS[0], ITEMS[1] | {"answer": "light"})


# Progress


def lessons(folder, *names):
    """Small lessons with a prediction and a check each, in two sections."""
    for name in names:
        cells = [
            nbformat.v4.new_markdown_cell(f"# {name} · Lesson\n\n**Minutes:** 30 (runs in 1 s, 1 MB)"),
            nbformat.v4.new_markdown_cell("## 1. First (10 minutes)"),
            nbformat.v4.new_code_cell(f'predict("{name}-a", "Which?", ["a", "b"])'),
            nbformat.v4.new_markdown_cell("## 2. Second (15 minutes)"),
            nbformat.v4.new_code_cell(f'check(\n    "{name}-b", "What?")'),
        ]
        nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / f"{name}_lesson.ipynb")


def test_progress_says_where_one_is_and_what_comes_next(live, tmp_path):
    lessons(tmp_path, "00", "01")
    assert teaching.progress(tmp_path).said() == "Begin with **00 · Lesson** (30 minutes)."
    teaching.predict("00-a", "Which?", ["a", "b"])
    answer(live["predict", "00-a"])
    now = teaching.progress(tmp_path)
    assert "Next: **00 · Lesson**, “2. Second (15 minutes)”. About 15 minutes are left" in now.said()
    assert "1 of 2" in now._repr_html_() and 'href="' in now._repr_html_()
    assert "00 · Lesson: 30 minutes, 1 of 2 answered" in repr(now)


def test_progress_goes_on_to_the_first_unfinished_lesson(tmp_path):
    lessons(tmp_path, "00", "01", "02")
    read = tuple(Outline.read(path) for path in sorted(tmp_path.glob("*.ipynb")))
    solved = [{"kind": "solved", "key": key} for key in ("00-a", "00-b", "02-a", "02-b")]
    now = Progress(read, ({"odd": 1}, *solved), "")
    assert now.here.title == "02 · Lesson" and now.next == (read[1], "1. First (10 minutes)")
    everything = Progress(read, (*solved, *({"kind": "solved", "key": key} for key in ("01-a", "01-b"))), "")
    assert everything.next is None and "every question" in everything.said()


def test_progress_repeats_what_the_latest_quiz_said(tmp_path):
    runs = [{"kind": "quiz", "key": "06-end", "again": again} for again in (["Section 1"], ["Section 2"])]
    assert Progress((), tuple(runs), "").again() == ["06-end: Section 2"]


def test_progress_reads_nobodys_records_and_names_a_damaged_lesson(tmp_path, student):
    lessons(tmp_path, "00")
    (tmp_path / "01_broken.ipynb").write_text("{")
    Records(student / "predictions.jsonl").append({"kind": "solved", "key": "00-a"})
    now = teaching.progress(tmp_path)
    assert not now.answered and "01_broken (this notebook cannot be read" in repr(now)
    with pytest.raises(FileNotFoundError, match="say where they are"):
        teaching.progress(student)


# Parsons problems

LINES = ("a = 1", "b = 2", "c = a + b", "c = a - b")
SOLUTION = ("a = 1", "b = 2", "c = a + b")


def problem(*program: int) -> Parsons:
    rest = tuple(place for place in range(4) if place not in program)
    return Parsons("06-p", "Add.", SOLUTION, {"c = a - b": "takes away."}, LINES, program, rest)


def said(state: Parsons) -> str:
    return state.act({"action": "check"}).status()


@pytest.mark.parametrize("program", [(0, 1, 2), (1, 0, 2)])
def test_lines_that_need_nothing_of_each_other_come_in_any_order(program):
    assert "✓ Right" in said(problem(*program))


@pytest.mark.parametrize(
    ("program", "words"),
    [
        ((), "your program is empty; 3 more"),
        ((0, 1), "the 2 lines you have are right; 1 more"),
        ((2, 0, 1), "Line 1, `c = a + b`, is the first wrong one. It needs `a` as `a = 1` makes it; that line"),
        ((0, 1, 3), "Line 3, `c = a - b`, is the first wrong one. Takes away."),
        ((0, 1, 2, 3), "Line 4"),
    ],
)
def test_feedback_names_the_first_wrong_line(program, words):
    assert words in said(problem(*program))


def test_lines_move():
    state = problem().act({"action": "use", "row": "2"}).act({"action": "use", "row": "0"})
    assert state.program == (2, 0) and state.act({"action": "use", "row": "0"}) is state
    assert state.act({"action": "up", "row": "0"}).program == (0, 2)
    assert state.act({"action": "up", "row": "2"}).program == (2, 0)
    assert state.act({"action": "down", "row": "2"}).program == (0, 2)
    assert state.act({"action": "leave", "row": "2"}).rest == (1, 3, 2)
    dropped = state.act({"action": "drop", "row": "1", "list": "program", "index": "1"})
    assert dropped.program == (2, 1, 0) and "line 2 of 3 in your program" in dropped.status()
    assert dropped.act({"action": "drop", "row": "1", "list": "rest", "index": "0"}).rest == (1, 3)


def test_the_solution_comes_after_two_checks():
    once = problem(3).act({"action": "check"})
    assert "<details" not in once.live() and "<details" in once.act({"action": "check"}).live()


def test_shuffling_is_the_same_every_time(capsys):
    lines = [f"step({place})" for place in range(6)]
    shown = []
    for _ in range(2):
        teaching.parsons("06-p", "Go.", lines, {"stop()": "ends it."})
        shown.append(capsys.readouterr().out.partition("Solution")[0].split("\n")[2:-1])
    assert shown[0] == shown[1] != lines and sorted(shown[0]) == [*lines, "stop()"]


@pytest.mark.parametrize("wrong", [(["a = 1"], {}), (["a = 1", "b = 2"], {"a = 1": "again"})])
def test_a_problem_needs_lines(wrong):
    with pytest.raises(ValueError, match="06-p"):
        teaching.parsons("06-p", "Add.", *wrong)


# Words


def test_emphasis_is_not_a_product_nor_code():
    assert inline("*how* alike, **not** *who it is*") == "<em>how</em> alike, <strong>not</strong> <em>who it is</em>"
    assert inline("2 * 3 * 4 and `a*b*c` and x*y*z") == "2 * 3 * 4 and <code>a*b*c</code> and x*y*z"


def test_text_of_an_author_is_escaped():
    assert inline('<script> & `a < b` **x** "q"') == (
        "&lt;script&gt; &amp; <code>a &lt; b</code> <strong>x</strong> &quot;q&quot;"
    )
    assert plain("<style>x</style><p>a &lt; b</p><p>c</p>") == "a < b\nc"
    evil = '"><img src=x onerror=alert(1)>'
    for html in (
        Prediction(Question("k", evil, (evil, "b"))).live(),
        check(question=evil, options=(evil, "b"), answer="b", reasons={evil: evil, "b": evil}).live(),
        problem().__class__("k", evil, SOLUTION, {}, (evil, "b"), (0,), (1,)).live(),
    ):
        assert "<img" not in html


# ---- points


@pytest.mark.parametrize("wrong", [np.array([[1.0, 2], [3, 4]]), np.empty((0, 0)), [[[]]], np.array(3.0), None])
def test_an_answer_of_another_shape_costs_its_own_case_only(wrong, capsys):
    """Also where a judge of a mistake compares it number by number."""
    first = {"the first is twice as large": lambda got: got[0] == 2.0}
    points = grading.score(
        grading.case(1, "three numbers", lambda: wrong, np.ones(3), mistakes=first),
        grading.case(1, "two parts", lambda: wrong, [np.ones(2), True]),
        grading.case(1, "large ones", lambda: wrong, lambda got: got > 2 if np.shape(got) == (2, 2) else False),
        grading.case(1, "right", lambda: 7, 7),
    )
    assert points == 1 and capsys.readouterr().out.count("✗") == 3
