"""Bytes over HTTP, bounded, tried again when the network stumbles."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import httpx

from clearinghouse.errors import NotFound, NotPossible, Unavailable

TIMEOUT: Final = httpx.Timeout(30.0, connect=15.0)
WAITS_SECONDS: Final = (0.5, 1.5, 4.0)
"""Between one try and the next."""
CHUNK_BYTES: Final = 256 * 1024
LATER: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
ABSENT: Final = frozenset({404, 410})


def content(address: str, *, most_bytes: int, what: str) -> bytes:
    """Return what lies at ``address``.

    Raises:
        NotFound: nothing does.
        NotPossible: it has more than ``most_bytes``.
        Unavailable: it cannot be had.
    """
    kept = bytearray()

    def start() -> Callable[[bytes], object]:
        kept.clear()
        return kept.extend

    _download(address, start, most_bytes=most_bytes, what=what)
    return bytes(kept)


def into(file: Path, address: str, *, most_bytes: int, what: str) -> None:
    """Write what lies at ``address`` into ``file``.

    Raises:
        NotFound: nothing does.
        NotPossible: it has more than ``most_bytes``.
        Unavailable: it cannot be had.
    """
    with file.open("wb") as goal:

        def start() -> Callable[[bytes], object]:
            goal.seek(0)
            goal.truncate()
            return goal.write

        _download(address, start, most_bytes=most_bytes, what=what)


def _download(address: str, start: Callable[[], Callable[[bytes], object]], *, most_bytes: int, what: str) -> None:
    for wait_seconds in (*WAITS_SECONDS, None):
        try:
            return _try(address, start(), most_bytes=most_bytes, what=what)
        except httpx.HTTPStatusError as error:
            status = error.response.status_code
            if status in ABSENT:
                raise NotFound(f"{what} is not there") from None
            trouble = f"the server answers {status}"
            if status not in LATER:
                raise Unavailable(f"{what} cannot be had: {trouble}") from None
        except httpx.HTTPError as error:
            trouble = f"{type(error).__name__}: {error}"
        if wait_seconds is None:
            raise Unavailable(f"{what} cannot be had: {trouble}; cure: check the network and its proxy")
        time.sleep(wait_seconds)
    return None


def _try(address: str, keep: Callable[[bytes], object], *, most_bytes: int, what: str) -> None:
    with (
        httpx.Client(follow_redirects=True, timeout=TIMEOUT, max_redirects=5) as client,
        client.stream("GET", address, headers={"Accept": "*/*"}) as answer,
    ):
        answer.raise_for_status()
        size_bytes = 0
        for chunk in answer.iter_bytes(CHUNK_BYTES):
            size_bytes += len(chunk)
            if size_bytes > most_bytes:
                raise NotPossible(f"{what} has more than {most_bytes} bytes")
            keep(chunk)
