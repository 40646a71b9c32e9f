"""Reports in an archive: the bounded reader of ``clearinghouse.archives`` under the limits and names of a report."""

import gzip
import io
import tarfile
from collections.abc import Mapping

from clearinghouse.archives import ArchiveLimits, read_archive
from clearinghouse.errors import Problem, Refused
from clearinghouse.findings.folders import LIMITS, FolderLimits, check_name, passed_over, refusal

ARCHIVE_BYTES = 16 * 1024 * 1024
RATIO = 100
RATIO_FROM_BYTES = 1024 * 1024
ENDINGS = (".tar.gz", ".tgz", ".tar", ".zip")

_ZIP_ENTRY = b"PK\x01\x02"


def looks_like_archive(start: bytes) -> bool:
    """Say whether a file that begins with ``start`` (at least 262 bytes, when it has them) is a zip or tar archive."""
    return start[:4] in (b"PK\x03\x04", b"PK\x05\x06") or start[:2] == b"\x1f\x8b" or start[257:262] == b"ustar"


def read_report_archive(data: bytes, *, limits: FolderLimits = LIMITS) -> dict[str, bytes]:
    """Return every file of a report's archive by its name; a folder that holds everything is left out of the names.

    An archive inside it is a file like any other and is not opened.

    Raises:
        Refused: the codes of `clearinghouse.archives.read_archive`; ``unsafe-path``, ``duplicate-name``,
            ``case-collision``; ``too-large``.
    """
    if len(data) > ARCHIVE_BYTES:
        raise refusal("too-large", "", f"{len(data)} bytes; at most {ARCHIVE_BYTES} are read", "send less")
    if data.startswith(b"PK") and data.count(_ZIP_ENTRY) > 2 * limits.files:
        raise refusal("too-many-files", "", f"more than {limits.files} files", "send only what the report names")
    allowed = ArchiveLimits(
        files=limits.files,
        file_bytes=limits.file_bytes,
        total_bytes=limits.total_bytes,
        ratio=RATIO,
        ratio_from_bytes=RATIO_FROM_BYTES,
    )
    found: dict[str, bytes] = {}
    folded: dict[str, str] = {}
    try:
        for member in read_archive(data, allowed):
            check_name(member.name, folded)
            if member.name.count("/") > limits.depth + 1:
                fix = "put the files higher"
                raise refusal("too-deep", member.name, "folders lie too deep inside each other", fix)
            found[member.name] = member.data
    except Refused as found_wrong:
        raise Refused(tuple(_shown(one) for one in found_wrong.problems)) from None
    return {name: content for name, content in _without_top(found).items() if not passed_over(name)}


def packed(files: Mapping[str, bytes]) -> bytes:
    """Return files as an archive, in an order and with times that content decides.

    Raises:
        Refused: a name is unsafe, or stands twice but for capital letters.
    """
    folded: dict[str, str] = {}
    kept = io.BytesIO()
    with tarfile.open(fileobj=kept, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, data in sorted(files.items()):
            check_name(name, folded)
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    whole = kept.getvalue()
    return whole if len(whole) <= ARCHIVE_BYTES else gzip.compress(whole, mtime=0)


def _without_top(files: dict[str, bytes]) -> dict[str, bytes]:
    tops = {name.partition("/")[0] for name in files if not passed_over(name)}
    if len(tops) != 1 or any(name in tops for name in files):
        return files
    (top,) = tops
    return {name.removeprefix(f"{top}/"): content for name, content in files.items() if name.startswith(f"{top}/")}


def _shown(problem: Problem) -> Problem:
    reason = "".join(one if one.isprintable() else "\ufffd" for one in problem.reason)
    return Problem(problem.code, problem.field, reason, problem.fix)
