"""The API's operations about people."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema

from clearinghouse.edges.doors import actor_of, door
from clearinghouse.edges.problems import REFUSALS
from clearinghouse.edges.rest import tag
from clearinghouse.parties import queries

router = Router(tags=["parties"])


class WhoAmI(Schema):
    """Who asks, and by what right."""

    id: UUID
    name: str
    email: str
    organization: UUID | None = Field(description="For whom you act now; null without a role.")
    roles: list[str]
    scopes: list[str] | None = Field(description="What your token is for; null when you signed in.")
    second_factor: bool = Field(description="Whether a second factor was shown; some roles count only with one.")


@router.get("/whoami", response={200: WhoAmI} | REFUSALS, operation_id="whoami", summary="Say who asks")
@door("parties:person:read")
def whoami(request: HttpRequest, response: HttpResponse) -> WhoAmI:
    """Return who asks, for which organization, with which roles, and what the token was issued for."""
    actor = actor_of(request)
    person = queries.oneself(actor)
    shown = WhoAmI(
        id=person.pk,
        name=person.name,
        email=person.email,
        organization=actor.organization,
        roles=sorted(actor.roles),
        scopes=None if actor.scopes is None else sorted(actor.scopes),
        second_factor=actor.second_factor,
    )
    tag(response, shown)
    return shown
