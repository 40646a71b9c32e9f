"""Tests of clearinghouse/parties/terms.py and consulting.py."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from clearinghouse.artefacts import Artefacts
from clearinghouse.errors import Conflict, Malformed, NotFound, NotPermitted, StepRefused
from clearinghouse.findings.models import Submission
from clearinghouse.findings.submissions import hand_in
from clearinghouse.parties.consulting import (
    answer_consultation,
    consult,
    consultations_about,
    consultations_for,
    withdraw_consultation,
)
from clearinghouse.parties.models import Acceptance, Consultation, Organization, Terms
from clearinghouse.parties.queries import actor_for_person
from clearinghouse.parties.rules import TERMS_TYPE, AcceptanceState, ConsultationState
from clearinghouse.parties.terms import accept_terms, accepted_terms, end_acceptance, publish_terms
from clearinghouse.permissions.rules import Actor, Role
from clearinghouse.signing.envelopes import open_envelope, parse_envelope
from clearinghouse.signing.keys import SigningKey
from tests.parties.makers import ADMINISTRATOR, NOON, a_person, an_organization

pytestmark = pytest.mark.django_db
KEY = SigningKey(b"\x07" * 32)
DUE = NOON + timedelta(days=7)


def published(text: str = "You may leave at any time.") -> Terms:
    return publish_terms(text, key=KEY, actor=ADMINISTRATOR, at=NOON)


def somebody(*roles: Role) -> Actor:
    return actor_for_person(a_person(*roles), second_factor=True, at=NOON)


def test_terms_are_signed_data_in_versions_that_count_up() -> None:
    first, second = published(), published("You may still leave.")
    assert (first.version, second.version) == (1, 2)
    payload = open_envelope(parse_envelope(second.envelope.encode()), payload_type=TERMS_TYPE, key=KEY.public)
    assert json.loads(payload) == {"version": 2, "text": "You may still leave.", "published_at": NOON.isoformat()}


@pytest.mark.parametrize("text", ["", " \n", "x" * 200_001])
def test_terms_have_a_text(text: str) -> None:
    with pytest.raises(Malformed):
        published(text)


def test_only_administrators_publish_terms() -> None:
    with pytest.raises(NotPermitted):
        publish_terms("mine", key=KEY, actor=somebody(Role.COORDINATOR), at=NOON)


def test_one_person_accepts_for_their_organization_and_a_newer_version_takes_the_place() -> None:
    actor = somebody(Role.FINDER)
    first = accept_terms(published(), actor=actor, at=NOON)
    newer = published("More.")
    second = accept_terms(newer, actor=actor, at=NOON)
    first.refresh_from_db()
    assert (first.state, second.state) == (AcceptanceState.ENDED, AcceptanceState.STANDING)
    assert accepted_terms(actor.organization) == second


def test_terms_are_accepted_once_in_their_newest_version_and_never_by_a_token() -> None:
    actor, old = somebody(Role.FINDER), published()
    newest = published("More.")
    with pytest.raises(Conflict, match="newer"):
        accept_terms(old, actor=actor, at=NOON)
    with pytest.raises(NotPermitted, match="token"):
        accept_terms(newest, actor=replace(actor, scopes=frozenset({"parties"})), at=NOON)
    accept_terms(newest, actor=actor, at=NOON)
    with pytest.raises(Conflict, match="already"):
        accept_terms(newest, actor=actor, at=NOON)
    with pytest.raises(NotPermitted):
        accept_terms(newest, actor=replace(actor, organization=None), at=NOON)


def test_whoever_has_accepted_no_terms_hands_nothing_in_where_there_are_some(tmp_path: Path) -> None:
    actor, store = somebody(Role.FINDER), Artefacts(tmp_path)

    def handed() -> Submission:
        return hand_in(b"x", name="x.json", receipt=f"SUB-{uuid4().hex[:26]}", artefacts=store, actor=actor, at=NOON)

    handed()
    terms = published()
    with pytest.raises(NotPermitted, match="terms"):
        handed()
    accept_terms(terms, actor=actor, at=NOON)
    handed()
    end_acceptance(a_home(actor), actor=actor, at=NOON)
    with pytest.raises(NotPermitted, match="terms"):
        handed()


def a_home(actor: Actor) -> Organization:
    return Organization.objects.get(pk=str(actor.organization))


def test_another_organizations_acceptance_is_not_there() -> None:
    terms, mine, other = published(), somebody(Role.FINDER), somebody(Role.FINDER)
    accept_terms(terms, actor=mine, at=NOON)
    assert not Acceptance.objects.visible_to(other).exists() and Acceptance.objects.visible_to(mine).exists()
    with pytest.raises(NotFound):
        end_acceptance(a_home(mine), actor=other, at=NOON)


def asked(of: Actor, by: Actor | None = None) -> Consultation:
    about = an_organization()
    return consult(
        a_home(of), about, "Is this yours?", due_at=DUE, actor=by or somebody(Role.DETERMINING_OFFICIAL), at=NOON
    )


def test_who_was_asked_when_and_what_they_answered_is_one_record() -> None:
    them, official = somebody(Role.MODEL_DEVELOPER), somebody(Role.DETERMINING_OFFICIAL)
    made = asked(them, official)
    answer_consultation(made, " It is. ", actor=them, at=DUE + timedelta(days=1))
    assert (made.state, made.answer, made.answered_by) == (ConsultationState.ANSWERED, "It is.", them.id)
    assert made.answered_at is not None and made.answered_at > made.due_at, "a late answer is an answer"
    assert list(consultations_for(them)) == list(consultations_for(official)) == [made]
    subject = an_organization()
    assert not consultations_about(subject, official).exists()


def test_another_organization_neither_sees_nor_answers() -> None:
    made, other = asked(somebody(Role.MODEL_DEVELOPER)), somebody(Role.MODEL_DEVELOPER)
    assert not consultations_for(other).exists()
    with pytest.raises(NotFound):
        answer_consultation(made, "mine", actor=other, at=NOON)
    assert Consultation.objects.get().answer == ""


def test_an_answer_is_given_once_and_never_empty() -> None:
    them = somebody(Role.MODEL_DEVELOPER)
    made = asked(them)
    with pytest.raises(Malformed):
        answer_consultation(made, "  ", actor=them, at=NOON)
    answer_consultation(made, "yes", actor=them, at=NOON)
    with pytest.raises((StepRefused, NotPermitted)):
        answer_consultation(made, "no", actor=them, at=NOON)
    assert Consultation.objects.get().answer == "yes"


def test_a_question_is_taken_back_by_who_asked_alone() -> None:
    made = asked(somebody(Role.MODEL_DEVELOPER), official := somebody(Role.DETERMINING_OFFICIAL))
    with pytest.raises(NotPermitted):
        withdraw_consultation(made, actor=somebody(Role.COORDINATOR), at=NOON, why="")
    with pytest.raises(NotFound):
        withdraw_consultation(made, actor=somebody(Role.DETERMINING_OFFICIAL), at=NOON, why="")
    withdraw_consultation(made, actor=official, at=NOON, why="answered otherwise")
    assert made.state == ConsultationState.WITHDRAWN


def test_outsiders_consult_nobody() -> None:
    with pytest.raises(NotPermitted):
        asked(somebody(Role.FINDER), somebody(Role.FINDER))
