"""Reports are taken in once, whole or not at all, and one that is refused stands in nobody's way."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from clearinghouse.artefacts import Artefacts, digest_of
from clearinghouse.errors import Conflict, NotPermitted
from clearinghouse.findings import queries
from clearinghouse.findings.actions import take_in
from clearinghouse.findings.discovery import discover
from clearinghouse.findings.models import Finding, RefusedReport
from clearinghouse.findings.rules import FINDING, FindingState, FindingStep
from clearinghouse.ledger.audit import audit
from clearinghouse.ledger.models import Event
from clearinghouse.parties.actions import local_actor
from clearinghouse.parties.rules import LOCAL
from clearinghouse.permissions.rules import Actor, Role
from clearinghouse.records import advance
from tests.findings.makers import CALLS, a_folder, a_proof, a_report, some_files

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
LATER = datetime(2026, 11, 23, 13, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def _take_in(*paths: Path, at: datetime = NOON) -> list[Finding | RefusedReport]:
    actor = local_actor(at=at)
    kept = Artefacts(paths[0].parent / "artefacts")
    return [made for handed in discover(paths) for made in take_in(handed, artefacts=kept, actor=actor, at=at)]


def _a_report_at(path: Path, files: Mapping[str, bytes] | None = None) -> Path:
    for old in path.glob("*"):
        old.unlink()
    return a_folder(path, some_files() if files is None else files)


def test_a_report_becomes_a_finding_with_its_files(tmp_path: Path) -> None:
    (finding,) = _take_in(_a_report_at(tmp_path / "a"))
    assert isinstance(finding, Finding) and finding.state == FindingState.TAKEN_IN
    assert finding.artefacts["proof.yaml"] == digest_of(CALLS)
    assert queries.files_of(finding, Artefacts(tmp_path / "artefacts"))["proof.yaml"] == CALLS
    assert queries.report_of(finding).title == "Loading runs commands"


def test_the_document_as_it_came_is_kept(tmp_path: Path) -> None:
    (finding,) = _take_in(_a_report_at(tmp_path / "a"))
    assert isinstance(finding, Finding)
    assert Artefacts(tmp_path / "artefacts").get(finding.source_digest) == some_files()["report.json"]


def test_a_program_keeps_what_lies_beside_it(tmp_path: Path) -> None:
    report = a_report(proofs=[a_proof(kind="program", entry="proof.py", benign=None)])
    files = some_files(report, proof__py=b"import more\n", more__py=b"", notes__txt=b"")
    (finding,) = _take_in(_a_report_at(tmp_path / "a", files))
    assert isinstance(finding, Finding) and {"proof.py", "more.py", "notes.txt"} <= set(finding.artefacts)


def test_handing_in_again_changes_nothing(tmp_path: Path) -> None:
    first = _take_in(_a_report_at(tmp_path / "a"))
    events = Event.objects.count()
    assert _take_in(tmp_path / "a", at=LATER) == first and Event.objects.count() == events


def test_comments_and_layout_are_not_content(tmp_path: Path) -> None:
    first = _take_in(_a_report_at(tmp_path / "a"))
    again = some_files() | {"report.json": b"\n\n" + some_files()["report.json"]}
    assert _take_in(_a_report_at(tmp_path / "a", again), at=LATER) == first


def test_other_content_under_one_id_is_a_new_version(tmp_path: Path) -> None:
    (old,) = _take_in(_a_report_at(tmp_path / "a"))
    (new,) = _take_in(_a_report_at(tmp_path / "a", some_files(a_report(title="Better"))), at=LATER)
    old.refresh_from_db()
    assert isinstance(new, Finding) and isinstance(old, Finding)
    assert (new.supersedes, old.state) == (old, FindingState.SUPERSEDED)
    assert list(queries.findings_for(LOCAL)) == [new] and list(queries.due_judging()) == [new]


def test_two_finders_may_use_one_id(tmp_path: Path) -> None:
    one = _a_report_at(tmp_path / "a")
    other = _a_report_at(tmp_path / "b", some_files(a_report(finder="finder-b")))
    assert all(isinstance(made, Finding) for made in _take_in(one, other))
    assert Finding.objects.count() == 2


def test_a_refused_report_stands_in_nobody_s_way(tmp_path: Path) -> None:
    _a_report_at(tmp_path / "in" / "a", some_files() | {"report.json": b'{"tlp": 1, "tlp": 2}'})
    _a_report_at(tmp_path / "in" / "b")
    (tmp_path / "in" / "c.zip").write_bytes(b"PK\x03\x04no")
    refused_a, finding, refused_c = _take_in(tmp_path / "in")
    assert isinstance(finding, Finding)
    assert isinstance(refused_a, RefusedReport) and refused_a.problems[0]["code"] == "duplicate-key"
    assert isinstance(refused_c, RefusedReport) and refused_c.problems[0]["code"] == "damaged"
    assert [one.name for one in queries.refused_reports_for(LOCAL)] == ["a", "c.zip"]


def test_the_same_refusal_is_kept_once(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"?")
    first = _take_in(tmp_path / "a.txt")
    assert _take_in(tmp_path / "a.txt", at=LATER) == first


def test_a_mended_report_replaces_its_refusal(tmp_path: Path) -> None:
    _take_in(_a_report_at(tmp_path / "a", {"report.json": b"{"}))
    (finding,) = _take_in(_a_report_at(tmp_path / "a"), at=LATER)
    assert isinstance(finding, Finding) and not queries.refused_reports_for(LOCAL).exists()


def test_another_refusal_under_one_name_replaces_the_first(tmp_path: Path) -> None:
    _take_in(_a_report_at(tmp_path / "a", {"report.json": b"{"}))
    _take_in(_a_report_at(tmp_path / "a", {"report.json": b"[]"}), at=LATER)
    assert [one.problems[0]["code"] for one in queries.refused_reports_for(LOCAL)] == ["wrong-type"]


def test_every_act_is_in_the_ledger(tmp_path: Path) -> None:
    _take_in(_a_report_at(tmp_path / "a"))
    _take_in(_a_report_at(tmp_path / "a", some_files(a_report(title="Better"))), at=LATER)
    _take_in(_a_report_at(tmp_path / "b", {"report.json": b"{"}))
    verbs = list(
        Event.objects.filter(verb__startswith="findings:").order_by("at", "verb").values_list("verb", flat=True)
    )
    assert sorted(verbs) == [
        "findings:finding:supersede",
        "findings:finding:take-in",
        "findings:finding:take-in",
        "findings:refused-report:keep",
    ]
    assert audit().faults == ()


def test_a_finding_is_judged_settled_and_opened_again(tmp_path: Path) -> None:
    (finding,) = _take_in(_a_report_at(tmp_path / "a"))
    assert isinstance(finding, Finding)
    for step in (FindingStep.JUDGE, FindingStep.SETTLE, FindingStep.REOPEN):
        advance(finding, FINDING, step, actor=LOCAL, at=LATER)
    assert list(queries.due_judging()) == [finding]


def test_a_stranger_may_not_hand_in_and_leaves_no_trace(tmp_path: Path) -> None:
    stranger = Actor(id=LOCAL.id, name="stranger", roles=frozenset({Role.OPERATOR}))
    (handed,) = discover([_a_report_at(tmp_path / "a")])
    with pytest.raises(NotPermitted):
        take_in(handed, artefacts=Artefacts(tmp_path / "artefacts"), actor=stranger, at=NOON)
    assert not Finding.objects.exists() and not Event.objects.exists() and not (tmp_path / "artefacts").exists()


def test_a_finder_sees_only_the_findings_of_their_own_organization(tmp_path: Path) -> None:
    (finding,) = _take_in(_a_report_at(tmp_path / "a"))
    assert isinstance(finding, Finding)
    finder = Actor(id=LOCAL.id, name="f", roles=frozenset({Role.FINDER}), organization=LOCAL.organization)
    other = Actor(id=LOCAL.id, name="o", roles=frozenset({Role.FINDER}), organization=LOCAL.id)
    assert queries.findings_for(finder).count() == 1 and queries.findings_for(other).count() == 0
    assert queries.finding_for(finder, finding.key) == finding


def test_a_finding_moved_by_another_is_not_moved_again(tmp_path: Path) -> None:
    (finding,) = _take_in(_a_report_at(tmp_path / "a"))
    assert isinstance(finding, Finding)
    stale = Finding.objects.get(pk=finding.pk)
    advance(finding, FINDING, FindingStep.JUDGE, actor=LOCAL, at=LATER)
    with pytest.raises(Conflict):
        advance(stale, FINDING, FindingStep.JUDGE, actor=LOCAL, at=LATER)
