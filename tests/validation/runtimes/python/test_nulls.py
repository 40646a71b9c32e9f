"""The null targets: nothing of the target runs, and a proof about the target shows nothing."""

import pytest

from tests.validation.runtimes.python.stage import NONCE, Stage


@pytest.mark.parametrize("null", ["returns", "raises"])
def test_an_honest_proof_is_silent(stage: Stage, null: str) -> None:
    seen = stage.calls(
        "command-execution",
        {"call": "pkg.shell", "args": [NONCE]},
        {"call": "pkg.deep.Node", "args": [{"$target": "pkg.Renderer"}]},
        {"method": "render", "on": {"$ref": 1}},
        null=null,
    )
    assert not seen.of("act")
    assert not seen.fault()
    assert seen.complete()


def test_must_raise_is_broken_by_one_null_only(stage: Stage) -> None:
    step = {"call": "pkg.check", "args": ["forged"], "must_raise": "ValueError"}
    assert stage.calls("invariant", step, null="returns").of("broken")
    assert not stage.calls("invariant", step, null="raises").of("broken")


@pytest.mark.parametrize("null", ["returns", "raises"])
def test_a_program_that_acts_by_itself_shows_on_both(stage: Stage, null: str) -> None:
    program = "import os, pkg\ntry:\n    pkg.shell('x')\nexcept RuntimeError:\n    pass\nos.system('true @@TOKEN@@')\n"
    seen = stage.program("command-execution", program, null=null)
    assert seen.blamed("command-execution") == {"finder"}


def test_a_program_may_use_all_that_a_target_could_have(stage: Stage) -> None:
    program = """
import pkg
from pkg.deep import Node
from pkg.anything.at_all import thing
assert pkg.__version__ == "1.2"
assert pkg.Thing.other() is None


class Mine(pkg.Base):
    pass


try:
    raise ValueError
except (pkg.OddError, ValueError):
    pass
"""
    assert stage.program("command-execution", program, null="returns").raised() == [""]


@pytest.mark.parametrize("null", ["returns", "raises"])
def test_a_harness_is_silent_too(stage: Stage, null: str) -> None:
    seen = stage.input("command-execution", b"@@TOKEN@@", {"module": "pkg.tool", "args": ["$input"]}, null=null)
    assert not seen.of("act")
    assert seen.complete()


def test_the_dependencies_stay_real(stage: Stage) -> None:
    program = "import dep\ndep.through('@@TOKEN@@')\n"
    assert stage.program("command-execution", program, null="returns").blamed("command-execution") == {"finder"}
