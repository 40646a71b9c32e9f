"""Serving agents: over stdio as the holder of one token, or over HTTP, where every caller brings their own."""

import json
import socket
from collections.abc import Collection
from ipaddress import ip_address
from typing import Any, Final

import uvicorn
from mcp.server.mcpserver import Context
from mcp.server.transport_security import TransportSecuritySettings
from starlette.types import ASGIApp, Receive, Scope, Send

from clearinghouse.edges.status import code_of, http_status, problem_document
from clearinghouse.errors import NotPermitted, SignInNeeded
from clearinghouse.findings.archives import ARCHIVE_BYTES
from clearinghouse.mcp.door import door_for
from clearinghouse.mcp.refusals import no_token
from clearinghouse_client.session import Session

PATH: Final = "/mcp"
BODY_BYTES: Final = ARCHIVE_BYTES * 4 // 3 + 1024 * 1024
"""Of a request: the largest report in base64, and room for what is around it."""
AT_ONCE: Final = 32
"""Requests that are taken at the same time."""
GRACE_SECONDS: Final = 5


def serve_stdio(server: str, token: str) -> None:
    """Serve one agent over standard input and output, as the holder of ``token``, until it goes."""
    door_for(lambda _: Session(server, token)).run("stdio")


def serve_http(server: str, listening: socket.socket, *, hosts: Collection[str]) -> None:
    """Serve agents over streamable HTTP until SIGTERM.

    Args:
        server: the clearinghouse that is asked.
        listening: takes the connections.
        hosts: names by which it is called, beside loopback's.
    """
    config = uvicorn.Config(
        application(server, port=listening.getsockname()[1], hosts=hosts),
        access_log=False,
        log_config=None,
        server_header=False,
        limit_concurrency=AT_ONCE,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    uvicorn.Server(config).run(sockets=[listening])


def application(server: str, *, port: int, hosts: Collection[str] = ()) -> ASGIApp:
    """Return the ASGI application: no session is kept, so nothing of one caller is there for the next."""
    security = TransportSecuritySettings(
        allowed_hosts=[*(f"{name}:{port}" for name in ("127.0.0.1", "localhost", "[::1]")), *hosts],
        allowed_origins=[],  # no page in a browser has business here
    )
    made = door_for(lambda ctx: Session(server, _token_of(ctx))).streamable_http_app(
        streamable_http_path=PATH,
        json_response=True,
        stateless_http=True,
        max_request_body_size=BODY_BYTES,
        transport_security=security,
    )
    return _TokensOnly(made)


def demand_closed(host: str, hosts: Collection[str]) -> None:
    """Return quietly if nobody else can listen in on tokens that are sent to ``host``.

    Raises:
        NotPermitted: it is no loopback address, and nobody has said what stands before it.
    """
    try:
        is_loopback = ip_address(host).is_loopback
    except ValueError:
        is_loopback = host == "localhost"
    if not is_loopback and not hosts:
        raise NotPermitted(
            f"{host} can be reached from elsewhere, and tokens would be sent in the clear; listen on 127.0.0.1, or put "
            "a proxy that speaks TLS before it and name the hosts that it passes on by --allow-host"
        )


def _token_of(ctx: Context[Any, Any]) -> str:
    token = bearer((ctx.headers or {}).get("authorization", ""))
    if not token:
        raise no_token()
    return token


def bearer(header: str) -> str:
    """Return the token of an Authorization header; empty when it holds none."""
    scheme, _, token = header.strip().partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


class _TokensOnly:
    """Lets in who sends a token. Whether it holds, and for what, the clearinghouse says at every call."""

    def __init__(self, inner: ASGIApp) -> None:
        self._inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [value for name, value in scope.get("headers", ()) if name == b"authorization"]
        if scope["type"] != "http" or (len(headers) == 1 and bearer(headers[0].decode("latin-1"))):
            await self._inner(scope, receive, send)
            return
        refusal: SignInNeeded = no_token()
        code, title = code_of(refusal)
        status = http_status(refusal)
        body = json.dumps(problem_document(code, title, status=status, detail=str(refusal))).encode()
        fields = [
            (b"content-type", b"application/problem+json"),
            (b"content-length", str(len(body)).encode()),
            (b"www-authenticate", b'Bearer realm="clearinghouse"'),
        ]
        await send({"type": "http.response.start", "status": status, "headers": fields})
        await send({"type": "http.response.body", "body": body})
