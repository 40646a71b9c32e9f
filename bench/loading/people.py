"""People who ask over and over: nine of ten requests read, of these three read a case, which is audited."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

type Asked = tuple[str, str, dict[str, Any] | None]
"""Method, path, and what is sent as JSON."""

READS = ("/api/v1/cases?limit=20", "/api/v1/findings?limit=20", "/api/v1/intents?limit=20", "/api/v1/whoami")
READ_PERCENT, AUDITED_PERCENT = 90, 30
LONGEST_SECONDS = 60.0


@dataclass
class Seen:
    """What all of them saw."""

    took: dict[str, list[float]] = field(default_factory=dict)
    """Seconds of each answer, by what was asked."""
    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)

    def all_took(self) -> list[float]:
        """Return the seconds of every answer, the quickest first."""
        return sorted(one for each in self.took.values() for one in each)


@dataclass(frozen=True)
class Crowd:
    """Who asks, where and for what."""

    addresses: Sequence[str]
    tokens: Sequence[str]
    cases: Sequence[str] = ()
    """None: everybody asks ``/look`` of the bare view."""

    def next(self, chance: random.Random) -> Asked:
        """Return what one of them asks next."""
        if not self.cases:
            return "GET", "/look", None
        if chance.randrange(100) < READ_PERCENT:
            if chance.randrange(100) < AUDITED_PERCENT:
                return "GET", f"/api/v1/cases/{chance.choice(self.cases)}", None
            return "GET", chance.choice(READS), None
        name = f"{chance.getrandbits(48):x}"
        if chance.random() < 0.5:  # noqa: PLR2004 - one or the other
            report = {"report.md": "VGhlIHByb29mIGlzIG1pc3Npbmcu"}
            return "POST", "/api/v1/submissions/files", {"name": f"{name}.zip", "files": report}
        starts = datetime.now(UTC) + timedelta(days=1)  # noqa: TID251 - a process of its own
        ends = starts + timedelta(hours=2)
        said = {"technique": "fuzzing", "targets": [f"pkg:pypi/x{name}"], "contact": "mailto:a@people.example"}
        return "POST", "/api/v1/intents", {**said, "starts_at": starts.isoformat(), "ends_at": ends.isoformat()}


async def busy(crowd: Crowd, *, people: int, seconds: float, seed: int) -> Seen:
    """Let so many ask at the same time for so long; what is on its way at the end is waited for."""
    seen = Seen()
    until = time.monotonic() + seconds
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    async with httpx.AsyncClient(timeout=LONGEST_SECONDS, limits=limits, trust_env=False) as client:
        await asyncio.gather(*(_one(client, crowd, seen, number, until=until, seed=seed) for number in range(people)))
    return seen


async def _one(client: httpx.AsyncClient, crowd: Crowd, seen: Seen, number: int, *, until: float, seed: int) -> None:
    chance = random.Random(f"{seed} {number}")  # noqa: S311 - what is asked is no secret
    address = crowd.addresses[number % len(crowd.addresses)]
    headers = {"Authorization": f"Bearer {crowd.tokens[number % len(crowd.tokens)]}"}
    while time.monotonic() < until:
        method, path, body = crowd.next(chance)
        what = f"{method} {path.partition('?')[0].rpartition('/')[0] if 'cases/' in path else path.partition('?')[0]}"
        began = time.perf_counter()
        try:
            answer = await client.request(method, address + path, json=body, headers=headers)
        except httpx.HTTPError as failure:
            seen.failed[type(failure).__name__] += 1
            continue
        seen.took.setdefault(what, []).append(time.perf_counter() - began)
        seen.statuses[what, answer.status_code] += 1
        if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            seen.failed[f"{what} {answer.status_code}"] += 1
