"""Packages and the repositories that they are built from: a scan of the one meets a scan of the other."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from clearinghouse.deconfliction.rules.targets.kinds import Target, meets
from clearinghouse.deconfliction.rules.targets.repository import Repository
from clearinghouse.deconfliction.rules.targets.software import Software


@dataclass(frozen=True, slots=True)
class Mapped:
    """That a package is built from a folder of a repository (empty: from all of it)."""

    package: Software
    url: str
    folder: str = ""


def sources_of(target: Target, mappings: Iterable[Mapped]) -> Iterator[Repository]:
    """Yield where the code of a package lies: by the mappings, and where its purl itself is an address."""
    if not isinstance(target, Software):
        return
    for url in target.repositories():
        yield Repository(url, paths=target.paths)
    for one in mappings:
        if target.holds_name_of(one.package):
            yield Repository(one.url, paths=target.paths.under(one.folder))


def related(target: Target, mappings: Iterable[Mapped]) -> frozenset[Target]:
    """Return a target with all that could be another name for some of it: what its index entries have to cover.

    A package leads to its repositories, and these to every package that is built from them.
    """
    known = tuple(mappings)
    found: set[Target] = {target, *sources_of(target, known)}
    for repository in [one for one in found if isinstance(one, Repository)]:
        found |= {one.package for one in known if one.url == repository.url}
        found |= {Software.read(package) for package in repository.packages()}
    return frozenset(found)


def meets_by(one: Target, other: Target, mappings: Iterable[Mapped]) -> bool:
    """Say whether two targets have something in common, by themselves or as the same code under two names."""
    if meets(one, other):
        return True
    known = tuple(mappings)
    here, there = (one, *sources_of(one, known)), (other, *sources_of(other, known))
    return any(meets(a, b) for a in here for b in there)
