"""The index: what stands near a target, and under which names else it is known."""

import json
from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from django.db.models import Q, QuerySet

from clearinghouse.deconfliction.models import Authorisation, Intent, Mapping, Place
from clearinghouse.deconfliction.rules.lifecycle import MappingState, Visibility
from clearinghouse.deconfliction.rules.mappings import Mapped, Mappings, looked_up, related
from clearinghouse.deconfliction.rules.targets.kinds import Target, plain_of, target_of
from clearinghouse.deconfliction.rules.targets.repository import Repository
from clearinghouse.deconfliction.rules.targets.software import Software
from clearinghouse.deconfliction.rules.windows import Window
from clearinghouse.errors import Conflict

MOST_NEAR = 20_000
"""Entries of the index that one question looks at."""
MOST_MAPPINGS = 20_000
"""Of them that one announcement reads."""


class Near(NamedTuple):
    """One target that the index finds near."""

    of: str
    subject_id: UUID
    target: Target
    number: int


@lru_cache(maxsize=65536)
def read_target(text: str) -> Target:
    """Return the target that the index keeps as JSON."""
    return target_of(json.loads(text))


def text_of(target: Target) -> str:
    """Return a target as the index keeps it."""
    return json.dumps(plain_of(target), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


@lru_cache(maxsize=65536)
def _package(text: str) -> Software:
    return Software.read(text)


def mappings_of(targets: Iterable[Target]) -> Mappings:
    """Return the mappings that lead from these targets to other names of the same code, all of them.

    How many one package or repository has is bounded where a mapping is added (``actions/mappings.py``); what reads
    them is never refused for their number, for then whoever adds some could stop an owner's word or an emergency.
    """
    packages = [one for one in targets if isinstance(one, Software)]
    urls = {one.url for one in targets if isinstance(one, Repository)}
    if not packages and not urls:
        return Mappings()
    named = Q(package__in=[one.package for one in packages if not one.is_prefix])
    for one in packages:
        if one.is_prefix:
            named |= Q(package__startswith=one.package.removesuffix("*"))
    urls |= {url for one in packages for url in one.repositories()}
    standing = Mapping.objects.filter(state=MappingState.STANDING)
    of_packages = Q(url__in=standing.filter(named).values("url")) if packages else Q(pk__in=())
    return _mapped(standing.filter(of_packages | Q(url__in=urls)))


def every_mapping() -> Mappings:
    """Return all mappings that stand, for whoever looks at very many targets at once."""
    return _mapped(Mapping.objects.filter(state=MappingState.STANDING))


def _mapped(rows: QuerySet[Mapping]) -> Mappings:
    told = sorted(rows.values_list("package", "url", "folder"))
    return Mappings(Mapped(_package(package), url, folder) for package, url, folder in told)


def check_names(targets: Collection[Target], known: Mappings) -> None:
    """Return quietly if no more is announced at once than can be held together: one package is never too much.

    Raises:
        Conflict: it is a pattern, or are several, known by very many names.
    """
    (first, *others) = targets
    is_one = not others and not (isinstance(first, Software) and first.is_prefix)
    if len(known) > MOST_MAPPINGS and not is_one:
        raise Conflict(f"these are known by more than {MOST_MAPPINGS} names of packages; name fewer at a time")


def names_of(targets: Iterable[Target], mappings: Iterable[Mapped]) -> frozenset[Target]:
    """Return the targets with every other name of theirs."""
    known = looked_up(mappings)
    return frozenset().union(*(related(one, known) for one in targets))


def searched_by(names: Iterable[Target]) -> frozenset[int]:
    """Return the cells in which everything near these targets is found."""
    return frozenset().union(*(one.cells.searched for one in names))


def near(
    names: Iterable[Target],
    window: Window,
    *,
    of: Iterable[str] = (),
    seen_by: UUID | None = None,
    is_bounded: bool = True,
) -> list[Near]:
    """Return what the index finds near these targets in this window; some of it may meet none of them.

    Args:
        names: the targets, with every other name of theirs.
        window: when.
        of: only what is of these kinds; empty: everything.
        seen_by: the organization that is told when it is too much: it learns of what it may see alone.
        is_bounded: whether to refuse rather than to look at very much.

    Raises:
        Conflict: there is more than one question can look at.
    """
    rows = Place.objects.filter(cell__in=searched_by(names), ends_at__gt=window.starts_at, starts_at__lt=window.ends_at)
    if wanted := tuple(of):
        rows = rows.filter(of__in=wanted)
    wide = rows.values_list("of", "subject_id", "target", "number")
    found = list(wide[: MOST_NEAR + 1] if is_bounded else wide)
    if is_bounded and len(found) > MOST_NEAR:
        if seen_by is None or rows.exclude(_hidden_from(seen_by))[: MOST_NEAR + 1].count() > MOST_NEAR:
            raise Conflict(
                f"the index finds more than {MOST_NEAR} others near; nothing is passed over: name less, "
                "or a shorter window"
            )
        found = list(wide)
    return [
        Near(of_what, subject, read_target(text), number) for of_what, subject, text, number in dict.fromkeys(found)
    ]


def _hidden_from(organization: UUID) -> Q:
    """Return which entries an organization may not see: of confidential scans, and of what others allow others."""
    intents = Intent.objects.filter(visibility=Visibility.THOSE_MET).exclude(organization=organization)
    words = Authorisation.objects.exclude(organization=organization).exclude(scanner=organization)
    return Q(subject_id__in=intents.exclude(meetings__organization=organization).values("pk")) | Q(
        subject_id__in=words.values("pk")
    )
