"""Every address of the server, on one page; each says whom it serves, or the server does not start."""

from django.urls import URLPattern, URLResolver, path

from clearinghouse.advisories import views as pages
from clearinghouse.cases import views as acts
from clearinghouse.config import views
from clearinghouse.config.api import api, tap
from clearinghouse.config.sign_in import urlpatterns as sign_in
from clearinghouse.edges.rest import addresses
from clearinghouse.findings import views as findings
from clearinghouse.operation import views as operation
from clearinghouse.parties import views as parties

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.front, name="front"),
    path("api/v1/", addresses(api)),
    path("tap/v1/", addresses(tap)),
    *sign_in,  # with scripts of its own among the static files
    path("static/<path:path>", views.static, name="static"),
    path("cases", pages.queue, name="cases"),
    path("cases/<str:name>", pages.case, name="case"),
    path("cases/<str:name>/files/<str:digest>", pages.file, name="file"),
    path("cases/<str:name>/patches/<str:digest>", pages.patch, name="patch"),
    path("cases/<str:name>/reports/<str:key>.zip", pages.archive, name="archive"),
    path("cases/<str:name>/responses", acts.respond, name="respond"),
    path("cases/<str:name>/responses/<uuid:response>/withdraw", acts.withdraw, name="withdraw"),
    path("cases/<str:name>/responses/<uuid:response>/overrule", acts.overrule, name="overrule"),
    path("cases/<str:name>/embargo/propose", acts.propose, name="propose"),
    path("cases/<str:name>/embargo/accept", acts.accept, name="accept"),
    path("cases/<str:name>/embargo/reject", acts.reject, name="reject"),
    path("cases/<str:name>/embargo/terminate", acts.terminate, name="terminate"),
    path("cases/<str:name>/fixes", acts.hand_in_fix, name="fix"),
    path("cases/<str:name>/seats", acts.ask_for_seat, name="ask-seat"),
    path("cases/<str:name>/seats/asked/<uuid:asked>", acts.agree_to_seat, name="agree"),
    path("cases/<str:name>/seats/<uuid:participant>/remove", acts.remove_seat, name="remove-seat"),
    path("cases/<str:name>/joins/undo", acts.undo_join, name="undo"),
    path("hand-in", findings.hand_in, name="hand-in"),
    path("submissions/<str:receipt>", findings.submission, name="submission"),
    path("reports", pages.reports, name="reports"),
    path("reports/<str:key>", pages.report, name="report"),
    path("reports/<str:key>/answer", acts.answer, name="answer"),
    path("questions", pages.questions, name="questions"),
    path("organization", parties.organization, name="organization"),
    path("organization/invitations", parties.invite, name="invite"),
    path("tokens", parties.tokens, name="tokens"),
    path("tokens/<uuid:token>/revoke", parties.revoke, name="revoke"),
    path("audit", operation.audit, name="audit"),
    path("status", operation.status, name="status"),
    path("join/<str:secret>", parties.join, name="join"),
]

handler404 = "clearinghouse.config.views.not_found"
handler500 = "clearinghouse.config.views.failed"
