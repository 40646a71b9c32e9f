"""Tests of how long things are kept: the policy as data, and letting go of what is over."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.sessions.models import Session
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from clearinghouse.artefacts import Artefacts
from clearinghouse.edges.models import KeptAnswer
from clearinghouse.errors import Malformed, NotFound, NotPermitted
from clearinghouse.findings.models import RefusedReport, Submission
from clearinghouse.findings.rules import SubmissionState
from clearinghouse.ledger.actions import record
from clearinghouse.ledger.audit import audit
from clearinghouse.ledger.models import Event
from clearinghouse.ledger.sequence import sequence_all
from clearinghouse.operation import retaining, tasks
from clearinghouse.operation.checks import findings
from clearinghouse.operation.queries import the_retention, what_is_over
from clearinghouse.operation.retaining import retain
from clearinghouse.operation.rules import What, parse_retention
from clearinghouse.parties.models import Invitation, Request, Token
from clearinghouse.parties.rules import CLEARINGHOUSE
from clearinghouse.permissions.rules import Role
from tests.advisories.world import World, a_world
from tests.parties.makers import NOON, a_person, a_token, an_organization

VERB = "operation:retention:apply"
LONG_AFTER = NOON + timedelta(days=2000)


def a_policy(**days: object) -> bytes:
    return json.dumps(
        {"name": "p", "keep": [{"what": w, "days": days.get(w.name, 1), "why": ""} for w in What]}
    ).encode()


def test_the_policy_that_comes_along_speaks_of_everything_and_says_why() -> None:
    policy = the_retention()
    assert set(policy.keep) == set(What) and all(one.why for one in policy.keep.values())


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"[]", "an object with a name"),
        (b'{"name": "p", "keep": []}', "does not say how long submissions"),
        (b'{"name": "p", "keep": [{"what": "cases", "days": 1, "why": ""}]}', "nothing that is kept for a time"),
        (b'{"name": "p", "keep": [{"what": "tokens", "days": 1}]}', "has what, days and why"),
        (a_policy(TOKENS=-1), "kept for -1 days"),
        (a_policy(TOKENS=True), "kept for True days"),
        (a_policy(TOKENS="7"), "kept for '7' days"),
        (a_policy(TOKENS=1.5), "kept for 1.5 days"),
        (a_policy().replace(b'"sessions"', b'"tokens"'), "twice"),
    ],
)
def test_a_policy_that_leaves_anything_open_is_refused(data: bytes, said: str) -> None:
    with pytest.raises(Malformed, match=said):
        parse_retention(data)


@given(st.integers(0, 36_500) | st.none())
def test_what_is_kept_for_ever_never_ends_and_the_rest_ends_after_its_days(days: int | None) -> None:
    keep = parse_retention(a_policy(TOKENS=days)).keep[What.TOKENS]
    before = keep.ended_before(LONG_AFTER + timedelta(days=36_500))
    assert (before is None) is (days is None)
    assert days is None or before == LONG_AFTER + timedelta(days=36_500 - days)


@pytest.fixture
def store(tmp_path: Path, settings: Any) -> Artefacts:  # noqa: ANN401 - pytest-django's
    settings.CLEARINGHOUSE_ARTEFACTS = tmp_path / "artefacts"
    return Artefacts(tmp_path / "artefacts")


@pytest.fixture
def world(store: Artefacts) -> World:
    return a_world(store)


def a_submission(store: Artefacts, state: SubmissionState, data: bytes = b"as it came") -> Submission:
    made = Submission.objects.create(
        receipt=f"SUB-{uuid4().hex[:8]}",
        organization=an_organization(),
        person=uuid4(),
        name="r.zip",
        digest=store.put(data),
        size_bytes=len(data),
        state=state,
        read_at=None if state is SubmissionState.QUEUED else NOON,
        created_at=NOON,
    )
    with transaction.atomic():
        record("findings:submission:hand-in", subject=made, actor=CLEARINGHOUSE, at=NOON)
    return made


def let_go(what: What, store: Artefacts, days: int) -> int:
    return retain(what, artefacts=store, actor=CLEARINGHOUSE, at=NOON + timedelta(days=days))


@pytest.mark.django_db(transaction=True)
def test_a_closed_submission_goes_with_its_archive_and_what_the_ledger_told_and_its_reports_stay(
    world: World, store: Artefacts
) -> None:
    done, underway = (a_submission(store, SubmissionState.TAKEN_IN, data) for data in (b"one", b"two"))
    world.findings[0].submissions.add(done)
    world.findings[1].submissions.add(underway)
    type(world.findings[1]).objects.filter(pk=world.findings[1].pk).update(state="judged")
    queued = a_submission(store, SubmissionState.QUEUED, b"three")
    assert let_go(What.SUBMISSIONS, store, 400) == 0, "the moment itself is not yet over"
    assert let_go(What.SUBMISSIONS, store, 401) == 1
    assert set(Submission.objects.all()) == {underway, queued}
    with pytest.raises(NotFound):
        store.get(done.digest)
    assert store.get(underway.digest) == b"two"
    world.findings[0].refresh_from_db()
    assert not Event.objects.filter(kind="submission", subject=str(done.pk), body__isnull=False).exists()
    said = json.loads(bytes(Event.objects.get(verb=VERB).body or b""))["details"]
    assert (said["what"], said["rows"], said["policy"]) == ("submissions", 1, "retention-2026-11")
    sequence_all()
    assert not audit().faults


@pytest.mark.django_db(transaction=True)
def test_a_file_that_something_else_needs_stays(store: Artefacts) -> None:
    gone, same = (a_submission(store, state) for state in (SubmissionState.REFUSED, SubmissionState.QUEUED))
    assert gone.digest == same.digest and let_go(What.REFUSED_REPORTS, store, 91) == 1
    assert store.get(same.digest) == b"as it came"


@pytest.mark.django_db(transaction=True)
def test_refused_reports_go_from_both_tables(store: Artefacts) -> None:
    a_submission(store, SubmissionState.REFUSED)
    RefusedReport.objects.create(name="r", problems=[], received_at=NOON, created_at=NOON)
    assert let_go(What.REFUSED_REPORTS, store, 91) == 2
    assert not Submission.objects.exists() and not RefusedReport.objects.exists()


@pytest.mark.django_db
def test_readings_lose_their_matter_and_acts_that_changed_something_keep_theirs(world: World, store: Artefacts) -> None:
    record("cases:case:read", subject=world.case, actor=CLEARINGHOUSE, at=NOON, details={"file": "proof.yaml"})
    acts = Event.objects.exclude(verb="cases:case:read").filter(body__isnull=False).count()
    assert let_go(What.READINGS, store, 729) == 0 and let_go(What.READINGS, store, 731) == 1
    assert Event.objects.get(verb="cases:case:read").body is None
    assert Event.objects.exclude(verb__in=["cases:case:read", VERB]).exclude(body=None).count() == acts


@pytest.mark.django_db
def test_ended_tokens_unused_links_and_decided_requests_go_and_what_stands_stays(store: Artefacts) -> None:
    person = a_person(Role.FINDER)
    for moment in (NOON, NOON + timedelta(days=400)):
        a_token(person, "parties", at=moment)
    Invitation.objects.create(
        organization=an_organization(), role="finder", invited_by=uuid4(), digest="x", expires_at=NOON, created_at=NOON
    )
    for state in ("open", "withdrawn"):
        asked = {"verb": "cases:marking:lower", "subject_kind": "case", "subject_id": "x", "digest": "0" * 64}
        Request.objects.create(
            **asked, content={"to": "CLEAR"}, requested_by=uuid4(), state=state, why="secret", created_at=NOON
        )
    assert [let_go(one, store, 401) for one in (What.TOKENS, What.INVITATIONS, What.REQUESTS)] == [1, 1, 1]
    assert Token.objects.get().expires_at > NOON + timedelta(days=400)
    assert [one.accepted_by for one in Invitation.objects.all()] == [person]
    kept = {one.state: (one.content, one.why) for one in Request.objects.all()}
    assert kept == {"open": ({"to": "CLEAR"}, "secret"), "withdrawn": ({}, "")}
    assert let_go(What.REQUESTS, store, 500) == 0, "what is empty is not emptied again"


@pytest.mark.django_db
def test_ended_sessions_and_kept_answers_go(store: Artefacts) -> None:
    for key, moment in (("old", NOON), ("new", LONG_AFTER)):
        Session.objects.create(session_key=key, session_data="", expire_date=moment)
        KeptAnswer.objects.create(
            actor=uuid4(), key=key, request="r", status=200, content_type="", body=b"", kept_at=moment
        )
    assert let_go(What.SESSIONS, store, 3) == let_go(What.ANSWERS, store, 3) == 1
    assert Session.objects.get().session_key == KeptAnswer.objects.get().key == "new"


@pytest.mark.django_db
def test_much_goes_in_small_transactions_each_with_its_entry(store: Artefacts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retaining, "BATCH", 2)
    for number in range(5):
        Session.objects.create(session_key=str(number), session_data="", expire_date=NOON)
    assert let_go(What.SESSIONS, store, 3) == 5
    assert Event.objects.filter(verb=VERB).count() == 3


@pytest.mark.django_db(transaction=True)
def test_what_fails_in_between_takes_its_batch_back_and_is_due_again(
    store: Artefacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_submission(store, SubmissionState.REFUSED)

    def broken(*_: object, **__: object) -> None:
        raise IntegrityError("the ledger's database is full")

    with monkeypatch.context() as patched:
        patched.setattr(retaining, "record", broken)
        with pytest.raises(IntegrityError):
            let_go(What.REFUSED_REPORTS, store, 91)
    assert Submission.objects.exists() and store.get(Submission.objects.get().digest)
    assert let_go(What.REFUSED_REPORTS, store, 91) == 1


@pytest.mark.django_db
def test_only_those_who_run_the_installation_let_go(world: World, store: Artefacts) -> None:
    from clearinghouse.parties.queries import actor_for_person

    for person in (world.coordinator, world.finder, world.auditor):
        with pytest.raises(NotPermitted):
            retain(What.TOKENS, artefacts=store, actor=actor_for_person(person, second_factor=True), at=NOON)


@pytest.mark.django_db
def test_the_step_is_due_once_an_hour_and_only_where_people_take_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "_asked", [])
    RefusedReport.objects.create(name="r", problems=[], received_at=NOON - timedelta(days=900), created_at=NOON)
    assert list(tasks.due_retention()) == []
    a_person()
    assert list(tasks.due_retention()) == [], "it was asked a moment ago"
    monkeypatch.setattr(tasks, "_asked", [])
    assert [what for what, _ in tasks.due_retention()] == ["refused-reports"]


@pytest.mark.django_db
def test_the_doctor_says_what_is_over_and_that_nobody_carries_it_out() -> None:
    def said(days: int) -> Any:  # noqa: ANN401
        return next(one for one in findings(at=NOON + timedelta(days=days)) if one.check == "retention")

    RefusedReport.objects.create(name="r", problems=[], received_at=NOON, created_at=NOON)
    a_person()
    assert said(90).is_well and "nothing is over" in said(90).found
    assert said(91).is_well and "1 refused-reports over" in said(91).found
    assert "clearinghouse retention --apply" in said(93).cure
    assert {one.what: one.rows for one in what_is_over(at=NOON + timedelta(days=91))}[What.REFUSED_REPORTS] == 1
