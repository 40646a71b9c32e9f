"""Tests of clearinghouse/findings/telling.py: whoever hands something in is told as much of it as they wish."""

from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from clearinghouse.artefacts import Artefacts
from clearinghouse.errors import Problem, Refused
from clearinghouse.findings.models import Submission
from clearinghouse.findings.rules import Notify
from clearinghouse.findings.submissions import hand_in, refuse_submission
from clearinghouse.findings.telling import WISHES, tell_finding, tell_read
from clearinghouse.notices.models import Notice
from clearinghouse.notices.rules import Happened
from clearinghouse.parties.models import Person
from clearinghouse.parties.queries import actor_for_person
from clearinghouse.parties.rules import CLEARINGHOUSE
from tests.cases.rows import a_finding
from tests.parties.makers import NOON, a_person

pytestmark = pytest.mark.django_db
JUDGED, SETTLED, READ = Happened.FINDING_JUDGED, Happened.FINDING_SETTLED, Happened.SUBMISSION_READ


@pytest.fixture
def store(tmp_path: Path) -> Artefacts:
    return Artefacts(tmp_path / "artefacts")


def _handed_in(person: Person, notify: Notify, store: Artefacts) -> Submission:
    receipt = f"R{Submission.objects.count():025}"
    return hand_in(
        b"{}", name="a.json", receipt=receipt, artefacts=store, notify=notify, actor=actor_for_person(person), at=NOON
    )


def _told(**to: Any) -> set[str]:  # noqa: ANN401 - Django's look-ups
    return set(Notice.objects.filter(**to).values_list("event", flat=True))


@pytest.mark.parametrize(
    ("notify", "told"),
    [
        (Notify.OFF, set()),
        (Notify.FINAL, {SETTLED}),
        (Notify.MILESTONES, {READ, JUDGED, SETTLED}),
        (Notify.ALL, {READ, JUDGED, SETTLED}),
    ],
)
def test_each_wish_is_told_what_it_names_and_the_office_everything(
    notify: Notify, told: set[Happened], store: Artefacts
) -> None:
    person = a_person()
    home = person.memberships.get().organization
    submission, finding = _handed_in(person, notify, store), a_finding(store, "fa-1")
    finding.organization_id = home.pk
    finding.save()
    submission.findings.add(finding)
    with transaction.atomic():
        tell_read(submission, at=NOON)
        tell_finding(JUDGED, finding, at=NOON)
        tell_finding(SETTLED, finding, at=NOON)
    assert _told(organization=home) == {one.value for one in told}
    assert _told(organization=None, person=None) == {JUDGED, SETTLED}


@pytest.mark.parametrize("notify", Notify)
def test_a_refusal_ends_it_and_is_told_to_all_but_who_wants_nothing(notify: Notify, store: Artefacts) -> None:
    submission = _handed_in(a_person(), notify, store)
    refuse_submission(submission, Refused((Problem("empty", "", "no", "yes"),)), actor=CLEARINGHOUSE, at=NOON)
    assert _told() == (set() if notify is Notify.OFF else {READ})


def test_of_the_same_handed_in_twice_the_greater_wish_counts(store: Artefacts) -> None:
    person = a_person()
    finding = a_finding(store, "fa-1")
    finding.organization_id = person.memberships.get().organization_id
    finding.save()
    finding.submissions.add(_handed_in(person, Notify.OFF, store), _handed_in(person, Notify.ALL, store))
    with transaction.atomic():
        tell_finding(JUDGED, finding, at=NOON)
    assert Notice.objects.filter(organization=finding.organization_id).exists()


def test_every_event_of_a_report_says_by_which_wishes_it_is_told() -> None:
    assert set(WISHES) == {one for one in Happened if one.value.startswith(("submission.", "finding."))} - {
        Happened.FINDING_JOINED
    }
