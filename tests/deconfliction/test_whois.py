"""Friend or foe asked of the rows: whoever may see a scan is told whose it is, as it stands now."""

import base64
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest

from clearinghouse.artefacts import Artefacts
from clearinghouse.deconfliction.actions.intents import (
    announce_intent,
    draft_intent,
    end_intent,
    leave_plan,
    renew_intent,
    start_intent,
)
from clearinghouse.deconfliction.actions.lists import keep_lists, publish_lists
from clearinghouse.deconfliction.actions.owners import end_ownership
from clearinghouse.deconfliction.actions.requests import examine_request
from clearinghouse.deconfliction.models import Intent, ScanSource, ShownRequest
from clearinghouse.deconfliction.queries.lists import due_lists, list_for
from clearinghouse.deconfliction.queries.sightings import whois
from clearinghouse.deconfliction.queries.warrants import warrant_for
from clearinghouse.deconfliction.rules.lifecycle import Visibility
from clearinghouse.deconfliction.rules.prefixes import parse_address
from clearinghouse.deconfliction.rules.requests import read_request
from clearinghouse.deconfliction.rules.scan_list import MEMBERS, ask, open_list
from clearinghouse.deconfliction.rules.sightings import MOST_SHOWN, Answer, Standing, Why, sighting_of
from clearinghouse.deconfliction.rules.telling import told
from clearinghouse.deconfliction.rules.warrants import open_warrant
from clearinghouse.edges.models import KeptFile
from clearinghouse.errors import Malformed, NotFound, NotPermitted, StepRefused, Unavailable
from clearinghouse.parties.rules import CLEARINGHOUSE
from clearinghouse.permissions.rules import Actor, Role
from tests.deconfliction.makers import HOUR, SOURCE, a_member, a_scan, an_owner, announced, authorised
from tests.deconfliction.rules.test_requests import SCANNER, a_request
from tests.deconfliction.rules.test_warrants import HOUSE
from tests.parties.makers import NOON

pytestmark = pytest.mark.django_db
NETWORK, INSIDE, FROM = "198.51.100.0/24", "198.51.100.9", "192.0.2.7"
TECHNIQUE = "active-network-scanning"
ORIGIN = "https://clearinghouse.example"


def the_scan(owner: Actor, scanner: Actor, **said: object) -> Intent:
    """Return a scan of the owner's network that stands, noon to four."""
    authorised(owner, scanner, NETWORK)
    scan = replace(a_scan(NETWORK, technique=TECHNIQUE, rate=50), scanner_key=_key(), **said)  # type: ignore[arg-type]
    return announced(scan, scanner).intent


def _key() -> str:
    return base64.b64encode(SCANNER.public.raw).decode()


def asked(
    actor: Actor, *, source: str = FROM, target: str = "", at: datetime = NOON, rate: int | None = None
) -> Answer:
    return whois(sighting_of(source, at=at, target=target, rate_per_second=rate), actor=actor)


def test_a_soc_learns_whose_a_probe_is_and_whom_to_reach() -> None:
    owner, _ = an_owner(NETWORK)
    intent = the_scan(owner, a_member())
    found = asked(a_member(Role.SOC), target=f"{INSIDE}:443")
    assert found.standing is Standing.REGISTERED
    (match,) = found.matches
    assert (match.scan.intent, match.scan.contact) == (intent.public_id, intent.contact)
    assert match.scan.scanner == intent.organization.name


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"at": NOON + 5 * HOUR}, Why.WINDOW),
        ({"at": NOON - HOUR}, Why.WINDOW),
        ({"target": "203.0.113.9"}, Why.SCOPE),
        ({"rate": 51}, Why.RATE),
    ],
)
def test_what_does_not_fit_is_said(said: dict[str, object], why: Why) -> None:
    owner, _ = an_owner(NETWORK)
    the_scan(owner, a_member())
    found = asked(a_member(Role.SOC), **said)  # type: ignore[arg-type]
    assert found.standing is Standing.OUTSIDE
    assert [one.why for one in found.matches[0].misses] == [why]


def test_another_address_is_unknown_and_ipv4_is_known_by_either_way_to_write_it() -> None:
    owner, _ = an_owner(NETWORK)
    the_scan(owner, a_member())
    soc = a_member(Role.SOC)
    assert asked(soc, source="192.0.2.16").standing is Standing.UNKNOWN
    assert asked(soc, source=f"::ffff:{FROM}").standing is Standing.REGISTERED


def test_an_ended_scan_is_told_as_ended_at_once_and_was_registered_before() -> None:
    owner, _ = an_owner(NETWORK)
    scanner = a_member()
    intent = the_scan(owner, scanner)
    end_intent(intent, actor=scanner, at=NOON + HOUR)
    soc = a_member(Role.SOC)
    assert asked(soc, at=NOON + HOUR / 2).standing is Standing.REGISTERED
    found = asked(soc, at=NOON + HOUR)
    assert [one.why for one in found.matches[0].misses] == [Why.REVOKED]


def test_a_renewed_scan_is_known_for_all_its_time() -> None:
    owner, _ = an_owner(NETWORK)
    scanner = a_member()
    intent = the_scan(owner, scanner)
    renew_intent(intent, NOON + 9 * HOUR, version=intent.version_key, actor=scanner, at=NOON + 3 * HOUR)
    soc = a_member(Role.SOC)
    for hours in (0, 2, 5, 8):
        assert asked(soc, at=NOON + hours * HOUR).standing is Standing.REGISTERED, hours
    assert asked(soc, at=NOON + 9 * HOUR).standing is Standing.OUTSIDE


def _only_looks() -> Intent:
    """Return a scan that sends nothing, and whose sources were kept before such scans could name none."""
    said = a_scan(NETWORK, technique="passive-network-scanning")
    intent = announce_intent(replace(said, scanner_key=_key()), actor=a_member(), at=NOON).intent
    ScanSource.objects.create(intent=intent, block=SOURCE, starts_at=NOON, ends_at=NOON + HOUR)
    return intent


@pytest.mark.parametrize("target", ["", INSIDE])
def test_a_scan_that_announced_to_send_nothing_makes_no_friend_of_whoever_probes(target: str, tmp_path: Path) -> None:
    owner, _ = an_owner(NETWORK)
    intent = _only_looks()
    for actor in (owner, a_member(Role.SOC)):
        found = asked(actor, target=target)
        assert found.standing is Standing.OUTSIDE
        assert [one.why for one in found.matches[0].misses] == [Why.TECHNIQUE]
        assert "sends nothing, and no owner was asked" in found.sentence
        assert told(found)["scans"][0]["authorised"] is False
    keep_lists(Artefacts(tmp_path), origin=ORIGIN, key=HOUSE, actor=CLEARINGHOUSE, at=NOON)
    for of_own in (False, True):
        there = open_list(list_for(Artefacts(tmp_path), of_own=of_own, actor=owner), key=HOUSE.public)
        assert ask([there], sighting_of(FROM, at=NOON, target=target)).standing is Standing.UNKNOWN
    assert intent.sources == []


def test_a_signed_request_of_a_scan_that_announced_to_send_nothing_is_outside() -> None:
    scan = _only_looks()
    scanner = Actor(uuid4(), "Ada", frozenset({Role.FINDER}), scan.organization_id)
    found = examine_request(**_shown(warrant_for(scanner, scan.public_id, origin=ORIGIN, key=HOUSE, at=NOON)))  # type: ignore[arg-type]
    assert found.shown.answer.standing is Standing.OUTSIDE
    assert Why.TECHNIQUE in [one.why for one in found.shown.match.misses]


def test_a_registered_scan_is_told_as_one_that_its_owners_authorised() -> None:
    owner, _ = an_owner(NETWORK)
    the_scan(owner, a_member())
    found = asked(a_member(Role.SOC), target=INSIDE)
    assert "authorised by the owners of what it goes to" in found.sentence
    assert told(found)["scans"][0]["authorised"] is True
    assert found.matches[0].unsaid == ""
    assert "scope was not looked at" in asked(a_member(Role.SOC)).matches[0].unsaid


def test_a_draft_is_nobody() -> None:
    scanner = a_member()
    draft_intent(a_scan(), actor=scanner, at=NOON)
    assert asked(scanner).standing is Standing.UNKNOWN


def test_a_scan_that_left_its_plan_is_told_so() -> None:
    owner, _ = an_owner(NETWORK)
    scanner = a_member()
    intent = the_scan(owner, scanner)
    start_intent(intent, actor=scanner, at=NOON)
    leave_plan(intent, why="one host answers otherwise", actor=scanner, at=NOON)
    found = asked(a_member(Role.SOC))
    assert found.standing is Standing.REGISTERED
    assert "otherwise than planned" in found.sentence


def test_a_confidential_scan_is_known_to_those_it_meets_and_to_nobody_else() -> None:
    owner, _ = an_owner(NETWORK)
    scanner = a_member()
    the_scan(owner, scanner, visibility=Visibility.THOSE_MET)
    for actor in (owner, scanner, a_member(Role.COORDINATOR)):
        assert asked(actor).standing is Standing.REGISTERED
    assert asked(a_member(Role.SOC)).standing is Standing.UNKNOWN


def test_whoever_takes_no_part_may_not_ask() -> None:
    with pytest.raises(NotPermitted):
        asked(a_member(Role.ADMINISTRATOR))
    with pytest.raises(NotPermitted):
        list_for(Artefacts(Path("/nowhere")), of_own=False, actor=a_member(Role.ADMINISTRATOR))


def test_of_very_many_scans_from_one_source_the_one_that_fits_is_found() -> None:
    owner, _ = an_owner(NETWORK)
    scanner = a_member()
    template = announce_intent(a_scan(sources=()), actor=a_member(), at=NOON).intent
    said = {field.attname: getattr(template, field.attname) for field in Intent._meta.concrete_fields}
    rows = [
        Intent(**said | {"id": uuid4(), "public_id": f"SCAN-{number:010d}", "version_key": str(number)})
        for number in range(600)
    ]
    Intent.objects.bulk_create(rows)
    ScanSource.objects.bulk_create(
        ScanSource(intent=row, block=SOURCE, starts_at=NOON - HOUR, ends_at=NOON + HOUR) for row in rows
    )
    fits = the_scan(owner, scanner)
    found = asked(a_member(Role.SOC), target=INSIDE)
    assert [one.scan.intent for one in found.matches] == [fits.public_id]
    elsewhere = asked(a_member(Role.SOC), target="203.0.113.9")
    assert (elsewhere.standing, len(elsewhere.matches), elsewhere.more) == (Standing.OUTSIDE, MOST_SHOWN, True)


def test_a_warrant_says_what_was_accepted_and_is_for_its_own_organization() -> None:
    owner, _ = an_owner(NETWORK)
    scanner = a_member()
    intent = the_scan(owner, scanner)
    envelope = warrant_for(scanner, intent.public_id, origin=ORIGIN, key=HOUSE, at=NOON)
    warrant = open_warrant(envelope, key=HOUSE.public)
    assert (warrant.scan.intent, warrant.key, warrant.origin) == (intent.public_id, SCANNER.public.raw, ORIGIN)
    assert warrant.scan.ends_at == intent.ends_at
    assert envelope == warrant_for(scanner, intent.public_id, origin=ORIGIN, key=HOUSE, at=NOON + HOUR)
    for other in (owner, a_member(), a_member(Role.COORDINATOR)):
        with pytest.raises((NotPermitted, NotFound)):
            warrant_for(other, intent.public_id, origin=ORIGIN, key=HOUSE, at=NOON)


def test_a_scan_that_is_over_has_no_warrant() -> None:
    owner, _ = an_owner(NETWORK)
    scanner = a_member()
    intent = the_scan(owner, scanner)
    with pytest.raises(StepRefused):
        warrant_for(scanner, intent.public_id, origin=ORIGIN, key=HOUSE, at=NOON + 4 * HOUR)
    end_intent(intent, actor=scanner, at=NOON)
    with pytest.raises(NotPermitted):
        warrant_for(scanner, intent.public_id, origin=ORIGIN, key=HOUSE, at=NOON)


def _shown(envelope: bytes, *, at: datetime = NOON) -> dict[str, object]:
    request = read_request(a_request(f"https://{INSIDE}/", warrant=envelope, at=at))
    return {"request": request, "key": HOUSE.public, "seen_at": at, "actor": a_member(Role.SOC), "at": at}


def test_a_signed_request_is_told_whose_it_is_and_known_when_it_comes_again() -> None:
    owner, _ = an_owner(NETWORK)
    scanner = a_member()
    intent = the_scan(owner, scanner)
    shown = _shown(warrant_for(scanner, intent.public_id, origin=ORIGIN, key=HOUSE, at=NOON))
    first = examine_request(**shown)  # type: ignore[arg-type]
    assert (first.shown.answer.standing, first.remark, first.shown_before_at) == (Standing.REGISTERED, "", None)
    later = NOON + timedelta(seconds=30)
    again = examine_request(**shown | {"at": later})  # type: ignore[arg-type]
    assert again.shown_before_at == NOON
    examine_request(**shown | {"at": NOON + timedelta(days=31)})  # type: ignore[arg-type]
    assert ShownRequest.objects.count() == 1


def test_a_request_of_an_ended_scan_is_told_so_though_its_warrant_still_verifies() -> None:
    owner, _ = an_owner(NETWORK)
    scanner = a_member()
    intent = the_scan(owner, scanner)
    envelope = warrant_for(scanner, intent.public_id, origin=ORIGIN, key=HOUSE, at=NOON)
    end_intent(intent, actor=scanner, at=NOON)
    found = examine_request(**_shown(envelope))  # type: ignore[arg-type]
    assert [one.why for one in found.shown.match.misses] == [Why.REVOKED]


def test_a_warrant_from_before_a_renewal_is_told_as_replaced_and_one_from_before_the_start_is_not() -> None:
    owner, _ = an_owner(NETWORK)
    scanner = a_member()
    intent = the_scan(owner, scanner)
    envelope = warrant_for(scanner, intent.public_id, origin=ORIGIN, key=HOUSE, at=NOON)
    start_intent(intent, actor=scanner, at=NOON)
    assert examine_request(**_shown(envelope)).remark == ""  # type: ignore[arg-type]
    renew_intent(intent, NOON + 9 * HOUR, version=intent.version_key, actor=scanner, at=NOON + HOUR)
    found = examine_request(**_shown(envelope, at=NOON + HOUR))  # type: ignore[arg-type]
    assert "newer warrant replaces" in found.remark
    assert found.shown.answer.standing is Standing.REGISTERED


def test_a_warrant_of_a_scan_that_is_not_here_is_told_so() -> None:
    owner, _ = an_owner(NETWORK)
    scanner = a_member()
    envelope = warrant_for(scanner, the_scan(owner, scanner).public_id, origin=ORIGIN, key=HOUSE, at=NOON)
    ScanSource.objects.all().delete()
    Intent.objects.all().delete()
    found = examine_request(**_shown(envelope))  # type: ignore[arg-type]
    assert "knows no such scan" in found.shown.answer.sentence


def test_members_get_sources_and_contacts_and_owners_what_concerns_them(tmp_path: Path) -> None:
    owner, _ = an_owner(NETWORK)
    hidden_owner, _ = an_owner("203.0.113.0/24")
    scanner = a_member()
    intent = the_scan(owner, scanner)
    authorised(hidden_owner, scanner, "203.0.113.0/24")
    hidden = announced(a_scan("203.0.113.0/24", technique=TECHNIQUE, visibility=Visibility.THOSE_MET), scanner).intent
    done = keep_lists(Artefacts(tmp_path), origin=ORIGIN, key=HOUSE, actor=CLEARINGHOUSE, at=NOON)
    assert (done.lists, done.scans) == (3, 1)
    soc = a_member(Role.SOC)
    members = open_list(list_for(Artefacts(tmp_path), of_own=False, actor=soc), key=HOUSE.public)
    assert (members.head.audience, members.head.origin) == (MEMBERS, ORIGIN)
    seen = ask([members], sighting_of(FROM, at=NOON, target=INSIDE))
    assert [(one.scan.intent, one.scan.reaches) for one in seen.matches] == [(intent.public_id, None)]
    with pytest.raises(NotFound):
        list_for(Artefacts(tmp_path), of_own=True, actor=soc)
    own = open_list(list_for(Artefacts(tmp_path), of_own=True, actor=hidden_owner), key=HOUSE.public)
    details = ask([members, own], sighting_of(FROM, at=NOON, target="203.0.113.5"))
    assert [one.scan.intent for one in details.matches] == [hidden.public_id]
    theirs = open_list(list_for(Artefacts(tmp_path), of_own=True, actor=owner), key=HOUSE.public)
    assert [one.scan.intent for one in ask([theirs], sighting_of(FROM, at=NOON)).matches] == [intent.public_id]


def test_an_owners_own_confidential_scan_is_in_their_list_and_in_no_other(tmp_path: Path) -> None:
    owner, _ = an_owner(NETWORK)
    other, _ = an_owner("203.0.113.0/24")
    mine = the_scan(owner, owner, visibility=Visibility.THOSE_MET)
    keep_lists(Artefacts(tmp_path), origin=ORIGIN, key=HOUSE, actor=CLEARINGHOUSE, at=NOON)
    found = [
        [one.scan.intent for one in ask([open_list(data, key=HOUSE.public)], sighting_of(FROM, at=NOON)).matches]
        for data in (
            list_for(Artefacts(tmp_path), of_own=True, actor=owner),
            list_for(Artefacts(tmp_path), of_own=True, actor=other),
            list_for(Artefacts(tmp_path), of_own=False, actor=owner),
        )
    ]
    assert found == [[mine.public_id], [], []]


def test_an_ended_scan_is_told_as_ended_by_the_next_list(tmp_path: Path) -> None:
    owner, _ = an_owner(NETWORK)
    scanner = a_member()
    intent = the_scan(owner, scanner)
    end_intent(intent, actor=scanner, at=NOON)
    keep_lists(Artefacts(tmp_path), origin=ORIGIN, key=HOUSE, actor=CLEARINGHOUSE, at=NOON)
    members = open_list(list_for(Artefacts(tmp_path), of_own=False, actor=scanner), key=HOUSE.public)
    found = ask([members], sighting_of(FROM, at=NOON))
    assert [miss.why for one in found.matches for miss in one.misses] == [Why.REVOKED]


def test_lists_of_those_who_own_nothing_any_more_are_taken_away(tmp_path: Path) -> None:
    folder, kept = tmp_path / "folder", tmp_path / "artefacts"
    owner, owned = an_owner(NETWORK)
    for at, names in ((NOON, {MEMBERS, str(owner.organization)}), (NOON + HOUR, {MEMBERS})):
        publish_lists(folder, origin=ORIGIN, key=HOUSE, actor=CLEARINGHOUSE, at=at)
        keep_lists(Artefacts(kept), origin=ORIGIN, key=HOUSE, actor=CLEARINGHOUSE, at=at)
        assert {one.name for one in folder.iterdir()} == {f"{name}.scans" for name in names}
        assert set(KeptFile.objects.values_list("name", flat=True)) == {f"scan-list/{name}" for name in names}
        assert len([one for one in kept.rglob("*") if one.is_file()]) == len(names)
        if at == NOON:
            end_ownership(owned, actor=owner, at=NOON)
    assert folder.stat().st_mode & 0o077 == 0
    for write in (partial(publish_lists, folder), partial(keep_lists, Artefacts(kept))):
        with pytest.raises(NotPermitted):
            write(origin=ORIGIN, key=HOUSE, actor=a_member(), at=NOON)


def test_without_any_list_it_is_said_that_there_is_none_yet(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="every minute"):
        list_for(Artefacts(tmp_path), of_own=False, actor=a_member())


def test_lists_are_due_once_a_minute_when_a_scan_has_named_its_sources(tmp_path: Path) -> None:
    assert list(due_lists(at=NOON)) == []
    owner, _ = an_owner(NETWORK)
    the_scan(owner, a_member())
    assert list(due_lists(at=NOON)) == [(int(NOON.timestamp()) // 60,)]
    keep_lists(Artefacts(tmp_path), origin=ORIGIN, key=HOUSE, actor=CLEARINGHOUSE, at=NOON)
    assert list(due_lists(at=NOON + timedelta(seconds=59))) == []
    assert len(list(due_lists(at=NOON + timedelta(minutes=1)))) == 1


def test_a_request_that_proves_nothing_is_refused_and_not_remembered() -> None:
    with pytest.raises(Malformed):
        examine_request(
            read_request(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n"),
            key=HOUSE.public,
            seen_at=NOON,
            source=parse_address(FROM),
            actor=a_member(),
            at=NOON,
        )
    assert not ShownRequest.objects.exists()
