"""in-toto statements: what is said of which files, by digest. Source: in-toto Attestation Framework, Statement v1."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from clearinghouse.errors import Malformed, Refused
from clearinghouse.strict import dump_canonical, load_json

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")


@dataclass(frozen=True, slots=True)
class Statement:
    """Files by digest and what is said of them."""

    subjects: Mapping[str, str]
    """Name (relative POSIX path) → lower-case hex SHA-256."""
    predicate_type: str
    predicate: Mapping[str, Any]

    def dump(self) -> bytes:
        """Return the statement as canonical JSON, subjects in order of their names."""
        return dump_canonical(
            {
                "_type": STATEMENT_TYPE,
                "subject": [
                    {"name": name, "digest": {"sha256": digest}} for name, digest in sorted(self.subjects.items())
                ],
                "predicateType": self.predicate_type,
                "predicate": dict(self.predicate),
            }
        )


def parse_statement(data: bytes) -> Statement:
    """Return the statement that ``data`` holds.

    Raises:
        Malformed: it is not a Statement v1 with a SHA-256 for each subject, or a name stands twice.
    """
    try:
        found = load_json(data)
    except Refused as refusal:
        raise Malformed(f"the statement is not sound JSON: {refusal}") from None
    try:
        pairs = [(one["name"], one["digest"]["sha256"]) for one in found["subject"]]
        kind, predicate_type, predicate = found["_type"], found["predicateType"], found["predicate"]
    except (KeyError, TypeError):
        raise Malformed("this is not an in-toto statement with a SHA-256 for each subject") from None
    subjects = dict(pairs)
    if kind != STATEMENT_TYPE:
        raise Malformed(f"the statement is of type {kind!r}; {STATEMENT_TYPE} would be right")
    if len(subjects) != len(pairs):
        raise Malformed("a name stands twice among the subjects; which digest holds could not be told")
    if not all(isinstance(name, str) and isinstance(one, str) and _SHA256.match(one) for name, one in pairs):
        raise Malformed("a subject's digest is not a lower-case hex SHA-256")
    if not isinstance(predicate_type, str) or not isinstance(predicate, dict):
        raise Malformed("the predicate is not an object with a type")
    return Statement(subjects, predicate_type, predicate)
