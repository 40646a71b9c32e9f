from typing import Any

from django.db import migrations

# Turns (0003) stand in a queue: each begins when those before it are used or over. Whoever is refused again in their
# turn, because of those before them, keeps it a while longer, but not for ever.
GIVE = """
CREATE FUNCTION deconfliction_give_turn(numbers integer[], who uuid) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM set_config('synchronous_commit', 'off', true);
    DELETE FROM deconfliction_turn WHERE number = ANY(numbers) AND until_at < clock_timestamp();
    INSERT INTO deconfliction_turn AS turn (number, organization, since, until_at)
        SELECT one, who, clock_timestamp(), interval '400 milliseconds' + greatest(clock_timestamp(), (
            SELECT max(until_at) FROM deconfliction_turn WHERE number = one
        )) FROM unnest(numbers) one ORDER BY one
    ON CONFLICT (number, organization) DO UPDATE SET given = turn.given + 1,
        until_at = greatest(turn.until_at, clock_timestamp() + interval '400 milliseconds') WHERE turn.given < 4;
END $$
"""
BEHIND = """
CREATE FUNCTION deconfliction_behind(numbers integer[], who uuid) RETURNS boolean LANGUAGE sql VOLATILE AS $$
    SELECT EXISTS (
        SELECT FROM deconfliction_turn turn
        LEFT JOIN deconfliction_turn mine ON mine.number = turn.number AND mine.organization = who
            AND mine.until_at > clock_timestamp()
        WHERE turn.number = ANY(numbers) AND turn.organization <> who AND turn.until_at > clock_timestamp()
            AND (mine.since IS NULL OR turn.since < mine.since)
    )
$$
"""
SEEN = """
CREATE FUNCTION deconfliction_seen(
    numbers integer[], who uuid, cells bigint[], starts timestamptz, ends timestamptz
) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    FOR waited IN 1 .. 400 LOOP
        EXIT WHEN NOT deconfliction_behind(numbers, who);
        PERFORM pg_sleep(0.005);
    END LOOP;
    RETURN deconfliction_near(cells, starts, ends);
END $$
"""
USE = """
CREATE FUNCTION deconfliction_use_turn(numbers integer[], who uuid) RETURNS void LANGUAGE sql VOLATILE AS $$
    DELETE FROM deconfliction_turn WHERE number = ANY(numbers) AND organization = who
$$
"""


def make(_: Any, schema_editor: Any) -> None:  # noqa: ANN401 - Django's own
    if schema_editor.connection.vendor == "postgresql":
        for statement in (GIVE, BEHIND, SEEN, USE):
            schema_editor.execute(statement, params=None)


def unmake(_: Any, schema_editor: Any) -> None:  # noqa: ANN401 - Django's own
    if schema_editor.connection.vendor == "postgresql":
        for function in ("use_turn", "seen", "behind", "give_turn"):
            schema_editor.execute(f"DROP FUNCTION deconfliction_{function}", params=None)


class Migration(migrations.Migration):
    dependencies = [("deconfliction", "0004_coverage_visibility")]

    operations = [migrations.RunPython(make, unmake)]
