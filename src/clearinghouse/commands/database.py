"""``clearinghouse database``: bring the tables up to date, say what a role may, and make a backup."""

import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import click

from clearinghouse.commands.databases import POSTGRESQL, database_option
from clearinghouse.edges.status import refusals_exit

ALL = "SELECT, INSERT, UPDATE, DELETE"
LEDGER = {
    "ledger_entry": "SELECT, INSERT",
    "ledger_node": "SELECT, INSERT",
    "ledger_head": "SELECT, INSERT, UPDATE",
    "ledger_event": "SELECT, INSERT, UPDATE (body, salt)",
    "ledger_outbox": "SELECT, INSERT, DELETE, UPDATE (id)",
}
"""What the application's role may do with the ledger's tables: add, never change; erase a matter whole (a trigger sees
to that); empty the outbox (the sequencer locks rows there, which takes a right to update that a trigger voids)."""


@click.group()
def database() -> None:
    """Look after the database."""


@database.command()
@database_option
@click.option("--app-role", help="Role of PostgreSQL for web and workers: gets what they need and no more.")
@click.option("--signer-role", help="Role of PostgreSQL for the signer: may read the ledger's tree, nothing else.")
@refusals_exit
def prepare(*, database: str | Path | None, app_role: str | None, signer_role: str | None) -> None:
    """Bring the tables up to date, as their owner, and say what the other roles may. Run it after each update."""
    from clearinghouse.commands.django import start

    named = start(database)
    from django.db import connection

    from clearinghouse.errors import NotPossible

    if (app_role or signer_role) and connection.vendor != "postgresql":
        raise NotPossible(f"{named} is a file: whoever may write it may do everything")
    statements = []
    if app_role:
        _demand_held(app_role)
        statements += grants_of_application(app_role)
    if signer_role:
        readable = ("ledger_entry", "ledger_node", "ledger_head", "django_migrations")
        statements += _grants(signer_role, dict.fromkeys(readable, "SELECT"))
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    click.echo(f"the tables of {_without_password(named)} are up to date")


def _demand_held(role: str) -> None:
    """Refuse a role that the policies would not hold.

    Raises:
        NotPossible: there is no such role, or it sees past row-level security.
    """
    from django.db import connection

    from clearinghouse.errors import NotPossible

    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = %s", [role])
        found = cursor.fetchone()
    if found is None:
        raise NotPossible(f"there is no role {role}; make it first: CREATE ROLE {role} LOGIN")
    if found[0]:
        raise NotPossible(f"the role {role} sees every row (SUPERUSER or BYPASSRLS); name one that does not")


def grants_of_application(role: str) -> list[str]:
    """Return what gives ``role`` the rights that web and workers need on the tables there are."""
    from django.db import connection

    rights = {table: LEDGER.get(table, ALL) for table in connection.introspection.table_names()}
    return [*_grants(role, rights), f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {_quoted(role)}"]


def _grants(role: str, tables: dict[str, str]) -> list[str]:
    name = _quoted(role)
    given = [f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {name}", f"GRANT USAGE ON SCHEMA public TO {name}"]
    return given + [f"GRANT {rights} ON {_quoted(table)} TO {name}" for table, rights in sorted(tables.items())]


def _quoted(name: str) -> str:
    from django.db import connection

    return connection.ops.quote_name(name.replace('"', '""'))


@database.command()
@database_option
@refusals_exit
def sign_with_this_key(*, database: str | Path | None) -> None:
    """Sign with this machine's key from now on, instead of the one before; hand its public half to whoever verifies."""
    from clearinghouse.commands.django import start

    start(database, must_exist=True)
    from clearinghouse.edges.signer import sign_with_this_key as take

    click.echo(take().key_id)


@database.command()
@database_option
@click.option("--to", "file", type=click.Path(path_type=Path, dir_okay=False), required=True, help="File to write.")
@refusals_exit
def backup(*, database: str | Path | None, file: Path) -> None:
    """Write a consistent copy of the database while it is in use: an SQLite file, or what pg_restore reads.

    Not in it: the artefacts, the keys, and the signer's state, which must never be restored.
    """
    from clearinghouse.commands.django import start
    from clearinghouse.errors import Conflict, Unavailable

    named = start(database, must_exist=True)
    if file.exists():
        raise Conflict(f"{file} is there already; a backup never takes another one's place")
    if named.startswith(POSTGRESQL):
        _demand_owner()
        argv = ["pg_dump", "--format=custom", "--enable-row-security", f"--file={file}", f"--dbname={_as_owner(named)}"]
        try:
            done = subprocess.run(argv, capture_output=True, text=True, check=False)
        except FileNotFoundError:
            raise Unavailable("pg_dump is not on PATH; install the client programs of PostgreSQL") from None
        if done.returncode:
            raise Unavailable(f"pg_dump ended with {done.returncode}: {done.stderr.strip()[-500:]}")
    else:
        with closing(sqlite3.connect(named)) as source, closing(sqlite3.connect(file)) as copy:
            source.backup(copy)
    click.echo(f"{file}: {file.stat().st_size >> 10} KiB")


def _demand_owner() -> None:
    """Refuse whoever would get a backup with rows left out, for the policies hide them.

    Raises:
        NotPossible: the tables belong to another role.
    """
    from django.db import connection

    from clearinghouse.errors import NotPossible

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_userbyid(relowner) = current_user OR rolsuper OR rolbypassrls FROM pg_class, pg_roles "
            "WHERE pg_class.oid = 'findings_finding'::regclass AND rolname = current_user"
        )
        if not cursor.fetchone()[0]:
            raise NotPossible("this role does not see every row; make the backup as the owner of the tables")


def _as_owner(address: str) -> str:
    """Return the address of the database for a connection that says it is its owner, and sees all rows."""
    from psycopg.conninfo import conninfo_to_dict, make_conninfo

    options = f"{conninfo_to_dict(address).get('options') or ''} -c clearinghouse.owner=on".strip()
    return make_conninfo(address, options=options)


def _without_password(name: str) -> str:
    from clearinghouse.logs import without_secrets

    return without_secrets(name)
