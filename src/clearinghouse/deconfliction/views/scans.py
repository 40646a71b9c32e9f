"""The portal's pages about scans: what stands, what one has announced, and announcing."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clearinghouse.deconfliction.actions import intents as actions
from clearinghouse.deconfliction.forms.scans import DivisionForm, ReasonForm, RenewForm, ScanForm
from clearinghouse.deconfliction.models import Intent
from clearinghouse.deconfliction.pictures import target_text, timeline
from clearinghouse.deconfliction.queries.advice import advise
from clearinghouse.deconfliction.queries.intents import (
    home_of,
    intent_for,
    intents_for,
    meetings_for,
    standing_for,
    touching,
)
from clearinghouse.deconfliction.queries.meeting import look, reference_of
from clearinghouse.deconfliction.queries.registered import about, constraints_for, owned_targets
from clearinghouse.deconfliction.rules.announcing import Announcement
from clearinghouse.deconfliction.rules.awareness import is_standing
from clearinghouse.deconfliction.rules.lifecycle import ConstraintState
from clearinghouse.deconfliction.rules.targets.kinds import target_from_text
from clearinghouse.deconfliction.shown import times_text
from clearinghouse.deconfliction.views.meetings import meeting_rows
from clearinghouse.deconfliction.views.subscriptions import may_watch
from clearinghouse.edges.doors import actor_of, door
from clearinghouse.edges.pages import page_of
from clearinghouse.edges.portal import cleaned
from clearinghouse.errors import ClearinghouseError, Conflict, HeldBack, Malformed, Meets, NotPermitted, Unaware
from clearinghouse.notices.rules import EVENTS
from clearinghouse.permissions.rules import Actor
from clearinghouse.permissions.table import the_table

MOST_LISTED = 200
MOST_COUNTED = 1_000
"""Standing scans that the page counts; past it, it says that there are more."""
LIVE = ", ".join(["every 30s", *(f"sse:{one} delay:1s" for one in EVENTS if one.startswith(("constraint.", "scan.")))])
"""When a page that lies open asks again: each half minute, and soon after its reader is told of a scan."""
_STEPS = ("accept", "start", "renew", "leave-plan", "declare-emergency", "end", "halt")


@door("deconfliction:intent:read")
@require_safe
def scans(request: HttpRequest) -> HttpResponse:
    """Show what stands, over time and by target, page by page; asked for a part, only that."""
    actor, at, wanted = actor_of(request), timezone.now(), request.GET.get("target", "").strip()
    cursor, ours = request.GET.get("after", ""), bool(request.GET.get("ours"))
    found = standing_for(actor, at=at)
    asked, wrong = constraints_for(actor).none(), ""
    try:
        if ours:
            found = touching(found, *owned_targets(actor), standing_at=at)
        if wanted:
            target = target_from_text(wanted)
            found = touching(found, target, standing_at=at)
            asked = about(constraints_for(actor).filter(state=ConstraintState.STANDING), target)
    except (Malformed, Conflict) as refusal:
        found, wrong = found.none(), str(refusal)
    page = page_of(found, cursor=cursor or None)
    told = {
        "picture": timeline(page.rows, at=at, own=actor.organization),
        "rows": [_row(actor, one) for one in page.rows],
        "after": page.after,
        "page": cursor,
        "is_part": bool(cursor or page.after),
        "total": found[: MOST_COUNTED + 1].count(),
        "most": MOST_COUNTED,
        "asked": [
            {"it": one, "target": target_text(one.target), "when": times_text(one)} for one in asked[:MOST_LISTED]
        ],
        "target": wanted,
        "ours": ours,
        "wrong": wrong,
        "at": at,
        "may_announce": _may_announce(actor),
        "may_watch": may_watch(actor),
        "live": LIVE,
    }
    part = request.headers.get("HX-Request") == "true"
    return render(request, "deconfliction/_standing.html" if part else "deconfliction/scans.html", told)


@door("deconfliction:intent:read")
@require_safe
def own_scans(request: HttpRequest) -> HttpResponse:
    """Show the scans of one's own organization, the latest first."""
    actor, at = actor_of(request), timezone.now()
    found = intents_for(actor).filter(organization=home_of(actor))[:MOST_LISTED]
    told = {
        "rows": [_row(actor, one) for one in found],
        "home": home_of(actor),
        "at": at,
        "may_announce": _may_announce(actor),
        "live": LIVE,
    }
    part = request.headers.get("HX-Request") == "true"
    return render(request, "deconfliction/_own.html" if part else "deconfliction/own_scans.html", told)


@door("deconfliction:intent:read")
@require_safe
def scan(request: HttpRequest, intent: str) -> HttpResponse:
    """Show one scan, and what may be done with it."""
    actor = actor_of(request)
    return _page(request, actor, intent_for(actor, intent))


def _page(
    request: HttpRequest,
    actor: Actor,
    found: Intent,
    *,
    refused: ClearinghouseError | None = None,
    step: str = "",
    ends_at: Any = None,  # noqa: ANN401 - what was filled in
) -> HttpResponse:
    at = timezone.now()
    ends = ends_at or found.ends_at + timedelta(days=1)
    told = {
        **_row(actor, found),
        "at": at,
        "may": {one.replace("-", "_"): _may(actor, one, found) for one in _STEPS},
        "has_warrant": _may(actor, "take-warrant", found) and is_standing(found.state, found.ends_at, at=at),
        "renewal": RenewForm(initial={"ends_at": ends, "version": found.version_key}),
        "refused": refused,
        "met": _met(refused.references) if isinstance(refused, Meets) else (),
        "held": refused.problems if isinstance(refused, HeldBack) else (),
        "step": step if isinstance(refused, Unaware) else "",
        "meetings": meeting_rows(actor, meetings_for(actor, intent=found.public_id)[:MOST_LISTED]),
    }
    return render(request, "deconfliction/scan.html", told, status=200 if refused is None else 409)


@door("deconfliction:intent:announce")
@require_http_methods(["GET", "HEAD", "POST"])
def announce(request: HttpRequest) -> HttpResponse:
    """Fill in a scan, see whom it meets, and only then announce it."""
    actor, at = actor_of(request), timezone.now()
    if not _may_announce(actor):
        raise NotPermitted("none of your roles announces scans; ask your administrator for one that does")
    soon = (at + timedelta(hours=1)).replace(minute=0, second=0, microsecond=0)
    usual = {
        "starts_at": soon,
        "ends_at": soon + timedelta(hours=4),
        "visibility": "everyone",
        "targets": request.GET.get("target", ""),
    }
    form = ScanForm(request.POST) if request.method == "POST" else ScanForm(initial=usual)
    division = DivisionForm(request.POST if request.method == "POST" else None)
    told: dict[str, Any] = {"form": form, "division": division, "status": 200}
    if request.method == "POST":
        if not (form.is_valid() and division.is_valid()):
            told["status"] = 422
        else:
            try:
                made = _announced(request, form.announcement(), told, actor=actor)
                if made is not None:
                    return redirect("scan", intent=made.public_id)
                if told["met"] or told["own"] or request.POST.get("do") == "divide":
                    told |= _instead(form.announcement(), division, actor)
            except (Meets, HeldBack) as refusal:
                _tell(told, refusal)
                told |= _instead(form.announcement(), division, actor)
            except Malformed as refusal:
                form.add_refusal(refusal)
                told["status"] = 422
    return render(request, "deconfliction/announce.html", told, status=told["status"])


def _announced(request: HttpRequest, said: Announcement, told: dict[str, Any], *, actor: Actor) -> Intent | None:
    """Do what the pressed button says; None: only look, and ``told`` says whom it meets."""
    at, seen = timezone.now(), request.POST.getlist("seen")
    match request.POST.get("do"):
        case "draft":
            made = actions.draft_intent(said, actor=actor, at=at)
            messages.success(request, "Written down. Nobody else sees it until you announce it.")
        case "announce":
            made = actions.announce_intent(said, seen=seen, actor=actor, at=at).intent
            messages.success(request, f"Announced as {made.public_id}.")
        case "emergency":
            why = request.POST.get("why", "")
            made = actions.announce_emergency(said, why=why, actor=actor, at=at).intent
            messages.success(request, f"{made.public_id} runs as an emergency; everyone whom it meets can see it.")
        case _:
            found = look(said, actor=actor, at=at)
            told |= {
                "looked": True,
                "met": _met(map(reference_of, found.visible)),
                "own": _met(map(reference_of, found.own)),
                "held": found.refusals,
            }
            return None
    return made


def _instead(said: Announcement, division: DivisionForm, actor: Actor) -> dict[str, Any]:
    """Return what could be done instead of a scan, and how it could be divided, for the page."""
    parts, able = division.cleaned_data["parts"], division.cleaned_data["willing"]
    try:
        found = advise(said, parts=parts, willing=tuple(able), able=able, actor=actor, at=timezone.now())
    except Malformed as refusal:
        division.add_error(None, str(refusal))
        return {}
    shares = [{"it": one, "what": ", ".join(one.paths) or one.technique} for one in found.shares]
    return {
        "free": found.window,
        "free_techniques": found.techniques,
        "unclaimed": found.unclaimed,
        "shares": shares,
        "is_divided": bool(parts or able),
    }


def _met(references: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return what is told of what a scan meets, as the page shows it."""
    return [
        dict(one)
        | {"shown": "; ".join(target_text(target) for target in one["targets"])}
        | {name: datetime.fromisoformat(one[name]) for name in ("starts_at", "ends_at") if name in one}
        for one in references
    ]


def _tell(told: dict[str, Any], refusal: Meets | HeldBack) -> None:
    told |= {"looked": True, "refused": refusal, "status": 409, "met": [], "held": ()}
    if isinstance(refusal, HeldBack):
        told["held"] = refusal.problems
        return
    told["met"] = _met(refusal.references)
    told["final"] = not isinstance(refusal, Unaware)


@door("deconfliction:intent:accept")
@require_POST
def accept(request: HttpRequest, intent: str) -> HttpResponse:
    """Announce a draft."""
    return _stepped(request, intent, "accept", lambda found, **by: actions.accept_intent(found, **_seen(request), **by))


@door("deconfliction:intent:start")
@require_POST
def start(request: HttpRequest, intent: str) -> HttpResponse:
    """Say that a scan begins."""
    return _stepped(request, intent, "start", lambda found, **by: actions.start_intent(found, **_seen(request), **by))


@door("deconfliction:intent:renew")
@require_POST
def renew(request: HttpRequest, intent: str) -> HttpResponse:
    """Let a scan last longer."""
    said = cleaned(RenewForm(request.POST))
    return _stepped(
        request,
        intent,
        "renew",
        lambda found, **by: actions.renew_intent(
            found, said["ends_at"], version=said["version"], **_seen(request), **by
        ),
        ends_at=said["ends_at"],
    )


@door("deconfliction:intent:leave-plan")
@require_POST
def leave_plan(request: HttpRequest, intent: str) -> HttpResponse:
    """Say that a scan runs otherwise than announced."""
    why = cleaned(ReasonForm(request.POST))["why"]
    return _stepped(request, intent, "leave-plan", lambda found, **by: actions.leave_plan(found, why=why, **by))


@door("deconfliction:intent:declare-emergency")
@require_POST
def declare_emergency(request: HttpRequest, intent: str) -> HttpResponse:
    """Say that a scan cannot wait."""
    why = cleaned(ReasonForm(request.POST))["why"]
    step = "declare-emergency"
    return _stepped(request, intent, step, lambda found, **by: actions.declare_emergency(found, why=why, **by))


@door("deconfliction:intent:end")
@require_POST
def end(request: HttpRequest, intent: str) -> HttpResponse:
    """End a scan of one's own."""
    why = cleaned(ReasonForm(request.POST))["why"]
    return _stepped(request, intent, "end", lambda found, **by: actions.end_intent(found, why=why, **by))


@door("deconfliction:intent:halt")
@require_POST
def halt(request: HttpRequest, intent: str) -> HttpResponse:
    """End another's scan, as the office."""
    why = cleaned(ReasonForm(request.POST))["why"]
    return _stepped(request, intent, "halt", lambda found, **by: actions.halt_intent(found, why=why, **by))


def _seen(request: HttpRequest) -> dict[str, Any]:
    return {"seen": request.POST.getlist("seen")}


def _stepped(
    request: HttpRequest, intent: str, step: str, act: Callable[..., object], *, ends_at: object = None
) -> HttpResponse:
    """Take a step; whom it meets is shown on the page of the scan, with a way on."""
    actor = actor_of(request)
    found = intent_for(actor, intent)
    try:
        act(found, actor=actor, at=timezone.now())
    except (Meets, HeldBack) as refusal:
        return _page(request, actor, intent_for(actor, intent), refused=refusal, step=step, ends_at=ends_at)
    messages.success(request, f"{found.public_id} is now {found.state}.")
    return redirect("scan", intent=found.public_id)


def _row(actor: Actor, one: Intent) -> dict[str, Any]:
    own = one.organization_id == actor.organization
    return {"it": one, "targets": [target_text(target) for target in one.targets], "is_own": own}


def _may(actor: Actor, step: str, found: Intent) -> bool:
    return the_table().decide(actor, f"deconfliction:intent:{step}", found).allowed


def _may_announce(actor: Actor) -> bool:
    if actor.organization is None:
        return False
    probe = Intent(organization_id=actor.organization, state="")
    return the_table().decide(actor, "deconfliction:intent:announce", probe).allowed
