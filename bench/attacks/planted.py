"""Small leaks put into a server on purpose, one at a time: the comparison of two worlds has to find each."""

from collections.abc import Callable
from typing import Any


def plant(name: str) -> None:
    """Put one leak in; an empty name puts in none."""
    if name:
        PLANTED[name]()


def _number_of_cases() -> int:
    from clearinghouse.cases.models import Case
    from clearinghouse.sight.asking import beyond_sight

    with beyond_sight():
        return Case.objects.count()


def _one_byte() -> None:
    """The page of what is not there ends with a space more for what is only hidden."""
    from clearinghouse.cases.models import Case
    from clearinghouse.edges import portal
    from clearinghouse.sight.asking import beyond_sight

    whole = portal.not_found

    def not_found(request: Any) -> Any:  # noqa: ANN401 - Django's
        answer = whole(request)
        with beyond_sight():
            named = Case.objects.filter(public_id__in=request.path.split("/")).exists()
        answer.content += b" " if named else b""
        return answer

    vars(portal)["not_found"] = not_found


def _one_count() -> None:
    """A queue counts one case too many: one that is not for whoever looks."""
    from clearinghouse.advisories import views

    render = vars(views)["render"]

    def counted(request: Any, template: str, told: dict[str, Any], **more: Any) -> Any:  # noqa: ANN401 - Django's
        if "bands" in told:
            address, label, count, shown = told["bands"][0]
            told["bands"][0] = address, label, count + (_number_of_cases() > 3), shown  # noqa: PLR2004 - as are open
        return render(request, template, told, **more)

    vars(views)["render"] = counted


def _one_order() -> None:
    """A list is turned round when there is something hidden."""
    from clearinghouse.findings import queries

    whole = queries.findings_for

    def turned(actor: Any) -> Any:  # noqa: ANN401 - a query
        found = whole(actor)
        return found.reverse() if _number_of_cases() > 3 else found  # noqa: PLR2004 - more than are open

    vars(queries)["findings_for"] = turned


def _one_header() -> None:
    """An entity tag is made of more than what is shown."""
    from clearinghouse.edges import rest

    whole = rest.etag_of
    vars(rest)["etag_of"] = lambda shown: whole(shown).replace("a", "b") if _number_of_cases() > 3 else whole(shown)  # noqa: PLR2004


def _one_key() -> None:
    """A report that others handed in before is told of by another key than its content has: as it was until found."""
    from clearinghouse.advisories import queries, views
    from clearinghouse.findings import views as of_findings

    for module in (queries, views, of_findings):
        vars(module)["key_shown"] = lambda finding, _: finding.key


def _one_letter() -> None:
    """Somebody is written to when an address signs in that is known here in secret."""
    from allauth.account import auth_backends
    from django.core.mail import send_mail

    from clearinghouse.parties.models import Person

    backend = auth_backends.AuthenticationBackend
    whole = backend.authenticate

    def authenticate(self: Any, request: Any, **said: Any) -> Any:  # noqa: ANN401 - allauth's
        if Person.objects.filter(email=said.get("email")).exists():
            send_mail("signed in", "was it you?", None, [said["email"]])
        return whole(self, request, **said)

    backend.authenticate = authenticate


PLANTED: dict[str, Callable[[], None]] = {
    "byte": _one_byte,
    "count": _one_count,
    "order": _one_order,
    "header": _one_header,
    "key": _one_key,
    "letter": _one_letter,
}
