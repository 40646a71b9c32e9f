"""Packages and the repositories that they are built from: a scan of the one meets a scan of the other."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from clearinghouse.deconfliction.rules.globs import Glob, shares_a_path
from clearinghouse.deconfliction.rules.targets.kinds import Target, meets
from clearinghouse.deconfliction.rules.targets.repository import Repository
from clearinghouse.deconfliction.rules.targets.software import Software

MOST_BY_ONE: Final = 2_000
"""What one organization may have said of packages and repositories that are not known to be theirs."""
MOST_BY_OWNER: Final = 10_000
"""What it may have said in all, where one of the two is."""
MOST_REPOSITORIES_BY_ONE: Final = 5
"""From which one organization says that a package is built, its owner apart."""
MOST_REPOSITORIES: Final = 50
"""From which all together say that a package is built, its owner apart."""
MOST_PACKAGES: Final = 5_000
"""That are built from one repository, as all together say."""


@dataclass(frozen=True, slots=True)
class Mapped:
    """That a package is built from a folder of a repository (empty: from all of it)."""

    package: Software
    url: str
    folder: str = ""


class Mappings(tuple[Mapped, ...]):  # noqa: SLOT001 - what is looked up is kept beside them
    """Some mappings, found by package and by repository."""

    @cached_property
    def _by_package(self) -> dict[str, list[Mapped]]:
        found: dict[str, list[Mapped]] = {}
        for one in self:
            found.setdefault(one.package.package, []).append(one)
        return found

    @cached_property
    def _by_url(self) -> dict[str, list[Mapped]]:
        found: dict[str, list[Mapped]] = {}
        for one in self:
            found.setdefault(one.url, []).append(one)
        return found

    def of_package(self, package: Software) -> Iterable[Mapped]:
        """Return those of a package, or of every package of a pattern."""
        if package.is_prefix:
            return [one for one in self if package.holds_name_of(one.package)]
        return self._by_package.get(package.package, ())

    def of_repository(self, repository: Repository) -> Iterator[Mapped]:
        """Yield those of a repository whose packages something in its paths could be known by."""
        for one in self._by_url.get(repository.url, ()):
            if not one.folder or shares_a_path(repository.paths, Glob(one.folder)):
                yield one


def looked_up(known: Iterable[Mapped]) -> Mappings:
    """Return mappings as they are looked up."""
    return known if isinstance(known, Mappings) else Mappings(known)


def sources_of(target: Target, known: Iterable[Mapped]) -> Iterator[Repository]:
    """Yield where the code of a package lies: by the mappings, and where its purl itself is an address."""
    if not isinstance(target, Software):
        return
    for url in target.repositories():
        yield Repository(url, paths=target.paths)
    for one in looked_up(known).of_package(target):
        yield Repository(one.url, paths=target.paths.under(one.folder))


def related(target: Target, known: Iterable[Mapped]) -> frozenset[Target]:
    """Return a target with all that could be another name for some of it: where a search has to look for it.

    A package leads to its repositories, and these to every package that is built from the same folders of them.
    """
    there = looked_up(known)
    found: set[Target] = {target, *sources_of(target, there)}
    for repository in [one for one in found if isinstance(one, Repository)]:
        found |= {one.package for one in there.of_repository(repository)}
        found |= {Software.read(package) for package in repository.packages()}
    return frozenset(found)


def meets_by(one: Target, other: Target, known: Iterable[Mapped]) -> bool:
    """Say whether two targets have something in common, by themselves or as the same code under two names."""
    if meets(one, other):
        return True
    if isinstance(one, Software) and isinstance(other, Software) and one.package == other.package:
        return False  # one name: its repository says nothing of versions, and would join what these keep apart
    there = looked_up(known)
    here, elsewhere = (one, *sources_of(one, there)), (other, *sources_of(other, there))
    return any(meets(a, b) for a in here for b in elsewhere)
