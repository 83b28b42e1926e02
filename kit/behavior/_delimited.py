"""Text tables from elsewhere: whatever encoding and delimiter, every row keeps its line in the file."""

from __future__ import annotations

import csv
import io
import os
import re
import unicodedata
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

LARGEST = 100_000_000  # bytes; about two million trials
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab"}
#: How files that are no text tables begin, and what they are.
OTHER_KINDS = {
    b"PK\x03\x04": "an Excel or zip file",
    b"\xd0\xcf\x11\xe0": "an old Excel file",
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"\x1f\x8b": "compressed",
    b"{": "JSON, not a table (an experiment's log? export it first)",
    b"[": "JSON, not a table",
    b"<": "a web page or XML, not a table",
}
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
JOINED = "[\u0600-\u109f\u1780-\u18af\U0001f000-\U0001faff]"  # scripts, and pictures, that joiners change visibly
#: What nobody sees: Unicode's Default_Ignorable_Code_Point, such as byte-order marks and marks of direction.
UNSEEN = re.compile(
    f"(?<!{JOINED})[\u200c\u200d]|[\u200c\u200d](?!{JOINED})|"
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
BLANK = re.compile("[\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]")
WINDOWS = "cp1252"  # Latin-1 and, where that has invisible control characters, letters and quotation marks
#: Windows-1252 that was once read as Latin-1.
MISREAD = {byte: character for byte in range(0x80, 0xA0) if (character := bytes([byte]).decode(WINDOWS, "ignore"))}
LOST = "\ufffd"


class EncodingGuessed(UserWarning):
    """A text that is not Unicode was read as Windows-1252, which may be wrong."""


@dataclass(frozen=True)
class CellRows:
    """Rows of text.

    Attributes
    ----------
    header : list of str
        Its columns, by `column_name`.
    rows : list of list of str
        Without blank lines; a row may have another length than the header.
    lines : list of int
        Line of the file on which each row begins, the first is 1.
    delimiter : str
    """

    header: list[str]
    rows: list[list[str]]
    lines: list[int]
    delimiter: str


def read_cells(path: str | os.PathLike, known: Sequence[str], what: str = "a table of ratings") -> CellRows:
    """Cells of a CSV file with comma, semicolon or tab; the header must name at least one known column.

    `what` it is, for messages.

    Raises
    ------
    OSError
        If the file cannot be opened.
    ValueError
        If it is no such table; the message names the file and the remedy.
    """
    path = Path(path)
    text = _decoded(_bytes(path, what), path.name)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text, told = _told_delimiter(text)
    first = next((line for line in text.split("\n", 100)[:100] if line.strip()), "")
    delimiter = told or max(DELIMITERS, key=lambda d: len(set(known) & {column_name(c) for c in _split(first, d)}))
    header = [column_name(cell) for cell in _split(first, delimiter)]
    if not set(known) & set(header):
        raise ValueError(_no_header(path.name, first, header, known, what))
    rows, lines = _parsed(text, delimiter, path.name)
    return CellRows(header, rows[1:], lines[1:], delimiter)


def visible(text: str) -> str:
    """The text in one spelling: accents composed (NFC), no invisible characters, all blanks plain.

    Two names that look the same become one; names that look different stay two.
    """
    if text.isascii():
        return text
    composed = unicodedata.normalize("NFC", text.translate(MISREAD))
    return unicodedata.normalize("NFC", BLANK.sub(" ", UNSEEN.sub("", composed)))


def column_name(cell: str) -> str:
    """A header's cell as columns are called here: lower case, one underscore for what separates words."""
    return re.sub(r"[\s_-]+", "_", cell.strip().strip('"').strip().lower())


def _bytes(path: Path, what: str) -> bytes:
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder: name one CSV file (`python -m kit pool` reads a folder)")
    try:
        size = path.stat().st_size
        if size > LARGEST:
            raise ValueError(
                f"{path.name} has {size / 1e6:.0f} MB, more than {LARGEST / 1e6:.0f}: is it {what}? split it"
            )
        return path.read_bytes()
    except FileNotFoundError:
        raise FileNotFoundError(f"{path} does not exist: check the name and the folder") from None
    except PermissionError:
        raise PermissionError(f"{path} may not be read: change its permissions or copy it") from None


def _decoded(data: bytes, name: str) -> str:
    if not data.strip():
        raise ValueError(f"{name} is empty: export it again")
    for start, kind in OTHER_KINDS.items():
        if data.lstrip(b"\xef\xbb\xbf \r\n").startswith(start):
            raise ValueError(f"{name} is {kind}: save or export it as CSV (comma-separated text)")
    encoding = _encoding(data)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        text, encoding = data.decode(WINDOWS, "replace"), WINDOWS
    odd = CONTROL.search(text)
    if odd:
        what = "NUL bytes" if odd.group() == "\x00" else "control characters"
        line = text.count("\n", 0, odd.start()) + 1
        raise ValueError(f"{name}, line {line}: {what}; it is damaged or no text file: export it again as CSV")
    if encoding == WINDOWS:
        _tell_guess(text, name)
    return visible(text)


def _tell_guess(text: str, name: str) -> None:
    if LOST in text:
        line = text.count("\n", 0, text.index(LOST)) + 1
        raise ValueError(
            f"{name}, line {line}: the text is neither Unicode nor Windows-1252: save it as UTF-8 "
            '(in Excel "CSV UTF-8"), then letters beyond a to z can be told'
        )
    warnings.warn(
        f"{name} is not UTF-8 and was read as Latin-1 (Windows-1252): look whether names with accents are right, "
        "or save it as UTF-8",
        EncodingGuessed,
        stacklevel=5,
    )


def _encoding(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if len(data) > 3 and data[1] == 0 != data[0] and data[3] == 0 != data[2]:
        return "utf-16-le"
    if len(data) > 3 and data[0] == 0 != data[1] and data[2] == 0 != data[3]:
        return "utf-16-be"
    return "utf-8-sig"


def _told_delimiter(text: str) -> tuple[str, str]:
    """Spreadsheets may write `sep=;` above the header; it is blanked, so that lines keep their number."""
    told = re.match(r"sep=([,;\t])[^\n]*(?=\n)", text)
    return (text[told.end() :], told.group(1)) if told else (text, "")


def _split(line: str, delimiter: str) -> list[str]:
    return next(csv.reader([line], delimiter=delimiter), [])


def _no_header(name: str, first: str, header: list[str], known: Sequence[str], what: str) -> str:
    close = [f"{cell!r} for {near[0]!r}" for cell in header if (near := get_close_matches(cell, known, 1))]
    hint = f" (is {close[0]}?)" if close else ""
    return (
        f"{name}: the first line is no header of {what}: {first[:60]!r}{hint}. It must name the columns "
        f"{', '.join(known)}, separated by comma, semicolon or tab"
    )


def _parsed(text: str, delimiter: str, name: str) -> tuple[list[list[str]], list[int]]:
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
    rows, lines, begins = [], [], 1
    try:
        for row in reader:
            if any(map(str.strip, row)):
                rows.append(row)
                lines.append(begins)
            begins = reader.line_num + 1
    except csv.Error as error:
        raise ValueError(
            f"{name}, line {begins}: the quotation marks of this row do not close or a cell is endless ({error}): "
            "mend the row or export the file again"
        ) from None
    return rows, lines
