"""``clearinghouse whois-scan``: whose is this probe? Asked of a database, of a server, or of a signed list offline."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from clearinghouse.commands.databases import database_option
from clearinghouse.commands.plain import plain
from clearinghouse.edges.status import refusals_exit

if TYPE_CHECKING:
    from clearinghouse.deconfliction.rules.scan_list import ScanList
    from clearinghouse.deconfliction.rules.sightings import Sighting
    from clearinghouse.signing.keys import VerifyingKey

_a_file = click.Path(path_type=Path, dir_okay=False)
_MOST_NONCES: Final = 10_000


@click.command(name="whois-scan")
@click.argument("source", required=False, default="")
@click.option("--target", default="", help="What it reached: an address or a name, with a port: 198.51.100.9:443.")
@click.option("--at", "at_text", default="", help="When it was seen, as 2026-11-23T14:05Z (default: now).")
@click.option("--rate", "rate", type=click.IntRange(0), help="How many requests a second were seen.")
@click.option("--request", "request_path", type=_a_file, help="A captured request that carries a warrant.")
@click.option("--scheme", type=click.Choice(["https", "http"]), default="https", show_default=True, help="How it came.")
@click.option("--list", "lists", type=_a_file, multiple=True, help="Ask a signed list, offline; repeat for more.")
@click.option("--key", "key_path", type=_a_file, help="The clearinghouse's public key in PEM, had by another way.")
@click.option("--seen", "seen_path", type=_a_file, help="File of what was seen before (default: in your home).")
@click.option("--server", default="", envvar="CLEARINGHOUSE_SERVER", help="Ask the clearinghouse at this address.")
@click.option("--token", default="", envvar="CLEARINGHOUSE_TOKEN", help="Your token for it; better in the environment.")
@database_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@refusals_exit
def whois_scan(
    *,
    source: str,
    target: str,
    at_text: str,
    rate: int | None,
    request_path: Path | None,
    scheme: str,
    lists: tuple[Path, ...],
    key_path: Path | None,
    seen_path: Path | None,
    server: str,
    token: str,
    database: str | Path | None,
    as_json: bool,
) -> None:
    """Say whose a probe from the address SOURCE is: a registered scan, one out of bounds, or unknown.

    With --request the request's own signature is checked, which a forged source address cannot give. With --list and
    --key nothing is asked over the network; --request and --key alone need nothing but the clearinghouse's public key.
    """
    if not source and request_path is None:
        raise click.UsageError("name the SOURCE address, or a --request that was captured")
    if lists and key_path is None:
        raise click.UsageError("--list needs --key: a list is only as good as its signature")
    at = _moment(at_text)
    request = None if request_path is None else _bytes_of(request_path)
    given = _Question(source=source, target=target, at=at, rate=rate, request=request, scheme=scheme)
    if server and not lists:
        said = given.asked_of_server(server, token)
    elif key_path is not None and (lists or request is not None):
        said = given.asked_offline(lists, _public(key_path), seen_path)
    else:
        said = given.asked_of_database(database, key_path)
    if as_json:
        click.echo(json.dumps(said, indent=2, default=lambda moment: moment.isoformat()))
    else:
        _show(said)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question:
    """What is asked, to be asked in one of three ways; each returns the same plain data."""

    source: str
    target: str
    at: datetime
    rate: int | None
    request: bytes | None
    """A captured request."""
    scheme: str

    def sighting(self) -> "Sighting":
        """Return the probe that was seen.

        Raises:
            Malformed: something in it cannot be read.
        """
        from clearinghouse.deconfliction.rules.sightings import sighting_of

        return sighting_of(self.source, at=self.at, target=self.target, rate_per_second=self.rate)

    def asked_of_server(self, server: str, token: str) -> dict[str, Any]:
        """Ask the API.

        Raises:
            Malformed: there is no token, or the server says what is wrong.
            NotPermitted, NotFound, Unavailable: the server says so, or does not answer.
        """
        from clearinghouse.commands.servers import at_server
        from clearinghouse_client.scans import Scans

        with at_server(server, token) as session:
            scans = Scans(session)
            if self.request is None:
                found = scans.whois(self.source, target=self.target, at=self.at, rate_per_second=self.rate)
            else:
                found = scans.whois_request(
                    self.request, scheme=self.scheme, source=self.source, target=self.target, at=self.at
                )
            return dict(found.whole)

    def asked_of_database(self, database: str | Path | None, key_path: Path | None) -> dict[str, Any]:
        """Ask the rows of a database here.

        Raises:
            Malformed: the question cannot be read, or the request proves nothing.
            NotFound: there is no such database.
        """
        from clearinghouse.commands.django import start

        start(database, must_exist=True)
        from clearinghouse.deconfliction.actions.requests import examine_request
        from clearinghouse.deconfliction.queries.sightings import whois
        from clearinghouse.deconfliction.rules.requests import read_request
        from clearinghouse.deconfliction.rules.telling import told, told_of_request
        from clearinghouse.edges.signer import the_public_key
        from clearinghouse.parties.actions import local_actor

        actor = local_actor(at=datetime.now(UTC))
        if self.request is None:
            return told(whois(self.sighting(), actor=actor))
        found = examine_request(
            read_request(self.request, scheme=self.scheme),
            key=_public(key_path) if key_path else the_public_key(),
            seen_at=self.at,
            **self._addresses(),
            actor=actor,
            at=datetime.now(UTC),
        )
        before = found.shown_before_at
        return told_of_request(found.shown) | {"remark": found.remark, "shown_before_at": before}

    def asked_offline(self, paths: Sequence[Path], key: "VerifyingKey", seen_path: Path | None) -> dict[str, Any]:
        """Ask signed lists, or check a request by the clearinghouse's key alone.

        Raises:
            Malformed: the question cannot be read, a list does not hold, or the request proves nothing.
            Outdated: a list is older than one that was seen before.
        """
        from clearinghouse.deconfliction.rules.scan_list import ask
        from clearinghouse.deconfliction.rules.telling import told

        seen = _Seen(seen_path)
        lists = seen.lists(paths, key)
        stale = [one.head for one in lists if one.is_stale(self.at)]
        notes = {
            "lists": [_of_list(one) for one in lists],
            "stale": [
                f"the list for {one.audience} said nothing after {one.valid_until:%Y-%m-%d %H:%M} UTC" for one in stale
            ],
        }
        if self.request is not None:
            return self._checked_offline(key, lists, seen) | notes
        return told(ask(lists, self.sighting())) | notes

    def _checked_offline(self, key: "VerifyingKey", lists: Sequence["ScanList"], seen: "_Seen") -> dict[str, Any]:
        """Return what a request shows, and what lists say has become of its scan."""
        from clearinghouse.deconfliction.rules.requests import examine, read_request
        from clearinghouse.deconfliction.rules.scan_list import ask
        from clearinghouse.deconfliction.rules.sightings import Sighting, Why
        from clearinghouse.deconfliction.rules.telling import told_of_request

        shown = examine(read_request(self.request or b"", scheme=self.scheme), key=key, at=self.at, **self._addresses())
        before = seen.request(f"{shown.warrant.scan.intent} {shown.signed.nonce}", at=self.at)
        remark = "" if lists else "Whether the scan was ended since can only the clearinghouse or a list say."
        for block in shown.warrant.scan.sources if lists else ():
            found = ask(lists, Sighting(block.first, self.at))
            own = [one for one in found.matches if one.scan.intent == shown.warrant.scan.intent]
            ended = [miss for one in own for miss in one.misses if miss.why is Why.REVOKED]
            if ended:
                shown = replace(shown, match=replace(shown.match, misses=(ended[0], *shown.match.misses)))
                break
            if not own and not found.more:
                remark = "The lists do not have this scan."
        return told_of_request(shown) | {"remark": remark, "shown_before_at": before}

    def _addresses(self) -> dict[str, Any]:
        """Return where a request came from and what address it reached, where that was said.

        Raises:
            Malformed: what was said is no address.
        """
        from clearinghouse.deconfliction.rules.prefixes import parse_address

        said = {"source": self.source, "target": self.target}
        return {name: parse_address(text) for name, text in said.items() if text}


class _Seen:
    """What was seen before on this machine: the newest number of each list, and requests."""

    def __init__(self, path: Path | None) -> None:
        from clearinghouse.config import settings

        self._path = path or settings.CLEARINGHOUSE_HOME / "scans-seen.json"
        try:
            self._known: dict[str, Any] = json.loads(self._path.read_bytes())
        except FileNotFoundError:
            self._known = {}
        except ValueError:
            from clearinghouse.errors import Malformed

            raise Malformed(f"{self._path} does not hold what was seen before; take it away to begin anew") from None

    def lists(self, paths: Sequence[Path], key: "VerifyingKey") -> list["ScanList"]:
        """Return the lists in these files, none older than one that was seen before.

        Raises:
            Malformed, Outdated: one does not hold, or is older.
        """
        from clearinghouse.deconfliction.rules.scan_list import open_list

        numbers: dict[str, int] = self._known.setdefault("lists", {})
        found = []
        for path in paths:
            data = _bytes_of(path)
            opened = open_list(data, key=key)
            name = f"{key.key_id} {opened.head.audience}"
            opened.demand_not_before(numbers.get(name, 0))
            numbers[name] = opened.head.number
            found.append(opened)
        if found:
            self._keep()
        return found

    def request(self, name: str, *, at: datetime) -> str | None:
        """Remember a request; return when it was first shown here, if it was."""
        import hashlib

        shown: dict[str, str] = self._known.setdefault("requests", {})
        digest = hashlib.sha256(name.encode()).hexdigest()
        before = shown.get(digest)
        if before is None:
            shown[digest] = at.isoformat()
            while len(shown) > _MOST_NONCES:
                del shown[next(iter(shown))]
            self._keep()
        return before

    def _keep(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = self._path.with_name(f".{self._path.name}.new")
        unfinished.write_text(json.dumps(self._known))
        unfinished.replace(self._path)


def _of_list(found: "ScanList") -> dict[str, Any]:
    head = found.head
    return {
        "origin": head.origin,
        "audience": head.audience,
        "number": head.number,
        "issued_at": head.issued_at,
        "valid_until": head.valid_until,
        "scans": len(found.index),
    }


def _moment(text: str) -> datetime:
    """Return the moment that was asked about.

    Raises:
        UsageError: it is none, or says no time zone.
    """
    if not text:
        return datetime.now(UTC)
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise click.UsageError(f"--at {text[:40]!a} is no time; 2026-11-23T14:05Z would be one") from None
    if found.tzinfo is None:
        raise click.UsageError(f"--at {text[:40]!a} says no time zone; add Z for UTC")
    return found.astimezone(UTC)


def _public(path: Path) -> "VerifyingKey":
    from clearinghouse.signing.keys import load_public_key

    return load_public_key(path)


def _bytes_of(path: Path) -> bytes:
    """Return what a file holds.

    Raises:
        NotFound: there is none.
    """
    from clearinghouse.errors import NotFound

    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise NotFound(f"there is no file {path}") from None


def _show(said: dict[str, Any]) -> None:
    """Print an answer for people."""
    click.echo(plain(said["sentence"]))
    for one in said["scans"]:
        click.echo(plain(f"  {one['intent']}  {_window(one)}  from {', '.join(one['sources'])}  {one['contact']}"))
        if one["targets"]:
            click.echo(plain(f"    goes to {', '.join(one['targets'])}"))
        for miss in one["misses"]:
            click.echo(plain(f"    does not fit: {miss['sentence']}"))
        if one["unsaid"]:
            click.echo(plain(f"    open: {one['unsaid']}"))
    if said["more"]:
        click.echo("  There are others that are not shown; ask about a --target.")
    if said.get("shown_before_at"):
        click.echo(
            plain(f"This very request was shown before, at {said['shown_before_at']}: it may have been replayed.")
        )
    for note in (said["basis"], said.get("remark"), *said.get("stale", ())):
        if note:
            click.echo(plain(note), err=True)


def _window(one: dict[str, Any]) -> str:
    starts, ends = (
        moment if isinstance(moment, datetime) else datetime.fromisoformat(moment)
        for moment in (one["starts_at"], one["ends_at"])
    )
    return f"{starts:%Y-%m-%d %H:%M} to {ends:%Y-%m-%d %H:%M} UTC"
