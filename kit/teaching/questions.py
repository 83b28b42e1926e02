"""A question, a prediction, and how it compares with the outcome: the part that needs no notebook."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from kit.files.records import Records

from .markup import bullets, choices, fold, heading, inline


def now() -> str:
    """The time, to the second, with its zone."""
    return datetime.now(UTC).isoformat(timespec="seconds")


LEVELS = (35, 50, 60, 70, 80, 90, 100)  # percent
SURE = 75  # percent: from here on somebody is rather sure


@dataclass(frozen=True)
class Question:
    """What is asked: one of `options`, or a `number` given as (lowest, highest, unit)."""

    key: str
    text: str
    options: tuple[str, ...] = ()
    number: tuple[float, float, str] | None = None
    counts: bool = True  # in the student's calibration

    def __post_init__(self):
        if (self.number is None) == (not self.options):
            raise ValueError(f"predict({self.key!r}): give either options or number=(low, high, unit)")
        if len(set(self.options)) != len(self.options) or len(self.options) == 1:
            raise ValueError(f"predict({self.key!r}): options must be two or more different texts")
        if self.number and not self.number[0] < self.number[1]:
            raise ValueError(f"predict({self.key!r}): number=(low, high, unit) needs low < high")

    @property
    def guess(self) -> int:
        """Confidence of a pure guess, in percent: an option by lot, or a number in the middle of the range."""
        return round(100 / len(self.options)) if self.options else 20

    @property
    def levels(self) -> tuple[int, ...]:
        """Confidences to choose from, in percent: a guess, and what is clearly surer."""
        return (self.guess, *(level for level in LEVELS if level >= self.guess + 10))

    @property
    def tolerance(self) -> float:
        """How near a number must be to count as right: a tenth of the range."""
        return (self.number[1] - self.number[0]) / 10 if self.number else 0.0

    def accepts(self, answer: Any) -> bool:
        """Whether this could be an answer."""
        if self.number is None:
            return answer in self.options
        is_number = isinstance(answer, int | float) and not isinstance(answer, bool)
        return is_number and self.number[0] <= answer <= self.number[1]

    def checked(self, answer: Any) -> Any:
        """The answer as it is stored; numpy numbers become plain ones."""
        answer = answer.item() if hasattr(answer, "item") else answer
        if not self.accepts(answer):
            raise ValueError(f"{self.key!r}: {answer!r} is not {self.expected()}")
        return answer

    def expected(self) -> str:
        """What an answer looks like, in words."""
        if self.number is None:
            return "one of " + ", ".join(repr(option) for option in self.options)
        low, high, unit = self.number
        return f"a number from {low:g} to {high:g} {unit}".rstrip()

    def say(self, answer: Any) -> str:
        """An answer in words, with its unit."""
        return f"{answer:.4g} {self.number[2]}".rstrip() if self.number else f"“{answer}”"


@dataclass(frozen=True)
class Prediction:
    """A question and what was answered, if it was; the state of `predict`."""

    question: Question
    answer: str | float | None = None
    confidence: int | None = None
    time: str = ""
    headless: bool = False
    problem: str = ""
    records: Records | None = field(default=None, repr=False, compare=False)

    @property
    def answered(self) -> bool:
        return self.answer is not None

    def record(self) -> dict:
        """What goes into the student's file."""
        names = {"kind": "prediction", "key": self.question.key, "question": self.question.text}
        said = {"answer": self.answer, "confidence": self.confidence, "counts": self.question.counts}
        return names | said | {"time": self.time}

    def act(self, message: dict) -> "Prediction":
        """Take the student's answer; it counts once it is saved."""
        if self.answered:
            return self
        try:
            done = self._filled(message)
            if self.records:
                self.records.append(done.record())
        except (ValueError, OSError) as error:
            return replace(self, problem=str(error))
        return done

    def _filled(self, message: dict) -> "Prediction":
        answer = _read(self.question, message.get("answer", ""))
        confidence = _chosen(self.question, message.get("confidence", ""))
        return replace(self, answer=answer, confidence=confidence, time=now(), problem="")

    def live(self) -> str:
        if self.answered:
            when = datetime.fromisoformat(self.time).astimezone().strftime("%d %B %Y, %H:%M")
            said = f"{self.said()} Recorded on {when}."
            return heading("Prediction", self.question.text) + f"<p>{inline(said)}</p>"
        trouble = f'<p class="tk-wrong">{inline(self.status())}</p>' if self.problem else ""
        return (
            '<form data-action="answer"><p class="tk-kind">Predict</p>'
            f"{_field(self.question)}{_confidences(self.question)}"
            '<button type="submit" data-id="record">Record my prediction</button></form>'
            f"{trouble}"
        )

    def static(self) -> str:
        asked = heading("Prediction", self.question.text)
        asked += bullets(self.question.options or [f"Answer: {self.question.expected()}."])
        if not self.answered or self.headless:
            return asked + "<p>Decide before you read on. (In a live notebook you answer here.)</p>"
        return asked + f"<p>{inline(self.said())}</p>"

    def said(self) -> str:
        """The prediction as a sentence."""
        return f"You predicted **{self.question.say(self.answer)}** with {self.confidence} % confidence."

    def status(self) -> str:
        if self.problem:
            return f"Not recorded: {self.problem}"
        return "Recorded. Read on for the result." if self.answered else ""


def _read(question: Question, typed: str) -> str | float:
    """The answer in what the form sent: the place of an option, or a number as typed."""
    if question.number is None:
        places = {str(place): option for place, option in enumerate(question.options)}
        return question.checked(places.get(typed))
    try:
        return question.checked(float(typed))
    except ValueError:
        raise ValueError(f"please give {question.expected()}") from None


def _chosen(question: Question, sent: str) -> int:
    """The confidence that was chosen. Nothing is chosen for anybody: an untouched form says nothing."""
    if sent not in {str(level) for level in question.levels}:
        raise ValueError("please choose how sure you are")
    return int(sent)


def _field(question: Question) -> str:
    if question.number is None:
        return choices(question.text, question.options, {}, None)
    low, high, unit = question.number
    return (
        f'<label class="tk-number"><span class="tk-question">{inline(question.text)}</span>'
        f'<input type="number" name="answer" data-id="number" '
        f'min="{low:g}" max="{high:g}" step="any" required> '
        f"<span>{inline(unit)} ({low:g} to {high:g})</span></label>"
    )


def _confidences(question: Question) -> str:
    """Radio buttons in a row, none of them chosen."""
    right = f"within {question.tolerance:g} {question.number[2]}".strip() if question.number else "right"
    words = {question.guess: f"{question.guess} % (a guess)", 100: "100 % (certain)"}
    rows = "".join(
        f'<label class="tk-option"><input type="radio" name="confidence" value="{level}" '
        f'data-id="confidence-{level}" required> <span>{words.get(level, f"{level} %")}</span></label>'
        for level in question.levels
    )
    asked = inline(f"How sure are you that you are {right}?")
    return f'<fieldset class="tk-sure"><legend>{asked}</legend>{rows}</fieldset>'


@dataclass(frozen=True)
class Revealed:
    """A prediction against what came out; the state of `reveal`, locked while `prediction` is None."""

    explanation: str
    prediction: Prediction | None = None
    outcome: str | float | None = None
    problem: str = ""

    @property
    def correct(self) -> bool:
        """Whether the prediction was right: the same option, or a number within the tolerance."""
        if self.prediction.question.number is None:
            return self.outcome == self.prediction.answer
        return abs(self.outcome - self.prediction.answer) <= self.prediction.question.tolerance

    def act(self, message: dict) -> "Revealed":
        return self

    def live(self) -> str:
        if self.prediction is None:
            told = "<p>Locked. Answer the prediction above, and the result opens here.</p>"
        elif self.problem:
            told = f"<p>{inline(self.problem)}</p>"
        else:
            told = f'<div class="{"tk-right" if self.correct else "tk-wrong"}">{self._told()}</div>'
        return f'<p class="tk-kind"><strong>Result</strong></p>{told}'

    def _told(self) -> str:
        return f"<p>{inline(self.said())}</p><p>{inline(self.explanation)}</p>"

    def static(self) -> str:
        if self.prediction is None or self.problem:
            return self.live()
        told = self._told()
        return fold("Result: decide first, then open", told) if self.prediction.headless else told

    def status(self) -> str:
        return ""

    def said(self) -> str:
        """Prediction and outcome in a sentence or two."""
        came = self.prediction.question.say(self.outcome)
        if self.prediction.headless:
            return f"It is **{came}**."
        if self.correct:
            return f"✓ {self.prediction.said()} It is **{came}**: you were right."
        advice = " You were rather sure, so this one is worth a second look." if self._sure else ""
        return f"✗ {self.prediction.said()} It is **{came}**.{advice}"

    @property
    def _sure(self) -> bool:
        return self.prediction.confidence >= SURE

    def record(self) -> dict:
        """What goes into the student's file."""
        names = {"kind": "outcome", "key": self.prediction.question.key, "time": now()}
        return names | {"outcome": self.outcome, "correct": self.correct}
