"""Saying from which repository a package is built, so that scans of the one meet scans of the other."""

from datetime import datetime

from django.db.models import QuerySet

from clearinghouse.deconfliction.actions.room import demand_room_to_join
from clearinghouse.deconfliction.actions.standing import writing_of_names
from clearinghouse.deconfliction.models import Mapping
from clearinghouse.deconfliction.queries.intents import home_of
from clearinghouse.deconfliction.queries.searching import owns_whole
from clearinghouse.deconfliction.rules.globs import Glob
from clearinghouse.deconfliction.rules.lifecycle import MAPPING, MappingState, MappingStep
from clearinghouse.deconfliction.rules.mappings import (
    MOST_BY_ONE,
    MOST_BY_OWNER,
    MOST_PACKAGES,
    MOST_REPOSITORIES,
    MOST_REPOSITORIES_BY_ONE,
)
from clearinghouse.deconfliction.rules.targets.repository import Repository
from clearinghouse.deconfliction.rules.targets.software import Software
from clearinghouse.errors import Conflict, Malformed
from clearinghouse.ledger.actions import record
from clearinghouse.permissions.rules import Actor
from clearinghouse.permissions.table import demand
from clearinghouse.records import advance

_LONGEST_FOLDER = 128


def add_mapping(package: str, url: str, *, folder: str = "", actor: Actor, at: datetime) -> Mapping:
    """Say that a package is built from a folder of a repository; it matters to awareness alone, it binds nobody.

    How many names a thing has is bounded here, so that nobody has to be refused later for how many it has.

    Raises:
        NotPermitted: the actor may not.
        Malformed: no package, no address, or no plain folder.
        Conflict: it stands already, or so much is said already that more would stop those who scan there.
    """
    software, repository = Software.read(package), Repository.read(url)
    if software.is_prefix or software.versions or software.paths.pattern:
        raise Malformed(f"{package!r}: name one package, without version, path or star")
    if len(folder) > _LONGEST_FOLDER:
        raise Malformed(f"a folder of {len(folder)} characters; at most {_LONGEST_FOLDER}")
    row = Mapping(
        organization_id=home_of(actor),
        person_id=actor.id,
        package=software.package,
        url=repository.url,
        folder=Glob.literal(folder).pattern,
        state=MAPPING.initial,
        created_at=at,
    )
    demand(actor, "deconfliction:mapping:add", row, is_kept=False)

    def write() -> Mapping:
        same = {"package": row.package, "url": row.url, "folder": row.folder, "state": MappingState.STANDING}
        if Mapping.objects.filter(**same).exists():
            raise Conflict(f"{row.package} is said to be built from there already")
        _demand_room(row, software, repository, at=at)
        row.save(force_insert=True)
        details = {"package": row.package, "url": row.url, "folder": row.folder}
        record("deconfliction:mapping:add", subject=row, actor=actor, at=at, details=details)
        return row

    return writing_of_names((software, repository), write)


def _demand_room(row: Mapping, package: Software, repository: Repository, *, at: datetime) -> None:
    """Return quietly if one more mapping is not too much; whoever owns a thing has room there, whatever others said.

    Raises:
        Conflict: it is too much.
    """
    standing = Mapping.objects.filter(state=MappingState.STANDING)
    own = standing.filter(organization=row.organization_id)
    is_package_theirs = owns_whole(row.organization_id, package)
    is_repository_theirs = owns_whole(row.organization_id, repository)
    if not is_repository_theirs:
        demand_room_to_join(row.organization_id, package, repository, at=at)
    most = MOST_BY_OWNER if is_package_theirs or is_repository_theirs else MOST_BY_ONE
    if own.count() >= most:
        raise Conflict(f"your organization has said so of {most} packages; withdraw what does not hold any more")
    if not is_repository_theirs and _others(standing.filter(url=row.url), "package", row.package) >= MOST_PACKAGES:
        raise Conflict(
            f"{row.url} is said to build {MOST_PACKAGES} packages; ask the office to withdraw what does not hold"
        )
    if is_package_theirs:
        return
    if _others(own.filter(package=row.package), "url", row.url) >= MOST_REPOSITORIES_BY_ONE:
        raise Conflict(
            f"your organization says that {row.package} is built from {MOST_REPOSITORIES_BY_ONE} repositories; "
            "withdraw one that it is not built from"
        )
    if _others(standing.filter(package=row.package), "url", row.url) >= MOST_REPOSITORIES:
        raise Conflict(
            f"{row.package} is said to be built from {MOST_REPOSITORIES} repositories; ask the office to withdraw some"
        )


def _others(rows: QuerySet[Mapping], field: str, value: str) -> int:
    count: int = rows.exclude(**{field: value}).values(field).distinct().count()
    return count


def withdraw_mapping(row: Mapping, *, why: str = "", actor: Actor, at: datetime) -> None:
    """Say it no longer."""
    demand(actor, "deconfliction:mapping:withdraw", row)

    def write() -> None:
        Mapping.objects.filter(pk=row.pk).update(ended_at=at)
        advance(row, MAPPING, MappingStep.WITHDRAW, actor=actor, at=at, why=why)

    writing_of_names((Software.read(row.package), Repository.read(row.url)), write)
