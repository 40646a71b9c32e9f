"""Pages of a long list: a cursor names the last row shown, so rows that come or go shift nothing."""

import base64
import binascii
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.utils.dateparse import parse_datetime

from clearinghouse.errors import Problem, Refused

FEWEST, USUAL, MOST = 1, 50, 200


@dataclass(frozen=True, slots=True)
class Page[R]:
    """Some rows of a list, and the cursor of those after them; None: these are the last."""

    rows: tuple[R, ...]
    after: str | None


def page_of[R: Model](
    rows: QuerySet[R], *, cursor: str | None = None, limit: int = USUAL, by: Sequence[str] = ()
) -> Page[R]:
    """Return the page of ``rows`` after ``cursor``.

    Args:
        rows: everything that whoever asks may see.
        cursor: from the page before; None for the first.
        limit: how many rows at most.
        by: fields of the order, ``-`` for downwards, none of them null, together unlike for any two rows; empty: those
            by which ``rows`` are ordered.

    Raises:
        Refused: the cursor is none of ours.
    """
    wanted = max(FEWEST, min(limit, MOST))
    by = by or [str(one) for one in rows.query.order_by]
    if not by:
        raise ValueError("rows in no order have no pages")
    listed = rows.order_by(*by)
    if cursor is not None:
        try:
            listed = listed.filter(_after(by, values_of(cursor, len(by))))
            found = list(listed[: wanted + 1])
        except (ValueError, TypeError, ValidationError, OverflowError):
            raise unusable() from None
    else:
        found = list(listed[: wanted + 1])
    shown = tuple(found[:wanted])
    return Page(shown, _written(shown[-1], by) if len(found) > wanted else None)


def page_of_list[R](
    rows: Sequence[R], *, name: Callable[[R], str], cursor: str | None = None, limit: int = USUAL
) -> Page[R]:
    """Return the page after ``cursor`` of a list that was worked out.

    Args:
        rows: everything that whoever asks may see, in an order that changes only by what is added or taken away.
        name: what a row is told by; its cursor holds it.
        cursor: from the page before; None for the first.
        limit: how many rows at most.

    Raises:
        Refused: the cursor is none of ours, or the row that it names is not in the list any more.
    """
    begin = 0
    if cursor is not None:
        try:
            (after,) = values_of(cursor, 1)
            begin = next(number for number, one in enumerate(rows, 1) if name(one) == after)
        except (ValueError, StopIteration):
            raise unusable() from None
    shown = tuple(rows[begin : begin + max(FEWEST, min(limit, MOST))])
    more = shown and begin + len(shown) < len(rows)
    return Page(shown, cursor_of([name(shown[-1])]) if more else None)


def unusable() -> Refused:
    """Return the refusal of a cursor."""
    reason = "the cursor is none that we gave"
    return Refused((Problem("cursor-unusable", "cursor", reason, "take it from the page before, or leave it out"),))


def _after(by: Sequence[str], values: Sequence[Any]) -> Q:
    """Return the condition that a row comes after the one with these values."""
    condition, equal = Q(pk__in=()), Q()
    for field, value in zip(by, values, strict=True):
        name = field.removeprefix("-")
        condition |= equal & Q(**{f"{name}__{'lt' if field.startswith('-') else 'gt'}": value})
        equal &= Q(**{name: value})
    return condition


def _written(row: Model, by: Iterable[str]) -> str:
    return cursor_of(_plain(getattr(row, field.removeprefix("-"))) for field in by)


def cursor_of(values: Iterable[object]) -> str:
    """Return the cursor that holds some values, plain ones."""
    return base64.urlsafe_b64encode(json.dumps(list(values)).encode()).decode().rstrip("=")


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return {"at": value.isoformat()}
    return value if isinstance(value, int | float | str) else str(value)


def values_of(cursor: str, count: int) -> list[Any]:
    """Return the values in a cursor that holds so many.

    Raises:
        ValueError: it is none of ours.
    """
    try:
        values = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, RecursionError) as error:
        raise ValueError(str(error)) from None
    if not isinstance(values, list) or len(values) != count:
        raise ValueError("another order")
    return [_value(one) for one in values]


def _value(one: object) -> object:
    if isinstance(one, dict):
        moment = parse_datetime(str(one.get("at")))
        if moment is None or moment.tzinfo is None:
            raise ValueError("no time")
        return moment
    if not isinstance(one, int | float | str) or "\x00" in str(one):
        raise ValueError("no value")
    return one
