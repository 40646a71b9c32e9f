from typing import Any

from django.db import migrations

# What every policy asks. ``clearinghouse.actor`` is told inside each transaction; without it nobody asks, and nothing
# is shown. The owner of the tables sees them whole while it says so itself: to migrate, to back up, and inside the
# functions that look from one table into another. The names are whole: pg_dump looks nowhere by itself.
FUNCTIONS = {
    "sight_asks()": """
        RETURNS jsonb AS $$ SELECT nullif(current_setting('clearinghouse.actor', true), '')::jsonb $$
    """,
    "sight_somebody()": """
        RETURNS boolean AS $$ SELECT public.sight_asks() IS NOT NULL $$
    """,
    "sight_person()": """
        RETURNS uuid AS $$ SELECT (public.sight_asks() ->> 'id')::uuid $$
    """,
    "sight_organization()": """
        RETURNS uuid AS $$ SELECT (public.sight_asks() ->> 'organization')::uuid $$
    """,
    "sight_moment()": """
        RETURNS timestamptz AS $$ SELECT (public.sight_asks() ->> 'at')::timestamptz $$
    """,
    "sight_owner()": """
        RETURNS boolean AS $$ SELECT coalesce(current_setting('clearinghouse.owner', true), '') = 'on' $$
    """,
    "sight_acts(verb text, kinds text[])": """
        RETURNS boolean AS $$
        SELECT coalesce((
            SELECT (
                NOT asks ? 'scopes' OR EXISTS (
                    SELECT FROM jsonb_array_elements_text(asks -> 'scopes') scope
                    WHERE verb = scope OR starts_with(verb, scope || ':')
                )
            ) AND EXISTS (
                SELECT FROM jsonb_array_elements_text(asks -> 'roles') role,
                    (SELECT CASE WHEN (asks ->> 'second_factor')::boolean THEN '+two' ELSE '+one' END) factor (many),
                    (SELECT CASE WHEN asks ? 'scopes' THEN '+token' ELSE '+session' END) way (came)
                WHERE kinds && ARRAY[role, role || many, role || many || came]
            )
            FROM (SELECT public.sight_asks()) asked (asks)
        ), false)
        $$
    """,
}


def make(_: Any, schema_editor: Any) -> None:  # noqa: ANN401 - Django's own
    if schema_editor.connection.vendor == "postgresql":
        for head, said in FUNCTIONS.items():
            returns, _as, text = said.partition(" AS ")
            schema_editor.execute(f"CREATE FUNCTION {head} {returns} LANGUAGE sql STABLE AS {text}", params=None)


def unmake(_: Any, schema_editor: Any) -> None:  # noqa: ANN401 - Django's own
    if schema_editor.connection.vendor == "postgresql":
        for head in reversed(FUNCTIONS):
            schema_editor.execute(f"DROP FUNCTION {head}", params=None)


class Migration(migrations.Migration):
    operations = [migrations.RunPython(make, unmake)]
