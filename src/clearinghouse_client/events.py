"""Listening to what happens, and reading it page by page."""

import json
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from clearinghouse_client.session import NoAnswer, ServerRefused, Session

_MOST_TIMES_IN_VAIN = 5
_LONGEST_PAUSE_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Event:
    """That something happened to a thing."""

    place: str
    """Name it as ``after`` to go on behind it."""
    event: str
    at: datetime
    kind: str
    about: str
    """What the doors of the thing call it."""
    link: str
    """Where to read of it; empty: nowhere."""
    happening: str
    """The same when one happening is heard of in two ways."""


class Events:
    """What happens at one server, as far as the token may hear of it."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def page(self, *, after: str = "", limit: int = 50) -> tuple[Event, ...]:
        """Return what happened after a place, the oldest first; empty: from the oldest that is kept.

        Raises:
            ServerRefused: the token is not for that, or the place is none of the server's.
            NoAnswer: the server does not answer.
        """
        said = self._session.get("/notices", after=after, limit=limit).json()
        return tuple(
            Event(
                place=one["place"],
                event=one["event"],
                at=datetime.fromisoformat(one["at"]),
                kind=one["kind"],
                about=one["id"],
                link=one["link"] or "",
                happening=one["happening"],
            )
            for one in said["items"]
        )

    def listen(self, *, after: str = "") -> Generator[Event]:
        """Begin to listen, and return what yields each event as it happens, for ever; close it to stop.

        What breaks is taken up again where it was. Without ``after``: what happens from now on.

        Raises:
            ServerRefused: the token is not for that, or does not hold any more.
            NoAnswer: the server does not answer, again and again.
        """
        stream = self._heard(after)
        next(stream)
        return stream  # type: ignore[return-value]  # its first value, which only says that it has begun, is gone

    def _heard(self, after: str) -> Generator[Event | None]:
        """Yield None when it has begun, then each event."""
        in_vain, begun = 0, False
        while True:
            try:
                with self._session.stream("/events", after=after) as lines:
                    for fields in _parsed(lines):
                        after, in_vain = fields.get("id", after), 0
                        if not begun:
                            begun = True
                            yield None
                        if "data" in fields and fields.get("event") != "end":
                            yield _event(fields)
            except NoAnswer:
                in_vain += 1
                if in_vain >= _MOST_TIMES_IN_VAIN:
                    raise
            except ServerRefused as refusal:
                if refusal.status != 429:  # noqa: PLR2004 - HTTP's own number
                    raise
                in_vain += 1
                if in_vain >= _MOST_TIMES_IN_VAIN:
                    raise
            time.sleep(min(1.0 * 2**in_vain, _LONGEST_PAUSE_SECONDS))


def _parsed(lines: Iterator[str]) -> Iterator[dict[str, str]]:
    """Yield the fields of each event of a stream. Source: WHATWG HTML, server-sent events."""
    fields: dict[str, str] = {}
    for line in lines:
        if not line:
            if fields:
                yield fields
            fields = {}
        elif not line.startswith(":"):
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            is_more = name == "data" and name in fields
            fields[name] = f"{fields[name]}\n{value}" if is_more else value


def _event(fields: dict[str, str]) -> Event:
    said: dict[str, Any] = json.loads(fields["data"])
    about = said["data"]
    return Event(
        place=fields.get("id", ""),
        event=said["type"],
        at=datetime.fromisoformat(said["timestamp"]),
        kind=about["kind"],
        about=about["id"],
        link=about["link"] or "",
        happening=about["happening"],
    )
