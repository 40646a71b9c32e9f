"""A browser for a module of journeys, and a store of artefacts of its own for each."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from clearinghouse.artefacts import Artefacts
from tests.journeys.browser import open_browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # Playwright keeps an event loop in this thread; Django would refuse every query beside it.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")  # noqa: TID251 - Django reads it from there
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # noqa: TID251 - the same
    with sync_playwright() as playwright:
        yield open_browser(playwright)
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]  # noqa: TID251 - the same


@pytest.fixture
def store(tmp_path: Path, settings: object) -> Artefacts:
    settings.CLEARINGHOUSE_ARTEFACTS = tmp_path / "artefacts"  # type: ignore[attr-defined]
    return Artefacts(tmp_path / "artefacts")
