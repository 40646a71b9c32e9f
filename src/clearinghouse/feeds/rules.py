"""Which outside lists there are, where they are published, and how old is too old."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final


class Feed(StrEnum):
    """An outside list."""

    KEV = "kev"
    """Known Exploited Vulnerabilities, by CISA."""
    EPSS = "epss"
    """Exploit Prediction Scoring System, by FIRST."""


ADDRESSES: Final = {
    Feed.KEV: "https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json",
    Feed.EPSS: "https://epss.empiricalsecurity.com/epss_scores-current.csv.gz",
}
"""Where each list is published for everybody. Source: CISA KEV catalogue page; FIRST EPSS data page (2026-11)."""

LARGEST_BYTES: Final = {Feed.KEV: 32 * 1024 * 1024, Feed.EPSS: 128 * 1024 * 1024}
FRESH_FOR: Final = {Feed.KEV: timedelta(days=2), Feed.EPSS: timedelta(days=2)}
"""KEV changes on most working days, EPSS daily; an older snapshot is still used, but said to be old."""


def is_stale(feed: Feed, published_at: datetime, *, at: datetime) -> bool:
    """Say whether a newer list has probably been published since."""
    return at - published_at > FRESH_FOR[feed]
