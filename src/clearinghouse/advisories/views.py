"""The portal's pages about cases and reports; what is shown is what queries say that the actor may see."""

import re
from collections import Counter
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from clearinghouse.advisories.pages import case_facts, question_facts, report_facts
from clearinghouse.advisories.queries import aside_of, dossier_of, dossiers_of
from clearinghouse.advisories.reproducing import as_mail, report_archive
from clearinghouse.advisories.rules import Dossier
from clearinghouse.cases.agreeing import says_of, waiting_for
from clearinghouse.cases.forms import ConsultForm, FixForm, MarkingForm, QueueForm, ResponseForm, SeatForm
from clearinghouse.cases.models import Case, Embargo, Fix, Marking, Response, SavedView
from clearinghouse.cases.queries.acts import subjects_of
from clearinghouse.cases.queries.cases import case_for, cases_for, findings_in
from clearinghouse.cases.queries.due import the_artefacts
from clearinghouse.cases.queries.facts import lineage_of
from clearinghouse.cases.queries.marks import markings_for
from clearinghouse.cases.queries.order import places_for
from clearinghouse.cases.queries.queue import fits, in_view, saved_views_for
from clearinghouse.cases.queries.table import embargo_for, fixes_for, responses_for, shows_its_reports
from clearinghouse.cases.rules.lifecycle import EMBARGO
from clearinghouse.cases.rules.policy import Band
from clearinghouse.cases.rules.queue import View
from clearinghouse.cases.seating import participants_of
from clearinghouse.cases.views.queue import queue_at
from clearinghouse.cases.whereabouts import SAYS, case_of, whereabouts_of
from clearinghouse.edges.doors import actor_of, door
from clearinghouse.edges.downloads import download
from clearinghouse.edges.pages import page_of, page_of_list
from clearinghouse.edges.portal import cleaned
from clearinghouse.errors import NotFound
from clearinghouse.findings.queries import finding_for, findings_for, key_shown, refused_reports_for
from clearinghouse.ledger.queries import acts_on
from clearinghouse.parties.consulting import consultations_about
from clearinghouse.parties.models import Person
from clearinghouse.parties.queries import names_of
from clearinghouse.parties.second_person import requests_about
from clearinghouse.permissions.rules import Actor
from clearinghouse.permissions.table import the_table
from clearinghouse.permissions.words import was_done
from clearinghouse.records import note_reading, note_readings
from clearinghouse.standards.tlp import Tlp, audience
from clearinghouse.validation.lines import ReleaseStatus
from clearinghouse.validation.queries import asked_of, judged_as, judgement_of, validation_of
from clearinghouse.validation.questions import is_open
from clearinghouse.validation.rules import FindingOutcome, PatchResult
from clearinghouse.validation.shapes import load

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_OFFERED = 200
"""Packages that the field for one offers: those of the first cases in order."""


@door("cases:case:read")
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """Show the cases in order of work, as far as they are wanted, and the views that one has saved."""
    actor, at = actor_of(request), timezone.now()
    form = QueueForm(request.GET, label_suffix="")
    cleaned(form)
    wanted = form.wanted
    places = places_for(actor, at=at)
    narrow = set(cases_for(actor).values_list("public_id", flat=True)) - {one.case.public_id for one in places}
    waiting = {each.public_id for each, _ in waiting_for(actor)}
    in_every_view = [one for one in places if fits(one, replace(wanted, view=View.ALL), at=at, waiting=waiting)]
    in_every_band = [one for one in places if fits(one, replace(wanted, band=""), at=at, waiting=waiting)]
    counted = Counter(str(one.position.placed.band) for one in in_every_band)
    page = page_of_list(
        [one for one in in_every_band if wanted.band in ("", one.position.placed.band)],
        name=lambda one: one.case.public_id,
        cursor=request.GET.get("after") or None,
    )
    second = _may_some(actor, "parties:request:read")
    told = {
        "rows": [
            case_facts(one) | {"dossier": one, "due": _next_due(one)} for one in dossiers_of(page.rows, actor, at=at)
        ],
        "after": page.after and queue_at(wanted, after=page.after),
        "form": form,
        "wanted": wanted.query,
        "views": [
            (
                queue_at(replace(wanted, view=one)),
                one.label,
                sum(in_view(each, one, at=at, waiting=waiting) for each in in_every_view),
                one == wanted.view,
            )
            for one in View
            if second or one is not View.SECOND_PERSON
        ],
        "bands": [
            (queue_at(replace(wanted, band=band)), label, count, band == wanted.band)
            for band, label, count in (
                ("", "Every band", len(in_every_band)),
                *((str(one), str(one), counted[str(one)]) for one in Band),
            )
        ],
        "packages": list(dict.fromkeys(one.case.package for one in places))[:_OFFERED],
        "saved": [(one, queue_at(one.wanted), one.wanted.query == wanted.query) for one in saved_views_for(actor)],
        "may_save": _may(actor, "cases:saved-view:save", SavedView(person_id=actor.id)),
        "narrow": sorted(narrow),
        "waiting": waiting,
    }
    return render(request, "portal/_queue.html" if _is_part(request) else "portal/queue.html", told)


def _next_due(dossier: Dossier) -> Any:  # noqa: ANN401 - a duty or nothing
    return min(dossier.duties, key=lambda duty: duty.due_at, default=None)


def _is_part(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"


@door("cases:case:read")
@require_safe
def case(request: HttpRequest, name: str) -> HttpResponse:
    """Show one case with everything that explains it and everything that can be done."""
    actor, at = actor_of(request), timezone.now()
    found = case_for(actor, name)
    note_reading(found, actor=actor, at=at)
    embargo = embargo_for(actor, found)
    if not shows_its_reports(found, actor):
        told = {"case": found, "agreed": embargo, "fixes": list(fixes_for(actor, found))} | _at_the_table(actor, found)
        return render(request, "portal/narrow.html", told)
    dossier = _seen(dossier_of(actor, found, at=at), actor)
    told = case_facts(dossier) | {
        "dossier": dossier,
        "not_run": _not_run(dossier),
        "exhaustive": dossier.releases.exhaustive if dossier.releases else None,
        "responses": [
            (one, _may(actor, "cases:response:withdraw", one), _may(actor, "cases:response:overrule", one))
            for one in responses_for(actor, found)
        ],
        "agreed": embargo,
        "fixes": [(one, _results(one, dossier)) for one in fixes_for(actor, found)],
        "may": {
            "respond": _may(actor, "cases:response:give", Response(case=found)),
            "propose": _may(actor, "cases:embargo:propose", embargo or Embargo(case=found, state=EMBARGO.initial)),
            "accept": embargo is not None and _may(actor, "cases:embargo:accept", embargo),
            "reject": embargo is not None and _may(actor, "cases:embargo:reject", embargo),
            "terminate": embargo is not None and _may(actor, "cases:embargo:terminate", embargo),
            "fix": _may(actor, "cases:fix:hand-in", Fix(case=found)),
            "undo": _may_some(actor, "cases:join:undo") and len(dossier.reports) > 1,
            "seat": _may_some(actor, "cases:participant:seat"),
            "mark": _may(actor, "cases:marking:raise", Marking(case=found)),
            "lower": _may_some(actor, "cases:marking:lower"),
            "consult": _may_some(actor, "parties:consultation:ask"),
            "draft": _may_some(actor, "advisories:advisory:write"),
            "answer": _may_some(actor, "validation:answer:give"),
        },
        "response_form": ResponseForm(auto_id="response_%s"),
        "fix_form": FixForm(auto_id="fix_%s"),
        "timeline": _timeline(actor, found),
        "files": _files(dossier),
        "seat_form": SeatForm(auto_id="seat_%s"),
        "marking_form": MarkingForm(initial={"label": found.tlp}, auto_id="marking_%s"),
        "consult_form": ConsultForm(auto_id="consult_%s"),
    }
    return render(request, "portal/case.html", told | _at_the_table(actor, found))


def _at_the_table(actor: Actor, found: Case) -> dict[str, Any]:
    """Return who sits in a case, how far it may be told, what waits for a second person, and who was asked."""
    label = Tlp(found.tlp)
    markings = list(markings_for(actor, found))
    names = names_of(Person.objects.all(), {one.by for one in markings})
    return {
        "case_id": found.public_id,
        "seats": [
            (one, _may(actor, "cases:participant:remove", one), _may(actor, "cases:participant:leave", one))
            for one in participants_of(found, actor)
        ],
        "label": label,
        "audience": audience(label),
        "markings": [(one, names[one.by]) for one in markings],
        "waiting": [
            (one, says_of(one), _may(actor, "parties:request:withdraw", one)) for one in requests_about(found, actor)
        ],
        "consultations": list(consultations_about(found, actor)),
    }


def _seen(dossier: Dossier, actor: Actor) -> Dossier:
    """Return a dossier without the names of other cases, unless the actor may read links between cases."""
    return dossier if _may_some(actor, "cases:link:read") else replace(dossier, links=())


def _opened(request: HttpRequest, name: str) -> tuple[Actor, Case, Dossier]:
    """Return who asks, the case, and its dossier.

    Raises:
        NotFound: there is no such case, or the actor's seat does not let them see its reports.
    """
    actor = actor_of(request)
    found = case_for(actor, name)
    if not shows_its_reports(found, actor):
        raise NotFound("no such file")
    note_reading(found, actor=actor, at=timezone.now(), file=request.path.rpartition("/")[2])
    return actor, found, dossier_of(actor, found, at=timezone.now())


def _may(actor: Actor, verb: str, subject: Any) -> bool:  # noqa: ANN401 - any row of ours
    return the_table().decide(actor, verb, subject).allowed


def _may_some(actor: Actor, verb: str) -> bool:
    """Say whether a row opens ``verb`` to the actor at all; the action decides on the very thing."""
    return actor.in_scope(verb) and any(row.roles_of(actor) for row in the_table().rows(verb))


def _not_run(dossier: Dossier) -> list[Any]:
    lines = dossier.releases.lines if dossier.releases else ()
    return [one for line in lines for one in line.results if one.status is ReleaseStatus.NOT_RUN]


def _results(fix: Fix, dossier: Dossier) -> list[tuple[str, PatchResult]]:
    names = {one.key: one.name for one in dossier.reports} | {one.key: lineage_of(one) for one in findings_in(fix.case)}
    return [(names.get(key, ""), load(PatchResult, result)) for key, result in sorted(fix.results.items())]


def _timeline(actor: Actor, found: Case) -> list[dict[str, Any]]:
    """Return what was done about a case, the latest first, with the names of people and when they first looked."""
    events = list(acts_on(subjects_of(actor, found)))
    names = names_of(Person.objects.all(), {event.actor for event in events})
    return [{"at": event.at, "says": was_done(event.verb), "who": names[event.actor]} for event in reversed(events)]


def _files(dossier: Dossier) -> list[tuple[str, str, str]]:
    return [(one.name, name, digest) for one in dossier.reports for name, digest in sorted(one.artefacts.items())]


@door("cases:case:read")
@require_safe
def file(request: HttpRequest, name: str, digest: str) -> HttpResponse:
    """Hand out one file of a case, as an attachment."""
    _, _, dossier = _opened(request, name)
    named = {kept: file_name for _, file_name, kept in _files(dossier)}
    if not _DIGEST.fullmatch(digest) or digest not in named:
        raise NotFound("no such file")
    return download(the_artefacts().get(digest), name=named[digest].rpartition("/")[2])


@door("cases:case:read")
@require_safe
def patch(request: HttpRequest, name: str, digest: str) -> HttpResponse:
    """Hand out a patch as a mail that `git am` applies."""
    actor, found, dossier = _opened(request, name)
    sources = {one.digest: (each.credit, each.received_at) for each in dossier.reports for one in each.patches}
    sources |= {one.digest: (one.by, one.created_at) for one in fixes_for(actor, found)}
    if digest not in sources:
        raise NotFound("no such patch")
    credit, made_at = sources[digest]
    mail = as_mail(the_artefacts().get(digest), title=dossier.title, credit=credit, case=dossier.public_id, at=made_at)
    return download(mail, name=f"{dossier.public_id}-{digest[7:15]}.patch")


@door("cases:case:read")
@require_safe
def archive(request: HttpRequest, name: str, key: str) -> HttpResponse:
    """Hand out a report with its files, for `clearinghouse report try`."""
    _, _, dossier = _opened(request, name)
    one = next((one for one in dossier.reports if one.key == key), None)
    if one is None:
        raise NotFound("no such report")
    store = the_artefacts()
    files = {file_name: store.get(digest) for file_name, digest in one.artefacts.items()}
    return download(report_archive(one.report, files), name=f"{key[:16]}.zip")


@door("findings:finding:read")
@require_safe
def reports(request: HttpRequest) -> HttpResponse:
    """List the reports that the actor may read, the latest first, with what became of each."""
    actor, asked = actor_of(request), request.GET
    page = page_of(
        findings_for(actor).select_related("validation"),
        by=("-received_at", "finder", "finder_ref", "key"),
        cursor=asked.get("after") or None,
    )
    refused = page_of(refused_reports_for(actor), by=("name", "id"), cursor=asked.get("after-refused") or None)
    told = {
        "rows": [(one, key_shown(one, actor), judged_as(one)) for one in page.rows],
        "after": page.after,
        "refused": refused.rows,
        "after_refused": refused.after,
    }
    return render(request, "portal/reports.html", told)


@door("findings:finding:read")
@require_safe
def report(request: HttpRequest, key: str) -> HttpResponse:
    """Show one report: how far it is, its verdict with the reason, and what helps. Asked for a part, only that."""
    actor = actor_of(request)
    finding = finding_for(actor, key)
    note_reading(finding, actor=actor, at=timezone.now())
    judgement = judgement_of(finding)
    row = validation_of(finding)
    runs = finding.runs.count() if judgement is None else len(judgement.runs)  # others' patches are tried on it too
    steps = [
        ("Taken in", True),
        (
            f"Controls run ({runs} run{'' if runs == 1 else 's'} so far)"
            if judgement is None
            else f"Judged after {runs} runs",
            judgement is not None,
        ),
        ("Affected releases found", row is not None and row.state in {"ranged", "settled"}),
        ("Patches checked, settled", row is not None and row.state == "settled"),
    ]
    aside = aside_of(finding, actor)
    told = {
        "finding": finding,
        "key": key_shown(finding, actor),
        "steps": steps,
        "aside": aside,
        "done": row is not None and row.state == "settled",
        "whereabouts": SAYS[whereabouts_of(actor, finding)],
        "its_case": case_of(actor, finding),
    }
    if judgement is not None:
        told |= report_facts(aside, judgement)
        if judgement.outcome is FindingOutcome.VALIDATED:
            told |= {"verdict": "validated", "badge": "passed"}
    return render(request, "portal/_progress.html" if _is_part(request) else "portal/report.html", told)


@door("validation:answer:give")
@require_safe
def questions(request: HttpRequest) -> HttpResponse:
    """Show what is put to people: one sentence each, and the two runs side by side."""
    actor = actor_of(request)
    found = sorted(asked_of(actor, answered=True), key=lambda one: not is_open(one.judgement))
    page = page_of_list(found, name=lambda one: str(one.finding.pk), cursor=request.GET.get("after") or None)
    note_readings([one.finding for one in page.rows], actor=actor, at=timezone.now())
    told = {
        "rows": [
            (one.finding, question_facts(one.judgement, lineage_of(one.finding), one.finding.key)) for one in page.rows
        ],
        "after": page.after,
        "may_answer": _may_some(actor, "validation:answer:give"),
    }
    return render(request, "portal/questions.html", told)
