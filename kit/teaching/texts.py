"""Texts of a lesson's questions, beside it in `questions/NN.md`: a teacher edits or translates them without Python.

A question begins with a heading that names its kind and key; what stands before the first one is for the reader of the
file. The kinds, by example::

    ## Check 06-light
    The light moves. What changes?
    - [x] the pixels
      Each of them shows another brightness.
    - [ ] the texture
      It belongs to the skin.
    Hint: What does a camera see?

    ## Predict 06-identity
    What makes this face hers?
    - shape
    - texture
    Afterwards: Said when the result is shown.

    ## Predict 08-used
    How many of 128 numbers are used?
    Number: 0 to 128 numbers
    Afterwards: ...

    ## Parsons 02-step
    One step of gradient descent.
    ```python
    loss = error(weights)
    weights -= rate * slope
    ```
    - `weights += rate * slope`
      It climbs.

    ## Blank 08-viae_loss
    Hint: What should the viAE have drawn?
    - Right: `np.mean(np.abs(drawn - frontal))`
    - `ae_loss`: That is what `ae` pays.

Further lines: ``Solution:`` of a check (the reason of the right answer by default), ``Default:`` and ``Counts: no`` of
a prediction, ``On:`` of a blank that is a function: the arguments to try it with. Code between backticks in a blank,
and ``{=zoo.loc["ae", "seconds"]:.0f}`` in any text, is evaluated where the question is asked. A text goes on over
lines that begin with two spaces.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .sections import section

NUMBER = re.compile(r"(-?[\d.]+) to (-?[\d.]+) ?(.*)$")
MISTAKE = re.compile(r"`([^`]+)`: (.+)$")


def filled(text: str, names: Mapping[str, Any]) -> str:
    """A text with what is computed in it, ``{=expression:format}``, evaluated among the names of a notebook."""
    before, begins, rest = text.partition("{=")
    if not begins:
        return text
    inside, after = _balanced(rest)
    return before + _computed(inside, names) + filled(after, names)


def _balanced(text: str) -> tuple[str, str]:
    """What stands before the brace that closes, and what after it."""
    depth = 1
    for place, letter in enumerate(text):
        depth += {"{": 1, "}": -1}.get(letter, 0)
        if depth == 0:
            return text[:place], text[place + 1 :]
    raise ValueError(f"a brace is never closed in {{={text}")


def _computed(inside: str, names: Mapping[str, Any]) -> str:
    code, form = inside, ""
    while not _is_expression(code) and ":" in code:
        code, _, rest = code.rpartition(":")
        form = f"{rest}:{form}" if form else rest
    return format(eval(code, dict(names)), form)


def _is_expression(code: str) -> bool:
    try:
        compile(code, "a text", "eval")
    except SyntaxError:
        return False
    return True


def check(key: str, names: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments of `kit.teaching.check` but the key."""
    found = section("Check", key)
    options, right = [], []
    for head, _ in found.items:
        found.needs(head[:4] in ("[x] ", "[ ] "), f"'- [x] ...' or '- [ ] ...' in place of '- {head}'")
        options.append(filled(head[4:], names))
        right += [options[-1]] if head[1] == "x" else []
    found.needs(len(right) == 1, "one option that is right, '- [x] ...'")
    found.needs("Hint" in found.fields, "a line 'Hint: ...'")
    solution = found.fields.get("Solution")
    return {
        "question": filled(found.text, names),
        "options": options,
        "answer": right[0],
        "reasons": {option: filled(note, names) for option, (_, note) in zip(options, found.items) if note},
        "hint": filled(found.fields["Hint"], names),
        "solution": solution and filled(solution, names),
    }


def prediction(key: str, names: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments of `kit.teaching.predict` but the key and the place."""
    found = section("Predict", key)
    number = NUMBER.match(found.fields.get("Number", ""))
    found.needs(bool(number) != bool(found.items), "options, or a line 'Number: 0 to 100 %'")
    found.needs(found.fields.get("Counts", "yes") in ("yes", "no"), "'Counts: yes' or 'Counts: no'")
    default = found.fields.get("Default")
    return {
        "question": filled(found.text, names),
        "options": [filled(head, names) for head, _ in found.items] or None,
        "number": number and (_number(number[1]), _number(number[2]), number[3]),
        "default": _number(default) if number and default else default,
        "counts": found.fields.get("Counts") != "no",
    }


def explanation(key: str, names: Mapping[str, Any]) -> str:
    """What is said when the result of a prediction is shown."""
    found = section("Predict", key)
    found.needs("Afterwards" in found.fields, "a line 'Afterwards: ...'")
    return filled(found.fields["Afterwards"], names)


def _number(text: str) -> float:
    return float(text) if "." in text else int(text)


def parsons(key: str, names: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments of `kit.teaching.parsons` but the key."""
    found = section("Parsons", key)
    found.needs(found.code, "the lines of the program between ```python and ```")
    return {
        "task": filled(found.text, names),
        "solution": found.code,
        "distractors": {head.strip("`"): filled(note, names) for head, note in found.items},
    }


@dataclass(frozen=True)
class Blank:
    """What is known of a blank: expressions, and words for those who are not there yet.

    Parameters
    ----------
    right : str
        Expression of the right answer.
    mistakes : dict of str to str
        Words for a likely mistake, and the expression of what it leads to.
    hint : str
    on : str
        Expression of the arguments that a function is tried with.
    """

    right: str
    mistakes: dict[str, str]
    hint: str
    on: str = "()"


def blank(key: str) -> Blank:
    """The texts of the blank with a key such as "08-viae_loss"."""
    found = section("Blank", key)
    right, mistakes = "", {}
    for head, note in found.items:
        if head.startswith("Right: "):
            right = head.removeprefix("Right: ").strip("`")
            continue
        match = MISTAKE.match(f"{head} {note}".strip())
        found.needs(match, f"'- Right: `code`' or '- `code`: words' in place of '- {head}'")
        found.needs(match[2] not in mistakes, f"other words for one of two mistakes: {match[2]!r} stands there twice")
        mistakes[match[2]] = match[1]
    found.needs(right, "a line '- Right: `code`'")
    found.needs("Hint" in found.fields, "a line 'Hint: ...'")
    return Blank(right, mistakes, found.fields["Hint"], found.fields.get("On", "()").strip("`"))
