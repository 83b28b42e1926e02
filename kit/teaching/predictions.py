"""Predict before you see: a recorded guess with a confidence, then the result beside it.

Predicting first makes a demonstration teach (Crouch et al., 2004, American Journal of Physics 72:835;
Miller et al., 2013, Physical Review ST PER 9:020113), and an error made with confidence is the one best
remembered once corrected (Butterfield & Metcalfe, 2001, JEP: LMC 27:1491).
"""

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from types import FunctionType
from typing import Any

from kit.files.records import Records

from . import history, texts
from .markup import inline, plain
from .questions import Prediction, Question, Revealed, now
from .shell import Shell, headless, slot

_asked: dict[str, Prediction] = {}
_locked: dict[str, Callable[[Prediction], None]] = {}


def predict(
    key: str,
    question: str | None = None,
    options: Sequence[str] | None = None,
    number: tuple[float, float, str] | None = None,
    default: str | float | None = None,
    store: str | os.PathLike | None = None,
    counts: bool = True,
) -> None:
    """Ask for a prediction and a confidence, and record both on the student's disk.

    With the key alone, everything is read from the lesson's `questions/NN.md` (`kit.teaching.texts`).

    Parameters
    ----------
    key : name of the question, unique in all lessons ("06-identity"); `reveal` refers to it.
    question : what is asked; `` `code` `` and ``**strong**`` are understood.
    options : two or more answers to choose from, or
    number : (lowest, highest, unit) of a number to give; it counts as right within a tenth of the range.
    default : the answer assumed where nobody can answer (never stored); the first option or the middle.
    store : file to record in; by default `predictions.jsonl` in the student's folder.
    counts : whether it enters the student's calibration; not where only we can know the answer, having planted it.

    Examples
    --------
    >>> predict("06-identity", "What makes this face hers?", ["shape", "texture"])  # doctest: +SKIP
    """
    if question is None:
        return predict(key, **texts.prediction(key, sys._getframe(1).f_globals), store=store)
    asked = Question(key, question, tuple(options or ()), number, counts)
    if default is None:
        default = asked.options[0] if asked.options else sum(number[:2]) / 2
    default = asked.checked(default)
    records = history.records(store)
    if headless():
        state = Prediction(asked, default, asked.guess, now(), headless=True)
    else:
        state = replace(_remembered(asked, records), records=records)
    _asked[key] = state
    Shell(state, "predict", key, changed=_answered, note=history.what_is_stored(key, records))
    _answered(state)


def reveal(
    key: str,
    outcome: Any,
    explanation: str | None = None,
    show: Callable[[], Any] | None = None,
) -> None:
    """Keep a result locked until its prediction is answered; then show both, and why.

    Parameters
    ----------
    key : the key of the prediction.
    outcome : what came out, as an option or a number, or a function without arguments that finds out. It is called
        when the student answers, with the values that the notebook's names have now.
    explanation : one to three sentences on why; by default those of the lesson's `questions/NN.md`.
    show : function whose result (a figure, a table, an image) is displayed below.

    Examples
    --------
    >>> reveal("06-identity", "shape", "Because ...", show=lambda: plot(scores))  # doctest: +SKIP
    """
    if explanation is None:
        explanation = texts.explanation(key, sys._getframe(1).f_globals)
    outcome, show = _as_now(outcome), _as_now(show)
    shell = Shell(Revealed(explanation), "reveal", key)
    fill = slot()

    def unlock(prediction: Prediction) -> None:
        try:
            shell.change(_compared(prediction, outcome, explanation))
            if show:
                fill(show(), alt=plain(inline(explanation)))
        except Exception as error:
            # Raised from a click this would reach no cell, so it is also said where the student looks.
            shell.change(Revealed(explanation, prediction, problem=f"The result could not be made: {error}"))
            raise

    _locked[key] = unlock
    if key in _asked:
        _answered(_asked[key])


def _as_now(asked: Any) -> Any:
    """A function with the notebook's names as they are now: whoever runs all cells first answers after the last one."""
    if not isinstance(asked, FunctionType):
        return asked
    names = dict(asked.__globals__)
    return FunctionType(asked.__code__, names, asked.__name__, asked.__defaults__, asked.__closure__)


def _answered(prediction: Prediction) -> None:
    key = prediction.question.key
    _asked[key] = prediction
    if prediction.answered and key in _locked:
        _locked[key](prediction)


def _compared(prediction: Prediction, outcome: Any, explanation: str) -> Revealed:
    value = prediction.question.checked(outcome() if callable(outcome) else outcome)
    state = Revealed(explanation, prediction, value)
    if prediction.records:
        history.add_outcome(prediction.records, state.record())
    return state


def _remembered(asked: Question, records: Records) -> Prediction:
    """The prediction this student recorded earlier, if there is one that fits the question."""

    def fits(record: dict) -> bool:
        return history.is_whole(record) and asked.accepts(record["answer"])

    earlier = history.first(records, asked.key, "prediction", fits)
    if earlier is None:
        return Prediction(asked)
    return Prediction(asked, earlier["answer"], earlier["confidence"], earlier["time"])
