"""What the installed ``runsc`` can do, and the command line that makes a strong wall of it."""

import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from clearinghouse.errors import Unavailable

NEEDED: Final = frozenset({"rootless", "network", "platform", "root", "host-fifo", "ignore-cgroups"})
WANTED: Final = (
    ("overlay2", "none"),  # nothing of a job is kept on a disk
    ("file-access-mounts", "exclusive"),  # what is mounted does not change under a job
    ("directfs", "false"),  # its kernel opens no file of this machine by itself
)
"""Options that not every build has."""
PLATFORMS: Final = ("systrap", "ptrace")
"""Ways to catch system calls that need no rights of their own, the quicker first."""
PREFERRED: Final = frozenset({"systrap"})
"""Platforms worth choosing unasked: ptrace is given up by its makers, slow, and was seen to hang on recent kernels."""
CURE: Final = "install a newer runsc (2023 or later)"
ASK_SECONDS: Final = 20.0


@dataclass(frozen=True, slots=True)
class Runsc:
    """An installed ``runsc``."""

    program: Path
    flags: frozenset[str]
    platforms: tuple[str, ...]
    """Those of ``PLATFORMS`` that it knows."""

    def run(self, *, state: Path, bundle: Path, platform: str) -> list[str]:
        """Return the command that runs ``bundle`` without rights and network; it keeps its notes in ``state``."""
        given = [f"--{name}={value}" for name, value in WANTED if name in self.flags]
        return [
            str(self.program),
            "--rootless",
            "--network=none",
            f"--platform={platform}",
            "--ignore-cgroups",
            "--host-fifo=open",
            *given,
            f"--root={state}",
            "run",
            f"--bundle={bundle}",
            bundle.name,  # names the socket by which it is controlled, machine-wide
        ]


def runsc_at(program: Path) -> Runsc:
    """Return what ``program`` can do.

    Raises:
        Unavailable: it does not tell, or lacks what a sandbox needs.
    """
    try:
        asked = subprocess.run(
            (str(program), "flags"), capture_output=True, text=True, check=False, timeout=ASK_SECONDS, env={}, cwd="/"
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable(f"{program} does not tell its options: {error}; cure: {CURE}") from None
    return said_to(program, asked.stdout + asked.stderr)


def said_to(program: Path, text: str) -> Runsc:
    """Return what ``program`` can do by its list of options.

    Raises:
        Unavailable: it lacks what a sandbox needs.
    """
    flags = frozenset(re.findall(r"^\s+-([\w-]+)", text, re.MULTILINE))
    if missing := NEEDED - flags:
        raise Unavailable(f"{program} has no --{', --'.join(sorted(missing))}; cure: {CURE}")
    described = re.search(r"^\s+-platform string\n(.*)$", text, re.MULTILINE)
    platforms = tuple(one for one in PLATFORMS if described and re.search(rf"\b{one}\b", described[1]))
    if not platforms:
        raise Unavailable(f"{program} knows no platform of {', '.join(PLATFORMS)}; cure: {CURE}")
    return Runsc(program, flags, platforms)


def first_that[T](works: Callable[[str], T], platforms: tuple[str, ...]) -> T:
    """Return what ``works`` makes of the first platform on which it does not refuse.

    Raises:
        Unavailable: it refused on each; says what it said of each.
    """
    refusals = []
    for platform in platforms:
        try:
            return works(platform)
        except Unavailable as refusal:
            refusals.append(f"on {platform} {refusal}")
    raise Unavailable("; ".join(refusals))
