"""Dividing a target among the willing, and what is worth looking at: by every door."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import combinations
from uuid import uuid4

import pytest
from django.test import Client

from clearinghouse.deconfliction.actions.intents import announce_intent
from clearinghouse.deconfliction.queries.advice import MOST_WILLING, advise
from clearinghouse.deconfliction.rules.suggestions import part_of, share_by_technique, willing_of
from clearinghouse.deconfliction.rules.techniques import Relation, techniques
from clearinghouse.deconfliction.rules.windows import Window
from clearinghouse.errors import Malformed
from clearinghouse.permissions.rules import Role
from tests.advisories.world import signed_in
from tests.deconfliction.makers import HOUR, a_member, a_scan, an_owner
from tests.parties.makers import NOON, a_person, a_token, right_now

pytestmark = pytest.mark.django_db
ADA, BEN, CAI = sorted(uuid4() for _ in range(3))


def _api() -> Client:
    token = a_token(a_person(Role.FINDER, at=right_now()), "deconfliction", at=right_now())
    return Client(headers={"Authorization": f"Bearer {token}"})


def _apart(named: list[str]) -> bool:
    return all(techniques().relation(*pair) is Relation.SHARE for pair in combinations(named, 2))


def test_without_folders_the_willing_get_techniques_that_get_in_nobodys_way() -> None:
    announce_intent(a_scan(technique="fuzzing"), actor=a_member(), at=NOON)
    able = {ADA: ["fuzzing", "static-analysis"], BEN: ["static-analysis", "symbolic-execution"], CAI: ["fuzzing"]}
    found = advise(a_scan(), willing=(ADA, BEN, CAI), able=able, actor=a_member(), at=NOON)
    given = {one.organization: one.technique for one in found.shares}
    assert CAI not in given and set(given) <= {ADA, BEN} and given
    assert all(given[one] in able[one] for one in given)
    assert _apart(["fuzzing", *given.values()])


def test_whoever_says_nothing_can_do_everything_that_is_free_and_what_the_scan_is_about_comes_first() -> None:
    (share,) = advise(a_scan(technique="static-analysis"), willing=(ADA,), actor=a_member(), at=NOON).shares
    assert share.technique == "static-analysis"


def test_folders_are_divided_among_those_who_were_named() -> None:
    found = advise(a_scan(), parts={"src": 5, "docs": 1}, willing=(ADA, BEN), actor=a_member(), at=NOON)
    assert {one.organization: one.paths for one in found.shares} == {ADA: ("src",), BEN: ("docs",)}


def test_as_many_as_may_be_named_are_divided_at_once() -> None:
    every = sorted(techniques().known)
    able = {uuid4(): every for _ in range(MOST_WILLING)}
    assert share_by_technique(able)
    with pytest.raises(Malformed, match="at most"):
        advise(a_scan(), willing=[uuid4() for _ in range(MOST_WILLING + 1)], actor=a_member(), at=NOON)
    with pytest.raises(Malformed, match="not among the willing"):
        advise(a_scan(), willing=(ADA,), able={BEN: ["fuzzing"]}, actor=a_member(), at=NOON)
    with pytest.raises(Malformed, match="no technique"):
        advise(a_scan(), willing=(ADA,), able={ADA: ["divination"]}, actor=a_member(), at=NOON)


@pytest.mark.parametrize("text", ["", "src=x", "=5", "src=-1", "src=٣", "src=2000000000", "src=" + "9" * 5000])
def test_what_is_no_folder_with_a_load_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        part_of(text)


def test_who_would_share_is_told_by_id_and_what_they_can() -> None:
    assert willing_of(f"{ADA}=fuzzing, static-analysis") == (ADA, ["fuzzing", "static-analysis"])
    assert willing_of(str(ADA)) == (ADA, [])
    for wrong in ("Ada", f"{ADA}=divination"):
        with pytest.raises(Malformed):
            willing_of(wrong)


def _moments() -> Iterator[tuple[str, str]]:
    now = right_now()
    yield "starts_at", now.isoformat()
    yield "ends_at", (now + HOUR).isoformat()


def test_api_and_page_divide_alike() -> None:
    said = {"technique": "fuzzing", "targets": ["pkg:pypi/pyyaml"], "contact": "ada@people.example", **dict(_moments())}
    division = {"willing": [str(ADA), str(BEN)], "able": {str(BEN): ["static-analysis"]}}
    shares = _api().post("/api/v1/intents/suggest", {**said, **division}, "application/json").json()["shares"]
    assert {one["organization"]: one["technique"] for one in shares}[str(BEN)] == "static-analysis"
    form = {
        "technique": "fuzzing",
        "targets": "pkg:pypi/pyyaml",
        "contact": "ada@people.example",
        "starts_at": f"{right_now():%Y-%m-%dT%H:%M}",
        "ends_at": f"{right_now() + timedelta(hours=1):%Y-%m-%dT%H:%M}",
        "visibility": "everyone",
        "willing": f"{ADA}\n{BEN}=static-analysis",
        "do": "divide",
    }
    browser = signed_in(a_person(Role.FINDER, at=right_now()))
    page = browser.post("/scans/announce", form).content.decode()
    assert f"<b>{BEN}</b>: static-analysis" in page
    page = browser.post("/scans/announce", {**form, "parts": "src=5\ndocs"}).content.decode()
    assert f"<b>{ADA}</b>: src" in page and f"<b>{BEN}</b>: docs" in page
    wrong = browser.post("/scans/announce", {**form, "willing": "Ada"})
    assert wrong.status_code == 422 and "no organization" in wrong.content.decode()
    endless = browser.post("/scans/announce", {**form, "parts": "src=" + "9" * 5000})
    assert endless.status_code == 422 and "up to 1000000000" in endless.content.decode()
    two = browser.post("/scans/announce", {**form, "targets": "pkg:pypi/a\npkg:pypi/b", "parts": "src"})
    assert "name that alone" in two.content.decode()


def test_programs_are_told_what_is_most_worth_looking_at() -> None:
    an_owner("pkg:pypi/other", role=Role.MAINTAINER)
    an_owner("pkg:pypi/busy", role=Role.MAINTAINER)
    now = right_now()
    announce_intent(a_scan("pkg:pypi/busy", window=Window(now, now + HOUR)), actor=a_member(), at=now)
    (found,) = _api().get("/api/v1/coverage/next").json()
    assert found["target"] == {"kind": "software", "package": "pkg:pypi/other"}
    assert (found["why"], found["covered_at"]) == ("criticality 3 of 5, never covered", None)
    assert _api().get("/api/v1/coverage/next", {"limit": 0}).status_code == 422
