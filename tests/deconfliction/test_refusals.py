"""Bad input, through the action itself: each refused with what was found and what would be right, and nothing kept."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from clearinghouse.deconfliction.actions.intents import announce_emergency, announce_intent
from clearinghouse.deconfliction.actions.mappings import add_mapping
from clearinghouse.deconfliction.forms.scans import ScanForm
from clearinghouse.deconfliction.models import Intent, Place
from clearinghouse.deconfliction.queries import meeting, places
from clearinghouse.deconfliction.queries.places import MOST_NEAR
from clearinghouse.deconfliction.rules.announcing import Announcement, announcement_of, contact_of
from clearinghouse.deconfliction.rules.awareness import MOST_MET
from clearinghouse.deconfliction.rules.lifecycle import IntentState, Visibility
from clearinghouse.deconfliction.rules.targets.host import Host
from clearinghouse.deconfliction.rules.targets.kinds import target_from_text, target_of
from clearinghouse.deconfliction.rules.windows import Window
from clearinghouse.errors import Conflict, Malformed, NotPermitted, Refused
from clearinghouse.ledger.models import Event
from clearinghouse.parties.models import Organization
from clearinghouse.permissions.rules import Actor, Role
from tests.deconfliction.makers import HOUR, a_member, a_scan
from tests.parties.makers import NOON

pytestmark = pytest.mark.django_db


def _said(**changes: object) -> Announcement:
    said = a_scan()
    fields = {name: getattr(said, name) for name in said.__dataclass_fields__}
    return Announcement(**{**fields, **changes})


BAD: dict[str, tuple[dict[str, object], str]] = {
    "over": ({"window": Window(NOON - 2 * HOUR, NOON - HOUR)}, "over since"),
    "begun by a clock that is wrong": ({"window": Window(NOON - HOUR, NOON + HOUR)}, "clocks may differ by 5 minutes"),
    "too long": ({"window": Window(NOON, NOON + timedelta(days=31))}, "at most 30, and then renew"),
    "too far ahead": ({"window": Window(NOON + timedelta(days=200), NOON + timedelta(days=201))}, "180 days before"),
    "10,000 targets": (
        {"targets": tuple(Host.read(f"h{number}.example.org") for number in range(10_000))},
        "at most 256 at a time: split them into 40",
    ),
    "no target": ({"targets": ()}, "at least one"),
    "no such technique": ({"technique": "divination"}, "write one of static-analysis"),
    "a technique for something else": (
        {"technique": "static-analysis", "targets": (target_from_text("www.example.org"),)},
        "it is used on software, repository",
    ),
    "nobody to reach": ({"contact": " "}, "whom to reach"),
    "a contact of many lines": ({"contact": "a\nb"}, "one line"),
    "a contact that reaches nobody": ({"contact": "the desk"}, "reaches nobody"),
    "a contact that runs": ({"contact": "javascript:alert(1)"}, "reaches nobody"),
    "no rate": ({"rate_per_second": 0}, "write 1 to"),
    "sources that are none": ({"sources": ("everywhere",)}, "no block"),
    "too many sources": ({"sources": tuple(f"192.0.2.{number}" for number in range(65))}, "at most 64"),
    "a source as wide as a country": ({"sources": ("45.0.0.0/8",)}, "wider than /16"),
    "a source as wide as a continent": ({"sources": ("2600::/24",)}, "wider than /32"),
    "everybody's own machine": ({"sources": ("127.0.0.0/16",)}, "no block of public addresses"),
    "everybody's own network": ({"sources": ("192.168.1.0/24",)}, "no block of public addresses"),
    "everybody's own network of IPv6": ({"sources": ("fd00:1::/48",)}, "no block of public addresses"),
    "addresses of nobody": ({"sources": ("224.0.0.0/16",)}, "no block of public addresses"),
    "a source of a scan that sends nothing": ({"sources": ("192.0.2.0/28",)}, "sends nothing"),
    "a source of a scan that only looks": (
        {
            "technique": "passive-network-scanning",
            "targets": (target_from_text("198.51.100.0/24"),),
            "sources": ("45.1.0.0/16",),
        },
        "sends nothing",
    ),
    "a key that is none": ({"scanner_key": "secret"}, "32 bytes in base64"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_announced_is_refused_with_what_would_be_right(name: str) -> None:
    changes, why = BAD[name]
    with pytest.raises(Malformed, match=why):
        announce_intent(_said(**changes), actor=a_member(), at=NOON)
    assert not (Intent.objects.exists() or Place.objects.exists() or Event.objects.filter(kind="intent").exists())


def test_everything_that_is_wrong_is_told_at_once() -> None:
    said = _said(technique="divination", contact="x", rate_per_second=0, window=Window(NOON - 2 * HOUR, NOON - HOUR))
    with pytest.raises(Refused) as refused:
        announce_intent(said, actor=a_member(), at=NOON)
    assert {one.field for one in refused.value.problems} == {"technique", "contact", "rate_per_second", "ends_at"}


def test_everything_that_is_wrong_as_it_is_written_is_told_at_once() -> None:
    written = {
        "technique": "divination",
        "targets": ["pkg:pypi", "0.0.0.0/0", "pkg:pypi/yaml", '{"kind": 1}'],
        "starts_at": NOON,
        "ends_at": NOON,
        "contact": "x",
        "rate_per_second": None,
        "visibility": Visibility.EVERYONE,
        "sources": ["everywhere"],
        "scanner_key": "k",
    }
    with pytest.raises(Refused) as refused:
        announcement_of(**written)  # type: ignore[arg-type]
    assert [one.field for one in refused.value.problems] == [
        *("targets[0]", "targets[1]", "targets[3]"),
        *("ends_at", "technique", "contact", "sources", "scanner_key"),
    ]


def test_the_form_names_the_line_of_each_target_that_is_none() -> None:
    usual = {"technique": "fuzzing", "starts_at": NOON, "ends_at": NOON + HOUR, "contact": "a@lab.example"}
    form = ScanForm(usual | {"visibility": "everyone", "targets": "pkg:pypi/yaml\n{bad\n0.0.0.0/0"})
    assert form.is_valid()
    with pytest.raises(Refused) as refused:
        form.announcement()
    form.add_refusal(refused.value)
    assert [str(one).partition(":")[0] for one in form.errors["targets"]] == ["line 2", "line 3"]


@pytest.mark.parametrize(
    ("written", "contact"),
    [
        ("a@lab.example", "mailto:a@lab.example"),
        (" mailto:a@lab.example ", "mailto:a@lab.example"),
        ("+1 (201) 555-0123", "tel:+1-201-555-0123"),
        ("https://lab.example/x", "https://lab.example/x"),
    ],
)
def test_a_contact_becomes_an_address_that_a_program_can_follow(written: str, contact: str) -> None:
    assert contact_of(written) == contact


@pytest.mark.parametrize(
    ("plain", "why"),
    [
        ({"kind": "network", "block": "0.0.0.0/0"}, "wider than /8"),
        ({"kind": "network", "block": "::/0"}, "wider than /24"),
        ({"kind": "software", "package": "pkg:pypi/x", "paths": "*/" * 9 + "*"}, "at most 8"),
        ({"kind": "software", "package": "pkg:pypi/x", "paths": "a" * 257}, "at most 256"),
        ({"kind": "software", "package": "not a purl"}, "pkg:"),
        ({"kind": "repository", "url": "javascript:alert(1)"}, "no address"),
    ],
)
def test_targets_that_nobody_means_are_refused_before_anything_is_asked(plain: dict[str, str], why: str) -> None:
    with pytest.raises(Malformed, match=why):
        target_of(plain)


def test_a_window_that_runs_backwards_does_not_come_to_be() -> None:
    with pytest.raises(Malformed, match="it has to end later"):
        Window(NOON, NOON - HOUR)
    with pytest.raises(Malformed, match="timezone"):
        Window(datetime(2026, 1, 1), datetime(2026, 1, 2, tzinfo=UTC))  # noqa: DTZ001 - what is refused


@pytest.mark.parametrize("role", [Role.SOC, Role.AUDITOR, Role.ADMINISTRATOR, Role.PROGRAMME_OFFICER])
def test_whoever_does_not_scan_announces_nothing(role: Role) -> None:
    with pytest.raises(NotPermitted):
        announce_intent(a_scan(), actor=a_member(role), at=NOON)


def test_whoever_acts_for_no_organization_announces_nothing() -> None:
    actor = Actor(a_member().id, "nobody's", frozenset({Role.FINDER}))
    with pytest.raises(NotPermitted):
        announce_intent(a_scan(), actor=actor, at=NOON)


def test_a_token_for_something_else_announces_nothing() -> None:
    member = a_member()
    actor = Actor(member.id, "token", member.roles, member.organization, frozenset({"cases"}))
    with pytest.raises(NotPermitted, match="scope"):
        announce_intent(a_scan(), actor=actor, at=NOON)


@pytest.mark.parametrize(
    ("package", "url", "folder"),
    [
        ("pkg:pypi/x*", "https://example.org/x", ""),
        ("pkg:pypi/x@1.0", "https://example.org/x", ""),
        ("pkg:pypi/x", "not an address", ""),
        ("pkg:pypi/x", "https://example.org/x", "*"),
        ("pkg:pypi/x", "https://example.org/x", "../up"),
        ("pkg:pypi/x", "https://example.org/x", "a/" * 80 + "a"),
    ],
)
def test_a_mapping_that_says_nothing_sensible_is_refused(package: str, url: str, folder: str) -> None:
    with pytest.raises(Malformed):
        add_mapping(package, url, folder=folder, actor=a_member(), at=NOON)


def test_a_mapping_that_stands_is_not_added_again() -> None:
    add_mapping("pkg:pypi/x", "https://example.org/x", actor=a_member(), at=NOON)
    with pytest.raises(Conflict, match="already"):
        add_mapping("pkg:pypi/x", "https://example.org/x.git", actor=a_member(), at=NOON)


def _many(count: int, *, visibility: Visibility = Visibility.EVERYONE) -> None:
    """Let so many scans of one package stand, as if each had been announced by an organization of its own."""
    first = announce_intent(a_scan(visibility=visibility), actor=a_member(), at=NOON).intent
    (cell, *_), text = sorted(a_scan().targets[0].cells.searched), Place.objects.filter(subject_id=first.pk)[0].target
    homes = [Organization(name=f"Scanner {number}", created_at=NOON) for number in range(count)]
    Organization.objects.bulk_create(homes)
    rows = [
        Intent(
            **{
                **_fields(first),
                "id": uuid4(),
                "organization_id": home.pk,
                "public_id": f"SCAN-{number:010}",
                "version_key": str(number),
            }
        )
        for number, home in enumerate(homes)
    ]
    Intent.objects.bulk_create(rows)
    window = {"starts_at": first.starts_at, "ends_at": first.ends_at}
    Place.objects.bulk_create(
        Place(cell=cell, of="intent", holder=row.organization_id, subject_id=row.pk, number=0, target=text, **window)
        for row in rows
    )


def _fields(row: Intent) -> dict[str, object]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_whoever_meets_more_than_anybody_can_have_seen_is_refused_and_nothing_is_passed_over() -> None:
    _many(MOST_MET)
    with pytest.raises(Conflict, match="meets 1001 others"):
        announce_intent(a_scan(), actor=a_member(), at=NOON)
    assert announce_emergency(a_scan(), why="now", actor=a_member(), at=NOON).intent.state == IntentState.EMERGENCY


def test_a_count_tells_nothing_of_what_may_not_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    _many(5, visibility=Visibility.THOSE_MET)
    monkeypatch.setattr(meeting, "MOST_MET", 2)
    monkeypatch.setattr(places, "MOST_NEAR", 3)
    asking = a_member()
    found = meeting.look(a_scan(), actor=asking, at=NOON)
    assert (found.met, found.own, found.refusals) == ((), (), ())
    assert announce_intent(a_scan(), actor=asking, at=NOON).intent.state == IntentState.ACCEPTED
    with pytest.raises(Conflict, match="nothing is passed over"):
        meeting.look(a_scan(), actor=asking, at=NOON)
    monkeypatch.setattr(places, "MOST_NEAR", 20)
    with pytest.raises(Conflict, match="this meets 6 others"):
        meeting.look(a_scan(), actor=asking, at=NOON)


def test_whoever_has_more_near_than_one_question_looks_at_is_refused() -> None:
    first = announce_intent(a_scan(technique="static-analysis"), actor=a_member(), at=NOON).intent
    place = Place.objects.filter(subject_id=first.pk)[0]
    cell = next(one for one in a_scan().targets[0].cells.searched)
    fields = {"of": "intent", "holder": uuid4(), "subject_id": first.pk, "target": place.target}
    window = {"starts_at": place.starts_at, "ends_at": place.ends_at}
    Place.objects.bulk_create(
        [Place(cell=cell, number=number, **fields, **window) for number in range(MOST_NEAR + 1)], batch_size=2_000
    )
    with pytest.raises(Conflict, match="nothing is passed over"):
        announce_intent(a_scan(), actor=a_member(), at=NOON)
