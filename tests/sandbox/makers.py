"""Small programs for a sandbox, and the same programs run bare as the control."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest

from clearinghouse.errors import NotPossible, Unavailable
from clearinghouse.releases.interpreters import Interpreters
from clearinghouse.releases.rules import Interpreter, Runtime
from clearinghouse.sandbox import select
from clearinghouse.sandbox.profile import Ended, Job, Limits, Mount, Sandbox


def a_shared_cache() -> Path:
    """Return a cache that the sandbox's user can read; interpreters are staged in it once for all test runs."""
    folder = Path(tempfile.gettempdir(), f"clearinghouse-tests-{os.geteuid()}")
    folder.mkdir(mode=0o755, exist_ok=True)
    assert folder.stat().st_uid == os.geteuid(), f"{folder} belongs to somebody else"
    folder.chmod(0o755)
    return folder


TIERS = tuple(select.TIERS)


@cache
def a_sandbox(tier: str = "bubblewrap") -> Sandbox:
    """Return a sandbox of this machine, or skip the test with what is in the way."""
    return _made(tier)


@contextmanager
def anew(tier: str) -> Iterator[Sandbox]:
    """Give a sandbox whose warden is started by this thread, in the network that is the thread's."""
    made = _made(tier)
    try:
        yield made
    finally:
        made._warden.close()  # type: ignore[attr-defined]


def _made(tier: str) -> Sandbox:
    try:
        return dict(zip(TIERS, select.PREFERENCE, strict=True))[tier]()
    except Unavailable as refusal:
        pytest.skip(f"{tier}: {refusal}")


@cache
def some_interpreters() -> Interpreters:
    """Return this machine's interpreters, looked for once."""
    return Interpreters(a_shared_cache())


@cache
def a_python() -> Interpreter:
    """Return the Python that runs the tests, staged."""
    return some_interpreters().own(Runtime.PYTHON)


@cache
def a_node() -> Interpreter:
    """Return this machine's Node, staged, or skip the test."""
    try:
        return some_interpreters().own(Runtime.NODE)
    except NotPossible as refusal:
        pytest.skip(str(refusal))


def run_inside(
    code: str, *arguments: str, sandbox: Sandbox | None = None, limits: Limits | None = None, **job: object
) -> Ended:
    """Run Python code in ``sandbox``, or behind bubblewrap."""
    python = a_python()
    mounts = (Mount(python.root, python.inside_root), *job.pop("mounts", ()))  # type: ignore[misc]
    return (sandbox or a_sandbox()).run(
        Job(
            argv=(python.program, "-I", "-S", "-c", code, *arguments),
            mounts=mounts,
            limits=limits or Limits(),
            **job,  # type: ignore[arg-type]
        )
    )


def run_bare(code: str, *arguments: str, **settings: object) -> subprocess.CompletedProcess[bytes]:
    """Run the same code on this machine, without any wall."""
    argv = (sys.executable, "-I", "-S", "-c", code, *arguments)
    return subprocess.run(argv, capture_output=True, check=False, timeout=60, **settings)  # type: ignore[call-overload,no-any-return]
