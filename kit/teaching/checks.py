"""A question to check yourself: a reason for every answer, a hint before the solution.

Feedback that explains teaches more than right or wrong alone (Shute, 2008, Review of Educational
Research 78:153; Van der Kleij et al., 2015, Review of Educational Research 85:475).
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from . import history, texts
from .markup import choices, fold, heading, inline
from .shell import Shell


@dataclass(frozen=True)
class Check:
    """A question and the answers tried so far; the state of `check`."""

    key: str
    question: str
    options: tuple[str, ...]
    answer: str
    reasons: Mapping[str, str]
    hint: str
    solution: str
    tried: tuple[str, ...] = ()
    hinted: bool = False

    def __post_init__(self):
        if len(set(self.options)) != len(self.options) or len(self.options) < 2:
            raise ValueError(f"check({self.key!r}): options must be two or more different texts")
        if self.answer not in self.options:
            raise ValueError(f"check({self.key!r}): the answer {self.answer!r} is none of the options")
        odd = set(self.options) ^ set(self.reasons)
        if odd:
            raise ValueError(f"check({self.key!r}): reasons need exactly one entry for each option; see {sorted(odd)}")

    @property
    def solved(self) -> bool:
        return self.answer in self.tried

    def act(self, message: dict) -> "Check":
        """Take an answer, or show the hint."""
        if message["action"] == "hint":
            return replace(self, hinted=True)
        place = message.get("answer", "")
        if self.solved or not (place.isdecimal() and int(place) < len(self.options)):
            return self
        return replace(self, tried=(*self.tried, self.options[int(place)]), hinted=True)

    def live(self) -> str:
        return (
            '<form data-action="answer"><p class="tk-kind">Check yourself</p>'
            f"{choices(self.question, self.options, self._notes(), self._last())}"
            f"{self._buttons()}</form>{self._feedback()}{self._help()}"
        )

    def _notes(self) -> dict[int, str]:
        notes = {self.options.index(option): "✗ tried" for option in self.tried}
        return notes | ({self.options.index(self.answer): "✓ right"} if self.solved else {})

    def _last(self) -> int | None:
        return self.options.index(self.tried[-1]) if self.tried else None

    def _buttons(self) -> str:
        if self.solved:
            return ""
        hint = '<button type="button" data-action="hint" data-id="hint">Give me a hint</button>'
        return f'<button type="submit" data-id="check">Check</button>{"" if self.hinted else hint}'

    def _feedback(self) -> str:
        if not self.tried:
            return ""
        verdict = "tk-right" if self.solved else "tk-wrong"
        return f'<div class="{verdict}"><p>{inline(self._verdict())}</p></div>'

    def _verdict(self) -> str:
        last = self.tried[-1]
        return f"{'✓ Right' if self.solved else '✗ Not yet'}: “{last}”. {self.reasons[last]}"

    def _help(self) -> str:
        if self.solved:
            return fold("The solution in full", f"<p>{inline(self.solution)}</p>")
        if not self.hinted:
            return ""
        solution = fold("Solution (try once more first)", f"<p>{inline(self.solution)}</p>")
        return f'<p class="tk-hint"><strong>Hint.</strong> {inline(self.hint)}</p>{solution}'

    def static(self) -> str:
        reasons = "".join(f"<li>{inline(o)}: {inline(self.reasons[o])}</li>" for o in self.options)
        listed = "".join(f"<li>{inline(option)}</li>" for option in self.options)
        return (
            f"{heading('Check yourself', self.question)}<ul>{listed}</ul>"
            f"{fold('Hint', f'<p>{inline(self.hint)}</p>')}"
            f"{fold('Solution', f'<p>{inline(self.solution)}</p><ul>{reasons}</ul>')}"
        )

    def status(self) -> str:
        if not self.tried:
            return f"Hint: {self.hint}" if self.hinted else ""
        return f"Try {len(self.tried)}. {self._verdict()}"


def check(
    key: str,
    question: str | None = None,
    options: Sequence[str] = (),
    answer: str = "",
    reasons: Mapping[str, str] | None = None,
    hint: str = "",
    solution: str | None = None,
) -> None:
    """Ask a question that explains every answer; that it was solved is stored, for `progress`.

    With the key alone, everything is read from the lesson's `questions/NN.md` (`kit.teaching.texts`).

    Parameters
    ----------
    key : name of the question, unique in the lesson.
    question : what is asked; `` `code` `` and ``**strong**`` are understood.
    options : two or more answers to choose from.
    answer : the right one.
    reasons : for each option, why it is right, or which mistake leads there.
    hint : shown after the first wrong try, or when asked for.
    solution : folded below the hint; the reason of the right answer by default.

    Examples
    --------
    >>> check("06-light", "Light moves. What changes?", ["pixels", "texture"], "pixels",   # doctest: +SKIP
    ...       reasons={"pixels": "...", "texture": "..."}, hint="...")
    """
    if question is None:
        return check(key, **texts.check(key, sys._getframe(1).f_globals))
    reasons = reasons or {}
    solution = solution or f"{answer}. {reasons.get(answer, '')}"
    state = Check(key, question, tuple(options), answer, reasons, hint, solution)
    Shell(state, "check", key, changed=_solved, note=history.what_is_stored(key, history.records()))


def _solved(state: Check) -> None:
    if state.solved:
        history.add_solved(state.key, len(state.tried))
