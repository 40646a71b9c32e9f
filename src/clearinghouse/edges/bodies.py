"""Bounds what a request may carry before anything of it is read: Django itself takes whole bodies in first."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

MIB: Final = 1024 * 1024
USUAL_BYTES: Final = MIB
UPLOAD_BYTES: Final = 16 * MIB + MIB // 4
"""The largest archive, and what a form puts around it."""
TAP_BYTES: Final = 3 * MIB
ROOM: Final[Mapping[str, int]] = {"/api/v1/submissions": UPLOAD_BYTES, "/tap/v1/reports": TAP_BYTES}
"""Addresses that take more than the usual."""
LINGER_BYTES: Final = 8 * MIB
LINGER_SECONDS: Final = 2.0

type Scope = dict[str, Any]
type Receive = Callable[[], Awaitable[Mapping[str, Any]]]
type Send = Callable[[Mapping[str, Any]], Awaitable[None]]
type Application = Callable[[Scope, Receive, Send], Awaitable[None]]


class _TooLargeError(Exception):
    """More came than was announced, or than may come."""


class BoundedBodies:
    """An ASGI application around another: refuses bodies that are too large, as soon as that is announced or seen."""

    def __init__(self, inner: Application, *, room: Mapping[str, int] = ROOM, usual: int = USUAL_BYTES) -> None:
        self._inner = inner
        self._room = room
        self._usual = usual

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._inner(scope, receive, send)
            return
        most = self._room.get(str(scope["path"]).rstrip("/"), self._usual)
        if _announced(scope) > most:
            await _let_go_by(receive)
            await _refuse(send, most)
            return
        came, begun = 0, False

        async def counted() -> Mapping[str, Any]:
            nonlocal came
            message = await receive()
            came += len(message.get("body", b""))
            if came > most:
                raise _TooLargeError
            return message

        async def noted(message: Mapping[str, Any]) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._inner(scope, counted, noted)
        except _TooLargeError:
            if not begun:
                await _let_go_by(receive)
                await _refuse(send, most)


def _announced(scope: Scope) -> int:
    """Return the length that a request announces; 0 where it announces none, or no number."""
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() and len(value) < 20 else 0  # noqa: PLR2004 - no body is that long
    return 0


async def _let_go_by(receive: Receive) -> None:
    """Read and drop what is on its way, up to a bound: who is cut off while still sending never sees why."""
    dropped = 0
    try:
        async with asyncio.timeout(LINGER_SECONDS):
            while dropped < LINGER_BYTES:
                message = await receive()
                dropped += len(message.get("body", b""))
                if message["type"] == "http.disconnect" or not message.get("more_body", False):
                    return
    except TimeoutError:
        return


async def _refuse(send: Send, most: int) -> None:
    body = {
        "type": "urn:clearinghouse:problem:too-large",
        "title": "The request is larger than is taken here",
        "status": 413,
        "code": "too-large",
        "detail": f"at most {most} bytes are taken at this address",
        "violations": [],
    }
    headers = [
        (b"content-type", b"application/problem+json"),
        (b"cache-control", b"no-store"),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(body).encode()})
