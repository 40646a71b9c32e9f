"""Tests of clearinghouse/logs.py."""

import json
import logging

import pytest

from clearinghouse.logs import JsonLines, without_secrets


def line(message: str, **extra: object) -> str:
    record = logging.LogRecord("one", logging.INFO, "x.py", 1, message, (), None)
    record.__dict__.update(extra)
    return JsonLines().format(record)


def test_a_record_is_one_line_whatever_it_says() -> None:
    written = line('a\n{"at": "forged"}\r\u2028b')
    assert len(written.splitlines()) == 1 and json.loads(written)["message"].startswith("a\n")


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://app:hunter2@db/x",
        "connection to postgres://u:hunter2@h:5432/x failed",
        "Authorization: hunter2",
        "token=hunter2",
        "Bearer hunter2",
        "'password': 'hunter2'",
    ],
)
def test_secrets_are_taken_out(text: str) -> None:
    assert "hunter2" not in without_secrets(text) and "hunter2" not in line(text)


def test_only_known_facts_are_written() -> None:
    said = json.loads(line("x", task="judge", report="CVE under embargo", count=3))
    assert said["task"] == "judge" and said["count"] == 3 and "report" not in said


def test_an_error_is_told_without_secrets() -> None:
    with pytest.raises(ValueError, match="hunter2") as raised:
        int("postgresql://app:hunter2@db/x")
    record = logging.LogRecord("one", logging.ERROR, "x.py", 1, "failed", (), raised._excinfo)
    assert "hunter2" not in JsonLines().format(record) and "ValueError" in JsonLines().format(record)
