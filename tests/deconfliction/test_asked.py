"""What owners ask is told in full to whoever meets it: when, how fast, why, and whom to ask; by every door alike."""

from datetime import timedelta

import pytest
from django.test import Client

from clearinghouse.commands.meeting import met_lines
from clearinghouse.deconfliction.actions.intents import announce_intent
from clearinghouse.deconfliction.actions.owners import claim_ownership, state_constraint, verify_ownership
from clearinghouse.deconfliction.models import Constraint, Intent
from clearinghouse.deconfliction.queries.meeting import look
from clearinghouse.deconfliction.rules.lifecycle import ConstraintKind
from clearinghouse.deconfliction.rules.targets.kinds import target_from_text
from clearinghouse.deconfliction.rules.windows import Times, Window, weekly
from clearinghouse.errors import HeldBack, Malformed, Unaware
from clearinghouse.permissions.rules import Actor, Role
from tests.advisories.world import signed_in
from tests.deconfliction.makers import HOUR, a_member, a_scan, a_window, an_owner, home_of
from tests.parties.makers import NOON, a_person, a_token, right_now

pytestmark = pytest.mark.django_db
NIGHTS = Times(weekly=weekly(["saturday", "sunday"], "22:00", "06:00"))
WORDS = "saturday, sunday 22:00-06:00 each week UTC"
PACKAGE = "pkg:pypi/pyyaml"


def _asked(owner: Actor, says: ConstraintKind, **more: object) -> Constraint:
    said = {"why": "production", "contact": "ops@owner.example", **more}
    target = target_from_text(PACKAGE)
    return state_constraint(home_of(owner), says, target, **said, actor=owner, at=NOON)[0]  # type: ignore[arg-type]


def test_a_refusal_tells_all_that_a_constraint_says() -> None:
    owner = a_member(Role.MAINTAINER)
    nights = _asked(owner, ConstraintKind.ONLY_IN_WINDOWS, times=NIGHTS)
    slow = _asked(owner, ConstraintKind.AT_MOST_RATE, rate_per_second=3)
    with pytest.raises(Unaware) as refused:
        announce_intent(a_scan(), actor=a_member(), at=NOON)
    told = {str(one["id"]): one for one in refused.value.references}
    assert told[nights.public_id]["when"] == WORDS
    assert told[nights.public_id]["times"] == NIGHTS.plain()
    assert told[slow.public_id]["rate_per_second"] == 3
    for one in told.values():
        assert (one["why"], one["contact"]) == ("production", "mailto:ops@owner.example")
    lines = "\n".join(met_lines(refused.value.references))
    for part in (WORDS, "at most 3 a second", "ask mailto:ops@owner.example", "why: production"):
        assert part in lines


def test_what_binds_says_when_it_would_not_why_and_whom_to_ask() -> None:
    owner, _ = an_owner(PACKAGE, role=Role.MAINTAINER)
    _asked(owner, ConstraintKind.ONLY_IN_WINDOWS, times=NIGHTS)
    (held,) = look(a_scan(), actor=a_member(), at=NOON).refusals
    assert WORDS in held.reason and "production" in held.reason
    with pytest.raises(HeldBack) as refused:
        announce_intent(a_scan(), actor=a_member(), at=NOON)
    assert refused.value.problems[0].fix == "ask its owner: mailto:ops@owner.example"


def test_a_missing_authorisation_names_whom_to_ask_for_it() -> None:
    owner, block = a_member(Role.OPERATOR), target_from_text("198.51.100.0/24")
    said = {"criticality": 3, "evidence": "a record", "contact": "+1 202 555 0123", "actor": owner, "at": NOON}
    claimed = claim_ownership(home_of(owner), block, **said)  # type: ignore[arg-type]
    verify_ownership(claimed, why="looked", actor=a_member(Role.COORDINATOR), at=NOON)
    with pytest.raises(HeldBack) as refused:
        announce_intent(a_scan("198.51.100.7", technique="active-network-scanning"), actor=a_member(), at=NOON)
    assert [one.fix for one in refused.value.problems] == ["ask its owner: tel:+1-202-555-0123"]


@pytest.mark.parametrize(("contact", "why"), [("", "name the contact"), ("nobody", "reaches nobody")])
def test_who_wants_to_be_asked_says_whom_to_ask(contact: str, why: str) -> None:
    with pytest.raises(Malformed, match=why):
        _asked(a_member(Role.MAINTAINER), ConstraintKind.ASK_FIRST, contact=contact)


def test_api_and_pages_tell_it_too() -> None:
    finder, now = a_person(Role.FINDER, at=right_now()), right_now()
    maker = a_person(Role.MAINTAINER, at=right_now())
    api = Client(headers={"Authorization": f"Bearer {a_token(maker, 'deconfliction', at=now)}"})
    minutes = NIGHTS.plain()["weekly"]
    said = {"says": "only-in-windows", "target": PACKAGE, "times": {"weekly": minutes}, "contact": "ops@owner.example"}
    made = api.post("/api/v1/constraints", said, "application/json").json()["constraint"]
    assert (made["when"], made["contact"]) == (WORDS, "mailto:ops@owner.example")
    scan = {
        "technique": "fuzzing",
        "targets": [PACKAGE],
        "contact": "ada@people.example",
        "starts_at": now.isoformat(),
        "ends_at": (now + HOUR).isoformat(),
    }
    asking = Client(headers={"Authorization": f"Bearer {a_token(finder, 'deconfliction', at=now)}"})
    (met,) = asking.post("/api/v1/intents/check", scan, "application/json").json()["met"]
    assert (met["when"], met["contact"]) == (WORDS, "mailto:ops@owner.example")
    asked_first = api.post("/api/v1/constraints", {"says": "ask-first", "target": PACKAGE}, "application/json")
    assert asked_first.status_code == 422 and "contact" in asked_first.json()["detail"]
    look_at = signed_in(finder)
    for path in ("/constraints", f"/scans?target={PACKAGE}"):
        page = look_at.get(path).content.decode()
        assert WORDS in page and "ops@owner.example" in page, path
    form = {
        "technique": "fuzzing",
        "targets": PACKAGE,
        "contact": "ada@people.example",
        "starts_at": f"{now:%Y-%m-%dT%H:%M}",
        "ends_at": f"{now + timedelta(hours=1):%Y-%m-%dT%H:%M}",
        "visibility": "everyone",
        "do": "look",
    }
    page = look_at.post("/scans/announce", form).content.decode()
    assert WORDS in page and "ops@owner.example" in page
    assert not Intent.objects.exists()


def test_times_are_told_in_words_that_can_be_written_again() -> None:
    long = (timedelta(days=4, hours=18), timedelta(days=7, hours=6))
    times = Times((a_window(),), (*NIGHTS.weekly, long))
    once = Window(NOON, NOON + 4 * HOUR)
    assert str(times) == (f"friday 18:00 until monday 06:00 each week; saturday, sunday 22:00-06:00 each week; {once}")
