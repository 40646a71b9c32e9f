"""Input proofs: bytes for a harness of the target."""

import pytest

from tests.validation.runtimes.python.stage import Stage, act_frames


@pytest.fixture(autouse=True)
def _more(request: pytest.FixtureRequest) -> None:
    stage: Stage = request.getfixturevalue("stage" if "stage" in request.fixturenames else "new_stage")
    stage.lay(
        {
            "pkg/forms.py": """
import os
import sys


def data(given):
    os.system(b"true " + given)


def stream(given):
    os.system(b"true " + given.read())


def path(given):
    os.system("true " + open(given).read())


def typed():
    os.system("true " + sys.stdin.read())
"""
        }
    )


@pytest.mark.parametrize(
    "harness",
    [
        {"call": "pkg.shell", "as": "text"},
        {"call": "pkg.forms.data", "as": "bytes"},
        {"call": "pkg.forms.stream", "as": "stream"},
        {"call": "pkg.forms.path", "as": "path"},
        {"call": "pkg.forms.typed", "stdin": True},
        {"module": "pkg.tool", "args": ["$input"]},
    ],
)
def test_every_harness_hands_the_input_over(stage: Stage, harness: dict[str, object]) -> None:
    seen = stage.input("command-execution", b"@@TOKEN@@", harness)
    assert seen.blamed("command-execution") == {"target"}
    assert seen.raised() == [""]


def test_a_module_run_as_a_program_is_the_targets_code(stage: Stage) -> None:
    seen = stage.input("command-execution", b"@@TOKEN@@", {"module": "pkg.tool", "args": ["$input"]})
    assert ("target", "main") in act_frames(seen, "command-execution")


@pytest.mark.parametrize("module", ["os", "timeit", "pkg._hidden", "pdb"])
def test_a_module_of_others_is_no_harness(stage: Stage, module: str) -> None:
    assert stage.input("command-execution", b"", {"module": module, "args": []}).fault() == "leaves-target"


@pytest.mark.parametrize(
    ("harness", "code"),
    [
        ({"call": "pkg.os.system", "as": "text"}, "leaves-target"),
        ({"call": "pkg.missing", "as": "text"}, "no-such-call"),
        ({"call": "pkg.shell", "as": "soup"}, "bad-document"),
        ({"bin": "tool"}, "unsupported"),
    ],
)
def test_a_harness_that_cannot_be_run_is_a_fault(stage: Stage, harness: dict[str, str], code: str) -> None:
    assert stage.input("command-execution", b"", harness).fault() == code


def test_the_canary_is_put_into_the_input(stage: Stage) -> None:
    seen = stage.input("file-read", b"../@@CANARY:relative@@", {"call": "pkg.read", "as": "text"})
    assert not seen.acts("file-write")
    absolute = stage.input("file-read", b"@@CANARY@@", {"call": "pkg.read", "as": "text"})
    assert absolute.blamed("file-read") == {"target"}
