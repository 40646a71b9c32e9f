from typing import Any

from django.db import migrations, models

# An act is numbered and chained after the last one on its subject: nobody else may act on it meanwhile. The lock must
# be held before the rows are looked at, and within one statement the rows are looked at first; hence a function.
LAST = """
CREATE FUNCTION ledger_last(of_kind text, of_subject text)
RETURNS TABLE (number integer, id uuid, body bytea, salt bytea) LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(of_kind || ' ' || of_subject, 7));
    RETURN QUERY SELECT event.number, event.id, event.body, event.salt FROM ledger_event event
        WHERE event.kind = of_kind AND event.subject = of_subject ORDER BY event.number DESC LIMIT 1;
END $$
"""
STAYS = """
CREATE TRIGGER ledger_outbox_stays BEFORE UPDATE ON ledger_outbox
FOR EACH ROW EXECUTE FUNCTION ledger_refuse('leaves that wait are never changed')
"""


def make(_: Any, schema_editor: Any) -> None:  # noqa: ANN401 - Django's own
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(LAST, params=None)
        schema_editor.execute(STAYS, params=None)


def unmake(_: Any, schema_editor: Any) -> None:  # noqa: ANN401 - Django's own
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP TRIGGER ledger_outbox_stays ON ledger_outbox")
        schema_editor.execute("DROP FUNCTION ledger_last(text, text)")


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_append_only")]

    operations = [
        migrations.CreateModel(
            name="Outbox",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("event_id", models.UUIDField(unique=True)),
                ("leaf", models.BinaryField()),
            ],
        ),
        migrations.RunPython(make, unmake),
    ]
