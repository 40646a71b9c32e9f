"""What a gVisor sandbox is made of: the OCI bundle that ``runsc run`` reads."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from clearinghouse.sandbox.profile import Limits
from clearinghouse.sandbox.walls import ENVIRONMENT, INSIDE_ID, MEMORY_FOLDERS, resource_limits

CHANNELS: Final = "/.channels"
"""Where the named pipes lie that join the first process to us; empty once the sandbox is up."""
READ_ONLY: Final = ["rbind", "ro", "nosuid", "nodev"]
IN_MEMORY: Final = ["nosuid", "nodev", "mode=0755", f"uid={INSIDE_ID}", f"gid={INSIDE_ID}"]


def bundle(
    *,
    rootfs: Path,
    channels: Path,
    mounts: Iterable[tuple[Path, str]],
    command: Sequence[str],
    env: Mapping[str, str],
    limits: Limits,
) -> dict[str, Any]:
    """Return the content of ``config.json``: no capability, nothing writable but the folders in memory.

    Args:
        rootfs: folder with a place for each mount.
        channels: folder with the named pipes; writable only because a pipe is, the job's user may make nothing there.
        mounts: folder or file of this machine and where it is seen inside; the outer before the inner.
        command: the first process.
        env: the environment beyond what every job gets.
        limits: what each process may use, and how large the folders in memory are.
    """
    return {
        "ociVersion": "1.0.2",
        "hostname": "sandbox",
        "root": {"path": str(rootfs), "readonly": True},
        "process": {
            "user": {"uid": INSIDE_ID, "gid": INSIDE_ID},
            "cwd": "/job",
            "args": list(command),
            "env": [f"{name}={value}" for name, value in {**ENVIRONMENT, **env}.items()],
            "capabilities": {},
            "noNewPrivileges": True,
            "rlimits": [{"type": name, "hard": most, "soft": most} for name, most in resource_limits(limits).items()],
        },
        "mounts": [
            {"destination": "/proc", "type": "proc", "source": "proc"},
            {"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid"]},
            {"destination": CHANNELS, "type": "bind", "source": str(channels), "options": ["rw", "nosuid", "noexec"]},
            *(
                {"destination": inside, "type": "bind", "source": str(source), "options": READ_ONLY}
                for source, inside in mounts
            ),
            *(
                {
                    "destination": folder,
                    "type": "tmpfs",
                    "source": "tmpfs",
                    "options": [*IN_MEMORY, f"size={limits.work_bytes}"],
                }
                for folder in MEMORY_FOLDERS
            ),
        ],
        "linux": {"namespaces": [{"type": kind} for kind in ("pid", "network", "ipc", "uts", "mount")]},
    }
