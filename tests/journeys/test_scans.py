"""Scans in a real browser: look, announce knowing whom one meets, lead a scan to its end, ask something as an owner."""

from pathlib import Path
from urllib.parse import unquote

import pytest
from playwright.sync_api import Browser, Response, expect
from pytest_django.live_server_helper import LiveServer

from clearinghouse.deconfliction.actions.coverage import Tried, record_coverage
from clearinghouse.deconfliction.actions.intents import announce_emergency, announce_intent, start_intent
from clearinghouse.deconfliction.actions.owners import claim_ownership, state_constraint, verify_ownership
from clearinghouse.deconfliction.models import Intent
from clearinghouse.deconfliction.rules.announcing import Announcement
from clearinghouse.deconfliction.rules.lifecycle import ConstraintKind
from clearinghouse.deconfliction.rules.targets.kinds import target_from_text
from clearinghouse.deconfliction.rules.windows import Window
from clearinghouse.parties.models import Organization, Person
from clearinghouse.parties.queries import actor_for_person
from clearinghouse.permissions.rules import Actor, Role
from tests.advisories.world import signed_in
from tests.deconfliction.makers import HOUR, a_member, home_of
from tests.journeys.browser import CHROMIUM, SHOTS, walking
from tests.parties.makers import a_person, an_organization, right_now

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.server,
    pytest.mark.enable_socket,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on the path"),
]
CONTACT = "mailto:soc@other.example"


def said(*targets: str, technique: str = "fuzzing", start: float = 0, hours: float = 30) -> Announcement:
    window = Window(right_now() + start * HOUR, right_now() + (start + hours) * HOUR)
    return Announcement(technique, tuple(target_from_text(one) for one in targets), window, CONTACT)


@pytest.fixture
def finder() -> Person:
    return a_person(Role.FINDER, Role.MAINTAINER, organization=an_organization("Blue Lab"), at=right_now())


@pytest.fixture
def standing(finder: Person) -> Intent:
    """Make scans of several organizations in several states, a constraint, an owner and some coverage."""
    other, third, now = a_member(), a_member(), right_now()
    first = announce_intent(said("pkg:pypi/pyyaml"), actor=other, at=now).intent
    start_intent(first, actor=other, at=now)
    record_coverage(first, [Tried(target_from_text("pkg:pypi/pyyaml"), "6.0.1", findings=2)], actor=other, at=now)
    announce_intent(said("pkg:pypi/pyyaml", technique="static-analysis", start=3), actor=third, at=now)
    announce_emergency(said("pkg:npm/minimist", hours=5), why="it is being exploited", actor=third, at=now)
    announce_intent(said("https://github.com/org/with-a-rather-long-name", hours=200), actor=own(finder), at=now)
    owner = a_member(Role.OPERATOR)
    block = target_from_text("192.0.2.0/24")
    claimed = claim_ownership(home_of(owner), block, criticality=5, evidence="e", actor=owner, at=now)
    verify_ownership(claimed, why="seen", actor=a_member(Role.COORDINATOR), at=now)
    state_constraint(
        home_of(owner), ConstraintKind.ASK_FIRST, block, why="production", contact="ops@b.example", actor=owner, at=now
    )
    claim_ownership(
        Organization.objects.get(name="Blue Lab"),
        target_from_text("pkg:pypi/ours"),
        criticality=2,
        evidence="we publish it",
        actor=own(finder),
        at=now,
    )
    return Intent.objects.get(pk=first.pk)


def own(person: Person) -> Actor:
    return actor_for_person(person, at=right_now())


def test_a_finder_sees_whom_they_meet_before_they_commit_and_leads_the_scan_to_its_end_by_keyboard(
    browser: Browser, live_server: LiveServer, finder: Person, standing: Intent
) -> None:
    shots = Path(SHOTS) if SHOTS else None
    with walking(browser, live_server.url, signed_in(finder)) as walk:
        walk.go("/scans")
        walk.page.get_by_label("Is anyone on this?").fill("pkg:pypi/pyyaml")
        walk.page.keyboard.press("Enter")
        expect(walk.page.locator("#standing tbody tr")).to_have_count(2)
        walk.page.get_by_role("link", name="Announce a scan").press("Enter")
        walk.page.get_by_label("How:", exact=True).select_option("fuzzing")
        walk.page.get_by_label("What:", exact=True).fill("pkg:pypi/pyyaml")
        walk.page.get_by_label("Whom to reach while it runs").fill("mailto:me@blue.example")
        walk.page.get_by_role("button", name="Look whom it meets").press("Enter")
        met = walk.page.locator("section[aria-labelledby=met]")
        expect(met).to_contain_text(standing.public_id)
        expect(met).to_contain_text(CONTACT.removeprefix("mailto:"))
        expect(met).to_contain_text("It is free from")
        assert Intent.objects.filter(organization__name="Blue Lab", technique="fuzzing").count() == 1, "only looked"
        assert not walk.violations()
        if shots:
            walk.page.screenshot(path=shots / "scans-met.png", full_page=True)
        walk.page.get_by_role("button", name="I have looked at these").press("Enter")
        expect(walk.page.locator("[role=status]")).to_contain_text("Announced as SCAN-")
        walk.page.get_by_label("Why (may be empty)").fill("found another way")
        walk.page.get_by_role("button", name="End", exact=True).press("Enter")
        expect(walk.page.locator("h1")).to_contain_text("ended")
        assert not walk.wrong


@pytest.mark.usefixtures("standing")
def test_a_page_that_lies_open_asks_again_as_soon_as_its_reader_is_told_of_a_scan(
    browser: Browser, live_server: LiveServer, finder: Person
) -> None:
    with walking(browser, live_server.url, signed_in(finder)) as walk:
        for path, rows in (
            ("/scans", "#standing tbody tr"),
            ("/scans?target=pkg%3Apypi%2Fpyyaml", "#standing tbody tr"),
            ("/scans/own", "#own tbody tr"),
        ):
            walk.go(path)
            walk.page.wait_for_function("window.streams.length === 1")
            assert walk.page.evaluate("window.streams[0].address") == "/api/v1/events"
            for _ in range(2):
                with walk.page.expect_response(_is_part, timeout=15_000) as answered:
                    walk.page.evaluate("window.streams[0].dispatchEvent(new MessageEvent('scan.announced'))")
                assert unquote(answered.value.url) == live_server.url + unquote(path)
            expect(walk.page.locator(rows).first).to_be_visible()
        walk.go("/scans?target=pkg%3Apypi%2Fpyyaml")
        walk.page.get_by_role("button", name="Watch this target").press("Enter")
        expect(walk.page.locator("tbody tr")).to_contain_text("pkg:pypi/pyyaml")
        walk.page.get_by_role("button", name="Watch no longer").press("Enter")
        expect(walk.page.locator(".empty")).to_contain_text("watches nothing")
        assert not walk.wrong


def _is_part(answer: Response) -> bool:
    return answer.request.headers.get("hx-request") == "true" and answer.ok


def test_without_any_script_what_meets_is_refused_with_a_way_on_and_bad_input_stays_in_the_form(
    browser: Browser, live_server: LiveServer, finder: Person, standing: Intent
) -> None:
    context = browser.new_context(java_script_enabled=False)
    client = signed_in(finder)
    name = next(iter(client.cookies))
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
    page = context.new_page()
    page.goto(f"{live_server.url}/scans/announce")
    page.get_by_label("What:", exact=True).fill("0.0.0.0/0")
    page.get_by_label("How:", exact=True).select_option("passive-network-scanning")
    page.get_by_label("Whom to reach while it runs").fill("me@x.example")
    page.get_by_role("button", name="Look whom it meets").click()
    expect(page.locator(".errorlist").first).to_contain_text("0.0.0.0/0")
    expect(page.get_by_label("What:", exact=True)).to_have_value("0.0.0.0/0")
    page.get_by_label("What:", exact=True).fill("pkg:pypi/pyyaml")
    page.get_by_label("How:", exact=True).select_option("fuzzing")
    page.get_by_role("button", name="Keep it as a draft").click()
    page.get_by_role("button", name="Announce").click()
    expect(page.locator("[role=alert]")).to_contain_text(standing.public_id)
    page.get_by_role("button", name="I have looked at these: go on").click()
    expect(page.locator("h1")).to_contain_text("accepted")
    context.close()


def test_an_owner_states_a_constraint_and_withdraws_it(
    browser: Browser, live_server: LiveServer, finder: Person
) -> None:
    with walking(browser, live_server.url, signed_in(finder)) as walk:
        walk.go("/constraints")
        walk.page.get_by_label("Only at these times", exact=True).check()
        walk.page.get_by_label("Of what").fill("*.blue.example")
        walk.page.get_by_label("Times (UTC)").fill("saturday,sunday 22:00-06:00")
        walk.page.get_by_role("button", name="State it").press("Enter")
        expect(walk.page.locator("tbody")).to_contain_text("only-in-windows")
        walk.page.get_by_text("Withdraw", exact=False).first.press("Enter")
        walk.page.get_by_role("button", name="Withdraw").press("Enter")
        expect(walk.page.locator(".empty")).to_contain_text("Nobody asks anything")
        assert not walk.wrong
