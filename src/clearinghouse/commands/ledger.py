"""``clearinghouse ledger``: check the record of what was done, state it, and prove single entries to others."""

import hashlib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from clearinghouse.commands.databases import database_option
from clearinghouse.edges.status import refusals_exit

if TYPE_CHECKING:
    from clearinghouse.ledger.notes import NoteKey
    from clearinghouse.signing.keys import SigningKey

_a_file = click.Path(path_type=Path, dir_okay=False)
_signing_key = click.option(
    "--key", "key_path", type=_a_file, help="Private key, Ed25519 in PEM (default: CLEARINGHOUSE_KEY)."
)


@click.group()
def ledger() -> None:
    """Check the record of what was done, and prove it to others."""


@ledger.command()
@database_option
@click.option("--since", "since_path", type=_a_file, help="An earlier signed checkpoint, which must still hold.")
@click.option("--key", "key_path", type=_a_file, help="The log's public key in PEM, for --since.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@refusals_exit
def verify(database: str | Path | None, since_path: Path | None, key_path: Path | None, as_json: bool) -> None:  # noqa: FBT001
    """Read everything again: every leaf, every subtree, every act. Exits 3 when something does not hold."""
    from clearinghouse.commands.django import start
    from clearinghouse.errors import Conflict

    if (since_path is None) != (key_path is None):
        raise click.UsageError("--since and --key belong together: a checkpoint is only as good as its signature")
    start(database, must_exist=True)
    from clearinghouse.ledger.audit import audit
    from clearinghouse.ledger.notes import NoteKey, open_note, read_checkpoint
    from clearinghouse.ledger.queries import continues
    from clearinghouse.signing.keys import load_public_key

    faults: tuple[str, ...] = ()
    if since_path is not None and key_path is not None:
        note = _text_of(since_path)
        key = NoteKey(note.partition("\n")[0], load_public_key(key_path))
        earlier = read_checkpoint(open_note(note, key=key))
        if not continues(earlier):
            faults = (f"the ledger is not a continuation of the checkpoint at {earlier.size} entries",)
    found = audit()
    faults += found.faults
    if as_json:
        click.echo(json.dumps({"size": found.size, "root": found.root.hex(), "faults": list(faults)}))
    elif not faults:
        click.echo(f"{found.size} entries hold together; root {found.root.hex()}")
    if faults:
        raise Conflict("the ledger does not hold together: " + "; ".join(faults))


@ledger.command()
@database_option
@_signing_key
@refusals_exit
def checkpoint(database: str | Path | None, key_path: Path | None) -> None:
    """Print a signed statement of size and root, which others can keep and hold the ledger to."""
    from clearinghouse.commands.django import start

    start(database, must_exist=True)
    click.echo(_signed_checkpoint(_load_signing_key(key_path)), nl=False)


@ledger.command()
@click.argument("entry")
@database_option
@_signing_key
@click.option("--reveal", is_flag=True, help="Carry the act itself and its salt, so that the reader can open the leaf.")
@refusals_exit
def proof(entry: str, database: str | Path | None, key_path: Path | None, reveal: bool) -> None:  # noqa: FBT001
    """Print a proof that ENTRY (an index, or the id of an event) stands in the ledger; see ``check``."""
    from clearinghouse.commands.django import start

    start(database, must_exist=True)
    from clearinghouse.ledger.notes import StoredProof, open_note, read_checkpoint
    from clearinghouse.ledger.queries import entry_of, inclusion_proof, revealed

    key = _load_signing_key(key_path)
    found = entry_of(entry)
    note = _signed_checkpoint(key)
    stated = read_checkpoint(open_note(note, key=_note_key(note, key)))
    extra = revealed(found) if reveal else bytes(found.leaf)
    click.echo(StoredProof(found.seq, inclusion_proof(found.seq, stated.size), note, extra).text, nl=False)


@ledger.command()
@click.argument("proof_path", metavar="PROOF", type=_a_file)
@click.option("--key", "key_path", type=_a_file, required=True, help="The log's public key in PEM.")
@click.option("--origin", help="The log that it must come from (default: the one that the proof names).")
@refusals_exit
def check(proof_path: Path, key_path: Path, origin: str | None) -> None:
    """Check a proof that somebody handed over, and print what it shows. Needs no database."""
    from clearinghouse.errors import Malformed
    from clearinghouse.ledger.notes import NoteKey, read_proof
    from clearinghouse.ledger.rules import opened
    from clearinghouse.signing.keys import load_public_key

    stored = read_proof(_text_of(proof_path))
    if stored.extra is None:
        raise Malformed("the proof does not carry its leaf, so there is nothing to check")
    leaf, act = opened(stored.extra)
    shown = stored.shows(leaf, key=NoteKey(origin or stored.note.partition("\n")[0], load_public_key(key_path)))
    click.echo(f"entry {stored.index} of {shown.size} in {shown.origin}: {act or leaf.decode(errors='replace')}")


def _load_signing_key(path: Path | None) -> "SigningKey":
    """Return the key that was named, else the one of the settings."""
    from django.conf import settings

    from clearinghouse.errors import NotFound
    from clearinghouse.signing.keys import load_key

    chosen: Path | None = path or settings.CLEARINGHOUSE_KEY
    if chosen is None:
        raise NotFound("no signing key: give --key FILE, or set CLEARINGHOUSE_KEY")
    return load_key(chosen)


def _note_key(note: str, key: "SigningKey") -> "NoteKey":
    from clearinghouse.ledger.notes import NoteKey

    return NoteKey(note.partition("\n")[0], key.public)


def _signed_checkpoint(key: "SigningKey") -> str:
    """Return a signed checkpoint of the ledger as it is, unless it contradicts the one that was signed last.

    The last one signed is kept outside of the database, so that a restored backup cannot be signed over.

    Raises:
        Conflict: the ledger is not a continuation of what this key last signed for it.
    """
    from django.conf import settings

    from clearinghouse.errors import Conflict
    from clearinghouse.ledger import queries
    from clearinghouse.ledger.notes import open_note, read_checkpoint, sign_note

    stated = queries.checkpoint(origin=settings.CLEARINGHOUSE_ORIGIN)
    name = hashlib.sha256(f"{stated.origin} {key.public.key_id}".encode()).hexdigest()[:32]
    kept: Path = settings.CLEARINGHOUSE_HOME / "checkpoints" / name
    if kept.exists():
        note = _text_of(kept)
        last = read_checkpoint(open_note(note, key=_note_key(note, key)))
        if not queries.continues(last):
            raise Conflict(
                f"the ledger is not a continuation of what was signed at {last.size} entries ({kept}); "
                "if a backup was restored, give the log another CLEARINGHOUSE_ORIGIN"
            )
    note = sign_note(stated.text, name=stated.origin, key=key)
    _keep(kept, note)
    return note


def _keep(path: Path, text: str) -> None:
    """Write ``text`` so that after a crash either the old or the new is there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f"{path.name}.{os.getpid()}")
    with new.open("w", encoding="utf-8", newline="") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


def _text_of(path: Path) -> str:
    """Return what a text file holds, its newlines as they are.

    Raises:
        NotFound: there is no such file.
        Malformed: it is not text.
    """
    from clearinghouse.errors import Malformed, NotFound

    try:
        return path.read_bytes().decode()
    except FileNotFoundError:
        raise NotFound(f"there is no file {path}") from None
    except UnicodeDecodeError:
        raise Malformed(f"{path} is not UTF-8 text") from None
