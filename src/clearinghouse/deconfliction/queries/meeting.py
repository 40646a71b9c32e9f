"""Whom a scan meets, and what owners say of it: the question before a write, and inside of it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from clearinghouse.deconfliction.models import Authorisation, Constraint, Intent, Meeting, Ownership
from clearinghouse.deconfliction.queries.intents import home_of
from clearinghouse.deconfliction.queries.places import Near, check_names, mappings_of, names_of, near
from clearinghouse.deconfliction.rules import binding
from clearinghouse.deconfliction.rules.announcing import Announcement, check_announcement
from clearinghouse.deconfliction.rules.awareness import (
    MOST_MET,
    Met,
    Standing,
    blocks,
    counted,
    is_shown_to,
    is_standing,
)
from clearinghouse.deconfliction.rules.binding import Refusal, Scan
from clearinghouse.deconfliction.rules.lifecycle import (
    STANDING,
    Answering,
    AuthorisationState,
    ConstraintKind,
    ConstraintState,
    OwnershipState,
    Visibility,
)
from clearinghouse.deconfliction.rules.mappings import Mapped, looked_up, meets_by
from clearinghouse.deconfliction.rules.targets.kinds import Target, meets, plain_of, target_of
from clearinghouse.deconfliction.rules.techniques import techniques
from clearinghouse.deconfliction.rules.windows import Window, times_of
from clearinghouse.errors import Conflict
from clearinghouse.permissions.rules import Actor
from clearinghouse.permissions.table import demand
from clearinghouse.sight.asking import beyond_sight


@dataclass(frozen=True, slots=True)
class Survey:
    """What a scan meets: others, one's own, what may not be seen; what owners say; who owns some of it."""

    met: tuple[Standing, ...] = ()
    own: tuple[Standing, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    owners: frozenset[UUID] = field(default_factory=frozenset)

    @property
    def visible(self) -> tuple[Standing, ...]:
        """What whoever asks may see of it."""
        return tuple(one for one in self.met if one.is_visible)

    @property
    def keys(self) -> dict[str, str]:
        """The version key of each of those, by its public id."""
        return {one.public_id: one.version_key for one in self.visible}


def look(said: Announcement, *, actor: Actor, at: datetime) -> Survey:
    """Say who is on this already, and what owners would say; nothing is announced, and what is hidden stays so.

    Raises:
        NotPermitted: the actor could not announce it.
        Malformed: it could not be announced by anybody.
        Conflict: it meets more than anybody can have seen.
    """
    checked, _ = check_announcement(said, at=at)
    home = home_of(actor)
    probe = Intent(organization_id=home, state="")
    demand(actor, "deconfliction:intent:announce", probe, is_kept=False)
    with beyond_sight():
        found = survey(checked.scan_of(home), mappings_of(checked.targets), at=at)
    return Survey(found.visible, found.own, found.refusals, frozenset())


def survey(
    scan: Scan, mappings: Iterable[Mapped], *, at: datetime, besides: UUID | None = None, is_urgent: bool = False
) -> Survey:
    """Return whom a scan meets and what owners say of it, as rows stand now; for actions, beyond sight.

    Args:
        scan: what is announced.
        mappings: those of its targets.
        at: now.
        besides: the intent itself, when it stands already.
        is_urgent: whether nothing it meets can hold it back, so that too much met is no reason to refuse.

    Raises:
        Conflict: it meets more than anybody can have seen.
    """
    known = looked_up(mappings)
    if not is_urgent:
        check_names(scan.targets, known)
    by_kind = _by_kind(
        near(names_of(scan.targets, known), scan.window, seen_by=scan.organization, is_bounded=not is_urgent)
    )
    owned = _owned(by_kind.get("ownership", {}))
    constraints = _constraints(by_kind.get("constraint", {}), scan, known)
    intents = _intents(by_kind.get("intent", {}), scan, known, besides=besides, at=at)
    met = (*(one for one in intents if one.organization != scan.organization), *(said for said, _ in constraints))
    if (count := counted(met)) > MOST_MET and not is_urgent:
        raise Conflict(f"this meets {count} others, and at most {MOST_MET} can be seen at a time; announce less")
    refusals = binding.refusals(
        scan,
        constraints=[rule for _, rule in constraints],
        authorisations=_authorisations(by_kind.get("authorisation", {}), scan),
        owned=owned,
    )
    own = tuple(one for one in intents if one.organization == scan.organization)
    owners = {one.organization for one in owned if any(meets(one.target, target) for target in scan.targets)}
    return Survey(met, own, refusals, frozenset(owners))


def owners_say(scan: Scan) -> tuple[Refusal, ...]:
    """Return why owners do not let a scan run, as rows stand now; for actions, beyond sight."""
    kinds = ("authorisation", "constraint", "ownership")
    by_kind = _by_kind(near(scan.targets, scan.window, of=kinds, is_bounded=False))
    constraints = _constraints(by_kind.get("constraint", {}), scan, ())
    return binding.refusals(
        scan,
        constraints=[rule for _, rule in constraints],
        authorisations=_authorisations(by_kind.get("authorisation", {}), scan),
        owned=_owned(by_kind.get("ownership", {})),
    )


def binding_near(scan: Scan) -> tuple[binding.Constraint, ...]:
    """Return the constraints that bind a scan at any time of its window; for queries, beyond sight."""
    by_kind = _by_kind(near(scan.targets, scan.window, of=("constraint", "ownership")))
    owned = _owned(by_kind.get("ownership", {}))
    rules = [rule for _, rule in _constraints(by_kind.get("constraint", {}), scan, ())]
    return tuple(one for one in rules if any(binding.binds(one, target, owned) for target in scan.targets))


def standing_near(targets: Collection[Target], window: Window, *, at: datetime) -> list[Intent]:
    """Return the standing intents that meet one of these targets by itself, in the order of their ids."""
    by_kind = _by_kind(near(targets, window, of=("intent",), is_bounded=False))
    hits = [pk for pk, entries in by_kind.get("intent", {}).items() if _hits(entries, targets, ())]
    rows = Intent.objects.filter(pk__in=hits).order_by("pk")
    return [row for row in rows if is_standing(row.state, row.ends_at, at=at)]


def parties_near(
    targets: Collection[Target], mappings: tuple[Mapped, ...], window: Window, *, at: datetime
) -> frozenset[UUID]:
    """Return whose standing scans meet one of these targets, and who owns some of it; for actions, beyond sight."""
    by_kind = _by_kind(near(names_of(targets, mappings), window, of=("intent", "ownership"), is_bounded=False))
    hits = {
        kind: [pk for pk, entries in found.items() if _hits(entries, targets, mappings)]
        for kind, found in by_kind.items()
    }
    standing = Intent.objects.filter(pk__in=hits.get("intent", ()), state__in=STANDING, ends_at__gt=at)
    owned = Ownership.objects.filter(pk__in=hits.get("ownership", ()), state=OwnershipState.VERIFIED)
    homes = (rows.values_list("organization_id", flat=True) for rows in (standing, owned))
    return frozenset().union(*homes)


def _by_kind(found: Iterable[Near]) -> dict[str, dict[UUID, list[Near]]]:
    by_kind: dict[str, dict[UUID, list[Near]]] = {}
    for one in found:
        by_kind.setdefault(one.of, {}).setdefault(one.subject_id, []).append(one)
    return by_kind


def _hits(entries: Iterable[Near], targets: Collection[Target], mappings: tuple[Mapped, ...]) -> tuple[Target, ...]:
    """Return those of some entries' targets that meet one of the scan's."""
    return tuple(one.target for one in entries if any(meets_by(one.target, target, mappings) for target in targets))


_INTENT = (
    "id",
    "public_id",
    "version_key",
    "organization_id",
    "technique",
    "starts_at",
    "ends_at",
    "state",
    "contact",
    "visibility",
    "organization__availability__answering",
)


def _intents(
    entries: Mapping[UUID, list[Near]],
    scan: Scan,
    mappings: tuple[Mapped, ...],
    *,
    besides: UUID | None,
    at: datetime,
) -> list[Standing]:
    hits = {pk: found for pk, near_by in entries.items() if (found := _hits(near_by, scan.targets, mappings))}
    hits.pop(besides, None)  # type: ignore[arg-type]  # where there is none, there is nothing to leave out
    if not hits:
        return []
    rows = list(Intent.objects.filter(pk__in=hits).order_by("starts_at", "public_id").values_list(*_INTENT, named=True))
    hidden = [row.id for row in rows if row.visibility == Visibility.THOSE_MET]
    seen = set()
    if hidden:
        mine = Meeting.objects.filter(intent__in=hidden, organization=scan.organization)
        seen = set(mine.values_list("intent_id", flat=True))
    table = techniques()
    return [
        Standing(
            what=Met.INTENT,
            id=row.id,
            public_id=row.public_id,
            version_key=row.version_key,
            organization=row.organization_id,
            relation=table.relation(scan.technique, row.technique),
            is_visible=is_shown_to(
                scan.organization,
                owner=row.organization_id,
                visibility=row.visibility,
                has_met=row.id in seen,
            ),
            technique=row.technique,
            window=Window(row.starts_at, row.ends_at),
            state=row.state,
            contact=row.contact,
            targets=hits[row.id],
        )
        for row in rows
        if is_standing(row.state, row.ends_at, at=at)
        and blocks(row.state, row.organization__availability__answering or Answering.NORMAL)
    ]


def _constraints(
    entries: Mapping[UUID, list[Near]], scan: Scan, mappings: tuple[Mapped, ...]
) -> list[tuple[Standing, binding.Constraint]]:
    hits = {pk: found for pk, near_by in entries.items() if (found := _hits(near_by, scan.targets, mappings))}
    if not hits:
        return []
    standing = Constraint.objects.filter(pk__in=hits, state=ConstraintState.STANDING)
    read = [(row, rule_of(row)) for row in standing.order_by("public_id")]
    return [(_of_constraint(row, rule, hits[row.pk]), rule) for row, rule in read if rule.concerns(scan.technique)]


def rule_of(row: Constraint) -> binding.Constraint:
    """Return what a constraint says, for the rules."""
    return binding.Constraint(
        organization=row.organization_id,
        says=ConstraintKind(row.says),
        target=target_of(row.target),
        public_id=row.public_id,
        techniques=frozenset(row.techniques),
        times=times_of(row.times) if row.times else None,
        rate_per_second=row.rate_per_second,
        why=row.why,
        contact=row.contact,
    )


def _of_constraint(row: Constraint, rule: binding.Constraint, targets: tuple[Target, ...]) -> Standing:
    return Standing(
        what=Met.CONSTRAINT,
        id=row.pk,
        public_id=row.public_id,
        version_key=row.version_key,
        organization=row.organization_id,
        state=row.state,
        contact=row.contact,
        targets=targets,
        says=row.says,
        times=rule.times,
        rate_per_second=row.rate_per_second,
        why=row.why,
    )


def _owned(entries: Mapping[UUID, list[Near]]) -> list[binding.Owned]:
    if not entries:
        return []
    rows = Ownership.objects.filter(pk__in=entries, state=OwnershipState.VERIFIED)
    told = rows.values_list("organization_id", "target", "contact")
    return [binding.Owned(home, target_of(target), contact) for home, target, contact in told]


def _authorisations(entries: Mapping[UUID, list[Near]], scan: Scan) -> list[binding.Authorisation]:
    if not entries:
        return []
    rows = Authorisation.objects.filter(pk__in=entries, state=AuthorisationState.STANDING, scanner_id=scan.organization)
    return [
        binding.Authorisation(
            organization=row.organization_id,
            scanner=row.scanner_id,
            targets=tuple(target_of(one) for one in row.targets),
            window=Window(row.starts_at, row.ends_at),
            techniques=frozenset(row.techniques),
            rate_per_second=row.rate_per_second,
        )
        for row in rows
    ]


def reference_of(one: Standing) -> dict[str, Any]:
    """Return what is told of something that is met, as plain data; only of what may be seen."""
    told: dict[str, Any] = {
        "what": one.what.value,
        "id": one.public_id,
        "version_key": one.version_key,
        "organization": str(one.organization),
        "relation": one.relation.value,
        "targets": [plain_of(target) for target in one.targets],
    }
    if one.what is Met.CONSTRAINT:
        return {
            **told,
            "says": one.says,
            "times": one.times.plain() if one.times else None,
            "when": str(one.times or ""),
            "rate_per_second": one.rate_per_second,
            "why": one.why,
            "contact": one.contact,
        }
    assert one.window is not None  # noqa: S101 - an intent has one
    return {
        **told,
        "technique": one.technique,
        "state": one.state,
        "starts_at": one.window.starts_at.isoformat(),
        "ends_at": one.window.ends_at.isoformat(),
        "contact": one.contact,
    }
