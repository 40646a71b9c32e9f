"""Tests of clearinghouse/mcp/refusals.py."""

import json
from typing import Any

import pytest
from mcp.types import TextContent

from clearinghouse.errors import Refused
from clearinghouse.mcp.refusals import no_token, refused, unknown_arguments
from clearinghouse_client.session import NoAnswer, ServerRefused

UNAWARE = {
    "code": "unaware",
    "detail": "there is something to see first",
    "references": [{"what": "intent", "version_key": "new"}, {"what": "constraint", "version_key": "old"}],
}


def _said(cause: BaseException, seen: tuple[str, ...] = ()) -> dict[str, Any]:
    answer = refused(cause, seen=seen)
    assert answer is not None and answer.is_error and answer.structured_content is not None
    (text,) = answer.content
    assert isinstance(text, TextContent) and json.loads(text.text) == answer.structured_content
    return dict(answer.structured_content)


def test_whoever_was_unaware_gets_the_keys_to_go_on_with_beside_those_that_they_had() -> None:
    said = _said(ServerRefused(409, UNAWARE), ("old", "older"))
    assert said["seen"] == ["old", "older", "new"] and said["status"] == 409 and said["references"]


@pytest.mark.parametrize("code", ["endangers", "overlaps"])
def test_what_cannot_be_answered_with_keys_gives_none(code: str) -> None:
    said = _said(ServerRefused(409, UNAWARE | {"code": code}), ("old",))
    assert "seen" not in said and said["what_would_be_right"]


def test_every_violation_is_told_with_what_would_be_right() -> None:
    violations = [{"code": "x", "field": "contact", "reason": "it reaches nobody", "fix": "write mailto:"}]
    said = _said(ServerRefused(422, {"code": "malformed", "violations": violations}))
    assert said["violations"] == violations and "/violations" in said["written_by_others"]


def test_a_server_that_does_not_answer_is_unavailable() -> None:
    assert (_said(NoAnswer("it does not answer"))["status"], _said(NoAnswer(""))["code"]) == (503, "unavailable")


def test_whoever_has_no_token_is_told_how_to_get_one() -> None:
    said = _said(no_token())
    assert said["status"] == 401 and "a person issues" in said["detail"]


def test_arguments_that_a_tool_does_not_have_are_named() -> None:
    made = unknown_arguments(["mine"], ["own", "most"])
    assert isinstance(made, Refused) and made.problems[0].fix == "it takes own, most"


def test_a_fault_is_no_refusal() -> None:
    assert refused(RuntimeError("broken")) is None
