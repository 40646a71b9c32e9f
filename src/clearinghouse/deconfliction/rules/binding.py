"""What owners decide: constraints that bind inside what is theirs, and the authorisation that a live scan needs.

What somebody states about things that are not known to be theirs is a wish: it must have been seen, it binds nobody.
A live system is scanned only if every piece of the target has an owner on record, and every owner of a piece has
authorised it: for this scanner, this technique and the whole window.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast
from uuid import UUID

from clearinghouse.deconfliction.rules.lifecycle import ConstraintKind
from clearinghouse.deconfliction.rules.targets.host import Host
from clearinghouse.deconfliction.rules.targets.kinds import Target, meets, meets_inside, plain_of
from clearinghouse.deconfliction.rules.targets.model import Model
from clearinghouse.deconfliction.rules.targets.network import Network
from clearinghouse.deconfliction.rules.targets.repository import Repository
from clearinghouse.deconfliction.rules.targets.software import Software
from clearinghouse.deconfliction.rules.techniques import Effect, Techniques, techniques
from clearinghouse.deconfliction.rules.windows import Times, Window
from clearinghouse.standards import vers


@dataclass(frozen=True, slots=True)
class Scan:
    """A scan as its announcer means it."""

    organization: UUID
    technique: str
    targets: tuple[Target, ...]
    window: Window
    rate_per_second: int | None = None
    """Requests or packets a second, at most; None: not said."""

    def in_window(self, window: Window) -> "Scan":
        """Return the same scan at another time."""
        return replace(self, window=window)


@dataclass(frozen=True, slots=True)
class Owned:
    """That something is known to be an organization's."""

    organization: UUID
    target: Target
    contact: str = ""
    """Whom to ask."""


@dataclass(frozen=True, slots=True)
class Constraint:
    """What an organization asks of whoever scans a target."""

    organization: UUID
    says: ConstraintKind
    target: Target
    public_id: str = ""
    techniques: frozenset[str] = frozenset()
    """For which it holds; empty: for all."""
    times: Times | None = None
    rate_per_second: int | None = None
    why: str = ""
    contact: str = ""
    """Whom to ask about it."""

    def concerns(self, technique: str) -> bool:
        """Say whether it is about this technique."""
        return not self.techniques or technique in self.techniques


@dataclass(frozen=True, slots=True)
class Authorisation:
    """That an organization lets another scan some targets for some time."""

    organization: UUID
    scanner: UUID
    targets: tuple[Target, ...]
    window: Window
    techniques: frozenset[str] = frozenset()
    """Which it allows; empty: every one."""
    rate_per_second: int | None = None

    def permits(self, scan: Scan) -> bool:
        """Say whether it is for this scanner, this technique, this window and this rate; for what, is asked apart."""
        slow = self.rate_per_second is None or (
            scan.rate_per_second is not None and scan.rate_per_second <= self.rate_per_second
        )
        return (
            self.scanner == scan.organization
            and (not self.techniques or scan.technique in self.techniques)
            and self.window.holds(scan.window)
            and slow
        )


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a scan may not be: a stable code, the reason, whose word it is, and the constraint if it is one."""

    code: str
    reason: str
    owner: UUID | None = None
    constraint: str = ""
    contact: str = ""
    """Whom to ask; empty: nobody is named."""


def refusals(
    scan: Scan,
    *,
    constraints: Iterable[Constraint] = (),
    authorisations: Iterable[Authorisation] = (),
    owned: Iterable[Owned] = (),
    table: Techniques | None = None,
) -> tuple[Refusal, ...]:
    """Return every reason why owners do not let this scan run; none: they do.

    Raises:
        Malformed: the technique is not used on one of the targets.
    """
    known, given = tuple(owned), tuple(one for one in authorisations if one.permits(scan))
    effects = [(target, (table or techniques()).effect(scan.technique, target.kind)) for target in scan.targets]
    found = [
        refusal
        for one in constraints
        if one.concerns(scan.technique)
        for target, effect in effects
        if binds(one, target, known) and (refusal := _held_back(one, scan, target, effect, known, given)) is not None
    ]
    for target, effect in effects:
        if effect is Effect.LIVE:
            found += _unauthorised(target, known, given)
    return tuple(dict.fromkeys(found))


def binds(constraint: Constraint, target: Target, owned: Iterable[Owned]) -> bool:
    """Say whether a constraint and a target have something in common that is known to be the constraint's owner's."""
    return any(
        meets_inside(target, constraint.target, one.target)
        for one in owned
        if one.organization == constraint.organization
    )


def _held_back(  # noqa: PLR0917 - one question, asked of all that is known
    one: Constraint,
    scan: Scan,
    target: Target,
    effect: Effect,
    owned: Sequence[Owned],
    given: Sequence[Authorisation],
) -> Refusal | None:
    """Return why a constraint that binds does not let a scan of one target run; None: it does."""
    reason = ""
    match one.says:
        case ConstraintKind.DO_NOT_SCAN:
            reason = "its owner does not want it scanned"
        case ConstraintKind.ONLY_IN_WINDOWS:
            if one.times is None or not one.times.hold(scan.window):
                reason = f"its owner lets it be scanned only at {one.times or 'other times'}, and not {scan.window}"
        case ConstraintKind.AT_MOST_RATE:
            most, rate = one.rate_per_second, scan.rate_per_second
            if effect is not Effect.COPY and most is not None and (rate is None or rate > most):
                said = "no rate is said" if rate is None else f"{rate} a second are announced"
                reason = f"its owner allows at most {most} a second, and {said}"
        case ConstraintKind.ASK_FIRST:
            ours = [have.target for have in owned if have.organization == one.organization]
            allowed = [to for each in given if each.organization == one.organization for to in each.targets]
            pieces = [
                piece for mine in ours if (piece := _piece(target, mine)) is not None and meets(piece, one.target)
            ]
            if not all(is_within(piece, allowed) for piece in pieces):
                reason = "its owner wants to be asked first, and has authorised nothing that covers it"
    if not reason:
        return None
    why = f" ({one.why})" if one.why else ""
    return Refusal(one.says.value, f"{plain_of(target)}: {reason}{why}", one.organization, one.public_id, one.contact)


def _unauthorised(target: Target, owned: Sequence[Owned], given: Sequence[Authorisation]) -> Iterator[Refusal]:
    """Yield why a live system may not be scanned: nobody is known to own it, or an owner has not authorised it."""
    near = [one for one in owned if meets(one.target, target)]
    if not is_within(target, [one.target for one in near]):
        yield Refusal(
            "owner-unknown", f"{plain_of(target)}: not all of it has an owner on record here who authorised it"
        )
    for owner in dict.fromkeys(one.organization for one in near):
        allowed = [to for each in given if each.organization == owner for to in each.targets]
        pieces = [_piece(target, one.target) for one in near if one.organization == owner]
        if not all(piece is None or is_within(piece, allowed) for piece in pieces):
            reason = f"{plain_of(target)}: its owner's authorisation is not on file for all of it and the whole window"
            named = [one.contact for one in near if one.organization == owner and one.contact]
            yield Refusal("authorisation-missing", reason, owner, contact=named[0] if named else "")


def _piece(target: Target, mine: Target) -> Target | None:
    """Return the piece of a target that an owner owns, or more of it than that; None: there is no such piece."""
    if not meets(target, mine):
        return None
    match target, mine:
        case Network(), Network():
            smaller = target if mine.block.prefixlen <= target.block.prefixlen else mine
            return Network(smaller.block, target.ports)
        case Host(), Host():
            return target if mine.holds(target) else mine
        case Model(), Model():
            return target if mine.holds(target) else mine
        case _:
            return target


def is_within(target: Target, areas: Sequence[Target]) -> bool:
    """Say whether everything of a target lies in the areas together; of code, in one of them."""
    alike: list[Any] = [one for one in areas if one.kind is target.kind]
    if isinstance(target, Network | Host | Model):
        return target.is_within(alike)
    return any(_holds(cast("Software | Repository", one), target) for one in alike)


def _holds(area: Software | Repository, target: Software | Repository) -> bool:
    """Say whether it can be seen from what is written that an area of code holds a target."""
    match area, target:
        case Software(), Software():
            named = area.name == target.name and area.type == target.type and area.is_prefix >= target.is_prefix
            longer = area.is_prefix and area.holds_name_of(target) and len(area.name) <= len(target.name)
            narrowed = _holds_versions(area.versions, target.versions)
        case Repository(), Repository():
            named, longer, narrowed = area.url == target.url, False, area.commits in ("", target.commits)
        case _:
            return False
    folder, paths = area.paths.pattern, target.paths.pattern
    below = folder.removesuffix("/**")
    inside = folder in ("", paths) or (not set(below) & set("*?") and paths.startswith(f"{below}/"))
    return (named or longer) and narrowed and inside


def _holds_versions(area: str, target: str) -> bool:
    return area in ("", target) or bool(target and vers.is_part(target, area))
