"""A slow task on rows, for the test that kills its engine."""

import time

from clearinghouse.parties.models import Organization
from clearinghouse.work.task import task


@task()
def rename(organization_id: str) -> None:
    """Give an organization its new name, once."""
    time.sleep(0.02)
    row = Organization.objects.get(pk=organization_id)
    Organization.objects.filter(pk=row.pk, name=row.name).update(name=row.name.replace("old", "new"))
