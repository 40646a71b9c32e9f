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


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]

    operations = [
        migrations.RunSQL(
            sql=f"CREATE TRIGGER {name} {moment} WHEN {condition} BEGIN SELECT RAISE(ABORT, '{said}'); END",
            reverse_sql=f"DROP TRIGGER {name}",
        )
        for name, (moment, condition, said) in TRIGGERS.items()
    ]
