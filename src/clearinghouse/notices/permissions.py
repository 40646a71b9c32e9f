"""Who hears of what happened, and who may have it sent somewhere."""

from clearinghouse.notices.rules import WebhookState
from clearinghouse.permissions.guards import Either, Oneself, OwnOrganization, WithoutToken
from clearinghouse.permissions.rules import ANY_STATE, PEOPLE, Role, Row

_WORKER = (Role.CLEARINGHOUSE,)
_OURS = OwnOrganization()
_STANDING, _DISABLED = (WebhookState.STANDING,), (WebhookState.DISABLED,)

ROWS: tuple[Row, ...] = (
    Row("delivery", "notices:delivery:read", _WORKER),
    Row("delivery", "notices:delivery:read", PEOPLE, ANY_STATE, (_OURS,)),
    # What a notice is about must be the reader's to read as well; that is asked when it is shown or sent.
    Row("notice", "notices:notice:read", _WORKER),
    Row("notice", "notices:notice:read", PEOPLE, ("to-a-party",), (Either((_OURS, Oneself())),)),
    Row("notice", "notices:notice:read", (Role.COORDINATOR,), ("to-the-office",)),
    Row("webhook", "notices:webhook:disable", _WORKER, _STANDING),
    Row("webhook", "notices:webhook:disable", PEOPLE, _STANDING, (_OURS,)),
    Row("webhook", "notices:webhook:enable", PEOPLE, _DISABLED, (_OURS,)),
    Row("webhook", "notices:webhook:end", PEOPLE, (*_STANDING, *_DISABLED), (_OURS,)),
    Row("webhook", "notices:webhook:read", _WORKER),
    Row("webhook", "notices:webhook:read", PEOPLE, ANY_STATE, (_OURS,)),
    Row("webhook", "notices:webhook:register", PEOPLE, ANY_STATE, (_OURS, WithoutToken())),
    Row("webhook", "notices:webhook:rotate", PEOPLE, (*_STANDING, *_DISABLED), (Oneself(), WithoutToken())),
    Row("webhook", "notices:webhook:test", PEOPLE, _STANDING, (_OURS,)),
)
