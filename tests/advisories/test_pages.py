"""The pages: hostile text stays text, nothing is fetched, nothing runs, and they are readable."""

import base64
import hashlib
import re
from collections.abc import Mapping
from enum import StrEnum
from html.parser import HTMLParser
from typing import Any

import pytest

from clearinghouse.advisories.pages import CONTROL_WORDS, SAID_WORDS, VARIANT_WORDS, is_web_address
from clearinghouse.cases.actions import answer_question, join_findings
from clearinghouse.cases.tasks import new_id
from clearinghouse.findings.models import Finding, RefusedReport
from clearinghouse.parties.rules import CLEARINGHOUSE, LOCAL
from clearinghouse.validation.rules import Control, ControlName, FindingOutcome, PatchSaid, Reason, Said, VariantName
from tests.advisories.conftest import Written
from tests.cases.makers import NOON
from tests.cases.rows import a_finding, a_judgement, a_line, a_range, a_run, not_validated

HOSTILE = "</title></style></svg><script>alert(1)</script><img src=x onerror=alert(2)>\"'{{ 7|add:7 }}{% now 'Y' %}"
SHORT = HOSTILE[:60]  # as long as a handle may be, or nearly


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
    below = [*written.out.glob("cases/*/index.html"), *written.out.glob("reports/*/index.html")]
    found = [written.out / "index.html", *below]
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
    for finder in (SHORT, f"b{SHORT}"):
        a_finding(
            empty.store, SHORT, finder=finder, report=report, judgement=judged, releases=releases, said=PatchSaid.HELD
        )
    refused = not_validated(FindingOutcome.HELD, Reason.FLAKY, HOSTILE)
    a_finding(empty.store, "h", finder=f"c{SHORT}", report=report, judgement=refused)
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


def page_of(written: Written, ref: str) -> Elements:
    lists = ("claims", "refused", "held", "not_judged")
    entry = next(one for name in lists for one in written.index[name] if one["id"] == ref)
    return Elements((written.out / entry["page"]).read_text("utf-8"))


def test_a_refused_report_reads_which_control_said_no_sees_the_run_and_what_helps(empty: Written) -> None:
    judged = a_judgement(
        outcome=FindingOutcome.REFUSED,
        grade=None,
        reason=Reason.FOLLOWS_TOKEN,
        sentence="It is silent with another token.",
        controls=(Control(ControlName.TOKEN, Said.FAILED, "silent with another token in another place"),),
        runs=(
            a_run(VariantName.VULNERABLE, "5.3", 0, fired=True),
            a_run(VariantName.TOKEN, "5.3", 0, fired=False),
        ),
    )
    a_finding(empty.store, "r-1", judgement=judged)
    empty.write()
    page = page_of(empty, "r-1")
    assert "The control that said no: Works with another token. silent with another token" in page.text
    assert "vulnerable release, another token 5.3" in page.text and "os.system was called with <token>" in page.text
    assert "never a fixed text" in page.text and "A question to you" not in page.text


def test_a_held_report_is_one_question_with_the_two_runs_beside_it(world: Written) -> None:
    page = page_of(world, "D-2")
    assert (
        "A question to you" in page.text and "(yes)" in page.text and "clearinghouse answer finder-d/D-2" in page.text
    )
    assert [words for tag, words in page.found if tag == "table" and words.get("class") == "sides"]
    assert "yaml.constructor.make_python_instance (constructor.py:572)" in page.text


def test_a_case_that_waits_for_a_person_leads_to_its_question(world: Written) -> None:
    page = Elements(world.file("pkg:npm/semver", "index.html").decode())
    links = [words["href"] for tag, words in page.found if tag == "a"]
    assert any(str(link).startswith("#question-") for link in links)
    assert "have you read it" in page.text and "fixed release 5.4" in page.text


def test_an_answer_stands_on_the_page_with_the_name(world: Written) -> None:
    finding = Finding.objects.get(finder_ref="fa-2026-0051")
    words = {"why": "I read every line", "by": "Ada Lovelace"}
    answer_question(finding, yes=True, **words, artefacts=world.store, new_id=new_id, actor=LOCAL, at=NOON)
    world.write()
    page = Elements(world.file("pkg:npm/semver", "index.html").decode()).text
    assert "Ada Lovelace: I read every line" in page and "A question to you" not in page
    assert not world.case("pkg:npm/semver")["to_confirm"]


@pytest.mark.parametrize(
    ("words", "named"), [(CONTROL_WORDS, ControlName), (VARIANT_WORDS, VariantName), (SAID_WORDS, Said)]
)
def test_whatever_a_verdict_may_name_has_words(words: Mapping[StrEnum, str], named: type[StrEnum]) -> None:
    assert set(words) == set(named)
