"""``clearinghouse witness``: vouches that a log showed everybody the same past. Needs no database of ours."""

from pathlib import Path

import click

from clearinghouse.edges.status import refusals_exit


@click.command()
@click.option("--name", required=True, help="The name that it signs under, such as witness.example/one.")
@click.option(
    "--key", "key_path", type=click.Path(path_type=Path, dir_okay=False), required=True, help="Its private key."
)
@click.option(
    "--log",
    "logs",
    multiple=True,
    required=True,
    metavar="ORIGIN=FILE",
    help="A log it knows, and that log's public key in PEM; repeat for more.",
)
@click.option(
    "--state",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="SQLite file of what it saw last; never restore it from a backup.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Where it listens.")
@click.option("--port", type=click.IntRange(0, 65535), default=8090, show_default=True, help="Where it listens.")
@refusals_exit
def witness(*, name: str, key_path: Path, logs: tuple[str, ...], state: Path, host: str, port: int) -> None:
    """Sign each next checkpoint of the logs it knows, if it continues the one before (C2SP tlog-witness).

    Prints its own key, which those who trust it need.
    """
    from clearinghouse.errors import Malformed
    from clearinghouse.ledger.cosigning import WitnessKey
    from clearinghouse.ledger.notes import NoteKey
    from clearinghouse.ledger.witness import Witness, server
    from clearinghouse.signing.keys import load_key, load_public_key

    known = {}
    for one in logs:
        origin, equals, file = one.partition("=")
        if not equals:
            raise Malformed(f"--log {one!r} is not ORIGIN=FILE")
        known[origin] = NoteKey(origin, load_public_key(Path(file)))
    key = load_key(key_path)
    serving = server(Witness(name, key, known, state), host, port)
    click.echo(WitnessKey(name, key.public).text)
    click.echo(f"listening on http://{host}:{serving.server_address[1]}", err=True)
    try:
        serving.serve_forever()
    finally:
        serving.server_close()
