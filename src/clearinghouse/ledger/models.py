"""What is kept: sealed events, and the tree over their commitments. Triggers refuse every change and removal."""

from django.db import models


class Event(models.Model):
    """The matter of one act, with the salt that opens its leaf; both can be erased together, else nothing changes."""

    id = models.UUIDField(primary_key=True, editable=False)
    verb = models.CharField(max_length=100)
    kind = models.CharField(max_length=60)
    subject = models.CharField(max_length=100)
    number = models.PositiveIntegerField(help_text="Counts the acts on this subject from 0.")
    actor = models.UUIDField()
    at = models.DateTimeField(help_text="UTC.")
    body = models.BinaryField(null=True, help_text="The canonical text; null once erased.")
    salt = models.BinaryField(null=True, help_text="32 random bytes; null once erased.")

    class Meta:
        constraints = (
            models.UniqueConstraint(name="ledger_event_one_chain_a_subject", fields=("kind", "subject", "number")),
            models.CheckConstraint(
                name="ledger_event_erased_whole",
                condition=models.Q(body__isnull=True, salt__isnull=True)
                | models.Q(body__isnull=False, salt__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"{self.verb} on {self.kind} {self.subject}"


class Entry(models.Model):
    """A leaf and its place in the tree."""

    seq = models.PositiveBigIntegerField(primary_key=True)
    event_id = models.UUIDField(unique=True, help_text="Makes handing it in twice harmless.")
    leaf = models.BinaryField()

    class Meta:
        verbose_name_plural = "entries"

    def __str__(self) -> str:
        return f"entry {self.seq}"


class Node(models.Model):
    """The hash of one complete subtree."""

    pk = models.CompositePrimaryKey("level", "index")
    level = models.PositiveSmallIntegerField()
    index = models.PositiveBigIntegerField()
    hash = models.BinaryField()

    def __str__(self) -> str:
        return f"node {self.index} of level {self.level}"


class Head(models.Model):
    """How large the tree is now, and its frontier; one row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    size = models.PositiveBigIntegerField(default=0)
    frontier = models.BinaryField(default=bytes, help_text="Hashes of the complete subtrees, largest first.")

    class Meta:
        constraints = (models.CheckConstraint(name="ledger_head_alone", condition=models.Q(id=1)),)

    def __str__(self) -> str:
        return f"head at {self.size}"


class Outbox(models.Model):
    """A leaf that was committed with its act and has no place in the tree yet; PostgreSQL's sequencer empties it."""

    id = models.BigAutoField(primary_key=True)
    event_id = models.UUIDField(unique=True)
    leaf = models.BinaryField()

    def __str__(self) -> str:
        return f"leaf of {self.event_id}, waiting"
