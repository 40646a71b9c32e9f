"""Tests of clearinghouse/edges/bodies.py: what is too large is refused unread, and what is promised is taken."""

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any, cast

import httpx
import pytest

from clearinghouse.cases.responding import MOST_BYTES
from clearinghouse.edges.bodies import ROOM, USUAL_BYTES, BoundedBodies
from clearinghouse.findings.archives import ARCHIVE_BYTES
from clearinghouse.findings.intake.tap_fields import BODY_BYTES
from tests.commands.test_serve import SOURCE, serving
from tests.parties.makers import PASSWORD

HTML = {"Accept": "text/html,application/xhtml+xml"}
FINDER = f"""
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from clearinghouse.commands.django import start
start(Path(sys.argv[1]))
from clearinghouse.parties.actions import accept_invitation, issue_token, make_invitation
from clearinghouse.parties.models import Organization
from clearinghouse.parties.queries import actor_for_person
from clearinghouse.parties.rules import LOCAL
from clearinghouse.permissions.rules import Role
at = datetime.now(UTC)
home = Organization.objects.create(name="Finders", created_at=at)
_, secret = make_invitation(home, Role.FINDER, email="ada@people.example", actor=LOCAL, at=at)
ada = accept_invitation(secret, email="ada@people.example", name="Ada", password="{PASSWORD}", at=at)
actor = actor_for_person(ada, second_factor=False)
print(issue_token("t", scopes=["findings"], expires_at=at + timedelta(days=1), actor=actor, at=at)[1])
"""


async def _whole(scope: dict[str, Any], receive: Any, send: Any) -> None:  # noqa: ANN401 - ASGI
    """Answer with how much came, and with the mark of what was too large."""
    came, more = 0, True
    while more:
        message = await receive()
        came, more = came + len(message["body"]), message["more_body"]
    said = f"{came} {scope.get('clearinghouse.most_bytes', '')}".encode()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": said})


def _sent(path: str, size: int, *, announced: bool) -> tuple[str, Mapping[str, str]]:
    async def in_parts() -> AsyncIterator[bytes]:
        for begin in range(0, size, 1 << 20):
            yield bytes(min(1 << 20, size - begin))

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(cast("Any", BoundedBodies(_whole)))
        async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
            return await client.post(path, content=bytes(size) if announced else in_parts())

    answer = asyncio.run(ask())
    return answer.text, answer.headers


@pytest.mark.parametrize("announced", [True, False], ids=["announced", "in parts"])
@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("/hand-in", ROOM[0][1]),
        ("/api/v1/submissions", ROOM[0][1]),
        ("/tap/v1/reports", ROOM[1][1]),
        ("/cases/CASE-00000000/fixes", ROOM[2][1]),
        ("/cases/CASE-00000000/fixes/", ROOM[2][1]),
        ("/cases/a/b/fixes", USUAL_BYTES),
        ("/hand-in/more", USUAL_BYTES),
        ("/sign-in", USUAL_BYTES),
    ],
)
def test_an_address_takes_so_much_and_not_a_byte_more(path: str, most: int, *, announced: bool) -> None:
    assert _sent(path, most, announced=announced)[0] == f"{most} "
    said, headers = _sent(path, most + 1, announced=announced)
    assert said == f"0 {most}" and headers["connection"] == "close"


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[httpx.Client, httpx.Client]]:
    """Return a browser that has signed in, and a program with a token, at a server that runs."""
    file = tmp_path_factory.mktemp("bodies") / "one.sqlite3"
    environment = {**os.environ, "PYTHONPATH": str(SOURCE)}  # noqa: TID251 - for a child
    made = subprocess.run(
        [sys.executable, "-c", FINDER, str(file)], env=environment, capture_output=True, text=True, check=True
    )
    token = {"Authorization": f"Bearer {made.stdout.split()[-1]}"}
    with (
        serving(str(file), "--jobs", "0") as server,
        httpx.Client(base_url=server.url, headers=HTML, timeout=60) as browser,
        httpx.Client(base_url=server.url, headers=token, timeout=60) as program,
    ):
        form = {"login": "ada@people.example", "password": PASSWORD, **_form_token(browser, "/sign-in")}
        assert browser.post("/sign-in", data=form, headers={"Referer": server.url}).status_code == 302
        yield browser, program


def _form_token(browser: httpx.Client, page: str) -> dict[str, str]:
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', browser.get(page).text)
    assert found is not None
    return {"csrfmiddlewaretoken": found[1]}


@pytest.mark.server
@pytest.mark.enable_socket
@pytest.mark.parametrize(
    ("address", "field", "size"),
    [("/hand-in", "report", ARCHIVE_BYTES), ("/cases/CASE-00000000/fixes", "patch", MOST_BYTES)],
)
def test_a_form_takes_the_largest_file_that_it_promises_and_answers_more_with_a_page(
    asked: tuple[httpx.Client, httpx.Client], address: str, field: str, size: int
) -> None:
    browser, _ = asked
    form, referer = _form_token(browser, "/hand-in"), {"Referer": str(browser.base_url)}
    taken = browser.post(address, data=form, files={field: ("largest", bytes(size))}, headers=referer)
    assert taken.status_code == (302 if field == "report" else 404)  # there is no such case, and that is what is said
    refused = browser.post(address, data=form, files={field: ("too-large", bytes(size + (1 << 19)))}, headers=referer)
    assert refused.status_code == 413 and refused.headers["content-type"].startswith("text/html")
    assert "larger than is taken here" in refused.text and "MiB" in refused.text
    assert "'none'" in refused.headers["content-security-policy"]


@pytest.mark.server
@pytest.mark.enable_socket
def test_a_form_with_a_file_just_over_its_size_says_so_beside_the_field(
    asked: tuple[httpx.Client, httpx.Client],
) -> None:
    browser, _ = asked
    form, referer = _form_token(browser, "/hand-in"), {"Referer": str(browser.base_url)}
    files = {"report": ("a.zip", bytes(ARCHIVE_BYTES + 1))}
    answer = browser.post("/hand-in", data=form, files=files, headers=referer)
    assert answer.status_code == 422 and f"at most {ARCHIVE_BYTES} are taken" in answer.text


@pytest.mark.server
@pytest.mark.enable_socket
def test_programs_hand_in_the_largest_archive_and_document_and_are_told_of_more_in_a_problem(
    asked: tuple[httpx.Client, httpx.Client],
) -> None:
    _, program = asked
    archive = {"report": ("largest.zip", bytes(ARCHIVE_BYTES))}
    assert program.post("/api/v1/submissions", files=archive).status_code == 202
    json = {"Content-Type": "application/json"}
    document = program.post("/tap/v1/reports", content=b" " * BODY_BYTES, headers=json)
    assert document.status_code in {400, 422}  # nothing but blanks: it was read, and is no report
    for address, most in (("/api/v1/submissions", ROOM[0][1]), ("/tap/v1/reports", ROOM[1][1]), ("/api/v1/x", 1 << 20)):
        refused = program.post(address, content=bytes(most + 1), headers=json)
        assert refused.status_code == 413 and refused.headers["content-type"] == "application/problem+json"
        assert refused.json()["code"] == "too-large" and str(most) in refused.json()["detail"]
