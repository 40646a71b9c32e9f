import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("deconfliction", "0001_scans")]

    operations = [
        migrations.CreateModel(
            name="Constraint",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(help_text="UTC.")),
                ("state", models.CharField(max_length=40)),
                (
                    "public_id",
                    models.CharField(help_text="RULE- and ten random characters.", max_length=15, unique=True),
                ),
                ("person_id", models.UUIDField(help_text="Who stated it.")),
                ("says", models.CharField(max_length=20)),
                ("target", models.JSONField(help_text="As plain data.")),
                ("techniques", models.JSONField(default=list, help_text="For which it holds; empty: for all.")),
                ("times", models.JSONField(help_text="When scans may run.", null=True)),
                ("rate_per_second", models.PositiveIntegerField(null=True)),
                ("why", models.TextField(blank=True)),
                (
                    "version_key",
                    models.CharField(help_text="Opaque; whoever holds it has seen this.", max_length=43, unique=True),
                ),
                ("ended_at", models.DateTimeField(help_text="UTC; when it was withdrawn.", null=True)),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="constraints",
                        to="parties.organization",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ForeignRecord",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(help_text="UTC.")),
                ("said_kind", models.CharField(max_length=20)),
                ("subject", models.CharField(max_length=2000)),
                (
                    "digest",
                    models.CharField(
                        help_text="SHA-256 of the subject; of a claim, the finding's salted hash.", max_length=64
                    ),
                ),
                ("statement", models.JSONField(help_text="As it was brought in.")),
                ("fingerprint", models.CharField(help_text="SHA-256 of the statement.", max_length=64, unique=True)),
                (
                    "constraint",
                    models.ForeignKey(
                        help_text="What an opt-out became.",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="deconfliction.constraint",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="foreign_records",
                        to="parties.organization",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Mapping",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(help_text="UTC.")),
                ("state", models.CharField(max_length=40)),
                ("person_id", models.UUIDField(help_text="Who said so.")),
                ("package", models.CharField(help_text="purl without version, canonical.", max_length=1500)),
                ("url", models.CharField(help_text="Of the repository, in its one form.", max_length=500)),
                ("folder", models.CharField(blank=True, help_text="Where in it; empty: all of it.", max_length=256)),
                ("ended_at", models.DateTimeField(help_text="UTC; when it was withdrawn.", null=True)),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="mappings", to="parties.organization"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Ownership",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(help_text="UTC.")),
                ("state", models.CharField(max_length=40)),
                ("target", models.JSONField(help_text="As plain data, whole.")),
                ("criticality", models.PositiveSmallIntegerField(help_text="1 to 5, as its owner says.")),
                ("evidence", models.TextField(help_text="What shows it: a record in a registry, a file put in place.")),
                ("requested_by", models.UUIDField(help_text="The person who claims it.")),
                ("decided_by", models.UUIDField(help_text="The other person.", null=True)),
                ("decided_at", models.DateTimeField(help_text="UTC.", null=True)),
                ("decided_why", models.TextField(blank=True, help_text="What they looked at.")),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ownerships",
                        to="parties.organization",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Authorisation",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(help_text="UTC.")),
                ("state", models.CharField(max_length=40)),
                (
                    "public_id",
                    models.CharField(help_text="AUTH- and ten random characters.", max_length=15, unique=True),
                ),
                ("person_id", models.UUIDField(help_text="Who gave it.")),
                ("targets", models.JSONField(help_text="As plain data.")),
                ("techniques", models.JSONField(default=list, help_text="Which it allows; empty: every one.")),
                ("starts_at", models.DateTimeField(help_text="UTC.")),
                ("ends_at", models.DateTimeField(help_text="UTC; not included.")),
                ("rate_per_second", models.PositiveIntegerField(null=True)),
                (
                    "reference",
                    models.CharField(blank=True, help_text="The owner's own: a contract, a ticket.", max_length=300),
                ),
                ("ended_at", models.DateTimeField(help_text="UTC; when it was withdrawn.", null=True)),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="authorisations",
                        to="parties.organization",
                    ),
                ),
                (
                    "scanner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="authorised",
                        to="parties.organization",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["standing", "withdrawn"])), name="authorisation_state_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gt", models.F("starts_at"))), name="authorisation_runs_forward"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Availability",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(help_text="UTC.")),
                ("answering", models.CharField(max_length=10)),
                ("since_at", models.DateTimeField(help_text="UTC.")),
                ("why", models.TextField(blank=True)),
                (
                    "organization",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="availability",
                        to="parties.organization",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "availabilities",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("answering__in", ["normal", "down"])), name="availability_known"
                    )
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="constraint",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["standing", "withdrawn"])), name="constraint_state_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="constraint",
            constraint=models.CheckConstraint(
                condition=models.Q(("says__in", ["do-not-scan", "only-in-windows", "at-most-rate", "ask-first"])),
                name="constraint_says_known",
            ),
        ),
        migrations.AddIndex(
            model_name="foreignrecord",
            index=models.Index(fields=["digest"], name="foreign_record_by_digest"),
        ),
        migrations.AddConstraint(
            model_name="foreignrecord",
            constraint=models.CheckConstraint(
                condition=models.Q(("said_kind__in", ["certificate", "claim", "optout", "route"])),
                name="foreign_record_kind_known",
            ),
        ),
        migrations.AddIndex(
            model_name="mapping",
            index=models.Index(fields=["package"], name="mapping_by_package"),
        ),
        migrations.AddIndex(
            model_name="mapping",
            index=models.Index(fields=["url"], name="mapping_by_url"),
        ),
        migrations.AddConstraint(
            model_name="mapping",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["standing", "withdrawn"])), name="mapping_state_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="mapping",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "standing")),
                fields=("package", "url", "folder"),
                name="mapping_stands_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="ownership",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["claimed", "verified", "refused", "ended"])),
                name="ownership_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="ownership",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("decided_by", None),
                    models.Q(("decided_by", models.F("requested_by")), _negated=True),
                    _connector="OR",
                ),
                name="ownership_two_people",
            ),
        ),
        migrations.AddConstraint(
            model_name="ownership",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "verified"), _negated=True), ("decided_by__isnull", False), _connector="OR"
                ),
                name="ownership_verified_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="ownership",
            constraint=models.CheckConstraint(
                condition=models.Q(("criticality__range", (1, 5))), name="ownership_criticality"
            ),
        ),
    ]
