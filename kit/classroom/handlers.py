"""What all answers of the server have in common: headers, errors in a sentence, who asks."""

from __future__ import annotations

import hmac
import logging
import traceback
from types import TracebackType
from typing import Any

from tornado.web import HTTPError, RequestHandler

from . import wording
from .people import Participant
from .room import Classroom

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


class Handler(RequestHandler):
    """A page or an answer; nothing about who asked is stored or logged."""

    def initialize(self, room: Classroom | None = None) -> None:
        """The experiment that is served."""
        self.room = room

    def set_default_headers(self) -> None:
        """Nothing from elsewhere, nothing framed, nothing kept."""
        self.clear_header("Server")
        self.set_header("Content-Security-Policy", POLICY)
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Referrer-Policy", "no-referrer")
        self.set_header("Cache-Control", "no-store")

    def write_error(self, status_code: int, **more: Any) -> None:
        """A sentence instead of a page of the server's."""
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(wording.ERRORS.get(status_code, wording.ERRORS[500]))

    def log_exception(self, kind: type | None, value: BaseException | None, trace: TracebackType | None) -> None:
        """Only what is wrong here, without address and header: both may say who somebody is."""
        if not isinstance(value, HTTPError):
            logging.getLogger("tornado.application").error("".join(traceback.format_exception(kind, value, trace)))

    @property
    def bearer(self) -> str:
        """The secret that a page sends along; it stands behind the # of its address, which browsers keep."""
        kind, _, secret = self.request.headers.get("Authorization", "").partition(" ")
        return secret if kind == "Bearer" else ""

    def person(self) -> Participant:
        """Who asks. Raises HTTPError if nobody has this key, or its owner asks all the time."""
        found = self.room.people.find(self.bearer)
        if found is None:
            self.guessed()
            raise HTTPError(404)
        if self.room.requests.over(found.code):
            raise HTTPError(429)
        self.room.requests.count(found.code)
        return found

    def guessed(self) -> None:
        """Count a wrong code. Raises HTTPError if there were too many from this address in a minute."""
        self.may_guess()
        self.room.tries.count(self.request.remote_ip)

    def may_guess(self) -> None:
        """Raises HTTPError if there were too many wrong codes from this address."""
        if self.room.tries.over(self.request.remote_ip):
            raise HTTPError(429)

    def page(self, title: str, body: str, script: str = "") -> None:
        """Answer with a whole page."""
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(wording.page(title, body, script))

    def typed(self, name: str) -> str:
        """What somebody typed into a field of a form, shortened."""
        return self.get_body_argument(name, "").strip()[:80]


class Missing(Handler):
    """All other addresses."""

    def prepare(self) -> None:
        """There is nothing."""
        raise HTTPError(404)


def same(given: str, right: str) -> bool:
    """Whether two secrets are the same, in a time that does not tell how much of them is."""
    return hmac.compare_digest(given.encode(), right.encode())
