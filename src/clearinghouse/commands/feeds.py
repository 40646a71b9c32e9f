"""``clearinghouse feeds``: look at and update the outside lists (KEV, EPSS)."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from clearinghouse.commands.databases import database_option
from clearinghouse.commands.listing import json_option
from clearinghouse.edges.status import refusals_exit

if TYPE_CHECKING:
    from clearinghouse.feeds.models import Snapshot


@click.group()
def feeds() -> None:
    """Look at and update the outside lists (KEV, EPSS)."""


@feeds.command()
@database_option
@click.option("--kev", metavar="FILE|URL", help="Known Exploited Vulnerabilities, JSON of CISA's schema.")
@click.option("--epss", metavar="FILE|URL", help="EPSS scores, CSV or CSV in gzip as FIRST publishes them.")
@json_option
@refusals_exit
def update(database: str | Path | None, kev: str | None, epss: str | None, as_json: bool) -> None:  # noqa: FBT001
    """Take in the lists as they are now.

    Without options both come from CISA's and FIRST's public addresses. Taking in the same list again changes nothing.
    """
    from rich.console import Console

    from clearinghouse.commands.django import start

    start(database)
    console = Console(stderr=True)
    from clearinghouse.feeds.actions import read_list, take_in
    from clearinghouse.feeds.fetch import fetch
    from clearinghouse.feeds.rules import ADDRESSES, LARGEST_BYTES, Feed
    from clearinghouse.parties.actions import local_actor

    named = {Feed.KEV: kev, Feed.EPSS: epss}
    wanted = {feed: place for feed, place in named.items() if place} or dict(ADDRESSES)
    at = datetime.now(UTC)
    actor = local_actor(at=at)
    taken = []
    for feed, place in wanted.items():
        remote = "://" in place
        if remote:
            with console.status(f"fetching {feed} from {place}"):
                data = fetch(place, limit_bytes=LARGEST_BYTES[feed])
        else:
            data = read_list(feed, Path(place))
        with console.status(f"taking in {feed}"):
            taken.append(take_in(feed, data, source=place if remote else Path(place).name, actor=actor, at=at))
    _show([_said(one, at) for one in taken], as_json=as_json)


@feeds.command("list")
@database_option
@json_option
@refusals_exit
def list_snapshots(database: str | Path | None, as_json: bool) -> None:  # noqa: FBT001
    """List the snapshots that are kept, newest first."""
    from clearinghouse.commands.django import start

    start(database)
    from clearinghouse.feeds.queries import snapshots

    at = datetime.now(UTC)
    found = [_said(one, at) for one in snapshots()]
    if not found and not as_json:
        click.echo("no lists yet; take them in with: clearinghouse feeds update")
    _show(found, as_json=as_json)


def _said(snapshot: "Snapshot", at: datetime) -> dict[str, object]:
    from clearinghouse.feeds.rules import Feed, is_stale

    return {
        "feed": snapshot.feed,
        "version": snapshot.version,
        "published_at": snapshot.published_at.isoformat().replace("+00:00", "Z"),
        "count": snapshot.count,
        "title": snapshot.title,
        "source": snapshot.source,
        "digest": snapshot.digest,
        "stale": is_stale(Feed(snapshot.feed), snapshot.published_at, at=at),
    }


def _show(found: list[dict[str, object]], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    for one in found:
        old = "  (a newer one has probably been published)" if one["stale"] else ""
        click.echo(
            f"{one['feed']}  {one['version']}  {one['published_at']}  {one['count']} entries  {one['source']}{old}"
        )
