"""``clearinghouse ledger``: check the record of what was done, state it, and prove single entries to others."""

import json
import signal
import sys
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


@ledger.command()
@database_option
@_signing_key
@click.option(
    "--to", "folder", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder to publish into."
)
@click.option("--state", type=click.Path(path_type=Path, file_okay=False), help="Folder of what was signed last.")
@click.option("--every", "every_seconds", type=click.FloatRange(0.1), help="Sign again so often (default: once).")
@click.option("--witness", "witnesses", multiple=True, help="Address of a witness; repeat for more.")
@click.option("--witness-key", "witness_keys", multiple=True, help="Its key, in the one line that it prints.")
@click.option("--quorum", type=click.IntRange(0), default=0, help="Publish only when so many witnesses have signed.")
@refusals_exit
def sign(
    *,
    database: str | Path | None,
    key_path: Path | None,
    folder: Path,
    state: Path | None,
    every_seconds: float | None,
    witnesses: tuple[str, ...],
    witness_keys: tuple[str, ...],
    quorum: int,
) -> None:
    """Sign what the ledger holds, and publish it as static files: a checkpoint and tiles.

    A process of its own: give it a user and a database role that may only read, and a folder for its state that no
    restored backup touches. Exits 3 when the ledger is not a continuation of what was signed before.
    """
    import time

    from clearinghouse.commands.django import start

    start(database, must_exist=True)
    from django.conf import settings

    from clearinghouse.errors import NotFound, Unavailable
    from clearinghouse.ledger.publishing import Publisher
    from clearinghouse.ledger.rows import has_outbox
    from clearinghouse.ledger.sequence import fill
    from clearinghouse.ledger.signer import Signer

    place = state or settings.CLEARINGHOUSE_HOME / "checkpoints"
    signer = Signer(_load_signing_key(key_path), place, settings.CLEARINGHOUSE_ORIGIN)
    publisher = Publisher(signer, folder, witnesses, witness_keys, quorum)
    _end_when_told()
    while True:
        if not has_outbox():  # who signs a file may write it, and no worker fills its batches
            fill()
        try:
            said = publisher.publish()
            click.echo(f"{said.size} entries, root {said.root.hex()}, {said.cosigned} witnesses")
        except (NotFound, Unavailable) as error:
            if every_seconds is None:
                raise
            click.echo(str(error), err=True)
        if every_seconds is None:
            return
        time.sleep(every_seconds)


@ledger.command()
@database_option
@click.option("--every", "every_seconds", type=click.FloatRange(0.05), help="Do so again and again (default: once).")
@refusals_exit
def sequence(*, database: str | Path | None, every_seconds: float | None) -> None:
    """Give acts that wait their places in the ledger. Workers do so too; this is for an office without any."""
    import time

    from clearinghouse.commands.django import start

    start(database, must_exist=True)
    from clearinghouse.ledger.sequence import Filling, sequence_all

    _end_when_told()
    filling = Filling()
    while True:
        count = sequence_all()
        filling()
        if every_seconds is None:
            click.echo(f"{count} acts were given their places")
            return
        time.sleep(every_seconds)


def _end_when_told() -> None:
    """End in peace on SIGTERM, also as the first process of a container, which the kernel would not end."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))


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

    Raises:
        Conflict: the ledger is not a continuation of what this key last signed for it.
    """
    from django.conf import settings

    from clearinghouse.ledger.signer import Signer

    return Signer(key, settings.CLEARINGHOUSE_HOME / "checkpoints", settings.CLEARINGHOUSE_ORIGIN).sign()


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
