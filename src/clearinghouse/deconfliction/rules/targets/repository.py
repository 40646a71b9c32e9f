"""Source repositories: an address, commits, and paths inside."""

import re
from dataclasses import dataclass
from typing import Any, Final, Self
from urllib.parse import urlsplit

from clearinghouse.deconfliction.rules.cells import Cells
from clearinghouse.deconfliction.rules.globs import EVERY_PATH, Glob, shares_a_path
from clearinghouse.deconfliction.rules.lifecycle import TargetKind
from clearinghouse.errors import Malformed
from clearinghouse.standards import purl

_LONGEST: Final = 500
_COMMIT: Final = re.compile(r"(?:[0-9a-f]{40}|[0-9a-f]{64})\Z")
_RANGE: Final = re.compile(r"(?P<base>[0-9a-f]{40}|[0-9a-f]{64})\.\.(?P<tip>[0-9a-f]{40}|[0-9a-f]{64})\Z")
_SCP: Final = re.compile(r"(?:[\w.-]+@)?(?P<host>[\w.-]+):(?P<path>[^/:][^:]*)\Z")
_PATH: Final = re.compile(r"[\w.~+@%-]+(?:/[\w.~+@%-]+)*\Z", re.ASCII)
_ANY_CASE: Final = frozenset({"bitbucket.org", "codeberg.org", "github.com", "gitlab.com"})
"""Hosts that read the names of repositories in any case."""


_TYPES: Final = {"bitbucket.org": "bitbucket", "github.com": "github", "gitlab.com": "gitlab"}


@dataclass(frozen=True, slots=True)
class Repository:
    """An address in its one form, commits (empty: all; one; or ``base..tip`` as git reads it), and paths."""

    url: str
    commits: str = ""
    paths: Glob = EVERY_PATH

    kind = TargetKind.REPOSITORY

    @classmethod
    def read(cls, url: str, *, commits: str = "", paths: str = "") -> Self:
        """Return the target of these parts.

        Raises:
            Malformed: no address of a repository, or commits that are not full ids.
        """
        commits = commits.lower()
        if commits and not _COMMIT.match(commits) and not _RANGE.match(commits):
            raise Malformed(f"{commits[:140]!r} names no commits; write a full id, or BASE..TIP of two full ids")
        return cls(address(url), commits, Glob.read(paths))

    def plain(self) -> dict[str, Any]:
        """Return it as plain data, which ``read`` takes."""
        return {"url": self.url, "commits": self.commits, "paths": self.paths.pattern}

    @property
    def cells(self) -> Cells:
        """Where the index finds it."""
        return Cells((), (f"repository {self.url}",))

    @property
    def is_whole(self) -> bool:
        """Whether nothing is left out of what it names."""
        return not self.commits

    def packages(self) -> tuple[str, ...]:
        """Return purls that name the repository itself: ``pkg:github/o/r``."""
        host, _, path = self.url.removeprefix("https://").partition("/")
        if host not in _TYPES or path.count("/") != 1:
            return ()
        namespace, name = path.split("/")
        return (purl.build(_TYPES[host], name, namespace=namespace).package,)

    def meets(self, other: "Repository", *, inside: str = "") -> bool:
        """Say whether both can hold one file at one commit, in the folder ``inside``."""
        return (
            self.url == other.url
            and _commits_meet(self.commits, other.commits)
            and shares_a_path(self.paths, other.paths, inside=inside)
        )


def address(url: str) -> str:
    """Return the one form of a repository's address: ``https://host/path``, whatever it is fetched by.

    Raises:
        Malformed: it is none.
    """
    refusal = Malformed(f"{url[:120]!r} is no address of a repository; write https://HOST/PATH")
    if len(url) > _LONGEST:
        raise refusal
    if "://" not in url and (short := _SCP.match(url)):
        host, path = short["host"], short["path"]
    else:
        try:
            parts = urlsplit(url)
            host, path, port = parts.hostname or "", parts.path, parts.port
        except ValueError:
            raise refusal from None
        if parts.scheme.removeprefix("git+") not in ("http", "https", "ssh", "git") or parts.query or parts.fragment:
            raise refusal
        if port not in (None, 22, 80, 443, 9418):
            host = f"{host}:{port}"
    host, path = host.lower().rstrip("."), path.strip("/").removesuffix(".git").rstrip("/")
    if not host or not _PATH.match(path) or {".", ".."} & set(path.split("/")):
        raise refusal
    return f"https://{host}/{path.lower() if host in _ANY_CASE else path}"


def _commits_meet(one: str, other: str) -> bool:
    """Say whether two sets of commits can have one in common; the order of commits is not known here.

    They are apart where their ids alone show it: two different commits; a commit and a range that begins after it; a
    range that begins where the other ends, as ``b..c`` holds nothing that leads to ``b``.
    """
    if not one or not other or one == other:
        return True
    first, second = _RANGE.match(one), _RANGE.match(other)
    if first and second:
        return first["tip"] != second["base"] and second["tip"] != first["base"]
    if first:
        return other != first["base"]
    if second:
        return one != second["base"]
    return False
