"""What the edges keep: answers to requests that may be sent twice."""

from django.db import models


class KeptAnswer(models.Model):
    """The answer to a request that carried an idempotency key, so that the same request gets the same answer."""

    id = models.BigAutoField(primary_key=True)
    actor = models.UUIDField()
    key = models.CharField(max_length=200)
    request = models.CharField(max_length=64, help_text="SHA-256 of method, address and body.")
    status = models.PositiveSmallIntegerField()
    content_type = models.CharField(max_length=100)
    body = models.BinaryField()
    kept_at = models.DateTimeField(help_text="UTC.")

    class Meta:
        constraints = (models.UniqueConstraint(name="kept_answer_once", fields=("actor", "key")),)

    def __str__(self) -> str:
        return self.key
