from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="case",
            name="package",
            field=models.CharField(help_text="purl without version.", max_length=1500),
        ),
    ]
