from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("validation", "0003_known_bypass"),
    ]

    operations = [
        migrations.AlterField(
            model_name="knownbypass",
            name="package",
            field=models.CharField(help_text="purl without version.", max_length=1500),
        ),
    ]
