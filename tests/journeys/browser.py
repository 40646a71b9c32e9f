"""A real browser for journeys: pages are looked at for accessibility, console and policy as they are walked."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from typing import Any

from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page, Playwright

AXE = resources.files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
CHROMIUM = next((found for name in ("chromium", "chromium-browser") if (found := shutil.which(name))), None)
STREAMS = """
window.streams = []
window.EventSource = class extends EventTarget {
    constructor(address) { super(); this.address = address; window.streams.push(this) }
    close() { window.streams.splice(window.streams.indexOf(this), 1) }
}
"""
"""The server of these tests cannot answer with a stream that goes on: what a page hears, a journey says."""
WIDE, NARROW = 1280, 320


def open_browser(playwright: Playwright) -> Browser:
    """Return Debian's Chromium; what untrusted texts do in it is held by the pages' policy, not by its own sandbox."""
    return playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])


@contextmanager
def walking(browser: Browser, address: str, client: Client | None, *, width: int = WIDE) -> Iterator["Walk"]:
    """Walk as whoever is signed in by ``client``; None: as a stranger."""
    context = browser.new_context(viewport={"width": width, "height": 900})
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

    def text(self) -> str:
        """Return what stands on the page."""
        return self.page.inner_text("body")

    def violations(self) -> list[str]:
        """Return what axe finds on this page: rule and first place of each."""
        self.page.evaluate(AXE)
        found: dict[str, Any] = self.page.evaluate(f"axe.run({{runOnly: {json.dumps(RULES)}}})")
        return [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in found["violations"]]

    def overflow(self) -> int:
        """Return how many pixels the page is wider than the window."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))
