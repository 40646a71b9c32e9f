"""The order of versions: exact for Python (PEP 440) and for semantic versions as npm reads them.

Other ecosystems are compared by ``univers``, which is slow to import and therefore waits until it is asked; where it
knows no order, the answer is a refusal, never a guess.

Source: PEP 440; Semantic Versioning 2.0.0 section 11; node-semver ``classes/semver.js``; docs/decisions/0012.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from clearinghouse.errors import Malformed

_NUMBER = r"(0|[1-9][0-9]*)"
_IDENTIFIER = r"(?:0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9A-Za-z-]*)"
_SEMVER = re.compile(
    rf"v?{_NUMBER}\.{_NUMBER}\.{_NUMBER}(?:-({_IDENTIFIER}(?:\.{_IDENTIFIER})*))?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?\Z"
)
_DASHLESS = re.compile(r"^(v?[0-9]+\.[0-9]+\.[0-9]+)(?=[a-zA-Z])")
"""npm also reads its oldest versions, which lack the dash before a pre-release: ``1.0.2beta``."""
_LONGEST = 256
_LARGEST = 2**53 - 1
SEMVER_TYPES = frozenset({"npm", "cargo", "hex", "pub", "swift"})
"""purl types whose versions follow Semantic Versioning 2.0.0."""
_FOREIGN_TYPES = frozenset(
    {"alpm", "apk", "composer", "conan", "deb", "ebuild", "gem", "golang", "maven", "nginx", "nuget", "openssl", "rpm"}
)


@lru_cache(maxsize=65536)
def sort_key(kind: str, version: str) -> Any:  # noqa: ANN401
    """Return a key by which versions of the purl type ``kind`` sort; equal versions have equal keys.

    Keys of different types are not comparable.

    Raises:
        Malformed: it is no version of that type, or versions of that type have no order here.
    """
    if len(version) > _LONGEST:
        raise Malformed(f"a version of {len(version)} characters; at most {_LONGEST}")
    if kind == "pypi":
        return _pep440(version)
    if kind in SEMVER_TYPES:
        return _semver(_DASHLESS.sub(r"\1-", version) if kind == "npm" else version)
    return _foreign(kind, version)


def is_ordered(kind: str) -> bool:
    """Say whether versions of the purl type ``kind`` have an order here."""
    return kind == "pypi" or kind in SEMVER_TYPES or kind in _FOREIGN_TYPES


def is_version(kind: str, version: str) -> bool:
    """Say whether ``version`` has a place in the order of its type."""
    try:
        sort_key(kind, version)
    except Malformed:
        return False
    return True


def is_prerelease(kind: str, version: str) -> bool:
    """Say whether a Python or semantic version is a pre-release (alpha, beta, candidate, development)."""
    key = sort_key(kind, version)
    return bool(key.is_prerelease) if kind == "pypi" else not key[3][0]


def in_order(kind: str, versions: Iterable[str]) -> tuple[str, ...]:
    """Return the versions from oldest to newest.

    Raises:
        Malformed: one of them has no place in the order.
    """
    return tuple(sorted(versions, key=lambda one: sort_key(kind, one)))


def _pep440(version: str) -> Any:  # noqa: ANN401
    from packaging.version import InvalidVersion, Version

    try:
        return Version(version)
    except InvalidVersion:
        raise Malformed(f"{version!r} is no PEP 440 version") from None


def _semver(version: str) -> tuple[int, int, int, tuple[Any, ...]]:
    found = _SEMVER.match(version.strip())
    if found is None:
        raise Malformed(f"{version!r} is no semantic version; write MAJOR.MINOR.PATCH")
    numbers = int(found[1]), int(found[2]), int(found[3])
    if max(numbers) > _LARGEST:
        raise Malformed(f"{version!r} has a number above {_LARGEST}")
    if found[4] is None:
        return (*numbers, (1,))
    parts = tuple((0, int(one), "") if one.isdigit() else (1, 0, one) for one in found[4].split("."))
    return (*numbers, (0, *parts))


def _foreign(kind: str, version: str) -> Any:  # noqa: ANN401
    if kind not in _FOREIGN_TYPES:
        raise Malformed(f"versions of {kind} packages have no order here")
    from univers.nuget import InvalidNuGetVersion
    from univers.version_range import RANGE_CLASS_BY_SCHEMES
    from univers.versions import InvalidVersion

    version_class: Any = getattr(RANGE_CLASS_BY_SCHEMES.get(kind), "version_class", None)
    try:
        return version_class(version)
    except (InvalidVersion, InvalidNuGetVersion, ValueError, TypeError):
        raise Malformed(f"{version!r} is no {kind} version") from None
