"""Wheels, sdists and npm tarballs become folders: regular files only, within limits, never ``extractall``.

Every file gets the same old time, so that a file that is changed later is known by its time, and compiled forms of
the original are not used for it.
"""

import errno
import os
from pathlib import Path, PurePosixPath
from typing import Final

from clearinghouse.archives import ArchiveLimits, Member, read_archive
from clearinghouse.errors import NotPossible, Refused, Unavailable

LIMITS: Final = ArchiveLimits(strict=False)
UNPACKED_AT: Final = 946_684_800
"""2000-01-01, the modification time of every unpacked file."""

ITS_OWN_FAULT: Final = frozenset({errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ENAMETOOLONG, errno.EINVAL})
"""A file where another member needs a folder, or a name that no file can have."""

INTO_ROOT: Final = frozenset({"purelib", "platlib", "data"})
"""Parts of a wheel's ``.data`` folder that belong beside its modules; scripts and headers are not needed."""


def unpack_wheel(wheel: Path, goal: Path) -> None:
    """Unpack ``wheel`` into ``goal``, a folder for ``sys.path``.

    Raises:
        NotPossible: it is damaged or breaks a limit.
        Unavailable: this machine cannot write it, such as for want of space.
    """
    for member in _members(wheel):
        parts = PurePosixPath(member.name).parts
        if parts[0].endswith(".data") and len(parts) > 2:  # noqa: PLR2004 folder, scheme, and a file
            if parts[1] in INTO_ROOT:
                _write(goal.joinpath(*parts[2:]), member)
        else:
            _write(goal / member.name, member)


def unpack_tree(archive: Path, goal: Path) -> None:
    """Unpack an sdist or npm tarball into ``goal`` without the one folder that holds everything.

    Raises:
        NotPossible: it is damaged or breaks a limit.
        Unavailable: this machine cannot write it, such as for want of space.
    """
    for member in _members(archive):
        parts = PurePosixPath(member.name).parts
        if len(parts) > 1:
            _write(goal.joinpath(*parts[1:]), member)


def write_file(file: Path, data: bytes, *, executable: bool = False) -> None:
    """Write a file as unpacked files are: its folders made, its time the common one."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    file.chmod(0o755 if executable else 0o644)
    os.utime(file, (UNPACKED_AT, UNPACKED_AT))


def _write(file: Path, member: Member) -> None:
    try:
        write_file(file, member.data, executable=member.executable)
    except OSError as error:
        kind = NotPossible if error.errno in ITS_OWN_FAULT else Unavailable
        raise kind(f"{member.name} cannot be unpacked: {error.strerror}") from None


def _members(archive: Path) -> "list[Member]":
    try:
        return list(read_archive(archive, LIMITS))
    except Refused as refusal:
        raise NotPossible(f"{archive.name} cannot be unpacked: {refusal}") from None
