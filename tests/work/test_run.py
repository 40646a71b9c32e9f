"""Each call has its line in the log, however it ended: run.py of the room work."""

import json
import logging

import pytest

from clearinghouse.errors import StepRefused
from clearinghouse.logs import JsonLines
from clearinghouse.work.rules import Call
from clearinghouse.work.run import run_call
from tests.work import steps


def _line(caplog: pytest.LogCaptureFixture) -> dict[str, object]:
    (record,) = [one for one in caplog.records if one.name == "clearinghouse.work.run"]
    line: dict[str, object] = json.loads(JsonLines().format(record))
    return line


def test_a_call_that_ended_well_is_told_with_how_long_it_took(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    run_call(Call("tests.work.steps.note", ("a-secret",)), 2)
    line = _line(caplog)
    assert (line["task"], line["attempts"], line["status"]) == ("tests.work.steps.note", 2, "successful")
    assert isinstance(line["seconds"], float) and "a-secret" not in json.dumps(line)
    steps.forget()


def test_a_call_that_failed_is_told_too(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    with pytest.raises(StepRefused):
        run_call(Call("tests.work.steps.refuses", ("a-secret",)), 1)
    line = _line(caplog)
    assert line["status"] == "failed" and "a-secret" not in json.dumps(line)
    steps.forget()
