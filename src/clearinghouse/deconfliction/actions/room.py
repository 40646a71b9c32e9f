"""How much of the index one organization may hold near one name; what is all its own is never bounded.

Whoever searches near a name looks at all that stands there, and is refused past a bound (``queries/places.py``). So no
organization may fill that bound for everybody else, by folders, by windows one after the other or by mappings.
Source: docs/decisions/0129.
"""

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import datetime
from functools import cache
from uuid import UUID

from django.db.models import Count, QuerySet

from clearinghouse.deconfliction.models import Authorisation, Intent, Place
from clearinghouse.deconfliction.pictures import target_text
from clearinghouse.deconfliction.queries.places import mappings_of, names_of
from clearinghouse.deconfliction.queries.searching import owns_whole
from clearinghouse.deconfliction.rules.awareness import MOST_HELD, MOST_HELD_URGENTLY
from clearinghouse.deconfliction.rules.mappings import Mapped, looked_up, sources_of
from clearinghouse.deconfliction.rules.targets.kinds import Target, plain_of
from clearinghouse.deconfliction.rules.targets.repository import Repository
from clearinghouse.deconfliction.rules.targets.software import Software
from clearinghouse.errors import Conflict

_CALLED = {"intent": "announced", "authorisation": "authorised"}


def demand_places(
    row: Intent | Authorisation,
    targets: Collection[Target],
    mappings: Iterable[Mapped],
    *,
    at: datetime,
    is_urgent: bool = False,
) -> None:
    """Return quietly if the organization of a new row may hold so much more of the index; inside of a write.

    Counted is what it has standing of the same kind, at whatever time, near each target by itself: under every name of
    the same code, and in all of the repository that this lies in, for that is searched as a whole too.

    Raises:
        Conflict: it is too much; which target is named.
    """
    most = MOST_HELD_URGENTLY if is_urgent else MOST_HELD
    new = Counter(cell for one in targets for cell in one.cells.beside)
    if _places(row.organization_id, row.kind, at=at)[: most + 1].count() + new.total() <= most:
        return
    known, of_repository = looked_up(mappings), cache(_of_repository)
    near: dict[Target, frozenset[int]] = {}
    for one in targets:
        names = names_of((one,), known)
        urls = sorted({name.url for name in names if isinstance(name, Repository)})
        near[one] = _beside(names).union(*map(of_repository, urls))
    held = _held(row.organization_id, row.kind, frozenset().union(*near.values()), at=at)
    held.update(new)
    for one, cells in near.items():
        if sum(held[cell] for cell in cells) > most and not _is_theirs(row.organization_id, one, known):
            raise Conflict(
                f"with this your organization would have {_CALLED[row.kind]} more than {most} things near "
                f"{target_text(plain_of(one))} that stand at one time or another; end some, or name a folder or a "
                "pattern that holds several"
            )


def demand_room_to_join(organization: UUID, package: Software, repository: Repository, *, at: datetime) -> None:
    """Return quietly if a package may be said to be built from a repository, by what one organization holds near both.

    Raises:
        Conflict: together it is too much; inside of a write.
    """
    much = [kind for kind in _CALLED if _places(organization, kind, at=at)[: MOST_HELD + 1].count() > MOST_HELD]
    cells = _beside((package,)) | _of_repository(repository.url) if much else frozenset()
    for kind in much:
        if _held(organization, kind, cells, at=at).total() > MOST_HELD:
            raise Conflict(
                f"your organization has {_CALLED[kind]} more than {MOST_HELD} things near {package.package}, "
                f"{repository.url} and what else is built from there; end some first"
            )


def _of_repository(url: str) -> frozenset[int]:
    """Return the cells of a repository and of every package that is built from it."""
    whole = Repository(url)
    return _beside(names_of((whole,), mappings_of((whole,))))


def _beside(names: Iterable[Target]) -> frozenset[int]:
    """Return the cells of what is as narrow, or as wide, as one of these."""
    return frozenset().union(*(one.cells.beside for one in names))


def _places(organization: UUID, of: str, *, at: datetime) -> QuerySet[Place]:
    """Return the entries of an organization, of what is not over."""
    return Place.objects.filter(holder=organization, of=of, ends_at__gt=at)


def _held(organization: UUID, of: str, cells: Collection[int], *, at: datetime) -> Counter[int]:
    """Return how many entries an organization has in each of some cells."""
    own = _places(organization, of, at=at).filter(cell__in=cells)
    return Counter(dict(own.values_list("cell").annotate(Count("pk")).order_by()))


def _is_theirs(organization: UUID, target: Target, known: Collection[Mapped]) -> bool:
    """Say whether a target is all an organization's, and wherever its code lies too."""
    return all(owns_whole(organization, one) for one in (target, *sources_of(target, known)))
