"""Adds what people save of the queue."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0006_mark_cases"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SavedView",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(help_text="UTC.")),
                ("name", models.CharField(max_length=60)),
                ("words", models.CharField(blank=True, help_text="What is searched for.", max_length=200)),
                ("view", models.CharField(default="all", max_length=20)),
                ("band", models.CharField(blank=True, help_text="Empty: every one.", max_length=20)),
                (
                    "package",
                    models.CharField(blank=True, help_text="purl without version; empty: all.", max_length=1500),
                ),
                ("case_state", models.CharField(blank=True, help_text="Empty: every one.", max_length=40)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="saved_views",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("person", "name"), name="saved_view_one_of_a_name"),
                    models.CheckConstraint(
                        condition=models.Q(("view__in", ["all", "to-confirm", "patched", "due", "second-person"])),
                        name="saved_view_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("band__in", ["", "INCIDENT", "URGENT", "STANDARD", "NEEDS-INFO"])),
                        name="saved_view_band_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("case_state__in", ["", "open", "to-confirm", "dissolved"])),
                        name="saved_view_state_known",
                    ),
                ],
            },
        ),
    ]
