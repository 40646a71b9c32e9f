"""One server, one token: requests that are answered, or refused with the server's own reason."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

import httpx

TIMEOUT_SECONDS = 60.0


class NoAnswer(Exception):
    """The server does not answer, or not as a clearinghouse does."""


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

    def put(self, path: str, **body: Any) -> httpx.Response:  # noqa: ANN401
        """Return the answer to saying how something is now; ``body`` is what httpx takes.

        Raises:
            ServerRefused: the server says why.
            NoAnswer: the server does not answer.
        """
        return self._asked("PUT", path, **body)

    def delete(self, path: str) -> None:
        """Have something deleted, or ended.

        Raises:
            ServerRefused: the server says why.
            NoAnswer: it does not answer.
        """
        self._asked("DELETE", path)

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
            raise NoAnswer(f"the server does not answer: {type(failure).__name__}") from None
        if answer.is_success:
            return answer
        raise _refusal(answer)


def _refusal(answer: httpx.Response) -> NoAnswer | ServerRefused:
    """Return what an answer says that is none."""
    try:
        problem = answer.json()
    except ValueError:
        problem = None
    if not isinstance(problem, dict) or "code" not in problem:
        return NoAnswer(f"the server answers {answer.status_code}, and not as a clearinghouse does")
    return ServerRefused(answer.status_code, problem)
