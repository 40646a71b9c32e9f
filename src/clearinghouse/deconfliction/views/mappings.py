"""The portal's page about which package is built from which repository."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from clearinghouse.deconfliction.actions.mappings import add_mapping, withdraw_mapping
from clearinghouse.deconfliction.forms.scans import MappingForm, ReasonForm
from clearinghouse.deconfliction.models import Mapping
from clearinghouse.deconfliction.queries.registered import mapping_for, mappings_about, mappings_for
from clearinghouse.edges.doors import actor_of, door
from clearinghouse.edges.pages import page_of
from clearinghouse.edges.portal import cleaned
from clearinghouse.errors import Malformed
from clearinghouse.permissions.rules import Actor
from clearinghouse.permissions.table import the_table


@door("deconfliction:mapping:read")
@require_safe
def mappings(request: HttpRequest) -> HttpResponse:
    """Show which packages are said to be built from which repositories, and who of us may say otherwise."""
    actor, wanted = actor_of(request), request.GET.get("of", "").strip()
    found, wrong = mappings_for(actor), ""
    if wanted:
        try:
            found = mappings_about(found, wanted)
        except Malformed as refusal:
            found, wrong = found.none(), str(refusal)
    page = page_of(found, cursor=request.GET.get("after") or None)
    told = {
        "rows": [
            {
                "it": one,
                "is_own": one.organization_id == actor.organization,
                "may_withdraw": the_table().decide(actor, "deconfliction:mapping:withdraw", one).allowed,
            }
            for one in page.rows
        ],
        "after": page.after,
        "of": wanted,
        "wrong": wrong,
        "form": MappingForm(),
        "may_add": _may_add(actor),
    }
    return render(request, "deconfliction/mappings.html", told)


@door("deconfliction:mapping:add")
@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """Say from which repository a package is built."""
    said: dict[str, Any] = cleaned(MappingForm(request.POST))
    made = add_mapping(
        said["package"], said["repository"], folder=said["folder"], actor=actor_of(request), at=timezone.now()
    )
    messages.success(request, f"Scans of {made.package} meet scans of {made.url} from now on.")
    return redirect("mappings")


@door("deconfliction:mapping:withdraw")
@require_POST
def withdraw(request: HttpRequest, mapping: UUID) -> HttpResponse:
    """Say so no longer."""
    actor = actor_of(request)
    found, why = mapping_for(actor, mapping), cleaned(ReasonForm(request.POST))["why"]
    withdraw_mapping(found, why=why, actor=actor, at=timezone.now())
    messages.success(request, f"Nobody's scan of {found.package} meets one of {found.url} by this any more.")
    return redirect("mappings")


def _may_add(actor: Actor) -> bool:
    if actor.organization is None:
        return False
    probe = Mapping(organization_id=actor.organization, state="")
    return the_table().decide(actor, "deconfliction:mapping:add", probe).allowed
