"""Nothing foreign is obeyed by a terminal, nor by the markup of rich, whichever command prints it."""

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from clearinghouse.commands import attempt, report, verify
from clearinghouse.commands.explain import explain
from clearinghouse.commands.joins import list_joins
from clearinghouse.commands.plain import plain
from clearinghouse.commands.tables import show_result
from clearinghouse.edges.status import refusals_exit
from clearinghouse.errors import NotFound
from clearinghouse.validation.judged import Judged
from clearinghouse.validation.rules import Control, ControlName, FindingOutcome, Reason, Said
from tests.advisories.conftest import Written, empty, world  # noqa: F401 - fixtures
from tests.cases.rows import not_validated
from tests.commands.foreign import MARKUP, WICKED, is_harmless


@given(st.text())
def test_plain_text_is_printable_and_as_long(text: str) -> None:
    assert plain(text).isprintable() and len(plain(text)) == len(text)


@given(st.text(st.characters(exclude_categories=("C", "Z"))))
def test_what_can_be_printed_stays(text: str) -> None:
    assert plain(text) == text


def _console() -> tuple[Console, io.StringIO]:
    said = io.StringIO()
    return Console(file=said, width=400, highlight=False), said


def test_the_desk_of_a_finder_prints_reasons_as_they_are() -> None:
    console, said = _console()
    judgement = not_validated(FindingOutcome.REFUSED, Reason.NEVER_SHOWS, f"Silent ({WICKED})")
    controls = (Control(ControlName.SHOWS, Said.FAILED, WICKED),)
    checks = [{"name": "mutants", "said": "failed", "detail": WICKED, "found": [WICKED]}]
    patches = [{"file": WICKED, "said": "refused", "sentence": WICKED, "checks": checks}]
    lines = [{"results": [{"version": WICKED}], "events": [{"introduced": WICKED}]}]
    judged = Judged(replace(judgement, controls=controls, target=f"pkg:pypi/x@{WICKED}"))
    attempt._show(judged, {"patches": patches, "affected": {"lines": lines}}, console=console)
    assert is_harmless(said.getvalue()) and said.getvalue().count(MARKUP) >= 8


def test_a_checked_report_is_told_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    problem = {"code": WICKED, "field": WICKED, "reason": WICKED, "fix": WICKED}
    report._tell({"name": WICKED, "accepted": False, "problems": [problem]})
    readiness = [{"element": WICKED, "said": False, "hint": WICKED}]
    one = {"id": WICKED, "title": WICKED, "target": WICKED, "readiness": readiness}
    report._tell({"name": WICKED, "accepted": True, "reports": [one]})
    said = capsys.readouterr().out
    assert is_harmless(said.replace("\x1b[1m", "").replace("\x1b[0m", "")) and MARKUP in said


def test_what_differs_in_a_bundle_is_told_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    verify._show({"same": False, "grade": "A", "outcome": WICKED, "differs": [WICKED], "notes": [WICKED]})
    said = capsys.readouterr().out
    assert is_harmless(said) and said.count(MARKUP) == 2


def _spoilt(value: Any, *, spared: frozenset[str]) -> Any:  # noqa: ANN401
    """Return JSON with the wicked text at the end of every text that a person could have written."""
    if isinstance(value, dict):
        return {key: one if key in spared else _spoilt(one, spared=spared) for key, one in value.items()}
    if isinstance(value, list):
        return [_spoilt(one, spared=spared) for one in value]
    return f"{value} {WICKED}" if isinstance(value, str) else value


SPARED = frozenset({"key", "finding", "joined_to", "schema", "stage", "band"})


@pytest.fixture
def spoilt(world: Written) -> Path:  # noqa: F811 - the fixture
    index = _spoilt(world.index, spared=SPARED)
    (world.out / "index.json").write_text(json.dumps(index))
    return world.out


def test_a_case_is_explained_as_it_is(spoilt: Path) -> None:
    index = json.loads((spoilt / "index.json").read_text())
    for more in ((), ("--json",)):
        ended = CliRunner().invoke(explain, [index["cases"][0]["key"], "--from", str(spoilt), *more])
        assert ended.exit_code == 0 and is_harmless(ended.output) and MARKUP in ended.output


def test_the_result_of_a_clearing_is_shown_as_it_is(spoilt: Path) -> None:
    console, said = _console()
    show_result(json.loads((spoilt / "index.json").read_text()), spoilt, console=console)
    assert is_harmless(said.getvalue()) and MARKUP in said.getvalue()


def test_joins_are_listed_as_they_are(monkeypatch: pytest.MonkeyPatch, world: Written) -> None:  # noqa: F811
    from clearinghouse.cases.models import Join, Link
    from clearinghouse.commands import django

    assert world.index["cases"]
    monkeypatch.setattr(django, "start", lambda *_, **__: None)
    Join.objects.update(reason=WICKED)
    Link.objects.update(reason=WICKED)
    for more in ([], ["--json"]):
        ended = CliRunner().invoke(list_joins, more)
        assert ended.exit_code == 0, ended.exception
        assert is_harmless(ended.output) and ended.output.count(MARKUP) > 3


def test_a_refusal_is_said_as_it_is() -> None:
    @click.command()
    @refusals_exit
    def refuse() -> None:
        raise NotFound(f"there is no {WICKED.replace(chr(10), ' ').replace(chr(0x202E), '')}")

    ended = CliRunner().invoke(refuse)
    assert ended.exit_code == 3 and is_harmless(ended.stderr) and MARKUP in ended.stderr
