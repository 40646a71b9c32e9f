"""One server, one token: requests that are answered, or refused with the server's own reason."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import quote
from uuid import uuid4

import httpx

TIMEOUT_SECONDS = 60.0
PAUSES_SECONDS: Final = (0.5, 2.0, 5.0)
"""How long is waited before what got no answer is sent again; afterwards it is given up."""
_BUSY: Final = "idempotency-key-busy"


class NoAnswer(Exception):
    """The server does not answer, or not as a clearinghouse does."""


class _LostError(NoAnswer):
    """Nobody knows whether what was asked is done: the line broke before there was an answer."""


class ServerRefused(Exception):
    """The server refused a request; every violation is named."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        self.status = status
        self.code = str(problem.get("code", ""))
        self.detail = str(problem.get("detail") or problem.get("title") or "")
        self.violations: tuple[Mapping[str, str], ...] = tuple(problem.get("violations") or ())
        self.references: tuple[Mapping[str, Any], ...] = tuple(problem.get("references") or ())
        named = "; ".join(f"{one.get('field', '')}: {one.get('reason', '')}" for one in self.violations)
        super().__init__(f"the server says {status} {self.code}: {named or self.detail}")


def at(*parts: object) -> str:
    """Return the path of these parts, none of which can lead anywhere else."""
    return "".join(f"/{quote(str(one), safe='')}" for one in parts)


class Session:
    """Talks to one server as the holder of one token; use it as a context manager."""

    def __init__(self, server: str, token: str, *, transport: httpx.BaseTransport | None = None) -> None:
        """Begin a session; nothing is sent yet.

        Args:
            server: its address, as https://clearinghouse.example.
            token: what the server issued.
            transport: what carries the requests, for tests.
        """
        self._http = httpx.Client(
            base_url=f"{server.rstrip('/')}/api/v1",
            headers={"Authorization": f"Bearer {token}", "Accept": "application/json"},
            timeout=TIMEOUT_SECONDS,
            follow_redirects=False,
            transport=transport,
        )

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connection."""
        self._http.close()

    def get(self, path: str, **query: str | int) -> httpx.Response:
        """Return the answer to a question.

        Raises:
            ServerRefused: the server says why.
            NoAnswer: it does not answer.
        """
        return self._asked("GET", path, params=query)

    def pages(self, path: str, **wanted: str | int) -> Iterator[Mapping[str, Any]]:
        """Yield everything of a list that comes in pages; what is wanted by an empty word is not asked for.

        Raises:
            ServerRefused: the server says why.
            NoAnswer: it does not answer.
        """
        cursor = ""
        while True:
            query = {name: value for name, value in {**wanted, "cursor": cursor}.items() if value != ""}
            page = self.get(path, **query).json()
            yield from page["items"]
            cursor = page["next"] or ""
            if not cursor:
                return

    def post(self, path: str, *, headers: Mapping[str, str] | None = None, **body: Any) -> httpx.Response:  # noqa: ANN401
        """Return the answer to an act; ``body`` is what httpx takes: ``json``, or ``data`` and ``files``.

        Raises:
            ServerRefused: the server says why.
            NoAnswer: it does not answer.
        """
        return self._asked("POST", path, headers=headers, **body)

    def once(
        self,
        path: str,
        *,
        key: str = "",
        headers: Mapping[str, str] | None = None,
        **body: Any,  # noqa: ANN401 - as of ``post``
    ) -> httpx.Response:
        """Return the answer to an act that is done once, however often it has to be sent until an answer comes.

        Args:
            path: of an operation that takes an idempotency key.
            key: the same for the same act, so that another call with it does nothing again; empty: drawn at random,
                and the act is sent again within this call only.
            headers: what else to say in headers.
            body: what httpx takes: ``json``, or ``data`` and ``files``.

        Raises:
            ServerRefused: the server says why.
            NoAnswer: it does not answer, again and again.
        """
        named = {**(headers or {}), "Idempotency-Key": key or uuid4().hex}
        for pause in PAUSES_SECONDS:
            try:
                return self.post(path, headers=named, **body)
            except _LostError:
                time.sleep(pause)
            except ServerRefused as refusal:
                if refusal.code != _BUSY:
                    raise
                time.sleep(pause)
        return self.post(path, headers=named, **body)

    def put(self, path: str, *, json: Any) -> httpx.Response:  # noqa: ANN401 - JSON
        """Return the answer to what is put in the place of something.

        Raises:
            ServerRefused: the server says why.
            NoAnswer: it does not answer.
        """
        return self._asked("PUT", path, json=json)

    def patch(self, path: str, *, json: Any) -> httpx.Response:  # noqa: ANN401 - JSON
        """Return the answer to a change of a part of something.

        Raises:
            ServerRefused: the server says why.
            NoAnswer: it does not answer.
        """
        return self._asked("PATCH", path, json=json)

    def delete(self, path: str, **query: str) -> None:
        """End or take back something.

        Raises:
            ServerRefused: the server says why.
            NoAnswer: it does not answer.
        """
        self._asked("DELETE", path, params=query)

    def whoami(self) -> Mapping[str, Any]:
        """Return who asks, with which roles, and what the token was issued for.

        Raises:
            ServerRefused: the token does not hold, and why.
            NoAnswer: the server does not answer.
        """
        said: Mapping[str, Any] = self.get("/whoami").json()
        return said

    @contextmanager
    def stream(self, path: str, **query: str) -> Iterator[Iterator[str]]:
        """Give the lines of a stream as they come, for as long as it goes on.

        Raises:
            ServerRefused: the server says why.
            NoAnswer: it does not answer, or the line breaks.
        """
        headers = {"Accept": "text/event-stream"}
        try:
            with self._http.stream("GET", path, params=query, headers=headers, timeout=TIMEOUT_SECONDS) as answer:
                if not answer.is_success:
                    answer.read()
                    raise _refusal(answer)
                yield answer.iter_lines()
        except httpx.HTTPError as failure:
            raise NoAnswer(f"the server does not answer: {type(failure).__name__}") from None

    def _asked(self, method: str, path: str, **given: Any) -> httpx.Response:  # noqa: ANN401 - httpx's own arguments
        try:
            answer = self._http.request(method, path, **given)
        except httpx.HTTPError as failure:
            raise _LostError(f"the server does not answer: {type(failure).__name__}") from None
        if answer.is_success:
            return answer
        raise _refusal(answer)


def _refusal(answer: httpx.Response) -> NoAnswer | ServerRefused:
    """Return what an answer says that is none."""
    try:
        problem = answer.json()
    except ValueError:
        problem = None
    is_lost = answer.status_code in {502, 504}  # of a proxy that heard nothing from behind it
    if is_lost and not isinstance(problem, dict):
        return _LostError(f"the server does not answer: {answer.status_code}")
    if not isinstance(problem, dict) or "code" not in problem:
        return NoAnswer(f"the server answers {answer.status_code}, and not as a clearinghouse does")
    return ServerRefused(answer.status_code, problem)
