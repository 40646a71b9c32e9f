"""A real browser for journeys: pages are looked at for accessibility, console and policy as they are walked."""

import json
import os
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from importlib import resources
from pathlib import Path
from typing import Any

from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page, Playwright

AXE = resources.files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OF_LAYOUT = [
    "color-contrast",
    "link-in-text-block",
    "scope-attr-valid",
    "scrollable-region-focusable",
    "target-size",
    "td-headers-attr",
    "th-has-data-cells",
]
"""What the width of the window can change: the other rules read the same elements again, and take as long."""
CHROMIUM = next((found for name in ("chromium", "chromium-browser") if (found := shutil.which(name))), None)
STREAMS = """
window.streams = []
window.EventSource = class extends EventTarget {
    constructor(address) { super(); this.address = address; window.streams.push(this) }
    close() { window.streams.splice(window.streams.indexOf(this), 1) }
}
"""
"""The server of these tests cannot answer with a stream that goes on: what a page hears, a journey says."""
_SAYS_REFUSED = "Failed to load resource: the server responded with a status of 4"
"""What the console says of a page that is a refusal."""
WIDE, NARROW = 1280, 320
SHOTS = os.environ.get("CLEARINGHOUSE_SHOTS")  # noqa: TID251 - for whoever wants to look at the pages


def open_browser(playwright: Playwright) -> Browser:
    """Return Debian's Chromium; what untrusted texts do in it is held by the pages' policy, not by its own sandbox."""
    return playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])


@contextmanager
def walking(
    browser: Browser, address: str, client: Client | None, *, width: int = WIDE, scripts: bool = True
) -> Iterator["Walk"]:
    """Walk as whoever is signed in by ``client``; None: as a stranger."""
    context = browser.new_context(viewport={"width": width, "height": 900}, java_script_enabled=scripts)
    if client is not None:
        cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": address}])
    try:
        yield Walk(context.new_page(), address)
    finally:
        context.close()


class Walk:
    """One tab, and everything in it that should not have happened."""

    def __init__(self, page: Page, address: str) -> None:
        """Listen to errors from the start; whatever runs a finder's script calls ``alert``."""
        self.page, self.address = page, address
        self.wrong: list[str] = []
        page.on("console", self._heard)
        page.on("pageerror", lambda one: self.wrong.append(str(one)))
        page.on("dialog", self._asked)
        page.add_init_script(STREAMS)
        page.add_init_script(
            "document.addEventListener('securitypolicyviolation', e => console.error('CSP ' + e.blockedURI))"
        )

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.wrong.append(message.text)

    def _asked(self, dialog: Dialog) -> None:
        self.wrong.append(f"dialog {dialog.message}")
        dialog.dismiss()

    def go(self, path: str) -> str:
        """Load a page and return its text."""
        self.page.goto(self.address + path)
        return self.text()

    def look_at(self, path: str) -> list[str]:
        """Load a page, open all of it, and return what is wrong with it, wide and narrow.

        For axe, for the console, for the policy, and that nothing sticks out. A refusal is a page too.
        """
        answer = self.page.goto(self.address + path)
        refused = answer is not None and HTTPStatus.BAD_REQUEST <= answer.status < HTTPStatus.INTERNAL_SERVER_ERROR
        self.page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        found: list[str] = []
        for width in (WIDE, NARROW):
            self.page.set_viewport_size({"width": width, "height": 900})
            rules = RULES if width == WIDE else OF_LAYOUT
            found += [f"{path} at {width}: {one}" for one in self.violations(rules)]
            found += [f"{path} at {width}: {over} pixels stick out"] if (over := self.overflow()) > 0 else []
            if SHOTS:
                name = re.sub(r"[^\w.-]+", "-", path).strip("-") or "front"
                self.page.screenshot(path=Path(SHOTS) / f"{name}-{width}.png", full_page=True)
        self.page.set_viewport_size({"width": WIDE, "height": 900})
        heard, self.wrong = self.wrong, []
        return found + [f"{path}: {one}" for one in heard if not (refused and one.startswith(_SAYS_REFUSED))]

    def text(self) -> str:
        """Return what stands on the page."""
        return self.page.inner_text("body")

    def violations(self, rules: Sequence[str] = RULES) -> list[str]:
        """Return what axe finds on this page, by these rules or sets of rules: rule and first place of each."""
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE)
        found: dict[str, Any] = self.page.evaluate(
            f"axe.run({{runOnly: {json.dumps(list(rules))}, resultTypes: ['violations']}})"
        )
        return [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in found["violations"]]

    def overflow(self) -> int:
        """Return how many pixels the page is wider than the window."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))
