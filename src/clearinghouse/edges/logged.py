"""What the log says of a request: method, route, status, time, never the address, which may carry the secret of a link.

One line for each, whatever became of it; a fault has a second one, with where it broke, under the same number.
"""

import logging
import re
import time
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final
from uuid import uuid4

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest, HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

_log = logging.getLogger(__name__)
_NUMBERS: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{7,63}")
"""Numbers that a proxy may give a request; any other is ours."""

type Answer = Callable[[HttpRequest], HttpResponseBase]
type AnswerLater = Callable[[HttpRequest], Awaitable[HttpResponseBase]]


@sync_and_async_middleware
def log_each(answer: Answer | AnswerLater) -> Answer | AnswerLater:
    """Write a line for each request once its answer begins; the outermost of all middleware.

    Its number is the one that a proxy gave it in ``X-Request-ID``, so that the lines of both can be laid side by side.
    No answer carries it: what is hidden is answered with the bytes of what is not there.
    """
    if iscoroutinefunction(answer):

        async def answered_later(request: HttpRequest) -> HttpResponseBase:
            began = _begin(request)
            response: HttpResponseBase = await answer(request)
            _write(request, response, began)
            return response

        return answered_later

    def answered(request: HttpRequest) -> HttpResponseBase:
        began = _begin(request)
        response = answer(request)
        assert isinstance(response, HttpResponseBase)  # noqa: S101 - for the type checker
        _write(request, response, began)
        return response

    return answered


def _begin(request: HttpRequest) -> float:
    given = request.headers.get("X-Request-ID", "")
    request.number = given if _NUMBERS.fullmatch(given) else uuid4().hex  # type: ignore[attr-defined]
    return time.perf_counter()


def _write(request: HttpRequest, response: HttpResponseBase, began: float) -> None:
    facts = {
        "method": request.method or "",
        "route": _route(request),
        "status": response.status_code,
        "seconds": round(time.perf_counter() - began, 4),
        "request_id": request.number,  # type: ignore[attr-defined]
    }
    _log.info("request", extra=facts)


def _route(request: HttpRequest | None) -> str:
    match = getattr(request, "resolver_match", None)
    return str(match.route) if match is not None else "none of ours"


class RouteOnly(logging.Filter):
    """Rewrites what Django says of a request that was refused or broke."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass, without its address."""
        request, status = getattr(record, "request", None), getattr(record, "status_code", None)
        record.route = _route(request)
        record.method = str(getattr(request, "method", ""))
        record.request_id = getattr(request, "number", "")
        if status is not None:
            record.status = int(status)
        record.msg, record.args = (HTTPStatus(status).phrase if status else "request"), ()
        return True


def log_routes_only() -> None:
    """Log requests like this from now on."""
    logging.getLogger("django.request").setLevel(logging.ERROR)  # what was refused has its one line already
    for name in ("django.request", "django.security.csrf", "django.security.DisallowedHost"):
        logging.getLogger(name).addFilter(RouteOnly())
