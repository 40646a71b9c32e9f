"""Writing down that an announcement was refused, after everything that it did was undone; for figures."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from clearinghouse.deconfliction.models import Attempt, Intent
from clearinghouse.deconfliction.rules.announcing import Announcement
from clearinghouse.deconfliction.rules.figures import Outcome, fingerprint
from clearinghouse.deconfliction.rules.lifecycle import STANDING, Visibility
from clearinghouse.errors import Endangers, HeldBack, Meets, Overlaps, Unaware
from clearinghouse.sight.asking import beyond_sight

_OUTCOMES: dict[type[Exception], Outcome] = {
    Unaware: Outcome.UNAWARE,
    Overlaps: Outcome.OVERLAPS,
    Endangers: Outcome.ENDANGERS,
    HeldBack: Outcome.HELD_BACK,
}


@contextmanager
def noting_refusals(intent: Intent, said: Announcement, *, at: datetime) -> Iterator[None]:
    """Write down a refusal of what stands or of owners, and pass it on; around the whole write, not inside of it.

    Whoever's own scan stands already and only has to look again has announced nothing: that is not written down.
    """
    try:
        yield
    except (Meets, HeldBack) as refusal:
        is_kept = not intent._state.adding  # noqa: SLF001 - Django's public name
        if isinstance(refusal, Unaware) and is_kept and intent.state in STANDING:
            raise
        met = [str(one["id"]) for one in refusal.references] if isinstance(refusal, Meets) else []
        with beyond_sight():
            hidden = Intent.objects.filter(public_id__in=met).exclude(visibility=Visibility.EVERYONE)
            Attempt.objects.create(
                organization_id=intent.organization_id,
                scan=fingerprint(said.technique, said.plain_targets()),
                outcome=_OUTCOMES[type(refusal)].value,
                is_open=said.visibility is Visibility.EVERYONE and not hidden.exists(),
                created_at=at,
            )
        raise
