"""Saying from which repository a package is built, so that scans of the one meet scans of the other."""

from datetime import datetime

from clearinghouse.deconfliction.actions.standing import writing
from clearinghouse.deconfliction.models import Mapping
from clearinghouse.deconfliction.queries.intents import home_of
from clearinghouse.deconfliction.rules.globs import Glob
from clearinghouse.deconfliction.rules.lifecycle import MAPPING, MappingState, MappingStep
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

    Raises:
        NotPermitted: the actor may not.
        Malformed: no package, no address, or no plain folder.
        Conflict: it stands already.
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

    def write(_: object) -> Mapping:
        same = {"package": row.package, "url": row.url, "folder": row.folder, "state": MappingState.STANDING}
        if Mapping.objects.filter(**same).exists():
            raise Conflict(f"{row.package} is said to be built from there already")
        row.save(force_insert=True)
        details = {"package": row.package, "url": row.url, "folder": row.folder}
        record("deconfliction:mapping:add", subject=row, actor=actor, at=at, details=details)
        return row

    return writing((software, repository), write)


def withdraw_mapping(row: Mapping, *, why: str = "", actor: Actor, at: datetime) -> None:
    """Say it no longer."""
    demand(actor, "deconfliction:mapping:withdraw", row)

    def write(_: object) -> None:
        Mapping.objects.filter(pk=row.pk).update(ended_at=at)
        advance(row, MAPPING, MappingStep.WITHDRAW, actor=actor, at=at, why=why)

    writing((Software.read(row.package), Repository.read(row.url)), write)
