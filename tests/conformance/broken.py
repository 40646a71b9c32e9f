"""Servers that break a rule: ours, with something between it and whoever asks."""

import json
from collections.abc import Callable
from typing import Any

import httpx
from django.test import Client

type Send = Callable[[httpx.Request], httpx.Response]
type Break = Callable[[httpx.Request, Send], httpx.Response]


class Ours(httpx.BaseTransport):
    """Our server in this process, on the test's own database."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        client = Client(raise_request_exception=False)
        headers = {name: one for name, one in request.headers.items() if name not in {"host", "content-length"}}
        path = request.url.raw_path.decode()
        kind = headers.pop("content-type", "application/json")
        said = client.generic(request.method, path, request.read(), content_type=kind, headers=headers)
        return httpx.Response(said.status_code, headers=list(said.headers.items()), content=said.content)


class Broken(httpx.BaseTransport):
    """Our server, and one thing that it does otherwise."""

    def __init__(self, inner: httpx.BaseTransport, breaks: Break) -> None:
        self._inner = inner
        self._breaks = breaks

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        return self._breaks(request, self._send)

    def _send(self, request: httpx.Request) -> httpx.Response:
        answer = self._inner.handle_request(request)
        answer.read()
        return answer


def body_of(request: httpx.Request) -> dict[str, Any]:
    return dict(json.loads(request.content)) if request.content else {}


def with_body(request: httpx.Request, body: dict[str, Any]) -> httpx.Request:
    headers = [(name, one) for name, one in request.headers.items() if name.lower() != "content-length"]
    return httpx.Request(request.method, request.url, headers=headers, json=body)


def answer(status: int, body: dict[str, Any]) -> httpx.Response:
    kind = "application/problem+json" if status >= 400 else "application/json"
    return httpx.Response(status, headers={"Content-Type": kind}, content=json.dumps(body).encode())


def is_at(request: httpx.Request, end: str, method: str = "POST") -> bool:
    return request.method == method and request.url.path.endswith(end)


ACCEPTED = {"intent": {"id": "SCAN-0", "version_key": "k", "state": "accepted"}, "met": []}


def sees_for_them(end: str = "/intents") -> Break:
    """Whoever is unaware is accepted all the same."""

    def breaks(request: httpx.Request, send: Send) -> httpx.Response:
        answered = send(request)
        if not is_at(request, end) or answered.status_code != 409:
            return answered
        keys = [one["version_key"] for one in answered.json().get("references", [])]
        return send(with_body(request, body_of(request) | {"seen": keys}))

    return breaks


def says(end: str, *, method: str = "POST", status: int = 200, body: dict[str, Any] | None = None) -> Break:
    """Answer without doing anything."""

    def breaks(request: httpx.Request, send: Send) -> httpx.Response:
        return answer(status, body or ACCEPTED | ACCEPTED["intent"]) if is_at(request, end, method) else send(request)  # type: ignore[operator]

    return breaks


def takes(status: int, *, number: int = 0, as_status: int = 201, end: str = "") -> Break:
    """Accept what would be refused by ``status``: the refusal of this number alone."""
    counted = 0

    def breaks(request: httpx.Request, send: Send) -> httpx.Response:
        nonlocal counted
        answered = send(request)
        if answered.status_code != status or not request.url.path.endswith(end):
            return answered
        counted += 1
        return answer(as_status, ACCEPTED) if counted == number + 1 else answered

    return breaks


def rewrites(change: Callable[[dict[str, Any]], dict[str, Any]], *ends: str) -> Break:
    """Take requests for something else."""

    def breaks(request: httpx.Request, send: Send) -> httpx.Response:
        if any(is_at(request, end) for end in ends or ("/intents", "/intents/check")):
            return send(with_body(request, change(body_of(request))))
        return send(request)

    return breaks


def without_parts(*parts: str) -> Break:
    """Take no notice of a part of targets."""

    def change(body: dict[str, Any]) -> dict[str, Any]:
        named = body.get("targets", [])
        read = [{k: v for k, v in one.items() if k not in parts} if isinstance(one, dict) else one for one in named]
        return body | {"targets": read}

    return rewrites(change)


def tells(change: Callable[[Any], Any], end: str, *, method: str = "POST") -> Break:
    """Answer something else."""

    def breaks(request: httpx.Request, send: Send) -> httpx.Response:
        answered = send(request)
        if is_at(request, end, method) and answered.status_code < 300:
            return answer(answered.status_code, change(answered.json()))
        return answered

    return breaks


def with_headers(**changed: str | None) -> Break:
    """Take requests as if they had other headers; None: had them not."""

    def breaks(request: httpx.Request, send: Send) -> httpx.Response:
        for name, value in changed.items():
            request.headers.pop(name.replace("_", "-"), None)
            if value is not None:
                request.headers[name.replace("_", "-")] = value
        return send(request)

    return breaks
