"""Requests that may be sent twice: the same key and request get the answer that was given the first time.

The answer is kept in the transaction of the act itself: there is none without the other. Operations that use this
answer with receipts (ids, addresses), not with contents: a kept answer is given again for a day.

Source: IETF draft "The Idempotency-Key HTTP Header Field"; docs/decisions/0113.
"""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from functools import wraps

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from clearinghouse.edges import problems
from clearinghouse.edges.models import KeptAnswer
from clearinghouse.edges.rest import signed_in
from clearinghouse.errors import ClearinghouseError, Problem, Refused
from clearinghouse.permissions.rules import Actor

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
KEPT_FOR = timedelta(days=1)
_LONGEST = 200
_FIRST_REFUSAL = 400


def idempotent(run: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let an operation be sent twice; for ninja's ``decorate_view``. Without the header it runs as it is."""

    @wraps(run)
    def answered(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        key = request.headers.get(HEADER)
        if key is None:
            return run(request, *args, **kwargs)
        try:
            _check(key)
            actor = signed_in(request)
            asked = _fingerprint(request, actor)
            try:
                return _once(key, asked, actor, lambda: run(request, *args, **kwargs))
            except _TakenError:
                return _kept(key, asked, actor) or problems.problem(
                    "idempotency-key-busy", "The same request is being answered now", status=409
                )
        except ClearinghouseError as refusal:
            return problems.of_refusal(refusal)

    return answered


def key_of(request: HttpRequest) -> str | None:
    """Return the key of a request whose action itself keeps what was done by it; None: it has none.

    Raises:
        Refused: it cannot be kept.
    """
    key = request.headers.get(HEADER)
    if key is not None:
        _check(key)
    return key


class _TakenError(Exception):
    """Another request with the same key was quicker."""


def _once(key: str, asked: str, actor: Actor, run: Callable[[], HttpResponse]) -> HttpResponse:
    """Run and keep the answer, unless there is one; a refusal is not kept, and undoes what it came from."""
    now = timezone.now()  # noqa: TID251 - an edge
    with transaction.atomic():
        KeptAnswer.objects.filter(actor=actor.id, kept_at__lt=now - KEPT_FOR).delete()
        if (earlier := _kept(key, asked, actor)) is not None:
            return earlier
        try:
            with transaction.atomic():
                place = KeptAnswer.objects.create(
                    actor=actor.id, key=key, request=asked, status=0, content_type="", body=b"", kept_at=now
                )
        except IntegrityError:
            raise _TakenError from None
        answer = run()
        if answer.status_code >= _FIRST_REFUSAL:
            transaction.set_rollback(True)
            return answer
        KeptAnswer.objects.filter(pk=place.pk).update(
            status=answer.status_code, content_type=answer.headers.get("Content-Type", ""), body=answer.content
        )
        return answer


def _kept(key: str, asked: str, actor: Actor) -> HttpResponse | None:
    """Return the answer that is kept under this key.

    Raises:
        Refused: it answers another request.
    """
    found = KeptAnswer.objects.filter(actor=actor.id, key=key).first()
    if found is None:
        return None
    if found.request != asked:
        reason = "this key was used for another request"
        raise Refused((Problem("idempotency-key-reused", HEADER, reason, "use a new key for a new request"),))
    answer = HttpResponse(bytes(found.body), status=found.status, content_type=found.content_type)
    answer[REPLAYED] = "true"
    return answer


def _check(key: str) -> None:
    if not 0 < len(key) <= _LONGEST or not key.isascii() or not key.isprintable():
        reason = f"a key has 1 to {_LONGEST} printable ASCII characters"
        raise Refused((Problem("idempotency-key-unusable", HEADER, reason, "use a random UUID"),))


def _fingerprint(request: HttpRequest, actor: Actor) -> str:
    """Return the hash of what is asked, and of the right by which: another right is another request."""
    digest = hashlib.sha256()
    for part in (request.method or "", request.get_full_path(), *sorted(actor.roles), str(actor.organization)):
        digest.update(part.encode("utf-8", "surrogateescape") + b"\0")
    digest.update(b"" if actor.scopes is None else "\0".join(sorted(actor.scopes)).encode())
    if request.content_type == "multipart/form-data":
        for name, values in sorted(request.POST.lists()):
            digest.update(repr((name, values)).encode("utf-8", "surrogatepass"))
        for name in sorted(request.FILES):
            for file in request.FILES.getlist(name):
                digest.update(repr((name, file.name, file.size)).encode("utf-8", "surrogatepass"))
                for chunk in file.chunks():
                    digest.update(chunk)
                file.seek(0)
    else:
        digest.update(request.body)
    return digest.hexdigest()
