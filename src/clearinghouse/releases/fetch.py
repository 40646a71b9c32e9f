"""Files of releases, fetched once, checked against the digest their index states, shared by all jobs."""

import hashlib
import re
from base64 import b64decode
from pathlib import Path
from typing import Final

from clearinghouse.errors import NotPossible, Unavailable
from clearinghouse.releases import download
from clearinghouse.releases.rules import ReleaseFile
from clearinghouse.releases.supply import FILES, Supply

MOST_BYTES: Final = 256 * 1024 * 1024
ALGORITHMS: Final = ("sha512", "sha384", "sha256", "sha1")
"""Strongest first; an SRI string may name several digests."""

_SRI = re.compile(r"(?P<algorithm>sha\d+)-(?P<digest>[A-Za-z0-9+/]+={0,2})")


class Files:
    """The cache of fetched files, addressed by the digest of their content."""

    def __init__(self, cache: Path, supply: Supply = Supply()) -> None:  # noqa: B008 - frozen
        """Keep files under ``cache``."""
        self._keeping = supply.keeping(cache, FILES)

    def fetched(self, file: ReleaseFile) -> Path:
        """Return ``file`` on this machine; its content has the digest that the index states.

        Raises:
            NotFound: the index lists the file but does not have it.
            NotPossible: it is too large, or the index states no digest that can be checked.
            Unavailable: it cannot be had, or what came is not what the index states.
        """
        algorithm, digest = expected(file.digest)

        def fetch(goal: Path) -> None:
            download.into(goal, file.url, most_bytes=MOST_BYTES, what=file.name)
            with goal.open("rb") as content:
                found = hashlib.file_digest(content, algorithm).hexdigest()
            if found != digest:
                raise Unavailable(f"{file.name} has {algorithm} {found}, but its index states {digest}; it is not used")

        return self._keeping.file(f"{algorithm}-{digest}", fetch)


def expected(digest: str) -> tuple[str, str]:
    """Return algorithm and hex digest of ``sha256:hex`` or of the strongest part of an SRI string.

    Raises:
        NotPossible: it states no digest we can check.
    """
    algorithm, colon, value = digest.partition(":")
    if colon and algorithm in ALGORITHMS:
        return algorithm, value.lower()
    stated = {found["algorithm"]: found["digest"] for found in _SRI.finditer(digest)}
    for algorithm in ALGORITHMS:
        if algorithm in stated:
            return algorithm, b64decode(stated[algorithm]).hex()
    raise NotPossible(f"{digest!r} is no digest that can be checked")


def sha256_of(file: Path) -> str:
    """Return ``sha256:hex`` of a file's content."""
    with file.open("rb") as content:
        return f"sha256:{hashlib.file_digest(content, 'sha256').hexdigest()}"
