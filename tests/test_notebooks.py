"""The rules for lessons, on a small lesson that keeps them all and on ways to break each."""

import copy

import nbformat
import pytest
from execute import execute, wordless
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from notebooks import clean, lint

HEADER = """# 06 · A small lesson

**The question.** Which of two things makes a face?

**After this lesson you can**
- separate shape and texture
- compare two faces

**You need** nothing.

**Minutes:** 10 (runs in 5 s, 400 MB)"""
CHECK = 'check(\n"06-{}", "Is it?", ["yes", "no"], "yes", {{"yes": "It is.", "no": "Look again."}}, hint="Look.")'
IMPORTS = """import types
from IPython.display import Image
from kit.teaching import check, parsons, predict, reveal
widgets = types.SimpleNamespace(faces=lambda: None)"""
WORK = "Blanz, V., & Vetter, T. (1999). A model. [doi:10.1145/311535.311556](https://doi.org/10.1145/311535.311556)"
ENDS = {
    "What you now know": " A **generative model** makes faces (Blanz & Vetter, 1999).",
    "References": f"\n\n- {WORK}",
    "Next": " **07 · The next lesson**: more.",
}
PICTURE = """import io
from PIL import Image as Picture
file = io.BytesIO()
Picture.new("RGB", (8, 8), "red").save(file, "png")
Image(file.getvalue())"""


def lesson() -> nbformat.NotebookNode:
    """A lesson that keeps every rule."""
    code, text = new_code_cell, new_markdown_cell
    cells = [text(HEADER), text("## Before you start"), code(IMPORTS)]
    cells += [code(CHECK.format(f"old-{place}")) for place in (1, 2, 3)]
    cells += [
        text("## 1. Shape (6 minutes)"),
        code(PICTURE),
        text("The square is red."),
        code("widgets.faces()"),
    ]
    for name in ("a", "b", "c"):
        cells.append(code(f'predict("06-{name}", "Which one?", ["shape", "texture"])'))
        cells.append(code(f'reveal(\n"06-{name}", "shape", "It carries more.", show=lambda: 7)'))
    cells += [text("## 2. Texture (2 minutes)"), code(CHECK.format("new"))]
    cells.append(code('parsons(\n"06-order", "Count.", ["a = 1", "a += 1"], {"a = a": "does nothing."})'))
    cells += [text(f"## {title}\n\nText.{more}") for title, more in ENDS.items()]
    return new_notebook(cells=cells)


@pytest.fixture
def path(tmp_path):
    """That lesson in a file, as an author leaves it."""
    path = tmp_path / "06_a_small_lesson.ipynb"
    nbformat.write(lesson(), path)
    clean(path)
    return path


def broken(path, change) -> list[str]:
    """Rules that a changed lesson breaks."""
    notebook = nbformat.read(path, as_version=4)
    before = copy.deepcopy(notebook)
    change(notebook.cells)
    assert notebook != before
    path.write_text(nbformat.writes(notebook) + "\n")
    return [complaint.split(":")[0] for complaint in lint(path)]


def put(place, old, new):
    """A change that replaces words in a cell."""

    def change(cells):
        cells[place].source = cells[place].source.replace(old, new)

    return change


def insert(place, cell):
    """A change that adds a cell."""
    return lambda cells: cells.insert(place, cell)


def test_a_good_lesson_has_no_complaints(path):
    assert lint(path) == []


def test_cleaning_is_idempotent_and_keeps_ids(path):
    before = path.read_text()
    clean(path)
    assert path.read_text() == before


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("clean", lambda cells: cells[2].update(execution_count=3)),
        ("clean", lambda cells: cells[0].metadata.update(editable=False)),
        ("lengths", insert(7, new_code_cell("\n".join(f"x{n} = {n}" for n in range(13))))),
        ("lengths", lambda cells: cells[3].metadata.clear()),
        ("lengths", put(3, "check(\n", "check(")),
        ("banned", insert(7, new_code_cell("!pip install torch"))),
        ("banned", insert(7, new_code_cell("%pip install torch"))),
        ("banned", insert(7, new_code_cell("from numpy import *"))),
        ("banned", insert(7, new_code_cell("from urllib.request import urlopen"))),
        ("banned", insert(7, new_code_cell('open("/home/me/faces.npz")'))),
        ("banned", insert(7, new_code_cell('open("C:\\\\faces.npz")'))),
        ("banned", insert(7, new_code_cell('load("https://example.org/faces.npz")'))),
        ("opening", put(0, "**The question.**", "Question:")),
        ("opening", put(0, "(runs in 5 s, 400 MB)", "")),
        ("opening", put(0, "- compare", "- understand")),
        ("headings", put(1, "Before you start", "Warm up")),
        ("headings", put(6, "(6 minutes)", "")),
        ("headings", lambda cells: cells.pop()),
        ("headings", put(-1, "Text.", "## Credits")),
        ("retrieval", lambda cells: cells.pop(3)),
        ("minutes", put(0, "10 (", "61 (")),
        ("minutes", put(0, "10 (", "16 (")),
        ("minutes", put(16, "(2 m", "(16 m")),
        ("minutes", put(16, "(2 m", "(4 m")),
        ("minutes", lambda cells: [cells.pop(17), cells.pop(17)]),
        ("predictions", lambda cells: cells.pop(10)),
        ("predictions", lambda cells: cells.pop(11)),
        ("keys", put(17, "06-new", "new")),
        ("keys", put(17, "06-new", "06-a")),
        ("widgets", insert(-3, new_code_cell("widgets.faces()"))),
        ("first_stop", lambda cells: [cells.insert(1, new_markdown_cell("Talk.")) for _ in range(3)]),
        ("pictures", insert(8, new_markdown_cell("![](face.png)"))),
        ("terms", insert(8, new_markdown_cell("Look at its redundancy."))),
        ("terms", insert(8, new_markdown_cell("Every generative model has one."))),
        ("terms", put(10, "Which one?", "Which one has a larger RDM?")),
        ("links", insert(8, new_markdown_cell("See [there](no_such_file.md)."))),
        ("links", insert(8, new_markdown_cell("See [above](#Nowhere)."))),
        ("links", insert(8, new_markdown_cell('<img alt="a face" src="face.png">'))),
        ("references", put(-3, "Blanz & Vetter, 1999", "Vetter et al., 2001")),
        ("references", put(8, "The square is red.", "As Rosenblatt (1958) saw, it is red.")),
        ("references", put(-2, "https://doi.org/10.1145", "https://doi.org/10.1146")),
        ("references", put(-2, "10.1145/311535.311556](https://doi.org/10.1145/311535.311556)", "unknown")),
        ("following", put(-1, "07 · The", "08 · The")),
        ("following", put(-1, "**07 · The next lesson**", "The next lesson")),
    ],
)
def test_each_rule_notices(path, rule, change):
    assert rule in broken(path, change)


@pytest.mark.filterwarnings("ignore:Non-unique cell id")
def test_ids_are_unique_and_the_file_is_in_its_one_form(path):
    text = path.read_text()
    ids = [cell.id for cell in nbformat.read(path, as_version=4).cells]
    path.write_text(text.replace(ids[1], ids[0]))
    assert "an id of its own" in lint(path)[0]
    path.write_text(text.replace("\n ", "\n  "))
    assert "as nbformat writes it" in lint(path)[0]


@pytest.mark.parametrize(
    "text",
    [
        "Its `redundancy` is code, $redundancy$ a formula, [a link](redundancy) and **redundancy** explained.",
        "Attention, please: the weight of a token kernel.",
        "In March, 2021, and in (1999), nobody is cited.",
        "[above](#1.-Shape-(6-minutes)) and [here](06_a_small_lesson.ipynb) and [web](https://example.org/x_(y))",
    ],
)
def test_what_may_stand_in_a_lesson(path, text):
    (path.parent / "redundancy").touch()
    assert broken(path, insert(8, new_markdown_cell(text))) == []


def test_a_term_may_be_explained_in_an_earlier_lesson(path):
    text = new_markdown_cell("Redundancy has two sides.")
    assert broken(path, insert(8, text)) == ["terms"]
    earlier = new_notebook(cells=[new_markdown_cell("# 02 · Before"), new_markdown_cell("## A\n**Redundancy** is …")])
    nbformat.write(earlier, path.with_name("02_before.ipynb"))
    assert lint(path) == []


def test_the_next_lesson_is_called_by_its_title(path):
    nbformat.write(new_notebook(cells=[new_markdown_cell("# 07 · Another title")]), path.with_name("07_x.ipynb"))
    assert lint(path) == ["following: calls it 07 · The next lesson, its title is 07 · Another title"]


def test_a_lesson_runs_without_a_student(path, tmp_path):
    run = execute(path, tmp_path / "student")
    assert run.seconds > 0 and 20 < run.megabytes < 1500
    assert not wordless(run.notebook)
    assert not (tmp_path / "student").exists()
    shown = str([cell.get("outputs") for cell in run.notebook.cells])
    assert "widget-view" not in shown and "It is <strong>“shape”" in shown and "widgets" not in run.notebook.metadata


def test_a_figure_without_words_is_found(path, tmp_path):
    run = execute(path, tmp_path / "student")
    run.notebook.cells.pop(8)
    assert "cell 8" in wordless(run.notebook)[0]
    run.notebook.cells[7].source += '  # alt="a red square"'
    assert not wordless(run.notebook)
