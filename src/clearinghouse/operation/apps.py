"""Registers the room's step with the background work."""

from django.apps import AppConfig


class OperationConfig(AppConfig):
    """The operation app; it keeps no rows of its own."""

    name = "clearinghouse.operation"
    label = "operation"

    def ready(self) -> None:
        """Tell the background work what can be due here."""
        from clearinghouse.operation import tasks
        from clearinghouse.work.task import due

        due(tasks.let_go, tasks.due_retention)
