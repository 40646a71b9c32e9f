"""What may happen to a thing, who may hear of it, and how long a webhook that fails is tried."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from clearinghouse.errors import Problem, Refused
from clearinghouse.lifecycle import Lifecycle


class Happened(StrEnum):
    """Everything that a notice can say."""

    CASE_CHANGED = "case.changed"
    CASE_OPENED = "case.opened"
    CONSTRAINT_STATED = "constraint.stated"
    CONSTRAINT_WITHDRAWN = "constraint.withdrawn"
    CONSULTATION_ANSWERED = "consultation.answered"
    CONSULTATION_ASKED = "consultation.asked"
    EMBARGO_CHANGED = "embargo.changed"
    FINDING_JOINED = "finding.joined"
    FINDING_JUDGED = "finding.judged"
    FINDING_SETTLED = "finding.settled"
    FIX_CHECKED = "fix.checked"
    FIX_HANDED_IN = "fix.handed-in"
    REQUEST_MADE = "request.made"
    RESPONSE_CHANGED = "response.changed"
    SCAN_ANNOUNCED = "scan.announced"
    SCAN_EMERGENCY = "scan.emergency"
    SCAN_ENDED = "scan.ended"
    SCAN_HALTED = "scan.halted"
    SCAN_LEFT_PLAN = "scan.left-plan"
    SCAN_MET = "scan.met"
    SCAN_RENEWED = "scan.renewed"
    SEAT_ENDED = "seat.ended"
    SEAT_GIVEN = "seat.given"
    SUBMISSION_READ = "submission.read"
    WEBHOOK_DISABLED = "webhook.disabled"
    WEBHOOK_TEST = "webhook.test"


@dataclass(frozen=True, slots=True)
class Told:
    """What a notice of one kind is about."""

    says: str
    about: str
    """The verb by which the thing is read: whoever may not, hears nothing. Empty: whoever it was told to may know."""
    api: str = ""
    """Where programs read of it: ``{id}`` is the thing's id, ``{name}`` what its doors call it."""
    page: str = ""
    """Where people do."""


_CASE: Final = ("/api/v1/cases/{name}", "/cases/{name}")
_CONSTRAINT: Final = ("deconfliction:constraint:read", "/api/v1/constraints/{name}", "/constraints")
_FINDING: Final = ("/api/v1/findings/{id}", "/reports/{name}")
_SCAN: Final = ("deconfliction:intent:read", "/api/v1/intents/{name}", "/scans/{name}")

EVENTS: Final[Mapping[Happened, Told]] = {
    Happened.CASE_CHANGED: Told("A case came into another state.", "cases:case:read", *_CASE),
    Happened.CASE_OPENED: Told("A case was opened, or opened again.", "cases:case:read", *_CASE),
    Happened.CONSTRAINT_STATED: Told("An owner asks something of whoever scans what you scan or watch.", *_CONSTRAINT),
    Happened.CONSTRAINT_WITHDRAWN: Told("An owner no longer asks something of scanners.", *_CONSTRAINT),
    Happened.CONSULTATION_ANSWERED: Told(
        "Somebody answered what you asked them.", "parties:consultation:read", page="/consultations"
    ),
    Happened.CONSULTATION_ASKED: Told(
        "You are asked for your view.", "parties:consultation:read", page="/consultations"
    ),
    Happened.EMBARGO_CHANGED: Told("A day was proposed, agreed, rejected or given up.", "cases:embargo:read", *_CASE),
    Happened.FINDING_JOINED: Told("A report was joined to a case with others.", "cases:join:read", *_CASE),
    Happened.FINDING_JUDGED: Told("A report has its verdict.", "findings:finding:read", *_FINDING),
    Happened.FINDING_SETTLED: Told("Nothing more will be run for a report.", "findings:finding:read", *_FINDING),
    Happened.FIX_CHECKED: Told("A fix was checked against every proof of its case.", "cases:fix:read", *_CASE),
    Happened.FIX_HANDED_IN: Told("A fix was handed in for a case.", "cases:fix:read", *_CASE),
    Happened.REQUEST_MADE: Told(
        "Something about a case waits for a second person.",
        "parties:request:read",
        "/api/v1/cases/{name}/requests",
        "/cases/{name}",
    ),
    Happened.RESPONSE_CHANGED: Told("Something was said of a case, or taken back.", "cases:response:read", *_CASE),
    Happened.SCAN_ANNOUNCED: Told("A scan was announced of what you scan, own or watch.", *_SCAN),
    Happened.SCAN_EMERGENCY: Told("A scan of what you scan, own or watch could not wait.", *_SCAN),
    Happened.SCAN_ENDED: Told("A scan of what you scan, own or watch has ended.", *_SCAN),
    Happened.SCAN_HALTED: Told("A scan of yours was halted: it is no longer allowed.", *_SCAN),
    Happened.SCAN_LEFT_PLAN: Told("A scan of what you scan, own or watch runs otherwise than announced.", *_SCAN),
    Happened.SCAN_MET: Told("A confidential scan was met by others.", *_SCAN),
    Happened.SCAN_RENEWED: Told("A scan of what you scan, own or watch lasts until another time.", *_SCAN),
    Happened.SEAT_ENDED: Told("A seat in a case has ended.", ""),
    Happened.SEAT_GIVEN: Told("A seat in a case was given.", "cases:participant:read", *_CASE),
    Happened.SUBMISSION_READ: Told(
        "What was handed in was taken in or refused.",
        "findings:submission:read",
        "/api/v1/submissions/{name}",
        "/submissions/{name}",
    ),
    Happened.WEBHOOK_DISABLED: Told(
        "A webhook failed too long and is disabled.", "notices:webhook:read", "/api/v1/webhooks/{id}", "/webhooks/{id}"
    ),
    Happened.WEBHOOK_TEST: Told(
        "Somebody asked for a test.", "notices:webhook:read", "/api/v1/webhooks/{id}", "/webhooks/{id}"
    ),
}
"""The closed table; a room that tells something new adds its line here."""


@dataclass(frozen=True, slots=True)
class To:
    """Whom something is told: those at work on cases here, organizations, people; nobody twice."""

    office: bool = False
    organizations: frozenset[UUID] = frozenset()
    people: frozenset[UUID] = frozenset()


class WebhookState(StrEnum):
    """Whether anything is sent to a webhook."""

    STANDING = "standing"
    DISABLED = "disabled"
    ENDED = "ended"


class WebhookStep(StrEnum):
    """What happens to a webhook."""

    DISABLE = "disable"
    ENABLE = "enable"
    END = "end"


WEBHOOK = Lifecycle(
    name="notices:webhook",
    initial=WebhookState.STANDING,
    table={
        (WebhookState.STANDING, WebhookStep.DISABLE): WebhookState.DISABLED,
        (WebhookState.STANDING, WebhookStep.END): WebhookState.ENDED,
        (WebhookState.DISABLED, WebhookStep.ENABLE): WebhookState.STANDING,
        (WebhookState.DISABLED, WebhookStep.END): WebhookState.ENDED,
    },
)

WAITS: Final = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
)
"""How long after each failure it is tried again; after the last, no more. Source: Standard Webhooks, retry schedule."""
FAILING_AT_MOST: Final = timedelta(days=3)
"""A webhook that took nothing for so long is disabled."""
GONE: Final = 410
"""The status by which a receiver says that nothing more is wanted. Source: Standard Webhooks; RFC 9110, 15.5.11."""
SECRETS_OVERLAP: Final = timedelta(days=1)
"""So long after a change of secret, messages carry a signature by each."""
KEPT_FOR: Final = timedelta(days=30)
MOST_WEBHOOKS: Final = 10
MOST_REASON: Final = 300


def wait_after(failures: int) -> timedelta | None:
    """Return how long to wait after so many failures, 1 or more; None: it is given up."""
    return WAITS[failures - 1] if failures <= len(WAITS) else None


def failed_too_long(failing_since: datetime | None, *, at: datetime) -> bool:
    """Say whether a webhook that failed since then is to be disabled."""
    return failing_since is not None and at - failing_since >= FAILING_AT_MOST


def check_events(events: Sequence[str]) -> tuple[Happened, ...]:
    """Return the kinds of notices that a webhook is to carry, in order.

    Raises:
        Refused: there is none, or one that does not exist; every such one is named.
    """
    if not events:
        raise Refused((Problem("event-missing", "events", "no event is chosen", "choose at least one"),))
    known = {one.value for one in EVENTS}
    unknown = sorted(set(events) - known)
    if unknown:
        raise Refused(
            tuple(
                Problem("event-unknown", "events", f"{one[:60]!r} is no event", "take one from the list of events")
                for one in unknown
            )
        )
    return tuple(Happened(one) for one in sorted(set(events)))
