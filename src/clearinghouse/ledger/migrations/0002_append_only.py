from django.db import migrations

# What the file itself refuses, whatever the programme does. BEFORE INSERT stands in the way of INSERT OR REPLACE.
TRIGGERS = {
    "ledger_entry_stays": (
        "BEFORE UPDATE ON ledger_entry",
        "SELECT RAISE(ABORT, 'ledger entries are never changed')",
    ),
    "ledger_entry_kept": (
        "BEFORE DELETE ON ledger_entry",
        "SELECT RAISE(ABORT, 'ledger entries are never removed')",
    ),
    "ledger_entry_new": (
        "BEFORE INSERT ON ledger_entry"
        " WHEN EXISTS (SELECT 1 FROM ledger_entry WHERE seq = NEW.seq OR event_id = NEW.event_id)",
        "SELECT RAISE(ABORT, 'ledger entries are never replaced')",
    ),
    "ledger_node_stays": (
        "BEFORE UPDATE ON ledger_node",
        "SELECT RAISE(ABORT, 'ledger nodes are never changed')",
    ),
    "ledger_node_kept": (
        "BEFORE DELETE ON ledger_node",
        "SELECT RAISE(ABORT, 'ledger nodes are never removed')",
    ),
    "ledger_node_new": (
        'BEFORE INSERT ON ledger_node WHEN EXISTS (SELECT 1 FROM ledger_node WHERE level = NEW.level AND "index" = NEW."index")',
        "SELECT RAISE(ABORT, 'ledger nodes are never replaced')",
    ),
    "ledger_head_grows": (
        "BEFORE UPDATE ON ledger_head WHEN NEW.id <> OLD.id OR NEW.size < OLD.size"
        " OR (NEW.size = OLD.size AND NEW.frontier <> OLD.frontier)",
        "SELECT RAISE(ABORT, 'the ledger only grows')",
    ),
    "ledger_head_kept": (
        "BEFORE DELETE ON ledger_head",
        "SELECT RAISE(ABORT, 'the ledger head is never removed')",
    ),
    "ledger_event_erased_only": (
        "BEFORE UPDATE ON ledger_event WHEN NOT (NEW.body IS NULL AND NEW.salt IS NULL AND NEW.id = OLD.id"
        " AND NEW.verb = OLD.verb AND NEW.kind = OLD.kind AND NEW.subject = OLD.subject AND NEW.number = OLD.number"
        " AND NEW.actor = OLD.actor AND NEW.at = OLD.at)",
        "SELECT RAISE(ABORT, 'ledger events are erased whole or left alone')",
    ),
    "ledger_event_kept": (
        "BEFORE DELETE ON ledger_event",
        "SELECT RAISE(ABORT, 'ledger events are never removed')",
    ),
    "ledger_event_new": (
        "BEFORE INSERT ON ledger_event WHEN EXISTS (SELECT 1 FROM ledger_event WHERE id = NEW.id)",
        "SELECT RAISE(ABORT, 'ledger events are never replaced')",
    ),
}


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]

    operations = [
        migrations.RunSQL(
            sql=f"CREATE TRIGGER {name} {when} BEGIN {then}; END",
            reverse_sql=f"DROP TRIGGER {name}",
        )
        for name, (when, then) in TRIGGERS.items()
    ]
