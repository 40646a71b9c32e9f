"""Tests of clearinghouse/commands/meeting.py."""

from typing import Any

import click
import pytest

from clearinghouse.commands.meeting import refusals_told
from clearinghouse.errors import Unaware

MET: dict[str, Any] = {
    "what": "constraint",
    "id": "RULE-1",
    "organization": "0f0f",
    "says": "ask-first",
    "targets": [{"kind": "host", "name": "a.example"}],
    "version_key": "met now",
}


def test_the_command_that_goes_on_names_what_was_seen_before_as_well(capsys: pytest.CaptureFixture[str]) -> None:
    with (
        pytest.raises(click.exceptions.Exit),
        refusals_told(as_json=False, again=["clearinghouse", "intent", "start", "SCAN-1"], seen=["before", "met now"]),
    ):
        raise Unaware("it meets 1 that you have not named", (MET,))
    told = capsys.readouterr().err
    assert "RULE-1  ask-first: a.example" in told
    assert told.rstrip().endswith("clearinghouse intent start SCAN-1 --seen before --seen 'met now'")
