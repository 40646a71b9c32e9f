import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("deconfliction", "0004_subscriptions"),
    ]

    operations = [
        migrations.AddField(
            model_name="constraint",
            name="contact",
            field=models.CharField(blank=True, help_text="Whom scanners ask about it.", max_length=300),
        ),
        migrations.AddField(
            model_name="ownership",
            name="contact",
            field=models.CharField(blank=True, help_text="Whom scanners ask for an authorisation.", max_length=300),
        ),
        migrations.AlterField(
            model_name="foreignrecord",
            name="constraint",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="deconfliction.constraint"
            ),
        ),
    ]
