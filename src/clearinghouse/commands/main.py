"""The root of the ``clearinghouse`` command; a subject's file is loaded only when it is used."""

import importlib

import click

SUBCOMMANDS: dict[str, tuple[str, str]] = {
    "clear": ("clearinghouse.commands.clear:clear", "Take reports to judged, joined and ranked cases."),
    "report": ("clearinghouse.commands.report:report", "Make, check, try and record reports."),
    "affected": ("clearinghouse.commands.affected:affected", "Say which of your packages the cases touch."),
    "explain": ("clearinghouse.commands.explain:explain", "Say why a case stands where it stands."),
    "questions": (
        "clearinghouse.commands.questions:questions",
        "List what a person is asked, with the runs beside it.",
    ),
    "answer": ("clearinghouse.commands.questions:answer", "Answer such a question with yes or no; it is kept."),
    "verify": ("clearinghouse.commands.verify:verify", "Check an evidence bundle and run its proof again."),
    "feeds": ("clearinghouse.commands.feeds:feeds", "Look at and update the outside lists (KEV, EPSS)."),
    "ledger": ("clearinghouse.commands.ledger:ledger", "Check the record of what was done, and prove it to others."),
    "database": ("clearinghouse.commands.database:database", "Bring tables up to date, grant roles, make a backup."),
    "retention": (
        "clearinghouse.commands.retention:retention",
        "Say what is kept too long by the policy, and let go of it.",
    ),
    "terms": ("clearinghouse.commands.terms:terms", "Read the terms of taking part, and publish the next version."),
    "account": ("clearinghouse.commands.account:account", "Close an account when nobody can do it in the portal."),
    "doctor": ("clearinghouse.commands.doctor:doctor", "Look whether everything is in order, and say what to do."),
    "witness": ("clearinghouse.commands.witness:witness", "Vouch that a log showed everybody the same past."),
    "serve": ("clearinghouse.commands.serve:serve", "Serve pages and API, and work on what is due beside it."),
    "worker": ("clearinghouse.commands.worker:worker", "Take work from the queue of an installation on PostgreSQL."),
    "whois-scan": ("clearinghouse.commands.whois_scan:whois_scan", "Ask whose a probe is: a registered scan or not."),
    "scan-lists": ("clearinghouse.commands.scan_lists:scan_lists", "Write the signed lists of standing scans."),
    "joins": ("clearinghouse.commands.joins:joins", "Look at joined reports, and undo a join."),
    "intent": ("clearinghouse.commands.intent:intent", "Ask whether anyone is on something, and announce scans."),
    "mcp": ("clearinghouse.commands.mcp:mcp", "Give AI agents the clearinghouse as tools (MCP)."),
    "constraint": ("clearinghouse.commands.constraint:constraint", "Say how what is yours may be scanned."),
    "ownership": ("clearinghouse.commands.ownership:ownership", "Say what is yours, and look into others' claims."),
    "authorisation": (
        "clearinghouse.commands.authorisation:authorisation",
        "Let another organization scan what is yours, and take it back.",
    ),
    "availability": ("clearinghouse.commands.availability:availability", "See and say who does not answer."),
    "interchange": (
        "clearinghouse.commands.interchange:interchange",
        "Bring in and give out the records of Scrutineer's federation.",
    ),
    "conformance": (
        "clearinghouse.commands.conformance:conformance",
        "Find out whether a server does what the rules ask of it.",
    ),
    "coverage": ("clearinghouse.commands.coverage:coverage", "See what was tried, and write down what a scan covered."),
}
"""Name of each subcommand: where it is, and its line in the help."""


class Subjects(click.Group):
    """A group that knows its subcommands by name and loads one when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names, in the order in which a newcomer needs them."""
        return list(SUBCOMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Load and return the subcommand; None when there is none of that name."""
        if cmd_name not in SUBCOMMANDS:
            return None
        module, function = SUBCOMMANDS[cmd_name][0].split(":")
        command: click.Command = getattr(importlib.import_module(module), function)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the list of subcommands without loading any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in SUBCOMMANDS.items()])


def _show_version(ctx: click.Context, _: click.Parameter, asked: bool) -> None:  # noqa: FBT001 - click's signature
    if asked:
        from importlib.metadata import version

        click.echo(f"clearinghouse {version('clearinghouse')}")
        ctx.exit()


@click.group(cls=Subjects)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_show_version, help="Show the version."
)
def main() -> None:
    """Take vulnerability reports to judged verdicts, joined cases in order of work, and signed advisories.

    Exit codes: 0 done, 1 a fault, 2 wrong usage, 3 refused (the reason is on stderr).
    """
