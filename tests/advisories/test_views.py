"""Tests of the portal's pages about cases and reports, and of the acts behind their forms, by requests."""

import re
import subprocess
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from clearinghouse.advisories.reproducing import as_mail
from clearinghouse.artefacts import Artefacts
from clearinghouse.cases import actions
from clearinghouse.cases.models import Embargo, Fix, Join, Participant, Response
from clearinghouse.cases.rules.lifecycle import CaseState
from clearinghouse.cases.rules.seats import Part, SeatState, Tier
from clearinghouse.cases.tasks import new_id
from clearinghouse.edges.pages import USUAL
from clearinghouse.errors import Problem, Refused
from clearinghouse.findings.models import Submission
from clearinghouse.findings.submissions import refuse_submission
from clearinghouse.parties.models import Token
from clearinghouse.parties.rules import CLEARINGHOUSE
from clearinghouse.permissions.rules import Role
from clearinghouse.standards.tlp import Tlp
from clearinghouse.validation.models import Answer
from tests.advisories.world import GOOD_PATCH, PRIVATE, World, a_world, signed_in
from tests.cases.makers import NOON
from tests.cases.rows import a_finding, a_judgement
from tests.parties.makers import a_person, an_organization, right_now

pytestmark = pytest.mark.django_db


@pytest.fixture
def store(tmp_path: Path, settings: object) -> Artefacts:
    settings.CLEARINGHOUSE_ARTEFACTS = tmp_path / "artefacts"  # type: ignore[attr-defined]
    return Artefacts(tmp_path / "artefacts")


@pytest.fixture
def world(store: Artefacts) -> World:
    return a_world(store)


@pytest.fixture
def office(world: World) -> Client:
    return signed_in(world.coordinator, second_factor=True)


def text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def test_the_queue_says_of_each_case_why_it_stands_there(office: Client, world: World) -> None:
    page = text(office, "/cases")
    assert world.case.public_id in page and world.doubted.public_id in page
    assert "It stands last" in page and "work on first" in page


def test_filters_and_views_count_and_show_only_what_fits(office: Client, world: World) -> None:
    page = text(office, "/cases?view=to-confirm")
    assert world.doubted.public_id in page and world.case.public_id not in page
    assert "To be confirmed (1)" in page and "All (2)" in page
    for query in ("package=pkg:pypi/pyyaml", "state=open", "band=URGENT&view=patched", "q=fa-1"):
        page = text(office, f"/cases?{query}")
        assert world.case.public_id in page and world.doubted.public_id not in page, query
    everything = "/cases?view=to-confirm&package=pkg:npm/minimist&state=to-confirm&q=prototype"
    assert world.doubted.public_id in text(office, everything)
    assert "No case fits" in text(office, f"{everything}&band=INCIDENT")
    assert world.case.public_id in text(office, "/cases?q=PyYAML")
    assert "No case fits" in text(office, "/cases?q=nothing-of-that-name")
    part = office.get("/cases", headers={"HX-Request": "true"}).content.decode()
    assert world.case.public_id in part and "<html" not in part


@pytest.mark.parametrize("query", ["band=PRESSING", "state=dissolved", "view=mine", f"q={'x' * 201}"])
def test_a_filter_that_there_is_not_is_refused_with_its_name(office: Client, query: str) -> None:
    answer = office.get(f"/cases?{query}")
    label = {"q": "Search"}.get(query[0], query.partition("=")[0].capitalize())
    assert answer.status_code == 422 and f"{label}:" in answer.content.decode()


def test_what_is_looked_at_is_saved_opened_again_and_deleted(office: Client, world: World) -> None:
    sent = {"name": " Mine  to do ", "view": "to-confirm", "package": "pkg:npm/minimist", "q": "prototype"}
    answer = office.post("/views", sent, follow=True)
    page = answer.content.decode()
    assert world.doubted.public_id in page and world.case.public_id not in page
    (address,) = re.findall(r'href="([^"]+)" aria-current="true">Mine to do', page)
    assert world.doubted.public_id in text(office, address.replace("&amp;", "&"))
    assert "Mine to do" not in text(signed_in(world.auditor, second_factor=True), "/cases")
    (delete,) = re.findall(r'action="(/views/[^"]+/delete)"', page)
    assert signed_in(world.finder).post(delete).status_code == 404
    assert "Mine to do is deleted" in office.post(delete, follow=True).content.decode()
    assert office.post(delete).status_code == 404


def test_a_long_queue_is_shown_page_by_page(office: Client, store: Artefacts) -> None:
    for number in range(USUAL):
        package = f"pkg:pypi/package-{number}"
        judged = a_judgement(target=f"{package}@5.3", fixed=f"{package}@5.4")
        a_finding(store, f"more-{number}", judgement=judged, releases=None, patch=None, report=PRIVATE)
    actions.join_findings(artefacts=store, new_id=new_id, actor=CLEARINGHOUSE, at=NOON)
    first = text(office, "/cases")
    assert f"All ({USUAL + 2})" in first and first.count('class="card"') == USUAL
    (following,) = re.findall(r'href="(/cases\?[^"]*after=[^"]+)"', first)
    second = text(office, following.replace("&amp;", "&"))
    assert second.count('class="card"') == 2 and "after=" not in second and "It stands last" in second


def test_whoever_may_know_the_date_only_is_told_no_place(world: World) -> None:
    person = a_person(Role.MAINTAINER, organization=an_organization())
    seat = {"part": Part.DISTRIBUTOR, "tier": Tier.FIX, "state": SeatState.SEATED, "invited_by": world.coordinator.pk}
    for case in (world.case, world.doubted):
        case.tlp = Tlp.AMBER.value
        case.save()
    Participant.objects.create(case=world.doubted, person=person, created_at=NOON, **seat)
    Participant.objects.create(case=world.case, person=person, created_at=NOON, **seat | {"tier": Tier.ALL})
    page = text(signed_in(person), "/cases")
    shown, _, narrow = page.partition("Cases of which you may know the date only")
    assert world.case.public_id in shown and world.doubted.public_id not in shown
    assert world.doubted.public_id in narrow and "A key sets a prototype" not in page
    assert "It is the only case here" in shown, "a case whose reports are hidden would say by its place what they are"


def test_the_case_page_shows_everything_that_explains_it(office: Client, world: World) -> None:
    page = text(office, f"/cases/{world.case.public_id}")
    for said in (
        "Every factor",
        "Releases in order",
        "How the reports hang together",
        "git am",
        "report try",
        "The clearinghouse</b> opened the case",
    ):
        assert said in page, said


def test_whoever_may_not_see_a_case_gets_what_is_shown_where_none_is(world: World) -> None:
    for client in (signed_in(world.finder), signed_in(world.auditor), signed_in(world.coordinator)):
        hidden, absent = client.get(f"/cases/{world.case.public_id}"), client.get("/cases/CASE-ZZZZZZZZ")
        assert hidden.status_code == absent.status_code in {302, 404}
        assert (hidden.content, hidden.get("Location")) == (absent.content, absent.get("Location"))
        assert world.case.public_id not in client.get("/cases").content.decode()


def test_a_stranger_is_asked_to_sign_in(world: World) -> None:
    assert Client().get(f"/cases/{world.case.public_id}")["Location"].startswith("/sign-in")


def test_a_dispute_is_given_and_taken_back_by_forms(office: Client, world: World) -> None:
    address = f"/cases/{world.case.public_id}"
    refused = office.post(f"{address}/responses", {"said": "disputed"})
    assert refused.status_code == 422 and "say why it is no flaw" in refused.content.decode()
    office.post(f"{address}/responses", {"said": "disputed", "why": "by design"})
    world.case.refresh_from_db()
    assert world.case.state == CaseState.TO_CONFIRM and "by design" in text(office, address)
    office.post(f"{address}/responses/{Response.objects.get().pk}/withdraw", {})
    world.case.refresh_from_db()
    assert world.case.state == CaseState.OPEN


def test_a_day_is_proposed_by_one_and_accepted_by_another(office: Client, world: World) -> None:
    other = signed_in(a_person(Role.COORDINATOR, organization=an_organization()), second_factor=True)
    address, day = f"/cases/{world.case.public_id}/embargo", (right_now().date()).replace(day=28)
    office.post(f"{address}/propose", {"ends_on": max(day, right_now().date()).isoformat(), "why": "our release"})
    (shown,) = re.findall(
        r'name="proposed" value="([^"]+)"[^>]*><button', text(other, f"/cases/{world.case.public_id}")
    )
    assert office.post(f"{address}/accept", {"proposed": shown}).status_code == 403
    assert other.post(f"{address}/accept").status_code == 422, "nobody decides on a day they did not name"
    assert other.post(f"{address}/accept", {"proposed": "2026-01-01T23:59:59+00:00"}).status_code == 412
    assert other.post(f"{address}/accept", {"proposed": shown}).status_code == 302
    assert Embargo.objects.get().state == "active"


def test_a_fix_is_handed_in_by_a_form_and_what_is_none_is_refused(office: Client, world: World) -> None:
    address = f"/cases/{world.case.public_id}/fixes"
    assert office.post(address, {}).status_code == 422
    assert office.post(address, {"patch": SimpleUploadedFile("a.patch", b"it works now")}).status_code == 422
    office.post(address, {"patch": SimpleUploadedFile("own.patch", GOOD_PATCH.encode())})
    assert Fix.objects.get().file == "own.patch"
    assert "waits for a worker" in text(office, f"/cases/{world.case.public_id}")


def test_a_join_is_undone_only_with_a_reason(office: Client, world: World) -> None:
    address = f"/cases/{world.case.public_id}/joins/undo"
    assert office.post(address, {"finding": "finder-b/fb-1"}).status_code == 422
    assert office.post(address, {"finding": "finder-b/fb-1", "why": "another cause"}).status_code == 302
    assert Join.objects.filter(undone_by=world.coordinator.pk).count() == 1


def test_files_are_attachments_of_a_fixed_type_and_only_those_of_the_case(office: Client, world: World) -> None:
    digest = world.findings[0].artefacts["proof.yaml"]
    kept = office.get(f"/cases/{world.case.public_id}/files/{digest}")
    assert kept["Content-Disposition"] == 'attachment; filename="proof.yaml"'
    assert (kept["Content-Type"], kept["X-Content-Type-Options"]) == ("application/octet-stream", "nosniff")
    assert "sandbox" in kept["Content-Security-Policy"]
    assert office.get(f"/cases/{world.case.public_id}/files/sha256:{'0' * 64}").status_code == 404


def test_a_report_is_an_archive_with_its_own_files(office: Client, world: World) -> None:
    one = world.findings[0]
    kept = office.get(f"/cases/{world.case.public_id}/reports/{one.key}.zip")
    assert set(zipfile.ZipFile(BytesIO(kept.content)).namelist()) == {"report.yaml", *one.artefacts}


def test_git_am_applies_the_patch_with_the_finder_as_its_author(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("one = 1\n")

    def git(*args: str) -> str:
        argv = ["git", "-c", "user.name=a", "-c", "user.email=a@b", *args]
        return subprocess.run(argv, cwd=tmp_path, check=True, capture_output=True, text=True).stdout

    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "a")
    diff = b"--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-one = 1\n+one = 2\n"
    mail = as_mail(diff, title="A flaw\nBcc: me", credit="Zoë <x> \r\n", case="CASE-1", at=NOON)
    (tmp_path / "fix.patch").write_bytes(mail)
    git("am", "-q", "fix.patch")
    said = git("log", "-1", "--format=%an|%s").strip()
    assert said == "Zoë x|A flaw Bcc: me"
    assert (tmp_path / "a.py").read_text() == "one = 2\n"


def test_a_finder_sees_their_reports_with_verdict_and_reason_and_no_case(world: World) -> None:
    client = signed_in(world.finder)
    assert "finder-a/fa-3" in text(client, "/reports")
    page = text(client, f"/reports/{world.findings[3].key}")
    assert "refused" in page and "silent on the vulnerable release" in page
    part = client.get(f"/reports/{world.findings[3].key}", headers={"HX-Request": "true"}).content.decode()
    assert "How far it is" in part and "<html" not in part
    assert "There is no case that you may see" in client.get("/cases").content.decode()


def test_another_finder_sees_none_of_them(world: World) -> None:
    client = signed_in(a_person(Role.FINDER, organization=an_organization()))
    assert "finder-a" not in text(client, "/reports")
    assert client.get(f"/reports/{world.findings[3].key}").status_code == 404


def test_a_question_is_answered_with_name_and_reason(office: Client, world: World) -> None:
    page = text(office, "/questions")
    assert "is what was seen on minimist@1.2.5 a flaw" in page
    office.post(f"/reports/{world.findings[2].key}/answer", {"yes": "yes", "why": "I read the code"})
    kept = Answer.objects.get()
    assert (kept.by, kept.why, kept.actor) == (world.coordinator.name, "I read the code", world.coordinator.pk)


def test_a_token_is_shown_once_and_revoked_at_once(world: World) -> None:
    client = signed_in(world.finder)
    page = client.post("/tokens", {"name": "ci", "scopes": "findings", "days": 30}).content.decode()
    secret = page.split("<code>ch_")[1].split("<")[0]
    assert secret not in text(client, "/tokens")
    assert client.post("/tokens", {"name": "ci", "scopes": "nothing", "days": 30}).status_code == 422
    client.post(f"/tokens/{Token.objects.get().pk}/revoke")
    assert Token.objects.get().revoked_at is not None


def test_a_token_is_offered_what_its_roles_may_and_each_thing_in_words(world: World, office: Client) -> None:
    page = text(signed_in(world.finder), "/tokens")
    assert '"findings:submission:hand-in"' in page and "Hand in a report" in page
    assert "ledger:event:read" not in page and "Issue a token" not in page.partition("<fieldset")[2], "no token can"
    assert "ledger:event:read" in text(office, "/tokens")
    client = signed_in(world.finder)
    wrong = client.post("/tokens", {"name": "ci", "scopes": ["cases", "ledger"], "days": 30})
    assert wrong.status_code == 422 and 'value="cases" checked' in wrong.content.decode(), "what was ticked stays"
    lacking = client.post("/tokens", {"name": "ci", "scopes": ["cases"], "days": 30})
    assert "shows nothing without findings:finding:read" in lacking.content.decode()
    assert "Tick at least one" in client.post("/tokens", {"name": "ci", "days": 30}).content.decode()


def test_the_status_page_names_each_check_and_the_cure(office: Client, world: World) -> None:
    page = text(office, "/status")
    assert "feeds" in page and "workers" in page
    assert signed_in(world.finder).get("/status").status_code == 403


def test_members_are_shown_to_whoever_is_one(world: World) -> None:
    assert "Blue Lab" in text(signed_in(world.finder), "/organization")


def test_whoever_may_not_hand_in_is_told_before_they_fill_in_the_form() -> None:
    maintainer = signed_in(a_person(Role.MAINTAINER, organization=an_organization()))
    asked, sent = maintainer.get("/hand-in"), maintainer.post("/hand-in", {})
    assert asked.status_code == sent.status_code == 403 and "<form" not in asked.content.decode().split("<main")[1]


def test_a_report_is_handed_in_and_watched_by_its_receipt(world: World) -> None:
    client = signed_in(world.finder)
    assert client.post("/hand-in", {}).status_code == 422
    assert client.post("/hand-in", {"report": SimpleUploadedFile("r.zip", b"")}).status_code == 422
    made = client.post("/hand-in", {"report": SimpleUploadedFile("r.zip", b"no zip at all")})
    assert made["Location"].startswith("/submissions/SUB-")
    assert "Read and taken in: <b>not yet</b>" in text(client, made["Location"])
    assert signed_in(a_person(Role.FINDER)).get(made["Location"]).status_code == 404
    wrong = Refused((Problem("not-an-archive", "report", "it is no archive", "hand in a zip"),))
    refuse_submission(Submission.objects.get(), wrong, actor=CLEARINGHOUSE, at=right_now())
    part = client.get(made["Location"], headers={"HX-Request": "true"}).content.decode()
    assert "It could not be taken in" in part and "every 3s" not in part
