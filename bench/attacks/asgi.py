"""A client that asks an ASGI application inside this process, with cookies and nothing else of a browser."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlsplit

FORM = "application/x-www-form-urlencoded"
HOST = "127.0.0.1:8000"

type Application = Callable[[dict[str, Any], Any, Any], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, to the last byte."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes

    def header(self, name: str) -> str:
        """Return a header; empty where there is none."""
        return next(
            (value.decode("latin-1") for key, value in self.headers if key.lower() == name.lower().encode()), ""
        )


@dataclass(slots=True)
class Client:
    """Whoever asks, with what they carry from one request to the next."""

    application: Application
    loop: asyncio.AbstractEventLoop
    cookies: dict[str, str] = field(default_factory=dict)
    token: str = ""

    def ask(self, method: str, target: str, *, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Answer:
        """Send one request and return the whole answer."""
        return self.loop.run_until_complete(self._ask(method, target, body, dict(headers or {})))

    async def _ask(self, method: str, target: str, body: bytes, headers: dict[str, str]) -> Answer:
        parts = urlsplit(target)
        carried = {"host": HOST, "content-length": str(len(body)), **headers}
        if self.cookies:
            carried["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if self.token:
            carried["authorization"] = f"Bearer {self.token}"
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": _unquoted(parts.path),
            "raw_path": parts.path.encode("latin-1", "replace"),
            "query_string": parts.query.encode("latin-1", "replace"),
            "headers": [(key.lower().encode(), value.encode("utf-8", "replace")) for key, value in carried.items()],
            "client": ("127.0.0.1", 40000),
            "server": ("127.0.0.1", 8000),
        }
        sent = [{"type": "http.request", "body": body, "more_body": False}]
        came: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            if sent:
                return sent.pop()
            await asyncio.Event().wait()  # nobody hangs up
            return {"type": "http.disconnect"}

        async def send(message: dict[str, Any]) -> None:
            came.append(message)

        await self.application(scope, receive, send)
        start = next(one for one in came if one["type"] == "http.response.start")
        answer = Answer(start["status"], tuple(start["headers"]), b"".join(one.get("body", b"") for one in came))
        self._keep(answer)
        return answer

    def _keep(self, answer: Answer) -> None:
        for key, value in answer.headers:
            if key.lower() == b"set-cookie":
                for name, one in SimpleCookie(value.decode("latin-1")).items():
                    if one["max-age"] == "0" or not one.value:
                        self.cookies.pop(name, None)
                    else:
                        self.cookies[name] = one.value


def _unquoted(path: str) -> str:
    from urllib.parse import unquote

    return unquote(path)
