"""What owners and participants say, in the database of this machine: the same actions, shown as the API shows them."""

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, ValidationError

from clearinghouse.commands.scan_options import id_from
from clearinghouse.commands.scans import now
from clearinghouse.deconfliction.actions import owners as actions
from clearinghouse.deconfliction.actions.availability import say_availability
from clearinghouse.deconfliction.actions.mappings import add_mapping, withdraw_mapping
from clearinghouse.deconfliction.asked import AuthorisationWanted, OwnershipWanted
from clearinghouse.deconfliction.queries.intents import own_organization
from clearinghouse.deconfliction.queries.registered import (
    authorisation_for,
    authorisations_for,
    availabilities_for,
    mapping_for,
    mappings_about,
    mappings_for,
    ownership_for,
    ownerships_for,
    scanner_named,
)
from clearinghouse.deconfliction.rules.lifecycle import Answering
from clearinghouse.deconfliction.rules.targets.kinds import target_from, targets_from
from clearinghouse.deconfliction.rules.windows import Window
from clearinghouse.deconfliction.shown import authorisation_shown, mapping_shown, ownership_shown
from clearinghouse.deconfliction.shown_availability import availability_shown
from clearinghouse.errors import Malformed, Problem, Refused
from clearinghouse.parties.actions import local_actor
from clearinghouse.parties.queries import organization_for
from clearinghouse_client.intents import Plain


class OwnersHere:
    """What owners and participants say, as whoever holds the database sees it."""

    def __init__(self) -> None:
        self._actor = local_actor(at=now())

    def mappings(self, of: str = "") -> Iterator[Plain]:
        """Yield which packages are built from which repositories."""
        found = mappings_for(self._actor)
        for one in mappings_about(found, of) if of else found:
            yield mapping_shown(one).model_dump(mode="json")

    def add_mapping(self, package: str, url: str, *, folder: str = "") -> Plain:
        """Say from which repository a package is built."""
        made = add_mapping(package, url, folder=folder, actor=self._actor, at=now())
        return mapping_shown(made).model_dump(mode="json")

    def withdraw_mapping(self, name: str, *, why: str = "") -> Plain:
        """Say it no longer."""
        found = mapping_for(self._actor, id_from(name, "mapping"))
        withdraw_mapping(found, why=why, actor=self._actor, at=now())
        return mapping_shown(found).model_dump(mode="json")

    def availabilities(self) -> Iterator[Plain]:
        """Yield who is said to be down, or to answer again."""
        for one in availabilities_for(self._actor):
            yield availability_shown(one).model_dump(mode="json")

    def say_availability(self, answering: str, *, why: str = "", organization: str = "") -> Plain:
        """Say whether an organization answers."""
        asked = id_from(organization, "organization") if organization else None
        home = organization_for(self._actor, asked) if asked else own_organization(self._actor)
        said = say_availability(home, Answering(answering), why=why, actor=self._actor, at=now())
        return availability_shown(said).model_dump(mode="json")

    def ownerships(self) -> Iterator[Plain]:
        """Yield what is known to be whose."""
        for one in ownerships_for(self._actor):
            yield ownership_shown(self._actor, one).model_dump(mode="json")

    def claim_ownership(self, said: Plain) -> Plain:
        """Say that something is one's own."""
        wanted = read_as(OwnershipWanted, said)
        made = actions.claim_ownership(
            own_organization(self._actor),
            target_from(wanted.target),
            criticality=wanted.criticality,
            evidence=wanted.evidence,
            contact=wanted.contact,
            actor=self._actor,
            at=now(),
        )
        return ownership_shown(self._actor, made).model_dump(mode="json")

    def decide_ownership(self, name: str, step: str, *, why: str) -> Plain:
        """Verify or refuse a claim, or end what is on record."""
        found = ownership_for(self._actor, id_from(name, "ownership"))
        if step == "verify":
            actions.verify_ownership(found, why=why, actor=self._actor, at=now())
        elif step == "refuse":
            actions.refuse_ownership(found, why=why, actor=self._actor, at=now())
        else:
            actions.end_ownership(found, why=why, actor=self._actor, at=now())
        found.refresh_from_db()
        return ownership_shown(self._actor, found).model_dump(mode="json")

    def authorisations(self) -> Iterator[Plain]:
        """Yield the authorisations that were given."""
        for one in authorisations_for(self._actor):
            yield authorisation_shown(one).model_dump(mode="json")

    def give_authorisation(self, said: Plain) -> Plain:
        """Let another organization scan what is one's own."""
        wanted = read_as(AuthorisationWanted, said)
        made = actions.give_authorisation(
            own_organization(self._actor),
            scanner_named(wanted.scanner),
            targets_from(wanted.targets),
            Window(wanted.starts_at, wanted.ends_at),
            allowed=wanted.techniques,
            rate_per_second=wanted.rate_per_second,
            reference=wanted.reference,
            actor=self._actor,
            at=now(),
        )
        return authorisation_shown(made).model_dump(mode="json")

    def withdraw_authorisation(self, name: str, *, why: str = "") -> Plain:
        """Take one's word back."""
        actions.withdraw_authorisation(authorisation_for(self._actor, name), why=why, actor=self._actor, at=now())
        return authorisation_shown(authorisation_for(self._actor, name)).model_dump(mode="json")


def read_as[S: BaseModel](schema: type[S], said: Plain) -> S:
    """Return what was said as the API would read it.

    Raises:
        Refused: it does not have the shape.
    """
    try:
        return schema.model_validate(dict(said))
    except ValidationError as error:
        problems = tuple(_problem(one) for one in error.errors())
        raise (Refused(problems) if problems else Malformed(str(error))) from None


def _problem(one: Any) -> Problem:  # noqa: ANN401 - pydantic's
    where = ".".join(str(part) for part in one["loc"])
    return Problem(str(one["type"]).replace("_", "-"), where, str(one["msg"]), "see --help")
