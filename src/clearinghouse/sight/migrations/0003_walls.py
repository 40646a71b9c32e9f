from typing import Any

from django.db import migrations

# What puts up and takes away the wall of one table; the migrations after this one say only what it lets be read. Both
# run with the rights of whoever calls them, so that nobody but the owner of the tables gets anything done.
FUNCTIONS = {
    # Functions of others may not have a SET of our word, so each says it, and takes it back.
    "sight_put_wall(place text, key text, reads text, functions jsonb)": """
        DECLARE
            name text;
            query text;
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
            EXECUTE format('CREATE POLICY sight_read ON %I FOR SELECT USING (%s)', place, reads);
            EXECUTE format('CREATE POLICY sight_add ON %I FOR INSERT WITH CHECK ((SELECT sight_somebody()))', place);
            EXECUTE format(
                'CREATE POLICY sight_change ON %I FOR UPDATE USING (%s) WITH CHECK ((SELECT sight_somebody()))',
                place, reads
            );
            EXECUTE format('CREATE POLICY sight_remove ON %I FOR DELETE USING (%s)', place, reads);
            EXECUTE format(
                'CREATE POLICY sight_owner ON %I TO CURRENT_USER USING (sight_owner()) WITH CHECK (sight_owner())',
                place
            );
            EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', place);
            EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', place);
        END
    """,
    "sight_take_wall(place text, functions jsonb)": """
        DECLARE
            name text;
        BEGIN
            FOREACH name IN ARRAY ARRAY['read', 'add', 'change', 'remove', 'owner'] LOOP
                EXECUTE format('DROP POLICY %I ON %I', 'sight_' || name, place);
            END LOOP;
            FOR name IN SELECT jsonb_object_keys(functions) LOOP
                EXECUTE format('DROP FUNCTION %I()', name);
            END LOOP;
            EXECUTE format('ALTER TABLE %I NO FORCE ROW LEVEL SECURITY', place);
            EXECUTE format('ALTER TABLE %I DISABLE ROW LEVEL SECURITY', place);
        END
    """,
}


def make(_: Any, schema_editor: Any) -> None:  # noqa: ANN401 - Django's own
    if schema_editor.connection.vendor == "postgresql":
        for head, text in FUNCTIONS.items():
            statement = f"CREATE FUNCTION {head} RETURNS void LANGUAGE plpgsql VOLATILE AS $$ {text} $$"
            schema_editor.execute(statement, params=None)


def unmake(_: Any, schema_editor: Any) -> None:  # noqa: ANN401 - Django's own
    if schema_editor.connection.vendor == "postgresql":
        for head in FUNCTIONS:
            schema_editor.execute(f"DROP FUNCTION {head.partition('(')[0]}", params=None)


class Migration(migrations.Migration):
    dependencies = [("sight", "0002_policies")]

    operations = [migrations.RunPython(make, unmake)]
