"""Bounds what a request may carry before anything of it is read: Django itself takes whole bodies in first.

What is too large goes on without its body and with a mark; the portal's edge answers it as its sender reads refusals.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

from django.http import HttpRequest

from clearinghouse.errors import TooLarge

MIB: Final = 1024 * 1024
USUAL_BYTES: Final = MIB
_AROUND_BYTES: Final = MIB // 4
"""What a form puts around a file."""
ROOM: Final[Sequence[tuple[str, int]]] = (
    (r"/hand-in|/api/v1/submissions", 16 * MIB + _AROUND_BYTES),
    (r"/tap/v1/reports", 3 * MIB),
    (r"(/api/v1)?/cases/[^/]+/fixes", MIB + _AROUND_BYTES),
)
"""Addresses that take more than the usual: the largest file that their doors take, and what a form puts around it."""
LINGER_BYTES: Final = 64 * MIB
LINGER_SECONDS: Final = 60.0
PAUSE_SECONDS: Final = 2.0
"""Who is cut off while still sending never sees why: so much is let go by, as long as it keeps coming."""
_MARK: Final = "clearinghouse.most_bytes"
_DISCONNECT: Final = "http.disconnect"

type Scope = dict[str, Any]
type Receive = Callable[[], Awaitable[Mapping[str, Any]]]
type Send = Callable[[Mapping[str, Any]], Awaitable[None]]
type Application = Callable[[Scope, Receive, Send], Awaitable[None]]


class _TooLargeError(Exception):
    """More came than was announced, or than may come."""


def too_large(request: HttpRequest) -> TooLarge | None:
    """Return the refusal of a request whose body was larger than is taken at its address; None: it was not."""
    most = getattr(request, "scope", {}).get(_MARK)
    return None if most is None else TooLarge(f"at most {most} bytes ({most / MIB:g} MiB) are taken at this address")


class BoundedBodies:
    """An ASGI application around another, which gets no byte of a body that is too large, and a mark instead."""

    def __init__(self, inner: Application, *, room: Sequence[tuple[str, int]] = ROOM, usual: int = USUAL_BYTES) -> None:
        self._inner = inner
        self._room = [(re.compile(address), most) for address, most in room]
        self._usual = usual

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._inner(scope, receive, send)
            return
        most = self._most(str(scope["path"]))
        if _announced(scope) > most:
            await self._refuse(scope, receive, send, most)
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
                await self._refuse(scope, receive, send, most)

    def _most(self, path: str) -> int:
        address = path.rstrip("/")
        return next((most for pattern, most in self._room if pattern.fullmatch(address)), self._usual)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send, most: int) -> None:
        """Let the application answer without the body; the connection ends with the answer."""
        await _let_go_by(receive)
        begun = False

        async def bodiless() -> Mapping[str, Any]:
            nonlocal begun
            if not begun:
                begun = True
                return {"type": "http.request", "body": b"", "more_body": False}
            while (message := await receive())["type"] != _DISCONNECT:
                pass
            return message

        async def closing(message: Mapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], (b"connection", b"close")]}
            await send(message)

        await self._inner({**scope, _MARK: most}, bodiless, closing)


def _announced(scope: Scope) -> int:
    """Return the length that a request announces; 0 where it announces none, or no number."""
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() and len(value) < 20 else 0  # noqa: PLR2004 - no body is that long
    return 0


async def _let_go_by(receive: Receive) -> None:
    """Read and drop what is on its way, up to a bound."""
    dropped = 0
    try:
        async with asyncio.timeout(LINGER_SECONDS):
            while dropped < LINGER_BYTES:
                async with asyncio.timeout(PAUSE_SECONDS):
                    message = await receive()
                dropped += len(message.get("body", b""))
                if message["type"] == _DISCONNECT or not message.get("more_body", False):
                    return
    except TimeoutError:
        return
