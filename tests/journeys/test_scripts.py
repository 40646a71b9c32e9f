"""Whatever finders and maintainers write is shown as text: every payload in every field, in a real browser."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import cycle, product
from pathlib import Path
from typing import Any

import pytest
from django.db.models import Model
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from clearinghouse.artefacts import Artefacts
from clearinghouse.cases.models import Embargo, Fix, Join, Response
from clearinghouse.findings.models import Finding, RefusedReport, Submission
from clearinghouse.parties.models import Organization, Person, Token
from clearinghouse.validation.models import Answer, Validation
from clearinghouse.validation.rules import Control, Judgement, Run
from clearinghouse.validation.shapes import dump, load
from tests.advisories.world import GOOD_PATCH, World, a_world, signed_in
from tests.cases.makers import NOON
from tests.journeys.browser import CHROMIUM, Walk, walking

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.server,
    pytest.mark.enable_socket,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on the path"),
]

OUT_OF = ("", '">', "'>", "</script>", "</style>", "</textarea>", "</title>", "-->", "`>", "\x00'\"><")
INTO = (
    "<script>alert(1)</script>",
    "<ScRiPt src=//x.example/a.js></ScRiPt>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    "<iframe srcdoc='<script>parent.alert(1)</script>'>",
    "<iframe src=javascript:alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<input autofocus onfocus=alert(1)>",
    "<video><source onerror=alert(1)>",
    "<body onload=alert(1)>",
    "<math><mtext><script>alert(1)</script>",
    "<object data=javascript:alert(1)>",
    "<embed src=javascript:alert(1)>",
    "<a href=javascript:alert(1) autofocus>",
    "<form action=javascript:alert(1)><button autofocus>",
    "<base href=//x.example/>",
    "<meta http-equiv=refresh content='0;url=//x.example'>",
    "<style>@import '//x.example/a.css';</style>",
    "<div hx-on:load=alert(1) hx-get=/ hx-trigger=load>",
    "{{ 7|add:7 }}{% load static %}<b onmouseover=alert(1)>",
)
PAYLOADS = tuple(out + into for out, into in product(OUT_OF, INTO))
HARM = """() => [...document.querySelectorAll("main *")].filter(one =>
    "script iframe object embed base meta style video math img body animate".split(" ").includes(one.localName)
    || [...one.attributes].some(each => /^(on|hx-on|srcdoc)/.test(each.name))
).map(one => one.outerHTML.slice(0, 200))"""
"""Finds what no page of ours has: elements and attributes that run or load something."""


def all_of_them(shortest: int = 0) -> str:
    """Return every payload in one text; where a field is short, the next ones that fit."""
    if not shortest:
        return " ".join(one.replace("\x00", "") for one in PAYLOADS)
    text = ""
    while len(text) + len(one := next(_TURNS)) + 1 <= shortest:
        text += one.replace("\x00", "") + " "
    return text.strip()


_TURNS = cycle(PAYLOADS)


def poisoned(value: Any, *, shortest: int = 0) -> Any:  # noqa: ANN401 - any plain data
    """Return plain data of the same shape in which every free text is payloads."""
    match value:
        case dict():
            return {key: poisoned(one, shortest=shortest) for key, one in value.items()}
        case list():
            return [poisoned(one, shortest=shortest) for one in value]
        case str():
            return all_of_them(shortest)
    return value


KEPT = (
    "schema",
    "target",
    "proofs",
    "patches",
    "severity",
    "exploited",
    "public",
    "ai",
    "affects",
    "finder",
    "id",
    "weaknesses",
)
"""Fields of a report that are no free text: the format's reader lets only known values in."""


def poison(world: World, store: Artefacts) -> None:
    """Write payloads into every text that is stored of these rows."""
    long = all_of_them()
    for finding in world.findings:
        said = {key: one if key in KEPT else poisoned(one) for key, one in finding.report.items()}
        said |= {"root_cause": long, "references": [f"javascript:alert(1)//{long}", f"https://x.example/{long}"]}
        files = {f"{number}{all_of_them(90)}": digest for number, digest in enumerate(finding.artefacts.values())}
        Finding.objects.filter(pk=finding.pk).update(
            report=said,
            artefacts=finding.artefacts | files,
            source_name=all_of_them(300),
            finder=all_of_them(60),
            readiness=[{"element": "proof", "said": False, "hint": long}],
        )
        row = Validation.objects.get(finding=finding)
        row.judgement = dump(_poisoned_judgement(load(Judgement, row.judgement)))
        row.patches = [
            one
            | {
                "sentence": long,
                "file": all_of_them(90),
                "checks": [{**each, "detail": long} for each in one["checks"]],
            }
            for one in row.patches or []
        ]
        row.save()
        Answer.objects.create(
            finding=finding,
            question="x",
            yes=True,
            why=long,
            by=all_of_them(200),
            actor=world.coordinator.pk,
            created_at=NOON,
        )
    _everywhere(Join, reason=long)
    _everywhere(Organization, name=lambda: all_of_them(200))
    _everywhere(Person, name=lambda: all_of_them(200))
    by = {"by": all_of_them(200), "person_id": world.coordinator.pk, "created_at": NOON}
    Response.objects.create(
        case=world.case, said="already-known", state="standing", why=long, reference=all_of_them(500), **by
    )
    Response.objects.create(
        case=world.case,
        said="disputed",
        state="overruled",
        why=long,
        ended_why=long,
        organization_id=world.auditor.pk,
        **by,
    )
    Embargo.objects.create(case=world.case, state="none", created_at=NOON)
    results = {one.key: Validation.objects.get(finding=one).patches[0] for one in world.findings[:1]}
    Fix.objects.create(
        case=world.case,
        digest=store.put(GOOD_PATCH.encode()),
        file=all_of_them(200),
        state="checked",
        results=results,
        **by,
    )
    RefusedReport.objects.create(
        name=all_of_them(300),
        problems=[poisoned({"code": "", "field": "", "reason": "", "fix": ""})],
        received_at=NOON,
        created_at=NOON,
    )
    home = Organization.objects.get(memberships__person=world.coordinator)
    Submission.objects.create(
        receipt="SUB-1",
        organization=home,
        person=world.coordinator.pk,
        name=all_of_them(300),
        digest="sha256:0",
        size_bytes=1,
        state="refused",
        problems=[poisoned({"code": "", "field": "", "reason": "", "fix": ""})],
        created_at=NOON,
    )
    Token.objects.create(
        person=world.coordinator,
        organization=home,
        name=all_of_them(100),
        digest="0",
        scopes=[long],
        second_factor=True,
        expires_at=NOON,
        created_at=NOON,
    )


def _everywhere(model: type[Model], **texts: Any) -> None:  # noqa: ANN401 - text, or what makes one for each row
    for row in model._base_manager.all():
        for field, text in texts.items():
            setattr(row, field, text() if callable(text) else text)
        row.save()


def _poisoned_judgement(judgement: Judgement) -> Judgement:
    long = all_of_them()

    def run(one: Run) -> Run:
        if one.witness is None:
            return replace(one, why=long)
        frames = tuple(replace(frame, module=long, function=long, file=long) for frame in one.witness.frames)
        return replace(one, witness=replace(one.witness, summary=long, event=long, argument=long, frames=frames))

    def control(one: Control) -> Control:
        return replace(one, why=long)

    return replace(
        judgement,
        sentence=long,
        runs=tuple(map(run, judgement.runs)),
        controls=tuple(map(control, judgement.controls)),
        state=(long,) if judgement.state else (),
        interpreter=long,
    )


@pytest.fixture
def store(tmp_path: Path, settings: object) -> Artefacts:
    settings.CLEARINGHOUSE_ARTEFACTS = tmp_path / "artefacts"  # type: ignore[attr-defined]
    return Artefacts(tmp_path / "artefacts")


@pytest.fixture
def walk(browser: Browser, live_server: LiveServer, store: Artefacts) -> Iterator[tuple[Walk, tuple[str, ...]]]:
    world = a_world(store)
    poison(world, store)
    with walking(browser, live_server.url, signed_in(world.coordinator, second_factor=True)) as walk:
        paths = (
            "/",
            "/cases",
            f"/cases/{world.case.public_id}",
            f"/cases/{world.doubted.public_id}",
            "/questions",
            "/reports",
            *(f"/reports/{one.key}" for one in world.findings),
            "/hand-in",
            "/submissions/SUB-1",
            "/organization",
            "/tokens",
            "/audit",
            "/status",
        )
        yield walk, paths


def test_no_payload_runs_becomes_an_element_or_leads_anywhere_on_any_page(walk: tuple[Walk, tuple[str, ...]]) -> None:
    tab, paths = walk
    assert len(PAYLOADS) >= 200
    shown = 0
    for path in paths:
        shown += tab.go(path).count("onerror=alert(1)")
        assert not tab.page.evaluate(HARM), path
        links = tab.page.eval_on_selector_all("a[href], form[action]", "all => all.map(one => one.href || one.action)")
        assert all(one.startswith(("http://", "https://")) for one in links), path
        tab.page.wait_for_timeout(100)
        assert not tab.wrong, (path, tab.page.inner_text("main")[:160])
    assert shown > 500


def test_what_would_run_is_noticed(walk: tuple[Walk, tuple[str, ...]]) -> None:
    tab, _ = walk
    tab.page.set_content("<main><img src=x onerror=alert(1)></main>")
    tab.page.wait_for_timeout(300)
    assert tab.wrong and len(tab.page.evaluate(HARM)) == 1
