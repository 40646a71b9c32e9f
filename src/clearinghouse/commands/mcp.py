"""``clearinghouse mcp``: the door for AI agents, over stdio or streamable HTTP; a thin client of a server's API."""

import logging
import signal
import sys

import click

from clearinghouse.edges.status import refusals_exit
from clearinghouse.errors import Malformed


@click.command()
@click.option(
    "--server", required=True, envvar="CLEARINGHOUSE_SERVER", help="The clearinghouse that is asked, at this address."
)
@click.option(
    "--token",
    default="",
    envvar="CLEARINGHOUSE_TOKEN",
    help="For stdio: the token that the agent acts by; better in the environment.",
)
@click.option(
    "--http",
    "address",
    default="",
    metavar="HOST:PORT",
    help="Serve streamable HTTP here, at /mcp, and not stdio; every caller sends a token of their own. Port 0: any.",
)
@click.option(
    "--allow-host",
    "hosts",
    multiple=True,
    metavar="HOST[:PORT]",
    help="For HTTP: a name by which it is called through a proxy, beside 127.0.0.1 and localhost; repeat for more.",
)
@refusals_exit
def mcp(*, server: str, token: str, address: str, hosts: tuple[str, ...]) -> None:
    """Give AI agents the clearinghouse as tools of the Model Context Protocol.

    An agent starts it itself and talks to it over standard input and output; it acts by the token in
    CLEARINGHOUSE_TOKEN. With --http it stands by itself and holds no token: what a caller may do is what the token
    that they send may do at the server.
    """
    if not server.startswith(("https://", "http://")):
        raise Malformed(f"{server[:100]!r} is no address of a server; write https://clearinghouse.example")
    if address:
        _serve_http(server, token, address, hosts)
        return
    if hosts:
        raise Malformed("--allow-host is for --http alone")
    if not token:
        raise Malformed("an agent acts by a token; give it in CLEARINGHOUSE_TOKEN")
    from clearinghouse.logs import log_to_stderr
    from clearinghouse.mcp.serving import serve_stdio

    log_to_stderr(logging.WARNING)
    serve_stdio(server, token)


def _serve_http(server: str, token: str, address: str, hosts: tuple[str, ...]) -> None:
    if token:
        raise Malformed(
            "over HTTP every caller sends their own token, and the door holds none; unset CLEARINGHOUSE_TOKEN"
        )
    host, _, port = address.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not host or not port.isascii() or not port.isdecimal() or int(port) > 65535:  # noqa: PLR2004 - the last port
        raise Malformed(f"{address[:100]!r} is no address to listen on; write 127.0.0.1:8765")

    from clearinghouse.commands.serve import listen
    from clearinghouse.logs import log_to_stderr
    from clearinghouse.mcp.serving import PATH, demand_closed, serve_http

    demand_closed(host, hosts)
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, lambda *_: sys.exit(0))
    with listen(host, int(port)) as listening:
        log_to_stderr(logging.WARNING)  # not what is asked of whom
        named, bound = listening.getsockname()[:2]
        shown = f"[{named}]" if ":" in named else named
        click.echo(f"serving agents at http://{shown}:{bound}{PATH} (stop with Ctrl-C)")
        sys.stdout.flush()
        serve_http(server, listening, hosts=hosts)
