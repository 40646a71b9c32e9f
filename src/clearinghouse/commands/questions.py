"""``clearinghouse questions`` and ``answer``: what a machine cannot say, put to a person with two runs beside it."""

import getpass
import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from clearinghouse.commands.databases import from_option
from clearinghouse.commands.plain import plain
from clearinghouse.edges.status import refusals_exit

if TYPE_CHECKING:
    from rich.table import Table

    from clearinghouse.validation.queries import Asked
    from clearinghouse.validation.sides import Side


@click.command()
@click.argument("report", required=False)
@from_option
@click.option("--all", "answered", is_flag=True, help="Those that were answered too.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@refusals_exit
def questions(*, report: str | None, database: str | Path | None, answered: bool, as_json: bool) -> None:
    """List the open questions; with REPORT (finder/id) show that one, with the two runs side by side."""
    from clearinghouse.commands.django import start

    start(database, must_exist=True)
    from clearinghouse.findings.queries import finding_named
    from clearinghouse.parties.actions import local_actor
    from clearinghouse.validation.queries import asked_of

    actor = local_actor(at=datetime.now(UTC))
    wanted = finding_named(actor, report) if report else None
    found = asked_of(actor, answered=answered or wanted is not None)
    if wanted is not None:
        found = [one for one in found if one.finding == wanted]
    if as_json:
        click.echo(json.dumps([_described(one) for one in found], indent=2))
        return
    for one in found:
        _show(one, whole=wanted is not None, database=database)
    if not found:
        click.echo("nothing is asked", err=True)


@click.command()
@click.argument("report")
@click.argument("says", metavar="yes|no", type=click.Choice(["yes", "no"]))
@click.option("--why", required=True, help="The reason; it stands in the verdict.")
@click.option("--by", default=getpass.getuser, show_default="your account", help="Your name; it stands in the verdict.")
@from_option
@refusals_exit
def answer(*, report: str, says: str, why: str, by: str, database: str | Path | None) -> None:
    """Answer what is asked about REPORT (finder/id). Clear again to write the output anew, with the answer in it."""
    from clearinghouse.commands.django import start

    start(database, must_exist=True)
    from clearinghouse.cases import actions
    from clearinghouse.cases.queries.due import the_artefacts
    from clearinghouse.cases.tasks import new_id
    from clearinghouse.findings.queries import finding_named
    from clearinghouse.parties.actions import local_actor
    from clearinghouse.validation.queries import judgement_of

    now = datetime.now(UTC)
    actor = local_actor(at=now)
    finding = finding_named(actor, report)
    actions.answer_question(
        finding, yes=says == "yes", why=why, by=by, artefacts=the_artefacts(), new_id=new_id, actor=actor, at=now
    )
    judgement = judgement_of(finding)
    if judgement is None:
        click.echo("judged anew with this answer when you clear again")
        return
    grade = f" (grade {judgement.grade})" if judgement.grade else ""
    click.echo(plain(f"{judgement.outcome}{grade}: {judgement.sentence}"))


def _described(asked: "Asked") -> dict[str, Any]:
    from clearinghouse.validation.sides import sides_of

    judgement = asked.judgement
    return {
        "report": f"{asked.finding.finder}/{asked.finding.finder_ref}",
        "finding": asked.finding.key,
        "title": asked.finding.report["title"],
        "outcome": judgement.outcome,
        "grade": judgement.grade,
        "question": asdict(asked.question),
        "answers": [asdict(one) for one in judgement.answers],
        "runs": [asdict(one) for one in sides_of(judgement)],
    }


def _show(asked: "Asked", *, whole: bool, database: str | Path | None) -> None:
    from rich.console import Console
    from rich.text import Text

    from clearinghouse.validation.sides import sides_of

    console, judgement = Console(highlight=False), asked.judgement
    name = f"{asked.finding.finder}/{asked.finding.finder_ref}"
    grade = f", grade {judgement.grade}" if judgement.grade else ""
    said = f"  {asked.finding.report['title']} ({judgement.outcome}{grade})"
    console.print(Text.assemble((plain(name), "bold"), plain(said)), soft_wrap=True)
    console.print(Text(plain(f"  {asked.question.sentence}")), soft_wrap=True)
    for one in judgement.answers:
        console.print(Text(plain(f"  {one.by} says {'yes' if one.yes else 'no'}: {one.why}")), soft_wrap=True)
    if whole:
        console.print(side_by_side(sides_of(judgement)))
        where = f" --from {database}" if database else ""
        command = f'clearinghouse answer {name} yes|no --why "…" --by "your name"{where}'
        console.print(Text(plain(f"Answer: {command}")), soft_wrap=True)


def side_by_side(sides: tuple["Side", ...]) -> "Table":
    """Return the runs as a table, one beside the other; foreign text has nothing in it that a terminal would obey."""
    from rich.table import Table
    from rich.text import Text

    table = Table("", show_lines=True, expand=True)
    for one in sides:
        table.add_column(Text(plain(f"{one.variant} {one.version}")))
    rows: dict[str, list[tuple[str, ...]]] = {
        "what ran": [("harmless form" if one.benign else "proof",) for one in sides],
        "showed": [(one.outcome.value, one.why) for one in sides],
        "detector saw": [(one.saw or "nothing", one.argument) for one in sides],
        "blamed on": [(one.blamed,) for one in sides],
        "calls": [one.steps for one in sides],
        "times": [one.times for one in sides],
        "frames": [one.frames for one in sides],
    }
    for name, cells in rows.items():
        if any(any(lines) for lines in cells):
            table.add_row(name, *(Text("\n".join(plain(line) for line in lines if line)) for lines in cells))
    return table
