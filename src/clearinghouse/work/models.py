"""What is kept about work: only what went wrong; what is unfinished stands in the rooms' own rows."""

from django.db import models

from clearinghouse.documents import Document


class Failure(models.Model):
    """A call that was given up; removed when the same call ends well later."""

    key = models.CharField(max_length=500, unique=True)
    task = models.CharField(max_length=200)
    arguments = Document()
    attempts = models.PositiveIntegerField()
    error = models.TextField(help_text="What was raised, with its traceback, shortened.")
    failed_at = models.DateTimeField(help_text="UTC.")

    def __str__(self) -> str:
        return f"{self.task}: {self.error.splitlines()[-1] if self.error else ''}"
