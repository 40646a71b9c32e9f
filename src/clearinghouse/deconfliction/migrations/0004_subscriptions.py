import uuid
from importlib import import_module
from typing import Any

import django.db.models.deletion
from django.db import migrations, models

# Whoever is accepted by one statement leaves what there is to tell in it as well: a row, whoever is to be told.
UNTOLD = """
    INSERT INTO deconfliction_untold (event, of, subject_id, told, at)
        VALUES ('scan.announced', 'intent', intent.id, '[]', intent.changed_at);
"""
_ACCEPT: str = import_module("clearinghouse.deconfliction.migrations.0003_writing").ACCEPT
BEFORE = _ACCEPT.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
AFTER = BEFORE.replace("    RETURN true;", UNTOLD.strip("\n") + "\n    RETURN true;")


def make(_: Any, schema_editor: Any) -> None:  # noqa: ANN401 - Django's own
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(AFTER, params=None)


def unmake(_: Any, schema_editor: Any) -> None:  # noqa: ANN401 - Django's own
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(BEFORE, params=None)


class Migration(migrations.Migration):
    dependencies = [
        ("deconfliction", "0003_writing"),
        ("parties", "0005_request_content"),
    ]

    operations = [
        migrations.CreateModel(
            name="Untold",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("event", models.CharField(help_text="What a notice of it says.", max_length=40)),
                ("of", models.CharField(help_text="intent or constraint", max_length=13)),
                ("subject_id", models.UUIDField()),
                ("told", models.JSONField(default=list, help_text="The organizations that know already.")),
                ("at", models.DateTimeField(help_text="UTC; when it happened.")),
            ],
        ),
        migrations.CreateModel(
            name="Subscription",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(help_text="UTC.")),
                ("state", models.CharField(max_length=40)),
                (
                    "public_id",
                    models.CharField(help_text="WATCH- and ten random characters.", max_length=16, unique=True),
                ),
                ("person_id", models.UUIDField(help_text="Who asked for it.")),
                ("target", models.JSONField(help_text="As plain data.")),
                (
                    "techniques",
                    models.JSONField(default=list, help_text="Of scans by which it is told; empty: by every one."),
                ),
                ("ended_at", models.DateTimeField(help_text="UTC; when it was given up.", null=True)),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="subscriptions",
                        to="parties.organization",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="WatchedCell",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("cell", models.BigIntegerField(db_index=True)),
                (
                    "subscription",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="cells",
                        to="deconfliction.subscription",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="subscription",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["standing", "ended"])), name="subscription_state_known"
            ),
        ),
        migrations.RunPython(make, unmake),
    ]
