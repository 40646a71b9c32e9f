"""The words of deconfliction, and the lifecycles of what is kept about it."""

from enum import StrEnum

from clearinghouse.lifecycle import Lifecycle


class TargetKind(StrEnum):
    """What can be scanned."""

    SOFTWARE = "software"
    REPOSITORY = "repository"
    NETWORK = "network"
    HOST = "host"
    MODEL = "model"


INDEXED = ("intent", "constraint", "ownership", "authorisation", "coverage")
"""What the index finds by its targets: all but coverage for whoever writes, all of it for whoever looks."""


class Visibility(StrEnum):
    """Who sees an intent beside its own organization and the office."""

    EVERYONE = "everyone"
    THOSE_MET = "those-met"
    """Organizations with a standing intent or a verified ownership that it meets."""


class IntentState(StrEnum):
    """Where an announced scan stands; that its window is over is read off the window, nobody has to sweep."""

    DRAFT = "draft"
    ACCEPTED = "accepted"
    ACTIVE = "active"
    OFF_PLAN = "off-plan"
    """It runs otherwise than announced; everyone whom it meets is told."""
    EMERGENCY = "emergency"
    """It could not wait; it needs no key, everyone whom it meets is told."""
    ENDED = "ended"


class IntentStep(StrEnum):
    """What happens to an intent."""

    ACCEPT = "accept"
    START = "start"
    LEAVE_PLAN = "leave-plan"
    DECLARE_EMERGENCY = "declare-emergency"
    END = "end"
    HALT = "halt"
    """Ended because an owner no longer allows it."""


RUNNING = (IntentState.ACTIVE, IntentState.OFF_PLAN, IntentState.EMERGENCY)
NEEDS_NO_KEY = (IntentState.OFF_PLAN, IntentState.EMERGENCY)
"""The states in which a scan is not held back by whom it meets, and tells them all at once."""
STANDING = (IntentState.ACCEPTED, *RUNNING)
"""The states in which others have to know of it, while its window lasts."""
_OPEN = (IntentState.DRAFT, *STANDING)

INTENT = Lifecycle(
    name="deconfliction:intent",
    initial=IntentState.DRAFT,
    table={
        (IntentState.DRAFT, IntentStep.ACCEPT): IntentState.ACCEPTED,
        (IntentState.ACCEPTED, IntentStep.START): IntentState.ACTIVE,
        (IntentState.OFF_PLAN, IntentStep.START): IntentState.ACTIVE,
        (IntentState.EMERGENCY, IntentStep.START): IntentState.ACTIVE,
        (IntentState.ACCEPTED, IntentStep.LEAVE_PLAN): IntentState.OFF_PLAN,
        (IntentState.ACTIVE, IntentStep.LEAVE_PLAN): IntentState.OFF_PLAN,
        (IntentState.DRAFT, IntentStep.DECLARE_EMERGENCY): IntentState.EMERGENCY,
        (IntentState.ACCEPTED, IntentStep.DECLARE_EMERGENCY): IntentState.EMERGENCY,
        (IntentState.ACTIVE, IntentStep.DECLARE_EMERGENCY): IntentState.EMERGENCY,
        (IntentState.OFF_PLAN, IntentStep.DECLARE_EMERGENCY): IntentState.EMERGENCY,
        **{(state, IntentStep.END): IntentState.ENDED for state in _OPEN},
        **{(state, IntentStep.HALT): IntentState.ENDED for state in STANDING},
    },
)


class ConstraintKind(StrEnum):
    """What an owner may ask of whoever scans what is theirs."""

    DO_NOT_SCAN = "do-not-scan"
    ONLY_IN_WINDOWS = "only-in-windows"
    AT_MOST_RATE = "at-most-rate"
    ASK_FIRST = "ask-first"


class ConstraintState(StrEnum):
    """Whether a constraint holds."""

    STANDING = "standing"
    WITHDRAWN = "withdrawn"


class ConstraintStep(StrEnum):
    """What happens to a constraint."""

    WITHDRAW = "withdraw"


CONSTRAINT = Lifecycle(
    name="deconfliction:constraint",
    initial=ConstraintState.STANDING,
    table={(ConstraintState.STANDING, ConstraintStep.WITHDRAW): ConstraintState.WITHDRAWN},
)


class AuthorisationState(StrEnum):
    """Whether an owner's authorisation holds."""

    STANDING = "standing"
    WITHDRAWN = "withdrawn"


class AuthorisationStep(StrEnum):
    """What happens to an authorisation."""

    WITHDRAW = "withdraw"


AUTHORISATION = Lifecycle(
    name="deconfliction:authorisation",
    initial=AuthorisationState.STANDING,
    table={(AuthorisationState.STANDING, AuthorisationStep.WITHDRAW): AuthorisationState.WITHDRAWN},
)


class OwnershipState(StrEnum):
    """Whether something is known to be somebody's."""

    CLAIMED = "claimed"
    VERIFIED = "verified"
    REFUSED = "refused"
    ENDED = "ended"


class OwnershipStep(StrEnum):
    """What happens to a claim of ownership."""

    VERIFY = "verify"
    REFUSE = "refuse"
    END = "end"


OWNERSHIP = Lifecycle(
    name="deconfliction:ownership",
    initial=OwnershipState.CLAIMED,
    table={
        (OwnershipState.CLAIMED, OwnershipStep.VERIFY): OwnershipState.VERIFIED,
        (OwnershipState.CLAIMED, OwnershipStep.REFUSE): OwnershipState.REFUSED,
        (OwnershipState.CLAIMED, OwnershipStep.END): OwnershipState.ENDED,
        (OwnershipState.VERIFIED, OwnershipStep.END): OwnershipState.ENDED,
    },
)


class MappingState(StrEnum):
    """Whether a package is said to be built from a repository."""

    STANDING = "standing"
    WITHDRAWN = "withdrawn"


class MappingStep(StrEnum):
    """What happens to a mapping."""

    WITHDRAW = "withdraw"


MAPPING = Lifecycle(
    name="deconfliction:mapping",
    initial=MappingState.STANDING,
    table={(MappingState.STANDING, MappingStep.WITHDRAW): MappingState.WITHDRAWN},
)


class SubscriptionState(StrEnum):
    """Whether somebody is still told of scans of a target."""

    STANDING = "standing"
    ENDED = "ended"


class SubscriptionStep(StrEnum):
    """What happens to a subscription."""

    END = "end"


SUBSCRIPTION = Lifecycle(
    name="deconfliction:subscription",
    initial=SubscriptionState.STANDING,
    table={(SubscriptionState.STANDING, SubscriptionStep.END): SubscriptionState.ENDED},
)


class Answering(StrEnum):
    """Whether a participant answers; the accepted intents of one that is down block nobody."""

    NORMAL = "normal"
    DOWN = "down"
