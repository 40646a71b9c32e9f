from importlib import import_module
from typing import Any

from django.db import migrations

BEFORE: str = import_module("clearinghouse.deconfliction.migrations.0003_at_once").ACCEPT
_KEPT = "    INSERT INTO deconfliction_intent SELECT intent.*;\n"
# What a scan is accepted with is found by its sources from the same statement on.
_SOURCES = """    INSERT INTO deconfliction_scansource (intent_id, block, starts_at, ends_at)
        SELECT intent.id, one.block, intent.starts_at, intent.ends_at
        FROM jsonb_array_elements_text(kept -> 'sources') AS one (block);
"""


def _replacing(function: str) -> str:
    return function.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", 1)


def make(_: Any, schema_editor: Any) -> None:  # noqa: ANN401 - Django's own
    if schema_editor.connection.vendor == "postgresql":
        changed = BEFORE.replace(_KEPT, _KEPT + _SOURCES)
        if changed == BEFORE:
            raise AssertionError("the function that accepts scans is not the one that this migration knows")
        schema_editor.execute(_replacing(changed), params=None)


def unmake(_: Any, schema_editor: Any) -> None:  # noqa: ANN401 - Django's own
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(_replacing(BEFORE), params=None)


class Migration(migrations.Migration):
    dependencies = [("deconfliction", "0006_friend_or_foe")]

    operations = [migrations.RunPython(make, unmake)]
