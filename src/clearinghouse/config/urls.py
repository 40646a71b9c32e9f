"""Every address of the server, on one page; each says whom it serves, or the server does not start."""

from django.urls import URLPattern, URLResolver, path

from clearinghouse.advisories import views as pages
from clearinghouse.cases.views import acts, leaving, requests
from clearinghouse.config import views
from clearinghouse.config.api import api, tap
from clearinghouse.config.sign_in import urlpatterns as sign_in
from clearinghouse.deconfliction.views import coverage, meetings, owners, probes, scans, subscriptions
from clearinghouse.edges.rest import addresses
from clearinghouse.findings import views as findings
from clearinghouse.notices import views as notices
from clearinghouse.operation import views as operation
from clearinghouse.parties.views import consultations, organizations, people, terms

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
    path("cases/<str:name>/seats", requests.ask_for_seat, name="ask-seat"),
    path("cases/<str:name>/seats/<uuid:participant>/leave", requests.leave, name="leave-seat"),
    path("cases/<str:name>/seats/<uuid:participant>/remove", requests.remove_seat, name="remove-seat"),
    path("cases/<str:name>/marking", requests.mark, name="mark"),
    path("cases/<str:name>/consultations", requests.consult, name="consult"),
    path("cases/<str:name>/requests/<uuid:asked>", requests.agree_to, name="agree"),
    path("cases/<str:name>/requests/<uuid:asked>/refuse", requests.refuse, name="refuse"),
    path("cases/<str:name>/requests/<uuid:asked>/withdraw", requests.withdraw, name="take-back"),
    path("cases/<str:name>/joins/undo", acts.undo_join, name="undo"),
    path("hand-in", findings.hand_in, name="hand-in"),
    path("submissions/<str:receipt>", findings.submission, name="submission"),
    path("reports", pages.reports, name="reports"),
    path("reports/<str:key>", pages.report, name="report"),
    path("reports/<str:key>/answer", acts.answer, name="answer"),
    path("questions", pages.questions, name="questions"),
    path("scans", scans.scans, name="scans"),
    path("scans/announce", scans.announce, name="announce"),
    path("scans/figures", coverage.figures, name="scan-figures"),
    path("scans/figures.json", coverage.published, name="published-figures"),
    path("scans/meetings", meetings.meetings, name="meetings"),
    path("scans/own", scans.own_scans, name="own-scans"),
    path("scans/whois", probes.whois_scan, name="whois-scan"),
    path("scans/watch", subscriptions.watch, name="watch"),
    path("scans/watched", subscriptions.watched, name="watched"),
    path("scans/watched/<str:subscription>/end", subscriptions.unwatch, name="unwatch"),
    path("scans/<str:intent>", scans.scan, name="scan"),
    path("scans/<str:intent>/accept", scans.accept, name="accept-scan"),
    path("scans/<str:intent>/start", scans.start, name="start-scan"),
    path("scans/<str:intent>/renew", scans.renew, name="renew-scan"),
    path("scans/<str:intent>/leave-plan", scans.leave_plan, name="leave-plan"),
    path("scans/<str:intent>/declare-emergency", scans.declare_emergency, name="declare-emergency"),
    path("scans/<str:intent>/end", scans.end, name="end-scan"),
    path("scans/<str:intent>/halt", scans.halt, name="halt-scan"),
    path("constraints", owners.constraints, name="constraints"),
    path("constraints/state", owners.state_constraint, name="state-constraint"),
    path("constraints/<str:constraint>/withdraw", owners.withdraw_constraint, name="withdraw-constraint"),
    path("coverage", coverage.coverage, name="coverage"),
    path("coverage/<uuid:coverage>/publish", coverage.publish, name="publish-count"),
    path("owned", owners.owned, name="owned"),
    path("owned/claim", owners.claim, name="claim-ownership"),
    path("owned/authorise", owners.authorise, name="authorise"),
    path("owned/<uuid:ownership>/verify", owners.verify, name="verify-ownership"),
    path("owned/<uuid:ownership>/refuse", owners.refuse, name="refuse-ownership"),
    path("owned/<uuid:ownership>/end", owners.end, name="end-ownership"),
    path(
        "owned/authorisations/<str:authorisation>/withdraw",
        owners.withdraw_authorisation,
        name="withdraw-authorisation",
    ),
    path("consultations", consultations.consultations, name="consultations"),
    path("consultations/<uuid:consultation>/answer", consultations.answer, name="answer-consultation"),
    path("consultations/<uuid:consultation>/withdraw", consultations.withdraw, name="withdraw-consultation"),
    path("account", people.account, name="account"),
    path("account/organization", people.act_for, name="act-for"),
    path("organization", organizations.organization, name="organization"),
    path("organizations", organizations.found, name="found"),
    path("organizations/<uuid:organization>", organizations.another, name="another-organization"),
    path("organizations/<uuid:organization>/name", organizations.rename, name="rename"),
    path("organizations/<uuid:organization>/invitations", organizations.invite, name="invite"),
    path(
        "organizations/<uuid:organization>/invitations/<uuid:invitation>/withdraw",
        organizations.withdraw,
        name="withdraw-invitation",
    ),
    path("organizations/<uuid:organization>/members", organizations.grant, name="grant"),
    path("organizations/<uuid:organization>/members/<uuid:membership>/end", organizations.end, name="end-membership"),
    path(
        "organizations/<uuid:organization>/members/<uuid:membership>/close", organizations.close, name="close-account"
    ),
    path("organization/leave", leaving.leaving, name="leave"),
    path("organization/leave/archive", leaving.take_all, name="take-all"),
    path("organization/leave/now", leaving.go, name="go"),
    path("terms", terms.terms, name="terms"),
    path("terms/<int:version>.json", terms.envelope, name="terms-envelope"),
    path("terms/accept", terms.accept, name="accept-terms"),
    path("terms/end", terms.end, name="end-terms"),
    path("terms/publish", terms.publish, name="publish-terms"),
    path("tokens", people.tokens, name="tokens"),
    path("tokens/<uuid:token>/revoke", people.revoke, name="revoke"),
    path("notices", notices.notices, name="notices"),
    path("webhooks", notices.webhooks, name="webhooks"),
    path("webhooks/<uuid:webhook>", notices.webhook, name="webhook"),
    path("webhooks/<uuid:webhook>/secret", notices.rotate, name="rotate-webhook"),
    path("webhooks/<uuid:webhook>/test", notices.test, name="test-webhook"),
    path("webhooks/<uuid:webhook>/disable", notices.disable, name="disable-webhook"),
    path("webhooks/<uuid:webhook>/enable", notices.enable, name="enable-webhook"),
    path("webhooks/<uuid:webhook>/end", notices.end, name="end-webhook"),
    path("audit", operation.audit, name="audit"),
    path("status", operation.status, name="status"),
    path("metrics", operation.figures, name="metrics"),
    path("health/live", operation.alive, name="alive"),
    path("health/ready", operation.ready, name="ready"),
    path(".well-known/clearinghouse.pub", probes.key, name="public-key"),
    path(".well-known/probing.txt", probes.probing, name="probing"),
    path("join/<str:secret>", people.join, name="join"),
]

handler404 = "clearinghouse.config.views.not_found"
handler500 = "clearinghouse.config.views.failed"
