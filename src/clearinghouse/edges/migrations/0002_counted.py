"""The table in which attempts to sign in are counted where several processes serve."""

from typing import TYPE_CHECKING

from django.core.management import call_command
from django.db import migrations

if TYPE_CHECKING:
    from django.apps.registry import Apps
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor

TABLE = "edges_counted"


def make(apps: "Apps", editor: "BaseDatabaseSchemaEditor") -> None:  # noqa: ARG001 - Django's signature
    """Make it as Django's own command does."""
    call_command("createcachetable", TABLE, database=editor.connection.alias, verbosity=0)


def drop(apps: "Apps", editor: "BaseDatabaseSchemaEditor") -> None:  # noqa: ARG001 - Django's signature
    """Drop it."""
    editor.execute(f"DROP TABLE {editor.quote_name(TABLE)}")


class Migration(migrations.Migration):
    dependencies = [("edges", "0001_kept_answers")]

    operations = [migrations.RunPython(make, drop)]
