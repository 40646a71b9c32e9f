"""``clearinghouse joins``: look at which reports were joined and why, and undo a join for good."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from clearinghouse.commands.databases import from_option
from clearinghouse.commands.plain import plain
from clearinghouse.edges.status import refusals_exit


@click.group()
def joins() -> None:
    """Look at joined reports, and undo a join."""


@joins.command("list")
@click.argument("case", required=False)
@from_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@refusals_exit
def list_joins(*, case: str | None, database: str | Path | None, as_json: bool) -> None:
    """List the joins of CASE (all cases without it), each with its reason; undone ones too."""
    from clearinghouse.commands.django import start

    start(database, must_exist=True)
    from clearinghouse.cases.queries.cases import case_for, cases_for
    from clearinghouse.parties.actions import local_actor

    actor = local_actor(at=datetime.now(UTC))
    found = [case_for(actor, case)] if case else list(cases_for(actor))
    described = [_described(one) for one in found]
    if as_json:
        click.echo(json.dumps(described, indent=2))
        return
    for one in described:
        click.echo(plain(f"{one['case']}  {one['package']}"))
        for join in one["joins"]:
            to = f" to {join['joined_to']}" if join["joined_to"] else ""
            click.echo(plain(f"  {join['report']}: {join['how']}{to}. {join['reason']}"))
        for link in one["links"]:
            click.echo(plain(f"  linked only: {link['one']} and {link['other']}. {link['reason']}"))
        for join in one["undone"]:
            apart_from = ", ".join(join["apart_from"])
            click.echo(plain(f"  undone: {join['report']}, kept apart from {apart_from}. {join['why']}"))


def _described(case: Any) -> dict[str, Any]:  # noqa: ANN401 - Django loads only when used
    from clearinghouse.cases.queries.cases import joins_of, links_of, undone_joins_of
    from clearinghouse.cases.queries.facts import lineage_of

    rows = joins_of(case)
    return {
        "case": case.public_id,
        "key": case.key,
        "package": case.package,
        "joins": [
            {
                "report": lineage_of(row.finding),
                "joined_to": lineage_of(row.other) if row.other else "",
                "how": row.how,
                "reason": row.reason,
                "evidence": row.evidence,
            }
            for row in rows
        ],
        "links": [
            {"one": lineage_of(link.one), "other": lineage_of(link.other), "how": link.how, "reason": link.reason}
            for link in links_of([row.finding for row in rows])
        ],
        "undone": [
            {"report": lineage_of(row.finding), "apart_from": row.apart_from, "why": row.undone_why}
            for row in undone_joins_of(case.package)
            if row.case == case
        ],
    }


@joins.command()
@click.argument("case")
@click.argument("report")
@click.option("--why", required=True, help="Why it is another flaw; kept with the join.")
@from_option
@refusals_exit
def undo(*, case: str, report: str, why: str, database: str | Path | None) -> None:
    """Take REPORT (finder/id) out of CASE for good. Prints the case it is in now."""
    from clearinghouse.commands.django import start

    start(database, must_exist=True)
    from clearinghouse.cases import actions
    from clearinghouse.cases.queries.cases import case_for, join_for
    from clearinghouse.cases.queries.due import the_artefacts
    from clearinghouse.cases.tasks import new_id
    from clearinghouse.parties.actions import local_actor

    now = datetime.now(UTC)
    actor = local_actor(at=now)
    row = join_for(actor, case_for(actor, case), report)
    moved = actions.undo_join(row, why=why, artefacts=the_artefacts(), new_id=new_id, actor=actor, at=now)
    click.echo(moved.public_id)
