"""Friend or foe through the portal: one form, one answer; and ``probing.txt`` for everybody."""

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from clearinghouse.deconfliction.forms.probes import WhoisForm
from clearinghouse.deconfliction.queries.sightings import whois
from clearinghouse.deconfliction.rules.probing import of_clearinghouse
from clearinghouse.deconfliction.rules.sightings import BY_ADDRESS, Answer, sighting_of
from clearinghouse.edges.doors import actor_of, door, public
from clearinghouse.edges.downloads import download
from clearinghouse.edges.signer import the_public_key
from clearinghouse.errors import Malformed

_HOLDS = timedelta(days=1)


@door("deconfliction:scan:look-up")
@require_safe
def whois_scan(request: HttpRequest) -> HttpResponse:
    """Ask whose a probe is; the question stands in the address, so that it can be sent to a colleague."""
    actor, at = actor_of(request), timezone.now()
    form = WhoisForm(request.GET) if "source" in request.GET else WhoisForm()
    found: Answer | None = None
    if form.is_valid():
        try:
            sighting = sighting_of(
                form.cleaned_data["source"],
                at=form.cleaned_data["at"] or at,
                target=form.cleaned_data["target"],
                rate_per_second=form.cleaned_data["rate_per_second"],
            )
        except Malformed as refusal:
            form.add_error(None, str(refusal))
        else:
            found = whois(sighting, actor=actor)
    told = {"form": form, "answer": found, "basis": BY_ADDRESS, "key_id": the_public_key().key_id}
    return render(request, "deconfliction/whois.html", told, status=422 if form.is_bound and form.errors else 200)


@public("says to hosts that are probed where to ask about the probes (RFC 9511); names no scan")
@require_safe
def probing(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - the same for everybody
    """Show what RFC 9511 asks for at this address."""
    url: str = settings.CLEARINGHOUSE_URL
    text = of_clearinghouse(f"{url}/", origin=url, until=timezone.now() + _HOLDS)
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


@public("the public key with which everything that is signed here is verified; whoever was shown a warrant needs it")
@require_safe
def key(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - the same for everybody
    """Give the clearinghouse's public key in PEM."""
    return download(the_public_key().pem(), name="clearinghouse.pub", content_type="application/x-pem-file")
