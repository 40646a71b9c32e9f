"""What the edges keep: answers to requests that may be sent twice, files that lie ready, the key of the house."""

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


class KeptFile(models.Model):
    """That the newest version of a file lies ready in the store of artefacts, where every process finds it."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=100, unique=True)
    digest = models.CharField(max_length=71, help_text="By which the store of artefacts keeps it.")
    kept_at = models.DateTimeField(help_text="UTC.")

    def __str__(self) -> str:
        return self.name


class HouseKey(models.Model):
    """The public half of the key that this installation signs with: one row, so that no process makes another key."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    public = models.CharField(max_length=44, help_text="Its 32 bytes, in base64.")

    class Meta:
        constraints = (models.CheckConstraint(name="house_key_one", condition=models.Q(id=1)),)

    def __str__(self) -> str:
        return self.public
