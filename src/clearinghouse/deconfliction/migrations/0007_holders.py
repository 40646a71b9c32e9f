"""Says of each entry of the index whose it is, and lets coverage be found by its target."""

from importlib import import_module
from typing import Any

from django.db import migrations, models
from django.db.models import OuterRef, Subquery

ACCEPT: str = import_module("clearinghouse.deconfliction.migrations.0004_subscriptions").AFTER
INTO = "INSERT INTO deconfliction_place (cell, of, subject_id, number, target, starts_at, ends_at)"
VALUES = "SELECT one.cell, 'intent', intent.id, one.number"
HELD = ACCEPT.replace(INTO, INTO.replace("subject_id", "holder, subject_id")).replace(
    VALUES, VALUES.replace("intent.id", "intent.organization_id, intent.id")
)
BEFORE = ["intent", "constraint", "ownership", "authorisation"]


def fill(apps: Any, schema_editor: Any) -> None:  # noqa: ANN401 - Django's own
    """Write down whose each entry is; one of nothing that is kept goes."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("SELECT set_config('clearinghouse.owner', 'on', true)", params=None)
    places = apps.get_model("deconfliction", "Place").objects
    for of in BEFORE:
        subject = apps.get_model("deconfliction", of).objects.filter(pk=OuterRef("subject_id"))
        places.filter(of=of).update(holder=Subquery(subject.values("organization_id")[:1]))
    places.filter(holder=None).delete()


def empty(apps: Any, schema_editor: Any) -> None:  # noqa: ANN401 - Django's own
    """Take away what the index did not hold before."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("SELECT set_config('clearinghouse.owner', 'on', true)", params=None)
    apps.get_model("deconfliction", "Place").objects.exclude(of__in=BEFORE).delete()


def put(schema_editor: Any, statement: str) -> None:  # noqa: ANN401 - Django's own
    """Put another body into the function that accepts a scan."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(statement, params=None)


def forth(_: Any, schema_editor: Any) -> None:  # noqa: ANN401 - Django's own
    put(schema_editor, HELD)


def back(_: Any, schema_editor: Any) -> None:  # noqa: ANN401 - Django's own
    put(schema_editor, ACCEPT)


class Migration(migrations.Migration):
    dependencies = [("deconfliction", "0006_published_counts")]

    operations = [
        migrations.AddField("place", "holder", models.UUIDField(help_text="The organization whose it is.", null=True)),
        migrations.RemoveConstraint("place", "place_of_known"),
        migrations.AddConstraint(
            "place",
            models.CheckConstraint(condition=models.Q(("of__in", (*BEFORE, "coverage"))), name="place_of_known"),
        ),
        migrations.RunPython(fill, empty),
        migrations.AlterField("place", "holder", models.UUIDField(help_text="The organization whose it is.")),
        migrations.AddIndex("place", models.Index(fields=("holder", "ends_at", "cell"), name="place_by_holder")),
        migrations.RunPython(forth, back),
    ]
