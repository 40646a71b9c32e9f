"""Figures for Prometheus, for whoever may see how an installation stands; ``/metrics`` serves them."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_1_0_0 as CONTENT_TYPE
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from clearinghouse.feeds.models import Snapshot
from clearinghouse.findings.models import Finding
from clearinghouse.findings.rules import FindingState
from clearinghouse.ledger.models import Outbox
from clearinghouse.ledger.queries import size
from clearinghouse.permissions.rules import Actor
from clearinghouse.permissions.table import demand
from clearinghouse.sight.asking import beyond_sight
from clearinghouse.work.queries import engine_status

__all__ = ["CONTENT_TYPE", "figures_for"]


class Figures(Collector):
    """Reads the figures off the rows when they are asked for, so that every process tells the same."""

    def collect(self) -> Iterator[Metric]:
        """Yield each figure."""
        engine = engine_status()
        yield GaugeMetricFamily("clearinghouse_queue_waiting", "Calls that wait for a worker.", engine.waiting)
        yield GaugeMetricFamily("clearinghouse_queue_running", "Calls that run.", engine.running)
        yield GaugeMetricFamily("clearinghouse_workers", "Workers that live.", engine.workers)
        yield GaugeMetricFamily("clearinghouse_failures", "Calls that were given up.", engine.failures)
        yield GaugeMetricFamily("clearinghouse_ledger_entries", "Entries of the ledger.", size())
        yield GaugeMetricFamily("clearinghouse_ledger_waiting", "Acts without a place yet.", Outbox.objects.count())
        findings = GaugeMetricFamily("clearinghouse_findings", "Findings by their state.", labels=["state"])
        for state in FindingState:
            findings.add_metric([state.value], Finding.objects.filter(state=state).count())
        yield findings
        feeds = GaugeMetricFamily("clearinghouse_feed_published", "Unix time of the newest snapshot.", labels=["feed"])
        for feed in Snapshot.objects.order_by("feed").values_list("feed", flat=True).distinct():
            newest = Snapshot.objects.filter(feed=feed).order_by("-published_at").first()
            if newest is not None:
                feeds.add_metric([feed], newest.published_at.timestamp())
        yield feeds


def figures_for(actor: Actor) -> bytes:
    """Return all figures as Prometheus reads them, under the type ``CONTENT_TYPE``.

    Raises:
        NotPermitted: the actor does not look after the installation.
    """
    demand(actor, "operation:status:read")
    registry = CollectorRegistry()
    with beyond_sight():  # figures count all rows and name none
        registry.register(Figures())
        return generate_latest(registry)
