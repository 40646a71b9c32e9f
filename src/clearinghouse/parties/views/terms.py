"""The terms of taking part: read, accepted for one's organization, published by whoever administers."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from clearinghouse.edges.doors import actor_of, door
from clearinghouse.edges.downloads import download
from clearinghouse.edges.portal import cleaned
from clearinghouse.edges.signer import the_signer
from clearinghouse.errors import Conflict
from clearinghouse.parties.forms import AcceptForm, TermsForm
from clearinghouse.parties.models import Acceptance
from clearinghouse.parties.terms import (
    accept_terms,
    acceptances_for,
    current_terms,
    end_acceptance,
    publish_terms,
    standing_for,
    terms_of_version,
)
from clearinghouse.permissions.table import the_table


@door("parties:terms:read")
@require_safe
def terms(request: HttpRequest) -> HttpResponse:
    """Show the terms that bind whoever joins now, and by which one's organization takes part."""
    actor, newest = actor_of(request), current_terms()
    standing = standing_for(actor)
    table = the_table()
    told = {
        "newest": newest,
        "standing": standing,
        "is_newest": standing is not None and newest is not None and standing.terms_id == newest.pk,
        "may_accept": actor.organization is not None
        and table.decide(actor, "parties:acceptance:give", Acceptance(organization_id=actor.organization)).allowed,
        "may_end": standing is not None and table.decide(actor, "parties:acceptance:end", standing).allowed,
        "may_publish": table.decide(actor, "parties:terms:publish").allowed,
        "others": [one for one in acceptances_for(actor) if one.organization_id != actor.organization],
        "form": TermsForm(initial={"text": newest.text if newest else ""}),
    }
    return render(request, "parties/terms.html", told)


@door("parties:terms:read")
@require_safe
def envelope(request: HttpRequest, version: int) -> HttpResponse:
    """Hand out one version of the terms in its signed envelope."""
    found = terms_of_version(actor_of(request), version)
    return download(found.envelope.encode(), name=f"terms-{version}.dsse.json", content_type="application/json")


@door("parties:acceptance:give")
@require_POST
def accept(request: HttpRequest) -> HttpResponse:
    """Accept the version that was read, for the organization that one acts for."""
    actor = actor_of(request)
    version = cleaned(AcceptForm(request.POST))["version"]
    accept_terms(terms_of_version(actor, version), actor=actor, at=timezone.now())
    messages.success(request, f"Your organization takes part on version {version} of the terms.")
    return redirect("terms")


@door("parties:acceptance:end")
@require_POST
def end(request: HttpRequest) -> HttpResponse:
    """Take part no longer; nothing that was handed in goes by that."""
    actor = actor_of(request)
    standing = standing_for(actor)
    if standing is None:
        raise Conflict("your organization has accepted no terms")
    end_acceptance(standing.organization, actor=actor, at=timezone.now())
    messages.success(request, "Your organization hands nothing in any more until it accepts terms again.")
    return redirect("terms")


@door("parties:terms:publish")
@require_POST
def publish(request: HttpRequest) -> HttpResponse:
    """Publish the next version, signed."""
    actor = actor_of(request)
    text = cleaned(TermsForm(request.POST))["text"]
    made = publish_terms(text, key=the_signer(), actor=actor, at=timezone.now())
    messages.success(request, f"Version {made.version} is published and signed.")
    return redirect("terms")
