"""What an experiment leaves: one pooled anonymous table, and a laboratory's data set with its dictionary.

`ratings.csv` is what a class looks at and `python -m kit reproduce --ratings` reads: people have new numbers in random
order, times are rounded, nothing says when. `dataset/` is named after Psych-DS and holds codes, conditions and times:
it is personal data.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pandas as pd

from kit.behavior import pooling, ratings
from kit.behavior.experiment import State, table
from kit.files.atomic import atomic
from kit.files.records import Records

from .experiment import Experiment
from .people import Participant, People

POOLED = "ratings.csv"
DATASET = "dataset"
DATA = "data/study-faces_task-similarity_data.csv"
PARTICIPANTS = "data/study-faces_description-participants_data.csv"
ABOUT_PARTICIPANTS = {
    "participant": "code of the participant, the observer in the table of ratings",
    "identity": "the face that this participant learned",
    "view": "condition: frontal (all faces from the front) or turned (each at a random view and lamp)",
    "first": "number of the first rated panel; participants begin at different ones",
    "joined": "when they came, UTC",
    "began": "when they agreed, UTC",
    "last": "when the last answer came, UTC",
    "answered": "rated panels, retests and catch trials that were answered",
    "asked": "how many there were",
    "finished": "whether all were answered",
    "tests": "matching tests until the face was known, or given up",
    "known": "whether 9 of the last 10 matching tests were right",
    "again": "panels that came twice",
    "same": "of these, how often the same face was chosen",
    "catches": "catch trials that were answered",
    "found": "of these, how often the learned face was chosen",
    "touch": "answers that were given by touch; such response times are not to be compared with those of keys",
    "id": "what the recruiting platform calls the participant; delete it once everybody is paid",
}
ABOUT_RATINGS = {
    "observer": "code of the participant",
    "identity": "the face compared with",
    "phase": "rate: analysed; retest: a panel of rate again; catch: the identity itself was among the six",
    "trial": "number of the panel",
    "choice": "which of the panel's six faces was chosen, 0 to 5; in a catch trial 0 is right",
    "rating": "similarity, 1 (not at all) to 6 (very)",
    "seed": "seed of the panels",
    "components": "how many leading components of shape and texture varied",
    "view": "how faces were shown: frontal or turned",
    "rt_choice_ms": "milliseconds from the panel to the choice; empty if unknown",
    "rt_rating_ms": "milliseconds from the choice to the rating; empty if unknown",
}


def everything(people: People) -> pd.DataFrame:
    """All answers so far under the participants' codes, as in docs/ratings.md; an empty table if there are none."""
    tables = [table(people.session(person).state) for person in people]
    tables = [one for one in tables if len(one)]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=list(ratings.COLUMNS))


def pooled(people: People) -> pd.DataFrame:
    """The same without codes: new numbers in random order, times rounded, rows sorted."""
    found = everything(people)
    return pooling.anonymous(found) if len(found) else found


def participants(people: People) -> pd.DataFrame:
    """A row for each participant: condition, times, and how it went."""
    rows = [_row(person, people.session(person).state, _events(people, person)) for person in people]
    columns = [name for name in ABOUT_PARTICIPANTS if name != "id" or people.experiment.recruited]
    return pd.DataFrame(rows, columns=list(ABOUT_PARTICIPANTS))[columns]


def write(people: People, folder: Path) -> None:
    """Write both, each file in one step; nothing is left where nobody's answers are left."""
    found = everything(people)
    if found.empty:
        (folder / POOLED).unlink(missing_ok=True)
        shutil.rmtree(folder / DATASET, ignore_errors=True)
        return
    ratings.write(pooling.anonymous(found), folder / POOLED)
    own = folder / DATASET
    ratings.write(found, own / DATA)
    for path, text in {
        PARTICIPANTS: participants(people).to_csv(index=False, lineterminator="\n"),
        "dataset_description.json": json.dumps(described(people.experiment), indent=1, ensure_ascii=False) + "\n",
    }.items():
        with atomic(own / path) as file:
            file.write(text.encode())


def described(experiment: Experiment) -> dict[str, Any]:
    """The data dictionary, in the form of Psych-DS (schema.org)."""
    about = ABOUT_RATINGS | ABOUT_PARTICIPANTS
    if not experiment.recruited:
        about = {name: text for name, text in about.items() if name != "id"}
    return {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "name": f"Which of six faces is most like {' or '.join(experiment.identities)}",
        "description": "Ratings of people, made with python -m kit experiment of Shared Features. The column observer "
        "of the ratings is participant in the table of participants. docs/ratings.md says how to make panels again.",
        "variableMeasured": [
            {"@type": "PropertyValue", "name": name, "description": text} for name, text in about.items()
        ],
    }


def repeated(state: State) -> list[bool]:
    """For each panel that came twice, whether the same face was chosen."""
    first = {answer.trial: answer.choice for answer in state.counted if answer.phase == "rate"}
    again = {answer.trial: answer.choice for answer in state.counted if answer.phase == "retest"}
    return [first[trial] == choice for trial, choice in again.items() if trial in first]


def caught(state: State) -> list[bool]:
    """For each catch trial, whether the learned face was chosen."""
    return [answer.choice == 0 for answer in state.counted if answer.phase == "catch"]


def finished(state: State) -> bool:
    """Whether all panels are answered."""
    return len(state.counted) == state.design.total


def _row(person: Participant, state: State, events: list[dict]) -> dict[str, Any]:
    again, caught_ones = repeated(state), caught(state)
    return {
        "participant": person.code, "identity": person.identity, "view": person.view, "first": person.first,
        "joined": person.joined, "began": _time(events[:1]), "last": _time(events[-1:]),
        "answered": len(state.counted), "asked": state.design.total, "finished": finished(state),
        "tests": len(state.right), "known": state.criterion_met, "again": len(again), "same": sum(again),
        "catches": len(caught_ones), "found": sum(caught_ones),
        "touch": sum(event["event"] == "answer" and event.get("by") == "touch" for event in events),
        "id": person.source,
    }  # fmt: skip


def _events(people: People, person: Participant) -> list[dict]:
    return [record for record in Records(people.session(person).path).read() if "event" in record]


def _time(events: list[dict]) -> str:
    return events[0].get("at", "") if events else ""
