"""What an experiment with a class is: whom it is about, how long, in which conditions, with which consent."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path

from kit.behavior.protocol import Design
from kit.faces.views import FRONTAL
from kit.networks.files import atomic

FILE = "experiment.json"
FORMAT = 1
CONSENT = """You learn one face and then say, {trials} times and a little more, which of six faces is most like it.
That takes about {minutes} minutes. You may stop at any time and go on later from the same page.

**What is stored:** your choices, ratings, response times and when you gave them, under a random code, on the computer of
the person who runs this experiment. No name, no address, no kind of device. The answers of all are pooled and may be
shown to the class. On the last page you get a code with which you can have your answers deleted.

Taking part is voluntary. If you would rather not, close this page: nothing is stored then, and nobody is told."""


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
        Of the panels: all participants of a condition rate the same faces.
    consent : str
        What is read before anything is stored; `{trials}` and `{minutes}` are filled in.
    """

    identities: tuple[str, ...] = ("Mei",)
    views: tuple[str, ...] = (FRONTAL,)
    trials: int = 60
    seed: int = 0
    consent: str = CONSENT

    def __post_init__(self) -> None:
        for name in ("identities", "views"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
            if not getattr(self, name) or len(set(getattr(self, name))) < len(getattr(self, name)):
                raise ValueError(f"{name} must name at least one, and none twice; got {getattr(self, name)}")
        for condition in self.conditions:
            self.design("me", *condition)  # raises if it cannot be

    @property
    def conditions(self) -> list[tuple[str, str]]:
        """All pairs of identity and view."""
        return list(product(self.identities, self.views))

    def design(self, observer: str, identity: str, view: str) -> Design:
        """What a participant is asked."""
        return Design(identity, observer, self.seed, rate=self.trials, view=view)


def begun(folder: Path, experiment: Experiment) -> Experiment:
    """Write what the experiment is into its folder, or check that the folder's own is the same.

    Raises
    ------
    ValueError
        If the folder holds another experiment, or one of another version.
    """
    path, wanted = folder / FILE, {"format": FORMAT, **asdict(experiment)}
    if path.exists():
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise ValueError(f"{path} is damaged ({error}): restore it, or choose another folder") from None
        wanted = json.loads(json.dumps(wanted))
        if other := [name for name in wanted if found.get(name) != wanted[name]]:
            raise ValueError(
                f"{folder} holds another experiment: its {other[0]} is {found.get(other[0])!r}, not "
                f"{wanted[other[0]]!r}. Choose another folder with --out, or ask for the same"
            )
        return experiment
    with atomic(path) as file:
        file.write((json.dumps(wanted, indent=1) + "\n").encode())
    return experiment
