"""Packages by purl pattern: one package, or all of a namespace whose names begin alike; versions; paths inside.

Source: docs/decisions/0196.
"""

import re
from dataclasses import dataclass
from typing import Any, Final, Self

from clearinghouse.deconfliction.rules.cells import Cells
from clearinghouse.deconfliction.rules.globs import EVERY_PATH, Glob, shares_a_path
from clearinghouse.deconfliction.rules.lifecycle import TargetKind
from clearinghouse.errors import Malformed
from clearinghouse.standards import purl, vers
from clearinghouse.standards.versions import is_ordered, is_version, sort_key

_LONGEST_RANGE: Final = 2_000
_MOST_PARTS: Final = 64
_SHORTEST: Final = 2
"""Letters with which a pattern without a namespace begins, at least."""


_NO_ONE_VERSION: Final = re.compile(r"[\^~]|.*[*<>=|,()\[\]\s]|(?:|.*\.)[xX](?:\.|-dev|\Z)|.*\.\+\Z|[^0-9]*\Z")
"""What is no single version though some orders give it a place: a range in an ecosystem's own way, or a mere word.

Inside of a version ``^`` and ``~`` are signs of rpm and deb.
"""


@dataclass(frozen=True, slots=True)
class Software:
    """A purl pattern, a range of versions (empty: all), and a pattern of paths (empty: all)."""

    package: str
    """``pkg:TYPE/NAMESPACE/NAME``; a star may end the name."""
    type: str
    name: str
    """As the package's own index writes it, with namespace, without the star."""
    is_prefix: bool = False
    versions: str = ""
    paths: Glob = EVERY_PATH

    kind = TargetKind.SOFTWARE

    @classmethod
    def read(cls, package: str, *, versions: str = "", paths: str = "") -> Self:
        """Return the target of these parts.

        Raises:
            Malformed: no purl, a pattern that is too wide, or versions and paths that do not belong to it.
        """
        is_prefix = package.endswith("*")
        if "*" in package[:-1]:
            raise Malformed(f"{package[:200]!r} has a star inside; one star may end the name: pkg:npm/%40scope/*")
        found = _prefix(package[:-1]) if is_prefix else purl.parse(package)
        if found.version and versions:
            raise Malformed(f"{package!r} has a version and a range beside it; write one of the two")
        if found.subpath and paths:
            raise Malformed(f"{package!r} has a path and a pattern of paths beside it; write one of the two")
        if found.version:
            versions = str(vers.canonical(f"vers:{found.type}/{vers.Constraint('=', found.version)}"))
        name = found.registry_name
        shown = found.package
        if is_prefix:
            name = name.removesuffix(_STAND_IN)
            shown = shown.removesuffix(_STAND_IN) + "*"
        range_text = _range(found.type, versions)
        return cls(shown, found.type, name, is_prefix, range_text, Glob.read(paths or found.subpath))

    def check_versions(self) -> None:
        """Refuse a version that has no place in the order of its type: whom it meets could not be told.

        What is kept is not asked this again; there such a version is held to be any.

        Raises:
            Malformed: there is one.
        """
        if not self.versions or not is_ordered(self.type):
            return
        for one in vers.canonical(self.versions).constraints:
            try:
                sort_key(self.type, one.version)
            except Malformed as refusal:
                raise Malformed(f"{refusal}; {_instead(self.type, one.version)}") from None
            if _NO_ONE_VERSION.match(one.version):
                raise Malformed(f"{one.version!r} is no single version; {_instead(self.type, one.version)}")

    def plain(self) -> dict[str, Any]:
        """Return it as plain data, which ``read`` takes."""
        return {"package": self.package, "versions": self.versions, "paths": self.paths.pattern}

    @property
    def cells(self) -> Cells:
        """Where the index finds it."""
        return Cells((f"software {self.type}",), () if self.is_prefix else (f"software {self.type} {self.name}",))

    @property
    def is_whole(self) -> bool:
        """Whether nothing is left out of what it names."""
        return not self.versions

    def meets(self, other: "Software", *, inside: str = "") -> bool:
        """Say whether both hold one file of one version of one package, in the folder ``inside``."""
        return (
            self.holds_name_of(other)
            and _versions_meet(self.versions, other.versions)
            and shares_a_path(self.paths, other.paths, inside=inside)
        )

    def holds_name_of(self, other: "Software") -> bool:
        """Say whether both name one package."""
        if self.type != other.type:
            return False
        if self.is_prefix and other.is_prefix:
            short, long = sorted((self.name, other.name), key=len)
            return long.startswith(short) and "/" not in long[len(short) :]
        if self.is_prefix or other.is_prefix:
            pattern, exact = (self, other) if self.is_prefix else (other, self)
            return exact.name.startswith(pattern.name) and "/" not in exact.name[len(pattern.name) :]
        return self.name == other.name

    def repositories(self) -> tuple[str, ...]:
        """Return addresses that the purl itself names: ``pkg:github/o/r`` is the repository o/r at GitHub."""
        host = _HOSTS.get(self.type)
        return () if host is None or self.is_prefix else (f"https://{host}/{self.name}",)


_HOSTS: Final = {"bitbucket": "bitbucket.org", "github": "github.com", "gitlab": "gitlab.com"}
_STAND_IN: Final = "zzz"
"""Stands for the rest of a name while its beginning is read; it is lower case, so no type changes it."""


def _prefix(text: str) -> purl.Purl:
    if not text.isprintable() or set(text) & set("*?#@") - {"@"} or "@" in text.rpartition("/")[2]:
        raise Malformed(f"{text + '*'!r} is no pattern of packages; one star may end the name: pkg:npm/%40scope/*")
    found = purl.parse(text + _STAND_IN)
    begins = found.name.removesuffix(_STAND_IN)
    if found.name == begins or found.version or found.qualifiers or found.subpath:
        raise Malformed(f"{text + '*'!r} is no pattern of packages; one star may end the name: pkg:npm/%40scope/*")
    if not found.namespace and len(begins) < _SHORTEST:
        raise Malformed(f"{text + '*'!r} is too wide; name a namespace, or at least {_SHORTEST} letters of the name")
    return found


def _range(kind: str, versions: str) -> str:
    """Return a range in canonical form; empty for all versions."""
    if not versions:
        return ""
    if len(versions) > _LONGEST_RANGE or versions.count("|") >= _MOST_PARTS:
        raise Malformed(f"a range of {len(versions)} characters; at most {_LONGEST_RANGE}, and {_MOST_PARTS} parts")
    found = vers.canonical(versions)
    if found.scheme != kind:
        raise Malformed(f"the range {versions[:80]!r} is of {found.scheme}, the package of {kind}; write vers:{kind}/…")
    return str(found) if found.constraints else ""


def _instead(kind: str, version: str) -> str:
    """Return what to write in its place: the same range in our way, where the ecosystem's own is known."""
    try:
        found = vers.from_native(kind, version)
    except Malformed:
        found = vers.Vers(kind, ())
    several = len(found.constraints) > 1 and all(is_version(kind, one.version) for one in found.constraints)
    range_text = str(found) if several else f"vers:{kind}/>=1.0.0|<2.0.0"
    return f"a range is written {range_text}, and no version means all of them"


def _versions_meet(one: str, other: str) -> bool:
    return not one or not other or vers.overlap(one, other)
