"""The actors that exist without anyone having signed up, and what holds of tokens, invitations and requests."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID, uuid5

from clearinghouse.errors import Malformed, Problem, Refused
from clearinghouse.lifecycle import Lifecycle
from clearinghouse.permissions.rules import Actor, Role, Table, in_scope
from clearinghouse.permissions.words import to_do

_NAMES: Final = UUID("5f0d2a46-6c0e-5d0b-9a53-0d4a4f4b0c11")
LOCAL_ORGANIZATION: Final = uuid5(_NAMES, "local organization")

LOCAL: Final = Actor(
    id=uuid5(_NAMES, "local actor"),
    name="local",
    roles=frozenset({Role.ADMINISTRATOR, Role.COORDINATOR, Role.FINDER, Role.MAINTAINER, Role.OPERATOR}),
    organization=LOCAL_ORGANIZATION,
    second_factor=True,  # whoever holds the file has nothing left to prove
)
"""Whoever runs the command on their own machine, with their own file: every role at work that a person can have."""

CLEARINGHOUSE: Final = Actor(
    id=uuid5(_NAMES, "clearinghouse"),
    name="clearinghouse",
    roles=frozenset({Role.CLEARINGHOUSE}),
    second_factor=True,  # it signs in nowhere
)
"""This programme itself, at work in the background."""

TOKEN_PREFIX: Final = "ch_"  # noqa: S105 - the public start of every token, so that scanners of secrets know it
SECRET_BYTES: Final = 32
LONGEST_TOKEN: Final = timedelta(days=366)
INVITATION_HOLDS: Final = timedelta(days=7)


def digest_of(secret: str) -> str:
    """Return what is kept of a secret: its SHA-256, in hex; 256 random bits need no slow hash."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def normal_email(email: str) -> str:
    """Return the one spelling under which an address is kept: lower case, no space around it."""
    return email.strip().lower()


def check_scopes(scopes: Iterable[str], table: Table) -> tuple[str, ...]:
    """Return the scopes of a token in order, each a verb or the first parts of one.

    Raises:
        Refused: there is none, one stands for no verb, or a verb shows nothing without others; every such one is named.
    """
    wanted = tuple(sorted(set(scopes)))
    if not wanted:
        raise Refused((Problem("scope-missing", "scopes", "no scope is named", "name at least one verb"),))
    unknown = [one for one in wanted if not any(in_scope(verb, (one,)) for verb in table.verbs)]
    if unknown:
        raise Refused(
            tuple(
                Problem("scope-unknown", "scopes", f"{one!r} stands for no verb", "name a verb or its first parts")
                for one in unknown
            )
        )
    if lacking := table.needed_beside(wanted):
        raise Refused(tuple(_incomplete(verb, missing) for verb, missing in lacking.items()))
    return wanted


def _incomplete(verb: str, missing: Iterable[str]) -> Problem:
    needed = ", ".join(f"{one} ({to_do(one)})" for one in missing)
    return Problem(
        "scope-incomplete", "scopes", f"{verb} ({to_do(verb)}) shows nothing without {needed}", "name these too"
    )


def check_expiry(expires_at: datetime, *, at: datetime) -> datetime:
    """Return when a token ends.

    Raises:
        Malformed: that is not after ``at``, or more than a year after it.
    """
    if not at < expires_at <= at + LONGEST_TOKEN:
        raise Malformed(f"a token cannot end at {expires_at}; choose a time from now to {LONGEST_TOKEN.days} days on")
    return expires_at


class RequestState(StrEnum):
    """Where an act that needs two people stands."""

    OPEN = "open"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    VOID = "void"
    """What was asked for is not what is there any more."""
    USED = "used"


class RequestStep(StrEnum):
    """What happens to such a request."""

    APPROVE = "approve"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    VOID = "void"
    USE = "use"


REQUEST = Lifecycle(
    name="parties:request",
    initial=RequestState.OPEN,
    table={
        (RequestState.OPEN, RequestStep.APPROVE): RequestState.APPROVED,
        (RequestState.OPEN, RequestStep.REFUSE): RequestState.REFUSED,
        (RequestState.OPEN, RequestStep.WITHDRAW): RequestState.WITHDRAWN,
        (RequestState.OPEN, RequestStep.VOID): RequestState.VOID,
        (RequestState.APPROVED, RequestStep.WITHDRAW): RequestState.WITHDRAWN,
        (RequestState.APPROVED, RequestStep.VOID): RequestState.VOID,
        (RequestState.APPROVED, RequestStep.USE): RequestState.USED,
    },
)


def digest_of_act(verb: str, *, subject: str, state: str, content: Mapping[str, object]) -> str:
    """Return what two people agree on, as SHA-256 in hex: the act, on what, in which state, with which content.

    Raises:
        Malformed: the content is more than plain data, so that it has no one text.
    """
    agreed = {"verb": verb, "subject": subject, "state": state, "content": content}
    try:
        text = json.dumps(agreed, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
        return hashlib.sha256(text.encode()).hexdigest()
    except (TypeError, ValueError) as error:
        raise Malformed(f"what two people agree on must be plain data: {error}") from None


class AcceptanceState(StrEnum):
    """Whether an organization takes part on these terms."""

    STANDING = "standing"
    ENDED = "ended"


class AcceptanceStep(StrEnum):
    """What happens to an acceptance."""

    END = "end"


ACCEPTANCE = Lifecycle(
    name="parties:acceptance",
    initial=AcceptanceState.STANDING,
    table={(AcceptanceState.STANDING, AcceptanceStep.END): AcceptanceState.ENDED},
)

TERMS_TYPE: Final = "application/vnd.clearinghouse.terms+json"
"""The payload type of terms in their signed envelope."""
LONGEST_TERMS: Final = 200_000


class ConsultationState(StrEnum):
    """Where asking somebody for their view stands; silence is a state too, which the due time shows."""

    ASKED = "asked"
    ANSWERED = "answered"
    WITHDRAWN = "withdrawn"


class ConsultationStep(StrEnum):
    """What happens to a consultation."""

    ANSWER = "answer"
    WITHDRAW = "withdraw"


CONSULTATION = Lifecycle(
    name="parties:consultation",
    initial=ConsultationState.ASKED,
    table={
        (ConsultationState.ASKED, ConsultationStep.ANSWER): ConsultationState.ANSWERED,
        (ConsultationState.ASKED, ConsultationStep.WITHDRAW): ConsultationState.WITHDRAWN,
    },
)
