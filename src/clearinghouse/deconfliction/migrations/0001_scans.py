import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [("parties", "0005_request_content")]

    operations = [
        migrations.CreateModel(
            name="ShownRequest",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "digest",
                    models.CharField(help_text="SHA-256 of the scan's name and the nonce.", max_length=64, unique=True),
                ),
                ("shown_at", models.DateTimeField(help_text="UTC; when it was first shown.")),
                ("expires_at", models.DateTimeField(db_index=True, help_text="UTC; from then on it may be forgotten.")),
            ],
        ),
        migrations.CreateModel(
            name="Intent",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(help_text="UTC.")),
                ("state", models.CharField(max_length=40)),
                (
                    "public_id",
                    models.CharField(help_text="SCAN- and ten random characters.", max_length=15, unique=True),
                ),
                ("person_id", models.UUIDField(help_text="Who announced it.")),
                ("technique", models.CharField(max_length=60)),
                ("table", models.CharField(help_text="Version of the table of techniques.", max_length=20)),
                ("targets", models.JSONField(help_text="As plain data, in the order in which they were named.")),
                ("starts_at", models.DateTimeField(help_text="UTC.")),
                ("ends_at", models.DateTimeField(help_text="UTC; not included.")),
                ("rate_per_second", models.PositiveIntegerField(help_text="Requests or packets, at most.", null=True)),
                ("contact", models.CharField(help_text="Whom to reach while it runs.", max_length=300)),
                ("visibility", models.CharField(max_length=20)),
                ("sources", models.JSONField(default=list, help_text="Blocks of addresses that it comes from.")),
                (
                    "scanner_key",
                    models.CharField(blank=True, help_text="Its Ed25519 public key, in base64.", max_length=64),
                ),
                (
                    "version_key",
                    models.CharField(help_text="Opaque; whoever holds it has seen this.", max_length=43, unique=True),
                ),
                ("revision", models.PositiveIntegerField(default=0, help_text="Counts its changes.")),
                ("changed_at", models.DateTimeField(help_text="UTC; of its last change.")),
                (
                    "acknowledged",
                    models.JSONField(
                        default=dict, help_text="What was seen when it was accepted: public id and version key."
                    ),
                ),
                (
                    "request_key",
                    models.CharField(blank=True, help_text="The announcer's own key of this request.", max_length=200),
                ),
                (
                    "request_digest",
                    models.CharField(blank=True, help_text="SHA-256 of what was announced by that key.", max_length=64),
                ),
                ("why", models.TextField(blank=True, help_text="Why it left its plan, or could not wait.")),
                ("began_at", models.DateTimeField(help_text="UTC; when it was first started.", null=True)),
                ("ended_at", models.DateTimeField(help_text="UTC; when it was ended, by whomever.", null=True)),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="intents", to="parties.organization"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Coverage",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(help_text="UTC.")),
                ("target", models.JSONField(help_text="As plain data.")),
                ("target_kind", models.CharField(max_length=20)),
                (
                    "target_name",
                    models.CharField(help_text="Its package, address, block or name alone.", max_length=1500),
                ),
                ("technique", models.CharField(max_length=60)),
                (
                    "version",
                    models.CharField(blank=True, help_text="The version or commit that was tried.", max_length=256),
                ),
                ("is_complete", models.BooleanField(help_text="Whether all of the target was tried.")),
                ("covered_at", models.DateTimeField(help_text="UTC.")),
                (
                    "findings",
                    models.PositiveIntegerField(
                        help_text="How many came of it; its own organization's to know.", null=True
                    ),
                ),
                ("visibility", models.CharField(help_text="As that of its scan.", max_length=20)),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="coverage", to="parties.organization"
                    ),
                ),
                (
                    "intent",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="coverage",
                        to="deconfliction.intent",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "coverage",
            },
        ),
        migrations.CreateModel(
            name="Meeting",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(help_text="UTC.")),
                (
                    "by",
                    models.CharField(help_text="What it met: an intent of theirs, or what they own.", max_length=20),
                ),
                (
                    "intent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="meetings", to="deconfliction.intent"
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="meetings", to="parties.organization"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Place",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("cell", models.BigIntegerField()),
                ("of", models.CharField(max_length=13)),
                ("subject_id", models.UUIDField()),
                ("number", models.PositiveSmallIntegerField(help_text="Which of its targets.")),
                ("target", models.TextField(help_text="As JSON.")),
                ("starts_at", models.DateTimeField(help_text="UTC.")),
                ("ends_at", models.DateTimeField(help_text="UTC; not included.")),
            ],
            options={
                "indexes": [
                    models.Index(fields=["cell", "ends_at"], name="place_by_cell"),
                    models.Index(fields=["subject_id"], name="place_by_subject"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("of__in", ["intent", "constraint", "ownership", "authorisation"])),
                        name="place_of_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ScanSource",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("block", models.CharField(help_text="Canonical, as 203.0.113.0/24.", max_length=43)),
                (
                    "starts_at",
                    models.DateTimeField(help_text="UTC; from when it was first announced, whatever a renewal says."),
                ),
                ("ends_at", models.DateTimeField(help_text="UTC; not included.")),
                (
                    "intent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="known_sources",
                        to="deconfliction.intent",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Attempt",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(help_text="UTC.")),
                (
                    "scan",
                    models.CharField(
                        help_text="SHA-256 of technique and targets: the same for each try.", max_length=64
                    ),
                ),
                ("outcome", models.CharField(help_text="Why it was refused.", max_length=20)),
                (
                    "is_open",
                    models.BooleanField(help_text="Whether neither it nor anything that it met is confidential."),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="attempts", to="parties.organization"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["created_at"], name="attempt_by_time")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("outcome__in", ["unaware", "overlaps", "endangers", "held-back"])),
                        name="attempt_outcome_known",
                    )
                ],
            },
        ),
        migrations.AddIndex(
            model_name="intent",
            index=models.Index(fields=["organization", "ends_at"], name="intent_by_organization"),
        ),
        migrations.AddIndex(
            model_name="intent",
            index=models.Index(fields=["changed_at"], name="intent_by_change"),
        ),
        migrations.AddConstraint(
            model_name="intent",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["draft", "accepted", "active", "off-plan", "emergency", "ended"])),
                name="intent_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="intent",
            constraint=models.CheckConstraint(
                condition=models.Q(("visibility__in", ["everyone", "those-met"])), name="intent_visibility_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="intent",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at__gt", models.F("starts_at"))), name="intent_runs_forward"
            ),
        ),
        migrations.AddConstraint(
            model_name="intent",
            constraint=models.UniqueConstraint(
                condition=models.Q(("request_key", ""), _negated=True),
                fields=("organization", "request_key"),
                name="intent_once_a_request",
            ),
        ),
        migrations.AddIndex(
            model_name="coverage",
            index=models.Index(fields=["target_name", "covered_at"], name="coverage_by_target"),
        ),
        migrations.AddConstraint(
            model_name="coverage",
            constraint=models.CheckConstraint(
                condition=models.Q(("target_kind__in", ["software", "repository", "network", "host", "model"])),
                name="coverage_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="coverage",
            constraint=models.CheckConstraint(
                condition=models.Q(("visibility__in", ["everyone", "those-met"])), name="coverage_visibility_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="meeting",
            constraint=models.UniqueConstraint(fields=("intent", "organization"), name="meeting_once"),
        ),
        migrations.AddConstraint(
            model_name="meeting",
            constraint=models.CheckConstraint(
                condition=models.Q(("by__in", ["intent", "ownership"])), name="meeting_by_known"
            ),
        ),
        migrations.AddIndex(
            model_name="scansource",
            index=models.Index(fields=["block", "ends_at"], name="source_by_block"),
        ),
        migrations.AddConstraint(
            model_name="scansource",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at__gt", models.F("starts_at"))), name="source_runs_forward"
            ),
        ),
    ]
