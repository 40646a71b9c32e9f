"""Reading foreign JSON field by field: each wrong shape is a refusal that names its place.

The readers of this room take a value that ``strict`` has loaded; here a key is asked for by the type it must have.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from clearinghouse.errors import Malformed

_LONGEST_TEXT = 200_000


@dataclass(frozen=True, slots=True)
class Fields:
    """A JSON object and where it stands in the document (``runs[0].results[3]``; empty for the whole)."""

    value: Mapping[str, Any]
    path: str

    def wrong(self, key: str, reason: str) -> Malformed:
        """Return the refusal of what stands under ``key``, or of the object itself when ``key`` is empty."""
        where = ".".join(one for one in (self.path, key) if one)
        return Malformed(f"{where}: {reason}" if where else reason)

    def text(self, key: str, *, needed: bool = False) -> str:
        """Return a text; empty when it is absent or null.

        Raises:
            Malformed: it is something else, too long, or missing though needed.
        """
        found = self.value.get(key)
        if found is None or found == "":
            if needed:
                raise self.wrong(key, "missing; a text must stand here")
            return ""
        if not isinstance(found, str):
            raise self.wrong(key, f"a text must stand here, not {_kind(found)}")
        if len(found) > _LONGEST_TEXT:
            raise self.wrong(key, f"a text of {len(found)} characters; at most {_LONGEST_TEXT}")
        return found

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts; empty when it is absent or null.

        Raises:
            Malformed: it is something else.
        """
        found = self._list(key)
        if not all(isinstance(one, str) and len(one) <= _LONGEST_TEXT for one in found):
            raise self.wrong(key, "a list of texts must stand here")
        return tuple(found)

    def whole(self, key: str) -> int | None:
        """Return a whole number; nothing when it is absent or null.

        Raises:
            Malformed: it is something else.
        """
        found = self.value.get(key)
        if found is None or (isinstance(found, int) and not isinstance(found, bool)):
            return found
        raise self.wrong(key, f"a whole number must stand here, not {_kind(found)}")

    def number(self, key: str) -> float | None:
        """Return a number; nothing when it is absent or null.

        Raises:
            Malformed: it is something else.
        """
        found = self.value.get(key)
        if found is None:
            return None
        if isinstance(found, int | float) and not isinstance(found, bool):
            return float(found)
        raise self.wrong(key, f"a number must stand here, not {_kind(found)}")

    def time(self, key: str, *, needed: bool = False) -> datetime | None:
        """Return an RFC 3339 time in UTC; nothing when it is absent.

        Raises:
            Malformed: it is no time, has no zone, or is missing though needed.
        """
        text = self.text(key, needed=needed)
        if not text:
            return None
        try:
            found = datetime.fromisoformat(text)
            if found.tzinfo is None:
                raise self.wrong(key, f"{text[:40]!r} has no time zone; write Z at the end")
            return found.astimezone(UTC)
        except (ValueError, OverflowError):
            raise self.wrong(key, f"{text[:40]!r} is no RFC 3339 time") from None

    def mapping(self, key: str) -> dict[str, Any]:
        """Return an object as it is; empty when it is absent or null.

        Raises:
            Malformed: it is something else.
        """
        found = self.inner(key)
        return dict(found.value) if found else {}

    def inner(self, key: str) -> "Fields | None":
        """Return the object under ``key``; nothing when it is absent or null.

        Raises:
            Malformed: it is something else.
        """
        found = self.value.get(key)
        return None if found is None else fields(found, f"{self.path}.{key}" if self.path else key)

    def each(self, key: str) -> "tuple[Fields, ...]":
        """Return the objects of a list; empty when it is absent or null.

        Raises:
            Malformed: it is something else.
        """
        prefix = f"{self.path}.{key}" if self.path else key
        return tuple(fields(one, f"{prefix}[{number}]") for number, one in enumerate(self._list(key)))

    def _list(self, key: str) -> list[Any]:
        found = self.value.get(key)
        if found is None:
            return []
        if not isinstance(found, list):
            raise self.wrong(key, f"a list must stand here, not {_kind(found)}")
        return found


def fields(value: object, path: str) -> Fields:
    """Return ``value`` as an object to be read.

    Raises:
        Malformed: it is something else.
    """
    if not isinstance(value, dict):
        raise Malformed(f"{path or 'the document'}: an object must stand here, not {_kind(value)}")
    return Fields(value, path)


def _kind(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case str():
            return "a text"
        case int() | float():
            return "a number"
        case list():
            return "a list"
        case _:
            return "an object"
