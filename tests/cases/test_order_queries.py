"""The order of work asks the database the same number of times, however many cases there are."""

from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clearinghouse.advisories.queries import dossiers_of
from clearinghouse.artefacts import Artefacts
from clearinghouse.cases import actions
from clearinghouse.cases.queries.order import order_of_work, places_for
from clearinghouse.findings.models import Finding
from clearinghouse.findings.rules import FindingState
from clearinghouse.parties.rules import CLEARINGHOUSE, LOCAL
from tests.cases.makers import NOON
from tests.cases.rows import a_finding, a_judgement, a_line, a_range, ids

pytestmark = pytest.mark.django_db


def _more_cases(store: Artefacts, first: int, last: int, new_id: object) -> None:
    for number in range(first, last):
        package = f"pkg:pypi/package-{number}"
        judged = a_judgement(target=f"{package}@5.3", fixed=f"{package}@5.4")
        ranged = a_range(package, a_line(("5.3", "affected"), ("5.4", "unaffected")))
        a_finding(store, f"f-{number}", judgement=judged, releases=ranged)
    actions.join_findings(artefacts=store, new_id=new_id, actor=CLEARINGHOUSE, at=NOON)  # type: ignore[arg-type]


def test_more_cases_take_no_more_questions(tmp_path: Path) -> None:
    store, new_id, asked = Artefacts(tmp_path), ids(), []
    for first, last in ((0, 2), (2, 9)):
        _more_cases(store, first, last, new_id)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert (
                len(order_of_work(LOCAL, at=NOON))
                == len(dossiers_of(places_for(LOCAL, at=NOON), LOCAL, at=NOON))
                == last
            )
        asked.append(len(queries))
    assert asked[0] == asked[1], "the number of questions grows with the number of cases"


def test_a_case_with_a_report_that_is_judged_again_stands_by_its_others(tmp_path: Path) -> None:
    store, new_id = Artefacts(tmp_path), ids()
    a_finding(store, "fa-1")
    again = a_finding(store, "fb-1", finder="finder-b")
    actions.join_findings(artefacts=store, new_id=new_id, actor=CLEARINGHOUSE, at=NOON)
    again.validation.delete()
    Finding.objects.filter(pk=again.pk).update(state=FindingState.TAKEN_IN)
    (standing,) = order_of_work(LOCAL, at=NOON)
    (dossier,) = dossiers_of(places_for(LOCAL, at=NOON), LOCAL, at=NOON)
    assert [one.finder for one in dossier.reports] == ["finder-a"] and len(standing.weighed.reports) == 1
