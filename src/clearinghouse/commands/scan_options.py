"""The options that describe a scan, what they mean, and the command that says the same again."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import click

from clearinghouse.commands.scans import now
from clearinghouse.errors import Malformed, NotFound

_NARROWING: Final = {
    "versions": "software",
    "paths": "software repository",
    "commits": "repository",
    "ports": "network",
}


def scan_options[F: Any](command: F) -> F:
    """Give a command the options that describe a scan."""
    for option in (
        click.option("--key", "scanner_key", default="", help="The scanner's own Ed25519 public key, in base64."),
        click.option(
            "--source", "sources", multiple=True, help="Public block that it sends from, if it sends; repeat for more."
        ),
        click.option("--confidential", is_flag=True, help="Seen by those alone whom it meets, and the office."),
        click.option("--rate", type=int, help="Requests or packets a second, at most."),
        click.option("--contact", required=True, help="Whom to reach while it runs: mailto:, tel: or https:."),
        click.option(
            "--until", "ends", default="+4h", show_default=True, help="When it ends: a time, or +4h from its start."
        ),
        click.option(
            "--from", "starts", default="now", show_default=True, help="When it starts: now, +2h, 2026-11-23T12:00Z."
        ),
        click.option("--technique", required=True, help="How; `clearinghouse intent techniques` lists them."),
        click.option("--ports", default="", help="Of networks: 22,80-90."),
        click.option("--commits", default="", help="Of repositories: from..until."),
        click.option("--paths", default="", help="Of software and repositories: src/**."),
        click.option("--versions", default="", help="Of software: vers:pypi/<6.0.2."),
        click.option(
            "--target",
            "targets",
            multiple=True,
            required=True,
            help="purl, address, block, host name, model:maker/name, or JSON; repeat for more.",
        ),
    ):
        command = option(command)
    return command


def moment(text: str, *, after: datetime) -> datetime:
    """Return the time that an option names: ``now``, ``+4h`` after another time, or ISO 8601, which is UTC.

    Raises:
        UsageError: it names none.
    """
    from clearinghouse.deconfliction.rules.windows import moment_of

    try:
        return moment_of(text, after=after)
    except Malformed as refusal:
        raise click.UsageError(str(refusal)) from None


def _written(word: str, narrowed: dict[str, str]) -> dict[str, Any] | str:
    """Return a target as it is written; as plain data where the options narrow its kind."""
    if not any(narrowed.values()) or word.startswith("{"):
        return word
    from clearinghouse.deconfliction.rules.targets.kinds import plain_of, target_from_text

    told = plain_of(target_from_text(word))
    fitting = {name: value for name, value in narrowed.items() if value and told["kind"] in _NARROWING[name]}
    return {**told, **fitting}


def scan_of(given: dict[str, Any]) -> dict[str, Any]:
    """Return the scan that options describe, as the API takes it.

    Raises:
        UsageError: an option narrows a target that none of the named ones is.
    """
    narrowed = {name: given[name] for name in _NARROWING}
    targets = [_written(word, narrowed) for word in given["targets"]]
    for name, value in narrowed.items():
        if value and not any(isinstance(one, dict) and one.get(name) == value for one in targets):
            raise click.UsageError(f"--{name} narrows {_NARROWING[name]}, and no such target is named")
    starts = moment(given["starts"], after=now().replace(microsecond=0))
    return {
        "technique": given["technique"],
        "targets": targets,
        "starts_at": starts.isoformat(),
        "ends_at": moment(given["ends"], after=starts).isoformat(),
        "contact": given["contact"],
        "rate_per_second": given["rate"],
        "visibility": "those-met" if given["confidential"] else "everyone",
        "sources": list(given["sources"]),
        "scanner_key": given["scanner_key"],
    }


def place_words(server: str, database: str | Path | None) -> list[str]:
    """Return the options that name the same place again; the token is never repeated."""
    return [*(["--server", server] if server else []), *(["--database", str(database)] if database else [])]


def again_words(step: str, scan: dict[str, Any], place: list[str]) -> list[str]:
    """Return the command that announces exactly this scan."""
    words = ["clearinghouse", "intent", step]
    for target in scan["targets"]:
        words += ["--target", target if isinstance(target, str) else json.dumps(target)]
    words += ["--technique", scan["technique"], "--from", scan["starts_at"], "--until", scan["ends_at"]]
    words += ["--contact", scan["contact"]]
    words += ["--rate", str(scan["rate_per_second"])] if scan["rate_per_second"] else []
    words += ["--confidential"] if scan["visibility"] == "those-met" else []
    for source in scan["sources"]:
        words += ["--source", source]
    return words + (["--key", scan["scanner_key"]] if scan["scanner_key"] else []) + place


def id_from(text: str, what: str) -> UUID:
    """Return the id of something that has no other name.

    Raises:
        NotFound: it is none.
    """
    try:
        return UUID(text)
    except ValueError:
        raise NotFound(f"no such {what}") from None
