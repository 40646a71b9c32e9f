"""Scans in the database of this machine: the same actions, and shown as the API shows them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from uuid import UUID

from django.conf import settings

from clearinghouse.commands.owners_here import OwnersHere, read_as
from clearinghouse.commands.scan_options import id_from
from clearinghouse.commands.scans import now
from clearinghouse.deconfliction.actions import intents as actions
from clearinghouse.deconfliction.actions.coverage import Tried, publish_count, record_coverage
from clearinghouse.deconfliction.actions.owners import state_constraint, withdraw_constraint
from clearinghouse.deconfliction.actions.standing import Announced as Made
from clearinghouse.deconfliction.actions.subscriptions import begin_subscription, end_subscription
from clearinghouse.deconfliction.asked import ConstraintWanted, ScanWanted, TriedWanted
from clearinghouse.deconfliction.queries.advice import advise
from clearinghouse.deconfliction.queries.intents import (
    intent_for,
    intents_wanted,
    meetings_for,
    own_organization,
    seen_among,
)
from clearinghouse.deconfliction.queries.meeting import look
from clearinghouse.deconfliction.queries.registered import (
    about,
    constraint_for,
    constraints_for,
    coverage_entry_for,
    coverage_for,
    owned_targets,
)
from clearinghouse.deconfliction.queries.subscriptions import subscription_for, subscriptions_for
from clearinghouse.deconfliction.queries.suggestions import uncovered
from clearinghouse.deconfliction.queries.warrants import warrant_for
from clearinghouse.deconfliction.rules.targets.kinds import target_from, target_from_text
from clearinghouse.deconfliction.shown import (
    advice_shown,
    constraint_shown,
    coverage_shown,
    intent_shown,
    met_shown,
    subscription_shown,
    survey_shown,
    worth_shown,
)
from clearinghouse.deconfliction.shown_meetings import meeting_shown
from clearinghouse_client.intents import Announced, Intent, Plain, Survey


class ScansHere(OwnersHere):
    """Scans as whoever holds the database sees them."""

    def check(self, scan: Plain) -> Survey:
        """Return whom a scan would meet."""
        found = look(read_as(ScanWanted, scan).announcement(), actor=self._actor, at=now())
        whole = survey_shown(found).model_dump(mode="json")
        return Survey(tuple(whole["met"]), tuple(whole["own"]), tuple(whole["refusals"]), whole)

    def suggest(
        self,
        scan: Plain,
        *,
        parts: Mapping[str, int] | None = None,
        willing: Mapping[str, Sequence[str]] | None = None,
    ) -> Plain:
        """Return what to do instead of a scan."""
        said = read_as(ScanWanted, scan).announcement()
        able = {UUID(home): named for home, named in (willing or {}).items()}
        found = advise(said, parts=parts, willing=tuple(able), able=able, actor=self._actor, at=now())
        return advice_shown(found).model_dump(mode="json")

    def announce(
        self, scan: Plain, *, seen: Iterable[str] = (), key: str = "", begin: str = "accepted", why: str = ""
    ) -> Announced:
        """Announce a scan."""
        said, at = read_as(ScanWanted, scan).announcement(), now()
        if begin == "draft":
            return self._told(Made(actions.draft_intent(said, request_key=key, actor=self._actor, at=at), ()))
        if begin == "emergency":
            return self._told(actions.announce_emergency(said, why=why, request_key=key, actor=self._actor, at=at))
        return self._told(actions.announce_intent(said, seen=tuple(seen), request_key=key, actor=self._actor, at=at))

    def intent(self, name: str) -> Intent:
        """Return one intent."""
        shown = intent_shown(self._actor, intent_for(self._actor, name))
        return Intent(shown.id, shown.state, shown.version_key, shown.model_dump(mode="json"))

    def intents(self, **wanted: str | int) -> Iterator[Intent]:
        """Yield the intents that one may see."""
        is_standing, ours = bool(wanted.pop("standing", "")), bool(wanted.pop("ours", ""))
        named = {name: str(one) for name, one in wanted.items()}
        touches = owned_targets(self._actor) if ours else None
        for one in intents_wanted(self._actor, **named, is_standing=is_standing, touches=touches, at=now()):
            shown = intent_shown(self._actor, one)
            yield Intent(shown.id, shown.state, shown.version_key, shown.model_dump(mode="json"))

    def accept(self, name: str, *, seen: Iterable[str] = ()) -> Announced:
        """Announce a draft."""
        found = intent_for(self._actor, name)
        return self._told(actions.accept_intent(found, seen=tuple(seen), actor=self._actor, at=now()))

    def start(self, name: str, *, seen: Iterable[str] = ()) -> Announced:
        """Say that a scan begins."""
        found = intent_for(self._actor, name)
        return self._told(actions.start_intent(found, seen=tuple(seen), actor=self._actor, at=now()))

    def renew(self, intent: Intent, ends_at: str, *, seen: Iterable[str] = ()) -> Announced:
        """Let a scan last until another time."""
        from datetime import datetime

        found, until = intent_for(self._actor, intent.id), datetime.fromisoformat(ends_at)
        version, keys = intent.version_key, tuple(seen)
        return self._told(actions.renew_intent(found, until, version=version, seen=keys, actor=self._actor, at=now()))

    def urgent(self, name: str, step: str, *, why: str) -> Announced:
        """Say that a scan leaves its plan, or cannot wait."""
        act: Callable[..., Made] = {
            "leave-plan": actions.leave_plan,
            "declare-emergency": actions.declare_emergency,
        }[step]
        return self._told(act(intent_for(self._actor, name), why=why, actor=self._actor, at=now()))

    def end(self, name: str, *, why: str = "", step: str = "end") -> Intent:
        """End a scan."""
        act = {"end": actions.end_intent, "halt": actions.halt_intent}[step]
        act(intent_for(self._actor, name), why=why, actor=self._actor, at=now())
        return self.intent(name)

    def meetings(self, intent: str = "") -> Iterator[Plain]:
        """Yield who met confidential scans, or one of these."""
        for one in meetings_for(self._actor, intent=intent):
            yield meeting_shown(one).model_dump(mode="json")

    def warrant(self, name: str) -> bytes:
        """Return the signed warrant of a standing scan."""
        from clearinghouse.edges.signer import the_signer

        origin: str = settings.CLEARINGHOUSE_URL
        return warrant_for(self._actor, name, origin=origin, key=the_signer(), at=now())

    def constraints(self, target: str = "") -> Iterator[Plain]:
        """Yield what owners ask."""
        found = constraints_for(self._actor)
        for one in about(found, target_from_text(target)) if target else found:
            yield constraint_shown(self._actor, one).model_dump(mode="json")

    def state_constraint(self, said: Plain, *, key: str = "") -> Plain:  # noqa: ARG002 - nothing is sent twice here
        """State a constraint."""
        wanted = read_as(ConstraintWanted, said)
        target = target_from(wanted.target)
        made, halted = state_constraint(
            own_organization(self._actor),
            wanted.says,
            target,
            concerned=wanted.techniques,
            times=wanted.times.times() if wanted.times else None,
            rate_per_second=wanted.rate_per_second,
            why=wanted.why,
            contact=wanted.contact,
            actor=self._actor,
            at=now(),
        )
        shown = constraint_shown(self._actor, made).model_dump(mode="json")
        return {"constraint": shown, "halted": seen_among(self._actor, halted)}

    def withdraw_constraint(self, name: str, *, why: str = "") -> Plain:
        """Ask it no longer."""
        withdraw_constraint(constraint_for(self._actor, name), why=why, actor=self._actor, at=now())
        return constraint_shown(self._actor, constraint_for(self._actor, name)).model_dump(mode="json")

    def watch(self, target: str, *, techniques: Sequence[str] = ()) -> Plain:
        """Let one's organization be told of scans of a target."""
        made = begin_subscription(target_from_text(target), wanted=techniques, actor=self._actor, at=now())
        return subscription_shown(made).model_dump(mode="json")

    def watches(self) -> Iterator[Plain]:
        """Yield what one's organization watches."""
        for one in subscriptions_for(self._actor):
            yield subscription_shown(one).model_dump(mode="json")

    def unwatch(self, name: str) -> Plain:
        """Be told of it no longer."""
        found = subscription_for(self._actor, name)
        end_subscription(found, actor=self._actor, at=now())
        return subscription_shown(found).model_dump(mode="json")

    def coverage(self, target: str = "") -> Iterator[Plain]:
        """Yield what was tried."""
        for one in coverage_for(self._actor, target_from(target) if target else None):
            yield coverage_shown(self._actor, one).model_dump(mode="json")

    def worth_looking_at(self, most: int = 20) -> list[Plain]:
        """Return what is most worth looking at, and why."""
        found = uncovered(actor=self._actor, at=now(), most=most)
        return [worth_shown(one).model_dump(mode="json") for one in found]

    def record_coverage(self, name: str, tried: Sequence[Plain]) -> list[Plain]:
        """Write down what a scan has covered."""
        read = [read_as(TriedWanted, one) for one in tried]
        said = [
            Tried(target_from(one.target), one.version, is_complete=one.is_complete, findings=one.findings)
            for one in read
        ]
        made = record_coverage(intent_for(self._actor, name), said, actor=self._actor, at=now())
        return [coverage_shown(self._actor, one).model_dump(mode="json") for one in made]

    def publish_count(self, entry: str, where: str) -> Plain:
        """Say where the findings of what was covered are published."""
        found = coverage_entry_for(self._actor, id_from(entry, "coverage"))
        publish_count(found, where, actor=self._actor, at=now())
        return coverage_shown(self._actor, found).model_dump(mode="json")

    def _told(self, made: Made) -> Announced:
        return Announced(
            self.intent(made.intent.public_id), tuple(one.model_dump(mode="json") for one in met_shown(made.met))
        )
