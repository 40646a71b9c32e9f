"""What organizations were asked, and their answers."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from clearinghouse.edges.doors import actor_of, door
from clearinghouse.edges.portal import cleaned
from clearinghouse.parties.consulting import (
    answer_consultation,
    consultation_for,
    consultations_for,
    withdraw_consultation,
)
from clearinghouse.parties.forms import ConsultationAnswerForm, WhyForm
from clearinghouse.permissions.table import the_table


@door("parties:consultation:read")
@require_safe
def consultations(request: HttpRequest) -> HttpResponse:
    """Show what one's organization was asked, and what one may see of others, the latest first."""
    actor, at, table = actor_of(request), timezone.now(), the_table()
    rows = [
        {
            "it": one,
            "is_late": one.state == "asked" and one.due_at < at,
            "answer": table.decide(actor, "parties:consultation:answer", one).allowed,
            "withdraw": table.decide(actor, "parties:consultation:withdraw", one).allowed,
        }
        for one in consultations_for(actor)
    ]
    return render(request, "parties/consultations.html", {"rows": rows})


@door("parties:consultation:answer")
@require_POST
def answer(request: HttpRequest, consultation: UUID) -> HttpResponse:
    """Answer for the organization that was asked."""
    actor = actor_of(request)
    found, said = consultation_for(actor, consultation), cleaned(ConsultationAnswerForm(request.POST))
    answer_consultation(found, said["answer"], actor=actor, at=timezone.now())
    messages.success(request, "Your answer is given; it stays as it is.")
    return redirect("consultations")


@door("parties:consultation:withdraw")
@require_POST
def withdraw(request: HttpRequest, consultation: UUID) -> HttpResponse:
    """Take a question back."""
    actor = actor_of(request)
    found, why = consultation_for(actor, consultation), cleaned(WhyForm(request.POST))["why"]
    withdraw_consultation(found, actor=actor, at=timezone.now(), why=why)
    messages.success(request, "The question is taken back; that it was asked stays on record.")
    return redirect("consultations")
