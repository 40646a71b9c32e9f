"""Asking an organization for its view on a case, as far as the marking of the case lets it be told."""

from datetime import datetime

from clearinghouse.cases.models import Case
from clearinghouse.cases.queries.marks import marking_of
from clearinghouse.errors import Malformed
from clearinghouse.parties.consulting import consult
from clearinghouse.parties.models import Consultation
from clearinghouse.parties.queries import organization_named
from clearinghouse.permissions.rules import Actor
from clearinghouse.permissions.table import demand
from clearinghouse.standards.tlp import Recipient, may_be_told


def ask_about_case(
    case: Case, organization: str, question: str, *, due_at: datetime, actor: Actor, at: datetime
) -> Consultation:
    """Ask an organization, by its name, for its view on a case.

    Raises:
        NotFound: the actor may not know of the case.
        NotPermitted: the actor may not ask.
        Malformed: there is no such organization, the marking of the case is for named people alone, nothing is asked,
            or the time to answer is over.
    """
    demand(actor, "cases:case:read", case)
    demand(actor, "parties:consultation:ask")
    label = marking_of(case)
    if not may_be_told(label, Recipient.ORGANIZATION):
        raise Malformed(f"the case is TLP:{label}, for named people alone; lower the marking before you consult")
    asked = organization_named(actor, organization)
    if asked is None:
        raise Malformed(f"there is no organization {organization!r}; write its name as it stands there")
    return consult(asked, case, question, due_at=due_at, actor=actor, at=at)
