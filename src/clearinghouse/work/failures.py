"""What went wrong and was given up, kept as rows that people see and that the sweep leaves alone for a while."""

import logging
from collections.abc import Set as AbstractSet
from datetime import timedelta
from traceback import format_exception

from django.db import DatabaseError
from django.utils import timezone

from clearinghouse.work.models import Failure
from clearinghouse.work.rules import Call

_log = logging.getLogger(__name__)

STILL_DUE = "it ran again and again and is still due"
REST = timedelta(hours=1)
"""A server leaves alone what it gave up for so long; taking the failure away starts it at once."""
_ERROR_CHARACTERS = 8000
_KEY_CHARACTERS = 500


def told(error: BaseException) -> str:
    """Return an error as it is kept: the end of its traceback, without what a text column cannot hold."""
    text = "".join(format_exception(error))[-_ERROR_CHARACTERS:]
    return text.replace("\x00", "\ufffd").encode(errors="replace").decode()


def keep_failure(call: Call, key: str, error: str, *, attempts: int) -> None:
    """Keep that a call was given up."""
    facts = {
        "task": call.task,
        "arguments": [list(call.args), dict(call.kwargs)],
        "attempts": attempts,
        "error": error,
        "failed_at": timezone.now(),  # noqa: TID251 - the engine is where time passes
    }
    try:
        Failure.objects.update_or_create(key=key[:_KEY_CHARACTERS], defaults=facts)
    except DatabaseError:
        _log.exception("the failure of %s could not be kept", call.task)


def forget_failure(key: str) -> None:
    """Take away what was kept of a call that ended well now."""
    try:
        Failure.objects.filter(key=key[:_KEY_CHARACTERS]).delete()
    except DatabaseError:
        _log.exception("an old failure could not be taken away")


def resting_keys() -> set[str]:
    """Return the keys (shortened as they are kept) of calls that were given up a short while ago."""
    since = timezone.now() - REST  # noqa: TID251 - the engine is where time passes
    return set(Failure.objects.filter(failed_at__gt=since).values_list("key", flat=True))


def is_resting(key: str, resting: AbstractSet[str]) -> bool:
    """Say whether the call with this key is one of those."""
    return key[:_KEY_CHARACTERS] in resting
