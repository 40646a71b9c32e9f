"""One call of the client for each operation that it knows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from clearinghouse_client.cases import Cases
from clearinghouse_client.consultations import Consultations
from clearinghouse_client.events import Events
from clearinghouse_client.findings import Findings
from clearinghouse_client.intents import Intents
from clearinghouse_client.interchange import Interchange
from clearinghouse_client.office import Office
from clearinghouse_client.organizations import Organizations
from clearinghouse_client.owners import Owners
from clearinghouse_client.queue import SavedViews
from clearinghouse_client.reports import Reports
from clearinghouse_client.scans import Scans
from clearinghouse_client.seats import Seats
from clearinghouse_client.session import Session
from clearinghouse_client.tokens import Tokens
from clearinghouse_client.webhooks import Webhooks
from tests.cases.rows import PATCH
from tests.findings.makers import some_files
from tests.findings.test_submissions import a_tar

_PACKAGE: Final = "pkg:pypi/called"
_ID: Final = UUID(int=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What is there to be named, and when the calls are made."""

    now: datetime
    case: str = "CASE-7Q4M2XKD"
    finding: UUID = _ID
    participant: UUID = _ID
    response: UUID = _ID
    request: UUID = _ID
    token: UUID = _ID
    membership: UUID = _ID
    organization: UUID = _ID
    person: UUID = _ID
    webhook: UUID = _ID
    ownership: UUID = _ID
    act: UUID = _ID
    intent: str = "INTENT-7Q4M2XKD"
    constraint: str = "RULE-7Q4M2XKD"
    authorisation: str = "AUTH-7Q4M2XKD"
    subscription: str = "WATCH-7Q4M2XKD"
    mapping: str = str(_ID)
    receipt: str = "x"
    artefact: str = "fix.patch"
    home: str = "mine"

    def later(self, days: int = 3) -> datetime:
        """Return a moment to come."""
        return self.now + timedelta(days=days)

    @property
    def scan(self) -> Mapping[str, Any]:
        """A scan as it is announced."""
        return {
            "starts_at": self.now.isoformat(),
            "ends_at": self.later().isoformat(),
            "technique": "fuzzing",
            "targets": [_PACKAGE],
            "contact": "mailto:ada@people.example",
        }


type Call = Callable[[Session, Named], object]


def _announced(session: Session, named: Named) -> str:
    return Intents(session).announce(named.scan).intent.id


def _begun(session: Session, named: Named) -> str:
    return Intents(session).start(_announced(session, named)).intent.id


def _published(session: Session, named: Named) -> object:
    tried = [{"target": _PACKAGE, "findings": 2, "is_complete": True}]
    (covered,) = Intents(session).record_coverage(_begun(session, named), tried)
    return Intents(session).publish_count(covered["id"], "https://people.example/out")


def _answered(session: Session, named: Named) -> object:
    asked = next((one.finding for one in Findings(session).questions()), named.finding)
    return Findings(session).answer(asked, Reports(session).verdict(asked), yes=True, why="it is so")


def _enabled(session: Session, named: Named) -> object:
    return Webhooks(session).enable(Webhooks(session).disable(named.webhook).id)


def _proposed(session: Session, named: Named) -> object:
    """Decide twice on what was just given back: each version is known without reading the case again."""
    rejected = Cases(session).reject_embargo(Cases(session).case(named.case), why="too long")
    return Cases(session).propose_embargo(rejected, named.later(30))


def _terminated(session: Session, named: Named) -> object:
    accepted = Cases(session).accept_embargo(Cases(session).case(named.case), why="it suits us")
    return Cases(session).terminate_embargo(accepted, why="it is out")


def _signed(session: Session, _: Named) -> object:
    return Organizations(session).signed_terms(Organizations(session).publish_terms("Be kind.").version)


def _uninvited(session: Session, named: Named) -> None:
    made = Organizations(session).invite(named.organization, "new@people.example", "finder")
    Organizations(session).withdraw_invitation(named.organization, made.id)


def _unasked(session: Session, named: Named) -> object:
    asked = Consultations(session).ask(named.case, "when?", organization=named.home, due_at=named.later())
    return Consultations(session).withdraw(asked.id)


def _unwished(session: Session, named: Named) -> object:
    return Seats(session).withdraw(named.case, Seats(session).ask_wider(named.case, "CLEAR", why="it is out").id)


_FIX: Final = PATCH.encode() + b"\n"
_RAW = b"GET / HTTP/1.1\r\nHost: called.example\r\n\r\n"
_RECORD: Mapping[str, Any] = {"_type": "https://in-toto.io/Statement/v1"}


def _forgotten(session: Session, _: Named) -> None:
    views = SavedViews(session)
    views.delete(views.save("Mine", q="called").id)


CALLS: Final[Mapping[str, Call]] = {
    "delete_view": _forgotten,
    "save_view": lambda s, _: SavedViews(s).save("Mine", q="called", view="due", band="URGENT", state="open"),
    "saved_views": lambda s, _: SavedViews(s).saved(),
    "acceptances": lambda s, _: Organizations(s).acceptances(),
    "accept_embargo": lambda s, n: Cases(s).accept_embargo(Cases(s).case(n.case), why="it suits us"),
    "accept_intent": lambda s, n: Intents(s).accept(Intents(s).announce(n.scan, begin="draft").intent.id),
    "acts": lambda s, n: Office(s).acts(verb="cases:case:open", kind="case", actor=_ID, since=n.now, before=n.later()),
    "add_mapping": lambda s, _: Intents(s).add_mapping(_PACKAGE, "https://git.example/called"),
    "announce_intent": lambda s, n: Intents(s).announce(n.scan),
    "answer_question": _answered,
    "artefact": lambda s, n: Findings(s).artefact(n.finding, n.artefact),
    "ask_about_case": lambda s, n: Consultations(s).ask(n.case, "when?", organization=n.home, due_at=n.later()),
    "ask_lower_marking": lambda s, n: Seats(s).ask_wider(n.case, "CLEAR", why="it is out"),
    "ask_seat": lambda s, n: Seats(s).ask(n.case, part="maintainer", tier=0, person=n.person, until_at=n.later()),
    "authorisation": lambda s, n: Owners(s).authorisation(n.authorisation),
    "authorisations": lambda s, _: Owners(s).authorisations(),
    "availability": lambda s, _: Owners(s).availability(),
    "begin_subscription": lambda s, _: Intents(s).watch(_PACKAGE),
    "bring_in": lambda s, _: Interchange(s).bring_in([_RECORD]),
    "case": lambda s, n: Cases(s).case(n.case),
    "case_requests": lambda s, n: Seats(s).requests_of(n.case),
    "cases": lambda s, _: Cases(s).queue(q="pyyaml", view="patched", band="URGENT", package="pkg:pypi/pyyaml"),
    "check_claim": lambda s, _: Interchange(s).check_claim("a" * 64),
    "check_intent": lambda s, n: Intents(s).check(n.scan),
    "checkpoint": lambda s, _: Office(s).checkpoint(),
    "claim_ownership": lambda s, _: Owners(s).claim("198.51.100.0/24", criticality=3, evidence="a record"),
    "close_person": lambda s, n: Organizations(s).close_person(n.person),
    "consistency_proof": lambda s, _: Office(s).consistency(1, 1),
    "constraint": lambda s, n: Intents(s).constraint(n.constraint),
    "constraints": lambda s, _: Intents(s).constraints(),
    "consultations": lambda s, _: Consultations(s).consultations(),
    "coverage": lambda s, _: Intents(s).coverage(_PACKAGE),
    "declare_emergency": lambda s, n: Intents(s).urgent(_announced(s, n), "declare-emergency", why="it burns"),
    "deliveries": lambda s, n: Webhooks(s).deliveries(n.webhook),
    "disable_webhook": lambda s, n: Webhooks(s).disable(n.webhook),
    "draft": lambda s, n: Cases(s).draft(n.case, "csaf.json"),
    "enable_webhook": _enabled,
    "end_intent": lambda s, n: Intents(s).end(n.intent),
    "end_membership": lambda s, n: Organizations(s).end_membership(n.organization, n.membership),
    "end_ownership": lambda s, n: Owners(s).end(n.ownership),
    "end_subscription": lambda s, n: Intents(s).unwatch(n.subscription),
    "end_webhook": lambda s, n: Webhooks(s).end(n.webhook),
    "events": lambda s, _: Events(s).listen().close(),
    "feeds": lambda s, _: Office(s).feeds(),
    "figures": lambda s, _: Office(s).figures(),
    "finding": lambda s, n: Findings(s).finding(n.finding),
    "findings": lambda s, _: Findings(s).findings(finder="x"),
    "found_organization": lambda s, _: Organizations(s).found("called"),
    "give_authorisation": lambda s, n: Owners(s).authorise(
        n.organization, ["192.0.2.0/24"], starts_at=n.later(1), ends_at=n.later(), rate_per_second=5
    ),
    "grant_membership": lambda s, n: Organizations(s).grant(n.organization, n.person, "administrator"),
    "halt_intent": lambda s, n: Intents(s).end(n.intent, why="it does harm", step="halt"),
    "hand_in": lambda s, _: Reports(s).hand_in(a_tar(), name="report.tar.gz"),
    "hand_in_files": lambda s, _: Reports(s).hand_in_files(some_files(), name="report"),
    "hand_in_fix": lambda s, n: Cases(s).hand_in_fix(n.case, _FIX, name="fix.patch"),
    "inclusion_proof": lambda s, n: Office(s).inclusion(n.act),
    "index": lambda s, _: Reports(s).index(),
    "intent": lambda s, n: Intents(s).intent(n.intent),
    "intents": lambda s, _: Intents(s).intents(ours="true"),
    "interchange": lambda s, _: Interchange(s).records("claim"),
    "invitations": lambda s, n: Organizations(s).invitations(n.organization),
    "leave_plan": lambda s, n: Intents(s).urgent(_begun(s, n), "leave-plan", why="it is elsewhere"),
    "leave_seat": lambda s, n: Seats(s).leave(n.case, n.participant),
    "make_invitation": lambda s, n: Organizations(s).invite(n.organization, "new@people.example", "finder"),
    "mappings": lambda s, _: Intents(s).mappings(_PACKAGE),
    "marking": lambda s, n: Seats(s).marking(n.case),
    "meetings": lambda s, _: Intents(s).meetings(),
    "members": lambda s, n: Organizations(s).members(n.organization),
    "notices": lambda s, _: Events(s).page(),
    "opt_outs": lambda s, _: Interchange(s).opt_outs(),
    "organizations": lambda s, _: Organizations(s).organizations(),
    "overrule_response": lambda s, n: Cases(s).overrule_response(Cases(s).case(n.case), n.response, why="no"),
    "ownerships": lambda s, _: Owners(s).ownerships(),
    "probing_of_scan": lambda s, n: Scans(s).probing(n.intent),
    "propose_embargo": _proposed,
    "public_key": lambda s, _: Scans(s).key(),
    "publish_count": _published,
    "publish_terms": lambda s, _: Organizations(s).publish_terms("Be kind."),
    "questions": lambda s, _: Findings(s).questions(),
    "raise_marking": lambda s, n: Seats(s).narrow(n.case, "RED", why="it is hot"),
    "record_coverage": lambda s, n: Intents(s).record_coverage(_begun(s, n), [{"target": _PACKAGE}]),
    "refuse_ownership": lambda s, n: Owners(s).refuse(n.ownership, why="no"),
    "refuse_request": lambda s, n: Seats(s).refuse(n.case, n.request, why="no"),
    "reject_embargo": lambda s, n: Cases(s).reject_embargo(Cases(s).case(n.case), why="too long"),
    "remove_seat": lambda s, n: Seats(s).remove(n.case, n.participant, why="done"),
    "rename_organization": lambda s, n: Organizations(s).rename(n.organization, "called anew"),
    "renew_intent": lambda s, n: Intents(s).renew(Intents(s).intent(_announced(s, n)), n.later(4).isoformat()),
    "requests": lambda s, _: Seats(s).requests(),
    "respond": lambda s, n: Cases(s).respond(Cases(s).case(n.case), "disputed", why="it is documented"),
    "revoke_token": lambda s, n: Tokens(s).revoke(n.token),
    "say_availability": lambda s, n: Owners(s).say_availability("down", organization=n.organization),
    "scan_list": lambda s, _: Scans(s).list(),
    "seats": lambda s, n: Seats(s).seats(n.case),
    "settled": lambda s, n: Reports(s).settled(n.receipt),
    "signed_terms": _signed,
    "start_intent": lambda s, n: Intents(s).start(_announced(s, n)),
    "state_constraint": lambda s, _: Intents(s).state_constraint({"says": "do-not-scan", "target": _PACKAGE}),
    "status": lambda s, _: Office(s).status(),
    "submission": lambda s, n: Reports(s).submission(n.receipt),
    "submissions": lambda s, _: Reports(s).submissions(),
    "subscription": lambda s, n: Intents(s).watch_of(n.subscription),
    "subscriptions": lambda s, _: Intents(s).watches(),
    "suggest_instead": lambda s, n: Intents(s).suggest(n.scan),
    "techniques": lambda s, _: Intents(s).techniques(),
    "terminate_embargo": _terminated,
    "terms": lambda s, _: Organizations(s).terms(),
    "test_webhook": lambda s, n: Webhooks(s).test(n.webhook),
    "tokens": lambda s, _: Tokens(s).tokens(),
    "undo_join": lambda s, n: Cases(s).undo_join(Cases(s).case(n.case), n.finding, why="another flaw"),
    "verdict": lambda s, n: Reports(s).verdict(n.finding),
    "warrant": lambda s, n: Scans(s).warrant(_announced(s, n)),
    "webhook": lambda s, n: Webhooks(s).webhook(n.webhook),
    "webhooks": lambda s, _: Webhooks(s).webhooks(),
    "whoami": lambda s, _: s.whoami(),
    "whois_request": lambda s, _: Scans(s).whois_request(_RAW),
    "whois_scan": lambda s, _: Scans(s).whois("203.0.113.7", target="192.0.2.1", rate_per_second=5),
    "withdraw_constraint": lambda s, n: Intents(s).withdraw_constraint(n.constraint),
    "withdraw_authorisation": lambda s, n: Owners(s).withdraw(n.authorisation),
    "withdraw_consultation": _unasked,
    "withdraw_invitation": _uninvited,
    "withdraw_mapping": lambda s, n: Intents(s).withdraw_mapping(n.mapping),
    "withdraw_request": _unwished,
    "withdraw_response": lambda s, n: Cases(s).withdraw_response(Cases(s).case(n.case), n.response, why="we erred"),
    "worth_looking_at": lambda s, _: Intents(s).worth_looking_at(),
}
