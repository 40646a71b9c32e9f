"""Agents for tests: the SDK's own client, connected to a door that runs as its own process, over either transport."""

import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mcp import Client, StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared._httpx_utils import create_mcp_http_client
from mcp.types import CallToolResult

from tests.commands.test_serve import COMMAND, serving

ROOT = Path(__file__).parents[2]
TRANSPORTS = ("stdio", "http")


@dataclass(frozen=True)
class Place:
    """A clearinghouse that runs, and tokens of two finders of two organizations."""

    url: str
    finder: str
    other: str
    narrow: str


def environment(**more: str) -> dict[str, str]:
    """Return the environment of a command that runs as its own process; no token but one that is given."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CLEARINGHOUSE_")}  # noqa: TID251
    return {**kept, "PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT))), **more}


@contextmanager
def a_place(database: Path, *options: str) -> Iterator[Place]:
    argv = [sys.executable, "-m", "tests.mcp.seeding", str(database)]
    done = subprocess.run(argv, env=environment(), cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    with serving(str(database), *(options or ("--jobs", "0"))) as server:
        yield Place(server.url, *done.stdout.split()[-3:])


@contextmanager
def a_door(url: str, *options: str) -> Iterator[str]:
    """Serve agents over HTTP, and give the address."""
    argv = [*COMMAND, "mcp", "--server", url, "--http", "127.0.0.1:0", *options]
    with subprocess.Popen(
        argv, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None and process.stderr is not None
            line = process.stdout.readline()
            assert line.startswith("serving agents at "), line + process.stderr.read()
            yield line.split()[3]
        finally:
            process.terminate()
            process.wait(30)
    assert process.returncode == 0


@asynccontextmanager
async def over_http(address: str, token: str) -> AsyncIterator[Client]:
    async with (
        create_mcp_http_client(headers={"Authorization": f"Bearer {token}"}) as http,
        Client(streamable_http_client(address, http_client=http)) as agent,
    ):
        yield agent


@asynccontextmanager
async def over_stdio(url: str, token: str) -> AsyncIterator[Client]:
    argv = [*COMMAND, "mcp", "--server", url]
    started = StdioServerParameters(command=argv[0], args=argv[1:], env=environment(CLEARINGHOUSE_TOKEN=token))
    async with Client(stdio_client(started)) as agent:
        yield agent


@contextmanager
def doors(transport: str, url: str) -> Iterator[Any]:
    """Give what connects an agent by its token, over this transport."""
    if transport == "stdio":
        yield lambda token: over_stdio(url, token)
        return
    with a_door(url) as address:
        yield lambda token: over_http(address, token)


async def told(agent: Client, tool: str, **arguments: object) -> dict[str, Any]:
    """Return the answer to a call that is not refused."""
    answer: CallToolResult = await agent.call_tool(tool, arguments)
    assert not answer.is_error, answer.content
    assert answer.structured_content is not None
    return dict(answer.structured_content)


async def refused(agent: Client, tool: str, **arguments: object) -> dict[str, Any]:
    """Return why a call is refused."""
    answer: CallToolResult = await agent.call_tool(tool, arguments)
    assert answer.is_error and answer.structured_content is not None, answer
    return dict(answer.structured_content)
