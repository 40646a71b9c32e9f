"""Those who take part in a run: each with a token of their own, at one server."""

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import httpx

PROBLEM: Final = "application/problem+json"
_PATIENCE: Final = 3
_LONGEST_WAIT_SECONDS: Final = 65.0
HOUR: Final = timedelta(hours=1)
_MADE: Final = {
    "/intents": ("intent", "/intents/{}/end"),
    "/constraints": ("constraint", "/constraints/{}/withdraw"),
    "/authorisations": ("", "/authorisations/{}/withdraw"),
    "/targets/mappings": ("", "/targets/mappings/{}/withdraw"),
}
"""Where something is put on record: under which name the answer tells it, and what takes it back."""
_OVER: Final = ("ended", "withdrawn")


class Failed(Exception):
    """The server breaks a rule: what was expected, and what it did."""


class Skipped(Exception):
    """The check needs what this run was not given."""


def expect(holds: object, said: str) -> None:
    """Return quietly if something holds.

    Raises:
        Failed: it does not.
    """
    if not holds:
        raise Failed(said)


class Party:
    """Somebody who takes part."""

    def __init__(self, server: str, token: str, *, transport: httpx.BaseTransport | None = None) -> None:
        self._http = httpx.Client(
            base_url=f"{server.rstrip('/')}/api/v1",
            headers={"Authorization": f"Bearer {token}"} if token else {},
            timeout=60.0,
            follow_redirects=False,
            transport=transport,
        )
        self._made: list[str] = []
        """What takes back what was put on record and is not taken back yet, in the order of making."""

    def ask(self, method: str, path: str, **given: Any) -> httpx.Response:  # noqa: ANN401 - httpx's own arguments
        """Return the answer; where the server asks to wait, wait and ask again."""
        answer = self._http.request(method, path, **given)
        for _ in range(_PATIENCE):
            if answer.status_code != httpx.codes.TOO_MANY_REQUESTS:
                break
            time.sleep(min(float(answer.headers.get("Retry-After", 1)), _LONGEST_WAIT_SECONDS))
            answer = self._http.request(method, path, **given)
        if method == "POST":
            self._keep_in_mind(path, answer)
        return answer

    def _keep_in_mind(self, path: str, answer: httpx.Response) -> None:
        if answer.status_code == httpx.codes.OK and path in self._made:
            self._made.remove(path)
        if answer.status_code != httpx.codes.CREATED or path not in _MADE:
            return
        part, back = _MADE[path]
        try:
            name = (answer.json()[part] if part else answer.json())["id"]
        except (ValueError, KeyError, TypeError):
            return  # the check itself says what is wrong with such an answer
        if (undo := back.format(name)) not in self._made:
            self._made.append(undo)

    def take_back(self) -> list[str]:
        """Take back what this party put on record, as far as it still stands; return what could not be, by its path."""
        left, self._made = self._made[::-1], []
        return [path for path in left if not self._is_taken_back(path)]

    def _is_taken_back(self, path: str) -> bool:
        try:
            if self.ask("POST", path, json={}).status_code == httpx.codes.OK:
                return True
            # Owners may have halted it meanwhile.
            return bool(self.get(path.rpartition("/")[0]).json()["state"] in _OVER)
        except (httpx.HTTPError, ValueError, KeyError, TypeError):
            return False

    def get(self, path: str, **query: str | int) -> httpx.Response:
        """Return the answer to a question."""
        return self.ask("GET", path, params=query)

    def post(self, path: str, body: Mapping[str, Any], **headers: str) -> httpx.Response:
        """Return the answer to an act."""
        return self.ask("POST", path, json=body, headers={name.replace("_", "-"): one for name, one in headers.items()})

    def announce(self, scan: Mapping[str, Any], *, seen: Any = (), **more: Any) -> httpx.Response:  # noqa: ANN401
        """Announce a scan."""
        return self.post("/intents", {**scan, "seen": list(seen), **more})

    def accepted(self, scan: Mapping[str, Any], *, seen: Any = (), **more: Any) -> dict[str, Any]:  # noqa: ANN401
        """Announce a scan and return the intent.

        Raises:
            Failed: it is not accepted.
        """
        answer = self.announce(scan, seen=seen, **more)
        wanted(answer, 201, "an announcement that nothing stands against")
        intent: dict[str, Any] = answer.json()["intent"]
        return intent

    def met_by(self, scan: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        """Return what a scan would meet, by id."""
        answer = self.post("/intents/check", scan)
        wanted(answer, 200, "the question whether anyone is on this")
        return {one["id"]: one for one in answer.json()["met"]}

    def step(self, name: str, step: str, body: Mapping[str, Any] | None = None, **headers: str) -> httpx.Response:
        """Take a step with an intent."""
        return self.post(f"/intents/{name}/{step}", body or {}, **headers)

    def close(self) -> None:
        """Close the connection."""
        self._http.close()


@dataclass(slots=True)
class Run:
    """One run of the suite: the participants, and names that nobody else uses."""

    one: Party
    other: Party
    nobody: Party
    owner: Party | None = None
    """Acts for an organization that is known to own ``owned``."""
    owned: str = ""
    """A block of addresses."""
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))  # noqa: TID251 - as far outside as an edge

    def take_back(self) -> list[str]:
        """Take back what the participants put on record; return what could not be, by its path."""
        return [path for party in (self.one, self.other, self.owner) if party for path in party.take_back()]

    def package(self) -> str:
        """Return a package that nobody has scanned."""
        return f"pkg:pypi/conformance-{secrets.token_hex(8)}"

    def window(self, start_hours: float = 1, hours: float = 2) -> dict[str, str]:
        """Return a window that begins so many hours from now."""
        start = self.now().replace(microsecond=0) + start_hours * HOUR
        return {"starts_at": start.isoformat(), "ends_at": (start + hours * HOUR).isoformat()}

    def scan(self, *targets: Any, technique: str = "fuzzing", **more: Any) -> dict[str, Any]:  # noqa: ANN401
        """Return a scan, of a new package when no target is named."""
        named = list(targets) or [self.package()]
        said = {"technique": technique, "targets": named, "contact": "mailto:conformance@example.org"}
        return {**said, **self.window(), **more}

    def the_owner(self) -> tuple[Party, str]:
        """Return the owner and what they own.

        Raises:
            Skipped: this run has none.
        """
        if self.owner is None or not self.owned:
            raise Skipped("needs --owner and --owned: somebody who is known to own a block of addresses")
        return self.owner, self.owned


def wanted(answer: httpx.Response, status: int, what: str, code: str = "") -> None:
    """Return quietly if an answer has this status, and this code where it is a refusal.

    Raises:
        Failed: it has another.
    """
    said = answer.text[:300]
    expect(answer.status_code == status, f"{what}: expected {status}, got {answer.status_code}: {said}")
    if code:
        found = answer.json().get("code") if answer.headers.get("Content-Type", "").startswith(PROBLEM) else None
        expect(found == code, f"{what}: expected a problem document of code {code}, got {found}: {said}")


def keys_of(answer: httpx.Response) -> list[str]:
    """Return the version keys that a refusal names."""
    return [str(one["version_key"]) for one in answer.json().get("references", [])]
