"""Proofs of kind ``input``: bytes for a function, standard input or a command of the target."""

import pytest

from tests.validation.runtimes.node.stage import Stage


@pytest.mark.parametrize("form", ["text", "bytes"])
def test_our_token_in_the_bytes_is_put_in_before_use(stage: Stage, form: str) -> None:
    seen = stage.input("command-execution", b"@@TOKEN@@", {"call": "flawed#execSync", "as": form})
    assert seen.blamed("command-execution") == {"target"}


def test_bytes_may_come_as_a_file(modern: Stage) -> None:
    seen = modern.input("file-read", b"x", {"call": "modern#read", "as": "path"})
    assert seen.raised() == [""]


def test_bytes_may_come_as_a_stream(stage: Stage) -> None:
    assert stage.input("command-execution", b"x", {"call": "flawed#slurp", "as": "stream"}).raised() == [""]


def test_bytes_may_come_on_standard_input(stage: Stage) -> None:
    assert stage.input("command-execution", b"x", {"call": "flawed#stdin", "stdin": True}).raised() == [""]


def test_a_command_of_the_target_is_run_as_main(stage: Stage) -> None:
    seen = stage.input("command-execution", b"@@TOKEN@@", {"bin": "flawed", "args": ["$input"]})
    assert seen.blamed("command-execution") == {"target"}


@pytest.mark.parametrize(
    ("harness", "code"),
    [
        ({"bin": "other"}, "no-such-call"),
        ({"call": "flawed#echo", "as": "wish"}, "bad-document"),
        ({"call": "helper#run"}, "leaves-target"),
        ({}, "unsupported"),
    ],
)
def test_a_harness_must_be_the_targets(stage: Stage, harness: dict[str, object], code: str) -> None:
    assert stage.input("command-execution", b"x", harness).fault() == code
