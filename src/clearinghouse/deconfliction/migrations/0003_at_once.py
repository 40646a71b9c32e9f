from typing import Any

from django.db import migrations

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
# Whoever was just refused for not having seen somebody gets a short turn: until it is over, or used, others who write
# about the same cells wait. It is about fairness alone, so it is not logged, and nothing else depends on it. An
# organization that let a turn go by gets the next one a while later.
TABLE = """
CREATE UNLOGGED TABLE deconfliction_turn (
    number integer, organization uuid, since timestamptz NOT NULL, until_at timestamptz NOT NULL,
    given integer NOT NULL DEFAULT 1, PRIMARY KEY (number, organization)
)
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
        schema_editor.execute(TABLE, params=None)
        schema_editor.execute(NEAR, params=None)
        schema_editor.execute(ACCEPT, params=None)


def unmake(_: Any, schema_editor: Any) -> None:  # noqa: ANN401 - Django's own
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP FUNCTION deconfliction_accept", params=None)
        schema_editor.execute("DROP FUNCTION deconfliction_near", params=None)
        schema_editor.execute("DROP TABLE deconfliction_turn", params=None)


class Migration(migrations.Migration):
    dependencies = [("deconfliction", "0002_holding"), ("ledger", "0003_outbox")]

    operations = [migrations.RunPython(make, unmake)]
