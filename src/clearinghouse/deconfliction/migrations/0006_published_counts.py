from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("deconfliction", "0005_owners_contact"),
    ]

    operations = [
        migrations.AddField(
            model_name="coverage",
            name="published",
            field=models.CharField(blank=True, help_text="Where they are; then their number is told.", max_length=300),
        ),
    ]
