"""What a word means here, in plain words, and which lesson introduces it."""

import re
import tomllib
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path

from .markup import inline, plain

ADDRESS = re.compile(r"doi:(10\.\S+)|https?://\S+")
FILE = Path(__file__).with_name("glossary.toml")


@dataclass(frozen=True)
class Term:
    """A term of the field; notebooks show it as a paragraph.

    Attributes
    ----------
    term : the word, as it is written in a sentence.
    means : one or two plain sentences.
    lesson : number of the lesson that introduces it.
    source : where it comes from, or where to read more.
    formula : short, in plain characters; empty if there is none.
    also : other names and forms of the word.
    everyday : whether the word also has an everyday meaning, so that it may stand in earlier lessons.
    """

    term: str
    means: str
    lesson: int
    source: str
    formula: str = ""
    also: tuple[str, ...] = ()
    everyday: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        return (self.term, *self.also)

    def html(self) -> str:
        """The entry as a paragraph without its source."""
        also = f" (also: {', '.join(self.also)})" if self.also else ""
        formula = f" `{self.formula}`" if self.formula else ""
        return inline(f"**{self.term}**{also}: {self.means}{formula} → lesson {self.lesson:02}")

    def _repr_html_(self) -> str:
        return f"<p>{self.html()}</p><p>Source: {ADDRESS.sub(_link, inline(self.source))}</p>"

    def __repr__(self) -> str:
        return plain(self._repr_html_())


def _link(address: re.Match) -> str:
    return f'<a href="{f"https://doi.org/{address[1]}" if address[1] else address[0]}">{address[0]}</a>'


class Glossary(tuple[Term, ...]):
    """All entries in alphabetical order; notebooks show them as a list."""

    def _repr_html_(self) -> str:
        return "<ul>" + "".join(f"<li>{entry.html()}</li>" for entry in self) + "</ul>"

    def __repr__(self) -> str:
        return plain(self._repr_html_())


@cache
def entries() -> Glossary:
    """All entries of the glossary's file."""
    with open(FILE, "rb") as file:
        table = tomllib.load(file)
    made = (Term(term, **row | {"also": tuple(row.get("also", ()))}) for term, row in table.items())
    return Glossary(sorted(made, key=lambda entry: entry.term.casefold()))


def glossary(term: str | None = None) -> Term | Glossary:
    """What a term means, or all terms.

    Parameters
    ----------
    term : the word or one of its other names, in small or large letters; all entries by default.

    Raises
    ------
    ValueError
        If there is no such entry; the message names those that are spelled alike.

    Examples
    --------
    >>> glossary("RDM").lesson
    9
    """
    if term is None:
        return entries()
    known = {name.casefold(): entry for entry in entries() for name in entry.names}
    wanted = " ".join(term.split()).casefold()
    if wanted in known:
        return known[wanted]
    near = dict.fromkeys(known[name].term for name in get_close_matches(wanted, known, 3, 0.6))
    near |= dict.fromkeys(entry.term for name, entry in known.items() if wanted and wanted in name)
    hint = f"did you mean {', '.join(map(repr, list(near)[:5]))}? " if near else ""
    raise ValueError(f"{term!r} is not in the glossary: {hint}glossary() lists all {len(entries())} terms")
