"""Chance and clock that can be set, so that two servers answer the same question with the same bytes.

Nothing has to be normalised away then: nonces, form tokens, ids and dates of two worlds are equal because what they
are made of is.
"""

import hashlib
import os
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Final

from django.utils import timezone

BEGINNING: Final = datetime(2026, 11, 24, 9, tzinfo=UTC)


class Steady:
    """Takes the place of the machine's chance and clock in this process, for good."""

    def __init__(self) -> None:
        """Put our own in their places; libraries that copied them before keep the copy, so do this first."""
        self._seed, self._drawn, self._now = b"", 0, BEGINNING
        os.urandom = random._urandom = self._draw  # type: ignore[attr-defined]  # noqa: SLF001 - what secrets and uuid draw from
        time.time = self._seconds
        timezone.now = lambda: self._now  # noqa: TID251 - it is the clock that is replaced

    def _seconds(self) -> float:
        return self._now.timestamp()

    def begin(self, what: str, *, seconds: float = 0.0) -> datetime:
        """Begin a step: what is drawn from here on follows from its name alone; return the moment it happens at."""
        self._seed, self._drawn = what.encode(), 0
        self._now = BEGINNING + timedelta(seconds=seconds)
        return self._now

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Let what is drawn inside the block count for nothing."""
        drawn = self._drawn
        yield
        self._drawn = drawn

    def _draw(self, size: int) -> bytes:
        drawn = b""
        while len(drawn) < size:
            self._drawn += 1
            drawn += hashlib.sha256(b"%s\0%d" % (self._seed, self._drawn)).digest()
        return drawn[:size]
