from typing import Any

from django.db import migrations

# Whoever was just refused for not having seen somebody gets a short turn: until it is over, or used, others who write
# about the same cells wait. It is about fairness alone, so it is not logged, and nothing else depends on it. An
# organization that let a turn go by gets the next one a while later.
TABLE = """
CREATE UNLOGGED TABLE deconfliction_turn (
    number integer PRIMARY KEY, organization uuid NOT NULL, until_at timestamptz NOT NULL
)
"""
GIVE = """
CREATE FUNCTION deconfliction_give_turn(numbers integer[], who uuid) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM set_config('synchronous_commit', 'off', true);
    INSERT INTO deconfliction_turn AS turn (number, organization, until_at)
        SELECT one, who, clock_timestamp() + interval '200 milliseconds' FROM unnest(numbers) one ORDER BY one
    ON CONFLICT (number) DO UPDATE SET organization = who, until_at = excluded.until_at
        WHERE turn.until_at < clock_timestamp()
        AND (turn.organization <> who OR turn.until_at < clock_timestamp() - interval '1 second');
END $$
"""
SEEN = """
CREATE FUNCTION deconfliction_seen(
    numbers integer[], who uuid, cells bigint[], starts timestamptz, ends timestamptz
) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    FOR waited IN 1 .. 50 LOOP
        EXIT WHEN NOT EXISTS (
            SELECT FROM deconfliction_turn turn WHERE turn.number = ANY(numbers)
            AND turn.organization <> who AND turn.until_at > clock_timestamp()
        );
        PERFORM pg_sleep(0.005);
    END LOOP;
    RETURN deconfliction_near(cells, starts, ends);
END $$
"""
USE = """
CREATE FUNCTION deconfliction_use_turn(numbers integer[], who uuid) RETURNS void LANGUAGE sql VOLATILE AS $$
    UPDATE deconfliction_turn SET until_at = '-infinity'
    WHERE number = ANY(numbers) AND organization = who AND until_at > clock_timestamp()
$$
"""


def make(_: Any, schema_editor: Any) -> None:  # noqa: ANN401 - Django's own
    if schema_editor.connection.vendor == "postgresql":
        for statement in (TABLE, GIVE, SEEN, USE):
            schema_editor.execute(statement, params=None)


def unmake(_: Any, schema_editor: Any) -> None:  # noqa: ANN401 - Django's own
    if schema_editor.connection.vendor == "postgresql":
        for function in ("deconfliction_use_turn", "deconfliction_seen", "deconfliction_give_turn"):
            schema_editor.execute(f"DROP FUNCTION {function}", params=None)
        schema_editor.execute("DROP TABLE deconfliction_turn", params=None)


class Migration(migrations.Migration):
    dependencies = [("deconfliction", "0004_coverage_visibility")]

    operations = [migrations.RunPython(make, unmake)]
