"""How long programs of this machine have waited for a processor, as the kernel counts it."""

from pathlib import Path

CPU = Path("/proc/pressure/cpu")
MICROSECONDS = 1_000_000
BUSY = 0.25
"""Share of a time in which some program waited for a processor, from which the machine counts as busy."""
OWN_SHARE = 0.8
"""Share of its time that a program must have had from a processor itself, on a busy machine, before its end counts."""


def waited_seconds(source: Path = CPU) -> float | None:
    """Return for how many seconds, since the machine started, some program waited; None where nobody counts."""
    try:
        some = source.read_text("ascii").splitlines()[0]
        return int(some.rpartition("total=")[2]) / MICROSECONDS
    except (OSError, ValueError, IndexError):
        return None


def pressure(before: float | None, after: float | None, wall_seconds: float) -> float | None:
    """Return the share of the time in which some program waited for a processor; None where nobody counts."""
    if before is None or after is None or wall_seconds <= 0:
        return None
    return min(1.0, max(0.0, (after - before) / wall_seconds))


def is_starved(
    cpu_seconds: float, limit_seconds: float, share: float | None, *, waited_seconds: float | None = None
) -> bool:
    """Say whether it was for others that a program did not have its time; where nobody counts, that is taken for so.

    Args:
        cpu_seconds: what it had of a processor.
        limit_seconds: what it might have had.
        share: of that time, in which some program of this machine waited for a processor; None: not known.
        waited_seconds: for how long it waited for one itself, which decides where it is known: what had not used its
            time even without waiting was asleep, however busy the machine.
    """
    if cpu_seconds >= OWN_SHARE * limit_seconds:
        return False
    if waited_seconds is not None:
        return cpu_seconds + waited_seconds >= OWN_SHARE * limit_seconds
    return share is None or share >= BUSY
