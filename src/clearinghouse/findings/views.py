"""Handing in a report through the portal, and watching what becomes of it."""

import secrets

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from clearinghouse.artefacts import open_artefacts
from clearinghouse.edges.doors import actor_of, door
from clearinghouse.edges.pages import page_of
from clearinghouse.errors import Refused
from clearinghouse.findings.archives import ARCHIVE_BYTES
from clearinghouse.findings.forms import HandInForm
from clearinghouse.findings.queries import key_shown, progress_of, submission_for, submissions_for
from clearinghouse.findings.receipts import receipt_from
from clearinghouse.findings.submissions import demand_hand_in
from clearinghouse.findings.submissions import hand_in as keep
from clearinghouse.parties.terms import on_terms

_CHANCE_BYTES = 26


@door("findings:submission:hand-in")
@require_http_methods(["GET", "POST"])
def hand_in(request: HttpRequest) -> HttpResponse:
    """Take a report in as it comes; a worker reads it, never this process."""
    actor, at = actor_of(request), timezone.now()
    demand_hand_in(actor)
    form = HandInForm(request.POST, request.FILES) if request.method == "POST" else HandInForm()
    if form.is_valid():
        report = form.cleaned_data["report"]
        try:
            made = keep(
                report.read(ARCHIVE_BYTES + 1),
                name=report.name,
                target=form.cleaned_data["target"],
                receipt=receipt_from(secrets.token_bytes(_CHANCE_BYTES)),
                artefacts=open_artefacts(settings.CLEARINGHOUSE_ARTEFACTS),
                actor=actor,
                at=at,
            )
        except Refused as refusal:
            for problem in refusal.problems:
                field = problem.field if problem.field in form.fields else None
                form.add_error(field, f"{problem.reason}: {problem.fix}")
        else:
            return redirect("submission", receipt=made.receipt)
    page = page_of(submissions_for(actor), cursor=request.GET.get("after") or None)
    told = {
        "form": form,
        "terms_open": not on_terms(actor),
        "rows": [(one, progress_of(one)) for one in page.rows],
        "after": page.after,
    }
    return render(request, "findings/hand_in.html", told, status=422 if form.errors else 200)


@door("findings:submission:read")
@require_safe
def submission(request: HttpRequest, receipt: str) -> HttpResponse:
    """Show how far a submission is; asked for a part, only that."""
    actor = actor_of(request)
    found = submission_for(actor, receipt)
    told = {
        "submission": found,
        "progress": progress_of(found),
        "findings": [(one, key_shown(one, actor)) for one in found.findings.order_by("finder", "finder_ref")],
    }
    part = request.headers.get("HX-Request") == "true"
    return render(request, "findings/_progress.html" if part else "findings/submission.html", told)
