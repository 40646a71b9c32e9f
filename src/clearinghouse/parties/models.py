"""What is kept about parties."""

from django.db import models

from clearinghouse.records import Record


class Organization(Record):
    """A party: somebody who reports, coordinates, fixes or deploys."""

    name = models.CharField(max_length=200, unique=True)

    def __str__(self) -> str:
        return self.name
