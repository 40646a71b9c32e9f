from collections.abc import Iterator
from typing import Any

from django.db import migrations

# What the file itself refuses, whatever the programme does. BEFORE INSERT stands in the way of INSERT OR REPLACE.
TRIGGERS = {
    "ledger_entry_stays": (
        "BEFORE UPDATE ON ledger_entry",
        "TRUE",
        "ledger entries are never changed",
    ),
    "ledger_entry_kept": (
        "BEFORE DELETE ON ledger_entry",
        "TRUE",
        "ledger entries are never removed",
    ),
    "ledger_entry_new": (
        "BEFORE INSERT ON ledger_entry",
        """
        EXISTS (SELECT 1 FROM ledger_entry WHERE seq = NEW.seq OR event_id = NEW.event_id)
        """,
        "ledger entries are never replaced",
    ),
    "ledger_node_stays": (
        "BEFORE UPDATE ON ledger_node",
        "TRUE",
        "ledger nodes are never changed",
    ),
    "ledger_node_kept": (
        "BEFORE DELETE ON ledger_node",
        "TRUE",
        "ledger nodes are never removed",
    ),
    "ledger_node_new": (
        "BEFORE INSERT ON ledger_node",
        """
        EXISTS (SELECT 1 FROM ledger_node WHERE level = NEW.level AND "index" = NEW."index")
        """,
        "ledger nodes are never replaced",
    ),
    "ledger_head_grows": (
        "BEFORE UPDATE ON ledger_head",
        """
        NEW.id <> OLD.id OR NEW.size < OLD.size OR (NEW.size = OLD.size AND NEW.frontier <> OLD.frontier)
        """,
        "the ledger only grows",
    ),
    "ledger_head_alone": (
        "BEFORE INSERT ON ledger_head",
        "EXISTS (SELECT 1 FROM ledger_head)",
        "the ledger has one head",
    ),
    "ledger_head_kept": (
        "BEFORE DELETE ON ledger_head",
        "TRUE",
        "the ledger head is never removed",
    ),
    "ledger_event_erased_only": (
        "BEFORE UPDATE ON ledger_event",
        """
        NOT (NEW.body IS NULL AND NEW.salt IS NULL AND NEW.id = OLD.id AND NEW.verb = OLD.verb AND NEW.kind =
        OLD.kind AND NEW.subject = OLD.subject AND NEW.number = OLD.number AND NEW.actor = OLD.actor AND NEW.at
        = OLD.at)
        """,
        "ledger events are erased whole or left alone",
    ),
    "ledger_event_kept": (
        "BEFORE DELETE ON ledger_event",
        "TRUE",
        "ledger events are never removed",
    ),
    "ledger_event_new": (
        "BEFORE INSERT ON ledger_event",
        """
        EXISTS (SELECT 1 FROM ledger_event WHERE id = NEW.id)
        """,
        "ledger events are never replaced",
    ),
}


# PostgreSQL has no INSERT OR REPLACE, so what stands in its way is not needed there; it has TRUNCATE instead.
POSTGRESQL_FUNCTION = """
CREATE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation'; END $$
"""
TABLES = ("ledger_entry", "ledger_node", "ledger_head", "ledger_event")


def _postgresql_triggers() -> Iterator[tuple[str, str, str]]:
    """Yield name, table and statement of each trigger."""
    for name, (moment, condition, said) in TRIGGERS.items():
        table = moment.rpartition(" ")[2]
        if moment.startswith("BEFORE INSERT"):
            continue
        yield (
            name,
            table,
            f"CREATE TRIGGER {name} {moment} FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION ledger_refuse('{said}')",
        )
    for table in TABLES:
        moment, said = f"BEFORE TRUNCATE ON {table}", f"{table} is never emptied"
        yield f"{table}_whole", table, f"CREATE TRIGGER {table}_whole {moment} EXECUTE FUNCTION ledger_refuse('{said}')"


def guard(_: Any, schema_editor: Any) -> None:  # noqa: ANN401 - Django's own
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(POSTGRESQL_FUNCTION, params=None)
        for _, _, statement in _postgresql_triggers():
            schema_editor.execute(statement, params=None)
        return
    for name, (moment, condition, said) in TRIGGERS.items():
        schema_editor.execute(
            f"CREATE TRIGGER {name} {moment} WHEN {condition} BEGIN SELECT RAISE(ABORT, '{said}'); END"
        )


def unguard(_: Any, schema_editor: Any) -> None:  # noqa: ANN401 - Django's own
    if schema_editor.connection.vendor == "postgresql":
        for name, table, _ in _postgresql_triggers():
            schema_editor.execute(f"DROP TRIGGER {name} ON {table}")
        schema_editor.execute("DROP FUNCTION ledger_refuse()")
        return
    for name in TRIGGERS:
        schema_editor.execute(f"DROP TRIGGER {name}")


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]

    operations = [migrations.RunPython(guard, unguard)]
