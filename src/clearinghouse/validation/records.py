"""Reads what a runner wrote: every line must carry the right MAC, in order, with nothing after the end."""

import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any

MAX_RECORDS = 5000


@dataclass(frozen=True, slots=True)
class Records:
    """The records of one run that can be trusted to come from the runner."""

    items: tuple[dict[str, Any], ...]
    ended: bool
    broken: str
    """Why reading stopped; empty when every line was as it must be."""

    def of(self, kind: str) -> list[dict[str, Any]]:
        """Return the records of one kind, in order."""
        return [one for one in self.items if one.get("t") == kind]

    def first(self, kind: str) -> dict[str, Any] | None:
        """Return the first record of one kind."""
        return next((one for one in self.items if one.get("t") == kind), None)


def read_records(raw: bytes, *, key: str) -> Records:
    """Return the records in ``raw``; reading stops at the first line that is not the runner's.

    A last line without its newline is left out without blame: a killed runner stops in the middle of a line.
    """
    secret = bytes.fromhex(key)
    items: list[dict[str, Any]] = []
    ended = False
    lines = raw.split(b"\n")
    for index, line in enumerate(lines[:-1]):
        if ended:
            return Records(tuple(items), ended, "a record after the end")
        if index >= MAX_RECORDS:
            return Records(tuple(items), ended, "")
        mac, _, body = line.partition(b" ")
        expected = hmac.new(secret, b"%d " % index + body, hashlib.sha256).hexdigest().encode()
        if not hmac.compare_digest(mac, expected):
            return Records(tuple(items), ended, f"record {index} is forged or out of order")
        # Not the strict loader: the MAC says that our runner wrote this, and a target's texts may hold anything.
        try:
            record = json.loads(body)
        except (ValueError, RecursionError) as failure:
            return Records(tuple(items), ended, f"record {index} cannot be read: {failure}")
        if not isinstance(record, dict):
            return Records(tuple(items), ended, f"record {index} is not an object")
        items.append(record)
        ended = record.get("t") == "end"
    return Records(tuple(items), ended, "")
