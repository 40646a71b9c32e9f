"""A witness: signs each next checkpoint of the logs it knows, if it continues the one before. One SQLite file.

Whoever takes part runs one. A log that shows two pasts needs all of them to agree to it.
Source: C2SP tlog-witness: compare and keep in one step, on disk before the answer.
"""

import sqlite3
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from clearinghouse.errors import Malformed
from clearinghouse.ledger.cosigning import Asked, cosign, read_asked
from clearinghouse.ledger.notes import Checkpoint, NoteKey, open_note, read_checkpoint
from clearinghouse.ledger.tree import EMPTY_ROOT, consistent
from clearinghouse.signing.keys import SigningKey

LARGEST_BODY_BYTES = 1 << 16
_PATIENCE_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Answer:
    """What a witness answers: a status and a body."""

    status: HTTPStatus
    body: str = ""
    kind: str = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Witness:
    """A name, a key, the logs it knows by their origin, and the file of what it saw last of each."""

    name: str
    key: SigningKey
    logs: Mapping[str, NoteKey]
    file: Path
    clock: Callable[[], float] = time.time

    def add_checkpoint(self, body: str) -> Answer:
        """Answer a request to sign a checkpoint."""
        try:
            asked, text, new = self._read(body)
            self._keep(asked, new)
        except _Refusal as refusal:
            return refusal.answer
        return Answer(HTTPStatus.OK, cosign(text, name=self.name, key=self.key, at_seconds=int(self.clock())))

    def _read(self, body: str) -> tuple[Asked, str, Checkpoint]:
        """Return what is asked, the checkpoint's text and the checkpoint, signed by a log that it knows."""
        try:
            asked = read_asked(body)
        except Malformed as error:
            raise _Refusal(HTTPStatus.BAD_REQUEST, f"{error}\n") from None
        origin = asked.note.partition("\n")[0]
        if origin not in self.logs:
            raise _Refusal(HTTPStatus.NOT_FOUND, "this witness does not know that log\n")
        try:
            text = open_note(asked.note, key=self.logs[origin])
        except Malformed as error:
            raise _Refusal(HTTPStatus.FORBIDDEN, f"{error}\n") from None
        try:
            new = read_checkpoint(text)
        except Malformed as error:
            raise _Refusal(HTTPStatus.BAD_REQUEST, f"{error}\n") from None
        if asked.old > new.size:
            raise _Refusal(HTTPStatus.BAD_REQUEST, f"the old size {asked.old} is larger than the new {new.size}\n")
        return asked, text, new

    def _keep(self, asked: Asked, new: Checkpoint) -> None:
        """Compare with what was seen last, and keep the new in its place: one step, on disk when it returns."""
        with closing(self._open()) as kept:
            kept.execute("BEGIN IMMEDIATE")  # from here on nobody else compares or keeps
            found = kept.execute("SELECT size, root FROM seen WHERE origin = ?", (new.origin,)).fetchone()
            size, root = found or (0, EMPTY_ROOT)
            if asked.old != size or (new.size == size and new.root != root):
                raise _Refusal(HTTPStatus.CONFLICT, f"{size}\n", "text/x.tlog.size")
            if not consistent(size, root, new.size, new.root, asked.proof):
                raise _Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "the proof does not lead to this checkpoint\n")
            kept.execute("INSERT OR REPLACE INTO seen VALUES (?, ?, ?)", (new.origin, new.size, new.root))
            kept.execute("COMMIT")

    def _open(self) -> sqlite3.Connection:
        kept = sqlite3.connect(self.file, timeout=_PATIENCE_SECONDS, isolation_level=None)
        kept.execute("PRAGMA synchronous = FULL")
        kept.execute(
            "CREATE TABLE IF NOT EXISTS seen (origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL)"
        )
        return kept


class _Refusal(Exception):
    """What a witness does not sign, with its answer."""

    def __init__(self, status: HTTPStatus, body: str, kind: str = "text/plain; charset=utf-8") -> None:
        super().__init__(body)
        self.answer = Answer(status, body, kind)


def server(witness: Witness, host: str, port: int) -> ThreadingHTTPServer:
    """Return a server for ``POST /add-checkpoint``; whoever starts it closes it."""

    class Handler(BaseHTTPRequestHandler):
        """One request."""

        timeout = _PATIENCE_SECONDS

        def do_POST(self) -> None:
            """Answer a request to sign."""
            length = self.headers.get("Content-Length", "")
            if self.path != "/add-checkpoint":
                self._answer(Answer(HTTPStatus.NOT_FOUND))
            elif not length.isdecimal() or int(length) > LARGEST_BODY_BYTES:
                self._answer(Answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE))
            else:
                body = self.rfile.read(int(length)).decode(errors="replace")
                self._answer(witness.add_checkpoint(body))

        def _answer(self, answer: Answer) -> None:
            data = answer.body.encode()
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.kind)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
            """Say nothing: what is asked is in the logs that ask."""

    return ThreadingHTTPServer((host, port), Handler)
