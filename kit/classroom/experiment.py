"""What an experiment with a class is: whom it is about, how long, in which conditions, with which consent."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path

from kit.behavior.protocol import Procedure
from kit.faces.stimuli import TRIALS
from kit.faces.views import FRONTAL
from kit.files.atomic import atomic

FILE = "experiment.json"
FORMAT = 1
CONSENT = Path(__file__).with_name("consent.txt").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Experiment:
    """An experiment with many participants.

    Parameters
    ----------
    identities : tuple of str
        Each participant learns one of them.
    views : tuple of str
        "frontal", "turned"; each participant gets one of them.
    trials : int
        Rated panels of each participant; a sixth comes again, and there is a catch trial for every fifteen.
    seed : int
        Of the panels. Participants of a condition begin at different places of the same series, so that together they
        rate all of it.
    consent : str
        What is read before anybody answers; `{trials}` and `{minutes}` are filled in.
    recruited : bool
        Whether a platform sends the participants, with an id of theirs in the address.
    completion : str
        Address to which participants go back when they have finished, `{id}` being theirs; "" for none.
    """

    identities: tuple[str, ...] = ("Mei",)
    views: tuple[str, ...] = (FRONTAL,)
    trials: int = 60
    seed: int = 0
    consent: str = CONSENT
    recruited: bool = False
    completion: str = ""

    def __post_init__(self) -> None:
        for name in ("identities", "views"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
            if not getattr(self, name) or len(set(getattr(self, name))) < len(getattr(self, name)):
                raise ValueError(f"{name} must name at least one, and none twice; got {getattr(self, name)}")
        if not 1 <= self.trials <= TRIALS:
            raise ValueError(f"trials must be 1 to {TRIALS}, 60 for a class; got {self.trials}")
        if not self.consent.strip():
            raise ValueError("the text of consent is empty: say what is stored, and that one may say no")
        if self.completion and not self.completion.startswith(("https://", "http://")):
            raise ValueError(f"the completion link must begin with https://; got {self.completion!r}")
        for condition in self.conditions:
            self.design("me", *condition)  # raises if it cannot be

    @property
    def conditions(self) -> list[tuple[str, str]]:
        """All pairs of identity and view."""
        return list(product(self.identities, self.views))

    @property
    def firsts(self) -> range:
        """Where participants begin in the series, so that their panels do not overlap."""
        return range(0, TRIALS - self.trials + 1, self.trials)

    def design(self, observer: str, identity: str, view: str, first: int = 0) -> Procedure:
        """What a participant is asked."""
        return Procedure(identity, observer, self.seed, rate=self.trials, view=view, first=first)


def begun(folder: Path, experiment: Experiment) -> Experiment:
    """Write what the experiment is into its folder, or check that the folder's own is the same.

    Raises
    ------
    ValueError
        If the folder holds another experiment, or one of another version.
    """
    path, wanted = folder / FILE, {"format": FORMAT, **asdict(experiment)}
    if path.exists():
        _compare(path, json.loads(json.dumps(wanted)))
        return experiment
    with atomic(path) as file:
        file.write((json.dumps(wanted, indent=1) + "\n").encode())
    return experiment


def _compare(path: Path, wanted: dict) -> None:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path} is damaged ({error}): restore it, or choose another folder") from None
    if found.get("format") != FORMAT:
        raise ValueError(
            f"{path.parent} was made by another version of the kit (format {found.get('format')}, here {FORMAT}): "
            "go on with that version, or choose another folder with --out"
        )
    if other := [name for name in wanted if found.get(name) != wanted[name]]:
        raise ValueError(
            f"{path.parent} holds another experiment: its {other[0]} is {_short(found.get(other[0]))}, not "
            f"{_short(wanted[other[0]])}. Choose another folder with --out, or ask for the same"
        )


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
