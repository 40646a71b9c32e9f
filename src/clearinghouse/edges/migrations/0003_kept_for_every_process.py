from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("edges", "0002_counted")]

    operations = [
        migrations.CreateModel(
            name="KeptFile",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=100, unique=True)),
                ("digest", models.CharField(help_text="By which the store of artefacts keeps it.", max_length=71)),
                ("kept_at", models.DateTimeField(help_text="UTC.")),
            ],
        ),
        migrations.CreateModel(
            name="HouseKey",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("public", models.CharField(help_text="Its 32 bytes, in base64.", max_length=44)),
            ],
        ),
        migrations.AddConstraint(
            model_name="housekey",
            constraint=models.CheckConstraint(condition=models.Q(("id", 1)), name="house_key_one"),
        ),
    ]
