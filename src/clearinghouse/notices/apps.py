"""Registers the room with Django, its steps with the background work, and listens to rooms that lie below it."""

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    """The notices app."""

    name = "clearinghouse.notices"
    label = "notices"

    def ready(self) -> None:
        """Tell the background work what can be due here."""
        from clearinghouse.notices import hearing, tasks
        from clearinghouse.notices.telling import settle
        from clearinghouse.work.task import due, steadily

        due(tasks.deliver, tasks.deliveries_due_now)
        due(tasks.forget_notices, tasks.forgetting_due_now)
        steadily(settle)
        hearing.listen()
