"""What became of every file of a download."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from kit.files import harmless

from .names import parts
from .times import Zone

MOST_TOLD = 20
"""Files of one folder and one reason that are told each."""


@dataclass
class Collected:
    """What became of every file of a download."""

    assignment: str
    zone: Zone
    placed: dict[str, str] = field(default_factory=dict)
    kept: dict[str, str] = field(default_factory=dict)
    unplaced: dict[str, str] = field(default_factory=dict)
    late: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)

    def refuse(self, path: str, why: str) -> None:
        """Tell why a file was not placed; a path may be there several times."""
        self.unplaced[path] = f"{self.unplaced[path]}; {why}" if path in self.unplaced else why

    def _refusals(self) -> Iterator[str]:
        """Two lines a file; of very many in one place with one reason, the first."""
        counted: dict[tuple[str, str], int] = {}
        for path, why in sorted(self.unplaced.items()):
            place = parts(path)[0], why
            counted[place] = counted.get(place, 0) + 1
            if counted[place] <= MOST_TOLD or len(parts(path)) == 1:
                yield f"  {harmless.line(path)}\n    {harmless.line(why)}"
        for (place, why), number in counted.items():
            if number > MOST_TOLD:
                yield f"  {harmless.line(place)}: {number} files in all\n    {harmless.line(why)}"

    def __str__(self) -> str:
        line = harmless.line
        lines = [
            f"{self.assignment}: {len(self.placed)} hand-ins placed ({len(self.late)} late)",
            f"  times are read as those of {self.zone.name} ({self.zone.chosen})",
        ]
        lines += [f"  {line(student)}: {line(what)}" for student, what in sorted(self.placed.items())]
        if self.kept:
            lines += ["left as they were:", *(f"  {s}: {line(why)}" for s, why in sorted(self.kept.items()))]
        if self.notes:
            lines += ["look at:", *(f"  {line(note)}" for note in self.notes)]
        if self.unplaced:
            lines += ["NOT placed:", *self._refusals()]
        return "\n".join(lines)
