"""The examples in the docstrings of the modules that a patch changes, run before and after it."""

from collections.abc import Sequence

from clearinghouse.releases.rules import Environment, Runtime
from clearinghouse.sandbox.profile import Job, Limits, Mount
from clearinghouse.validation.lab import Lab
from clearinghouse.validation.launch import mounts_of
from clearinghouse.validation.patches.looking import PROBES
from clearinghouse.validation.patches.reporttests import environment_variables
from clearinghouse.validation.patches.sources import PYTHON_SUFFIXES, Change
from clearinghouse.validation.patches.verdict import CheckName
from clearinghouse.validation.rules import PatchCheck, Said

SECONDS = 60.0
MOST_MODULES = 20


def doctests(changes: Sequence[Change], base: Environment, patched: Environment, lab: Lab) -> PatchCheck:
    """Return whether every example that holds before the patch holds after it."""
    name = CheckName.DOCTESTS
    modules = [
        one.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for one in changes
        if one.path.endswith(PYTHON_SUFFIXES) and one.before is not None and b">>> " in one.before
    ][:MOST_MODULES]
    if not modules or base.interpreter.runtime is Runtime.NODE:
        return PatchCheck(name, Said.NOT_RUN, "the changed files hold no examples that can be run")
    before = _holding(modules, base, lab)
    if not before:
        return PatchCheck(name, Said.NOT_RUN, "no example in the changed files holds here even before the patch")
    lost = sorted(before - _holding(modules, patched, lab))
    if lost:
        detail = f"{len(lost)} of the {len(before)} examples that held before fail after it, such as {lost[0]}"
        return PatchCheck(name, Said.FAILED, detail, tuple(lost[:50]))
    return PatchCheck(name, Said.PASSED, f"all {len(before)} examples in the changed files hold as before")


def _holding(modules: Sequence[str], environment: Environment, lab: Lab) -> frozenset[str]:
    """Return the names of what has examples that all hold."""
    interpreter = environment.interpreter
    ended = lab.sandbox.run(
        Job(
            argv=(interpreter.program, "-B", "-s", "/probe/examples.py", *modules),
            mounts=(*mounts_of(environment), Mount(PROBES / "python", "/probe")),
            env=environment_variables(environment),
            limits=Limits(wall_seconds=SECONDS),
        )
    )
    said = ended.stdout.decode("utf-8", "replace").splitlines()
    return frozenset(one.removeprefix("HOLDS ") for one in said if one.startswith("HOLDS "))
