"""What to do instead of a scan that meets others: another time, another technique, a part that nobody is on."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from clearinghouse.deconfliction.queries.intents import home_of
from clearinghouse.deconfliction.queries.meeting import Survey, look
from clearinghouse.deconfliction.queries.places import mappings_of
from clearinghouse.deconfliction.queries.suggestions import free_window
from clearinghouse.deconfliction.rules.announcing import Announcement
from clearinghouse.deconfliction.rules.awareness import Met
from clearinghouse.deconfliction.rules.mappings import Mappings, meets_by
from clearinghouse.deconfliction.rules.suggestions import MOST_LOAD, Share, share_by_paths, share_by_technique
from clearinghouse.deconfliction.rules.targets.kinds import Target, plain_of, target_of
from clearinghouse.deconfliction.rules.targets.repository import Repository
from clearinghouse.deconfliction.rules.targets.software import Software
from clearinghouse.deconfliction.rules.techniques import Effect, Relation, techniques
from clearinghouse.deconfliction.rules.windows import Window
from clearinghouse.errors import Malformed
from clearinghouse.permissions.rules import Actor

MOST_PARTS = 2_000
MOST_WILLING = 50


@dataclass(frozen=True, slots=True)
class Advice:
    """What to do instead."""

    window: Window | None
    """The earliest of the same length in which nobody gets in the way; None: there is none."""
    techniques: tuple[str, ...]
    """Those that get in nobody's way in the window that was asked for, and touch nothing of the owner's."""
    unclaimed: tuple[str, ...]
    """Of the folders that were named: those that nobody is on."""
    shares: tuple[Share, ...]
    """Those folders, divided among the willing so that the largest load is small; without folders, techniques."""


def advise(
    said: Announcement,
    *,
    parts: Mapping[str, int] | None = None,
    willing: Collection[UUID] = (),
    able: Mapping[UUID, Sequence[str]] | None = None,
    actor: Actor,
    at: datetime,
) -> Advice:
    """Return what to do instead of a scan, as far as whoever asks may see what stands.

    Args:
        said: the scan.
        parts: folders of its one package or repository, and how much there is to do in each.
        willing: the organizations that would divide it; none: whoever asks.
        able: by which techniques each of them can, the liked ones first; who is not named here can by all.
        actor: who asks.
        at: now.

    Raises:
        Malformed: it could not be announced by anybody, or cannot be divided so.
        NotPermitted: the actor could not announce it.
        Conflict: it meets more than anybody can have seen.
    """
    if len(parts or {}) > MOST_PARTS or len(willing) > MOST_WILLING:
        raise Malformed(f"name at most {MOST_PARTS} folders and {MOST_WILLING} organizations")
    if stray := set(able or ()) - set(willing):
        raise Malformed(f"{min(stray)} can do something, and is not among the willing; name them there too")
    if not all(1 <= load <= MOST_LOAD for load in (parts or {}).values()):
        raise Malformed(f"name how much there is to do in each folder, 1 to {MOST_LOAD}")
    found = look(said, actor=actor, at=at)
    known = mappings_of(said.targets) if parts else Mappings()
    free = {folder: load for folder, load in (parts or {}).items() if _is_unclaimed(said, folder, found, known)}
    homes = sorted(set(willing) or {home_of(actor)})
    techniques_free = _free_techniques(said, found)
    shares: tuple[Share, ...] = ()
    if parts:
        shares = share_by_paths(free, homes) if free else ()
    elif willing:
        shares = share_by_technique(_able(said, homes, able or {}, techniques_free))
    return Advice(
        window=free_window(said, actor=actor, at=at),
        techniques=techniques_free,
        unclaimed=tuple(sorted(free)),
        shares=shares,
    )


def _able(
    said: Announcement, homes: Iterable[UUID], able: Mapping[UUID, Sequence[str]], free: Collection[str]
) -> dict[UUID, list[str]]:
    """Return by which of the free techniques each of the willing can, that of the scan first where nothing is said."""
    usual = sorted(free, key=lambda one: one != said.technique)
    wanted = {home: [techniques().named(one).name for one in able.get(home) or usual] for home in homes}
    return {home: [one for one in some if one in free] for home, some in wanted.items()}


def _is_unclaimed(said: Announcement, folder: str, found: Survey, known: Mappings) -> bool:
    """Say whether nobody whom one may see, and who does the same work, is on a folder of the target."""
    if len(said.targets) != 1 or not isinstance(said.targets[0], Software | Repository):
        raise Malformed("folders divide one package or repository; name that alone")
    piece: Target = target_of(plain_of(said.targets[0]) | {"paths": f"{folder.strip('/')}/**"})
    others = [one for one in (*found.visible, *found.own) if one.relation is not Relation.SHARE]
    return not any(meets_by(piece, target, known) for one in others for target in one.targets)


def _free_techniques(said: Announcement, found: Survey) -> tuple[str, ...]:
    table, kinds = techniques(), {one.kind for one in said.targets}
    standing = {one.technique for one in (*found.visible, *found.own) if one.what is Met.INTENT}
    return tuple(
        one.name
        for one in table.known.values()
        if kinds <= set(one.on)
        and not any(one.on[kind] is Effect.LIVE for kind in kinds)
        and all(table.relation(one.name, other) is Relation.SHARE for other in standing)
    )
