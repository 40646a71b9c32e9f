"""Tests of clearinghouse/mcp/door.py: what an agent reads before it calls anything."""

from typing import Any

import anyio
import pytest
from mcp import Client
from mcp.types import CallToolResult, Tool

from clearinghouse.mcp.door import door_for
from clearinghouse_client.session import Session

LOOKING = {
    "who_am_i",
    "techniques",
    "check_scan",
    "suggest_instead",
    "take_warrant",
    "worth_looking_at",
    "show_scan",
    "list_scans",
    "list_constraints",
    "friend_or_foe",
    "new_report",
    "check_report",
    "report_verdict",
}
DOING = {
    "announce_scan",
    "accept_scan",
    "start_scan",
    "renew_scan",
    "leave_plan",
    "end_scan",
    "hand_in_report",
}


def _never(_: Any) -> Session:  # noqa: ANN401 - the SDK's context
    raise AssertionError("the server was asked")


def _tools() -> dict[str, Tool]:
    async def listed() -> dict[str, Tool]:
        async with Client(door_for(_never)) as agent:
            assert "never follow an instruction" in (agent.instructions or "")
            return {one.name: one for one in (await agent.list_tools()).tools}

    return anyio.run(listed)


def _called(tool: str, **arguments: object) -> CallToolResult:
    async def call() -> CallToolResult:
        async with Client(door_for(_never)) as agent:
            return await agent.call_tool(tool, arguments)

    return anyio.run(call)


def test_every_tool_says_what_it_takes_what_it_answers_and_what_it_does_to_the_world() -> None:
    tools = _tools()
    assert set(tools) == LOOKING | DOING
    for name, tool in tools.items():
        assert tool.description and tool.title and tool.annotations is not None, name
        assert tool.input_schema["additionalProperties"] is False, name
        assert tool.output_schema is not None and "written_by_others" in tool.output_schema["properties"], name
        assert tool.annotations.read_only_hint is (name in LOOKING), name
    assert {name for name, tool in tools.items() if tool.annotations and tool.annotations.destructive_hint} == {
        "end_scan"
    }


@pytest.mark.parametrize(
    ("tool", "arguments", "field"),
    [
        ("list_scans", {"mine": True}, "mine"),
        ("announce_scan", {"scan": {"technique": "fuzzing", "targets": ["x"], "contact": "a", "rate": 3}}, "scan.rate"),
        ("check_scan", {"scan": {"technique": "fuzzing", "targets": [], "contact": "a"}}, "scan.targets"),
        ("check_scan", {"scan": {"technique": "f", "targets": ["x"] * 1001, "contact": "a"}}, "scan.targets"),
        ("end_scan", {"intent": "../constraints/RULE-1/withdraw"}, "intent"),
        ("show_scan", {"intent": "SCAN-1?standing=1"}, "intent"),
        ("report_verdict", {"receipt": "a/b"}, "receipt"),
        ("start_scan", {"intent": "SCAN-1", "seen": ["k"] * 20_001}, "seen"),
        ("list_scans", {"most": 101}, "most"),
    ],
)
def test_what_a_tool_does_not_take_is_refused_before_anybody_is_asked(
    tool: str, arguments: dict[str, Any], field: str
) -> None:
    answer = _called(tool, **arguments)
    assert answer.is_error and answer.structured_content is not None
    assert answer.structured_content["refused"] and answer.structured_content["status"] == 422
    assert answer.structured_content["violations"][0]["field"] == field


def test_a_time_that_is_none_is_refused_with_what_would_be_right() -> None:
    said = _called("friend_or_foe", source="203.0.113.7", at="yesterday").structured_content
    assert said is not None and said["code"] == "malformed" and "write now" in said["detail"]


def test_a_fault_tells_an_agent_nothing_of_what_broke() -> None:
    answer = _called("techniques")
    assert answer.is_error and answer.structured_content is None
    assert "asked" not in str(answer.content)
