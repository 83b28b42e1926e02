"""Who takes part: a random code each, a condition in balance, a session on the disk, and the right to be forgotten.

What lets somebody in and what deletes their answers is one key, known to the participant alone: the folder keeps its
hash. The code is another thing: it names the participant in the data.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from kit.behavior.pooling import SESSIONS
from kit.behavior.session import ENDING, Session, open_session
from kit.files.records import Records

from .experiment import Experiment

LIST = "participants.jsonl"
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is read as another
KEY, CODE = 12, 6  # letters: 59 bits, which nobody guesses, and a name that is short
SOURCE = re.compile(r"[A-Za-z0-9_-]{1,64}")
MOST = 2000


class PeopleError(ValueError):
    """Somebody cannot join; the message says why and what to do."""


@dataclass(frozen=True)
class Participant:
    """A participant.

    Parameters
    ----------
    code : str
        The observer of their ratings, random.
    identity, view : str
    first : int
        Number of their first panel.
    source : str
        What a recruiting platform calls them, "" without one.
    joined : str
        When, in UTC.
    """

    code: str
    identity: str
    view: str
    first: int = 0
    source: str = ""
    joined: str = ""


class People:
    """All participants of an experiment.

    Parameters
    ----------
    folder : Path
    experiment : Experiment
    """

    def __init__(self, folder: Path, experiment: Experiment):
        self.folder, self.experiment = folder, experiment
        self._records = Records(folder / LIST)
        self._people: dict[str, Participant] = {}  # by their code
        self._codes: dict[str, str] = {}  # by the hash of their key
        self._sessions: dict[str, Session] = {}
        for record in self._records.read():
            self._take(record)
        for person in self:
            self.session(person)  # before anybody waits

    def __iter__(self) -> Iterator[Participant]:
        return iter(list(self._people.values()))

    def __contains__(self, person: Participant) -> bool:
        return person.code in self._people

    def __len__(self) -> int:
        return len(self._people)

    def join(self, source: str = "") -> str:
        """The key of a new participant; the disk has the participant before this returns.

        Raises
        ------
        PeopleError
            If the experiment is full, or somebody with this source takes part already.
        """
        if len(self) >= MOST:
            raise PeopleError(f"This experiment is full: {MOST} people are in it. Ask the person who runs it.")
        if source and any(person.source == source for person in self):
            raise PeopleError(
                "Somebody with your number takes part already. If that is you, go on at the page where you began, "
                "or type your code below."
            )
        key, (identity, view, first) = word(KEY), self._rarest()
        record = {"key": hashed(key), "code": self._new_code(), "identity": identity, "view": view, "first": first,
                  "source": source, "joined": datetime.now(UTC).isoformat(timespec="seconds")}  # fmt: skip
        self._records.append(record)
        self._take(record)
        self.session(self._people[record["code"]])
        return key

    def find(self, key: str) -> Participant | None:
        """The participant with a key, typed as they like."""
        return self._people.get(self._codes.get(hashed(plain(key)), ""))

    def session(self, person: Participant) -> Session:
        """Where a participant is."""
        if person.code not in self._sessions:
            design = self.experiment.design(person.code, person.identity, person.view, person.first)
            self._sessions[person.code] = open_session(design, self.folder / SESSIONS)
        return self._sessions[person.code]

    def withdraw(self, person: Participant) -> None:
        """Delete all that a participant gave."""
        if person.code in self._sessions:
            self._sessions.pop(person.code).close()
        for path in (self.folder / SESSIONS).glob(f"{person.code}-*{ENDING}*"):
            path.unlink()
        self._records.keep(lambda record: record.get("code") != person.code)
        self._forget(person.code)

    def close(self) -> None:
        """Give all sessions up."""
        for session in self._sessions.values():
            session.close()

    def _take(self, record: dict) -> None:
        names = ("code", "identity", "view", "first", "source", "joined")
        person = Participant(**{name: record[name] for name in names})
        self._people[person.code] = person
        self._codes[record["key"]] = person.code

    def _forget(self, code: str) -> None:
        self._people.pop(code, None)
        self._codes = {key: other for key, other in self._codes.items() if other != code}

    def _new_code(self) -> str:
        while (code := word(CODE)) in self._people:
            pass
        return code

    def _rarest(self) -> tuple[str, str, int]:
        """The condition that fewest participants have, and the panels that fewest of it have."""
        conditions = Counter((person.identity, person.view) for person in self)
        condition = min(self.experiment.conditions, key=conditions.__getitem__)
        firsts = Counter(person.first for person in self if (person.identity, person.view) == condition)
        return *condition, min(self.experiment.firsts, key=firsts.__getitem__)


def word(length: int) -> str:
    """Random letters that can be told apart when they are read aloud."""
    return "".join(secrets.choice(LETTERS) for _ in range(length))


def plain(key: str) -> str:
    """A key as it was given, from what somebody typed: blanks, hyphens and capitals do not count."""
    return re.sub(r"[\s-]", "", key).lower()


def spaced(key: str) -> str:
    """A key in groups of four, to be written down."""
    return "-".join(re.findall(".{1,4}", key))


def hashed(secret: str) -> str:
    """What the folder keeps of a key."""
    return hashlib.sha256(secret.encode()).hexdigest()
