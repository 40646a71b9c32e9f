"""The pages: hostile text stays text, nothing is fetched, nothing runs, and they are readable."""

import base64
import hashlib
import re
from html.parser import HTMLParser
from typing import Any

import pytest

from clearinghouse.advisories.pages import is_web_address
from clearinghouse.cases.actions import join_findings
from clearinghouse.cases.tasks import new_id
from clearinghouse.findings.models import RefusedReport
from clearinghouse.parties.rules import CLEARINGHOUSE
from clearinghouse.validation.rules import Control, ControlName, FindingOutcome, PatchSaid, Reason, Said
from tests.advisories.conftest import Written
from tests.cases.makers import NOON
from tests.cases.rows import a_finding, a_judgement, a_line, a_range, not_validated

HOSTILE = "</title></style></svg><script>alert(1)</script><img src=x onerror=alert(2)>\"'{{ 7|add:7 }}{% now 'Y' %}"


class Elements(HTMLParser):
    """Every element of a page with its attributes, and the text outside of style."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def pages(written: Written) -> dict[str, str]:
    found = [written.out / "index.html", *written.out.glob("cases/*/index.html")]
    return {one.relative_to(written.out).as_posix(): one.read_text("utf-8") for one in found}


@pytest.fixture
def hostile(empty: Written) -> Written:
    texts = ("title", "description", "trigger", "impact", "root_cause", "credit", "workaround")
    report: dict[str, Any] = dict.fromkeys(texts, HOSTILE) | {
        "references": [f"https://x.example/{HOSTILE}", "javascript:alert(3)"],
        "aliases": [HOSTILE],
        "locations": [{"path": HOSTILE, "symbol": HOSTILE}],
        "ai": [{"phase": HOSTILE, "used": True, "tool": HOSTILE, "name": HOSTILE}],
    }
    judged = a_judgement(
        sentence=HOSTILE,
        state=(f"m.{HOSTILE}",),
        sink=HOSTILE,
        interpreter=HOSTILE,
        tier=HOSTILE,
        controls=(Control(ControlName.SHOWS, Said.PASSED, HOSTILE),),
    )
    releases = a_range("pkg:pypi/pyyaml", a_line((HOSTILE, "affected"), (f"2{HOSTILE}", "not-run")))
    for finder in (HOSTILE, f"b{HOSTILE}"):
        a_finding(
            empty.store, HOSTILE, finder=finder, report=report, judgement=judged, releases=releases, said=PatchSaid.HELD
        )
    refused = not_validated(FindingOutcome.HELD, Reason.FLAKY, HOSTILE)
    a_finding(empty.store, "h", finder=f"c{HOSTILE}", report=report, judgement=refused)
    problem = dict.fromkeys(("code", "field", "reason", "fix"), HOSTILE)
    RefusedReport.objects.create(name=HOSTILE, problems=[problem], received_at=NOON, created_at=NOON)
    join_findings(artefacts=empty.store, new_id=new_id, actor=CLEARINGHOUSE, at=NOON)
    empty.write()
    return empty


def test_hostile_text_in_every_field_stays_text(hostile: Written) -> None:
    for page in pages(hostile).values():
        elements = Elements(page)
        assert not {"script", "img"} & {tag for tag, _ in elements.found}
        assert not [name for _, attributes in elements.found for name in attributes if name.startswith("on")]
        assert HOSTILE in elements.text and ">14<" not in page


def test_only_web_addresses_become_links(hostile: Written) -> None:
    for page in pages(hostile).values():
        links = [str(attributes.get("href")) for tag, attributes in Elements(page).found if tag == "a"]
        assert all(re.match(r"(?:https?://|#|[A-Za-z./0-9]+\Z)", one) for one in links)


def test_clean_addresses_do(world: Written) -> None:
    assert 'href="https://nvd.nist.example/vuln/CVE-2020-8203"' in world.file("pkg:npm/lodash", "index.html").decode()


@pytest.mark.parametrize(
    "text",
    ["javascript:alert(1)", "https://a b", 'https://a"', "//x", "data:text/html,x", "https://\u202ex", "https:x"],
)
def test_what_is_no_plain_web_address_is_shown_as_text(text: str) -> None:
    assert not is_web_address(text)


def test_the_policy_forbids_everything_but_the_pages_own_style(world: Written) -> None:
    for page in pages(world).values():
        style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
        assert style is not None
        digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
        policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
        metas = [attributes for tag, attributes in Elements(page).found if tag == "meta"]
        assert {"http-equiv": "Content-Security-Policy", "content": policy} in metas


def test_nothing_is_fetched_and_no_style_stands_outside(world: Written) -> None:
    for page in pages(world).values():
        for tag, attributes in Elements(page).found:
            assert tag not in ("script", "link", "iframe", "object", "form")
            assert not {"src", "style", "srcset"} & set(attributes)


def test_every_picture_says_what_it_shows(world: Written) -> None:
    for page in pages(world).values():
        pictures = [attributes for tag, attributes in Elements(page).found if attributes.get("class") == "picture"]
        assert all(one["role"] == "img" and one["aria-label"] for one in pictures)


def test_a_case_page_answers_what_since_when_and_why(world: Written) -> None:
    page = Elements(world.file("pkg:npm/lodash", "index.html").decode()).text
    for heading in ("What", "Since when", "Why it stands here", "How the reports hang together", "Patches"):
        assert heading in page
    assert "fixed in 4.17.19" in page and "finder-d/D/2026/3" in page and "CISA BOD 26-04" in page


def test_every_link_between_pages_leads_somewhere(world: Written) -> None:
    for name, page in pages(world).items():
        folder = (world.out / name).parent
        for tag, attributes in Elements(page).found:
            target = str(attributes.get("href", "#"))
            if tag == "a" and not target.startswith(("#", "http")):
                assert (folder / target).is_file()


def test_every_anchor_on_a_page_is_there_once(world: Written) -> None:
    for page in pages(world).values():
        ids = [one["id"] for _, one in Elements(page).found if "id" in one]
        assert len(ids) == len(set(ids))
        wanted = {str(one.get("href"))[1:] for tag, one in Elements(page).found if str(one.get("href")).startswith("#")}
        assert wanted <= set(ids)
