"""``clearinghouse interchange``: records of Scrutineer's federation, brought in and given out."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from itertools import tee
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from clearinghouse.commands.plain import plain
from clearinghouse.commands.scans import now, place_options
from clearinghouse.edges.status import EXIT_REFUSED, refusals_exit

if TYPE_CHECKING:
    from clearinghouse.deconfliction.rules.interchange import Interchanged

type Plain = Mapping[str, Any]
_LARGEST = 16 * 1024 * 1024
_a_file = click.Path(path_type=Path, dir_okay=False, exists=True)


@click.group()
def interchange() -> None:
    """Bring in and give out the records of Scrutineer's federation: claims, opt-outs, routes, certificates."""


@interchange.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@place_options
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@refusals_exit
def import_records(
    *, files: tuple[Path, ...], server: str, token: str, database: str | Path | None, as_json: bool
) -> None:
    """Bring in FILES: one record each, or one a line; folders hold such files. Opt-outs become constraints.

    Exits 3 when a record could not be taken in; every other one is kept all the same.
    """
    told = list[tuple[str, Plain]]()
    for name, became in _there(files, server, token) if server else _here(files, database):
        told.append((name, became))
        if not as_json:
            click.echo(plain(_line(name, became)))
    if as_json:
        click.echo(json.dumps([{"file": name, **one} for name, one in told], indent=2))
    if any(one["outcome"] == "refused" for _, one in told):
        raise click.exceptions.Exit(EXIT_REFUSED)


def _here(files: tuple[Path, ...], database: str | Path | None) -> Iterator[tuple[str, Plain]]:
    """Yield what became of each record in a database of this machine."""
    from clearinghouse.commands.django import start

    start(database)
    from clearinghouse.deconfliction.actions.interchange import bring_in_one
    from clearinghouse.parties.actions import local_actor

    actor = local_actor(at=now())
    for name, data in _records(files):
        is_fit, too_large = len(data) <= _LARGEST, f"it is larger than {_LARGEST >> 20} MiB; split it"
        yield name, asdict(bring_in_one(data, actor=actor, at=now())) if is_fit else _refused(too_large)


def _there(files: tuple[Path, ...], server: str, token: str) -> Iterator[tuple[str, Plain]]:
    """Yield what became of each record at a server; what is no JSON is not sent."""
    from clearinghouse.commands.servers import at_server
    from clearinghouse_client.interchange import Interchange

    with at_server(server, token) as session:
        read, sent = tee((name, *_read(data)) for name, data in _records(files))
        became = Interchange(session).bring_in(said for _, said, _ in sent if said is not None)
        for name, said, wrong in read:
            yield name, _refused(wrong) if said is None else next(became)


def _read(data: bytes) -> tuple[Plain | None, str]:
    """Return a record as it is sent; None, and why, if it cannot be."""
    from clearinghouse.errors import Malformed
    from clearinghouse.strict import load_json
    from clearinghouse_client.interchange import MOST_BYTES

    if len(data) > MOST_BYTES:
        return None, f"it is larger than {MOST_BYTES} bytes, more than is sent to a server; split it"
    try:
        said = load_json(data)
    except Malformed as refusal:
        return None, f"it is not sound JSON: {refusal}"
    return (said, "") if isinstance(said, dict) else (None, "it is no JSON object; a record is one")


def _refused(reason: str) -> Plain:
    return {"outcome": "refused", "kind": "", "subject": "", "reason": reason, "constraint": None}


def _line(name: str, one: Plain) -> str:
    if one["outcome"] == "refused":
        return f"{name}: refused: {one['reason']}"
    became = f" -> {one['constraint']}" if one["constraint"] else ""
    return f"{name}: {one['outcome']}: {one['kind']} {one['subject']}{became}"


def _records(files: tuple[Path, ...]) -> Iterator[tuple[str, bytes]]:
    """Yield each record with the place where it was found; of a file that is larger than any feed, its beginning."""
    for file in files:
        for one in sorted(found for found in file.rglob("*.json*") if found.is_file()) if file.is_dir() else [file]:
            with one.open("rb") as opened:
                data = opened.read(_LARGEST + 1)
            lines = [line for line in data.splitlines() if line.strip()]
            is_feed = one.suffix == ".jsonl" or (len(lines) > 1 and all(line.startswith(b"{") for line in lines))
            if is_feed and len(data) <= _LARGEST:
                yield from ((f"{one.name}:{number}", line) for number, line in enumerate(lines, 1))
            else:
                yield one.name, data


@interchange.command("export")
@click.option(
    "--kind", type=click.Choice(["optout", "claim", "route", "certificate"]), required=True, help="What to give out."
)
@click.option("--salt-file", type=_a_file, help="Of claims: the file with the salt that the federation shares.")
@click.option("--contact", default="", help="Of claims: whom to talk to.")
@place_options
@refusals_exit
def export_records(
    *, kind: str, salt_file: Path | None, contact: str, server: str, token: str, database: str | Path | None
) -> None:
    """Print records, one a line: what owners asked, claims of your own findings, others' routes and certificates.

    Opt-outs and claims that were brought in are not given out again as our own; routes and certificates are those that
    were brought in, for none are made here. Claims are made from a database: the salt goes to no server.
    """
    if kind == "claim" and server:
        raise click.UsageError("claims are made from a database, where the salt stays; leave --server out")
    if kind == "claim" and not (salt_file and contact):
        raise click.UsageError("claims need --salt-file and --contact: without the salt a hash would tell of a finding")
    if server:
        for said in _given_out_there(kind, server, token):
            click.echo(said.decode())
        return
    from clearinghouse.commands.django import start

    start(database, must_exist=True)
    for one in _given_out(kind, salt_file, contact):
        click.echo(one.dump().decode())


def _given_out_there(kind: str, server: str, token: str) -> Iterator[bytes]:
    from clearinghouse.commands.servers import at_server
    from clearinghouse.strict import dump_canonical
    from clearinghouse_client.interchange import Interchange

    with at_server(server, token) as session:
        there = Interchange(session)
        for said in there.opt_outs() if kind == "optout" else there.records(kind):
            yield dump_canonical(said)


def _given_out(kind: str, salt_file: Path | None, contact: str) -> Iterator["Interchanged"]:
    from clearinghouse.deconfliction.queries.interchange import claims_for, foreign_records_for, opt_outs_for
    from clearinghouse.deconfliction.rules.interchange import read_record
    from clearinghouse.parties.actions import local_actor
    from clearinghouse.strict import dump_canonical

    actor = local_actor(at=now())
    if kind == "claim" and salt_file is not None:
        yield from claims_for(actor, salt=salt_file.read_text(encoding="utf-8").strip(), contact=contact)
        return
    if kind == "optout":
        yield from opt_outs_for(actor)
        return
    for row in foreign_records_for(actor).filter(said_kind=kind):
        yield read_record(dump_canonical(row.statement))
