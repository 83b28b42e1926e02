"""Whose each file of a download is: a student's id, or the reason why it is nobody's.

In doubt nobody gets it. A folder further in counts only where the folders around it hold several people; two names of
one path, or two sources of one student, are a conflict that a person must solve.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace

from .downloads import File, Stage
from .names import Whose, parts, whose
from .register import Entry
from .roster import Person, as_id, called, find, words

ROSTER = "a roster.csv tells"
NUMBERED = ("Moodle", "Brightspace")
"""Platforms whose numbers are the hand-ins', not the people's."""


@dataclass(frozen=True)
class HandIn:
    """A file with its paths and what they tell, the likeliest first; and its student, or why it has none."""

    file: File
    paths: tuple[str, ...]
    readings: tuple[Whose, ...]
    student: str = ""
    part: int = 0
    refused: str = ""

    @property
    def path(self) -> str:
        """Its path, in the likeliest reading."""
        return self.paths[0]

    @property
    def told(self) -> Whose:
        """What this tells."""
        return self.readings[0]

    @property
    def source(self) -> tuple[str, str]:
        """What two hand-ins of one person share: the platform, and the number or else the name."""
        told = self.told
        return told.platform, told.number or dict(told.others).get(self.part, told.name)

    @property
    def stage(self) -> Stage:
        """What is known of the time: from the archive that names the student. What is inside it is the student's."""
        return self.file.stage(self.part)

    def refuse(self, why: str) -> HandIn:
        """The same, nobody's."""
        return replace(self, student="", refused=why)


@dataclass
class Known:
    """Who is known: the roster, who handed in before, and the students who have a folder."""

    assignment: str
    roster: Sequence[Person] = ()
    entries: Sequence[Entry] = ()
    folders: Collection[str] = ()
    numbers: set[str] = field(init=False)

    def __post_init__(self):
        registered = {entry.lms_user_id for entry in self.entries if entry.platform == "Canvas"}
        self.numbers = ({person.lms_user_id for person in self.roster} | registered) - {""}

    def of_before(self, told: Whose) -> str:
        """The id under which a hand-in of the same number and name was collected."""
        for entry in reversed(self.entries):
            personal = told.platform in ("Canvas", "Sakai") or entry.assignment == self.assignment
            same = (entry.platform, entry.lms_user_id) == (told.platform, told.number)
            if told.number and personal and same and words(entry.name) == words(told.name):
                return entry.student
        return ""


def identified(found: Iterable[File], known: Known, force: bool = False) -> list[HandIn]:
    """Notebooks with their students; where there is a conflict, nobody has them."""
    files = list(found)
    canvas = any(told and told.is_of_canvas for file in files for _, told in _told(file, known, False))
    hand_ins = [_with_readings(file, _told(file, known, canvas)) for file in files]
    if known.roster:
        hand_ins = [_of_roster(h, known.roster) if not h.refused else h for h in hand_ins]
        hand_ins = _without_lone_folders(hand_ins, known)
    else:
        hand_ins = _apart([_of_name(h, known) if not h.refused else h for h in hand_ins], known)
    hand_ins = _without_conflicts(hand_ins)
    return hand_ins if force else [_folder_is_theirs(hand_in, known) for hand_in in hand_ins]


def _told(file: File, known: Known, canvas: bool) -> list[tuple[str, Whose | None]]:
    return [(path, whose(path, known.assignment, known.numbers, canvas)) for path in file.readings]


def _with_readings(file: File, told: Sequence[tuple[str, Whose | None]]) -> HandIn:
    told = [(path, each) for path, each in told if each]
    if not told:
        nobody = Whose("", parts(file.path)[-1])
        return HandIn(file, (file.path,), (nobody,), refused="its name does not say whose it is")
    paths, readings = zip(*told)
    refused = next((each.refused for each in readings if each.refused), "")
    return HandIn(file, paths, readings, part=readings[0].part, refused=refused)


# ---- with a roster


def _of_roster(hand_in: HandIn, roster: Sequence[Person]) -> HandIn:
    """The one person of the roster that a path names, in the reading that does."""
    people: dict[str, tuple[int, int]] = {}
    around: set[str] = set()
    for which, told in enumerate(hand_in.readings):
        if isinstance(person := find(told, roster), Person):
            people.setdefault(person.id, (told.part, which))
        for part, name in told.others:
            for person in called(name, roster):
                around.add(person.id)
                if told.platform == "plain":
                    people.setdefault(person.id, (part, which))
    if len(people.keys() | around) > 1:
        ids = ", ".join(sorted(people.keys() | around))
        return hand_in.refuse(f"its path names several people of the roster: {ids}")
    if not people:
        return hand_in.refuse(str(find(hand_in.told, roster)))
    ((student, (part, which)),) = people.items()
    first = [which, *(k for k in range(len(hand_in.paths)) if k != which)]
    paths, readings = (tuple(each[k] for k in first) for each in (hand_in.paths, hand_in.readings))
    return replace(hand_in, paths=paths, readings=readings, student=student, part=part)


def _without_lone_folders(hand_ins: Sequence[HandIn], known: Known) -> list[HandIn]:
    """Refuse what is a person's only by a name inside a folder of another name that holds nobody else."""
    inside: dict[tuple[str, ...], set[str]] = {}
    for hand_in in hand_ins:
        inside.setdefault(_around(hand_in), set()).add(hand_in.student)
    out = []
    for hand_in in hand_ins:
        further_in = hand_in.part > hand_in.told.part or _is_inside(hand_in.told, known)
        if hand_in.student and further_in and len(inside[_around(hand_in)] - {""}) < 2:
            outside = hand_in.told.name if hand_in.part > hand_in.told.part else hand_in.told.others[0][1]
            hand_in = hand_in.refuse(f"is it {hand_in.student}'s, or of somebody who is called {outside}?")
        out.append(hand_in)
    return out


def _is_inside(told: Whose, known: Known) -> bool:
    """Whether a name like Canvas's, of a number that nobody has, stands in a folder: a student may have written it."""
    return told.platform == "Canvas" and bool(told.others) and told.number not in known.numbers


def _around(hand_in: HandIn) -> tuple[str, ...]:
    return tuple(parts(hand_in.path)[: hand_in.part])


# ---- without


def _of_name(hand_in: HandIn, known: Known) -> HandIn:
    """The id that was given before, or one that is made of the name."""
    told = hand_in.told
    if told.others and (told.platform == "plain" or _is_inside(told, known)):
        names = " or ".join([told.name, *(name for _, name in told.others)])
        return hand_in.refuse(
            f"which of its names is the student's, {names}? {ROSTER.capitalize()}; or collect the folder in which "
            "there is one for each student"
        )
    ids = {known.of_before(each) or _new_id(each) for each in hand_in.readings}
    if len(ids) > 1:
        names = " or ".join(each.name for each in hand_in.readings)
        return hand_in.refuse(f"in which code page are the names of its zip file, {names}? {ROSTER.capitalize()}")
    if "" in ids:
        return hand_in.refuse(f"no folder can be named after {told.name!r}; {ROSTER}")
    return replace(hand_in, student=ids.pop())


def _new_id(told: Whose) -> str:
    name = as_id(told.name)
    if told.platform == "Sakai":
        return as_id(told.number)
    return f"{name}_{told.number}" if name and told.platform == "Canvas" else name


def _apart(hand_ins: Sequence[HandIn], known: Known) -> list[HandIn]:
    """Namesakes by the numbers of their hand-ins; where all are called the same, the platform hides the names."""
    numbers: dict[str, set[str]] = {}
    for hand_in in hand_ins:
        if hand_in.student and hand_in.told.platform in NUMBERED:
            numbers.setdefault(hand_in.student, set()).add(hand_in.told.number)
    out = []
    for hand_in in hand_ins:
        namesakes = len(numbers.get(hand_in.student, ())) if hand_in.told.platform in NUMBERED else 0
        if len(numbers) == 1 and namesakes > 2:
            hand_in = hand_in.refuse("everybody is called so: let the platform show the names, and download again")
        elif namesakes > 1 and not known.of_before(hand_in.told):
            hand_in = replace(hand_in, student=f"{hand_in.student}_{hand_in.told.number}")
        out.append(hand_in)
    return out


# ---- conflicts


def _without_conflicts(hand_ins: Sequence[HandIn]) -> list[HandIn]:
    """Refuse all hand-ins of a student that come from several sources."""
    sources: dict[str, dict[tuple[str, str], str]] = {}
    for hand_in in hand_ins:
        if hand_in.student:
            sources.setdefault(hand_in.student.casefold(), {}).setdefault(hand_in.source, hand_in.path)
    out = []
    for hand_in in hand_ins:
        found = sources.get(hand_in.student.casefold(), {})
        if len(found) > 1:
            hand_in = hand_in.refuse(
                f"{len(found)} people of the download are called so, or one came in two ways "
                f"({'; '.join(found.values())}): nobody was replaced. Keep one, or give each a folder with their id"
            )
        out.append(hand_in)
    return out


def _folder_is_theirs(hand_in: HandIn, known: Known) -> HandIn:
    """Refuse what would go to somebody else of the same name, or to a folder that differs in capitals only."""
    student, told = hand_in.student, hand_in.told
    near = [name for name in known.folders if name != student and name.casefold() == student.casefold()]
    if student and near and student not in known.folders:
        return hand_in.refuse(f"is {student} the student {near[0]}? Only capitals differ; {ROSTER}")
    for entry in known.entries if student and told.number else ():
        personal = told.platform == "Canvas" or entry.assignment == known.assignment
        same = (entry.student, entry.platform) == (student, told.platform) and personal
        if same and entry.lms_user_id and entry.lms_user_id != told.number:
            return hand_in.refuse(
                f"{student} came with another number of {told.platform}'s before ({entry.lms_user_id}, here it is "
                f"{told.number}): is it somebody else of this name? Nobody was replaced; --force takes it all the same"
            )
    return hand_in


# ---- what lies beside a notebook


def owner(file: File, assignment: str, placed: Sequence[HandIn]) -> HandIn | None:
    """The hand-in to which another file belongs: of the same number, or in the folder that names the student."""
    told = whose(file.path, assignment)
    every = parts(file.path)
    for hand_in in placed:
        root = parts(hand_in.file.path)[: hand_in.part + 1]
        inside = len(parts(hand_in.file.path)) > len(root) and every[: len(root)] == root
        if inside or (told and told.number and (told.platform, told.number) == hand_in.source):
            return hand_in
    return None
