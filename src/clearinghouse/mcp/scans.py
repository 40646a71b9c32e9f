"""Tools about scans: look who is on something, announce, lead a scan to its end, ask friend or foe."""

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import islice
from typing import Annotated, Any, Literal

from mcp.server.mcpserver import Context
from pydantic import Field

from clearinghouse.deconfliction.asked import ScanWords
from clearinghouse.deconfliction.rules.awareness import MOST_KEYS
from clearinghouse.deconfliction.rules.targets.kinds import Written
from clearinghouse.deconfliction.rules.windows import moment_of
from clearinghouse.mcp.answers import (
    Advised,
    Announced,
    Constraints,
    Listed,
    Shown,
    Surveyed,
    Techniques,
    Warranted,
    Whose,
    Worthwhile,
    told,
)
from clearinghouse_client.intents import Intents
from clearinghouse_client.scans import Scans
from clearinghouse_client.session import Session

type Asking = Callable[[Context[Any, Any]], Session]
"""Gives the server to ask, as whoever calls a tool."""

Seen = Annotated[
    list[str],
    Field(max_length=MOST_KEYS, description="Version keys of everything it meets that you have looked at."),
]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,40}$", description="The scan's id, such as SCAN-7Q4M2XKD0A.")]
Why = Annotated[str, Field(max_length=4_000, description="Why; whoever meets the scan reads it.")]
Most = Annotated[int, Field(ge=1, le=100, description="At most so many.")]
Moment = Annotated[str, Field(max_length=40, description="now, +4h, or ISO 8601 such as 2026-11-23T12:00Z.")]
_TARGET = (
    "One word each: a purl without version (pkg:pypi/pyyaml), a repository's URL, an address or block, a host name or "
    "*.domain, model:maker/name. Or data: {kind: software, package, versions, paths}, {kind: repository, url, commits, "
    "paths}, {kind: network, block, ports}."
)


class ScanAsked(ScanWords):
    """A scan as it is meant."""

    targets: list[Written] = Field(min_length=1, max_length=1_000, description=_TARGET)
    starts_at: Moment = Field("now", description="now, +2h from now, or ISO 8601 such as 2026-11-23T12:00Z.")
    ends_at: Moment = Field("+4h", description="+4h after its start, or ISO 8601; at most 30 days later.")

    def plain(self) -> dict[str, Any]:
        """Return it as the API takes it, its times in full.

        Raises:
            Malformed: a time is none.
        """
        starts = moment_of(self.starts_at, after=datetime.now(UTC).replace(microsecond=0))
        ends = moment_of(self.ends_at, after=starts)
        return self.model_dump(mode="json") | {"starts_at": starts.isoformat(), "ends_at": ends.isoformat()}


class ScanTools:
    """What an agent can do about scans; the docstrings are what it reads."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking

    def techniques(self, ctx: Context[Any, Any]) -> Techniques:
        """List the techniques that a scan may name, and what each touches on each kind of target (copy, look, live)."""
        with self._asking(ctx) as session:
            return told(Techniques, Intents(session).techniques())

    def check_scan(self, ctx: Context[Any, Any], scan: ScanAsked) -> Surveyed:
        """Ask "is anyone on this?" before looking for vulnerabilities: whom a scan would meet, what owners would say.

        Nothing is announced and nobody is told. Then `announce_scan` with the scan and the `seen` of the answer.
        """
        with self._asking(ctx) as session:
            plain = scan.plain()
            found = Intents(session).check(plain)
            return told(Surveyed, {**found.whole, "scan": plain, "seen": list(found.keys)})

    def suggest_instead(
        self,
        ctx: Context[Any, Any],
        *,
        scan: ScanAsked,
        parts: Annotated[
            dict[str, int],
            Field(max_length=2_000, description="Folders of its one package, and how much there is to do in each."),
        ] = {},  # noqa: B006 - never changed
        willing: Annotated[
            dict[str, list[str]],
            Field(
                max_length=50,
                description="Ids of the organizations that would share the work, and by which techniques each can; "
                "an empty list: by any.",
            ),
        ] = {},  # noqa: B006 - never changed
    ) -> Advised:
        """Ask what to do instead of a scan that meets others: a free window, other techniques, folders nobody is on.

        With `willing`, the folders are divided among them; without folders each gets a technique.
        """
        with self._asking(ctx) as session:
            return told(Advised, Intents(session).suggest(scan.plain(), parts=parts, willing=willing))

    def worth_looking_at(self, ctx: Context[Any, Any], most: Most = 20) -> Worthwhile:
        """Ask what to look at next: critical targets that nobody scans now and that were looked at longest ago."""
        with self._asking(ctx) as session:
            return told(Worthwhile, {"targets": Intents(session).worth_looking_at(most)})

    def announce_scan(
        self,
        ctx: Context[Any, Any],
        *,
        scan: ScanAsked,
        seen: Seen = [],  # noqa: B006 - never changed
        request_key: Annotated[
            str, Field(max_length=200, description="Draw it at random; calling again with it announces once.")
        ] = "",
        begin: Annotated[
            Literal["accepted", "draft", "emergency"],
            Field(description="A draft is seen by nobody else; an emergency cannot wait and tells everybody it meets."),
        ] = "accepted",
        why: Why = "",
    ) -> Announced:
        """Announce a scan before it starts. Refused (409 unaware) until everything that it meets is named in `seen`.

        Owners' constraints bind: what an owner holds back must not be scanned. Then `start_scan` when it begins.
        """
        with self._asking(ctx) as session:
            made = Intents(session).announce(scan.plain(), seen=seen, key=request_key, begin=begin, why=why)
            return told(Announced, {"intent": made.intent.whole, "met": list(made.met)})

    def accept_scan(self, ctx: Context[Any, Any], intent: Name, seen: Seen = []) -> Announced:  # noqa: B006
        """Announce a draft."""
        with self._asking(ctx) as session:
            made = Intents(session).accept(intent, seen=seen)
            return told(Announced, {"intent": made.intent.whole, "met": list(made.met)})

    def start_scan(self, ctx: Context[Any, Any], intent: Name, seen: Seen = []) -> Announced:  # noqa: B006
        """Say that an announced scan begins, or is back on its plan; what it meets by now has to be in `seen`."""
        with self._asking(ctx) as session:
            made = Intents(session).start(intent, seen=seen)
            return told(Announced, {"intent": made.intent.whole, "met": list(made.met)})

    def renew_scan(
        self,
        ctx: Context[Any, Any],
        *,
        intent: Name,
        ends_at: Moment,
        seen: Seen = [],  # noqa: B006 - never changed
    ) -> Announced:
        """Let a scan last until another time; +4h is four hours from now."""
        until = moment_of(ends_at, after=datetime.now(UTC).replace(microsecond=0)).isoformat()
        with self._asking(ctx) as session:
            intents = Intents(session)
            made = intents.renew(intents.intent(intent), until, seen=seen)
            return told(Announced, {"intent": made.intent.whole, "met": list(made.met)})

    def leave_plan(
        self,
        ctx: Context[Any, Any],
        *,
        intent: Name,
        why: Why,
        emergency: Annotated[bool, Field(description="It cannot wait at all.")] = False,
    ) -> Announced:
        """Say at once that a scan runs otherwise than announced; everyone whom it meets is told, and owners decide."""
        with self._asking(ctx) as session:
            made = Intents(session).urgent(intent, "declare-emergency" if emergency else "leave-plan", why=why)
            return told(Announced, {"intent": made.intent.whole, "met": list(made.met)})

    def end_scan(self, ctx: Context[Any, Any], intent: Name, why: Why = "") -> Shown:
        """End a scan of your own, or take it back before it began; from then on it stands in nobody's way."""
        with self._asking(ctx) as session:
            return told(Shown, {"intent": Intents(session).end(intent, why=why).whole})

    def take_warrant(self, ctx: Context[Any, Any], intent: Name) -> Warranted:
        """Fetch the signed warrant of a standing scan of yours, to be carried by each of its requests."""
        with self._asking(ctx) as session:
            return told(Warranted, {"intent": intent, "warrant": Intents(session).warrant(intent).decode()})

    def show_scan(self, ctx: Context[Any, Any], intent: Name) -> Shown:
        """Show one announced scan."""
        with self._asking(ctx) as session:
            return told(Shown, {"intent": Intents(session).intent(intent).whole})

    def list_scans(
        self,
        ctx: Context[Any, Any],
        *,
        target: Annotated[str, Field(max_length=2_000, description="Those that meet it; one word.")] = "",
        own: Annotated[bool, Field(description="Of your own organization.")] = False,
        ours: Annotated[bool, Field(description="That touch what is known to be your organization's.")] = False,
        ended: Annotated[bool, Field(description="Also those that are over.")] = False,
        most: Most = 20,
    ) -> Listed:
        """List announced scans that you may see, the latest first; those that stand now unless you ask for more."""
        wanted: dict[str, str | int] = {"target": target, "whose": "own" if own else ""}
        wanted |= ({} if ended else {"standing": 1}) | ({"ours": 1} if ours else {})
        with self._asking(ctx) as session:
            found = list(islice(Intents(session).intents(**wanted), most + 1))
            return told(Listed, {"intents": [one.whole for one in found[:most]], "more": len(found) > most})

    def list_constraints(
        self,
        ctx: Context[Any, Any],
        *,
        target: Annotated[str, Field(max_length=2_000, description="Of this target; one word.")] = "",
        most: Most = 20,
    ) -> Constraints:
        """List what owners ask of whoever scans what is theirs: not at all, in which windows, how fast, ask first."""
        with self._asking(ctx) as session:
            found = list(islice(Intents(session).constraints(target), most + 1))
            return told(Constraints, {"constraints": found[:most], "more": len(found) > most})

    def friend_or_foe(
        self,
        ctx: Context[Any, Any],
        *,
        source: Annotated[str, Field(max_length=64, description="The address that a probe came from.")],
        target: Annotated[
            str, Field(max_length=300, description="What it reached: an address or a name, with a port if known.")
        ] = "",
        at: Annotated[str, Field(max_length=40, description="When it was seen: now or ISO 8601.")] = "now",
        rate_per_second: Annotated[int | None, Field(ge=0, description="How many requests a second were seen.")] = None,
    ) -> Whose:
        """Ask whose a probe is: a registered scan with its contact, one outside of what it announced, or unknown.

        An address can be borrowed: `basis` says what the answer stands on.
        """
        seen_at = moment_of(at, after=datetime.now(UTC))
        with self._asking(ctx) as session:
            said = Scans(session).whois(source, target=target, at=seen_at, rate_per_second=rate_per_second)
            return told(Whose, said.whole)
