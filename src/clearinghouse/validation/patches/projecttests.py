"""The project's own tests, taken from the release's source before the patch, run before and after it."""

import re
from collections.abc import Collection
from pathlib import Path

from clearinghouse.errors import Malformed, NotFound, NotPossible
from clearinghouse.releases.rules import Environment, Runtime
from clearinghouse.sandbox.profile import Ended, Job, Limits
from clearinghouse.validation.lab import Lab
from clearinghouse.validation.launch import mounts_of
from clearinghouse.validation.patches.reporttests import environment_variables, tool_mounts
from clearinghouse.validation.patches.verdict import CheckName
from clearinghouse.validation.rules import PatchCheck, Said

NAME = CheckName.PROJECT_TESTS
SUITE_SECONDS = 240.0
SUITE_IDLE_SECONDS = 30.0
"""A suite that sleeps so long waits for a network or a program that is not there."""
SUITE_CPU_SECONDS = 40
"""What decides is processor time, so that a busy machine says the same as an idle one."""
LOOKS_AGAIN = 3
MOST_AGAIN = 50
"""More lost tests than these are no matter of a clock."""
MAX_TREE_BYTES = 24 * 1024 * 1024
_PASSED = re.compile(r"^PASSED (\S.*)$", re.MULTILINE)


def project_tests(base: Environment, patched: Environment, lab: Lab) -> PatchCheck:
    """Return whether every test of the project that passes before the patch passes after it."""
    if base.interpreter.runtime is Runtime.NODE:
        return PatchCheck(NAME, Said.NOT_RUN, "npm releases carry no test suite that runs without its tools")
    try:
        tests = _tests_of(base, lab)
        if not tests:
            return PatchCheck(NAME, Said.NOT_RUN, "the release's source carries no tests")
        before = _passing(_run(base, tests, lab))
        if not before:
            return PatchCheck(NAME, Said.NOT_RUN, "no test of the project passes here even before the patch")
        lost = before - _passing(_run(patched, tests, lab))
        for _ in range(LOOKS_AGAIN if len(lost) <= MOST_AGAIN else 0):
            if lost:  # a test that looks at a clock misses now and then on a busy machine, before as after
                lost -= _passing(_run(patched, tests, lab, only=lost))
                lost &= _passing(_run(base, tests, lab, only=lost)) if lost else lost
    except (Malformed, NotFound, NotPossible) as refusal:
        return PatchCheck(NAME, Said.NOT_RUN, str(refusal))
    if lost:
        shown = ", ".join(sorted(lost)[:3])
        detail = f"{len(lost)} of the {len(before)} tests that passed before fail after it, such as {shown}"
        return PatchCheck(NAME, Said.FAILED, detail)
    return PatchCheck(NAME, Said.PASSED, f"all {len(before)} tests that pass before it pass after it")


def _tests_of(environment: Environment, lab: Lab) -> dict[str, bytes]:
    """Return the test files of the release's source, below ``suite/``; none when there are none or too many."""
    root = lab.environments.source_tree(lab.release(environment.package, environment.version))
    if root is None:
        return {}
    folder = next((root / name for name in ("tests", "test") if (root / name).is_dir()), None)
    loose = sorted(root.glob("test_*.py"))
    places = [one for one in (folder.rglob("*") if folder else loose) if one.is_file() and not one.is_symlink()]
    if not any(one.suffix == ".py" for one in places) or sum(one.stat().st_size for one in places) > MAX_TREE_BYTES:
        return {}
    return {f"suite/{one.relative_to(root).as_posix()}": one.read_bytes() for one in sorted(places)}


def _run(environment: Environment, tests: dict[str, bytes], lab: Lab, *, only: Collection[str] = ()) -> Ended:
    """Run the suite, or ``only`` some of its tests by name."""
    wanted = sorted(only) or sorted({f"suite/{Path(name).parts[1]}" for name in tests})
    argv = (environment.interpreter.program, "-B", "-s", "-m", "pytest", "-q", "-rA", "--tb=no", "--no-header")
    options = (
        "-p",
        "no:cacheprovider",
        "-o",
        "addopts=",
        "--rootdir",
        "/job/suite",
        "--continue-on-collection-errors",
    )
    return lab.sandbox.run(
        Job(
            argv=(*argv, *options, *(f"/job/{one}" for one in wanted)),
            mounts=(*mounts_of(environment), *tool_mounts(environment, lab)),
            env=environment_variables(environment),
            files=tests,
            limits=Limits(
                wall_seconds=SUITE_SECONDS,
                cpu_seconds=SUITE_CPU_SECONDS,
                idle_seconds=SUITE_IDLE_SECONDS,
                work_bytes=128 * 1024 * 1024,
            ),
        )
    )


def _passing(ended: Ended) -> frozenset[str]:
    """Return the names of the tests that passed; none when the suite did not come to its end."""
    if ended.timed_out or ended.exit_code is None:
        return frozenset()
    return frozenset(_PASSED.findall(ended.stdout.decode("utf-8", "replace")))
