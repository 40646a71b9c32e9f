"""What a request reads on PostgreSQL, it reads in one transaction."""

from collections.abc import Callable
from functools import wraps
from inspect import iscoroutinefunction
from typing import Any

from django.db import connection, transaction
from django.http import Http404, HttpRequest

from clearinghouse.errors import ClearinghouseError

_READING = ("GET", "HEAD")


def read_in_one[V: Callable[..., Any]](view: V) -> V:
    """Return a view that reads in one transaction, where PostgreSQL has to be told in each who asks.

    Alone, each statement would bring three others with it: to begin, to tell, to end. A request that changes something
    has its transactions in its actions, and one on SQLite none, for there each would wait for whoever writes.
    What a refused request has recorded stays recorded.
    """
    if iscoroutinefunction(view):
        return view

    @wraps(view)
    def reads(request: HttpRequest, *args: Any, **given: Any) -> Any:  # noqa: ANN401 - whatever the view takes and answers
        if request.method not in _READING or connection.vendor != "postgresql":
            return view(request, *args, **given)
        with transaction.atomic():
            try:
                return view(request, *args, **given)
            except (ClearinghouseError, Http404) as found:
                refusal = found
        raise refusal

    return reads  # type: ignore[return-value]  # it takes and answers what the view does
