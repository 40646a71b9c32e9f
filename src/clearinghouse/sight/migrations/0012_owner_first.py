from typing import Any

from django.db import migrations

# A function of a wall reads its own table, whose policies call the function: it would call itself for ever, were the
# owner's word not asked first. PostgreSQL takes the policies of a table in an order of its own, and CASE alone in the
# order in which it is written. Whoever owns the tables as a superuser never saw it, for no policy holds them.
ARGUMENTS = "place text, key text, reads text, functions jsonb"
FORTH = (
    "ALTER FUNCTION sight_put_wall RENAME TO sight_put_wall_as_said",
    f"""
    CREATE FUNCTION sight_put_wall({ARGUMENTS}) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
    BEGIN
        PERFORM sight_put_wall_as_said(
            place, key, format('CASE WHEN (SELECT sight_owner()) THEN false ELSE (%s) END', reads), functions
        );
    END
    $$
    """,
    """
    DO $$
    DECLARE
        one record;
    BEGIN
        FOR one IN
            SELECT tablename, policyname, qual FROM pg_policies
            WHERE schemaname = current_schema() AND policyname IN ('sight_read', 'sight_change', 'sight_remove')
                AND strpos(qual, 'sight_owner') = 0  -- those that were taken back and come again have it already
        LOOP
            EXECUTE format(
                'ALTER POLICY %I ON %I USING (CASE WHEN (SELECT sight_owner()) THEN false ELSE (%s) END)',
                one.policyname, one.tablename, one.qual
            );
        END LOOP;
    END
    $$
    """,
)
BACK = (
    # The walls that stand say the same with one question more, and go with their tables.
    "DROP FUNCTION sight_put_wall",
    "ALTER FUNCTION sight_put_wall_as_said RENAME TO sight_put_wall",
)


def forth(_: Any, schema_editor: Any) -> None:  # noqa: ANN401 - Django's own
    if schema_editor.connection.vendor == "postgresql":
        for statement in FORTH:
            schema_editor.execute(statement, params=None)


def back(_: Any, schema_editor: Any) -> None:  # noqa: ANN401 - Django's own
    if schema_editor.connection.vendor == "postgresql":
        for statement in BACK:
            schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("sight", "0011_cases")]

    operations = [migrations.RunPython(forth, back)]
