"""``clearinghouse report``: make a report, check it, try its proof, record a program as calls."""

import importlib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from clearinghouse.commands.plain import plain
from clearinghouse.edges.status import EXIT_REFUSED, refusals_exit

if TYPE_CHECKING:
    from clearinghouse.errors import Problem
    from clearinghouse.findings.intake.claims import Claim

LATER: dict[str, tuple[str, str]] = {
    "try": ("clearinghouse.commands.attempt:try_report", "Run the proof and its controls here, as the judge will."),
    "record": ("clearinghouse.commands.attempt:record_report", "Run a program once and write the calls it makes."),
}
"""Subcommands that live in another file, loaded when they are called: where each is, and its line in the help."""


class ReportCommands(click.Group):
    """The group, which knows the commands of `LATER` by name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names, in the order in which a finder needs them."""
        return [*super().list_commands(ctx), *LATER]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command, loading its file where it lives in another."""
        if cmd_name not in LATER:
            return super().get_command(ctx, cmd_name)
        module, function = LATER[cmd_name][0].split(":")
        command: click.Command = getattr(importlib.import_module(module), function)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the list of commands without loading any."""
        here = [(name, command.get_short_help_str(80)) for name, command in self.commands.items()]
        with formatter.section("Commands"):
            formatter.write_dl([*here, *((name, line) for name, (_, line) in LATER.items())])


@click.group(cls=ReportCommands)
def report() -> None:
    """Make, check, try and record reports."""


@report.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--kind", type=click.Choice(["calls", "input", "program"]), default="calls", show_default=True)
@click.option("--runtime", type=click.Choice(["python", "node"]), default="python", show_default=True)
@click.option("--detector", default="command-execution", show_default=True, help="What the judge should watch for.")
@refusals_exit
def new(folder: Path, kind: str, runtime: str, detector: str) -> None:
    """Write the skeleton of a report into FOLDER, and say what to fill in."""
    from clearinghouse.findings.skeleton import write_skeleton

    made = write_skeleton(folder, kind=kind, runtime=runtime, detector=detector)
    for path in made.files:
        click.echo(str(path))
    click.echo("Fill in:", err=True)
    for blank in made.blanks:
        click.echo(f"  {blank}", err=True)
    click.echo(f"Then run: clearinghouse report check {folder}", err=True)


@report.command()
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--target", default="", help="purl with version, for a document that does not say what it is about.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@refusals_exit
def check(paths: tuple[Path, ...], target: str, as_json: bool) -> None:  # noqa: FBT001 - click's signature
    """Check reports without sending them: every problem, then the checklist of six. Exits 3 when one is refused."""
    from clearinghouse.errors import Refused
    from clearinghouse.findings.discovery import discover
    from clearinghouse.findings.intake.reading import read_handed

    results = []
    refused = False
    for handed in discover(paths):
        try:
            found = [_as_said(one) for one in read_handed(handed.path, target=target)]
            results.append({"name": handed.name, "accepted": True, "reports": found, "problems": []})
        except Refused as refusal:
            refused = True
            problems = [_as_problem(one) for one in refusal.problems]
            results.append({"name": handed.name, "accepted": False, "reports": [], "problems": problems})
    if as_json:
        click.echo(json.dumps(results, indent=2))
    else:
        for one in results:
            _tell(one)
    if not results:
        click.echo("there is nothing to check here", err=True)
    if refused:
        sys.exit(EXIT_REFUSED)


@report.command()
@click.argument("document", type=click.Choice(["report", "calls"]))
def schema(document: str) -> None:
    """Print the JSON Schema of a report, or of a document of calls."""
    from clearinghouse.findings.report.schema import calls_schema, report_schema

    made = report_schema() if document == "report" else calls_schema()
    click.echo(json.dumps(made, indent=2, ensure_ascii=False))


def _as_problem(problem: "Problem") -> dict[str, str]:
    return {"code": problem.code, "field": problem.field, "reason": problem.reason, "fix": problem.fix}


def _as_said(claim: "Claim") -> dict[str, object]:
    from clearinghouse.findings.rules import readiness_of

    return {
        "id": claim.report.id,
        "finder": claim.report.finder,
        "title": claim.report.title,
        "target": claim.report.target,
        "source": str(claim.source),
        "readiness": [
            {"element": str(one.element), "said": one.said, "hint": one.hint} for one in readiness_of(claim.report)
        ],
    }


def _tell(result: dict[str, object]) -> None:
    if not result["accepted"]:
        click.secho(plain(f"{result['name']}: refused"), bold=True)
        for problem in _dicts(result["problems"]):
            where = f"{problem['field']}: " if problem["field"] else ""
            click.echo(plain(f"  {where}{problem['reason']} ({problem['code']})"))
            click.echo(plain(f"      {problem['fix']}"))
        return
    reports = _dicts(result["reports"])
    click.secho(plain(f"{result['name']}: can be handed in"), bold=True)
    for one in reports if len(reports) <= FEW_REPORTS else ():
        click.echo(plain(f"  {one['id']}: {one['title']} ({one['target']})"))
        for element in _dicts(one["readiness"]):
            hint = f" - {element['hint']}" if element["hint"] else ""
            click.echo(plain(f"    [{'x' if element['said'] else ' '}] {element['element']}{hint}"))
    if len(reports) > FEW_REPORTS:
        click.echo(f"  {len(reports)} claims from one {reports[0]['source']} document; --json lists them")


FEW_REPORTS = 20


def _dicts(held: object) -> list[dict[str, object]]:
    return held if isinstance(held, list) else []
