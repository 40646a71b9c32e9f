"""The store of files by their content: every proof, patch, test and source file of a report, kept once.

An artefact is named by its digest, ``sha256:`` and 64 hex digits. What is written is on disk before `Artefacts.put`
returns, and what is read is hashed again, so that neither a killed process nor a changed file goes unnoticed.
"""

import hashlib
import os
import re
import tempfile
from pathlib import Path

from clearinghouse.errors import Malformed, NotFound

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}\Z")


def digest_of(data: bytes) -> str:
    """Return the name of these bytes: ``sha256:`` and 64 hex digits."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def open_artefacts(where: Path | str) -> "Artefacts":
    """Return the store at ``where``: a folder."""
    return Artefacts(Path(where))


class Artefacts:
    """A folder of files named by their content."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, data: bytes) -> str:
        """Keep ``data`` and return its digest; keeping it again changes nothing."""
        digest = digest_of(data)
        path = self.path(digest)
        if self._holds(path, digest):
            return digest
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".writing-", dir=path.parent)
        unfinished = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fchmod(file.fileno(), 0o644)
                os.fsync(file.fileno())
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)
        _keep_names(path.parent)
        return digest

    def get(self, digest: str) -> bytes:
        """Return the bytes behind ``digest``, hashed again.

        Raises:
            Malformed: ``digest`` is not a digest.
            NotFound: nothing is kept under it, or what is kept is no longer what it was.
        """
        path = self.path(digest)
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            raise NotFound(f"no artefact {digest} is kept") from None
        if digest_of(data) != digest:
            raise NotFound(f"the artefact {digest} was changed on disk; hand the report in again")
        return data

    def path(self, digest: str) -> Path:
        """Return where ``digest`` is or would be kept.

        Raises:
            Malformed: ``digest`` is not ``sha256:`` and 64 hex digits.
        """
        if not _DIGEST.match(digest):
            raise Malformed(f"{digest[:80]!r} is not a digest; it would be sha256: and 64 hex digits")
        name = digest.removeprefix("sha256:")
        return self.root / name[:2] / name

    def has(self, digest: str) -> bool:
        """Say whether something is kept under ``digest``.

        Raises:
            Malformed: ``digest`` is not ``sha256:`` and 64 hex digits.
        """
        return self.path(digest).is_file()

    def _holds(self, path: Path, digest: str) -> bool:
        try:
            return digest_of(path.read_bytes()) == digest
        except FileNotFoundError:
            return False


def _keep_names(folder: Path) -> None:
    """Put the folder's entries on disk, so that a new name outlives a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
