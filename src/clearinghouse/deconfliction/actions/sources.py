"""Keeping where announced scans come from, so that a defender finds them by an address."""

from uuid import UUID

from clearinghouse.deconfliction.models import Intent, ScanSource
from clearinghouse.deconfliction.rules.prefixes import parse_prefix
from clearinghouse.deconfliction.rules.windows import Window


def name_sources(intent: Intent) -> None:
    """Let a scan be found by the addresses it comes from, once it is announced; inside of its write."""
    if intent.sources:
        ScanSource.objects.bulk_create(
            ScanSource(
                intent=intent, block=str(parse_prefix(block)), starts_at=intent.starts_at, ends_at=intent.ends_at
            )
            for block in intent.sources
        )


def lengthen_sources(intent_id: UUID, window: Window) -> None:
    """Let a renewed scan be found until its new end; that it ran before stays known."""
    ScanSource.objects.filter(intent_id=intent_id).update(ends_at=window.ends_at)
