"""The store of files by their content: every proof, patch, test and source file of a report, kept once.

A folder, or a bucket for an office of many machines. An artefact is named by its digest, ``sha256:`` and 64 hex digits.
What is written is kept before `Artefacts.put` returns, and what is read is hashed again, so that neither a killed
process nor a changed file goes unnoticed.
"""

import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

from clearinghouse.errors import Malformed, NotFound, Unavailable

_S3 = "s3://"
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}\Z")


def digest_of(data: bytes) -> str:
    """Return the name of these bytes: ``sha256:`` and 64 hex digits."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def open_artefacts(where: Path | str) -> "Artefacts":
    """Return the store at ``where``: a folder, or ``s3://bucket/prefix`` (``?endpoint=https://…`` for others than AWS).

    Raises:
        Malformed: it begins with s3:// and names no bucket.
    """
    return BucketArtefacts(str(where)) if str(where).startswith(_S3) else Artefacts(Path(where))


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

    def remove(self, digest: str) -> None:
        """Forget what is kept under ``digest``, if anything is; whoever erases knows that nothing else needs it.

        Raises:
            Malformed: ``digest`` is not ``sha256:`` and 64 hex digits.
        """
        self.path(digest).unlink(missing_ok=True)

    def _holds(self, path: Path, digest: str) -> bool:
        try:
            return digest_of(path.read_bytes()) == digest
        except FileNotFoundError:
            return False


class BucketArtefacts(Artefacts):
    """The same in a bucket of a store that speaks S3; keys and secrets come from where boto3 looks for them."""

    def __init__(self, address: str) -> None:
        said = urlsplit(address)
        if not said.netloc:
            raise Malformed(f"{address!r} names no bucket; it would be s3://bucket/prefix")
        super().__init__(Path(said.path.strip("/")))
        self._bucket = said.netloc
        self._endpoint = parse_qs(said.query).get("endpoint", [None])[0]
        self._making, self._made = Lock(), cast("Any", None)

    def put(self, data: bytes) -> str:
        """Keep ``data`` and return its digest; keeping it again changes nothing.

        Raises:
            Unavailable: the store does not answer.
        """
        digest = digest_of(data)
        if self._read(digest) != data:
            with self._answering():
                self._client().put_object(Bucket=self._bucket, Key=self._key(digest), Body=data)
        return digest

    def get(self, digest: str) -> bytes:
        """Return the bytes behind ``digest``, hashed again.

        Raises:
            Malformed: ``digest`` is not a digest.
            NotFound: nothing is kept under it, or what is kept is no longer what it was.
            Unavailable: the store does not answer.
        """
        data = self._read(digest)
        if data is None:
            raise NotFound(f"no artefact {digest} is kept")
        if digest_of(data) != digest:
            raise NotFound(f"the artefact {digest} was changed in the store; hand the report in again")
        return data

    def has(self, digest: str) -> bool:
        """Say whether something is kept under ``digest``.

        Raises:
            Malformed: ``digest`` is not ``sha256:`` and 64 hex digits.
            Unavailable: the store does not answer.
        """
        with self._answering():
            try:
                self._client().head_object(Bucket=self._bucket, Key=self._key(digest))
            except self._client().exceptions.ClientError as error:
                if _is_missing(error):
                    return False
                raise
        return True

    def remove(self, digest: str) -> None:
        """Forget what is kept under ``digest``, if anything is.

        Raises:
            Malformed: ``digest`` is not ``sha256:`` and 64 hex digits.
            Unavailable: the store does not answer.
        """
        with self._answering():
            self._client().delete_object(Bucket=self._bucket, Key=self._key(digest))

    def _key(self, digest: str) -> str:
        return self.path(digest).as_posix()

    def _read(self, digest: str) -> bytes | None:
        with self._answering():
            try:
                found = self._client().get_object(Bucket=self._bucket, Key=self._key(digest))
            except self._client().exceptions.ClientError as error:
                if _is_missing(error):
                    return None
                raise
            data: bytes = found["Body"].read()
        return data

    def _client(self) -> Any:  # noqa: ANN401 - boto3 makes its clients' types when it runs
        """Return the one client of this store; it is safe from any thread."""
        with self._making:
            if self._made is None:
                import boto3  # type: ignore[import-untyped]  # half a second, and only where a bucket is used

                self._made = boto3.session.Session().client("s3", endpoint_url=self._endpoint)
            return self._made

    @contextmanager
    def _answering(self) -> Iterator[None]:
        from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped]

        try:
            yield
        except (BotoCoreError, ClientError) as error:
            raise Unavailable(f"the artefacts' bucket {self._bucket} does not answer as it should: {error}") from None


def _is_missing(error: Any) -> bool:  # noqa: ANN401 - botocore's
    return error.response.get("Error", {}).get("Code") in {"NoSuchKey", "404", "NotFound"}


def _keep_names(folder: Path) -> None:
    """Put the folder's entries on disk, so that a new name outlives a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
