"""Several questions in a row, each answered once, and at the end what to look at again.

Recalling is itself practice, and those that were missed are worth asking again until they come
(Roediger & Karpicke, 2006, Psychological Science 17:249; Rawson & Dunlosky, 2011, Journal of Experimental
Psychology: General 140:283).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from . import history
from .checks import Check
from .markup import bullets, choices, fold, heading, inline
from .shell import Shell


@dataclass(frozen=True)
class Quiz:
    """Questions, of which those before `place` are behind us; the state of `quiz`.

    A question's hint says where to look again.
    """

    key: str
    checks: tuple[Check, ...]
    place: int = 0

    @property
    def now(self) -> Check | None:
        """The question on the table, None at the end."""
        return self.checks[self.place] if self.place < len(self.checks) else None

    @property
    def missed(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if not check.solved)

    def act(self, message: dict) -> "Quiz":
        """Take an answer, go on to the next question, or ask those missed again."""
        action, now = message["action"], self.now
        if action == "answer" and now and not now.tried:
            checks = (*self.checks[: self.place], now.act(message), *self.checks[self.place + 1 :])
            return replace(self, checks=checks)
        if action == "next" and now and now.tried:
            return replace(self, place=self.place + 1)
        if action == "again" and not now and self.missed:
            return Quiz(self.key, tuple(replace(check, tried=(), hinted=False) for check in self.missed))
        return self

    def live(self) -> str:
        if self.now is None:
            return self._summary()
        kind = f'<p class="tk-kind">Question {self.place + 1} of {len(self.checks)}</p>'
        if self.now.tried:
            return kind + self._answered(self.now)
        form = choices(self.now.question, self.now.options, {}, None)
        return f'<form data-action="answer">{kind}{form}<button type="submit" data-id="answer">Answer</button></form>'

    def _answered(self, now: Check) -> str:
        notes = {now.tried[0]: "✗ yours"} | {now.answer: "✓ right"}
        options = "".join(f"<li>{inline(option)}{_tag(notes.get(option))}</li>" for option in now.options)
        verdict = "tk-right" if now.solved else "tk-wrong"
        return (
            f'<p class="tk-question">{inline(now.question)}</p><ul>{options}</ul>'
            f'<div class="{verdict}"><p>{inline(self._verdict(now))}</p></div>'
            f"{_button('next', 'Sum up' if now is self.checks[-1] else 'Next question')}"
        )

    def _verdict(self, now: Check) -> str:
        said = f"“{now.tried[-1]}”. {now.reasons[now.tried[-1]]}"
        if now.solved:
            return f"✓ Right: {said}"
        return f"✗ Not so: {said}\nIt is “{now.answer}”. {now.reasons[now.answer]}"

    def _summary(self) -> str:
        title = heading("Summing up", self._score())
        if not self.missed:
            return title
        listed = bullets(f"{check.question} **{check.hint}**" for check in self.missed)
        return f"{title}<p>To look at again:</p>{listed}{_button('again', 'Ask me those again')}"

    def _score(self) -> str:
        right = len(self.checks) - len(self.missed)
        return f"{right} of {len(self.checks)} right at the first answer."

    def static(self) -> str:
        asked = "".join(f"<li>{inline(check.question)}{_folded(check)}</li>" for check in self.checks)
        return f"{heading('Quiz', f'{len(self.checks)} questions. Answer before you open.')}<ol>{asked}</ol>"

    def status(self) -> str:
        if self.now is None:
            return self._score()
        return self._verdict(self.now) if self.now.tried else f"Question {self.place + 1} of {len(self.checks)}."

    def record(self) -> dict[str, Any]:
        """What goes into the student's file."""
        right = len(self.checks) - len(self.missed)
        again = [check.hint for check in self.missed]
        return {"kind": "quiz", "key": self.key, "right": right, "of": len(self.checks), "again": again}


def _tag(note: str | None) -> str:
    return f' <span class="tk-tag">{note}</span>' if note else ""


def _button(action: str, text: str) -> str:
    return f'<button type="button" data-action="{action}" data-id="{action}" data-focus>{text}</button>'


def _folded(check: Check) -> str:
    solution = f"<p>{inline(check.answer)}. {inline(check.reasons[check.answer])} ({inline(check.hint)})</p>"
    return bullets(check.options) + fold("Answer", solution)


def quiz(key: str, *questions: Mapping[str, Any]) -> None:
    """Ask several questions, each once; say at the end what to look at again. The score is stored, for `progress`.

    Parameters
    ----------
    key : name of the quiz, unique in the lesson.
    questions : two or more mappings with the keys
        question, options, answer, reasons : as in `check`;
        again : where to look again, such as "Section 2: the noise ceiling".

    Examples
    --------
    >>> quiz("06-end",                                                              # doctest: +SKIP
    ...      dict(question="Light moves. What changes?", options=["pixels", "texture"], answer="pixels",
    ...           reasons={"pixels": "...", "texture": "..."}, again="Section 3: the lamp."), ...)
    """
    if len(questions) < 2:
        raise ValueError(f"quiz({key!r}) needs two questions or more; for one there is check(...)")
    checks = tuple(_check(f"{key}-{place}", **question) for place, question in enumerate(questions, 1))
    records = history.records()

    def finished(state: Quiz) -> None:
        if state.now is None:
            records.append(state.record() | {"time": history.now()})

    Shell(Quiz(key, checks), "quiz", key, changed=finished, note=history.what_is_stored(key, records))


def _check(key: str, question: str, options: list[str], answer: str, reasons: Mapping[str, str], again: str) -> Check:
    return Check(key, question, tuple(options), answer, reasons, again, solution="")
