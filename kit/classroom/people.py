"""Who takes part: a random code each, a condition in balance, a session on the disk, and the right to be forgotten.

What lets somebody in (the token in their address, the code that withdraws) is kept as a hash only: whoever reads the
folder cannot answer for a participant.
"""

from __future__ import annotations

import hashlib
import secrets
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from kit.behavior.session import ENDING, Session, open_session
from kit.classroom.experiment import Experiment
from kit.records import Records

LIST = "participants.jsonl"
SESSIONS = "sessions"
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is read as another


@dataclass(frozen=True)
class Person:
    """A participant.

    Parameters
    ----------
    code : str
        The observer of their ratings, random.
    identity, view : str
    source : str
        What a recruiting platform calls them, "" without one.
    """

    code: str
    identity: str
    view: str
    source: str = ""


class People:
    """All participants of an experiment, by the hash of their token.

    Parameters
    ----------
    folder : Path
    experiment : Experiment
    """

    def __init__(self, folder: Path, experiment: Experiment):
        self.folder, self.experiment = folder, experiment
        self._records = Records(folder / LIST)
        self._people: dict[str, Person] = {}
        self._withdrawals: dict[str, str] = {}  # hash of the code that withdraws, to the participant's
        self._sessions: dict[str, Session] = {}
        for record in self._records.read():
            self._take(record)

    def __iter__(self):
        return iter(self._people.values())

    def __len__(self) -> int:
        return len(self._people)

    def join(self, source: str = "") -> tuple[str, str]:
        """A new participant's token and the code with which they can withdraw; who comes again by a source stays one.

        The disk has the participant before this returns.
        """
        token, withdrawal = secrets.token_urlsafe(16), word(10)
        code = self._by_source(source) or self._new_code()
        known = next((person for person in self if person.code == code), None)
        identity, view = (known.identity, known.view) if known else self._rarest()
        record = {"token": hashed(token), "withdrawal": hashed(withdrawal), "code": code, "identity": identity,
                  "view": view, "source": source}  # fmt: skip
        self._records.append(record)
        self._take(record)
        return token, withdrawal

    def find(self, token: str) -> Person | None:
        """The participant with a token."""
        return self._people.get(hashed(token))

    def session(self, person: Person) -> Session:
        """Where a participant is; opened when it is first asked for."""
        if person.code not in self._sessions:
            design = self.experiment.design(person.code, person.identity, person.view)
            self._sessions[person.code] = open_session(design, self.folder / SESSIONS)
        return self._sessions[person.code]

    def withdraw(self, withdrawal: str) -> bool:
        """Delete all that a participant gave; False if nobody has this code."""
        code = self._withdrawals.get(hashed(withdrawal.strip().lower()))
        if code is None:
            return False
        if code in self._sessions:
            self._sessions.pop(code).close()
        for path in (self.folder / SESSIONS).glob(f"{code}-*{ENDING}*"):
            path.unlink()
        self._records.append({"gone": code})
        self._forget(code)
        return True

    def ratings(self) -> pd.DataFrame:
        """All answers so far, as in docs/ratings.md."""
        tables = [self.session(person).table() for person in {one.code: one for one in self}.values()]
        tables = [table for table in tables if len(table)]
        return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()

    def close(self) -> None:
        for session in self._sessions.values():
            session.close()

    def _take(self, record: dict) -> None:
        if "gone" in record:
            self._forget(record["gone"])
            return
        person = Person(record["code"], record["identity"], record["view"], record["source"])
        self._people[record["token"]] = person
        self._withdrawals[record["withdrawal"]] = person.code

    def _forget(self, code: str) -> None:
        self._people = {token: person for token, person in self._people.items() if person.code != code}
        self._withdrawals = {key: other for key, other in self._withdrawals.items() if other != code}

    def _by_source(self, source: str) -> str:
        return next((person.code for person in self if source and person.source == source), "")

    def _new_code(self) -> str:
        taken = {person.code for person in self}
        while (code := word(6)) in taken:
            pass
        return code

    def _rarest(self) -> tuple[str, str]:
        """The condition that fewest participants have."""
        counts = Counter({person.code: (person.identity, person.view) for person in self}.values())
        return min(self.experiment.conditions, key=counts.__getitem__)


def word(length: int) -> str:
    """Random letters that can be told apart when they are read aloud."""
    return "".join(secrets.choice(LETTERS) for _ in range(length))


def hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
