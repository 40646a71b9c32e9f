"""Streams of server-sent events: one line of text after another, for as long as somebody listens and may.

A stream holds no connection to the database while nothing happens: it asks in short steps, in a few threads of its own.
Source: WHATWG HTML, server-sent events; docs/decisions/0171.
"""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, contextmanager
from functools import cache
from typing import Any, Final
from uuid import UUID

from asgiref.sync import sync_to_async
from django.db import connections
from django.http import StreamingHttpResponse

from clearinghouse.errors import TooMany

HEARTBEAT_SECONDS: Final = 15.0
"""A line goes out at least so often, and whether the reader still may is asked again."""
LONGEST_SECONDS: Final = 3600.0
"""Then a stream ends; a reader goes on where it was, with the id it had last."""
MOST_EACH: Final = 8
MOST: Final = 1000
HEARTBEAT: Final = ": still here\n\n"
_RETRY_MILLISECONDS: Final = 3000
_THREADS: Final = 4
_open: Counter[UUID] = Counter()


async def stream(lines: AsyncGenerator[str]) -> StreamingHttpResponse:
    """Return a stream as an answer that nothing on the way keeps back.

    Its first line is waited for: whoever is refused hears so by a status, not by a stream that breaks off.
    """
    answer = StreamingHttpResponse(_begun(await anext(lines), lines), content_type="text/event-stream")
    answer["Cache-Control"] = "no-store"
    answer["X-Accel-Buffering"] = "no"
    return answer


async def _begun(first: str, lines: AsyncGenerator[str]) -> AsyncGenerator[str]:
    async with aclosing(lines):
        yield first
        async for line in lines:
            yield line


def event(kind: str, data: Mapping[str, Any], *, place: str = "") -> str:
    """Return one event; ``place`` is what a reader names to go on after it."""
    said = json.dumps(data, separators=(",", ":"))
    return f"{f'id: {place}\n' if place else ''}event: {kind}\ndata: {said}\n\n"


def beginning(place: str = "") -> str:
    """Return what a stream begins with: how soon to come again, and from where, should nothing have happened."""
    return f"retry: {_RETRY_MILLISECONDS}\n{f'id: {place}\n' if place else ''}\n"


@contextmanager
def counted(reader: UUID) -> Iterator[None]:
    """Count a stream of this reader's while it is open.

    Raises:
        TooMany: they, or all, have as many open as there may be.
    """
    if _open[reader] >= MOST_EACH:
        raise TooMany(f"you have {MOST_EACH} streams open; close one of them")
    if _open.total() >= MOST:
        raise TooMany("as many streams are open here as there may be; ask page by page")
    _open[reader] += 1
    try:
        yield
    finally:
        _open[reader] -= 1
        if not _open[reader]:
            del _open[reader]


@sync_to_async
def let_go() -> None:
    """Give back the connection by which the request found out who asks: Django itself would keep it until the end."""
    for one in connections.all(initialized_only=True):
        if not one.in_atomic_block:
            one.close()


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_THREADS, thread_name_prefix="stream")


async def in_thread[T](step: Callable[[], T]) -> T:
    """Do a step that asks the database, in one of the few threads that streams share; its connection is given back."""

    def done() -> T:
        try:
            return step()
        finally:
            connections.close_all()  # into the pool, or closed

    return await asyncio.get_running_loop().run_in_executor(_threads(), done)
