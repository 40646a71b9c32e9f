from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("deconfliction", "0003_at_once")]

    operations = [
        migrations.AddField(
            model_name="coverage",
            name="visibility",
            field=models.CharField(default="everyone", help_text="As that of its scan.", max_length=20),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            model_name="coverage",
            constraint=models.CheckConstraint(
                condition=models.Q(("visibility__in", ["everyone", "those-met"])), name="coverage_visibility_known"
            ),
        ),
    ]
