"""What the processes that a program starts call is written down too, and left in a file for its replay."""

import json
from typing import Any

import pytest

from tests.validation.runtimes.python.stage import NONCE, Stage

PARSE = {"call": "pkg.parse", "args": [NONCE]}
CALL = "import pkg; pkg.parse('@@TOKEN@@')"


@pytest.fixture(autouse=True)
def _target(stage: Stage) -> None:
    stage.lay({"pkg/__init__.py": "def parse(text):\n    return text if isinstance(text, str) else text.read()\n"})


def left(stage: Stage, text: str) -> list[Any]:
    """Return what the processes of a program left."""
    seen = stage.program("command-execution", text, mode="record")
    assert seen.of("end"), seen.ended.stderr
    return [json.loads(one["text"]) for one in seen.of("calls-elsewhere")]


@pytest.mark.parametrize(
    "text",
    [
        f"""import subprocess, sys; subprocess.run([sys.executable, "-c", "{CALL}"], check=True)""",
        f'''import os, sys; os.system(sys.executable + """ -c "{CALL}" """)''',
        f"""
import subprocess, sys
if sys.argv[1:]:
    {CALL}
else:
    subprocess.run([sys.executable, __file__, "inside"], check=True)
""",
        """
import multiprocessing
def work():
    import pkg
    pkg.parse("@@TOKEN@@")
if __name__ == "__main__":
    child = multiprocessing.get_context("spawn").Process(target=work)
    child.start()
    child.join()
""",
    ],
)
def test_what_a_started_interpreter_calls_is_left_for_the_judge(stage: Stage, text: str) -> None:
    assert left(stage, text) == [{"t": "calls", "document": {"steps": [PARSE]}, "lossy": []}]


def test_what_is_piped_into_a_started_interpreter_is_written_down_and_still_read(stage: Stage) -> None:
    text = """
import subprocess, sys
inside = "import sys, pkg; print(pkg.parse(sys.stdin))"
done = subprocess.run([sys.executable, "-c", inside], input="a @@TOKEN@@", text=True, capture_output=True, check=True)
assert done.stdout == "a @@TOKEN@@\\n", done
"""
    (found,) = left(stage, text)
    assert found["document"]["steps"] == [{"call": "pkg.parse", "args": [{"$stringio": {"$cat": ["a ", NONCE]}}]}]


def test_a_forked_child_goes_on_where_its_parent_was(stage: Stage) -> None:
    text = """
import os, pkg
pkg.parse("before")
child = os.fork()
if child == 0:
    pkg.parse("@@TOKEN@@")
    os._exit(0)
os.waitpid(child, 0)
pkg.parse("after")
"""
    seen = stage.program("command-execution", text, mode="record")
    before, after = ({"call": "pkg.parse", "args": [one]} for one in ("before", "after"))
    assert seen.of("calls")[-1]["document"]["steps"] == [before, after]
    (found,) = (json.loads(one["text"]) for one in seen.of("calls-elsewhere"))
    assert (found["document"]["steps"], found["inherited"]) == ([before, PARSE], 1)


def test_a_process_that_calls_nothing_leaves_nothing(stage: Stage) -> None:
    assert left(stage, 'import subprocess, sys; subprocess.run([sys.executable, "-c", "0"], check=True)') == []


def test_a_program_that_is_not_recorded_starts_interpreters_that_find_the_target(stage: Stage) -> None:
    text = f"""import subprocess, sys; subprocess.run([sys.executable, "-c", "{CALL}"], check=True)"""
    seen = stage.program("command-execution", text)
    assert [one["ok"] for one in seen.of("step")] == [True]
    assert not seen.of("calls-elsewhere")
