from typing import Any

from django.db import migrations

# A function of a wall reads its own table, whose policies call the function: it would call itself for ever, were the
# owner's word not asked first. PostgreSQL takes the policies of a table in an order of its own, and CASE alone in the
# order in which it is written. Whoever owns the tables as a superuser never saw it, for no policy holds them.
PUT_WALL = """
    CREATE OR REPLACE FUNCTION sight_put_wall(place text, key text, reads text, functions jsonb)
    RETURNS void LANGUAGE plpgsql VOLATILE AS $$
    DECLARE
        name text;
        query text;
        seen text := {seen};
    BEGIN
        FOR name, query IN SELECT * FROM jsonb_each_text(functions) LOOP
            EXECUTE format(
                'CREATE FUNCTION %I() RETURNS SETOF %s LANGUAGE plpgsql STABLE SECURITY DEFINER '
                'SET search_path = public, pg_temp AS %L',
                name, key,
                'DECLARE before text := coalesce(current_setting(''clearinghouse.owner'', true), ''''); '
                'BEGIN PERFORM set_config(''clearinghouse.owner'', ''on'', true); RETURN QUERY ' || query
                || '; PERFORM set_config(''clearinghouse.owner'', before, true); END'
            );
        END LOOP;
        EXECUTE format('CREATE POLICY sight_read ON %I FOR SELECT USING (%s)', place, seen);
        EXECUTE format('CREATE POLICY sight_add ON %I FOR INSERT WITH CHECK ((SELECT sight_somebody()))', place);
        EXECUTE format(
            'CREATE POLICY sight_change ON %I FOR UPDATE USING (%s) WITH CHECK ((SELECT sight_somebody()))',
            place, seen
        );
        EXECUTE format('CREATE POLICY sight_remove ON %I FOR DELETE USING (%s)', place, seen);
        EXECUTE format(
            'CREATE POLICY sight_owner ON %I TO CURRENT_USER USING (sight_owner()) WITH CHECK (sight_owner())',
            place
        );
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', place);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', place);
    END
    $$
"""
OWNER_FIRST = "'CASE WHEN (SELECT sight_owner()) THEN false ELSE (' || reads || ') END'"
STANDING = """
    DO $$
    DECLARE
        one record;
    BEGIN
        FOR one IN
            SELECT tablename, policyname, qual FROM pg_policies
            WHERE schemaname = current_schema() AND policyname IN ('sight_read', 'sight_change', 'sight_remove')
        LOOP
            EXECUTE format(
                'ALTER POLICY %I ON %I USING (CASE WHEN (SELECT sight_owner()) THEN false ELSE (%s) END)',
                one.policyname, one.tablename, one.qual
            );
        END LOOP;
    END
    $$
"""


def forth(_: Any, schema_editor: Any) -> None:  # noqa: ANN401 - Django's own
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(PUT_WALL.format(seen=OWNER_FIRST), params=None)
        schema_editor.execute(STANDING, params=None)


def back(_: Any, schema_editor: Any) -> None:  # noqa: ANN401 - Django's own
    """Put walls up as before; those that stand say the same with one question more, and go with their tables."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(PUT_WALL.format(seen="reads"), params=None)


class Migration(migrations.Migration):
    dependencies = [("sight", "0011_cases")]

    operations = [migrations.RunPython(forth, back)]
