"""Registers the room with Django, and its steps with the background work."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """The cases app."""

    name = "clearinghouse.cases"
    label = "cases"

    def ready(self) -> None:
        """Tell the background work what can be due here."""
        from clearinghouse.cases import tasks
        from clearinghouse.cases.queries.due import due_fixes, due_joins, due_trials
        from clearinghouse.work.task import due

        due(tasks.try_patch, due_trials)
        due(tasks.join_package, due_joins)
        due(tasks.check_fix, due_fixes)
