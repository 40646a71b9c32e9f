"""Tests of clearinghouse/config/views.py: what pages are made with is served, and nothing beside it."""

import pytest
from django.test import Client
from django.urls import URLPattern

from clearinghouse.config.sign_in import urlpatterns as sign_in
from clearinghouse.config.urls import urlpatterns
from tests.house.sources import ROOT

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("uswds/css/uswds.min.css", "text/css"),
        ("htmx/htmx.min.js", "text/javascript"),
        ("icon.svg", "image/svg+xml"),
    ],
)
def test_what_pages_are_made_with_is_kept_by_browsers_for_an_hour(path: str, kind: str) -> None:
    answer = Client().get(f"/static/{path}")
    assert (answer.status_code, answer["Content-Type"].split(";")[0]) == (200, kind)
    assert answer["Cache-Control"] == "public, max-age=3600"
    assert len(answer.content) == int(answer["Content-Length"])
    again = Client().get(f"/static/{path}", headers={"If-Modified-Since": answer["Last-Modified"]})
    assert again.status_code == 304


@pytest.mark.parametrize("path", ["../portal.py", "..%2fportal.py", "/etc/passwd", "uswds", "nothing.css", "%00"])
def test_nothing_else_is_served(path: str) -> None:
    assert Client().get(f"/static/{path}").status_code in {400, 404}


_NO_PAGES = {"", ".well-known", "health", "join", "metrics", "static"}
"""The front page, what programs read, and where an invitation leads."""


def test_the_guide_names_every_kind_of_page() -> None:
    table = (ROOT / "docs" / "guide" / "portal.md").read_text(encoding="utf-8").partition("## ")[0]
    routes = [str(one.pattern) for one in urlpatterns if isinstance(one, URLPattern) and one not in sign_in]
    kinds = {route.partition("/")[0] for route in routes} - _NO_PAGES
    assert {"scans", "owned", "cases"} <= kinds
    assert [kind for kind in sorted(kinds) if f"`/{kind}" not in table] == []
