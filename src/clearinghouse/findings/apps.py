"""Registers the room with Django, and its steps with the background work."""

from django.apps import AppConfig


class FindingsConfig(AppConfig):
    """The findings app."""

    name = "clearinghouse.findings"
    label = "findings"

    def ready(self) -> None:
        """Tell the background work what can be due here."""
        from clearinghouse.findings import queries, tasks
        from clearinghouse.work.task import due

        due(tasks.read_submission, queries.due_submissions)
