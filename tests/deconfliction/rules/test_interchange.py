"""Tests of deconfliction/rules/interchange.py: records as their published description has them, and what is none."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearinghouse.deconfliction.rules.interchange import (
    Interchanged,
    RecordKind,
    claim,
    finding_hash,
    opt_out,
    read_record,
    read_records,
    repository_name,
)
from clearinghouse.errors import Malformed

BASE = "https://github.com/alpha-omega-security/scrutineer/interchange"
REPOSITORY = "https://github.com/org/project"
MOMENT = "2026-11-23T12:00:00Z"
PREDICATES: dict[str, dict[str, Any]] = {
    "certificate": {"repository": REPOSITORY, "advisory": "GHSA-1", "status": "fixed", "audited_at": MOMENT},
    "claim": {"contact": "security@peer.example"},
    "optout": {"repository": REPOSITORY, "requested_at": MOMENT, "reason": "we have no time"},
    "route": {"repository": REPOSITORY, "channel": "security@project.example", "verified_at": MOMENT},
}


def a_record(kind: str = "optout", **changes: object) -> dict[str, Any]:
    subject = {"name": "finding" if kind == "claim" else REPOSITORY, "digest": {"sha256": "a" * 64}}
    record = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [subject],
        "predicateType": f"{BASE}/{kind}/v1",
        "predicate": PREDICATES[kind],
    }
    return record | changes


def read(record: dict[str, Any]) -> Interchanged:
    return read_record(json.dumps(record).encode())


@pytest.mark.parametrize("kind", PREDICATES)
def test_a_record_of_each_kind_is_read_and_written_alike(kind: str) -> None:
    found = read(a_record(kind))
    assert found.kind == kind and found.plain() == a_record(kind)
    assert read_record(found.dump()) == found


def test_a_statement_about_several_subjects_is_a_record_of_each() -> None:
    subjects = [{"name": name, "digest": {"sha256": digest * 64}} for name, digest in (("one", "a"), ("two", "b"))]
    several = json.dumps(a_record("claim", subject=subjects)).encode()
    found = read_records(several)
    assert [(one.subject, one.digest) for one in found] == [("one", "a" * 64), ("two", "b" * 64)]
    assert [read_record(one.dump()) for one in found] == list(found)
    with pytest.raises(Malformed, match="2 subjects; one is right"):
        read_record(several)
    many = [{"name": str(number), "digest": {"sha256": "a" * 64}} for number in range(101)]
    with pytest.raises(Malformed, match="1 to 100"):
        read_records(json.dumps(a_record(subject=many)).encode())


def test_an_envelope_may_carry_what_in_toto_allows() -> None:
    record = a_record()
    record["subject"][0]["digest"]["sha512"] = "b" * 128
    record["subject"][0]["uri"] = "https://x.example"
    assert read(record | {"extension": 1}).kind is RecordKind.OPT_OUT


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (a_record(predicate=PREDICATES["optout"] | {"severity": "high"}), "carries severity"),
        (a_record(predicate={"repository": REPOSITORY}), "lacks requested_at"),
        (a_record(predicate=PREDICATES["optout"] | {"requested_at": "yesterday"}), "RFC 3339"),
        (a_record(predicate=PREDICATES["optout"] | {"requested_at": "2026-11-23T12:00:00"}), "timezone"),
        (a_record(predicate=PREDICATES["optout"] | {"repository": ""}), "no text"),
        (a_record(predicate=PREDICATES["optout"] | {"reason": 7}), "no text"),
        (a_record("certificate", predicate=PREDICATES["certificate"] | {"status": "open"}), "it is fixed"),
        (a_record("claim", predicate={"contact": ""}), "no text"),
        (a_record(predicateType=f"{BASE}/gossip/v1"), "known are"),
        (a_record(predicateType=f"{BASE}/optout/v2"), "v1 is read"),
        (a_record(predicateType="https://elsewhere.example/optout/v1"), "known are"),
        (a_record(_type="https://in-toto.io/Statement/v0.1"), "of type"),
        (a_record(subject=[]), "0 subjects"),
        (a_record(subject=[{"name": "a", "digest": {"sha256": "A" * 64}}]), "lower-case"),
        (a_record(subject=[{"name": "", "digest": {"sha256": "a" * 64}}]), "no name"),
        (a_record(subject=[{"name": "a", "digest": {}}]), "SHA-256"),
    ],
)
def test_what_is_no_record_is_refused_with_what_is_wrong(record: dict[str, Any], reason: str) -> None:
    with pytest.raises(Malformed, match=reason):
        read(record)


@given(st.binary(max_size=200))
def test_bytes_of_any_kind_are_read_or_refused(data: bytes) -> None:
    with pytest.raises(Malformed):
        read_record(data)


def test_an_opt_out_names_the_repository_and_its_digest() -> None:
    made = opt_out("https://GitHub.com/Org/Project.git/", requested_at=datetime(2026, 11, 23, 12, tzinfo=UTC))
    assert made.subject == made.said["repository"] == REPOSITORY
    assert made.digest == hashlib.sha256(REPOSITORY.encode()).hexdigest()
    assert made.said["requested_at"] == MOMENT and read_record(made.dump()) == made
    target = made.target()
    assert target is not None and target.url == REPOSITORY


def test_a_salted_hash_is_made_as_published() -> None:
    joined = "salt\0https://git.example/a/b\0lib/x.c\0CWE-20,CWE-79"
    same = finding_hash(
        "salt", repository="https://Git.example/a/b.git", location=".\\lib\\X.c:42:7", weaknesses=["cwe-79", " CWE-20"]
    )
    assert same == hashlib.sha256(joined.encode()).hexdigest()
    assert same == finding_hash(
        "salt", repository="https://git.example/a/b/", location="lib/x.c:10-20", weaknesses=["CWE-20", "CWE-79"]
    )
    assert same != finding_hash("other", repository="https://git.example/a/b", location="lib/x.c", weaknesses=[])


def test_a_claim_needs_a_hash_and_somebody_to_talk_to() -> None:
    assert claim("a" * 64, contact="me@x.example").subject == "finding"
    for finding, contact in (("a" * 63, "me"), ("A" * 64, "me"), ("a" * 64, " ")):
        with pytest.raises(Malformed):
            claim(finding, contact=contact)


def test_the_spelling_of_a_repository_is_one() -> None:
    assert repository_name(" https://X.example/A/B.git/ ") == "https://x.example/a/b"
