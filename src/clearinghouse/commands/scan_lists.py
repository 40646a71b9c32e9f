"""``clearinghouse scan-lists``: writes the signed lists of standing scans as files, for a SOC to mirror."""

from pathlib import Path

import click

from clearinghouse.commands.databases import database_option
from clearinghouse.edges.status import refusals_exit


@click.command(name="scan-lists")
@database_option
@click.option("--to", "folder", type=click.Path(path_type=Path, file_okay=False), required=True, help="Where to.")
@click.option(
    "--key", "key_path", type=click.Path(path_type=Path, dir_okay=False), help="Private key (default: the usual one)."
)
@click.option("--every", "every_seconds", type=click.FloatRange(1), help="Write them again so often (default: once).")
@refusals_exit
def scan_lists(
    *, database: str | Path | None, folder: Path, key_path: Path | None, every_seconds: float | None
) -> None:
    """Write the list for all members, and one with details for each organization that owns networks or names.

    Whoever serves or works does so each minute by itself; this is for a machine of its own that holds the key.
    """
    import time
    from datetime import UTC, datetime

    from clearinghouse.commands.django import start

    start(database, must_exist=True)
    from django.conf import settings

    from clearinghouse.deconfliction.actions.lists import publish_lists
    from clearinghouse.edges.signer import the_signer
    from clearinghouse.parties.rules import CLEARINGHOUSE
    from clearinghouse.signing.keys import load_key

    key = load_key(key_path) if key_path else the_signer()
    while True:
        at = datetime.now(UTC)
        done = publish_lists(folder, origin=settings.CLEARINGHOUSE_URL, key=key, actor=CLEARINGHOUSE, at=at)
        click.echo(f"{done.lists} lists; {done.scans} scans in the one for all members")
        if every_seconds is None:
            return
        time.sleep(every_seconds)
