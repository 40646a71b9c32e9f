"""The portal's pages about coverage and figures."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from clearinghouse.deconfliction.actions.coverage import publish_count
from clearinghouse.deconfliction.models import Coverage
from clearinghouse.deconfliction.pictures import target_text
from clearinghouse.deconfliction.queries.covering import covered_for
from clearinghouse.deconfliction.queries.figures import figures_for, public_figures
from clearinghouse.deconfliction.queries.registered import coverage_entry_for
from clearinghouse.deconfliction.queries.suggestions import uncovered
from clearinghouse.deconfliction.rules.figures import Cut, Figure, closed_at
from clearinghouse.deconfliction.rules.targets.kinds import plain_of, target_from
from clearinghouse.deconfliction.rules.techniques import techniques
from clearinghouse.edges.doors import actor_of, door, public
from clearinghouse.errors import Malformed
from clearinghouse.permissions.table import the_table

_MOST_TARGETS = 100
_MOST_ENTRIES = 2_000


@door("deconfliction:coverage:read")
@require_safe
def coverage(request: HttpRequest) -> HttpResponse:
    """Show what was tried, target by technique, and what nobody has looked at."""
    actor, at, wanted = actor_of(request), timezone.now(), request.GET.get("target", "").strip()
    target, wrong = None, ""
    if wanted:
        try:
            target = target_from(wanted)
        except Malformed as refusal:
            wrong = str(refusal)
    entries = () if wrong else covered_for(actor, target=target, most=_MOST_ENTRIES)
    named = [one.name for one in techniques().known.values() if any(each.technique == one.name for each in entries)]
    may_publish = actor.organization is not None and (
        the_table()
        .decide(actor, "deconfliction:coverage:publish", Coverage(organization_id=actor.organization))
        .allowed
    )
    by_target: dict[str, dict[str, Any]] = {}
    for one in entries:
        cells = by_target.setdefault(name_of_plain(one.target), {})
        cells.setdefault(one.technique, one)
    told = {
        "rows": [(text, [cells.get(technique) for technique in named]) for text, cells in by_target.items()][
            :_MOST_TARGETS
        ],
        "techniques": [(one, techniques().named(one).title) for one in named],
        "entries": [
            {
                "it": one,
                "target": target_text(one.target),
                "may_publish": may_publish and one.is_own and one.findings is not None and not one.published,
            }
            for one in entries[:_MOST_TARGETS]
        ],
        "worth": [
            {"it": one, "target": target_text(plain_of(one.candidate.target))} for one in uncovered(actor=actor, at=at)
        ],
        "target": wanted,
        "wrong": wrong,
    }
    return render(request, "deconfliction/coverage.html", told)


@door("deconfliction:coverage:publish")
@require_POST
def publish(request: HttpRequest, coverage: UUID) -> HttpResponse:
    """Say where the findings of what was covered are published."""
    actor = actor_of(request)
    publish_count(coverage_entry_for(actor, coverage), request.POST.get("where", ""), actor=actor, at=timezone.now())
    messages.success(request, "Every participant who sees the entry is told now how many came of it.")
    return redirect("coverage")


def name_of_plain(target: dict[str, Any]) -> str:
    """Return the name of a target alone."""
    return next((str(target[part]) for part in ("package", "url", "block", "name") if part in target), "?")


@door("deconfliction:figure:read")
@require_safe
def figures(request: HttpRequest) -> HttpResponse:
    """Show the figures of each cut that is open to whoever asks."""
    actor, at = actor_of(request), timezone.now()
    cuts = [Cut.MEMBERS, Cut.PUBLIC]
    if the_table().decide(actor, "deconfliction:figure:read-internal").allowed:
        cuts.insert(0, Cut.INTERNAL)
    told = {
        "cuts": [
            {"name": cut.value, "until": closed_at(cut, at), "figures": figures_for(actor, cut, at=at)} for cut in cuts
        ]
    }
    return render(request, "deconfliction/figures.html", told)


@public("aggregates that passed the gate for everybody: nothing in them tells of one act, scan or organization")
@require_safe
def published(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - the same for everybody
    """Answer with the public figures as JSON."""
    at = timezone.now()
    said = {
        "until": closed_at(Cut.PUBLIC, at).isoformat(),
        "figures": [plain_figure(one) for one in public_figures(at=at)],
    }
    return JsonResponse(said, headers={"Cache-Control": "public, max-age=3600"})


def plain_figure(one: Figure) -> dict[str, Any]:
    """Return a figure as plain data."""
    return {"name": one.name, "value": one.value, "rests_on": one.rests_on}
