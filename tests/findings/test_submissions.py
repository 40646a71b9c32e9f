"""What is handed in is kept as it came, read apart and later, and becomes findings or one refusal."""

import io
import secrets
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from clearinghouse.artefacts import Artefacts
from clearinghouse.errors import NotFound, NotPermitted, Refused
from clearinghouse.findings import queries
from clearinghouse.findings.actions import keep_files
from clearinghouse.findings.intake.reading import read_bytes
from clearinghouse.findings.models import Finding, RefusedReport, Submission
from clearinghouse.findings.receipts import receipt_from
from clearinghouse.findings.rules import FindingState, SubmissionState
from clearinghouse.findings.submissions import hand_in, take_in_submission
from clearinghouse.findings.tasks import read_submission
from clearinghouse.ledger.models import Event
from clearinghouse.parties.rules import CLEARINGHOUSE
from clearinghouse.permissions.rules import Actor, Role
from tests.findings.makers import a_report, some_files
from tests.parties.makers import NOON, an_organization

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _kept_here(settings: Any, tmp_path: Path) -> None:  # noqa: ANN401 - pytest-django's
    settings.CLEARINGHOUSE_ARTEFACTS = tmp_path / "artefacts"


def a_tar(files: Mapping[str, bytes] | None = None) -> bytes:
    kept = io.BytesIO()
    with tarfile.open(fileobj=kept, mode="w:gz") as archive:
        for name, data in (files or some_files()).items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return kept.getvalue()


def a_zip(files: Mapping[str, bytes]) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return kept.getvalue()


def a_finder() -> Actor:
    home = an_organization()
    return Actor(home.pk, "finder", frozenset({Role.FINDER}), home.pk)


def handed_in(data: bytes, tmp_path: Path, *, actor: Actor, name: str = "report.tar.gz") -> Submission:
    receipt = receipt_from(secrets.token_bytes(26))
    kept = Artefacts(tmp_path / "artefacts")
    return hand_in(data, name=name, receipt=receipt, artefacts=kept, actor=actor, at=NOON)


def read(submission: Submission) -> Submission:
    read_submission.call(str(submission.pk))
    submission.refresh_from_db()
    return submission


def test_a_submission_is_kept_as_it_came_and_written_in_the_ledger(tmp_path: Path) -> None:
    data, actor = a_tar(), a_finder()
    made = handed_in(data, tmp_path, actor=actor)
    assert Artefacts(tmp_path / "artefacts").get(made.digest) == data
    assert made.state == SubmissionState.QUEUED and queries.progress_of(made) == "queued"
    assert Event.objects.get(subject=str(made.pk)).verb == "findings:submission:hand-in"
    assert [turn.args for turn in queries.due_submissions()] == [(made.pk,)]


def test_what_was_read_becomes_findings_of_the_organization_that_handed_it_in(tmp_path: Path) -> None:
    actor = a_finder()
    made = read(handed_in(a_tar(), tmp_path, actor=actor))
    (finding,) = made.findings.all()
    assert made.state == SubmissionState.TAKEN_IN and finding.organization_id == actor.organization
    assert finding.report["title"] == a_report()["title"] and set(finding.artefacts) >= {"proof.yaml", "fix.patch"}
    assert queries.progress_of(made) == "processing" and not list(queries.due_submissions())
    assert queries.finding_for(actor, finding.key) == finding


def test_a_submission_is_read_once(tmp_path: Path) -> None:
    made = read(handed_in(a_tar(), tmp_path, actor=a_finder()))
    read(made)
    assert Finding.objects.count() == 1
    kept = keep_files(read_bytes(a_tar(), name="r.tgz"), artefacts=Artefacts(tmp_path / "artefacts"))
    with pytest.raises(NotPermitted, match="queued"):
        take_in_submission(made, kept, artefacts=Artefacts(tmp_path / "artefacts"), actor=CLEARINGHOUSE, at=NOON)


def test_what_cannot_be_taken_in_is_refused_with_every_problem_and_makes_no_finding(tmp_path: Path) -> None:
    wrong = some_files(a_report(target="nonsense", title=None))
    made = read(handed_in(a_tar(wrong), tmp_path, actor=a_finder()))
    assert made.state == SubmissionState.REFUSED and len(made.problems) > 1
    assert not Finding.objects.exists() and not RefusedReport.objects.exists()
    assert queries.progress_of(made) == "done"


def test_the_same_content_of_two_organizations_stays_two_findings(tmp_path: Path) -> None:
    one, other = a_finder(), a_finder()
    first, second = (read(handed_in(a_tar(), tmp_path, actor=actor)) for actor in (one, other))
    mine, theirs = first.findings.get(), second.findings.get()
    assert mine != theirs and mine.key != theirs.key
    assert mine.state == theirs.state == FindingState.TAKEN_IN
    with pytest.raises(NotFound):
        queries.finding_for(one, theirs.key)
    assert read(handed_in(a_tar(), tmp_path, actor=other)).findings.get() == theirs


def test_nobody_replaces_the_report_of_another_organization_by_its_name(tmp_path: Path) -> None:
    one, other = a_finder(), a_finder()
    first = read(handed_in(a_tar(), tmp_path, actor=one)).findings.get()
    read(handed_in(a_tar(some_files(a_report(title="Mine now"))), tmp_path, actor=other))
    first.refresh_from_db()
    assert first.state == FindingState.TAKEN_IN
    newer = read(handed_in(a_tar(some_files(a_report(title="Better said"))), tmp_path, actor=one)).findings.get()
    first.refresh_from_db()
    assert first.state == FindingState.SUPERSEDED and newer.supersedes == first


def test_a_submission_of_another_organization_is_absent(tmp_path: Path) -> None:
    made = handed_in(a_tar(), tmp_path, actor=a_finder())
    with pytest.raises(NotFound):
        queries.submission_for(a_finder(), made.receipt)


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (b"", "a.zip", "empty"),
        (b"x" * (16 * 1024 * 1024 + 1), "a.zip", "too-large"),
        (b"x", "a\nb", "control-characters"),
    ],
)
def test_what_cannot_be_kept_is_refused_at_the_door(tmp_path: Path, data: bytes, name: str, code: str) -> None:
    with pytest.raises(Refused) as refusal:
        handed_in(data, tmp_path, actor=a_finder(), name=name)
    assert [one.code for one in refusal.value.problems] == [code] and not Submission.objects.exists()


def test_whoever_has_no_right_to_report_hands_in_nothing(tmp_path: Path) -> None:
    with pytest.raises(NotPermitted):
        handed_in(a_tar(), tmp_path, actor=Actor(an_organization().pk, "x", frozenset({Role.AUDITOR})))
