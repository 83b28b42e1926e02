"""The diagnosis game: a hidden lesion, a few tests that you may choose, one verdict. All patients are simulated."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from html import escape
from pathlib import Path

import pandas as pd

from kit.networks.lesioned.disorders import DISORDERS, TESTS, rule
from kit.teaching.markup import fold, heading, inline
from kit.teaching.shell import Shell

BUDGET, PATIENTS = 3, 6  # tests a patient, patients a game
STYLE = Path(__file__).with_name("diagnosis.css")
NAMES, ASKED = tuple(DISORDERS), tuple(TESTS)


@dataclass(frozen=True, eq=False)
class Clinic:
    """Patients that can be met, and those of other networks from whom one can learn what is usual.

    Parameters
    ----------
    cases, known : DataFrame
        As `kit.networks.lesioned.disorders.clinic` gives them.
    """

    cases: pd.DataFrame
    known: pd.DataFrame

    def verdict(self, case: int, tests: tuple[str, ...]) -> str:
        """What the diagnostic rule says of a patient from some tests."""
        columns = list(tests)
        fitted = rule().fit(self.known[columns].to_numpy(), self.known["disorder"])
        return str(fitted.predict(self.cases[columns].to_numpy()[[case]])[0])

    @cached_property
    def usual(self) -> pd.DataFrame:
        """The middle half of the scores of each disorder (rows) in each test (columns), as words."""
        groups = self.known.groupby("disorder")[list(ASKED)]
        low, high = ((100 * groups.quantile(q)).round().loc[list(NAMES)] for q in (0.25, 0.75))
        words = low.map("{:.0f}–".format) + high.map("{:.0f}".format)
        return words.where(low < high, high.map("{:.0f}".format))


@dataclass(frozen=True)
class DiagnosisGame:
    """Verdicts so far, the tests made with the present patient, and whether the last verdict is being looked at."""

    clinic: Clinic
    verdicts: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    machine: tuple[str, ...] = ()
    looking: bool = False

    @property
    def number(self) -> int:
        """Row of the patient on show."""
        return len(self.verdicts) - self.looking

    @property
    def over(self) -> bool:
        return len(self.verdicts) == len(self.clinic.cases) and not self.looking

    @property
    def truth(self) -> str:
        return self.clinic.cases["disorder"].iloc[self.number]

    def act(self, message: dict) -> DiagnosisGame:
        """Make a test or give a verdict (`row` is its place), see the next patient, or begin again."""
        action, row = message["action"], message.get("row")
        if action == "again":
            return DiagnosisGame(self.clinic)
        if action == "next":
            return replace(self, looking=False, tests=())
        if self.over or self.looking or not str(row).isdigit():
            return self
        if (
            action == "test"
            and int(row) < len(ASKED)
            and len(self.tests) < BUDGET
            and ASKED[int(row)] not in self.tests
        ):
            return replace(self, tests=(*self.tests, ASKED[int(row)]))
        if action == "verdict" and int(row) < len(NAMES) and self.tests:
            says = self.clinic.verdict(self.number, self.tests)
            return replace(
                self, verdicts=(*self.verdicts, NAMES[int(row)]), machine=(*self.machine, says), looking=True
            )
        return self

    # ---- what it looks like

    def live(self) -> str:
        style = f"<style>{STYLE.read_text(encoding='utf-8')}</style>"
        return style + (self._end() if self.over else self._patient())

    def _patient(self) -> str:
        left = BUDGET - len(self.tests)
        count = f"Simulated patient {self.number + 1} of {len(self.clinic.cases)}, {left} of {BUDGET} tests left"
        rows = "".join(self._test(k) for k in range(len(ASKED)))
        table = f'<div class="tk-table"><table><tbody>{rows}</tbody></table></div>'
        return heading(count, "Which lesion is hidden?") + table + self._usual() + (self._told() or self._verdicts())

    def _test(self, place: int) -> str:
        name, case = ASKED[place], self.clinic.cases.iloc[self.number]
        if name in self.tests:
            cell = f'<td class="tk-score">{case[name]:.0%}</td>'
        else:
            off = " disabled" if self.looking or len(self.tests) == BUDGET else ""
            cell = (
                f'<td><button type="button" data-action="test" data-id="test-{place}"{off} '
                f'aria-label="Test {escape(name)}">test</button></td>'
            )
        return f'<tr data-row="{place}"><th scope="row">{escape(name)}</th><td>{escape(TESTS[name])}</td>{cell}</tr>'

    def _usual(self) -> str:
        head = "".join(f'<th scope="col">{escape(name)}</th>' for name in ASKED)
        rows = "".join(
            f'<tr><th scope="row">{escape(name)}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>'
            for name, *cells in self.clinic.usual.itertuples()
        )
        return (
            f'<p class="tk-note">What is usual: scores, %, of the middle half of earlier patients, who had other '
            f'networks.</p><div class="tk-table"><table><thead><tr><th></th>{head}</tr></thead>'
            f"<tbody>{rows}</tbody></table></div>"
        )

    def _verdicts(self) -> str:
        off = "" if self.tests else " disabled"
        buttons = "".join(
            f'<span data-row="{k}"><button type="button" data-action="verdict" data-id="verdict-{k}"{off}>'
            f"{escape(name)}</button></span>"
            for k, name in enumerate(NAMES)
        )
        return f'<p class="tk-title">Your diagnosis{"" if self.tests else " (after one test at least)"}:</p>{buttons}'

    def _told(self) -> str:
        if not self.looking:
            return ""
        verdict = "tk-right" if self.verdicts[-1] == self.truth else "tk-wrong"
        last = len(self.verdicts) == len(self.clinic.cases)
        return (
            f'<div class="{verdict}"><p>{inline(self.status())}</p></div><button type="button" data-action="next" '
            f'data-id="next" data-focus>{"See how you did" if last else "Next patient"}</button>'
        )

    def _end(self) -> str:
        return (
            f"{heading('All patients seen', 'How you did')}<p>{inline(self.status())}</p>"
            '<button type="button" data-action="again" data-id="again" data-focus>See the same patients again</button>'
        )

    def score(self) -> tuple[int, int]:
        """How many diagnoses were right: yours, and the rule's from the same tests."""
        truth = list(self.clinic.cases["disorder"])
        return tuple(sum(t == v for t, v in zip(truth, said)) for said in (self.verdicts, self.machine))

    def status(self) -> str:
        if self.over:
            yours, rules = self.score()
            n = len(self.verdicts)
            return f"You found {yours} of {n} lesions, the rule {rules} of {n} from your tests. Guessing finds 1 in 5."
        if self.looking:
            right = "✓ Right" if self.verdicts[-1] == self.truth else "✗ Not this one"
            done = DISORDERS[self.truth].done
            return f"{right}: {self.truth} ({done}). From the same tests, the rule says: {self.machine[-1]}."
        if not self.tests:
            return ""
        return f"{self.tests[-1]}: {self.clinic.cases[self.tests[-1]].iloc[self.number]:.0%} right."

    def static(self) -> str:
        case = self.clinic.cases.iloc[0]
        scores = "; ".join(f"{name} {case[name]:.0%}" for name in ASKED)
        answer = fold("Answer", f"<p>{inline(case['disorder'])}</p>")
        question = f"Which lesion is hidden? Scores: {scores}."
        return heading("Diagnosis game, first simulated patient", question) + self._usual() + answer


def compute(patients: pd.DataFrame, network: int = 0, rng: int = 0) -> DiagnosisGame:
    """A game with patients drawn by lot among those of one network; the others' patients are known."""
    own = patients[patients["network"] == network]
    cases = own.sample(min(PATIENTS, len(own)), random_state=rng).reset_index(drop=True)
    return DiagnosisGame(Clinic(cases, patients[patients["network"] != network]))


def diagnosis_game(patients: pd.DataFrame, network: int = 0, rng: int = 0) -> None:
    """Examine hidden patients with three tests each, and say which lesion they have.

    Parameters
    ----------
    patients : DataFrame
        As `kit.networks.lesioned.disorders.clinic` gives it, of two networks or more.
    network : whose patients are met; all others are known.
    rng : seed; another one brings other patients.
    """
    Shell(compute(patients, network, rng), "diagnosis-game", "diagnosis-game")
