"""Which sandbox this machine can offer."""

import re
import shutil
import subprocess
from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path
from types import MappingProxyType

from clearinghouse.errors import Unavailable
from clearinghouse.sandbox.bubblewrap import Bubblewrap
from clearinghouse.sandbox.gvisor import Gvisor
from clearinghouse.sandbox.profile import Job, Limits, Mount, Sandbox
from clearinghouse.sandbox.runsc import CURE, PREFERRED, first_that, runsc_at

FIRST_WITH_DISABLE_USERNS = (0, 8, 0)

CURES: tuple[tuple[str, str], ...] = (
    ("disable-userns", "update bubblewrap to 0.8.0 or later"),
    (
        "mount proc",
        "this is a container that hides parts of /proc; start it with --security-opt systempaths=unconfined",
    ),
    (
        "uid map",
        "sysctl kernel.apparmor_restrict_unprivileged_userns=0, or an AppArmor profile for bwrap that says 'userns,'",
    ),
    (
        "namespace",
        "sysctl kernel.unprivileged_userns_clone=1 user.max_user_namespaces=9999; in a container seccomp=unconfined",
    ),
    ("No space left", "raise user.max_user_namespaces, or do not start a sandbox inside another"),
    ("Operation not permitted", "allow user namespaces and mounts inside them; a container needs to be started so"),
)
"""What bubblewrap or runsc says when it fails, and what helps."""

HANGS = "update the sandbox's program or the kernel, which do not go together; or demand another tier"

TRIAL = Job(
    argv=("/bin/sh", "-c", Path(__file__).with_name("trial.sh").read_text(), "sh", "{brief}", "{records}"),
    mounts=(Mount(Path(__file__).parent, "/trial"),),
    brief=b"word",
    files={"given/file": b"given"},
    limits=Limits(wall_seconds=20),
)
"""A job that needs what real jobs need."""


@cache
def sandbox_for(*, demand: str | None = None) -> Sandbox:
    """Return the sandbox that was demanded, or the strongest that works on this machine; tried before it is returned.

    Raises:
        Unavailable: none works, with cause and cure; nothing is ever run without a sandbox instead.
    """
    if demand is not None and demand not in TIERS:
        raise Unavailable(f"there is no sandbox tier {demand!r}; there are: {', '.join(TIERS)}")
    if demand is not None:
        return TIERS[demand]()
    refusals = []
    for tier in PREFERENCE:
        try:
            return tier()
        except Unavailable as refusal:
            refusals.append(str(refusal))
    raise Unavailable("; ".join(refusals))


def _tried(sandbox: Sandbox) -> Sandbox:
    """Return ``sandbox`` after a job in the real profile has shown that it works."""
    try:
        ended = sandbox.run(TRIAL)
    except Unavailable as refusal:
        cures = [cure for sign, cure in CURES if sign.lower() in str(refusal).lower()]
        raise Unavailable(f"{refusal}; cure: {cures[0]}" if cures else str(refusal)) from None
    if ended.timed_out:
        raise Unavailable(f"a trial job did not end within {TRIAL.limits.wall_seconds:g} seconds; cure: {HANGS}")
    if (ended.exit_code, ended.stdout, ended.records) != (0, b"works\n", b"word"):
        said = (ended.stdout + ended.stderr).decode("utf-8", "replace").strip()
        raise Unavailable(f"a trial job ended with {ended.exit_code}: {said}")
    return sandbox


def _bubblewrap() -> Sandbox:
    program = shutil.which("bwrap")
    if program is None:
        raise Unavailable("bwrap is not installed; cure: apt-get install bubblewrap")
    said = subprocess.run((program, "--version"), capture_output=True, text=True, check=False).stdout
    version = tuple(int(part) for part in re.findall(r"\d+", said))
    return _tried(Bubblewrap(Path(program), disable_userns=version >= FIRST_WITH_DISABLE_USERNS))


def _gvisor(*, any_platform: bool = True) -> Sandbox:
    """Return gVisor; only on the platforms that are good enough to be preferred, unless ``any_platform`` will do."""
    program = shutil.which("runsc")
    if program is None:
        raise Unavailable("runsc is not installed; cure: apt-get install runsc")
    runsc = runsc_at(Path(program))
    platforms = tuple(one for one in runsc.platforms if any_platform or one in PREFERRED)
    if not platforms:
        raise Unavailable(
            f"{program} knows only {', '.join(runsc.platforms)}, which is slow and hangs on some kernels: used only "
            f"where this tier is demanded; cure: {CURE}"
        )
    return first_that(lambda platform: _tried(Gvisor(runsc, platform=platform)), platforms)


TIERS: Mapping[str, Callable[[], Sandbox]] = MappingProxyType({"gvisor": _gvisor, "bubblewrap": _bubblewrap})
"""What can be demanded, strongest first."""

PREFERENCE: tuple[Callable[[], Sandbox], ...] = (partial(_gvisor, any_platform=False), _bubblewrap)
"""What is tried in turn where nothing is demanded."""
