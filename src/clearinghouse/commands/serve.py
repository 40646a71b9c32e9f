"""``clearinghouse serve``: pages and API on one address; on an SQLite file the engine works beside them."""

import os
import signal
import socket
import sys
from contextlib import ExitStack
from pathlib import Path

import click

from clearinghouse.commands.databases import database_option
from clearinghouse.edges.status import refusals_exit

GRACE_SECONDS = 10
"""How long requests that run get after SIGTERM."""


@click.command()
@database_option
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="The port; 0 for any that is free."
)
@click.option(
    "--jobs",
    type=click.IntRange(0, 64),
    default=os.cpu_count() or 1,
    show_default="one per core",
    help="Proofs that run at the same time beside the pages, on an SQLite file; 0 for none.",
)
@click.option(
    "--office",
    default="",
    metavar="NAME",
    help="What the organization that runs this server is called; while nobody administers it. "
    "Afterwards its name is changed on its page.",
)
@refusals_exit
def serve(*, database: str | Path | None, host: str, port: int, jobs: int, office: str) -> None:
    """Serve pages and API until SIGTERM.

    Tables are brought up to date first. While nobody administers the server, each start prints a link with which the
    first administrator signs up, for the organization that --office names ("local" without it). On PostgreSQL, start
    any number of `clearinghouse worker` beside it.
    """
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, lambda *_: sys.exit(0))
    with ExitStack() as held:
        listening = held.enter_context(listen(host, port))
        _serve(listening, database, jobs=jobs, office=office, held=held)


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that takes connections.

    Raises:
        NotPossible: the address cannot be used.
    """
    from clearinghouse.errors import NotPossible

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family, backlog=2048)
    except OSError as failure:
        raise NotPossible(f"cannot listen on {host}, port {port}: {failure.strerror}; choose another") from None
    # What is accepted inherits it. asyncio sets it only on sockets made with IPPROTO_TCP, and create_server's are not:
    # the second part of each answer would wait 40 ms for the acknowledgement of the first.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


def _serve(listening: socket.socket, database: str | Path | None, *, jobs: int, office: str, held: ExitStack) -> None:
    from clearinghouse.commands.django import start
    from clearinghouse.config import settings

    settings.serve_at(*listening.getsockname()[:2])
    file = str(database or settings.CLEARINGHOUSE_DATABASE)
    if "://" not in file and not Path(file).exists():
        click.echo(f"making {file}; this takes a moment, once", err=True)
    start(database, serving=True)

    import uvicorn
    from django.db import connection
    from django.utils import timezone

    from clearinghouse.config.asgi import make_application
    from clearinghouse.edges.logged import log_routes_only
    from clearinghouse.logs import log_to_stderr
    from clearinghouse.parties.actions import invite_first_administrator

    application = make_application()
    log_to_stderr()
    log_routes_only()
    if (secret := invite_first_administrator(at=timezone.now(), office=office)) is not None:
        click.echo(f"nobody administers this server yet; sign up here (good once): {_address('/join/', secret)}")
    if jobs and connection.vendor == "sqlite":
        from clearinghouse.work import beside

        engine = beside.start(jobs=jobs)
        held.callback(engine.stop)
    connection.close()
    click.echo(f"serving {settings.CLEARINGHOUSE_URL} (stop with Ctrl-C)")
    sys.stdout.flush()
    config = uvicorn.Config(
        application,
        lifespan="off",
        access_log=False,  # addresses carry secrets of links
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    uvicorn.Server(config).run(sockets=[listening])


def _address(path: str, secret: str) -> str:
    from clearinghouse.config import settings

    return f"{settings.CLEARINGHOUSE_URL}{path}{secret}"
