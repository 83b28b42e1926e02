"""A hand-in read: what is wrong with its form and harmless is mended, all else is named.

The doctor and the grader read with the same `read`, so what the one calls fine the other can grade. Mended are things
that other programs leave out or write in their own way (outputs, counts, ids, metadata, line ends, the format of 2013);
what a person wrote stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .bounded import loads

if TYPE_CHECKING:
    from nbformat import NotebookNode

MB = 2**20
MOST_BYTES, MOST_PARTS, MOST_CELLS, MOST_NESTED = 50 * MB, 2_000_000, 2000, 50
ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
PICTURE = re.compile(r"image/(png|jpeg|gif|webp)")
BASE64 = re.compile(r"[A-Za-z0-9+/=\s]+")
ATTACHMENT = re.compile(r"!\[[^\]]{0,200}\]\( {0,9}<?attachment:([^()<>\s\"']{1,200})>?[^()\n]{0,200}\)")
FIELDS = {"collapsed": bool, "deletable": bool, "editable": bool, "name": str, "format": str, "jupyter": dict}


def read(path: Path) -> NotebookNode:
    """A notebook of today's format.

    Raises
    ------
    OSError
        If there is no such file.
    ValueError
        If it is no notebook; the message says why, as the end of a sentence.
    """
    with open(path, "rb") as file:
        content = file.read(MOST_BYTES + 1)
    return parse(content)


def parse(content: bytes) -> NotebookNode:
    """A notebook of today's format from the bytes of a file; raises ValueError as `read`."""
    import nbformat

    if len(content) > MOST_BYTES:
        raise ValueError(f"it has more than {MOST_BYTES // MB} MB; clear its outputs")
    data = loads(content, MOST_PARTS)
    if not isinstance(data, dict):
        raise ValueError("it holds data that are no notebook")
    cells = _cells(data)
    if len(cells) > MOST_CELLS:
        raise ValueError(f"it has {len(cells)} cells; at most {MOST_CELLS} are read")
    made = {"nbformat": 4, "nbformat_minor": 5, "metadata": _about_notebook(data.get("metadata"))}
    made["cells"] = [_cell(cell, number) for number, cell in enumerate(cells, 1)]
    number_cells(made["cells"])
    made = nbformat.from_dict(made)
    try:
        nbformat.validate(made)
    except nbformat.ValidationError as error:
        raise ValueError(str(error).splitlines()[0][:100]) from None
    return made


def number_cells(cells: list[dict]) -> None:
    """Give ids that are missing, odd or there twice another name, in place."""
    seen: set[str] = set()
    for number, cell in enumerate(cells, 1):
        if not isinstance(cell["id"], str) or not ID.fullmatch(cell["id"]) or cell["id"] in seen:
            cell["id"] = next(name for k in range(len(cells) + 1) if (name := f"cell-{number}-{k}") not in seen)
        seen.add(cell["id"])


def missing_pictures(cell: NotebookNode) -> list[str]:
    """Names of pictures that a text shows and its cell does not hold: they were left in another notebook."""
    if cell.cell_type == "code":
        return []
    return sorted({name for name in ATTACHMENT.findall(cell.source) if name not in cell.get("attachments", {})})


def same_text(one: str, other: str) -> bool:
    """Whether two texts differ only in what editors add and take away: blanks at the ends of lines and of the text."""
    return _bare(one) == _bare(other)


def _bare(text: str) -> list[str]:
    return [line.rstrip() for line in text.strip("\n").rstrip().split("\n")]


def _cells(data: dict) -> list:
    """The cells, also of the format that had sheets."""
    cells, sheets = data.get("cells"), data.get("worksheets")
    if cells is None and isinstance(sheets, list):
        lists = [sheet.get("cells") if isinstance(sheet, dict) else None for sheet in sheets]
        cells = [cell for each in lists if isinstance(each, list) for cell in each]
    if not isinstance(cells, list):
        raise ValueError("it has no list of cells")
    return cells


def _cell(raw: Any, number: int) -> dict:
    kind = raw.get("cell_type") if isinstance(raw, dict) else None
    if kind not in ("code", "markdown", "raw", "heading"):
        raise ValueError(f"cell {number} is neither code nor markdown nor raw")
    text = _joined(raw.get("source", raw.get("input")))
    if text is None:
        raise ValueError(f"cell {number} holds something else than text")
    cell = {"cell_type": kind, "id": raw.get("id"), "source": _lines(text)}
    cell["metadata"] = _about_cell(raw.get("metadata"))
    if kind == "heading":  # of the format of 2013
        return cell | {"cell_type": "markdown", "source": f"# {cell['source']}"}
    if kind == "code":
        outputs = raw.get("outputs")
        shown = map(output, outputs if isinstance(outputs, list) else [])
        return cell | {"outputs": [*filter(None, shown)], "execution_count": _count(raw.get("execution_count"))}
    pictures = _attachments(raw.get("attachments"))
    return cell | ({"attachments": pictures} if pictures else {})


# ---- what is written


def _joined(text: Any) -> str | None:
    """A text, which may be stored as a list of lines; None if it is none."""
    if isinstance(text, list) and all(isinstance(line, str) for line in text):
        text = "".join(text)
    return _sound("" if text is None else text) if isinstance(text, str | None) else None


def _lines(text: str) -> str:
    """With the line ends of today: nothing was changed by a mail program that wrote others."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _sound(value: Any, depth: int = 0) -> Any:
    """Without halves of characters, which could be stored nowhere, and not nested without end."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_sound(part, depth + 1) for part in value] if depth < MOST_NESTED else []
    if isinstance(value, dict):
        return {_sound(str(key)): _sound(part, depth + 1) for key, part in value.items()} if depth < MOST_NESTED else {}
    return value if value is None or isinstance(value, int | float) else str(value)


# ---- what is written about it


def _kept(raw: Any, tests: dict[str, Callable[[Any], bool]]) -> dict:
    """A dictionary without the entries that fail their test."""
    sound = _sound(raw) if isinstance(raw, dict) else {}
    return {key: value for key, value in sound.items() if key not in tests or tests[key](value)}


def _about_notebook(raw: Any) -> dict:
    def named(*names):
        return lambda value: isinstance(value, dict) and all(isinstance(value.get(name), str) for name in names)

    tests = {"kernelspec": named("name", "display_name"), "language_info": named("name")}
    tests["title"] = lambda value: isinstance(value, str)
    tests["authors"] = tests["orig_nbformat"] = lambda value: False
    return _kept(raw, tests)


def _about_cell(raw: Any) -> dict:
    tests = {name: lambda value, kind=kind: isinstance(value, kind) for name, kind in FIELDS.items()}
    tests["scrolled"] = lambda value: value in (True, False, "auto")
    tests["execution"] = lambda value: isinstance(value, dict) and all(isinstance(v, str) for v in value.values())
    out = _kept(raw, tests)
    if "tags" in out:
        tags = out.pop("tags")
        tags = tags if isinstance(tags, list) else []
        tags = [tag for tag in tags if isinstance(tag, str) and tag and "," not in tag]
        out |= {"tags": [*dict.fromkeys(tags)]} if tags else {}
    marks = _marks(out.pop("nbgrader", None))
    return out | ({"nbgrader": marks} if marks else {})


def _marks(raw: Any) -> dict:
    """What nbgrader keeps about a cell; nothing where there is no name to grade it by."""
    if not isinstance(raw, dict) or not isinstance(raw.get("grade_id"), str) or not raw["grade_id"].strip():
        return {}
    out = {key: raw.get(key) is True for key in ("grade", "solution", "task", "locked")}
    out |= {key: _sound(raw[key]) for key in ("grade_id", "cell_type", "checksum") if isinstance(raw.get(key), str)}
    points, version = raw.get("points"), raw.get("schema_version")
    if _is_number(points):
        out["points"] = points
    return out | {"schema_version": version if type(version) is int else 3}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e9


def _attachments(raw: Any) -> dict:
    """Pictures that were pasted into a text; a browser shows them without running anything."""
    out = {}
    for name, bundle in raw.items() if isinstance(raw, dict) else ():
        parts = bundle.items() if isinstance(bundle, dict) else ()
        texts = {kind: _joined(part) or "" for kind, part in parts if PICTURE.fullmatch(kind)}
        if texts := {kind: text for kind, text in texts.items() if BASE64.fullmatch(text)}:
            out[_sound(name)] = texts
    return out


# ---- what was shown


def _count(raw: Any) -> int | None:
    return raw if type(raw) is int and 0 <= raw < 2**31 else None


def output(raw: Any) -> dict | None:
    """A saved output; None for what is none (it is made anew when a hand-in is graded)."""
    raw = raw if isinstance(raw, dict) else {}
    kind, name = str(raw.get("output_type")), str(raw.get("name"))
    if kind == "stream":
        name = name if name in ("stdout", "stderr") else "stdout"
        return {"output_type": kind, "name": name, "text": _joined(raw.get("text")) or ""}
    if kind == "error":
        trace = raw.get("traceback")
        lines = [_joined(line) or "" for line in trace] if isinstance(trace, list) else []
        texts = {key: _joined(raw.get(key)) or "" for key in ("ename", "evalue")}
        return {"output_type": kind, "traceback": lines} | texts
    if kind not in ("display_data", "execute_result"):
        return None
    parts = raw.get("data").items() if isinstance(raw.get("data"), dict) else ()
    data = {_sound(str(mime)): _shown(str(mime), part) for mime, part in parts}
    out = {"output_type": kind, "metadata": {}, "data": {mime: part for mime, part in data.items() if part is not None}}
    return out | ({"execution_count": _count(raw.get("execution_count"))} if kind == "execute_result" else {})


def _shown(mime: str, part: Any) -> Any:
    return _sound(part) if mime.endswith("json") else _joined(part)
