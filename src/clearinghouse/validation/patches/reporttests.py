"""Runs the test that came with a report, in the sandbox, on a release before and after its patch."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, replace

from clearinghouse.errors import Malformed, NotPossible
from clearinghouse.releases.environments import TOOLS_ROOT
from clearinghouse.releases.rules import Environment, Runtime
from clearinghouse.sandbox.profile import Ended, Job, Limits, Mount
from clearinghouse.validation.brief import DEPENDENCIES_ROOT, TARGET_ROOT
from clearinghouse.validation.lab import Lab
from clearinghouse.validation.launch import mounts_of
from clearinghouse.validation.patches.covering import COVER, covering, lines_run
from clearinghouse.validation.patches.looking import PROBES
from clearinghouse.validation.subject import ReportTest

TEST_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Tested:
    """How a test ended."""

    passed: bool
    refused: str = ""
    """Why it could not be run; empty when it ran."""
    output: str = ""


def command_of(command: str, environment: Environment) -> tuple[str, ...]:
    """Return the command line inside the sandbox for a test's command.

    The first word says what runs it: ``python``, ``pytest`` (Python) or ``node``.
    """
    words = shlex.split(command)
    interpreter = environment.interpreter
    if interpreter.runtime is Runtime.NODE:
        return (interpreter.program, *words[1:])
    if words[0] == "pytest":
        return (interpreter.program, "-B", "-s", "-m", "pytest", "-q", "-p", "no:cacheprovider", *words[1:])
    return (interpreter.program, "-B", "-s", *words[1:])


def environment_variables(environment: Environment) -> dict[str, str]:
    """Return the variables that let a plain program find the target."""
    if environment.interpreter.runtime is Runtime.NODE:
        return {"NODE_PATH": TARGET_ROOT[Runtime.NODE]}
    return {"PYTHONPATH": f"{TARGET_ROOT[Runtime.PYTHON]}:{DEPENDENCIES_ROOT[Runtime.PYTHON]}:{TOOLS_ROOT}"}


def tool_mounts(environment: Environment, lab: Lab) -> tuple[Mount, ...]:
    """Return the mount of pytest and what it needs, for Python environments.

    Raises:
        Unavailable: the tools cannot be fetched.
    """
    if environment.interpreter.runtime is Runtime.NODE:
        return ()
    return (Mount(lab.environments.tools(environment.interpreter, ("pytest",)), TOOLS_ROOT),)


def run_report_test(test: ReportTest, files: Mapping[str, bytes], environment: Environment, lab: Lab) -> Tested:
    """Run one test on one release and return how it ended."""
    try:
        return concluded(lab.sandbox.run(_job(test, files, environment, lab)))
    except (Malformed, NotPossible) as refusal:
        return Tested(passed=False, refused=str(refusal))


def lines_of_test(
    test: ReportTest, files: Mapping[str, bytes], environment: Environment, lab: Lab
) -> dict[str, list[int]] | None:
    """Return the lines of the target that a test runs, by file; None when that could not be noted."""
    try:
        job = _job(test, files, environment, lab)
    except (Malformed, NotPossible):
        return None
    argv, more = covering(job.argv, environment)
    probe = () if environment.interpreter.runtime is Runtime.NODE else (Mount(PROBES / "python", COVER),)
    watched = replace(job, argv=argv, env={**job.env, **more}, mounts=(*job.mounts, *probe), collect="cover")
    return lines_run(lab.sandbox.run(watched), environment)


def _job(test: ReportTest, files: Mapping[str, bytes], environment: Environment, lab: Lab) -> Job:
    """Return what runs a test.

    Raises:
        Malformed: its command cannot be read, or begins with something else than what runs tests.
        NotPossible: what it needs beside the release cannot be had.
    """
    try:
        first = shlex.split(test.command)[:1]
    except ValueError as failure:
        raise Malformed(f"the command cannot be read: {failure}") from None
    wanted = ("node",) if environment.interpreter.runtime is Runtime.NODE else ("python", "pytest")
    if not first or first[0] not in wanted:
        raise Malformed(f"the command must begin with {' or '.join(wanted)}")
    tools = tool_mounts(environment, lab) if first == ["pytest"] else ()
    return Job(
        argv=command_of(test.command, environment),
        mounts=(*mounts_of(environment), *tools),
        env=environment_variables(environment),
        files=files,
        limits=Limits(wall_seconds=TEST_SECONDS),
    )


def concluded(ended: Ended) -> Tested:
    """Return how a test's process ended, with the tail of what it said."""
    output = (ended.stdout + ended.stderr)[-2000:].decode("utf-8", "replace")
    if ended.timed_out:
        return Tested(passed=False, refused=f"it did not end within {TEST_SECONDS:g} seconds", output=output)
    return Tested(passed=ended.exit_code == 0, output=output)
