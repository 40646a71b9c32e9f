"""What a job leaves behind, brought back: the sandbox packs it, we read it as bytes from a stranger."""

from collections.abc import Mapping

from clearinghouse.archives import ArchiveLimits, read_archive
from clearinghouse.errors import Refused

MOST_FILES = 5_000
HEADER_BYTES = 1024
"""What the packing adds to each file."""


def collected(packed: bytes, folder: str, *, limit_bytes: int) -> Mapping[str, bytes]:
    """Return the regular files of a tar that a sandbox made of ``folder``, by path below it.

    Symbolic links, devices and pipes are passed over; a file with two names comes as two files. What comes after a
    damaged or oversized place is left out.
    """
    total_bytes = limit_bytes + MOST_FILES * HEADER_BYTES
    limits = ArchiveLimits(files=MOST_FILES, file_bytes=limit_bytes, total_bytes=total_bytes, strict=False)
    prefix = folder.rstrip("/") + "/"
    found = {}
    try:
        for member in read_archive(packed, limits):
            if member.name.startswith(prefix):
                found[member.name.removeprefix(prefix)] = member.data
    except Refused:
        return found
    return found
