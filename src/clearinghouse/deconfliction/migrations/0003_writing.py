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
# Whoever was just refused for not having seen somebody gets a short turn: until it is over, or used, others who write
# about the same cells wait. It is about fairness alone, so it is not logged, and nothing else depends on it. An
# organization that let a turn go by gets the next one a while later.
TABLE = """
CREATE UNLOGGED TABLE deconfliction_turn (
    number integer, organization uuid, since timestamptz NOT NULL, until_at timestamptz NOT NULL,
    given integer NOT NULL DEFAULT 1, PRIMARY KEY (number, organization)
)
"""
# Turns stand in a queue: each begins when those before it are used or over. Whoever is refused again in their turn,
# because of those before them, keeps it a while longer, but not for ever.
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
# A mark of everything that stands near: it is another one as soon as something there is added, changed or gone.
NEAR = """
CREATE FUNCTION deconfliction_near(cells bigint[], starts timestamptz, ends timestamptz) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT coalesce(md5(string_agg(entry, ',' ORDER BY entry)), '') FROM (
        SELECT DISTINCT concat_ws(
            ' ', place.subject_id, place.number, intent.version_key, intent.state, there.answering
        ) AS entry
        FROM deconfliction_place place
        LEFT JOIN deconfliction_intent intent ON place.of = 'intent' AND intent.id = place.subject_id
        LEFT JOIN deconfliction_availability there ON there.organization_id = intent.organization_id
        WHERE place.cell = ANY(cells) AND place.ends_at > starts AND place.starts_at < ends
    ) found
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
# Each statement inside sees what was committed before it: what is asked after the locks are held is what stands then.
ACCEPT = """
CREATE FUNCTION deconfliction_accept(
    told text, numbers integer[], alone boolean[],
    searched bigint[], packages text[], urls text[], mapped text, seen text,
    kept jsonb, cells bigint[], places integer[], targets text[],
    event uuid, verb text, actor uuid, at timestamptz, body bytea, salt bytea, leaf bytea
) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    intent deconfliction_intent;
    standing text;
BEGIN
    IF told IS NOT NULL THEN
        PERFORM set_config('clearinghouse.actor', told, true);
    END IF;
    intent := jsonb_populate_record(NULL::deconfliction_intent, kept);
    PERFORM deconfliction_hold(numbers, alone);
    IF deconfliction_behind(numbers, intent.organization_id) THEN
        RETURN false;
    END IF;
    IF cardinality(packages) + cardinality(urls) > 0 THEN
        SELECT coalesce(string_agg(line, E'\\n' ORDER BY line COLLATE "C"), '') INTO standing FROM (
            SELECT mapping.package || ' ' || mapping.url || ' ' || mapping.folder AS line
            FROM deconfliction_mapping mapping
            WHERE mapping.state = 'standing' AND (mapping.package = ANY(packages) OR mapping.url = ANY(urls))
        ) found;
        IF standing <> mapped THEN
            RETURN false;
        END IF;
    END IF;
    IF deconfliction_near(searched, intent.starts_at, intent.ends_at) <> seen THEN
        RETURN false;
    END IF;
    INSERT INTO deconfliction_intent SELECT intent.*;
    INSERT INTO deconfliction_scansource (intent_id, block, starts_at, ends_at)
        SELECT intent.id, one.block, intent.starts_at, intent.ends_at
        FROM jsonb_array_elements_text(kept -> 'sources') AS one (block);
    INSERT INTO deconfliction_place (cell, of, subject_id, number, target, starts_at, ends_at)
        SELECT one.cell, 'intent', intent.id, one.number, one.target, intent.starts_at, intent.ends_at
        FROM unnest(cells, places, targets) AS one (cell, number, target);
    INSERT INTO ledger_event (id, verb, kind, subject, number, actor, at, body, salt)
        VALUES (event, verb, 'intent', intent.id::text, 0, actor, at, body, salt);
    INSERT INTO ledger_outbox (event_id, leaf) VALUES (event, leaf);
    RETURN true;
END $$
"""


def make(_: Any, schema_editor: Any) -> None:  # noqa: ANN401 - Django's own
    if schema_editor.connection.vendor == "postgresql":
        for statement in (HOLD, TABLE, GIVE, BEHIND, NEAR, SEEN, USE, ACCEPT):
            schema_editor.execute(statement, params=None)


def unmake(_: Any, schema_editor: Any) -> None:  # noqa: ANN401 - Django's own
    if schema_editor.connection.vendor == "postgresql":
        for function in ("accept", "use_turn", "seen", "near", "behind", "give_turn", "hold"):
            schema_editor.execute(f"DROP FUNCTION deconfliction_{function}", params=None)
        schema_editor.execute("DROP TABLE deconfliction_turn", params=None)


class Migration(migrations.Migration):
    dependencies = [("deconfliction", "0002_owners"), ("ledger", "0003_outbox")]

    operations = [migrations.RunPython(make, unmake)]
