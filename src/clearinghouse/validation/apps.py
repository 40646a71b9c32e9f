"""Registers the room with Django, and its steps with the background work."""

from django.apps import AppConfig


class ValidationConfig(AppConfig):
    """The validation app."""

    name = "clearinghouse.validation"
    label = "validation"

    def ready(self) -> None:
        """Tell the background work what can be due here."""
        from clearinghouse.validation import queries, tasks
        from clearinghouse.work.task import due

        due(tasks.judge_finding, queries.due_judge)
        due(tasks.range_finding, queries.due_range)
        due(tasks.check_patches, queries.due_check_patches)
