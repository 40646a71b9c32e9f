"""``index.json`` and its schema."""

import json
from datetime import timedelta
from pathlib import Path

import jsonschema
from django.db import connection

from clearinghouse.advisories.index.building import LISTS
from clearinghouse.advisories.index.shapes import index_schema
from clearinghouse.cases.actions import join_findings
from clearinghouse.cases.models import Case, Join, Link, Trial
from clearinghouse.cases.tasks import new_id
from clearinghouse.findings.models import Finding, RefusedReport
from clearinghouse.ledger.models import Event
from clearinghouse.parties.rules import LOCAL
from clearinghouse.validation.rules import FindingOutcome, Reason
from tests.advisories.conftest import Written
from tests.advisories.makers import a_world
from tests.cases.makers import NOON
from tests.cases.rows import a_finding, a_judgement, not_validated

SCHEMA = Path(__file__).parents[2] / "docs" / "reference" / "index.schema.json"


def test_the_published_schema_is_fresh() -> None:
    assert json.loads(SCHEMA.read_text("utf-8")) == json.loads(json.dumps(index_schema()))


def test_the_index_keeps_to_its_schema(world: Written) -> None:
    jsonschema.Draft202012Validator(index_schema()).validate(world.index)


def test_every_report_is_in_exactly_one_list(world: Written) -> None:
    index = world.index
    placed = [one["finding"] for case in index["cases"] for one in case["reports"]]
    aside = [one["finding"] for name in LISTS for one in index[name]]
    assert sorted(placed + [one for one in aside if one]) == sorted(Finding.objects.values_list("key", flat=True))
    assert len([one for one in aside if not one]) == RefusedReport.objects.count()


def test_the_same_reports_give_the_same_bytes_in_another_database(world: Written) -> None:
    before = (world.out / "index.json").read_bytes()
    for model in (Link, Trial, Join, Case, Finding, RefusedReport):
        model.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    a_world(world.store)
    world.write(at=NOON + timedelta(hours=5))
    assert (world.out / "index.json").read_bytes() == before


def test_nothing_random_and_no_time_stands_in_the_index(world: Written) -> None:
    text = (world.out / "index.json").read_text("utf-8")
    random_ids = [
        *Case.objects.values_list("public_id", flat=True),
        *map(str, Finding.objects.values_list("pk", flat=True)),
    ]
    assert not [one for one in random_ids if one in text]
    assert "2026-11-23" not in text and "seconds" not in text


def test_cases_stand_in_order_of_work(world: Written) -> None:
    index = world.index
    assert [one["position"] for one in index["cases"]] == [1, 2, 3, 4]
    assert [one["band"] for one in index["cases"]] == ["URGENT", "URGENT", "URGENT", "STANDARD"]


def test_a_case_of_grade_b_waits_for_a_person(world: Written) -> None:
    assert world.case("pkg:npm/semver")["to_confirm"] is True


def test_every_file_that_the_index_names_is_there(world: Written) -> None:
    for case in world.index["cases"]:
        for name in case["files"].values():
            assert (world.out / name).exists()


def test_a_report_that_was_never_judged_is_said_to_be_so(empty: Written) -> None:
    Finding.objects.create(
        key="k" * 64,
        finder="finder-a",
        finder_ref="r",
        report={"title": "T", "target": "pkg:pypi/x@1", "id": "r", "finder": "finder-a"},
        source="report",
        source_name="r",
        received_at=NOON,
        created_at=NOON,
        state="taken-in",
    )
    assert empty.write()["not_judged"][0]["says"].startswith("The clearing ended before it was judged.")


def test_an_empty_clearing_is_written_too(empty: Written) -> None:
    index = empty.write()
    assert index["cases"] == [] and (empty.out / "index.html").is_file() and (empty.out / "cases").is_dir()


def test_writing_is_in_the_ledger(world: Written) -> None:
    assert Event.objects.filter(verb="advisories:advisory:write").count() == len(world.index["cases"])


def test_times_and_ids_stand_in_the_run_report(world: Written) -> None:
    run = json.loads((world.out / "run.json").read_text("utf-8"))
    assert set(run["cases"]) == {one["key"] for one in world.index["cases"]}
    assert all(one["public_id"].startswith("CASE-") and one["duties"] for one in run["cases"].values())


def test_the_index_does_not_change_with_the_clock(empty: Written) -> None:
    soon = {"deadline": {"date": (NOON + timedelta(days=40)).date().isoformat(), "policy": "https://a.example/p"}}
    a_finding(empty.store, "fa-1", report=soon)
    a_finding(empty.store, "fb-1", finder="finder-b", judgement=a_judgement(target="pkg:pypi/other@1.0"))
    join_findings(artefacts=empty.store, new_id=new_id, actor=LOCAL, at=NOON)
    empty.write()
    before = (empty.out / "index.json").read_bytes()
    for days in (1, 35, 400):
        empty.write(at=NOON + timedelta(days=days))
        assert (empty.out / "index.json").read_bytes() == before
    assert b"age_days" not in before


def test_a_report_that_comes_in_later_moves_the_moment(empty: Written) -> None:
    soon = {"deadline": {"date": (NOON + timedelta(days=40)).date().isoformat(), "policy": "https://a.example/p"}}
    a_finding(empty.store, "fa-1", report=soon)
    join_findings(artefacts=empty.store, new_id=new_id, actor=LOCAL, at=NOON)
    windows = []
    for days in (0, 30):
        Finding.objects.update(received_at=NOON + timedelta(days=days))
        factors = empty.write()["cases"][0]["factors"]
        windows += [one["value"] for one in factors if one["name"] == "window"]
    assert windows == ["closed", "open"]


def test_free_texts_carry_nothing_of_one_run(empty: Written) -> None:
    said = "It was silent (at 0x7f3a91c0d2b0 in /tmp/box-8a2f/x after 0.512 s)"
    a_finding(empty.store, "fa-1", judgement=not_validated(FindingOutcome.REFUSED, Reason.NEVER_SHOWS, said))
    assert empty.write()["refused"][0]["says"] == "It was silent (at an address in a path after some time)"
