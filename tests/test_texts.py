"""Texts of questions live beside the lesson: cells and files agree, slips are named, what is computed is filled in."""

import ast
import re
from pathlib import Path

import pytest
from lesson import KINDS, QUESTIONS, Lesson

from kit.teaching import check, parsons, predict, reveal, sections, texts

LESSONS = sorted((Path(__file__).resolve().parents[1] / "lessons").glob("[0-9]*.ipynb"))
CALLS = {**KINDS, "blank": "Blank"}
FILE = """# Questions of lesson 98

Anything may stand here.

## Check 98-light
The light moves.
What changes?
- [x] the pixels
  Each of them shows
  another brightness.
- [ ] the {=thing}
  It belongs to the skin, by {=100 * share:.0f} % and {={"a": 1}["a"]}.

Hint: What does a *camera* see?

## Predict 98-used
How many of {=size} are used?
Number: -1.5 to 128 numbers
Default: 3
Counts: no

Afterwards: About half.
  And so on.

## Predict 98-who
What makes this face hers?
- shape
- texture
Afterwards: {=words[0]}.

## Parsons 98-step
One step.
```python
for step in range(3):
    loss = error(weights)
    weights = weights - rate * loss
```
- `weights = weights + rate`
  It climbs.
"""


@pytest.fixture
def beside(tmp_path, monkeypatch):
    """Write questions/98.md beside the notebook that is being run."""
    (tmp_path / "questions").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KIT_STUDENT_DIR", str(tmp_path / "student"))
    return lambda text: (tmp_path / "questions/98.md").write_text(text, encoding="utf-8")


# ---- the lessons and their files


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_every_question_has_its_text_and_every_text_its_question(path):
    cells = Lesson.read(path).code
    asked = {(kind, key) for name, kind in CALLS.items() for cell in cells for key in cell.keys(name)}
    asked -= {(CALLS[call.func.id], call.args[0].value) for cell in cells for call in computed(cell)}
    there = set(sections.sections(path.parent / f"questions/{path.name[:2]}.md"))
    assert {(kind, key) for kind, key in asked - there if key} == set(), "asked, but without a text"
    patterns = [pattern for cell in cells for pattern in many(cell)]
    left = {(kind, key) for kind, key in there - asked if not any(re.fullmatch(one, key) for one in patterns)}
    assert left == set(), "texts that nobody asks for"
    for kind, key in there:
        if kind == "Predict":
            sections.section(kind, key).needs(
                "Afterwards" in sections.section(kind, key).fields, "a line 'Afterwards: ...'"
            )


def many(cell) -> list[str]:
    """Patterns of the keys of blanks that are judged in a loop."""
    keys = [call.args[0] for call in cell.calls if getattr(call.func, "id", "") == "blank"]
    return [re.sub(r"\{.*?\}", r"\\w+", ast.unparse(key)[2:-1]) for key in keys if isinstance(key, ast.JoinedStr)]


def computed(cell) -> list[ast.Call]:
    """Calls whose answer is found out in the cell, so that all of the question stands there."""
    named = [call for call in cell.calls if getattr(call.func, "id", "") in QUESTIONS and call.func.id != "reveal"]
    return [call for call in named if len(call.args) + len(call.keywords) > 1]


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_no_answer_can_be_read_in_a_cell(path):
    for cell in Lesson.read(path).code:
        for call in computed(cell):
            answer = [*call.args, *(word.value for word in call.keywords if word.arg == "answer")][3]
            assert call.func.id == "check" and not isinstance(answer, ast.Constant), f"cell {cell.number}"


# ---- what a file may say


def test_texts_are_read_as_they_stand(beside):
    beside(FILE)
    names = {"thing": "texture", "share": 0.1234, "size": 7, "words": ["Hers"]}
    assert texts.check("98-light", names) == {
        "question": "The light moves.\nWhat changes?",
        "options": ["the pixels", "the texture"],
        "answer": "the pixels",
        "reasons": {
            "the pixels": "Each of them shows\nanother brightness.",
            "the texture": "It belongs to the skin, by 12 % and 1.",
        },
        "hint": "What does a *camera* see?",
        "solution": None,
    }
    assert texts.prediction("98-used", names) == {
        "question": "How many of 7 are used?",
        "options": None,
        "number": (-1.5, 128, "numbers"),
        "default": 3,
        "counts": False,
    }
    assert texts.prediction("98-who", names)["options"] == ["shape", "texture"]
    assert texts.explanation("98-used", names) == "About half.\nAnd so on."
    found = texts.parsons("98-step", names)
    assert found["solution"][1] == "    loss = error(weights)" and len(found["solution"]) == 3
    assert found["distractors"] == {"weights = weights + rate": "It climbs."}


def test_a_cell_with_the_key_alone_asks(beside, capsys, monkeypatch):
    beside(FILE)
    for name, value in {"thing": "texture", "share": 0.1234, "size": 7, "words": ["Hers"]}.items():
        monkeypatch.setitem(globals(), name, value)
    check("98-light")
    predict("98-who")
    reveal("98-who", lambda: "shape")
    parsons("98-step")
    said = capsys.readouterr().out
    assert all(words in said for words in ("What changes?", "What makes this face hers?", "Hers.", "One step."))


@pytest.mark.parametrize(
    "old, new, complaint",
    [
        ("Check 98-light", "Chek 98-light", "line 5: there are questions of the kinds Check, Predict, Parsons, Blank"),
        ("Predict 98-who", "Predict 98-used", "line 25: Predict 98-used is there twice"),
        ("- [x] the pixels", "- the pixels", r"line 5: Check 98-light needs '- \[x\] ...' or"),
        ("- [x] the pixels", "- [ ] the pixels", "Check 98-light needs one option that is right"),
        ("Hint: What", "Hints: What", r"line 14: 'Hints: What does .*' is no item .* none of 'Hint: ...', 'Solution"),
        ("Number: -1.5 to", "Number: -1.5 bis", "Predict 98-used needs options, or a line 'Number: 0 to 100 %'"),
        ("Counts: no", "Counts: never", "Predict 98-used needs 'Counts: yes' or 'Counts: no'"),
        ("Afterwards: {=words[0]}.\n", "", "Predict 98-who needs a line 'Afterwards: ...'"),
        (FILE[FILE.index("```") : FILE.rindex("- `")], "", "Parsons 98-step needs the lines of the program"),
    ],
)
def test_a_slip_is_named_with_its_place(beside, old, new, complaint):
    beside(FILE.replace(old, new, 1))
    names = {"thing": 1, "share": 1, "size": 1, "words": ["x"]}
    with pytest.raises(ValueError, match=complaint):
        texts.check("98-light", names)
        texts.prediction("98-used", names)
        texts.explanation("98-who", names)
        texts.parsons("98-step", names)


def test_what_is_computed_may_hold_braces_quotes_and_colons():
    names = {"found": {"a": 0.123, "b": 2.0}}
    written = '{=found["a"]:.1f}; {=", ".join(f"{k} {v:.0f}" for k, v in found.items())}; {={1: 2}[1]}; {x}'
    assert texts.filled(written, names) == "0.1; a 0, b 2; 2; {x}"
    with pytest.raises(ValueError, match="a brace is never closed"):
        texts.filled("{=found", names)
