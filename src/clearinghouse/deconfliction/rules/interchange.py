"""The records that Scrutineer's instances exchange: who claims a finding, who opted out, where to report, what held.

One statement says the same of each of its subjects; here a record has one subject. Predicates are closed, so that no
finding's body is ever carried along. The readers and writers are our own. Source: Scrutineer, docs/interchange.md and
its published schema, version 1 of each kind; docs/decisions/0192.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from posixpath import normpath
from typing import Any, Final

from clearinghouse.deconfliction.rules.targets.repository import Repository
from clearinghouse.errors import Malformed
from clearinghouse.signing.statements import STATEMENT_TYPE, Statement, parse_statement
from clearinghouse.strict import dump_canonical

_BASE: Final = "https://github.com/alpha-omega-security/scrutineer/interchange/"
_LONGEST: Final = 2_000
_MOST_SUBJECTS: Final = 100
_POSITION: Final = re.compile(r":\d+(?:-\d+)?\Z", re.ASCII)
_SHA256: Final = re.compile(r"[0-9a-f]{64}\Z")


class RecordKind(StrEnum):
    """What a record says."""

    CERTIFICATE = "certificate"
    CLAIM = "claim"
    OPT_OUT = "optout"
    ROUTE = "route"


_PARTS: Final[Mapping[RecordKind, tuple[frozenset[str], frozenset[str]]]] = {
    RecordKind.CERTIFICATE: (
        frozenset({"repository", "advisory", "status", "audited_at"}),
        frozenset({"advisory_url", "commit"}),
    ),
    RecordKind.CLAIM: (frozenset({"contact"}), frozenset()),
    RecordKind.OPT_OUT: (frozenset({"repository", "requested_at"}), frozenset({"reason"})),
    RecordKind.ROUTE: (frozenset({"repository", "channel", "verified_at"}), frozenset()),
}
"""Of each kind: the parts that must be there, and those that may."""
_MAY_BE_EMPTY: Final = frozenset({"advisory_url", "commit", "reason"})
_MOMENTS: Final = frozenset({"audited_at", "requested_at", "verified_at"})


@dataclass(frozen=True, slots=True)
class Interchanged:
    """One record."""

    kind: RecordKind
    subject: str
    digest: str
    """SHA-256 of the subject, in hex; of a claim, the salted hash of the finding."""
    said: Mapping[str, str]
    """The predicate: the parts of its kind, and no other."""

    def target(self) -> Repository | None:
        """Return the repository that it is about; None: it names none.

        Raises:
            Malformed: it names something that is no address of a repository.
        """
        return Repository.read(self.said["repository"]) if "repository" in self.said else None

    def dump(self) -> bytes:
        """Return it as canonical JSON."""
        return dump_canonical(self.plain())

    def plain(self) -> dict[str, Any]:
        """Return it as the statement that is exchanged."""
        return {
            "_type": STATEMENT_TYPE,
            "subject": [{"name": self.subject, "digest": {"sha256": self.digest}}],
            "predicateType": f"{_BASE}{self.kind}/v1",
            "predicate": dict(self.said),
        }


def read_record(data: bytes) -> Interchanged:
    """Return the record that ``data`` holds.

    Raises:
        Malformed: as for ``read_records``, or it is about several subjects.
    """
    found = read_records(data)
    if len(found) != 1:
        raise Malformed(f"a statement about {len(found)} subjects; one is right here")
    return found[0]


def read_records(data: bytes) -> tuple[Interchanged, ...]:
    """Return the records of the statement that ``data`` holds: one for each of its subjects.

    Raises:
        Malformed: it is no statement, of no kind that is exchanged, or its predicate lacks or smuggles something.
    """
    return _records(parse_statement(data))


def _records(read: Statement) -> tuple[Interchanged, ...]:
    name, slash, version = read.predicate_type.removeprefix(_BASE).partition("/")
    kinds = ", ".join(RecordKind)
    if not read.predicate_type.startswith(_BASE) or name not in set(RecordKind):
        raise Malformed(f"a record of type {read.predicate_type[:120]!r}; known are {kinds}")
    if slash + version != "/v1":
        raise Malformed(f"version {version!r} of {name}; v1 is read")
    if not 1 <= len(read.subjects) <= _MOST_SUBJECTS:
        raise Malformed(f"a record about {len(read.subjects)} subjects; 1 to {_MOST_SUBJECTS} in one statement")
    if not all(read.subjects):
        raise Malformed("a subject has no name")
    kind = RecordKind(name)
    said = _said(kind, read.predicate)
    return tuple(Interchanged(kind, subject, digest, said) for subject, digest in read.subjects.items())


def _said(kind: RecordKind, predicate: Mapping[str, Any]) -> dict[str, str]:
    needed, others = _PARTS[kind]
    missing, smuggled = sorted(needed - set(predicate)), sorted(set(predicate) - needed - others)
    if missing or smuggled:
        wrong = " and ".join(
            [
                *([f"lacks {', '.join(missing)}"] if missing else []),
                *([f"carries {', '.join(smuggled)}"] if smuggled else []),
            ]
        )
        raise Malformed(f"a record of kind {kind} {wrong}; it has {', '.join(sorted(needed))} and nothing of a finding")
    for name, value in predicate.items():
        if not isinstance(value, str) or len(value) > _LONGEST or not (value or name in _MAY_BE_EMPTY):
            raise Malformed(f"{name} of a {kind} is no text of 1 to {_LONGEST} characters")
        if name in _MOMENTS:
            _moment(name, value)
    if kind is RecordKind.CERTIFICATE and predicate["status"] != "fixed":
        raise Malformed(f"a certificate of status {predicate['status'][:40]!r}; it is fixed, or there is none")
    return dict(predicate)


def _moment(name: str, value: str) -> datetime:
    try:
        read: datetime | None = datetime.fromisoformat(value)
    except ValueError:
        read = None
    if read is None or read.tzinfo is None:
        raise Malformed(f"{name} is {value[:40]!r}; write a date and time with its timezone, as RFC 3339 does")
    return read


def opt_out(repository: str, *, requested_at: datetime, reason: str = "") -> Interchanged:
    """Return the record that a repository's maintainer does not want it scanned."""
    url = repository_name(repository)
    said = {"repository": url, "requested_at": _written(requested_at)} | ({"reason": reason} if reason else {})
    return Interchanged(RecordKind.OPT_OUT, url, _sha256(url), said)


def claim(finding: str, *, contact: str) -> Interchanged:
    """Return the record that somebody holds the finding of this salted hash, and whom to talk to.

    Raises:
        Malformed: it is no such hash, or there is no contact.
    """
    if not _SHA256.match(finding) or not contact.strip():
        raise Malformed("a claim has the hash of a finding in hex, and a contact")
    return Interchanged(RecordKind.CLAIM, "finding", finding, {"contact": contact.strip()})


def finding_hash(salt: str, *, repository: str, location: str, weaknesses: Iterable[str]) -> str:
    """Return the name under which instances that share a salt know one finding, and nobody else does."""
    named = ",".join(sorted(one for each in weaknesses if (one := each.strip().upper())))
    return _sha256("\0".join([salt, repository_name(repository), _place(location), named]))


def repository_name(repository: str) -> str:
    """Return the address of a repository as records spell it."""
    return repository.strip().lower().rstrip("/").removesuffix(".git")


def _place(location: str) -> str:
    place = location.split("\n", maxsplit=1)[0].strip()
    while found := _POSITION.search(place):
        place = place[: found.start()]
    place = place.replace("\\", "/").strip()
    while place.startswith("./"):
        place = place.removeprefix("./")
    return normpath(place).lower() if place else ""


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
