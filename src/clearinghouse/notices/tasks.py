"""The steps of telling in the background; each is safe to repeat."""

from collections.abc import Iterator
from uuid import UUID

from django.utils import timezone

from clearinghouse.notices import sending
from clearinghouse.notices.models import Notice
from clearinghouse.notices.queries import due_deliveries, due_forgetting
from clearinghouse.notices.rules import KEPT_FOR
from clearinghouse.work.task import task
from clearinghouse.work.turns import Turn


def deliveries_due_now() -> Iterator[Turn]:
    """Yield the deliveries that are due."""
    return due_deliveries(timezone.now())


def forgetting_due_now() -> Iterator[str]:
    """Yield that there is something to forget."""
    return due_forgetting(timezone.now())


@task(priority=15, serial="webhooks {0}", attempts=1)
def deliver(organization: str, delivery_id: str, failures: int) -> None:  # noqa: ARG001 - one at a time of each
    """Try one delivery once; when it is tried again stands in its row."""
    sending.deliver(UUID(delivery_id), failures, outgoing=sending.the_outgoing(), at=timezone.now())


@task(priority=-20)
def forget_notices(day: str) -> None:  # noqa: ARG001 - so that it is another call each day
    """Take away notices that are older than they are kept, and their deliveries."""
    Notice.objects.filter(created_at__lt=timezone.now() - KEPT_FOR).delete()
