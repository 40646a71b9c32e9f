"""CSAF and OSV drafts, also by validators that are not ours."""

import json
from pathlib import Path

import pytest

from clearinghouse.cases.actions import join_findings
from clearinghouse.cases.tasks import new_id
from clearinghouse.parties.rules import CLEARINGHOUSE
from clearinghouse.standards import osv, purl
from clearinghouse.strict import load_json
from tests.advisories.conftest import Written
from tests.cases.makers import NOON
from tests.cases.rows import a_finding, a_judgement, a_line, a_range
from tests.standards.csaf_validation import installed_driver, mandatory_failures


@pytest.mark.index
@pytest.mark.enable_socket
def test_the_foreign_csaf_validator_finds_nothing(world: Written, tmp_path: Path) -> None:
    hostile = "</script><img src=x onerror=alert(1)> \u202e ]]> & ' \" \\ {{ 7*7 }}"
    report = {"title": hostile[:80], "description": hostile, "credit": hostile, "aliases": ["GHSA-aaaa-bbbb-cccc"]}
    judged = a_judgement(target="pkg:pypi/attrs@1.0", fixed="")
    lone = a_range("pkg:pypi/attrs", a_line(("1.0", "affected"), ("1.1", "not-run")))
    a_finding(world.store, "h-1", finder="finder-h", report=report, judgement=judged, releases=lone)
    not_told = a_judgement(target="pkg:pypi/black@1.0")
    a_finding(
        world.store,
        "h-2",
        finder="finder-h",
        report=report,
        judgement=not_told,
        releases=a_range("pkg:pypi/black", a_line()),
    )
    join_findings(artefacts=world.store, new_id=new_id, actor=CLEARINGHOUSE, at=NOON)
    world.write()
    documents = [json.loads(one.read_bytes()) for one in sorted(world.out.glob("cases/*/csaf.json"))]
    folder = tmp_path / "validator"
    folder.mkdir()
    assert len(documents) == 6
    assert mandatory_failures(installed_driver(folder), documents) == [[]] * len(documents)


def test_osv_says_what_the_runs_said(world: Written) -> None:
    record = osv.parse(load_json(world.file("pkg:npm/lodash", "osv.json")))
    assert osv.affects(record, purl.parse("pkg:npm/lodash@4.17.18"))
    assert not osv.affects(record, purl.parse("pkg:npm/lodash@4.17.19"))
    assert osv.affects(record, purl.parse("pkg:npm/lodash@3.10.1"))
    assert not osv.affects(record, purl.parse("pkg:npm/lodash@3.10.2"))


def test_osv_keeps_the_list_of_what_was_not_run(world: Written) -> None:
    record = json.loads(world.file("pkg:npm/lodash", "osv.json"))
    not_run = record["affected"][0]["database_specific"]["not_run"]
    assert {"version": "3.0.0", "why": "no interpreter at hand runs it"} in not_run


def test_every_finder_is_credited(world: Written) -> None:
    record = json.loads(world.file("pkg:npm/lodash", "osv.json"))
    assert {one["name"] for one in record["credits"]} == {"Finder-B Research", "Finder-D Research"}


def test_csaf_gives_each_release_one_status(world: Written) -> None:
    statuses = json.loads(world.file("pkg:npm/lodash", "csaf.json"))["vulnerabilities"][0]["product_status"]
    assert "pkg:npm/lodash@4.17.15" in statuses["known_affected"]
    assert "pkg:npm/lodash@4.17.21" in statuses["fixed"]
    assert "pkg:npm/lodash@3.0.0" in statuses["under_investigation"]
    assert statuses["first_fixed"] == ["pkg:npm/lodash@3.10.2", "pkg:npm/lodash@4.17.19"]


def test_csaf_says_what_to_install_for_each_line(world: Written) -> None:
    found = json.loads(world.file("pkg:npm/lodash", "csaf.json"))["vulnerabilities"][0]["remediations"]
    fixes = {one["details"]: one["product_ids"] for one in found if one["category"] == "vendor_fix"}
    assert fixes["Install 3.10.2 or a later release."] == ["pkg:npm/lodash@3.10.1"]


def test_csaf_states_the_use_of_ai_by_both_sides(world: Written) -> None:
    notes = {
        one["title"]: one["text"] for one in json.loads(world.file("pkg:npm/lodash", "csaf.json"))["document"]["notes"]
    }
    assert notes["Use of AI by the finders"] == "finder-b used no AI. finder-d has not said whether AI was used."
    assert "used no AI" in notes["Use of AI by the coordinator"]


def test_csaf_is_a_draft_under_the_strictest_marking(world: Written) -> None:
    document = json.loads(world.file("pkg:npm/lodash", "csaf.json"))["document"]
    assert document["tracking"]["status"] == "draft"
    assert document["distribution"]["tlp"]["label"] == "AMBER"
