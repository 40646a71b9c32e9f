"""An agent whose door asks the API of this process, where the test's own transaction is."""

from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue

import anyio
import httpx
from mcp import Client as Agent
from mcp.types import CallToolResult

from clearinghouse.mcp.door import door_for
from clearinghouse_client.session import Session
from tests.clearinghouse_client.here import answered

type Call = tuple[str, dict[str, object]]


class _Asked(httpx.BaseTransport):
    """Carries requests to the thread that holds the transaction."""

    def __init__(self) -> None:
        self.waiting: SimpleQueue[tuple[httpx.Request, Future[httpx.Response]] | None] = SimpleQueue()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer: Future[httpx.Response] = Future()
        request.read()
        self.waiting.put((request, answer))
        return answer.result(60)


def called(token: str, *calls: Call) -> list[CallToolResult]:
    """Return the answers to calls of tools, made one after the other by the holder of a token."""
    asked = _Asked()

    async def journey() -> list[CallToolResult]:
        door = door_for(lambda _: Session("http://clearinghouse.example", token, transport=asked))
        async with Agent(door) as agent:
            return [await agent.call_tool(tool, arguments) for tool, arguments in calls]

    with ThreadPoolExecutor(1) as threads:
        done = threads.submit(anyio.run, journey)
        done.add_done_callback(lambda _: asked.waiting.put(None))
        while (one := asked.waiting.get()) is not None:
            request, answer = one
            answer.set_result(answered(request))
    return done.result()


def statuses(answers: Iterable[CallToolResult]) -> list[int]:
    """Return what HTTP would say of each answer."""
    return [int((one.structured_content or {})["status"]) if one.is_error else 201 for one in answers]
