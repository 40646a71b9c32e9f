"""What is kept of outside lists: each list as of one moment, and its rows."""

from django.db import models
from django.db.models import Q

from clearinghouse.feeds.rules import Feed
from clearinghouse.records import Record


class Snapshot(Record):
    """One outside list as it was published at one moment."""

    feed = models.CharField(max_length=10)
    title = models.CharField(max_length=300, blank=True, help_text="The list's own title.")
    version = models.CharField(max_length=40, help_text="Catalogue version (KEV) or model (EPSS).")
    published_at = models.DateTimeField(help_text="UTC; by the list itself.")
    digest = models.CharField(max_length=71, help_text="sha256 of the bytes as they came.")
    source = models.CharField(max_length=500, help_text="The address or the file's name it came from.")
    count = models.PositiveIntegerField()

    class Meta:
        constraints = (
            models.CheckConstraint(name="snapshot_feed_known", condition=Q(feed__in=[one.value for one in Feed])),
            models.UniqueConstraint(name="snapshot_once", fields=("feed", "digest")),
        )
        indexes = (models.Index(fields=("feed", "published_at"), name="snapshot_by_time"),)

    def __str__(self) -> str:
        return f"{self.feed} {self.version} of {self.published_at:%Y-%m-%d}"


class KnownExploited(models.Model):
    """A row of a KEV snapshot."""

    snapshot = models.ForeignKey(Snapshot, on_delete=models.CASCADE, related_name="known_exploited")
    cve = models.CharField(max_length=28)
    name = models.TextField()
    product = models.TextField()
    added_on = models.DateField()
    due_on = models.DateField()
    action = models.TextField()
    ransomware = models.BooleanField(help_text="Used in a ransomware campaign, as far as CISA knows.")

    class Meta:
        constraints = (models.UniqueConstraint(name="known_exploited_once", fields=("cve", "snapshot")),)
        verbose_name_plural = "known exploited"

    def __str__(self) -> str:
        return f"{self.cve}: {self.name}"


class Score(models.Model):
    """A row of an EPSS snapshot."""

    snapshot = models.ForeignKey(Snapshot, on_delete=models.CASCADE, related_name="scores")
    cve = models.CharField(max_length=28)
    probability = models.FloatField(help_text="From 0 to 1: exploited within thirty days.")
    percentile = models.FloatField(help_text="From 0 to 1: the share of vulnerabilities with a lower score.")

    class Meta:
        constraints = (models.UniqueConstraint(name="score_once", fields=("cve", "snapshot")),)

    def __str__(self) -> str:
        return f"{self.cve}: {self.probability:.5f}"
