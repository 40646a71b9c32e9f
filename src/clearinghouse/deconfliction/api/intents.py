"""The API's operations about intents: look, announce, and everything up to the end of a scan."""

from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status

from clearinghouse.deconfliction.actions import intents as actions
from clearinghouse.deconfliction.actions.standing import Announced
from clearinghouse.deconfliction.asked import AdviceWanted, IntentWanted, Reason, Renewal, ScanWanted, Seeing
from clearinghouse.deconfliction.models import Intent
from clearinghouse.deconfliction.queries.advice import advise
from clearinghouse.deconfliction.queries.intents import intent_for, intents_wanted
from clearinghouse.deconfliction.queries.meeting import look
from clearinghouse.deconfliction.queries.registered import owned_targets
from clearinghouse.deconfliction.rules.techniques import CURRENT, techniques
from clearinghouse.deconfliction.shown import (
    AdviceShown,
    AnnouncedShown,
    IntentShown,
    SurveyShown,
    advice_shown,
    intent_shown,
    met_shown,
    survey_shown,
)
from clearinghouse.edges.doors import actor_of, door
from clearinghouse.edges.idempotency import REPLAYED, key_of
from clearinghouse.edges.paging import Page, Paging, page_of
from clearinghouse.edges.problems import REFUSALS
from clearinghouse.edges.rest import demand_current, tag
from clearinghouse.permissions.rules import Actor

router = Router(tags=["deconfliction"])


class IntentsWanted(Paging):
    """Which intents are wanted."""

    target: str = Field("", max_length=2000, description="One word: those that meet it, by whatever name of the code.")
    technique: str = Field("", max_length=60)
    state: str = Field("", max_length=20)
    whose: Literal["", "own", "others"] = ""
    standing: bool = Field(default=False, description="Only those that others have to know of now.")
    ours: bool = Field(default=False, description="Only those that touch what is known to be your organization's.")


class TechniqueShown(Schema):
    """One way of looking for vulnerabilities."""

    name: str
    title: str
    on: dict[str, str] = Field(description="What it touches on each kind of target: copy, look or live.")
    meeting: dict[str, str] = Field(description="What it is to each technique on one target: compete or endanger.")


class TechniquesShown(Schema):
    """The table of techniques."""

    version: str
    techniques: list[TechniqueShown]


@router.get(
    "/techniques", response={200: TechniquesShown} | REFUSALS, operation_id="techniques", summary="Show the techniques"
)
@door("deconfliction:intent:read")
def show_techniques(request: HttpRequest) -> TechniquesShown:  # noqa: ARG001 - the same for everybody who may ask
    """Return the table of techniques that is used now."""
    table = techniques()
    shown = [
        TechniqueShown(
            name=one.name,
            title=one.title,
            on={kind.value: effect.value for kind, effect in one.on.items()},
            meeting={
                other: relation.value
                for other in table.known
                if (relation := table.relation(one.name, other)).value != "share"
            },
        )
        for one in table.known.values()
    ]
    return TechniquesShown(version=CURRENT, techniques=shown)


@router.get("/intents", response={200: Page[IntentShown]} | REFUSALS, operation_id="intents", summary="List intents")
@door("deconfliction:intent:read")
def intents(request: HttpRequest, wanted: Query[IntentsWanted]) -> Page[IntentShown]:
    """Return the intents that one may see, the latest first."""
    actor, at = actor_of(request), timezone.now()
    rows = intents_wanted(
        actor,
        target=wanted.target,
        technique=wanted.technique,
        state=wanted.state,
        whose=wanted.whose,
        is_standing=wanted.standing,
        touches=owned_targets(actor) if wanted.ours else None,
        at=at,
    )
    return page_of(rows, wanted, show=lambda one: intent_shown(actor, one))


@router.post(
    "/intents/check",
    response={200: SurveyShown} | REFUSALS,
    operation_id="check_intent",
    summary="Ask whether anyone is on this",
)
@door("deconfliction:intent:announce")
def check(request: HttpRequest, body: ScanWanted) -> SurveyShown:
    """Say whom a scan would meet and what owners would say; nothing is announced, nobody is told."""
    return survey_shown(look(body.announcement(), actor=actor_of(request), at=timezone.now()))


@router.post(
    "/intents/suggest",
    response={200: AdviceShown} | REFUSALS,
    operation_id="suggest_instead",
    summary="Ask what to do instead",
)
@door("deconfliction:intent:announce")
def suggest(request: HttpRequest, body: AdviceWanted) -> AdviceShown:
    """Say when it is free, which techniques get in nobody's way, which folders nobody is on, and who could do what.

    Named folders are divided among the willing; without folders each of them gets a technique, as far as there are any.
    """
    actor, said = actor_of(request), body.announcement()
    found = advise(said, parts=body.parts, willing=body.willing, able=body.able, actor=actor, at=timezone.now())
    return advice_shown(found)


@router.post(
    "/intents",
    response={201: AnnouncedShown} | REFUSALS,
    operation_id="announce_intent",
    summary="Announce a scan",
)
@door("deconfliction:intent:announce")
def announce(request: HttpRequest, response: HttpResponse, body: IntentWanted) -> Status[AnnouncedShown]:
    """Announce a scan; it is accepted if everything that it meets was seen and its owners allow it.

    409 tells in ``references`` what was not seen. Send an Idempotency-Key, so that sending again announces once.
    """
    actor, at, said, key = actor_of(request), timezone.now(), body.announcement(), key_of(request) or ""
    match body.begin:
        case "draft":
            made = Announced(actions.draft_intent(said, request_key=key, actor=actor, at=at), ())
        case "emergency":
            made = actions.announce_emergency(said, why=body.why, request_key=key, actor=actor, at=at)
        case _:
            made = actions.announce_intent(said, seen=body.seen, request_key=key, actor=actor, at=at)
    if made.intent.created_at != at:
        response[REPLAYED] = "true"
    response["Location"] = f"/api/v1/intents/{made.intent.public_id}"
    return Status(201, _announced(response, actor, made))


@router.get(
    "/intents/{intent}", response={200: IntentShown} | REFUSALS, operation_id="intent", summary="Show an intent"
)
@door("deconfliction:intent:read")
def intent(request: HttpRequest, response: HttpResponse, intent: str) -> IntentShown:
    """Return one intent, with the version key that says it was seen."""
    actor = actor_of(request)
    shown = intent_shown(actor, intent_for(actor, intent))
    tag(response, shown)
    return shown


@router.post(
    "/intents/{intent}/accept",
    response={200: AnnouncedShown} | REFUSALS,
    operation_id="accept_intent",
    summary="Announce a draft",
)
@door("deconfliction:intent:accept")
def accept(request: HttpRequest, response: HttpResponse, intent: str, body: Seeing) -> AnnouncedShown:
    """Announce what was written down before."""
    actor = actor_of(request)
    made = actions.accept_intent(intent_for(actor, intent), seen=body.seen, actor=actor, at=timezone.now())
    return _announced(response, actor, made)


@router.post(
    "/intents/{intent}/start",
    response={200: AnnouncedShown} | REFUSALS,
    operation_id="start_intent",
    summary="Say that a scan begins",
)
@door("deconfliction:intent:start")
def start(request: HttpRequest, response: HttpResponse, intent: str, body: Seeing) -> AnnouncedShown:
    """Say that a scan begins, or is back on its plan; what it meets by now has to have been seen."""
    actor = actor_of(request)
    made = actions.start_intent(intent_for(actor, intent), seen=body.seen, actor=actor, at=timezone.now())
    return _announced(response, actor, made)


@router.post(
    "/intents/{intent}/renew",
    response={200: AnnouncedShown} | REFUSALS,
    operation_id="renew_intent",
    summary="Let a scan last longer",
)
@door("deconfliction:intent:renew")
def renew(request: HttpRequest, response: HttpResponse, intent: str, body: Renewal) -> AnnouncedShown:
    """Let a scan last until another time; send the ETag of what you read in If-Match."""
    actor = actor_of(request)
    found = intent_for(actor, intent)
    demand_current(request, intent_shown(actor, found))
    made = actions.renew_intent(
        found, body.ends_at, version=found.version_key, seen=body.seen, actor=actor, at=timezone.now()
    )
    return _announced(response, actor, made)


@router.post(
    "/intents/{intent}/leave-plan",
    response={200: AnnouncedShown} | REFUSALS,
    operation_id="leave_plan",
    summary="Say that a scan runs otherwise than announced",
)
@door("deconfliction:intent:leave-plan")
def leave_plan(request: HttpRequest, response: HttpResponse, intent: str, body: Reason) -> AnnouncedShown:
    """Say that a scan runs otherwise than announced; everyone whom it meets is told."""
    return _urgent(request, response, intent, body, actions.leave_plan)


@router.post(
    "/intents/{intent}/declare-emergency",
    response={200: AnnouncedShown} | REFUSALS,
    operation_id="declare_emergency",
    summary="Say that a scan cannot wait",
)
@door("deconfliction:intent:declare-emergency")
def declare_emergency(request: HttpRequest, response: HttpResponse, intent: str, body: Reason) -> AnnouncedShown:
    """Say that a scan cannot wait; everyone whom it meets is told, and owners still decide."""
    return _urgent(request, response, intent, body, actions.declare_emergency)


@router.post(
    "/intents/{intent}/end", response={200: IntentShown} | REFUSALS, operation_id="end_intent", summary="End a scan"
)
@door("deconfliction:intent:end")
def end(request: HttpRequest, response: HttpResponse, intent: str, body: Reason) -> IntentShown:
    """End a scan, or take it back before it began; from then on it stands in nobody's way."""
    return _over(request, response, intent, body, actions.end_intent)


@router.post(
    "/intents/{intent}/halt",
    response={200: IntentShown} | REFUSALS,
    operation_id="halt_intent",
    summary="End another's scan",
)
@door("deconfliction:intent:halt")
def halt(request: HttpRequest, response: HttpResponse, intent: str, body: Reason) -> IntentShown:
    """End another's scan, which the office may."""
    return _over(request, response, intent, body, actions.halt_intent)


def _urgent(request: HttpRequest, response: HttpResponse, intent: str, body: Reason, act: Any) -> AnnouncedShown:  # noqa: ANN401 - two actions of one shape
    actor = actor_of(request)
    made = act(intent_for(actor, intent), why=body.why, actor=actor, at=timezone.now())
    return _announced(response, actor, made)


def _over(request: HttpRequest, response: HttpResponse, intent: str, body: Reason, act: Any) -> IntentShown:  # noqa: ANN401 - the same
    actor = actor_of(request)
    act(intent_for(actor, intent), why=body.why, actor=actor, at=timezone.now())
    shown = intent_shown(actor, intent_for(actor, intent))
    tag(response, shown)
    return shown


def _announced(response: HttpResponse, actor: Actor, made: Announced) -> AnnouncedShown:
    """Return an announcement as it is kept now, tagged with what a renewal is decided on."""
    kept: Intent = intent_for(actor, made.intent.public_id)
    shown = AnnouncedShown(intent=intent_shown(actor, kept), met=met_shown(made.met))
    tag(response, shown.intent)
    return shown
