"""``clearinghouse intent key`` and ``intent warrant``: what a scan shows, so that its requests are known."""

import base64
from pathlib import Path

import click

from clearinghouse.commands.scans import asking, place_options
from clearinghouse.edges.status import refusals_exit

_a_file = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("file", type=_a_file)
@refusals_exit
def key(*, file: Path) -> None:
    """Make the scanner's own key: FILE, which signs its requests, and FILE.pub. Prints what announce --key takes."""
    import secrets

    from clearinghouse.signing.keys import SEED_BYTES, SigningKey, public_path, save_key

    made = SigningKey(secrets.token_bytes(SEED_BYTES))
    save_key(made, file)
    click.echo(base64.b64encode(made.public.raw).decode())
    click.echo(f"{file} signs the requests: keep it with the scanner; {public_path(file)} may be shown", err=True)


@click.command()
@click.argument("name")
@click.option("--out", "file", type=_a_file, help="File to write; without it the warrant is printed.")
@place_options
@refusals_exit
def warrant(*, name: str, file: Path | None, server: str, token: str, database: str | Path | None) -> None:
    """Fetch the signed warrant of a standing scan of yours, which its requests carry."""
    with asking(server=server, token=token, database=database) as scans:
        found = scans.warrant(name)
    if file is None:
        click.echo(found.decode())
        return
    file.write_bytes(found)
    click.echo(f"{file}: the warrant of {name}", err=True)
