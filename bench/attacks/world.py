"""A server with outsiders on it, and what may be hidden from them beside: made the same way whether it is there or not.

What is hidden is as near to theirs as it can be: the same packages, the same names of finder, report and file, the
same bytes, a report of theirs and one of others that belong together.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from clearinghouse.artefacts import Artefacts
from clearinghouse.cases import actions, responding
from clearinghouse.cases.models import Case, Fix, Join, Link, Participant, Response, Trial
from clearinghouse.cases.rules.naming import public_id
from clearinghouse.cases.rules.responses import ResponseSaid
from clearinghouse.cases.rules.seats import Part, Tier
from clearinghouse.cases.seating import Seat, ask_seat, give_seat
from clearinghouse.findings.actions import keep_files
from clearinghouse.findings.archives import packed
from clearinghouse.findings.intake.reading import read_bytes
from clearinghouse.findings.models import Finding, RefusedReport, Submission
from clearinghouse.findings.receipts import receipt_from
from clearinghouse.findings.submissions import hand_in, take_in_submission
from clearinghouse.parties.actions import issue_token, make_invitation
from clearinghouse.parties.consulting import consult
from clearinghouse.parties.models import Invitation, Organization, Person, Request, Token
from clearinghouse.parties.queries import actor_for_person
from clearinghouse.parties.rules import CLEARINGHOUSE
from clearinghouse.permissions.rules import Actor, Role
from clearinghouse.records import Record
from clearinghouse.validation.models import StoredRun
from clearinghouse.validation.rules import Detector, FindingOutcome, Grade, Reason, VariantName
from clearinghouse.validation.shapes import dump
from tests.advisories.world import GOOD_PATCH
from tests.cases.rows import a_finding, a_judgement, a_line, a_range, a_run, not_validated
from tests.findings.makers import a_report, some_files
from tests.parties.makers import a_person, an_organization

MARK = "XYZZY-7Q4M2XKD"
"""Stands in everything that is said in what is hidden."""
PRIVATE = {"public": {"value": "no", "evidence": []}}
MINIMIST = "pkg:npm/minimist"
OTHER_STATE = ("yaml.representer.represent_name", "yaml.representer.represent_data")


@dataclass(slots=True)
class World:
    """Who and what there is; what is hidden is named apart."""

    people: dict[str, Person] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    own: dict[str, list[str]] = field(default_factory=dict)
    hidden: dict[str, list[str]] = field(default_factory=dict)


def same_report() -> dict[str, bytes]:
    """Return the files of the report that an outsider hands in, as others did before in secret."""
    return some_files(a_report(id="same-1", finder="finder-g"))


def _names(of: dict[str, list[str]], kind: str, *names: object) -> None:
    of.setdefault(kind, []).extend(str(one) for one in names)


def _office(at: datetime) -> tuple[Actor, Actor]:
    home = an_organization("Office")
    people = [a_person(Role.COORDINATOR, organization=home, email=f"c{n}@office.example", at=at) for n in (1, 2)]
    one, other = (actor_for_person(person, second_factor=True, at=at) for person in people)
    return one, other


def _seated(case: Case, seat: Seat, by: tuple[Actor, Actor], at: datetime, home: Organization) -> Participant:
    asked = ask_seat(case, seat, actor=by[0], at=at, why="they take part")
    return give_seat(case, seat, asked, organization=home, actor=by[1], at=at)[0]


def make_open(store: Artefacts, at: datetime) -> tuple[World, tuple[Actor, Actor]]:
    """Make what is there in both worlds: outsiders of each kind, two reports, two cases, a seat for each but one."""
    world, office = World(), _office(at)
    homes = {name: an_organization(f"{name.title()} House") for name in ("finder", "maintainer", "operator")}
    for name, home in homes.items():
        person = a_person(Role(name), organization=home, email=f"{name}@{name}.example", at=at)
        world.people[name] = person
        actor = actor_for_person(person, at=at)
        scopes = ("findings", "cases", "validation", "parties", "advisories", "ledger", "operation")
        world.tokens[name] = issue_token(
            "own", scopes=scopes[:4], expires_at=at + timedelta(days=9), actor=actor, at=at
        )[1]
        _names(world.own, "person", person.pk)
        _names(world.own, "email", person.email)
        _names(world.own, "organization", home.pk)
    said = PRIVATE | {"aliases": ["CVE-2020-14343"]}
    range_of_minimist = a_range(MINIMIST, a_line(("1.2.4", "affected"), ("1.2.5", "affected"), ("1.2.6", "unaffected")))
    doubt = a_judgement(
        grade=Grade.B, reason=Reason.NO_BENIGN, target=f"{MINIMIST}@1.2.5", fixed=f"{MINIMIST}@1.2.6", state=("a.b",)
    )
    silent = not_validated(FindingOutcome.REFUSED, Reason.NEVER_SHOWS, "The proof is silent on the vulnerable release.")
    mine = [
        a_finding(store, "g-1", finder="finder-g", report=said, patch=GOOD_PATCH, at=at),
        a_finding(
            store, "g-2", finder="finder-g", report=said, judgement=doubt, releases=range_of_minimist, patch=None, at=at
        ),
        a_finding(store, "g-3", finder="finder-g", report=said, judgement=silent, patch=None, at=at),
    ]
    Finding.objects.filter(pk__in=[one.pk for one in mine]).update(organization_id=homes["finder"].pk)
    _join(store, at)
    seen = Case.objects.get(package=MINIMIST)
    _seated(seen, Seat(homes["finder"], Part.FINDER, Tier.ALL), office, at, homes["finder"])
    _seated(seen, Seat(world.people["maintainer"], Part.MAINTAINER, Tier.ALL), office, at, homes["maintainer"])
    _seated(
        seen,
        Seat(homes["operator"], Part.REGISTRY, Tier.INSTANT, at + timedelta(days=90)),
        office,
        at,
        homes["operator"],
    )
    _names(world.own, "case", seen.public_id, seen.key)
    for one in mine:
        _names(world.own, "finding", one.pk)
        _names(world.own, "key", one.key)
        _names(world.own, "name", f"{one.finder}/{one.finder_ref}", one.finder_ref)
        _names(world.own, "digest", *one.artefacts.values())
    _names(world.own, "participant", *Participant.objects.values_list("pk", flat=True))
    for name in ("joiner", "second"):
        _, secret = make_invitation(
            homes["finder"], Role.FINDER, email=f"{name}@finder.example", actor=CLEARINGHOUSE, at=at
        )
        _names(world.own, "secret", secret)
        _names(world.own, "email", f"{name}@finder.example")
    return world, office


def _join(store: Artefacts, at: datetime) -> None:
    actions.join_findings(artefacts=store, new_id=lambda: public_id(uuid4().bytes[:8]), actor=CLEARINGHOUSE, at=at)


def make_hidden(store: Artefacts, office: tuple[Actor, Actor], at: datetime) -> dict[str, list[str]]:
    """Make what is hidden: reports of others, their cases under embargo, and every row that hangs on them."""
    names: dict[str, list[str]] = {}
    before = {model: set(model.objects.values_list("pk", flat=True)) for model in _ALL}
    home = an_organization("Black House")
    other = a_person(Role.FINDER, organization=home, email="hidden@black.example", at=at)
    upstream = a_person(Role.MAINTAINER, organization=an_organization("Black Upstream"), email="m@black.example", at=at)
    finder = actor_for_person(other, at=at)
    issue_token(MARK, scopes=("findings",), expires_at=at + timedelta(days=9), actor=finder, at=at)
    reports = _reports(store, at)
    Finding.objects.filter(pk__in=[one.pk for one in reports]).update(organization_id=home.pk)
    Finding.objects.filter(finder="finder-hh").update(finder="finder-g")  # their own g-2, beside the outsider's
    _hand_in_the_same(store, finder, at)
    RefusedReport.objects.create(name="g-4", problems=[], received_at=at, created_at=at)
    _join(store, at)
    for one in reports:
        StoredRun.objects.create(
            key=one.key[::-1], finding=one, run=dump(a_run(VariantName.FIXED, "1", 0, fired=False))
        )
        Trial.objects.create(finding=one, patch="sha256:" + "ab" * 32, stops=True, created_at=at)
    _talk(store, reports, office, (upstream, home), at)
    for model in _ALL:
        made = model.objects.exclude(pk__in=before[model])
        _names(names, _KINDS.get(model, model.__name__.lower()), *made.values_list("pk", flat=True))
        for attribute, kind in _ALSO.get(model, ()):
            _names(names, kind, *(one for one in made.values_list(attribute, flat=True) if one))
    for one in reports:
        _names(names, "name", f"{one.finder}/{one.finder_ref}", one.finder_ref, one.finder)
        _names(names, "digest", *one.artefacts.values())
    _names(names, "word", MARK, "CVE-2026-31337", "pkg:pypi/secretive", "Black House", "Loading")
    return names


_ALL: tuple[type[Record], ...] = (
    Case, Finding, Submission, Join, Link, Participant, Response, Fix, Request, Token, Invitation, Organization, Person,
)  # fmt: skip
_KINDS: dict[type[Record], str] = {Case: "row"}
"""Where rows of a model are not named by their ids."""
_ALSO: dict[type[Record], tuple[tuple[str, str], ...]] = {
    Case: (("public_id", "case"), ("key", "case")),
    Finding: (("key", "key"),),
    Submission: (("receipt", "receipt"),),
    Person: (("email", "email"),),
    Invitation: (("email", "email"),),
}


def _reports(store: Artefacts, at: datetime) -> list[Finding]:
    """Keep reports of others: of the outsiders' packages and files, one of their case, one of a package of its own."""
    said: dict[str, Any] = PRIVATE | {"title": f"{MARK} in loading", "description": MARK, "aliases": ["CVE-2026-31337"]}
    apart = a_judgement(state=OTHER_STATE, sink="builtins.exec", sentence=MARK)
    doubt = a_judgement(
        target=f"{MINIMIST}@1.2.5", fixed=f"{MINIMIST}@1.2.6", state=("c.d",), sink="e", detector=Detector.FILE_WRITE
    )
    own = a_judgement(target="pkg:pypi/secretive@5.3", fixed="pkg:pypi/secretive@5.4")
    minimist = a_range(MINIMIST, a_line(("1.2.4", "affected"), ("1.2.5", "affected"), ("1.2.6", "unaffected")))
    secretive = a_range("pkg:pypi/secretive", a_line(("5.3", "affected"), ("5.4", "unaffected")))
    files = {"secret.txt": MARK.encode()}
    elsewhere = {"locations": [{"path": "lib/yaml/representer.py", "line": 9, "symbol": "represent_name"}]}
    return [
        a_finding(store, "h-1", finder="finder-h", report=said, files=files, patch=GOOD_PATCH, at=at),
        a_finding(store, "h-2", finder="finder-h", report=said | elsewhere, judgement=apart, patch=None, at=at),
        a_finding(
            store, "g-2", finder="finder-hh", report=said | {"id": "g-2", "finder": "finder-g"}, judgement=doubt,
            releases=minimist, patch=None, at=at,
        ),
        a_finding(store, "h-4", finder="finder-h", report=said, judgement=own, releases=secretive, at=at),
    ]  # fmt: skip


def _hand_in_the_same(store: Artefacts, finder: Actor, at: datetime) -> None:
    """Hand in, and take in, the very bytes that an outsider will hand in later."""
    data = packed(same_report())
    receipt = receipt_from(uuid4().bytes * 2)
    made = hand_in(data, name="same.tar", receipt=receipt, artefacts=store, actor=finder, at=at)
    kept = keep_files(read_bytes(data, name="same.tar"), artefacts=store)
    take_in_submission(made, kept, artefacts=store, actor=CLEARINGHOUSE, at=at)


def _talk(
    store: Artefacts,
    reports: list[Finding],
    office: tuple[Actor, Actor],
    others: tuple[Person, Organization],
    at: datetime,
) -> None:
    """Let everything happen to the hidden cases that can happen to a case."""
    upstream, home = others
    for one in reports:
        case = Join.objects.get(finding=one, ended_at=None).case
        if Participant.objects.filter(case=case, person=upstream).exists() or case.package == MINIMIST:
            continue
        _seated(case, Seat(upstream, Part.MAINTAINER, Tier.ALL), office, at, home)
        _seated(
            case,
            Seat(f"x{case.public_id}@black.example", Part.REGISTRY, Tier.INSTANT, at + timedelta(days=90)),
            office,
            at,
            home,
        )
        ask_seat(case, Seat(home, Part.FINDER, Tier.ALL), actor=office[0], at=at, why=MARK)
        responding.propose_embargo(case, at + timedelta(days=60), why=MARK, actor=office[0], at=at)
        responding.hand_in_fix(
            case, GOOD_PATCH.encode() + b"\n", file=f"{MARK}.patch", base="5.3", artefacts=store, actor=office[0], at=at
        )
        consult(home, case, MARK, due_at=at + timedelta(days=3), actor=office[0], at=at)
        responding.respond(
            case, ResponseSaid.DISPUTED, why=MARK, artefacts=store, new_id=lambda: public_id(uuid4().bytes[:8]),
            actor=office[0], at=at,
        )  # fmt: skip
