"""Marks the cases that stand already, each as its narrowest report."""

from typing import Any

from django.db import migrations

ORDER = ("CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED")


def mark(apps: Any, schema_editor: Any) -> None:  # noqa: ANN401 - Django's own
    """Write the label of the narrowest report of each case; a case without one stays RED."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("SELECT set_config('clearinghouse.owner', 'on', true)", params=None)
    labels: dict[object, list[str]] = {}
    joins = apps.get_model("cases", "Join").objects.filter(ended_at=None).select_related("finding")
    for join in joins.iterator():
        said = str(join.finding.report.get("tlp") or "AMBER").upper().removeprefix("TLP:").replace("WHITE", "CLEAR")
        labels.setdefault(join.case_id, []).append(said if said in ORDER else "RED")
    for case, found in labels.items():
        apps.get_model("cases", "Case").objects.filter(pk=case).update(tlp=max(found, key=ORDER.index))


def unmark(apps: Any, schema_editor: Any) -> None:  # noqa: ANN401 - Django's own
    """Leave the labels; the column goes with the migration before this one."""


class Migration(migrations.Migration):
    dependencies = [("cases", "0005_marking")]

    operations = [migrations.RunPython(mark, unmark)]
