"""Files of the store that nothing here needs any more."""

from collections.abc import Iterable

from django.db import transaction

from clearinghouse.artefacts import Artefacts
from clearinghouse.cases.models import Fix
from clearinghouse.findings.files import hold_writers
from clearinghouse.findings.models import Finding, RefusedReport, Submission
from clearinghouse.sight.asking import beyond_sight


@beyond_sight()  # a file is needed by whoever handed in the same bytes, seen or not
@transaction.atomic
def remove_unneeded(digests: Iterable[str], artefacts: Artefacts) -> None:
    """Take those of these files out of the store that no row names; call it once what named them is gone for good."""
    gone = set(digests)
    if not gone:
        return
    hold_writers()
    for kept in Finding.objects.values_list("artefacts", flat=True).iterator():
        gone.difference_update(kept.values())
    for model, field in (
        (Finding, "source_digest"),
        (Submission, "digest"),
        (Fix, "digest"),
        (RefusedReport, "digest"),
    ):
        rows = model._base_manager.filter(**{f"{field}__in": gone})  # noqa: SLF001 - Django's public name
        gone.difference_update(rows.values_list(field, flat=True))
    for digest in gone:
        artefacts.remove(digest)
