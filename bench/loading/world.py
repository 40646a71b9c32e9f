"""Builds what the people of ``bench/load.py`` ask for: ``python -m bench.loading.world DATABASE PEOPLE CASES``.

Prints a token of each person, alternately a finder and a coordinator, and the names of the cases, as one line of JSON.
"""

import json
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from clearinghouse.commands.django import start

if TYPE_CHECKING:
    from clearinghouse.cases.models import Case

SCOPES = ["cases", "deconfliction", "findings", "parties", "validation"]


def main(database: str, people: int, cases: int) -> None:
    """Build it, and say who may ask and for what."""
    start(database if "://" in database else Path(database), serving=True)
    from django.conf import settings

    from clearinghouse.artefacts import open_artefacts
    from clearinghouse.parties.rules import CLEARINGHOUSE
    from clearinghouse.sight.asking import asking_as
    from tests.advisories.world import a_world

    with asking_as(CLEARINGHOUSE):
        world = a_world(open_artefacts(settings.CLEARINGHOUSE_ARTEFACTS))
        names = [world.case.public_id, *(_copied(world.case, number) for number in range(cases - 1))]
        print(json.dumps({"tokens": _tokens(people), "cases": names}))


def _copied(case: "Case", number: int) -> str:
    """Copy a case with its reports, and return the name of the copy."""
    from clearinghouse.cases.models import Case, Join
    from clearinghouse.findings.models import Finding
    from clearinghouse.validation.models import Validation

    copy = Case.objects.get(pk=case.pk)
    copy.pk, copy.public_id, copy.key = uuid4(), f"LOAD-{number:08}", uuid4().hex[:16]
    copy.save(force_insert=True)
    for join in Join.objects.filter(case=case, other=None):  # the founding report
        finding, validation = Finding.objects.get(pk=join.finding_id), Validation.objects.get(finding=join.finding_id)
        finding.pk, finding.key, finding.finder_ref = uuid4(), uuid4().hex, f"{finding.finder_ref}-{number}"
        finding.save(force_insert=True)
        validation.pk, validation.finding = uuid4(), finding
        validation.save(force_insert=True)
        join.pk, join.case, join.finding = uuid4(), copy, finding
        join.save(force_insert=True)
    return str(copy.public_id)


def _tokens(people: int) -> list[str]:
    from clearinghouse.parties.actions import issue_token
    from clearinghouse.parties.queries import actor_for_person
    from clearinghouse.permissions.rules import Role
    from tests.parties.makers import a_person

    now, issued = datetime.now(UTC), []  # noqa: TID251 - a process of its own
    for number in range(people):
        person = a_person(Role.COORDINATOR if number % 2 else Role.FINDER, email=f"p{number}@people.example", at=now)
        actor = replace(actor_for_person(person), second_factor=True)
        ends = now + timedelta(days=1)
        issued.append(issue_token("load", scopes=SCOPES, expires_at=ends, actor=actor, at=now)[1])
    return issued


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
