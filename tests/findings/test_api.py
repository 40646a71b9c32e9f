"""Handing in over the API: receipts, limits, scopes, and nothing of anybody else's."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from clearinghouse.findings import submissions
from clearinghouse.findings.models import Submission
from clearinghouse.findings.tasks import read_submission
from clearinghouse.parties.models import Person, Token
from clearinghouse.permissions.rules import Role
from tests.findings.makers import some_files
from tests.findings.test_submissions import a_tar
from tests.parties.makers import a_person, a_token, right_now

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _kept_here(settings: Any, tmp_path: Path) -> None:  # noqa: ANN401 - pytest-django's
    settings.CLEARINGHOUSE_ARTEFACTS = tmp_path / "artefacts"


def a_client(person: Person | None = None, *scopes: str) -> Client:
    who = person or a_person(Role.FINDER, at=right_now())
    token = a_token(who, *(scopes or ("findings",)), at=right_now())
    return Client(headers={"Authorization": f"Bearer {token}"})


def hand_in(client: Client, data: bytes | None = None, **headers: str) -> Any:  # noqa: ANN401 - Django's test answer
    report = SimpleUploadedFile("report.tar.gz", a_tar() if data is None else data)
    return client.post("/api/v1/submissions", {"report": report, "name": "mine"}, headers=headers)


def test_a_report_is_taken_with_a_receipt_and_becomes_a_finding() -> None:
    client = a_client()
    answer = hand_in(client)
    assert answer.status_code == 202 and answer.json()["status"] == "queued"
    where = answer["Location"]
    assert answer["Link"] == f'<{where}>; rel="monitor"' and client.get(where).json()["findings"] == []
    read_submission.call(str(Submission.objects.get().pk))
    told = client.get(where).json()
    assert told["status"] == "processing" and [one["report"] for one in told["findings"]] == ["finder-a/fa-1"]
    (line,) = client.get("/api/v1/findings").json()["items"]
    whole = client.get(f"/api/v1/findings/{line['id']}").json()
    assert whole["document"]["title"] == line["title"] and "proof.yaml" in whole["artefacts"]
    assert client.get(f"/api/v1/findings/{line['id']}/verdict").json()["judged"] is False


def test_the_files_of_a_report_may_come_as_json() -> None:
    files = {name: base64.b64encode(data).decode() for name, data in some_files().items()}
    body = json.dumps({"name": "mine", "files": files})
    client = a_client()
    answer = client.post("/api/v1/submissions/files", body, content_type="application/json")
    assert answer.status_code == 202
    read_submission.call(str(Submission.objects.get().pk))
    assert len(client.get(answer["Location"]).json()["findings"]) == 1


@pytest.mark.parametrize(
    ("files", "code"),
    [({"../a": "YQ=="}, "unsafe-path"), ({"a": "no base64!"}, "invalid-base64"), ({}, "too-short")],
)
def test_files_that_cannot_be_kept_are_refused_at_once(files: dict[str, str], code: str) -> None:
    body = json.dumps({"name": "mine", "files": files})
    answer = a_client().post("/api/v1/submissions/files", body, content_type="application/json")
    assert answer.status_code == 422 and answer.json()["violations"][0]["code"] == code


def test_sending_again_with_the_same_key_hands_in_once() -> None:
    client, data = a_client(), a_tar()
    first, again = (hand_in(client, data, **{"Idempotency-Key": "k"}) for _ in range(2))
    assert first.content == again.content and Submission.objects.count() == 1


def test_a_file_is_an_attachment_that_no_browser_acts_upon() -> None:
    client = a_client()
    hand_in(client)
    read_submission.call(str(Submission.objects.get().pk))
    finding = client.get("/api/v1/findings").json()["items"][0]["id"]
    answer = client.get(f"/api/v1/findings/{finding}/artefacts/proof.yaml")
    assert answer.content == some_files()["proof.yaml"] and answer["Content-Type"] == "application/octet-stream"
    assert answer["X-Content-Type-Options"] == "nosniff" and answer["Content-Disposition"].startswith("attachment;")
    assert "sandbox" in answer["Content-Security-Policy"]
    assert client.get(f"/api/v1/findings/{finding}/artefacts/..%2fx").status_code == 404


def test_nothing_of_another_organization_is_told_from_what_is_absent() -> None:
    mine, other = a_client(), a_client()
    where = hand_in(mine)["Location"]
    read_submission.call(str(Submission.objects.get().pk))
    finding = mine.get("/api/v1/findings").json()["items"][0]["id"]
    absent = other.get("/api/v1/submissions/SUB-NONE").content
    places = [where, *(f"/api/v1/findings/{finding}{rest}" for rest in ("", "/verdict", "/artefacts/proof.yaml"))]
    for place in (*places, f"{where}/settled"):
        answer = other.get(place)
        assert answer.status_code == 404 and answer.content == absent
    assert other.get("/api/v1/findings").json() == other.get("/api/v1/submissions").json()


def test_a_token_does_only_what_it_was_issued_for() -> None:
    person = a_person(Role.FINDER, at=right_now())
    reader = a_client(person, "findings:finding:read")
    answer = hand_in(reader)
    assert answer.status_code == 403 and "scope" in answer.json()["detail"] and not Submission.objects.exists()


def test_a_revoked_token_is_refused_at_the_next_request() -> None:
    client = a_client()
    assert client.get("/api/v1/findings").status_code == 200
    Token.objects.update(revoked_at=right_now())
    assert client.get("/api/v1/findings").status_code == 401


def test_more_than_a_persons_share_of_an_hour_is_refused_with_when_to_come_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(submissions, "MOST_AN_HOUR", 2)
    client = a_client()
    assert [hand_in(client).status_code for _ in range(3)] == [202, 202, 429]
    answer = hand_in(client)
    assert 0 < int(answer["Retry-After"]) <= 3601 and answer.json()["code"] == "too-many-requests"
    assert hand_in(a_client()).status_code == 202


def test_what_an_operation_does_not_name_is_refused() -> None:
    person = a_person(Role.FINDER, at=right_now())
    body = {"name": "a", "files": {"a": ""}, "organization": str(person.pk), "state": "taken-in", "receipt": "SUB-1"}
    answer = a_client(person).post("/api/v1/submissions/files", json.dumps(body), content_type="application/json")
    assert answer.status_code == 422 and not Submission.objects.exists()
    assert {one["code"] for one in answer.json()["violations"]} == {"extra-forbidden"}
    assert len(answer.json()["violations"]) == 3


def test_lists_come_page_by_page_without_gaps() -> None:
    client = a_client()
    made = [hand_in(client).json()["receipt"] for _ in range(5)]
    seen: list[str] = []
    cursor = ""
    for _ in range(3):
        page = client.get("/api/v1/submissions", {"limit": "2", "cursor": cursor}).json()
        seen += [one["receipt"] for one in page["items"]]
        cursor = page["next"] or ""
    assert sorted(seen) == sorted(made) and not cursor
    assert client.get("/api/v1/submissions", {"cursor": "!"}).json()["violations"][0]["code"] == "cursor-unusable"
