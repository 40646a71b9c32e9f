"""Publishing: sign, ask witnesses, write tiles and the checkpoint."""

from dataclasses import dataclass, field
from pathlib import Path

import httpx

from clearinghouse.errors import Malformed, Unavailable
from clearinghouse.ledger import queries
from clearinghouse.ledger.cosigning import Asked, cosigned_at, read_witness_key
from clearinghouse.ledger.notes import Checkpoint, read_checkpoint
from clearinghouse.ledger.signer import Signer
from clearinghouse.ledger.tiles import publish

_PATIENCE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Published:
    """What was published."""

    size: int
    root: bytes
    cosigned: int


@dataclass(slots=True)
class Publisher:
    """A signer, the folder that it publishes into, and the witnesses that are asked."""

    signer: Signer
    folder: Path
    witnesses: tuple[str, ...] = ()
    witness_keys: tuple[str, ...] = ()
    quorum: int = 0
    _seen: dict[str, int] = field(default_factory=dict)
    """The size that each witness saw last, as far as we know."""

    def publish(self) -> Published:
        """Sign the ledger as far as its batches are full, and publish it, cosigned by the witnesses that answer.

        Raises:
            Conflict: the ledger is not a continuation of what was signed before.
            NotFound: no batch is full yet.
            Unavailable: fewer witnesses than the quorum signed; nothing is published.
        """
        note = self.signer.sign(whole_batches=True)
        text = note.rpartition("\n\n")[0] + "\n"
        stated = read_checkpoint(text)
        lines = [line for one in self.witnesses if (line := self._asked(one, note, text, stated)) is not None]
        if len(lines) < self.quorum:
            raise Unavailable(f"{len(lines)} witnesses signed, {self.quorum} are wanted; nothing is published")
        publish(self.folder, note + "".join(lines), stated.size)
        return Published(stated.size, stated.root, len(lines))

    def _asked(self, address: str, note: str, text: str, stated: Checkpoint) -> str | None:
        """Return a witness's signature line; None when it does not answer or does not sign."""
        for _ in range(2):  # a witness that saw another size says which
            old = self._seen.get(address, 0)
            if old > stated.size:
                return None
            proof = queries.consistency_proof(old, stated.size) if old else ()
            try:
                answer = httpx.post(
                    f"{address.rstrip('/')}/add-checkpoint",
                    content=Asked(old, proof, note).text.encode(),
                    timeout=_PATIENCE_SECONDS,
                )
            except httpx.HTTPError:
                return None
            if answer.status_code == httpx.codes.CONFLICT and answer.text.strip().isdecimal():
                self._seen[address] = int(answer.text)
                continue
            if answer.status_code != httpx.codes.OK:
                return None
            self._seen[address] = stated.size
            return self._checked(answer.text, text)
        return None

    def _checked(self, line: str, text: str) -> str | None:
        """Return the line when one of the known witnesses signed it."""
        for one in self.witness_keys:
            try:
                cosigned_at(text, line, key=read_witness_key(one))
            except Malformed:
                continue
            return line
        return None
