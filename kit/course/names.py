"""Whose hand-in a file is: what learning platforms write into the names of what they let an instructor download.

- Moodle: `Ada Lovelace_123456_assignsubmission_file_perceptron.ipynb`, or a folder with such a name and the file in it.
  The number belongs to the hand-in, not to the person: it is another one in the next assignment.
- Canvas: `lovelaceada_LATE_12345_67890_perceptron-1.ipynb`: family and given name, the person's number, the file's, and
  a number that Canvas appends when somebody hands in again.
- Sakai: a folder `Lovelace, Ada(ada01)`, with the person's number, and in it `Submission attachment(s)`.
- Brightspace: a folder `12345-67890 - Ada Lovelace - Nov 20, 2026 1130 PM`.
- nbgrader and plain folders: `ada/perceptron.ipynb`, `submitted/ada/perceptron/perceptron.ipynb`; plain files:
  `ada_perceptron.ipynb`.

A platform's own name is the outermost in a path; what stands further in is the student's, and says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

MOODLE = re.compile(r"(?P<name>.+?)_(?P<number>\d+)_assignsubmission_[a-z]+(_(?P<file>.*))?", re.DOTALL)
CANVAS = re.compile(r"(?P<name>[^_]+)_(?P<late>LATE_)?(?P<number>\d+)_(?P<again>\d+)_(?P<file>.+)", re.DOTALL)
SAKAI = re.compile(r"(?P<name>[^()]+)\((?P<number>[^()]+)\)")
#: Its date is written in the language of the platform; hyphens in it stand between digits.
BRIGHTSPACE = re.compile(r"(?P<number>\d+)-\d+ ?- (?P<name>.+?) ?- ?(?=[^-]*\d{4})(?:[^-]|(?<=\d)-(?=\d))+")
ATTACHMENTS = "Submission attachment(s)"
#: Names that a platform wrote and that name nobody, with the reason.
NOBODY = {
    re.compile(r"anon_\w+?_\d+_.+"): "Canvas was asked to hide the names: let it show them, and download again",
    re.compile(r"Participant_\d+_assign.+"): "Moodle was asked to hide the names: reveal them, and download again",
    re.compile(r".+_[^\W\d_]+_\d{4}(-\d\d){5}.*"): "Blackboard's names are not understood: put each notebook into a "
    "folder with the student's id",
}
SHORT = 4
"""Digits that a person's number of Canvas's has at least, and a file's more; `week_1_2_sums.ipynb` and
`lab_2026_1120_sums.ipynb` are nobody's, unless somebody has this number."""
AGAIN = re.compile(r"(-\d+|-Copy\d+|[ _]?\(\d+\)|\.fixed)+$")  # Canvas, JupyterLab, browsers, the doctor
NOTEBOOK = re.compile(r"\.ipynb(?![^\W_])", re.IGNORECASE)  # also sums.ipynb.txt, sums.ipynb (1).json


@dataclass(frozen=True)
class Whose:
    """What a path tells about a hand-in.

    Attributes
    ----------
    name : whose it is.
    file : the file's own name.
    platform, number, late : what the platform says; the number is the person's (Canvas, Sakai) or the hand-in's.
    again : the number of the file (Canvas).
    part : which part of the path names the person, the first is 0.
    others : other names in the path, with their parts: of folders around what a platform wrote; else any further
        in that may be the student's.
    refused : why it names nobody.
    """

    name: str
    file: str
    platform: str = "plain"
    number: str = ""
    again: str = ""
    late: bool = False
    part: int = 0
    others: tuple[tuple[int, str], ...] = ()
    refused: str = ""

    @property
    def stem(self) -> str:
        """The file's name without what copying and handing in again append."""
        return AGAIN.sub("", NOTEBOOK.split(self.file)[0] if is_notebook(self.file) else PurePosixPath(self.file).stem)

    @property
    def is_of_canvas(self) -> bool:
        """It can only be Canvas that made this name."""
        return self.platform == "Canvas" and not self.refused and not self.others

    @property
    def attempt(self) -> int:
        """The number that Canvas appends to a file handed in again."""
        found = re.search(r"-(\d{1,9})$", PurePosixPath(self.file).stem) if self.platform == "Canvas" else None
        return int(found.group(1)) if found else 0


def parts(path: str) -> list[str]:
    """The parts of a path, whichever system wrote it."""
    return path.replace("\\", "/").split("/")


def is_notebook(file: str) -> bool:
    """Whether a file is called a notebook; browsers append `.json` and `.txt`."""
    return bool(NOTEBOOK.search(file))


def whose(path: str, assignment: str, numbers: Collection[str] = (), canvas: bool = False) -> Whose | None:
    """What a path inside a download tells; None when it names nobody.

    `numbers` are those of Canvas that are known, `canvas` whether the download is Canvas's: what only looks like
    Canvas's names counts then.
    """
    told = by_platform(path, assignment)
    if told is None or told.platform != "Canvas" or told.number in numbers:
        return told or _plain(path, assignment)
    if canvas or len(told.number) >= SHORT < len(told.again):
        return told
    return replace(told, refused=f"it is nobody's, unless {told.number!r} is a lms_user_id (Canvas's) of the roster")


def by_platform(path: str, assignment: str = "") -> Whose | None:
    """What the outermost part of a path that a platform wrote tells; `others` are folders around it."""
    every = parts(path)
    for place, part in enumerate(every):
        told = _of_part(part, every[place + 1 :])
        if told:
            around = tuple(named for named in enumerate(every[:place]) if _names_somebody(named[1], assignment))
            return replace(told, part=place, others=around)
    return None


def _of_part(part: str, inside: Sequence[str]) -> Whose | None:
    for form, why in NOBODY.items():
        if form.fullmatch(part):
            return Whose(part, part, "nobody", refused=why)
    file = inside[-1] if inside else ""
    if found := CANVAS.fullmatch(part):
        return Whose(
            found["name"], file or found["file"], "Canvas", found["number"], found["again"], bool(found["late"])
        )
    if found := MOODLE.fullmatch(part):
        return Whose(found["name"], file or found["file"] or part, "Moodle", found["number"])
    if ATTACHMENTS in inside[:-1] and (found := SAKAI.fullmatch(part)):
        return Whose(found["name"].strip(), file, "Sakai", found["number"])
    if file and (found := BRIGHTSPACE.fullmatch(part)):
        return Whose(found["name"], file, "Brightspace", found["number"])
    return None


def _plain(path: str, assignment: str) -> Whose | None:
    """What folders and the file's name tell, without a platform."""
    *folders, file = parts(path)
    named = [(place, folder) for place, folder in enumerate(folders) if _names_somebody(folder, assignment)]
    begins = re.fullmatch(rf"(?P<name>.+?)[_-](?P<file>{re.escape(assignment)}\b.*)", file, re.IGNORECASE | re.DOTALL)
    if begins:
        named.append((len(folders), begins["name"]))
    if not named:
        return None
    (place, name), *more = named
    others = tuple(other for other in more if other[1].casefold() != name.casefold())
    own = begins["file"] if begins and not others else file
    return Whose(name, own, part=place, others=others)


def _names_somebody(folder: str, assignment: str) -> bool:
    own = AGAIN.sub("", folder).casefold() == assignment.casefold()
    return not own and folder not in ("", ".", "submitted", "submissions")
