"""The intake that Akrites describes: receipts, every code, and what became of a report, to whom it may be told."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from clearinghouse.findings import submissions
from clearinghouse.findings.codes import TAP_CODES
from clearinghouse.findings.models import Submission
from clearinghouse.findings.tasks import read_submission
from clearinghouse.permissions.rules import Role
from tests.advisories.world import signed_in
from tests.findings.test_api import a_client, hand_in
from tests.parties.makers import a_person, an_organization, right_now

pytestmark = pytest.mark.django_db
REPORT = {"purl": "pkg:pypi/pyyaml@5.3", "ecosystem": "PyPI", "software": "pyyaml", "versions": ["5.3"]}
ATTACHED = {"filename": "a.txt", "data": "YQ==", "content_type": "text/plain"}
DEEP: dict[str, Any] = {"a": {"a": {"a": {"a": {"a": {"a": {"a": {"a": {"a": 1}}}}}}}}}
WRONG: dict[str, dict[str, Any]] = {
    "control_characters": {"software": "a\u0007"},
    "degenerate_value": {"software": " "},
    "field_not_allowed": {"unknown": 1},
    "field_too_large": {"software": "x" * 257},
    "invalid_attachment_type": {"attachments": [ATTACHED | {"type": "x"}]},
    "invalid_base64": {"attachments": [ATTACHED | {"data": "!"}]},
    "invalid_commit": {"fixed_commit": "zz"},
    "invalid_content_type": {"attachments": [ATTACHED | {"content_type": "text/html"}]},
    "invalid_email": {"email": "nobody"},
    "invalid_filename": {"attachments": [ATTACHED | {"filename": "../a"}]},
    "invalid_notify": {"notify": "often"},
    "invalid_purl": {"purl": "nonsense"},
    "invalid_reference": {"references": ["ftp:/x"]},
    "invalid_repo_url": {"package_repo_url": "git@x"},
    "invalid_symbol_line": {"affected_symbol": {"line": -1}},
    "invalid_upstream_id": {"upstream_ids": ["?"]},
    "missing_field": {"attachments": [{"filename": "a", "data": "YQ=="}]},
    "purl_ecosystem_mismatch": {"ecosystem": "npm"},
    "structure_too_deep": {"enrichment": DEEP},
    "too_many_items": {"versions": ["1"] * 65},
    "unknown_ecosystem": {"ecosystem": "nowhere"},
    "wrong_type": {"software": 1},
}


@pytest.fixture(autouse=True)
def _kept_here(settings: Any, tmp_path: Path) -> None:  # noqa: ANN401 - pytest-django's
    settings.CLEARINGHOUSE_ARTEFACTS = tmp_path / "artefacts"


def send(client: Client, body: object) -> Any:  # noqa: ANN401 - Django's test answer
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return client.post("/tap/v1/reports", raw, content_type="application/json")


def test_every_code_of_the_interface_is_tried() -> None:
    assert set(WRONG) == set(TAP_CODES)


@pytest.mark.parametrize("code", list(WRONG))
def test_a_violation_is_told_by_its_code_at_once(code: str) -> None:
    answer = send(a_client(), REPORT | WRONG[code])
    assert answer.status_code == (413 if code in {"field_too_large", "too_many_items"} else 422)
    assert code in {one["code"] for one in answer.json()["errors"]}
    assert not Submission.objects.exists()


@pytest.mark.parametrize(
    ("changed", "field", "other"),
    [
        ({"ecosystem": "npm"}, "purl", "ecosystem"),
        ({"exploit": "import yaml"}, "exploit_content_type", "exploit"),
        ({"raw_content_type": "text/plain"}, "raw", "raw_content_type"),
        (
            {"attachments": [ATTACHED, ATTACHED | {"filename": "A.TXT"}]},
            "attachments[1].filename",
            "attachments[0].filename",
        ),
        ({"software": " "}, "software", ""),
    ],
)
def test_a_violation_that_two_fields_make_names_both(changed: dict[str, Any], field: str, other: str) -> None:
    (told,) = send(a_client(), REPORT | changed).json()["errors"]
    assert (told["field"], told["also_field"]) == (field, other)


def test_what_is_missing_beside_a_package_url_that_is_not_there_names_it() -> None:
    told = send(a_client(), {"versions": ["5.3"]}).json()["errors"]
    assert [(one["field"], one["also_field"]) for one in told] == [("ecosystem", "purl"), ("software", "purl")]


@pytest.mark.parametrize(
    ("raw", "code"),
    [(b'{"a": 1, "a": 2}', "field_not_allowed"), (b'{"a": "\xff"}', "invalid_utf8"), (b"[]", "wrong_type")],
)
def test_a_body_that_two_readers_would_read_differently_is_refused(raw: bytes, code: str) -> None:
    assert [one["code"] for one in send(a_client(), raw).json()["errors"]] == [code]


def test_a_persons_share_of_an_hour_is_one_through_all_doors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(submissions, "MOST_AN_HOUR", 3)
    person = a_person(Role.FINDER, organization=an_organization(), at=right_now())
    client, browser = a_client(person), signed_in(person)

    def by_form() -> Any:  # noqa: ANN401 - Django's test answer
        return browser.post("/hand-in", {"report": SimpleUploadedFile("r.zip", b"no zip at all")})

    assert (by_form().status_code, hand_in(client).status_code, send(client, REPORT).status_code) == (302, 202, 202)
    for answer in (by_form(), hand_in(client), send(client, REPORT)):
        assert answer.status_code == 429 and 0 < int(answer["Retry-After"]) <= 3601
    assert Submission.objects.count() == 3


def test_all_violations_are_told_at_once() -> None:
    answer = send(a_client(), REPORT | WRONG["invalid_email"] | WRONG["invalid_notify"] | WRONG["invalid_commit"])
    assert {one["code"] for one in answer.json()["errors"]} == {"invalid_email", "invalid_notify", "invalid_commit"}


def test_the_receipt_alone_tells_how_far_a_report_is_and_nothing_more() -> None:
    mine = a_client()
    attached = ATTACHED | {"data": base64.b64encode(b"text").decode()}
    answer = send(mine, REPORT | {"attachments": [attached]})
    assert answer.status_code == 202 and answer.json()["receipt"].startswith("SUB-")
    where = answer["Link"].partition(">")[0].lstrip("<")
    assert set(Client().get(where).json()) == {"status", "at"} and Client().get(where).json()["status"] == "queued"
    read_submission.call(str(Submission.objects.get().pk))
    assert set(Client().get(where).json()) == set(a_client().get(where).json()) == {"status", "at"}
    told = mine.get(where).json()
    assert told["status"] == "processing" and told["verdicts"][0]["case"] is None and told["verdicts"][0]["next"]
    assert Client().get("/tap/v1/submissions/SUB-NONE").status_code == 404


def test_whoever_is_not_known_hands_in_nothing() -> None:
    answer = send(Client(), REPORT)
    assert answer.status_code == 401 and not Submission.objects.exists()
    assert a_client().post("/tap/v1/reports", b"x", content_type="text/plain").status_code == 415


def in_parts(report: object, *parts: tuple[str, bytes], boundary: str = "b0") -> bytes:
    """Return a report in parts, as a program writes it."""
    pieces = [b"Content-Type: application/json\r\n\r\n" + json.dumps(report).encode()]
    for name, data in parts:
        headers = f'Content-Type: text/plain\r\nContent-Disposition: attachment; filename="{name}"\r\n\r\n'
        pieces.append(headers.encode() + data)
    body = b"".join(b"--" + boundary.encode() + b"\r\n" + one + b"\r\n" for one in pieces)
    return body + b"--" + boundary.encode() + b"--\r\n"


def send_parts(client: Client, raw: bytes) -> Any:  # noqa: ANN401 - Django's test answer
    return client.post("/tap/v1/reports", raw, content_type='multipart/mixed; boundary="b0"')


WAITING = {name: held for name, held in ATTACHED.items() if name != "data"} | {"type": "reproducer"}
LONG_HEADER = b"json\r\nX-Long: " + b"x" * 5000 + b"\r\n\r\n"


def test_a_report_may_come_in_parts_and_is_the_same_as_in_one() -> None:
    data = b"line one\r\n\r\n--not the boundary\r\n\x00\xff"
    said = REPORT | {"affected_symbol": {"function": "load"}}
    answer = send_parts(a_client(), in_parts(said | {"attachments": [WAITING]}, ("a.txt", data)))
    assert answer.status_code == 202, answer.content
    whole = send(a_client(), said | {"attachments": [WAITING | {"data": base64.b64encode(data).decode()}]})
    assert whole.status_code == 202
    for row in Submission.objects.all():
        read_submission.call(str(row.pk))
    one, other = (row.findings.get() for row in Submission.objects.all())
    assert one.artefacts == other.artefacts and one.report == other.report


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (in_parts(REPORT | {"attachments": [WAITING]}), "missing_field"),
        (in_parts(REPORT | {"attachments": [WAITING]}, ("b.txt", b"x")), "invalid_filename"),
        (in_parts(REPORT, ("a.txt", b"x")), "invalid_filename"),
        (in_parts(REPORT | {"attachments": [WAITING]}, ("a.txt", b"x"), ("a.txt", b"y")), "invalid_filename"),
        (in_parts(REPORT, *[("a.txt", b"")] * 17), "too_many_items"),
        (in_parts(REPORT).removesuffix(b"--\r\n"), "invalid_content_type"),
        (in_parts(REPORT).replace(b"application/json", b"text/plain"), "invalid_content_type"),
        (in_parts(REPORT, boundary="other"), "invalid_content_type"),
        (in_parts([]), "wrong_type"),
        (in_parts(REPORT | {"unknown": 1}), "field_not_allowed"),
        (in_parts(REPORT).replace(b"json\r\n\r\n", LONG_HEADER), "invalid_content_type"),
        (in_parts(REPORT).replace(b"json\r\n", b"json\r\nContent-Transfer-Encoding: \xff\r\n"), "invalid_content_type"),
        (b"\n" * 2_000_000, "invalid_content_type"),
        (in_parts(REPORT, ("a.txt", b"x" * 3_200_000)), "field_too_large"),
    ],
    ids=range(14),
)
def test_what_is_wrong_with_parts_is_told_by_the_same_codes(raw: bytes, code: str) -> None:
    answer = send_parts(a_client(), raw)
    assert answer.status_code in {413, 422} and [one["code"] for one in answer.json()["errors"]] == [code]
    assert not Submission.objects.exists()
