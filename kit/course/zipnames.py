"""What a zip file says of its members: their names, whatever system wrote them, and when they were changed.

A name is UTF-8 where a flag or an extra field says so; macOS writes UTF-8 without. What is neither is in a code page
that the file does not name: then all those count in which every name of the file is made of letters of one script, and,
where there are such pages, every word can be of one of the languages that are written in it.
"""

from __future__ import annotations

import re
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from .times import Zone

IS_UTF8 = 0x800
PAGES = (
    *("cp437", "cp850", "cp1252", "cp1250", "cp852", "cp1257", "cp1254", "cp866", "cp1251", "cp737", "cp1253"),
    *("cp862", "cp1255", "cp864", "cp1256", "cp932", "gb18030", "big5", "cp949", "cp874", "cp1258"),
)
WEST = "äöüß àâæçéèêëîïôœùûüÿ áéíóúüñ áâãàçéêíóôõúü àèéìíîòóùú áéèëïóöü åäöéšž æøåéóò áðéíóúýþæö àçèéíïóòúü áéíóöúü"
MIDDLE = "äöüß ąćęłńóśźż áčďéěíňóřšťúůýž áäčďéíĺľňóôŕšťúýž áéíóöőúüű čćđšž ăâîşţșț"
LANGUAGES = dict.fromkeys(("cp437", "cp850", "cp1252"), WEST.split()) | {
    **dict.fromkeys(("cp1250", "cp852"), MIDDLE.split()),
    "cp1257": ["äöüß", "ąčęėįšųūž", "āčēģīķļņšūž", "äöõüšž"],
    "cp1254": ["çğıi̇öşüâîû"],
}
"""Letters beyond a to z of the languages that are written in a code page of Latin letters."""
SIGNS = "\u2018\u2019\u2013"  # apostrophes and the dash
NAME, UNIX_TIME, NTFS = 0x7075, 0x5455, 0x000A
YEAR_1601 = datetime(1601, 1, 1, tzinfo=UTC)
FIRST_YEAR = 1981
"""Zip files say 1980 where they do not know."""


def spelled(members: Sequence[zipfile.ZipInfo]) -> list[tuple[str, ...]]:
    """The readings of each member's name, the likeliest first; none where it is in no code page that is known."""
    certain = [_certain(member) for member in members]
    raw = [_raw(member) for member, name in zip(members, certain) if name is None]
    pages = [page for page in PAGES if all(_is_name(_decoded(name, page)) for name in raw)]
    likely = [page for page in pages if all(_is_of_a_language(_decoded(name, page), page) for name in raw)]
    out = []
    for member, name in zip(members, certain):
        names = [name] if name is not None else [_decoded(_raw(member), page) for page in likely or pages]
        out.append(tuple(dict.fromkeys(unicodedata.normalize("NFC", each) for each in names)))
    return out


def is_guessed(member: zipfile.ZipInfo) -> bool:
    """Whether the file does not tell how the name is written."""
    return _certain(member) is None


def _certain(member: zipfile.ZipInfo) -> str | None:
    if member.flag_bits & IS_UTF8 or member.orig_filename.isascii():
        return member.orig_filename
    told = _told_name(member)
    if told is not None:
        return told
    try:
        return _raw(member).decode("utf-8")
    except UnicodeDecodeError:
        return None


def _raw(member: zipfile.ZipInfo) -> bytes:
    return member.orig_filename.encode("cp437")  # as which `zipfile` has decoded it


def _told_name(member: zipfile.ZipInfo) -> str | None:
    """The name in Info-ZIP's extra field, if it belongs to this member's."""
    for kind, data in _extras(member.extra):
        if kind == NAME and len(data) > 5 and struct.unpack_from("<L", data, 1)[0] == zlib.crc32(_raw(member)):
            try:
                return data[5:].decode("utf-8")
            except UnicodeDecodeError:
                return None
    return None


def _decoded(name: bytes, page: str) -> str:
    try:
        return name.decode(page)
    except UnicodeDecodeError:
        return "\0"


def _is_name(text: str) -> bool:
    """Made of letters, of one script a word, and not like thiS."""
    if any(not c.isascii() and unicodedata.category(c)[0] not in "LM" and c not in SIGNS for c in text) or "\0" in text:
        return False
    for one, next_ in pairwise(text):
        letters = one.isalpha() and next_.isalpha() and not (one.isascii() and next_.isascii())
        if letters and (_script(one) != _script(next_) or (one.islower() and next_.isupper())):
            return False
    return True


def _is_of_a_language(text: str, page: str) -> bool:
    """Whether each word has only letters of one language of the page, and none begins with a small one beyond z."""
    for word in re.findall(r"[^\W\d_]+", text) if page in LANGUAGES else ():
        beyond = {c for c in word.lower() if not c.isascii()}
        small = not word[0].isascii() and word[0].islower()
        if small or not any(beyond <= set(letters) for letters in LANGUAGES[page]):
            return False
    return True


def _script(letter: str) -> str:
    if unicodedata.category(letter) == "Lm":
        return "CJK"
    script = unicodedata.name(letter, "?").split()[0]
    return "CJK" if script in ("HIRAGANA", "KATAKANA", "HALFWIDTH", "FULLWIDTH", "BOPOMOFO") else script


# ---- times


def changed(member: zipfile.ZipInfo, zone: Zone) -> datetime | None:
    """When a member was changed: the instant that it tells, or what a clock of the zone showed; None if unknown."""
    for kind, data in _extras(member.extra):
        if (instant := _instant(kind, data)) and FIRST_YEAR <= instant.year < 2108:
            return instant
    clock = clock_of(member)
    return zone.instant(clock) if clock else None


def is_doubtful(member: zipfile.ZipInfo, zone: Zone) -> bool:
    """Whether its time is one that the clocks of the zone showed twice, or never."""
    clock = clock_of(member)
    told = any(_instant(kind, data) for kind, data in _extras(member.extra))
    return clock is not None and not told and zone.is_doubtful(clock)


def clock_of(member: zipfile.ZipInfo) -> datetime | None:
    """What the clock showed, without a zone."""
    try:
        return datetime(*member.date_time) if member.date_time[0] >= FIRST_YEAR else None
    except ValueError:
        return None


def _instant(kind: int, data: bytes) -> datetime | None:
    if kind == UNIX_TIME and len(data) >= 5 and data[0] & 1:
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=struct.unpack_from("<L", data, 1)[0])
    if kind == NTFS and len(data) >= 16 and struct.unpack_from("<HH", data, 4) == (1, 24):
        ticks = struct.unpack_from("<Q", data, 8)[0]  # of 100 ns
        return YEAR_1601 + timedelta(microseconds=ticks // 10) if ticks < 2**61 else None
    return None


def _extras(extra: bytes) -> Iterator[tuple[int, bytes]]:
    """Kind and data of each extra field; a torn one ends the list."""
    while len(extra) >= 4:
        kind, size = struct.unpack_from("<HH", extra)
        if len(extra) < 4 + size:
            return
        yield kind, extra[4 : 4 + size]
        extra = extra[4 + size :]
