"""The instructor: who is where, the door, the class's portrait, tables, and deleting by code."""

from __future__ import annotations

import asyncio
import base64
import io
import zipfile
from typing import Any

from tornado.web import HTTPError

from kit.faces.pictures import encoded

from . import export, overview, wording
from .handlers import Handler, same
from .portraits import Portrait
from .room import DOORS


class Desk(Handler):
    """The page; its secret stands behind the #."""

    def get(self) -> None:
        """The same for everybody, who see nothing without the secret."""
        self.page("The class", wording.INSTRUCTOR, "desk.js")


class Secret(Handler):
    """What only the instructor gets; whoever has not the secret learns not even that it exists."""

    def prepare(self) -> None:
        """Raises HTTPError for strangers."""
        if not same(self.bearer, self.room.instructor):
            self.guessed()
            raise HTTPError(404)

    def state(self) -> None:
        """Answer with where everything is."""
        people = self.room.people
        self.room.portraits.refresh([people.session(person).state for person in people])
        self.finish(overview.overview(self.room))


class Overview(Secret):
    """Where everything is, asked for every two seconds."""

    def get(self) -> None:
        """Numbers and codes."""
        self.state()


class Door(Secret):
    """Open, close, end."""

    async def post(self, door: str) -> None:
        """Turn it; the end writes the tables."""
        try:
            self.room.turn(door)
            if door == DOORS[-1]:
                await asyncio.get_running_loop().run_in_executor(None, self.room.export)
        except OSError as error:
            self.room.trouble = str(error)
        self.state()


class Seen(Secret):
    """The portraits, with the true face only if it is asked for."""

    def get(self) -> None:
        """Pictures and words."""
        true = self.get_query_argument("true", "") == "1"
        drawn = self.room.portraits.drawn.values()
        self.finish({"version": self.room.portraits.version, "portraits": [_portrait(one, true) for one in drawn]})


class Table(Secret):
    """One pooled anonymous table."""

    async def get(self) -> None:
        """As CSV."""
        found = await asyncio.get_running_loop().run_in_executor(None, export.pooled, self.room.people)
        self.set_header("Content-Type", "text/csv; charset=utf-8")
        self.finish(found.to_csv(index=False, lineterminator="\n"))


class Dataset(Secret):
    """All of a laboratory's files."""

    async def get(self) -> None:
        """As a zip file."""
        await asyncio.get_running_loop().run_in_executor(None, self.room.export)
        folder, out = self.room.folder / export.DATASET, io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
            for path in sorted(folder.rglob("*.*")):
                packed.write(path, path.relative_to(folder))
        self.set_header("Content-Type", "application/zip")
        self.finish(out.getvalue())


class Forget(Secret):
    """Delete one participant, who came with their code."""

    async def post(self) -> None:
        """Delete, if somebody has this code."""
        found = self.room.people.find(self.typed("key"))
        if found is None:
            self.set_status(400)
            return self.finish(wording.NOBODY)
        await self.room.forget(found)
        self.state()


def _portrait(one: Portrait, true: bool) -> dict[str, Any]:
    shown = {"identity": one.identity, "words": one.words, "face": _source(one.face), "map": _source(one.map)}
    return shown | ({"true": _source(one.true), "comparison": one.comparison} if true else {})


def _source(image) -> str:
    return "data:image/jpeg;base64," + base64.b64encode(encoded(image)).decode()
