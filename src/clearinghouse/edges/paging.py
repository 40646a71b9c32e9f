"""Pages of lists: a cursor says after which row the next page begins, so that new rows neither repeat nor hide others.

Source: docs/decisions/0121.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

from django.db.models import QuerySet
from ninja import Field
from pydantic import BaseModel

from clearinghouse.edges import pages
from clearinghouse.edges.given import Given

_LONGEST_CURSOR: Final = 8000


class Paging(Given):
    """Which page of a list is wanted."""

    cursor: str = Field("", max_length=_LONGEST_CURSOR, description="`next` of the page before; empty: the first.")
    limit: int = Field(pages.USUAL, ge=1, le=pages.MOST, description="How many at most.")


class Page[T: BaseModel](BaseModel):
    """One page of a list."""

    items: list[T]
    next: str | None = None


def _key_of(row: Any) -> str:  # noqa: ANN401 - a row of any table
    return str(row.pk)


def page_of[R, T: BaseModel](
    rows: QuerySet[Any] | Sequence[R],
    paging: Paging,
    *,
    show: Callable[[R], T],
    name: Callable[[R], str] = _key_of,
) -> Page[T]:
    """Return a page of ``rows``: of a query, reading no further than it goes; else of a list that was worked out.

    Args:
        rows: all that whoever asks may see. A query is in an order by fields that are never null, of which no two rows
            have the same; a list in one that changes only by what is added or taken away.
        paging: which page.
        show: makes of a row what is shown.
        name: of a list, what a row is told by; its cursor holds it.

    Raises:
        Refused: the cursor is none of ours, or the row that it names is not in the list any more.
    """
    cursor = paging.cursor or None
    if isinstance(rows, QuerySet):
        found: pages.Page[Any] = pages.page_of(rows, cursor=cursor, limit=paging.limit)
    else:
        found = pages.page_of_list(rows, name=name, cursor=cursor, limit=paging.limit)
    return Page(items=[show(one) for one in found.rows], next=found.after)
