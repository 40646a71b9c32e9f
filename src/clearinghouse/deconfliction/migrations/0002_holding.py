from typing import Any

from django.db import migrations

# Locks are taken in the order in which they are handed in. The commit does not wait for the disk: whoever answers does,
# outside of the locks (clearinghouse/deconfliction/actions/holding.py).
HOLD = """
CREATE FUNCTION deconfliction_hold(numbers integer[], alone boolean[]) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM set_config('synchronous_commit', 'off', true);
    FOR place IN 1 .. coalesce(array_length(numbers, 1), 0) LOOP
        IF alone[place] THEN
            PERFORM pg_advisory_xact_lock(1684366190, numbers[place]);
        ELSE
            PERFORM pg_advisory_xact_lock_shared(1684366190, numbers[place]);
        END IF;
    END LOOP;
END $$
"""


def make(_: Any, schema_editor: Any) -> None:  # noqa: ANN401 - Django's own
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(HOLD, params=None)


def unmake(_: Any, schema_editor: Any) -> None:  # noqa: ANN401 - Django's own
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP FUNCTION deconfliction_hold(integer[], boolean[])")


class Migration(migrations.Migration):
    dependencies = [("deconfliction", "0001_initial")]

    operations = [migrations.RunPython(make, unmake)]
