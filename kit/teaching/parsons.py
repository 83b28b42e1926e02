"""Parsons problems: put given lines of code in order, leave out those that do not belong.

They teach about as much as writing the code, in less time (Ericson, Margulieux & Rick, 2017, Koli
Calling, 20).
"""

import random
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape

from . import dataflow, history, texts
from .markup import fold, heading, inline
from .shell import Shell

_HELP = (
    "Tab goes to a line. Enter puts it into your program or takes it out again; ↑ and ↓ move it there. "
    "With a mouse, click it or drag it by its grip."
)


@dataclass(frozen=True)
class Parsons:
    """Lines, where they lie now, and what the last check said; the state of `parsons`.

    `program` and `rest` hold places in `lines`.
    """

    key: str
    task: str
    solution: tuple[str, ...]
    distractors: Mapping[str, str]
    lines: tuple[str, ...]
    program: tuple[int, ...] = ()
    rest: tuple[int, ...] = ()
    focus: int | None = None
    checks: int = 0
    checked: bool = False
    news: str = ""

    def first_wrong(self) -> tuple[int, str] | None:
        """Place in the program of the first line that cannot stay, and why; None if there is none.

        Every order that computes the same is right (`dataflow`); a program that only stops too early has no wrong line.
        """
        program = [self.lines[line] for line in self.program]
        for place, line in enumerate(program):
            why = self.distractors.get(line) or dataflow.obstacle(program, place, self.solution)
            if why:
                return place, why
        return None

    @property
    def solved(self) -> bool:
        return self.first_wrong() is None and len(self.program) == len(self.solution)

    def act(self, message: dict) -> "Parsons":
        """Move a line (`use`, `leave`, `up`, `down`, `drop`) or check the program."""
        if message["action"] == "check":
            return replace(self, checks=self.checks + 1, checked=True, focus=None, news="")
        line = int(message["row"])
        if line not in range(len(self.lines)):
            return self
        if message["action"] == "drop":
            return self._placed(line, message["list"] == "program", int(message["index"]))
        if message["action"] == "use":
            return self if line in self.program else self._placed(line, True, len(self.program))
        if line not in self.program:  # pressed twice before the first was seen
            return self
        if message["action"] == "leave":
            return self._placed(line, False, len(self.rest))
        step = -1 if message["action"] == "up" else 1
        return self._placed(line, True, max(self.program.index(line) + step, 0))

    def _placed(self, line: int, inside: bool, place: int) -> "Parsons":
        program = [other for other in self.program if other != line]
        rest = [other for other in self.rest if other != line]
        target = program if inside else rest
        target.insert(place, line)
        where = f"line {target.index(line) + 1} of {len(target)}"
        news = f"{where} in your program" if inside else "not in your program"
        news = f"{self.lines[line].strip()}: {news}."
        moved = replace(self, program=tuple(program), rest=tuple(rest), checked=False, news=news)
        return replace(moved, focus=self._next_focus(line, inside, moved))

    def _next_focus(self, line: int, inside: bool, moved: "Parsons") -> int:
        """The line itself, or after taking it into the program the next one to choose from."""
        if not (inside and line in self.rest and moved.rest):
            return line
        return moved.rest[min(self.rest.index(line), len(moved.rest) - 1)]

    def live(self) -> str:
        return (
            f"{heading('Put the lines in order', self.task)}<p class='tk-note'>{_HELP}</p>"
            f'<div class="tk-lists">{self._list("Lines to choose from", "rest", self.rest)}'
            f"{self._list('Your program', 'program', self.program)}</div>"
            '<button type="button" data-action="check" data-id="check">Check my program</button>'
            f"{self._feedback()}{self._solution()}"
        )

    def _list(self, title: str, name: str, lines: tuple[int, ...]) -> str:
        rows = "".join(self._row(name, line, place, len(lines)) for place, line in enumerate(lines))
        rows = rows or '<li class="tk-empty">nothing here</li>'
        ordered = f'<ol data-list="{name}" aria-label="{title}">{rows}</ol>'
        return f'<div><p class="tk-title">{title}</p>{ordered}</div>'

    def _row(self, name: str, line: int, place: int, total: int) -> str:
        code = escape(self.lines[line])
        inside = name == "program"
        wrong = self.checked and inside and place == (self.first_wrong() or (None,))[0]
        tag = ' <span class="tk-tag">✗ first wrong</span>' if wrong else ""
        focus = " data-focus" if line == self.focus else ""
        label = f"{code.strip()}, line {place + 1} of {total}, {'in' if inside else 'not in'} your program"
        moves = _mouse("up", "▲", f"Move up: {code}") + _mouse("down", "▼", f"Move down: {code}")
        return (
            f'<li data-row="{line}" draggable="true"><span class="tk-grip" aria-hidden="true">⋮⋮</span>'
            f'<button type="button" class="tk-line" data-action="{"leave" if inside else "use"}" '
            f'data-id="line-{line}" aria-label="{label}"{focus}><code>{code}</code>{tag}</button>'
            f"{moves if inside else ''}</li>"
        )

    def _feedback(self) -> str:
        if not self.checked:
            return ""
        verdict = "tk-right" if self.solved else "tk-wrong"
        return f'<div class="{verdict}"><p>{inline(self._verdict())}</p></div>'

    def _verdict(self) -> str:
        if self.solved:
            return "✓ Right: this is the program."
        wrong = self.first_wrong()
        if wrong is None:
            fine = f"the {len(self.program)} lines you have are right" if self.program else "your program is empty"
            return f"✗ Not yet: {fine}; {len(self.solution) - len(self.program)} more to come."
        place, why = wrong
        text = self.lines[self.program[place]].strip()
        return f"✗ Line {place + 1}, `{text}`, is the first wrong one. {why[:1].upper()}{why[1:]}"

    def _code(self) -> str:
        return "\n".join(self.solution)

    def _solution(self) -> str:
        if self.checks < 2 and not (self.checked and self.solved):
            return ""
        return fold("Solution", f"<pre><code>{escape(self._code())}</code></pre>")

    def static(self) -> str:
        lines = "".join(f"<li><pre><code>{escape(line)}</code></pre></li>" for line in self._shuffled_lines())
        return (
            f"{heading('Put the lines in order', self.task)}<ul>{lines}</ul>"
            f"{fold('Solution', f'<pre><code>{escape(self._code())}</code></pre>')}"
        )

    def _shuffled_lines(self) -> list[str]:
        return [self.lines[line] for line in (*self.program, *self.rest)]

    def status(self) -> str:
        return self._verdict() if self.checked else self.news


def _mouse(action: str, sign: str, label: str) -> str:
    # Out of the tab order, since the arrow keys do the same; still there for touch and screen readers.
    return f'<button type="button" tabindex="-1" data-action="{action}" aria-label="{label}">{sign}</button>'


def parsons(
    key: str,
    task: str | None = None,
    solution: Sequence[str] = (),
    distractors: Mapping[str, str] | None = None,
) -> None:
    """Give shuffled lines of code to put in order; that it was solved is stored, for `progress`.

    With the key alone, everything is read from the lesson's `questions/NN.md` (`kit.teaching.texts`).

    Parameters
    ----------
    key : name of the problem, unique in the lesson; it also seeds the shuffling.
    task : what the program has to do.
    solution : the lines in an order that is right, with their indentation: lines of Python. Other orders that
        compute the same are right as well.
    distractors : lines that do not belong, each with the reason.

    Examples
    --------
    >>> parsons("02-step", "One step of gradient descent.",                       # doctest: +SKIP
    ...         ["loss = error(weights)", "slope = gradient(loss)", "weights -= rate * slope"],
    ...         {"weights += rate * slope": "climbs: it makes the loss larger."})
    """
    if task is None:
        return parsons(key, **texts.parsons(key, sys._getframe(1).f_globals))
    distractors = distractors or {}
    lines = [*solution, *distractors]
    if len(solution) < 2 or len(set(lines)) < len(lines):
        twice = sorted({line for line in lines if lines.count(line) > 1})
        raise ValueError(f"parsons({key!r}): needs two lines or more, and none twice {twice}")
    for place in range(len(solution)):
        if why := dataflow.obstacle(solution, place, solution):
            raise ValueError(f"parsons({key!r}): line {place + 1} of the solution is wrong: {why}")
    random.Random(key).shuffle(lines)
    state = Parsons(key, task, tuple(solution), distractors, tuple(lines), rest=tuple(range(len(lines))))
    Shell(state, "parsons", key, changed=_solved, note=history.what_is_stored(key, history.records()))


def _solved(state: Parsons) -> None:
    if state.checked and state.solved:
        history.add_solved(state.key, state.checks)
