"""The portal's page about who has met which confidential scan."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clearinghouse.deconfliction.models import Meeting
from clearinghouse.deconfliction.pictures import target_text
from clearinghouse.deconfliction.queries.intents import meetings_for
from clearinghouse.edges.doors import actor_of, door
from clearinghouse.edges.pages import page_of
from clearinghouse.parties.queries import organizations_for
from clearinghouse.permissions.rules import Actor


@door("deconfliction:meeting:read")
@require_safe
def meetings(request: HttpRequest) -> HttpResponse:
    """Show who met which confidential scan, the latest first: the office all of it, others what they have met."""
    actor = actor_of(request)
    page = page_of(meetings_for(actor), cursor=request.GET.get("after") or None)
    told = {"rows": meeting_rows(actor, page.rows), "after": page.after}
    return render(request, "deconfliction/meetings.html", told)


def meeting_rows(actor: Actor, found: Iterable[Meeting]) -> list[dict[str, Any]]:
    """Return meetings as pages show them: an organization by its name only to those who may know it."""
    rows = list(found)
    concerned = {one.organization_id for one in rows} | {one.intent.organization_id for one in rows}
    names = dict(organizations_for(actor).filter(pk__in=concerned).values_list("pk", "name"))
    return [
        {
            "it": one,
            "met_by": names.get(one.organization_id, one.organization_id),
            "whose": names.get(one.intent.organization_id, one.intent.organization_id),
            "targets": [target_text(target) for target in one.intent.targets],
        }
        for one in rows
    ]
