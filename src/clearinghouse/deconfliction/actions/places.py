"""Keeping the index: where a thing that stands is found, from when until when."""

import secrets
from collections.abc import Iterable
from typing import Final
from uuid import UUID

from clearinghouse.deconfliction.models import Authorisation, Constraint, Coverage, Intent, Ownership, Place
from clearinghouse.deconfliction.queries.places import text_of
from clearinghouse.deconfliction.rules.targets.kinds import Target
from clearinghouse.deconfliction.rules.windows import ALWAYS, Window

_NEVER: Final = ALWAYS.starts_at
_LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32."""


def new_public_id(prefix: str) -> str:
    """Return a name for people, which counts nothing: ``SCAN-`` and ten random characters."""
    return prefix + "-" + "".join(secrets.choice(_LETTERS) for _ in range(10))


def new_version_key() -> str:
    """Return a key that nobody guesses: whoever holds it was shown what it is of."""
    return secrets.token_urlsafe(24)


type Found = Authorisation | Constraint | Coverage | Intent | Ownership


def put(row: Found, targets: Iterable[Target], window: Window | None = ALWAYS) -> None:
    """Let a thing be found by its targets, in a window; None: in no window, so that it is in nobody's way."""
    starts_at, ends_at = (window.starts_at, window.ends_at) if window else (_NEVER, _NEVER)
    Place.objects.bulk_create(
        Place(
            cell=cell,
            of=row.kind,
            holder=row.organization_id,
            subject_id=row.pk,
            number=number,
            target=text_of(target),
            starts_at=starts_at,
            ends_at=ends_at,
        )
        for number, target in enumerate(targets)
        for cell in sorted(target.cells.written)
    )


def move(subject_id: UUID, window: Window) -> None:
    """Let a thing be found in another window."""
    Place.objects.filter(subject_id=subject_id).update(starts_at=window.starts_at, ends_at=window.ends_at)


def close(subject_id: UUID) -> None:
    """Let a thing be found in no window any more: by whoever looks for what was, not by whoever writes."""
    Place.objects.filter(subject_id=subject_id).update(starts_at=_NEVER, ends_at=_NEVER)


def take_away(subject_id: UUID) -> None:
    """Let a thing be found no more."""
    Place.objects.filter(subject_id=subject_id).delete()
