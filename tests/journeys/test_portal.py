"""The portal in a real browser: what finder, coordinator, maintainer and auditor come for, on rows of ours."""

from datetime import timedelta

import pytest
from django.test import Client
from playwright.sync_api import Browser, FilePayload, expect
from pytest_django.live_server_helper import LiveServer

from clearinghouse.artefacts import Artefacts
from clearinghouse.cases.rules.lifecycle import CaseState
from clearinghouse.cases.rules.seats import Part, Tier
from clearinghouse.cases.seating import Seat, ask_seat, give_seat
from clearinghouse.parties.queries import actor_for_person
from clearinghouse.parties.terms import publish_terms
from clearinghouse.permissions.rules import Role
from clearinghouse.signing.keys import SigningKey
from tests.advisories.world import GOOD_PATCH, World, a_world, signed_in
from tests.journeys.browser import CHROMIUM, NARROW, walking
from tests.parties.makers import ADMINISTRATOR, PASSWORD, a_person, an_organization, right_now

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.server,
    pytest.mark.enable_socket,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on the path"),
]


@pytest.fixture
def world(store: Artefacts) -> World:
    return a_world(store)


def office(world: World) -> Client:
    return signed_in(world.coordinator, second_factor=True)


def give(world: World, seat: Seat) -> str:
    """Give a seat as two coordinators do, and return the secret of its invitation, if any."""
    one, other = (actor_for_person(a_person(Role.COORDINATOR), second_factor=True, at=right_now()) for _ in range(2))
    asked = ask_seat(world.case, seat, actor=one, at=right_now(), why="they mend it")
    home = an_organization("Upstream")
    return give_seat(world.case, seat, asked, organization=home, actor=other, at=right_now())[1] or ""


def invited(world: World) -> str:
    return give(world, Seat(MAINTAINER, Part.MAINTAINER, Tier.ALL))


MAINTAINER = "grace@upstream.example"


def test_a_coordinator_finds_why_a_case_stands_there_and_undoes_a_join_by_keyboard(
    browser: Browser, live_server: LiveServer, world: World
) -> None:
    with walking(browser, live_server.url, office(world)) as walk:
        walk.go("/cases")
        walk.page.keyboard.press("Tab")
        assert walk.page.evaluate("document.activeElement.textContent") == "Skip to the content"
        walk.page.get_by_label("Search").fill("pyyaml")
        walk.page.keyboard.press("Enter")
        expect(walk.page.locator("ol.cases > li")).to_have_count(1)
        walk.page.locator("ol.cases a").first.press("Enter")
        walk.page.get_by_text("Take finder-b/fb-1 out of this case").press("Enter")
        walk.page.get_by_label("What sets it apart").last.fill("another root cause")
        walk.page.get_by_role("button", name="Undo the join").last.press("Enter")
        expect(walk.page.locator("[role=status]")).to_contain_text("stays apart")
        assert not walk.wrong


@pytest.mark.parametrize("scripts", [True, False])
def test_a_coordinator_saves_what_they_look_at_and_opens_it_again_by_keyboard(
    browser: Browser, live_server: LiveServer, world: World, *, scripts: bool
) -> None:
    with walking(browser, live_server.url, office(world), width=NARROW, scripts=scripts) as walk:
        walk.go("/cases")
        walk.page.get_by_label("Package").fill("pkg:npm/minimist")
        walk.page.get_by_label("State").select_option("To be confirmed")
        walk.page.get_by_role("button", name="Show").press("Enter")
        expect(walk.page.locator("ol.cases > li")).to_have_count(1)
        walk.page.get_by_text("Save this view").press("Enter")
        walk.page.get_by_label("Name of the view").fill("Minimist, to confirm")
        walk.page.keyboard.press("Enter")
        expect(walk.page.locator("[role=status]")).to_contain_text("saved as Minimist, to confirm")
        expect(walk.page.get_by_label("Package")).to_have_value("pkg:npm/minimist")
        walk.go("/cases")
        expect(walk.page.locator("ol.cases > li")).to_have_count(2)
        walk.page.get_by_role("link", name="Minimist, to confirm").press("Enter")
        expect(walk.page.locator("ol.cases > li")).to_have_count(1)
        if scripts:
            assert not walk.look_at(walk.page.url.removeprefix(live_server.url))
            walk.page.reload()
        walk.page.get_by_text("Save this view, or delete one").press("Enter")
        walk.page.get_by_role("button", name="Delete Minimist, to confirm").press("Enter")
        expect(walk.page.locator("[role=status]")).to_contain_text("is deleted")
        assert not walk.wrong


def test_a_case_is_printed_whole_and_without_its_forms(browser: Browser, live_server: LiveServer, world: World) -> None:
    with walking(browser, live_server.url, office(world)) as walk:
        walk.go(f"/cases/{world.case.public_id}")
        walk.page.emulate_media(media="print")
        runs, form = walk.page.locator("details table").first, walk.page.locator("main form").first
        expect(runs).to_be_visible()
        assert walk.page.locator("details[open]").count() == 0, "nobody opened it"
        assert form.count() and not any(one.is_visible() for one in walk.page.locator("main form").all())
        expect(walk.page.get_by_text("Change the marking")).not_to_be_visible()
        walk.page.emulate_media(media="screen")
        expect(runs).not_to_be_visible()


def test_a_coordinator_answers_a_question_and_disputes_a_case_without_any_script(
    browser: Browser, live_server: LiveServer, world: World
) -> None:
    context = browser.new_context(java_script_enabled=False)
    client = office(world)
    name = next(iter(client.cookies))
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
    page = context.new_page()
    page.goto(f"{live_server.url}/questions")
    page.get_by_role("radio", name="Yes").first.check()
    page.get_by_label("Reason").first.fill("I read the code")
    page.get_by_role("button", name="Record the answer").first.click()
    expect(page.locator("[role=status]")).to_contain_text("recorded with your name")
    page.goto(f"{live_server.url}/cases/{world.case.public_id}")
    page.get_by_role("radio", name="It is no flaw").check()
    page.get_by_role("button", name="Say so").click()
    expect(page.locator("h1")).to_contain_text("cannot be taken in")
    page.go_back()
    page.get_by_role("radio", name="It is no flaw").check()
    page.locator("form[action$=responses] textarea").fill("trusted by design")
    page.get_by_role("button", name="Say so").click()
    expect(page.locator("#answers")).to_contain_text("trusted by design")
    context.close()
    world.case.refresh_from_db()
    assert world.case.state == CaseState.TO_CONFIRM


def test_a_finder_signs_in_hands_in_a_report_and_reads_a_verdict(
    browser: Browser, live_server: LiveServer, world: World
) -> None:
    with walking(browser, live_server.url, None) as walk:
        walk.go("/reports")
        walk.page.get_by_label("Email").fill(world.finder.email)
        walk.page.get_by_label("Password").fill(PASSWORD)
        walk.page.locator("main").get_by_role("button", name="Sign in", exact=True).click()
        expect(walk.page.locator("h1")).to_have_text("Reports")
        walk.page.get_by_role("link", name="finder-a/fa-3").click()
        expect(walk.page.locator("main")).to_contain_text("Verdict: refused")
        walk.page.get_by_role("link", name="Hand in").click()
        walk.page.get_by_label("Report").set_input_files(
            {"name": "r.zip", "mimeType": "application/zip", "buffer": b"PK"}
        )
        walk.page.get_by_role("button", name="Hand in").click()
        expect(walk.page.locator("main")).to_contain_text("Receipt SUB-")
        assert world.case.public_id not in walk.go("/cases")
        assert not walk.wrong


def test_an_auditor_reads_what_was_done_and_changes_nothing(
    browser: Browser, live_server: LiveServer, world: World
) -> None:
    with walking(browser, live_server.url, signed_in(world.auditor, second_factor=True)) as walk:
        assert "The clearinghouse opened the case" in walk.go("/audit?verb=cases:case:open")
        assert "well" in walk.go("/status")
        assert world.case.public_id in walk.go("/cases")
        walk.go(f"/cases/{world.case.public_id}")
        assert walk.page.locator("main form[method=post]").count() == 0
        assert not walk.wrong


def test_a_maintainer_follows_a_link_sees_one_case_and_nothing_else_and_answers(
    browser: Browser, live_server: LiveServer, world: World
) -> None:
    secret = invited(world)
    with walking(browser, live_server.url, None) as walk:
        walk.go(f"/join/{secret}")
        walk.page.get_by_label("Your name").fill("Grace Maintainer")
        walk.page.get_by_label("E-mail address").fill(MAINTAINER)
        walk.page.get_by_label("Password").fill(PASSWORD)
        walk.page.get_by_role("button", name="Sign up").click()
        walk.page.get_by_role("link", name="Cases").first.click()
        expect(walk.page.locator("ol.cases > li")).to_have_count(1)
        assert world.doubted.public_id not in walk.text() and "All (1)" in walk.text()
        assert not walk.look_at(f"/cases/{world.case.public_id}")
        assert "Take finder-b/fb-1 out" not in walk.text() and world.doubted.public_id not in walk.page.content()
        walk.page.get_by_role("radio", name="It is a flaw").check()
        walk.page.get_by_role("button", name="Say so").click()
        expect(walk.page.locator("#answers")).to_contain_text("Grace Maintainer confirms that it is a flaw")
        fix: FilePayload = {"name": "own.patch", "mimeType": "text/x-diff", "buffer": GOOD_PATCH.encode()}
        walk.page.get_by_label("Patch").set_input_files(fix)
        walk.page.get_by_role("button", name="Hand in").click()
        expect(walk.page.locator("main")).to_contain_text("own.patch handed in by Grace Maintainer")
        with walk.page.expect_download() as kept:
            walk.page.get_by_role("link", name="Download finder-a/fa-1").click()
        assert kept.value.suggested_filename.endswith(".zip")
        assert not walk.wrong
        assert "Nothing here" in walk.go(f"/cases/{world.doubted.public_id}")
        for path in ("/audit", "/status", "/hand-in"):
            assert "As maintainer you may not" in walk.go(path), path
        assert "Nothing is asked" in walk.go("/questions")


def test_a_seat_that_shows_only_the_date_shows_no_report(
    browser: Browser, live_server: LiveServer, world: World
) -> None:
    person = a_person(Role.MAINTAINER)
    give(world, Seat(person, Part.REGISTRY, Tier.INSTANT, right_now() + timedelta(days=9)))
    with walking(browser, live_server.url, signed_in(person)) as walk:
        assert "may know the date only" in walk.go("/cases")
        assert not walk.look_at(f"/cases/{world.case.public_id}")
        assert "pkg:pypi/pyyaml" in walk.text() and "finder-a" not in walk.page.content()
        digest = world.findings[0].artefacts["proof.yaml"]
        assert "Nothing here" in walk.go(f"/cases/{world.case.public_id}/files/{digest}")


def test_two_coordinators_invite_and_mark_a_case_and_everybody_sees_what_follows(
    browser: Browser, live_server: LiveServer, world: World
) -> None:
    second = signed_in(a_person(Role.COORDINATOR, organization=an_organization("Second")), second_factor=True)
    case = f"/cases/{world.case.public_id}"
    with walking(browser, live_server.url, office(world)) as walk:
        walk.go(case)
        walk.page.get_by_text("Invite somebody to this case").click()
        walk.page.get_by_label("E-mail address of a person").fill(MAINTAINER)
        walk.page.locator("form[action$=seats] select").select_option("maintainer")
        walk.page.get_by_role("button", name="Ask another coordinator").click()
        walk.page.locator("#waiting a").click()
        expect(walk.page.locator("main")).to_contain_text("Whoever asked cannot agree")
        assert not walk.wrong
    with walking(browser, live_server.url, second) as walk:
        walk.go(case)
        walk.page.locator("#waiting a").click()
        assert not walk.look_at(walk.page.url.removeprefix(live_server.url))
        walk.page.get_by_label("They act for").fill("Upstream")
        walk.page.get_by_role("button", name="Agree").click()
        link = walk.page.locator(".secret code").inner_text()
        walk.go(case)
        walk.page.get_by_text("Change the marking").click()
        walk.page.get_by_label("New marking").select_option("RED")
        walk.page.locator("form[action$=marking] textarea").fill("it names a person")
        walk.page.get_by_role("button", name="Change").click()
        expect(walk.page.locator("#marking")).to_contain_text("TLP:RED: for the named recipients only")
        expect(walk.page.locator("ol.timeline")).to_contain_text("narrowed how far the case may be told")
        assert not walk.wrong
    with walking(browser, live_server.url, None) as walk:
        walk.go(link.removeprefix(live_server.url))
        walk.page.get_by_label("Your name").fill("Grace Maintainer")
        walk.page.get_by_label("Password").fill(PASSWORD)
        walk.page.get_by_role("button", name="Sign up").click()
        walk.go(case)
        expect(walk.page.locator("#marking")).to_contain_text("TLP:RED")
        walk.page.get_by_text("Leave this seat").click()
        walk.page.get_by_role("button", name="Leave", exact=True).click()
        expect(walk.page.locator("[role=status]")).to_contain_text("it shows you nothing any more")
        assert not walk.wrong
        assert "Nothing here" in walk.go(case)


def test_an_organization_accepts_terms_takes_its_data_and_leaves_without_any_script(
    browser: Browser, live_server: LiveServer, world: World
) -> None:
    a_person(Role.ADMINISTRATOR, organization=an_organization("Installation"))
    publish_terms("Leave whenever you like.", key=SigningKey(b"7" * 32), actor=ADMINISTRATOR, at=right_now())
    context = browser.new_context(java_script_enabled=False)
    client = signed_in(world.finder, second_factor=True)
    name = next(iter(client.cookies))
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
    page = context.new_page()
    page.goto(f"{live_server.url}/hand-in")
    page.get_by_role("link", name="Read and accept them").click()
    page.get_by_role("button", name="Accept version 1 for your organization").click()
    expect(page.locator("main")).to_contain_text("takes part on version 1")
    page.get_by_role("link", name="leave", exact=True).click()
    with page.expect_download() as kept:
        page.get_by_role("link", name="Download everything").click()
    assert kept.value.suggested_filename == "what-is-yours.zip"
    page.get_by_label("Erase everything").check()
    page.get_by_label("I have downloaded").check()
    page.get_by_label("Write the organization's name").fill("Blue Lab")
    page.get_by_role("button", name="Leave for good").click()
    expect(page.locator("h1")).to_have_text("Blue Lab has left")
    page.goto(f"{live_server.url}/reports")
    expect(page.locator("h1")).to_have_text("Sign in")
    context.close()
