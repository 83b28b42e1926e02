"""The glossary: complete entries, kind errors, and no term in a lesson before it is explained."""

import re
from itertools import chain
from pathlib import Path

import pytest
from lesson import Lesson
from prose import explained

from kit.teaching.glossary import Term, entries, glossary
from kit.teaching.markup import plain

LESSONS = sorted((Path(__file__).resolve().parents[1] / "lessons").glob("[0-9][0-9]_*.ipynb"))
ADDRESS = re.compile(r"(doi:10\.\d{4,9}/\S+|https?://\S+)$")
BOOKS = {"Minsky & Papert (1969)", "Green & Swets (1966)"}  # have no address of their own


@pytest.mark.parametrize("entry", entries(), ids=lambda entry: entry.term)
def test_an_entry_is_complete(entry):
    assert 0 <= entry.lesson <= 16
    assert entry.means.endswith(".") and 20 < len(entry.means) < 250
    assert re.search(r"\((1[89]|20)\d\d\)", entry.source), "a source has its year in brackets"
    assert ADDRESS.search(entry.source) or any(map(entry.source.startswith, BOOKS)), entry.source


def test_every_name_belongs_to_one_entry():
    names = [name.casefold() for name in chain.from_iterable(entry.names for entry in entries())]
    assert sorted({name for name in names if names.count(name) > 1}) == []


@pytest.mark.parametrize("asked", ["redundancy", "  Redundancy ", "REDUNDANT  information"])
def test_a_term_is_found_by_any_of_its_names(asked):
    assert glossary(asked).term == "redundancy" and glossary(asked).lesson == 11


@pytest.mark.parametrize(
    ("asked", "meant"), [("redundacy", "'redundancy'"), ("field", "'receptive field'"), ("tau", "Kendall's tau")]
)
def test_a_near_miss_is_answered_with_what_was_meant(asked, meant):
    with pytest.raises(ValueError, match=f"did you mean .*{meant}"):
        glossary(asked)


@pytest.mark.parametrize("asked", ["xyzzy", ""])
def test_an_unknown_word_is_said_to_be_unknown(asked):
    with pytest.raises(ValueError, match=rf"^'{asked}' is not in the glossary: glossary\(\) lists all"):
        glossary(asked)


def test_an_entry_reads_as_words_and_as_html():
    entry = Term("d'", "How far apart <two> are.", 7, "Green & Swets (1966)", formula="z(H) − z(F)", also=("d prime",))
    assert entry._repr_html_().startswith("<p><strong>d&#x27;</strong> (also: d prime): How far apart &lt;two&gt; are.")
    assert repr(entry) == plain(entry._repr_html_()) and "z(H) − z(F) → lesson 07\nSource: Green" in repr(entry)


def test_all_terms_are_listed_in_alphabetical_order():
    terms = [entry.term.casefold() for entry in glossary()]
    assert terms == sorted(terms) and len(terms) > 80
    assert repr(glossary()).count("\n") == len(terms) - 1 == glossary()._repr_html_().count("<li>") - 1


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_explains_its_terms(path):
    """What the glossary says a lesson introduces stands there in bold."""
    here = explained(Lesson.read(path))
    due = [entry.term for entry in entries() if entry.lesson == int(path.name[:2])]
    assert [term for term in due if term not in here] == []


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_looks_up_what_is_there(path):
    for cell in Lesson.read(path).code:
        for term in filter(None, cell.keys("glossary")):
            glossary(term)
