"""``clearinghouse intent``: ask whether anyone is on something, announce a scan, and lead it to its end."""

import json
import shlex
from pathlib import Path
from typing import Any

import click

from clearinghouse.commands.listing import json_option, print_list
from clearinghouse.commands.meeting import advice_lines, met_lines, refusals_told, short, target_text
from clearinghouse.commands.plain import plain
from clearinghouse.commands.scan_options import again_words, moment, place_words, scan_of, scan_options
from clearinghouse.commands.scans import asking, now, place_options
from clearinghouse.commands.warrants import key, warrant
from clearinghouse.edges.status import EXIT_REFUSED, refusals_exit
from clearinghouse_client.intents import Announced, Intent, Plain

_seen = click.option(
    "--seen",
    multiple=True,
    metavar="KEY",
    help="Version key of what you have looked at and will meet; repeat for more.",
)
_why = click.option("--why", default="", help="Why; whoever meets it reads it.")


@click.group()
def intent() -> None:
    """Ask whether anyone is on something, announce a scan, and lead it to its end."""


intent.add_command(key)
intent.add_command(warrant)


@intent.command()
@scan_options
@place_options
@json_option
@refusals_exit
def check(*, server: str, token: str, database: str | Path | None, as_json: bool, **given: Any) -> None:  # noqa: ANN401
    """Ask whether anyone is on this, without announcing anything; exits 3 when owners would not let it run."""
    scan = scan_of(given)
    with asking(server=server, token=token, database=database) as scans:
        found = scans.check(scan)
    if as_json:
        click.echo(json.dumps(found.whole, indent=2))
    else:
        for line in met_lines(found.own):
            click.echo(f"your own: {line.strip()}")
        click.echo(
            f"it would meet {len(found.met)} that you may see" if found.met else "nobody that you may see is on this"
        )
        for line in met_lines(found.met):
            click.echo(line)
        for one in found.refusals:
            whom = f"; ask {one['contact']}" if one.get("contact") else ""
            click.echo(plain(f"owners would not let it run: {one['reason']}{whom}"))
        if not found.refusals:
            keys = [part for key in found.keys for part in ("--seen", key)]
            again = shlex.join([*again_words("announce", scan, place_words(server, database)), *keys])
            click.echo(f"to announce it: {again}")
    if found.refusals:
        raise click.exceptions.Exit(EXIT_REFUSED)


@intent.command()
@scan_options
@_seen
@click.option("--draft", is_flag=True, help="Write it down without announcing it.")
@click.option("--request-key", default="", help="A key of your own: sent again, it announces once.")
@place_options
@json_option
@refusals_exit
def announce(
    *,
    seen: tuple[str, ...],
    draft: bool,
    request_key: str,
    server: str,
    token: str,
    database: str | Path | None,
    as_json: bool,
    **given: Any,  # noqa: ANN401 - what describes a scan
) -> None:
    """Announce a scan. Prints its id; exits 3 when refused, with whom it meets and the command that goes on."""
    scan, begin = scan_of(given), "draft" if draft else "accepted"
    again = again_words("announce", scan, place_words(server, database))
    place: dict[str, Any] = {"server": server, "token": token, "database": database}
    told = refusals_told(as_json=as_json, again=again, seen=seen, instead=lambda: _instead(scan, place))
    with told, asking(**place) as scans:
        made = scans.announce(scan, seen=seen, key=request_key, begin=begin)
    _tell(made, as_json=as_json)


def _instead(scan: dict[str, Any], place: dict[str, Any]) -> list[str]:
    with asking(**place) as scans:
        return list(advice_lines(scans.suggest(scan)))


@intent.command()
@scan_options
@click.option("--part", "parts", multiple=True, metavar="FOLDER[=LOAD]", help="A folder of it; repeat for more.")
@click.option(
    "--willing",
    multiple=True,
    metavar="ID[=TECHNIQUE,…]",
    help="Organization that would share the work, and by what it can; repeat for more.",
)
@place_options
@json_option
@refusals_exit
def suggest(
    *,
    parts: tuple[str, ...],
    willing: tuple[str, ...],
    server: str,
    token: str,
    database: str | Path | None,
    as_json: bool,
    **given: Any,  # noqa: ANN401 - what describes a scan
) -> None:
    """Say what to do instead of a scan: when it is free, how, which folders nobody is on, and who could do what."""
    from clearinghouse.deconfliction.rules.suggestions import part_of, willing_of

    loads = dict(part_of(one) for one in parts)
    able = {str(home): named for home, named in map(willing_of, willing)}
    scan = scan_of(given)
    with asking(server=server, token=token, database=database) as scans:
        said = scans.suggest(scan, parts=loads, willing=able)
    for line in [json.dumps(said, indent=2)] if as_json else advice_lines(said):
        click.echo(line)


@intent.command()
@scan_options
@click.option("--why", required=True, help="Why it cannot wait; everyone whom it meets reads it.")
@place_options
@json_option
@refusals_exit
def emergency(*, why: str, server: str, token: str, database: str | Path | None, as_json: bool, **given: Any) -> None:  # noqa: ANN401
    """Announce a scan that cannot wait: it needs no keys, and tells everyone whom it meets. Owners still decide."""
    scan = scan_of(given)
    with refusals_told(as_json=as_json), asking(server=server, token=token, database=database) as scans:
        made = scans.announce(scan, begin="emergency", why=why)
    _tell(made, as_json=as_json)


@intent.command()
@click.argument("name")
@place_options
@json_option
@refusals_exit
def show(*, name: str, server: str, token: str, database: str | Path | None, as_json: bool) -> None:
    """Show one intent."""
    with asking(server=server, token=token, database=database) as scans:
        _show([scans.intent(name)], as_json=as_json, alone=True)


@intent.command("list")
@click.option("--target", default="", help="Those that meet it.")
@click.option("--technique", default="")
@click.option("--own", is_flag=True, help="Of your own organization.")
@click.option("--ours", is_flag=True, help="Those that touch what is known to be your organization's.")
@click.option("--ended", is_flag=True, help="Also those that are over.")
@place_options
@json_option
@refusals_exit
def list_intents(
    *,
    target: str,
    technique: str,
    own: bool,
    ours: bool,
    ended: bool,
    server: str,
    token: str,
    database: str | Path | None,
    as_json: bool,
) -> None:
    """List the intents that you may see, the latest first; without --ended those that stand now."""
    wanted: dict[str, str | int] = {"target": target, "technique": technique, "whose": "own" if own else ""}
    wanted |= {"ours": 1} if ours else {}
    with asking(server=server, token=token, database=database) as scans:
        _show(list(scans.intents(**wanted, **({} if ended else {"standing": 1}))), as_json=as_json)


@intent.command()
@click.argument("name", default="")
@place_options
@json_option
@refusals_exit
def meetings(*, name: str, server: str, token: str, database: str | Path | None, as_json: bool) -> None:
    """List who met confidential scans, or the one called NAME, the latest first; the office sees every meeting."""
    with asking(server=server, token=token, database=database) as scans:
        found = list(scans.meetings(name))
    print_list(found, _meeting, as_json=as_json, nothing="nobody that you may see has met a confidential scan")


def _meeting(one: Plain) -> str:
    how = "by owning what it touches" if one["by"] == "ownership" else "by a scan of theirs"
    when = f"since {short(one['met_at'])} UTC"
    lines = [f"{one['intent']}  of {one['organization']}  met by {one['met_by']} {how}, {when}"]
    lines += [f"  {one['technique']}: {target_text(target)}" for target in one["targets"]]
    return "\n".join(map(plain, lines))


@intent.command()
@click.argument("name")
@click.option("--until", "ends", required=True, help="A time, or +4h from now.")
@_seen
@place_options
@json_option
@refusals_exit
def renew(
    *, name: str, ends: str, seen: tuple[str, ...], server: str, token: str, database: str | Path | None, as_json: bool
) -> None:
    """Let a scan last until another time."""
    until = moment(ends, after=now().replace(microsecond=0)).isoformat()
    again = ["clearinghouse", "intent", "renew", name, "--until", until, *place_words(server, database)]
    with (
        refusals_told(as_json=as_json, again=again, seen=seen),
        asking(server=server, token=token, database=database) as scans,
    ):
        made = scans.renew(scans.intent(name), until, seen=seen)
    _tell(made, as_json=as_json)


@intent.command()
@click.argument("name")
@_seen
@place_options
@json_option
@refusals_exit
def accept(
    *, name: str, seen: tuple[str, ...], server: str, token: str, database: str | Path | None, as_json: bool
) -> None:
    """Announce a draft."""
    again = ["clearinghouse", "intent", "accept", name, *place_words(server, database)]
    with (
        refusals_told(as_json=as_json, again=again, seen=seen),
        asking(server=server, token=token, database=database) as scans,
    ):
        made = scans.accept(name, seen=seen)
    _tell(made, as_json=as_json)


@intent.command()
@click.argument("name")
@_seen
@place_options
@json_option
@refusals_exit
def start(
    *, name: str, seen: tuple[str, ...], server: str, token: str, database: str | Path | None, as_json: bool
) -> None:
    """Say that a scan begins, or is back on its plan."""
    again = ["clearinghouse", "intent", "start", name, *place_words(server, database)]
    with (
        refusals_told(as_json=as_json, again=again, seen=seen),
        asking(server=server, token=token, database=database) as scans,
    ):
        made = scans.start(name, seen=seen)
    _tell(made, as_json=as_json)


@intent.command("leave-plan")
@click.argument("name")
@click.option("--why", required=True, help="Why; everyone whom it meets reads it.")
@click.option("--emergency", "is_emergency", is_flag=True, help="It cannot wait at all.")
@place_options
@json_option
@refusals_exit
def leave_plan(
    *, name: str, why: str, is_emergency: bool, server: str, token: str, database: str | Path | None, as_json: bool
) -> None:
    """Say that a scan runs otherwise than announced; everyone whom it meets is told."""
    step = "declare-emergency" if is_emergency else "leave-plan"
    with refusals_told(as_json=as_json), asking(server=server, token=token, database=database) as scans:
        made = scans.urgent(name, step, why=why)
    _tell(made, as_json=as_json)


@intent.command()
@click.argument("name")
@_why
@click.option("--another", is_flag=True, help="It is another's, which the office may end.")
@place_options
@json_option
@refusals_exit
def end(
    *, name: str, why: str, another: bool, server: str, token: str, database: str | Path | None, as_json: bool
) -> None:
    """End a scan, or take it back before it began; from then on it stands in nobody's way."""
    with asking(server=server, token=token, database=database) as scans:
        _show([scans.end(name, why=why, step="halt" if another else "end")], as_json=as_json, alone=True)


@intent.command()
@click.argument("target")
@click.option("--technique", "wanted", multiple=True, help="Of scans to hear of; repeat for more; none: every one.")
@place_options
@json_option
@refusals_exit
def watch(
    *, target: str, wanted: tuple[str, ...], server: str, token: str, database: str | Path | None, as_json: bool
) -> None:
    """Let your organization be told of scans of TARGET, and of what owners ask there. Prints its id."""
    with asking(server=server, token=token, database=database) as scans:
        made = scans.watch(target, techniques=wanted)
    click.echo(json.dumps(made, indent=2) if as_json else made["id"])


@intent.command()
@place_options
@json_option
@refusals_exit
def watches(*, server: str, token: str, database: str | Path | None, as_json: bool) -> None:
    """List what your organization watches, the latest first."""
    with asking(server=server, token=token, database=database) as scans:
        found = list(scans.watches())
    print_list(found, _watch, as_json=as_json, nothing="nothing is watched")


def _watch(one: Plain) -> str:
    ways = ", ".join(one["techniques"]) or "every technique"
    return plain(f"{one['id']}  {target_text(one['target'])}  {ways}")


@intent.command()
@click.argument("name")
@place_options
@json_option
@refusals_exit
def unwatch(*, name: str, server: str, token: str, database: str | Path | None, as_json: bool) -> None:
    """Be told of what WATCH-… names no longer."""
    with asking(server=server, token=token, database=database) as scans:
        ended = scans.unwatch(name)
    click.echo(json.dumps(ended, indent=2) if as_json else plain(f"{ended['id']}  {ended['state']}"))


@intent.command()
@json_option
@refusals_exit
def techniques(*, as_json: bool) -> None:
    """List the techniques, and what each touches on which kind of target."""
    from clearinghouse.deconfliction.rules.techniques import techniques as table

    rows = [
        {"name": one.name, "title": one.title, "on": {kind.value: effect.value for kind, effect in one.on.items()}}
        for one in table().known.values()
    ]
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return
    for row in rows:
        touched = ", ".join(f"{kind} ({effect})" for kind, effect in row["on"].items())  # type: ignore[attr-defined]
        click.echo(f"{row['name']}  {row['title']}: {touched}")


def _tell(made: Announced, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"intent": made.intent.whole, "met": list(made.met)}, indent=2))
        return
    click.echo(made.intent.id)
    click.echo(f"{made.intent.state} until {made.intent.whole['ends_at']}; it meets {len(made.met)}", err=True)
    for line in met_lines(made.met):
        click.echo(line, err=True)


def _show(found: list[Intent], *, as_json: bool, alone: bool = False) -> None:
    if as_json:
        whole = [one.whole for one in found]
        click.echo(json.dumps(whole[0] if alone else whole, indent=2))
        return
    for one in found:
        said = one.whole
        window = f"{short(said['starts_at'])} to {short(said['ends_at'])} UTC"
        click.echo(plain(f"{one.id}  {one.state}  {said['technique']}  {window}  {said['contact']}"))
        for target in said["targets"]:
            click.echo(plain(f"  {target_text(target)}"))
        if alone and said["why"]:
            click.echo(plain(f"  why: {said['why']}"))
    if not found:
        click.echo("no scan that you may see", err=True)
