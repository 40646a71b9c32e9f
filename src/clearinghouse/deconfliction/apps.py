"""Registers the room with Django, and its steps with the background work."""

from django.apps import AppConfig


class DeconflictionConfig(AppConfig):
    """The deconfliction app."""

    name = "clearinghouse.deconfliction"
    label = "deconfliction"

    def ready(self) -> None:
        """Tell the background work what can be due here."""
        from clearinghouse.deconfliction import tasks
        from clearinghouse.deconfliction.queries.lists import due_lists
        from clearinghouse.deconfliction.queries.subscriptions import due_telling
        from clearinghouse.work.task import due, steadily

        due(tasks.refresh_lists, due_lists)
        due(tasks.tell_others, due_telling)
        steadily(tasks.tell_steadily)
