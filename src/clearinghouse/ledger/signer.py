"""The signer: a process of its own that puts its name under the ledger's size and root, and never under a second past.

It keeps the last checkpoint it signed outside of the database, on disk before anybody sees it, and signs the next only
if a consistency proof leads there. So a restored backup, a rewritten row or a fork is not signed over. It needs to read
the database and nothing else. Source: C2SP tlog-checkpoint (a log must not sign what contradicts what it signed).
"""

import fcntl
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from clearinghouse.errors import Conflict, Malformed, NotFound
from clearinghouse.ledger import queries
from clearinghouse.ledger.models import Node
from clearinghouse.ledger.notes import Checkpoint, NoteKey, open_note, read_checkpoint, sign_note
from clearinghouse.ledger.tiles import keep
from clearinghouse.ledger.tree import consistent
from clearinghouse.signing.keys import SigningKey


@dataclass(frozen=True, slots=True)
class Signer:
    """A key and what it signed last, for one log: ``state`` is a folder that backups of the database must not touch."""

    key: SigningKey
    state: Path
    origin: str | None = None

    def sign(self, *, whole_batches: bool = False) -> str:
        """Return a signed checkpoint of the ledger as it is now, or of its batches that are full.

        Raises:
            Conflict: the ledger is not a continuation of what this key signed last for it.
            NotFound: nothing has been recorded yet, or no batch is full.
        """
        try:
            # What it is made of never changes, so no transaction.
            stated = queries.checkpoint(origin=self.origin, whole_batches=whole_batches)
        except Node.DoesNotExist:
            raise Conflict(
                "the ledger lacks a subtree that its head speaks of; see `clearinghouse ledger verify`"
            ) from None
        with self._turn(stated.origin) as file:
            last = self._last(file, stated.origin)
            _demand_continuation(last, stated, file)
            note = sign_note(stated.text, name=stated.origin, key=self.key)
            if last is None or last.size != stated.size:
                keep(file, note.encode())
        return note

    def _file(self, origin: str) -> Path:
        name = hashlib.sha256(f"{origin} {self.key.public.key_id}".encode()).hexdigest()[:32]
        return self.state / name

    @contextmanager
    def _turn(self, origin: str) -> Iterator[Path]:
        """Hold the state alone: two signers of one key would each vouch for a past of its own."""
        file = self._file(origin)
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.with_name(f"{file.name}.lock").open("w") as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)
            yield file

    def _last(self, file: Path, origin: str) -> Checkpoint | None:
        """Return what was signed last.

        Raises:
            Conflict: the state is there and is not what this key signed; guessing would be signing over.
        """
        try:
            data = file.read_bytes()
        except FileNotFoundError:
            return None
        try:
            return read_checkpoint(open_note(data.decode(), key=NoteKey(origin, self.key.public)))
        except (Malformed, UnicodeDecodeError) as error:
            raise Conflict(f"the signer's own state {file} cannot be trusted: {error}; nothing is signed") from None


def _demand_continuation(last: Checkpoint | None, stated: Checkpoint, file: Path) -> None:
    """Return quietly if a consistency proof leads from the last checkpoint to the stated one.

    Raises:
        Conflict: there is none that holds.
    """
    if last is None:
        return
    try:
        proof = queries.consistency_proof(last.size, stated.size)
        holds = consistent(last.size, last.root, stated.size, stated.root, proof)
    except (NotFound, IndexError, Node.DoesNotExist):
        holds = False
    if not holds:
        raise Conflict(
            f"the ledger is not a continuation of what was signed at {last.size} entries ({file}); "
            "if a backup was restored, give the log another CLEARINGHOUSE_ORIGIN"
        )
