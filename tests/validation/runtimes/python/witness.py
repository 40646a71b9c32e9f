"""Reads a runner's records and refuses every line that is not keyed and numbered as it must be."""

import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any

from clearinghouse.sandbox.profile import Ended

type Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Seen:
    """What one start of the runner reported."""

    records: tuple[Record, ...]
    ended: Ended

    def of(self, kind: str) -> list[Record]:
        """Return the records of one kind, in order."""
        return [one for one in self.records if one["t"] == kind]

    def acts(self, detector: str) -> list[Record]:
        """Return the acts that one detector saw."""
        return [one for one in self.of("act") if one["detector"] == detector]

    def blamed(self, detector: str) -> set[str]:
        """Return who was blamed for the acts that one detector saw."""
        return {one["blamed"] for one in self.acts(detector)}

    def raised(self) -> list[str]:
        """Return the type that each step raised, an empty text where it raised none."""
        return [one.get("raised", "") for one in self.of("step")]

    def fault(self) -> str:
        """Return the code of the fault, or an empty text."""
        return "".join(one["code"] for one in self.of("fault"))

    def complete(self) -> bool:
        """Say whether the records came to their end."""
        return bool(self.records) and self.records[-1]["t"] == "end"


def read(ended: Ended, key: bytes) -> Seen:
    """Return the records; a line with a wrong MAC or number fails the test that reads it."""
    records = []
    for index, line in enumerate(ended.records.split(b"\n")[:-1]):
        mac, _, body = line.partition(b" ")
        expected = hmac.new(key, b"%d " % index + body, hashlib.sha256).hexdigest().encode()
        assert mac == expected, f"record {index} is forged: {body[:200]!r}"
        records.append(json.loads(body))
    return Seen(tuple(records), ended)
