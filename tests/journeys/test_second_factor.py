"""Second factors in a real browser, by keyboard: set up, used to sign in, and asked of whoever needs one."""

from pathlib import Path

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core.cache import cache
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from clearinghouse.artefacts import Artefacts
from tests.advisories.world import World, a_world
from tests.journeys.browser import CHROMIUM, NARROW, SHOTS, WIDE, Walk, walking
from tests.parties.makers import PASSWORD

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.server,
    pytest.mark.enable_socket,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on the path"),
]

FACTORS = "/account/factors/"
KEY = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def world(store: Artefacts) -> World:
    cache.clear()  # rate limits and used codes are counted there
    return a_world(store)


def a_code(secret: str) -> str:
    cache.clear()  # a code is good once; a journey is quicker than the next code
    return str(format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time())))))


def look(walk: Walk, name: str) -> None:
    """Look at the page as it stands, wide and narrow: nothing is wrong for axe, and nothing sticks out."""
    for width in (WIDE, NARROW):
        walk.page.set_viewport_size({"width": width, "height": 900})
        if SHOTS:
            walk.page.screenshot(path=Path(SHOTS) / f"factor-{name}-{width}.png", full_page=True)
        assert not walk.violations(), f"{name} at {width}"
        assert walk.overflow() <= 0, f"{name} at {width}"
    walk.page.set_viewport_size({"width": WIDE, "height": 900})


def press(walk: Walk, name: str) -> None:
    """Press a button or link of the page by keyboard."""
    main = walk.page.locator("main")
    main.get_by_role("button", name=name, exact=True).or_(main.get_by_role("link", name=name, exact=True)).first.press(
        "Enter"
    )


def sign_in(walk: Walk, email: str) -> None:
    walk.go("/sign-in")
    walk.page.get_by_label("Email").fill(email)
    walk.page.get_by_label("Password").fill(PASSWORD)
    walk.page.keyboard.press("Enter")
    walk.page.wait_for_url(lambda url: "/sign-in" not in url)


def confirm(walk: Walk) -> None:
    """Say the password again, where it is asked for."""
    if "/account/again" in walk.page.url:
        look(walk, "again")
        walk.page.get_by_label("Password").fill(PASSWORD)
        walk.page.keyboard.press("Enter")
        walk.page.wait_for_url(lambda url: "/account/again" not in url)


def sign_out(walk: Walk) -> None:
    walk.page.get_by_role("button", name="Sign out").press("Enter")
    walk.page.wait_for_url(lambda url: url.endswith("/") or "sign-out" in url)


def test_a_coordinator_is_led_to_a_second_factor_and_signs_in_with_each_kind(
    browser: Browser, live_server: LiveServer, world: World
) -> None:
    with walking(browser, live_server.url, None) as walk:
        sign_in(walk, world.coordinator.email)
        assert walk.page.url.endswith(FACTORS), "whoever can do nothing without one is led there"
        walk.go("/cases")
        assert walk.page.url.endswith(FACTORS) and world.case.public_id not in walk.text()
        expect(walk.page.locator("main .usa-alert").first).to_contain_text("second factor")
        look(walk, "none")
        press(walk, "Activate")
        confirm(walk)
        look(walk, "app")
        secret = walk.page.locator("#authenticator_secret").input_value()
        walk.page.get_by_label("Authenticator code").fill(a_code(secret))
        walk.page.keyboard.press("Enter")
        walk.page.wait_for_url(lambda url: "recovery" in url)
        look(walk, "recovery")
        codes = walk.page.locator("#recovery_codes").input_value().split()
        assert len(codes) >= 8
        assert world.case.public_id in walk.go("/cases"), "whoever sets up a factor has shown it"
        sign_out(walk)

        sign_in(walk, world.coordinator.email)
        assert "/authenticate" in walk.page.url
        look(walk, "ask")
        walk.page.get_by_label("Code").first.fill("000000")
        walk.page.keyboard.press("Enter")
        expect(walk.page.locator("main")).to_contain_text("Incorrect code")
        look(walk, "wrong")
        walk.page.get_by_label("Code").first.fill(codes[0])
        walk.page.keyboard.press("Enter")
        walk.page.wait_for_url(lambda url: "/authenticate" not in url)
        assert world.case.public_id in walk.go("/cases"), "a recovery code opens what the app opens"
        sign_out(walk)

        sign_in(walk, world.coordinator.email)
        walk.page.get_by_label("Code").first.fill(codes[0])
        walk.page.keyboard.press("Enter")
        expect(walk.page.locator("main")).to_contain_text("Incorrect code")
        assert not walk.wrong


def test_a_passkey_is_added_and_signs_in_alone(browser: Browser, live_server: LiveServer, world: World) -> None:
    with walking(browser, live_server.url, None) as walk:
        devices = walk.page.context.new_cdp_session(walk.page)
        devices.send("WebAuthn.enable")
        devices.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})
        sign_in(walk, world.coordinator.email)
        walk.go(FACTORS)
        press(walk, "Add")
        confirm(walk)
        look(walk, "key")
        walk.page.get_by_label("Name").fill("My laptop")
        walk.page.get_by_label("Passwordless").check()
        press(walk, "Add")
        walk.page.wait_for_url(lambda url: "/webauthn/add" not in url)
        look(walk, "added")
        walk.go(f"{FACTORS}webauthn/")
        assert "My laptop" in walk.text() and "Passkey" in walk.text()
        look(walk, "keys")
        for page in ("edit", "remove"):
            walk.page.locator(f"main a[href$='/{page}/']").press("Enter")
            walk.page.wait_for_url(f"**/{page}/")
            look(walk, f"key-{page}")
            walk.go(f"{FACTORS}webauthn/")
        walk.go(f"{FACTORS}webauthn/reauthenticate/")
        look(walk, "key-again")
        sign_out(walk)
        walk.go("/sign-in")
        press(walk, "Sign in with a passkey")
        walk.page.wait_for_url(lambda url: "/sign-in" not in url)
        assert world.case.public_id in walk.go("/cases"), "a passkey is what one has and who one is"
        assert not walk.wrong
