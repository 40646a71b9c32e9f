"""The API's operations of friend or foe: whose is this probe, the signed lists, warrants."""

import base64
import binascii
from datetime import UTC, datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from clearinghouse.artefacts import open_artefacts
from clearinghouse.deconfliction.actions.requests import examine_request
from clearinghouse.deconfliction.queries.intents import intent_for
from clearinghouse.deconfliction.queries.lists import list_for
from clearinghouse.deconfliction.queries.sightings import whois
from clearinghouse.deconfliction.queries.warrants import warrant_for, warrant_of
from clearinghouse.deconfliction.rules.prefixes import parse_address
from clearinghouse.deconfliction.rules.probing import of_scan
from clearinghouse.deconfliction.rules.requests import read_request
from clearinghouse.deconfliction.rules.sightings import Standing, Why, sighting_of
from clearinghouse.deconfliction.rules.telling import told, told_of_request
from clearinghouse.edges.doors import actor_of, door
from clearinghouse.edges.downloads import download
from clearinghouse.edges.given import Given
from clearinghouse.edges.problems import REFUSALS
from clearinghouse.edges.signer import the_public_key, the_signer
from clearinghouse.errors import Malformed

router = Router(tags=["deconfliction"])
_LONGEST = 300


class Asked(Given):
    """A probe that was seen."""

    source: str = Field(max_length=64, description="The address it came from.", examples=["203.0.113.7"])
    target: str = Field(
        "",
        max_length=_LONGEST,
        description="What it reached: an address or a name, with a port if you like; empty: not asked.",
        examples=["198.51.100.9:443", "[2001:db8::1]:443", "shop.example"],
    )
    at: datetime | None = Field(None, description="When it was seen, with its time zone; null: now.")
    rate_per_second: int | None = Field(None, ge=0, le=10**9, description="How many requests a second were seen.")


class MissShown(Schema):
    """In what a probe does not fit a scan that is registered."""

    why: Why
    sentence: str


class ScanShown(Schema):
    """A registered scan, as a defender is told of it."""

    intent: str = Field(examples=["SCAN-7Q4M2XKD9A"])
    scanner: str = Field(description="The organization that answers for it.")
    contact: str
    technique: str
    sources: list[str] = Field(description="Where it comes from, as far as it was asked.")
    targets: list[str] | None = Field(description="Networks and names that it goes to; null: not for you.")
    starts_at: datetime
    ends_at: datetime = Field(description="Not included.")
    rate_per_second: int | None
    constraints: list[str] = Field(description="The owners' constraints that it was accepted under.")
    state: str = Field(description="off-plan or emergency, when it has announced that; else empty.")
    authorised: bool = Field(
        description="Whether the owners of what it goes to have authorised it; no scan that sends anything stands "
        "otherwise. False: it announced a technique that sends nothing, and no owner was asked."
    )
    misses: list[MissShown] = Field(description="In what the probe does not fit it; empty: in nothing.")
    unsaid: str = Field(description="What could not be checked.")


class ScanAnswer(Schema):
    """Friend, friend out of bounds, or nobody we know."""

    standing: Standing
    sentence: str = Field(description="The answer in plain English.")
    scans: list[ScanShown] = Field(description="The best fitting first.")
    more: bool = Field(description="Whether there are others that are not shown.")
    basis: str = Field(description="What the answer stands on, and what that is worth.")


class CapturedRequest(Given):
    """A captured request that carries a warrant."""

    request: str = Field(max_length=1_000_000, description="The HTTP/1.1 request as it went over the wire, in base64.")
    scheme: str = Field("https", pattern="^https?$", description="How it came.")
    source: str = Field("", max_length=64, description="The address it came from, if you know it.")
    target: str = Field("", max_length=64, description="The address it reached, if you know it.")
    at: datetime | None = Field(None, description="When it was seen, with its time zone; null: now.")


class RequestAnswer(ScanAnswer):
    """What a request shows that is signed with its scanner's own key."""

    revision: int = Field(description="The version of the intent that its warrant is for.")
    remark: str = Field(description="What has become of the warrant since.")
    nonce: str
    signed_at: datetime
    covers_body: bool
    shown_before_at: datetime | None = Field(description="When this very request was first shown here; null: never.")


@router.get(
    "/scans/whois", response={200: ScanAnswer} | REFUSALS, operation_id="whois_scan", summary="Ask whose a probe is"
)
@door("deconfliction:scan:look-up")
def whois_scan(request: HttpRequest, asked: Query[Asked]) -> ScanAnswer:
    """Return whether an address that was seen probing is that of a registered scan, and keeps to what it announced."""
    seen_at = _moment(asked.at)
    sighting = sighting_of(asked.source, at=seen_at, target=asked.target, rate_per_second=asked.rate_per_second)
    return ScanAnswer(**told(whois(sighting, actor=actor_of(request))))


@router.post(
    "/scans/whois/request",
    response={200: RequestAnswer} | REFUSALS,
    operation_id="whois_request",
    summary="Ask whose a signed request is",
)
@door("deconfliction:scan:look-up")
def whois_request(request: HttpRequest, body: CapturedRequest) -> RequestAnswer:
    """Return what a captured request shows by its warrant and its signature; that it was shown is remembered."""
    found = examine_request(
        read_request(_decoded(body.request), scheme=body.scheme),
        key=the_public_key(),
        seen_at=_moment(body.at),
        source=parse_address(body.source) if body.source else None,
        target=parse_address(body.target) if body.target else None,
        actor=actor_of(request),
        at=timezone.now(),
    )
    return RequestAnswer(**told_of_request(found.shown), remark=found.remark, shown_before_at=found.shown_before_at)


@router.get(
    "/scans/list",
    response={200: None} | REFUSALS,
    operation_id="scan_list",
    summary="Fetch the signed list of standing scans",
)
@door("deconfliction:scan-list:fetch")
def scan_list(request: HttpRequest, *, own: bool = False) -> HttpResponse:
    """Return the list for all members (sources, windows, contacts), or the one with details for your own networks.

    A file for `clearinghouse whois-scan --list`; written anew each minute.
    """
    data = list_for(open_artefacts(settings.CLEARINGHOUSE_ARTEFACTS), of_own=own, actor=actor_of(request))
    return download(data, name="own.scans" if own else "members.scans")


@router.get(
    "/scans/key",
    response={200: None} | REFUSALS,
    operation_id="public_key",
    summary="Fetch the key that verifies warrants and lists",
)
@door("deconfliction:scan:look-up")
def public_key(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - the same for everybody
    """Return the clearinghouse's public key in PEM; without signing in it lies at /.well-known/clearinghouse.pub."""
    return download(the_public_key().pem(), name="clearinghouse.pub", content_type="application/x-pem-file")


@router.get(
    "/scans/{intent}/warrant",
    response={200: None} | REFUSALS,
    operation_id="warrant",
    summary="Fetch the warrant of a scan of yours",
)
@door("deconfliction:intent:take-warrant")
def warrant(request: HttpRequest, intent: str) -> HttpResponse:
    """Return the signed warrant of a standing scan of your organization: a DSSE envelope."""
    origin: str = settings.CLEARINGHOUSE_URL
    made = warrant_for(actor_of(request), intent[:40], origin=origin, key=the_signer(), at=timezone.now())
    return download(made, name=f"{intent}.warrant.json", content_type="application/json")


@router.get(
    "/scans/{intent}/probing.txt",
    response={200: None} | REFUSALS,
    operation_id="probing_of_scan",
    summary="Fetch probing.txt for a scan of yours",
)
@door("deconfliction:intent:take-warrant")
def probing_of_scan(request: HttpRequest, intent: str) -> HttpResponse:
    """Return what to put at /.well-known/probing.txt on the hosts that a scan of yours comes from (RFC 9511)."""
    row = intent_for(actor_of(request), intent[:40])
    origin: str = settings.CLEARINGHOUSE_URL
    text = of_scan(warrant_of(row, origin=origin).scan, origin=origin)
    return download(text.encode(), name="probing.txt", content_type="text/plain; charset=utf-8")


def _moment(at: datetime | None) -> datetime:
    """Return the moment that is asked about, in UTC."""
    return timezone.now() if at is None else at.astimezone(UTC)


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Malformed("the request is not in base64") from None
