"""Keeping what somebody looks at in the queue, under a name of theirs.

Nothing of it stands in the ledger: it is a note of one person to themselves, moves no case and tells nobody anything.
Source: docs/decisions/0107.
"""

from datetime import datetime

from django.db import transaction

from clearinghouse.cases.models import SavedView
from clearinghouse.cases.rules.queue import LONGEST_NAME, MOST_VIEWS, Filters
from clearinghouse.errors import Conflict, Malformed, NotPermitted
from clearinghouse.parties.models import Person
from clearinghouse.permissions.rules import Actor
from clearinghouse.permissions.table import demand


@transaction.atomic
def save_view(name: str, wanted: Filters, *, actor: Actor, at: datetime) -> SavedView:
    """Keep what is wanted under ``name``; a view of that name which one has already is changed to it.

    Raises:
        NotPermitted: the actor reads no cases, or has no account.
        Malformed: the name is empty or too long.
        Conflict: they have saved as many as one may.
    """
    name = " ".join(name.split())
    if not 0 < len(name) <= LONGEST_NAME:
        raise Malformed(f"the name has {len(name)} characters; a view has a name of 1 to {LONGEST_NAME}")
    row = SavedView(
        person_id=actor.id,
        name=name,
        words=wanted.words,
        view=wanted.view,
        band=wanted.band,
        package=wanted.package,
        case_state=wanted.state,
        created_at=at,
    )
    demand(actor, "cases:saved-view:save", row, is_kept=False)
    # Held to the end, so that two of one person at once do not both find room for one more.
    if Person.objects.select_for_update().filter(pk=actor.id).first() is None:
        raise NotPermitted("views are saved by people who have an account; sign up first")
    mine = SavedView.objects.filter(person_id=actor.id)
    if (same := mine.filter(name=name).first()) is not None:
        row.pk, row.created_at = same.pk, same.created_at
        row.save(force_update=True)
        return row
    if mine.count() >= MOST_VIEWS:
        raise Conflict(f"you have saved {MOST_VIEWS} views, and more are not kept; delete one first")
    row.save(force_insert=True)
    return row


def delete_view(view: SavedView, *, actor: Actor) -> None:
    """Forget a saved view.

    Raises:
        NotFound: it is another person's.
    """
    demand(actor, "cases:saved-view:delete", view)
    view.delete()
