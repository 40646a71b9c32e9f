"""Carries what a client asks to the API of this process, where the test's own transaction is."""

import httpx
from django.test import Client

from clearinghouse_client.session import Session

_CARRIED = frozenset({"authorization", "if-match", "idempotency-key"})


class Here(httpx.BaseTransport):
    """Answers requests by this process."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Return the answer."""
        request.read()
        return answered(request)


def answered(request: httpx.Request) -> httpx.Response:
    """Return the answer of this process to a request."""
    sent = {name: value for name, value in request.headers.items() if name in _CARRIED}
    path, kind = request.url.raw_path.decode(), request.headers.get("content-type", "application/json")
    said = Client(headers=sent).generic(request.method, path, request.content, content_type=kind)
    return httpx.Response(said.status_code, headers=dict(said.headers), content=said.content)


def at_home(token: str) -> Session:
    """Return a session of a token's holder with the API of this process."""
    return Session("http://clearinghouse.example", token, transport=Here())
