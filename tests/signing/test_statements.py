"""Statements, and that the in-toto library takes them for its own."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearinghouse.errors import Malformed
from clearinghouse.signing.statements import STATEMENT_TYPE, Statement, parse_statement

DIGEST = "ab" * 32


def a_statement() -> Statement:
    return Statement({"report.json": DIGEST, "proofs/a.yaml": "cd" * 32}, "https://example.org/p/v1", {"a": [1, "x"]})


@given(st.dictionaries(st.text(min_size=1, max_size=20), st.just(DIGEST), max_size=5))
def test_what_is_written_is_read_back(subjects: dict[str, str]) -> None:
    statement = Statement(subjects, "https://example.org/p/v1", {"k": None})
    assert parse_statement(statement.dump()) == statement


def test_the_in_toto_library_reads_ours() -> None:
    from google.protobuf.json_format import Parse  # type: ignore[import-untyped]
    from in_toto_attestation.v1 import statement_pb2  # type: ignore[import-untyped]

    foreign = Parse(a_statement().dump().decode(), statement_pb2.Statement())
    assert {one.name: one.digest["sha256"] for one in foreign.subject} == dict(a_statement().subjects)


def test_the_in_toto_library_finds_nothing_missing() -> None:
    from in_toto_attestation.v1.resource_descriptor import ResourceDescriptor  # type: ignore[import-untyped]
    from in_toto_attestation.v1.statement import Statement as Foreign  # type: ignore[import-untyped]

    ours = json.loads(a_statement().dump())
    subjects = [ResourceDescriptor(name=one["name"], digest=one["digest"]).pb for one in ours["subject"]]
    Foreign(subjects, ours["predicateType"], ours["predicate"]).validate()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"_type": "https://in-toto.io/Statement/v0.1"}, "Statement/v0.1"),
        ({"subject": [{"name": "a", "digest": {"sha1": "x"}}]}, "SHA-256 for each"),
        ({"subject": [{"name": "a", "digest": {"sha256": "AB" * 32}}]}, "lower-case hex"),
        ({"subject": [{"name": "a", "digest": {"sha256": DIGEST}}] * 2}, "twice"),
        ({"predicate": []}, "not an object"),
        ({"subject": None}, "SHA-256 for each"),
    ],
)
def test_what_is_not_a_statement_is_refused(change: dict[str, Any], says: str) -> None:
    found = json.loads(a_statement().dump()) | change
    with pytest.raises(Malformed, match=says):
        parse_statement(json.dumps(found).encode())


def test_broken_json_is_refused() -> None:
    with pytest.raises(Malformed, match="sound JSON"):
        parse_statement(b'{"_type":')


def test_the_type_is_the_published_one() -> None:
    assert STATEMENT_TYPE == "https://in-toto.io/Statement/v1"
